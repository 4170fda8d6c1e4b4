"""Admission: what an upload is, and whether its own header stays within the limits, before a pixel is decoded.

The structure walks here are ours, because decoders find out about ten thousand scans by decoding them.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass

import pi_heif
from PIL import AvifImagePlugin, Image, ImageFile

from wearemany.darkroom.geometry import Size
from wearemany.darkroom.orders import Limits
from wearemany.darkroom.primaries import declared_in_png, declared_primaries
from wearemany.darkroom.refusals import refusal
from wearemany.darkroom.sniff import sniff
from wearemany.errors import Refused

pi_heif.register_heif_opener(thumbnails=False)
pi_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# The limit is ours (`Limits.pixels`), checked on every header right after it is read; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
_TOO_MANY_PIXELS = (Image.DecompressionBombWarning, Image.DecompressionBombError)
ImageFile.LOAD_TRUNCATED_IMAGES = False

_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_STANDALONE = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
_START_OF_FRAME = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))

# Where more pictures mean a moving one; a JPEG's or HEIC's others are depth, gain or the same scene again.
MOVING = frozenset(("GIF", "PNG", "WEBP", "AVIF"))

# A WebP counts as a picture so many times as large, a lossless one more; where its kind stands, past a profile.
_WEBP_WEIGHT, _LOSSLESS_WEIGHT = 2.0, 2.5
# An AVIF's planes, its rows and Pillow's copy stand side by side; transparency is one more of each.
_AVIF_WEIGHT, _CLEAR_AVIF_WEIGHT = 1.5, 2.0
_WEBP_HEADER_BYTES = 8_000

# How libheif and libavif say that they got none; libwebp does not say.
_SHORT_OF_MEMORY = ("memory", "allocat")

# What decoders raise on damaged or malicious bytes. MemoryError is not here: it is a limit, not damage.
DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    RuntimeError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Admitted:
    """An upload that may be decoded: its container, its size as stored (not yet turned), its opened header.

    `is_moving` says that there are more pictures after the first, which is the one that is taken; `primaries` are
    those that the file declares by number, `gamma` a PNG's, each None where a profile speaks instead or nothing does.
    """

    container: str
    size: Size
    image: ImageFile.ImageFile
    is_moving: bool = False
    primaries: int | None = None
    gamma: float | None = None


def admit(upload: bytes, limits: Limits) -> Admitted:
    """Return the opened header of an upload within its limits; Refused with a code and what to do otherwise."""
    if len(upload) > limits.bytes:
        raise refusal("upload-too-large", megabytes=limits.bytes // 1_000_000)
    container = sniff(upload)
    if container == "JPEG":
        _walk_jpeg(upload, limits)
    elif container == "PNG":
        _walk_png(upload, limits)
    elif container == "WEBP":
        _look_at_webp(upload, limits)
    elif container in ("AVIF", "HEIF"):
        _walk_boxes(upload)
    image = _opened(upload, container, limits)
    size = Size(*image.size)
    _check_size(size, limits)
    if container == "AVIF":
        _check_weight(size, _CLEAR_AVIF_WEIGHT if image.mode == "RGBA" else _AVIF_WEIGHT, limits)
    if container in ("PNG", "WEBP", "AVIF") and getattr(image, "n_frames", 1) > limits.frames:
        raise refusal("photo-too-many-frames")
    primaries, gamma = None, None
    if container == "PNG":
        primaries, gamma = declared_in_png(upload, image.info)
    elif container in ("AVIF", "HEIF"):
        primaries = declared_primaries(upload)
    is_moving = container in MOVING and _is_moving(image)
    return Admitted(container, size, image, is_moving=is_moving, primaries=primaries, gamma=gamma)


def _is_moving(image: ImageFile.ImageFile) -> bool:
    """Say whether a second picture follows; a file that is damaged after its first has none."""
    try:
        return bool(getattr(image, "is_animated", False))
    except DAMAGE:
        return False


def _opened(upload: bytes, container: str, limits: Limits) -> ImageFile.ImageFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A GIF's canvas grows while it is opened, with its first picture: Pillow asks before it reserves the memory.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = limits.pixels
        try:
            image = Image.open(
                io.BytesIO(upload), formats=[container, "MPO"] if container == "JPEG" else [container]
            )
        except _TOO_MANY_PIXELS as error:
            raise _too_many_pixels(limits) from error
        except DAMAGE as error:
            raise damage(error) from error
        finally:
            Image.MAX_IMAGE_PIXELS = None
    if not isinstance(image, ImageFile.ImageFile):
        raise refusal("photo-damaged", cause=f"opened as {type(image).__name__}")
    return image


def damage(error: Exception) -> Refused:
    """Return the refusal for what a decoder raised: damaged, or, where it says so, more than it has memory for."""
    is_memory = any(word in repr(error).lower() for word in _SHORT_OF_MEMORY)
    return refusal("photo-too-complicated" if is_memory else "photo-damaged", cause=repr(error))


def _check_size(size: Size, limits: Limits) -> None:
    if min(size.width_px, size.height_px) < 1:
        raise refusal("photo-damaged", cause="no pixels")
    if size.long_px > limits.side_px:
        raise refusal("photo-side-too-long", side_px=limits.side_px)
    if size.pixels > limits.pixels:
        raise _too_many_pixels(limits)


def _too_many_pixels(limits: Limits) -> Refused:
    return refusal("photo-too-many-pixels", megapixels=limits.pixels // 1_000_000)


def _check_weight(size: Size, weight: float, limits: Limits) -> None:
    """Refuse a picture whose decoder needs so many times the memory that another of its size does."""
    if size.pixels * weight > limits.pixels:
        raise refusal("photo-too-many-pixels", megapixels=int(limits.pixels / weight) // 1_000_000)


def _walk_jpeg(upload: bytes, limits: Limits) -> None:
    """Check the frame header's size and count scans without decoding one."""
    at, scans, size = 2, 0, Size(0, 0)
    while found := _JPEG_MARKER.search(upload, at):
        marker, at = upload[found.start() + 1], found.end()
        if marker in _STANDALONE:
            continue
        if marker == 0xD9:
            return
        length = int.from_bytes(upload[at : at + 2], "big")
        if marker in _START_OF_FRAME:
            size = Size(
                int.from_bytes(upload[at + 5 : at + 7], "big"), int.from_bytes(upload[at + 3 : at + 5], "big")
            )
            _check_size(size, limits)
        if marker == 0xDA:
            scans += 1
            if scans > limits.scans or scans * size.pixels > limits.scan_pixels:
                raise refusal("photo-too-complicated", cause=f"{scans} scans of {size.pixels} pixels")
        at += max(length, 2)


def _walk_png(upload: bytes, limits: Limits) -> None:
    """Check the header's size and count chunks."""
    if upload[12:16] == b"IHDR":
        _check_size(Size(int.from_bytes(upload[16:20], "big"), int.from_bytes(upload[20:24], "big")), limits)
    at, chunks = 8, 0
    while at + 8 <= len(upload):
        chunks += 1
        if chunks > limits.chunks:
            raise refusal("photo-too-complicated", cause=f"more than {limits.chunks} chunks")
        at += 12 + int.from_bytes(upload[at : at + 4], "big")


def _look_at_webp(upload: bytes, limits: Limits) -> None:
    """Check the size before the decoder reserves two canvases of four bytes a pixel, which it does on opening.

    One without loss needs half as much again to decode, and says "damaged" when it does not get it.
    """
    kind = upload[12:16]
    if kind == b"VP8X":
        size = Size(1 + int.from_bytes(upload[24:27], "little"), 1 + int.from_bytes(upload[27:30], "little"))
    elif kind == b"VP8L":
        packed = int.from_bytes(upload[21:25], "little")
        size = Size(1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF))
    else:
        sides = (int.from_bytes(upload[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        size = Size(*sides)
    lossless = b"VP8L" in upload[:_WEBP_HEADER_BYTES]
    _check_weight(size, _LOSSLESS_WEIGHT if lossless else _WEBP_WEIGHT, limits)


def _walk_boxes(upload: bytes) -> None:
    """Refuse boxes that claim to be larger than the file: libraries have reserved what a header promised."""
    at = 0
    while at + 8 <= len(upload):
        length = int.from_bytes(upload[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(upload[at + 8 : at + 16], "big")
        if length == 0:
            return
        if length < 8 or length > len(upload):
            raise refusal("photo-damaged", cause=f"a box of {length} bytes")
        at += length
