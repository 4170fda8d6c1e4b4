"""The house and a front that serves it."""

from __future__ import annotations

import pytest

from tests.front.house import House, serving


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def served(house):
    with serving(house) as served:
        yield served
