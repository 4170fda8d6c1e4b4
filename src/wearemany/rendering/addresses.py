"""Every public path, in one place: they are permanent and the same behind every door. They begin with a slash."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """The addresses of one campaign in one language of the interface."""

    language: str
    handle: str

    @property
    def wall(self) -> str:
        """The wall."""
        return f"/{self.language}/{self.handle}/"

    @property
    def join(self) -> str:
        """The posting page."""
        return f"{self.wall}join"

    @property
    def mail(self) -> str:
        """How to join by e-mail."""
        return f"{self.wall}mail"

    @property
    def group(self) -> str:
        """Where a group's leader comes in by an invitation; its secret stands behind the #."""
        return f"{self.wall}group"

    @property
    def story(self) -> str:
        """What happened."""
        return f"{self.wall}story"

    @property
    def check(self) -> str:
        """The number, explained."""
        return f"{self.wall}check"

    @property
    def figures(self) -> str:
        """The figures by day, to quote; with .csv and .json for programs."""
        return f"{self.wall}figures"

    @property
    def feed(self) -> str:
        """The hashtag as a feed."""
        return f"{self.wall}feed.rss"

    @property
    def poster(self) -> str:
        """The poster, made for print."""
        return f"{self.wall}poster"

    @property
    def days(self) -> str:
        """The campaign's days as a calendar file."""
        return f"{self.wall}days.ics"

    @property
    def live(self) -> str:
        """The live stream."""
        return f"{self.wall}live"

    @property
    def keep(self) -> str:
        """Where a secret code is given in; of no campaign, on purpose."""
        return f"/{self.language}/keep"

    @property
    def claim(self) -> str:
        """Where the number of a claim is given in; of no campaign, on purpose."""
        return f"/{self.language}/claim"

    @property
    def log(self) -> str:
        """The signed count's files, of no language."""
        return f"/log/{self.handle}/"

    @property
    def recount(self) -> str:
        """The page that counts the log again in a browser, beside the log's files."""
        return f"{self.log}recount.html"

    def page(self, number: int) -> str:
        """A page of the wall: a fixed range of entries, the oldest is 0."""
        return f"{self.wall}page/{number}"

    def post(self, position: int) -> str:
        """One post, by its place in the log."""
        return f"{self.wall}post/{position}"

    def report(self, position: int) -> str:
        """Where anybody says that something is wrong with a post."""
        return f"{self.post(position)}/report"

    def mine(self, position: int) -> str:
        """Where somebody says, without a code, that a post is theirs or shows them."""
        return f"{self.post(position)}/mine"


def rendition_path(name: str, format: str) -> str:
    """Return the path of a picture; its name is random and belongs to one post only."""
    return f"/r/{name}.{'jpg' if format == 'jpeg' else format}"
