"""Addresses for programs. They are public and permanent, and have no language in them."""

from __future__ import annotations

import re
from collections import defaultdict

from django.urls import path

from wearemany.api import describing, resumable
from wearemany.api.asking import ROOT, Operation, view_of
from wearemany.api.operations import OPERATIONS


def _paths() -> dict[str, list[Operation]]:
    """Return the operations by path, as Django writes paths."""
    paths: dict[str, list[Operation]] = defaultdict(list)
    for operation in OPERATIONS:
        whole = f"{ROOT}{operation.path}".lstrip("/")
        paths[re.sub(r"{(\w+)}", r"<str:\1>", whole)].append(operation)
    return paths


API = [
    path("upload", resumable.uploads),
    path("upload/<str:upload_id>", resumable.upload),
    path("api/v1/openapi.json", describing.openapi),
    *(path(where, view_of(operations)) for where, operations in _paths().items()),
]
