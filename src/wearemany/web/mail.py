"""How to join by e-mail: the address, a letter begun for you, and what your provider sees."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from wearemany.campaigns.services import campaign_by_handle, posting_checked
from wearemany.mail.letter import LOGO_BYTES
from wearemany.mail.setup import mail_door_address
from wearemany.mail.tick_words import sentences_in
from wearemany.photos.orders import PHOTOS_MAX
from wearemany.rendering.frames import campaign_view
from wearemany.web.answers import kept


@require_safe
def mail(request: HttpRequest, language: str, handle: str) -> HttpResponse:
    """Show how; there is no such page where photos cannot be sent by e-mail now."""
    campaign = campaign_by_handle(handle)
    address = mail_door_address(campaign, language=language)
    if address is None:
        # Whoever comes back to this page while the campaign rests reads that, and not that there is nothing.
        posting_checked(campaign)
        raise Http404
    sentences = sentences_in(language)
    values = {
        "campaign": campaign_view(campaign, language=language),
        "address": address,
        "letter": letter_begun(address, sentences=sentences),
        "sentences": sentences,
        "photos_max": PHOTOS_MAX,
        "logo_kb": LOGO_BYTES // 1000,
    }
    return kept(render(request, "mail.html", values), handle=handle)


def letter_begun(address: str, *, sentences: tuple[str, ...]) -> str:
    """Return the `mailto:` link of a letter with a subject that says little and the two sentences in it."""
    body = "\r\n".join((*sentences, "", ""))
    return f"mailto:{quote(address, safe='@')}?subject={quote(gettext('Photo'))}&body={quote(body)}"
