"""The house stands once for a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from . import house as building
from .house import House


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """Everybody, and something behind every address; the tests of a module share it and change nothing of
    it."""
    drills = override_settings(COUNTERSIGN_ENV="staging")  # where drills are possible
    with django_db_blocker.unblock(), drills, building.standing() as found:
        yield found
