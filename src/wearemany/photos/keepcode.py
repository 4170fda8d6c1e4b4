"""The keep-code: seven words that own a post. Made once, shown to the author, never stored as they are.

Pure. Where randomness and word lists come from is not here (adapters.clock, adapters.words); nor where the digest
is kept. Whoever reads a code may take the post back, so it stands in no path, query or log.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

WORDS = 7
BITS_PER_WORD = 11
BITS = WORDS * BITS_PER_WORD
RANDOM_BYTES = -(-BITS // 8)
LIST_LENGTH = 1 << BITS_PER_WORD
LONGEST_TYPED = 400  # characters; no code is as long, and normalising a stranger's text costs time

# Letters that hurried writers and many keyboards do not tell apart; the word lists hold none of the left ones.
MERGED = str.maketrans({"ё": "е"})


def make(random_bytes: bytes, words: Sequence[str]) -> str:
    """Return a code of seven words, 77 bits, from at least ten random bytes and a list of 2048 words."""
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"a keep-code takes {RANDOM_BYTES} random bytes, not {len(random_bytes)}")
    if len(words) != LIST_LENGTH:
        raise ValueError(f"a keep-code takes a list of {LIST_LENGTH} words, not {len(words)}")
    number = int.from_bytes(random_bytes[:RANDOM_BYTES])
    places = [number >> BITS_PER_WORD * place & LIST_LENGTH - 1 for place in range(WORDS)]
    return " ".join(words[place] for place in places)


def normalise(text: str) -> str:
    """Return a typed or pasted code as it was made: small letters, ё as е, one space between words, NFC.

    Whatever is not a letter parts words: hyphens, commas, line breaks, the numbers of a list. Twice is as once.
    A text far too long for a code gives the empty string, which is no post's code.
    """
    if len(text) > LONGEST_TYPED:
        return ""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(MERGED)
    return " ".join("".join(letter if _is_letter(letter) else " " for letter in folded).split())


def digest(code: str, pepper: bytes) -> bytes:
    """Return the 32 bytes that stand for a code in a row: HMAC-SHA256 of the normalised code under the pepper."""
    return hmac.digest(pepper, normalise(code).encode(), hashlib.sha256)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"
