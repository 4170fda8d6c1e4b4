"""Every text that people read is translated, and the translation fits."""

from __future__ import annotations

import re

import pytest

from tests.house.messages import LANGUAGES, catalogue, mo_bytes, po_path, texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language: str) -> None:
    """No text of the source lacks a translation, plural forms included."""
    kept = catalogue(language)
    missing = []
    for found in texts():
        message = kept.get(found.singular, found.context or None)
        forms = message.string if message is not None else ""
        forms = (forms,) if isinstance(forms, str) else forms
        if not all(forms) or (found.plural and len(forms) != kept.num_plurals):
            missing.append(f"{found.place}: {found.singular}")
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    """A translation uses the placeholders of its source and invents none."""
    odd = []
    for message in catalogue(language):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        known = {name for text in sources for name in re.findall(r"%\(\w+\)\w", text)}
        for form in message.string if isinstance(message.string, tuple) else (message.string or "",):
            used = set(re.findall(r"%\(\w+\)\w", form))
            if not used <= known or (len(sources) == 1 and used != known):
                odd.append(form)
    assert not odd


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_in_step(language: str) -> None:
    """What is served is what is written: `python -m tests.house.messages` compiles it."""
    assert po_path(language).with_suffix(".mo").read_bytes() == mo_bytes(catalogue(language))
