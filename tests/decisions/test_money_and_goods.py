"""Money that comes before goods, or corrects their price, is no goods: price credits, advances, debit notes,
corrections."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest

from coordination.decisions import loop_guard, superseding
from coordination.decisions.human import Apart
from coordination.facts import documents
from coordination.models import Allocation, Hold, Invoice, Payment
from coordination.services import manual_hold, payments
from coordination.services.correspondence.responses import answer_for as told
from coordination.services.correspondence.responses import letter
from reviews.kinds import reasons_of
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, answer, question, standing
from tests.decisions import papers, trades
from tests.decisions.papers import CODED, SYNTAXES, Line, Paper, takes
from tests.decisions.test_termination import world

pytestmark = pytest.mark.django_db

FIRST = Paper("RE-8501")
AGAIN = Paper("RE-8588", day="2026-09-25")
DIFFERENCE = Paper("GS-8502", "381", (Line("10", "0.40"),), ("RE-8501",), day="2026-09-12")
RETURNED = Paper("GS-8503", "381", (Line("10", "10.00"),), ("RE-8501",), day="2026-09-12")
OVER = ["qty_over_ordered", "qty_over_received"]


def sentence(code: str, number: str) -> str:
    found: str = Hold.objects.get(code=code, invoice__number=number, status="open").detail["sentence"]
    return found


def left() -> dict[str, str]:
    return {x.invoice: x.why for x in payments.propose("system:test").left}


# --- price credits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_credit_for_a_difference_of_price_gives_no_goods_back(syntax: str) -> None:
    write = SYNTAXES[syntax]
    takes(*papers.trade(), write(FIRST), write(DIFFERENCE), write(AGAIN))
    assert standing("GS-8502") == ("cleared", "auto", [])
    assert standing("RE-8588")[1:] == ("escalated", OVER)
    cast.assert_sound()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_nor_where_another_line_of_the_order_leaves_room_for_the_money(syntax: str) -> None:
    write = SYNTAXES[syntax]
    takes(*papers.trade("10", "10", ("20", "B-2", "50")), write(FIRST), write(DIFFERENCE), write(AGAIN))
    assert standing("RE-8588")[1:] == ("escalated", OVER)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_goods_that_come_back_at_their_price_may_be_billed_again(syntax: str) -> None:
    write = SYNTAXES[syntax]
    takes(*papers.trade(), write(FIRST), write(RETURNED), write(AGAIN))
    assert standing("RE-8588") == ("cleared", "auto", [])


@pytest.mark.parametrize(
    ("line", "goods"),
    [
        (Line("10", "0.40"), False),
        (Line("10", "4.00"), False),
        (Line("2", "2.50"), False),
        (Line("1", "40.00"), False),  # a lump sum
        (Line("1", "40.00", item="", name="Bonus for the year", order_line=""), False),
        (Line("0", "4.00", net="0.00"), False),
        (Line("10", "10.00", net="100.00"), True),
    ],
)
def test_the_unit_price_tells_goods_from_money(line: Line, goods: bool) -> None:
    credit = Paper("GS-1", "381", (line,), ("RE-8501",), day="2026-09-12")
    takes(
        *papers.trade("10", "10", ("20", "B-2", "50")),
        papers.csv(FIRST),
        papers.csv(credit),
        papers.csv(AGAIN),
    )
    assert standing("RE-8588")[2] == ([] if goods else OVER)


@pytest.mark.parametrize(("again", "codes"), [("9", []), ("10", OVER)])
def test_what_is_kept_back_for_taking_goods_back_is_not_billed_again(again: str, codes: list[str]) -> None:
    """10 pieces come back, less a tenth: the credit pays for 9 of them, and no more than those may be billed
    again."""
    less = Paper("GS-1", "381", (Line("10", "9.00"),), ("RE-8501",), day="2026-09-12")
    room = papers.trade("10", "10", ("20", "B-2", "1000"))
    takes(*room, papers.ubl(FIRST), papers.ubl(less), papers.ubl(replace(AGAIN, lines=(Line(again),))))
    assert standing("GS-1") == ("cleared", "auto", [])
    assert standing("RE-8588")[2] == codes


@pytest.mark.parametrize("rounded", ["3.33", "3.3333"])
def test_rounding_keeps_no_goods_back(rounded: str) -> None:
    first = Paper("RE-8501", lines=(Line("9", "3.3333", net="30.00"),))
    back = Paper("GS-1", "381", (Line("3", rounded, net="10.00"),), ("RE-8501",), day="2026-09-12")
    takes(*papers.trade("9", "9"), papers.ubl(first), papers.ubl(back))
    [given] = Allocation.objects.filter(invoice__number="GS-1")
    assert given.quantity == 3


def test_what_was_billed_counts_and_not_what_was_ordered() -> None:
    """Billed at 19.00 by mistake, ordered at 10.00: a credit of 9.00 a piece gives back the difference."""
    dear = Paper("RE-8501", lines=(Line("10", "19.00"),))
    takes(*papers.trade("10", "10", ("20", "B-2", "50")), papers.ubl(dear))
    assert "price_over" in standing("RE-8501")[2]
    less = Paper("GS-1", "381", (Line("10", "9.00"),), ("RE-8501",), day="2026-09-12")
    takes(papers.ubl(less), papers.ubl(AGAIN))
    assert standing("GS-1") == ("cleared", "auto", [])
    assert "qty_over_ordered" in standing("RE-8588")[2]


@pytest.mark.parametrize("code", ["83", "296"])
def test_a_credit_that_says_it_is_financial_gives_back_nothing_whatever_its_price(code: str) -> None:
    takes(
        *papers.trade("10", "10", ("20", "B-2", "50")),
        papers.ubl(FIRST),
        papers.ubl(replace(RETURNED, code=code)),
    )
    takes(papers.ubl(AGAIN))
    assert standing("RE-8588")[2] == OVER


@pytest.mark.parametrize("credit", [DIFFERENCE, RETURNED], ids=["difference", "goods"])
def test_in_every_order_of_arrival_the_end_is_the_same(credit: Paper) -> None:
    files = [*papers.trade("10", "10", ("20", "B-2", "50")), *map(papers.ubl, (FIRST, credit, AGAIN))]
    ends = set()
    for sequence in permutations(range(3, 6)):
        with world():
            documents.clear_cache()
            takes(*files[:3], *(files[n] for n in sequence))
            assert trades.most_on_one_fact() < loop_guard.most() - loop_guard.LEFT_OVER
            ends.add(tuple(sorted(trades.stands().items())))
    assert len(ends) == 1


# --- credits that nobody has decided ------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_credit_with_a_minus_is_asked_about_and_bothers_no_good_invoice(syntax: str, people: Cast) -> None:
    write = SYNTAXES[syntax]
    minus = Paper("GS-77", "381", (Line("2"),), ("RE-8501",), day="2026-09-12", minus=True)
    takes(*papers.trade(), write(FIRST), write(minus))
    assert standing("RE-8501") == ("cleared", "auto", [])
    assert standing("GS-77")[1:] == ("escalated", ["missing_data"])
    [line] = [x for x in cast.EXPORTS["invoices"]() if x["invoice_number"] == "GS-77"]
    assert (line["net"], line["tax"], line["gross"]) == ("20.00", "3.80", "23.80")
    answer(question("GS-77"), "approve", by=people.carol)
    cast.drain()
    assert standing("RE-8501") == ("cleared", "auto", [])
    assert payments.propose("system:test").batches[0].control_sum == Decimal("95.20")


def test_a_negative_line_gives_nothing_back_before_it_is_cleared() -> None:
    """An invoice with a line taken back is held for its account: what it takes back leaves no room for the
    next."""
    both = Paper(
        "RE-2", lines=(Line("-5"), Line("10", order_line="20", item="B-2", name="Nut B-2")), day="2026-09-10"
    )
    files = [*papers.trade("10", "10", ("20", "B-2", "10")), papers.ubl(FIRST)]
    held = papers.ubl(both).replace(cast.IBAN.encode(), cast.OTHER_IBAN.encode())
    next_one = papers.ubl(Paper("RE-8588", lines=(Line("5"),), day="2026-09-25"))
    with world():
        takes(*files, held, next_one)
        assert standing("RE-2")[2] == ["bank_mismatch"]
        assert standing("RE-8588")[2] == OVER
    documents.clear_cache()
    takes(*files, papers.ubl(both), next_one)
    assert standing("RE-2") == ("cleared", "auto", [])
    assert standing("RE-8588") == ("cleared", "auto", [])


# --- advances -----------------------------------------------------------------------------------------------

ON_ACCOUNT = Line("1", "30.00", item="", name="30 % on account of order PO-1", order_line="")
ADVANCE = Paper("AZ-1701", "386", (ON_ACCOUNT,), day="2026-09-01")
FINAL = Paper("RE-1702", "380", (Line(),), ("AZ-1701",), prepaid="35.70", day="2026-09-28")


def pay(people: Cast) -> None:
    [batch] = payments.propose("system:test").batches
    asked = cast.Escalation.objects.get(subject=f"payment_batch/{batch.id}", status="open")
    answer(asked, "approve", by=people.carol)
    answer(
        cast.Escalation.objects.get(subject=f"payment_batch/{batch.id}", status="open"),
        "approve",
        by=people.dave,
    )
    cast.drain()


@pytest.mark.parametrize("syntax", CODED)
def test_an_advance_is_held_as_one_and_its_final_invoice_asks_for_the_rest(syntax: str, people: Cast) -> None:
    write = SYNTAXES[syntax]
    vendor, order, receipt = papers.trade()
    takes(vendor, order, write(ADVANCE))
    assert standing("AZ-1701")[1:] == ("escalated", ["prepayment_open"])
    assert "An advance of EUR 35.70 on order PO-1: money before goods" in sentence(
        "prepayment_open", "AZ-1701"
    )
    assert question("AZ-1701").question == "Pay as billed, although a prepayment of EUR 35.70 is open?"
    answer(question("AZ-1701"), "approve", by=people.bob)
    cast.drain()
    assert standing("AZ-1701")[0] == "cleared"
    pay(people)
    takes(receipt, write(FINAL))
    assert standing("RE-1702") == ("cleared", "auto", [])
    assert payments.propose("system:test").batches[0].control_sum == Decimal("83.30")
    cast.assert_sound()


@pytest.mark.parametrize("sequence", [*permutations(range(3))])
def test_an_advance_and_its_final_end_alike_whatever_came_first(
    sequence: tuple[int, ...], people: Cast
) -> None:
    vendor, order, receipt = papers.trade()
    files = [receipt, papers.ubl(ADVANCE), papers.ubl(FINAL)]
    takes(vendor, order, *(files[n] for n in sequence))
    assert standing("AZ-1701")[1:] == ("escalated", ["prepayment_open"])
    assert standing("RE-1702")[1:] == ("escalated", ["prepayment_open"])
    assert "delivered" not in letter(told(Invoice.objects.get(number="RE-1702")))
    answer(question("AZ-1701"), "approve", by=people.bob)
    cast.drain()
    assert "prepayment_open" in standing("RE-1702")[2]  # agreed, and not paid yet
    pay(people)
    assert standing("RE-1702") == ("cleared", "auto", [])
    assert Payment.objects.get().amount == Decimal("35.70")


def test_an_advance_that_nobody_deducts_is_asked_about_before_the_order_is_paid_in_full(people: Cast) -> None:
    vendor, order, receipt = papers.trade()
    takes(vendor, order, receipt, papers.ubl(replace(FINAL, prepaid="0", preceding=())))
    assert standing("RE-1702") == ("cleared", "auto", [])
    takes(papers.ubl(ADVANCE))
    assert standing("RE-1702") == ("cleared", "auto", [])  # what nobody has agreed to counts for nothing
    answer(question("AZ-1701"), "approve", by=people.bob)
    cast.drain()
    assert standing("RE-1702")[1:] == ("escalated", ["amount_over_po"])
    assert "30.00 of the advance AZ-1701 is deducted nowhere" in sentence("amount_over_po", "RE-1702")


def test_a_part_delivery_beside_an_advance_is_within_the_order(people: Cast) -> None:
    vendor, order, receipt = papers.trade()
    takes(vendor, order, receipt, papers.ubl(ADVANCE))
    answer(question("AZ-1701"), "approve", by=people.bob)
    takes(papers.ubl(Paper("RE-1", lines=(Line("5"),))))
    assert standing("RE-1") == ("cleared", "auto", [])


def test_an_advance_over_more_than_the_order_says_so() -> None:
    vendor, order, _ = papers.trade()
    takes(vendor, order, papers.ubl(replace(ADVANCE, lines=(replace(ON_ACCOUNT, price="130.00"),))))
    assert standing("AZ-1701")[2] == ["amount_over_po", "prepayment_open"]


def test_the_credit_of_an_advance_gives_back_money_and_no_goods(people: Cast) -> None:
    vendor, order, receipt = papers.trade("10", "10", ("20", "B-2", "50"))
    takes(vendor, order, papers.ubl(ADVANCE))
    answer(question("AZ-1701"), "approve", by=people.bob)
    takes(
        receipt,
        papers.ubl(FIRST),
        papers.ubl(Paper("GS-9", "381", (ON_ACCOUNT,), ("AZ-1701",), day="2026-09-09")),
    )
    assert standing("GS-9") == ("cleared", "auto", [])
    takes(papers.ubl(Paper("RE-8588", lines=(Line("1"),), day="2026-09-25")))
    assert standing("RE-8588")[2] == OVER


def test_a_final_invoice_under_the_number_of_its_advance_is_no_duplicate(people: Cast) -> None:
    vendor, order, receipt = papers.trade()
    takes(vendor, order, receipt, papers.ubl(replace(ADVANCE, number="RE-1702")))
    takes(papers.ubl(replace(FINAL, preceding=())))
    assert {c for row in Hold.objects.all() for c in [row.code]} == {"prepayment_open"}


# --- debit notes --------------------------------------------------------------------------------------------

SURCHARGE = Line("1", "15.00", item="", name="Subsequent charge", order_line="")


@pytest.mark.parametrize("syntax", CODED)
def test_a_debit_note_is_not_paired_with_the_only_line_on_no_evidence(syntax: str) -> None:
    write = SYNTAXES[syntax]
    takes(
        *papers.trade(),
        write(FIRST),
        write(Paper("BE-1", "383", (SURCHARGE,), ("RE-8501",), day="2026-09-20")),
    )
    assert standing("BE-1")[1:] == ("escalated", ["item_not_ordered"])
    assert "Subsequent charge" in sentence("item_not_ordered", "BE-1")


@pytest.mark.parametrize(
    ("billed", "more", "codes"),
    [("10.00", "1.50", ["price_over"]), ("8.00", "2.00", []), ("10.00", "0.10", [])],
)
def test_a_debit_of_the_price_is_judged_with_what_was_billed(
    billed: str, more: str, codes: list[str]
) -> None:
    """10 pieces at so much, and so much more on each: their price is both together, their number is not."""
    debit = Paper("BE-1", "383", (Line("10", more),), ("RE-8501",), day="2026-09-20")
    takes(*papers.trade(), papers.ubl(Paper("RE-8501", lines=(Line("10", billed),))), papers.ubl(debit))
    assert standing("BE-1")[2] == codes
    if codes:
        assert "1.50 a unit on top of 10.00 billed" in sentence("price_over", "BE-1")


def test_a_debit_note_for_goods_bills_goods() -> None:
    debit = Paper("BE-1", "383", (Line("10"),), ("RE-8501",), day="2026-09-20")
    takes(*papers.trade(), papers.ubl(FIRST), papers.ubl(debit))
    assert set(standing("BE-1")[2]) >= {"qty_over_ordered"}


# --- corrected invoices -------------------------------------------------------------------------------------

CORRECTED = Paper("RE-8501-K", "384", (Line("10", "8.00"),), ("RE-8501",), day="2026-09-11")
WIDE = papers.trade("20", "20")


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
@pytest.mark.parametrize("syntax", CODED)
def test_a_corrected_invoice_that_takes_nothing_back_is_asked_about(
    syntax: str, sequence: tuple[int, int]
) -> None:
    files = [SYNTAXES[syntax](FIRST), SYNTAXES[syntax](CORRECTED)]
    takes(*WIDE, *(files[n] for n in sequence))
    assert standing("RE-8501") == ("cleared", "auto", [])
    assert standing("RE-8501-K")[1:] == ("escalated", ["duplicate_suspect"])
    assert "does it replace that invoice, or is it owed beside it?" in sentence(
        "duplicate_suspect", "RE-8501-K"
    )
    assert left() == {"RE-8501": "RE-8501-K may replace it and is not decided yet"}


def test_who_says_that_it_replaces_sets_the_first_aside(people: Cast) -> None:
    takes(*WIDE, papers.ubl(FIRST), papers.ubl(CORRECTED))
    asked = question("RE-8501-K")
    assert asked.question == "Does RE-8501-K replace RE-8501?"
    assert [c["verdict"] for c in asked.case["consequences"]] == ["approve", "reject", "override"]
    offered = {code for code, _ in reasons_of("invoice", "approve", asked.reasons)}
    assert offered & {"replaces_it", "not_a_duplicate"} == {"replaces_it"}
    answer(asked, "approve", by=people.carol, reason="replaces_it")
    cast.drain()
    assert standing("RE-8501") == ("void", "void", [])
    assert standing("RE-8501-K") == ("cleared", "human", [])
    assert payments.propose("system:test").batches[0].control_sum == Decimal("95.20")
    cast.assert_sound()


def test_who_says_that_both_are_owed_pays_both(people: Cast) -> None:
    takes(*WIDE, papers.ubl(FIRST), papers.ubl(CORRECTED))
    answer(question("RE-8501-K"), "override", by=people.carol, overrides="duplicate_suspect")
    cast.drain()
    assert (standing("RE-8501")[0], standing("RE-8501-K")[0]) == ("cleared", "cleared")
    assert payments.propose("system:test").batches[0].control_sum == Decimal("214.20")


def test_two_signatures_that_say_different_things_of_a_replacement_decide_nothing(people: Cast) -> None:
    large = Line("100", "600.00")
    trade = [x.replace(b"10.00", b"600.00") for x in papers.trade("200", "200")]
    takes(*trade, papers.ubl(Paper("RE-8501", lines=(large,))))
    takes(papers.ubl(Paper("KR-7001", "384", (large,), ("RE-8501",), day="2026-10-25")))
    people.bob.signing_profile.limit = 1_000_000
    people.bob.signing_profile.save()
    if question("KR-7001").quorum < 2:
        Escalation.objects.filter(pk=question("KR-7001").pk).update(quorum=2)
    answer(question("KR-7001"), "approve", by=people.carol)
    with pytest.raises(Apart):
        answer(question("KR-7001"), "override", by=people.dave, overrides="duplicate_suspect")
    assert "duplicate_suspect" in standing("KR-7001")[2]
    answer(question("KR-7001"), "approve", by=people.dave)
    assert standing("RE-8501")[0] == "void"


def test_both_are_owed_only_as_far_as_goods_were_ordered(people: Cast) -> None:
    takes(*papers.trade(), papers.ubl(FIRST), papers.ubl(CORRECTED))
    answer(question("RE-8501-K"), "override", by=people.carol, overrides="duplicate_suspect")
    cast.drain()
    assert standing("RE-8501-K")[2] == OVER


def test_who_rejects_it_pays_the_first(people: Cast) -> None:
    takes(*WIDE, papers.ubl(FIRST), papers.ubl(CORRECTED))
    answer(question("RE-8501-K"), "reject", by=people.carol)
    cast.drain()
    assert payments.propose("system:test").batches[0].control_sum == Decimal("119.00")


def test_after_the_first_is_paid_the_other_waits_for_a_credit_of_it(people: Cast) -> None:
    takes(*WIDE, papers.ubl(FIRST))
    pay(people)
    takes(papers.ubl(CORRECTED))
    assert "RE-8501 is paid or on its way" in sentence("duplicate_suspect", "RE-8501-K")
    answer(question("RE-8501-K"), "approve", by=people.carol)
    cast.drain()
    why = (
        "it replaces RE-8501, which is neither void nor credited in full: ask for a credit note over RE-8501"
    )
    assert left() == {"RE-8501-K": why}
    takes(papers.ubl(RETURNED))
    assert standing("GS-8503") == ("cleared", "auto", [])
    assert left() == {"RE-8501-K": "nothing is left to pay after credits"}


def test_one_credit_of_two_invoices_lets_two_replacements_go_only_once_it_covers_both(people: Cast) -> None:
    takes(*papers.trade("60", "60"), papers.ubl(FIRST), papers.ubl(Paper("BY-3377", day="2026-09-15")))
    pay(people)
    for number, first, day in (("KR-7001", "RE-8501", "2026-10-11"), ("QT-4242", "BY-3377", "2026-10-25")):
        takes(papers.ubl(Paper(number, "384", preceding=(first,), day=day)))
        answer(question(number), "approve", by=people.carol)
        cast.drain()
    assert set(left()) == {"KR-7001", "QT-4242"}
    takes(papers.ubl(Paper("GS-1", "381", preceding=("RE-8501", "BY-3377"), day="2026-10-28")))
    assert standing("GS-1") == ("cleared", "auto", [])
    assert superseding.unpaid_for(ids("KR-7001", "QT-4242")).keys() == set(ids("KR-7001", "QT-4242"))
    takes(papers.ubl(Paper("KX-88", "381", preceding=("RE-8501", "BY-3377"), day="2026-10-29")))
    assert standing("KX-88") == ("cleared", "auto", [])
    assert superseding.unpaid_for(ids("KR-7001", "QT-4242")) == {}


@pytest.mark.parametrize("paid", [False, True], ids=["set aside", "paid and credited"])
def test_of_two_that_replace_one_invoice_only_the_first_is_paid(people: Cast, *, paid: bool) -> None:
    takes(*papers.trade("60", "60"), papers.ubl(FIRST))
    if paid:
        pay(people)
    for number, day in (("KR-7001", "2026-10-11"), ("QT-4242", "2026-10-25")):
        takes(papers.ubl(Paper(number, "384", preceding=("RE-8501",), day=day)))
    for number in ("KR-7001", "QT-4242"):
        answer(question(number), "approve", by=people.carol)
        cast.drain()
    if paid:
        takes(papers.ubl(RETURNED))
    why = "KR-7001 replaces the same invoice already: hold one of the two and reject it"
    assert left()["QT-4242"] == why
    assert superseding.unpaid_for(ids("KR-7001")) == {}
    manual_hold.hold(ids("KR-7001")[0], "The other one is owed.", by=people.carol)
    cast.drain()
    answer(question("KR-7001"), "reject", by=people.carol)
    cast.drain()
    assert superseding.unpaid_for(ids("QT-4242")) == {}


def ids(*numbers: str) -> list[UUID]:
    return [Invoice.objects.get(number=n).id for n in numbers]


def test_a_later_override_about_something_else_does_not_undo_that_it_replaces(people: Cast) -> None:
    """What was answered to the question counts, and not any later decision that sets another duplicate
    aside."""
    takes(*WIDE, papers.ubl(FIRST))
    pay(people)
    takes(papers.ubl(CORRECTED))
    answer(question("RE-8501-K"), "approve", by=people.carol)
    cast.drain()
    takes(papers.ubl(replace(CORRECTED, code="380", preceding=(), day="2026-09-10", number="RE-8501/K")))
    assert standing("RE-8501-K")[2] == ["duplicate_suspect"]
    answer(question("RE-8501-K"), "override", by=people.carol, overrides="duplicate_suspect")
    cast.drain()
    assert "it replaces RE-8501" in superseding.unpaid_for(ids("RE-8501-K"))[ids("RE-8501-K")[0]]


@pytest.mark.parametrize("syntax", CODED)
@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_a_corrected_invoice_that_states_the_difference_is_cleared(
    syntax: str, sequence: tuple[int, int]
) -> None:
    nuts = Line("10", order_line="20", item="B-2", name="Nut B-2")
    both = Paper("RE-1", lines=(Line("10"), replace(nuts, quantity="8")))
    less = Paper("RE-2", "384", (Line("-1"), replace(nuts, quantity="2")), ("RE-1",), day="2026-09-11")
    files = [SYNTAXES[syntax](both), SYNTAXES[syntax](less)]
    takes(*papers.trade("10", "10", ("20", "B-2", "10")), *(files[n] for n in sequence))
    assert [standing(n) for n in ("RE-1", "RE-2")] == [("cleared", "auto", [])] * 2


def test_a_corrected_invoice_that_names_none_says_so() -> None:
    takes(*WIDE, papers.ubl(replace(CORRECTED, preceding=())))
    assert standing("RE-8501-K")[2] == ["credit_unlinked"]
    assert sentence("credit_unlinked", "RE-8501-K") == "It names no corrected invoice."


@pytest.mark.parametrize("syntax", CODED)
def test_a_plain_invoice_that_says_it_replaces_another_is_asked_about(syntax: str) -> None:
    note = "Diese Rechnung ersetzt Rechnung RE-8501."
    replacing = replace(CORRECTED, code="380", note=note, number="RE-9001", lines=(Line("7", "8.00"),))
    takes(*WIDE, SYNTAXES[syntax](FIRST), SYNTAXES[syntax](replacing))
    assert standing("RE-9001")[1:] == ("escalated", ["duplicate_suspect"])
    assert "says that it replaces RE-8501" in sentence("duplicate_suspect", "RE-9001")
    assert left() == {"RE-8501": "RE-9001 may replace it and is not decided yet"}


REPLACING = Paper("RE-9001", lines=(Line("10"),), preceding=("RE-8501",), day="2026-09-20")
SAYS_SO = replace(REPLACING, note="Diese Rechnung ersetzt Rechnung RE-8501.", lines=(Line("10", "8.00"),))


@pytest.mark.parametrize(
    "late", [REPLACING, SAYS_SO, replace(REPLACING, code="384")], ids=["again", "says", "384"]
)
def test_what_is_replaced_asks_when_it_comes_after_its_replacement_was_paid(
    late: Paper, people: Cast
) -> None:
    takes(*WIDE, papers.ubl(late))
    if late is not REPLACING:
        assert standing("RE-9001")[2] == ["credit_unlinked"]
        answer(question("RE-9001"), "approve", by=people.bob)
        cast.drain()
    assert standing("RE-9001")[0] == "cleared"
    pay(people)
    takes(papers.ubl(FIRST))
    assert standing("RE-8501")[1:] == ("escalated", ["duplicate_suspect"])
    assert (
        question("RE-8501").question
        == "Pay as billed, although RE-9001, which may replace it, is paid or on its way?"
    )
    assert left() == {}
    answer(question("RE-8501"), "approve", by=people.carol, reason="not_a_duplicate")
    cast.drain()
    assert standing("RE-8501") == ("cleared", "human", [])
    assert "RE-8501" not in left()


@pytest.mark.parametrize("syntax", ["cii", "edifact", "csv"])
def test_so_it_does_in_every_syntax(syntax: str, people: Cast) -> None:
    takes(*WIDE, SYNTAXES[syntax](REPLACING))
    pay(people)
    takes(SYNTAXES[syntax](FIRST))
    assert standing("RE-8501")[2] == ["duplicate_suspect"]


def test_a_further_part_that_is_paid_before_the_part_it_names_hinders_nobody(people: Cast) -> None:
    takes(*WIDE, papers.ubl(replace(REPLACING, lines=(Line("6"),))))
    pay(people)
    takes(papers.ubl(FIRST))
    assert standing("RE-8501") == ("cleared", "auto", [])


def test_a_difference_that_is_still_open_keeps_nobody_waiting() -> None:
    nuts = Line("2", order_line="20", item="B-2", name="Nut B-2")
    less = Paper("RE-2", "384", (Line("-1"), nuts), ("RE-8501",), day="2026-09-11")
    held = papers.ubl(less).replace(cast.IBAN.encode(), cast.OTHER_IBAN.encode())
    takes(*papers.trade("10", "10", ("20", "B-2", "10")), papers.ubl(FIRST), held)
    assert standing("RE-2")[2] == ["bank_mismatch"]
    assert left() == {}


def test_a_row_of_a_table_that_names_an_invoice_and_bills_the_same_again_is_asked_about() -> None:
    takes(*WIDE, papers.csv(FIRST), papers.csv(replace(CORRECTED, number="RE-9001")))
    assert standing("RE-9001")[1:] == ("escalated", ["duplicate_suspect"])


def test_a_further_part_that_names_the_part_before_is_none_again() -> None:
    takes(
        *WIDE,
        papers.csv(FIRST),
        papers.csv(Paper("RE-9001", lines=(Line("6"),), preceding=("RE-8501",), day="2026-09-20")),
    )
    assert standing("RE-9001") == ("cleared", "auto", [])


# --- credits and what they name -----------------------------------------------------------------------------


def credit(number: str, pieces: str, *named: str, **changes: object) -> Paper:
    return replace(Paper(number, "381", (Line(pieces),), named, day="2026-09-20"), **changes)  # type: ignore[arg-type]


def test_an_invoice_waits_for_the_credit_that_is_larger_than_it(people: Cast) -> None:
    takes(*papers.trade("30", "30"), papers.ubl(FIRST), papers.ubl(credit("GS-1", "15", "RE-8501")))
    takes(papers.ubl(Paper("RE-3", day="2026-09-25")))
    assert standing("GS-1")[2] == ["credit_over"]
    assert left() == {"RE-8501": "credit note GS-1 over EUR 178.50 names it and is not decided yet"}
    answer(question("GS-1"), "reject", by=people.carol)
    cast.drain()
    assert left() == {}


def test_one_credit_may_be_about_two_invoices_and_take_what_both_come_to() -> None:
    takes(*papers.trade("30", "30"), papers.ubl(FIRST), papers.ubl(Paper("RE-3", day="2026-09-08")))
    takes(papers.ubl(credit("GS-1", "15", "RE-8501", "RE-3")))
    assert standing("GS-1") == ("cleared", "auto", [])
    takes(papers.ubl(credit("GS-2", "6", "RE-8501", "RE-3", day="2026-09-21")))
    assert standing("GS-2")[2] == ["credit_over"]


def test_a_credit_that_names_one_we_have_and_one_we_have_not_says_which() -> None:
    takes(*papers.trade("30", "30"), papers.ubl(FIRST), papers.ubl(credit("GS-1", "8", "RE-8501", "RE-404")))
    assert standing("GS-1") == ("cleared", "auto", [])
    takes(papers.ubl(credit("GS-2", "12", "RE-8501", "RE-404", day="2026-09-21")))
    assert standing("GS-2")[2] == ["credit_unlinked"]
    assert "RE-404 is not here, and 23.80 is left to credit of RE-8501" in sentence("credit_unlinked", "GS-2")
    takes(papers.ubl(Paper("RE-404", day="2026-09-07")))
    assert standing("GS-2") == ("cleared", "auto", [])


def test_a_credit_that_names_none_says_so() -> None:
    takes(*papers.trade(), papers.ubl(FIRST), papers.ubl(credit("GS-1", "2")))
    assert standing("GS-1")[2] == ["credit_unlinked"]
    assert sentence("credit_unlinked", "GS-1") == "It names no credited invoice."
