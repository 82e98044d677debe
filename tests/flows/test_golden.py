"""Golden cases 1 to 9: documents that nobody here wrote, from intake to the lane they belong in.

Each case has a database of its own. The vendor list holds the seller's VAT id and the account printed on the
invoice; "with receipts" means goods receipts equal to the order.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coordination.models import Document, Hold, Invoice, Order, OrderLine, Payment, ReceiptLine
from coordination.services.intake import Report
from coordination.workers import runner
from tests import cast
from tests.cast import Row, standing, table, vendor

pytestmark = [pytest.mark.django_db, pytest.mark.golden]

CONSORTIAL = vendor(name="Consortial", vat_id="175 269 2355", iban="12345678", country="GB", currency="GBP")
BASIC = vendor(
    name="Tavleverandøren", vat_id="DK16356706", iban="12341234567890", country="DK", currency="DKK"
)
ADVANCED = vendor(
    name="Tavleverandøren", vat_id="DK16356706", iban="95440005704966", country="DK", currency="DKK"
)
NUMBER = "A00095678"


class Case:
    """One folder of documents and what was taken in of it."""

    def __init__(self, folder: Path, seller: Row) -> None:
        self.folder = folder
        self.seller = seller

    def read(self, name: str) -> bytes:
        [path] = self.folder.glob(f"*{name}*.xml") if not name.endswith(".xml") else [self.folder / name]
        return path.read_bytes()

    def take(self, *names: str, receipts: dict[str, str] | None = None, extra: bytes = b"") -> Report:
        files = [("vendors.csv", table("vendors", self.seller))]
        files += [(name, self.read(name)) for name in names]
        if receipts:
            files.append(("receipts.csv", arrived(receipts)))
        if extra:
            files.append(("extra.xml", extra))
        report = cast.intake(files, actor="system:intake")
        cast.drain()
        cast.assert_sound()
        return report


def arrived(quantities: dict[str, str], order: str = "5002701") -> bytes:
    """Goods receipts of order lines."""
    rows = [
        cast.receipt(
            receipt_number=f"GR-{n}", order_number=order, order_line=n, quantity=q, received_date="2005-11-15"
        )
        for n, q in quantities.items()
    ]
    return table("receipts", *rows)


@pytest.fixture
def oasis(shared_data: Path) -> Case:
    return Case(shared_data / "oasis-ubl-2.3", CONSORTIAL)


@pytest.fixture
def oioubl(shared_data: Path) -> Any:
    return lambda name: Case(shared_data / "oioubl-dk" / name, BASIC if name.startswith("BAS") else ADVANCED)


def held(number: str = NUMBER) -> list[str]:
    return standing(number)[2]


# --- 1. the OASIS trade ----------------------------------------------------------------------------

TRADE = [
    f"UBL-{kind}-2.0-Example.xml"
    for kind in (
        "Order",
        "OrderResponseSimple",
        "DespatchAdvice",
        "ReceiptAdvice",
        "Invoice",
        "RemittanceAdvice",
        "CreditNote",
        "Statement",
    )
]


def test_the_oasis_invoice_is_over_received_by_ten_and_over_taxed(oasis: Case) -> None:
    report = oasis.take(*TRADE)
    assert report.as_json()["accepted"] == 9
    assert standing(NUMBER)[1:] == ("escalated", ["qty_over_received", "tax_mismatch"])
    over = Hold.objects.get(code="qty_over_received").detail
    assert (over["expected"], over["found"], over["excess"], over["money"]) == ("90", "100", "+10", "10.00")
    assert Hold.objects.get(code="tax_mismatch").detail["money"] == "1.75"


def test_the_oasis_credit_is_linked_and_off_by_ten_on_its_face(oasis: Case) -> None:
    oasis.take(*TRADE)
    assert held("CN758494") == ["totals_unbalanced"]
    assert Hold.objects.get(invoice__number="CN758494").detail["money"] == "-10.00"


def test_what_is_held_is_never_paid_whatever_a_remittance_says(oasis: Case) -> None:
    oasis.take(*TRADE)
    assert runner.sweep() == 0
    assert not Payment.objects.exists()
    assert Document.objects.get(kind="remittance").number == "6577884"


def test_an_oasis_order_that_contradicts_itself_raises_no_price_hold(oasis: Case) -> None:
    oasis.take(TRADE[0], TRADE[3], TRADE[4])
    assert "price_over" not in held()
    assert "qty_over_ordered" not in held()
    receipt = ReceiptLine.objects.get()
    assert (receipt.quantity, receipt.order_line) == (Decimal(90), "")


@pytest.mark.parametrize("names", [TRADE[::-1], TRADE[4:] + TRADE[:4]])
def test_the_oasis_trade_comes_to_the_same_in_any_order(oasis: Case, names: list[str]) -> None:
    for name in names:
        oasis.take(name)
    assert standing(NUMBER)[1:] == ("escalated", ["qty_over_received", "tax_mismatch"])
    assert held("CN758494") == ["totals_unbalanced"]


# --- 2. one invoice, seven serialisations ----------------------------------------------------------

SERIALISATIONS = [f"UBL-Invoice-2.0-{kind}.xml" for kind in ("Example", "Detached", "Enveloped")]
SERIALISATIONS += [f"UBL-Invoice-2.0-Example-NS{n}.xml" for n in range(1, 5)]


@pytest.mark.parametrize("turn", range(0, 7, 3))
def test_seven_serialisations_are_one_invoice(oasis: Case, turn: int) -> None:
    names = SERIALISATIONS[turn:] + SERIALISATIONS[:turn]
    cast.take_in(table("vendors", CONSORTIAL))
    files = [(name, oasis.read(name)) for name in names]
    first = cast.intake(files, actor="system:intake").as_json()
    assert (first["documents"], first["accepted"], first["duplicates"]) == (7, 1, 6)
    again = cast.intake(files, actor="system:intake").as_json()
    assert (again["documents"], again["unchanged"]) == (7, 7)
    [row] = Invoice.objects.all()
    assert (row.number, row.order_numbers, row.gross) == (NUMBER, ["AEG012345"], Decimal("107.50"))
    assert Document.objects.filter(subject=row.subject).count() == 7


def test_a_signature_alone_is_no_document(oasis: Case) -> None:
    report = oasis.take("UBL-Invoice-2.0-Detached-Signature.xml")
    assert [q["code"] for q in report.as_json()["quarantined"]] == ["unsupported"]


def test_a_trivial_invoice_is_held_for_what_it_lacks(oasis: Case) -> None:
    oasis.take("UBL-Invoice-2.1-Example-Trivial.xml")
    assert {"missing_data", "no_po"} <= set(held("123"))
    assert standing("123")[1] == "escalated"


# --- 3 and 4. clean, and rejected ------------------------------------------------------------------

BASPRO = ["Order_v2p2", "OrderResponseSimple_v2p2", "01_00_Invoice_v2p2"]


def test_a_clean_trade_waits_for_its_receipts_and_then_clears(oioubl: Any) -> None:
    case = oioubl("BASPRO_01")
    case.take(*BASPRO)
    assert standing(NUMBER)[1:] == ("waiting", ["no_receipt", "no_receipt"])
    case.take(receipts={"1": "1", "2": "2"})
    assert standing(NUMBER) == ("cleared", "auto", [])
    row = cast.invoice(NUMBER)
    assert (row.net, row.tax, row.gross, row.currency) == (
        Decimal(5050),
        Decimal("1262.50"),
        Decimal("6312.50"),
        "DKK",
    )


def test_an_invoice_for_a_rejected_order_is_asked_about(oioubl: Any) -> None:
    invoice = oioubl("BASPRO_01").read("Invoice_v2p2")
    oioubl("BASPRO_02").take(
        "Order_v2p2", "OrderResponseSimple_v2p2", receipts={"1": "1", "2": "2"}, extra=invoice
    )
    assert Order.objects.get().status == "rejected"
    assert standing(NUMBER)[1:] == ("escalated", ["po_closed"])


# --- 5. dispute, credit, corrected invoice ---------------------------------------------------------

FIRST, CREDIT, THIRD = "06_Invoice_v2p2", "CreditNote_v2p2", "Invoice_B_v2p2"
BOTH = {"1": "1", "2": "2"}


@pytest.mark.parametrize("names", list(itertools.permutations([FIRST, CREDIT, THIRD])))
def test_a_credit_frees_what_it_credits_whatever_comes_first(oioubl: Any, names: tuple[str, ...]) -> None:
    case = oioubl("BASPRO_03")
    case.take("Order_v2p2", "OrderResponseSimple_v2p2", "ApplicationResponse_v2p2", receipts=BOTH)
    for name in names:
        case.take(name)
    assert standing("A00095679") == ("cleared", "auto", [])
    assert standing("A00095680") == ("cleared", "auto", [])
    assert standing(NUMBER) == ("cleared", "auto", [])


def test_matching_alone_clears_the_disputed_invoice(oioubl: Any) -> None:
    case = oioubl("BASPRO_03")
    case.take("Order_v2p2", "ApplicationResponse_v2p2", FIRST, receipts=BOTH)
    assert standing(NUMBER) == ("cleared", "auto", [])
    assert Document.objects.filter(kind="answer").count() == 1


def test_a_credit_waits_for_its_invoice_and_links_by_itself(oioubl: Any) -> None:
    case = oioubl("BASPRO_03")
    case.take("Order_v2p2", CREDIT, receipts=BOTH)
    assert standing("A00095679")[1:] == ("escalated", ["credit_unlinked"])
    case.take(FIRST)
    assert standing("A00095679") == ("cleared", "auto", [])


# --- 6. a reminder ---------------------------------------------------------------------------------


def test_a_reminder_with_the_number_of_the_invoice_is_no_second_invoice(oioubl: Any) -> None:
    case = oioubl("BASPRO_04")
    case.take("Order_v2p2", "OrderResponseSimple_v2p2", "Invoice_v2p2", "Reminder_v2p2", receipts=BOTH)
    assert standing(NUMBER) == ("cleared", "auto", [])
    assert Invoice.objects.count() == 1
    assert Document.objects.get(kind="reminder").number == NUMBER


# --- 7. order change -------------------------------------------------------------------------------


def test_an_invoice_without_its_order_is_asked_about(oioubl: Any) -> None:
    oioubl("ADVORD_02").take("Invoice_v2p2")
    assert held("A00095680") == ["po_unknown"]


@pytest.mark.parametrize(
    ("name", "number", "quantity"), [("ADVORD_01", NUMBER, "1"), ("ADVORD_02", "A00095680", "800")]
)
def test_an_invoice_for_the_order_as_changed_clears(
    oioubl: Any, name: str, number: str, quantity: str
) -> None:
    oioubl(name).take("Invoice_v2p2", "OrderChange_v2p2", "OrderResponse_v2p2", receipts={"1": quantity})
    assert OrderLine.objects.get().quantity == Decimal(quantity)
    assert standing(number) == ("cleared", "auto", [])


def test_an_invoice_for_more_than_the_changed_order_is_held_by_the_difference(oioubl: Any) -> None:
    case = oioubl("ADVORD_02")
    thousand = cast.bill(
        invoice_number="RE-1",
        order_number="5002701",
        order_line="1",
        quantity="1000",
        unit_price="5.00",
        tax_rate="25",
        currency="DKK",
        iban="",
        item="",
        description="Tavle",
        unit="EA",
        issue_date="2006-04-30",
    )
    case.take(
        "OrderChange_v2p2", "OrderResponse_v2p2", receipts={"1": "1000"}, extra=table("invoices", thousand)
    )
    assert held("RE-1") == ["qty_over_ordered"]
    assert Hold.objects.get().detail["excess"] == "+200"


def test_billing_less_than_ordered_is_recorded_and_not_held(oioubl: Any) -> None:
    oioubl("ADVORD_02").take("Invoice_v2p2", "OrderResponse_v2p2", receipts={"1": "1000"})
    assert OrderLine.objects.get().quantity == 1000
    assert standing("A00095680") == ("cleared", "auto", [])


# --- 8. bad keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "documents", "number"),
    [
        ("ADVORD_03", ["03_03_00_Order_v2p2", "OrderResponseSimple_v2p2", "Invoice_v2p2"], NUMBER),
        ("ADVORD_04", ["04_04_00_Order_v2p2", "Invoice_v2p2"], "A00095680"),
    ],
)
def test_order_number_and_line_find_the_line_where_dates_and_items_disagree(
    oioubl: Any, name: str, documents: list[str], number: str
) -> None:
    oioubl(name).take(*documents, receipts={"1": "1"})
    assert standing(number) == ("cleared", "auto", [])


def test_an_invoice_without_any_order_is_asked_about(oioubl: Any) -> None:
    oioubl("ADVORD_06").take("Invoice_v2p2", "OrderResponseSimple_v2p2")
    assert standing("A00095680")[1:] == ("escalated", ["po_unknown"])


# --- 9. a cancelled order --------------------------------------------------------------------------

CANCELLED = ["OrderCancellation_v2p2", "OrderResponse_v2p2", "01_Order_v2p2"]


@pytest.mark.parametrize("names", list(itertools.permutations(CANCELLED)))
def test_a_cancelled_order_is_closed_whatever_the_dates_and_the_sequence(
    oioubl: Any, names: tuple[str, ...]
) -> None:
    invoice = oioubl("ADVORD_04").read("Invoice_v2p2")
    oioubl("ADVORD_05").take(*names, receipts={"1": "1"}, extra=invoice)
    assert Order.objects.get().status == "cancelled"
    assert standing("A00095680")[1:] == ("escalated", ["po_closed"])
