"""Taking a multipart/form-data body apart while it arrives: text is kept, files are sealed at once.

Pure of input and output: bytes go in by `write`, sealed pieces come out for whoever stores them. The name a
file had is looked at only to tell a file from a text, and forgotten.
"""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from wearemany.adapters import clock
from wearemany.adapters.sealed import KEY_BYTES, Sealer
from wearemany.errors import N_, Refused
from wearemany.front.arrivals import body_too_large
from wearemany.front.parts import Limits

# The parser warns of every odd byte it meets; we refuse the form and say so, and the log stays quiet.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

_BOUNDARY_MAX_BYTES = 70


def body_unreadable(cause: str) -> Refused:
    """Return the refusal of a body that is not what its headers say."""
    return Refused(
        "body-unreadable",
        N_("What arrived could not be read. Please go back, load the page again and try once more."),
        cause=cause,
    )


def _too_many_parts(cause: str) -> Refused:
    return Refused(
        "body-too-many-parts",
        N_("The form has more fields than we can take. Please load the page again and try once more."),
        cause=cause,
    )


def _text_too_long() -> Refused:
    return Refused("body-text-too-long", N_("The text is too long. Please shorten it and try again."))


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a multipart content type names; raises Refused `body-unreadable`."""
    _, options = parse_options_header(content_type)
    boundary = bytes(options.get(b"boundary", b""))
    if not 1 <= len(boundary) <= _BOUNDARY_MAX_BYTES:
        raise body_unreadable("no usable boundary")
    return boundary


@dataclass
class FilePart:
    """A file on its way: `pieces` are sealed and wait to be stored; `ended` when it arrived whole."""

    field: str
    key: bytes = dataclasses.field(repr=False)
    sealer: Sealer = dataclasses.field(repr=False)
    size_bytes: int = 0
    pieces: list[bytes] = dataclasses.field(default_factory=list, repr=False)
    ended: bool = False


class FormReader:
    """Reads one form. `files` grows as files begin; a file without a single byte never appears there."""

    def __init__(self, boundary: bytes, limits: Limits) -> None:
        self.files: list[FilePart] = []
        self._limits = limits
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_part_data": self._part_bytes,
                "on_part_end": self._part_end,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_end": self._end,
            },
            max_header_count=limits.part_headers,
            max_header_size=limits.part_header_bytes,
        )
        self._texts: list[tuple[str, str]] = []
        self._text_bytes = 0
        self._parts = 0
        self._ended = False
        self._begin_headers()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the body; raises Refused for anything we do not take."""
        try:
            self._parser.write(chunk)
        except FormParserError as cause:
            raise body_unreadable(str(cause)) from None

    def finish(self) -> bytes:
        """Return the texts as application/x-www-form-urlencoded; raises Refused when the form is not whole."""
        if not self._ended:
            raise body_unreadable("the closing boundary is missing")
        encoded = urlencode(self._texts).encode("ascii")
        if len(encoded) > self._limits.text_bytes:
            raise _text_too_long()
        return encoded

    def _begin_headers(self) -> None:
        self._name = b""
        self._value = b""
        self._disposition: str | None = None
        self._field: str | None = None
        self._is_file = False
        self._file: FilePart | None = None
        self._text = bytearray()

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > self._limits.fields:
            raise _too_many_parts(f"more than {self._limits.fields} parts")
        self._begin_headers()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.strip().lower() == b"content-disposition":
            if self._disposition is not None:
                raise body_unreadable("a part with two dispositions")
            self._disposition = self._value.decode("latin-1")
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        name = bytes(options.get(b"name", b""))
        if bytes(kind).lower() != b"form-data" or b"name" not in options:
            raise body_unreadable("a part that is no form field")
        if len(name) > self._limits.field_name_bytes:
            raise body_unreadable("a field's name is too long")
        self._field = _text_of(name)
        self._is_file = b"filename" in options

    def _part_bytes(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._file_bytes(data[start:end])
            return
        self._text_bytes += end - start
        if self._text_bytes > self._limits.text_bytes or len(self._text) > self._limits.field_bytes:
            raise _text_too_long()
        self._text += data[start:end]

    def _file_bytes(self, content: bytes) -> None:
        if not content:
            return
        if self._file is None:
            if len(self.files) >= self._limits.files:
                raise Refused(
                    "body-too-many-files",
                    N_("At most %(count)d photos can be sent at once. Please choose fewer."),
                    count=self._limits.files,
                )
            key = clock.random_bytes(KEY_BYTES)
            self._file = FilePart(field=self._field or "", key=key, sealer=Sealer(key))
            self.files.append(self._file)
        self._file.size_bytes += len(content)
        if self._file.size_bytes > self._limits.part_bytes:
            raise body_too_large(self._limits.part_bytes)
        sealed = self._file.sealer.update(content)
        if sealed:
            self._file.pieces.append(sealed)

    def _part_end(self) -> None:
        if self._file is not None:
            self._file.pieces.append(self._file.sealer.finish())
            self._file.ended = True
        elif not self._is_file and self._field is not None:
            self._texts.append((self._field, _text_of(bytes(self._text))))

    def _end(self) -> None:
        self._ended = True


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise body_unreadable("a text that is not UTF-8") from None
