"""The whole story behind three doors of one server: not one link, redirect or cookie of another door."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from tests.cast import Cast
from tests.doors.conftest import DOORS, HELP, MANY, MIRROR, ONION, list_mirror
from tests.front.house import Served, client, form, read_until
from tests.web.walls import stand
from wearemany.accounts.services import sign_in_link_create
from wearemany.moderation.services import decide_pending
from wearemany.photos.models import Post
from wearemany.photos.steps import develop_pending
from wearemany.wall.log import append_pending
from wearemany.worker.loop import run_until_idle

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

WALL = "/en/we-are-many/"
PAGES = (
    "/", "/en/", "/ru/", WALL, f"{WALL}?lite", f"{WALL}?screen", f"{WALL}page/0", f"{WALL}post/1", f"{WALL}story",
    f"{WALL}check", f"{WALL}poster", f"{WALL}join", f"{WALL}feed.rss", "/ru/we-are-many/", "/ru/we-are-many/feed.rss",
    "/en/keep", "/en/doors", "/ru/doors", "/doors", "/log/we-are-many/doors", "/log/we-are-many/checkpoint",
    "/log/we-are-many/vkey", "/robots.txt", "/desk/", "/desk/in", "/en/nothing-here/at/all", f"{WALL}post/99",
    f"{WALL}mail", f"{WALL}post/1/mine", "/en/claim", "/api/v1/openapi.json", "/api/v1/campaigns/we-are-many",
    "/static/nothing", "/r/nothing.webp", f"{WALL}post/1/like",
)  # fmt: skip
# Where a document speaks of other doors on purpose: checked by themselves below.
ON_PURPOSE = re.compile(
    r'(?s)<p class="foot__doors">.*?</p>|<ul class="list-plain ways">.*?</ul>'
    r'|<section class="stack" aria-labelledby="mirrors">.*?</section>'
    r'|<details class="addresses">.*?</details>'
)
WHOLE = re.compile(r"https?://[^\s\"'<>)]+")
NAMESPACES = ("http://www.w3.org/", "http://search.yahoo.com/mrss/", "http://purl.org/rss/")


@dataclass
class Visitor:
    """Somebody who comes through one door; keeps cookies as a browser does, `faults` are sentences."""

    served: Served
    origin: str
    cookies: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str):
        """Open an address and look for anything of another door."""
        return self._look(path, client.get(self.served.url + path, headers=self._headers(headers)))

    def post(self, path: str, fields: dict[str, object], *, origin: str | None = None):
        """Send a form, as the page of `origin` does (own when not given)."""
        headers = self._headers({"origin": origin or self.origin})
        return self._look(path, client.post(self.served.url + path, data=fields, headers=headers))

    def sends_photo(self, path: str, fields: list[tuple[str, str]]):
        """Send the posting form with a photo."""
        parts = [(name, None, value.encode()) for name, value in fields]
        body = form([*parts, ("photo", "me.jpg", b"a selfie in red " + self.origin.encode())])
        headers = {"origin": self.origin, "content-type": "multipart/form-data; boundary=----edge7"}
        return self._look(
            path, client.post(self.served.url + path, content=body, headers=self._headers(headers))
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"host": urlsplit(self.origin).netloc, **({"cookie": kept} if kept else {}), **more}

    def _look(self, path: str, answer):
        where = f"{self.origin} {answer.request.method} {path}"
        text = answer.text
        if answer.headers.get("content-type", "").startswith("application/rss"):
            text = re.sub(r'<atom:link [^>]*rel="alternate"[^>]*>', "", text)
            text = re.sub(r"Other ways to reach this wall:[^<]*|Другие пути к этой стене:[^<]*", "", text)
        elif not path.endswith("doors") or "text/html" in answer.headers["content-type"]:
            text = ON_PURPOSE.sub("", text)
        else:
            text = ""
        for found in WHOLE.findall(unescape(text)):
            if not found.startswith((f"{self.origin}/", *NAMESPACES)):
                self.faults.append(f"{where} says {found}")
        location = answer.headers.get("location", "/")
        if not re.match(r"/(?!/)", location) and not location.startswith(f"{self.origin}/"):
            self.faults.append(f"{where} sends to {location}")
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
            if ("secure" in cookie.lower()) != self.origin.startswith("https:"):
                self.faults.append(f"{where} sets {cookie}")
            if "domain=" in cookie.lower():
                self.faults.append(f"{where} sets a cookie for a whole domain")
        self._look_for_onion(where, path, answer)
        return answer

    def _look_for_onion(self, where: str, path: str, answer) -> None:
        is_page = "text/html" in answer.headers.get("content-type", "") and answer.request.method == "GET"
        told = answer.headers.get("onion-location")
        if told is not None and (told != ONION + path or not self.origin.startswith("https:")):
            self.faults.append(f"{where} tells of {told}")
        if is_page and answer.status_code == 200 and self.origin.startswith("https:") and told is None:
            self.faults.append(f"{where} does not tell of the onion door")


@pytest.fixture
def visitors(served: Served, committed_cast: Cast) -> list[Visitor]:
    """One visitor at each door, with a wall to see."""
    list_mirror(committed_cast.campaign)
    stand(committed_cast, "Мы не равнодушны", "In red, for you", name="Аня")
    return [Visitor(served, origin) for origin in DOORS]


def test_every_page_speaks_of_its_own_door(visitors: list[Visitor]) -> None:
    """Every page, feed, file and error, door after door and twice over, so that kept pages are met by each."""
    for path in (*PAGES, *PAGES):
        for visitor in visitors:
            visitor.get(path)
    assert [fault for visitor in visitors for fault in visitor.faults] == []
    walls = [visitor.get(WALL) for visitor in visitors]
    for visitor, wall in zip(visitors, walls, strict=True):
        assert f'<meta property="og:url" content="{visitor.origin}{WALL}">' in wall.text
    held = visitors[1].get(WALL, **{"if-none-match": walls[0].headers["etag"]})
    assert held.status_code == 200, "a page kept for one door is not another door's page"


@pytest.mark.threat("J")
def test_every_page_leads_to_itself_behind_the_other_doors(visitors: list[Visitor]) -> None:
    """The foot of a page names the others, path kept, and never the one where the reader stands."""
    for visitor in visitors:
        for path in (
            WALL,
            f"{WALL}post/1",
            f"{WALL}story",
            f"{WALL}check",
            f"{WALL}poster",
            f"{WALL}join",
            "/en/nothing",
        ):
            foot = re.search(r'(?s)<p class="foot__doors">(.*?)</p>', visitor.get(path).text)[1]
            links = re.findall(r'href="(https?://[^"]+)"', foot)
            assert links == [f"{origin}{path}" for origin in DOORS if origin != visitor.origin]
        keep = visitor.get("/en/keep").text
        assert re.findall(r'href="(https?://[^"]+)"', keep) == [
            f"{origin}/en/keep" for origin in DOORS if origin != visitor.origin
        ]
        assert "we-are-many" not in keep


def test_a_feed_can_be_followed_from_door_to_door(visitors: list[Visitor]) -> None:
    """Its own links are the door's, the others stand beside; a post is the same post behind each."""
    seen = []
    for visitor in visitors:
        feed = feedparser.parse(visitor.get(f"{WALL}feed.rss").content)
        assert not feed.bozo and feed.feed.link == f"{visitor.origin}{WALL}"
        others = [origin for origin in DOORS if origin != visitor.origin]
        tree = etree.fromstring(visitor.get(f"{WALL}feed.rss").content)
        links = tree.findall("channel/{http://www.w3.org/2005/Atom}link")
        assert [link.get("href") for link in links] == [
            f"{origin}{WALL}feed.rss" for origin in (visitor.origin, *others)
        ]
        assert feed.feed.description.endswith(" ".join(f"{origin}{WALL}" for origin in others))
        assert all(entry.link.startswith(f"{visitor.origin}{WALL}post/") for entry in feed.entries)
        seen.append([entry.id for entry in feed.entries])
    assert (
        seen[0] == seen[1] == seen[2] == ["many.example/log/we-are-many/2", "many.example/log/we-are-many/1"]
    )


def test_posting_liking_and_commenting_work_at_every_door(visitors: list[Visitor]) -> None:
    """A photo posted at each door becomes a post; its author's page, a like and a comment stay at that door."""
    before = Post.objects.count()
    for visitor in visitors:
        page = visitor.get(f"{WALL}join").text
        hidden = re.findall(r'<input type="hidden" name="(code|form)" value="([^"]*)">', page)
        ticks = [("cover", "nobody"), ("tick", "show"), ("tick", "agreed")]
        answer = visitor.sends_photo(f"{WALL}join", [*hidden, *ticks])
        assert answer.status_code == 200 and "Thank you" in answer.text
        assert visitor.post("/en/keep", {"code": dict(hidden)["code"]}).status_code == 200
        liked = visitor.post(f"{WALL}post/1/like", {})
        assert liked.status_code == 303 and "likes" in visitor.cookies
        assert visitor.get(f"{WALL}post/1").status_code == 200
        commented = visitor.post(f"{WALL}post/1/comment", {"text": "With you", "name": ""})
        assert commented.status_code == 303
    assert [fault for visitor in visitors for fault in visitor.faults] == []
    run_until_idle((develop_pending, decide_pending, append_pending))
    assert Post.objects.count() == before + 3
    assert all(f"{WALL}post/5" in visitor.get(WALL).text for visitor in visitors)


def test_a_form_of_one_door_is_not_taken_at_another(visitors: list[Visitor]) -> None:
    """Each door takes its own pages' forms; another door is another origin, as is the same name without HTTPS."""
    for visitor in visitors:
        for origin in (*DOORS, MANY.replace("https", "http"), "https://evil.example", "null"):
            answer = visitor.post(f"{WALL}post/1/like", {}, origin=origin)
            assert answer.status_code == (303 if origin == visitor.origin else 403), (visitor.origin, origin)


def test_the_team_signs_in_at_any_door(visitors: list[Visitor], committed_cast: Cast) -> None:
    """The redirects stay, and the session's cookie is as secure as the door is."""
    for visitor in visitors:
        assert visitor.get("/desk/").headers["location"] == "/desk/in"
        token = sign_in_link_create(account=committed_cast.moderator)
        assert visitor.post("/desk/in", {"token": token}).status_code == 303
        assert visitor.get("/desk/").status_code == 200 and "desk" in visitor.cookies
        assert visitor.post("/desk/out", {}).status_code == 303
    assert [fault for visitor in visitors for fault in visitor.faults] == []


def test_the_neutral_pages_lead_to_themselves_behind_the_other_doors(visitors: list[Visitor]) -> None:
    """One foot, with the other language and the other addresses of the very page that is open."""
    for path in ("/en/keep", "/en/claim", f"{WALL}post/1/mine", f"{WALL}group"):
        page = visitors[0].get(path).text
        assert page.count("<footer") == 1 and f'href="/ru{path[3:]}"' in page
        (addresses,) = re.findall(r'(?s)<details class="addresses">(.*?)</details>', page)
        assert re.findall(r'href="([^"]+)"', addresses) == [f"{origin}{path}" for origin in DOORS[1:]]


def test_the_live_stream_brings_no_address_of_any_door(visitors: list[Visitor]) -> None:
    """Its events are shared by the readers of all doors, so they hold paths alone."""
    for visitor in visitors:
        place = re.search(r'data-live="([^"]+)"', visitor.get(WALL).text)[1]
        place = re.sub(r"after=.*", "after=-1", place)
        stream = visitor.served.line()
        stream.sendall(f"GET {place} HTTP/1.1\r\nHost: {urlsplit(visitor.origin).netloc}\r\n\r\n".encode())
        arrived = read_until(stream, b"}\n\n", limit_s=5)
        stream.close()
        assert b"/en/we-are-many/post/" in arrived and b"://" not in arrived


def test_a_host_that_is_none_of_ours_is_refused(served: Served, committed_cast: Cast) -> None:
    """It gets a page that names the doors, and nothing that was made for the name that it gave."""
    for path in ("/en/", WALL, f"{WALL}feed.rss", f"{WALL}join", "/en/doors", "/doors"):
        answer = client.get(served.url + path, headers={"host": "evil.example"})
        assert answer.status_code == 421
        assert "evil.example" not in answer.text + repr(answer.headers)
        assert all(f"{origin}{path}" in answer.text for origin in DOORS)
    refused = client.post(
        f"{served.url}{WALL}post/0/like", headers={"host": "evil.example", "origin": "https://evil.example"}
    )
    assert refused.status_code == 421 and "set-cookie" not in refused.headers


def test_a_host_that_is_allowed_and_no_door_speaks_of_the_main_door(served: Served) -> None:
    """Such as the machine's own address: it works, and what is copied from its pages leads to the main door."""
    page = client.get(served.url + WALL).text
    assert f'og:url" content="{MANY}{WALL}"' in page
    foot = re.search(r'(?s)<p class="foot__doors">(.*?)</p>', page)[1]
    assert re.findall(r'href="(https?://[^"]+)"', foot) == [f"{HELP}{WALL}", f"{ONION}{WALL}"]


def test_the_page_of_doors_has_them_all(visitors: list[Visitor]) -> None:
    """Each with a code to take a picture of, mirrors apart, in both languages and without any script."""
    for visitor in visitors:
        for language in ("en", "ru"):
            page = visitor.get(f"/{language}/doors").text
            assert all(f'href="{origin}/{language}/"' in page for origin in DOORS)
            assert page.count("<svg") >= len(DOORS) and MIRROR in page
    assert [fault for visitor in visitors for fault in visitor.faults] == []
