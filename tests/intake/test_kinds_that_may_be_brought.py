"""A file with one fact of a kind that its bringer may not bring is set aside whole, before any of it is
written; and a file of one who may bring it all is read on without being held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.intake import allowances
from coordination.services.intake.allowances import KINDS, OF_SHAPE, RIGHTS, only, words
from coordination.translation import canonical as shapes
from coordination.translation.canonical import QuarantineCode, Rejected, Unreadable

INVOICE = shapes.Invoice("INV-1", "invoice")
ORDER = shapes.Order("PO-1")
BAD_ROW = Rejected(QuarantineCode.MALFORMED, "row 2 has too many cells", 2)


def placed(*documents: object) -> Iterator[tuple[int, Any]]:
    return iter(list(enumerate(documents, 1)))


def through(*documents: object, format_: str = "ubl-2.1", allowed: Any = ("invoices",)) -> list[object]:
    return [d for _, d in only(placed(*documents), format_, allowed)]


@pytest.mark.parametrize("format_", ["ubl-2.1", "csv-invoices", "xlsx-invoices"])
def test_what_may_be_brought_goes_through_in_its_order(format_: str) -> None:
    assert through(INVOICE, BAD_ROW, INVOICE, format_=format_) == [INVOICE, BAD_ROW, INVOICE]
    assert through(format_=format_) == []


@pytest.mark.parametrize("format_", ["edifact", "csv-orders", "xlsx-orders"])
def test_what_may_not_be_brought_refuses_the_file_and_says_to_whom_to_give_it(format_: str) -> None:
    with pytest.raises(Unreadable) as refused:
        through(ORDER, format_=format_)
    assert refused.value.code == QuarantineCode.NOT_ALLOWED
    assert str(refused.value.args[-1] if refused.value.args else refused.value).startswith(
        "you may not bring orders and their changes (you may bring: invoices, credit notes and statements"
    )
    assert "hand the file to people of procurement" in str(refused.value)


def test_who_may_bring_nothing_is_told_so() -> None:
    with pytest.raises(Unreadable, match=r"you may bring: nothing"):
        through(INVOICE, allowed=())


def test_of_an_interchange_nothing_is_handed_on_where_one_message_may_not_be_brought() -> None:
    handed: list[object] = []
    with pytest.raises(Unreadable):
        handed.extend(only(placed(INVOICE, INVOICE, ORDER), "edifact", ("invoices",)))
    assert handed == []


def test_a_fault_of_a_table_is_told_only_to_who_may_bring_it() -> None:
    assert through(BAD_ROW, INVOICE, format_="csv-invoices") == [BAD_ROW, INVOICE]
    assert through(BAD_ROW, format_="csv-invoices") == [BAD_ROW]
    with pytest.raises(Unreadable):
        through(BAD_ROW, ORDER, format_="csv-orders")


def test_faults_before_the_first_row_that_may_not_be_brought_are_not_handed_on() -> None:
    handed: list[object] = []
    with pytest.raises(Unreadable):
        handed.extend(only(placed(BAD_ROW, BAD_ROW, ORDER), "csv-orders", ("invoices",)))
    assert handed == []


def test_a_fault_after_a_row_that_may_be_brought_is_handed_on_in_its_place() -> None:
    found = iter(only(placed(INVOICE, BAD_ROW, ORDER), "csv-invoices", ("invoices",)))
    assert [next(found)[1], next(found)[1]] == [INVOICE, BAD_ROW]
    with pytest.raises(Unreadable):
        next(found)


def test_a_table_is_read_as_it_comes_and_never_held() -> None:
    read: list[int] = []

    def rows() -> Iterator[tuple[int, Any]]:
        for n in range(1, 1000):
            read.append(n)
            yield n, INVOICE

    found = iter(only(rows(), "csv-invoices", ("invoices",)))
    assert read == []
    next(found)
    assert read == [1]


def test_who_may_bring_everything_is_asked_nothing() -> None:
    documents = placed(ORDER, INVOICE)
    assert only(documents, "edifact", None) is documents


def test_what_belongs_to_no_kind_is_nobodys_secret() -> None:
    assert through(Decimal(1), allowed=()) == [Decimal(1)]


def test_every_kind_has_words_a_right_and_a_shape() -> None:
    assert KINDS.keys() == RIGHTS.keys() == set(OF_SHAPE.values())


@given(st.sets(st.sampled_from(sorted(KINDS))))
def test_kinds_in_words_keep_their_order(kinds: set[str]) -> None:
    assert words(kinds) == [KINDS[k] for k in KINDS if k in kinds]
    assert words(sorted(kinds, reverse=True)) == words(kinds)


@given(st.sets(st.sampled_from(sorted(KINDS))), st.lists(st.sampled_from(sorted(KINDS)), max_size=5))
def test_nothing_of_a_kind_that_is_not_allowed_ever_goes_through(
    allowed: set[str], brought: list[str]
) -> None:
    of_kind = {kind: shape for shape, kind in OF_SHAPE.items()}
    documents: list[object] = [object.__new__(of_kind[kind]) for kind in brought]
    if set(brought) <= allowed:
        assert len(through(*documents, allowed=allowed)) == len(brought)
    else:
        with pytest.raises(Unreadable):
            through(*documents, allowed=allowed)
    assert allowances.RIGHTS.keys() >= allowed
