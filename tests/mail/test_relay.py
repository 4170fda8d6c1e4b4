"""Handing an answer on: taken, not now, never; and what was taken although it did not sound like it."""

from __future__ import annotations

import pytest

from tests.mail.relays import CatchingRelay
from tests.rigs.serving import free_port
from wearemany.adapters.relay import Relay, relay_of
from wearemany.errors import Refused, TryAgain

MAIL = b"Subject: Notes\r\n\r\nHello.\r\n"
READER = "vera.secret@provider.example"


def test_a_mail_is_handed_over_with_an_empty_return_path(relay: CatchingRelay) -> None:
    """So that what cannot be delivered comes back to nobody."""
    relay.relay.greet()
    relay.relay.send(MAIL, to=READER)
    assert [address for address, _ in relay.caught] == [READER] and relay.return_paths == ["<>"]


def test_a_reader_may_have_letters_of_any_script(relay: CatchingRelay) -> None:
    """Where the relay can carry them."""
    relay.relay.send(MAIL, to="вера@пример.example")
    assert relay.caught[0][0] == "вера@пример.example"


@pytest.mark.parametrize("answer", ["450 4.2.1 busy", "421 4.3.2 going away"])
def test_not_now_is_not_never(relay: CatchingRelay, answer: str) -> None:
    """A relay that is busy is asked again, whether it says so of the reader or of the mail."""
    for plan in (relay.at_reader, relay.at_content):
        plan.append(answer)
        with pytest.raises(TryAgain) as later:
            relay.relay.send(MAIL, to=READER)
        assert later.value.code == "mail-relay-silent"


def test_never_is_said(relay: CatchingRelay) -> None:
    """A reader whom the relay will not take, or a mail that it refuses."""
    for plan in (relay.at_reader, relay.at_content):
        plan.append("550 5.1.1 no such person")
        with pytest.raises(Refused) as refused:
            relay.relay.send(MAIL, to=READER)
        assert refused.value.code == "mail-unanswerable"
        assert READER not in refused.value.cause + str(refused.value)


def test_a_silent_relay_is_tried_again(relay: CatchingRelay) -> None:
    """Nobody listens; or it took the mail and the line broke before it said so."""
    silent = Relay("127.0.0.1", free_port(), timeout_s=2)
    for act in (silent.greet, lambda: silent.send(MAIL, to=READER)):
        with pytest.raises(TryAgain):
            act()
    relay.at_content.append("hang up")
    with pytest.raises(TryAgain):
        relay.relay.send(MAIL, to=READER)
    assert len(relay.caught) == 1


def test_the_option_is_read_strictly() -> None:
    """`smtp://HOST:PORT` and nothing else."""
    assert relay_of("smtp://127.0.0.1:10025", name="red.example:8000") == Relay(
        "127.0.0.1", 10025, "red.example"
    )
    assert relay_of("smtp://relay", name="x").port == 25
    for wrong in (
        "127.0.0.1:25",
        "smtps://relay",
        "smtp://",
        "smtp://user:secret@relay",
        "smtp://relay:port",
        "smtp://[x",
    ):
        with pytest.raises(Refused) as refused:
            relay_of(wrong, name="x")
        assert refused.value.code == "mail-relay-address" and "secret" not in str(refused.value)
