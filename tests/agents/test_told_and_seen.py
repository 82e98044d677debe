"""What a vendor is told, what an agent is shown, and which goods a correcting document moves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import REGISTRY, goods
from coordination.agents.corrections import REPLACED, RULE, in_question, may_replace, replacement
from coordination.agents.nature import TYPE
from coordination.agents.read_set import MOMENTARY, digest, visible
from coordination.agents.vendor_words import LONGEST, REQUESTS, asked
from coordination.domain.facts import NamedLine, Snapshot
from coordination.domain.hold_codes import CATALOGUE
from coordination.translation.canonical import AllowanceCharge

from .make import NOW, allocated, document, hold, line, ordered, position, sibling, snapshot

# --- what a vendor is told ----------------------------------------------------------------------------------

FIGURES = {"expected": "1,000.00", "found": "1,190.00", "tolerance": "0.02", "excess": "+190.00"}


@pytest.mark.parametrize(
    ("code", "detail", "sentence"),
    [
        ("totals_unbalanced", FIGURES, "1,190.00 is stated where the parts come to 1,000.00."),
        ("totals_unbalanced", {"found": "1,190.00"}, "The totals do not add up."),
        ("totals_unbalanced", {}, "The totals do not add up."),
        ("tax_mismatch", FIGURES, "Tax of 1,190.00 is stated where 1,000.00 is due."),
        ("vat_id_invalid", {"found": "DE99"}, "The VAT id DE99 is not valid."),
        ("vat_id_invalid", {"found": "DE\u202e99"}, "The VAT id is not valid."),
        ("vat_id_invalid", {"found": "x" * (LONGEST + 1)}, "The VAT id is not valid."),
        ("missing_data", {"expected": "issue date"}, "The document states no issue date."),
        (
            "missing_data",
            {"expected": "issue date", "found": "nothing"},
            "The document states no issue date.",
        ),
        (
            "missing_data",
            {"expected": "issue date", "found": "31.02.2026"},
            "The issue date cannot be used as stated: 31.02.2026.",
        ),
        (
            "missing_data",
            {"expected": "issue date", "found": "a\nb"},
            "The issue date cannot be used as stated.",
        ),
        ("missing_data", {"expected": TYPE, "found": "999"}, "The document type is in no code list: 999."),
        (
            "missing_data",
            {"expected": "a VAT id on file", "found": "nothing"},
            "Information is missing or cannot be used.",
        ),
        ("missing_data", {"expected": "EUR"}, "Information is missing or cannot be used."),
        ("missing_data", {}, "Information is missing or cannot be used."),
        ("bank_mismatch", {"found": "DE75512108001245126199"}, "The bank account needs to be confirmed."),
    ],
)
def test_a_vendor_is_told_the_figures_where_they_can_be_repeated(
    code: str, detail: dict[str, str], sentence: str
) -> None:
    told = asked(code, None, detail)
    assert told is not None
    assert told.sentence == sentence


@pytest.mark.parametrize("code", sorted(CATALOGUE))
@given(secret=st.text("abcdefghxyz", min_size=12, max_size=20))
def test_no_vendor_reads_a_tolerance_or_what_we_wrote_for_ourselves(code: str, secret: str) -> None:
    told = asked(code, 3, dict.fromkeys(("tolerance", "excess", "sentence", "evidence", "rule"), secret))
    assert told is None or secret not in told.sentence


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_what_is_told_is_a_whole_sentence_with_a_known_request(code: str) -> None:
    told = asked(code, 3, FIGURES, "a value")
    if told is None:
        assert CATALOGUE[code].vendor is None
        return
    assert told.action in REQUESTS
    assert told.value == "a value"
    assert told.sentence.endswith(".")
    assert not {"{", "}"} & set(told.sentence)


@pytest.mark.parametrize(
    "code", ["duplicate_suspect", "split_suspect", "suspicious_text", "supplier_blocked"]
)
def test_nobody_reads_the_details_of_what_is_suspected_of_him(code: str) -> None:
    told = asked(code, None, {"found": "DETAIL", "expected": "DETAIL"})
    assert told is None or "DETAIL" not in told.sentence


# --- what an agent is shown ---------------------------------------------------------------------------------

HOLDS = (
    hold("price_over"),
    hold("missing_data"),
    hold("no_receipt", status="released", release="override"),
    hold("qty_over_ordered", status="released", release="superseded"),
    hold("tax_mismatch", status="released", release="rejected"),
)
UPSTREAM = frozenset({"finance.validation"})
MATCHING = REGISTRY["procurement.matching"]


def shown(agent: str, upstream: frozenset[str] = UPSTREAM, **changes: Any) -> Snapshot:
    return visible(snapshot(**{"holds": HOLDS} | changes), REGISTRY[agent], upstream)


def test_an_agent_sees_its_own_holds_and_those_of_agents_before_it() -> None:
    seen = {h.code for h in shown("procurement.matching").holds}
    assert seen == {"price_over", "missing_data", "tax_mismatch"}
    assert {h.code for h in shown("procurement.matching", frozenset()).holds} == {"price_over"}


def test_who_releases_sees_every_hold_that_stands_or_that_a_person_ruled_on() -> None:
    releasing = next(a.name for a in REGISTRY.values() if "release" in a.contract.owns)
    assert {h.code for h in shown(releasing).holds} == {
        "price_over",
        "missing_data",
        "no_receipt",
        "tax_mismatch",
    }


def test_an_agent_hears_only_those_whose_answers_reach_it() -> None:
    told = (position("finance.validation"), position("operations.delivery"))
    seen = shown(
        "procurement.matching", positions=told, answered=("operations.delivery", "finance.validation")
    )
    assert [p.agent for p in seen.positions] == ["finance.validation"]
    assert seen.answered == ("finance.validation",)


@given(st.permutations(HOLDS))
def test_what_is_seen_does_not_depend_on_the_order_of_the_holds(holds: list[Any]) -> None:
    assert shown("procurement.matching", holds=tuple(holds)) == shown("procurement.matching")


def dumps(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()


def digested(facts: dict[str, Any], agent: str = "procurement.matching", policy: str = "p") -> str:
    return digest(facts, REGISTRY[agent], policy, dumps)


BASE: dict[str, Any] = {
    "vendor": {"vendor_id": "V-1"},
    "state": "received",
    "allocations": [1],
    "holds": [{"code": "missing_data", "raised_by": "finance.validation", "status": "open"}],
    "positions": [{"agent": "finance.validation", "outcome": "act", "facts_version": 1}],
}


@pytest.mark.parametrize("name", sorted(MOMENTARY))
@pytest.mark.parametrize("agent", ["procurement.matching", "operations.delivery", "finance.validation"])
def test_counters_and_the_clock_are_no_reason_to_ask_again(name: str, agent: str) -> None:
    assert (
        digested(BASE | {name: "one"}, agent)
        == digested(BASE | {name: "other"}, agent)
        == digested(BASE, agent)
    )


@pytest.mark.parametrize(
    ("change", "agent", "again"),
    [
        ({"vendor": {"vendor_id": "V-2"}}, "procurement.matching", True),
        ({"orders": [1]}, "procurement.matching", True),
        ({"state": "cleared"}, "procurement.matching", False),
        ({"allocations": [2]}, "procurement.matching", False),
        ({"allocations": [2]}, "operations.delivery", True),
        ({"holds": []}, "procurement.matching", True),
        ({"positions": []}, "procurement.matching", True),
        (
            {"positions": [{"agent": "finance.validation", "outcome": "act", "facts_version": 9}]},
            "procurement.matching",
            False,
        ),
        (
            {"positions": [{"agent": "finance.validation", "outcome": "hold", "facts_version": 1}]},
            "procurement.matching",
            True,
        ),
        (
            {
                "holds": [
                    *BASE["holds"],
                    {"code": "price_over", "raised_by": "procurement.matching", "status": "open"},
                ]
            },
            "procurement.matching",
            False,
        ),
        (
            {
                "holds": [
                    *BASE["holds"],
                    {"code": "price_over", "raised_by": "procurement.matching", "status": "released"},
                ]
            },
            "procurement.matching",
            True,
        ),
    ],
)
def test_an_agent_is_asked_again_when_a_fact_differs_that_is_not_its_own_word(
    change: dict[str, Any], agent: str, again: bool
) -> None:
    assert (digested(BASE | change, agent) != digested(BASE, agent)) is again


def test_two_agents_and_two_policies_stand_on_two_digests() -> None:
    found = {digested(BASE, a, p) for a in REGISTRY for p in ("p", "q")}
    assert len(found) == 2 * len(REGISTRY)
    assert digested(dict(reversed(BASE.items()))) == digested(BASE)


def test_a_digest_leaves_what_it_is_given_as_it_was() -> None:
    before = json.dumps(BASE)
    digested(BASE)
    assert json.dumps(BASE) == before


# --- which goods are moved ----------------------------------------------------------------------------------


def named(position: int = 1, **changes: Any) -> NamedLine:
    """A line of the invoice that is named: 100 bolts at 10.00 on order line 10."""
    plain: dict[str, Any] = {
        "number": "INV-0",
        "type_code": "380",
        "order_number": "PO-1",
        "order_line": str(position * 10),
        "item": f"A-{position}",
        "buyer_item": "",
        "standard_item": "",
        "description": "Bolt M8",
        "quantity": Decimal(100),
        "unit": "EA",
        "unit_price": Decimal(10),
        "net": Decimal(1000),
    }
    return NamedLine(**plain | changes)


def credit(*, quantity: str = "10", price: str = "10.00", **changes: Any) -> goods.Moved:
    """What a credit note over so many pieces at so much each moves of the order line."""
    own = line(quantity=quantity, price=price)
    doc = document(own, type="credit_note", type_code="381", preceding=("INV-0",), **changes)
    pair = replace(allocated(quantity=quantity), quantity=-Decimal(quantity))
    return goods.moved(snapshot(doc, named=(named(),)), own, pair, ordered())


@pytest.mark.parametrize(
    ("price", "back"),
    [
        ("10.00", "-10"),
        ("11.00", "-10"),
        ("11.01", "0"),
        ("9.00", "-9"),
        ("8.00", "-8"),
        ("7.99", "0"),
        ("0.50", "0"),
        ("500.00", "0"),
    ],
)
def test_goods_come_back_at_about_the_price_at_which_they_were_billed(price: str, back: str) -> None:
    """From 80 % to 110 % of it, and no more of them than the money pays for."""
    found = credit(price=price)
    assert found.pair.quantity == Decimal(back)
    assert found.difference is (back == "0")


def test_what_is_kept_back_from_the_whole_credit_keeps_goods_back() -> None:
    """10 % off a credit over ten pieces: nine are paid for."""
    off = AllowanceCharge(charge=False, amount=Decimal("10.00"))
    assert credit(allowances=(off,)).pair.quantity == Decimal(-9)


def test_an_ordinary_invoice_moves_what_it_bills() -> None:
    pair = allocated()
    assert goods.moved(snapshot(named=(named(),)), line(), pair, ordered()) == goods.Moved(pair)


@given(st.decimals("8", "11", places=2), st.decimals("0", "3", places=2))
def test_a_credit_of_less_money_never_gives_more_goods_back(price: Decimal, less: Decimal) -> None:
    more_money, less_money = credit(price=str(price)), credit(price=str(price - less))
    assert abs(less_money.pair.quantity) <= abs(more_money.pair.quantity)


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        ({}, [{}], [1]),
        ({"order_line": "20", "item": "A-2"}, [{"position": 1}, {"position": 2}], [2]),
        ({"order_line": "", "item": "a-1 "}, [{"position": 1}, {"position": 2}], [1]),
        ({"order_line": "", "item": "", "description": "m8 BOLT"}, [{"position": 1}], [1]),
        ({"order_line": "", "item": "", "description": "x"}, [{"position": 1}], [1]),
        ({"order_line": "", "item": "", "description": "x"}, [{"position": 1}, {"position": 2}], []),
        ({"order_line": "90", "item": "Z"}, [{"position": 1}], []),
        ({"order_number": "PO-2"}, [{"position": 1, "item": ""}], [1]),
    ],
)
def test_the_same_goods_are_found_by_order_line_by_code_by_words_and_alone(
    own: dict[str, Any], others: list[dict[str, Any]], found: list[int]
) -> None:
    lines = [named(**other) for other in others]
    assert [int(x.order_line) // 10 for x in goods.same_goods(line(**own), lines)] == found


@pytest.mark.parametrize(
    ("lines", "stated", "code", "later"),
    [
        ((line(),), "invoice", "380", False),
        ((line(),), "credit_note", "381", True),
        ((line(quantity="-1"),), "invoice", "380", True),
        ((line(), line(2, quantity="-1")), "invoice", "380", True),
        ((line(),), "invoice", "386", True),
        ((line(quantity="0", price="0.00"),), "invoice", "380", False),
    ],
)
def test_what_gives_something_back_counts_from_its_clearing_on(
    lines: tuple[Any, ...], stated: str, code: str, later: bool
) -> None:
    assert goods.counts_once_cleared(document(*lines, type=stated, type_code=code)) is later


@pytest.mark.parametrize(
    ("code", "stated", "names", "why"),
    [
        ("386", "invoice", (), "An advance is money before goods: it bills no line of the order."),
        ("381", "credit_note", ("386",), "What is credited is an advance: no goods come back."),
        ("381", "credit_note", ("386", "380"), ""),
        ("381", "credit_note", (), ""),
        ("380", "invoice", (), ""),
    ],
)
def test_a_document_about_advances_bills_no_goods(
    code: str, stated: str, names: tuple[str, ...], why: str
) -> None:
    lines = tuple(named(type_code=c) for c in names)
    assert goods.none_of(snapshot(document(type=stated, type_code=code), named=lines)) == why


# --- a corrected invoice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "names", "may"),
    [
        ({"type_code": "384"}, (), True),
        ({"type_code": "384", "type": "credit_note"}, (), False),
        ({"type_code": "386"}, (named(),), False),
        ({"type_code": "380"}, (named(),), True),
        ({"type_code": "380"}, (named(quantity=Decimal(99)),), False),
        ({"type_code": "380"}, (named(), named(2)), False),
        ({"type_code": "380"}, (), False),
        ({"type_code": "380", "prepaid": "10.00"}, (named(),), False),
        ({"type_code": "380", "note": "Diese Rechnung ersetzt INV-0."}, (), True),
        ({"type_code": "380", "note": "This invoice supersedes INV-0"}, (), True),
        ({"type_code": "380", "note": "Ersatzteile wie bestellt"}, (), False),
        ({"type_code": "380", "note": "irreplaceable"}, (), False),
    ],
)
def test_a_document_may_replace_another_by_its_type_its_words_or_by_billing_it_again(
    changes: dict[str, Any], names: tuple[NamedLine, ...], may: bool
) -> None:
    assert may_replace(document(**changes), names) is may


def test_a_corrected_invoice_that_takes_something_back_is_a_difference() -> None:
    assert not may_replace(document(line(), line(2, quantity="-5"), type_code="384"), ())


@pytest.mark.parametrize(
    ("state", "known"),
    [
        ("received", "INV-0 is not paid yet."),
        ("cleared", "INV-0 is not paid yet."),
        ("scheduled", "INV-0 is paid or on its way to the bank."),
        ("paid", "INV-0 is paid or on its way to the bank."),
    ],
)
def test_who_may_replace_an_invoice_is_asked_about_whatever_became_of_it(state: str, known: str) -> None:
    snap = snapshot(document(type_code="384", preceding=("INV-0",)), siblings=(sibling(state=state),))
    [found] = replacement(snap)
    assert (found.code, found.rule) == ("duplicate_suspect", RULE)
    assert found.sentence.endswith(known)


@pytest.mark.parametrize("state", ["rejected", "void"])
def test_what_ended_is_not_replaced(state: str) -> None:
    snap = snapshot(document(type_code="384", preceding=("INV-0",)), siblings=(sibling(state=state),))
    assert in_question(snap) == []


@pytest.mark.parametrize(
    ("state", "may", "asked_about"),
    [("paid", "INV-1", True), ("scheduled", "INV-1", True), ("cleared", "INV-1", False), ("paid", "", False)],
)
def test_an_invoice_is_asked_about_where_its_replacement_is_paid_already(
    state: str, may: str, asked_about: bool
) -> None:
    found = replacement(snapshot(siblings=(sibling("INV-9", state=state, may_replace=may),)))
    assert [f.rule for f in found] == ([REPLACED] if asked_about else [])


def test_a_replaced_invoice_that_is_not_here_is_said_to_be_missing() -> None:
    told = document(type_code="380", preceding=("INV-7",), note="replaces INV-7")
    assert [f.code for f in replacement(snapshot(told))] == ["credit_unlinked"]
    assert replacement(snapshot(replace(told, note=""))) == []
    assert replacement(snapshot(replace(told, preceding=()))) == []


@given(st.permutations([sibling("INV-0"), sibling("INV-00", state="paid"), sibling("INV-000", state="void")]))
def test_a_replacement_is_told_the_same_in_any_order_of_siblings(siblings: list[Any]) -> None:
    doc = document(type_code="384", preceding=("INV-0", "INV-00", "INV-000"))
    [found] = replacement(snapshot(doc, siblings=tuple(siblings), now=NOW + timedelta(days=1)))
    assert found.found == "INV-0, INV-00"
    assert "INV-00 is paid or on its way" in found.sentence
