"""What the campaign has to tell those who posted: its newest announcements and notices, and the honouree's thanks."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext

from wearemany.campaigns.models import Campaign, StoryKind
from wearemany.campaigns.story import story_of
from wearemany.campaigns.texts import words_for
from wearemany.conversations.models import Comment, CommentState
from wearemany.errors import N_
from wearemany.rendering.posts import Said, Words, said_of
from wearemany.rendering.story import words_here
from wearemany.wall.queries import entry_of

NEWS_MAX = 3
_PHASES = {
    "paused": N_("The campaign is paused."),
    "resumed": N_("The campaign goes on."),
    "closed": N_("The campaign has ended. The wall stays."),
}


@dataclass(frozen=True)
class NewsLine:
    """One piece of news; `label` is ours, in the reader's language, `words` are the organisers'."""

    day: datetime.date
    label: str
    words: Words | None


def news_of(campaign: Campaign, *, language: str) -> tuple[NewsLine, ...]:
    """Return the newest announcements and changes of phase, latest day first."""
    told = story_of(campaign).filter(kind=StoryKind.ANNOUNCEMENT)[:NEWS_MAX]
    lines = [NewsLine(item.day, "", words_here(item, language=language)) for item in told]
    for change in campaign.phase_changes.filter(phase__in=_PHASES).order_by("-position")[:NEWS_MAX]:
        tag, text = words_for(change.notice, language) if change.notice else (language, "")
        words = Words(text, tag) if text else None
        lines.append(NewsLine(change.day, gettext(_PHASES[change.phase]), words))
    return tuple(sorted(lines, key=lambda line: line.day, reverse=True)[:NEWS_MAX])


def thanks_of(campaign: Campaign, *, language: str) -> Said | None:
    """Return what the honouree answered under a post that everybody sees, the opening post's first; None without."""
    rows = Comment.objects.filter(
        post__campaign=campaign,
        post__erased=False,
        pinned=True,
        state=CommentState.SHOWN,
        voice__is_honouree=True,
    )
    for row in rows.select_related("voice", "post__campaign").order_by(
        "-post__is_opening", "post", "position"
    )[:5]:
        if entry_of(row.post) is not None:
            return said_of(row, language)
    return None
