"""`wearemany story`: tell what happened, with sources, and let a voice answer."""

from __future__ import annotations

import argparse
import json

from wearemany.campaigns.models import StoryItem
from wearemany.campaigns.services import campaign_by_handle
from wearemany.campaigns.story import (
    Attribution,
    Figure,
    Source,
    Telling,
    announcement_publish,
    milestone_record,
    statement_record,
    story_of,
    story_revise,
    tally_record,
)
from wearemany.cli.campaign import by_language, read_day
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused


def announce(chosen: argparse.Namespace) -> int:
    """Publish an announcement."""
    item = announcement_publish(campaign=campaign_by_handle(chosen.handle), telling=_telling(chosen))
    return _said(item)


def milestone(chosen: argparse.Namespace) -> int:
    """Record something that happened."""
    source = Source(chosen.source, chosen.url) if chosen.source else None
    item = milestone_record(
        campaign=campaign_by_handle(chosen.handle), telling=_telling(chosen), source=source
    )
    return _said(item)


def statement(chosen: argparse.Namespace) -> int:
    """Record quoted words."""
    item = statement_record(
        campaign=campaign_by_handle(chosen.handle),
        telling=_telling(chosen),
        attribution=_attribution(chosen),
        source=Source(chosen.source, chosen.url),
    )
    return _said(item)


def tally(chosen: argparse.Namespace) -> int:
    """Record somebody else's figure."""
    item = tally_record(
        campaign=campaign_by_handle(chosen.handle),
        telling=_telling(chosen),
        attribution=_attribution(chosen),
        source=Source(chosen.source, chosen.url),
        figure=Figure(chosen.number, chosen.help_line),
    )
    return _said(item)


def revise(chosen: argparse.Namespace) -> int:
    """Put new words in front of an item."""
    return _said(story_revise(item=_item(chosen.handle, chosen.item), telling=_telling(chosen)))


def listing(chosen: argparse.Namespace) -> int:
    """Print the story, newest first."""
    for item in story_of(campaign_by_handle(chosen.handle)):
        words = {text.language: text.text for text in item.texts.all()}
        row = {
            "item": item.pk,
            "day": item.day.isoformat(),
            "kind": item.kind,
            "who": item.who,
            "words": words,
        }
        if chosen.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{item.pk}  {item.day}  {item.kind}  {item.who}  {next(iter(words.values()))}")
    return 0


def _telling(chosen: argparse.Namespace) -> Telling:
    words = by_language(chosen.words)
    return Telling(day=chosen.day, original=next(iter(words), ""), words=words)


def _attribution(chosen: argparse.Namespace) -> Attribution:
    answers = _item(chosen.handle, chosen.answers) if chosen.answers else None
    return Attribution(who=chosen.who, side=chosen.side, answers=answers)


def _item(handle: str, number: int) -> StoryItem:
    item = StoryItem.objects.filter(campaign__handle=handle, pk=number).first()
    if item is None:
        raise Refused(
            "story-item-unknown", N_("The story has no such item. `story list` shows their numbers.")
        )
    return item


def _said(item: StoryItem) -> int:
    print(item.pk)
    return 0


_COMMON = (
    argument("handle", help="the campaign's address"),
    argument("--day", required=True, type=read_day, metavar="YYYY-MM-DD", help="when it was"),
    argument(
        "--words",
        action="append",
        required=True,
        metavar="LANG=TEXT",
        help="the words; the first is the language they were said in, the others are translations",
    ),
)
_WHO = (
    argument("--who", required=True, help="who said it or counted it"),
    argument("--side", default="", help="on which side they stand, such as authorities"),
    argument("--answers", type=int, metavar="ITEM", help="the item that this answers or denies"),
)


_SOURCE = (
    argument("--source", default="", help="where it was published; needed for words and figures of others"),
    argument("--url", default="", help="its web address"),
)


COMMANDS = (
    Command(
        "story",
        "announce",
        "Publish a notice of the organisers to everybody.",
        'wearemany story announce we-are-many --day 2026-03-01 --words "en=We are back in spring."',
        announce,
        _COMMON,
    ),
    Command(
        "story",
        "milestone",
        "Record something that happened on a day.",
        'wearemany story milestone we-are-many --day 2026-03-01 --words "en=The hearing began."',
        milestone,
        (*_COMMON, *_SOURCE),
    ),
    Command(
        "story",
        "statement",
        "Record quoted words with who said them and where; denials name what they deny.",
        'wearemany story statement we-are-many --day 2026-03-01 --who "A ministry" --side authorities '
        '--source "A newspaper" --words "ru=Это не так." --words "en=That is not so."',
        statement,
        (*_COMMON, *_WHO, *_SOURCE),
    ),
    Command(
        "story",
        "tally",
        "Record somebody else's figure, with its source and a help line.",
        'wearemany story tally we-are-many --day 2026-03-01 --who "A monitoring group" --number "over 10,000" '
        '--source "Its website" --help-line "+0 000" --words "en=arrests since the autumn"',
        tally,
        (
            *_COMMON,
            *_WHO,
            *_SOURCE,
            argument("--number", required=True, help="the figure, as they gave it"),
            argument("--help-line", default="", help="where to turn for help"),
        ),
    ),
    Command(
        "story",
        "revise",
        "Put new words in front of an item; the old ones stay readable.",
        'wearemany story revise we-are-many 3 --day 2026-03-02 --words "en=Corrected: in May."',
        revise,
        (_COMMON[0], argument("item", type=int, help="the item's number"), *_COMMON[1:]),
    ),
    Command(
        "story",
        "list",
        "List the story's items, newest first.",
        "wearemany story list we-are-many",
        listing,
        (_COMMON[0], argument("--json", action="store_true", help="print JSON, one line an item")),
    ),
)
