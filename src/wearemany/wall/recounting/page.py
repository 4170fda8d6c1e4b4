"""The recount page: one file that recounts any wall in a browser, from a server, from a mirror or from disk.

It is the same bytes for every campaign, language and server of one version of this software, so that its digest can be
compared by anyone with anyone. Its parts lie in `recounting/`; its own policy allows exactly its own script and style.
"""

from __future__ import annotations

import base64
import gettext
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.tlog.note import Signer, sign
from wearemany.wall.entry import ANY_KIND_PATTERN, FIELD_PATTERN, PATTERNS
from wearemany.wall.recounting.words import WORDS

PAGE_PATH = "recount.html"
NOTE_PATH = "recount.html.note"
NOTE_HEAD = "wearemany recount page v1"
COUNTING_PARTS = ("sums.js", "signature.js", "log.js", "announcement.js", "recount.js", "receipt.js")
_PARTS = Path(__file__).parent
_LOCALE = Path(__file__).resolve().parents[2] / "locale"
_NAME = re.compile(r"\?P<(\w+)>")
_SLOT = re.compile(r'(data-t="(\w+)"[^>]*>)</')


@dataclass(frozen=True)
class RecountPage:
    """The page's bytes, their SHA-256 in hex, and the policy under which a server has to show it."""

    content: bytes
    digest: str
    policy: str


@cache
def recount_page() -> RecountPage:
    """Return the page; made once a process, the same every time."""
    script = "\n".join(
        (
            f'(function () {{\n"use strict";\nconst WORDS = {_as_script(_words())};',
            counting_script(),
            _part("results.js"),
            _part("page.js"),
            "})();",
        )
    )
    style = _part("page.css")
    policy = (
        f"default-src 'none'; script-src '{_source(script)}'; style-src '{_source(style)}'; connect-src http: https:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _SLOT.sub(lambda slot: f"{slot[1]}{WORDS[slot[2]]}</", _part("page.html"))
    for name, text in (("POLICY", policy), ("STYLE", style), ("SCRIPT", script)):
        page = page.replace(f"@{name}@", text)
    content = page.encode()
    return RecountPage(content, hashlib.sha256(content).hexdigest(), f"{policy}; frame-ancestors 'none'")


def page_note(signer: Signer) -> bytes:
    """Return a signed note that says which page this server gives out: its digest and its length in bytes."""
    page = recount_page()
    text = f"{NOTE_HEAD}\n{signer.name}\nsha256 {page.digest}\nbytes {len(page.content)}\n"
    return sign(text, signer).data


def counting_script() -> str:
    """Return the part of the script that counts, without anything of the page around it."""
    kinds = {
        kind: {"pattern": _NAME.sub("", pattern), "names": _NAME.findall(pattern)}
        for kind, pattern in PATTERNS.items()
    }
    rules = {"kinds": kinds, "any": ANY_KIND_PATTERN, "field": FIELD_PATTERN}
    return "\n".join((f"const RULES = {_as_script(rules)};", *(_part(name) for name in COUNTING_PARTS)))


def _words() -> dict[str, dict[str, object]]:
    """Return everything that the page may say, by language; each language with its own name."""
    found: dict[str, dict[str, object]] = {}
    for language in INTERFACE_LANGUAGES:
        say = gettext.translation("django", _LOCALE, languages=[language.code], fallback=True).gettext
        found[language.code] = {"": language.name, **{key: say(text) for key, text in WORDS.items()}}
    return found


def _part(name: str) -> str:
    return (_PARTS / name).read_text("utf-8").rstrip("\n")


def _as_script(value: object) -> str:
    """Return a value as JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).replace("<", "\\u003c")


def _source(text: str) -> str:
    """Return how a policy names an inline script or style: by its digest, without the line breaks around it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
