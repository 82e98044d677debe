"""Which references of a document are left once fillers are taken out, and where they are said to come from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import (
    Invoice,
    InvoiceLine,
    Order,
    Origin,
    QuarantineCode,
    Receipt,
    ReceiptLine,
    Rejected,
)
from coordination.translation.references import INSTEAD, no_number, without_fillers

FILLER, OTHER = "siehe Anlage", "#MULTI#"
LINE = InvoiceLine(1, "1", order_number="PO-1", despatch_number="DA-1", receipt_number="GR-1")
BILL = Invoice(
    "INV-1",
    order_numbers=("PO-1",),
    despatch_numbers=("DA-1",),
    receipt_numbers=("GR-1",),
    sales_orders=("SO-1",),
    preceding=("INV-0",),
    lines=(LINE,),
)
LISTS = ("order_numbers", "despatch_numbers", "receipt_numbers", "sales_orders", "preceding")


# --- which are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", ""),
        ("   ", ""),
        ("---", "nothing but signs"),
        ("#", "nothing but signs"),
        ("0", "nothing but zeros"),
        ("0-0/000", "nothing but zeros"),
        ("00100", ""),
        ("XX", "filler"),
        ("x.x.x", "filler"),
        ("B", ""),
        ("1111", ""),
        ("99", ""),
        ("ÄÄ", "filler"),
    ],
)
def test_why_a_reference_names_nothing_is_said(text: str, why: str) -> None:
    assert no_number(text) == why


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("siehe Anlage 12", False),
        ("Anlage 12", True),
        ("siehe 12", True),
        ("SIEHE   ANLAGE", False),
        ("siehe-Anlage", False),
    ],
)
def test_a_pointer_needs_the_place_it_points_to(text: str, named: bool) -> None:
    assert (no_number(text) == "") is named


@given(st.sampled_from(["n/a", "none", "siehe Anlage", "no PO", "unbekannt"]), st.sampled_from(" ./-_:#"))
def test_signs_around_and_between_the_words_of_a_filler_make_no_number_of_it(text: str, sign: str) -> None:
    assert no_number(f"{sign}{text.upper().replace(' ', sign)}{sign}") == no_number(text) != ""


# --- what is left -------------------------------------------------------------------------------------------


def test_a_document_whose_references_are_all_some_is_left_as_it_is() -> None:
    assert without_fillers(BILL) is BILL


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("stated", "left"),
    [
        ((FILLER,), ()),
        (("A-1", FILLER), ("A-1",)),
        ((FILLER, "A-1", OTHER, "A-2"), ("A-1", "A-2")),
    ],
)
def test_fillers_are_taken_out_of_every_list_of_references(
    name: str, stated: tuple[str, ...], left: tuple[str, ...]
) -> None:
    found = without_fillers(replace(BILL, **{name: stated}))  # type: ignore[arg-type]
    assert getattr(found, name) == left
    for other in LISTS:
        assert other == name or getattr(found, other) == getattr(BILL, other)


@pytest.mark.parametrize("name", ["order_number", "despatch_number", "receipt_number"])
def test_a_filler_on_a_line_is_an_empty_reference(name: str) -> None:
    line = replace(LINE, **{name: FILLER})  # type: ignore[arg-type]
    [found] = without_fillers(replace(BILL, lines=(line,))).lines
    assert getattr(found, name) == ""
    assert replace(found, **{name: getattr(LINE, name)}) == LINE  # type: ignore[arg-type]


def test_what_stood_instead_of_an_order_is_kept_as_a_text_once() -> None:
    stated = replace(
        BILL, order_numbers=(FILLER, OTHER), lines=(replace(LINE, order_number=FILLER),), preceding=("n/a",)
    )
    assert without_fillers(stated).texts == (Origin(INSTEAD, FILLER), Origin(INSTEAD, OTHER))


def test_texts_that_were_there_stay_before_those() -> None:
    said = Origin("note", "Thank you")
    found = without_fillers(replace(BILL, texts=(said,), order_numbers=(FILLER,)))
    assert found.texts == (said, Origin(INSTEAD, FILLER))


# --- where they come from -----------------------------------------------------------------------------------


def test_origins_move_up_with_the_references_that_are_left() -> None:
    told = {
        "number": Origin("/ID", "INV-1"),
        "order_numbers/1": Origin("/first", FILLER),
        "order_numbers/2": Origin("/second", "PO-1"),
        "order_numbers/3": Origin("/third", OTHER),
        "order_numbers/4": Origin("/fourth", "PO-2"),
        "lines/1/order_number": Origin("/line", "PO-1"),
    }
    stated = replace(BILL, order_numbers=(FILLER, "PO-1", OTHER, "PO-2"), provenance=told)
    assert without_fillers(stated).provenance == {
        "number": told["number"],
        "order_numbers/1": told["order_numbers/2"],
        "order_numbers/2": told["order_numbers/4"],
        "lines/1/order_number": told["lines/1/order_number"],
    }


@given(st.lists(st.sampled_from(["PO-1", "PO-2", "PO-3", FILLER, "n/a", "000"]), max_size=7))
def test_each_reference_that_is_left_is_said_to_come_from_its_own_place(numbers: list[str]) -> None:
    told = {f"preceding/{n}": Origin(f"/{n}", number) for n, number in enumerate(numbers, 1)}
    found = without_fillers(replace(BILL, preceding=tuple(numbers), provenance=told))
    assert found.preceding == tuple(n for n in numbers if n.startswith("PO"))
    assert [found.provenance[f"preceding/{n}"].raw for n in range(1, len(found.preceding) + 1)] == [
        *found.preceding
    ]


# --- other documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "line", "left"),
    [
        ("PO-1", "PO-1", ("PO-1", "PO-1")),
        (FILLER, "PO-1", ("", "PO-1")),
        ("PO-1", FILLER, ("PO-1", "")),
        (FILLER, OTHER, ("", "")),
    ],
)
def test_a_receipt_for_a_filler_is_for_no_order(header: str, line: str, left: tuple[str, str]) -> None:
    found = without_fillers(
        Receipt("GR-1", order_number=header, lines=(ReceiptLine("1", order_number=line),))
    )
    assert (found.order_number, found.lines[0].order_number) == left


def test_an_order_and_what_is_set_aside_are_not_looked_at() -> None:
    order = Order(FILLER)
    aside = Rejected(QuarantineCode.MALFORMED, FILLER)
    assert without_fillers(order) is order
    assert without_fillers(aside) is aside
