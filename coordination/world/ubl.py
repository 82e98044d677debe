"""Documents as UBL 2.1: what all of them share, invoices, credit notes and statements.

Elements stand in the order of the OASIS schemas. What the canonical shape leaves empty is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from lxml import etree

from ..translation.canonical import (
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    OrderLine,
    Party,
    ReceiptLine,
    Statement,
    StatementLine,
)

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{SCHEMA}CommonAggregateComponents-2", f"{SCHEMA}CommonBasicComponents-2"
Value = str | Decimal | date | None
_LONE_HYPHENS = re.compile(r"-(?=-|$)")
"""Hyphens that XML allows in no comment: before another one, and at the end."""


class Element:
    """A part of a document while it is written."""

    def __init__(self, node: etree._Element, currency: str) -> None:
        self.node = node
        self.currency = currency

    def part(self, name: str) -> Element:
        """A part of its own."""
        return Element(etree.SubElement(self.node, f"{{{CAC}}}{name}"), self.currency)

    def say(self, name: str, value: Value, **attributes: str) -> Element:
        """A value, unless there is none."""
        if value is not None and value != "":
            leaf = etree.SubElement(self.node, f"{{{CBC}}}{name}", attributes)
            leaf.text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return self

    def money(self, name: str, value: Decimal | None) -> Element:
        """An amount in the document's currency."""
        return self.say(name, value, currencyID=self.currency)

    def reference(self, name: str, value: Value) -> Element:
        """A part that holds an id and nothing else, unless there is none."""
        if value:
            self.part(name).say("ID", value)
        return self


def document(name: str, number: str, on: date | None, currency: str) -> Element:
    """The head that all documents share."""
    space = {None: f"{SCHEMA}{name}-2", "cac": CAC, "cbc": CBC}
    root = Element(etree.Element(f"{{{SCHEMA}{name}-2}}{name}", nsmap=space), currency)  # type: ignore[arg-type]
    return root.say("UBLVersionID", "2.1").say("ID", number).say("IssueDate", on)


def as_bytes(root: Element, *, pretty: bool = False) -> bytes:
    """The document as a file. `pretty`: the same in other bytes."""
    written: bytes = etree.tostring(root.node, xml_declaration=True, encoding="UTF-8", pretty_print=pretty)
    return written


def add_party(parent: Element, holder: str, party: Party) -> None:
    body = parent.part(holder).part("Party")
    for key in party.party_ids:
        body.part("PartyIdentification").say("ID", key)
    if party.name:
        body.part("PartyName").say("Name", party.name)
    place = party.address
    if place.country:
        address = body.part("PostalAddress").say("StreetName", place.street)
        address.say("CityName", place.town).say("PostalZone", place.postcode)
        address.part("Country").say("IdentificationCode", place.country)
    if party.vat_id:
        body.part("PartyTaxScheme").say("CompanyID", party.vat_id).reference("TaxScheme", "VAT")
    if party.legal_name:
        body.part("PartyLegalEntity").say("RegistrationName", party.legal_name)


def _category(parent: Element, name: str, category: str, rate: Decimal | None) -> None:
    if category or rate is not None:
        parent.part(name).say("ID", category).say("Percent", rate).reference("TaxScheme", "VAT")


def add_allowances(parent: Element, found: Iterable[AllowanceCharge], *, taxed: bool) -> None:
    for one in found:
        part = parent.part("AllowanceCharge").say("ChargeIndicator", "true" if one.charge else "false")
        part.say("AllowanceChargeReasonCode", one.reason_code).say("AllowanceChargeReason", one.reason)
        part.money("Amount", one.amount)
        if taxed:
            _category(part, "TaxCategory", one.tax_category, one.tax_rate)


def add_item(
    parent: Element, line: InvoiceLine | OrderLine | ReceiptLine, category: str, rate: Decimal | None
) -> None:
    item = parent.part("Item").say("Name", line.description)
    item.reference("SellersItemIdentification", line.item)
    _category(item, "ClassifiedTaxCategory", category, rate)


def add_price(parent: Element, line: InvoiceLine | OrderLine) -> None:
    if line.price is not None:
        price = parent.part("Price").money("PriceAmount", line.price)
        if line.base_quantity != 1:
            price.say("BaseQuantity", line.base_quantity, unitCode=line.unit)


def refer_to_order(parent: Element, order: str, line: str) -> None:
    if order or line:
        reference = parent.part("OrderLineReference").say("LineID", line or "NA")
        reference.reference("OrderReference", order)


# --- invoices -----------------------------------------------------------------------------------------------


def invoice(found: Invoice) -> Element:
    """An Invoice or a CreditNote."""
    credit = found.type == "credit_note"
    name = "CreditNote" if credit else "Invoice"
    root = document(name, found.number, found.issue_date, found.currency)
    root.say("DueDate", None if credit else found.due_date)
    root.say(f"{name}TypeCode", found.type_code).say("Note", found.note)
    for hidden in found.texts:
        root.node.append(etree.Comment(_LONE_HYPHENS.sub("- ", hidden.raw)))
    root.say("DocumentCurrencyCode", found.currency)
    root.reference("OrderReference", found.order_numbers[0] if found.order_numbers else "")
    for number in found.preceding:
        root.part("BillingReference").reference("InvoiceDocumentReference", number)
    add_party(root, "AccountingSupplierParty", found.seller)
    add_party(root, "AccountingCustomerParty", found.buyer)
    for account in (found.account, *found.other_accounts):
        if account.number:
            means = root.part("PaymentMeans").say("PaymentMeansCode", "30")
            payee = means.part("PayeeFinancialAccount").say("ID", account.number)
            payee.reference("FinancialInstitutionBranch", account.bic)
    if found.payment_terms:
        root.part("PaymentTerms").say("Note", found.payment_terms)
    add_allowances(root, found.allowances, taxed=True)
    _tax(root, found)
    _total(root, found)
    for line in found.lines:
        _invoice_line(root, line, credit=credit)
    return root


def _tax(root: Element, found: Invoice) -> None:
    if found.tax is None:
        return
    total = root.part("TaxTotal").money("TaxAmount", found.tax)
    for row in found.taxes:
        part = total.part("TaxSubtotal").money("TaxableAmount", row.base).money("TaxAmount", row.tax)
        _category(part, "TaxCategory", row.category, row.rate)


def _total(root: Element, found: Invoice) -> None:
    total = root.part("LegalMonetaryTotal").money("LineExtensionAmount", found.lines_net)
    total.money("TaxExclusiveAmount", found.net).money("TaxInclusiveAmount", found.gross)
    allowed = sum((a.amount for a in found.allowances if not a.charge), Decimal(0))
    charged = sum((a.amount for a in found.allowances if a.charge), Decimal(0))
    total.money("AllowanceTotalAmount", allowed or None).money("ChargeTotalAmount", charged or None)
    total.money("PrepaidAmount", found.prepaid or None).money("PayableRoundingAmount", found.rounding or None)
    total.money("PayableAmount", found.payable)


def _invoice_line(root: Element, line: InvoiceLine, *, credit: bool) -> None:
    part = root.part("CreditNoteLine" if credit else "InvoiceLine").say("ID", line.line)
    part.say("CreditedQuantity" if credit else "InvoicedQuantity", line.quantity, unitCode=line.unit)
    part.money("LineExtensionAmount", line.net)
    refer_to_order(part, line.order_number, line.order_line)
    add_allowances(part, line.allowances, taxed=False)
    add_item(part, line, line.tax_category, line.tax_rate)
    add_price(part, line)


# --- statements ---------------------------------------------------------------------------------------------


def statement(found: Statement) -> Element:
    """A vendor's statement of account: debits are what we owe, credits what is taken off it."""
    root = document("Statement", found.number, found.statement_date, found.currency)
    root.say("DocumentCurrencyCode", found.currency)
    root.money("TotalDebitAmount", found.total_debit).money("TotalCreditAmount", found.total_credit)
    root.money("TotalBalanceAmount", found.balance)
    add_party(root, "AccountingSupplierParty", found.seller)
    add_party(root, "AccountingCustomerParty", Party(name="Countersign example company"))
    for number, line in enumerate(found.lines, 1):
        _statement_line(root.part("StatementLine").say("ID", str(number)), line)
    return root


def _statement_line(part: Element, line: StatementLine) -> None:
    amount = line.amount or Decimal(0)
    part.money("DebitLineAmount" if amount >= 0 else "CreditLineAmount", abs(amount))
    reference = part.part("BillingReference").part(f"{line.type}DocumentReference")
    reference.say("ID", line.reference).say("IssueDate", line.reference_date)
