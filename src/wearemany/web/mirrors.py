"""What mirrors with pictures ask for: the signed list, for holders of a key. The pictures themselves are public."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.wall.mirrors.offer import block_offered, is_mirror_key, nothing_offered, pictures_offered

_SCHEME = "Bearer "
_LAST_BLOCK = 10**9


@require_safe
def pictures_list(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the head of the list: 403 with a signed empty one where the key does not hold (any more)."""
    campaign = campaign_by_handle(handle)
    if not _holds_key(request, campaign):
        return _answer(nothing_offered(campaign), status=403)
    return _answer(pictures_offered(campaign))


@require_safe
def pictures_block(request: HttpRequest, handle: str, block: int) -> HttpResponse:
    """Answer one block of the list."""
    campaign = campaign_by_handle(handle)
    content = (
        block_offered(campaign, block) if block <= _LAST_BLOCK and _holds_key(request, campaign) else b""
    )
    if not content:
        raise Http404
    return _answer(content)


def _holds_key(request: HttpRequest, campaign: Campaign) -> bool:
    told = request.headers.get("Authorization", "")
    return told.startswith(_SCHEME) and is_mirror_key(campaign, told.removeprefix(_SCHEME).strip()[:100])


def _answer(content: bytes, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(content, content_type="text/plain; charset=utf-8", status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
