"""Admission and decoding: containers by content, limits before decoding, one upright sRGB picture after it."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.darkroom.conftest import encoded
from wearemany.darkroom.colour import to_linear
from wearemany.darkroom.decode import Picture, decode
from wearemany.darkroom.intake import admit, damage
from wearemany.darkroom.orders import Limits
from wearemany.darkroom.primaries import _TO_SRGB
from wearemany.darkroom.sniff import sniff
from wearemany.errors import Refused

HALVES = np.zeros((60, 40, 3), np.uint8)
HALVES[:20] = (220, 30, 30)
HALVES[20:] = (30, 30, 220)


def developed(upload: bytes, *, long_px: int = 640) -> Picture:
    """Admit and decode."""
    return decode(admit(upload, Limits()), long_px=long_px)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that is only a header."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_pictures_are_known_by_their_content(container: str) -> None:
    """Whatever a file is called, its first bytes say what it is, and it decodes."""
    picture = developed(encoded(HALVES, container))
    assert (picture.size.width_px, picture.size.height_px) == (40, 60)
    assert np.abs(picture.pixels[5, 20].astype(int) - (220, 30, 30)).max() < 40


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (b"", "upload-empty"),
        (b"%PDF-1.7 ...", "upload-document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "upload-drawing"),
        (b"<?xml version='1.0'?><svg/>", "upload-drawing"),
        (b"<!DOCTYPE html><p>hello", "upload-web-page"),
        (b"just a few words", "upload-web-page"),
        (b"II*\x00" + bytes(30), "upload-other-format"),
        (b"BM" + bytes(30), "upload-other-format"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), "upload-video"),
        (b"\x1a\x45\xdf\xa3" + bytes(20), "upload-video"),
        (b"ID3\x04" + bytes(20), "upload-sound"),
        (b"PK\x03\x04" + bytes(20), "upload-archive"),
        (bytes(64), "upload-not-a-picture"),
    ],
)
def test_what_is_no_picture_gets_a_sentence_of_its_own(upload: bytes, code: str) -> None:
    """A video, a document or a text is refused as what it is, with what to do next."""
    with pytest.raises(Refused) as refused:
        sniff(upload)
    assert refused.value.code == code
    assert str(refused.value).endswith(".") and "%" not in str(refused.value)


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (30_000, 30_000, "photo-side-too-long"),
        (9_000, 9_000, "photo-too-many-pixels"),
        (0, 5, "photo-damaged"),
    ],
)
def test_sizes_are_refused_from_the_header(width: int, height: int, code: str) -> None:
    """A few bytes that promise a huge picture cost nothing."""
    with pytest.raises(Refused) as refused:
        admit(png_header(width, height), Limits())
    assert refused.value.code == code


def test_a_webp_is_measured_before_its_decoder_reserves_memory() -> None:
    """Lossy, lossless and extended headers all tell their size."""
    large = np.repeat(np.repeat(HALVES, 100, 0), 150, 1)
    for options in ({"method": 0}, {"lossless": True, "method": 0}, {"method": 0, "exif": b"Exif\0\0"}):
        with pytest.raises(Refused) as refused:
            admit(encoded(large, "WEBP", **options), Limits(pixels=60_000_000))
        assert refused.value.code == "photo-too-many-pixels"


def test_a_lossless_webp_is_measured_by_what_it_needs() -> None:
    """It is refused with the number of pixels that may be sent, before it would fail for memory as "damaged"."""
    upload = bytearray(encoded(HALVES, "WEBP", lossless=True))
    upload[21:25] = ((4096 - 1) | (6000 - 1) << 14).to_bytes(4, "little")
    with pytest.raises(Refused) as refused:
        admit(bytes(upload), Limits())
    assert refused.value.code == "photo-too-many-pixels"
    assert refused.value.values == {"megapixels": 20}


@pytest.mark.parametrize(("is_clear", "megapixels"), [(False, 33), (True, 25)])
def test_an_avif_is_measured_by_what_it_needs(is_clear: bool, megapixels: int) -> None:
    """One of nearly so many pixels is admitted, one of a few more is refused with the number that may be sent."""
    pixels = np.dstack([HALVES, HALVES[..., :1]]) if is_clear else HALVES
    upload = encoded(pixels, "AVIF")
    size = struct.pack(">II", HALVES.shape[1], HALVES.shape[0])
    for more, is_taken in ((-90, True), (90, False)):
        height = (megapixels * 1_000_000) // 5_000 + more + 60
        sized = upload.replace(
            b"ispe" + bytes(4) + size, b"ispe" + bytes(4) + struct.pack(">II", 5_000, height)
        )
        assert sized != upload
        if is_taken:
            assert admit(sized, Limits()).size.height_px == height
            continue
        with pytest.raises(Refused) as refused:
            admit(sized, Limits())
        assert refused.value.code == "photo-too-many-pixels"
        assert refused.value.values == {"megapixels": megapixels}


def test_a_jpeg_with_endless_scans_is_refused_before_decoding() -> None:
    """Progressive scans are counted without decoding one."""
    upload = encoded(np.repeat(np.repeat(HALVES, 8, 0), 8, 1), "JPEG", progressive=True)
    start = upload.rindex(b"\xff\xda")
    scan = upload[start:-2]
    with pytest.raises(Refused) as refused:
        admit(upload[:-2] + scan * 50 + b"\xff\xd9", Limits())
    assert refused.value.code == "photo-too-complicated"


def test_a_png_with_endless_chunks_is_refused_before_decoding() -> None:
    """Chunks are counted without reading them."""
    chunk = struct.pack(">I", 0) + b"teXt" + struct.pack(">I", zlib.crc32(b"teXt"))
    with pytest.raises(Refused) as refused:
        admit(png_header(10, 10) + chunk * 20_001, Limits())
    assert refused.value.code == "photo-too-complicated"


def test_a_photo_cut_short_is_refused_as_damaged() -> None:
    """Half a file is no photo: it is asked for again, not shown half grey."""
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    for container in ("JPEG", "PNG", "WEBP", "AVIF"):
        upload = encoded(noise, container)
        with pytest.raises(Refused) as refused:
            developed(upload[: len(upload) // 2])
        assert refused.value.code == "photo-damaged"


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_stands_upright(turn: int) -> None:
    """Whatever the camera wrote, the picture stands as the photographer saw it."""
    stored = Image.fromarray(HALVES)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    if turn > 1:
        stored = stored.transpose(Image.Transpose(back[turn]))
    exif = Image.Exif()
    exif[0x0112] = turn
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", quality=95, exif=exif)
    picture = developed(buffer.getvalue())
    assert (picture.size.width_px, picture.size.height_px) == (40, 60)
    assert picture.pixels[5, 20, 0] > 180 and picture.pixels[55, 20, 2] > 180


def test_transparency_lies_over_white() -> None:
    """What shines through is white, not black and not what an editor left beneath."""
    hidden = np.zeros((20, 20, 4), np.uint8)
    hidden[..., 0] = 200
    assert (developed(encoded(hidden)).pixels == 255).all()


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    """Half of sixteen bits is half of eight."""
    grey = np.full((20, 20), 32768, np.uint16)
    assert np.abs(developed(encoded(grey)).pixels.astype(int) - 128).max() <= 1


def test_cmyk_becomes_rgb() -> None:
    """A print file's red is red."""
    buffer = io.BytesIO()
    Image.new("CMYK", (30, 30), (0, 255, 255, 0)).save(buffer, "JPEG", quality=95)
    pixel = developed(buffer.getvalue()).pixels[15, 15].astype(int)
    assert pixel[0] > 180 and pixel[1] < 80 and pixel[2] < 80


def test_another_colour_space_is_brought_to_srgb() -> None:
    """Lab data with its profile arrives as the colour it means."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = developed(encoded(HALVES, "PNG", icc_profile=profile.tobytes()))
    assert (plain.pixels == developed(encoded(HALVES, "PNG")).pixels).all()
    broken = developed(encoded(HALVES, "PNG", icc_profile=b"not a profile"))
    assert (broken.pixels == plain.pixels).all()


SWATCHES = np.array([(200, 60, 40), (40, 140, 70), (50, 80, 190), (128, 128, 128), (240, 220, 90)], np.uint8)
SRGB_TO_XYZ = np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7139]])
# The columns are the primaries, brought to the white of profiles (D50).
WIDE = {
    "Display P3": np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]]),
    "Adobe RGB (1998)": np.array(
        [[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]]
    ),
    "sRGB, or so it says": np.array(
        [[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]]
    ),
}


def profile_of(name: str, space: str, primaries: np.ndarray | None, gamma: float) -> bytes:
    """Write an ICC profile (version 2) of three primaries, or of grey, with one gamma."""

    def fixed(values: Sequence[float]) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    white = (0.9642, 1.0, 0.8249)
    curve = b"curv" + bytes(4) + struct.pack(">IHH", 1, round(gamma * 256), 0)
    text = name.encode("ascii") + b"\0"
    parts = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"wtpt": b"XYZ " + bytes(4) + fixed(white),
        b"cprt": b"text" + bytes(4) + b"CC0\0",
    }
    if primaries is None:
        parts[b"kTRC"] = curve
    else:
        for at, letter in enumerate(b"rgb"):
            parts[bytes([letter]) + b"XYZ"] = b"XYZ " + bytes(4) + fixed(primaries[:, at])
            parts[bytes([letter]) + b"TRC"] = curve
    table, body, at = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, part in parts.items():
        part += bytes(-len(part) % 4)
        table += tag + struct.pack(">II", at, len(part))
        body, at = body + part, at + len(part)
    head = struct.pack(">I4sI4s4s4s", at, b"none", 0x02400000, b"mntr", space.encode(), b"XYZ ") + bytes(12)
    head += b"acsp" + bytes(28) + fixed(white)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(parts)) + table + body


def linear(values: np.ndarray) -> np.ndarray:
    """Take sRGB's curve off."""
    shares = values / 255.0
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("container", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_wide_gamut_photo_keeps_its_colours(name: str, container: str) -> None:
    """What a phone stores in other primaries comes out as the same colours in sRGB, whatever the profile's name."""
    stored = linear(SWATCHES.astype(float)) @ SRGB_TO_XYZ.T @ np.linalg.inv(WIDE[name]).T
    codes = np.rint(np.clip(stored, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    assert np.abs(codes.astype(int) - SWATCHES).max() > 8
    squares = np.repeat(np.repeat(codes[None], 48, 0), 48, 1)
    exact = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}, "AVIF": {"quality": 98}}
    options = {**exact.get(container, {}), "icc_profile": profile_of(name, "RGB ", WIDE[name], 2.2)}
    pixels = developed(encoded(squares, container, **options)).pixels[24, 24::48].astype(int)
    assert np.abs(pixels - SWATCHES).max() <= 4


@pytest.mark.parametrize(("declared", "is_p3"), [(12, True), (1, False)])
def test_primaries_declared_by_number_are_obeyed(declared: int, is_p3: bool) -> None:
    """An AVIF that says "P3" without a profile comes out as the same colours in sRGB; one that says sRGB stays."""
    red = np.array([220, 60, 60])
    in_p3 = np.linalg.solve(_TO_SRGB, to_linear(red / 255))
    stored = np.rint(255 * (1.055 * in_p3 ** (1 / 2.4) - 0.055)).astype(np.uint8) if is_p3 else red
    upload = bytearray(
        encoded(np.full((64, 64, 3), stored, np.uint8), "AVIF", quality=100, subsampling="4:4:4")
    )
    at = upload.index(b"colrnclx") + len(b"colrnclx")
    upload[at : at + 2] = declared.to_bytes(2, "big")
    assert np.abs(developed(bytes(upload)).pixels[32, 32].astype(int) - red).max() <= 3


def test_a_grey_photo_keeps_its_lightness() -> None:
    """A grey profile with another gamma is obeyed."""
    options = {"icc_profile": profile_of("Gray Gamma 1.8", "GRAY", None, 1.8)}
    pixels = developed(encoded(np.full((40, 40), 100, np.uint8), "PNG", **options)).pixels
    shown = 255 * (1.055 * ((100 / 255) ** 1.8) ** (1 / 2.4) - 0.055)
    assert np.abs(pixels.astype(float) - shown).max() <= 2


def test_a_moving_picture_gives_its_first_moment_and_says_so() -> None:
    """The first frame is taken, of whatever can move; a still one is called still."""
    first, second = Image.fromarray(HALVES), Image.fromarray(HALVES[::-1])
    for container in ("GIF", "PNG", "WEBP", "AVIF"):
        buffer = io.BytesIO()
        first.save(buffer, container, save_all=True, append_images=[second], duration=100)
        admitted = admit(buffer.getvalue(), Limits())
        assert admitted.is_moving
        assert np.abs(decode(admitted, long_px=640).pixels[5, 20].astype(int) - (220, 30, 30)).max() < 40
        assert not admit(encoded(HALVES, container), Limits()).is_moving


def test_large_pictures_are_decoded_small() -> None:
    """The working picture has the size asked for, whichever container it came in."""
    large = np.repeat(np.repeat(HALVES, 40, 0), 40, 1)
    for container in ("JPEG", "PNG", "WEBP"):
        picture = developed(encoded(large, container), long_px=600)
        assert (picture.size.width_px, picture.size.height_px) == (400, 600)
        assert np.abs(picture.pixels[50, 200].astype(int) - (220, 30, 30)).max() < 12


def test_a_decoder_that_ran_out_of_memory_calls_no_photo_damaged() -> None:
    """The photo is whole; it is stored in a way that needs more than a child may have, and a screenshot helps."""
    for words in ("Memory allocation error: Unspecified", "Pixel allocation failed: Out of memory"):
        assert damage(RuntimeError(words)).code == "photo-too-complicated"
    assert damage(OSError("image file is truncated")).code == "photo-damaged"


def gif_with_a_frame(width: int, height: int) -> bytes:
    """Return a GIF of one pixel whose first picture is larger than that, to be cleared after it was shown."""
    control = b"!\xf9\x04\x08\x00\x00\x00\x00"
    frame = b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\x00\x02\x01\x28\x00"
    return b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x00\x00\x00" + control + b"\x00" + frame + b";"


def test_a_picture_beyond_its_screen_is_refused_before_memory_is_reserved() -> None:
    """A GIF's first picture may be larger than its screen: 55 bytes once made the decoder reserve 4 GB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused) as refused:
        admit(gif_with_a_frame(65_000, 65_000), Limits())
    assert refused.value.code == "photo-too-many-pixels"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_gif_cut_off_in_its_second_picture_is_its_first() -> None:
    """A line that broke in the place of the second picture: the first is there, and no checker breaks over it."""
    still = encoded(HALVES, "GIF").rstrip(b";")
    for length in range(10):
        admitted = admit(still + b",\x00\x00\x00\x00\x28\x00\x3c\x00\x00"[:length], Limits())
        assert not admitted.is_moving
        assert decode(admitted, long_px=60).size.height_px == 60
