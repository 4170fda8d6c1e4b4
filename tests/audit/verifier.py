"""A verifier written from docs/audit/verifier.md and format.md alone; it must never import the server's code."""

import base64
import hashlib
import json
import re
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Fail(Exception):
    """A finding after which nothing can be judged."""


def sha256(data):
    return hashlib.sha256(data).digest()


def parse_key(text):
    name, key_id, encoded = text.strip().split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    assert len(key) == 33 and key[0] == 1
    assert sha256(name.encode() + b"\n" + key)[:4].hex() == key_id
    return name, bytes.fromhex(key_id), key[1:]


def exact_base64(text):
    data = base64.b64decode(text, validate=True)
    assert base64.b64encode(data).decode() == text
    return data


def open_note(data, key):
    name, key_id, public = key
    try:
        whole = data.decode("utf-8")
        assert whole.endswith("\n") and not any(ord(sign) < 32 and sign != "\n" for sign in whole)
        text, blank, rest = whole.rpartition("\n\n")
        assert blank
        text += "\n"
        lines = []
        for line in rest[:-1].split("\n"):
            dash, holder, encoded = line.split(" ")
            signature = exact_base64(encoded)
            assert dash == "\u2014" and holder and "+" not in holder and len(signature) >= 5
            lines.append((holder, signature[:4], signature[4:]))
    except (UnicodeDecodeError, AssertionError, ValueError):
        raise Fail("checkpoint-malformed") from None
    mine = [signature for holder, at, signature in lines if (holder, at) == (name, key_id)]
    if not mine:
        raise Fail("key-other")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(mine[0], text.encode())
    except InvalidSignature:
        raise Fail("signature-false") from None
    return text


def open_checkpoint(data, key):
    name = key[0]
    text = open_note(data, key)
    try:
        body = text[:-1].split("\n")
        origin, size, root = body[0], body[1], exact_base64(body[2])
        assert all(body) and origin == name and re.fullmatch("0|[1-9][0-9]{0,18}", size) and len(root) == 32
        assert size != "0" or root == sha256(b"")
    except (AssertionError, ValueError, IndexError):
        raise Fail("checkpoint-malformed") from None
    return int(size), root


def path(level, n, width):
    digits = str(n).zfill(-(-len(str(n)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")


def node(left, right):
    return sha256(b"\x01" + left + right)


def root(hashes):
    if not hashes:
        return sha256(b"")
    hashes = list(hashes)
    while len(hashes) > 1:
        pairs = [node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(pairs) * 2 :]
    return hashes[0]


def unbundle(data):
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        if len(data) < 2 + length:
            return None
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


def a_hash(value):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def a_number(low, high):
    return lambda value: type(value) is int and low <= value <= high


def a_flag(value):
    return type(value) is bool


OF = a_number(1, 10**15 - 1)
POST = {
    "commitment": a_hash,
    "photos": a_number(1, 4),
    "people": a_number(1, 99),
    "colour": a_flag,
    "repeat": a_flag,
}


def has_the_form(entry):
    fields = {name: value for name, value in entry.items() if name not in ("v", "day", "kind")}
    if entry["kind"] == "phase":
        phase = fields.pop("phase", None)
        is_right = a_hash(fields.pop("text", None)) and phase in ("opened", "paused", "resumed", "closed")
        if phase == "opened":
            is_right = a_hash(fields.pop("recovery", None)) and is_right
        return is_right and not fields
    if entry["kind"] == "post":
        return set(fields) == set(POST) and all(POST[name](value) for name, value in fields.items())
    if not OF(fields.pop("of", None)):
        return False
    if entry["kind"] == "removed":
        return not fields
    return bool(fields) and all(name in POST and POST[name](value) for name, value in fields.items())


def read_entry(data):
    if len(data) > 512:
        raise Fail("entry-too-long")
    try:
        entry = json.loads(data.decode("ascii"))
        again = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        assert (
            isinstance(entry, dict) and entry and again == data and b"\\" not in data and b"\x7f" not in data
        )
        assert all(type(value) in (str, int, bool) for value in entry.values())
        kind = entry.get("kind")
        if kind not in ("phase", "post", "amend", "removed"):
            assert all(re.fullmatch("[a-z][a-z_]{0,30}", name) for name in entry)
            assert all(abs(value) < 10**15 for value in entry.values() if type(value) is int)
    except (UnicodeDecodeError, ValueError, AssertionError, RecursionError):
        raise Fail("entry-form") from None
    if type(entry.get("v")) is not int or entry["v"] != 1:
        raise Fail("entry-version")
    is_known = kind in ("phase", "post", "amend", "removed")
    is_right = (
        has_the_form(entry) if is_known else isinstance(kind, str) and re.fullmatch("[a-z]{1,20}", kind)
    )
    day = entry.get("day")
    if not is_right or (is_known and not (isinstance(day, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", day))):
        raise Fail("entry-form")
    try:
        assert date.fromisoformat(day).isoformat() == day
    except (ValueError, AssertionError, TypeError):
        raise Fail("entry-day") from None
    return entry


NEXT = {
    None: ("opened",), "opened": ("paused", "closed"), "resumed": ("paused", "closed"),
    "paused": ("resumed", "closed"), "closed": (),
}  # fmt: skip


class Count:
    """The fold."""

    def __init__(self):
        self.size, self.posts, self.used, self.phase, self.removed, self.unknown = 0, {}, set(), None, 0, {}

    def living(self, of):
        if of >= self.size:
            raise Fail("of-future")
        if of not in self.posts:
            raise Fail("of-no-post")
        if not self.posts[of]["live"]:
            raise Fail("of-removed")
        return self.posts[of]

    def use(self, commitment):
        if commitment in self.used:
            raise Fail("commitment-twice")
        self.used.add(commitment)

    def take(self, entry):
        kind = entry["kind"]
        if self.phase is None and kind != "phase":
            raise Fail("not-opened")
        if kind == "phase":
            if entry["phase"] not in NEXT[self.phase]:
                raise Fail("phase-order")
            self.phase = entry["phase"]
        elif kind == "post":
            if self.phase == "closed":
                raise Fail("post-after-closed")
            self.use(entry["commitment"])
            self.posts[self.size] = {**entry, "live": True}
        elif kind == "amend":
            post = self.living(entry["of"])
            if "commitment" in entry:
                self.use(entry["commitment"])
            post.update({name: value for name, value in entry.items() if name in POST})
        elif kind == "removed":
            self.living(entry["of"])["live"] = False
            self.removed += 1
        else:
            self.unknown[kind] = self.unknown.get(kind, 0) + 1
        self.size += 1

    def figures(self):
        live = [post for post in self.posts.values() if post["live"]]
        return {
            "entries": self.size,
            "posts": len(live),
            "people": sum(post["people"] for post in live),
            "distinct": sum(not post["repeat"] for post in live),
            "in_colour": sum(post["colour"] for post in live),
            "removed": self.removed,
            "unknown": self.unknown,
            "phase": self.phase,
        }


def root_above(rows):
    right = []
    for row in rows:
        right = [root(row + right)] if row or right else []
    return root(right)


def read_announcement(data, origin, first):
    """Return (what the recovery key says, doubt): None and the reason where it is not to be believed."""
    try:
        recovery = bytes.fromhex(read_entry(first)["recovery"])
    except (Fail, KeyError, TypeError):
        return None, "announcement-other"
    name = origin + "/recovery"
    key = name, sha256(name.encode() + b"\n\x01" + recovery)[:4], recovery
    try:
        text = open_note(data, key)
    except Fail:
        return None, "announcement-other"
    lines, says = text.split("\n"), {}
    try:
        assert lines.pop() == "" and lines[:2] == ["wearemany announcement v1", origin]
        assert date.fromisoformat(lines[2]).isoformat() == lines[2]
        says["day"], rest = lines[2], lines[3:]
        assert rest
        if rest[0].startswith("taken "):
            _, size, tree = rest.pop(0).split(" ")
            assert re.fullmatch("0|[1-9][0-9]{0,14}", size) and len(exact_base64(tree)) == 32
            says["taken"] = int(size), exact_base64(tree)
        if rest and rest[0].startswith("moved "):
            _, address, there = rest.pop(0).split(" ")
            assert re.fullmatch("https?://[!-~]{1,300}", address) and len(there) <= 400 and parse_key(there)
            says["moved"] = address, there
        if rest and rest[0] == "ended":
            says["ended"] = bool(rest.pop(0))
        assert not rest
    except (AssertionError, ValueError, IndexError):
        return None, "announcement-unknown"
    return says, ""


def announced(read, key_text):
    """Return what `read_announcement` says of a log's files; (None, "") where nothing is announced."""
    data, key = read("announcement"), parse_key(key_text)
    if data is None:
        return None, ""
    try:
        size, _ = open_checkpoint(read("checkpoint") or b"", key)
    except Fail:
        return None, "announcement-other"
    bundle = read(path("entries", 0, min(size, 256))) or read(path("entries", 0, 256)) or b""
    return read_announcement(data, key[0], (unbundle(bundle) or [b""])[0])


def recount(read, key_text, earlier=None):
    """Return (findings, figures); `read` gives a file's bytes or None. Figures are None where not all was counted."""
    key, findings, count, legal = parse_key(key_text), [], Count(), True
    data = read("checkpoint")
    if data is None:
        return ["checkpoint-missing"], None
    try:
        size, signed_root = open_checkpoint(data, key)
        held = [open_checkpoint(earlier, key)] if earlier else []
    except Fail as fail:
        return [str(fail)], None
    says, _ = announced(read, key_text)
    taken = (says or {}).get("taken")
    held += [taken] if taken else []
    for old_size, old_root in held:
        if old_size > size:
            findings.append("rollback")
        if old_size == size and old_root != signed_root:
            findings.append("fork")
    if len({old_root for old_size, old_root in held if old_size > size}) > len(
        {at for at, _ in held if at > size}
    ):
        findings.append("fork")
    rows, numbers, seen = [[]], [0], 0

    def content(level, n, width):
        own = read(path(level, n, width))
        if own is not None or width == 256:
            return own, False
        return read(path(level, n, 256)), True

    def compare(level, n, row):
        file, is_full = content(level, n, len(row))
        if file is None:
            findings.append("tile-missing")
        elif (file[: 32 * len(row)] if is_full else file) != b"".join(row):
            findings.append("tile-other")

    while seen < size:
        width = min(256, size - seen)
        file, is_full = content("entries", seen // 256, width)
        entries = None if file is None else unbundle(file)
        if file is None or entries is None or len(entries) != (256 if is_full else width):
            return [*findings, "bundle-missing" if file is None else "bundle-malformed"], None
        for entry in entries[:width]:
            for old_size, old_root in held:
                if seen == old_size and root_above(rows) != old_root:
                    findings.append("fork")
            rows[0].append(sha256(b"\x00" + entry))
            seen += 1
            try:
                if legal:
                    count.take(read_entry(entry))
            except Fail as fail:
                findings.append(str(fail))
                legal = False
        level = 0
        while len(rows[level]) == 256:
            compare(level, numbers[level], rows[level])
            if level + 1 == len(rows):
                rows.append([])
                numbers.append(0)
            rows[level + 1].append(root(rows[level]))
            rows[level] = []
            numbers[level] += 1
            level += 1
    for level, row in enumerate(rows):
        if row:
            compare(level, numbers[level], row)
    if root_above(rows) != signed_root:
        findings.append("root-other")
    if taken and taken[0] < size:
        findings.append("key-taken")
    return findings, count.figures() if legal else None
