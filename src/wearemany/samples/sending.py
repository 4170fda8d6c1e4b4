"""Send samples down the whole road: seal and receive, submit, confirm, like, comment, take back.

Everything below HTTP is what the door itself calls; darkroom, policy and log run in the server beside us.
Each sample's keep-code follows from its number, so that sending again doubles nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from wearemany.accounts.models import Account
from wearemany.accounts.services import account_by_name, account_create, sign_in_link_create
from wearemany.adapters import clock, server, words
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import seal
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_day, campaign_open
from wearemany.campaigns.story import (
    announcement_publish,
    milestone_record,
    statement_record,
    tally_record,
    voice_introduce,
)
from wearemany.conversations.services import answer_add, comment_add, post_like
from wearemany.moderation.services import post_withdraw
from wearemany.photos import keepcode
from wearemany.photos.developing import prepare, record
from wearemany.photos.models import Photo, Post
from wearemany.photos.orders import PostOrder
from wearemany.photos.secrets import form_digest
from wearemany.photos.services import post_by_code, post_confirm, post_submit, upload_receive
from wearemany.photos.steps import LEASE_S
from wearemany.samples import programme
from wearemany.samples.cues import FIRST, cover_of, kind_and_seed
from wearemany.samples.gallery import picture, scene_of
from wearemany.samples.readymade import developed
from wearemany.samples.words import CAPTIONS, COMMENTS
from wearemany.wall.log import append_campaign
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.claims import claim, postpone

SETTLE_LIMIT_S = 120.0
TERMS = "3"
_has_reported = False


@dataclass(frozen=True)
class Sample:
    """One post to send."""

    number: int
    content: bytes
    caption: str
    alt: str
    language: str
    people: int
    cover: str
    is_drawn: bool


def campaign_prepare(*, handle: str, organiser: str) -> Campaign:
    """Open the sample campaign with its organiser and story; again, return what is there."""
    if existing := Campaign.objects.filter(handle=handle).first():
        return existing
    account = Account.objects.filter(name=organiser).first() or account_create(name=organiser)
    campaign = campaign_open(programme.campaign_order(handle), organiser=account)
    append_campaign(campaign)
    _tell(campaign)
    return campaign


def samples_send(
    *, campaign: Campaign, count: int, photos: tuple[Path, ...], report: Callable[[int], None]
) -> None:
    """Send what has not been sent yet; `report` is told how many are sent, first when two dozen are on the wall."""
    first, before = min(FIRST, count), _sent_before()
    posts = [post for number in range(min(before, count)) if (post := post_by_code(_code(number)))]
    if before >= count:
        report(count)
        return
    for number in range(before, count):
        posts.append(_send(campaign, _sample(number, count, photos)))
        _sent_path().write_text(json.dumps({"sent": number + 1}))
        if number == first - 1:
            _settle(campaign, posts)
            _answer(posts[0])
        if number >= first - 1:
            report(number + 1)
            _talk(posts, number)
        if number % 4 == 3:
            _confirm(posts)
    _settle(campaign, posts)
    _take_one_back(posts)


def _sent_path() -> Path:
    """Return the demo's own file in the data folder: how many samples were sent already."""
    return Path(settings.WEAREMANY["DATA"]) / "demo.json"


def _sent_before() -> int:
    try:
        return int(json.loads(_sent_path().read_text())["sent"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _code(number: int) -> str:
    """Return the keep-code of a sample: it follows from the number, so that sending again doubles nothing."""
    return keepcode.make(hashlib.sha256(f"sample {number}".encode()).digest(), words.load("en"))


def _sample(number: int, count: int, photos: tuple[Path, ...]) -> Sample:
    caption, language = CAPTIONS[number % len(CAPTIONS)]
    if photos:
        content = photos[number % len(photos)].read_bytes()
        cover = cover_of(number, "ordinary")
        return Sample(number, content, caption if number % 3 else "", "", language, 1, cover, False)
    kind, seed = kind_and_seed(number, count)
    drawn, content = scene_of(kind, seed), picture(kind, seed)
    alt = drawn.description_ru if language == "ru" else drawn.description
    cover = cover_of(number, kind)
    if kind == "opening":
        caption, alt, language = programme.OPENING_CAPTION, drawn.description_ru, "ru"
    elif number % 3 == 0:
        caption = ""
    return Sample(number, content, caption, alt, language, drawn.people or 1, cover, True)


def _send(campaign: Campaign, sample: Sample) -> Post:
    code = _code(sample.number)
    if post := post_by_code(code):
        return post
    key, blob = server.keys().new_key(), f"u/{clock.random_bytes(16).hex()}"
    server.store().put(blob, seal(key, sample.content))
    token = clock.random_bytes(16).hex()
    received = ReceivedFile(field="photo", blob=blob, key=key, size_bytes=len(sample.content))
    upload = upload_receive(received=received, form_digest=form_digest(token))
    post = post_submit(
        PostOrder(
            campaign=campaign,
            code=code,
            form_token=token,
            upload_ids=(upload.pk,),
            cover=sample.cover,
            language=sample.language,
            terms_version=TERMS,
            ticks=("show", "agreed"),
            caption=sample.caption,
            people=sample.people,
            alts=(sample.alt,),
            is_opening=sample.number == 0,
            is_drawn=sample.is_drawn,
        )
    )
    if sample.is_drawn and sample.number < FIRST:
        _develop_readymade(sample.number)
    return post


def _develop_readymade(number: int) -> None:
    """Record what set-up has developed, unless the server's darkroom was quicker; never two of them at once."""
    for photo in claim(Photo, limit=1, lease_s=LEASE_S):
        job = prepare(photo)
        ready = developed(number, job.order) if job is not None else None
        if job is not None and ready is not None:
            record(job, ready)
        else:
            postpone(photo, code="", wait_s=0)


def _confirm(posts: list[Post]) -> None:
    """Do what authors do: look at the covered picture and say that it is right."""
    for post in Post.objects.filter(pk__in=[post.pk for post in posts], confirmed=False, ready=True):
        post_confirm(post=post)


def _settle(campaign: Campaign, posts: list[Post]) -> None:
    """Wait until every post is on the wall or waits for a person; gives up after two minutes."""
    until = time.monotonic() + SETTLE_LIMIT_S
    moving = {PostState.RECEIVED, PostState.CHECKING, PostState.CONFIRM, PostState.WAITING_RELEASE}
    while time.monotonic() < until:
        _confirm(posts)
        rows = Post.objects.filter(pk__in=[post.pk for post in posts])
        # One cheap question first: looking at every post takes time that the darkroom needs.
        if not rows.filter(ready=False).exists() and not any(post_state(post) in moving for post in rows):
            return
        time.sleep(0.2)


def _answer(opening: Post) -> None:
    if opening.comments.exists() or post_state(opening) != PostState.ON_WALL:
        return
    voice = voice_introduce(
        campaign=opening.campaign, name=programme.HONOUREE, how_known=programme.HOW_KNOWN, is_honouree="yes"
    )
    answer_add(
        post=opening,
        voice=voice,
        text=programme.ANSWER,
        language="ru",
        translations=programme.ANSWER_TRANSLATIONS,
    )


def _talk(posts: list[Post], number: int) -> None:
    """Like the opening post and a few others, and say something now and then."""
    for post in (posts[0], posts[number * 7 % len(posts)]):
        if post_state(post) == PostState.ON_WALL:
            post_like(post=post, cookie=hashlib.sha256(f"cookie {number}".encode()).digest())
    if number % 6 == 0:
        text, language = COMMENTS[number // 6 % len(COMMENTS)]
        post = posts[0] if number % 12 == 0 else posts[number // 2]
        if post_state(post) == PostState.ON_WALL and post.comments.count() < 8:
            comment_add(post=post, name="", text=text, language=language)


def _take_one_back(posts: list[Post]) -> None:
    chosen = posts[9] if len(posts) > 9 else None
    if chosen is not None and post_state(chosen) == PostState.ON_WALL:
        post_withdraw(post=chosen)


def _tell(campaign: Campaign) -> None:
    told = []
    for line in programme.story(campaign_day(campaign)):
        if line.kind == "milestone":
            told.append(milestone_record(campaign=campaign, telling=line.telling, source=line.source))
        elif line.kind == "announcement":
            told.append(announcement_publish(campaign=campaign, telling=line.telling))
        else:
            attribution = line.attribution
            if line.answers is not None:
                attribution = type(attribution)(attribution.who, attribution.side, told[line.answers])
            if line.kind == "tally":
                told.append(
                    tally_record(
                        campaign=campaign,
                        telling=line.telling,
                        attribution=attribution,
                        source=line.source,
                        figure=line.figure,
                    )
                )
            else:
                told.append(
                    statement_record(
                        campaign=campaign, telling=line.telling, attribution=attribution, source=line.source
                    )
                )


def report_line(sent: int, count: int, *, organiser: str) -> str:
    """Return one line of progress for the demo to read; the first carries a sign-in token for the organiser."""
    global _has_reported
    facts: dict[str, object] = {"sent": sent, "count": count}
    if not _has_reported:
        facts["token"] = sign_in_link_create(account=account_by_name(organiser))
        _has_reported = True
    return json.dumps(facts)
