"""Every public address, made from the URL table: what the tests of removal and of cost walk through.

A new kind of place in an address needs a sample here; a new page needs nothing, and is held to the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

OF_THE_TEAM = "desk"
VARIANTS = {"wall": ("", "?lite", "?screen"), "post": ("", "?lite")}


def public_paths(samples: Mapping[str, object]) -> list[str]:
    """Return the path of every public route with these values for its places, its variants included."""
    paths = []
    for route, name in _routes(get_resolver().url_patterns):
        if route.startswith(OF_THE_TEAM):
            continue
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(samples[place[1]]), route)
        paths += [path + variant for variant in VARIANTS.get(name, ("",))]
    return paths


def _routes(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from ((f"{pattern.pattern}{route}", name) for route, name in _routes(pattern.url_patterns))
        else:
            yield str(pattern.pattern), pattern.name or ""
