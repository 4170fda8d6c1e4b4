"""Sealed blobs: whatever happens to one, either the very content comes out or an error does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearemany.adapters.sealed import SEGMENT_BYTES, Sealer, open_sealed, seal, sealed_bytes
from wearemany.errors import Broken

KEY = bytes(range(32))
HEADER_BYTES = 36
STEP = SEGMENT_BYTES + 16
EDGES = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES + 9]


def pattern(size_bytes: int) -> bytes:
    """Return content in which no two segments are alike."""
    return b"".join(number.to_bytes(4, "big") for number in range(-(-size_bytes // 4)))[:size_bytes]


@pytest.mark.parametrize("size_bytes", EDGES)
def test_what_was_sealed_comes_out(size_bytes: int) -> None:
    """Content of every edge size returns unchanged, from a blob of the announced length."""
    content = pattern(size_bytes)
    blob = seal(KEY, content)
    assert len(blob) == sealed_bytes(size_bytes)
    assert open_sealed(KEY, blob) == content


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * SEGMENT_BYTES), max_size=6), size=st.integers(0, 3 * SEGMENT_BYTES))
def test_it_does_not_matter_how_the_bytes_arrive(cuts: list[int], size: int) -> None:
    """Any division of the content into pieces seals to a blob that opens to the whole."""
    content = pattern(size)
    places = sorted(min(cut, size) for cut in cuts)
    sealer = Sealer(KEY)
    blob = b""
    for start, end in zip([0, *places], [*places, size], strict=True):
        blob += sealer.update(content[start:end])
    blob += sealer.finish()
    assert len(blob) == sealed_bytes(size)
    assert open_sealed(KEY, blob) == content


@settings(max_examples=200, deadline=None)
@given(data=st.data(), content=st.binary(max_size=300))
def test_a_flipped_bit_is_found(data: st.DataObject, content: bytes) -> None:
    """No bit of a sealed blob, header included, can change unnoticed."""
    blob = bytearray(seal(KEY, content))
    at = data.draw(st.integers(0, len(blob) - 1))
    blob[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Broken) as caught:
        open_sealed(KEY, bytes(blob))
    assert caught.value.code == "sealed-blob-broken"


@settings(max_examples=60, deadline=None)
@given(length=st.integers(0, sealed_bytes(2 * SEGMENT_BYTES + 9) - 1))
def test_a_cut_is_found(length: int) -> None:
    """A blob that ends early never opens, also when the cut falls between two segments."""
    blob = seal(KEY, pattern(2 * SEGMENT_BYTES + 9))
    with pytest.raises(Broken):
        open_sealed(KEY, blob[:length])


@pytest.mark.parametrize("segments", [0, 1, 2])
def test_a_cut_between_segments_is_found(segments: int) -> None:
    """Whole segments that are missing at the end are missed."""
    blob = seal(KEY, pattern(3 * SEGMENT_BYTES))
    with pytest.raises(Broken):
        open_sealed(KEY, blob[: HEADER_BYTES + segments * STEP])


@pytest.mark.parametrize(
    "order", [[1, 0, 2], [0, 2, 1], [0, 0, 2], [0, 1, 1], [0, 1, 2, 2], [1, 2], [2], [0, 2]]
)
def test_segments_cannot_be_moved_repeated_or_left_out(order: list[int]) -> None:
    """Each segment opens only in its own place, and the last only as the last."""
    blob = seal(KEY, pattern(3 * SEGMENT_BYTES))
    segments = [blob[HEADER_BYTES + at * STEP : HEADER_BYTES + (at + 1) * STEP] for at in range(3)]
    with pytest.raises(Broken):
        open_sealed(KEY, blob[:HEADER_BYTES] + b"".join(segments[at] for at in order))


def test_segments_of_two_blobs_do_not_mix() -> None:
    """Two blobs under one key share no segment: the salt keeps them apart."""
    first, second = seal(KEY, pattern(2 * SEGMENT_BYTES)), seal(KEY, pattern(2 * SEGMENT_BYTES))
    assert first != second
    with pytest.raises(Broken):
        open_sealed(KEY, first[: HEADER_BYTES + STEP] + second[HEADER_BYTES + STEP :])


def test_bytes_after_the_end_are_found() -> None:
    """Nothing can be appended, not even an empty end."""
    blob = seal(KEY, b"red")
    for tail in (b"\0", blob, b"\0" * STEP):
        with pytest.raises(Broken):
            open_sealed(KEY, blob + tail)


def test_another_key_opens_nothing() -> None:
    """Without its key a blob is noise, and the content is nowhere in it."""
    blob = seal(KEY, b"not indifferent" * 100)
    assert b"indifferent" not in blob
    with pytest.raises(Broken):
        open_sealed(bytes(32), blob)


def test_an_unfinished_blob_does_not_open() -> None:
    """What a broken-off upload left behind is not taken for a photo."""
    sealer = Sealer(KEY)
    blob = sealer.update(pattern(2 * SEGMENT_BYTES + 1))
    assert len(blob) == HEADER_BYTES + 2 * STEP
    with pytest.raises(Broken):
        open_sealed(KEY, blob)


def test_a_finished_sealer_takes_no_more() -> None:
    """A blob is sealed once."""
    sealer = Sealer(KEY)
    sealer.finish()
    with pytest.raises(ValueError):
        sealer.update(b"more")
    with pytest.raises(ValueError):
        sealer.finish()


def test_a_short_key_is_not_a_key() -> None:
    """A key of the wrong length is a programming error, not a weaker seal."""
    with pytest.raises(ValueError):
        seal(b"short", b"content")
