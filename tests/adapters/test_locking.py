"""The data key under a lock: a seized disk opens nothing without the passphrase, the file or the device."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from wearemany.adapters import keys, locking
from wearemany.cli.main import main
from wearemany.errors import Broken, Refused

SECRET = b"six words that nobody else has here"


def test_only_the_same_secret_opens_it() -> None:
    """Locked twice it looks different; another secret, a changed bit or a cut file opens nothing."""
    content = locking.locked(b"k" * 32, SECRET)
    assert locking.is_locked(content)
    assert b"k" * 8 not in content
    assert content != locking.locked(b"k" * 32, SECRET)
    assert locking.unlocked(content, SECRET) == b"k" * 32
    changed = [
        content[:-1] + bytes([content[-1] ^ 1]),
        content[:20] + b"\x00" + content[21:],
        content[:-3],
        content[:9],
    ]
    for wrong, secret in [(content, b"other"), *((one, SECRET) for one in changed)]:
        with pytest.raises(Broken) as refusal:
            locking.unlocked(wrong, secret)
        assert refusal.value.code == "keys-lock-closed"


def test_a_server_with_a_lock_needs_what_opens_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked by a file on a stick: it loads with the stick alone; unlocked, as before. The key itself never changes."""
    monkeypatch.setenv("WEAREMANY_DATA", str(tmp_path))
    stick = tmp_path / "stick"
    stick.write_bytes(bytes(range(200)))
    made = keys.create(tmp_path / "keys").keys
    assert main(["key", "lock", "--by", f"file:{stick}"]) == 0
    assert made.data_key not in (tmp_path / "keys" / "data.key").read_bytes()
    assert keys.load(tmp_path / "keys", ask=locking.ask_for(f"file:{stick}")) == made
    with pytest.raises(ValueError):
        keys.load(tmp_path / "keys").wrap(b"k" * 32)
    for ask, code in (("", "keys-locked"), (f"file:{tmp_path / 'gone'}", "keys-lock-absent")):
        with pytest.raises((Broken, Refused)) as refusal:
            keys.load(tmp_path / "keys", ask=locking.ask_for(ask))
        assert refusal.value.code == code
    assert main(["key", "show", "red"]) == 0, "public keys need no secret"
    monkeypatch.setenv("WEAREMANY_UNLOCK", f"file:{stick}")
    assert main(["key", "unlock"]) == 0
    assert keys.load(tmp_path / "keys") == made


def test_a_passphrase_is_asked_for_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short one, and two that differ, change nothing."""
    monkeypatch.setenv("WEAREMANY_DATA", str(tmp_path))
    made = keys.create(tmp_path / "keys").keys
    long = SECRET.decode()
    for typed, code in (("short\nshort\n", 2), (f"{long}\n{long} not\n", 1), (f"{long}\n{long}\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["key", "lock", "--by", "passphrase"]) == code
        assert locking.is_locked((tmp_path / "keys" / "data.key").read_bytes()) == (code == 0)
    assert keys.load(tmp_path / "keys", ask=lambda: SECRET) == made
