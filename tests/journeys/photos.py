"""Photos as phones make them, drawn: large, detailed, and full of what phones write beside a picture."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin

from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

NEEDLES = (
    "NEEDLE-CAMERA",
    "NEEDLE-SERIAL",
    "NEEDLE-OWNER",
    "NEEDLE-COMMENT",
    "NEEDLE-XMP",
    "NEEDLE-BEHIND",
    "2025:12:31",
)
"""What stands in the metadata of every photo made here, and nowhere else."""

GPS = (55.0, 45.0, 21.5)
PHONE_PX = (3024, 4032)


@cache
def selfie(seed: int, *, size_px: tuple[int, int] = (900, 1200), grain: float = 0.0) -> Image.Image:
    """Return a drawn selfie, painted once and not to be changed; `grain` makes it as hard to pack as a real photo."""
    picture = Image.open(io.BytesIO(paint(scene(seed, "ordinary")))).convert("RGB")
    picture = picture.resize(size_px, Image.Resampling.BICUBIC)
    if grain:
        noise = np.random.default_rng(seed).normal(0.0, grain, (size_px[1], size_px[0], 1))
        picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    return picture


def exif(turn: int = 1) -> Image.Exif:
    """Return EXIF with a place, a time, names and a serial number."""
    made = Image.Exif()
    made[ExifTags.Base.Make] = NEEDLES[0]
    made[ExifTags.Base.Orientation] = turn
    made[ExifTags.Base.Artist] = NEEDLES[2]
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = NEEDLES[1]
    made.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2025:12:31 23:59:58"
    made.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: GPS, 3: "E", 4: GPS})
    return made


def photo(kind: str, picture: Image.Image, *, turn: int = 1, quality: int = 92) -> bytes:
    """Return a file of the kind ("JPEG", "PNG" or "WEBP") with every needle in it."""
    out = io.BytesIO()
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- {NEEDLES[4]} --></x:xmpmeta>'.encode()
    options: dict[str, Any] = {"exif": exif(turn)}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", NEEDLES[3])
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = notes
    elif kind == "WEBP":
        options |= {"xmp": xmp, "quality": quality}
    else:
        options |= {"xmp": xmp, "quality": quality, "comment": NEEDLES[3].encode()}
    picture.save(out, kind, **options)
    return out.getvalue() + NEEDLES[5].encode() * 3


def phone_photo(seed: int = 7, *, turn: int = 1) -> bytes:
    """Return a photo of about 5 MB and 12 million pixels."""
    return photo("JPEG", selfie(seed, size_px=PHONE_PX, grain=9.0), turn=turn, quality=92)


def needles_in(content: bytes) -> list[str]:
    """Return the needles that stand in the bytes, in any of the usual encodings."""
    encodings = ("ascii", "utf-16le", "utf-16be")
    return [needle for needle in NEEDLES if any(needle.encode(one) in content for one in encodings)]
