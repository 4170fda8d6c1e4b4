"""Django's entry for this station; nothing happens at start."""

from __future__ import annotations

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """The station's name and label."""

    name = "wearemany.conversations"
    label = "conversations"
    default_auto_field = "django.db.models.BigAutoField"
