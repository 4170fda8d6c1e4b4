"""The whole server as one ASGI callable: the front, Django behind it, and the stations' callables it is handed.

Everything handed over runs in the front's threads, outside any request of Django's, so database connections
are looked after here: kept between calls, closed when a call fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.utils import translation

from wearemany.adapters import server
from wearemany.campaigns.models import Campaign
from wearemany.front.app import Front, build
from wearemany.front.parts import Epoch, FrontParts, Limits
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.photos.doomed import named
from wearemany.photos.models import Post
from wearemany.photos.showing import OpenedRendition, rendition_open
from wearemany.wall.queries import entry_of
from wearemany.web import assets, live

_Asked = ParamSpec("_Asked")
_Answered = TypeVar("_Answered")


def application() -> Front:
    """Return the server's ASGI callable; Django is set up by it."""
    options = settings.WEAREMANY
    wsgi = get_wsgi_application()
    return build(
        FrontParts(
            wsgi=wsgi,
            store=server.store(),
            say=say,
            epochs=_connected(epochs),
            rendition_open=_connected(picture_open),
            live_events=_connected(live.live_events),
            uploads_kept=_connected(uploads_kept),
            static=assets.table(),
            warm=_warm_paths(),
            warm_host=server.doors()[0].netloc,
            proxies=options["TRUSTED_PROXIES"],
            style=assets.url("css/base.css"),
            limits=Limits(
                part_bytes=options["UPLOAD_MAX_BYTES"],
                deadline_s=float(options["BODY_DEADLINE_S"]),
                open_bodies=options["OPEN_BODIES"],
            ),
        )
    )


def _warm_paths() -> Sequence[str]:
    """Return the newest wall in every language; it loads nearly everything that pages need."""
    try:
        handles = list(Campaign.objects.order_by("-pk").values_list("handle", flat=True)[:1])
    except DatabaseError:
        # No tables yet, or no database: the doors stay closed, and say so.
        handles = []
    return [f"/{language.code}/{handle}/" for handle in handles for language in INTERFACE_LANGUAGES]


def say(language: str, sentence: str) -> str:
    """Return an English sentence in an interface language."""
    with translation.override(language):
        return translation.gettext(sentence)


def epochs() -> Mapping[str, Epoch]:
    """Return what changes whenever anything public of a campaign does, in one small query for all of them."""
    rows = Campaign.objects.values_list("handle", "visible_version", "stream_version", "head__published_size")
    return {handle: (visible, stream, published or 0) for handle, visible, stream, published in rows}


def picture_open(name: str) -> OpenedRendition | None:
    """Return a rendition by its public name, only while its post stands on the wall for everybody to see."""
    opened = rendition_open(name)
    if opened is None:
        return None
    post = Post.objects.select_related("campaign").filter(pk=opened.post_id).first()
    return opened if post is not None and entry_of(post) is not None else None


def uploads_kept(blobs: Sequence[str]) -> Collection[str]:
    """Return those blobs that a row speaks of."""
    return named(blobs)


def _connected(ask: Callable[_Asked, _Answered]) -> Callable[_Asked, _Answered]:
    def asked(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answered:
        try:
            return ask(*args, **kwargs)
        except (InterfaceError, OperationalError):
            # The database may have been restarted under a kept connection: all of these only read, so ask again.
            connections.close_all()
            return ask(*args, **kwargs)

    return asked
