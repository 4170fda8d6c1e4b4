"""The small pure parts beside the keep-page: squares to boxes, and the brake on guesses."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from wearemany.adapters.clock import clock
from wearemany.photos.guesses import FREE_A_MINUTE, SLOWEST_S, Brake
from wearemany.web.covers import COLUMNS, ROWS, boxes_of_cells, boxes_read, cells_read

CELLS = st.sets(st.tuples(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1)))


@given(CELLS)
def test_boxes_cover_exactly_the_ticked_squares(cells: set[tuple[int, int]]) -> None:
    """The middle of a square lies in a box if and only if it was ticked, and in one box only."""
    boxes = boxes_of_cells(cells)
    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y = (column + 0.5) / COLUMNS, (row + 0.5) / ROWS
            inside = [box for box in boxes if box.left < x < box.right and box.top < y < box.bottom]
            assert len(inside) == ((row, column) in cells)


def test_a_block_of_squares_is_one_box() -> None:
    """Squares that stand together become one cover."""
    assert len(boxes_of_cells([(1, 2), (1, 3), (2, 2), (2, 3)])) == 1


@given(st.lists(st.text(max_size=30), max_size=120))
def test_reading_never_fails(texts: list[str]) -> None:
    """Whatever is sent as squares or boxes, what is none is left out."""
    assert all(row < ROWS and column < COLUMNS for row, column in cells_read(texts))
    assert all(0 <= box.left <= box.right <= 1 for box in boxes_read(texts))


def test_many_wrong_codes_slow_each_other_and_time_heals() -> None:
    """The first thirty a minute cost nothing; then ever more, up to a second; a minute later all is forgotten."""
    with clock.frozen(datetime(2026, 3, 8, tzinfo=UTC)):
        brake = Brake()
        delays = [brake.delay_s() for _ in range(FREE_A_MINUTE + 100)]
        assert delays[:FREE_A_MINUTE] == [0.0] * FREE_A_MINUTE
        assert 0 < delays[FREE_A_MINUTE] < delays[FREE_A_MINUTE + 5] and delays[-1] == SLOWEST_S
        clock.advance(61)
        assert brake.delay_s() == 0.0
