"""What waits for a seal is counted in words: one entry, several entries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit import inspection, sealing
from audit.sealing import INTERVAL, Lag


def told(monkeypatch: pytest.MonkeyPatch, count: int, age: timedelta, *, sealed: bool = True) -> list[str]:
    """What is said of so many entries that wait, the oldest for so long."""
    monkeypatch.setattr(sealing, "lag", lambda: Lag(count, age))
    monkeypatch.setattr(sealing, "latest", lambda: object() if sealed else None)
    return [f.detail for f in inspection._lag()]


@pytest.mark.parametrize(
    ("count", "age", "said"),
    [
        (1, timedelta(minutes=3), "1 entry is not sealed, the oldest for 3 minutes."),
        (2, timedelta(minutes=3, seconds=59), "2 entries are not sealed, the oldest for 3 minutes."),
        (7, timedelta(hours=25), "7 entries are not sealed, the oldest for 1,500 minutes."),
    ],
)
def test_entries_that_wait_too_long_are_counted_and_advice_is_given(
    monkeypatch: pytest.MonkeyPatch, count: int, age: timedelta, said: str
) -> None:
    assert told(monkeypatch, count, age) == [f"{said} Run `manage.py up` or `manage.py seal`."]


def test_two_intervals_are_waited_for_and_no_moment_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, 1, 2 * INTERVAL) == []
    assert len(told(monkeypatch, 1, 2 * INTERVAL + timedelta(microseconds=1))) == 1


def test_before_the_first_seal_nothing_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, 5, timedelta(days=9), sealed=False) == []
