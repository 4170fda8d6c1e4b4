"""Accounts and the links that sign in once."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from wearemany.accounts.models import SignInLink
from wearemany.accounts.services import account_by_name, account_create, sign_in_link_create, sign_in_link_use
from wearemany.errors import Refused

pytestmark = pytest.mark.database


def test_a_link_signs_in_once(cast: Cast) -> None:
    """The first use works, the second is refused."""
    token = sign_in_link_create(account=cast.moderator)

    assert sign_in_link_use(token=token) == cast.moderator
    with pytest.raises(Refused) as refused:
        sign_in_link_use(token=token)
    assert refused.value.code == "sign-in-link-spent"


def test_a_link_lives_ten_minutes(cast: Cast) -> None:
    """A link found later opens nothing."""
    token = sign_in_link_create(account=cast.moderator)
    cast.house.clock.advance(601)

    with pytest.raises(Refused):
        sign_in_link_use(token=token)


def test_the_token_itself_is_nowhere_in_the_rows(cast: Cast) -> None:
    """Only a digest is kept."""
    token = sign_in_link_create(account=cast.moderator)

    assert token.encode() not in bytes(SignInLink.objects.get().token_digest)


def test_a_closed_account_stays_out(cast: Cast) -> None:
    """A link to an account that was closed since is refused."""
    token = sign_in_link_create(account=cast.moderator)
    cast.moderator.is_active = False
    cast.moderator.save()

    with pytest.raises(Refused) as refused:
        sign_in_link_use(token=token)
    assert refused.value.code == "account-closed"


def test_names_are_unique_and_known(cast: Cast) -> None:
    """Two colleagues cannot have one name; an unknown name is said to be unknown."""
    with pytest.raises(Refused) as refused:
        account_create(name=cast.moderator.name)
    assert refused.value.code == "account-name-taken"

    with pytest.raises(Refused) as refused:
        account_by_name("Nobody")
    assert refused.value.code == "account-unknown"
