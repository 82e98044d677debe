"""What pages count, by hand: invoices by stage and worth, questions by queue and clock, files, discounts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from coordination.models import Quarantine, Rate
from coordination.selectors import figures, flow, intake, invoices, overview
from coordination.services.intake.table_maps import ADVICE
from reviews import cases
from tests.models import rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undone")]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    return timezone.now()


# --- invoices by stage and lane -----------------------------------------------------------------------------


def worth(days: int | None = None) -> dict[tuple[str, str], tuple[int, Decimal]]:
    return {(c.state, c.lane): (c.count, c.worth) for c in figures.cells(days)}


@pytest.fixture
def rates() -> None:
    """160 yen, a third of a dinar and eleven crowns for one euro, newer than any other."""
    Rate.objects.all().delete()
    for currency, per_eur in (("JPY", "160"), ("KWD", "0.32"), ("SEK", "11")):
        Rate.objects.create(on=date(2020, 1, 1), currency=currency, per_eur=Decimal(per_eur))


@pytest.mark.usefixtures("rates")
def test_what_is_worth_counts_in_company_currency() -> None:
    rows.invoice(currency="EUR", gross=Decimal("100.00"))
    rows.invoice(currency="JPY", gross=Decimal("8000"))  # 50.00
    rows.invoice(currency="KWD", gross=Decimal("0.800"))  # 2.50
    assert worth() == {("received", "open"): (3, Decimal("152.50"))}


@pytest.mark.usefixtures("rates")
def test_what_came_on_several_days_is_rounded_once() -> None:
    for day in range(4):
        rows.invoice(currency="SEK", gross=Decimal("0.05"), received_at=now() - day * DAY)  # 0.0045 each
    assert worth() == {("received", "open"): (4, Decimal("0.02"))}


@pytest.mark.usefixtures("rates")
def test_credit_notes_are_counted_and_take_off() -> None:
    rows.invoice(gross=Decimal("100.00"), state="paid", lane="auto")
    rows.invoice(gross=Decimal("30.00"), state="paid", lane="auto", type="credit_note")
    assert worth() == {("paid", "auto"): (2, Decimal("70.00"))}


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(
    ("currency", "gross"), [("XAU", Decimal("5.00")), ("", Decimal("5.00")), ("EUR", None), ("JPY", None)]
)
def test_what_nobody_knows_the_worth_of_is_counted_all_the_same(currency: str, gross: Decimal | None) -> None:
    rows.invoice(currency=currency, gross=gross)
    rows.invoice(gross=Decimal("7.00"))
    assert worth() == {("received", "open"): (2, Decimal("7.00"))}


def test_of_one_state_each_lane_is_a_cell_and_knows_since_when() -> None:
    since = now() - 3 * DAY
    rows.invoice(lane="waiting", state_since=since + HOUR, currency="SEK")
    rows.invoice(lane="waiting", state_since=since)
    rows.invoice(lane="escalated", state_since=since + 2 * HOUR)
    found = {c.lane: (c.count, c.since) for c in figures.cells()}
    assert found == {"waiting": (2, since), "escalated": (1, since + 2 * HOUR)}


def test_a_period_counts_what_was_received_in_it() -> None:
    for age in (6 * DAY, 7 * DAY - MINUTE, 7 * DAY + MINUTE, 40 * DAY):
        rows.invoice(received_at=now() - age)
    assert [sum(c.count for c in figures.cells(days)) for days in (7, 30, 90, None)] == [2, 3, 4, 4]


def test_the_touchless_share_is_of_those_whose_release_was_ruled_on() -> None:
    for lane, age in (
        ("auto", DAY),
        ("auto", 29 * DAY),
        ("human", DAY),
        ("escalated", DAY),
        ("void", DAY),
        ("open", DAY),  # not ruled on yet
        ("waiting", DAY),
        ("auto", 31 * DAY),  # before the period
    ):
        rows.invoice(lane=lane, received_at=now() - age)
    found = overview._touchless(now())
    assert (found.automatic, found.cleared, found.days) == (2, 5, 30)


# --- questions by queue -------------------------------------------------------------------------------------


def departments(*hidden: str) -> dict[str, Any]:
    return {d.key: d for d in flow.departments(hidden)}


def asked(opened: timedelta, due: timedelta, **changes: Any) -> None:
    """A question opened so long ago and due in so long."""
    rows.question(opened_at=now() - opened, due_at=now() + due, **changes)


def test_every_department_is_there_also_with_nothing_to_do() -> None:
    found = departments()
    assert list(found) == ["procurement", "operations", "finance"]
    assert {d.open for d in found.values()} == {0}
    assert {d.oldest for d in found.values()} == {None}
    assert all(d.sla_hours > 0 for d in found.values())


def test_a_reserved_queue_is_listed_while_something_stands_in_it_for_those_who_see_it() -> None:
    asked(HOUR, HOUR, queue="payments", kind="payment_run")
    assert list(departments()) == ["procurement", "operations", "finance", "payments"]
    assert list(departments("payment_run")) == ["procurement", "operations", "finance"]


@pytest.mark.parametrize(
    ("opened", "due", "overdue", "soon"),
    [
        (HOUR, 2 * HOUR, 0, 0),
        (2 * HOUR, 2 * HOUR - MINUTE, 0, 1),  # half of its time is over
        (2 * HOUR, 2 * HOUR + MINUTE, 0, 0),
        (9 * HOUR, HOUR, 0, 1),
        (9 * HOUR, -MINUTE, 1, 0),  # what is over its time is no longer about to be
        (9 * HOUR, MINUTE, 0, 1),
    ],
)
def test_a_question_is_soon_over_its_time_from_half_of_it_on(
    opened: timedelta, due: timedelta, overdue: int, soon: int
) -> None:
    asked(opened, due)
    found = departments()["finance"]
    assert (found.open, found.overdue, found.soon) == (1, overdue, soon)


def test_a_department_knows_its_oldest_and_its_average_and_nothing_that_is_answered() -> None:
    for opened in (HOUR, 3 * HOUR):
        asked(opened, DAY)
    asked(9 * HOUR, DAY, status="approved")
    asked(9 * HOUR, DAY, queue="operations")
    found = departments()["finance"]
    assert found.open == 2
    assert abs((now() - found.oldest) - 3 * HOUR) < MINUTE
    assert abs(found.average - 2 * HOUR) < MINUTE


def test_an_amount_that_another_question_counts_is_counted_once() -> None:
    for kind, amount in (("invoice", "100.00"), ("statement", "100.00"), ("invoice", None)):
        asked(HOUR, DAY, kind=kind, amount_company=None if amount is None else Decimal(amount))
    found = departments()["finance"]
    assert (found.open, found.worth) == (3, Decimal("100.00"))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_what_one_has_decided_today_counts_from_the_midnight_of_the_page(zone: str) -> None:
    with timezone.override(zone):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        for at in (midnight, midnight + timedelta(seconds=1), midnight - timedelta(seconds=1)):
            rows.question(status="approved", decided_by=rows.ALICE, decided_at=at)
        rows.question(status="approved", decided_by=rows.BOB, decided_at=midnight)
        assert cases.cleared_today(rows.ALICE) == 2


# --- discounts at risk --------------------------------------------------------------------------------------


def offered(days: int, amount: str, currency: str = "EUR", **changes: Any) -> None:
    until = (timezone.localdate() + timedelta(days=days)).isoformat()
    rows.question(case={"discount": {"until": until, "amount": amount}}, currency=currency, **changes)


def test_a_discount_may_still_be_had_on_its_last_day_and_not_after() -> None:
    offered(0, "20.00")
    offered(-1, "30.00")
    offered(5, "0.50")
    found = overview._discounts()
    assert (found.amounts, found.invoices) == ([("EUR", Decimal("20.50"))], 2)
    assert found.next_until == timezone.localdate()


def test_our_own_currency_stands_first_and_then_the_largest() -> None:
    offered(3, "5.00", "SEK")
    offered(2, "900", "JPY")
    offered(4, "1.00", "EUR")
    found = overview._discounts()
    assert [c for c, _ in found.amounts] == ["EUR", "JPY", "SEK"]
    assert found.next_until == timezone.localdate() + timedelta(days=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "approved"},
        {"kind": "statement"},
        {"case": {}},
        {"case": {"discount": None}},
        {"case": {"discount": {"amount": "5.00"}}},
        {"case": {"discount": {"until": "2099-01-01"}}},
        {"case": {"discount": {"until": "2099-01-01", "amount": ""}}},
    ],
    ids=["answered", "a statement", "no case", "none", "no day", "no amount", "an empty amount"],
)
def test_what_is_no_discount_at_risk_is_none(changes: dict[str, Any]) -> None:
    plain = {"case": {"discount": {"until": "2099-01-01", "amount": "5.00"}}, "currency": "EUR"}
    rows.question(**plain | changes)
    found = overview._discounts()
    assert (list(found.amounts), found.invoices, found.next_until) == ([], 0, None)


def test_the_oldest_question_is_named_by_its_vendor_else_by_what_is_asked() -> None:
    asked(HOUR, DAY, case={"vendor": "Hartmann GmbH"})
    named = overview._oldest(())
    assert named is not None
    assert named.title == "Hartmann GmbH"
    asked(2 * HOUR, DAY, kind="policy", question="Put v2 in force?", case={})
    older = overview._oldest(())
    assert older is not None
    assert (older.title, older.owner) == ("Put v2 in force?", "finance")
    again = overview._oldest(("policy",))
    assert again is not None
    assert again.title == "Hartmann GmbH"
    assert overview._oldest(("policy", "invoice")) is None


# --- files and lists ----------------------------------------------------------------------------------------


def set_aside(**changes: Any) -> Quarantine:
    plain = {
        "name": "orders.csv",
        "code": "malformed",
        "error": "the file ends",
        "received_by": rows.SYSTEM,
        "received_at": rows.AT,
    }
    kept = changes.pop("content", None) or rows.content()
    return rows.made(Quarantine, content=kept, **plain | changes)


def test_what_is_in_quarantine_stands_newest_first_and_by_name_and_line() -> None:
    set_aside(name="b.csv", line=2)
    set_aside(name="b.csv", line=1)
    set_aside(name="a.csv", received_at=rows.AT - DAY)
    set_aside(name="gone.csv", status="dismissed")
    assert [(s.name, s.line) for s in intake.quarantine()] == [("b.csv", 1), ("b.csv", 2), ("a.csv", None)]


@pytest.mark.parametrize(
    ("data", "size", "kept"),
    [
        (b"abc", 3, True),
        (b"", 3, False),  # too large, or past its time: only the digest is left
        (b"", 0, True),  # nothing came, and all of that is there
    ],
)
def test_bytes_are_kept_or_known_by_their_digest_alone(data: bytes, size: int, kept: bool) -> None:
    set_aside(content=rows.content(data=data, size=size))
    [found] = intake.quarantine()
    assert (found.kept, found.size) == (kept, size)


@pytest.mark.parametrize(
    ("error", "needs_map"),
    [("no known columns" + ADVICE, True), (ADVICE + " or not", False), ("the file ends", False)],
)
def test_a_table_that_a_map_could_read_says_so(error: str, needs_map: bool) -> None:
    set_aside(error=error)
    assert [s.needs_map for s in intake.quarantine()] == [needs_map]


def test_kinds_of_documents_stand_by_their_number_with_the_newest_of_each() -> None:
    for kind, age in (("order", 2 * DAY), ("invoice", 3 * DAY), ("order", DAY)):
        rows.document(kind=kind, received_at=rows.AT - age)
    assert [(s.kind, s.count, s.last) for s in intake.kinds()] == [
        ("order", 2, rows.AT - DAY),
        ("invoice", 1, rows.AT - 3 * DAY),
    ]


def test_an_invoice_in_the_list_has_each_reason_once_the_oldest_first() -> None:
    row = rows.invoice()
    for code, age, status in (
        ("price_over", HOUR, "open"),
        ("no_receipt", 2 * HOUR, "waiting"),
        ("price_over", 3 * HOUR, "open"),
        ("tax_mismatch", 4 * HOUR, "released"),
    ):
        rows.hold(row, code=code, opened_at=rows.AT - age, status=status)
    [line] = invoices.page(invoices.Filters()).object_list
    assert list(line.reasons) == ["price_over", "no_receipt"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"state": "paid"}, 1),
        ({"lane": "auto"}, 1),
        ({"state": "paid", "lane": "open"}, 0),
        ({"state": "teleported"}, 2),  # a word that means nothing narrows nothing
        ({"lane": "'; DROP TABLE"}, 2),
        ({"page": 2}, 0),
    ],
)
def test_a_list_is_narrowed_by_words_that_exist(filters: dict[str, Any], found: int) -> None:
    rows.invoice(state="paid", lane="auto")
    rows.invoice()
    assert len(invoices.page(invoices.Filters(**filters)).object_list) == found


def test_an_invoice_without_vendor_and_facts_is_in_the_list_all_the_same() -> None:
    rows.invoice(currency="", gross=None)
    [line] = invoices.page(invoices.Filters()).object_list
    assert (line.vendor, line.gross, line.at_stake, line.currency) == ("", None, None, "")
