"""The languages of the interface, and what we need to know of a language tag. Campaign texts may be in any."""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True)
class Language:
    """An interface language: `code` stands in the path, `name` is what its speakers call it."""

    code: str
    name: str


INTERFACE_LANGUAGES = (Language("en", "English"), Language("ru", "Русский"))


def is_tag(text: str) -> bool:
    """Tell whether `text` has the shape of a BCP 47 language tag that we accept."""
    return len(text) <= 35 and LANGUAGE_TAG.fullmatch(text) is not None


def direction(tag: str) -> str:
    """Return "rtl" or "ltr" for the HTML `dir` attribute."""
    return "rtl" if tag.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
