"""The team's people and how they sign in. Supporters have no accounts and never appear here."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Account(AbstractBaseUser):
    """Someone of the team. `name` is what colleagues see; there is no e-mail and no address."""

    name = models.CharField(max_length=80, unique=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    last_login = None

    USERNAME_FIELD = "name"
    objects = BaseUserManager()

    class Meta:
        """Table options."""

        db_table = "account"

    def __str__(self) -> str:
        return self.name


class SignInLink(models.Model):
    """A link that signs somebody in once. Only a digest of its token is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_in_links")
    token_digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    used = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "sign_in_link"


class SecondAsk(models.Model):
    """An act that needs a second person: asked for by one account, confirmed by another before it runs out.

    `act` and `subject` say what: a code and what it is done to. An ask is `open` once for each of both. From
    `alone_at` on, where it is set, the one who asked may confirm it alone.
    """

    id = models.CharField(primary_key=True, max_length=26)
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    asked_by = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    confirmed_by = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    alone_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    open = models.BooleanField(default=True)

    class Meta:
        """Table options."""

        db_table = "second_ask"
        constraints = (
            models.UniqueConstraint(
                fields=("act", "subject"), name="one_open_ask_a_thing", condition=models.Q(open=True)
            ),
        )
