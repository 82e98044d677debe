"""XRechnung, CEN examples and Peppol BIS 3, read as their documents say (golden cases 11 to 14, 17)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.translation.canonical import Answer, Invoice, Order, Receipt
from coordination.translation.identity import canonical_digest

from .conftest import Read, only

pytestmark = pytest.mark.golden

XRECHNUNG = "xrechnung-testsuite/business-cases/standard"
CEN = "en16931-cef/test/testfiles/BIS_Billing_30"
PEPPOL = "peppol-bundle-2026.5"


@pytest.mark.parametrize(
    ("case", "net", "tax", "gross"),
    [
        ("01.01a", "314.86", "22.04", "336.90"),
        ("01.06a", "18236.72", "3464.98", "21701.70"),
        ("01.14a", "10781.25", "2048.44", "12829.69"),
        ("02.06a", "10.95", "2.08", "13.03"),
    ],
)
def test_xrechnung_totals(read: Read, case: str, net: str, tax: str, gross: str) -> None:
    invoice = only(read(f"{XRECHNUNG}/{case}-INVOICE_ubl.xml"), Invoice)
    assert (invoice.currency, invoice.net, invoice.tax, invoice.gross) == (
        "EUR",
        Decimal(net),
        Decimal(tax),
        Decimal(gross),
    )
    assert invoice.taxes


def test_a_line_may_have_a_negative_quantity(read: Read) -> None:
    invoice = only(read(f"{XRECHNUNG}/02.06a-INVOICE_ubl.xml"), Invoice)
    assert Decimal(-19) in [line.quantity for line in invoice.lines]
    assert invoice.type == "invoice"


@pytest.mark.parametrize("case", ["01.02a", "01.08a", "01.09a", "01.10a", "01.11a", "01.12a", "01.13a"])
def test_dummywert_is_no_order(read: Read, case: str) -> None:
    invoice = only(read(f"{XRECHNUNG}/{case}-INVOICE_ubl.xml"), Invoice)
    assert invoice.order_numbers == ()
    assert not any(name.startswith("order_numbers") for name in invoice.provenance)


@pytest.mark.parametrize(
    ("case", "gross", "prepaid", "payable"),
    [
        ("02.03a", "12829.69", "12829.69", "0"),
        ("03.04a", "41836.62", "39839.00", "1997.62"),
        ("03.01a", "804.86", "1030.00", "-225.14"),
    ],
)
def test_a_prepaid_invoice_stays_an_invoice(
    read: Read, case: str, gross: str, prepaid: str, payable: str
) -> None:
    invoice = only(read(f"{XRECHNUNG}/{case}-INVOICE_ubl.xml"), Invoice)
    assert invoice.type == "invoice"
    assert (invoice.gross, invoice.prepaid, invoice.payable) == (
        Decimal(gross),
        Decimal(prepaid),
        Decimal(payable),
    )


def test_a_rounding_amount_is_part_of_the_identity(read: Read) -> None:
    plain = only(read(f"{XRECHNUNG}/01.01a-INVOICE_ubl.xml"), Invoice)
    rounded = only(read(f"{XRECHNUNG}/01.17a-INVOICE_ubl.xml"), Invoice)
    assert plain.number == rounded.number == "123456XX"
    assert (rounded.rounding, rounded.payable) == (Decimal("0.01"), Decimal("336.91"))
    assert canonical_digest(plain) != canonical_digest(rounded)


def test_the_account_is_part_of_the_identity(read: Read) -> None:
    with_account = only(read(f"{XRECHNUNG}/01.05a-INVOICE_ubl.xml"), Invoice)
    without = only(read(f"{XRECHNUNG}/01.19a-INVOICE_ubl.xml"), Invoice)
    assert with_account.number == without.number == "PRG1502112"
    assert without.account.number == ""
    assert canonical_digest(with_account) != canonical_digest(without)


def test_a_second_account_is_not_overlooked(read: Read) -> None:
    invoice = only(read(f"{XRECHNUNG}/01.05a-INVOICE_ubl.xml"), Invoice)
    assert invoice.account.number == "DE79000000001234567890"
    assert [account.number for account in invoice.other_accounts] == ["DE16000000002345678901"]


def test_a_corrected_invoice_keeps_its_type_and_its_preceding_one(read: Read) -> None:
    invoice = only(read(f"{XRECHNUNG}/01.18a-INVOICE_ubl.xml"), Invoice)
    assert (invoice.type, invoice.type_code, invoice.preceding) == ("invoice", "384", ("PRG1502168",))


def test_the_vat_id_is_told_from_the_tax_number_by_its_scheme(read: Read) -> None:
    seller = only(read(f"{XRECHNUNG}/01.21a-INVOICE_ubl.xml"), Invoice).seller
    assert (seller.vat_id, seller.tax_number) == ("DE 123456789", "04523149435")


def test_a_second_tax_total_in_another_currency_is_no_second_tax(read: Read) -> None:
    invoice = only(read(f"{CEN}-Valutor_i_faktura.xml"), Invoice)
    assert (invoice.currency, invoice.net, invoice.tax) == ("USD", Decimal(92000), Decimal(23000))
    assert len(invoice.taxes) == 1
    dkk = only(read("en16931-cef/ubl/examples/ubl-tc434-example5.xml"), Invoice)
    assert (dkk.currency, dkk.tax) == ("DKK", Decimal("675.00"))


def test_an_invoice_of_negative_amounts_is_the_credit_note_it_could_have_been(read: Read) -> None:
    negative = only(read(f"{CEN}-Kreditering_med_negativ_faktura.xml"), Invoice)
    note = only(read(f"{CEN}-Kreditering_med_kreditnota.xml"), Invoice)
    assert negative.type == note.type == "credit_note"
    assert negative.preceding == note.preceding == ("2018133",)
    for field in ("lines_net", "net", "tax", "gross", "prepaid", "rounding", "payable", "taxes"):
        assert getattr(negative, field) == getattr(note, field), field
    assert [(line.quantity, line.price, line.net) for line in negative.lines] == [
        (line.quantity, line.price, line.net) for line in note.lines
    ]


def test_its_allowances_stay_allowances(read: Read) -> None:
    negative = only(read(f"{CEN}-Kreditering_med_negativ_faktura.xml"), Invoice)
    assert [(one.charge, one.amount) for one in negative.allowances] == [
        (False, Decimal(1912)),
        (True, Decimal(1020)),
    ]
    assert [(one.charge, one.amount) for one in negative.lines[0].allowances] == [
        (False, Decimal(300)),
        (True, Decimal(500)),
    ]


def test_the_original_of_that_credit(read: Read) -> None:
    invoice = only(read(f"{CEN}-Kreditering_urspr_faktura.xml"), Invoice)
    assert (invoice.number, invoice.gross, invoice.payable) == ("2018133", Decimal(10835), Decimal(10000))
    assert (invoice.prepaid, invoice.rounding) == (Decimal("834.90"), Decimal("-0.10"))
    assert [(line.quantity, line.price, line.base_quantity) for line in invoice.lines] == [
        (Decimal(2000), Decimal(10), Decimal(2)),
        (Decimal(-800), Decimal(4), Decimal(5)),
    ]


def test_a_factor_is_the_payee_and_not_the_seller(read: Read) -> None:
    invoice = only(read(f"{CEN}-Factoring.xml"), Invoice)
    assert (invoice.seller.legal_name, invoice.gross) == ("QVK Montage AB", Decimal(115000))
    assert invoice.payee.name
    assert invoice.payee.name not in {invoice.seller.name, invoice.seller.legal_name}


def test_advance_and_settlement_share_a_number(read: Read) -> None:
    advance = only(read(f"{CEN}-Forskott_ej_moms.xml"), Invoice)
    final = only(read(f"{CEN}-Forskott_slutreglering.xml"), Invoice)
    assert advance.number == final.number == "20180112"
    assert (final.gross, final.prepaid, final.payable) == (Decimal(475000), Decimal(400000), Decimal(75000))
    assert canonical_digest(advance) != canonical_digest(final)


def test_a_price_per_twelve_months_keeps_its_base_quantity(read: Read) -> None:
    lines = only(read("en16931-cef/ubl/examples/ubl-tc434-example8.xml"), Invoice).lines
    yearly = [line for line in lines if line.base_quantity == 12]
    assert yearly
    assert all(line.price is not None for line in yearly)


def test_a_negative_peppol_invoice_is_a_credit_and_na_is_no_order(read: Read) -> None:
    credit = only(read(f"{PEPPOL}/billing/base-negative-inv-correction.xml"), Invoice)
    assert (credit.type, credit.type_code, credit.preceding) == ("credit_note", "380", ("Snippet1",))
    assert credit.gross == Decimal("1656.25")
    assert only(read(f"{PEPPOL}/billing/sales-order-example.xml"), Invoice).order_numbers == ()


@pytest.mark.parametrize(
    ("name", "code"), [("SB-base-example", "389"), ("SB-base-creditnote-correction", "261")]
)
def test_self_billed_invoices_keep_their_type(read: Read, name: str, code: str) -> None:
    assert only(read(f"{PEPPOL}/{name}.xml"), Invoice).type_code == code


def test_peppol_order_change_and_cancellation(read: Read) -> None:
    change = only(read(f"{PEPPOL}/OrderChange_Example.xml"), Order)
    assert (change.number, change.message, change.gross) == ("Order-1", "change", Decimal(600))
    assert [(line.quantity, line.price, line.status) for line in change.lines] == [
        (Decimal(5), Decimal(40), "changed"),
        (Decimal(50), Decimal(6), "changed"),
    ]
    cancelled = only(read(f"{PEPPOL}/OrderCancellation_Example.xml"), Order)
    assert (cancelled.number, cancelled.message) == ("Order-1", "cancellation")


def test_peppol_response_codes(read: Read) -> None:
    offer = only(read(f"{PEPPOL}/Order-response_use_cases/UC4_Order_response.xml"), Order)
    line = offer.lines[0]
    assert (offer.message, line.quantity, line.price, line.base_quantity) == (
        "response",
        Decimal(500),
        Decimal("0.9"),
        Decimal(10),
    )
    refused = only(read(f"{PEPPOL}/Order-response_use_cases/UC3_Order_response.xml"), Order)
    assert (refused.message, refused.number, refused.note) == ("rejection", "5", "No available translators")


def test_one_order_line_in_two_despatch_lines(read: Read) -> None:
    despatch = only(read(f"{PEPPOL}/Despatch_Advice_use_cases/DespatchAdvice-BIS3_UseCase5.xml"), Receipt)
    third = [line.quantity for line in despatch.lines if line.order_line == "3"]
    assert third == [Decimal("3.0"), Decimal("0.975")]


def test_an_invoice_response_gives_status_and_reasons(read: Read) -> None:
    answer = only(read(f"{PEPPOL}/Invoice_reponse_use_cases/T111-uc006b-Missing_PO.xml"), Answer)
    assert answer.response_code == "UQ"
    assert "REF" in answer.reasons
    assert "PIN" in answer.reasons


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("oasis-ubl-2.3/UBL-Invoice-2.0-Example.xml", "ubl-2.0"),
        ("oasis-ubl-2.3/UBL-Invoice-2.1-Example.xml", "ubl-2.1"),
        (f"{PEPPOL}/billing/base-example.xml", "ubl-2.1"),
        ("oioubl-dk/BASPRO_01/BASPRO_01_01_00_Order_v2p2.xml", "ubl-2.0"),
    ],
)
def test_source_format(read: Read, path: str, expected: str) -> None:
    assert read(path).source_format == expected
