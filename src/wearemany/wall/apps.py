"""Django's entry for this station; nothing happens at start."""

from __future__ import annotations

from django.apps import AppConfig


class WallConfig(AppConfig):
    """The station's name and label."""

    name = "wearemany.wall"
    label = "wall"
    default_auto_field = "django.db.models.BigAutoField"
