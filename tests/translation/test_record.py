"""What a reader remembers: origins of what it took, problems with what it could not read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.translation import values
from coordination.translation.canonical import Origin, Problem
from coordination.translation.record import Leaf, Record


class Priced(Leaf):
    """A value with a currency."""

    __slots__ = ()

    def attribute(self, name: str) -> str:
        return "USD" if name == "currencyID" else ""


def test_a_value_leaves_its_origin() -> None:
    record = Record()
    assert record.number("net", Leaf("/a/b", "1.50")) == Decimal("1.50")
    assert record.provenance == {"net": Origin("/a/b", "1.50")}
    assert record.unreadable == ()


@pytest.mark.parametrize("leaf", [None, Leaf("/a", "")])
def test_what_is_absent_leaves_nothing(leaf: Leaf | None) -> None:
    record = Record()
    assert record.number("net", leaf) is None
    assert record.key("item", leaf) == ""
    assert record.text("note", leaf) == ""
    assert record.date("issue_date", leaf) is None
    assert (record.provenance, record.problems) == ({}, [])


COMMA = "not a decimal number: it has a comma where the decimal point belongs"


def test_what_cannot_be_read_leaves_a_problem_and_no_origin() -> None:
    record = Record()
    assert record.number("lines/2/net", Leaf("/a/b", "1,50")) is None
    assert record.provenance == {}
    assert record.unreadable == (Problem("lines/2/net", "/a/b", "1,50", COMMA),)


def test_what_is_ambiguous_is_not_chosen() -> None:
    record = Record()
    assert record.key("number", Leaf("/a", "1", ambiguous=True)) == ""
    assert record.problems[0].reason.startswith("stated more than once")


def test_a_filler_leaves_neither_origin_nor_problem() -> None:
    record = Record()
    assert record.key("item", Leaf("/a", "n/a")) == ""
    assert (record.provenance, record.problems) == ({}, [])


def test_a_key_beyond_all_measure_is_a_problem() -> None:
    record = Record()
    assert record.key("item", Leaf("/a", "x" * 256)) == ""
    (problem,) = record.problems
    assert (problem.reason, len(problem.raw)) == ("longer than 255 characters", 200)


def test_an_amount_is_read_in_the_currency_of_the_document_only() -> None:
    for currency, expected in (("USD", Decimal(5)), ("", Decimal(5)), ("EUR", None)):
        record = Record(currency=currency)
        assert record.amount("net", Priced("/a", "5")) == expected


def test_a_number_that_is_no_amount_has_no_currency() -> None:
    assert Record(currency="EUR").number("quantity", Priced("/a", "5")) == Decimal(5)


def test_dates_have_a_time_zone_only_where_the_format_allows_one() -> None:
    leaf = Leaf("/a", "2026-03-01Z")
    assert Record().date("issue_date", leaf) is None
    assert Record(zoned_dates=True).date("issue_date", leaf) is not None


def test_a_reader_may_bring_its_own_kind_of_value() -> None:
    record = Record()
    assert record.read("currency", Leaf("/a", "eur"), values.currency) == "EUR"
    assert record.provenance["currency"].raw == "eur"
