"""A strict reader of pages: what is wrong with a page as HTML, and what it would load or send to."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
LOADING = {"src", "srcset", "href", "action", "poster", "data"}


@dataclass
class Reading(HTMLParser):
    """One page, read once. `faults` are sentences; `addresses` are (tag, attribute, value)."""

    page: str
    faults: list[str] = field(default_factory=list)
    addresses: list[tuple[str, str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    fields: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.page)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        self.faults += [f"id {name} stands twice" for name in {x for x in self.ids if self.ids.count(x) > 1}]
        if not self.page.lower().startswith("<!doctype html>"):
            self.faults.append("no doctype")
        for _, given in self.fields:
            if given.get("type") not in ("hidden", "submit") and not (
                given.get("id") in self.labelled or "aria-label" in given or given.get("_inside_label")
            ):
                self.faults.append(f"a field without a label: {given}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.faults.append(f"<{tag}> says an attribute twice")
        if "id" in given:
            self.ids.append(given["id"])
        for name, value in given.items():
            if name == "style" or name.startswith("on"):
                self.faults.append(f"<{tag} {name}> is inline")
            if name in LOADING:
                self.addresses.append((tag, name, value))
        if tag == "img" and "alt" not in given:
            self.faults.append("an image without words")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"<{tag}> is inline")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labelled.add(given.get("for", ""))
        if tag in ("input", "textarea", "select"):
            self.fields.append((tag, {**given, "_inside_label": "yes" if "label" in self._open else ""}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one SVG tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Match an end tag with the innermost open one."""
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes nothing; open are {self._open[-3:]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep the words that people read."""
        if not self._open or self._open[-1] not in ("script", "style"):
            self.words.append(data)


def foreign(reading: Reading, *, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return the addresses that a page would load from, or send to, elsewhere; plain links are no loading."""
    found = []
    for tag, name, value in reading.addresses:
        for address in (
            (part.split()[0] for part in value.split(",") if part.strip()) if name == "srcset" else (value,)
        ):
            is_ours = address.startswith(("/", "#", "data:image/", "?")) and not address.startswith("//")
            if not is_ours and tag != "a" and not address.startswith(allowed or ("\0",)):
                found.append(f"<{tag} {name}={address}>")
    return found
