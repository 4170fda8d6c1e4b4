"""The signed list of pictures that mirrors may hold: what it says, its one byte form, how it is verified.

Pure. The head is a note by the log's key: a moment, and the digest of each block. A block lists the pictures of
4,096 places in the log, each with the digest of its file and the name it has on the server. Whatever is not in the
newest list leaves the mirror. The format is written down in docs/audit/pictures-list.md.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from wearemany.tlog.note import Note, Signer, Verifier, is_key_name, sign, verify

VERSION = "wearemany pictures v1"
PATH = "pictures"
HEAD_PATH = "pictures/list"
PLACES_IN_BLOCK = 4096
MOST_HEAD_BYTES = 1_000_000
MOST_BLOCK_BYTES = 4_000_000
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_BLOCK = re.compile(r"(0|[1-9][0-9]{0,9}) ([0-9a-f]{64})")
_PICTURE = re.compile(r"(0|[1-9][0-9]{0,15}) ([1-4]) ([0-9a-f]{64}) ([a-z2-7]{26}\.(?:jpg|webp))")


class PicturesMalformed(ValueError):
    """The text is no list of pictures."""


@dataclass(frozen=True, order=True)
class ListedPicture:
    """One picture: the place of its post in the log, which of the post's photos, its digest, its name on the server."""

    position: int
    photo: int
    digest: str
    file: str

    @property
    def block(self) -> int:
        """The number of its block."""
        return self.position // PLACES_IN_BLOCK

    @property
    def path(self) -> str:
        """Where a mirror keeps it: by the post's place, so that the server can look whether it is gone."""
        return picture_path(self.position, self.photo, self.file.rpartition(".")[2])

    @property
    def line(self) -> str:
        """Its line in the block."""
        return f"{self.position} {self.photo} {self.digest} {self.file}\n"


@dataclass(frozen=True)
class PicturesHead:
    """What is signed: whose list it is, the moment it was made, and each block's digest by its number."""

    name: str
    at: datetime.datetime
    blocks: dict[int, str]

    @property
    def text(self) -> str:
        """The lines that are signed."""
        lines = (VERSION, self.name, self.at.strftime(_MOMENT))
        return "".join(
            f"{line}\n" for line in (*lines, *(f"{n} {d}" for n, d in sorted(self.blocks.items())))
        )


def picture_path(position: int, photo: int, ending: str = "jpg") -> str:
    """Return where a mirror keeps a post's picture."""
    return f"{PATH}/{position // PLACES_IN_BLOCK}/{position}-{photo}.{ending}"


def block_path(block: int) -> str:
    """Return where a mirror keeps a block of the list."""
    return f"{HEAD_PATH}.{block}"


def make_blocks(pictures: Iterable[ListedPicture]) -> dict[int, bytes]:
    """Return the blocks by number, their lines in order."""
    blocks: dict[int, list[str]] = {}
    for picture in sorted(pictures):
        blocks.setdefault(picture.block, []).append(picture.line)
    return {number: "".join(lines).encode() for number, lines in blocks.items()}


def make_head(name: str, at: datetime.datetime, blocks: dict[int, bytes]) -> PicturesHead:
    """Return the head over these blocks."""
    return PicturesHead(
        name, at.replace(microsecond=0), {number: digest_of(block) for number, block in blocks.items()}
    )


def digest_of(content: bytes) -> str:
    """Return a digest as lists write it."""
    return hashlib.sha256(content).hexdigest()


def sign_head(head: PicturesHead, *, seed: bytes) -> Note:
    """Sign the head with the server's key, under the name that it says."""
    return sign(head.text, Signer(head.name, seed))


def open_head(data: bytes, verifier: Verifier) -> PicturesHead:
    """Verify a head and read it; raises a `NoteError`, or `PicturesMalformed` for another text signed by that key."""
    lines = verify(data, verifier).text.split("\n")
    if len(lines) < 4 or lines[0] != VERSION or lines[-1] or not is_key_name(lines[1]):
        raise PicturesMalformed("not a list of pictures")
    if lines[1] != verifier.name:
        raise PicturesMalformed("the list is somebody else's")
    try:
        at = datetime.datetime.strptime(lines[2], _MOMENT).replace(tzinfo=datetime.UTC)
    except ValueError:
        raise PicturesMalformed("the list has a moment") from None
    found = [_BLOCK.fullmatch(line) for line in lines[3:-1]]
    blocks = {int(match.group(1)): match.group(2) for match in found if match}
    if len(blocks) != len(lines) - 4 or list(blocks) != sorted(blocks):
        raise PicturesMalformed("a line has a number and a digest, in order")
    return PicturesHead(lines[1], at, blocks)


def read_block(data: bytes, *, number: int, digest: str) -> tuple[ListedPicture, ...]:
    """Read a block strictly; raises `PicturesMalformed` when it is another one than the head names."""
    if digest_of(data) != digest:
        raise PicturesMalformed("the block is another one")
    found = [_PICTURE.fullmatch(line) for line in data.decode("utf-8", "replace").split("\n")[:-1]]
    pictures = tuple(
        ListedPicture(int(match.group(1)), int(match.group(2)), match.group(3), match.group(4))
        for match in found
        if match
    )
    places = [(picture.position, picture.photo) for picture in pictures]
    if (
        len(pictures) != len(found)
        or places != sorted(set(places))
        or any(each.block != number for each in pictures)
    ):
        raise PicturesMalformed("a line has a place, a photo, a digest and a name, in order")
    return pictures
