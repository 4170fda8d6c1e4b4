"""`wearemany campaign`: open, show, amend, pause, resume, close. Freeze and thaw are in `panic`."""

from __future__ import annotations

import argparse
import datetime
import json
import sys

from wearemany.accounts.services import account_by_name
from wearemany.campaigns.amending import TextChange, campaign_amend
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.rule_words import PRESETS
from wearemany.campaigns.services import (
    CallWords,
    CampaignOrder,
    campaign_by_handle,
    campaign_close,
    campaign_open,
    campaign_pause,
    campaign_resume,
)
from wearemany.cli.careful import presets_told, wishes_read
from wearemany.cli.command import Command, argument
from wearemany.cli.photo import PICKED_COLOUR
from wearemany.errors import N_, Refused
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import tally


def by_language(given: list[str]) -> dict[str, str]:
    """Read LANG=TEXT pairs; raises Refused with code `words-unreadable`."""
    words = {}
    for pair in given:
        language, found, text = pair.partition("=")
        if not found:
            raise Refused(
                "words-unreadable",
                N_("Write words as LANGUAGE=TEXT, such as en=Hello: %(given)s"),
                given=pair,
            )
        words[language.strip()] = text
    return words


def lines_by_language(given: list[str]) -> dict[str, str]:
    """Read LANG=LINE pairs; a language given several times has several lines."""
    lines: dict[str, list[str]] = {}
    for pair in given:
        for language, line in by_language([pair]).items():
            lines.setdefault(language, []).append(line)
    return {language: "\n".join(found) for language, found in lines.items()}


def read_day(text: str) -> datetime.date:
    """Read a day for argparse."""
    return datetime.date.fromisoformat(text)


def open_campaign(chosen: argparse.Namespace) -> int:
    """Open a campaign and append its first log entry."""
    titles, calls = by_language(chosen.title), by_language(chosen.call)
    about, run_by, run_from = map(by_language, (chosen.about, chosen.run_by, chosen.run_from))
    legal_aid = lines_by_language(chosen.legal_aid)
    if not chosen.preset:
        print(
            f"How careful shall the campaign be? Choose one with --preset.\n\n{presets_told()}\n",
            file=sys.stderr,
        )
    order = CampaignOrder(
        handle=chosen.handle,
        phrase=chosen.phrase,
        words={
            language: CallWords(
                title,
                calls.get(language, ""),
                about_honouree=about.get(language, ""),
                run_by=run_by.get(language, ""),
                run_from=run_from.get(language, ""),
                legal_aid=legal_aid.get(language, ""),
            )
            for language, title in titles.items()
        },
        colour=chosen.colour,
        preset=chosen.preset,
        honouree=chosen.honouree,
        tag=chosen.tag,
        spellings=tuple(chosen.spelling),
        garments=chosen.garments,
        picked=chosen.picked,
        tolerance=chosen.tolerance,
        expects_face=not chosen.no_face,
        time_zone=chosen.time_zone,
        starts_on=chosen.starts_on,
        ends_on=chosen.ends_on,
        stricter=wishes_read(chosen.stricter),
    )
    organiser = account_by_name(chosen.organiser) if chosen.organiser else None
    campaign = campaign_open(order, organiser=organiser)
    append_campaign(campaign)
    if not chosen.json:
        print(f"What this cannot prevent: {PRESETS[campaign.preset].remains}", file=sys.stderr)
    return _print(campaign, chosen)


def show(chosen: argparse.Namespace) -> int:
    """Print a campaign and its number."""
    return _print(campaign_by_handle(chosen.handle), chosen)


def amend(chosen: argparse.Namespace) -> int:
    """Change what is said beside the call."""
    about, run_by, run_from = map(by_language, (chosen.about, chosen.run_by, chosen.run_from))
    legal_aid = lines_by_language(chosen.legal_aid)
    campaign = campaign_by_handle(chosen.handle)
    changes = {
        language: TextChange(
            about_honouree=about.get(language),
            run_by=run_by.get(language),
            run_from=run_from.get(language),
            legal_aid=legal_aid.get(language),
        )
        for language in {**about, **run_by, **run_from, **legal_aid}
    }
    campaign_amend(campaign=campaign, changes=changes)
    return _print(campaign, chosen)


def pause(chosen: argparse.Namespace) -> int:
    """Pause a campaign."""
    campaign_pause(campaign=campaign_by_handle(chosen.handle), notice=by_language(chosen.notice))
    return _appended(chosen)


def resume(chosen: argparse.Namespace) -> int:
    """Resume a campaign."""
    campaign_resume(campaign=campaign_by_handle(chosen.handle), notice=by_language(chosen.notice))
    return _appended(chosen)


def close(chosen: argparse.Namespace) -> int:
    """Close a campaign for good."""
    campaign_close(campaign=campaign_by_handle(chosen.handle), notice=by_language(chosen.notice))
    return _appended(chosen)


def _appended(chosen: argparse.Namespace) -> int:
    campaign = campaign_by_handle(chosen.handle)
    append_campaign(campaign)
    return _print(campaign, chosen)


def _print(campaign: Campaign, chosen: argparse.Namespace) -> int:
    number = tally(campaign)
    facts = {
        "handle": campaign.handle,
        "origin": campaign.origin,
        "tag": f"#{campaign.tag}",
        "colour": campaign.colour,
        "preset": campaign.preset,
        "phase": campaign.phase,
        "posts": number.posts,
    }
    if chosen.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print("\n".join(f"{name}: {value}" for name, value in facts.items()))
    return 0


_HANDLE = argument("handle", help="the campaign's address, such as we-are-many")
_JSON = argument("--json", action="store_true", help="print JSON")
_NOTICE = argument(
    "--notice",
    action="append",
    default=[],
    metavar="LANG=TEXT",
    help="what people read about it, once per language",
)
_BESIDE = (
    argument("--about", action="append", default=[], metavar="LANG=TEXT", help="who you stand with"),
    argument("--run-by", action="append", default=[], metavar="LANG=TEXT", help="who runs the campaign"),
    argument(
        "--run-from",
        action="append",
        default=[],
        metavar="LANG=TEXT",
        help="in which country, where its legal seat is",
    ),
    argument(
        "--legal-aid",
        action="append",
        default=[],
        metavar="LANG=LINE",
        help="whom to call if questioned or detained; once per line",
    ),
)


COMMANDS = (
    Command(
        "campaign",
        "open",
        "Open a campaign. Its address, its tag and its log's name stay as they are from then on.",
        'wearemany campaign open we-are-many --phrase "мы не равнодушны" --title "en=We are not indifferent" '
        '--call "en=Wear red, take a selfie." --colour red --preset careful',
        open_campaign,
        (
            _HANDLE,
            argument("--phrase", required=True, help="the hashtag as words, in any script"),
            argument(
                "--title",
                action="append",
                required=True,
                metavar="LANG=TEXT",
                help="title, main language first",
            ),
            argument(
                "--call",
                action="append",
                required=True,
                metavar="LANG=TEXT",
                help="what you ask people to do",
            ),
            *_BESIDE,
            argument("--honouree", default="", help="the name of the person you stand with"),
            argument("--colour", required=True, help="one of the eleven basic colours, such as red"),
            argument(
                "--preset",
                default="",
                help="everyday, careful or dangerous: how careful to be with people; without it they are explained",
            ),
            argument(
                "--stricter",
                action="append",
                default=[],
                metavar="RULE=VALUE",
                help="one rule made stricter than the preset, such as main_px=640",
            ),
            argument("--tag", default="", help="the hashtag as one word, when joining the phrase is not it"),
            argument(
                "--spelling", action="append", default=[], help="another way in which people write the tag"
            ),
            argument("--garments", default="anything", help="anything (worn) or top"),
            *PICKED_COLOUR,
            argument(
                "--no-face", action="store_true", help="judge pictures in which no face is to be seen, too"
            ),
            argument("--time-zone", default="UTC", help="whose calendar counts, such as Europe/Madrid"),
            argument("--starts-on", type=read_day, metavar="YYYY-MM-DD", help="first day"),
            argument("--ends-on", type=read_day, metavar="YYYY-MM-DD", help="last day"),
            argument("--organiser", default="", metavar="NAME", help="the account that organises it"),
            _JSON,
        ),
    ),
    Command(
        "campaign",
        "show",
        "Print a campaign and its number.",
        "wearemany campaign show we-are-many",
        show,
        (_HANDLE, _JSON),
    ),
    Command(
        "campaign",
        "amend",
        "Change what is said beside the call: who runs it, from where, legal aid. The signed count is not touched.",
        'wearemany campaign amend we-are-many --run-from "en=Lisbon, Portugal" --legal-aid "en=Legal aid, day and '
        'night: +00 000 000"',
        amend,
        (_HANDLE, *_BESIDE, _JSON),
    ),
    Command(
        "campaign",
        "pause",
        "Take nothing new until the campaign resumes; the wall stays.",
        'wearemany campaign pause we-are-many --notice "en=We are back in spring."',
        pause,
        (_HANDLE, _NOTICE, _JSON),
    ),
    Command(
        "campaign",
        "resume",
        "Resume a paused campaign.",
        'wearemany campaign resume we-are-many --notice "en=We are back."',
        resume,
        (_HANDLE, _NOTICE, _JSON),
    ),
    Command(
        "campaign",
        "close",
        "Close a campaign for good; the wall stays as an archive and posts can still be taken back.",
        'wearemany campaign close we-are-many --notice "en=Thank you."',
        close,
        (_HANDLE, _NOTICE, _JSON),
    ),
)
