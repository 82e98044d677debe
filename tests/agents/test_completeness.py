"""What cannot be used is said with its reason and its place, one cause once; and days that cannot be meant
are asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import nature
from coordination.agents.completeness import place
from coordination.agents.vendor_words import asked
from coordination.decisions import case_words
from coordination.domain.proposal import Finding, HoldDetail
from coordination.domain.reasons import HoldReason
from coordination.translation.canonical import Invoice, Problem
from coordination.translation.settlement import settled
from tests.agents.make import ISSUED, POLICY, document, line, propose, snapshot

FINANCE = "finance.validation"
COMMA = "not a decimal number: it has a comma where the decimal point belongs"
FOREIGN = "in EUR where the document is in USD"


def held(doc: Invoice) -> list[Finding]:
    return [f for f in propose(FINANCE, snapshot(doc)).findings if f.code == "missing_data"]


def unreadable(*problems: Problem, **changes: object) -> Invoice:
    return document(unreadable=problems, **changes)


def test_the_reason_of_the_reader_is_the_sentence_of_the_hold() -> None:
    doc = unreadable(
        Problem("gross", "/Invoice/cac:X/cbc:TaxInclusiveAmount", "119,00", COMMA, 14),
        gross=None,
        payable=None,
    )
    [finding] = held(doc)
    assert finding.sentence == f"The total says '119,00', {COMMA}."
    assert (finding.expected, finding.found, finding.line) == ("total", "119,00", None)
    [evidence] = finding.evidence
    assert (evidence.field, evidence.value) == ("/Invoice/cac:X/cbc:TaxInclusiveAmount (line 14)", "119,00")


def test_one_cause_of_many_values_is_one_hold_with_every_place() -> None:
    fields = ("net", "tax", "gross", "payable", "taxes/1/base", "lines/1/net", "lines/1/price")
    doc = unreadable(
        *(Problem(f, f"/{f}", "100.00", FOREIGN) for f in fields),
        *(Problem("gross", "/gross", "100.00", FOREIGN),),
        gross=None,
        net=None,
        tax=None,
        payable=None,
        taxes=(),
        currency="USD",
    )
    doc = replace(doc, lines=(line(price=None, net=None),))
    [finding] = held(doc)
    assert (
        finding.sentence
        == "7 values cannot be used (net '100.00', tax '100.00', total '100.00' and 4 more); each is"
        f" {FOREIGN}."
    )
    assert [e.field for e in finding.evidence] == [f"/{f}" for f in fields]
    assert (finding.expected, finding.line) == ("net, tax, total and 3 more", None)


def test_two_causes_are_two_holds() -> None:
    doc = unreadable(Problem("due_date", "d", "soon", "not a date"), Problem("tax", "t", "19,00", COMMA))
    assert [f.expected for f in held(doc)] == ["due date", "tax"]


def test_two_values_of_one_reason_are_both_named() -> None:
    doc = unreadable(*(Problem(f"lines/1/{f}", f, "1,5", COMMA) for f in ("quantity", "net")))
    [finding] = held(doc)
    assert "(quantity on line 1 '1,5' and net on line 1 '1,5')" in finding.sentence
    assert finding.line == 1


@pytest.mark.parametrize(
    ("problem", "changes"),
    [
        (Problem("lines/1/base_quantity", "b", "0", "not above zero"), {}),
        (Problem("prepaid", "p", "-5", "below zero: that asks for more than was billed"), {"gross": None}),
        (Problem("payable", "p", "119,00", COMMA), {"gross": None, "payable": None}),
    ],
)
def test_what_is_empty_only_because_of_it_is_no_hold_of_its_own(
    problem: Problem, changes: dict[str, object]
) -> None:
    doc = unreadable(problem, **changes)
    if problem.field.startswith("lines"):
        doc = replace(doc, lines=(line(price=None, net="1000"),))
    [finding] = held(doc)
    assert problem.reason in finding.sentence


def test_a_negative_credit_note_asks_what_it_is() -> None:
    credit = settled(document(type="credit_note", net="-20", tax="-3.80", gross="-23.80", payable="-23.80"))
    [finding] = held(credit)
    assert finding.sentence.endswith("negative on a credit note: a credit, or one taken back?")


def test_an_invoice_number_that_a_spreadsheet_has_shortened_is_asked_about_in_every_syntax() -> None:
    [finding] = held(settled(document(number="2.02612E+11")))
    assert finding.sentence.startswith(
        "The number says '2.02612E+11', a number that a spreadsheet has shortened"
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gross", "total"),
        ("lines/2/price", "unit price on line 2"),
        ("taxes/1/tax", "tax of tax row 1"),
        ("allowances/1/amount", "amount of allowance or charge 1"),
        ("lines/3/allowances/2/amount", "amount of allowance or charge 2 on line 3"),
        ("preceding/1", "preceding 1"),
        ("seller/vat_id", "vat id"),
    ],
)
def test_a_place_is_named_as_people_name_it(path: str, words: str) -> None:
    assert place(path) == words


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["gross", "lines/1/net", "lines/2/price", "taxes/1/base"]), st.text(max_size=90)
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([COMMA, FOREIGN, "negative on a credit note: a credit, or one taken back?"]),
)
def test_whatever_cannot_be_read_there_is_one_short_sentence_for_one_reason(
    stated: list[tuple[str, str]], reason: str
) -> None:
    doc = unreadable(*(Problem(field, field, raw, reason) for field, raw in stated))
    [finding] = held(doc)
    assert reason in finding.sentence
    assert finding.sentence[-1] in ".?"
    assert len(finding.sentence) < 500
    assert len(finding.found) < 250


# --- what is said of it -------------------------------------------------------------------------------------


def told(finding: Finding) -> tuple[str, str]:
    """To the vendor, and in the question to us."""
    kept = HoldDetail.of(finding).as_json()
    words = asked("missing_data", finding.line, kept)
    assert words is not None
    reason = HoldReason(
        code="missing_data",
        words="x",
        question=finding.question,
        owner="finance",
        hard=False,
        sentence=finding.sentence,
        expected=finding.expected,
        found=finding.found,
        hold="",
        department="finance",
    )
    return words.sentence, case_words._clause(reason)


def test_vendor_and_person_are_told_what_is_true() -> None:
    [absent] = held(document(issue_date=None))
    assert told(absent) == ("The document states no issue date.", "it states no issue date")
    [wrong] = held(unreadable(Problem("gross", "g", "119,00", COMMA), gross=None, payable=None))
    assert told(wrong) == (
        "The total cannot be used as stated: 119,00.",
        "the total cannot be used as stated",
    )


def test_a_type_of_no_list_and_a_day_that_cannot_be_meant_are_told_as_they_are() -> None:
    [kind] = [f for f in nature.kind(document(type_code="ABC")) if f.code]
    assert told(kind) == (
        "The document type is in no code list: ABC.",
        "its document type is in no code list",
    )
    [ahead] = held(document(issue_date=date(2027, 9, 6), due_date=None))
    assert told(ahead)[1] == "the issue date lies in the future"
    [early] = held(document(issue_date=date(2026, 3, 6), due_date=date(2026, 3, 1)))
    assert told(early)[1] == "the due date lies before the issue date"


def test_what_is_missing_among_our_own_papers_is_no_affair_of_the_vendor() -> None:
    ours = Finding("supplier", "x", code="missing_data", expected="a VAT id on file", found="DE1")
    assert told(ours) == ("Information is missing or cannot be used.", "a VAT id on file is missing")


def test_a_long_text_of_the_vendor_is_not_repeated_to_it() -> None:
    [long] = held(unreadable(Problem("due_date", "d", "x" * 190, "not a date")))
    assert told(long)[0] == f"The due date cannot be used as stated: {'x' * 59}…."
    [several] = held(
        unreadable(*(Problem(f"lines/{n}/net", "d", f"{n}" * 50, "not a number") for n in (1, 2)))
    )
    assert told(several)[0] == "The net cannot be used as stated."


# --- days ---------------------------------------------------------------------------------------------------


def dated(issued: date, due: date | None = None, **changes: object) -> list[str]:
    return [f.sentence for f in held(document(issue_date=issued, due_date=due, **changes))]


CAME = date(2026, 9, 6)


@pytest.mark.parametrize(
    ("ahead", "asked_about"), [(-1, False), (0, False), (1, False), (2, True), (365, True)]
)
def test_an_invoice_of_a_day_that_has_not_come_is_asked_about(ahead: int, asked_about: bool) -> None:
    found = dated(CAME + timedelta(days=ahead))
    assert bool(found) is asked_about
    assert all(f"lies {ahead} days after the day on which the invoice came in" in s for s in found)


@pytest.mark.parametrize(("issued", "asked_about"), [(date(2005, 6, 21), False), (date(1996, 1, 1), True)])
def test_an_invoice_of_another_age_is_asked_about(issued: date, asked_about: bool) -> None:
    assert bool(dated(issued)) is asked_about


@pytest.mark.parametrize(("days", "asked_about"), [(-1, True), (0, False), (30, False)])
def test_nothing_falls_due_before_it_is_issued(days: int, asked_about: bool) -> None:
    found = dated(ISSUED, ISSUED + timedelta(days=days))
    assert bool(found) is asked_about
    assert all("lies one day before the issue date, 5 Sep 2026. Which of them is right?" in s for s in found)


def test_what_asks_for_nothing_is_due_at_no_time() -> None:
    before = ISSUED - timedelta(days=1)
    assert dated(ISSUED, before, type="credit_note") == []
    assert dated(ISSUED, before, prepaid="1190", payable="0") == []


def test_a_policy_without_bounds_asks_about_no_day() -> None:
    free = replace(POLICY, ahead_days=None, oldest_days=None)
    doc = document(issue_date=CAME + timedelta(days=900), due_date=None)
    assert propose(FINANCE, snapshot(doc, policy=free)).outcome == "approve"


# --- tolerances by the unit of the currency -----------------------------------------------------------------


def taxed(currency: str, net: str, rate: str, tax: str) -> list[str]:
    gross = str(Decimal(net) + Decimal(tax))
    one = line(quantity="1", price=net, net=net, tax_rate=rate)
    found = document(one, rate=rate, net=net, tax=tax, gross=gross, payable=gross, currency=currency)
    return [f.code for f in propose(FINANCE, snapshot(found, orders=())).findings if f.code]


@pytest.mark.parametrize(
    ("currency", "net", "rate", "tax", "codes"),
    [
        ("HUF", "3999", "27", "1080", []),
        ("HUF", "3999", "27", "1079", []),
        ("HUF", "3999", "27", "1079.73", []),
        ("HUF", "3999", "27", "1082", ["tax_mismatch"]),
        ("JPY", "7007", "10", "700", []),
        ("JPY", "7007", "10", "701", []),
        ("JPY", "7007", "10", "699", ["tax_mismatch"]),
        ("ISK", "1001", "24", "240", []),
        ("KRW", "1005", "10", "101", []),
        ("CLP", "1003", "19", "190", []),
        ("EUR", "3999", "27", "1080", ["tax_mismatch"]),
        ("KWD", "1.234", "5", "0.062", []),
        ("KWD", "1.234", "5", "0.090", ["tax_mismatch"]),
        ("EUR", "33.33", "19", "6.35", []),
        ("EUR", "33.33", "19", "6.36", ["tax_mismatch"]),
    ],
)
def test_tax_is_rounded_as_its_currency_is_billed(
    currency: str, net: str, rate: str, tax: str, codes: list[str]
) -> None:
    assert taxed(currency, net, rate, tax) == codes


@given(
    st.sampled_from(["JPY", "HUF", "KRW", "ISK"]),
    st.integers(1, 10**9),
    st.sampled_from(["8", "10", "24", "27"]),
    st.sampled_from(["ROUND_DOWN", "ROUND_UP", "ROUND_HALF_UP", "ROUND_HALF_EVEN"]),
)
def test_any_rounding_to_whole_units_is_right(currency: str, net: int, rate: str, how: str) -> None:
    tax = (Decimal(net) * Decimal(rate) / 100).quantize(Decimal(1), how)
    assert "tax_mismatch" not in taxed(currency, str(net), rate, str(tax))


def test_a_line_of_fils_is_not_rounded_to_cents() -> None:
    good = line(quantity="3", price="1.234", net="3.702", tax_rate="0")
    doc = document(good, rate="0", net="3.702", tax="0", gross="3.702", payable="3.702", currency="KWD")
    assert propose(FINANCE, snapshot(doc, orders=())).outcome == "approve"


def test_a_line_of_whole_yen_may_be_rounded() -> None:
    for net, codes in (("100", []), ("102", ["totals_unbalanced"])):
        one = line(quantity="7", price="14.29", net=net, tax_rate="0")
        doc = document(one, rate="0", net=net, tax="0", gross=net, payable=net, currency="JPY")
        assert [f.code for f in propose(FINANCE, snapshot(doc, orders=())).findings if f.code] == codes
