"""Days as an iCalendar file (RFC 5545): whole days only, CRLF, folded, escaped. Pure; which days is in `days`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

FOLD_OCTETS = 75


@dataclass(frozen=True)
class DayEvent:
    """One entry of a calendar, a whole day. `uid` stays the same as long as it means the same."""

    uid: str
    day: datetime.date
    summary: str
    description: str = ""


def calendar_bytes(events: Sequence[DayEvent], *, maker: str) -> bytes:
    """Return the file; `maker` names the program in it. It tells no time finer than the day, not even of its making."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{maker}//days//EN", "CALSCALE:GREGORIAN"]
    for event in events:
        following = event.day + datetime.timedelta(days=1)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{event.day:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{following:%Y%m%d}",
            f"SUMMARY:{escaped(event.summary)}",
            *([f"DESCRIPTION:{escaped(event.description)}"] if event.description else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """Return a text value: backslashes, commas, semicolons and line ends escaped, no other control characters."""
    tidy = "".join(
        sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if sign == "\n" or sign >= " "
    )
    for sign, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\x7f", "")):
        tidy = tidy.replace(sign, instead)
    return tidy


def folded(line: str) -> bytes:
    """Return one content line in pieces of at most 75 octets, no letter torn apart, each ended by CRLF."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode("utf-8", "replace")
        if len(piece) + len(octets) > FOLD_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join((*pieces, piece)) + b"\r\n"
