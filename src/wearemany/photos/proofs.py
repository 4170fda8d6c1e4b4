"""A small proof of work, in altcha's format, asked of browsers while a campaign is under attack. Never the only door.

The challenge is bound to the secret code of the form it stands in, so a proof is good for one post and for no other,
on every node, without anybody keeping a list. It expires, and it is signed with the server's own pepper. Whoever
has no proof still posts: that post is developed after others, and a person looks at it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from wearemany.adapters import clock, server
from wearemany.photos.keepcode import normalise

ALGORITHM = "SHA-256"
NUMBER_MAX = 30_000
"""On average half of it is tried: some seconds on an old phone, while the form is being filled in."""

KEPT_S = 24 * 3600
_BOUND_BYTES = 12
_PAYLOAD_MAX = 2_000
_EXPIRES = "?expires="


def challenge_make(code: str) -> dict[str, object]:
    """Return a challenge for the form that has this code, as altcha's clients read it."""
    salt = f"{_bound(code)}{_EXPIRES}{int(clock.now().timestamp()) + KEPT_S}"
    number = int.from_bytes(clock.random_bytes(8)) % NUMBER_MAX
    challenge = _hashed(salt, number)
    return {
        "algorithm": ALGORITHM,
        "challenge": challenge,
        "maxnumber": NUMBER_MAX,
        "salt": salt,
        "signature": _signed(challenge),
    }


def proof_holds(proof: str, *, code: str) -> bool:
    """Tell whether this is an answer to a challenge of ours for this code that has not expired."""
    try:
        told = json.loads(base64.b64decode(proof[:_PAYLOAD_MAX], validate=True))
        salt, number, challenge = str(told["salt"]), int(told["number"]), str(told["challenge"])
        signature, algorithm = str(told["signature"]), told["algorithm"]
        bound, _, expires = salt.partition(_EXPIRES)
        is_young = clock.now().timestamp() < int(expires)
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False
    return (
        algorithm == ALGORITHM
        and is_young
        and _is(bound, _bound(code))
        and 0 <= number <= NUMBER_MAX
        and _is(challenge, _hashed(salt, number))
        and _is(signature, _signed(challenge))
    )


def _is(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _bound(code: str) -> str:
    peppered = server.keys().peppered(normalise(code).encode(), purpose="proof of work")
    return peppered[:_BOUND_BYTES].hex()


def _hashed(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _signed(challenge: str) -> str:
    return server.keys().peppered(challenge.encode(), purpose="proof of work's challenge").hex()
