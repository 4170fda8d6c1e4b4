"""Accounts of the team and the links that sign them in. What they may do in a campaign is the campaign's."""

from __future__ import annotations

import base64
import datetime
import hashlib

from django.db import IntegrityError, transaction

from wearemany.accounts.models import Account, SignInLink
from wearemany.adapters import clock
from wearemany.errors import N_, Refused

LINK_LIFE = datetime.timedelta(minutes=10)
TOKEN_BYTES = 20


def account_create(*, name: str, is_operator: bool = False) -> Account:
    """Create an account of the team; it signs in by links only and has no password."""
    if not name.strip() or len(name) > 80:
        raise Refused("account-name-unusable", N_("A name has 1 to 80 characters."))
    try:
        with transaction.atomic():
            account = Account(name=name.strip(), is_operator=is_operator)
            account.set_unusable_password()
            account.save()
    except IntegrityError as error:
        raise Refused("account-name-taken", N_("Somebody already has this name.")) from error
    return account


def account_by_name(name: str) -> Account:
    """Return the account; raises Refused with code `account-unknown`."""
    try:
        return Account.objects.get(name=name)
    except Account.DoesNotExist as error:
        raise Refused("account-unknown", N_("There is no account with this name.")) from error


def sign_in_link_create(*, account: Account) -> str:
    """Return a token that signs the account in once within ten minutes; only its digest is kept."""
    token = base64.b32encode(clock.random_bytes(TOKEN_BYTES)).decode("ascii").lower()
    SignInLink.objects.filter(expires_at__lt=clock.now()).delete()
    SignInLink.objects.create(
        account=account, token_digest=_digest(token), expires_at=clock.now() + LINK_LIFE
    )
    return token


def sign_in_link_use(*, token: str) -> Account:
    """Return the account that a token signs in; the token is spent by it, also when two ask at once."""
    spent = SignInLink.objects.filter(
        token_digest=_digest(token.strip().lower()), used=False, expires_at__gt=clock.now()
    ).update(used=True)
    if not spent:
        raise Refused(
            "sign-in-link-spent",
            N_("This link was used already or is older than ten minutes. Please ask for a new one."),
        )
    link = SignInLink.objects.select_related("account").get(token_digest=_digest(token.strip().lower()))
    if not link.account.is_active:
        raise Refused("account-closed", N_("This account is closed."))
    return link.account


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
