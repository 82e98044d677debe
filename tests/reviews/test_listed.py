"""What lists read of open questions is kept beside them, and is what they are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coordination.assurance import invariants
from reviews import assignment, listed, open_lists, services
from reviews.models import Escalation, LossDay, OpenQuestion, OpenTally, Status
from reviews.services import Question
from tests import cast

pytestmark = pytest.mark.django_db
ACTS = ("ask", "ask again", "withdraw", "claim", "release", "reject")
DAYS = ("on", "counts_from", "stays", "opened_at", "due_at")


def question(n: int, days: int) -> Question:
    now = cast.moment()
    due = (cast.today() + timedelta(days=days)).isoformat()
    return Question(
        subject=f"invoice/{UUID(int=n + 1)}",
        kind="invoice",
        text="Pay it?",
        queue="procurement",
        policy="v1",
        reasons=[{"code": c, "words": c} for c in ("price_over", "no_receipt", "price_over")],
        case={
            "number": f"RE-{n}",
            "due_date": due,
            "discount": {"until": due, "amount": "1.00"},
            "lines": [],
        },
        due_at=now + timedelta(hours=5),
        clock="desk time",
        asked_by="agent:finance.payment/1",
        currency="EUR",
        amount=Decimal(100 + n),
        amount_company=Decimal(100 + n) if days else None,
    )


SEEN = ("nobody", "looked_at", "leased_until")
"""What is seen of a question by looking at who is here and on it, and no part of what was asked."""


def kept() -> tuple[Any, Any]:
    """What stands beside the open questions."""
    columns = [f.attname for f in OpenQuestion._meta.concrete_fields if f.name not in SEEN]
    rows = {row.pop("question_id"): row for row in OpenQuestion.objects.values(*columns)}
    days = sorted(LossDay.objects.values_list("question_id", *DAYS))
    return rows, days


def as_they_are() -> tuple[Any, Any]:
    """The same, worked out of the cases."""
    found = {e.pk: listed.extract(e) for e in Escalation.objects.filter(status=Status.OPEN)}
    days = sorted((key, *(day[name] for name in DAYS)) for key, (_, many) in found.items() for day in many)
    beside = {
        e.pk: {"aside_until": e.aside_until, "cause": listed.cause_of(e)}
        for e in Escalation.objects.filter(pk__in=found)
    }
    return {key: row | beside[key] for key, (row, _) in found.items()}, days


def counted() -> tuple[int, Decimal]:
    """How many are open, and their worth, of the questions themselves."""
    open_ = Escalation.objects.filter(status=Status.OPEN).values_list("amount_company", flat=True)
    return len(open_), sum((amount or Decimal(0) for amount in open_), Decimal(0))


class Kept(TestCase):
    """Whatever is done to questions."""

    @settings(max_examples=20)
    @given(
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(-5, 5)), min_size=1, max_size=12
        )
    )
    def test_what_is_kept_is_what_is_open(self, acts: list[tuple[str, int, int]]) -> None:
        alice = cast.people().alice
        for act, n, days in acts:
            subject = f"invoice/{UUID(int=n + 1)}"
            open_ = Escalation.objects.filter(subject=subject, status=Status.OPEN).first()
            if act.startswith("ask"):
                services.ask([question(n, days)], at=cast.moment())
            elif act == "withdraw":
                services.withdraw([subject], by="system:test", why="gone", at=cast.moment())
            elif open_ is not None and act == "claim":
                assignment.claim(open_.pk, by=alice)
            elif open_ is not None and act == "release":
                assignment.release(open_.pk, by=alice)
            assert kept() == as_they_are()
            assert counted() == open_lists.totals(open_lists.Filters(), "human:1")
        listed.fold()
        assert counted() == open_lists.totals(open_lists.Filters(), "human:1")
        assert OpenTally.objects.count() <= 1
        before = kept()
        assert listed.rebuild() == len(before[0])
        assert kept() == before


def test_a_question_that_lists_would_not_show_is_not_asked() -> None:
    [row] = services.ask([question(1, 5)], at=cast.moment())
    with pytest.raises(IntegrityError, match="reviews_escalation"), transaction.atomic():
        changed_unlisted(row)


def changed_unlisted(row: Escalation) -> None:
    """What lists read is lost, and the question goes on."""
    LossDay.objects.all().delete()
    OpenQuestion.objects.all().delete()
    assignment.claim(row.pk, by=cast.people().alice)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_auditor_is_told_of_a_question_that_lists_lack() -> None:
    [row] = services.ask([question(1, 5)], at=cast.moment())
    assert str(row.pk) not in violations()
    with connection.cursor() as cursor:  # the database would refuse it with the question
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    LossDay.objects.all().delete()
    OpenQuestion.objects.all().delete()
    assert str(row.pk) in violations()


def violations() -> set[str]:
    """Keys that the invariant on questions finds."""
    [rule] = [rule for rule in invariants.SQL_INVARIANTS if rule.name == "I12"]
    with connection.cursor() as cursor:
        cursor.execute(rule.query)
        return {key for (key,) in cursor.fetchall()}
