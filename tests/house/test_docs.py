"""The documents keep step with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tables import DOCS, HOUSE, PAGES, ROOT, commands

GLOSSARY = DOCS / "develop" / "glossary.md"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_reference_page_is_what_the_code_says(path: Path) -> None:
    """Options, commands and error codes are documented, all of them; `python -m tests.house.tables` writes them."""
    assert path.read_text() == PAGES[path]()


def test_every_command_has_an_example_that_names_it() -> None:
    """An example shows the command that it stands by."""
    for command in commands():
        assert f"wearemany {command.noun} {command.verb}".strip() in command.example
        assert command.help.endswith(".")


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in the documents points to a file."""
    broken = []
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_the_tour_points_at_rooms_that_exist() -> None:
    """Every path that the tour names exists."""
    text = (DOCS / "develop" / "tour.md").read_text()
    missing = [path for path in re.findall(r"`((?:src|docs)/[\w./]+)`", text) if not (ROOT / path).exists()]
    assert not missing


def test_glossary_words_live_in_the_code() -> None:
    """Each word of the glossary's left column is used in the source; one that is not has no business there."""
    source = "\n".join(path.read_text() for path in HOUSE.rglob("*.py")).lower()
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(), re.MULTILINE)[2:]
    words = [word.strip() for row in rows for word in row.split(",")]
    assert words
    unused = [
        word for word in words if word.lower() not in source and word.lower().replace(" ", "_") not in source
    ]
    assert unused == []


def test_the_card_names_the_training_as_the_script_does_it() -> None:
    """Who calls the training without options makes what the card of the model speaks of."""
    script = (ROOT / "training" / "train.py").read_text()
    steps, pictures = (
        int(re.findall(rf'"--{option}", type=int, default=(\d+)', script)[0]) for option in ("steps", "batch")
    )
    card = (HOUSE / "adapters" / "models" / "parser.md").read_text()
    assert f"{steps:,} steps of {pictures} pictures" in card
