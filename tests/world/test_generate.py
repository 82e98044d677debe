"""A world is exactly what was asked for, the same for the same seed, and labelled with care."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.domain.hold_codes import CATALOGUE
from coordination.translation.identity import similar_numbers
from coordination.world import World, generate
from coordination.world.case import SCENARIOS, clean, scenario
from coordination.world.generate import case_of
from coordination.world.making import Maker
from coordination.world.traders import traders

DAY = date(2026, 11, 20)
BOTH = ("csv", "ubl")

BY_DOCUMENTS = {
    "missing_data",
    "totals_unbalanced",
    "tax_mismatch",
    "duplicate_suspect",
    "split_suspect",
    "supplier_unknown",
    "supplier_blocked",
    "bank_mismatch",
    "vat_id_invalid",
    "currency_diff",
    "credit_unlinked",
    "credit_over",
    "prepayment_open",
    "suspicious_text",
    "no_po",
    "po_unknown",
    "po_closed",
    "supplier_mismatch",
    "price_over",
    "item_not_ordered",
    "qty_over_ordered",
    "amount_over_po",
    "uom_mismatch",
    "charge_unplanned",
    "no_receipt",
    "qty_over_received",
    "qty_not_accepted",
    "over_threshold",
    "bank_change_unverified",
}
"""Codes that documents can cause; the others are about agents, people and payments."""


@pytest.fixture(scope="module")
def large() -> World:
    return generate(1, 700, DAY, defect_share=0.6, hard_share=0.8, formats=BOTH)


@settings(max_examples=12)
@given(
    st.integers(0, 2**31),
    st.integers(1, 120),
    st.integers(0, 10**6),
    st.sampled_from([("csv",), ("ubl",), BOTH]),
)
def test_a_world_has_as_many_invoices_as_were_asked_for(
    seed: int, count: int, first: int, formats: tuple[str, ...]
) -> None:
    world = generate(seed, count, DAY, first=first, formats=formats)
    assert len(world.labels) == count
    assert len({label.key for label in world.labels}) == count


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others() -> None:
    one, again, other = (generate(seed, 60, DAY, formats=BOTH) for seed in (3, 3, 4))
    assert one == again
    assert one.files != other.files


def test_two_worlds_that_count_on_share_no_number() -> None:
    one, two = generate(3, 60, DAY), generate(3, 60, DAY, first=60)
    assert not {x.invoice for x in one.labels} & {x.invoice for x in two.labels}


@pytest.mark.parametrize(("share", "kinds"), [(0.0, {"clean"}), (1.0, {"defect", "combination"})])
def test_the_share_of_defects_is_the_one_asked_for(share: float, kinds: set[str]) -> None:
    labels = generate(5, 200, DAY, defect_share=share, hard_share=0).labels
    found = Counter(x.kind for x in labels if x.defect != "clean")
    assert set(found) <= kinds
    assert (share == 1.0) is bool(found)


def test_a_large_world_has_every_kind_of_case(large: World) -> None:
    assert {label.defect for label in large.labels} == set(SCENARIOS)


def test_every_code_that_documents_can_cause_is_expected_somewhere(large: World) -> None:
    assert {code for label in large.labels for code in label.codes} == BY_DOCUMENTS <= set(CATALOGUE)


def test_a_label_agrees_with_itself(large: World) -> None:
    for label in large.labels:
        assert (label.lane == "auto") is (not label.holds), label
        assert label.lane != "waiting" or set(label.codes) == {"no_receipt"}, label
        assert all(hold.line is None or hold.line >= 1 for hold in label.holds)
        if label.kind == "combination" and "duplicate" not in label.defect:
            assert len(label.codes) >= 2, label


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_case_makes_the_claims_it_says_within_the_weeks_before_the_day(name: str) -> None:
    for seed in range(6):
        case = case_of(name, str(seed), 40, DAY)
        claims = [c.invoice for c in case.claims]
        assert len(claims) == SCENARIOS[name].claims
        for invoice in claims:
            assert invoice.issue_date is None or DAY - timedelta(days=70) <= invoice.issue_date <= DAY
            assert [line.position for line in invoice.lines] == list(range(1, len(invoice.lines) + 1))
        clean_case = SCENARIOS[name].kind == "clean"
        assert clean_case is all(c.lane == "auto" for c in case.claims)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_case_uses_up_no_more_numbers_than_it_makes_claims(name: str) -> None:
    maker = Maker("1", 40, DAY, traders())
    SCENARIOS[name].build(maker)
    assert int(maker.digits()[:7]) <= 1_000_000 + 40 + SCENARIOS[name].claims


@given(st.integers(0, 8_000_000), st.integers(0, 8_000_000), st.sampled_from(traders().usual))
def test_no_two_numbers_of_a_vendor_are_similar_by_accident(one: int, two: int, trader: object) -> None:
    a, b = (Maker("1", n, DAY, traders()).invoice_number(trader, DAY) for n in (one, two))  # type: ignore[arg-type]
    assert one == two or not similar_numbers(a, b)


def test_the_vendors_are_the_same_in_every_world() -> None:
    vendors = [generate(seed, 5, DAY).files["vendors.csv"] for seed in (1, 2, 3)]
    assert all(a == b for a, b in pairwise(vendors))


def test_what_only_ubl_can_say_is_left_out_of_tables() -> None:
    labels = generate(2, 500, DAY, defect_share=0.6, hard_share=0.8, formats=("csv",)).labels
    assert {SCENARIOS[label.defect].syntax for label in labels} == {"any"}


def test_two_scenarios_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="Two scenarios"):
        scenario("price")(lambda _: pytest.fail("never built"))
    with pytest.raises(ValueError, match="Two scenarios"):
        clean("clean")(lambda _: pytest.fail("never built"))
