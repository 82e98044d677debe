"""Parties, addresses and accounts of UBL documents (EN 16931 BG-4, BG-7, BG-10, BG-17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .. import values
from ..canonical import Account, Address, Party
from ..record import Record
from ..xml import ElementLeaf, Node

_VAT_SCHEMES: Final = frozenset({"63", "GST", "MVA", "MOMS"})
"""Tax schemes that are value added tax without saying VAT: 63 is the Danish "Moms"."""

_BRANCH: Final = ("cac:FinancialInstitutionBranch", "cbc:ID")
_INSTITUTION: Final = ("cac:FinancialInstitutionBranch", "cac:FinancialInstitution", "cbc:ID")


def party(record: Record, name: str, holder: Node | None) -> Party:
    """The party inside `AccountingSupplierParty` and its like, or the holder itself where it is a party."""
    if holder is None:
        return Party()
    body = holder.one("cac:Party") or holder
    vat_id, tax_number = _registrations(record, name, body)
    trading = record.text(f"{name}/name", body.leaf("cac:PartyName", "cbc:Name"))
    legal = record.text(f"{name}/legal_name", body.leaf("cac:PartyLegalEntity", "cbc:RegistrationName"))
    return Party(
        name=trading or legal,
        vat_id=vat_id,
        party_ids=_identifications(record, name, body),
        company_id=record.key(f"{name}/company_id", body.leaf("cac:PartyLegalEntity", "cbc:CompanyID")),
        address=address(record, f"{name}/address", body.first("cac:PostalAddress")),
        legal_name=legal,
        tax_number=tax_number,
        endpoint=_endpoint(record, name, body),
    )


def _endpoint(record: Record, name: str, body: Node) -> str:
    """The electronic address with its scheme in front (BT-34, BT-49)."""
    leaf = body.leaf("cbc:EndpointID")
    address, scheme = (
        record.text(f"{name}/endpoint", leaf),
        leaf.attribute("schemeID") if leaf is not None else "",
    )
    return f"{scheme}:{address}" if address and scheme else address


def _identifications(record: Record, name: str, body: Node) -> tuple[str, ...]:
    leaves = [node.leaf("cbc:ID") for node in body.all("cac:PartyIdentification")]
    return keys(record, f"{name}/party_ids", leaves)


def _registrations(record: Record, name: str, body: Node) -> tuple[str, str]:
    """VAT id (BT-31) and other tax number (BT-32), told apart by their scheme and never by their order."""
    vat_id = tax_number = ""
    nodes = body.all("cac:PartyTaxScheme")
    for node in nodes:
        leaf = node.leaf("cbc:CompanyID")
        if _is_vat(node, alone=len(nodes) == 1):
            vat_id = vat_id or record.key(f"{name}/vat_id", leaf)
        else:
            tax_number = tax_number or record.key(f"{name}/tax_number", leaf)
    return vat_id, tax_number


def _is_vat(node: Node, *, alone: bool) -> bool:
    leaves = (node.leaf("cac:TaxScheme", "cbc:ID"), node.leaf("cac:TaxScheme", "cbc:TaxTypeCode"))
    schemes = [leaf.raw.upper() for leaf in leaves if leaf is not None and leaf.raw]
    if not schemes:
        return alone
    return any("VAT" in scheme or scheme in _VAT_SCHEMES for scheme in schemes)


def address(record: Record, name: str, node: Node | None) -> Address:
    """A postal address; the building number stays in the street line, as printed."""
    if node is None:
        return Address()
    street = [node.leaf("cbc:StreetName"), node.leaf("cbc:BuildingNumber")]
    country = record.text(f"{name}/country", node.leaf("cac:Country", "cbc:IdentificationCode"))
    return Address(
        street=" ".join(filter(None, (record.text(f"{name}/street", leaf) for leaf in street))),
        town=record.text(f"{name}/town", node.leaf("cbc:CityName")),
        postcode=record.text(f"{name}/postcode", node.leaf("cbc:PostalZone")),
        country=values.country(country),
    )


def accounts(record: Record, root: Node) -> tuple[Account, ...]:
    """Every account the document asks to be paid to, once each, in document order."""
    found: dict[tuple[str, ...], Account] = {}
    for means in root.all("cac:PaymentMeans"):
        node = means.one("cac:PayeeFinancialAccount")
        printed = _printed(node)
        if node is None or not printed[0] or printed in found:
            continue
        name = f"other_accounts/{len(found)}" if found else "account"
        found[printed] = _account(record, name, node)
    return tuple(found.values())


def _printed(node: Node | None) -> tuple[str, ...]:
    paths = (("cbc:ID",), _BRANCH, _INSTITUTION)
    leaves = [node.leaf(*path) if node is not None else None for path in paths]
    return tuple(leaf.raw if leaf is not None else "" for leaf in leaves)


def _account(record: Record, name: str, node: Node) -> Account:
    """EN 16931 writes the BIC where UBL has the branch; UBL 2.0 and OIOUBL a clearing code."""
    number = record.key(f"{name}/number", node.leaf("cbc:ID"))
    branch, institution = node.leaf(*_BRANCH), node.leaf(*_INSTITUTION)
    for leaf in (institution, branch):
        if leaf is not None and values.is_bic(leaf.raw):
            bic = record.key(f"{name}/bic", leaf)
            rest = branch if branch is not None and branch.raw != leaf.raw else None
            return Account(number, bic, record.key(f"{name}/branch", rest))
    return Account(number, "", record.key(f"{name}/branch", branch or institution))


def keys(record: Record, name: str, leaves: Iterable[ElementLeaf | None]) -> tuple[str, ...]:
    """The identifiers of a repeated field, each once, in document order, noted as `name/1`, `name/2` ..."""
    found: dict[str, None] = {}
    for leaf in leaves:
        if leaf is None or leaf.raw in found:
            continue
        value = record.key(f"{name}/{len(found) + 1}", leaf)
        if value:
            found[value] = None
    return tuple(found)
