"""What the page says of the next run: worked out at each look, or kept where that is dear."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coordination.models import NextRun
from coordination.services import manual_hold, payments
from coordination.services.payments import next_run
from tests import cast
from tests.cast import Cast, invoice, table, take_in, vendor
from tests.payments.test_cross_border import dollars
from tests.payments.test_payments import AGENT, two_cleared
from tests.views.conftest import client

pytestmark = pytest.mark.django_db
MOMENT = timezone.now()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One cleared invoice is dear already."""
    two_cleared()
    monkeypatch.setattr(next_run, "FEW", 0)


def later(minutes: int = 0) -> next_run.Preview:
    return next_run.preview(MOMENT + timedelta(minutes=minutes))


def said(found: next_run.Preview) -> list[tuple[str, int, str]]:
    return [(run.currency, run.count, f"{run.amount:.2f}") for run in found.runs]


def test_few_invoices_are_looked_at_each_time() -> None:
    two_cleared()
    assert (said(later()), later().worked_out_at) == ([("EUR", 2, "1785.00")], None)
    assert not NextRun.objects.exists()


@pytest.mark.usefixtures("many")
def test_what_is_kept_is_what_was_worked_out() -> None:
    first, again = later(), later()
    assert first.worked_out_at == again.worked_out_at == MOMENT
    assert said(again) == said(next_run.work_out(MOMENT)) == [("EUR", 2, "1785.00")]
    assert (again.runs, again.left, again.earliest) == (first.runs, first.left, first.earliest)


@pytest.mark.usefixtures("many")
def test_what_is_left_out_and_what_no_run_pays_is_kept_too() -> None:
    take_in(table("vendors", vendor(status="blocked")))
    first, again = later(), later()
    [out] = again.left
    assert (out.count, out.numbers) == (2, ("INV-1", "INV-2"))
    assert (again.left, list(again.unpayable)) == (first.left, list(first.unpayable))


def test_what_sepa_does_not_carry_is_kept_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    dollars()
    monkeypatch.setattr(next_run, "FEW", 0)
    first, again = later(), later()
    assert len(again.unpayable) == 1
    assert list(again.unpayable) == again.unpayable[:50] == list(first.unpayable)
    assert again.runs == first.runs


@pytest.mark.usefixtures("many")
def test_a_decision_about_an_invoice_is_in_the_plan_of_the_next_round(people: Cast) -> None:
    later()
    manual_hold.hold(invoice().id, "Wait for the new contract.", by=people.carol)
    assert said(later(1)) == [("EUR", 2, "1785.00")]
    assert next_run.renew(MOMENT + timedelta(minutes=2))
    assert said(later(2)) == [("EUR", 1, "595.00")]


@pytest.mark.usefixtures("many")
def test_a_plan_that_was_just_worked_out_is_not_worked_out_again() -> None:
    later()
    assert not next_run.renew(MOMENT + timedelta(seconds=30))


@pytest.mark.usefixtures("many")
def test_a_plan_that_nobody_renewed_is_not_shown_for_long(people: Cast) -> None:
    later()
    manual_hold.hold(invoice().id, "Wait for the new contract.", by=people.carol)
    NextRun.objects.update(seconds=0)
    assert said(later(11)) == [("EUR", 1, "595.00")]


@pytest.mark.usefixtures("many")
def test_a_run_that_is_proposed_is_out_of_the_plan_at_once() -> None:
    assert said(later())
    payments.propose(AGENT)
    assert said(later()) == []


@pytest.mark.usefixtures("many")
def test_another_day_has_another_plan() -> None:
    later()
    found = next_run.preview(MOMENT + timedelta(days=4))
    assert found.worked_out_at == MOMENT + timedelta(days=4)
    assert found.earliest > later().earliest


@pytest.mark.usefixtures("many")
def test_nothing_is_kept_once_few_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    later()
    monkeypatch.setattr(next_run, "FEW", 2)
    assert later().worked_out_at is None
    assert not next_run.renew(MOMENT + timedelta(days=1))
    assert not NextRun.objects.exists()


@pytest.mark.usefixtures("many")
def test_reasons_beyond_those_listed_are_counted(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    manual_hold.hold(invoice().id, "Wait for the new contract.", by=people.carol)
    take_in(table("vendors", vendor(status="blocked")))
    monkeypatch.setattr(next_run, "REASONS", 0)
    first, again = later(), later()
    assert (first.left, first.others) == (again.left, again.others) == ((), (1, 1))
    page = client(people.carol).get(reverse("coordination:payments")).content.decode()
    assert "For 1 other reason<" in page


@pytest.mark.usefixtures("many")
def test_the_page_says_as_of_when_the_plan_is(people: Cast) -> None:
    page = client(people.carol).get(reverse("coordination:payments")).content.decode()
    assert "what was decided since is not in it" in page
    cast.assert_sound()
