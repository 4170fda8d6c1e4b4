"""Files that are the same for everybody: assets from memory, and the public log straight from the blob store.

Log files are C2SP tlog-tiles: tiles never change and may be kept for ever; a checkpoint is asked for anew each
time. Any page anywhere may read them, since a recount must not depend on us.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from wearemany.adapters.blobs import BlobStore
from wearemany.front.answers import (
    NO_STORE,
    OWN_HEADERS,
    SAME_ORIGIN,
    Answer,
    Header,
    not_modified,
    plain,
)
from wearemany.front.refusals import method_unknown
from wearemany.front.request import Request

_LOG_PATH = re.compile(
    r"/log/(?P<handle>[a-z0-9][a-z0-9_-]{0,39})/"
    r"(?:(?P<checkpoint>checkpoint|vkey|announcement)"
    r"|tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/){0,5}[0-9]{3}(?:\.p/(?:[1-9][0-9]{0,2}))?)"
)
_FOR_EVER: Header = (b"cache-control", b"public, max-age=31536000, immutable")
_ANY_ORIGIN: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_TILES_KEPT = 256
_PACKED_TYPES = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "application/manifest",
)


@dataclass(frozen=True)
class _Asset:
    whole: Answer
    packed: Answer
    etags: tuple[bytes, bytes]


class Assets:
    """The files below /static/, packed once; their names carry a digest, so that they never change."""

    def __init__(self, table: Mapping[str, tuple[bytes, str]]) -> None:
        self._assets = {
            path.removeprefix("/").removeprefix("static/"): _asset(content, media_type)
            for path, (content, media_type) in table.items()
        }

    def answer(self, request: Request) -> Answer:
        """Answer a request below /static/."""
        if not request.reads:
            raise method_unknown()
        asset = self._assets.get(request.path.removeprefix("/static/"))
        if asset is None:
            return plain(404, "Not found.\n", NO_STORE, SAME_ORIGIN)
        chosen = asset.packed if request.takes_gzip else asset.whole
        return not_modified(chosen) if request.holds(*asset.etags) else chosen


def _asset(content: bytes, media_type: str) -> _Asset:
    digest = hashlib.sha256(content).hexdigest()[:32].encode()
    etags = (b'"' + digest + b'"', b'"' + digest + b'-g"')
    headers = (
        (b"content-type", media_type.encode()),
        _FOR_EVER,
        # The other policies speak of pages; on a slow line every head counts.
        *OWN_HEADERS[:2],
        SAME_ORIGIN,
    )
    whole = Answer(200, (*headers, (b"etag", etags[0])), content)
    packed_bytes = gzip.compress(content, 9, mtime=0) if media_type.startswith(_PACKED_TYPES) else content
    if len(packed_bytes) >= len(content):
        return _Asset(whole, whole, etags)
    vary = (b"vary", b"accept-encoding")
    packed = Answer(200, (*headers, vary, (b"content-encoding", b"gzip"), (b"etag", etags[1])), packed_bytes)
    return _Asset(whole.with_headers(vary), packed, etags)


class LogFiles:
    """Checkpoints and tiles as the store has them; full and partial tiles are kept in memory for a while."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._tiles: OrderedDict[str, bytes] = OrderedDict()

    async def answer(self, request: Request) -> Answer:
        """Answer a request below /log/; anything but a well-formed path is 404."""
        match = _LOG_PATH.fullmatch(request.path)
        if match is None:
            return plain(404, "Not found.\n", NO_STORE, *_ANY_ORIGIN)
        if request.method == "OPTIONS":
            allowed = ((b"access-control-allow-methods", b"GET, HEAD"), (b"allow", b"GET, HEAD, OPTIONS"))
            return Answer(204, (*allowed, *_ANY_ORIGIN, *OWN_HEADERS))
        if not request.reads:
            raise method_unknown()
        key = request.path.removeprefix("/")
        if match["checkpoint"]:
            content = await self._store.get_or_none_async(key)
        else:
            content = await self._tile(key)
        if content is None:
            return plain(404, "Not found.\n", NO_STORE, *_ANY_ORIGIN)
        return _log_answer(content, request, changes=bool(match["checkpoint"]))

    async def _tile(self, key: str) -> bytes | None:
        content = self._tiles.get(key)
        if content is None:
            content = await self._store.get_or_none_async(key)
            if content is not None:
                self._tiles[key] = content
                if len(self._tiles) > _TILES_KEPT:
                    self._tiles.popitem(last=False)
        return content


def _log_answer(content: bytes, request: Request, *, changes: bool) -> Answer:
    etag = b'"' + hashlib.sha256(content).hexdigest()[:32].encode() + b'"'
    kept: Header = (b"cache-control", b"no-cache") if changes else _FOR_EVER
    media_type = b"text/plain; charset=utf-8" if changes else b"application/octet-stream"
    headers = ((b"content-type", media_type), kept, (b"etag", etag), *_ANY_ORIGIN, *OWN_HEADERS)
    answer = Answer(200, headers, content)
    return not_modified(answer) if request.holds(etag) else answer
