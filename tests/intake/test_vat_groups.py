"""Members of a VAT group share one VAT id. They are told apart by what else a document says, whatever came
first; where that leaves several, a person is asked which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.assurance import invariants
from coordination.facts import documents, vendor_directory
from coordination.facts.vendor_directory import Clues, Directory, Listed
from coordination.models import Document, Hold, Invoice, Order
from coordination.translation.canonical import Party
from tests import cast
from tests.cast import IBAN, OTHER_IBAN, bill, order, receipt, standing, table, vendor
from tests.decisions.test_trade_flows import takes
from tests.translation.make import SELLER, invoice_xml

pytestmark = pytest.mark.django_db

BUILDING = "Nordlicht Bautechnik GmbH"
LOGISTICS = "Nordlicht Logistik GmbH"
FIRST = vendor(vendor_id="V-1", name=BUILDING, iban=OTHER_IBAN)
SECOND = vendor(vendor_id="V-2", name=LOGISTICS, iban=IBAN)
ORDERED = {"line": "1", "item": "N-1", "description": "Nails", "quantity": "10", "unit": "C62"}
CAME = receipt(order_line="1", quantity="10", unit="C62", received_date="2026-02-20")


def paid_to(iban: str) -> str:
    return f"<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"


def claim(name: str = LOGISTICS, iban: str = "", number: str = "INV-1", **parts: str) -> bytes:
    """An e-invoice of a member of the group."""
    return invoice_xml(
        seller=SELLER.replace("Nails and More", name),
        middle=paid_to(iban) if iban else "",
        number=f"<cbc:ID>{number}</cbc:ID>",
        **parts,
    )


def ordered(vendor_id: str = "V-2", **changes: Any) -> bytes:
    return table("orders", order(vendor_id=vendor_id, **(ORDERED | changes)))


def owner(number: str = "INV-1") -> str:
    row = Invoice.objects.select_related("vendor").get(number=number)
    return row.vendor.vendor_id if row.vendor else ""


def sentence() -> str:
    return str(Hold.objects.get(code="supplier_unknown", status="open").detail["sentence"])


# --- told apart ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "order_of"),
    [
        (claim(), "V-2"),
        (claim("Nordlicht-Logistik"), ""),
        (claim("Somebody else", IBAN), ""),
        (claim("Somebody else"), "V-2"),
        (claim("NORDLICHT LOGISTIK GMBH", IBAN), "V-2"),
        (claim("Nordlicht Logist"), "V-2"),
    ],
    ids=["name", "spelling", "account", "order", "all", "cut"],
)
def test_any_one_thing_that_points_to_one_member_is_enough(content: bytes, order_of: str) -> None:
    takes(table("vendors", FIRST, SECOND), ordered(order_of or "V-2"), table("receipts", CAME), content)
    cast.drain()
    assert owner() == "V-2"
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_our_number_for_the_member_tells_it() -> None:
    directory = Directory()
    for one in (Listed(UUID(int=1), "70001", "DE1", "A"), Listed(UUID(int=2), "70002", "DE1", "B")):
        directory.listed[one.id] = one
        directory.by_vat["DE1"].add(one.id)
        directory.by_id[one.vendor_id].add(one.id)
    for seller in (
        Party(vat_id="DE1", party_ids=("70002",)),
        Party(vat_id="DE1", company_id="70002"),
        Party(vat_id="DE1", endpoint="0088:70002"),
    ):
        assert directory.find(seller) == UUID(int=2)


def test_nothing_that_points_to_one_of_them_asks_which() -> None:
    takes(table("vendors", FIRST, SECOND), claim("Somebody else", references=""))
    cast.drain()
    assert standing()[1:] == ("escalated", ["no_po", "supplier_unknown"])
    assert (
        sentence()
        == f"V-1 ({BUILDING}) and V-2 ({LOGISTICS}) both carry VAT id DE136695976: which of them is it?"
    )
    assert "it may be of several vendors" in cast.question().question


def test_what_points_both_ways_is_said_and_not_decided() -> None:
    takes(table("vendors", FIRST, SECOND), ordered("V-1"), claim(LOGISTICS, IBAN))
    cast.drain()
    assert owner() == ""
    assert sentence().endswith("What it says points both ways: order V-1, account V-2, name V-2.")


def test_one_account_for_the_whole_group_points_to_nobody() -> None:
    takes(
        table("vendors", dict(FIRST) | {"iban": IBAN}, SECOND),
        ordered(),
        table("receipts", CAME),
        claim(LOGISTICS, IBAN),
    )
    cast.drain()
    assert owner() == "V-2"


def test_the_account_still_has_to_be_that_of_the_member() -> None:
    other = "GB29NWBK60161331926819"
    takes(table("vendors", FIRST, SECOND), ordered(), table("receipts", CAME), claim(LOGISTICS, other))
    cast.drain()
    assert (owner(), standing()[2]) == ("V-2", ["bank_mismatch"])


def test_an_order_is_its_members_too() -> None:
    from tests.translation.make import document

    line = (
        "<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode='C62'>10</cbc:Quantity>"
        "<cac:Price><cbc:PriceAmount currencyID='EUR'>10.00</cbc:PriceAmount></cac:Price>"
        "<cac:Item><cbc:Name>Nails</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>"
    )
    seller = SELLER.replace("Nails and More", LOGISTICS).replace(
        "AccountingSupplierParty", "SellerSupplierParty"
    )
    body = f"<cbc:ID>PO-1</cbc:ID><cbc:IssueDate>2026-02-01</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{seller}{line}"
    for sequence in permutations(
        (table("vendors", FIRST), table("vendors", SECOND), document("Order", body))
    ):
        takes(*sequence)
    found = Order.objects.select_related("vendor").get()
    assert found.vendor is not None
    assert found.vendor.vendor_id == "V-2"


def test_an_answer_that_names_nobody_is_still_unknown() -> None:
    takes(table("vendors", FIRST, SECOND), claim().replace(b"DE136695976", b"DE811907980"))
    cast.drain()
    assert sentence().startswith(f"No vendor of ours matches {LOGISTICS}")


# --- two claims alike, of two members -----------------------------------------------------------------------


def test_the_same_number_and_sum_of_two_members_are_two_claims() -> None:
    takes(table("vendors", FIRST, SECOND))
    results = takes(
        claim(BUILDING, references=""),
        claim(LOGISTICS, references=""),
        claim(LOGISTICS, references="").replace(b"\n", b"\n\n"),
    )
    assert results == ["accepted", "accepted", "duplicate"]
    cast.drain()
    assert sorted(i.vendor.vendor_id for i in Invoice.objects.all() if i.vendor) == ["V-1", "V-2"]
    assert not Hold.objects.filter(code="duplicate_suspect").exists()


# --- whatever came first ------------------------------------------------------------------------------------

GROUP = {
    "first": table("vendors", FIRST),
    "second": table("vendors", SECOND),
    "order": ordered(),
    "receipt": table("receipts", CAME),
    "invoice": claim(LOGISTICS),
}


def ends() -> tuple[Any, ...]:
    """How everything stands, as far as money and questions go."""
    live = Invoice.objects.exclude(state__in=["void", "rejected"])
    codes = sorted(Hold.objects.live().values_list("code", flat=True))
    rows = sorted((i.number, i.vendor.vendor_id if i.vendor else "", i.state, i.lane) for i in live)
    return (*rows, *codes)


TABLE = table(
    "invoices",
    bill(
        vendor_id="V-2",
        issue_date="2026-03-01",
        due_date="",
        order_line="1",
        item="N-1",
        description="Nails",
        quantity="10",
        unit="C62",
        tax_rate="19",
        iban="",
    ),
)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is taken back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        documents.clear_cache()


some = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@some
@given(st.permutations([*GROUP, "table"]), st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_member_is_found_and_paid_once_whatever_came_first(
    sequence: list[str], drains: list[bool]
) -> None:
    """One claim as CSV and as UBL, of a member of a group, its vendors, order and receipt in any order."""
    with undone():
        for name, at_once in zip(sequence, drains, strict=True):
            takes((GROUP | {"table": TABLE})[name])
            if at_once:
                cast.drain()
        cast.drain()
        assert ends() == (("INV-1", "V-2", "cleared", "auto"),)
        assert Document.objects.filter(kind="invoice").count() == 2
        assert invariants.check()["violations"] == []


@some
@given(st.permutations(["first", "second", "order", "invoice"]))
def test_a_contradiction_is_asked_about_whatever_came_first(sequence: list[str]) -> None:
    """An order that comes late and names another member takes the certainty away again."""
    files = GROUP | {"order": ordered("V-1"), "invoice": claim(LOGISTICS, IBAN)}
    with undone():
        for name in sequence:
            takes(files[name])
            cast.drain()
        assert owner() == ""
        assert "supplier_unknown" in standing()[2]


@some
@given(st.permutations(["second", "order", "receipt", "invoice", "table"]))
def test_a_table_and_an_e_invoice_of_one_claim_are_one_though_the_vendor_came_last(
    sequence: list[str],
) -> None:
    with undone():
        for name in sequence:
            takes((GROUP | {"table": TABLE})[name])
            cast.drain()
        assert ends() == (("INV-1", "V-2", "cleared", "auto"),)


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_who_is_meant_does_not_depend_on_the_order_of_the_list(one: str, other: str) -> None:
    listed = [Listed(UUID(int=1), "A", "X", one), Listed(UUID(int=2), "B", "X", other)]
    seller = Party(name=one)
    found = [vendor_directory._of_names(several, seller) for several in (listed, listed[::-1])]
    assert found[0] == found[1]
    assert Clues().accounts == ()
