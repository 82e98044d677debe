"""Rows of these tests have no history, which a commit would refuse: each test is undone before it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction


@pytest.fixture(autouse=True)
def _undone(db: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
