"""One picture as HTML and feeds need it: its copies, its words, and where to hold it when it is cropped to a tile."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.photos.showing import PhotoView, RenditionView
from wearemany.rendering.colours import wearing

_STEP = 5


@dataclass(frozen=True)
class Copy:
    """One sized copy of a picture at its public path."""

    path: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int


@dataclass(frozen=True)
class Picture:
    """A picture. `small`, `medium` and `large` are JPEG, read everywhere; the `srcset`s offer WebP by width.

    `hold` names the classes that keep head and garment in sight when the picture is cropped to 4:5.
    `alt_is_ours` says that the author described nothing.
    """

    alt: str
    alt_is_ours: bool
    small: Copy
    medium: Copy
    large: Copy
    srcset_webp: str
    srcset_jpeg: str
    srcset_all_webp: str
    placeholder: str
    hold: str
    covered: bool
    width_px: int
    height_px: int


def picture_view(photo: PhotoView, *, colour: str, is_in_colour: bool) -> Picture | None:
    """Return the picture; None while it has no public copies."""
    jpegs = _copies(photo, "jpeg")
    webps = _copies(photo, "webp")
    if photo.state != "developed" or not jpegs:
        return None
    large = jpegs[-1]
    tiles = [copy for copy in webps if copy.width_px <= 800] or webps
    plain = [copy for copy in jpegs if copy.width_px <= 800] or jpegs
    ours = wearing(colour) if is_in_colour else gettext("A supporter of the campaign")
    return Picture(
        alt=photo.alt or ours,
        alt_is_ours=not photo.alt,
        small=jpegs[0],
        medium=plain[-1],
        large=large,
        srcset_webp=_srcset(tiles),
        srcset_jpeg=_srcset(plain),
        srcset_all_webp=_srcset(webps),
        placeholder=photo.placeholder,
        hold=_hold(photo.crop),
        covered=any(bool(face.get("covered")) for face in photo.faces) or bool(photo.drawn),
        width_px=large.width_px,
        height_px=large.height_px,
    )


def _copies(photo: PhotoView, format: str) -> list[Copy]:
    """Return the copies of one format, the smallest first, each width once."""
    by_width: dict[int, RenditionView] = {}
    for rendition in photo.renditions:
        if rendition.format == format:
            by_width[rendition.width_px] = rendition
    return [
        Copy(
            path=f"/r/{rendition.file}",
            media_type=f"image/{format}",
            width_px=rendition.width_px,
            height_px=rendition.height_px,
            size_bytes=rendition.size_bytes,
        )
        for _, rendition in sorted(by_width.items())
    ]


def _srcset(copies: list[Copy]) -> str:
    return ", ".join(f"{copy.path} {copy.width_px}w" for copy in copies)


def _hold(crop: tuple[float, ...]) -> str:
    """Return classes for `object-position`, in steps of five per cent: no inline style is allowed."""
    if len(crop) != 4:
        return "hold-x50 hold-y50"
    left, top, right, bottom = crop
    return f"hold-x{_share(left, right - left)} hold-y{_share(top, bottom - top)}"


def _share(start: float, span: float) -> int:
    """Return where a window of `span` at `start` sits in its slack, in per cent."""
    slack = 1.0 - span
    if slack < 0.02:
        return 50
    return round(min(max(start / slack, 0.0), 1.0) * 100 / _STEP) * _STEP
