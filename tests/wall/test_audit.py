"""A recount believes nothing: whatever is changed in a log is found."""

import pytest

from tests.wall.drawn import DAY, post
from tests.wall.logs import ORIGIN, SIGNER, STORY, Shelf, files_of, log_of, long_story
from wearemany.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from wearemany.tlog.note import Signer, Verifier
from wearemany.wall.audit import Recount, audit, reading_order
from wearemany.wall.entry import Entry, RemovedEntry, encode
from wearemany.wall.tally import fold

OTHER = Signer(ORIGIN, bytes(range(1, 33)))
LINES = [encode(entry) for entry in STORY]


def recounted(
    files: dict[str, bytes], *, verifier: Verifier = SIGNER.verifier, earlier: Checkpoint | None = None
) -> Recount:
    return audit(Shelf(files), verifier=verifier, earlier=earlier)


def codes(result: Recount) -> list[str]:
    return [finding.code for finding in result.findings]


def seen(files: dict[str, bytes], signer: Signer = SIGNER) -> Checkpoint:
    return open_checkpoint(files["checkpoint"], signer.verifier)


@pytest.mark.parametrize("posts", [0, 1, 254, 255, 256, 257, 600])
def test_an_honest_log_adds_up(posts: int) -> None:
    """The figures are those of the entries, whatever the size; and only the announced files are read."""
    entries = long_story(posts)
    shelf = Shelf(log_of(entries))
    told = list[tuple[int, int]]()
    result = audit(
        shelf, verifier=SIGNER.verifier, progress=lambda counted, size: told.append((counted, size))
    )
    assert result.holds
    assert result.tally == fold(entries)
    assert shelf.asked == ["checkpoint", *(tile.path for tile in reading_order(len(entries)))]
    assert told[-1] == (len(entries), len(entries))


def test_an_empty_log_adds_up_to_nothing() -> None:
    """A log that is signed before its opening counts nothing, and that is no finding."""
    result = recounted(files_of([]))
    assert result.holds
    assert result.tally is not None
    assert result.tally.entries == 0


@pytest.mark.threat("H")
def test_every_single_flipped_byte_of_a_small_log_is_found() -> None:
    """No byte of any file of the log can be another one."""
    files = log_of()
    del files["vkey"]
    assert recounted(files).holds
    for path, content in files.items():
        for place in range(len(content)):
            for bits in (0x01, 0x20, 0xFF):
                spoilt = bytearray(content)
                spoilt[place] ^= bits
                assert not recounted({**files, path: bytes(spoilt)}).holds, (path, place)


def test_a_forged_signature_is_found() -> None:
    """A signature that names our key and is not by it is called false."""
    files = log_of()
    longer = log_of([*STORY, post(9)])
    signature = files["checkpoint"].rpartition(b"\n\n")[2]
    body = longer["checkpoint"].rpartition(b"\n\n")[0]
    assert codes(recounted({**longer, "checkpoint": body + b"\n\n" + signature})) == ["signature-false"]


def test_a_wrong_key_is_found() -> None:
    """A log signed by somebody else, even under the same name, is not this log."""
    assert codes(recounted(log_of(), verifier=OTHER.verifier)) == ["key-other"]
    assert codes(recounted(files_of(LINES, OTHER))) == ["key-other"]


@pytest.mark.threat("H")
def test_a_rollback_is_found() -> None:
    """A log that is shorter than it was when last seen is told so."""
    earlier = seen(log_of())
    result = recounted(log_of(STORY[:-1]), earlier=earlier)
    assert codes(result) == ["rollback"]


@pytest.mark.parametrize("posts", [3, 255, 256, 300])
@pytest.mark.parametrize("more", [0, 1, 300])
@pytest.mark.threat("H")
def test_a_fork_is_found(posts: int, more: int) -> None:
    """A second history, of the same length or longer, is told from the first; a grown first one is not."""
    entries = long_story(posts)
    earlier = seen(log_of(entries))
    grown = [post(number) for number in range(10_000, 10_000 + more)]
    other: list[Entry] = [*entries[:-1], post(5_000), *grown]
    assert codes(recounted(log_of(other), earlier=earlier)) == ["fork"]
    assert recounted(log_of([*entries, *grown]), earlier=earlier).holds


def test_truncated_and_missing_files_are_found() -> None:
    """A tile or a bundle that is cut short or gone is named."""
    files = log_of(long_story(300))
    for path in [tile.path for tile in reading_order(301)]:
        kind = "bundle" if "entries" in path else "tile"
        without = {name: content for name, content in files.items() if name != path}
        assert codes(recounted(without)) == [f"{kind}-missing"]
        cut = recounted({**files, path: files[path][:-1]})
        assert codes(cut) == ["bundle-malformed" if kind == "bundle" else "tile-other"]
        assert cut.findings[0].path == path
    assert codes(recounted({})) == ["checkpoint-missing"]


def test_swapped_entries_are_found() -> None:
    """Two entries in each other's place do not fit the tiles and the root."""
    swapped = [LINES[0], LINES[2], LINES[1], *LINES[3:]]
    bundle = {path: content for path, content in files_of(swapped).items() if "entries" in path}
    assert {"tile-other", "root-other"} <= set(codes(recounted({**files_of(LINES), **bundle})))


def test_a_replaced_partial_tile_is_found() -> None:
    """A partial tile that belongs to other entries is found, with or without its bundle."""
    files = log_of()
    other = log_of([*STORY[:-1], RemovedEntry(DAY, of=4)])
    tile, bundle = "tile/0/000.p/6", "tile/entries/000.p/6"
    assert codes(recounted({**files, tile: other[tile]})) == ["tile-other"]
    assert codes(recounted({**files, tile: other[tile], bundle: other[bundle]})) == ["root-other"]


def test_an_entry_that_is_too_long_is_found() -> None:
    """Even properly signed, an entry over 512 bytes is not counted."""
    long = b'{"day":"2026-11-23","kind":"greeting","text":"' + b"x" * 500 + b'","v":1}'
    result = recounted(files_of([*LINES, long]))
    assert codes(result) == ["entry-too-long"]
    assert result.findings[0].index == len(LINES)
    assert result.tally is None


def test_an_illegal_sequence_is_found() -> None:
    """Even properly signed, an entry that may not follow is named, and nothing after it is counted."""
    twice = post(1)
    result = recounted(files_of([*LINES, encode(twice), encode(post(7))]))
    assert codes(result) == ["commitment-twice"]
    assert (result.findings[0].index, result.tally) == (len(LINES), None)


def test_an_unknown_kind_is_reported_and_counts_nothing() -> None:
    """A later kind of entry is no error; it is named in the tally."""
    line = b'{"day":"2026-11-23","kind":"jubilee","v":1}'
    result = recounted(files_of([*LINES, line]))
    assert result.holds
    assert result.tally is not None
    assert result.tally.unknown == (("jubilee", 1),)
    assert codes(recounted(files_of([*LINES, line.replace(b'"v":1', b'"v":2')]))) == ["entry-version"]


def test_full_files_stand_in_for_partial_ones_that_are_gone() -> None:
    """An older checkpoint still adds up when only the full tile and bundle are kept."""
    entries = long_story(299)
    files = log_of(entries)
    older = log_of(entries[:200])
    kept = {name: content for name, content in files.items() if name.endswith("/000")}
    assert recounted({**kept, "checkpoint": older["checkpoint"]}).holds


def test_a_checkpoint_with_a_root_of_nothing_is_found() -> None:
    """A signed root over other entries than those published is found by counting up from the entries."""
    files = log_of()
    false = sign_checkpoint(Checkpoint(ORIGIN, len(STORY), bytes(32)), SIGNER).data
    assert codes(recounted({**files, "checkpoint": false})) == ["root-other"]
