"""What cases are made with: numbers that never repeat, vendors that fit, documents right in themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation.canonical import Invoice
from coordination.world import Expected
from coordination.world.catalogue import GOODS, RATES
from coordination.world.making import (
    NET_LIMIT,
    PER_CASE,
    Maker,
    Ware,
    claim,
    over_threshold,
    worth,
)
from coordination.world.traders import Trader, traders

DAY = date(2026, 11, 20)
KNOWN = traders()
HARTMANN = KNOWN.usual[0]
BOLT, BELT = GOODS["conveyor"][:2]
D = Decimal


def maker(seed: str = "1", index: int = 0) -> Maker:
    return Maker(seed, index, DAY, KNOWN)


def wares(*quantities: int, price: str = "10.00", rate: str = "") -> list[Ware]:
    """Different articles of the first vendor at 10.00 each."""
    goods = GOODS["conveyor"]
    return [Ware(goods[n], D(q), D(price), rate=rate) for n, q in enumerate(quantities)]


# --- numbers ------------------------------------------------------------------------------------------------


def test_numbers_of_a_case_begin_where_those_of_the_case_before_may_end() -> None:
    one, next_one = maker(index=7), maker(index=8)
    mine = [one.order_number() for _ in range(PER_CASE)]
    assert next_one.order_number() not in mine
    assert [int(b) - int(a) for a, b in pairwise(mine)] == [1] * (PER_CASE - 1)


def test_orders_receipts_and_invoices_have_their_own_style() -> None:
    made = maker(index=3)
    assert made.order_number() == "45000000031"
    assert made.receipt_number() == "GR-5000000031"
    assert made.digits()[:7] == "1000003"


def test_each_invoice_takes_a_number_and_the_last_one_is_remembered() -> None:
    made = maker()
    first = made.invoice_number(HARTMANN, DAY)
    assert first == f"HF-2026-{made.last}"
    assert made.invoice_number(HARTMANN, DAY) != first


def test_invoices_of_a_case_are_numbered_one_after_the_other() -> None:
    made = maker(index=41)
    assert [made.digits()[:7] for _ in range(3)] == ["1000041", "1000042", "1000043"]


def test_digits_that_are_given_take_up_no_number() -> None:
    made = maker()
    assert made.invoice_number(HARTMANN, DAY, "042") == "HF-2026-042"
    assert made.digits()[:7] == "1000000"


@pytest.mark.parametrize("trader", KNOWN.everybody(), ids=lambda t: t.vendor_id)
def test_a_vendor_writes_numbers_of_one_length(trader: Trader) -> None:
    lengths = {len(maker(index=n).invoice_number(trader, DAY)) for n in (0, 1, 999, 123_456, 8_999_999)}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("payload", "checked"),
    [(0, "100000017"), (1, "100000114"), (2, "100000211")],
)
def test_two_digits_check_the_number_by_modulo_97(payload: int, checked: str) -> None:
    """ISO 7064: 98 less the remainder of the payload times 100, so that the whole leaves 1.

    10**8 leaves 81, hence 17; each further number leaves 3 more.
    """
    assert maker(index=payload).digits() == checked
    assert int(checked) % 97 == 1


# --- choices ------------------------------------------------------------------------------------------------


def test_a_vendor_is_chosen_that_fits_every_wish() -> None:
    made = maker()
    assert {made.trader(euro=True).currency for _ in range(80)} == {"EUR"}
    assert {made.trader(currency="DKK").currency for _ in range(10)} == {"DKK"}
    assert {made.trader(goods="steel").company.goods for _ in range(20)} == {"steel"}
    both = {made.trader(goods="steel", euro=True) for _ in range(20)}
    assert {(t.company.goods, t.currency) for t in both} == {("steel", "EUR")}


def test_without_a_wish_every_usual_vendor_has_its_turn_and_no_other() -> None:
    found = {maker(str(n)).trader() for n in range(600)}
    assert found == set(KNOWN.usual)


def test_the_other_vendor_is_another_of_the_same_currency() -> None:
    svea, kvarnby = KNOWN.usual[1], KNOWN.usual[2]
    assert {maker(str(n)).other(svea) for n in range(20)} == {kvarnby}
    assert HARTMANN not in {maker(str(n)).other(HARTMANN) for n in range(200)}


@pytest.mark.parametrize(("oldest", "newest"), [(40, 9), (3, 1), (5, 5)])
def test_a_day_lies_between_the_oldest_and_the_newest_and_either_may_be_it(oldest: int, newest: int) -> None:
    found = {(DAY - maker(str(n)).day(oldest, newest)).days for n in range(800)}
    assert found == set(range(newest, oldest + 1))


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(KNOWN.everybody()), st.integers(1, 3), st.integers(3, 5))
def test_wares_are_different_articles_of_the_vendor_and_never_dear(
    seed: int, trader: Trader, least: int, most: int
) -> None:
    found = maker(str(seed)).wares(trader, least, most)
    goods = GOODS[trader.company.goods]
    assert min(least, len(goods)) <= len(found) <= most
    assert len({ware.item for ware in found}) == len(found)
    assert {ware.item for ware in found} <= set(goods)
    assert all(ware.quantity >= 2 for ware in found)
    assert worth(found) / D(RATES[trader.currency]) <= NET_LIMIT


def test_prices_are_in_the_money_of_the_vendor() -> None:
    svea = KNOWN.usual[1]
    [box] = [w for n in range(30) for w in maker(str(n)).wares(svea, 3, 3) if w.item.code == "77-340"][:1]
    assert box.price == D("79.35")  # 6.90 EUR at 11.5


def test_what_wares_are_worth_counts_their_base() -> None:
    per_hundred = Ware(BOLT, D(2000), D("12.50"), D(100))
    assert worth([per_hundred, Ware(BELT, D(3), D("1.10"))]) == D("253.30")
    assert worth([]) == 0


# --- documents ----------------------------------------------------------------------------------------------


def test_lines_of_an_order_are_numbered_in_tens_and_its_net_is_their_sum() -> None:
    order = maker().order(HARTMANN, wares(100, 3, price="1.115"), DAY)
    assert [(x.line, x.quantity, x.net) for x in order.lines] == [
        ("10", D(100), D("111.50")),
        ("20", D(3), D("3.35")),
    ]
    assert (order.net, order.currency, order.order_date) == (D("114.85"), "EUR", DAY)
    assert order.message_id == order.number
    assert (order.vendor_id, order.seller.vat_id) == (HARTMANN.vendor_id, HARTMANN.vat_id)


def test_a_ware_keeps_the_unit_of_its_article_unless_it_has_its_own() -> None:
    own = Ware(BOLT, D(1), D(1), unit="TNE", rate="7")
    order = maker().order(HARTMANN, [own, Ware(BELT, D(1), D(1))], DAY)
    assert [(x.unit, x.tax_rate) for x in order.lines] == [("TNE", D(7)), ("EA", D(19))]


def test_a_receipt_is_of_all_that_was_ordered() -> None:
    made = maker()
    order = made.order(HARTMANN, wares(5, 7), DAY)
    receipt = made.receipt(order, DAY)
    assert [(x.line, x.order_line, x.quantity, x.accepted) for x in receipt.lines] == [
        ("1", "10", D(5), D(5)),
        ("2", "20", D(7), D(7)),
    ]
    assert {x.order_number for x in receipt.lines} == {order.number} == {receipt.order_number}


def test_what_did_not_come_has_no_line_on_the_receipt() -> None:
    made = maker()
    order = made.order(HARTMANN, wares(5, 7, 9), DAY)
    receipt = made.receipt(order, DAY, [D(5), None, D(4)])
    assert [(x.line, x.order_line, x.quantity) for x in receipt.lines] == [
        ("1", "10", D(5)),
        ("3", "30", D(4)),
    ]


def test_what_was_not_accepted_stands_beside_what_was_received() -> None:
    made = maker()
    order = made.order(HARTMANN, wares(5), DAY)
    [arrived] = made.receipt(order, DAY, accepted=[D(3)]).lines
    assert (arrived.quantity, arrived.accepted) == (D(5), D(3))


def test_a_receipt_needs_a_word_on_every_line_of_the_order() -> None:
    made = maker()
    order = made.order(HARTMANN, wares(5, 7), DAY)
    with pytest.raises(ValueError, match="zip"):
        made.receipt(order, DAY, [D(5)])


def test_a_bill_is_of_what_was_ordered_and_due_in_thirty_days() -> None:
    made = maker()
    order = made.order(HARTMANN, wares(100), DAY)
    bill = made.bill(HARTMANN, [order], DAY)
    assert (bill.net, bill.tax, bill.gross) == (D("1000.00"), D("190.00"), D("1190.00"))
    assert bill.due_date == date(2026, 12, 20)
    assert (bill.type, bill.type_code, bill.order_numbers) == ("invoice", "380", (order.number,))
    assert bill.account.number == HARTMANN.iban


def test_a_bill_may_leave_lines_out_and_numbers_the_others_one_after_the_other() -> None:
    made = maker()
    one, two = made.order(HARTMANN, wares(5, 7), DAY), made.order(HARTMANN, wares(9), DAY)
    bill = made.bill(HARTMANN, [one, two], DAY, [[None, D(4)], [D(9)]])
    assert [(x.position, x.line, x.order_number, x.order_line, x.quantity) for x in bill.lines] == [
        (1, "1", one.number, "20", D(4)),
        (2, "2", two.number, "10", D(9)),
    ]


def test_an_order_of_which_nothing_is_billed_is_not_named() -> None:
    made = maker()
    one, two = made.order(HARTMANN, wares(5), DAY), made.order(HARTMANN, wares(9), DAY)
    assert made.bill(HARTMANN, [one, two], DAY, [[None], [D(9)]]).order_numbers == (two.number,)


@pytest.mark.parametrize(("rate", "category"), [("0", "Z"), ("7", "S"), ("", "S")])
def test_a_line_without_tax_is_of_the_zero_rate(rate: str, category: str) -> None:
    made = maker()
    [billed] = made.bill(HARTMANN, [made.order(HARTMANN, wares(1, rate=rate), DAY)], DAY).lines
    assert billed.tax_category == category


def billed(made: Maker, *quantities: int) -> Invoice:
    return made.bill(HARTMANN, [made.order(HARTMANN, wares(*quantities), DAY)], DAY)


def test_a_credit_note_takes_back_the_whole_invoice_and_names_it() -> None:
    made = maker()
    invoice = billed(made, 10, 20)
    note = made.credit(invoice, DAY + timedelta(days=3))
    assert (note.type, note.type_code, note.preceding) == ("credit_note", "381", (invoice.number,))
    assert (note.gross, note.due_date) == (invoice.gross, None)
    assert note.number != invoice.number


def test_a_credit_note_is_numbered_in_the_style_of_its_own_vendor() -> None:
    made, svea = maker(), KNOWN.usual[1]
    order = made.order(svea, [Ware(GOODS["packaging"][0], D(10), D("9.66"))], DAY)
    note = made.credit(made.bill(svea, [order], DAY), DAY)
    assert note.number == f"RE2026/{made.last}"


def test_a_credit_note_for_a_part_numbers_its_own_lines() -> None:
    made = maker()
    note = made.credit(billed(made, 10, 20, 30), DAY, [None, D(2), D(30)])
    assert [(x.position, x.line, x.order_line, x.quantity) for x in note.lines] == [
        (1, "1", "20", D(2)),
        (2, "2", "30", D(30)),
    ]
    assert note.net == D("320.00")


# --- claims -------------------------------------------------------------------------------------------------


def worth_of(gross: str | None, currency: str = "EUR") -> Invoice:
    total = None if gross is None else D(gross)
    return Invoice(number="INV-1", vendor_id="V-1", currency=currency, gross=total)


@pytest.mark.parametrize(
    ("gross", "currency", "signed"),
    [
        ("10000.00", "EUR", False),
        ("10000.01", "EUR", True),
        ("-10000.01", "EUR", True),
        ("-10000.00", "EUR", False),
        ("115000.00", "SEK", False),
        ("115000.01", "SEK", True),
        ("10000.01", "SEK", False),
        (None, "EUR", False),
    ],
)
def test_a_gross_over_ten_thousand_euro_needs_a_signature(
    gross: str | None, currency: str, signed: bool
) -> None:
    invoice = worth_of(gross, currency)
    assert over_threshold(invoice) is signed
    made = claim(invoice)
    assert made.lane == ("escalated" if signed else "auto")
    assert made.holds == ((Expected("over_threshold"),) if signed else ())


def test_a_claim_with_a_hold_goes_to_a_person_and_a_bare_code_is_about_no_line() -> None:
    made = claim(worth_of("119.00"), "no_po", Expected("price_over", 2))
    assert (made.lane, made.holds) == ("escalated", (Expected("no_po"), Expected("price_over", 2)))
    assert made.vendor == "V-1"


def test_what_waits_is_not_signed_before_the_goods_are_there() -> None:
    made = claim(worth_of("20000.00"), Expected("no_receipt", 1), waiting=True)
    assert (made.lane, made.holds) == ("waiting", (Expected("no_receipt", 1),))


def test_a_claim_of_nobody_is_of_no_vendor_of_ours() -> None:
    assert claim(worth_of("1.00"), vendor="").vendor == ""


def test_the_same_seed_and_place_make_the_same_and_either_alone_does_not() -> None:
    def drawn(seed: str, index: int) -> list[date]:
        one = maker(seed, index)
        return [one.day(4000, 1) for _ in range(4)]

    assert drawn("1", 5) == drawn("1", 5)
    assert drawn("1", 5) != drawn("1", 6)
    assert drawn("1", 5) != drawn("2", 5)


def test_a_ware_is_not_changed_by_what_is_made_of_it() -> None:
    given_ware = Ware(BOLT, D(4), D("2.00"))
    before = replace(given_ware)
    maker().order(HARTMANN, [given_ware], DAY)
    assert given_ware == before
