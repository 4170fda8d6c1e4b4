"""What an upload is by its first bytes, whatever its name says. Standard library only; nothing is decoded."""

from __future__ import annotations

from wearemany.darkroom.refusals import refusal
from wearemany.errors import Refused

HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"miaf"))
AVIF_BRANDS = frozenset((b"avif", b"avis"))
VIDEO_BRANDS = frozenset((b"isom", b"iso2", b"mp41", b"mp42", b"qt  ", b"M4V ", b"3gp4", b"3gp5", b"dash"))

OTHER_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"\x00\x00\x02\x00", "cursor"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance"),
    (b"P1", "PBM"),
    (b"P2", "PGM"),
    (b"P3", "PPM"),
    (b"P4", "PBM"),
    (b"P5", "PGM"),
    (b"P6", "PPM"),
    (b"P7", "PAM"),
)
CAMERA_RAW: tuple[bytes, ...] = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIU\x00",
    b"\x00MRM",
    b"FOVb",
    b"II\x1a\x00\x00\x00HEAPCCDR",
)
DOCUMENTS: tuple[bytes, ...] = (b"%PDF", b"%!PS", b"\xc5\xd0\xd3\xc6", b"\xd0\xcf\x11\xe0", b"{\\rtf")
ARCHIVES: tuple[bytes, ...] = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
)
VIDEOS: tuple[bytes, ...] = (
    b"\x1a\x45\xdf\xa3",
    b"FLV",
    b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3",
    b"OggS",
    b"FWS",
    b"CWS",
)
SOUNDS: tuple[bytes, ...] = (b"ID3", b"fLaC", b"MThd")
WEB_PAGES: tuple[bytes, ...] = (b"<!doctype html", b"<html", b"<script", b"<?php", b"<head", b"<body")


def sniff(upload: bytes) -> str:
    """Return Pillow's name of the container: JPEG, PNG, WEBP, AVIF, HEIF or GIF; Refused for all else."""
    if not upload:
        raise refusal("upload-empty")
    head = upload[:64]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[4:8] == b"ftyp":
        return _brand(upload)
    raise _why_not(upload)


def _brand(upload: bytes) -> str:
    """Tell AVIF, HEIC and video apart by the brands of the first box."""
    length = int.from_bytes(upload[:4], "big")
    box = upload[8 : min(length, 256)]
    brands = [box[:4], *(box[at : at + 4] for at in range(8, len(box) - 3, 4))]
    if any(brand in AVIF_BRANDS for brand in brands):
        return "AVIF"
    if any(brand in HEIC_BRANDS for brand in brands):
        return "HEIF"
    if brands[0] in (b"M4A ", b"M4B "):
        raise refusal("upload-sound")
    if brands[0] == b"crx ":
        raise refusal("upload-raw")
    if any(brand in VIDEO_BRANDS for brand in brands):
        raise refusal("upload-video")
    raise refusal("upload-not-a-picture", cause=f"brands {brands[:4]!r}")


def _why_not(upload: bytes) -> Refused:
    """Return the most helpful sentence for something that is not a picture we take."""
    head, low = upload[:64], upload[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(CAMERA_RAW) or (head[:4] in (b"II*\x00", b"MM\x00*") and head[8:10] == b"CR"):
        return refusal("upload-raw")
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return refusal("upload-other-format", format="TIFF")
    if head[:4] == b"RIFF":
        return refusal("upload-sound" if head[8:12] == b"WAVE" else "upload-video")
    for codes, code in ((DOCUMENTS, "upload-document"), (VIDEOS, "upload-video"), (SOUNDS, "upload-sound")):
        if head.startswith(codes):
            return refusal(code)
    if b"<svg" in low or low.startswith(b"<?xml"):
        return refusal("upload-drawing")
    if head.startswith(ARCHIVES):
        return refusal("upload-archive")
    for magic, name in OTHER_PICTURES:
        if head.startswith(magic):
            return refusal("upload-other-format", format=name)
    if low.startswith(WEB_PAGES) or _is_text(low[:256]):
        return refusal("upload-web-page")
    return refusal("upload-not-a-picture", cause=f"starts with {head[:8].hex()}")


def _is_text(sample: bytes) -> bool:
    """Say whether the sample is printable ASCII: a page, a list, a message."""
    return len(sample) >= 4 and all(32 <= byte < 127 or byte in (9, 10, 13) for byte in sample)
