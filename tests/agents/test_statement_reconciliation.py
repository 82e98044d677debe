"""A statement of account, line by line: what agrees, what is a matter of days, and what somebody has to look
at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents.statement_facts import (
    LineResult,
    OurDocument,
    OurPayment,
    Reconciliation,
    Stated,
    StatedLine,
)
from coordination.agents.statement_reconciliation import reconcile
from coordination.agents.statement_suggestions import neighbours, respelled, similar_keys
from coordination.translation.identity import normalised_number, similar_numbers

DAY = date(2026, 11, 20)


def ours(number: str = "INV-1", amount: str = "100.00", **changes: object) -> OurDocument:
    values: dict[str, object] = {
        "id": f"id-{number}",
        "number": number,
        "key": normalised_number(number),
        "issued": date(2026, 11, 1),
        "currency": "EUR",
        "amount": Decimal(amount),
        "asked": Decimal(amount),
        "state": "cleared",
    } | changes
    return OurDocument(**values)  # type: ignore[arg-type]


def paid(number: str = "INV-1", amount: str = "100.00", on: date = DAY, **changes: object) -> OurDocument:
    pay = {
        "amount": Decimal(amount),
        "discount": Decimal(0),
        "status": "paid",
        "on": on,
        "credits": (),
    } | changes
    payment = OurPayment(f"pay-{number}", 3, **pay)  # type: ignore[arg-type]
    return ours(number, amount, state="paid" if payment.left else "scheduled", payment=payment)


def line(
    reference: str = "INV-1", amount: str | None = "100.00", kind: str = "Invoice", **changes: object
) -> StatedLine:
    values: dict[str, object] = {
        "position": 0,
        "reference": reference,
        "on": date(2026, 11, 1),
        "type": kind,
        "amount": None if amount is None else Decimal(amount),
    } | changes
    return StatedLine(**values)  # type: ignore[arg-type]


def run(lines: list[StatedLine], books: list[OurDocument], **changes: object) -> Reconciliation:
    numbered = tuple(
        StatedLine(n, x.reference, x.on, x.type, x.amount, x.others) for n, x in enumerate(lines, 1)
    )
    values: dict[str, object] = {
        "number": "ST-1",
        "vendor": "V-1",
        "on": DAY,
        "currency": "EUR",
        "balance": None,
        "total_debit": None,
        "total_credit": None,
        "lines": numbered,
    } | changes
    return reconcile(Stated(**values), books)  # type: ignore[arg-type]


def only(lines: list[StatedLine], books: list[OurDocument]) -> LineResult:
    return run(lines, books).lines[0]


# --- invoices --------------------------------------------------------------------------------------


def test_an_invoice_that_is_open_on_both_sides_agrees() -> None:
    found = run([line()], [ours()])
    assert (found.lines[0].kind, found.lines[0].document, found.lines[0].difference) == (
        "matched",
        "id-INV-1",
        0,
    )
    assert found.agrees


def test_spaces_and_dashes_make_no_other_number() -> None:
    assert only([line(" inv 1")], [ours()]).kind == "matched"


def test_an_invoice_that_we_do_not_have_is_missing() -> None:
    found = only([line("X-9")], [ours()])
    assert (found.kind, found.difference) == ("missing_invoice", Decimal(100))


def test_another_amount_is_told_with_both() -> None:
    found = only([line(amount="119.00")], [ours()])
    assert (found.kind, found.difference) == ("wrong_amount", Decimal(19))
    assert found.sentence == "Our invoice is over 100.00, the line over 119.00."


@pytest.mark.parametrize("state", ["rejected", "void"])
def test_nothing_is_owed_on_what_we_rejected(state: str) -> None:
    """It was decided: the line is explained, and nobody is asked again because the vendor still lists it."""
    whole = run([line()], [ours(state=state)])
    [found] = whole.lines
    assert (found.kind, found.ours) == ("disputed", 0)
    assert whole.agrees
    assert whole.their_sum - whole.our_balance == found.difference == 100


def test_an_invoice_listed_twice_is_owed_once() -> None:
    found = run([line(), line()], [ours()])
    assert [x.kind for x in found.lines] == ["matched", "wrong_amount"]
    assert found.their_sum - found.our_balance == 100


def test_lines_that_make_up_one_invoice_agree_together() -> None:
    assert {x.kind for x in run([line(amount="30"), line(amount="70")], [ours()]).lines} == {"matched"}
    assert [x.kind for x in run([line(amount="30"), line(amount="71")], [ours()]).lines] == [
        "wrong_amount"
    ] * 2


def test_an_invoice_less_its_credit_agrees() -> None:
    books = [ours(), ours("CN-1", "-20.00", names=("INV-1",))]
    found = run([line(amount="80.00")], books)
    assert (found.lines[0].kind, found.own) == ("matched", ())


def test_an_amount_less_what_was_prepaid_agrees() -> None:
    assert only([line(amount="75.00")], [ours(asked=Decimal(75))]).kind == "matched"


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 23), "timing"),
        (date(2026, 11, 15), "timing"),
        (date(2026, 11, 14), "wrong_amount"),
    ],
)
def test_a_payment_that_the_vendor_could_not_know_yet_is_a_matter_of_days(day: date, kind: str) -> None:
    assert only([line()], [paid(on=day)]).kind == kind


def test_a_payment_under_way_leaves_the_invoice_open_on_both_sides() -> None:
    found = only([line()], [paid(status="exported")])
    assert (found.kind, found.difference) == ("matched", 0)
    assert "payment run 3 pays it on 20 Nov 2026" in found.sentence


def test_what_is_left_of_a_paid_invoice_is_the_discount_we_took() -> None:
    found = only([line(amount="2.00")], [paid(amount="98.00", discount=Decimal(2), on=date(2026, 10, 1))])
    assert found.kind == "wrong_amount"
    assert "the discount that we took" in found.sentence


# --- credits ---------------------------------------------------------------------------------------


def test_a_credit_that_we_do_not_have_is_to_be_asked_for() -> None:
    found = only([line("CN-9", "-20.00", "CreditNote")], [ours()])
    assert (found.kind, found.difference) == ("unapplied_credit", Decimal(-20))


def test_a_credit_that_the_next_payment_takes_agrees() -> None:
    books = [ours(), ours("CN-1", "-20.00")]
    assert {x.kind for x in run([line(), line("CN-1", "-20.00", "CreditNote")], books).lines} == {"matched"}


@pytest.mark.parametrize(
    "changes", [{"state": "validated", "held": ("totals do not add up",)}, {"state": "matched"}]
)
def test_a_credit_that_is_held_is_not_applied(changes: dict[str, object]) -> None:
    found = only([line("CN-1", "-20.00", "CreditNote")], [ours("CN-1", "-20.00", **changes), ours()])
    assert (found.kind, found.difference) == ("unapplied_credit", 0)


def test_a_credit_with_nothing_to_take_it_off_is_money_to_ask_for() -> None:
    found = only([line("CN-1", "-20.00", "CreditNote")], [ours("CN-1", "-20.00"), paid()])
    assert found.kind == "unapplied_credit"
    assert "Ask for the money" in found.sentence


@pytest.mark.parametrize(("day", "kind"), [(DAY, "timing"), (date(2026, 10, 1), "wrong_amount")])
def test_a_credit_that_we_took_and_the_vendor_shows_is_days_or_an_error(day: date, kind: str) -> None:
    note = ours("CN-1", "-20.00", used=Decimal(20), used_on=day)
    assert only([line("CN-1", "-20.00", "CreditNote")], [note]).kind == kind


def test_another_amount_of_a_credit_is_told() -> None:
    assert (
        only([line("CN-1", "-25.00", "CreditNote")], [ours("CN-1", "-20.00"), ours()]).kind == "wrong_amount"
    )


def test_a_credit_and_an_invoice_with_one_number_are_two_documents() -> None:
    books = [ours("A-7"), ours("A-7", "-100.00", id="note")]
    found = run([line("A-7"), line("A-7", "-100.00", "CreditNote")], books)
    assert [x.document for x in found.lines] == ["id-A-7", "note"]
    assert found.agrees


# --- payments --------------------------------------------------------------------------------------


def pay(reference: str = "INV-1", amount: str = "-100.00", kind: str = "Payment") -> StatedLine:
    return line(reference, amount, kind)


def test_invoice_and_payment_on_one_statement_agree() -> None:
    found = run([line(), pay()], [paid(on=date(2026, 9, 1))])
    assert [(x.kind, x.difference) for x in found.lines] == [("matched", 0), ("matched", 0)]
    assert found.agrees


def test_two_payments_of_an_invoice_that_we_paid_once_are_one_too_many() -> None:
    found = run([line(), pay(), pay()], [paid()])
    assert [x.kind for x in found.lines] == ["matched", "matched", "duplicate_payment"]
    assert found.lines[2].difference == -100


def test_a_claim_that_was_paid_under_two_numbers_is_paid_twice() -> None:
    found = run([line(), pay(), pay("INV-I")], [paid(), paid("INV-I")])
    assert [x.kind for x in found.lines] == ["matched", "matched", "duplicate_payment"]
    assert "looks like INV-1" in found.lines[2].sentence


def test_a_payment_that_we_did_not_make_is_nobodys() -> None:
    assert only([pay()], [ours()]).kind == "unmatched"


def test_a_payment_of_another_amount_is_told() -> None:
    found = only([pay(amount="-90.00")], [paid()])
    assert (found.kind, found.difference) == ("wrong_amount", Decimal(10))


def test_a_negative_line_without_a_type_is_the_payment_of_the_invoice_it_names() -> None:
    assert [x.kind for x in run([line(kind=""), pay(kind="")], [paid()]).lines] == ["matched", "matched"]


def test_a_discount_that_the_vendor_does_not_grant_is_what_our_books_say_less() -> None:
    found = run([line(), pay(amount="-98.00")], [_discounted()])
    assert [x.kind for x in found.lines] == ["matched", "matched"]
    [own] = found.own
    assert (own.amount, own.sentence) == (
        Decimal("-2.00"),
        "The discount of 2.00 that we took is not on the statement.",
    )


def _discounted() -> OurDocument:
    payment = OurPayment("pay", 3, Decimal(98), Decimal(2), "paid", DAY)
    return ours(state="paid", payment=payment)


def test_a_payment_less_a_credit_agrees_where_all_three_are_shown() -> None:
    payment = OurPayment("pay", 3, Decimal(80), Decimal(0), "paid", DAY, (("id-CN-1", Decimal(20)),))
    books = [
        ours(state="paid", payment=payment),
        ours("CN-1", "-20.00", used=Decimal(20), used_on=date(2026, 9, 1)),
    ]
    lines = [line(), line("CN-1", "-20.00", "CreditNote"), pay(amount="-80.00")]
    assert run(lines, books).agrees


# --- what nobody may join --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "number"),
    [("INV-10", "INV-I0"), ("A000956O7", "A00095607"), ("INV-12", "INV-1"), ("0INV-1", "INV-1")],
)
def test_a_number_that_only_looks_alike_is_offered_and_never_joined(reference: str, number: str) -> None:
    found = only([line(reference)], [ours(number)])
    assert (found.kind, found.document) == ("unmatched", "")
    assert (found.suggestions[0].number, found.suggestions[0].document) == (number, f"id-{number}")


def test_a_letter_between_digits_is_read_as_a_digit_even_if_we_have_no_such_invoice() -> None:
    found = only([line("A000956O7")], [ours("A00095678", "6312.50")])
    assert (found.kind, [s.number for s in found.suggestions]) == ("unmatched", ["A00095607"])
    assert found.suggestions[0].document == ""


@pytest.mark.parametrize(
    ("text", "read"), [("A000956O7", "A00095607"), ("1l2", "112"), ("INV-1", ""), ("SO-1O", ""), ("", "")]
)
def test_only_letters_between_digits_are_read_so(text: str, read: str) -> None:
    assert respelled(text) == read


def test_the_end_of_a_number_with_the_same_amount_is_offered() -> None:
    found = only([line("0045")], [ours("INV-2024-0045")])
    assert found.suggestions[0].number == "INV-2024-0045"
    assert found.kind == "unmatched"


def test_the_same_amount_alone_is_offered_and_the_invoice_stays_missing() -> None:
    found = only([line("X-9")], [ours("Z-3")])
    assert (found.kind, found.suggestions[0].why) == ("missing_invoice", "same amount")


def test_what_another_line_names_is_not_offered() -> None:
    assert run([line(), line("INV-I")], [ours()]).lines[1].suggestions == ()


def test_the_same_number_in_another_currency_is_offered_only() -> None:
    found = only([line()], [ours(currency="USD")])
    assert (found.kind, found.suggestions[0].why) == ("unmatched", "same number, in USD")


@pytest.mark.parametrize("amount", [None, "0.00"])
def test_a_line_without_an_amount_claims_nothing(amount: str | None) -> None:
    found = only([line(amount=amount)], [ours()])
    assert found.kind == ("unmatched" if amount is None else "matched")
    assert found.difference == 0


def test_a_balance_brought_forward_is_nobodys() -> None:
    assert only([line("", "500.00", "BalanceBroughtForward")], []).kind == "unmatched"


@given(st.text("AB01OIS", min_size=1, max_size=5), st.text("AB01OIS", min_size=1, max_size=5))
def test_numbers_that_look_alike_are_always_found(one: str, other: str) -> None:
    if similar_numbers(one, other):
        assert neighbours(one) & neighbours(other)
    assert similar_keys([one], [other]) == ({other} if similar_numbers(one, other) else set())


# --- beyond the lines ------------------------------------------------------------------------------


def test_what_we_have_and_the_statement_lacks_is_told() -> None:
    found = run([line()], [ours(), ours("INV-2", "50.00")])
    [own] = found.own
    assert (own.number, own.amount) == ("INV-2", Decimal(50))
    assert own.sentence == "The statement does not claim it."
    assert not found.agrees


@pytest.mark.parametrize(
    "changes",
    [
        {"issued": date(2026, 11, 21)},
        {"currency": "USD"},
        {"state": "rejected"},
        {"state": "paid"},
    ],
)
def test_what_the_statement_need_not_show_is_not_lacking(changes: dict[str, object]) -> None:
    assert run([line()], [ours(), ours("INV-2", **changes)]).own == ()


def test_totals_that_the_lines_do_not_come_to_are_reported() -> None:
    lines = [line(amount="500"), line("B", "4000"), line("C", "7200"), line("D", "-10", "CreditNote")]
    found = run(lines, [], total_debit=Decimal(500), total_credit=Decimal(10), balance=Decimal(500))
    assert [(c.what, c.stated, c.computed) for c in found.contradictions] == [
        ("debits", Decimal(500), Decimal(11700)),
        ("balance", Decimal(500), Decimal(11690)),
    ]


def test_differences_that_cancel_out_in_the_balance_do_not_on_the_lines() -> None:
    found = run([line(amount="110.00"), line("INV-2", "90.00")], [ours(), ours("INV-2")])
    assert found.their_sum == found.our_balance
    assert [x.difference for x in found.lines] == [10, -10]
    assert not found.agrees


# --- the identity ----------------------------------------------------------------------------------

cents = st.decimals("-500", "500", places=2).filter(bool)
numbers = st.sampled_from(["INV-1", "INV-I", "INV-2", "CN-1", "X", ""])
kinds = st.sampled_from(["", "Invoice", "CreditNote", "Payment", "BalanceBroughtForward"])


@st.composite
def documents(draw: st.DrawFn) -> OurDocument:
    amount = draw(cents)
    state = draw(st.sampled_from(["cleared", "validated", "scheduled", "paid", "rejected", "void"]))
    payment, used = None, Decimal(0)
    if amount > 0 and state in {"scheduled", "paid"}:
        saved = draw(st.sampled_from([Decimal(0), (amount / 50).quantize(Decimal("0.01"))]))
        payment = OurPayment("p", 1, amount - saved, saved, "paid" if state == "paid" else "exported", DAY)
    elif amount < 0 and draw(st.booleans()):
        used = -amount
    return ours(
        draw(numbers),
        str(amount),
        id=draw(st.uuids()).hex,
        state=state,
        payment=payment,
        used=used,
        currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        issued=draw(st.sampled_from([date(2026, 11, 1), date(2026, 12, 1)])),
    )


@given(
    st.lists(
        st.builds(
            lambda n, a, k: line(n, None if a is None else str(a), k), numbers, st.none() | cents, kinds
        ),
        max_size=8,
    ),
    st.lists(documents(), max_size=6),
)
def test_differences_and_what_is_lacking_always_explain_the_whole_gap(
    lines: list[StatedLine], books: list[OurDocument]
) -> None:
    found = run(lines, books)
    gap = found.their_sum - found.our_balance
    assert sum(x.difference for x in found.lines) - sum(i.amount for i in found.own) == gap
    assert len(found.lines) == len(lines)
    assert all(x.sentence for x in found.lines)
    by_id = {d.id: d for d in books}
    for one, result in zip(lines, found.lines, strict=True):
        if result.document:
            assert by_id[result.document].key == normalised_number(one.reference)
