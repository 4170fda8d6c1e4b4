"""Mixing test pictures into the queue: how often, which, and taking them away again. What becomes of them: `seeds`.

They come at the pace at which the team looks, so that a quiet queue stays quiet. None comes while the campaign takes
no posts, or asks for a word on paper, which a drawn hand cannot write.

    picture    drawn by a child, sealed, durable in the store              crash: nobody names the blob; it is swept
    rows       upload, post with its door, and seed, in one transaction    crash: all of it or nothing
    darkroom   developed as any photo, then taken up by policy             one that nobody would be asked about goes
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from wearemany.adapters import clock, server
from wearemany.adapters.blobs import fresh_key
from wearemany.adapters.easel import Drawn, Wish, drawn
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import seal
from wearemany.adapters.words import load
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import call_spec, posting_refusal, preset_rules
from wearemany.errors import N_, Refused, WeAreManyError
from wearemany.ids import opaque
from wearemany.moderation.erasing import posts_erase_whole
from wearemany.moderation.handing import reviews_open
from wearemany.moderation.looks import looks_of
from wearemany.moderation.models import Seed, Seeding, Shows
from wearemany.photos.keepcode import make
from wearemany.photos.models import Post
from wearemany.photos.orders import SEED, TERMS_VERSION, TICKS, PostOrder
from wearemany.photos.secrets import form_digest
from wearemany.photos.services import post_submit, upload_receive
from wearemany.worker.claims import LeaseLost, claim, postpone, retry
from wearemany.worker.loop import describe, wake_on_commit
from wearemany.worker.seldom import Seldom

CHOICES = (0, 20, 50, 100)
"""One for about so many posts that are shown; 0: none."""

KEPT = timedelta(days=30)
LEASE_S = 120.0
LOOK_AGAIN_S = 60.0
_BATCH = 50
_WISHES = (
    ("colour", Shows.COLOUR),
    ("colour", Shows.COLOUR),
    ("other", Shows.OTHER),
    ("words", Shows.REJECT),
    ("poster", Shows.REJECT),
)
_forget_watch = Seldom(every_s=3600.0)


def seeding_set(*, campaign: Campaign, every: int) -> None:
    """Mix in one test picture for about every so many posts that are shown from now on; 0 ends it. Twice is once."""
    if every not in CHOICES:
        raise Refused("seeding-choice", N_("Please choose how often test pictures come."))
    if not every:
        Seeding.objects.filter(campaign=campaign).delete()
        seeds_take_away(campaign)
        return
    Seeding.objects.update_or_create(
        campaign=campaign,
        defaults={
            "every": every,
            "looked": _looked(campaign),
            "wait": _wait(every),
            "due_at": clock.now(),
            "attempts": 0,
        },
    )
    wake_on_commit()


def seeding_of(campaign: Campaign) -> int:
    """Return for about how many posts that are shown one test picture comes; 0: none do."""
    return Seeding.objects.filter(campaign=campaign).values_list("every", flat=True).first() or 0


def seeds_mix_pending() -> int:
    """Draw a test picture for each campaign in which it is time; return how many campaigns were looked at."""
    if _forget_watch.is_time():
        _seeds_forget()
    rows = claim(Seeding, limit=1, lease_s=LEASE_S)
    for row in rows:
        try:
            try:
                _mix(row)
            except WeAreManyError as error:
                retry(row, code=describe(error))
            else:
                postpone(row, code="", wait_s=LOOK_AGAIN_S)
        except LeaseLost:
            continue
    return len(rows)


def seed_make(*, campaign: Campaign) -> Post:
    """Draw a test picture by chance and send it on a post's road. Raises TryAgain when it cannot be drawn now."""
    wish, right = _wish(campaign)
    return seed_send(campaign=campaign, wish=wish, made=drawn(wish), shows=right)


def seed_send(*, campaign: Campaign, wish: Wish, made: Drawn, shows: str) -> Post:
    """Send a test picture on a post's road; it is in the queue once the darkroom has developed it.

    `shows` is what is right to do with it. Its door stands in the post's own row from the first statement on.
    """
    received = _sealed(made.content)
    token = opaque(clock.random_bytes(16))
    is_covered = preset_rules(campaign).cover == "everybody" or wish.seed % 3 == 2
    with transaction.atomic():
        upload = upload_receive(received=received, form_digest=form_digest(token))
        post = post_submit(
            PostOrder(
                campaign=campaign,
                # Nobody is told this code: what it would open is nobody's.
                code=make(clock.random_bytes(32), load("en")),
                form_token=token,
                upload_ids=(upload.pk,),
                cover="everybody" if is_covered else "nobody",
                language=wish.language or (campaign.languages or ["en"])[0],
                terms_version=TERMS_VERSION,
                ticks=TICKS,
                caption=made.caption,
                people=wish.people,
                door=SEED,
            )
        )
        Post.objects.filter(pk=post.pk).update(confirmed=True)
        Seed.objects.create(post=post, shows=shows, day=clock.now().date())
    return post


def _wish(campaign: Campaign) -> tuple[Wish, Shows]:
    chance = clock.random_bytes(8)
    shows, right = _WISHES[chance[0] % len(_WISHES)]
    rules = preset_rules(campaign)
    # Where only doubtful posts wait for a person, a plain one that waits would be known at once.
    people = 2 if rules.held == "doubtful" or chance[1] % 8 == 0 else 1
    wish = Wish(
        shows=shows,
        colour=campaign.colour,
        picked=call_spec(campaign)[1].picked,
        people=people if shows != "poster" else 1,
        language=_language(campaign, chance[2]),
        seed=int.from_bytes(chance[3:7], "big"),
    )
    return wish, right


def seeds_take_away(campaign: Campaign) -> int:
    """Take away every test picture that nobody has answered, also out of somebody's hands; returns how many."""
    return _erase(Seed.objects.filter(post__campaign=campaign, answer="").values_list("pk", flat=True))


def _mix(row: Seeding) -> None:
    campaign = row.campaign
    if posting_refusal(campaign) is not None or campaign.asks_word:
        seeds_take_away(campaign)
        return
    _erase(_plain(campaign))
    looked = _looked(campaign)
    if looked < row.looked:
        # The days that were counted then are forgotten by now.
        Seeding.objects.filter(pk=row.pk).update(looked=looked)
        return
    open_seeds = Seed.objects.filter(post__campaign=campaign, answer="").count()
    if looked - row.looked < row.wait or open_seeds > reviews_open(campaign) // row.every:
        return
    seed_make(campaign=campaign)
    Seeding.objects.filter(pk=row.pk).update(looked=looked, wait=_wait(row.every))


def _seeds_forget() -> None:
    """Forget who answered what a month ago, and what nobody met in all that time."""
    old = Seed.objects.filter(day__lt=clock.now().date() - KEPT)
    while _erase(old.values_list("pk", flat=True)[:_BATCH]):
        continue


def _erase(post_ids: Iterable[str]) -> int:
    posts = list(Post.objects.filter(pk__in=list(post_ids), door=SEED))
    posts_erase_whole(posts)
    # Of posts a bare row stays for the log's sake; no log knows these.
    Post.objects.filter(pk__in=[post.pk for post in posts]).delete()
    return len(posts)


def _plain(campaign: Campaign) -> QuerySet[Seed, str]:
    """Return those that policy saw no reason to ask a person about: a post like them would not wait."""
    done = Seed.objects.filter(post__campaign=campaign, post__ready=True, post__awaits_decision=False)
    return done.filter(answer="", post__review=None).values_list("pk", flat=True)


def _looked(campaign: Campaign) -> int:
    return sum(looks_of(campaign).values())


def _wait(every: int) -> int:
    """Return after how many more looks the next one is drawn: from half to half as much again, by chance."""
    return every // 2 + int.from_bytes(clock.random_bytes(4), "big") % (every + 1)


def _language(campaign: Campaign, chance: int) -> str:
    known = [tag for tag in campaign.languages if tag in ("en", "ru")]
    return known[chance % len(known)] if known else ""


def _sealed(content: bytes) -> ReceivedFile:
    key, blob = server.keys().new_key(), fresh_key("u")
    server.store().put(blob, seal(key, content))
    return ReceivedFile(field="photo", blob=blob, key=key, size_bytes=len(content))
