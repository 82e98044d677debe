"""What a sample says about the whole, worked out by hand: rates, strata, bounds, and the sheet as rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.models import AuditSample
from coordination.selectors import samples as read
from coordination.selectors.samples import Line, Result, Sheet
from reviews.selectors import Person

KEY = UUID(int=7)
ERIN = Person("human:5", "Erin", "human")
AT = datetime(2026, 11, 20, 14, 3, 7, tzinfo=UTC)


def result(outcome: str, audited: str | None = None, words: str = "") -> Result:
    return Result(KEY, outcome, None if audited is None else Decimal(audited), words, ERIN, AT)


def line(
    outcome: str = "right", amount: str = "100.00", audited: str | None = None, stratum: str = ""
) -> Line:
    return Line(
        place=1,
        id=KEY,
        number="INV-1",
        vendor="Hartmann GmbH",
        issue_date=date(2026, 9, 5),
        currency="EUR",
        amount=Decimal(amount),
        stratum=stratum,
        hits=1,
        result=result(outcome, audited),
        earlier=[],
    )


def sample(whole: int, method: str = "random", confidence: str = "0.95", **parameters: Any) -> AuditSample:
    return AuditSample(
        method=method, population_count=whole, confidence=Decimal(confidence), parameters=parameters, size=1
    )


# --- of the whole -------------------------------------------------------------------------------------------


def test_a_rate_is_projected_to_the_number_of_the_population() -> None:
    found = read.estimate(sample(200), [line("wrong"), *[line()] * 9])
    assert (found.wrong, found.size, found.rate, found.projected) == (1, 10, Decimal("0.1"), 20)
    assert found.upper == found.upper_rate * 200


@pytest.mark.parametrize(
    ("right", "confidence", "upper"),
    [
        # without an error the bound is 1 - (1 - confidence) to the power of 1/n (Clopper-Pearson)
        (10, "0.95", "0.2589"),
        (59, "0.95", "0.0495"),
        (29, "0.95", "0.0981"),
        (10, "0.90", "0.2057"),
        (10, "0.80", "0.1487"),
        (1, "0.95", "0.9500"),
    ],
)
def test_a_sample_without_an_error_still_leaves_room_for_some(
    right: int, confidence: str, upper: str
) -> None:
    found = read.estimate(sample(100_000, confidence=confidence), [line()] * right)
    assert (found.wrong, found.rate, found.projected) == (0, 0, 0)
    assert round(found.upper_rate, 4) == Decimal(upper)


def test_what_was_not_found_is_as_wrong_as_what_is_wrong() -> None:
    one = read.estimate(sample(100), [line("wrong"), line(), line(), line()])
    other = read.estimate(sample(100), [line("not_found"), line(), line(), line()])
    assert one == other
    assert one.wrong == 1


def test_a_sample_of_everything_is_what_it_found_and_leaves_no_doubt() -> None:
    found = read.estimate(sample(4), [line("wrong"), line(), line(), line()])
    assert (found.rate, found.upper_rate, found.upper) == (Decimal("0.25"), Decimal("0.25"), 1)
    assert read.estimate(sample(5), [line("wrong"), line(), line(), line()]).upper_rate > Decimal("0.25")


def test_where_all_is_wrong_all_of_the_whole_may_be() -> None:
    found = read.estimate(sample(50), [line("wrong")] * 3)
    assert (found.rate, found.upper_rate, found.upper) == (1, 1, 50)


# --- by money -----------------------------------------------------------------------------------------------


def test_too_little_and_too_much_are_never_set_off_against_each_other() -> None:
    lines = [
        line("wrong", "100.00", "60.00"),  # 40.00 too much was booked
        line("wrong", "200.00", "230.00"),  # 30.00 too little
        line("wrong", "50.00", "55.50"),
        line("right", "80.00", "80.00"),
    ]
    found = read.estimate(sample(900, "monetary_unit", interval="1000"), lines)
    assert found.overstated is not None
    assert found.overstated.found == Decimal("40.00")
    assert found.overstated.projected == Decimal("400.00")  # four tenths of an interval of 1,000.00
    assert found.understated == Decimal("35.50")


def test_an_item_as_large_as_the_interval_counts_with_its_own_error() -> None:
    lines = [line("wrong", "1000.00", "900.00"), line("right", "10.00", "10.00")]
    found = read.estimate(sample(900, "monetary_unit", interval="1000"), lines)
    assert found.overstated is not None
    assert found.overstated.projected == Decimal("100.00")
    # the exact error, and three intervals for what was not looked at (factor 3.00 at 95 %)
    assert round(found.overstated.upper) == 3096


def test_a_sample_that_is_not_by_money_projects_no_money() -> None:
    found = read.estimate(sample(900), [line("wrong", "100.00", "60.00")])
    assert (found.overstated, found.understated) == (None, 0)


# --- by strata ----------------------------------------------------------------------------------------------


def strata(counts: dict[str, str], *bounds: str, whole: int) -> AuditSample:
    return sample(whole, "stratified", strata=counts, bounds=list(bounds))


def test_each_stratum_is_projected_by_its_own_members() -> None:
    lines = [line("wrong", stratum="1"), line(stratum="1"), line(stratum="2"), line(stratum="2")]
    found = read.estimate(strata({"1": "90", "2": "10"}, "1000", whole=100), lines)
    assert (found.wrong, found.size) == (1, 4)
    assert found.projected == 45  # half of ninety, nothing of ten: not a quarter of all
    assert found.rate == Decimal("0.45")
    assert [(s.words, s.members, s.size, s.wrong) for s in found.strata] == [
        ("under 1,000.00", 90, 2, 1),
        ("1,000.00 and more", 10, 2, 0),
    ]


def test_a_stratum_that_was_looked_at_whole_has_no_doubt_of_its_own() -> None:
    lines = [line("wrong", stratum="1"), line(stratum="1"), line(stratum="2")]
    found = read.estimate(strata({"1": "2", "2": "8"}, "1000", whole=10), lines)
    assert [s.upper for s in found.strata] == [Decimal("0.5"), Decimal("0.95")]


def test_no_bound_is_over_the_whole() -> None:
    lines = [line("wrong", stratum="1"), line("wrong", stratum="2")]
    found = read.estimate(strata({"1": "30", "2": "20"}, "1000", whole=50), lines)
    assert (found.upper_rate, found.upper) == (1, 50)


def test_a_stratum_in_which_nothing_lies_is_no_row() -> None:
    lines = [line(stratum="1"), line(stratum="3")]
    found = read.estimate(strata({"1": "5", "3": "5"}, "100", "1000", whole=10), lines)
    assert [s.words for s in found.strata] == ["under 100.00", "1,000.00 and more"]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 60), st.integers(0, 40)), min_size=1, max_size=4),
    st.sampled_from(["0.80", "0.90", "0.95", "0.99"]),
)
def test_what_is_projected_is_never_over_the_bound(
    parts: list[tuple[int, int, int]], confidence: str
) -> None:
    counts, lines, whole = {}, [], 0
    for n, (size, beyond, wrong) in enumerate(parts, 1):
        counts[str(n)] = str(size + beyond)
        whole += size + beyond
        lines += [line("wrong" if i < wrong else "right", stratum=str(n)) for i in range(size)]
    bounds = [str(10 * n) for n in range(1, len(parts) + 1)]
    row = sample(whole, "stratified", confidence, strata=counts, bounds=bounds)
    found = read.estimate(row, lines)
    assert 0 <= found.rate <= found.upper_rate + Decimal("1e-9") <= 1 + Decimal("1e-9")
    assert found.projected <= found.upper + Decimal("1e-6")
    assert sum(s.wrong for s in found.strata) == found.wrong <= found.size == len(lines)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (["100"], ["under 100.00", "100.00 and more"]),
        (["100", "1000"], ["under 100.00", "100.00 to under 1,000.00", "1,000.00 and more"]),
        (["0.5", "2.25", "1e6"], ["under 0.50", "0.50 to under 2.25", "2.25 to under 1,000,000.00"]),
    ],
)
def test_strata_are_said_by_where_they_begin_and_end(bounds: list[str], words: list[str]) -> None:
    found = read.strata_in_words([Decimal(b) for b in bounds])
    assert found[: len(words)] == words
    assert len(found) == len(bounds) + 1


# --- the sheet ----------------------------------------------------------------------------------------------


def sheet(*lines: Line) -> Sheet:
    done = sum(x.result is not None for x in lines)
    return Sheet(AuditSample(), "", "Random", None, lines, done, 0, None, 1)


def test_a_sheet_is_complete_when_every_item_has_a_result() -> None:
    without = Line(2, KEY, "INV-2", "", None, "EUR", Decimal(1), "", 1, None, [])
    assert sheet(line()).complete
    assert not sheet(line(), without).complete
    assert not sheet(without).complete


def test_a_row_of_the_sheet_says_the_result_that_counts_and_who_found_it() -> None:
    [row] = read.rows_of(sheet(line("wrong", "100.00", "60", "1")))
    assert row == [
        "1",
        str(KEY),
        "INV-1",
        "Hartmann GmbH",
        "2026-09-05",
        "EUR",
        "100.00",
        "1",
        "1",
        "wrong",
        "60.00",
        "",
        "Erin",
        "2026-11-20T14:03:07.000000Z",
    ]


def test_a_row_without_a_result_has_as_many_cells() -> None:
    without = Line(2, KEY, "gone", "Unknown vendor", None, "", Decimal("-5"), "", 0, None, [])
    [row] = read.rows_of(sheet(without))
    assert row[2:] == ["gone", "Unknown vendor", "", "", "-5.00", "", "0", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("outcome", "title"), [("right", "Right"), ("wrong", "Wrong"), ("not_found", "Not found")]
)
def test_a_result_is_said_in_words(outcome: str, title: str) -> None:
    assert result(outcome).title == title


def test_an_invoice_that_is_gone_keeps_its_place_and_its_amount() -> None:
    drawn = {"id": str(KEY), "amount": "12.50", "stratum": "2", "hits": "3"}
    found = read._line(4, drawn, None, [result("wrong", "1"), result("right", "12.50")])
    assert (found.number, found.vendor, found.amount, found.hits) == (
        "gone",
        "Unknown vendor",
        Decimal("12.50"),
        3,
    )
    assert found.result is not None
    assert found.result.outcome == "wrong"
    assert [r.outcome for r in found.earlier] == ["right"]
