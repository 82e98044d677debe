"""Golden case 18: EDIFACT documents that nobody here wrote, from intake to the lane they belong in; and JSON
twins."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from coordination.models import Document, Invoice, OrderLine, Quarantine, ReceiptLine
from coordination.services.intake import Report
from tests import cast
from tests.cast import standing, table, vendor

pytestmark = [pytest.mark.django_db, pytest.mark.golden]

EDIFACT = "en16931-cef/edifact/examples/EDIFACT_EXAMPLE{}.txt"
CII = "en16931-cef/cii/examples/CII_example{}.xml"

KOKSMAAT = vendor(name="De Koksmaat", vat_id="NL8200.98.395.B.01", iban="NL57RABO0107307510", country="NL")
ENEXIS = vendor(name="Enexis B.V.", vat_id="NL809561074B01", iban="NL28RBOS0420242228", country="NL")
CONSORTIAL = vendor(name="Consortial", vat_id="175 269 2355", iban="12345678", country="GB", currency="GBP")


def take(data: Path, *names: str) -> Report:
    report = cast.intake([(name, (data / name).read_bytes()) for name in names], actor="system:intake")
    cast.drain()
    cast.assert_sound()
    return report


@pytest.mark.parametrize("n", ["1", "3", "4"])
@pytest.mark.parametrize("edifact_first", [True, False])
def test_edifact_and_cii_of_one_invoice_are_one_invoice(
    shared_data: Path, n: str, edifact_first: bool
) -> None:
    names = [EDIFACT.format(n), CII.format(n)]
    told = take(shared_data, *(names if edifact_first else names[::-1])).as_json()
    assert (told["documents"], told["accepted"], told["duplicates"]) == (2, 1, 1)
    assert Invoice.objects.count() == 1


def test_an_edifact_invoice_is_held_for_what_is_wrong_with_it(shared_data: Path) -> None:
    """Line 20 bills 6 at 18.33 and says -109.98; there is no order."""
    cast.take_in(table("vendors", KOKSMAAT))
    take(shared_data, EDIFACT.format(1))
    state, lane, holds = standing("12115118")
    assert (lane, "no_po" in holds, "totals_unbalanced" in holds) == ("escalated", True, True)
    assert Invoice.objects.get().vendor is not None
    assert state != "cleared"


def test_prices_for_twelve_months_and_words_in_latin_1_raise_no_hold(shared_data: Path) -> None:
    cast.take_in(table("vendors", ENEXIS))
    take(shared_data, EDIFACT.format(8))
    assert standing("1100512149")[2] == ["no_po"]
    assert Document.objects.get(kind="invoice").source_format == "edifact-d14b"


def test_an_order_and_a_receipt_in_edifact_are_an_order_and_a_receipt(shared_data: Path) -> None:
    take(shared_data, "smooks-edifact/ORDERS_D.03B_Interchange.edi", "smooks-edifact/recadv.edi")
    assert list(OrderLine.objects.filter(order__number="BKOD99").values_list("line", "quantity")) == [
        ("1", 25),
        ("2", 25),
        ("3", 16),
        ("4", 10),
    ]
    assert ReceiptLine.objects.get().quantity == Decimal(200)


def test_an_order_that_belies_its_count_makes_no_order(shared_data: Path) -> None:
    told = take(shared_data, "smooks-edifact/BAD_ORDERS_D.03B_Interchange.edi").as_json()
    [refused] = told["quarantined"]
    assert (refused["code"], refused["line"]) == ("malformed", 58)
    assert not OrderLine.objects.exists()


def test_an_edifact_file_twice_is_unchanged(shared_data: Path) -> None:
    take(shared_data, EDIFACT.format(4))
    assert take(shared_data, EDIFACT.format(4)).as_json()["unchanged"] == 1


def test_the_json_twins_are_the_invoice_that_the_xml_says(shared_data: Path) -> None:
    cast.take_in(table("vendors", CONSORTIAL))
    names = [
        f"oasis-ubl-2.3-json/{flavour}/UBL-Invoice-2.0-Example.json"
        for flavour in ("json-legacy", "json-model")
    ]
    told = take(shared_data, "oasis-ubl-2.3/UBL-Invoice-2.0-Example.xml", *names).as_json()
    assert (told["accepted"], told["duplicates"]) == (1, 2)
    assert not Quarantine.objects.exists()
