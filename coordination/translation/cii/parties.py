"""Parties and accounts of cross industry documents (EN 16931 BG-4, BG-7, BG-10, BG-17)."""

from __future__ import annotations

from .. import values
from ..canonical import Account, Address, Party
from ..record import Record
from ..ubl.parties import keys
from ..xml import ElementLeaf, Node
from .source import Source


def party(record: Record, name: str, node: Node | None) -> Party:
    """A trade party; `name` is its trading name (BT-28) or, where there is none, the registered one."""
    if node is None:
        return Party()
    trading = record.text(f"{name}/name", _organisation(node, "ram:TradingBusinessName"))
    legal = record.text(f"{name}/legal_name", node.leaf("ram:Name"))
    if legal and not trading:
        record.provenance[f"{name}/name"] = record.provenance[f"{name}/legal_name"]
    vat_id, tax_number = _registrations(record, name, node)
    return Party(
        name=trading or legal,
        vat_id=vat_id,
        party_ids=keys(record, f"{name}/party_ids", [*node.leaves("ram:ID"), *node.leaves("ram:GlobalID")]),
        company_id=record.key(f"{name}/company_id", _organisation(node, "ram:ID")),
        address=_address(record, f"{name}/address", node.first("ram:PostalTradeAddress")),
        legal_name=legal,
        tax_number=tax_number,
        endpoint=_endpoint(record, name, node),
    )


def _endpoint(record: Record, name: str, node: Node) -> str:
    """The electronic address with its scheme in front (BT-34, BT-49)."""
    leaf = node.leaf("ram:URIUniversalCommunication", "ram:URIID")
    address, scheme = (
        record.text(f"{name}/endpoint", leaf),
        leaf.attribute("schemeID") if leaf is not None else "",
    )
    return f"{scheme}:{address}" if address and scheme else address


def _organisation(node: Node, name: str) -> ElementLeaf | None:
    return node.leaf("ram:SpecifiedLegalOrganization", name)


def _registrations(record: Record, name: str, node: Node) -> tuple[str, str]:
    """VAT id (BT-31, scheme VA) and other tax number (BT-32, scheme FC), whatever their order."""
    vat_id = tax_number = ""
    for registration in node.all("ram:SpecifiedTaxRegistration"):
        leaf = registration.leaf("ram:ID")
        if leaf is not None and leaf.attribute("schemeID").upper() in {"VA", "VAT"}:
            vat_id = vat_id or record.key(f"{name}/vat_id", leaf)
        else:
            tax_number = tax_number or record.key(f"{name}/tax_number", leaf)
    return vat_id, tax_number


def _address(record: Record, name: str, node: Node | None) -> Address:
    if node is None:
        return Address()
    return Address(
        street=record.text(f"{name}/street", node.leaf("ram:LineOne")),
        town=record.text(f"{name}/town", node.leaf("ram:CityName")),
        postcode=record.text(f"{name}/postcode", node.leaf("ram:PostcodeCode")),
        country=values.country(record.text(f"{name}/country", node.leaf("ram:CountryID"))),
    )


def accounts(source: Source) -> tuple[Account, ...]:
    """Every account the document asks to be paid to, once each, in document order."""
    found: dict[tuple[str, str], Account] = {}
    for means in source.settlement.all("ram:SpecifiedTradeSettlementPaymentMeans"):
        for node in means.all("ram:PayeePartyCreditorFinancialAccount"):
            leaf = node.leaf("ram:IBANID") or node.leaf("ram:ProprietaryID")
            bank = means.leaf("ram:PayeeSpecifiedCreditorFinancialInstitution", "ram:BICID")
            printed = (leaf.raw if leaf is not None else "", bank.raw if bank is not None else "")
            if not printed[0] or printed in found:
                continue
            name = f"other_accounts/{len(found)}" if found else "account"
            found[printed] = _account(source.record, name, leaf, bank)
    return tuple(found.values())


def _account(record: Record, name: str, leaf: ElementLeaf | None, bank: ElementLeaf | None) -> Account:
    """What stands where a BIC belongs and is none is kept as the branch, as in UBL."""
    number = record.key(f"{name}/number", leaf)
    if bank is not None and not values.is_bic(bank.raw):
        return Account(number, "", record.key(f"{name}/branch", bank))
    return Account(number, record.key(f"{name}/bic", bank))
