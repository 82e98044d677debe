"""Amounts of EDIFACT invoices: which total counts, in which currency, and what allowances make of a line."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import AllowanceCharge, Invoice, TaxSubtotal

from .edifacts import INVOICE, interchange, message, one, replaced, without

D = Decimal


def read(segments: tuple[str, ...]) -> Invoice:
    found: Invoice = one(interchange(message(segments)), Invoice)
    return found


def with_totals(*more: str, lacking: tuple[str, ...] = ()) -> Invoice:
    """The plain invoice with totals put before those it has, or without some of them."""
    kept = without(INVOICE, *lacking)
    place = kept.index("CNT+2:1'") + 1
    return read((*kept[:place], *more, *kept[place:]))


def with_header(*more: str) -> Invoice:
    """The plain invoice with segments at the end of its header."""
    place = INVOICE.index("LIN+1++4000862141404:SRV'")
    return read((*INVOICE[:place], *more, *INVOICE[place:]))


# --- totals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "gross"),
    [
        (("MOA+388:1.00'", "MOA+39:2.00'", "MOA+77:3.00'", "MOA+86:4.00'"), "1.00"),
        (("MOA+86:4.00'", "MOA+77:3.00'", "MOA+39:2.00'"), "2.00"),
        (("MOA+86:4.00'", "MOA+77:3.00'"), "3.00"),
        (("MOA+86:4.00'",), "4.00"),
    ],
)
def test_the_total_with_tax_is_the_first_of_its_qualifiers_wherever_it_stands(
    stated: tuple[str, ...], gross: str
) -> None:
    found = with_totals(*stated, lacking=("MOA+77",))
    assert found.gross == D(gross)


@pytest.mark.parametrize(
    ("settled", "gross"),
    [
        ((), "119.00"),
        (("MOA+113:19.00'",), "138.00"),
        (("MOA+165:0.50'",), "118.50"),
        (("MOA+165:-0.50'",), "119.50"),
        (("MOA+113:19.00'", "MOA+165:0.50'"), "137.50"),
    ],
)
def test_a_total_with_tax_that_is_left_out_is_what_is_asked_for_before_advance_and_rounding(
    settled: tuple[str, ...], gross: str
) -> None:
    found = with_totals(*settled, lacking=("MOA+77",))
    assert (found.gross, found.payable) == (D(gross), D("119.00"))
    assert found.provenance["gross"] == found.provenance["payable"]


def test_a_total_that_cannot_be_read_is_not_worked_out_instead() -> None:
    found = with_totals("MOA+77:x'", lacking=("MOA+77",))
    assert found.gross is None
    assert [(p.field, p.raw) for p in found.unreadable] == [("gross", "x")]


def test_without_both_totals_there_is_no_gross() -> None:
    found = with_totals(lacking=("MOA+77", "MOA+9"))
    assert (found.gross, found.payable, found.unreadable) == (None, None, ())


@pytest.mark.parametrize(
    ("stated", "net"),
    [
        (("MOA+125:90.00'", "MOA+389:80.00'"), "80.00"),
        (("MOA+125:90.00'",), "90.00"),
        ((), "100.00"),
    ],
)
def test_the_total_before_tax_is_stated_or_that_of_the_lines(stated: tuple[str, ...], net: str) -> None:
    kept = list(without(INVOICE, "MOA+125"))
    place = kept.index("CNT+2:1'") + 1
    found = read((*kept[:place], *stated, *kept[place:]))
    assert found.net == D(net)


def test_a_total_before_tax_that_is_left_out_has_the_allowances_and_charges_of_the_header() -> None:
    kept = without(INVOICE, "MOA+125")
    place = kept.index("LIN+1++4000862141404:SRV'")
    header = ("ALC+A'", "MOA+204:10.00'", "ALC+C'", "MOA+23:4.00'")
    assert read((*kept[:place], *header, *kept[place:])).net == D("94.00")


@pytest.mark.parametrize(
    ("lacking", "more", "tax"),
    [
        ((), (), "19.00"),
        (("MOA+176",), ("MOA+124:18.00'",), "18.00"),
        (("MOA+176",), (), "19.00"),
        (("MOA+176", "MOA+124", "TAX+7"), (), None),
    ],
)
def test_the_tax_is_its_total_or_the_sum_of_the_breakdown(
    lacking: tuple[str, ...], more: tuple[str, ...], tax: str | None
) -> None:
    assert with_totals(*more, lacking=lacking).tax == (None if tax is None else D(tax))


def breakdown(*rows: tuple[str, str, str]) -> Invoice:
    """The invoice without a tax total and with these rows: rate, base, tax."""
    kept = without(INVOICE, "MOA+176", "MOA+124")
    place = kept.index("UNS+S'")
    kept = (*kept[: place + 1], *(s for s in kept[place + 1 :] if not s.startswith(("TAX", "MOA+125"))))
    segments = [
        segment
        for rate, base, tax in rows
        for segment in (f"TAX+7+VAT+++:::{rate}+S'", f"MOA+125:{base}'", f"MOA+124:{tax}'")
    ]
    return read((*kept, *segments))


def test_rows_of_the_breakdown_are_kept_in_their_order_and_added_up() -> None:
    found = breakdown(("19", "60.00", "11.40"), ("7", "40.00", "2.80"))
    assert found.taxes == (
        TaxSubtotal("S", D(19), D("60.00"), D("11.40")),
        TaxSubtotal("S", D(7), D("40.00"), D("2.80")),
    )
    assert found.tax == D("14.20")


def test_a_breakdown_with_a_row_that_cannot_be_read_makes_no_tax() -> None:
    found = breakdown(("19", "60.00", "11.40"), ("7", "40.00", "two"))
    assert found.tax is None
    assert {p.raw for p in found.unreadable} == {"two"}


LIN = "LIN+1++4000862141404:SRV'"


@pytest.mark.parametrize(
    ("segments", "lines"),
    [
        (INVOICE, 1),
        (without(INVOICE, "UNS"), 1),
        ((*INVOICE[: INVOICE.index(LIN)], "UNS+D'", *INVOICE[INVOICE.index(LIN) :]), 1),
        (
            (*INVOICE[: INVOICE.index(LIN)], "UNS+S'", "CNT+2:0'", *INVOICE[INVOICE.index("CNT+2:1'") + 1 :]),
            0,
        ),
    ],
    ids=["both", "without UNS", "with UNS+D before the lines", "without lines"],
)
def test_totals_begin_with_the_summary_or_with_the_count_of_lines(
    segments: tuple[str, ...], lines: int
) -> None:
    found = read(segments)
    assert len(found.lines) == lines
    assert (found.net, found.tax, found.gross, found.payable) == (
        D("100.00"),
        D("19.00"),
        D("119.00"),
        D("119.00"),
    )


# --- currency -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "currency"),
    [
        ("CUX+2:USD:4'", "USD"),
        ("CUX+2:usd:4'", "USD"),
        ("CUX+3:GBP:4+2:USD:4'", "USD"),
        ("CUX+2:KWD:4+3:EUR:4'", "KWD"),
    ],
)
def test_the_currency_is_the_reference_currency(stated: str, currency: str) -> None:
    assert read(tuple(stated if s.startswith("CUX") else s for s in INVOICE)).currency == currency


@pytest.mark.parametrize(
    ("total", "currency"),
    [
        ("MOA+77:119.00:SEK'", "SEK"),
        ("MOA+77:119.00:sek'", "SEK"),
        ("MOA+77:119.00'", ""),
        ("MOA+77:119.00:12'", ""),
    ],
)
def test_without_a_reference_the_totals_say_the_currency(total: str, currency: str) -> None:
    found = read(replaced(without(INVOICE, "CUX"), total))
    assert found.currency == currency
    origin = found.provenance.get("currency")
    assert (origin.raw.upper() if origin else "") == currency


@pytest.mark.parametrize("foreign_first", [True, False])
def test_a_total_in_the_currency_of_another_countrys_books_is_no_total_of_ours(foreign_first: bool) -> None:
    pair = ("MOA+77:999.00:SEK'", "MOA+77:119.00:EUR'")
    stated = pair if foreign_first else pair[::-1]
    found = with_totals(*stated, lacking=("MOA+77",))
    assert (found.gross, found.unreadable) == (D("119.00"), ())


def test_a_total_in_another_currency_alone_cannot_be_used() -> None:
    found = with_totals("MOA+77:999.00:SEK'", lacking=("MOA+77",))
    assert found.gross is None
    [problem] = found.unreadable
    assert (problem.field, problem.reason) == ("gross", "in SEK where the document is in EUR")


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("una", "text", "gross"),
    [
        ("UNA:+,? '", "119,50", "119.50"),
        ("UNA:+,? '", "119.50", None),
        ("UNA:+.? '", "119.50", "119.50"),
        ("", "119.50", "119.50"),
        ("", "119,50", "119.50"),
        ("UNA:+.? '", "1.119,50", None),
        ("UNA:+.? '", "1 119.50", None),
        ("UNA:+.? '", "-119.50", "119.50"),
        ("UNA:+.? '", "119.50-", None),
    ],
)
def test_a_number_has_the_one_decimal_mark_of_its_interchange(una: str, text: str, gross: str | None) -> None:
    segments = [s for s in without(INVOICE, "MOA", "PRI") if not s.startswith("TAX")]
    content = interchange(message([*segments, f"MOA+77:{text}'"]), una=una)
    found: Invoice = one(content, Invoice)
    assert found.gross == (None if gross is None else D(gross))
    assert found.type == ("credit_note" if text.startswith("-") else "invoice")


# --- allowances and charges of the document -----------------------------------------------------------------


def header_allowances(*segments: str) -> tuple[AllowanceCharge, ...]:
    return with_header(*segments).allowances


@pytest.mark.parametrize(
    ("segments", "charge", "amount"),
    [
        (("ALC+A'", "MOA+204:10.00'"), False, "10.00"),
        (("ALC+C'", "MOA+23:10.00'"), True, "10.00"),
        (("ALC+A'", "MOA+8:10.00'"), False, "10.00"),
        (("ALC+C'", "MOA+8:10.00'"), True, "10.00"),
        (("ALC+A'", "MOA+204:-10.00'"), True, "10.00"),
        (("ALC+C'", "MOA+23:-10.00'"), False, "10.00"),
        (("ALC+A'", "MOA+8:9.00'", "MOA+204:10.00'"), False, "10.00"),
        (("ALC+C'", "MOA+8:9.00'", "MOA+23:10.00'"), True, "10.00"),
    ],
)
def test_an_allowance_takes_off_and_a_charge_adds_and_a_minus_turns_either(
    segments: tuple[str, ...], charge: bool, amount: str
) -> None:
    [found] = header_allowances(*segments)
    assert (found.charge, found.amount) == (charge, D(amount))


@pytest.mark.parametrize("indicator", ["N", "O", "G", "B", "D", "H", "J", "K", "P", "M"])
def test_an_indicator_that_speaks_of_terms_moves_no_money(indicator: str) -> None:
    found = with_header(f"ALC+{indicator}'", "MOA+8:10.00'")
    assert (found.allowances, found.unreadable) == ((), ())


def test_an_indicator_that_nobody_knows_is_named() -> None:
    found = with_header("ALC+X'", "MOA+8:10.00'")
    assert found.allowances == ()
    assert [(p.field, p.raw, p.reason) for p in found.unreadable] == [
        ("allowances/1/amount", "X", "neither an allowance nor a charge")
    ]


@pytest.mark.parametrize(
    "segments",
    [("ALC+A'",), ("ALC+A'", "PCD+1:3'"), ("ALC+A'", "MOA+25:10.00'")],
)
def test_of_the_whole_document_only_an_amount_counts(segments: tuple[str, ...]) -> None:
    found = with_header(*segments)
    assert found.allowances == ()
    assert [p.reason for p in found.unreadable] == ["an allowance or charge without an amount"]


def test_an_amount_that_cannot_be_read_is_named_once() -> None:
    found = with_header("ALC+A'", "MOA+204:ten'")
    assert found.allowances == ()
    assert [(p.field, p.raw) for p in found.unreadable] == [("allowances/1/amount", "ten")]


def test_the_tax_behind_an_allowance_is_its_own() -> None:
    found = with_header("ALC+C+Freight'", "MOA+23:4.00'", "TAX+7+VAT+++:::7+S'", "ALC+A'", "MOA+204:1.00'")
    assert [(a.reason, a.tax_category, a.tax_rate) for a in found.allowances] == [
        ("Freight", "S", D(7)),
        ("", "", None),
    ]


def test_the_code_of_an_allowance_and_of_a_charge_stand_in_different_places() -> None:
    """C552 describes an allowance (element 2), C214 the service that is charged (element 5)."""
    allowed, charged = header_allowances("ALC+A+Bonus:95'", "MOA+204:1.00'", "ALC+C++++FC'", "MOA+23:4.00'")
    assert (allowed.reason, allowed.reason_code) == ("Bonus", "95")
    assert (charged.reason, charged.reason_code) == ("", "FC")


# --- allowances of a line -----------------------------------------------------------------------------------


def line_allowances(*segments: str, net: str = "100.00", price: str = "AAB:10.00") -> list[tuple[bool, str]]:
    changes = (f"MOA+203:{net}'", f"PRI+{price}'")
    kept = tuple(
        changes[0] if s.startswith("MOA+203") else changes[1] if s.startswith("PRI") else s for s in INVOICE
    )
    place = kept.index("UNS+S'")
    [line] = read((*kept[:place], *segments, *kept[place:])).lines
    return [(a.charge, f"{a.amount:.2f}") for a in line.allowances]


OFF = ("ALC+A'", "MOA+204:20.00'")


@pytest.mark.parametrize(
    ("price", "net", "found"),
    [
        ("AAB:10.00", "80.00", [(False, "20.00")]),
        ("AAB:10.00", "100.00", [(False, "20.00")]),
        ("AAA:10.00", "100.00", []),
        ("AAA:10.00", "100.02", []),
        ("AAA:10.00", "80.00", [(False, "20.00")]),
        ("AAA:10.00", "80.02", [(False, "20.00")]),
        ("AAA:10.00", "80.03", []),
        ("AAA:10.00", "79.97", []),
        ("INV:10.00", "100.00", []),
        ("INV:10.00", "99.98", []),
        ("INV:10.00", "80.00", [(False, "20.00")]),
        ("INV:10.00", "90.00", [(False, "20.00")]),
        ("CAL:10.00", "100.02", []),
        ("CAL:10.00", "100.03", [(False, "20.00")]),
    ],
)
def test_allowances_of_a_line_count_where_they_make_its_amount(
    price: str, net: str, found: list[tuple[bool, str]]
) -> None:
    """A net price has them in it, a gross one has not, and of the others the amount tells, to two cents."""
    assert line_allowances(*OFF, net=net, price=price) == found


@pytest.mark.parametrize("price", ["AAA:10.00", "AAA:x"])
def test_beside_a_net_price_without_an_amount_of_the_line_they_are_information(price: str) -> None:
    assert line_allowances(*OFF, net="x", price=price) == []


def test_beside_a_gross_price_they_count_without_an_amount_of_the_line_too() -> None:
    assert line_allowances(*OFF, net="x") == [(False, "20.00")]


@pytest.mark.parametrize(
    ("segments", "net", "found"),
    [
        (("ALC+A'", "PCD+1:20'"), "80.00", [(False, "20.00")]),
        (("ALC+C'", "PCD+2:5'"), "105.00", [(True, "5.00")]),
        (("ALC+A'", "PCD+3:0.125'"), "99.87", [(False, "0.13")]),
        (("ALC+A'", "PCD+1:20'", "MOA+204:19.99'"), "80.01", [(False, "19.99")]),
        (("ALC+A'", "PCD+9:20'"), "100.00", []),
    ],
)
def test_a_share_of_a_line_is_worked_out_to_the_cent_where_no_amount_is_stated(
    segments: tuple[str, ...], net: str, found: list[tuple[bool, str]]
) -> None:
    assert line_allowances(*segments, net=net) == found


def test_a_share_of_a_price_that_cannot_be_read_is_named() -> None:
    kept = tuple("PRI+AAB:x'" if s.startswith("PRI") else s for s in INVOICE)
    place = kept.index("UNS+S'")
    found = read((*kept[:place], "ALC+A'", "PCD+1:20'", *kept[place:]))
    assert found.lines[0].allowances == ()
    assert [(p.field, p.reason) for p in found.unreadable if "allowances" in p.field] == [
        ("lines/1/allowances/1/amount", "an allowance or charge without an amount")
    ]


def test_a_discount_within_the_price_changes_no_amount() -> None:
    assert line_allowances("ALC+A'", "MOA+509:2.00'") == []
    assert line_allowances("ALC+A'", "MOA+509:2.00'", "MOA+204:20.00'", net="80.00") == [(False, "20.00")]


# --- tax of a line ------------------------------------------------------------------------------------------


def test_a_line_without_a_tax_has_the_only_one_of_the_header() -> None:
    bare = tuple(
        s for n, s in enumerate(INVOICE) if not (s.startswith("TAX") and n < INVOICE.index("UNS+S'"))
    )
    place = bare.index("LIN+1++4000862141404:SRV'")

    def rates(*header: str) -> list[Decimal | None]:
        return [x.tax_rate for x in read((*bare[:place], *header, *bare[place:])).lines]

    assert rates("TAX+7+VAT+++:::7+S'") == [D(7)]
    assert rates("TAX+7+VAT+++:::7+S'", "TAX+7+VAT+++:::19+S'") == [None]
    assert rates() == [None]


# --- prices -------------------------------------------------------------------------------------------------


def priced(*segments: str) -> tuple[Decimal | None, Decimal]:
    kept = without(INVOICE, "PRI")
    place = kept.index("RFF+ON:PO-1:10'")
    [line] = read((*kept[:place], *segments, *kept[place:])).lines
    return line.price, line.base_quantity


@pytest.mark.parametrize(
    ("segments", "price", "base"),
    [
        (("PRI+AAB:12.00'", "PRI+AAA:10.00'"), "10.00", "1"),
        (("PRI+AAB:12.00'", "PRI+CAL:11.00'"), "11.00", "1"),
        (("PRI+CAL:11.00'", "PRI+INV:10.50'"), "10.50", "1"),
        (("PRI+AAA:1000:::100:C62'",), "1000", "100"),
        (("PRI+AAA:10:::0.5'",), "10", "0.5"),
        (("PRI+XXX:10'",), None, "1"),
        ((), None, "1"),
    ],
)
def test_the_price_to_calculate_with_is_the_net_one_before_all_others(
    segments: tuple[str, ...], price: str | None, base: str
) -> None:
    assert priced(*segments) == (None if price is None else D(price), D(base))


@pytest.mark.parametrize("base", ["0", "-1", "x"])
def test_a_price_for_no_quantity_is_none(base: str) -> None:
    kept = replaced(INVOICE, f"PRI+AAA:10.00:::{base}:C62'")
    found = read(kept)
    assert (found.lines[0].price, found.lines[0].base_quantity) == (None, 1)
    assert [p.field for p in found.unreadable] == ["lines/1/base_quantity"]


# --- what holds of every invoice ----------------------------------------------------------------------------

CENTS = st.decimals("0.01", "99999", places=2)


@given(st.decimals("1.01", "99999", places=2), CENTS, st.decimals("-1", "1", places=2))
def test_a_gross_that_is_left_out_is_what_is_asked_for_in_any_amounts(
    payable: Decimal, prepaid: Decimal, rounding: Decimal
) -> None:
    kept = without(INVOICE, "MOA+77", "MOA+9:")
    place = kept.index("CNT+2:1'") + 1
    stated = (f"MOA+9:{payable}'", f"MOA+113:{prepaid}'", f"MOA+165:{rounding}'")
    found = read((*kept[:place], *stated, *kept[place:]))
    assert (found.payable, found.prepaid, found.rounding) == (payable, prepaid, rounding)
    assert found.gross == payable + prepaid - rounding
