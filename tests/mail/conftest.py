"""A relay for the tests of the e-mail door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mail.relays import CatchingRelay, relay_running


@pytest.fixture
def relay() -> Iterator[CatchingRelay]:
    """A real SMTP server that keeps the answers."""
    with relay_running() as running:
        yield running
