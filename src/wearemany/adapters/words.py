"""The word lists that keep-codes are made of: BIP39, as the `mnemonic` package ships them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources

from wearemany.errors import N_, Broken

LISTS = {"en": "english", "ru": "russian"}
FALLBACK = "english"
LIST_LENGTH = 2048

# mnemonic 0.21 ships one Russian word with two bytes lost; whoever was given it could never type it.
MENDED = {"сно\ufffd\ufffdа": "снова"}


def load(language: str) -> tuple[str, ...]:
    """Return the 2048 words, in NFC, for a page in this language: Russian for `ru` and its regions, else English."""
    return _read(LISTS.get(language.split("-")[0].lower(), FALLBACK))


@lru_cache(maxsize=len(LISTS))
def _read(name: str) -> tuple[str, ...]:
    text = (resources.files("mnemonic") / "wordlist" / f"{name}.txt").read_text("utf-8")
    words = tuple(MENDED.get(word, word) for word in unicodedata.normalize("NFC", text).split())
    if len(set(words)) != LIST_LENGTH or not all(map(str.isalpha, words)):
        raise Broken(
            "word-list-wrong",
            N_("The word list for secret codes is damaged. Please install the server's packages again."),
            cause=f"{name}: {len(words)} words, {len(set(words))} different, or one that nobody can type",
        )
    return words
