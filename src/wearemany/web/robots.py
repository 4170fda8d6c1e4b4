"""What search engines and other robots are asked: no pictures, no posts, nothing of the team."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# Careful and dangerous campaigns say `noindex` on their pages; forbidding them here would publish their names.
RULES = """User-agent: *
Disallow: /r/
Disallow: /desk
Disallow: /*/keep
Disallow: /*/join
Disallow: /*/post/
"""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Answer robots.txt."""
    return HttpResponse(RULES, content_type="text/plain; charset=utf-8")
