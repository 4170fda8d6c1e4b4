"""Comments, likes, and the honouree's answer. Whether the post itself is public is the caller's to know."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, Max

from wearemany.adapters import clock, server
from wearemany.campaigns.models import Campaign, Phase, Voice
from wearemany.campaigns.services import preset_rules, stream_version_bump, visible_version_bump
from wearemany.conversations.models import Comment, CommentState, Like
from wearemany.errors import N_, Refused
from wearemany.ids import ID_BYTES, opaque
from wearemany.languages import is_tag
from wearemany.photos.models import Post
from wearemany.photos.orders import OF_MINORS

COMMENT_MAX = 500
NAME_MAX = 60


def post_like(*, post: Post, cookie: bytes) -> int:
    """Like a post once per cookie; again changes nothing. Returns how many like it now."""
    liker = server.keys().peppered(cookie, purpose=f"like of {post.pk}")
    try:
        with transaction.atomic():
            Like.objects.create(post=post, liker_digest=liker)
            stream_version_bump(post.campaign_id)
    except IntegrityError:
        pass
    return post.likes.count()


def like_counts(posts: Sequence[Post]) -> dict[str, int]:
    """Return how many like each of `posts`, by post id, in one query."""
    rows = Like.objects.filter(post__in=posts).values("post_id").annotate(likes=Count("pk"))
    return {row["post_id"]: row["likes"] for row in rows}


def comment_add(*, post: Post, name: str, text: str, language: str) -> Comment:
    """Add a few words under a post: shown at once or held for a person, as the campaign's preset says."""
    rule = preset_rules(post.campaign).comments
    if rule == "no":
        raise Refused("comments-off", N_("This campaign has no comments, to keep people safe."))
    campaign = post.campaign
    if campaign.phase != Phase.OPENED or campaign.shut or campaign.doors_frozen or campaign.wall_frozen:
        raise Refused("comments-closed", N_("The campaign takes no new comments now."))
    # Under pictures of children nothing stands that nobody has read.
    is_shown = rule == "shown" and post.door != OF_MINORS
    state = CommentState.SHOWN if is_shown else CommentState.HELD
    return _add(post, name=name, text=text, language=language, state=state)


def answer_add(
    *, post: Post, voice: Voice, text: str, language: str, translations: Mapping[str, str]
) -> Comment:
    """Pin words of a voice the campaign vouches for under a post, translations beside the original."""
    return _add(
        post,
        name=voice.name,
        text=text,
        language=language,
        state=CommentState.SHOWN,
        voice=voice,
        translations={tag: words.strip() for tag, words in translations.items() if words.strip()},
    )


def comment_show(*, comment: Comment) -> None:
    """Show a held comment."""
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(state=CommentState.SHOWN)
        stream_version_bump(comment.post.campaign_id)


def comment_remove(*, comment: Comment) -> None:
    """Take a comment away at once, everywhere; its words are erased with it."""
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(
            state=CommentState.REMOVED, text="", name="", translations={}
        )
        visible_version_bump(comment.post.campaign_id)


def comments_shown(post: Post) -> list[Comment]:
    """Return the comments that everybody sees: pinned answers first, then as they were written.

    Where the campaign's rules leave no comments, only the words of its voices are there, whatever was shown before.
    """
    shown = post.comments.filter(state=CommentState.SHOWN).select_related("voice")
    if preset_rules(post.campaign).comments == "no":
        shown = shown.filter(voice__isnull=False)
    return sorted(shown, key=lambda comment: (not comment.pinned, comment.position))


def comments_tighten(*, campaign: Campaign) -> int:
    """Bring comments in line with stricter rules; what a voice of the campaign said stays. Return how many changed.

    Where comments are held now, those that were shown at once wait for a person; where there are to be none, all are
    erased, also those that wait. Inside the caller's transaction.
    """
    rule = preset_rules(campaign).comments
    others = Comment.objects.filter(post__campaign=campaign, voice=None)
    if rule == "no":
        gone = others.exclude(state=CommentState.REMOVED)
        changed = gone.update(state=CommentState.REMOVED, text="", name="", translations={})
    elif rule == "held":
        changed = others.filter(state=CommentState.SHOWN).update(state=CommentState.HELD)
    else:
        return 0
    if changed:
        visible_version_bump(campaign.pk)
    return changed


def conversation_erase(*, post: Post) -> None:
    """Destroy what was said under a post and who liked it; part of erasing the post."""
    conversations_erase([post.pk])


def conversations_erase(post_ids: Sequence[str]) -> None:
    """Destroy what was said under posts and who liked them."""
    Comment.objects.filter(post__in=post_ids).delete()
    Like.objects.filter(post__in=post_ids).delete()


def _add(
    post: Post,
    *,
    name: str,
    text: str,
    language: str,
    state: CommentState,
    voice: Voice | None = None,
    translations: Mapping[str, str] | None = None,
) -> Comment:
    words = unicodedata.normalize("NFC", text).strip()
    if not words:
        raise Refused("comment-empty", N_("There are no words in this comment yet."))
    if len(words) > COMMENT_MAX:
        raise Refused(
            "comment-too-long", N_("A comment may have up to %(limit)s characters."), limit=COMMENT_MAX
        )
    if not is_tag(language):
        raise Refused(
            "language-unknown", N_("This is not a language code: %(language)s."), language=language[:40]
        )
    with transaction.atomic():
        Post.objects.select_for_update().get(pk=post.pk)
        newest = Comment.objects.filter(post=post).aggregate(newest=Max("position"))["newest"]
        comment = Comment.objects.create(
            id=opaque(clock.random_bytes(ID_BYTES)),
            post=post,
            position=0 if newest is None else newest + 1,
            name=unicodedata.normalize("NFC", name).strip()[:NAME_MAX],
            text=words,
            language=language,
            translations=dict(translations or {}),
            voice=voice,
            pinned=voice is not None,
            state=state,
        )
        if state == CommentState.SHOWN:
            stream_version_bump(post.campaign_id)
    return comment
