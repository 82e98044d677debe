"""What a person reads of an evaluation: headline figures, a table of lanes, codes, and single invoices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from coordination.domain.key_figures import Share
from coordination.world import Expected, Label
from coordination.world.evaluation import Evaluation, Tally, Worth, Wrong, evaluate, fault, key_of, together
from coordination.world.report import as_text, figures, format_share, format_worth, with_interval

RATES = {"EUR": Decimal(1), "SEK": Decimal("11.5"), "JPY": Decimal(160), "KWD": Decimal("0.32")}
NOTHING = together([])


def wrong(**changes: Any) -> Wrong:
    plain: dict[str, Any] = {
        "seed": 7,
        "invoice": "INV-1",
        "vendor": "V-1",
        "scenario": "price",
        "amount": "119.00",
        "currency": "EUR",
        "expected_lane": "escalated",
        "found_lane": "auto",
        "why": "auto instead of escalated",
    }
    return Wrong(**plain | changes)


def lines_of(**changes: Any) -> list[str]:
    return list(as_text(replace(NOTHING, **changes)))


def label(number: str = "INV-1", *holds: Expected, **changes: Any) -> Label:
    plain: dict[str, Any] = {"vendor": "V-1", "defect": "price", "gross": "119.00"}
    return Label(number, **plain | changes, lane="escalated" if holds else "auto", holds=holds)


def row(number: str = "INV-1", *holds: tuple[str, int | None], **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "invoice_number": number,
        "vendor_id": "V-1",
        "type": "invoice",
        "currency": "EUR",
        "gross": "119.00",
        "lane": "escalated" if holds else "auto",
        "holds": [{"code": code, "line": line, "status": "open"} for code, line in holds],
    }
    return plain | changes


# --- the text -----------------------------------------------------------------------------------------------


def test_an_evaluation_of_nothing_can_be_read() -> None:
    text = lines_of()
    assert text[0] == "invoices          0 labelled, 0 not in the export, 0 without a label"
    assert text[1] == "lane right        - (of 0)"
    assert "kinds of case: 0, of which 0 not entirely right" in text
    assert not any("wrong invoices" in line for line in text)


def test_the_first_line_says_what_was_lost_and_what_has_no_label() -> None:
    found: Evaluation = replace(NOTHING, invoices=12345, lost=2, unlabelled=3)
    first = next(as_text(found))
    assert first == "invoices          12,345 labelled, 2 not in the export, 3 without a label"


def test_lanes_are_a_table_of_those_that_occur_in_one_order() -> None:
    """What should be stands in rows, what came in columns: auto, waiting, escalated, human, void, open."""
    lanes = {
        ("escalated", "auto"): 1,
        ("auto", "auto"): 1200,
        ("escalated", "open"): 3,
        ("waiting", "auto"): 4,
    }
    text = lines_of(lanes=lanes)
    at = next(n for n, line in enumerate(text) if line.startswith("should be"))
    assert [line.split() for line in text[at : at + 4]] == [
        ["should", "be", "auto", "open"],
        ["auto", "1,200", "0"],
        ["waiting", "4", "0"],
        ["escalated", "1", "3"],
    ]
    assert len({len(line) for line in text[at : at + 4]}) == 1


def test_each_code_has_a_line_with_precision_recall_and_place() -> None:
    tally = Tally("price_over", expected=4, found=5, right=3, placed=Share(2, 3))
    [line] = [x for x in lines_of(codes=(tally,)) if x.startswith("price_over")]
    assert line.split("  ")[-1].strip() == "66.7 % (2 of 3)"
    assert "60.0 % (3 of 5)" in line
    assert "75.0 % (3 of 4)" in line


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "  price: INV-1 of V-1, EUR 119.00 (seed 7): auto instead of escalated"),
        ({"vendor": ""}, "  price: INV-1 of nobody, EUR 119.00 (seed 7): auto instead of escalated"),
        (
            {"false_clear": True},
            "  price: INV-1 of V-1, EUR 119.00 (seed 7): FALSE CLEAR auto instead of escalated",
        ),
        (
            {"currency": "JPY", "amount": "16000"},
            "  price: INV-1 of V-1, JPY 16000 (seed 7): auto instead of",
        ),
    ],
)
def test_a_wrong_invoice_is_named_with_its_vendor_money_and_seed(changes: dict[str, Any], line: str) -> None:
    assert lines_of(wrong=(wrong(**changes),))[-1].startswith(line)


@pytest.mark.parametrize(
    ("count", "at_most", "shown", "heading"),
    [
        (2, 2, 2, "wrong invoices: 2"),
        (3, 2, 2, "wrong invoices: 3, the first 2"),
        (1, 60, 1, "wrong invoices: 1"),
        (3, 0, 0, "wrong invoices: 3, the first 0"),
    ],
)
def test_no_more_wrong_invoices_are_listed_than_were_asked_for(
    count: int, at_most: int, shown: int, heading: str
) -> None:
    found = replace(NOTHING, wrong=tuple(wrong(invoice=f"INV-{n}") for n in range(count)))
    text = list(as_text(found, at_most))
    assert heading in text
    assert sum(line.startswith("  price: INV-") for line in text) == shown


def test_a_false_clear_comes_before_every_other_mistake() -> None:
    asked = wrong(scenario="a kind", invoice="INV-1")
    cleared = wrong(scenario="z kind", invoice="INV-2", false_clear=True)
    assert "INV-2" in lines_of(wrong=(asked, cleared))[-2]
    assert "INV-1" in lines_of(wrong=(asked, cleared))[-1]


def test_a_kind_that_is_entirely_right_is_not_listed() -> None:
    text = lines_of(scenarios={"price": Share(3, 4), "clean": Share(9, 9), "tax": Share(1, 4)})
    at = text.index("kinds of case: 3, of which 2 not entirely right")
    assert [line.split()[0] for line in text[at + 1 :]] == ["tax", "price"]


# --- figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Share(1, 1), "100.0 % (1 of 1)"),
        (Share(1, 2000), "0.1 % (1 of 2,000)"),
        (Share(1, 3000), "0.0 % (1 of 3,000)"),
    ],
)
def test_a_share_is_said_with_one_decimal_and_its_counts(share: Share, text: str) -> None:
    assert format_share(share) == text


def test_an_interval_of_everything_still_has_a_lower_end() -> None:
    """Wilson: 20 of 20 leave 20 / (20 + 1.96 ** 2), which is 83.9 %."""
    assert with_interval(Share(20, 20)) == "100.0 % (20 of 20), 95 %: 83.9-100.0"
    assert with_interval(Share(0, 20)) == "0.0 % (0 of 20), 95 %: 0.0-16.1"


@pytest.mark.parametrize(
    ("amounts", "eur", "text"),
    [
        ({"JPY": "1234567"}, "7716.04", "EUR 7,716.04 in all (JPY 1,234,567.00)"),
        ({"EUR": "-5.00"}, "-5.00", "EUR -5.00 in all (EUR -5.00)"),
        ({}, "0", "EUR 0.00 in all"),
    ],
)
def test_money_is_said_in_euro_and_by_currency(amounts: dict[str, str], eur: str, text: str) -> None:
    assert format_worth(Worth({c: Decimal(a) for c, a in amounts.items()}, Decimal(eur))) == text


def test_figures_are_kept_in_one_order_whatever_the_order_of_arrival() -> None:
    one = replace(
        NOTHING,
        lanes={("auto", "auto"): 1, ("escalated", "auto"): 2},
        scenarios={"price": Share(1, 1), "clean": Share(1, 1)},
        held_worth=Worth({"SEK": Decimal(1), "EUR": Decimal(2)}, Decimal(3)),
    )
    other = replace(
        one,
        lanes=dict(reversed(list(one.lanes.items()))),
        scenarios=dict(reversed(list(one.scenarios.items()))),
        held_worth=Worth({"EUR": Decimal(2), "SEK": Decimal(1)}, Decimal(3)),
    )
    assert str(figures(one)) == str(figures(other))


# --- what is compared with what -----------------------------------------------------------------------------

PRICE = Expected("price_over", 1)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, ("V-1", "INV-1", "invoice", "119.00")),
        ({"vendor_id": None}, ("", "INV-1", "invoice", "119.00")),
        ({"gross": None}, ("V-1", "INV-1", "invoice", "")),
        ({"type": "credit_note"}, ("V-1", "INV-1", "credit_note", "119.00")),
    ],
)
def test_a_line_of_the_export_is_found_by_vendor_number_type_and_gross(
    changes: dict[str, Any], key: tuple[str, str, str, str]
) -> None:
    assert key_of(row(**changes)) == key


def test_a_gross_read_otherwise_is_taken_for_the_one_meant_only_where_there_is_no_choice() -> None:
    read_otherwise = [row(gross="118.00"), row(gross="117.00")]
    found = evaluate([label()], read_otherwise, RATES)
    assert (found.lost, found.unlabelled) == (1, 2)
    assert evaluate([label()], read_otherwise[:1], RATES).lost == 0


def test_a_line_is_not_taken_from_the_label_that_it_fits_exactly() -> None:
    labels = [label(gross="100.00"), label(gross="119.00")]
    found = evaluate(labels, [row(gross="119.00")], RATES)
    assert (found.lost, found.unlabelled) == (1, 0)
    assert [w.why for w in found.wrong] == ["not in the export"]


@pytest.mark.parametrize(
    "changes", [{"type": "credit_note"}, {"vendor_id": "V-2"}, {"invoice_number": "INV-2"}]
)
def test_another_type_vendor_or_number_is_another_invoice(changes: dict[str, Any]) -> None:
    found = evaluate([label()], [row(**changes)], RATES)
    assert (found.lost, found.unlabelled) == (1, 1)


def test_a_hold_expected_on_every_line_and_found_on_one_is_on_another_line() -> None:
    expected = label("INV-1", PRICE, Expected("price_over", 2))
    assert fault(expected, row("INV-1", ("price_over", 1))) == "price_over on another line"
    assert fault(expected, row("INV-1", ("price_over", 2), ("price_over", 1))) == ""


def test_a_hold_found_on_the_header_is_not_on_its_line() -> None:
    assert fault(label("INV-1", PRICE), row("INV-1", ("price_over", None))) == "price_over on another line"


def test_what_is_not_in_the_export_is_neither_a_false_clear_nor_held() -> None:
    found = evaluate([label("INV-1", PRICE)], [], RATES)
    assert found.false_clears == Share(0, 0)
    assert found.held_worth == Worth({}, Decimal("0.00"))
    [lost] = found.wrong
    assert (lost.found_lane, lost.false_clear, lost.amount) == ("", False, "")


@pytest.mark.parametrize(
    ("currency", "gross", "euro"),
    [
        ("JPY", "16000", "100.00"),
        ("KWD", "3.200", "10.00"),
        ("SEK", "1.00", "0.09"),
        ("SEK", "0.05", "0.00"),
        ("XXX", "99.00", "0.00"),
    ],
)
def test_a_false_clear_is_worth_its_money_in_euro(currency: str, gross: str, euro: str) -> None:
    wanted = label("INV-1", PRICE, gross=gross)
    found = evaluate([wanted], [row(gross=gross, currency=currency)], RATES)
    assert found.false_clear_worth == Worth({currency: Decimal(gross)}, Decimal(euro))
    assert found.held_worth == found.false_clear_worth


def test_the_seed_of_a_world_stands_on_what_went_wrong_in_it() -> None:
    one, two = (evaluate([label("INV-1", PRICE)], [row()], RATES, seed) for seed in (4, 9))
    assert [w.seed for w in together([one, two]).wrong] == [4, 9]
