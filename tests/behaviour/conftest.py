from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.services.behaviour import watch


@pytest.fixture(autouse=True)
def nothing_in_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test's database is another: nothing is carried over in the process."""
    watch.clear_cache()
    monkeypatch.setattr(watch, "_horizon", lambda: 2**62)  # a test is one transaction, which runs all along
    yield
    watch.clear_cache()
