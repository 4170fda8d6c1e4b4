"""One mail becomes one held post with one code, whatever fails on the way and however often it is delivered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import override_settings

from tests.cast import Cast
from tests.mail.letters import HEIC, JPEG, PNG, SAYS, SENDER, SUBJECT, mail_of, read
from tests.mail.relays import DOMAIN, CatchingRelay, text_of
from tests.rig import KEYS, killed_at_statement, sampled
from tests.rigs.stores import Fault, FaultyBlobs, Killed
from wearemany.adapters import server
from wearemany.campaigns.freezing import campaign_freeze, campaign_thaw
from wearemany.campaigns.services import campaign_close, campaign_pause
from wearemany.doors import parse_doors
from wearemany.errors import Refused, TryAgain
from wearemany.mail.letter import Letter
from wearemany.mail.services import code_of, letter_read, letter_receive, recipient_check
from wearemany.photos.consents import is_agreed
from wearemany.photos.models import Photo, Post, Upload
from wearemany.photos.services import post_by_code, post_confirm
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.queries import PostState, post_state
from wearemany.worker.loop import run_until_idle

pytestmark = pytest.mark.database

TO = f"we-are-many@{DOMAIN}"
NOTICE = {"en": "Until spring."}


def receive(relay: CatchingRelay, letter: Letter, *, sender: str = SENDER, to: str = TO) -> None:
    """Hand in a letter."""
    recipient = recipient_check(to, setup=relay.setup)
    letter_receive(letter=letter, sender=sender, recipient=recipient, setup=relay.setup)


def test_a_letter_becomes_a_held_post_that_its_code_opens(cast: Cast, relay: CatchingRelay) -> None:
    """Everybody covered, no words taken, waiting for its author; the answer has the code and where to use it."""
    receive(relay, read(mail_of(HEIC, PNG)))
    (code,) = relay.codes
    post = post_by_code(code)
    assert post is not None and post.campaign == cast.campaign
    assert (post.cover, post.door, post.caption, post.name, post.language) == (
        "everybody",
        "mail",
        "",
        "",
        "ru",
    )
    assert post.photos.count() == 2 and not post.confirmed and not is_agreed(post)
    run_until_idle((develop_pending, blobs_doom_pending))
    post.refresh_from_db()
    assert post_state(post) == PostState.CONFIRM and not post.awaits_decision
    assert {order.cover for order in cast.house.darkroom.orders} == {"everybody"}


def test_the_sentences_in_the_letter_are_its_ticks(cast: Cast, relay: CatchingRelay) -> None:
    """Then the author need only confirm the picture."""
    receive(relay, read(mail_of(HEIC, text=SAYS)))
    post = Post.objects.get()
    assert is_agreed(post)
    assert "две фразы" not in text_of(relay.caught[0][1])
    run_until_idle((develop_pending, blobs_doom_pending))
    post_confirm(post=post)


@pytest.mark.parametrize(
    ("to", "declared", "language", "words"),
    [
        (TO, "", "ru", "секретный код"),
        (TO, "en-GB, ru", "en-GB", "secret code"),
        (f"we-are-many+en@{DOMAIN}", "ru", "en", "secret code"),
        ("we-are-many+fa@other.example", "ru", "fa", "secret code"),
    ],
)
def test_the_language_is_the_addresss_the_mails_or_the_campaigns(
    cast: Cast, relay: CatchingRelay, to: str, declared: str, language: str, words: str
) -> None:
    """In this order; the answer and the code are in it where the interface speaks it."""
    receive(relay, read(mail_of(JPEG, **({"Content_Language": declared} if declared else {}))), to=to)
    assert Post.objects.get().language == language
    assert words in text_of(relay.caught[0][1])
    assert len(relay.codes) == 1


@pytest.mark.threat("I")
def test_the_answer_is_a_machines_and_repeats_nothing(cast: Cast, relay: CatchingRelay) -> None:
    """It goes to the return path, from the address written to, with a neutral subject and nothing of the mail."""
    receive(relay, read(mail_of(HEIC, text=SAYS)))
    ((reader, answer),) = relay.caught
    assert reader == SENDER and answer["To"] == SENDER and answer["From"] == TO
    assert (answer["Auto-Submitted"], answer["Precedence"], answer["Subject"]) == (
        "auto-replied",
        "bulk",
        "Заметки",
    )
    assert answer.get_content_type() == "text/plain" and answer["Content-Language"] == "ru"
    whole = answer.as_string() + text_of(answer)
    assert "needle" not in whole.lower() and SUBJECT not in whole and "In-Reply-To" not in answer
    assert f"http://many.example:{8000}/ru/keep" in text_of(answer)
    assert "удалите оба письма" in text_of(answer)
    assert letter_read(answer.as_bytes()).is_automatic


def test_the_answer_names_every_door(cast: Cast, relay: CatchingRelay) -> None:
    """One of them may be blocked: the code works behind each."""
    doors = parse_doors(("https://many.example", "http://other.example:8080"))
    with override_settings(WEAREMANY={**settings.WEAREMANY, "DOORS": doors}):
        receive(relay, read(mail_of(HEIC)))
        receive(relay, read(mail_of()))
    for (_, answer), page in zip(relay.caught, ("keep", "we-are-many/mail"), strict=True):
        for door in ("https://many.example", "http://other.example:8080"):
            assert f"    {door}/ru/{page}\n" in text_of(answer)


def test_a_sender_of_any_script_is_answered(cast: Cast, relay: CatchingRelay) -> None:
    """With letters that old mail could not carry."""
    receive(relay, read(mail_of(HEIC)), sender="вера@пример.example")
    assert relay.caught[0][0] == "вера@пример.example" and len(relay.codes) == 1


def test_the_same_mail_again_is_the_same_post_and_the_same_code(cast: Cast, relay: CatchingRelay) -> None:
    """A second delivery stores nothing and sends the code once more, also once the author has confirmed."""
    letter = read(mail_of(HEIC))
    receive(relay, letter)
    run_until_idle((develop_pending, blobs_doom_pending))
    post_confirm(post=Post.objects.get(), ticks=("show", "agreed"))
    receive(relay, letter)
    assert len(relay.codes) == 2 and len(set(relay.codes)) == 1
    assert (Post.objects.count(), Photo.objects.count(), Upload.objects.count()) == (1, 1, 0)


@pytest.mark.threat("I")
def test_nobody_gets_anothers_code(cast: Cast, relay: CatchingRelay) -> None:
    """Who sends the same photo, or the same mail, from another address or to another campaign has another post."""
    cast.campaign_with(preset="careful", handle="another")
    mail = mail_of(HEIC)
    receive(relay, read(mail))
    receive(relay, read(mail), sender="thief@provider.example")
    receive(relay, read(mail), to=f"another@{DOMAIN}")
    receive(relay, read(mail_of(HEIC)))
    assert len(set(relay.codes)) == 4 == Post.objects.count()


def test_a_code_needs_the_servers_own_key(cast: Cast, relay: CatchingRelay) -> None:
    """The mail alone does not give its code away."""
    letter = read(mail_of(HEIC))

    def code(language: str = "en") -> str:
        return code_of(letter, sender=SENDER, handle="we-are-many", language=language)

    first = code()
    assert code() == first and len(first.split()) == 7 and code("ru") != first
    server.put(keys=replace(KEYS, pepper=b"\x09" * 32), store=cast.house.store)
    assert code() != first


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        (mail_of(), "нет фото"),
        (mail_of(b"PK\x03\x04 an archive"), "архив"),
        (mail_of(*(JPEG + bytes([number]) for number in range(5))), "до 4 фото"),
        (mail_of(JPEG[:5000]), "похожа на логотип"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 500, "слишком много частей"),
    ],
)
def test_what_cannot_be_a_post_is_answered_kindly(
    cast: Cast, relay: CatchingRelay, mail: bytes, words: str
) -> None:
    """With why and what to do, in her language; nothing is kept and there is no code."""
    receive(relay, letter_read(mail))
    text = text_of(relay.caught[0][1])
    assert words in text and "%(" not in text and "/ru/we-are-many/mail" in text
    assert relay.codes == [] and not Post.objects.exists() and not Upload.objects.exists()


@pytest.mark.parametrize(
    ("to", "code"),
    [(f"nobody@{DOMAIN}", "mail-address-unknown"), ("we-are-many@elsewhere.example", "mail-address-unknown")],
)
def test_an_unknown_address_is_refused(cast: Cast, relay: CatchingRelay, to: str, code: str) -> None:
    """Before anything of the mail is sent."""
    with pytest.raises(Refused) as refused:
        recipient_check(to, setup=relay.setup)
    assert refused.value.code == code


def test_a_campaign_that_takes_no_posts_takes_no_letters(cast: Cast, relay: CatchingRelay) -> None:
    """Paused, closed, or where providers must not see who writes; also when that changes while a mail is sent."""
    cast.campaign_with(preset="dangerous", handle="in-danger")
    with pytest.raises(Refused) as refused:
        recipient_check(f"in-danger@{DOMAIN}", setup=relay.setup)
    assert refused.value.code == "mail-not-here"
    recipient = recipient_check(TO, setup=relay.setup)
    for change, code in ((campaign_pause, "campaign-paused"), (campaign_close, "campaign-closed")):
        change(campaign=cast.campaign, notice=NOTICE)
        with pytest.raises(Refused) as refused:
            recipient_check(TO, setup=relay.setup)
        assert refused.value.code == code
        with pytest.raises(Refused):
            letter_receive(letter=read(mail_of(HEIC)), sender=SENDER, recipient=recipient, setup=relay.setup)
    assert not relay.caught and not Post.objects.exists() and not Upload.objects.exists()


def test_while_the_doors_are_frozen_a_letter_waits_at_the_mail_server(
    cast: Cast, relay: CatchingRelay
) -> None:
    """It is put off and not refused, so nobody has to write again."""
    campaign_freeze(campaign=cast.campaign, parts=("doors",))
    with pytest.raises(TryAgain):
        recipient_check(TO, setup=relay.setup)
    campaign_thaw(campaign=cast.campaign, parts=("doors",))
    recipient_check(TO, setup=relay.setup)


def test_a_sender_that_cannot_be_answered_leaves_nothing(cast: Cast, relay: CatchingRelay) -> None:
    """Nobody was told the code, so the post is erased; but not one whose author was told it before."""
    letter = read(mail_of(HEIC))
    relay.at_reader.append("550 5.1.1 no such person")
    with pytest.raises(Refused):
        receive(relay, letter)
    assert Post.objects.get().erased and not Photo.objects.exists() and not Upload.objects.exists()
    receive(relay, letter)
    relay.at_reader.append("550 5.1.1 no such person")
    with pytest.raises(Refused):
        receive(relay, letter)
    assert post_by_code(relay.codes[0]) is not None


@pytest.mark.parametrize("plan", ["451 4.3.0 later", "hang up"])
def test_when_the_relay_fails_the_next_delivery_finishes(cast: Cast, relay: CatchingRelay, plan: str) -> None:
    """It failed; it failed and had happened: one post, one code, the reader has it at least once."""
    letter = read(mail_of(HEIC))
    relay.at_content.append(plan)
    with pytest.raises(TryAgain):
        receive(relay, letter)
    assert Post.objects.count() == 1
    receive(relay, letter)
    assert Post.objects.count() == 1 and len(set(relay.codes)) == 1
    assert len(relay.codes) == (2 if plan == "hang up" else 1)


@pytest.mark.parametrize("fault", [Fault.FAILED, Fault.HAD_HAPPENED, Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
@pytest.mark.parametrize("number", [0, 1])
def test_when_the_store_fails_the_next_delivery_begins_anew(
    cast: Cast, relay: CatchingRelay, fault: Fault, number: int
) -> None:
    """No answer went out; then one post with both photos, and what was left behind is swept within the day."""
    letter = read(mail_of(HEIC, PNG))
    faulty = FaultyBlobs(cast.house.store)
    cast.house.use(faulty)
    faulty.fail(number, fault)
    with pytest.raises((TryAgain, Killed)):
        receive(relay, letter)
    assert not relay.caught and not Post.objects.exists()
    receive(relay, letter)
    assert Post.objects.get().photos.count() == 2 and len(relay.codes) == 1


STATEMENTS = 30
"""More than one delivery runs; the last numbers kill nobody."""


@pytest.mark.parametrize("number", sampled(STATEMENTS))
def test_killed_at_any_statement_the_next_delivery_finishes(
    committed_cast: Cast, relay: CatchingRelay, number: int
) -> None:
    """Between any two lines: one post, one code."""
    letter = read(mail_of(HEIC))
    with suppress(Killed), killed_at_statement(number):
        receive(relay, letter)
    receive(relay, letter)
    assert Post.objects.count() == 1 and len(set(relay.codes)) == 1
    assert Post.objects.get().photos.count() == 1


def test_the_numbers_of_statements_cover_a_whole_delivery(committed_cast: Cast, relay: CatchingRelay) -> None:
    """The test above has a number for each of them."""
    with killed_at_statement(10_000) as run:
        receive(relay, read(mail_of(HEIC)))
    assert 10 < len(run) < STATEMENTS


def test_when_a_row_fails_no_answer_goes_out(cast: Cast, relay: CatchingRelay) -> None:
    """A database that fails is no refusal: the mail is delivered again."""

    def fail(execute, sql, params, many, context):
        if sql.startswith("INSERT") and '"post"' in sql:
            raise DatabaseError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), pytest.raises(DatabaseError):
        receive(relay, read(mail_of(HEIC)))
    assert not relay.caught and not Post.objects.exists()


def test_many_failures_never_use_up_the_letter(cast: Cast, relay: CatchingRelay) -> None:
    """However often it fails half-way, the next delivery is as good as the first."""
    letter = read(mail_of(HEIC, PNG, JPEG))
    faulty = FaultyBlobs(cast.house.store)
    cast.house.use(faulty)
    for _ in range(20):
        faulty.fail(2, Fault.FAILED)
        with pytest.raises(TryAgain):
            receive(relay, letter)
    receive(relay, letter)
    assert Post.objects.get().photos.count() == 3


def test_a_letter_that_came_before_a_change_of_sender_option_is_answered_from_it(
    cast: Cast, relay: CatchingRelay
) -> None:
    """MAIL_FROM stands in the answer's From line where it is set."""
    setup = replace(relay.setup, sender="door@many.example")
    recipient = recipient_check(TO, setup=setup)
    letter_receive(letter=read(mail_of(HEIC)), sender=SENDER, recipient=recipient, setup=setup)
    assert relay.caught[0][1]["From"] == "door@many.example"
