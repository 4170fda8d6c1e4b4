"""Style sheets, scripts and pictures of the interface, under names made from their own bytes.

A name never means other bytes, so browsers may keep an asset for good. Templates ask `url`, the front serves `table`.
Comments and indentation stay here: they would cost a slow line a fifth more. (Scripts hold no text over several lines.)
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).resolve().parent / "static"
PREFIX = "/static/"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
}

_REFERENCE = re.compile(r'url\("?([^")]+)"?\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCRIPT_NOTES = re.compile(r"^[ ]*(?:/\*.*?\*/\n?|//[^\n]*\n)|^[ ]+|^\n", re.DOTALL | re.MULTILINE)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,]) ?")


@dataclass(frozen=True)
class Asset:
    """One asset as it is served: its path with the digest in it, its bytes, its media type."""

    path: str
    content: bytes
    media_type: str


def table() -> dict[str, tuple[bytes, str]]:
    """Return every asset as {path: (bytes, media type)}; each may be cached for ever."""
    return {asset.path: (asset.content, asset.media_type) for asset in _assets().values()}


def url(name: str) -> str:
    """Return the path of the asset called `name` (such as `css/base.css`); KeyError when there is none."""
    return _assets()[name].path


@cache
def _assets() -> dict[str, Asset]:
    """Read all assets once. Style sheets come last, since they name others."""
    assets: dict[str, Asset] = {}
    files = [path for path in sorted(FOLDER.rglob("*")) if path.is_file() and path.suffix in MEDIA_TYPES]
    for path in sorted(files, key=lambda path: path.suffix == ".css"):
        name = path.relative_to(FOLDER).as_posix()
        content = path.read_bytes()
        if path.suffix == ".css":
            content = _style(content.decode(), folder=PurePosixPath(name).parent, assets=assets).encode()
        elif path.suffix == ".js":
            content = _SCRIPT_NOTES.sub("", content.decode()).encode()
        assets[name] = Asset(_path(name, content), content, MEDIA_TYPES[path.suffix])
    return assets


def _path(name: str, content: bytes) -> str:
    """Put a digest before the suffix: 64 bits, enough to tell our own few files apart."""
    path = PurePosixPath(name)
    digest = hashlib.sha256(content).hexdigest()[:16]
    return f"{PREFIX}{path.with_name(f'{path.stem}.{digest}{path.suffix}')}"


def _style(text: str, *, folder: PurePosixPath, assets: dict[str, Asset]) -> str:
    """Return a style sheet without comments and needless space, its references by digest name."""
    text = _SPACE.sub(" ", _COMMENT.sub("", text))
    text = _AROUND.sub(r"\1", text).strip()
    return _REFERENCE.sub(lambda found: f'url("{_referred(found.group(1), folder, assets)}")', text)


def _referred(reference: str, folder: PurePosixPath, assets: dict[str, Asset]) -> str:
    parts: list[str] = []
    for part in (folder / reference).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return assets["/".join(parts)].path
