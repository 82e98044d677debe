"""Rows that pages count, written without their history, which a commit would refuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction


@pytest.fixture
def undone(db: None) -> Iterator[None]:
    """What the test writes is undone before it ends."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
