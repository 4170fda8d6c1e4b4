"""Django's entry for this station; nothing happens at start."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The station's name and label."""

    name = "wearemany.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
