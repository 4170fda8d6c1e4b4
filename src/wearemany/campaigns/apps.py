"""Django's entry for this station; nothing happens at start."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """The station's name and label."""

    name = "wearemany.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
