"""The text that people read, found in the source, and its catalogues.

`python -m tests.house.messages` brings every catalogue in step with the source and compiles it; what is new comes
without a translation, and a test fails until somebody gives it one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "wearemany"
LOCALE = HOUSE / "locale"
LANGUAGES = ("ru",)
KEYWORDS = {
    "N_": None,
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True)
class Found:
    """One text: singular, plural where there is one, its context, and the file it stands in."""

    singular: str
    plural: str
    context: str
    place: str


def texts() -> Iterator[Found]:
    """Yield every translatable text of the source."""
    for path in sorted(HOUSE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _texts_in(path.read_text(), path)
    for suffix in ("*.html", "*.txt"):
        for path in sorted(HOUSE.rglob(suffix)):
            if "templates" in path.parts:
                yield from _texts_in(templatize(path.read_text()), path)


def _texts_in(source: str, path: Path) -> Iterator[Found]:
    for _line, message, _comments, context in extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS
    ):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield Found(singular, plural, context or "", path.relative_to(ROOT).as_posix())


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def po_path(language: str) -> Path:
    """Return where a language's catalogue is kept."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def updated(language: str) -> Catalog:
    """Return the catalogue with what is new added (untranslated) and what is gone left out."""
    kept = catalogue(language)
    fresh = Catalog(
        locale=language, domain="django", project="We Are Many", charset="utf-8", fuzzy=False,
        creation_date=kept.creation_date, revision_date=kept.revision_date,
        header_comment="# The interface in another language; the source language is English.",
    )  # fmt: skip
    for found in texts():
        key = (found.singular, found.plural) if found.plural else found.singular
        before = kept.get(found.singular, found.context or None)
        old = (
            before.string if before is not None and bool(before.pluralizable) == bool(found.plural) else None
        )
        flags = () if "%(" not in found.singular else ("python-format",)
        if fresh.get(found.singular, found.context or None) is None:
            fresh.add(
                key, old or None, context=found.context or None, flags=flags, locations=[(found.place, 0)]
            )
    return fresh


def mo_bytes(kept: Catalog) -> bytes:
    """Return the compiled catalogue."""
    compiled = io.BytesIO()
    write_mo(compiled, kept)
    return compiled.getvalue()


def main() -> None:
    """Write and compile every catalogue."""
    for language in LANGUAGES:
        fresh = updated(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, fresh, width=110, include_lineno=False, sort_output=True, omit_header=False)
        path.with_suffix(".mo").write_bytes(mo_bytes(catalogue(language)))
        missing = [message.id for message in fresh if message.id and not _is_whole(message.string)]
        print(f"{language}: {len(fresh)} texts, {len(missing)} without a translation")


def _is_whole(string: str | tuple[str, ...] | None) -> bool:
    return bool(string) and (isinstance(string, str) or all(string or ()))


if __name__ == "__main__":
    main()
