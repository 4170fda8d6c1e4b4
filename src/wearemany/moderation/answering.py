"""What a decision answers: claims, reports, the author's appeal; and what undoing it opens again."""

from __future__ import annotations

from wearemany.moderation.appeals import appeal_close, appeal_reopen
from wearemany.moderation.claims import claims_close, claims_reopen
from wearemany.moderation.models import Decision
from wearemany.moderation.reports import reports_close, reports_reopen
from wearemany.photos.models import Post


def answers_close(post: Post, decision: Decision) -> None:
    """Answer everybody who waits for a word on this post; inside the decision's transaction."""
    claims_close(post, decision)
    reports_close(post, decision)
    appeal_close(post, decision)


def answers_reopen(post: Post, decision: Decision) -> None:
    """Let them wait again, now that the decision is undone; inside that transaction."""
    claims_reopen(post, decision)
    reports_reopen(post, decision)
    appeal_reopen(post, decision)
