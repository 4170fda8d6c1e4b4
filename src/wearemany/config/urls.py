"""Where a path leads: everything is in `web`; errors outside a view are answered by the same pages."""

from __future__ import annotations

from wearemany.web import failures
from wearemany.web.urls import urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

handler400 = failures.bad_request
handler403 = failures.not_allowed
handler404 = failures.not_found
handler500 = failures.broken
