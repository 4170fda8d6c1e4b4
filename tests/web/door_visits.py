"""A visitor at the door, as Django sees one behind the front: text fields in the body, sealed files beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.test import Client

from tests.cast import Cast
from tests.rig import House
from wearemany.adapters.received import ENVIRON_KEY
from wearemany.moderation.services import decide_pending
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.log import append_pending
from wearemany.worker.loop import run_until_idle

FORM = "application/x-www-form-urlencoded"
SELFIE = b"a selfie in a red scarf"
_HIDDEN = re.compile(r'<input type="hidden" name="(code|form)" value="([^"]*)">')


@dataclass
class Visitor:
    """Somebody with the posting form open."""

    client: Client
    house: House
    handle: str
    language: str
    fields: dict[str, str]

    @property
    def path(self) -> str:
        """The posting page."""
        return f"/{self.language}/{self.handle}/join"

    @property
    def code(self) -> str:
        """The secret code that came with the form."""
        return self.fields["code"]

    def sends(self, path: str, fields: dict[str, object], *files: bytes, **headers: str):
        """Send a form with files; returns the answer."""
        body = urlencode(fields, doseq=True)
        received = tuple(self.house.received(content) for content in files)
        return self.client.post(path, body, content_type=FORM, headers=headers, **{ENVIRON_KEY: received})

    def posts(self, *files: bytes, script: str = "", **changes: object):
        """Send the posting form, complete unless changed; `script` is what a script says that it accepts."""
        fields: dict[str, object] = {**self.fields, "cover": "nobody", "tick": ["show", "agreed"], **changes}
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.sends(self.path, fields, *files, **({"accept": script} if script else {}))

    def keeps(self, act: str = "", *files: bytes, **fields: object):
        """Do something on the keep-page."""
        path = f"/{self.language}/keep{'/' + act if act else ''}"
        return self.sends(path, {"code": self.code, **fields}, *files)


def visitor(client: Client, cast: Cast, *, handle: str = "we-are-many", language: str = "en") -> Visitor:
    """Open the posting form as a visitor does."""
    page = client.get(f"/{language}/{handle}/join")
    assert page.status_code == 200
    return Visitor(client, cast.house, handle, language, dict(_HIDDEN.findall(page.content.decode())))


def work() -> None:
    """Do everything that the workers have to do."""
    run_until_idle((develop_pending, decide_pending, append_pending, blobs_doom_pending))
