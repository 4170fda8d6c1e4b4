"""Small logs in memory, made as the server makes them, for the tests of the recount."""

from collections.abc import Sequence
from pathlib import Path

from tests.wall.drawn import DAY, opening, post
from wearemany.tlog.checkpoint import Checkpoint, sign_checkpoint
from wearemany.tlog.note import Signer
from wearemany.tlog.sequence import Edge, plan
from wearemany.wall.audit import Missing
from wearemany.wall.entry import AmendEntry, Entry, RemovedEntry, encode

ORIGIN = "door.example/log/red"
SIGNER = Signer(ORIGIN, bytes(range(32)))

STORY: tuple[Entry, ...] = (
    opening(),
    post(1),
    post(2, people=2),
    AmendEntry(DAY, of=2, colour=False),
    post(3),
    RemovedEntry(DAY, of=1),
)


def long_story(posts: int) -> list[Entry]:
    """Return the opening and that many posts."""
    return [opening(), *(post(number) for number in range(1, posts + 1))]


def files_of(lines: Sequence[bytes], signer: Signer = SIGNER) -> dict[str, bytes]:
    """Return a log's files: path to bytes, with the checkpoint and the published key."""
    batch = plan(Edge(), lines, tail=())
    files = {file.path: file.data for file in batch.files}
    seen = Checkpoint(signer.name, len(lines), batch.root)
    return {
        **files,
        "checkpoint": sign_checkpoint(seen, signer).data,
        "vkey": signer.verifier.vkey.encode() + b"\n",
    }


def log_of(entries: Sequence[Entry] = STORY) -> dict[str, bytes]:
    """Return the files of a log of these entries."""
    return files_of([encode(entry) for entry in entries])


class Shelf:
    """A `read` over files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def __call__(self, path: str) -> bytes:
        self.asked.append(path)
        try:
            return self.files[path]
        except KeyError:
            raise Missing(path) from None


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a log's files into a folder, as a mirror would."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
