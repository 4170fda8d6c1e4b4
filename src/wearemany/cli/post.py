"""`wearemany post`: answer under a post in a voice's name, or take a post off the wall at once."""

from __future__ import annotations

import argparse

from wearemany.campaigns.models import Voice
from wearemany.campaigns.services import campaign_by_handle
from wearemany.campaigns.story import voice_introduce
from wearemany.cli.campaign import by_language
from wearemany.cli.command import Command, argument
from wearemany.conversations.services import answer_add
from wearemany.errors import N_, Refused
from wearemany.moderation.services import post_withdraw
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import post_at


def answer(chosen: argparse.Namespace) -> int:
    """Pin an answer under a post."""
    post = _post(chosen)
    words = by_language(chosen.words)
    if not words:
        raise Refused(
            "words-unreadable", N_("Write words as LANGUAGE=TEXT, such as en=Hello: %(given)s"), given=""
        )
    voice = Voice.objects.filter(campaign=post.campaign, name=chosen.voice).first()
    if voice is None:
        voice = voice_introduce(
            campaign=post.campaign,
            name=chosen.voice,
            how_known=by_language(chosen.how_known),
            is_honouree="yes",
        )
    original = next(iter(words))
    translations = {language: text for language, text in words.items() if language != original}
    answer_add(post=post, voice=voice, text=words[original], language=original, translations=translations)
    print("Done.")
    return 0


def take_back(chosen: argparse.Namespace) -> int:
    """Withdraw a post: it is gone everywhere at once and erased; the count stays checkable."""
    post = _post(chosen)
    post_withdraw(post=post)
    append_campaign(post.campaign)
    print("Taken back.")
    return 0


def _post(chosen: argparse.Namespace) -> Post:
    post = post_at(campaign_by_handle(chosen.handle), chosen.number)
    if post is None:
        raise Refused("post-unknown", N_("There is no post with this number on the wall."))
    return post


_WHERE = (
    argument("handle", help="the campaign's address"),
    argument("number", type=int, help="the post's number on the wall, as in its address"),
)

COMMANDS = (
    Command(
        "post",
        "answer",
        "Pin the honouree's answer under a post; the first words are as she said them, the others translations.",
        'wearemany post answer we-are-many 1 --voice "Vera" --how-known "en=Passed on by her lawyer." '
        '--words "ru=Спасибо!" --words "en=Thank you!"',
        answer,
        (
            *_WHERE,
            argument("--voice", required=True, metavar="NAME", help="who speaks"),
            argument(
                "--how-known",
                action="append",
                default=[],
                metavar="LANG=TEXT",
                help="how you know it is them",
            ),
            argument("--words", action="append", default=[], metavar="LANG=TEXT", help="what was said"),
        ),
    ),
    Command(
        "post",
        "take-back",
        "Take a post off the wall for its author: gone at once everywhere, and erased.",
        "wearemany post take-back we-are-many 12",
        take_back,
        _WHERE,
    ),
)
