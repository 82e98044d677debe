"""What is counted right, wrong, asked in vain and cleared by mistake, each with what it is a share of."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.domain.key_figures import Share
from coordination.world import Expected, Label, generate
from coordination.world.evaluation import Evaluation, evaluate, fault, together
from coordination.world.report import as_text, figures, format_share, from_figures, with_interval

RATES = {"EUR": Decimal(1), "SEK": Decimal(10)}


def label(number: str = "INV-1", *holds: Expected, lane: str = "", **changes: Any) -> Label:
    plain: dict[str, Any] = {"vendor": "V-1", "defect": "case", "gross": "119.00"}
    return Label(number, **plain | changes, lane=lane or ("escalated" if holds else "auto"), holds=holds)


def row(
    number: str = "INV-1", *holds: tuple[str, int | None], lane: str = "", **changes: Any
) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "invoice_number": number,
        "vendor_id": "V-1",
        "type": "invoice",
        "currency": "EUR",
        "gross": "119.00",
        "lane": lane or ("escalated" if holds else "auto"),
        "holds": [{"code": code, "line": line, "status": "open"} for code, line in holds],
    }
    return plain | changes


PRICE = Expected("price_over", 1)


def test_everything_as_labelled_is_right_in_every_count() -> None:
    found = evaluate([label(), label("INV-2", PRICE)], [row(), row("INV-2", ("price_over", 1))], RATES)
    assert (found.lanes_right, found.all_right) == (Share(2, 2), Share(2, 2))
    assert (found.over_escalated, found.false_clears) == (Share(0, 1), Share(0, 1))
    [tally] = found.codes
    assert (tally.precision, tally.recall, tally.placed) == (Share(1, 1), Share(1, 1), Share(1, 1))
    assert found.wrong == ()
    assert found.lanes == {("auto", "auto"): 1, ("escalated", "escalated"): 1}


def test_a_clean_invoice_that_is_held_was_asked_about_in_vain() -> None:
    found = evaluate([label(), label("INV-2")], [row(lane="escalated"), row("INV-2")], RATES)
    assert found.over_escalated == Share(1, 2)
    assert found.false_clears == Share(0, 0)
    assert [w.why for w in found.wrong] == ["escalated instead of auto"]


def test_a_false_clear_is_counted_in_number_and_in_money_of_each_currency() -> None:
    labels = [
        label("INV-1", PRICE),
        label("INV-2", PRICE, gross="50.00"),
        label("INV-3", PRICE, gross="7.00"),
    ]
    rows = [row(), row("INV-2", gross="50.00", currency="SEK"), row("INV-3", ("price_over", 1), gross="7.00")]
    found = evaluate(labels, rows, RATES)
    assert found.false_clears == Share(2, 3)
    assert found.false_clear_worth.amounts == {"EUR": Decimal("119.00"), "SEK": Decimal("50.00")}
    assert found.false_clear_worth.eur == Decimal("124.00")
    assert found.held_worth.eur == Decimal("131.00")
    assert [w.false_clear for w in found.wrong] == [True, True]
    assert [t.recall for t in found.codes] == [Share(1, 3)]


def test_what_should_wait_and_clears_is_a_false_clear_and_what_is_asked_too_early_is_not() -> None:
    waiting = label("INV-1", Expected("no_receipt", 1), lane="waiting")
    assert evaluate([waiting], [row()], RATES).false_clears == Share(1, 1)
    early = evaluate([waiting], [row("INV-1", ("no_receipt", 1))], RATES)
    assert (early.false_clears, early.lanes_right) == (Share(0, 1), Share(0, 1))
    assert early.lanes == {("waiting", "escalated"): 1}


def test_a_code_counts_once_an_invoice_and_its_lines_beside_that() -> None:
    expected = label("INV-1", PRICE, Expected("price_over", 3))
    found = evaluate([expected], [row("INV-1", ("price_over", 1), ("price_over", 2))], RATES)
    [tally] = found.codes
    assert (tally.right, tally.found, tally.expected, tally.placed) == (1, 1, 1, Share(0, 1))
    assert found.all_right == Share(0, 1)
    assert found.lanes_right == Share(1, 1)


def test_a_hold_expected_without_a_line_may_stand_on_any() -> None:
    expected = label("INV-1", Expected("missing_data"))
    assert evaluate([expected], [row("INV-1", ("missing_data", 2))], RATES).all_right == Share(1, 1)


def test_a_hold_that_a_person_released_stands_no_more() -> None:
    released = {"code": "price_over", "line": 1, "status": "released"}
    assert fault(label(), row(holds=[released])) == ""


def test_what_is_missing_from_the_export_or_has_no_label_is_counted() -> None:
    found = evaluate([label(), label("INV-2")], [row(), row("INV-8"), row("INV-9")], RATES)
    assert (found.lost, found.unlabelled) == (1, 2)
    assert found.lanes_right == Share(1, 2)
    assert [w.why for w in found.wrong] == ["not in the export"]


def test_an_invoice_that_came_twice_into_the_export_is_wrong() -> None:
    found = evaluate([label()], [row(), row()], RATES)
    assert found.unlabelled == 1
    assert [w.why for w in found.wrong] == ["2 times in the export"]


def test_two_claims_under_one_number_are_told_apart_by_their_gross() -> None:
    labels = [label(), label("INV-1", Expected("duplicate_suspect"), gross="90.00")]
    rows = [row("INV-1", ("duplicate_suspect", None), gross="90.00"), row()]
    assert evaluate(labels, rows, RATES).all_right == Share(2, 2)


def test_an_invoice_whose_gross_was_read_otherwise_is_still_the_one_meant() -> None:
    found = evaluate([label("INV-1", Expected("missing_data"), gross="")], [row()], RATES)
    assert (found.lost, found.unlabelled, found.false_clears) == (0, 0, Share(1, 1))


def test_an_invoice_of_nobody_is_found_without_a_vendor() -> None:
    stranger = label("INV-1", Expected("supplier_unknown"), vendor="")
    assert evaluate([stranger], [row("INV-1", ("supplier_unknown", None), vendor_id=None)], RATES).lost == 0


LANES = st.sampled_from(["auto", "waiting", "escalated"])
CODES = st.sets(st.sampled_from(["price_over", "no_receipt", "tax_mismatch"]))


@st.composite
def judged(draw: st.DrawFn) -> tuple[list[Label], list[dict[str, Any]]]:
    labels, rows = [], []
    for n in range(draw(st.integers(0, 12))):
        wanted, there = draw(CODES), draw(CODES)
        labels.append(label(f"INV-{n}", *(Expected(c, 1) for c in sorted(wanted)), lane=draw(LANES)))
        if draw(st.booleans()):
            rows.append(row(f"INV-{n}", *((c, 1) for c in sorted(there)), lane=draw(LANES)))
    return labels, rows


@settings(max_examples=60)
@given(judged(), judged())
def test_the_figures_of_two_worlds_add_up_and_survive_being_kept(
    one: tuple[list[Label], list[dict[str, Any]]], two: tuple[list[Label], list[dict[str, Any]]]
) -> None:
    first, second = (evaluate(*world, RATES, seed) for seed, world in enumerate((one, two)))
    both = together([first, second])
    assert both.invoices == first.invoices + second.invoices
    assert both.lanes_right == first.lanes_right + second.lanes_right
    assert sum(both.lanes.values()) + both.lost == both.invoices
    assert both.false_clears.base + both.over_escalated.base + both.lost == both.invoices
    assert both.all_right.part <= both.lanes_right.part <= both.invoices
    assert len(both.wrong) == both.invoices - both.all_right.part
    for tally in both.codes:
        assert tally.right <= min(tally.expected, tally.found)
        assert tally.placed.part <= tally.placed.base <= tally.right
    kept: Evaluation = from_figures(json.loads(json.dumps(figures(both))))
    assert kept == both


def test_the_text_never_shows_a_share_without_what_it_is_of() -> None:
    found = evaluate([label("INV-1", PRICE), label("INV-2")], [row(), row("INV-2")], RATES)
    text = "\n".join(as_text(found))
    assert "false clears      100.0 % (1 of 1), 95 %: 20.7-100.0" in text
    assert "EUR 119.00 in all (EUR 119.00) of EUR 119.00 in all" in text
    assert "FALSE CLEAR auto instead of escalated; without price_over" in text
    assert text.count("%") == text.count("% (") + text.count("95 %:")


def test_a_share_of_nothing_is_no_number() -> None:
    assert (format_share(Share(0, 0)), with_interval(Share(0, 0))) == ("- (of 0)", "- (of 0)")


@pytest.mark.parametrize(
    ("part", "base", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (84, 100, 0.756, 0.899)]
)
def test_the_interval_is_wilsons(part: int, base: int, low: float, high: float) -> None:
    found = Share(part, base).interval()
    assert found == pytest.approx((low, high), abs=0.001)


def test_labels_against_themselves_are_entirely_right() -> None:
    """A world judged by an oracle that reads the labels: nothing in the comparison itself goes wrong."""
    labels = generate(8, 150, date(2026, 11, 20), defect_share=0.6).labels
    rows = [
        row(
            x.invoice,
            *((h.code, h.line) for h in x.holds),
            lane=x.lane,
            vendor_id=x.vendor or None,
            type=x.type,
            gross=x.gross or None,
        )
        for x in labels
    ]
    assert evaluate(labels, rows, RATES).all_right == Share(150, 150)
