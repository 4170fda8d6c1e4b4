"""The desk for tests: a browser that keeps cookies and says where it comes from, and somebody signed in."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

from wearemany.accounts.models import Account
from wearemany.accounts.services import sign_in_link_create

ORIGIN = "http://testserver"
HANDLE = "we-are-many"
DESK = f"/desk/{HANDLE}/"


class Browser:
    """A browser at the desk; `page` is the text of the last answer, redirects followed."""

    def __init__(self, language: str = "en") -> None:
        self.client = Client(headers={"accept-language": language})
        self.status = 0
        self.page = ""
        self.raw = b""
        self.path = ""

    def get(self, path: str) -> Browser:
        """Open a page."""
        return self._take(self.client.get(path, follow=True))

    def post(self, path: str, **fields: object) -> Browser:
        """Send a form of ours."""
        return self._take(self.client.post(path, fields, headers={"origin": ORIGIN}, follow=True))

    def review(self, act: str, **fields: object) -> Browser:
        """Act on the post in hand."""
        return self.post(f"{DESK}review/{act}", **{"post": self.hidden("post"), **fields})

    def hidden(self, name: str) -> str:
        """Return the first hidden field of that name on the page."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.page)
        return unescape(found.group(1)) if found else ""

    def _take(self, answer: object) -> Browser:
        self.status = answer.status_code  # type: ignore[attr-defined]
        self.raw = answer.content  # type: ignore[attr-defined]
        self.page = unescape(self.raw.decode(errors="replace")) if b"\x00" not in self.raw else ""
        chain = getattr(answer, "redirect_chain", [])
        self.path = chain[-1][0] if chain else answer.request["PATH_INFO"]  # type: ignore[attr-defined]
        return self


def signed_in(account: Account, language: str = "en") -> Browser:
    """Return a browser in which the account has used its link."""
    browser = Browser(language)
    browser.post("/desk/in", token=sign_in_link_create(account=account))
    return browser
