"""Every option of the server, declared once. Environment, settings, checks and docs are derived from this table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from wearemany.adapters.fetch import read_home, read_socks
from wearemany.adapters.fetch_line import Socks
from wearemany.doors import Door, DoorMalformed, declared, parse_doors
from wearemany.errors import N_, Refused
from wearemany.tlog.witness import Witness, parse_witnesses

PREFIX = "WEAREMANY_"


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError("negative")
    return number


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in value.replace(",", " ").split() if word)


def _doors(value: str) -> tuple[Door, ...]:
    return parse_doors(_words(value))


def _socks(value: str) -> Socks | None:
    return read_socks(value)


def _home(value: str) -> frozenset[str]:
    return read_home(_words(value))


def _witnesses(value: str) -> tuple[Witness, ...]:
    # A key may hold no comma, so the words are those between spaces and commas here too.
    return parse_witnesses(_words(value))


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(word) for word in _words(value))


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


@dataclass(frozen=True)
class Option:
    """One option: its name without the prefix, how its text is read, its default as text, and what it is for."""

    name: str
    read: Callable[[str], object]
    default: str
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable's name."""
        return PREFIX + self.name


OPTIONS = (
    Option("DATA", _folder, "data", "Folder for the keys, the SQLite database and, by default, the blobs."),
    Option("DATABASE", _text, "", "postgresql://USER:PASSWORD@HOST/NAME; empty means SQLite.", secret=True),
    Option("STORAGE", _text, "", "s3://BUCKET; empty means a folder inside the data folder."),
    Option("S3_ENDPOINT", _text, "", "Address of the S3 server, when it is not Amazon's."),
    Option("S3_REGION", _text, "us-east-1", "Region of the S3 bucket."),
    Option("S3_KEY_ID", _text, "", "Access key of the S3 bucket.", secret=True),
    Option("S3_SECRET", _text, "", "Secret key of the S3 bucket.", secret=True),
    Option("NAME", _text, "localhost", "This server's public name; a log opened here keeps it in its origin for ever."),
    Option("DOORS", _doors, "", "Whole addresses of this server, the main one first; empty means that of NAME."),
    Option("ADDRESSES", _words, "localhost 127.0.0.1 [::1]", "Host names to answer to besides those of DOORS."),
    Option("HOST", _text, "127.0.0.1", "Address to listen on."),
    Option("PORT", _whole, "8000", "Port to listen on."),
    Option("SECURE", _text, "", "`yes` when a proxy in front serves HTTPS for NAME; DOORS say it for each address."),
    Option("TRUSTED_PROXIES", _networks, "", "Networks of your own proxies, whose X-Forwarded-For tells who sends."),
    Option("MODELS", _text, "", "Folder of the face finder; empty means inside the Python environment."),
    Option("DARKROOM_CHILDREN", _whole, "1", "Darkroom processes that develop photos side by side; 0 only serves."),
    Option("UPLOAD_MAX_BYTES", _whole, "26214400", "Largest photo that is received, in bytes."),
    Option("UPLOAD_MAX_PIXELS", _whole, "50000000", "Largest photo that is opened, in pixels."),
    Option("UPLOAD_MAX_SIDE_PX", _whole, "16384", "Longest side of a photo that is opened, in pixels."),
    Option("UPLOAD_KEEP_HOURS", _whole, "24", "Hours after which an upload is erased even if it was never developed."),
    Option("BODY_DEADLINE_S", _whole, "900", "Seconds within which a request's body must have arrived."),
    Option("OPEN_BODIES", _whole, "1000", "How many request bodies may be arriving at the same time."),
    Option("MAIL_LISTEN", _text, "", "Where photos come in by e-mail (LMTP): HOST:PORT or unix:/PATH; empty is off."),
    Option("MAIL_DOMAINS", _words, "", "Domains of the addresses that photos may be sent to, HANDLE@DOMAIN."),
    Option("MAIL_RELAY", _text, "", "smtp://HOST:PORT of the mail server nearby that carries the answers on."),
    Option("MAIL_FROM", _text, "", "The From address of the answers; empty means the address that was written to."),
    Option("SOCKS", _socks, "", "socks5://HOST:PORT for all that is asked of others; empty is direct.", secret=True),
    Option("OUTBOUND_HOME", _home, "", "HOST:PORT of private places that may be asked, such as a witness of yours."),
    Option("WITNESSES", _witnesses, "", "Who countersigns the walls: for each its verifier key, then its address."),
    Option("UNLOCK", _text, "", "What opens a locked data key: passphrase (asked at start), file:PATH or device:PATH."),
    Option("ERASE_DELAY_HOURS", _whole, "24", "Hours until what one person wants erased is, if no second agrees."),
    Option("BURN_PASSPHRASE", _text, "", "Typed at the desk, it burns a campaign at once; empty is off.", secret=True),
    Option("LOOKS_A_DAY", _whole, "2000", "How many posts one person of the team is shown a day; a quarter an hour."),
    Option("LOG_LEVEL", _text, "warning", "How much is logged: debug, info, warning or error. Never addresses."),
)  # fmt: skip


def read_options(environment: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return every option's value by name, from `environment` (default: the process's own).

    Raises Refused with code `option-invalid` when a value cannot be read, or `option-unknown` when a
    variable with our prefix is none of ours: a misspelt safety option must not be silently ignored.
    """
    given = os.environ if environment is None else environment
    known = {option.variable for option in OPTIONS}
    for variable in given:
        if variable.startswith(PREFIX) and variable not in known:
            raise Refused(
                "option-unknown",
                N_("There is no option %(variable)s. See docs/run/options.md for the list."),
                variable=variable,
            )
    values: dict[str, object] = {}
    for option in OPTIONS:
        text = given.get(option.variable, option.default)
        try:
            values[option.name] = option.read(text)
        except ValueError as error:
            raise Refused(
                "option-invalid",
                N_("The option %(variable)s cannot be read. It means: %(help)s"),
                cause=str(error),
                variable=option.variable,
                help=option.help,
            ) from error
    _require_name(values)
    return values


def _require_name(values: Mapping[str, object]) -> None:
    """Refuse a NAME that is no host name where it is to be the only door."""
    try:
        declared(values)
    except DoorMalformed as error:
        raise Refused(
            "option-invalid",
            N_("The option %(variable)s cannot be read. It means: %(help)s"),
            cause=str(error),
            variable=PREFIX + "NAME",
            help="This server's public name, such as many.example.",
        ) from error
