"""Colours as a file means them: profiles, codes, gammas, deep and transparent pictures come out right in sRGB.

`test_intake` has the wide-gamut profiles; here is what print shops, screens and editors write.
"""

from __future__ import annotations

import io
import struct
import zlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.darkroom.test_intake import SWATCHES, WIDE, developed, linear, profile_of
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import Limits
from wearemany.darkroom.primaries import _TO_SRGB

WHITE_D50 = np.array([0.9642, 1.0, 0.8249])
INKS = {"C": (55, -37, -50), "M": (48, 74, -3), "Y": (89, -5, 93), "K": (16, 0, 0)}
"""Lab of the four solid inks of a press, as standards for offset printing have them, rounded."""
P3_CODE, SRGB_CODE = bytes([12, 13, 0, 1]), bytes([1, 13, 0, 1])
P3_CHROMATICITY = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
DELTA = 4


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels: np.ndarray, kind: int, *chunks: bytes, bits: int = 16) -> bytes:
    """Write a PNG of sixteen (or eight) bits a channel, of any colour type, with these chunks before its data."""
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2" if bits == 16 else "u1").tobytes() for row in pixels)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def srgb_of_lab(lab: np.ndarray) -> np.ndarray:
    """Return what Lab under the profiles' white (D50) is in sRGB, 0 to 255: an answer of our own, by the formulas."""
    y = (lab[..., 0] + 16) / 116
    cubes = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(cubes > 6 / 29, cubes**3, 3 * (6 / 29) ** 2 * (cubes - 4 / 29)) * WHITE_D50
    to_linear = np.linalg.inv(
        np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
    )
    light = np.clip(xyz @ to_linear.T, 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def lab_of_inks(shares: tuple[int, ...]) -> np.ndarray:
    """Return the Lab of solid inks over one another on white paper: they darken, black greys, all four are black."""
    lab = np.array([100.0, 0.0, 0.0])
    for share, (lightness, a, b) in zip(shares, INKS.values(), strict=True):
        if share:
            lab = np.array([lab[0] * lightness / 100, lab[1] + a, lab[2] + b])
    dark = sum(shares) > 2 or shares[3]
    return lab * (sum(shares) < 4) * ((1, 0, 0) if dark else (1, 1, 1))


def press_profile() -> bytes:
    """Write an ICC profile (version 2) of a press: a table from the corners of the four inks to Lab."""
    corners = b"".join(
        bytes(np.clip(np.rint([lab[0] * 2.55, lab[1] + 128, lab[2] + 128]), 0, 255).astype(np.uint8))
        for lab in (lab_of_inks(shares) for shares in product((0, 1), repeat=4))
    )
    straight = bytes(range(256))
    unity = b"".join(struct.pack(">i", 65536 if at % 4 == 0 else 0) for at in range(9))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unity + straight * 4 + corners + straight * 3
    white = b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(part * 65536)) for part in WHITE_D50)
    text = b"a press\0"
    parts = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"wtpt": white,
        b"A2B0": table,
    }
    index, body, at = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, part in parts.items():
        padded = part + bytes(-len(part) % 4)
        index += tag + struct.pack(">II", at, len(part))
        body, at = body + padded, at + len(padded)
    head = struct.pack(">I4sI4s4s4s", at, b"none", 0x02400000, b"prtr", b"CMYK", b"Lab ") + bytes(12)
    head += b"acsp" + bytes(28) + white[8:]
    return head + bytes(128 - len(head)) + struct.pack(">I", len(parts)) + index + body


@pytest.mark.parametrize(
    "shares", [(0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)]
)
@pytest.mark.parametrize("long_px", [640, 40])
def test_a_print_file_comes_out_as_its_press_would_print_it(shares: tuple[int, ...], long_px: int) -> None:
    """CMYK with a press's profile: paper, red over two inks, each ink alone; within four of 255, made small or not."""
    buffer = io.BytesIO()
    picture = Image.new("CMYK", (160, 120), tuple(255 * share for share in shares))
    picture.save(buffer, "JPEG", quality=98, subsampling=0, icc_profile=press_profile())
    pixels = developed(buffer.getvalue(), long_px=long_px).pixels.astype(int)
    wanted = srgb_of_lab(np.rint(lab_of_inks(shares)))
    assert np.abs(pixels - wanted).max() <= DELTA, pixels[10, 10]


RED = np.array([220, 60, 60])
RED_IN_P3 = np.rint(
    255 * (1.055 * np.linalg.solve(_TO_SRGB, linear(RED.astype(float))) ** (1 / 2.4) - 0.055)
).astype(np.uint8)
P3_PROFILE = chunk(
    b"iCCP", b"p3\0\0" + zlib.compress(profile_of("Display P3", "RGB ", WIDE["Display P3"], 2.2))
)
CODED, SAYS_SRGB = chunk(b"cICP", P3_CODE), chunk(b"sRGB", b"\0")
WIDE_PRIMARIES, LINEAR = chunk(b"cHRM", P3_CHROMATICITY), chunk(b"gAMA", struct.pack(">I", 100_000))
COMMON_GAMMA = chunk(b"gAMA", struct.pack(">I", 45_455))


@pytest.mark.parametrize(
    ("chunks", "is_p3"),
    [
        ((), False),
        ((CODED,), True),
        ((COMMON_GAMMA, WIDE_PRIMARIES), True),
        ((SAYS_SRGB, COMMON_GAMMA, WIDE_PRIMARIES), False),
        ((P3_PROFILE, LINEAR), True),
        ((chunk(b"cICP", SRGB_CODE), P3_PROFILE), False),
        ((CODED, SAYS_SRGB, LINEAR), True),
        ((chunk(b"cICP", bytes([9, 16, 0, 1])), P3_PROFILE), True),
        ((SAYS_SRGB, LINEAR), False),
        ((chunk(b"gAMA", struct.pack(">I", 0)),), False),
    ],
)
def test_of_all_that_a_png_says_of_its_colours_the_highest_counts(
    chunks: tuple[bytes, ...], is_p3: bool
) -> None:
    """A code before a profile, a profile before "sRGB", that before gamma and chromaticities; nonsense for nothing."""
    stored = RED_IN_P3 if is_p3 else RED.astype(np.uint8)
    upload = png(np.full((32, 32, 3), stored, np.uint8), 2, *chunks, bits=8)
    assert np.abs(developed(upload).pixels[16, 16].astype(int) - RED).max() <= DELTA


@pytest.mark.parametrize("gamma", [1.0, 0.55, 0.35])
def test_a_gamma_is_obeyed(gamma: float) -> None:
    """A PNG that was stored with another curve is as light as it was meant."""
    stored = np.rint(255 * linear(SWATCHES.astype(float)) ** gamma).astype(np.uint8)
    squares = np.repeat(np.repeat(stored[None], 8, 0), 8, 1)
    upload = png(squares, 2, chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000))), bits=8)
    assert np.abs(developed(upload).pixels[4, 4::8].astype(int) - SWATCHES).max() <= DELTA + 2 * (
        gamma == 1.0
    )


@pytest.mark.parametrize(
    ("kind", "stored", "wanted", "more"),
    [
        (2, (0xC8FF, 0x3C80, 0x2800), (200, 60, 40), ()),
        (0, (0x8000,), (128, 128, 128), ()),
        (0, (0x8000,), (255, 255, 255), (chunk(b"tRNS", struct.pack(">H", 0x8000)),)),
        (4, (0x4000, 0x8000), (159, 159, 159), ()),
        (4, (0x4000, 0x0000), (255, 255, 255), ()),
        (6, (0xC800, 0x3C00, 0x2800, 0x8000), (227, 157, 147), ()),
    ],
)
def test_sixteen_bits_keep_colour_and_transparency(
    kind: int, stored: tuple[int, ...], wanted: tuple[int, ...], more: tuple[bytes, ...]
) -> None:
    """Colour, grey, grey with a clear shade, grey and colour with alpha: over white, as in eight bits."""
    upload = png(np.full((20, 20, len(stored)), stored, np.uint16), kind, *more)
    assert np.abs(developed(upload).pixels[10, 10].astype(int) - wanted).max() <= 2


def test_a_palette_with_alpha_lies_over_white() -> None:
    """Half-clear red is pink, clear is white, solid is itself; also when the picture is made smaller."""
    indexes = np.repeat(np.arange(3, dtype=np.uint8), 120)[None].repeat(360, 0)
    palette = chunk(b"PLTE", bytes((220, 30, 30, 10, 10, 10, 30, 30, 220)))
    upload = png(indexes[..., None], 3, palette, chunk(b"tRNS", bytes((128, 0, 255))), bits=8)
    for long_px in (640, 90):
        row = developed(upload, long_px=long_px).pixels[5].astype(int)
        sixth = len(row) // 6
        for at, wanted in (
            (sixth, (237, 142, 142)),
            (3 * sixth, (255, 255, 255)),
            (5 * sixth, (30, 30, 220)),
        ):
            assert np.abs(row[at] - wanted).max() <= 2


def test_grey_with_alpha_lies_over_white() -> None:
    """Eight bits, half clear, in PNG and WebP."""
    half = Image.merge("LA", (Image.new("L", (30, 30), 64), Image.new("L", (30, 30), 128)))
    for container, options in (("PNG", {}), ("WEBP", {"lossless": True})):
        buffer = io.BytesIO()
        half.convert("RGBA" if container == "WEBP" else "LA").save(buffer, container, **options)
        assert np.abs(developed(buffer.getvalue()).pixels.astype(int) - 159).max() <= 2


@pytest.mark.parametrize(("name", "code"), [("red-p3.heic", P3_CODE), ("red-srgb.heic", SRGB_CODE)])
def test_a_heic_that_says_p3_by_number_keeps_its_colours(name: str, code: bytes) -> None:
    """As phones write it: primaries in a colour box, and no profile. AVIF is in `test_intake`.

    Both files are the same red, written by libheif's `heif-enc` with a profile, and the numbers put in its place.
    """
    upload = (Path(__file__).parent / name).read_bytes()
    assert admit(upload, Limits()).primaries == code[0]
    assert np.abs(developed(upload).pixels[64, 64].astype(int) - RED).max() <= DELTA
