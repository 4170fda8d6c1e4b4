"""Addresses for programs. They are public and permanent, and have no language in them."""

from __future__ import annotations

from django.urls import path

from wearemany.api import resumable

API = [
    path("upload", resumable.uploads),
    path("upload/<str:upload_id>", resumable.upload),
]
