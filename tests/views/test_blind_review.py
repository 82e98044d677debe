"""Of invoices that were drawn for review a share is put without the agents' answers; which ones is settled
when they are asked, and the record says so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from audit import clock
from audit.ledger import data_of
from audit.models import Entry
from coordination.decisions import case as cases
from coordination.models import Agent
from coordination.selectors import quality_review
from coordination.services.behaviour import breaker
from reviews import kinds, listed
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

from .conftest import HTMX, client, read

pytestmark = pytest.mark.django_db
AGENT = "procurement.matching"


@pytest.fixture
def drawing(people: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Everything that would go by itself is drawn."""
    settings.COUNTERSIGN_SAMPLING = True
    monkeypatch.setattr(breaker, "BOOSTED", Decimal("1.000"))
    cast.take_in(cast.table("vendors", cast.vendor()))
    with transaction.atomic():
        breaker.boost(Agent.objects.select_for_update().get(pk=AGENT), "all of it")
    return people


def asked(monkeypatch: pytest.MonkeyPatch, share: str) -> Escalation:
    monkeypatch.setattr(cases, "BLIND", Decimal(share))
    cast.trade()
    return cast.question()


def page(case: Escalation, people: Cast) -> str:
    return read(client(people.carol).get(reverse("reviews:case", args=[case.pk])))


def approve(case: Escalation, people: Cast, verdict: str = "approve") -> None:
    reason = kinds.reasons_of("invoice", verdict, case.reasons)[0][0]
    cast.resolve(case.pk, verdict, by=people.carol, reason=reason, comment="Looked at it.")


def test_a_blind_case_shows_no_answer_of_an_agent_until_it_is_answered(
    drawing: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked(monkeypatch, "1")
    assert [r["code"] for r in case.reasons] == ["random_audit"]
    told = page(case, drawing)
    assert "<b>Blind review.</b>" in told
    assert AGENT not in told, "not in the list either"
    for said in case.case["positions"]:
        assert said["reasoning"] not in told
    assert reverse("coordination:invoice", args=[cast.invoice().pk]) not in told
    approve(case, drawing)
    told = page(case, drawing)
    assert "<b>Blind review.</b>" not in told
    assert AGENT in told
    assert reverse("coordination:invoice", args=[cast.invoice().pk]) in told


def test_the_record_says_of_an_answer_that_it_was_blind(
    drawing: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked(monkeypatch, "1")
    approve(case, drawing)
    opened, given = (
        data_of(Entry.objects.filter(subject=case.subject, type=type_).latest("id").body)
        for type_ in ("escalation.opened", "verdict.given")
    )
    assert opened["case"]["blind"] == "yes"
    assert given["blind"] == "yes"


def test_an_open_case_is_as_ever(drawing: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = asked(monkeypatch, "0")
    assert "blind" not in case.case
    assert AGENT in page(case, drawing)
    approve(case, drawing)
    given = Entry.objects.filter(subject=case.subject, type="verdict.given").latest("id")
    assert "blind" not in data_of(given.body)


def test_what_was_settled_stays_whatever_is_settled_later(
    drawing: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked(monkeypatch, "1")
    monkeypatch.setattr(cases, "BLIND", Decimal(0))
    cast.drain()
    assert cast.question() == case
    assert "<b>Blind review.</b>" in page(case, drawing)


def test_only_what_was_drawn_and_nothing_else_is_blind(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "BLIND", Decimal(1))
    cast.trade(cast.bill(unit_price="11.00"))
    assert "blind" not in cast.question().case


def test_lists_do_not_say_who_was_how_sure_of_a_blind_case(
    drawing: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked(monkeypatch, "1")
    row, _ = listed.extract(case)
    assert row["excerpt"]["blind"] == "yes"
    told = read(client(drawing.carol).get(reverse("reviews:inbox"), headers=HTMX))
    assert "Hartmann GmbH" in told
    assert AGENT not in told


def test_a_quarter_of_many_is_blind_and_at_least_a_fifth() -> None:
    keys = [f"countersign|blind|{n}" for n in range(4_000)]
    share = sum(cases.in_share(key, cases.BLIND) for key in keys) / len(keys)
    assert 0.22 < share < 0.28
    assert Decimal("0.20") <= cases.BLIND


@pytest.mark.parametrize(("share", "verdict"), [("1", "reject"), ("0", "approve")])
def test_agreement_is_told_of_blind_and_of_open_answers_apart(
    drawing: Cast, monkeypatch: pytest.MonkeyPatch, share: str, verdict: str
) -> None:
    case = asked(monkeypatch, share)
    assert quality_review.load(clock.now()).agreement.blind.base == 0
    approve(case, drawing, verdict)
    found = quality_review.load(clock.now()).agreement
    told = found.blind if share == "1" else found.open
    assert (told.part, told.base) == (int(verdict == "approve"), 1)
    assert found.blind.base + found.open.base == 1
