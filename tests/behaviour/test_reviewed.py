"""Which way invoices took, and what of people's answers may be said of those that nobody looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from audit import clock, ledger, trail
from audit.ids import new_id
from coordination.models import Agent, Decision, Invoice
from coordination.services.behaviour import breaker, reviewed
from reviews import kinds
from tests import cast
from tests.behaviour.reviewed import AGENT, Went, write
from tests.cast import bill

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ways(now: datetime = NOW) -> dict[str, str]:
    return {c.number: c.way for c in reviewed.of_agent(AGENT, now).cases}


def test_invoices_are_told_apart_by_the_way_they_took() -> None:
    write(
        [
            Went("0.95"),
            Went("0.95", ("random_audit",)),
            Went("0.70", ("low_confidence",)),
            Went("0.70", ("low_confidence",), unsure="finance.validation"),
            Went("0.70", ("low_confidence",), unsure=""),
            Went("0.95", ("over_threshold",), "approve"),
            Went("0.95", ("over_threshold", "random_audit"), "approve"),
            Went("0.95", ("price_over",), proposed="hold"),
        ],
        NOW,
    )
    assert list(ways().values()) == [
        "automatic",
        "drawn",
        "unsure",
        "other",
        "other",
        "other",
        "other",
        "other",
    ]


def test_an_answer_counts_only_when_it_was_given() -> None:
    write(
        [
            Went("0.95", ("random_audit",)),
            Went("0.95", ("random_audit",), "approve"),
            Went("0.95", ("random_audit",), "reject"),
            Went("0.95"),
        ],
        NOW,
    )
    assert [c.right for c in reviewed.of_agent(AGENT, NOW).cases] == [None, True, False, None]


def test_a_drawn_invoice_stands_for_as_many_as_the_rate_of_its_day_says() -> None:
    raised = (f"{AGENT} 0.300", "finance.coding 0.900")
    write(
        [
            Went("0.95", ("random_audit",), "approve"),
            Went("0.95", ("random_audit",), "approve", reviewed=raised),
        ],
        NOW,
    )
    assert [c.chance for c in reviewed.of_agent(AGENT, NOW).cases] == [0.02, 0.30]


def test_what_is_older_than_the_window_or_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    write([Went("0.95", days_ago=70), *(Went("0.95", days_ago=n) for n in (5, 4, 3))], NOW)
    read = reviewed.of_agent(AGENT, NOW)
    assert (len(read.cases), read.whole) == (3, 3)
    monkeypatch.setattr(reviewed, "MOST", 2)
    read = reviewed.of_agent(AGENT, NOW)
    assert (len(read.cases), read.whole) == (2, 3)
    assert [c.at for c in read.cases] == [NOW - timedelta(days=n, minutes=30) for n in (4, 3)]


@pytest.mark.parametrize("recent", [1, 2, 4, 5, 6, 100])
def test_the_newest_are_the_same_however_few_answers_are_looked_at_first(
    recent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = write([Went("0.95", days_ago=n) for n in (9, 7, 5, 5, 3)], NOW)
    with transaction.atomic():
        again(found[0], NOW - timedelta(days=1, minutes=30), "0.60")
        again(found[2], NOW - timedelta(days=2), "0.70")
    monkeypatch.setattr(reviewed, "MOST", 3)
    monkeypatch.setattr(reviewed, "RECENT", recent)
    read = reviewed.of_agent(AGENT, NOW)
    newest = [(found[4].number, 0.95), (found[2].number, 0.70), (found[0].number, 0.60)]
    assert [(c.number, c.confidence) for c in read.cases] == newest
    assert read.whole == 5
    assert read.cases[-1].at == NOW - timedelta(days=1, minutes=30)


def test_what_is_over_is_counted_once_and_what_comes_later_is_not_missed() -> None:
    found = write([Went("0.95", days_ago=n) for n in (30, 9, 3)], NOW)
    assert reviewed.of_agent(AGENT, NOW).whole == 3
    before = reviewed._answered_by.cache_info().misses
    write([Went("0.95", days_ago=0), Went("0.95", days_ago=1)], NOW)
    with transaction.atomic():
        again(found[0], NOW - timedelta(minutes=5), "0.95")
    assert reviewed.of_agent(AGENT, NOW).whole == 5, "one of the later answers is about an older invoice"
    assert reviewed._answered_by.cache_info().misses == before
    assert reviewed.of_agent(AGENT, NOW + timedelta(days=40)).whole == 5
    assert reviewed.of_agent(AGENT, NOW + timedelta(days=59)).whole == 2
    assert reviewed.of_agent(AGENT, NOW + timedelta(days=70)).whole == 0


def again(invoice: Invoice, at: datetime, confidence: str) -> None:
    """Another answer of the agent about an invoice."""
    had = Decision.objects.filter(invoice=invoice, agent=AGENT).latest("entry_id")
    event = ledger.Event(invoice.subject, "invoice.decided", had.actor, at, {"outcome": had.outcome})
    [entry] = ledger.append([event])
    had.pk, had.entry_id, had.at, had.confidence = new_id(), entry.id, at, Decimal(confidence)
    had.state_version += 100
    trail.insert_facts([had])


def test_a_release_is_as_sure_as_its_least_sure_agent() -> None:
    write([Went("0.83"), Went("0.99")], NOW)
    assert [c.confidence for c in reviewed.of_releases(NOW).cases] == [0.83, 0.99]


def test_real_invoices_are_read_as_agents_and_people_leave_them(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made up here: the agents decide, everything is drawn, a person answers."""
    settings.COUNTERSIGN_SAMPLING = True
    monkeypatch.setattr(breaker, "BOOSTED", Decimal("1.000"))
    people = cast.people()
    with transaction.atomic():
        breaker.boost(Agent.objects.select_for_update().get(pk=AGENT), "all of it")
    cast.trade(bill())
    [case] = reviewed.of_agent(AGENT, clock.now()).cases
    assert (case.number, case.way, case.right, case.chance) == ("INV-1", "drawn", None, 1.0)
    question = cast.question()
    reason = kinds.reasons_of("invoice", "approve", question.reasons)[0][0]
    cast.resolve(question.pk, "approve", by=people.carol, reason=reason)
    [case] = reviewed.of_agent(AGENT, clock.now()).cases
    assert (case.way, case.right) == ("drawn", True)
    [case] = reviewed.of_releases(clock.now()).cases
    assert (case.way, case.right) == ("drawn", True)
