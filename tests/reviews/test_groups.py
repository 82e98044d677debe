"""Open questions that ask the same of the same party are found beside each other, and each says beforehand
whether it can be answered with the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit import clock
from coordination.domain.oversight import Defect
from coordination.models import KNOWN_ANSWER
from coordination.oversight import planting
from coordination.questions.invoice import KIND as INVOICE
from reviews import assignment, groups, handling, kinds, listed, services
from reviews.kinds import Wait
from reviews.models import Escalation, OpenQuestion
from reviews.services import Question
from tests import cast
from tests.cast import Cast, bill, order, receipt, vendor
from tests.oversight.trade import trade as twinned

pytestmark = pytest.mark.django_db


def several(count: int, price: str = "11.00", first: int = 1, seller: str = "V-1", **changes: object) -> None:
    """So many orders of a vendor, each billed above its price: the same question of the same party."""
    numbers = range(first, first + count)
    cast.trade(
        *(
            bill(
                **{
                    "invoice_number": f"INV-{seller}-{n}",
                    "order_number": f"PO-{seller}-{n}",
                    "vendor_id": seller,
                    "quantity": str(100 + n),
                    "unit_price": price,
                }
                | changes
            )
            for n in numbers
        ),
        vendors=(vendor(), vendor(vendor_id="V-2", name="Nordholz Werkzeuge", vat_id="DE811569869")),
        orders=tuple(
            order(order_number=f"PO-{seller}-{n}", vendor_id=seller, quantity=str(100 + n)) for n in numbers
        ),
        receipts=tuple(
            receipt(receipt_number=f"GR-{seller}-{n}", order_number=f"PO-{seller}-{n}", quantity=str(100 + n))
            for n in numbers
        ),
    )


def open_questions() -> list[Escalation]:
    return list(Escalation.objects.filter(status="open").order_by("due_at", "id"))


def group_of(by: Any, *rows: Escalation) -> groups.Group:
    return groups.group([row.pk for row in rows or open_questions()], by, [])


def objections(by: Any) -> list[str]:
    return [item.objection for item in group_of(by).items]


# --- which ask the same -------------------------------------------------------------------------------------


def test_the_same_cause_of_one_vendor_is_one_group_with_its_number_and_its_sum(people: Cast) -> None:
    several(4)
    one = open_questions()[0]
    found = groups.cause_of(one, [])
    assert found is not None
    assert (found.title, list(found.reasons), found.what) == ("Hartmann GmbH", ["price over"], "4 invoices")
    assert (found.others, found.more) == (3, False)
    assert found.worth == sum((row.amount_company for row in open_questions()), Decimal(0))
    assert groups.keys_of_cause(one, [])[0] == one.pk
    assert set(groups.keys_of_cause(one, [])) == {row.pk for row in open_questions()}


def test_another_vendor_another_cause_and_another_rule_are_other_groups(people: Cast) -> None:
    several(2)
    several(1, seller="V-2")
    several(1, first=5, quantity="400")  # over what was ordered and received, too
    price = [e for e in open_questions() if {r["code"] for r in e.reasons} == {"price_over"}]
    ours = [e for e in price if e.case["vendor_id"] == "V-1"]
    assert len(open_questions()) == 4
    assert set(groups.keys_of_cause(ours[0], [])) == {e.pk for e in ours}
    ruled = ours[0]
    ruled.reasons = [r | {"rule": "another"} for r in ruled.reasons]
    assert listed.cause_of(ruled) != listed.cause_of(ours[1])


def test_a_question_alone_and_one_that_is_answered_have_no_group(people: Cast) -> None:
    several(2)
    first, second = open_questions()
    cast.answer(first, "approve", by=people.alice)
    first.refresh_from_db()
    assert groups.cause_of(second, []) is None
    assert groups.cause_of(first, []) is None
    assert groups.keys_of_cause(second, []) == [second.pk]


def test_a_kind_that_names_no_party_stands_alone() -> None:
    asked = question(1, kind="policy", case={"vendor_id": "V-1"})
    assert listed.cause_of(asked) == ""


def test_an_unknown_party_is_nobodys_group() -> None:
    asked = question(1, case={"vendor_id": ""})
    assert listed.cause_of(asked) == ""
    assert listed.cause_of(question(1, reasons=[])) == ""


def question(n: int, **changes: Any) -> Escalation:
    """A question that is not stored."""
    usual = {
        "id": UUID(int=n),
        "kind": "invoice",
        "case": {"vendor_id": "V-1"},
        "reasons": [{"code": "price_over", "rule": "unit"}],
    }
    return Escalation(**usual | changes)


REASON = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["price_over", "no_receipt"]),
        "rule": st.sampled_from(["", "unit", "line"]),
        "line": st.sampled_from(["", "1", "2"]),
        "excess": st.sampled_from(["+2 %", "+6 %"]),
    }
)


@given(st.lists(REASON, min_size=1, max_size=4), st.lists(REASON, min_size=1, max_size=4))
def test_two_are_of_one_cause_if_codes_and_rules_are_the_same_whatever_lines_and_sizes(
    one: list[dict[str, str]], other: list[dict[str, str]]
) -> None:
    same = {(r["code"], r["rule"]) for r in one} == {(r["code"], r["rule"]) for r in other}
    alike = listed.cause_of(question(1, reasons=one)) == listed.cause_of(question(2, reasons=other))
    assert alike == same


def asked_of(n: int) -> Question:
    now = cast.moment()
    return Question(
        subject=f"invoice/{UUID(int=n + 1)}",
        kind="invoice",
        text="Pay it?",
        reasons=[{"code": "price_over", "words": "price over", "department": "procurement"}],
        case={"vendor": "Nordholz Werkzeuge", "vendor_id": "V-2", "number": f"RE-{n}"},
        policy="v1",
        queue="procurement",
        due_at=now + timedelta(hours=n % 7 + 1),
        clock="desk time",
        asked_by="agent:finance.payment/1",
        currency="EUR",
        amount=Decimal(10),
        amount_company=Decimal(10),
    )


def test_a_large_group_is_read_only_so_far(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    services.ask([asked_of(n) for n in range(300)], at=cast.moment())
    one = Escalation.objects.order_by("id")[0]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        keys = groups.keys_of_cause(one, [])
        found = groups.cause_of(one, [])
    assert len(keys) == groups.MOST + 1
    assert found is not None
    assert (found.others, found.more, found.worth) == (groups.MOST - 1, True, Decimal(10 * groups.MOST))
    assert len(asked) <= 6
    plan = OpenQuestion.objects.filter(cause=listed.cause_of(one)).order_by("due_at", "question")
    with connection.cursor() as cursor:  # of few rows the planner reads all; of many it takes the index
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    assert "reviews_listed_by_cause" in plan.values_list("pk")[:101].explain()
    group = group_of(people.alice, *Escalation.objects.all())
    assert len(group.items) == groups.MOST
    assert group.more


# --- what stands against answering one ----------------------------------------------------------------------


def test_what_can_be_answered_together_says_nothing_against_it(people: Cast) -> None:
    several(3)
    found = group_of(people.alice)
    assert [item.objection for item in found.items] == ["", "", ""]
    assert found.causes == 1
    assert found.sums == [("EUR", sum((e.amount for e in open_questions()), Decimal(0)))]
    assert found.worth == found.sums[0][1]
    assert (found.unvalued, found.several_sign) == (0, 0)


def test_put_aside_and_claimed_ones_are_listed_and_say_why_not(people: Cast) -> None:
    several(3)
    first, second, third = open_questions()
    handling.put_aside(first.pk, clock.now() + timedelta(days=2), by=people.alice)
    assignment.claim(second.pk, by=people.carol)
    found = {item.row.id: item.objection for item in group_of(people.alice).items}
    assert found[first.pk].startswith("Put aside until ")
    assert found[second.pk] == "Carol has claimed this."
    assert found[third.pk] == ""
    assert len(groups.keys_of_cause(third, [])) == 3, "they stay in the group"


def test_what_is_over_the_limit_says_so_before_anything_is_pressed(people: Cast) -> None:
    several(2)
    small = cast.person("simon", "specialist", "procurement", limit="1330.00")
    over, under = sorted(group_of(small).items, key=lambda item: -(item.row.amount or 0))
    assert "is over your limit of EUR 1,330.00. Hand over to" in over.objection
    assert under.objection == ""
    assert group_of(small).sums == [("EUR", under.row.amount)]


def test_makers_other_departments_and_readers_are_told_why(people: Cast) -> None:
    several(1)
    cast.take_in(
        cast.table("orders", order(order_number="PO-9", quantity="7")),
        cast.table("receipts", receipt(receipt_number="GR-9", order_number="PO-9", quantity="7")),
        cast.table(
            "invoices", bill(invoice_number="INV-9", order_number="PO-9", quantity="7", unit_price="11")
        ),
        actor=f"human:{people.alice.pk}",
    )
    cast.drain()
    mine = {item.row.number: item.objection for item in group_of(people.alice).items}
    assert mine["INV-V-1-1"] == ""
    assert "someone else has to countersign" in mine["INV-9"]
    assert all("procurement; you answer those of finance" in why for why in objections(people.bob))
    assert all("decided by specialists and managers" in why for why in objections(people.erin))


def test_an_answered_one_and_one_that_is_signed_say_so(people: Cast) -> None:
    several(1, price="600.00")  # two people sign that much
    several(1, first=3)
    small, large = sorted(open_questions(), key=lambda e: e.amount or 0)
    assert group_of(people.carol).several_sign == 1
    cast.answer(large, "approve", by=people.carol)
    [item] = group_of(people.carol, large).items
    assert item.objection == "You have signed this; a second person is needed."
    assert group_of(people.dave, large).several_sign == 1
    cast.answer(small, "approve", by=people.dave)
    [item] = group_of(people.carol, small).items
    assert (item.objection, item.open) == ("Approved by Dave already.", False)


def test_a_least_time_on_the_page_is_no_matter_for_many(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(2)
    waits = replace(INVOICE, dwell=lambda e: Wait(12, "O-3, while it is so"))
    monkeypatch.setitem(kinds.KINDS.data, "invoice", waits)
    assert set(objections(people.alice)) == {
        "It is answered on its own page, which has to be shown for 12 seconds (O-3, while it is so)."
    }


def test_a_blind_review_is_answered_by_itself_and_says_nothing_of_others(people: Cast) -> None:
    several(2)
    first, _ = open_questions()
    first.case["blind"] = "yes"
    assert groups.cause_of(first, []) is None
    assert groups.alone(first, clock.now(), blind=True).startswith("A blind review")


# --- known-answer cases -------------------------------------------------------------------------------------


@pytest.fixture
def planted(people: Cast) -> Escalation:
    """A known-answer case with a wrong price, beside an invoice of its vendor with one."""
    twinned(12, wrong={3: "price", 5: "price"})
    [known] = planting.by_hand(1, by="system:test", defect=Defect.PRICE).cases
    return known.question


def test_a_known_answer_case_is_in_the_group_of_the_invoices_that_it_looks_like(planted: Escalation) -> None:
    real = [e for e in open_questions() if e.kind == "invoice"]
    assert planted.kind == KNOWN_ANSWER
    alike = [e for e in real if [r["code"] for r in e.reasons] == [r["code"] for r in planted.reasons]]
    assert alike, "there is something to be told apart from"
    assert {planted.pk, *(e.pk for e in alike)} == set(groups.keys_of_cause(planted, []))
    assert set(groups.keys_of_cause(alike[0], [])) == set(groups.keys_of_cause(planted, []))
    mine, other = groups.cause_of(planted, []), groups.cause_of(alike[0], [])
    assert mine == other


def test_what_stands_against_it_is_said_of_it_as_of_an_invoice(
    planted: Escalation, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = next(
        e for e in open_questions() if e.pk != planted.pk and listed.cause_of(e) == listed.cause_of(planted)
    )
    for person in (people.alice, people.bob, people.erin, people.carol):
        one, other = group_of(person, planted, real).items
        assert one.objection == other.objection
    for row in (planted, real):
        handling.put_aside(row.pk, clock.now() + timedelta(days=2), by=people.alice)
    one, other = group_of(people.alice, planted, real).items
    assert one.objection.rpartition(",")[0] == other.objection.rpartition(",")[0] != ""


# --- codes that are true of all -----------------------------------------------------------------------------


def test_only_what_is_true_of_every_one_is_offered() -> None:
    one = [("approve", [("a", "A"), ("b", "B")]), ("reject", [("c", "C")])]
    other = [("approve", [("b", "B"), ("d", "D")]), ("override", [("e", "E")])]
    assert groups.common([one, other]) == [("approve", [("b", "B")])]
    assert groups.common([one]) == [("approve", [("a", "A"), ("b", "B")]), ("reject", [("c", "C")])]
    assert groups.common([]) == []
