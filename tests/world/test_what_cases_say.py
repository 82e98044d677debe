"""What single kinds of case say: how they name orders, vendors and sums, and what is odd in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from coordination.translation.canonical import Invoice, InvoiceLine, Order
from coordination.world.case import Case
from coordination.world.catalogue import GOODS
from coordination.world.defects import text
from coordination.world.generate import case_of
from coordination.world.traders import Trader, traders

DAY = date(2026, 11, 20)
SEEDS = ("1", "2", "3", "4", "5", "6")
KNOWN: dict[str, Trader] = {t.vendor_id: t for t in traders().everybody()}
NOTHING = Decimal(0)


def cases(name: str) -> list[Case]:
    return [case_of(name, seed, 40, DAY) for seed in SEEDS]


def only(case: Case) -> tuple[Order, Invoice]:
    """The one order and the one claim of a case."""
    [order], [claim] = case.orders, case.claims
    return order, claim.invoice


def unit(line: InvoiceLine) -> Decimal:
    assert line.price is not None
    return line.price / line.base_quantity


# --- how orders are named -----------------------------------------------------------------------------------


def test_a_summary_reference_names_the_order_and_no_line_and_turns_the_lines_round() -> None:
    for case in cases("summary reference"):
        order, invoice = only(case)
        assert {x.order_number for x in invoice.lines} == {order.number}
        assert {x.order_line for x in invoice.lines} == {""}
        assert [x.item for x in invoice.lines] == [x.item for x in reversed(order.lines)]


def test_without_articles_only_words_price_and_unit_tell_the_lines() -> None:
    for case in cases("summary reference without articles"):
        order, invoice = only(case)
        assert {(x.item, x.order_line) for x in invoice.lines} == {("", "")}
        assert [(x.description, x.price, x.unit) for x in invoice.lines] == [
            (x.description, x.price, x.unit) for x in order.lines
        ]


def test_an_order_on_the_document_only_stands_on_no_line() -> None:
    for case in cases("order named on the document only"):
        order, invoice = only(case)
        assert invoice.order_numbers == (order.number,)
        assert {(x.order_number, x.order_line) for x in invoice.lines} == {("", "")}


def test_two_lines_for_one_order_line_bill_all_of_it_together() -> None:
    for case in cases("two lines for one order line"):
        order, invoice = only(case)
        assert [x.order_line for x in invoice.lines] == ["10", "10"]
        assert sum(x.quantity or NOTHING for x in invoice.lines) == order.lines[0].quantity


def test_an_article_on_two_order_lines_has_two_prices() -> None:
    for case in cases("same article on two order lines"):
        order, invoice = only(case)
        assert len({x.item for x in invoice.lines}) == 1
        assert [x.price for x in invoice.lines] == [x.price for x in order.lines]
        assert order.lines[0].price != order.lines[1].price


def test_a_long_order_has_sixty_lines_that_each_name_their_own() -> None:
    for case in cases("sixty lines"):
        order, invoice = only(case)
        assert len(order.lines) == 60
        assert [x.order_line for x in invoice.lines] == [str(n * 10) for n in range(1, 61)]


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("no order", lambda number: number == ""),
        ("filler for an order", lambda number: number in {"n/a", "-", "none"}),
        ("unknown order", lambda number: re.fullmatch(r"47[0-9]{9}", number) is not None),
    ],
)
def test_an_invoice_names_nothing_a_filler_or_an_order_that_is_not_ours(
    name: str, named: Callable[[str], bool]
) -> None:
    for case in cases(name):
        order, invoice = only(case)
        assert all(named(x.order_number) for x in invoice.lines)
        assert order.number not in invoice.order_numbers


def test_of_two_orders_one_is_ours_and_the_other_stands_on_the_second_line() -> None:
    for case in cases("one of two orders unknown"):
        order, invoice = only(case)
        ours, strange = invoice.order_numbers
        assert (ours, strange.startswith("47")) == (order.number, True)
        assert [x.order_number for x in invoice.lines[:2]] == [ours, strange]


# --- who claims, and where the money goes -------------------------------------------------------------------


def test_a_vat_id_in_groups_is_the_vendors_own_with_signs_in_it() -> None:
    for case in cases("VAT id in groups"):
        _, invoice = only(case)
        own = KNOWN[invoice.vendor_id].vat_id
        assert invoice.seller.vat_id != own
        assert re.sub(r"[ .]", "", invoice.seller.vat_id) == own
        assert invoice.seller.party_ids == ()


def test_an_account_as_people_print_it_is_the_verified_one() -> None:
    shown = set()
    for case in cases("account in groups of four"):
        _, invoice = only(case)
        own = KNOWN[invoice.vendor_id].iban
        assert invoice.account.number != own
        assert invoice.account.number.replace(" ", "").upper() == own
        shown.add(" " in invoice.account.number)
    assert shown == {True, False}


def test_a_misread_name_differs_and_the_vat_id_does_not() -> None:
    for case in cases("misread name"):
        _, invoice = only(case)
        own = KNOWN[invoice.vendor_id]
        assert invoice.seller.name != own.company.name
        assert invoice.seller.vat_id == own.vat_id


def test_a_stranger_bills_an_order_of_one_of_ours_under_a_number_that_nobody_has() -> None:
    for case in cases("stranger"):
        order, invoice = only(case)
        assert order.vendor_id in KNOWN
        assert invoice.vendor_id not in KNOWN
        assert invoice.seller.party_ids == (invoice.vendor_id,)
        assert case.claims[0].vendor == ""


def test_an_account_change_used_at_once_asks_for_the_account_that_comes_later() -> None:
    for case in cases("account change used at once"):
        _, invoice = only(case)
        [(trader, iban)] = case.moved
        assert invoice.account.number == iban != trader.iban
    for case in cases("account change not verified"):
        _, invoice = only(case)
        [(trader, iban)] = case.moved
        assert invoice.account.number == trader.iban != iban


def test_a_second_account_stands_below_the_verified_one() -> None:
    for case in cases("second account"):
        _, invoice = only(case)
        own = KNOWN[invoice.vendor_id].iban
        assert invoice.account.number == own
        assert [a.number for a in invoice.other_accounts if a.number != own] != []


# --- sums ---------------------------------------------------------------------------------------------------


def test_a_price_per_hundred_and_one_per_piece_or_thousand_are_one_price() -> None:
    bases = set()
    for case in cases("price per hundred"):
        order, invoice = only(case)
        [billed] = invoice.lines
        ordered = order.lines[0]
        assert ordered.price is not None
        assert unit(billed) == ordered.price / ordered.base_quantity
        assert ordered.base_quantity == 100
        bases.add(billed.base_quantity)
    assert bases == {Decimal(1), Decimal(1000)}


def test_a_price_per_hundred_billed_each_is_a_hundred_times_as_much() -> None:
    for case in cases("price per hundred billed each"):
        order, invoice = only(case)
        assert invoice.net == (order.net or NOTHING) * 100


def test_an_amount_rounded_to_five_cents_says_by_how_much() -> None:
    for case in cases("rounded to five cents"):
        _, invoice = only(case)
        assert invoice.gross is not None
        assert invoice.payable == invoice.gross + invoice.rounding
        assert invoice.payable % Decimal("0.05") == 0
        assert abs(invoice.rounding) <= Decimal("0.025")


def test_an_annual_bonus_is_three_per_cent_of_the_lines() -> None:
    for case in cases("allowance on the document"):
        _, invoice = only(case)
        [bonus] = invoice.allowances
        assert not bonus.charge
        assert invoice.net == (invoice.lines_net or NOTHING) - bonus.amount
        assert abs(bonus.amount - (invoice.lines_net or NOTHING) * Decimal("0.03")) <= Decimal("0.005")


@pytest.mark.parametrize(("name", "on_order"), [("ordered freight", True), ("unplanned freight", False)])
def test_freight_is_planned_where_the_order_has_it(name: str, on_order: bool) -> None:
    for case in cases(name):
        order, invoice = only(case)
        [freight] = invoice.allowances
        assert (freight.charge, freight.reason) == (True, "Freight")
        assert (order.allowances == invoice.allowances) is on_order


def test_a_line_of_text_bills_nothing() -> None:
    for case in cases("line of text"):
        order, invoice = only(case)
        words = invoice.lines[-1]
        assert (words.quantity, words.price, words.net) == (0, 0, 0)
        assert words.description
        assert invoice.net == order.net


def test_weights_with_three_decimals_arrive_in_two_parts_that_add_up() -> None:
    for case in cases("fractions of a unit"):
        order, _ = only(case)
        came = [line.quantity or NOTHING for receipt in case.receipts for line in receipt.lines]
        assert len(came) == 2
        assert min(came) > 0
        assert sum(came) == order.lines[0].quantity


def test_what_is_taken_off_on_the_next_invoice_leaves_it_above_nothing() -> None:
    for case in cases("returned on the next invoice"):
        first, second = (c.invoice for c in case.claims)
        back = second.lines[-1]
        assert back.quantity == -1
        assert back.order_line == first.lines[0].order_line
        assert (second.gross or NOTHING) > 0


def test_three_large_invoices_are_each_below_the_threshold_and_for_an_order_of_their_own() -> None:
    for case in cases("three large invoices for three orders"):
        bills = [c.invoice for c in case.claims]
        assert [b.gross for b in bills] == [Decimal(9000), Decimal(9150), Decimal(9300)]
        assert len({b.order_numbers for b in bills}) == 3
        days = [b.issue_date for b in bills if b.issue_date is not None]
        assert max(days) - min(days) == timedelta(days=4)


def test_rent_is_the_same_each_month_on_one_order() -> None:
    for case in cases("monthly rent"):
        first, second = (c.invoice for c in case.claims)
        assert first.issue_date is not None
        assert second.issue_date is not None
        assert second.issue_date - first.issue_date == timedelta(days=30)
        assert (first.gross, first.order_numbers) == (second.gross, second.order_numbers)


def test_half_of_an_order_and_a_bit_twice_is_more_than_the_order() -> None:
    for case in cases("more than the order is worth, in two"):
        [order] = case.orders
        first, second = (c.invoice.net or NOTHING for c in case.claims)
        assert order.net is not None
        assert first == second < order.net < first + second
        assert {(x.price, x.quantity, x.net) for x in order.lines} == {(None, None, None)}


def test_large_ones_are_larger_than_any_ordinary_trade() -> None:
    for case in cases("very large"):
        order, invoice = only(case)
        rate = Decimal({"EUR": "1", "SEK": "11.5", "DKK": "7.46"}[invoice.currency])
        assert (invoice.net or NOTHING) / rate >= 60000
        assert [x.quantity for x in invoice.lines] == [x.quantity for x in order.lines]
        assert [x.quantity for x in case.receipts[0].lines] == [x.quantity for x in order.lines]


# --- orders that ended --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"), [("order cancelled", "cancellation"), ("order refused", "rejection")]
)
def test_an_order_is_ended_by_a_message_of_its_own_a_day_later(name: str, message: str) -> None:
    for case in cases(name):
        placed, ended = case.orders
        assert (placed.message, ended.message, ended.number) == ("order", message, placed.number)
        assert ended.message_id != placed.message_id
        assert ended.order_date == (placed.order_date or DAY) + timedelta(days=1)
        assert (ended.lines, ended.net) == ((), None)


def test_a_changed_order_may_come_before_the_order_it_changes() -> None:
    for case in cases("order changed"):
        change, placed = case.orders
        assert (change.message, placed.message) == ("change", "order")
        assert change.number == placed.number
        billed = case.claims[0].invoice.lines[0]
        assert (billed.price, billed.quantity) == (change.lines[0].price, change.lines[0].quantity)
        assert change.lines[0].status == "changed"


# --- text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        ("instructions", text.PLAIN),
        ("instructions reworded", text.REWORDED),
        ("instructions in another language", text.FOREIGN),
        ("instructions disguised", text.DISGUISED),
    ],
)
def test_an_instruction_stands_behind_the_name_of_the_first_article(
    name: str, phrases: tuple[str, ...]
) -> None:
    articles = {item.description for goods in GOODS.values() for item in goods}
    for case in cases(name):
        _, invoice = only(case)
        [phrase] = [p for p in phrases if invoice.lines[0].description.endswith(p)]
        assert invoice.lines[0].description.removesuffix(phrase).rstrip(" ./") in articles
        assert [h.code for h in case.claims[0].holds].count("suspicious_text") == 1


def test_an_instruction_that_was_made_up_has_an_act_and_an_object() -> None:
    for case in cases("instructions made up"):
        words = case.claims[0].invoice.lines[0].description
        assert any(act in words for act in text.ACTS)
        assert any(thing in words for thing in text.OBJECTS)


def test_a_comment_is_seen_on_no_page() -> None:
    for case in cases("instructions in a comment"):
        _, invoice = only(case)
        [hidden] = invoice.texts
        assert hidden.raw in text.PLAIN
        assert hidden.raw not in " ".join([invoice.note, *(x.description for x in invoice.lines)])


def test_hidden_characters_are_of_kinds_that_print_nothing() -> None:
    for phrase in text.HIDDEN:
        kinds = [unicodedata.category(c) for c in phrase if not c.isascii()]
        assert kinds
        assert set(kinds) <= {"Cf", "Cn"}
    for case in cases("hidden characters"):
        assert case.claims[0].invoice.lines[0].description in text.HIDDEN


def test_harmless_words_stand_on_the_order_as_they_stand_on_the_invoice() -> None:
    for case in cases("harmless words"):
        order, invoice = only(case)
        assert order.lines[0].description == invoice.lines[0].description
        assert case.claims[0].lane == "auto"
