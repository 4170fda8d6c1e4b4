"""Signed notes as C2SP signed-note defines them: a text, and signatures by named keys under it.

Three things can be wrong with a note and are kept apart: it is `NoteMalformed` (not a note at all),
`NoteInvalid` (a key we know is named and its signature is false) or `NoteUnverified` (no key we know
signed it). Also here: the timestamped cosignatures of witnesses (key type 0x04). What the text says is
not known here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
MOST_SIGNATURES = 100
MOST_NOTE_BYTES = 1_000_000
KEY_BYTES = 32
TIME_BYTES = 8
LATEST_TIME_S = 2**63 - 1

_VKEY = re.compile(r"(?P<name>[^+\s]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^+\s]+")


class KeyMalformed(ValueError):
    """The text is not a verifier key that we can use."""


class NoteError(ValueError):
    """A note that must not be believed."""


class NoteMalformed(NoteError):
    """Not a signed note at all."""


class NoteInvalid(NoteError):
    """A known key is named and its signature is false."""


class NoteUnverified(NoteError):
    """No key that we know signed this note."""


def decode_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical spelling; ValueError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("not canonical base64")
    return data


def is_key_name(name: str) -> bool:
    """Tell whether a name may stand in a key: not empty, without white space and plus signs."""
    return _NAME.fullmatch(name) is not None and not any(ord(sign) < 0x20 for sign in name)


@dataclass(frozen=True)
class Verifier:
    """A key to verify with: the name it goes by, its algorithm, and 32 public bytes."""

    name: str
    public_key: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature names this key."""
        material = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        return hashlib.sha256(material).digest()[:4]

    @property
    def vkey(self) -> str:
        """Return the key as text to be handed on: name, id, key."""
        key = base64.b64encode(bytes([self.algorithm]) + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{key}"


@dataclass(frozen=True)
class Signer:
    """A key to sign with: the name it goes by and its 32-byte Ed25519 seed, which stays out of `repr`."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer(name={self.name!r})"

    @property
    def verifier(self) -> Verifier:
        """Return the public half."""
        return Verifier(
            self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        )


@dataclass(frozen=True)
class Signature:
    """One signature line: who signed, with which key, and the bytes behind the key's id."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """Return the line as it stands in the note."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.data).decode('ascii')}\n"


@dataclass(frozen=True)
class Note:
    """A well-formed note, verified or not."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """Return the note's bytes."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()


def parse_vkey(text: str) -> Verifier:
    """Return the key that a verifier-key text holds; `KeyMalformed` when its parts do not belong together."""
    match = _VKEY.fullmatch(text)
    if match is None or not is_key_name(match["name"]):
        raise KeyMalformed("not a verifier key")
    try:
        key = decode_base64(match["key"])
    except ValueError:
        raise KeyMalformed("the key is not base64") from None
    if len(key) != 1 + KEY_BYTES or key[0] not in {ED25519, COSIGNATURE}:
        raise KeyMalformed("not a kind of key that we know")
    verifier = Verifier(match["name"], key[1:], key[0])
    if verifier.key_id.hex() != match["id"]:
        raise KeyMalformed("the key's id does not belong to it")
    return verifier


def sign(text: str, signer: Signer) -> Note:
    """Sign a text, which must end with a line break and hold no other control characters."""
    if not is_key_name(signer.name):
        raise KeyMalformed("a key's name has no white space and no plus sign")
    if not text.endswith("\n") or _has_control(text):
        raise NoteMalformed("a note's text is lines")
    data = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(text.encode())
    return Note(text, (Signature(signer.name, signer.verifier.key_id, data),))


def parse(data: bytes) -> Note:
    """Read a note without verifying it; `NoteMalformed` when it is none."""
    if len(data) > MOST_NOTE_BYTES:
        raise NoteMalformed("the note is too long")
    try:
        whole = data.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        raise NoteMalformed("the note is not UTF-8") from None
    if _has_control(whole):
        raise NoteMalformed("the note holds a control character")
    text, blank, rest = whole.rpartition("\n\n")
    if not blank or not rest.endswith("\n"):
        raise NoteMalformed("the note has no signatures")
    lines = rest[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteMalformed("the note has too many signatures")
    return Note(text + "\n", tuple(parse_signature(line) for line in lines))


def verify(data: bytes, *verifiers: Verifier) -> Note:
    """Return the note with only its verified signatures; raise one of the three `NoteError`s otherwise."""
    note = parse(data)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in note.signatures:
        place = (signature.name, signature.key_id)
        verifier = known.get(place)
        if verifier is None or place in verified:
            continue
        if not is_signed(note.text, signature, verifier):
            raise NoteInvalid(f"the signature of {signature.name} is false")
        verified[place] = signature
    if not verified:
        raise NoteUnverified("no key that we know signed this")
    return Note(note.text, tuple(verified.values()))


def is_signed(text: str, signature: Signature, verifier: Verifier) -> bool:
    """Tell whether `signature` is the verifier's over `text`, as its kind of key signs."""
    message, data = text.encode(), signature.data
    if verifier.algorithm == COSIGNATURE:
        time_s = int.from_bytes(data[:TIME_BYTES], "big")
        if len(data) <= TIME_BYTES or time_s > LATEST_TIME_S:
            return False
        message = cosigned_message(text, time_s=time_s)
        data = data[TIME_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(data, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def cosigned_message(text: str, *, time_s: int) -> bytes:
    """Return the bytes that a witness signs: that it saw the text at that time (POSIX seconds)."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosignature_time_s(signature: Signature) -> int:
    """Return when a witness signed, in POSIX seconds; only meaningful for a verified cosignature."""
    return int.from_bytes(signature.data[:TIME_BYTES], "big")


def _has_control(text: str) -> bool:
    return any(sign < " " and sign != "\n" for sign in text)


def parse_signature(line: str) -> Signature:
    """Read one signature line, without its line break; `NoteMalformed` when it is none."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not is_key_name(name):
        raise NoteMalformed("a signature line has a dash, a name and a signature")
    try:
        data = decode_base64(encoded)
    except ValueError:
        raise NoteMalformed("a signature is not base64") from None
    if len(data) < 5:
        raise NoteMalformed("a signature is too short")
    return Signature(name, data[:4], data[4:])
