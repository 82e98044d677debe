"""When two documents are one invoice, and when two numbers look alike."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import (
    Account,
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    Origin,
    Party,
    Problem,
    TaxSubtotal,
)
from coordination.translation.identity import (
    canonical_digest,
    normalised_number,
    restates,
    similar_numbers,
    skeleton,
)

from .conftest import Read, only
from .make import LINE, TOTALS, invoice, invoice_xml

SEVEN = ("Example", "Example-NS1", "Example-NS2", "Example-NS3", "Example-NS4", "Detached", "Enveloped")

NUMBERS = st.text(alphabet="0123456789OILSABo-/ ", min_size=1, max_size=12)


def made() -> Invoice:
    return invoice(invoice_xml(lines=LINE + LINE.replace(">10<", ">11<")))


def digest_of(**changes: object) -> str:
    return canonical_digest(replace(made(), **changes))  # type: ignore[arg-type]


@pytest.mark.golden
def test_seven_serialisations_are_one_invoice(read: Read) -> None:
    found = [only(read(f"oasis-ubl-2.3/UBL-Invoice-2.0-{name}.xml"), Invoice) for name in SEVEN]
    assert {(one.number, one.order_numbers, one.gross) for one in found} == {
        ("A00095678", ("AEG012345",), Decimal("107.50"))
    }
    assert len({canonical_digest(one) for one in found}) == 1


@pytest.mark.golden
def test_invoices_that_share_number_and_vat_id_still_differ(read: Read) -> None:
    paths = [
        "BASPRO_01/BASPRO_01_01_00_Invoice_v2p2.xml",
        "ADVORD_01/ADVORD_01_01_00_Invoice_v2p2.xml",
        "ADVORD_02/ADVORD_02_02_00_Invoice_v2p2.xml",
    ]
    digests = {canonical_digest(only(read(f"oioubl-dk/{path}"), Invoice)) for path in paths}
    assert len(digests) == len(paths)


def test_the_way_numbers_are_written_does_not_matter() -> None:
    content = invoice_xml()
    other = (
        content.replace(b">119.00<", b">119<").replace(b">10<", b">+10.000<").replace(b">19.00<", b">019.0<")
    )
    assert content != other
    assert canonical_digest(invoice(content)) == canonical_digest(invoice(other))


def test_absent_and_zero_are_the_same() -> None:
    zeros = (
        "<cbc:PrepaidAmount>0.00</cbc:PrepaidAmount><cbc:PayableRoundingAmount>0</cbc:PayableRoundingAmount>"
        "<cbc:PayableAmount"
    )
    nothing = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>0</cbc:Amount>"
    )
    other = invoice_xml(
        totals=TOTALS.replace("<cbc:PayableAmount", zeros),
        middle=nothing + "</cac:AllowanceCharge>",
        lines=LINE.replace(
            "</cbc:PriceAmount>", "</cbc:PriceAmount><cbc:BaseQuantity>1.0</cbc:BaseQuantity>"
        ),
    )
    assert canonical_digest(invoice(other)) == canonical_digest(invoice(invoice_xml()))


def test_no_tax_and_a_tax_of_zero_are_the_same() -> None:
    assert digest_of(tax=None) == digest_of(tax=Decimal(0)) == digest_of(tax=Decimal("-0.00"))


def test_fillers_and_white_space_do_not_matter() -> None:
    filler = "<cac:OrderReference><cbc:ID>Dummywert</cbc:ID></cac:OrderReference>"
    none = invoice(invoice_xml(references=""))
    assert canonical_digest(invoice(invoice_xml(references=filler))) == canonical_digest(none)
    spaced = invoice(invoice_xml(number="<cbc:ID>\n  INV-1 </cbc:ID>"))
    assert canonical_digest(spaced) == canonical_digest(invoice(invoice_xml()))


def test_an_order_on_the_header_or_on_each_line_is_the_same() -> None:
    on_line = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    other = invoice_xml(references="", lines=LINE.replace("</cac:OrderLineReference>", on_line))
    assert canonical_digest(invoice(other)) == canonical_digest(invoice(invoice_xml()))


@given(st.randoms())
def test_the_order_of_lines_subtotals_and_accounts_does_not_matter(chance: random.Random) -> None:
    lines = [InvoiceLine(n, str(n), quantity=Decimal(n), net=Decimal(n)) for n in range(1, 6)]
    taxes = [TaxSubtotal("S", Decimal(rate), Decimal(100), Decimal(rate)) for rate in (7, 19)]
    accounts = [Account("DE1"), Account("DE2"), Account("DE3")]

    def build() -> str:
        first, *others = accounts
        document = Invoice("1", lines=tuple(lines), taxes=tuple(taxes), account=first)
        return canonical_digest(replace(document, other_accounts=tuple(others)))

    before = build()
    for found in (lines, taxes, accounts):
        chance.shuffle(found)
    assert build() == before


def test_the_seller_is_the_vat_id_however_it_is_written() -> None:
    one = digest_of(seller=Party(name="A", vat_id="DE 136 695 976"))
    assert one == digest_of(seller=Party(name="B", vat_id="de136695976"))
    assert one != digest_of(seller=Party(name="A", vat_id="DE152338654"))


def test_without_a_vat_id_the_vendor_id_or_the_name_is_the_seller() -> None:
    assert digest_of(seller=Party(name="Nails  AG")) == digest_of(seller=Party(name="NAILS ag"))
    assert digest_of(seller=Party(name="Nails AG")) != digest_of(seller=Party(name="Bolts AG"))
    assert digest_of(seller=Party(), vendor_id="V-1") != digest_of(seller=Party(), vendor_id="V-2")


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "please approve"},
        {"payment_terms": "now"},
        {"provenance": {}},
        {"texts": (Origin("/x", "y"),)},
        {"buyer": Party(name="Somebody else")},
        {"type_code": "SalesInvoice"},
        {"type_code": ""},
        {"preceding": ("INV-0",)},
        {"lines_net": None},
        {"payable": None},
    ],
)
def test_what_is_no_claim_does_not_matter(changes: dict[str, object]) -> None:
    plain = replace(made(), lines_net=Decimal(200))
    other = replace(plain, **changes)  # type: ignore[arg-type]
    assert canonical_digest(other) == canonical_digest(plain)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "INV-2"},
        {"type": "credit_note"},
        {"type_code": "384"},
        {"issue_date": None},
        {"due_date": None, "issue_date": None},
        {"currency": "USD"},
        {"account": Account("DE89370400440532013000")},
        {"other_accounts": (Account("X"),)},
        {"order_numbers": ("PO-2",)},
        {"net": Decimal("100.01")},
        {"tax": Decimal("19.01")},
        {"gross": None},
        {"gross": Decimal("119.01")},
        {"prepaid": Decimal(1)},
        {"rounding": Decimal("0.01")},
        {"payable": Decimal("118.99")},
        {"taxes": ()},
        {"lines": ()},
        {"allowances": (AllowanceCharge(True, Decimal(1)),)},
        {"unreadable": (Problem("net", "/x", "1,00", "no"),)},
    ],
)
def test_what_is_another_claim_is_another_invoice(changes: dict[str, object]) -> None:
    assert digest_of(**changes) != canonical_digest(made())


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": Decimal(12)},
        {"unit": "KGM"},
        {"price": Decimal("10.01")},
        {"base_quantity": Decimal(2)},
        {"net": None},
        {"tax_rate": Decimal(7)},
        {"item": "N-2"},
        {"order_line": "2"},
        {"allowances": (AllowanceCharge(False, Decimal(1)),)},
    ],
)
def test_so_is_another_line(changes: dict[str, object]) -> None:
    first, second = made().lines
    changed = replace(first, **changes)  # type: ignore[arg-type]
    assert digest_of(lines=(changed, second)) != canonical_digest(made())


def test_the_same_line_twice_is_not_the_same_line_once() -> None:
    line = made().lines[0]
    assert digest_of(lines=(line,)) != digest_of(lines=(line, line))


def test_a_credit_of_another_invoice_is_another_credit() -> None:
    one = digest_of(type="credit_note", preceding=("INV-1",))
    assert one != digest_of(type="credit_note", preceding=("INV-2",))


def test_two_documents_with_different_garbage_are_not_the_same() -> None:
    bad = [invoice(invoice_xml().replace(b">119.00<", text)) for text in (b">eleven<", b">twelve<")]
    assert bad[0].gross is bad[1].gross is None
    assert canonical_digest(bad[0]) != canonical_digest(bad[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INV-2026/001", "INV2026001"),
        (" a b ", "AB"),
        ("175 269 2355", "1752692355"),
        ("--", ""),
        ("é1", "É1"),
    ],
)
def test_normalised_number(text: str, expected: str) -> None:
    assert normalised_number(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A000956O7", "A00095607"),
        ("INV-5", "1NV5"),
        ("lOS", "105"),
        ("000123", "123"),
        ("O0I", "1"),
        ("000", ""),
    ],
)
def test_skeleton(text: str, expected: str) -> None:
    assert skeleton(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A000956O7", "A00095607"),
        ("INV-1001", "inv 1001"),
        ("INV-IOO1", "1NV-L00I"),
        ("RE-S7", "RE-57"),
        ("000123", "123"),
        ("INV-1001", "INV-1002"),
        ("INV-1001", "INV-101"),
        ("INV-1001", "INV-1001-A"),
        ("INV-1001", "INV-1001-R1"),
        ("1001", "RE1001"),
        ("INV-1001", "INV-1010"),
        ("7801", "7810"),
        ("FÄ-12", "ÄF-12"),
        ("RE-78-01", "RE-7 80 1"),
    ],
)
def test_similar_numbers(one: str, other: str) -> None:
    assert similar_numbers(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A00095607", "A00095678"),
        ("INV-1001", "INV-0110"),
        ("7801", "1807"),
        ("INV-1001", "INV-1001-ABC"),
        ("INV-1001", "INV-2002"),
        ("1001", "INV-1001"),
        ("", "1"),
        ("--", "//"),
    ],
)
def test_numbers_that_are_not_similar(one: str, other: str) -> None:
    assert not similar_numbers(one, other)


@given(NUMBERS, NUMBERS)
def test_similarity_has_no_direction(one: str, other: str) -> None:
    assert similar_numbers(one, other) == similar_numbers(other, one)


@given(NUMBERS)
def test_a_number_resembles_itself_however_it_is_written(text: str) -> None:
    spelled = f" {text.lower()}- "
    assert similar_numbers(text, spelled) == bool(normalised_number(text))


@given(NUMBERS)
def test_skeletons_are_stable(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
    assert normalised_number(normalised_number(text)) == normalised_number(text)


@given(st.text(alphabet="ABC123", min_size=1, max_size=8), st.integers(0, 8), st.sampled_from("XYZ"))
def test_one_inserted_character_is_similar(text: str, at: int, char: str) -> None:
    assert similar_numbers(text, text[:at] + char + text[at:])


@given(st.text(alphabet="ABC123", min_size=2, max_size=8), st.integers(0, 6))
def test_two_neighbours_exchanged_are_similar(text: str, at: int) -> None:
    assert similar_numbers(text, text[:at] + text[at : at + 2][::-1] + text[at + 2 :])


# --- a table and another document of one claim --------------------------------------------------------------


def as_table(document: Invoice) -> Invoice:
    """What canonical CSV can say of it: our number of the vendor, unit prices, one tax."""
    lines = tuple(
        replace(x, price=x.price and x.price / x.base_quantity, base_quantity=Decimal(1), tax_category="")
        for x in document.lines
    )
    seller = Party()
    return replace(
        document, seller=seller, vendor_id="V-1", lines=lines, taxes=(), lines_net=None, due_date=None
    )


def test_a_table_restates_an_invoice_that_says_more() -> None:
    said = made()
    lines = tuple(replace(x, price=Decimal(1000), base_quantity=Decimal(100)) for x in said.lines)
    for document in (said, replace(said, lines=lines)):
        assert restates(document, as_table(document))
        assert restates(as_table(document), document)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "INV-9"},
        {"type": "credit_note"},
        {"type_code": "384"},
        {"issue_date": None},
        {"currency": "USD"},
        {"account": Account("DE75512108001245126199")},
        {"other_accounts": (Account("DE75512108001245126199"),)},
        {"order_numbers": ("PO-9",)},
        {"net": Decimal("100.01")},
        {"gross": Decimal("119.01")},
        {"prepaid": Decimal(1)},
        {"rounding": Decimal("0.01")},
        {"payee": Party(name="Factor AG")},
        {"allowances": (AllowanceCharge(True, Decimal(1)),)},
        {"lines": ()},
    ],
)
def test_a_table_does_not_restate_what_it_differs_from_or_has_no_words_for(
    changes: dict[str, object],
) -> None:
    assert not restates(replace(made(), **changes), as_table(made()))  # type: ignore[arg-type]
