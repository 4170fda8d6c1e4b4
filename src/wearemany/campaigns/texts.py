"""Which of a campaign's texts a reader gets: her language, else its relative, else the campaign's first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wearemany.campaigns.models import Campaign, CampaignText


def best_language(wanted: str, offered: Sequence[str]) -> str:
    """Return the offered tag that serves `wanted` best; `offered` is in order of preference and not empty."""
    root = wanted.split("-")[0].lower()
    for tag in offered:
        if tag.lower() == wanted.lower():
            return tag
    for tag in offered:
        if tag.split("-")[0].lower() == root:
            return tag
    return offered[0]


def text_for(campaign: Campaign, language: str) -> CampaignText:
    """Return the campaign's text for a reader of `language`; every campaign has at least one."""
    by_language = {text.language: text for text in campaign.texts.all()}
    order = [tag for tag in campaign.languages if tag in by_language] or sorted(by_language)
    return by_language[best_language(language, order)]


def words_for(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return (language tag, text) that serve `language` best out of a non-empty mapping of tag to text."""
    tag = best_language(language, list(words))
    return tag, words[tag]
