"""Being a witness for other walls: a folder with a key, the logs it knows, and what it cosigned last for each.

Needs no Django and none of the server. The folder holds `witness.key` (name and seed), `logs` (a verifier key a line)
and `seen.sqlite3`. Before an answer leaves, what it says is on the disk; two requests for one log cannot both move it,
whether they come in one process or in several. What is asked and answered is `tlog.witness`'s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wearemany.errors import N_, Refused
from wearemany.tlog.cosignature import cosign, cosigner
from wearemany.tlog.note import KEY_BYTES, KeyMalformed, Signer, Verifier, is_key_name, parse_vkey
from wearemany.tlog.witness import Cosigned, checkpoint_of, judge, parse_request
from wearemany.wall.folder import write_file

KEY_FILE = "witness.key"
LOGS_FILE = "logs"
SEEN_FILE = "seen.sqlite3"
_PATIENCE_S = 10.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS seen "
    "(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL) WITHOUT ROWID"
)
_LOGS = "# The logs that this witness knows: one verifier key a line.\n"


@dataclass(frozen=True)
class Stand:
    """A witness at work. Any number of threads and processes may share its folder."""

    folder: Path
    signer: Signer
    logs: dict[str, tuple[Verifier, ...]]

    @property
    def vkey(self) -> str:
        """Return the key by which its cosignatures are verified."""
        return cosigner(self.signer).vkey

    def add_checkpoint(self, body: bytes, *, time_s: int) -> bytes:
        """Cosign what a request asks for and return the answer's body; raises `tlog.witness.Refusal`.

        Durable before it returns. `time_s` is now, in POSIX seconds.
        """
        request = parse_request(body)
        verifiers = self.logs.get(checkpoint_of(request).origin, ())
        with self._seen() as seen:
            origin = checkpoint_of(request).origin
            row = seen.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
            judged = judge(request, verifiers=verifiers, latest=Cosigned(*row) if row else Cosigned())
            seen.execute(
                "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE "
                "SET size = excluded.size, root = excluded.root, note = excluded.note",
                (origin, judged.size, judged.root, request.note.data),
            )
        return cosign(request.note.text, self.signer, time_s=time_s).line.encode()

    def latest(self, origin: str) -> Cosigned:
        """Return what was cosigned last for a log."""
        with self._seen() as seen:
            row = seen.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
        return Cosigned(*row) if row else Cosigned()

    @contextmanager
    def _seen(self) -> Iterator[sqlite3.Connection]:
        """Hold the folder's one lock: committed and synced at the end, or, after an error, as it was."""
        seen = sqlite3.connect(self.folder / SEEN_FILE, timeout=_PATIENCE_S, isolation_level=None)
        try:
            seen.execute("PRAGMA journal_mode = DELETE")
            seen.execute("PRAGMA synchronous = EXTRA")
            seen.execute("BEGIN IMMEDIATE")
            seen.execute(_TABLE)
            try:
                yield seen
            except BaseException:
                seen.execute("ROLLBACK")
                raise
            seen.execute("COMMIT")
        finally:
            seen.close()


def stand_create(folder: Path, *, name: str, seed: bytes) -> Stand:
    """Make a witness's folder with its key. Refused `witness-exists` when there is one; it is never replaced."""
    if not is_key_name(name):
        raise Refused(
            "witness-name", N_("A witness's name has no space and no plus sign, such as witness.example.")
        )
    if (folder / KEY_FILE).exists():
        raise Refused("witness-exists", N_("There is a witness in %(folder)s already."), folder=folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / LOGS_FILE).exists():
        write_file(folder / LOGS_FILE, _LOGS.encode())
    (folder / KEY_FILE).touch(mode=0o600)
    (folder / KEY_FILE).write_text(f"{name}\n{seed.hex()}\n", "utf-8")
    return stand_open(folder)


def stand_open(folder: Path) -> Stand:
    """Open a witness's folder. Refused `witness-missing` or `witness-logs` when it cannot be read."""
    try:
        name, seed = (folder / KEY_FILE).read_text("utf-8").split()
        signer = Signer(name, bytes.fromhex(seed))
        if len(signer.seed) != KEY_BYTES or not is_key_name(name):
            raise ValueError("not a key")
    except (OSError, ValueError) as error:
        raise Refused(
            "witness-missing",
            N_("There is no witness in %(folder)s. Make one with `wearemany witness init`."),
            cause=type(error).__name__,
            folder=folder,
        ) from error
    return Stand(folder, signer, _read_logs(folder / LOGS_FILE))


def _read_logs(path: Path) -> dict[str, tuple[Verifier, ...]]:
    logs: dict[str, tuple[Verifier, ...]] = {}
    try:
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                verifier = parse_vkey(line.strip())
                logs[verifier.name] = (*logs.get(verifier.name, ()), verifier)
    except (OSError, UnicodeDecodeError, KeyMalformed) as error:
        raise Refused(
            "witness-logs",
            N_("The list of known logs cannot be read: %(path)s. It has one verifier key a line."),
            cause=str(error),
            path=path,
        ) from error
    return logs
