"""A case in words: the one question, and what each answer does to the money."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import corrections
from coordination.decisions import case_words
from coordination.decisions.case_words import Made, Special, consequences, question, sentence, shares
from coordination.domain import payment_rules
from coordination.domain.hold_codes import CATALOGUE
from coordination.domain.payment_terms import Discount
from coordination.domain.reasons import HoldReason
from coordination.models import Invoice
from tests.agents.make import vendor


def row(**changes: Any) -> Invoice:
    """An invoice that is in no table."""
    return Invoice(**{"number": "RE-1", "type": "invoice", "currency": "EUR"} | changes)


def reason(code: str = "price_over", **changes: Any) -> HoldReason:
    kind = CATALOGUE[code]
    plain: dict[str, Any] = {
        "code": code,
        "words": kind.words,
        "question": kind.question,
        "owner": kind.owner,
        "hard": kind.hard,
        "sentence": "It is so.",
        "hold": "h",
        "department": kind.usual_queue,
    }
    return HoldReason(**plain | changes)


PRICE = reason(line="1", excess="+6.0 %")
UNORDERED = reason("item_not_ordered", line="2")
TAX = reason("tax_mismatch", excess="+0.50")

# --- the question -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "asked"),
    [
        ([], "Pay as billed?"),
        ([PRICE], "Pay as billed, although line 1 is priced 6.0 % over the order?"),
        (
            [PRICE, UNORDERED],
            "Pay as billed, although line 1 is priced 6.0 % over the order and line 2 was not ordered?",
        ),
        (
            [PRICE, UNORDERED, TAX],
            (
                "Pay as billed, although line 1 is priced 6.0 % over the order, line 2 was not ordered"
                " and the tax is off by 0.50?"
            ),
        ),
        ([PRICE, PRICE], "Pay as billed, although line 1 is priced 6.0 % over the order?"),
        (
            [reason("no_receipt", line="1"), reason("no_receipt", line="3")],
            "Pay as billed, although nothing of lines 1 and 3 was received?",
        ),
        (
            [reason("item_not_ordered", line=str(n)) for n in range(1, 5)],
            "Pay as billed, although lines 1, 2, 3 and 4 were not ordered?",
        ),
        (
            [reason("item_not_ordered", line=str(n)) for n in range(1, 6)],
            "Pay as billed, although 5 lines were not ordered?",
        ),
        # two lines keep their sizes, three give them up
        (
            [reason(line="1", excess="+1 %"), reason(line="2", excess="+2 %")],
            (
                "Pay as billed, although line 1 is priced 1 % over the order"
                " and line 2 is priced 2 % over the order?"
            ),
        ),
        (
            [reason(line=str(n), excess=f"+{n} %") for n in (1, 2, 3)],
            "Pay as billed, although lines 1, 2 and 3 are priced over the order?",
        ),
        # what has no size is said by the words of its chip
        ([reason(line="1")], f"Pay as billed, although {CATALOGUE['price_over'].words} stands against it?"),
        (
            [reason("supplier_unknown", expected="one of V-1 (A), V-2 (B)")],
            "Pay as billed, although it may be of several vendors?",
        ),
        (
            [reason("prepayment_open", found="1,000.00")],
            "Pay as billed, although a prepayment of EUR 1,000.00 is open?",
        ),
    ],
)
def test_a_question_by_hand(reasons: list[HoldReason], asked: str) -> None:
    assert question(row(), reasons) == asked


def test_a_credit_is_taken_and_not_paid() -> None:
    assert question(row(type="credit_note"), []) == "Take this credit?"
    assert question(row(type="credit_note"), [TAX]) == "Take this credit, although the tax is off by 0.50?"


def test_of_many_reasons_two_are_named_and_the_others_counted() -> None:
    reasons = [PRICE, UNORDERED, TAX, reason("no_po"), reason("random_audit")]
    asked = question(row(), reasons)
    assert asked.endswith(", line 2 was not ordered and 3 more reasons stand against it?")


def test_what_is_no_claim_is_only_set_aside() -> None:
    assert question(row(), [PRICE, reason("not_a_claim")]) == "Set RE-1 aside? It is no claim to be paid."
    assert case_words.ends([reason("not_a_claim")])
    assert not case_words.ends([PRICE])


def test_a_replacement_is_asked_about_by_both_numbers() -> None:
    replaces = reason("duplicate_suspect", rule=corrections.RULE, found="RE-0")
    assert question(row(), [replaces]) == "Does RE-1 replace RE-0?"
    assert "it may replace RE-0" in question(row(), [replaces, PRICE])


@pytest.mark.parametrize("rule", sorted(payment_rules.IN_PART))
def test_a_part_that_came_back_is_asked_to_be_paid_again(rule: str) -> None:
    back = reason("payment_refused", rule=rule, found="EUR 20.00 came back")
    assert question(row(), [back]) == "EUR 20.00 came back. Pay it again?"
    assert "a part of its payment came back: EUR 20.00 came back" in question(row(), [back, PRICE])


def test_what_no_run_pays_is_cleared_outside_of_them() -> None:
    otherwise = reason("paid_otherwise", found="direct debit")
    asked = question(row(), [otherwise, PRICE], left_out="collected by the vendor")
    assert asked.startswith(
        "Clear it, to be paid outside the runs, although line 1 is priced 6.0 % over the order? "
    )
    assert asked.endswith(".")
    assert question(row(type="credit_note"), [], left_out="x") == "Take this credit?"


@pytest.mark.parametrize(
    ("expected", "found", "told", "clause"),
    [
        ("total", "", "", "it states no total"),
        ("total", "nothing", "", "it states no total"),
        ("total", "119,00", "", "the total cannot be used as stated"),
        ("a currency on the order", "", "", "a currency on the order is missing"),
        ("an exchange rate", "", "", "an exchange rate is missing"),
        ("", "", "", "a fact is missing"),
        ("BT-1", "", "", "a fact is missing"),
        (
            "issue date",
            "2062-01-01",
            "The issue date, 1 Jan 2062, lies 36 years after it came.",
            "the issue date lies in the future",
        ),
        (
            "issue date",
            "1962-01-01",
            "The issue date, 1 Jan 1962, lies 64 years before it came.",
            "the issue date lies years back",
        ),
        (
            "due date",
            "2026-01-01",
            "The due date, 1 Jan 2026, lies before it.",
            "the due date lies before the issue date",
        ),
    ],
)
def test_a_missing_fact_is_named(expected: str, found: str, told: str, clause: str) -> None:
    missing = reason("missing_data", expected=expected, found=found, sentence=told)
    assert question(row(), [missing]) == f"Pay as billed, although {clause}?"


FIELDS = st.sampled_from(["", "+6.0 %", "1,000.00", "EUR", "V-1 {line}", "7"])
REASONS = st.lists(
    st.builds(
        lambda code, line, excess, found, expected, tolerance: reason(
            code, line=line, excess=excess, found=found, expected=expected, tolerance=tolerance
        ),
        st.sampled_from(sorted(CATALOGUE)),
        st.sampled_from(["", "1", "2", "3"]),
        FIELDS,
        FIELDS,
        FIELDS,
        FIELDS,
    ),
    max_size=6,
)


@given(REASONS, st.sampled_from(["invoice", "credit_note"]), st.sampled_from(["", "collected"]))
def test_a_question_is_one_and_has_no_hole(reasons: list[HoldReason], type_: str, left_out: str) -> None:
    asked = question(row(type=type_), reasons, left_out)
    assert asked.count("?") >= 1
    assert asked.endswith(("?", "."))
    assert asked[0].isupper()
    assert not any(f"{{{name}}}" in asked for name in ("excess", "found", "expected", "tolerance"))


# --- who answers what ---------------------------------------------------------------------------------------


def test_the_queue_of_the_question_comes_first_and_each_department_has_its_words_once() -> None:
    reasons = [reason("no_receipt", line="1"), PRICE, reason(line="2"), TAX]
    assert shares(reasons, "procurement") == [
        ("procurement", [CATALOGUE["price_over"].words]),
        ("operations", [CATALOGUE["no_receipt"].words]),
        ("finance", [CATALOGUE["tax_mismatch"].words]),
    ]
    assert shares([], "finance") == [("finance", [])]


def test_what_one_department_settles_and_what_it_leaves_is_said() -> None:
    whose = [
        ("finance", ["tax differs"]),
        ("operations", ["no receipt", "not accepted"]),
        ("managers", ["bank"]),
    ]
    assert case_words.shared("Approving", whose, "clears EUR 5.00") == (
        "Approving as finance settles tax differs and leaves no receipt, not accepted with operations and"
        " bank with managers: nothing is paid before that is answered too. A manager answers all of it, which"
        " clears EUR 5.00."
    )


# --- what each answer does ----------------------------------------------------------------------------------

ALONE = [("finance", ["tax differs"])]
SHARED = [("finance", ["tax differs"]), ("operations", ["no receipt"])]
OFFER = Discount(Decimal("20"), date(2026, 3, 1))


def said(invoice: Invoice | None = None, **changes: Any) -> dict[str, str]:
    given_: dict[str, Any] = {
        "vendor": vendor(),
        "payable": Decimal("1190"),
        "offer": None,
        "quorum": 1,
        "whose": ALONE,
        "special": Special(),
    }
    return {c.verdict: c.text for c in consequences(invoice or row(), **given_ | changes)}


@pytest.mark.parametrize(
    ("changes", "approving"),
    [
        (
            {},
            (
                "Approving clears EUR 1,190.00 for the next payment run to the verified account of"
                " Hartmann GmbH."
            ),
        ),
        ({"vendor": None}, "Approving clears EUR 1,190.00 for the next payment run."),
        ({"vendor": vendor(verified="")}, "Approving clears EUR 1,190.00 for the next payment run."),
        ({"vendor": None, "payable": None}, "Approving clears the amount for the next payment run."),
        (
            {"vendor": None, "quorum": 2},
            "Approving clears EUR 1,190.00 after a second signature for the next payment run.",
        ),
        (
            {"vendor": None, "offer": OFFER},
            (
                "Approving clears EUR 1,190.00 for the next payment run, keeps the discount of EUR 20.00"
                " until 1 Mar 2026."
            ),
        ),
        (
            {"vendor": None, "special": Special(parts=3)},
            "Approving clears EUR 1,190.00 for payment in 3 parts, each by its due date.",
        ),
        (
            {"special": Special(parts=2)},
            (
                "Approving clears EUR 1,190.00 for payment in 2 parts, each by its due date, to the verified"
                " account of Hartmann GmbH."
            ),
        ),
        (
            {"special": Special(left_out="the vendor collects it")},
            (
                "Approving clears EUR 1,190.00, and no run pays it: the vendor collects it; two people then"
                " state that it was paid elsewhere."
            ),
        ),
        (
            {"vendor": vendor(name="Acme Inc.")},
            "Approving clears EUR 1,190.00 for the next payment run to the verified account of Acme Inc.",
        ),
    ],
)
def test_approving_an_invoice_by_hand(changes: dict[str, Any], approving: str) -> None:
    assert said(**changes)["approve"] == approving


def test_rejecting_pays_nothing_and_lets_a_discount_go() -> None:
    assert said()["reject"].startswith("Rejecting pays nothing. ")
    assert said(offer=OFFER)["reject"].startswith(
        "Rejecting pays nothing; the discount lapses on 1 Mar 2026. "
    )


def test_a_credit_is_taken_off_or_left_and_nobody_overrides_it() -> None:
    assert said(row(type="credit_note")) == {
        "approve": "Approving takes the credit of EUR 1,190.00 off what we owe.",
        "reject": "Rejecting leaves what we owe as it is.",
    }


def test_one_department_of_two_pays_nothing() -> None:
    for invoice in (row(), row(type="credit_note")):
        assert "leaves no receipt with operations: nothing is paid" in said(invoice, whose=SHARED)["approve"]
    assert "settles the same" in said(whose=SHARED)["override"]


def test_a_replacement_says_what_becomes_of_both() -> None:
    answers = said(special=Special(first="RE-0"))
    assert "RE-1 replaces RE-0: RE-0 is set aside as void and not paid" in answers["approve"]
    assert answers["reject"] == "Rejecting pays nothing of RE-1; RE-0 stays as it is."
    assert "both are owed" in answers["override"]


@pytest.mark.parametrize(
    ("kept", "left", "approving", "rejecting"),
    [
        (
            "170.00",
            "1020.00",
            (
                "Approving clears EUR 1,020.00 to be paid again with the next payment run to the verified"
                " account of Hartmann GmbH, and no more."
            ),
            (
                "Rejecting pays nothing more: EUR 170.00 is paid or on its way and stays so, and EUR 1,020.00"
                " is not paid again."
            ),
        ),
        (
            "1190.00",
            "0.00",
            "Approving pays nothing: EUR 1,190.00 is paid or on its way, and nothing is left to pay.",
            "Rejecting pays nothing more: EUR 1,190.00 is paid or on its way and stays so.",
        ),
    ],
)
def test_an_invoice_of_which_something_is_paid(kept: str, left: str, approving: str, rejecting: str) -> None:
    answers = said(special=Special(made=Made(Decimal(kept), Decimal(left))))
    assert (answers["approve"], answers["reject"]) == (approving, rejecting)


@given(
    st.sampled_from(["invoice", "credit_note"]),
    st.none() | st.decimals(min_value=0, max_value=10**6, places=2),
    st.none() | st.just(OFFER),
    st.integers(1, 3),
    st.sampled_from([ALONE, SHARED]),
    st.builds(
        Special,
        made=st.none() | st.builds(Made, st.just(Decimal(5)), st.sampled_from([Decimal(0), Decimal(7)])),
        parts=st.integers(0, 3),
        left_out=st.sampled_from(["", "collected"]),
        first=st.sampled_from(["", "RE-0"]),
    ),
)
def test_every_answer_says_what_it_does_and_ends_in_one_stop(
    type_: str, payable: Decimal | None, offer: Discount | None, quorum: int, whose: Any, special: Special
) -> None:
    answers = said(row(type=type_), payable=payable, offer=offer, quorum=quorum, whose=whose, special=special)
    assert {"approve", "reject"} <= answers.keys() <= {"approve", "reject", "override"}
    assert all(text.endswith(".") and not text.endswith("..") for text in answers.values())
    assert all("None" not in text for text in answers.values())


@pytest.mark.parametrize(("text", "ended"), [("It is", "It is."), ("Acme Inc.", "Acme Inc."), ("", ".")])
def test_a_sentence_has_one_stop(text: str, ended: str) -> None:
    assert sentence(text) == ended


def test_a_reason_is_kept_with_every_field_that_a_question_shows() -> None:
    kept = reason(
        until=datetime(2026, 9, 20, tzinfo=UTC).isoformat(), evidence=[["order PO-1", "price", "10"]]
    ).as_json()
    assert kept["until"] == "2026-09-20T00:00:00+00:00"
    assert kept["evidence"] == [["order PO-1", "price", "10"]]
    assert (kept["set_by"], kept["money"]) == ("", "")
