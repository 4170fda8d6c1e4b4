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
