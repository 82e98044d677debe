"""The ordinary trade, and how one thing in it comes to differ while the rest stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation.canonical import Invoice
from coordination.world import Expected
from coordination.world.case import Case
from coordination.world.catalogue import GOODS
from coordination.world.making import Maker, Ware
from coordination.world.trade import Trade, finished, trade
from coordination.world.traders import traders

DAY = date(2026, 11, 20)
KNOWN = traders()
HARTMANN = KNOWN.usual[0]
D = Decimal


def maker(seed: str = "1") -> Maker:
    return Maker(seed, 0, DAY, KNOWN)


def usual() -> Trade:
    """Ten of one article and four of another, each at 10.00, from the first vendor."""
    goods = GOODS["conveyor"]
    return trade(maker(), HARTMANN, [Ware(goods[0], D(10), D("10.00")), Ware(goods[1], D(4), D("10.00"))])


def test_the_ordinary_trade_is_billed_as_ordered_and_received_in_full() -> None:
    draft = usual()
    assert draft.received == draft.accepted == (D(10), D(4))
    assert draft.bill().net == draft.order.net == D("140.00")
    assert draft.bill().order_numbers == (draft.order.number,)


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_a_trade_is_ordered_then_received_then_billed_and_never_in_the_future(seed: int) -> None:
    draft = trade(maker(str(seed)))
    ordered, billed = draft.order.order_date, draft.invoice.issue_date
    assert ordered is not None
    assert billed is not None
    assert draft.received_on == ordered + timedelta(days=3)
    assert timedelta(days=4) <= billed - ordered <= timedelta(days=9)
    assert billed <= DAY


def test_a_trade_of_a_given_day_is_billed_on_it_and_was_ordered_in_the_weeks_before() -> None:
    for seed in range(60):
        draft = trade(maker(str(seed)), on=date(2026, 10, 1))
        assert draft.invoice.issue_date == date(2026, 10, 1)
        assert draft.order.order_date is not None
        assert 5 <= (date(2026, 10, 1) - draft.order.order_date).days <= 20


def test_a_line_that_differs_leaves_the_others_as_they_were() -> None:
    before, after = usual(), usual().with_line(2, price=D("12.50"))
    assert after.line(1) == before.line(1)
    assert after.line(2) == replace(before.line(2), price=D("12.50"))
    assert after.order == before.order
    assert after.bill().net == D("150.00")


def test_a_change_of_the_invoice_is_no_change_of_the_order() -> None:
    after = usual().billing(currency="USD")
    assert (after.invoice.currency, after.order.currency) == ("USD", "EUR")


def test_holds_are_collected_in_the_order_in_which_they_were_expected() -> None:
    draft = usual().held("price_over", 2).held("no_po")
    assert draft.holds == (Expected("price_over", 2), Expected("no_po"))


def test_what_is_broken_is_broken_after_the_document_was_reckoned_up() -> None:
    def ask_for_more(invoice: Invoice) -> Invoice:
        return replace(invoice, gross=(invoice.gross or D(0)) + 1)

    draft = usual().broken(ask_for_more).with_line(1, price=D("20.00"))
    bill = draft.bill()
    assert (bill.net, bill.tax) == (D("240.00"), D("45.60"))
    assert bill.gross == D("286.60")


def test_breaks_follow_one_another() -> None:
    def times_two(invoice: Invoice) -> Invoice:
        return replace(invoice, gross=(invoice.gross or D(0)) * 2)

    def one_more(invoice: Invoice) -> Invoice:
        return replace(invoice, gross=(invoice.gross or D(0)) + 1)

    assert usual().broken(times_two).broken(one_more).bill().gross == D("334.20")
    assert usual().broken(one_more).broken(times_two).bill().gross == D("335.20")


@pytest.mark.parametrize(
    ("position", "received", "accepted", "came", "fine"),
    [
        (1, D(7), None, (D(7), D(4)), (D(7), D(4))),
        (2, D(4), D(3), (D(10), D(4)), (D(10), D(3))),
        (2, None, None, (D(10), None), (D(10), None)),
        (1, D(10), D(0), (D(10), D(4)), (D(0), D(4))),
    ],
)
def test_what_arrived_of_a_line_is_accepted_unless_it_is_said_otherwise(
    position: int,
    received: Decimal | None,
    accepted: Decimal | None,
    came: tuple[Decimal | None, ...],
    fine: tuple[Decimal | None, ...],
) -> None:
    draft = usual().got(position, received, accepted)
    assert (draft.received, draft.accepted) == (came, fine)


# --- as a case ----------------------------------------------------------------------------------------------


def test_a_finished_trade_is_one_order_one_receipt_and_one_claim() -> None:
    case = finished(maker(), usual())
    assert (len(case.orders), len(case.receipts), len(case.claims)) == (1, 1, 1)
    assert (case.copies, case.moved, case.late) == ((), (), ())
    [claim] = case.claims
    assert (claim.lane, claim.holds, claim.vendor) == ("auto", (), HARTMANN.vendor_id)


def test_what_came_of_one_line_only_stands_alone_on_the_receipt() -> None:
    [receipt] = finished(maker(), usual().got(1, None)).receipts
    assert [(x.order_line, x.quantity) for x in receipt.lines] == [("20", D(4))]


@pytest.mark.parametrize(
    "draft",
    [
        replace(usual(), received_on=None),
        usual().got(1, None).got(2, None),
    ],
)
def test_where_nothing_came_there_is_no_receipt(draft: Trade) -> None:
    assert finished(maker(), draft).receipts == ()


def test_goods_that_were_all_sent_back_were_received_all_the_same() -> None:
    draft = usual().got(1, D(10), D(0)).got(2, D(4), D(0))
    [receipt] = finished(maker(), draft).receipts
    assert [(x.quantity, x.accepted) for x in receipt.lines] == [(D(10), D(0)), (D(4), D(0))]


def test_a_trade_can_be_found_under_another_vendor_than_it_was_made_with() -> None:
    [claim] = finished(maker(), replace(usual(), vendor="V-7")).claims
    assert claim.vendor == "V-7"


def test_two_cases_together_keep_the_documents_of_both_in_their_order() -> None:
    one, two = finished(maker(), usual()), finished(maker("2"), usual())
    both = one.with_case(two)
    assert both.orders == one.orders + two.orders
    assert both.receipts == one.receipts + two.receipts
    assert both.claims == one.claims + two.claims
    whole = Case(
        copies=(one.claims[0].invoice,),
        moved=((HARTMANN, "DE75512108001245126199"),),
        late=one.receipts,
    )
    assert both.with_case(whole) == replace(both, copies=whole.copies, moved=whole.moved, late=whole.late)


def test_a_case_with_nothing_is_the_case_itself() -> None:
    case = finished(maker(), usual())
    assert case.with_case(Case()) == Case().with_case(case) == case
