"""What a line of a statement is about, by the words that vendors use, and what is said of it when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from coordination.agents.statement_facts import (
    Contradiction,
    LineResult,
    OurDocument,
    OwnItem,
    Reconciliation,
)
from coordination.agents.statement_pairing import role

from .test_statement_reconciliation import DAY, line, only, ours, paid, run

# --- by its words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "amount", "about"),
    [
        ("Invoice", "100", "invoice"),
        ("INVOICE", "100", "invoice"),
        ("Rechnung", "100", "invoice"),
        ("Debit note", "100", "invoice"),
        ("Invoice", "-100", "credit"),  # the sign of an invoice decides
        ("Rechnung", "-0.01", "credit"),
        ("Credit note", "-100", "credit"),
        ("Credit note", "100", "credit"),
        ("Gutschrift", "-100", "credit"),
        ("Refund", "-100", "credit"),
        ("Payment", "-100", "payment"),
        ("Payment of invoice", "-100", "payment"),  # what moved, not what it was for
        ("Credit card payment", "-100", "payment"),
        ("Zahlungseingang", "-100", "payment"),
        ("Paid", "-100", "payment"),
        ("Unpaid", "100", "invoice"),  # no payment: the contrary
        ("Unpaid invoice", "100", "invoice"),
        ("not paid", "100", "invoice"),
        ("Unpaid invoice", "-100", "credit"),
        ("Balance brought forward", "100", "opening"),
        ("Opening balance", "100", "opening"),
        ("Carried forward (payments)", "100", "opening"),
        ("", "100", "invoice"),
        ("", "-100", "credit"),
        ("Überweisung", "100", "invoice"),  # no word that is known: by its sign
        ("380", "100", "invoice"),
        ("Invoice", "0", "nothing"),
        ("Balance brought forward", "0.00", "nothing"),
        ("Payment", None, "nothing"),
    ],
)
def test_a_line_is_about_what_its_words_say_and_else_its_sign(
    type_: str, amount: str | None, about: str
) -> None:
    assert role(line(kind=type_, amount=amount)) == about


# --- what is said -------------------------------------------------------------------------------------------


def said(lines: list[object], books: list[OurDocument]) -> tuple[str, str]:
    found = only(lines, books)  # type: ignore[arg-type]
    return found.kind, found.sentence


@pytest.mark.parametrize(
    ("days", "kind", "end"),
    [
        (0, "timing", "; the vendor had not booked it yet."),
        (5, "timing", "; the vendor had not booked it yet."),  # five days are under way
        (6, "wrong_amount", ", and the vendor has not booked it. Send the proof of payment."),
        (-1, "timing", "; the vendor had not booked it yet."),  # paid after the statement was made
    ],
)
def test_a_payment_is_under_way_for_five_days(days: int, kind: str, end: str) -> None:
    on = DAY - timedelta(days=days)
    assert said([line()], [paid(on=on)]) == (kind, f"Paid on {on.day} Nov 2026 with run 3{end}")


def test_what_is_left_of_a_paid_invoice_is_the_discount_or_a_part_or_what_came_back() -> None:
    less = paid(amount="100.00", discount=Decimal("2.00"))
    assert said([line(amount="2.00")], [less])[1].endswith("what is left is the discount that we took.")
    assert said([line(amount="3.00")], [less])[1].endswith("the vendor still shows 3.00 of it.")
    none = paid(amount="100.00", discount=Decimal(0))
    assert said([line(amount="3.00")], [none])[1].endswith("the vendor still shows 3.00 of it.")


def test_an_invoice_that_a_run_pays_says_which_and_when() -> None:
    under_way = paid(status="exported", on=date(2026, 12, 4))
    assert said([line()], [under_way]) == ("matched", "Open here too; payment run 3 pays it on 4 Dec 2026.")
    undated = paid(status="proposed", on=None)  # type: ignore[arg-type]
    assert said([line()], [undated]) == ("matched", "Open here too; payment run 3 pays it.")


def test_an_invoice_that_stands_three_times_says_three() -> None:
    found = run([line(), line(), line()], [ours()])
    assert [x.kind for x in found.lines] == ["matched", "wrong_amount", "wrong_amount"]
    assert found.lines[2].sentence == "It stands on the statement 3 times; we know it once."
    assert found.lines[2].ours == 0


@pytest.mark.parametrize(
    ("state", "words"), [("rejected", "we rejected it"), ("void", "we set it aside as no claim")]
)
def test_what_was_ended_is_in_dispute_as_an_invoice_and_as_a_credit(state: str, words: str) -> None:
    claim = said([line()], [ours(state=state)])
    assert claim == (
        "disputed",
        f"In dispute: {words}, so that nothing is owed on it. The vendor still lists it.",
    )
    credit = said([line("CN-1", "-100.00", "Credit note")], [ours("CN-1", "-100.00", state=state)])
    assert credit == (
        "disputed",
        f"In dispute: {words}, so that it is taken off nothing. The vendor still grants it.",
    )


def test_a_payment_of_another_amount_is_told_with_both_without_signs() -> None:
    found = said([line(amount="-1234.5", kind="Payment")], [paid(amount="1000.00")])
    assert found == ("wrong_amount", "We paid 1,000.00 with run 3 on 20 Nov 2026; the line says 1,234.50.")


def test_a_payment_that_our_bank_has_not_confirmed_is_ours_all_the_same() -> None:
    lines = [line(amount="-100.00", kind="Payment"), line()]
    assert said(lines, [paid(status="exported")]) == (
        "matched",
        "It is the payment of run 3 on 20 Nov 2026; our bank has not confirmed it yet.",
    )


def test_a_credit_of_another_amount_is_told_without_signs() -> None:
    found = said([line("CN-1", "-80.00", "Credit note")], [ours("CN-1", "-100.00"), ours("INV-9", "500.00")])
    assert found == ("wrong_amount", "Our credit is 100.00, the line says 80.00.")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"held": ("price_over", "no_po", "price_over")}, "held: price_over, no_po"),
        ({"state": "matched"}, "still being checked"),
        ({"held": ("no_po",), "state": "matched"}, "held: no_po"),
    ],
)
def test_a_credit_that_is_not_taken_says_why_once(changes: dict[str, object], why: str) -> None:
    found = said([line("CN-1", "-100.00", "Credit note")], [ours("CN-1", "-100.00", **changes)])
    assert found == ("unapplied_credit", f"We have it and have not taken it: {why}.")


@pytest.mark.parametrize(("owed", "kind"), [("100.00", "matched"), ("99.99", "unapplied_credit")])
def test_a_credit_needs_as_much_that_is_owed(owed: str, kind: str) -> None:
    books = [ours("CN-1", "-100.00"), ours("INV-9", owed)]
    assert said([line("CN-1", "-100.00", "Credit note")], books)[0] == kind


# --- a statement as a whole ---------------------------------------------------------------------------------


def whole(*kinds: str, own: int = 0, contradictions: int = 0) -> Reconciliation:
    lines = tuple(LineResult(n, k, "", Decimal(1), Decimal(1)) for n, k in enumerate(kinds))  # type: ignore[arg-type]
    item, off = OwnItem("id", "INV-1", None, Decimal(1), ""), Contradiction("x", Decimal(1), Decimal(2))
    return Reconciliation(lines, (item,) * own, (off,) * contradictions, Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("found", "agrees", "differences"),
    [
        (whole(), True, 0),
        (whole("matched", "timing", "disputed"), True, 0),  # days and decided disputes ask nobody
        (whole("matched", "wrong_amount"), False, 1),
        (whole("unmatched", "missing_invoice", "unapplied_credit", "duplicate_payment"), False, 4),
        (whole("matched", own=1), False, 0),
        (whole("matched", contradictions=1), False, 0),
    ],
)
def test_a_statement_agrees_where_nobody_has_to_look(
    found: Reconciliation, agrees: bool, differences: int
) -> None:
    assert found.agrees is agrees
    assert len(found.differences) == differences


@pytest.mark.parametrize(
    ("document", "open_"),
    [
        (ours(), "100.00"),
        (ours(asked=Decimal("80.00")), "80.00"),  # less what was prepaid
        (ours(state="rejected"), "0"),
        (ours(state="void", back=Decimal(5)), "0"),
        (paid(), "0"),
        (ours("CN-1", "-100.00", used=Decimal("30.00")), "-70.00"),
        (ours("CN-1", "-100.00", used=Decimal("100.00"), state="paid"), "0.00"),
        (ours(state="paid", back=Decimal("40.00")), "40.00"),  # it came back and is owed again
        (ours(state="paid"), "0"),
    ],
)
def test_what_is_still_open_on_a_document(document: OurDocument, open_: str) -> None:
    assert document.open == Decimal(open_)
