"""The look: eleven colours with enough contrast, errors without colour, assets under their digests."""

from __future__ import annotations

import hashlib
import re

import pytest

from wearemany.darkroom.orders import COLOURS
from wearemany.web import assets
from wearemany.web.icons import icons

SHEET = (assets.FOLDER / "css" / "base.css").read_text("utf-8")
RULE = re.compile(r'\[data-colour="(\w+)"\] \{([^}]*)\}')
TOKEN = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")


def luminance(colour: str) -> float:
    """Return WCAG relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return WCAG contrast."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, tuple[dict[str, str], dict[str, dict[str, str]]]]:
    """Return, for light and dark, the neutral tokens and those of each colour."""
    light, _, rest = SHEET.partition("@media (prefers-color-scheme: dark)")
    dark = rest.partition("/* Ground */")[0]
    found = {}
    for name, part in (("light", light), ("dark", dark)):
        root = dict(TOKEN.findall(part[part.index(":root") : part.index("[data-colour")]))
        found[name] = root, {colour: dict(TOKEN.findall(body)) for colour, body in RULE.findall(part)}
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_can_be_read(scheme: str, colour: str) -> None:
    """AA or better for any campaign: words on the fill, words in the colour, ink on the tint, outlines."""
    root, colours = schemes()[scheme]
    tokens = colours[colour]
    assert contrast(tokens["on-fill"], tokens["fill"]) >= 4.5
    for ground in (root["paper"], root["surface"], tokens["wash"]):
        assert contrast(tokens["colour"], ground) >= 4.5
        assert contrast(root["ink"], ground) >= 7
        assert contrast(root["soft"], ground) >= 4.5
    assert contrast(tokens["edge"], root["paper"]) >= 3
    assert contrast(root["rule"], root["paper"]) >= 3


@pytest.mark.parametrize("colour", ["black", "white", "grey"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_without_colour_are_ink_and_paper(scheme: str, colour: str) -> None:
    """For black, white and grey nothing borrows a hue."""
    _, colours = schemes()[scheme]
    for value in colours[colour].values():
        parts = [int(value[place : place + 2], 16) for place in (1, 3, 5)]
        assert max(parts) - min(parts) <= 24


def test_errors_never_wear_the_campaigns_colour() -> None:
    """The rules for errors name neutral tokens only."""
    rules = [
        rule
        for rule in re.findall(r"[^{}]*\{[^{}]*\}", re.sub(r"(?s)/\*.*?\*/", "", SHEET))
        if "error" in rule.split("{")[0]
    ]
    assert rules
    for rule in rules:
        assert not re.search(r"--(fill|colour|edge|wash|on-fill)", rule)


def test_assets_are_named_by_their_bytes() -> None:
    """A path never means other bytes; style sheets lose their comments; nothing is fetched from elsewhere."""
    for path, (content, media_type) in assets.table().items():
        assert hashlib.sha256(content).hexdigest()[:16] in path
        if media_type.startswith("text/css"):
            assert b"/*" not in content and b"http" not in content and b"@import" not in content
        if media_type.startswith("text/javascript"):
            assert not re.search(rb"https?://|\beval\(", content), path
    assert assets.url("css/base.css") in assets.table()


def test_a_missing_asset_is_found_out_at_once() -> None:
    """A template cannot name an asset that there is not."""
    with pytest.raises(KeyError):
        assets.url("css/nothing.css")


def test_icons_are_paths_only() -> None:
    """Nothing but drawing commands goes into a page as it is."""
    assert all(re.fullmatch(r"[MmLlHhVvCcSsQqTtAaZz0-9 .,-]+", path) for path in icons().values())
