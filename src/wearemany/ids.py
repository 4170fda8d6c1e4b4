"""Opaque identifiers from random bytes.

Internal ids carry no time and no order on purpose: a seized database must not tell who posted when.
"""

from __future__ import annotations

import base64

ID_BYTES = 16


def opaque(random_bytes: bytes) -> str:
    """Return 26 lower-case base32 characters for 16 random bytes.

    Raises ValueError when the argument is not exactly 16 bytes long.
    """
    if len(random_bytes) != ID_BYTES:
        raise ValueError(f"an id is made of {ID_BYTES} bytes, not {len(random_bytes)}")
    return base64.b32encode(random_bytes).decode("ascii").rstrip("=").lower()
