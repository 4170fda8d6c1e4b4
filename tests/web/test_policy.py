"""What holds for every answer: the strict policy, the language of the path, the same-origin check, kind errors."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("path", ["/en/", "/ru/", "/en/nothing-here", "/", "/nowhere"])
def test_every_answer_carries_the_strict_policy(client: Client, path: str) -> None:
    """Pages, redirects and errors alike forbid everything but our own origin, and no answer tells a time."""
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Last-Modified" not in answer.headers and "Vary" not in answer.headers


@pytest.mark.parametrize(
    ("wish", "home"),
    [("ru-RU,ru;q=0.9,en;q=0.5", "/ru/"), ("de,en;q=0.5", "/en/"), ("", "/en/"), ("%&", "/en/")],
)
def test_the_start_leads_to_the_readers_language(client: Client, wish: str, home: str) -> None:
    """Only the start looks at the browser's wish; nothing keeps that answer."""
    answer = client.get("/", headers={"accept-language": wish})
    assert (answer.status_code, answer.headers["Location"]) == (302, home)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ru", "ltr")])
def test_the_path_decides_the_language(client: Client, language: str, direction: str) -> None:
    """The browser's wish changes nothing where the path has a language."""
    page = client.get(f"/{language}/", headers={"accept-language": "de"}).content.decode()
    assert f'<html lang="{language}" dir="{direction}"' in page


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "http://localhost.elsewhere.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
        {"origin": "null"},
    ],
)
def test_another_site_cannot_act_here(client: Client, headers: dict[str, str]) -> None:
    """A form on somebody else's page is turned away with a sentence, before anything reads it."""
    answer = client.post("/en/", {"x": "y"}, headers=headers)
    assert answer.status_code == 403
    assert "other-origin" in answer.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {},
    ],
)
def test_our_own_pages_can_act(client: Client, headers: dict[str, str]) -> None:
    """What comes from our own page, or from no page, is let through to the view."""
    assert client.post("/en/", {"x": "y"}, headers=headers).status_code != 403


def test_a_page_without_referrer_may_act_at_the_keep_page_alone(client: Client) -> None:
    """Its forms say `null`; a campaign whose address begins with the same letters gains nothing by it."""
    headers = {"origin": "null"}
    assert client.post("/en/keep", {"code": "x"}, headers=headers).status_code != 403
    assert client.post("/en/keep/state", {"code": "x"}, headers=headers).status_code != 403
    assert client.post("/en/keepsake/post/1/like", {}, headers=headers).status_code == 403


def test_an_unknown_address_is_answered_kindly(client: Client) -> None:
    """The page says so in a sentence, has a code, and shows nothing of our inside."""
    answer = client.get("/en/nothing-here/at/all")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "address-unknown" in page
    assert not re.search(r"Traceback|urlconf|wearemany\.", page)


def test_a_script_gets_the_error_as_json(client: Client) -> None:
    """One shape for every error: a stable code and a sentence."""
    answer = client.get("/en/nothing-here/at/all", headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"code", "sentence"}


def test_a_method_that_is_not_taken_is_answered_kindly(client: Client) -> None:
    """Even this empty answer of the framework becomes a page with a sentence."""
    answer = client.get("/en/any-campaign/post/1/like")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "method-unknown" in answer.content.decode() and "/en/any-campaign/" in answer.content.decode()


@pytest.mark.parametrize("path", ["/en/keep", "/en/claim", "/en/keep/group"])
def test_a_form_in_other_letters_is_not_our_mistake(cast: Cast, client: Client, path: str) -> None:
    """A form that says it is not UTF-8 cannot be read: that is told, and wakes nobody."""
    kind = "application/x-www-form-urlencoded; charset=utf-16"
    answer = client.post(path, b"code=x", content_type=kind)
    assert answer.status_code == 400 and "request-odd" in answer.content.decode()


def test_an_error_of_ours_tells_nothing_of_the_inside(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page with a code, no trace and no message; the log keeps the place and the kind, not the message."""

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Anna, 12 Garden Street")

    monkeypatch.setattr("wearemany.web.story.story_view", fail)
    answer = client.get(f"/en/{cast.campaign.handle}/story")
    assert answer.status_code == 500
    assert "unexpected" in answer.content.decode()
    assert "Garden" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in caplog.text
