"""Sealing: a blob is encrypted and authenticated in segments, so that it can be sealed while it arrives.

Layout of a sealed blob, version 1 (the STREAM construction):

    magic "wam" 01 (4 bytes) | salt (32 bytes) | segment 0 | segment 1 | ... | last segment

Each segment is ChaCha20-Poly1305 of at most 64 KiB of content, 16 bytes longer than the content. The cipher
key is HKDF-SHA256 of the blob's key and the salt, so one key may seal many blobs. The nonce is the segment's
number (11 bytes, big-endian) and a flag that is 1 for the last segment only; the header is authenticated with
every segment. Cutting, swapping, repeating, appending or flipping anything makes `open_sealed` fail; an empty
content is one empty last segment.

What does not live here: where keys come from (`keys`), where blobs go (`blobs`).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wearemany.adapters import clock
from wearemany.errors import N_, Broken

KEY_BYTES = 32
SEGMENT_BYTES = 64 * 1024
_TAG_BYTES = 16
_MAGIC = b"wam\x01"
_SALT_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES


class Sealer:
    """Seals one blob piece by piece; holds at most one segment (64 KiB) of content.

    Not for two threads at once. A sealer that was never finished has written nothing that `open_sealed`
    accepts, so an upload that broke off cannot be taken for a whole one.
    """

    def __init__(self, key: bytes) -> None:
        self._header = _MAGIC + clock.random_bytes(_SALT_BYTES)
        self._cipher = _segment_cipher(key, header=self._header)
        self._held = bytearray()
        self._segments = 0
        self._begun = False
        self._finished = False

    def update(self, content: bytes) -> bytes:
        """Take content and return the sealed bytes that are ready, often none."""
        if self._finished:
            raise ValueError("this blob is sealed already")
        self._held += content
        ready = [self._opening()]
        # A full segment stays here until more follows: only then is it known not to be the last.
        while len(self._held) > SEGMENT_BYTES:
            ready.append(self._next(bytes(self._held[:SEGMENT_BYTES]), last=0))
            del self._held[:SEGMENT_BYTES]
        return b"".join(ready)

    def finish(self) -> bytes:
        """Return the remaining sealed bytes; the blob is whole after them."""
        if self._finished:
            raise ValueError("this blob is sealed already")
        rest = self._opening() + self._next(bytes(self._held), last=1)
        self._held.clear()
        self._finished = True
        return rest

    def _opening(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return self._header

    def _next(self, content: bytes, *, last: int) -> bytes:
        nonce = _nonce(self._segments, last=last)
        self._segments += 1
        return self._cipher.encrypt(nonce, content, self._header)


def seal(key: bytes, content: bytes) -> bytes:
    """Return `content` sealed under a 32-byte key; sealing twice gives different bytes."""
    sealer = Sealer(key)
    return sealer.update(content) + sealer.finish()


def open_sealed(key: bytes, blob: bytes) -> bytes:
    """Return the content of a sealed blob; nothing is returned unless every byte of it is genuine.

    Raises Broken `sealed-blob-broken` when the key is another one or the blob was cut or changed.
    """
    header, body = blob[:_HEADER_BYTES], memoryview(blob)[_HEADER_BYTES:]
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise _broken("no header of version 1")
    cipher = _segment_cipher(key, header=header)
    step = SEGMENT_BYTES + _TAG_BYTES
    count = max(1, -(-len(body) // step))
    opened: list[bytes] = []
    for number in range(count):
        segment = bytes(body[number * step : (number + 1) * step])
        try:
            opened.append(cipher.decrypt(_nonce(number, last=int(number == count - 1)), segment, header))
        except InvalidTag:
            raise _broken(f"segment {number} of {count} is not genuine") from None
    return b"".join(opened)


def sealed_bytes(content_bytes: int) -> int:
    """Return how long a blob of `content_bytes` is once sealed."""
    segments = max(1, -(-content_bytes // SEGMENT_BYTES))
    return _HEADER_BYTES + content_bytes + segments * _TAG_BYTES


def _segment_cipher(key: bytes, *, header: bytes) -> ChaCha20Poly1305:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a blob's key has {KEY_BYTES} bytes, not {len(key)}")
    salt = header[len(_MAGIC) :]
    derived = HKDF(SHA256(), length=32, salt=salt, info=b"wearemany sealed blob 1").derive(key)
    return ChaCha20Poly1305(derived)


def _nonce(number: int, *, last: int) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _broken(cause: str) -> Broken:
    return Broken(
        "sealed-blob-broken",
        N_("A stored file is damaged or its key is gone, so it cannot be shown."),
        cause=cause,
    )
