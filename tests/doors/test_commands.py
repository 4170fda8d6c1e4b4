"""The commands around doors: show, check, export, and what the doctor says of them."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest
from django.conf import settings
from django.test.utils import override_settings

from tests.cast import Cast
from tests.doors.conftest import DOORS, MIRROR, list_mirror
from tests.front.house import Served
from tests.rig import KEYS, NOON, House
from tests.wall.conftest import Site
from wearemany.cli.doctor_doors import knock_at_doors, look_at_doors
from wearemany.cli.doors import run_show
from wearemany.cli.doors_check import run_check
from wearemany.doors import parse_doors
from wearemany.errors import Refused
from wearemany.tlog.note import Signer
from wearemany.wall.doors_note import list_doors, sign_doors
from wearemany.wall.export import log_export
from wearemany.wall.log import append_pending

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def shown(capsys: pytest.CaptureFixture[str], handle: str = "") -> str:
    capsys.readouterr()
    assert run_show(Namespace(handle=handle)) == 0
    return capsys.readouterr().out


def test_what_show_prints_check_believes(
    three_doors: None, committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the server's name and under a log's; with the wrong key, or one letter changed, it is refused."""
    list_mirror(committed_cast.campaign)
    for handle, name in (("", "many.example/doors"), ("we-are-many", committed_cast.campaign.origin)):
        (tmp_path / "doors").write_text(shown(capsys, handle))
        key = Signer(name, KEYS.signing_seed).verifier.vkey
        assert run_check(Namespace(source=str(tmp_path / "doors"), key=key, json=True)) == 0
        listed = json.loads(capsys.readouterr().out)
        assert listed["name"] == name
        assert [door["url"] for door in listed["doors"]] == [*DOORS, MIRROR]
        wrong = Signer(name, bytes(32)).verifier.vkey
        with pytest.raises(Refused) as refused:
            run_check(Namespace(source=str(tmp_path / "doors"), key=wrong, json=False))
        assert refused.value.code == "doors-unverified"
        (tmp_path / "doors").write_text(shown(capsys, handle).replace("many.help", "evil.help"))
        with pytest.raises(Refused):
            run_check(Namespace(source=str(tmp_path / "doors"), key=key, json=False))
    with pytest.raises(Refused) as refused:
        run_check(Namespace(source=str(tmp_path / "none"), key="", json=False))
    assert refused.value.code == "doors-missing"


def test_the_list_is_found_on_the_server_and_in_an_export(
    served: Served, committed_cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the log it needs no other key than the log's; any page anywhere may read it."""
    append_pending()
    assert run_check(Namespace(source=f"{served.url}/log/we-are-many/doors", key="", json=False)) == 0
    assert DOORS[2] in capsys.readouterr().out
    log_export(committed_cast.campaign, folder=tmp_path / "export")
    assert run_check(Namespace(source=str(tmp_path / "export" / "doors"), key="", json=False)) == 0


def test_the_doctor_looks_at_every_door(three_doors: None, house: House) -> None:
    """Declared well is well; plain HTTP for everybody is to be mended, an onion without it is not."""
    assert all(finding.well for finding in look_at_doors())
    options = {
        **settings.WEAREMANY,
        "DOORS": parse_doors(["http://many.example", "https://not.allowed.example"]),
    }
    with override_settings(WEAREMANY=options):
        plain, unheard, listed = look_at_doors()
    assert not plain.well and "HTTPS" in plain.says
    assert not unheard.well and listed.well


def test_the_doctor_knocks(served: Served, house: House) -> None:
    """A door that answers with our list, a dead one, another program, and an onion that cannot be looked at."""
    here = f"http://127.0.0.1:{served.port}"
    doors = parse_doors([here, "http://127.0.0.1:9", DOORS[2]])
    with override_settings(WEAREMANY={**settings.WEAREMANY, "DOORS": doors}):
        alive, dead, onion = knock_at_doors()
    assert alive.well, alive.says
    assert not dead.well and "no answer" in dead.says
    assert onion.well and "Tor Browser" in onion.says


def test_the_doctor_knows_a_stranger_at_the_door(site: Site, three_doors: None, house: House) -> None:
    """A block page, another server's list, or a list without one of our doors is not our server."""
    door = parse_doors([site.address])
    for answer, says in (
        (b"<h1>This site is blocked</h1>", "another"),
        (
            sign_doors(
                list_doors(name="many.example/doors", day=NOON.date(), doors=door), seed=bytes(32)
            ).data,
            "another",
        ),
        (
            sign_doors(
                list_doors(name="many.example/doors", day=NOON.date(), doors=()), seed=KEYS.signing_seed
            ).data,
            "other doors",
        ),
    ):
        site.files["/doors"] = answer
        with override_settings(WEAREMANY={**settings.WEAREMANY, "DOORS": door}):
            (found,) = knock_at_doors()
        assert not found.well and says in found.says
    del site.files["/doors"]
    with override_settings(WEAREMANY={**settings.WEAREMANY, "DOORS": door}):
        (found,) = knock_at_doors()
    assert not found.well
