"""Our answers, scored by the rules of the HTTP Observatory; and the page that answers each requirement of the ASVS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from tests.cast import Cast
from tests.web.desk_rig import HANDLE
from tests.web.walls import position_of, stand
from wearemany.accounts.services import sign_in_link_create
from wearemany.doors import parse_doors

ROOT = Path(__file__).resolve().parents[2]
SECURITY = ROOT.parent / "shared" / "trials" / "security"
ASVS = ROOT / "docs" / "run" / "security.md"
ANSWERS = {"met", "not applicable", "not met"}
HOST = "many.example"

needs_trial = pytest.mark.skipif(
    not SECURITY.is_dir(), reason="the security trial is not beside this checkout"
)


def rules_of(headers: Mapping[str, str], cookies: SimpleCookie, page: str) -> set[str]:
    """Return the names of the rules that an answer falls under, of those that an answer can tell.

    Turning HTTP into HTTPS is the proxy's business, so no rule on redirection is among them.
    """
    policy = headers.get("Content-Security-Policy", "")
    directives = [part.split() for part in policy.split(";") if part.strip()]
    by_name = {words[0]: words[1:] for words in directives}
    loose = {word for words in by_name.values() for word in words if word in ("*", "http:", "https:")}
    scripts = by_name.get("script-src", by_name.get("default-src", []))
    found = set()
    if not policy:
        found.add("csp-not-implemented")
    elif len(by_name) < len(directives):
        found.add("csp-header-invalid")
    elif "'unsafe-inline'" in scripts or "data:" in scripts or loose:
        found.add("csp-implemented-with-unsafe-inline")
    elif "'unsafe-eval'" in scripts:
        found.add("csp-implemented-with-unsafe-eval")
    elif by_name.get("default-src") == ["'none'"]:
        found.add("csp-implemented-with-no-unsafe-default-src-none")
    else:
        found.add("csp-implemented-with-no-unsafe")
    found.add(
        "x-frame-options-implemented-via-csp"
        if by_name.get("frame-ancestors")
        else "x-frame-options-not-implemented"
    )
    age = re.match(r"max-age=([0-9]+)", headers.get("Strict-Transport-Security", ""))
    long_enough = age is not None and int(age[1]) >= 15_768_000
    found.add("hsts-implemented-max-age-at-least-six-months" if long_enough else "hsts-not-implemented")
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    found.add(
        "referrer-policy-private"
        if headers.get("Referrer-Policy") in private
        else "referrer-policy-not-implemented"
    )
    sniffs = headers.get("X-Content-Type-Options") != "nosniff"
    found.add("x-content-type-options-not-implemented" if sniffs else "x-content-type-options-nosniff")
    if headers.get("Cross-Origin-Resource-Policy") == "same-origin":
        found.add("corp-implemented-with-same-origin")
    if headers.get("Cross-Origin-Opener-Policy") == "same-origin":
        found.add("coop-implemented-with-same-origin")
    if headers.get("Access-Control-Allow-Origin") and headers.get("Access-Control-Allow-Credentials"):
        found.add("cross-origin-resource-sharing-implemented-with-universal-access")
    found |= _rules_of_cookies(cookies)
    sources = re.findall(r"<script[^>]* src=\"([^\"]+)\"", page)
    if any(source.startswith(("http:", "//")) for source in sources):
        found.add("sri-not-implemented-and-external-scripts-not-loaded-securely")
    return found


def _rules_of_cookies(cookies: SimpleCookie) -> set[str]:
    if not cookies:
        return {"cookies-not-found"}
    found = set()
    for name, cookie in cookies.items():
        if not cookie["secure"]:
            found.add(
                "cookies-session-without-secure-flag" if name == "desk" else "cookies-without-secure-flag"
            )
        if name == "desk" and not cookie["httponly"]:
            found.add("cookies-session-without-httponly-flag")
        if cookie["samesite"] not in ("Strict", "Lax"):
            found.add("cookies-samesite-flag-invalid")
    return found or {"cookies-secure-with-httponly-sessions-and-samesite"}


def score_of(found: set[str]) -> int:
    """Return the score: from 100 what is wrong is taken off; what is better than asked counts only from 90 on."""
    table = json.loads((SECURITY / "observatory-rules.json").read_text())
    modifiers = {rule["rule"]: rule["modifier"] for rule in table["rules"]}
    assert found <= modifiers.keys(), found - modifiers.keys()
    score = int(table["start"]) + sum(min(0, modifiers[rule]) for rule in found)
    extra = sum(max(0, modifiers[rule]) for rule in found)
    return score + extra if score >= table["extra_credit_only_from"] else score


@needs_trial
@pytest.mark.database
def test_our_answers_score_a_hundred_and_more(cast: Cast) -> None:
    """Pages, forms, keep-pages, feeds, the desk with its session, errors: each one on its own, behind an HTTPS door."""
    (post,) = stand(cast, "on the wall")
    options = {**settings.WEAREMANY, "DOORS": parse_doors((f"https://{HOST}",))}
    with override_settings(WEAREMANY=options, ALLOWED_HOSTS=[HOST]):
        client = Client(headers={"host": HOST})
        at = f"/en/{HANDLE}/"
        own = {"origin": f"https://{HOST}"}
        answers = [
            *(
                client.get(at + path)
                for path in ("", "join", "story", "feed.rss", "check", f"post/{position_of(post)}")
            ),
            client.get("/"),
            client.get("/en/keep"),
            client.get("/en/nothing-here"),
            client.post(f"{at}post/{position_of(post)}/like", headers=own),
            client.post("/desk/in", {"token": sign_in_link_create(account=cast.organiser)}, headers=own),
            client.get("/desk/"),
        ]
        assert {answer.status_code for answer in answers} <= {200, 302, 303, 404}
        scores = {
            answer.request["PATH_INFO"]: score_of(
                rules_of(answer.headers, answer.cookies, answer.content.decode(errors="replace"))
            )
            for answer in answers
        }
    assert min(scores.values()) >= 100, scores
    assert any(answer.cookies for answer in answers)


@needs_trial
def test_the_score_sees_what_is_wrong() -> None:
    """Without headers an answer fails; a loose word in the policy, or a cookie without its flags, costs its points."""
    assert score_of(rules_of({}, SimpleCookie(), "")) < 50
    loose = {
        "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    }
    assert "csp-implemented-with-unsafe-inline" in rules_of(loose, SimpleCookie(), "")
    assert "cookies-session-without-secure-flag" in rules_of({}, SimpleCookie("desk=1"), "")


def answered() -> dict[str, tuple[str, str]]:
    """Return what the page answers, by requirement."""
    found: dict[str, tuple[str, str]] = {}
    for line in ASVS.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", cells[0]):
            assert len(cells) == 3 and cells[1] in ANSWERS and cells[2], line
            assert cells[0] not in found, f"{cells[0]} is answered twice"
            found[cells[0]] = (cells[1], cells[2])
    return found


@needs_trial
def test_every_requirement_is_answered_once() -> None:
    """Each of the ASVS requirements that were chosen for this product, and no other."""
    lines = (SECURITY / "asvs.jsonl").read_text().splitlines()
    wanted = {json.loads(line)["id"].removeprefix("v5.0.0-") for line in lines}
    assert answered().keys() == wanted


def test_every_test_that_the_page_names_exists() -> None:
    """What is said to be met names a test that is there, or a page or section that says how."""
    for requirement, (answer, text) in answered().items():
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text(), f"{requirement} names {path}::{name}"
        assert answer != "met" or named or "](" in text, f"{requirement} is met by nothing that is named"
