"""Posts of the wall as values: a card for walls, streams and feeds, and all of a post for its own page.

Only what is public gets here: a live entry under the public checkpoint, whose newest decision approves.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from wearemany.campaigns.texts import words_for
from wearemany.conversations.models import Comment, CommentState
from wearemany.conversations.services import comments_shown, like_counts
from wearemany.photos.elsewhere import link_host, may_go_elsewhere
from wearemany.photos.orders import OF_MINORS
from wearemany.photos.showing import photos_of_posts
from wearemany.rendering.addresses import Addresses
from wearemany.rendering.pictures import Picture, picture_view
from wearemany.wall.models import Entry

_EXCERPT = 240


@dataclass(frozen=True)
class Card:
    """A post as a tile of the wall. `position` is its place in the log and its public number.

    `stays_here` says that its pictures go into no feed and no preview elsewhere: they are of children.
    """

    position: int
    path: str
    caption: str
    language: str
    name: str
    day: datetime.date
    pictures: tuple[Picture, ...]
    people: int
    in_colour: bool
    repeat: bool
    is_opening: bool
    is_drawn: bool
    stays_here: bool
    likes: int
    comments: int

    @property
    def picture(self) -> Picture:
        """The first picture; every card has one."""
        return self.pictures[0]

    @property
    def more_pictures(self) -> int:
        """How many pictures there are beside the first."""
        return len(self.pictures) - 1

    @property
    def excerpt(self) -> str:
        """The caption, cut at a word where it is long."""
        return shortened(self.caption, limit=_EXCERPT)


@dataclass(frozen=True)
class Voiced:
    """How the campaign knows who speaks."""

    name: str
    is_honouree: bool
    how_known: str
    how_known_language: str


@dataclass(frozen=True)
class Words:
    """A text and the language it is in."""

    text: str
    language: str


@dataclass(frozen=True)
class Said:
    """A comment; an answer of a known voice has `voice`, and its translation for this reader where there is one."""

    name: str
    original: Words
    translation: Words | None
    voice: Voiced | None


@dataclass(frozen=True)
class Elsewhere:
    """Where the author posted it too. `host` is shown: a link must not look as if it led to another place."""

    link: str
    host: str


@dataclass(frozen=True)
class PostPage:
    """All of a post that its own page shows."""

    card: Card
    answers: tuple[Said, ...]
    comments: tuple[Said, ...]
    line: str
    bundle: str
    elsewhere: Elsewhere | None = None


def cards(entries: Sequence[Entry], *, at: Addresses, colour: str) -> tuple[Card, ...]:
    """Return cards for public post entries, in the order given; a post without any picture is left out.

    `entries` need their posts at hand. Five queries, however many there are.
    """
    posts = [entry.post for entry in entries if entry.post is not None]
    photos = photos_of_posts(posts)
    likes = like_counts(posts)
    comments = _comment_counts([post.pk for post in posts])
    made = []
    for entry in entries:
        post = entry.post
        if post is None or post.erased:
            continue
        standing = entry.standing
        views = (
            picture_view(photo, colour=colour, is_in_colour=bool(standing.get("colour")))
            for photo in photos.get(post.pk, ())
        )
        pictures = tuple(view for view in views if view is not None)
        if not pictures:
            continue
        made.append(
            Card(
                position=entry.position,
                path=at.post(entry.position),
                caption=post.caption,
                language=post.language,
                name=post.name,
                day=entry.day,
                pictures=pictures,
                people=int(standing.get("people", 1)),
                in_colour=bool(standing.get("colour")),
                repeat=bool(standing.get("repeat")),
                is_opening=post.is_opening,
                is_drawn=post.is_drawn,
                stays_here=post.door == OF_MINORS,
                likes=likes.get(post.pk, 0),
                comments=comments.get(post.pk, 0),
            )
        )
    return tuple(made)


def answers_of(entry: Entry, *, language: str) -> tuple[Said, ...]:
    """Return the pinned answers under a post, for a reader of `language`."""
    return tuple(said for said in _conversation(entry, language) if said.voice)


def post_page(card: Card, entry: Entry, *, bundle: str, language: str) -> PostPage:
    """Return everything that a post's own page shows; `bundle` is where its line stands in the log's files."""
    said = _conversation(entry, language)
    return PostPage(
        card=card,
        answers=tuple(each for each in said if each.voice),
        comments=tuple(each for each in said if not each.voice),
        line=bytes(entry.line).decode("ascii"),
        bundle=bundle,
        elsewhere=_elsewhere(entry),
    )


def shortened(text: str, *, limit: int) -> str:
    """Return `text` cut at a space so that it has at most about `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(None, 1)
    return f"{cut[0] if len(cut) == 2 else text[:limit]} …"


def _elsewhere(entry: Entry) -> Elsewhere | None:
    post = entry.post
    if post is None or not post.elsewhere or not may_go_elsewhere(post):
        return None
    return Elsewhere(post.elsewhere, link_host(post.elsewhere))


def _conversation(entry: Entry, language: str) -> list[Said]:
    return [said_of(comment, language) for comment in comments_shown(entry.post)] if entry.post else []


def said_of(comment: Comment, language: str) -> Said:
    """Return a comment for a reader of `language`, with the voice that is known to speak."""
    voice = comment.voice
    voiced = None
    if voice is not None:
        tag, how = words_for(voice.how_known, language) if voice.how_known else (language, "")
        voiced = Voiced(voice.name, voice.is_honouree, how, tag)
    return Said(
        name=comment.name,
        original=Words(comment.text, comment.language),
        translation=_translation(comment, language),
        voice=voiced,
    )


def _translation(comment: Comment, language: str) -> Words | None:
    """Return the translation for this reader; none for somebody who reads the original."""
    if comment.language.split("-")[0] == language.split("-")[0] or not comment.translations:
        return None
    tag, text = words_for(comment.translations, language)
    return Words(text, tag)


def _comment_counts(post_ids: Sequence[str]) -> dict[str, int]:
    rows = (
        Comment.objects.filter(post__in=post_ids, state=CommentState.SHOWN)
        .values("post_id")
        .annotate(shown=Count("pk"))
    )
    return {row["post_id"]: row["shown"] for row in rows}
