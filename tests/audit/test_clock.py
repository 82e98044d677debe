"""One clock for the whole product: set by a demonstration or a test, and what is recorded meanwhile says
so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from audit import clock, ledger
from audit.models import Entry
from audit.verify import EntryRow, check_entry, read_body

MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _append(at: datetime) -> Entry:
    with transaction.atomic():
        [done] = ledger.append([ledger.Event("test/clock", "test.told", "system:test", at, {"n": "1"})])
    return Entry.objects.get(pk=done.id)


def test_the_clock_is_the_systems_unless_it_was_set() -> None:
    before = timezone.now()
    assert before <= clock.now() <= timezone.now()
    assert not clock.is_simulated()


def test_a_clock_that_was_set_goes_on_from_there() -> None:
    with clock.simulated(MARCH):
        first, second = clock.now(), clock.now()
        assert MARCH <= first <= second < MARCH + timedelta(minutes=1)
        assert clock.today() == MARCH.date()
    assert clock.now() > MARCH + timedelta(days=100)


def test_a_clock_that_was_set_only_goes_forward() -> None:
    with clock.simulated(MARCH) as simulation:
        simulation.set(MARCH + timedelta(days=1))
        assert clock.today() == (MARCH + timedelta(days=1)).date()
        with pytest.raises(ValueError, match="does not go back"):
            simulation.set(MARCH)


def test_the_clock_is_the_systems_again_when_what_ran_on_it_fails() -> None:
    with pytest.raises(KeyError), clock.simulated(MARCH):
        raise KeyError
    assert not clock.is_simulated()


@pytest.mark.django_db
def test_an_entry_made_on_a_clock_of_our_own_says_so_inside_its_hash() -> None:
    with clock.simulated(MARCH):
        entry = _append(clock.now())
    assert json.loads(entry.body)["clock"] == clock.SIMULATED
    altered = entry.body.replace('"clock":"simulated",', "")
    row = EntryRow(
        entry.id,
        entry.subject,
        entry.seq,
        entry.prev,
        altered,
        entry.hash,
        entry.type,
        entry.actor,
        json.loads(altered)["time"],
    )
    assert [f.code for f in check_entry(row, read_body(row))] == ["hash_mismatch"]


@pytest.mark.django_db
def test_an_entry_made_on_the_systems_clock_says_nothing_of_it() -> None:
    assert "clock" not in json.loads(_append(clock.now()).body)
