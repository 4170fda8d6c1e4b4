"""The figures page: one sentence to quote, charts that say in words what they show, files with stable columns."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import Cast
from tests.rig import KEYS
from tests.web.html import Reading, foreign
from tests.web.walls import stand
from wearemany.moderation.services import post_withdraw
from wearemany.rendering.chart import BARS_MAX, HEIGHT, chart
from wearemany.rendering.figures import COLUMNS
from wearemany.tlog.checkpoint import open_checkpoint
from wearemany.tlog.note import Verifier
from wearemany.wall.day_figures import figures_pending
from wearemany.wall.log import append_pending

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DICTIONARY = Path(__file__).parents[2] / "docs" / "audit" / "figures.md"


def shown(client: Client, cast: Cast, path: str = "figures", language: str = "en") -> str:
    """Return one of the figures' addresses."""
    answer = client.get(f"/{language}/{cast.campaign.handle}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_number_stands_in_one_sentence_in_each_language(cast: Cast, client: Client) -> None:
    """Ready to quote: how many posts, as of when, counted how; the reader's language first."""
    stand(cast, "one", "two")
    page = shown(client, cast)
    reading = Reading(page)
    assert reading.faults == [] and foreign(reading) == []
    words = " ".join(reading.words)
    english = (
        f"On 8 March 2026 the wall of #{cast.campaign.tag} had 2 posts, counted from a public signed list"
    )
    russian = "стояли 2 поста: посчитано по открытому подписанному списку"
    assert 0 < words.index(english) < words.index(russian)
    assert "Signed count of 8 March 2026" in words and "anyone can recount" in words
    assert f'href="/log/{cast.campaign.handle}/checkpoint"' in page
    other = " ".join(Reading(shown(client, cast, language="ru")).words)
    assert 0 < other.index(russian) < other.index(english)


def test_an_empty_wall_has_no_figures_yet(cast: Cast, client: Client) -> None:
    """Before the first signed count nothing is said."""
    page = shown(client, cast)
    assert "Nothing is counted yet" in page and "sentence-en" not in page
    assert json.loads(shown(client, cast, "figures.json"))["as_of"] is None


def test_the_charts_say_in_words_what_they_show(cast: Cast, client: Client) -> None:
    """Two drawings without script, each with title and description, and the table that has the same figures."""
    gone, *_ = stand(cast, "one", "two", "three")
    post_withdraw(post=gone)
    append_pending()
    page = shown(client, cast)
    assert page.count('role="img"') == 2 and page.count("<title id=") == 2 and page.count("<desc id=") == 2
    assert "its highest point is 2" in page and "the highest is 3" in page
    assert 'style="' not in page
    assert [
        cell for cell in ('<td class="figure">3</td>', '<td class="figure">1</td>') if cell not in page
    ] == []


def test_programs_get_stable_columns(cast: Cast, client: Client) -> None:
    """CSV and JSON say the same; every column and key is in the dictionary; the signed count in it verifies."""
    stand(cast, "one", "two")
    figures_pending()
    rows = list(csv.reader(io.StringIO(shown(client, cast, "figures.csv"))))
    assert (
        tuple(rows[0])
        == COLUMNS
        == ("day", "joined", "taken_back", "on_the_wall", "signed_lines", "signed_root")
    )
    assert rows[1][:5] == ["2026-03-08", "2", "0", "2", "3"]
    values = json.loads(shown(client, cast, "figures.json"))
    assert [str(values["days"][0][name]) for name in COLUMNS] == rows[1]
    assert values["counted"]["posts"] == 2 and values["mark"] == "anyone can recount"
    note = open_checkpoint(
        values["checkpoint"]["note"].encode(), Verifier(cast.campaign.origin, KEYS.signing_public())
    )
    assert note.size == values["checkpoint"]["size"] == 3
    kept = client.get(f"/en/{cast.campaign.handle}/figures/2026-03-08.txt")
    assert kept.content.decode() == values["checkpoint"]["note"]
    assert kept.headers["Access-Control-Allow-Origin"] == "*"
    for day in ("2026-03-09", "yesterday", "2026-99-01"):
        assert client.get(f"/en/{cast.campaign.handle}/figures/{day}.txt").status_code == 404
    text = DICTIONARY.read_text("utf-8")
    names = [*COLUMNS, *values, *values["counted"], *(f"checkpoint.{name}" for name in values["checkpoint"])]
    assert [name for name in names if f"`{name}`" not in text] == []


FIRST = date(2026, 1, 1)


@pytest.mark.parametrize("span", [1, 2, 91, 92, 93, 1000, 40_000])
def test_a_chart_stays_a_chart_however_long_a_campaign_lasts(span: int) -> None:
    """At most so many bars; the first and the last day are in it; what stood is carried over days without posts."""
    days = [(FIRST + timedelta(days=step), step % 7, step + 1) for step in sorted({0, span // 2, span - 1})]
    drawn = chart(days)
    assert drawn is not None
    assert (drawn.first, drawn.last, drawn.most_posts) == (days[0][0], days[-1][0], days[-1][2])
    assert len(drawn.bars) <= BARS_MAX and drawn.days_a_bar * BARS_MAX >= span
    heights = [float(point.split(",")[1]) for point in drawn.line[1:].split("L")]
    assert heights == sorted(heights, reverse=True) and min(heights) >= 0 and max(heights) <= HEIGHT
    assert chart([]) is None
