"""The server's keys: made once, whole, private, and never by being missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wearemany.adapters import keys
from wearemany.errors import Broken, Refused


@pytest.fixture
def made(tmp_path: Path) -> keys.Creation:
    return keys.create(tmp_path / "keys")


def test_created_keys_load_again(tmp_path: Path, made: keys.Creation) -> None:
    """What `create` returned is what `load` reads."""
    assert keys.load(tmp_path / "keys") == made.keys


def test_files_are_private(tmp_path: Path, made: keys.Creation) -> None:
    """Only the owner may read key files, and nothing else is left beside them."""
    folder = tmp_path / "keys"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert keys.exposed(folder) == []
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    (folder / "data.key").chmod(0o644)
    assert keys.exposed(folder) == ["data.key"]


def test_the_recovery_seed_is_not_on_the_server(tmp_path: Path, made: keys.Creation) -> None:
    """No file holds the private half of the recovery key, and its public half is the one stored."""
    for path in (tmp_path / "keys").iterdir():
        content = path.read_bytes()
        assert made.recovery_seed not in content
        assert made.recovery_seed.hex().encode() not in content
    public = Ed25519PrivateKey.from_private_bytes(made.recovery_seed).public_key().public_bytes_raw()
    assert public == made.keys.recovery_public


def test_keys_are_never_replaced(tmp_path: Path, made: keys.Creation) -> None:
    """A second `create` refuses and changes nothing."""
    with pytest.raises(Refused) as caught:
        keys.create(tmp_path / "keys")
    assert caught.value.code == "keys-exist"
    assert keys.load(tmp_path / "keys") == made.keys


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    """A folder that the operator made beforehand is used."""
    (tmp_path / "keys").mkdir()
    created = keys.create(tmp_path / "keys")
    assert keys.load(tmp_path / "keys") == created.keys


def test_missing_keys_stop_the_program_and_stay_missing(tmp_path: Path) -> None:
    """Loading from an empty place says what to run and creates nothing."""
    with pytest.raises(Broken) as caught:
        keys.load(tmp_path / "keys")
    assert caught.value.code == "keys-missing"
    assert "wearemany init" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["signing.key", "data.key", "pepper.key", "secret.key", "recovery.pub"])
def test_part_of_a_set_is_broken(tmp_path: Path, made: keys.Creation, name: str) -> None:
    """Each single file that is gone or cut is noticed and named; none is made anew."""
    path = tmp_path / "keys" / name
    whole = path.read_bytes()
    path.write_bytes(whole[:10])
    with pytest.raises(Broken) as caught:
        keys.load(tmp_path / "keys")
    assert caught.value.code == "keys-unreadable"
    path.unlink()
    with pytest.raises(Broken) as caught:
        keys.load(tmp_path / "keys")
    assert caught.value.code == "keys-incomplete"
    assert name in str(caught.value)
    assert not path.exists()


def test_a_wrapped_key_opens_only_for_its_owner(made: keys.Creation) -> None:
    """Wrapping hides the key; another owner or any flipped byte makes unwrapping fail."""
    own = made.keys
    key = own.new_key()
    wrapped = own.wrap(key, owner="post:a")
    assert key not in wrapped
    assert own.unwrap(wrapped, owner="post:a") == key
    changed = [wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))]
    for blob, owner in [(wrapped, "post:b"), (wrapped[:-1], "post:a"), (b"", "post:a")] + [
        (blob, "post:a") for blob in changed
    ]:
        with pytest.raises(Broken) as caught:
            own.unwrap(blob, owner=owner)
        assert caught.value.code == "wrapped-key-broken"


def test_another_server_cannot_unwrap(tmp_path: Path, made: keys.Creation) -> None:
    """A stolen database is of no use under other keys."""
    other = keys.create(tmp_path / "other").keys
    with pytest.raises(Broken):
        other.unwrap(made.keys.wrap(b"k" * 32))


def test_peppered_hashes_of_different_purposes_cannot_be_matched(made: keys.Creation) -> None:
    """The same secret gives the same hash for the same purpose, another one for another."""
    own = made.keys
    assert own.peppered(b"secret", purpose="keep-code") == own.peppered(b"secret", purpose="keep-code")
    assert own.peppered(b"secret", purpose="keep-code") != own.peppered(b"secret", purpose="like:1")


def test_keys_do_not_print_themselves(made: keys.Creation) -> None:
    """A stray log line or crash dump shows no secret."""
    shown = repr(made) + str(made.keys)
    for secret in (made.keys.signing_seed, made.keys.data_key, made.keys.pepper, made.recovery_seed):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert made.keys.secret_key not in shown


def test_django_starts_before_init_and_then_keeps_its_key(tmp_path: Path) -> None:
    """Before `init` the key passes with the process; afterwards it is the stored one."""
    folder = tmp_path / "keys"
    assert keys.django_secret(folder) != keys.django_secret(folder)
    assert not folder.exists()
    created = keys.create(folder)
    assert keys.django_secret(folder) == created.keys.secret_key
