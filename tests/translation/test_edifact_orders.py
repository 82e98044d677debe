"""ORDCHG and ORDRSP: what a change and an answer make of an order, in the same shapes as those of UBL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from coordination.services.intake.folding import fold
from coordination.translation import QuarantineCode
from coordination.translation.canonical import Order

from .edifacts import ORDER, interchange, message, one, rejected, replaced, without

CHANGE = (
    "BGM+230+CH-4+4'",
    "DTM+137:20261005:102'",
    "RFF+ON:PO-1'",
    "DTM+171:20261001:102'",
    "NAD+BY+4000001000012::9'",
    "NAD+SU+4000001000005::9'",
    "CUX+2:EUR:9'",
    "LIN+10+3+4000862141404:SRV'",
    "QTY+21:8:C62'",
    "LIN+20+1'",
    "PIA+5+N-2:SA'",
    "IMD+F++:::Screws'",
    "QTY+21:5:C62'",
    "PRI+AAA:2.00'",
    "UNS+S'",
    "CNT+2:2'",
)
ANSWER = (
    "BGM+231+SA-77+4'",
    "DTM+137:20261002:102'",
    "RFF+ON:PO-1'",
    "RFF+VN:SO-8'",
    "NAD+BY+4000001000012::9'",
    "NAD+SU+4000001000005::9'",
    "CUX+2:EUR:9'",
    "LIN+1+3+4000862141404:SRV'",
    "QTY+21:10:C62'",
    "QTY+113:6:C62'",
    "PRI+AAA:10.00'",
    "RFF+ON:PO-1:10'",
    "UNS+S'",
    "CNT+2:1'",
)
KINDS = ["ORDCHG:D:96A:UN:EAN006", "ORDCHG:D:01B:UN:EAN008"]


def order(segments: tuple[str, ...], kind: str = "ORDCHG:D:96A:UN:EAN006") -> Order:
    found: Order = one(interchange(message(segments, kind)), Order)
    return found


def answer(*changes: str, segments: tuple[str, ...] = ANSWER) -> Order:
    return order(replaced(segments, *changes), "ORDRSP:D:01B:UN:EAN009")


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_in_full(kind: str) -> None:
    found = order(CHANGE, kind)
    assert (found.number, found.message, found.message_id) == ("PO-1", "change", "CH-4")
    assert (found.order_date, found.currency, found.sequence) == (date(2026, 10, 5), "EUR", "20261005")
    assert found.seller.party_ids == ("4000001000005",)
    assert (found.type_code, found.sales_order, found.unreadable) == ("", "", ())
    assert [(x.line, x.status, x.quantity, x.price) for x in found.lines] == [
        ("10", "changed", Decimal(8), None),
        ("20", "added", Decimal(5), Decimal("2.00")),
    ]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("1", "added"),
        ("2", "deleted"),
        ("3", "changed"),
        ("4", "unchanged"),
        ("5", "accepted"),
        ("6", "changed"),
        ("7", "deleted"),
        ("", ""),
        ("99", ""),
    ],
)
def test_what_a_change_does_to_a_line(code: str, status: str) -> None:
    assert order(replaced(CHANGE, f"LIN+10+{code}+4000862141404:SRV'")).lines[0].status == status


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("1", "cancellation"),
        ("3", "cancellation"),
        ("2", "change"),
        ("4", "change"),
        ("9", "change"),
        ("", "change"),
        ("36", "change"),
        ("37", "change"),
    ],
)
def test_what_the_function_of_a_change_means(function: str, kind: str) -> None:
    assert order(replaced(CHANGE, f"BGM+230+CH-4+{function}'")).message == kind


@pytest.mark.parametrize(
    ("function", "code"),
    [
        ("5", QuarantineCode.UNSUPPORTED),
        ("16", QuarantineCode.UNSUPPORTED),
        ("53", QuarantineCode.TEST_DOCUMENT),
    ],
)
def test_a_replacement_or_proposal_or_test_of_a_change_is_not_read(
    function: str, code: QuarantineCode
) -> None:
    part = rejected(interchange(message(replaced(CHANGE, f"BGM+230+CH-4+{function}'"), KINDS[0])))
    assert part.code == code


@pytest.mark.parametrize("segments", [CHANGE, ANSWER])
def test_a_message_about_no_order_is_set_aside(segments: tuple[str, ...]) -> None:
    kind = KINDS[0] if segments is CHANGE else "ORDRSP:D:96A:UN"
    part = rejected(interchange(message(without(segments, "RFF+ON:PO-1'"), kind)))
    assert part.code == QuarantineCode.MISSING_ID
    assert "names no order" in part.error


def test_a_change_under_the_name_of_an_order_may_carry_its_number_in_bgm() -> None:
    found = order(("BGM+220+PO-1+4'", *without(CHANGE[1:], "RFF+ON")))
    assert (found.number, found.message_id, found.message) == ("PO-1", "PO-1", "change")
    assert order(("BGM+227+PO-1+4'", *CHANGE[1:])).type_code == "227"


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("27", "rejection"),
        ("29", "acceptance"),
        ("4", "response"),
        ("28", "response"),
        ("30", "response"),
        ("34", "response"),
        ("9", "response"),
        ("12", "response"),
    ],
)
def test_what_the_function_of_an_answer_means(function: str, kind: str) -> None:
    assert answer(f"BGM+231+SA-77+{function}'").message == kind


def test_an_answer_in_full() -> None:
    found = answer()
    assert (found.number, found.message_id, found.sales_order) == ("PO-1", "SA-77", "SO-8")
    assert found.sequence == ""
    [line] = found.lines
    assert (line.line, line.status, line.quantity, line.price) == (
        "10",
        "changed",
        Decimal(6),
        Decimal("10.00"),
    )


@pytest.mark.parametrize(("code", "status"), [("5", "accepted"), ("6", "changed"), ("7", "rejected")])
def test_what_an_answer_says_of_a_line(code: str, status: str) -> None:
    assert answer(f"LIN+1+{code}+4000862141404:SRV'").lines[0].status == status


def test_what_is_promised_counts_before_what_was_ordered() -> None:
    assert answer(segments=without(ANSWER, "QTY+113")).lines[0].quantity == 10
    assert answer("QTY+113:0:C62'").lines[0].quantity == 0


def test_without_a_reference_the_line_is_its_own_number() -> None:
    assert answer(segments=without(ANSWER, "RFF+ON:PO-1:10")).lines[0].line == "1"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(CHANGE, "change"), (ANSWER, "response"), (replaced(ANSWER, "BGM+231+SA-77+27'"), "rejection")],
)
def test_a_message_without_an_envelope_says_by_its_name_what_it_is(body: tuple[str, ...], kind: str) -> None:
    found: Order = one("".join(body).encode(), Order)
    assert (found.message, found.number) == (kind, "PO-1")


def test_the_format_is_that_of_the_message() -> None:
    from coordination.translation import translate

    assert translate(interchange(message(CHANGE, KINDS[1])), "x").source_format == "edifact-d01b"


# --- what they make of the order ----------------------------------------------------------------------------


def ordered() -> Order:
    found: Order = one(interchange(message(ORDER, "ORDERS:D:96A:UN")), Order)
    return found


def later(stamp: str, quantity: int, number: str) -> Order:
    changes = (f"BGM+230+{number}+4'", f"DTM+137:{stamp}:102'", "LIN+10+3'", f"QTY+21:{quantity}:C62'")
    return order(without(replaced(CHANGE, *changes), "LIN+20", "PIA", "IMD", "PRI", "QTY+21:5", "CNT"))


def test_a_change_leaves_what_it_does_not_say() -> None:
    folded, status = fold([ordered(), order(CHANGE)])
    assert folded is not None
    assert status == "open"
    first, second = folded.lines
    assert (first.quantity, first.price, first.item, first.description) == (
        8,
        Decimal("10.00"),
        "N-1",
        "Nails",
    )
    assert (second.line, second.quantity, second.price) == ("20", 5, Decimal("2.00"))


def test_changes_follow_each_other_by_the_day_they_were_written_and_not_by_number_or_arrival() -> None:
    earlier, newer = later("20261005", 8, "CH-9"), later("20261006", 7, "CH-10")
    for arrived in ([ordered(), newer, earlier], [earlier, newer, ordered()]):
        folded, _ = fold(arrived)
        assert folded is not None
        assert folded.lines[0].quantity == 7


def test_an_answer_gives_the_order_the_sellers_number_and_nothing_else_where_we_have_the_order() -> None:
    folded, status = fold([ordered(), answer()])
    assert folded is not None
    assert (folded.sales_order, folded.lines[0].quantity, status) == ("SO-8", 10, "open")


def test_a_no_closes_the_order_and_a_cancelled_order_stays_so() -> None:
    assert fold([ordered(), answer("BGM+231+SA-77+27'")])[1] == "rejected"
    assert fold([order(replaced(CHANGE, "BGM+230+CH-4+1'")), ordered()])[1] == "cancelled"
