"""The API's description is true: schemathesis asks the running server for all it says, and for what it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.rigs.serving import ROOT, Serving, campaign_arguments, server_in

HOOKS = "tests.api.schema_hooks"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with an open campaign; it develops nothing."""
    folder = tmp_path_factory.mktemp("openapi")
    with server_in(folder, DARKROOM_CHILDREN="0", DATABASE="", STORAGE="") as serving:
        serving.command(*campaign_arguments())
        serving.start()
        yield serving


def post_there_is(server: Serving) -> dict[str, str]:
    """Post something through the API; return its code and its photo's id as the hooks want them."""
    with httpx.Client(base_url=f"{server.base}/api/v1") as door:
        form = door.post("/campaigns/red/forms").json()
        photo = {"photo": ("a.jpg", b"a selfie")}
        upload = door.post("/uploads", data={"form": form["form"]}, files=photo).json()["upload"]
        body = {
            **form,
            "uploads": [upload],
            "cover": "everybody",
            "ticks": {"show": True, "agreed": True},
            "terms_version": door.get("/campaigns/red").json()["terms_version"],
            "language": "en",
        }
        answer = door.post("/campaigns/red/posts", json=body)
    assert answer.status_code == 200, answer.text
    return {"DOOR_CODE": form["code"], "DOOR_PHOTO": answer.json()["photos"][0]["photo"]}


def tried(server: Serving, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against the server with all its checks."""
    command = Path(sys.executable).with_name("schemathesis")
    environment = {
        **os.environ,
        **post_there_is(server),
        "SCHEMATHESIS_HOOKS": HOOKS,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [str(command), "run", f"{server.base}/api/v1/openapi.json", "--checks", "all", "--seed", "7",
         "--no-color", "--continue-on-failure", "--generation-database", "none", *arguments],
        env=environment, cwd=server.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("--phases", "examples,coverage", "--max-examples", "5"),
        ("--phases", "fuzzing", "--max-examples", "5"),
        pytest.param(
            ("--phases", "examples,coverage,fuzzing", "--max-examples", "150"), marks=pytest.mark.long
        ),
    ],
    ids=("what-it-says", "chance", "much-chance"),
)
def test_schemathesis_finds_nothing(server: Serving, arguments: tuple[str, ...]) -> None:
    """Every status, header and body that comes is described; what fits is taken, what does not is refused."""
    done = tried(server, *arguments)
    assert done.returncode == 0, done.stdout[-8000:]
    assert "Tested: 16" in done.stdout
    assert not [line for line in server.log().splitlines() if line.startswith("ERROR")]


def test_the_document_is_complete(server: Serving) -> None:
    """Each operation says what it is for, what every status means, and shows an example of what it takes."""
    document = httpx.get(f"{server.base}/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len({operation["operationId"] for operation in operations}) == 16
    for operation in operations:
        assert operation["summary"] and operation["description"].endswith(".")
        assert {"400", "503"} < set(operation["responses"])
        assert all(answer["description"].endswith(".") for answer in operation["responses"].values())
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
        if name.endswith("Body"):
            assert schema["additionalProperties"] is False
    text = json.dumps(document)
    assert "http://" not in text and "https://" not in text
