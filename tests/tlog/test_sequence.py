"""A log that grows in steps is the log that was made at once."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearemany.tlog import merkle, sequence, tiles


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


def grown(steps: list[int]) -> tuple[sequence.Edge, dict[str, bytes]]:
    """Append in steps, storing the edge in between; return the last edge and all files ever written."""
    lines, edge, files = entries(sum(steps)), sequence.Edge(), dict[str, bytes]()
    for step in steps:
        tail = lines[edge.size - edge.tail_width : edge.size]
        batch = sequence.plan(
            sequence.Edge.from_bytes(edge.to_bytes()), lines[edge.size : edge.size + step], tail=tail
        )
        for file in batch.files:
            assert files.get(file.path, file.data) == file.data, "a file of one name never changes"
            files[file.path] = file.data
        edge = batch.edge
    return edge, files


@given(st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=40, deadline=None)
def test_growing_in_steps_equals_growing_at_once(steps: list[int]) -> None:
    """Root, edge and every file of the final size are the same, however the entries arrived."""
    size = sum(steps)
    edge, files = grown(steps)
    whole = sequence.plan(sequence.Edge(), entries(size), tail=[])
    assert edge == whole.edge
    assert edge.root == whole.root == merkle.root_of([merkle.leaf_hash(entry) for entry in entries(size)])
    assert {file.path for file in whole.files} == {tile.path for tile in tiles.tiles_of(size)}
    assert all(files[file.path] == file.data for file in whole.files)


def test_levels_above_the_second_grow_too() -> None:
    """Past 65,536 entries a third level of tiles appears, in steps as at once."""
    edge, files = grown([65_400, 135, 1, 1, 300])
    assert edge == sequence.plan(sequence.Edge(), entries(65_837), tail=[]).edge
    assert {"tile/1/000", "tile/2/000.p/1", "tile/1/001.p/1", "tile/entries/257.p/45"} <= files.keys()


def test_an_edge_of_a_tail_that_was_changed_is_refused() -> None:
    """A stored entry that is not the one in the tree is noticed before anything is planned on it."""
    edge = sequence.plan(sequence.Edge(), entries(3), tail=[]).edge
    for tail in ([], entries(2), [*entries(2), b"other"], entries(4)):
        with pytest.raises(sequence.EdgeMismatch):
            sequence.plan(edge, [b"new"], tail=tail)


def test_a_damaged_edge_is_refused() -> None:
    """Bytes of the wrong length for their size are no edge; no bytes are the edge of an empty log."""
    stored = sequence.plan(sequence.Edge(), entries(300), tail=[]).edge.to_bytes()
    for damaged in (stored[:-1], stored + b"x", stored[:20], stored[:7]):
        with pytest.raises(sequence.EdgeMismatch):
            sequence.Edge.from_bytes(damaged)
    assert sequence.Edge.from_bytes(b"") == sequence.Edge()


def test_nothing_new_changes_nothing() -> None:
    """Planning no entries writes no files and keeps the edge."""
    edge = sequence.plan(sequence.Edge(), entries(258), tail=[]).edge
    assert sequence.plan(edge, [], tail=entries(258)[256:]) == sequence.Batch(edge, ())


@given(st.integers(-1, tiles.HIGHEST_LEVEL), st.integers(0, 10**12), st.integers(1, 256))
def test_every_tile_path_reads_back(level: int, index: int, width: int) -> None:
    """What a tile is called names that tile."""
    tile = tiles.Tile(level, index, width)
    assert tiles.parse_path(tile.path) == tile


@given(st.text(alphabet="tile/entris0123456789x.p-+ \n%", max_size=40))
def test_any_other_path_is_refused(path: str) -> None:
    """Whatever parses is spelt in the one right way."""
    with suppress(tiles.PathMalformed):
        assert tiles.parse_path(path).path == path


@given(st.lists(st.binary(max_size=600), max_size=256))
def test_bundles_read_back(framed: list[bytes]) -> None:
    """A bundle gives back its entries; one entry too many, too few or cut short is refused."""
    data = tiles.pack_bundle(framed)
    assert tiles.unpack_bundle(data, width=len(framed)) == framed
    for wrong, width in (
        (data, len(framed) + 1),
        (data + b"\x00", len(framed)),
        (data + b"\x00\x01", len(framed)),
    ):
        with pytest.raises(tiles.BundleMalformed):
            tiles.unpack_bundle(wrong, width=width)
