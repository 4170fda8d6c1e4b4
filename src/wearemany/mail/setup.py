"""What the options say of the e-mail door: which addresses it has, where it listens, how answers leave. No sockets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from wearemany.adapters.relay import Relay, relay_of
from wearemany.campaigns.models import Campaign, Phase
from wearemany.campaigns.services import preset_rules
from wearemany.errors import N_, Refused
from wearemany.mail.addressing import is_answerable, mail_address

UNIX = "unix:"


@dataclass(frozen=True)
class Listening:
    """Where mails are handed in: a socket file, or host and port."""

    path: Path | None = None
    host: str = ""
    port: int = 0


@dataclass(frozen=True)
class MailSetup:
    """The door as it was set up. `sender` stands in the From line of answers; empty means the address written to."""

    domains: tuple[str, ...]
    relay: Relay
    sender: str


def mail_setup() -> MailSetup | None:
    """Return the set-up; None when this server has no e-mail door. Raises Refused when it is only half there."""
    options = settings.WEAREMANY
    domains = tuple(str(domain).lower() for domain in options["MAIL_DOMAINS"])
    relay, sender = str(options["MAIL_RELAY"]), str(options["MAIL_FROM"])
    if not domains and not relay:
        return None
    if not domains or not relay or (sender and not is_answerable(sender)):
        raise half_set_up()
    return MailSetup(domains=domains, relay=relay_of(relay, name=str(options["NAME"])), sender=sender)


def mail_door_address(campaign: Campaign, *, language: str) -> str | None:
    """Return where a photo for this campaign may be sent by e-mail now; None when it may not."""
    try:
        setup = mail_setup()
    except Refused:
        # The doctor says so; a page must not fail for it.
        return None
    if setup is None or campaign.phase != Phase.OPENED or not preset_rules(campaign).by_mail:
        return None
    return mail_address(campaign.handle, language=language, domain=setup.domains[0])


def listening_of(text: str) -> Listening:
    """Return where to listen: `unix:/PATH` or `HOST:PORT`; raises Refused `mail-listen-address`."""
    if text.startswith(UNIX + "/"):
        return Listening(path=Path(text.removeprefix(UNIX)))
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise Refused(
            "mail-listen-address",
            N_("The option WEAREMANY_MAIL_LISTEN is not understood. Write 127.0.0.1:8024 or unix:/PATH."),
        )
    return Listening(host=host.strip("[]"), port=int(port))


def half_set_up() -> Refused:
    """Return the refusal of a door that lacks something."""
    return Refused(
        "mail-half-set-up",
        N_(
            "The e-mail door needs WEAREMANY_MAIL_DOMAINS and WEAREMANY_MAIL_RELAY, and WEAREMANY_MAIL_FROM may only "
            "be an address."
        ),
    )
