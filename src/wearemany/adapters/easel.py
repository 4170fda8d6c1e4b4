"""Test pictures as the rest of the server sees them: a wish goes in, a drawn picture with a caption comes out.

Standard library only: numpy and Pillow live in the child, which is started for one picture and is gone after it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from wearemany.adapters.sandbox import Child, ChildGoneError, ChildLateError
from wearemany.errors import N_, TryAgain

CHILD_MODULE = "wearemany.samples.easel"


@dataclass(frozen=True)
class Wish:
    """What to draw. `shows`: "colour", "other", "words" (amiss, in `language`) or "poster" (nobody is in it).

    `colour` is the campaign's, `picked` its exact shade (#rrggbb) if it has one.
    """

    shows: str
    colour: str
    seed: int
    picked: str = ""
    people: int = 1
    language: str = ""


@dataclass(frozen=True)
class Drawn:
    """A picture as a phone would send it, and the words that go with it; both empty of any real person."""

    content: bytes = field(repr=False)
    caption: str


def drawn(wish: Wish) -> Drawn:
    """Return what was wished for, in about a second. Raises TryAgain `drawing-failed`."""
    child = Child(CHILD_MODULE)
    try:
        child.wait_ready()
        header, blobs = child.exchange({"wish": asdict(wish)}, ())
    except (ChildGoneError, ChildLateError) as error:
        raise TryAgain(
            "drawing-failed", N_("The picture could not be drawn. Please try again later."), cause=str(error)
        ) from error
    finally:
        child.end()
    return Drawn(blobs[0], str(header["caption"]))
