"""Where a path leads: programs to `api`, people to `web`; errors outside a view are answered by the same pages."""

from __future__ import annotations

from wearemany.api.urls import API
from wearemany.web import failures, urls

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*API, *urls.urlpatterns]

handler400 = failures.bad_request
handler403 = failures.not_allowed
handler404 = failures.not_found
handler500 = failures.broken
