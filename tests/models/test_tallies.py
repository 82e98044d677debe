"""Kept counts are what is counted, whatever was done, and by how many at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone

from coordination.facts.coding_history import CODED_STATES
from coordination.models import Coding, Document, Invoice, Tally
from coordination.selectors import coding, figures, intake
from coordination.services import kept_counts, manual_hold, payments
from coordination.services.intake import take_in
from coordination.services.kept_counts import fold
from coordination.world import bookings, generate
from reviews.models import OpenTally
from tests import cast
from tests.cast import Cast, bill

pytestmark = pytest.mark.django_db


def assert_kept() -> None:
    """Invoices with their worth, documents and proposals are as many as are kept."""
    groups = Invoice.objects.values_list("state", "lane", "currency", "type")
    counted = {
        tuple(key): (n, worth or Decimal(0))
        for *key, n, worth in groups.annotate(n=Count("id"), w=Sum("gross"))
    }
    kept: Counter[tuple[str, ...]] = Counter()
    worth: dict[tuple[str, ...], Decimal] = {}
    for (*key, _), n, value in Tally.objects.sums("invoices"):
        kept[tuple(key)] += n
        worth[tuple(key)] = worth.get(tuple(key), Decimal(0)) + value
    assert {key: (n, worth[key]) for key, n in kept.items()} == counted
    kinds = dict(Document.objects.values_list("kind").annotate(n=Count("id")).order_by())
    assert {source.kind: source.count for source in intake.kinds()} == kinds
    proposed = Coding.objects.filter(status="proposed", invoice__state__in=CODED_STATES).count()
    assert coding.to_confirm() == proposed


def test_from_intake_to_payment_what_is_kept_is_what_there_is(people: Cast) -> None:
    today = timezone.localdate()
    world = generate(11, 60, today)
    take_in([("codings.csv", bookings.history(11, today))], actor="system:test", source="test")
    take_in(world.files.items(), actor="system:test", source="test", trust_first=True)
    assert_kept()
    cast.drain()
    assert_kept()
    assert coding.to_confirm() > 0
    take_in(world.later.items(), actor="system:test", source="test")
    cast.drain()
    assert_kept()
    fold()
    assert_kept()
    assert len(Tally.objects.sums("invoices")) == Tally.objects.filter(name="invoices").count()
    cleared = Invoice.objects.filter(state="cleared").order_by("id")[0]
    manual_hold.hold(cleared.id, "Wait for the new contract.", by=people.carol)
    assert_kept()
    payments.propose("human:900")
    assert_kept()
    fold()
    assert_kept()


def test_a_count_that_nothing_was_added_to_is_not_written_again() -> None:
    cast.trade(bill(), bill(invoice_number="INV-2", quantity="7", issue_date="2026-09-09"))
    fold()
    before = written()
    assert before
    fold()
    assert written() == before


def written() -> set[tuple[str, int]]:
    """The rows in which counts are kept."""
    return {(model.__name__, row.pk) for model in (Tally, OpenTally) for row in model.objects.all()}


def test_invoices_of_some_days_are_those_received_since(people: Cast) -> None:
    cast.trade()
    now = timezone.now()
    assert sum(g.count for g in figures.counted(now - timedelta(days=1))) == 1
    assert figures.counted(now) == []
    [group] = figures.counted()
    assert (group.state, group.lane, group.currency, group.count) == ("cleared", "auto", "EUR", 1)
    assert group.gross == Decimal("1190.00")


def test_kept_counts_are_added_up_over_the_rest_of_their_keys() -> None:
    today = [("a", "x", "2026-11-30"), ("a", "y", "2026-11-30"), ("b", "x", "2026-11-30")]
    for key in (*today, ("a", "x", "2026-11-01")):
        Tally.objects.create(name="made", key=list(key), n=2, worth=Decimal(3))
    Tally.objects.create(name="made", key=list(today[2]), n=-2, worth=Decimal(-3))
    assert Tally.objects.sums_by("made", 1) == [(["a"], 6, Decimal(9))]
    found = Tally.objects.sums_by("made", 2, key__2__gte="2026-11-02")
    assert sorted(found) == [(["a", "x"], 2, Decimal(3)), (["a", "y"], 2, Decimal(3))]


def test_a_count_that_is_off_is_found_by_the_invariants() -> None:
    cast.trade()
    cast.assert_sound()
    Tally.objects.filter(name="documents").delete()
    assert {v["invariant"] for v in cast.invariants.check()["violations"]} == {"I12"}
    kept_counts.rebuild()
    cast.assert_sound()


def test_the_command_says_how_a_count_is_mended_and_mends_it() -> None:
    cast.trade()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coordination_tally WHERE name = 'documents'")
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", stdout=(out := StringIO()))
    assert ended.value.code == 1
    assert "check_invariants --rebuild" in out.getvalue()
    call_command("check_invariants", "--rebuild", stdout=(out := StringIO()))
    assert "invariants hold" in out.getvalue()
