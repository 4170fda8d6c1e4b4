"""The page for people who write bots does what it says: its own example runs on a real server, to the wall and back."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.people import seconds_until
from tests.rigs.serving import ROOT, campaign_arguments, server_in
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

PAGE = ROOT / "docs" / "develop" / "door-api.md"
PATIENCE_S = 60.0


def steps_of(page: str) -> list[str]:
    """Return the example in the page, cut before each of its seven steps."""
    (example,) = [
        code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "import httpx" in code
    ]
    return re.split(r"(?=^# \d\. )", example, flags=re.MULTILINE)


def test_the_pages_example_posts_and_takes_back(tmp_path: Path, monkeypatch) -> None:
    """Step by step as printed; only the address, the author's choices and the waiting are ours."""
    begin, *steps = steps_of(PAGE.read_text())
    assert len(steps) == 7
    monkeypatch.chdir(tmp_path)
    (tmp_path / "selfie.jpg").write_bytes(paint(scene(64, "ordinary")))
    shown: list[Any] = []
    with server_in(tmp_path, DATABASE="", STORAGE="") as server:
        server.command(*campaign_arguments())
        server.start()
        names: dict[str, Any] = {
            "show": lambda *words: shown.extend(words),
            "ask": lambda choices: choices[0]["name"],
            "agree": lambda words: bool(words),
        }

        def run(code: str) -> None:
            exec(code.replace("https://many.example", server.base), names)

        def until(state: str) -> dict[str, Any]:
            end = time.monotonic() + PATIENCE_S
            while True:
                run(steps[4])
                post: dict[str, Any] = names["post"]
                if post["state"] == state:
                    return post
                assert post["is_moving"] and time.monotonic() < end, post
                time.sleep(0.2)

        for code in (begin, *steps[:4]):
            run(code)
        assert "Wear red, take a selfie, post it here." in shown
        assert names["post"]["caption"] == "We are not indifferent"
        run(steps[3])
        assert len(names["post"]["photos"]) == 1
        assert until("confirm")["photos"][0]["faces"]
        run(steps[5])
        assert names["picture"].startswith(b"\xff\xd8")
        wall = until("on_wall")["wall"]
        assert httpx.get(server.base + wall).status_code == 200
        run(steps[6])
        seconds_until(lambda: httpx.get(server.base + wall).status_code in (404, 410), limit_s=2)
        code = names["form"]["code"]
        assert code not in server.log() and not any(
            word in server.log() for word in ("selfie", "indifferent")
        )
