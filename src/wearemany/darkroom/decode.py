"""An admitted upload becomes an upright sRGB picture of working size. All metadata ends here.

Only pixels leave this file, in an array of our own: no Pillow image, and so no `info`, travels further.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pi_heif
from PIL import ExifTags, Image, ImageCms, ImageFile

from wearemany.darkroom.geometry import Size, Transform
from wearemany.darkroom.heif import reduced_planes
from wearemany.darkroom.intake import DAMAGE, Admitted, damage
from wearemany.darkroom.primaries import DISPLAY_P3, in_srgb_from_p3, with_srgb_curve
from wearemany.darkroom.refusals import refusal

Pixels = npt.NDArray[np.uint8]

# A third faster than Lanczos; what it changes is a tenth and less of what encoding changes after it.
SMOOTH = Image.Resampling.BICUBIC
_STRIP_ROWS = 512
_SRGB = ImageCms.createProfile("sRGB")
_SAME_PRIMARY = 0.004
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """An upright sRGB picture: `pixels` has the shape (height, width, 3), eight bits a channel."""

    pixels: Pixels

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    @property
    def transform(self) -> Transform:
        """How its pixels lie in fractions."""
        return Transform(self.size)

    @cached_property
    def image(self) -> Image.Image:
        """A bare Pillow image that carries nothing but these pixels."""
        return Image.fromarray(self.pixels)

    def within(self, long_px: int, *, is_plain: bool = False) -> Picture:
        """Return the picture at most `long_px` on its longer side; plain, in half the time, when no person sees it."""
        size = self.size.within(long_px)
        if size == self.size:
            return self
        how, gap = (Image.Resampling.HAMMING, 1.0) if is_plain else (SMOOTH, 3.0)
        return Picture(np.asarray(self.image.resize((size.width_px, size.height_px), how, reducing_gap=gap)))


def decode(admitted: Admitted, *, long_px: int) -> Picture:
    """Return the first picture of the upload, upright, in sRGB, over white, at most `long_px` long.

    Refused when it is damaged or cut short, or when it needs more memory than the child may use.
    """
    image = admitted.image
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            size = admitted.size.within(long_px)
            # The box must have this picture's own proportions: a square one is met only by a full decode.
            image.draft(None, (size.width_px, size.height_px))
            turn = _orientation(image)
            small = _heif(image, size) if admitted.container == "HEIF" else _reduced(_strips(image), size)
            small = _in_srgb(small, image.info.get("icc_profile"), admitted)
        except MemoryError as error:
            raise refusal("photo-too-complicated", cause="out of memory while decoding") from error
        except DAMAGE as error:
            raise damage(error) from error
    if turn in _TURNS:
        small = small.transpose(_TURNS[turn])
    return Picture(np.asarray(small, dtype=np.uint8))


def _orientation(image: Image.Image) -> int:
    """Return the orientation (1 to 8) of the file's metadata; 1 when there is none or it is nonsense."""
    try:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


@dataclass(frozen=True)
class _Strips:
    """A decoded picture that is looked at a few rows at a time: `cut` returns the rows from one to another."""

    mode: str
    width: int
    height: int
    cut: Callable[[int, int], Image.Image]
    whole: Image.Image | None = None


def _strips(image: Image.Image) -> _Strips:
    image.load()
    return _Strips(
        image.mode, *image.size, lambda top, bottom: image.crop((0, top, image.width, bottom)), image
    )


def _heif(image: ImageFile.ImageFile, size: Size) -> Image.Image:
    """Return a HEIC at `size`: out of its planes where it is large and of the usual kind."""
    assert image.fp is not None
    image.fp.seek(0)
    factor = min(image.width // size.width_px, image.height // size.height_px)
    planes = reduced_planes(image.fp.read(), size, factor=factor)
    return planes or _reduced(_heif_strips(image), size)


def _heif_strips(image: Image.Image) -> _Strips:
    """Cut the decoder's own memory: a second copy of a 48 megapixel photo would be more than a child may have."""
    image.fp.seek(0)  # type: ignore[attr-defined]
    frame = pi_heif.open_heif(image.fp, remove_stride=False)[image.tell()]  # type: ignore[attr-defined]
    rows = np.frombuffer(frame.data, dtype=np.uint8).reshape(-1, frame.stride)
    width, height = frame.size
    channels = len(frame.mode)

    def cut(top: int, bottom: int) -> Image.Image:
        part = rows[top:bottom, : width * channels]
        shape = (bottom - top, width) if channels == 1 else (bottom - top, width, channels)
        return Image.fromarray(part.reshape(shape), mode=frame.mode)

    return _Strips(frame.mode, width, height, cut)


def _reduced(image: _Strips, size: Size) -> Image.Image:
    """Return the picture at `size` as RGB (or CMYK): alpha over white, sixteen bits as eight.

    Works in strips: a full-size copy in another mode would double the memory of the largest pictures.
    """
    mode = "CMYK" if image.mode == "CMYK" else "RGB"
    factor = max(1, min(image.width // size.width_px, image.height // size.height_px))
    if factor == 1 and image.mode == mode and image.whole is not None:
        plain: Image.Image = image.whole
    else:
        plain = Image.new(mode, (math.ceil(image.width / factor), math.ceil(image.height / factor)))
        rows = _STRIP_ROWS // factor * factor or factor
        for top in range(0, image.height, rows):
            opaque = _opaque(image.cut(top, min(top + rows, image.height)), mode)
            plain.paste(opaque.reduce(factor) if factor > 1 else opaque, (0, top // factor))
    if plain.size == (size.width_px, size.height_px):
        return plain
    return plain.resize((size.width_px, size.height_px), SMOOTH)


def _opaque(strip: Image.Image, mode: str) -> Image.Image:
    """Return a strip in RGB or CMYK, without transparency."""
    if strip.mode == mode:
        return strip
    if strip.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        wide = np.asarray(strip).astype(np.int32)
        if isinstance(clear := strip.info.get("transparency"), int):
            wide = np.where(wide == clear, 65535, wide)
        return Image.fromarray((np.clip(wide, 0, 65535) >> 8).astype(np.uint8)).convert("RGB")
    if strip.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in strip.info:
        coloured = strip.convert("RGBA")
        white = Image.new("RGB", strip.size, (255, 255, 255))
        white.paste(coloured.convert("RGB"), mask=coloured.getchannel("A"))
        return white
    return strip.convert("RGB")


def _in_srgb(image: Image.Image, profile: Any, admitted: Admitted) -> Image.Image:
    """Convert from the embedded profile, once the picture is small; a profile that is sRGB or broken is ignored.

    Where there is no profile, the primaries and the gamma that the file declares are obeyed.
    """
    if not profile and image.mode == "RGB":
        plain = with_srgb_curve(image, admitted.gamma) if admitted.gamma else image
        return in_srgb_from_p3(plain) if admitted.primaries == DISPLAY_P3 else plain
    if isinstance(profile, bytes) and profile and len(profile) <= 4_000_000:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not _is_srgb(source):
                # A grey picture's profile says how light its greys are; it has come here as three equal channels.
                grey = source.profile.xcolor_space.strip() == "GRAY"
                plain = image.convert("L") if grey else image
                converted = ImageCms.profileToProfile(plain, source, _SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, *DAMAGE):
            pass
    return image.convert("RGB")


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Say whether a profile says that it is sRGB and has its primaries; the name alone has been given to others."""
    if "srgb" not in ImageCms.getProfileDescription(profile).lower():
        return False
    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        one, other = getattr(profile.profile, name), getattr(_SRGB, name)
        if one is None or max(abs(a - b) for a, b in zip(one[0], other[0], strict=True)) > _SAME_PRIMARY:
            return False
    return True
