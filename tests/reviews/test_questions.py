"""What a person is asked: one sentence, the whole case, a queue and a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from coordination.decisions import case_words
from coordination.decisions.case import _clock
from coordination.domain.payment_terms import Discount
from coordination.domain.reasons import HoldReason
from coordination.models import Invoice
from coordination.questions import invoice
from coordination.services import deadlines
from reviews import cases, listed, urgency
from reviews.models import Escalation
from reviews.open_lists import Filters
from reviews.selectors import SORTS, listing
from reviews.services import Question
from tests import cast
from tests.agents.make import document, snapshot
from tests.cast import bill, receipt

pytestmark = pytest.mark.django_db


def asked(**changes: object) -> Escalation:
    cast.trade(bill(**{"unit_price": "10.60"} | changes))
    return cast.question()


def test_the_question_is_one_sentence() -> None:
    question = asked().question
    assert question.startswith("Pay as billed")
    assert question.endswith("?")
    assert "6.0 %" in question
    assert "line 1" in question


def test_the_case_shows_ordered_received_and_invoiced_side_by_side() -> None:
    case = asked().case
    [line] = case["lines"]
    assert (line["ordered"]["quantity"], line["ordered"]["price"]) == ("100", "10.00")
    assert line["received"] == {"quantity": "100", "accepted": "100"}
    assert (line["invoiced"]["quantity"], line["invoiced"]["price"]) == ("100", "10.60")
    assert line["variance"] == {"money": "60.00", "pct": "6.0", "due": "1000.00"}
    assert case["totals"]["variance"] == {"money": "60.00", "pct": "6.0"}
    assert "invoiced_price" in line["marks"]
    assert (case["vendor"], case["number"], case["gross"]) == ("Hartmann GmbH", "INV-1", "1261.40")


def test_what_is_billed_over_the_order_counts_in_the_variance() -> None:
    cast.trade(bill(quantity="102"), receipts=(receipt(quantity="102", accepted="102"),))
    case = cast.question("INV-1").case
    assert case["lines"][0]["variance"] == {"money": "20.00", "pct": "2.0", "due": "1000.00"}


def test_where_nothing_was_received_all_that_is_billed_is_variance() -> None:
    cast.trade(bill(issue_date="2026-01-05"), receipts=(receipt(order_number="PO-9"),))
    case = cast.question("INV-1").case
    assert case["lines"][0]["variance"] == {"money": "1000.00", "pct": "", "due": "0.00"}
    assert case["totals"]["variance"] == {"money": "1000.00", "pct": ""}


def test_a_line_that_was_not_ordered_is_over_by_all_of_it() -> None:
    more = bill(
        line="2",
        item="OTHER",
        description="Consulting, flat",
        quantity="1",
        unit_price="50.00",
        line_net="50.00",
    )
    totals = {"net": "1050.00", "tax": "199.50", "gross": "1249.50"}
    cast.trade(bill(**totals), {**more, **totals})
    [_, other] = cast.question("INV-1").case["lines"]
    assert [r["code"] for r in other["result"]] == ["item_not_ordered"]
    assert other["variance"] == {"money": "50.00", "pct": "", "due": "0.00"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("1",), "although nothing of line 1 was received?"),
        (("1", "2", "4"), "although nothing of lines 1, 2 and 4 was received?"),
        (("1", "2", "3", "4", "5"), "although nothing of 5 lines was received?"),
    ],
)
def test_one_reason_on_several_lines_is_said_once(lines: tuple[str, ...], said: str) -> None:
    assert case_words.question(Invoice(type="invoice"), [reason("no_receipt", n) for n in lines]).endswith(
        said
    )


def test_two_sizes_are_both_said_and_three_are_not() -> None:
    asked = [reason("price_over", str(n), excess=f"+{n}.0 %") for n in (1, 2, 3)]
    row = Invoice(type="invoice")
    assert "line 1 is priced 1.0 % over the order and line 2 is" in case_words.question(row, asked[:2])
    assert "lines 1, 2 and 3 are priced over the order" in case_words.question(row, asked)


@pytest.mark.parametrize(
    ("codes", "left_out", "said"),
    [
        (
            ("paid_otherwise",),
            "x",
            "Clear it, to be paid outside the runs? It says that it is paid another way.",
        ),
        (
            ("payee_differs", "no_po"),
            "x",
            (
                "Clear it, to be paid outside the runs, although it names no order? Somebody other than the"
                " vendor is to be paid."
            ),
        ),
        (("payee_differs",), "", "Pay as billed, although somebody other than the vendor is to be paid?"),
        (("no_po",), "x", "Clear it, to be paid outside the runs, although it names no order?"),
    ],
)
def test_a_question_offers_no_payment_that_no_run_makes(
    codes: tuple[str, ...], left_out: str, said: str
) -> None:
    assert case_words.question(Invoice(type="invoice"), [reason(c, "") for c in codes], left_out) == said


def reason(code: str, line: str, **more: str) -> HoldReason:
    return HoldReason(
        code=code,
        words=code,
        question="price",
        owner="procurement",
        hard=False,
        sentence="",
        hold="",
        department="procurement",
        line=line,
        **more,
    )


def test_questions_of_one_moment_stand_in_one_order_for_all() -> None:
    cast.trade(*(bill(invoice_number=f"INV-{n}", order_number="", order_line="") for n in range(6)))
    moment = Escalation.objects.latest("opened_at").opened_at
    for key in Escalation.objects.order_by("-id").values_list("id", flat=True):  # stored the other way round
        Escalation.objects.filter(pk=key).update(opened_at=moment, due_at=moment + timedelta(days=1))
    listed.rebuild()
    for sort in SORTS:
        shown = [r.id for g in listing(Filters(sort=sort), "human:1").groups for r in g.rows]
        assert shown == sorted(shown)


def test_the_case_says_what_each_answer_does_to_the_money() -> None:
    told = {c["verdict"]: c["text"] for c in asked().case["consequences"]}
    assert set(told) == {"approve", "reject", "override"}
    assert "EUR 1,261.40" in told["approve"]
    assert "pays nothing" in told["reject"]


def test_each_agent_has_its_say_in_the_case() -> None:
    positions = {p["agent"]: p for p in asked().case["positions"]}
    assert list(positions) == [
        "finance.validation",
        "procurement.matching",
        "operations.delivery",
        "control.crosscheck",
    ]
    assert positions["procurement.matching"]["outcome"] == "hold"
    assert positions["procurement.matching"]["fired"][0]["rule"] == "T-01"


def test_the_reasons_are_typed_with_evidence() -> None:
    [reason] = asked().reasons
    assert (reason["code"], reason["owner"], reason["line"], reason["expected"], reason["found"]) == (
        "price_over",
        "procurement",
        "1",
        "10.00",
        "10.60",
    )
    assert reason["evidence"]


@pytest.mark.parametrize(
    ("changes", "received", "queue"),
    [
        ({"unit_price": "10.60"}, "100", "procurement"),
        ({"unit_price": "10.00"}, "90", "operations"),
        ({"unit_price": "10.00", "tax": "1.00"}, "100", "finance"),
        ({"unit_price": "10.60", "tax": "1.00"}, "100", "finance"),
    ],
)
def test_the_queue_is_that_of_whoever_can_answer(
    changes: dict[str, object], received: str, queue: str
) -> None:
    cast.trade(bill(**changes), receipts=(receipt(quantity=received),))
    assert cast.question().queue == queue


NOW = datetime(2026, 9, 20, 13, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("until", "due", "at", "clock"),
    [
        (None, None, "2026-09-21T22:00", "desk time"),  # the whole of Monday, in Berlin
        (date(2026, 9, 30), date(2026, 10, 30), "2026-09-21T22:00", "desk time"),
        (date(2026, 9, 22), None, "2026-09-21T10:00", "discount"),
        (date(2026, 9, 21), None, "2026-09-21T10:00", "discount"),  # the day itself: the last chance
        (date(2026, 9, 20), None, "2026-09-21T22:00", "desk time"),  # it ended on Friday
        (None, date(2026, 9, 24), "2026-09-21T10:00", "due date"),
        (None, date(2026, 9, 22), "2026-09-21T10:00", "due date"),
        (None, date(2026, 9, 21), "2026-09-21T10:00", "due date"),
        (None, date(2026, 9, 1), "2026-09-21T22:00", "desk time"),
    ],
)
def test_the_clock_is_the_earliest_that_is_not_past(
    until: date | None, due: date | None, at: str, clock: str
) -> None:
    """Of a business day before the discount ends, three before the invoice is due, and the SLA's 24 hours."""
    offer = None if until is None else Discount(Decimal(20), until)
    ends = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert _clock(snapshot(document(due_date=due)), "finance", offer, NOW) == (ends, clock)


def test_a_question_without_grounds_stands_on_reasons_and_case() -> None:
    now = cast.moment()
    plain = {
        "subject": "s",
        "kind": "invoice",
        "text": "?",
        "policy": "v1",
        "queue": "q",
        "due_at": now,
        "clock": "c",
        "asked_by": "a",
    }
    one = Question(reasons=[], case={"a": "1"}, **plain)  # type: ignore[arg-type]
    two = Question(reasons=[], case={"a": "2"}, **plain)  # type: ignore[arg-type]
    grounded = Question(reasons=[], case={"a": "2"}, stands_on={"x": "1"}, **plain)  # type: ignore[arg-type]
    assert one.payload_hash() != two.payload_hash() != grounded.payload_hash()


# --- clocks ----------------------------------------------------------------------------------------


def test_half_of_the_time_warns_and_all_of_it_passes_the_question_on() -> None:
    row = asked()
    assert deadlines.run(row.opened_at) == (0, 0)
    half = row.half_time
    assert deadlines.run(half) == (1, 0)
    assert deadlines.run(half) == (0, 0)
    assert deadlines.run(row.due_at) == (0, 1)
    assert deadlines.run(row.due_at + timedelta(days=30)) == (0, 0)
    row.refresh_from_db()
    assert (row.warned_at, row.breached_at) == (half, row.due_at)
    assert cast.entries(row.subject)[-2:] == ["escalation.warned", "escalation.overdue"]
    cast.assert_sound()


def test_time_never_answers_for_a_person() -> None:
    row = asked()
    deadlines.run(row.due_at + timedelta(days=365))
    row.refresh_from_db()
    assert (row.status, row.verdict, row.owner) == ("open", "", "")
    assert cast.standing()[1] == "escalated"


# --- the order of the list ---------------------------------------------------------------------------


def due(**days: int) -> None:
    """One question each, about an invoice that is due so many days from today (negative: was due)."""
    cast.trade(
        *(
            bill(
                invoice_number=name,
                order_number="",
                order_line="",
                due_date=(cast.today() + timedelta(days=n)).isoformat(),
            )
            for name, n in days.items()
        )
    )


def standing_in_list(sort: str = "clock", at: datetime | None = None) -> dict[str, list[str]]:
    """Headings with the numbers of the invoices below them."""
    found = listing(Filters(sort=sort), "human:1", now=at)
    return {group.title: [row.number for row in group.rows] for group in found.groups}


def test_what_is_overdue_stands_first_and_then_what_is_due_soonest() -> None:
    due(THREE=3, FAR=60, TODAY=0, LATE=-1, TOMORROW=1, LATEST=-40)
    found = standing_in_list()
    assert found["Overdue"] == ["LATEST", "LATE"]
    assert found["Decide today"] == ["TODAY", "TOMORROW", "THREE"]
    assert [n for numbers in found.values() for n in numbers][-1] == "FAR"


def test_a_question_that_stays_open_becomes_overdue_by_itself() -> None:
    due(SOON=5, FAR=60)
    before = Escalation.objects.values_list("version", flat=True)
    assert "Overdue" not in standing_in_list()
    later = standing_in_list(at=cast.moment() + timedelta(days=6))
    assert later["Overdue"] == ["SOON"]
    assert list(before) == [1, 1]


def test_the_list_the_case_and_its_place_say_the_same_of_what_is_overdue() -> None:
    due(FAR=60, LATE=-5)
    row = listing(Filters(), "human:1").groups[0].rows[0]
    view = cases.case_view(cast.question("LATE"), "human:1")
    assert row.clock.loss == view.clock.loss
    assert row.clock.is_overdue
    assert row.clock.loss is not None
    assert row.clock.loss.words.startswith("overdue 5 d")
    assert cases.place(cast.question("LATE"), Filters(), "human:1").position == 1


def test_a_credit_note_is_never_overdue() -> None:
    late = {"due_date": "2026-01-01", "discount": None}
    assert urgency.loss_of(invoice.KIND.deadlines, late | {"type": "credit_note"}, date(2026, 2, 1)) is None
    assert urgency.loss_of(invoice.KIND.deadlines, late | {"type": "invoice"}, date(2026, 2, 1)) is not None


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"due_date": "2026-09-15"}, "overdue 5 d · due 15 Sep"),
        ({"due_date": "2026-09-20"}, "due today"),
        ({"due_date": "2026-09-21"}, "due tomorrow"),
        ({"due_date": "2026-09-23"}, "due Wed 23 Sep"),
        ({"due_date": "2026-10-20", "discount": {"until": "2026-09-21"}}, "discount ends tomorrow"),
        ({"due_date": "2026-09-24"}, ""),
        ({"discount": {"until": "2026-09-19"}}, ""),
        ({"due_date": ""}, ""),
        ({"due_date": None, "discount": None}, ""),
        ({}, ""),
    ],
)
def test_what_is_lost_is_said_in_words(case: dict[str, Any], words: str) -> None:
    loss = urgency.loss_of(invoice.KIND.deadlines, case, NOW.date())
    assert (loss.words if loss else "") == words
