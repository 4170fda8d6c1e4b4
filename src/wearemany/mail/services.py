"""One mail for one of the door's addresses: made a post that waits for its author, and answered with the code.

Order of writing: uploads sealed and durable → one transaction with the post → the answer handed to the relay → 250.
Whatever fails on the way is a TryAgain, and the mail server delivers the mail again. The code is derived from the
mail itself under a key of this server, so the second delivery finds the post of the first and sends the same code:
nothing has to be remembered of a mail or its sender in between.

    it failed here                       left behind                                the next delivery
    a photo was not stored               nothing, or a blob that nobody names       begins anew
    a row was not written                uploads of nobody's, erased in a day       begins anew
    the relay did not answer             the post, waiting for its author           same post, same code
    it had answered, unheard             the same, and the answer on its way        same post, same code, twice
    killed between any two               one of these                               as above
"""

from __future__ import annotations

import hashlib

from django.conf import settings

from wearemany.adapters import clock, server, words
from wearemany.adapters.blobs import fresh_key
from wearemany.adapters.received import ReceivedFile
from wearemany.adapters.sealed import seal
from wearemany.campaigns.models import Campaign, Phase
from wearemany.campaigns.services import campaign_by_handle, posting_checked, preset_rules
from wearemany.errors import N_, Refused, TryAgain
from wearemany.ids import ID_BYTES, opaque
from wearemany.languages import INTERFACE_LANGUAGES
from wearemany.mail.addressing import Recipient, address_unknown, recipient_of
from wearemany.mail.answers import Envelope, answer_received, answer_refused, interface_language
from wearemany.mail.letter import Letter, LetterLimits, read_letter
from wearemany.mail.setup import MailSetup
from wearemany.mail.tick_words import tick_words
from wearemany.photos import keepcode
from wearemany.photos.consents import is_agreed
from wearemany.photos.models import Post
from wearemany.photos.orders import BY_MAIL, PHOTOS_MAX, TERMS_VERSION, PostOrder
from wearemany.photos.services import form_digest, post_by_code, post_erase, post_submit, upload_receive
from wearemany.rendering.addresses import Addresses

_PURPOSE = "mail"


def recipient_check(address: str, *, setup: MailSetup) -> Recipient:
    """Return whom a mail is for; raises Refused when there is no such campaign, or it takes no mails now."""
    recipient = recipient_of(address, domains=setup.domains)
    _campaign(recipient)
    return recipient


def letter_read(mail: bytes) -> Letter:
    """Return what a mail says, within what this server takes."""
    limits = LetterLimits(photos=PHOTOS_MAX, photo_bytes=int(settings.WEAREMANY["UPLOAD_MAX_BYTES"]))
    codes = [language.code for language in INTERFACE_LANGUAGES]
    return read_letter(mail, limits=limits, tick_words=tick_words(codes))


def letter_receive(*, letter: Letter, sender: str, recipient: Recipient, setup: MailSetup) -> None:
    """Make the post and answer; returns when the post is durable and the relay has the answer.

    Raises Refused when the campaign takes no mails, or the sender cannot be answered: then nothing is kept.
    TryAgain or Broken: the same mail, delivered again, leads to the same post and the same code.
    """
    campaign = _campaign(recipient)
    tag = recipient.language or letter.language or next(iter(campaign.languages), "")
    language = interface_language(tag)
    at = Addresses(language, campaign.handle)
    envelope = Envelope(to=sender, sender=setup.sender or recipient.address, language=language)
    if letter.refusal is not None:
        setup.relay.send(
            answer_refused(envelope, error=letter.refusal, pages=_everywhere(at.mail)), to=sender
        )
        return
    code = code_of(letter, sender=sender, handle=campaign.handle, language=language)
    known = post_by_code(code)
    post = known or _post(letter, campaign=campaign, code=code, language=tag or language)
    answer = answer_received(
        envelope,
        code=code,
        pages=_everywhere(at.keep),
        has_ticks=is_agreed(post),
    )
    try:
        setup.relay.send(answer, to=sender)
    except Refused:
        if known is None:
            # Nobody was told the code, and nobody can be.
            post_erase(post=post)
        raise


def code_of(letter: Letter, *, sender: str, handle: str, language: str) -> str:
    """Return the secret code of the post that this mail is: always the same, and nobody else's.

    The sender is part of it, so somebody who has the photo, or even the whole mail, and sends it as her own gets
    another code; and who writes in another's name makes the answer go to that other.
    """
    said = b"".join(
        hashlib.sha256(piece).digest()
        for piece in (handle.encode(), sender.encode(errors="replace"), letter.identity)
    )
    return keepcode.make(server.keys().peppered(said, purpose=_PURPOSE), words.load(language))


def _everywhere(path: str) -> list[str]:
    """Return a page's address behind every door of the server: one of them may be blocked."""
    return [door.url(path) for door in server.doors()]


def _post(letter: Letter, *, campaign: Campaign, code: str, language: str) -> Post:
    # Fresh with each delivery: what an earlier one left behind is nobody's, and goes within the day.
    token = opaque(clock.random_bytes(ID_BYTES))
    uploads = [
        upload_receive(received=_stored(content), form_digest=form_digest(token)) for content in letter.photos
    ]
    return post_submit(
        PostOrder(
            campaign=campaign,
            code=code,
            form_token=token,
            upload_ids=tuple(upload.pk for upload in uploads),
            cover="everybody",
            language=language,
            terms_version=TERMS_VERSION,
            ticks=letter.ticks,
            door=BY_MAIL,
        )
    )


def _stored(content: bytes) -> ReceivedFile:
    """Seal a photo into the store under a key that nobody knows yet; durable at return."""
    blob, key = fresh_key("u"), server.keys().new_key()
    server.store().put(blob, seal(key, content))
    return ReceivedFile(field="photo", blob=blob, key=key, size_bytes=len(content))


def _campaign(recipient: Recipient) -> Campaign:
    try:
        campaign = campaign_by_handle(recipient.handle)
    except Refused:
        raise address_unknown() from None
    if campaign.doors_frozen and campaign.phase == Phase.OPENED:
        # The mail server keeps the mail and brings it again, so whoever wrote need not write once more.
        raise TryAgain("mail-later", N_("The campaign takes no new posts for the moment."))
    posting_checked(campaign)
    if not preset_rules(campaign).by_mail:
        raise Refused(
            "mail-not-here",
            N_(
                "This campaign takes no photos by e-mail: providers see who writes. Please use the campaign's page."
            ),
        )
    return campaign
