"""Electronic addresses of seller and buyer (BT-34, BT-49): where a response to an invoice goes, and where it
comes from.

Read from the document itself, since nothing but an answer needs them; else derived from the VAT id, whose
number is an address in the lists of Peppol (Electronic Address Scheme).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from . import xml
from .canonical import Unreadable

_UBL: Final = "{urn:oasis:names:specification:ubl:schema:xsd:"
_CBC, _CAC = f"{_UBL}CommonBasicComponents-2}}", f"{_UBL}CommonAggregateComponents-2}}"
_RAM: Final = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
_RSM: Final = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}"

_PATHS: Final = {
    "seller": (
        f"{_CAC}AccountingSupplierParty/{_CAC}Party/{_CBC}EndpointID",
        f".//{_RAM}SellerTradeParty/{_RAM}URIUniversalCommunication/{_RAM}URIID",
    ),
    "buyer": (
        f"{_CAC}AccountingCustomerParty/{_CAC}Party/{_CBC}EndpointID",
        f".//{_RAM}BuyerTradeParty/{_RAM}URIUniversalCommunication/{_RAM}URIID",
    ),
}
_NUMBERS: Final = (f"{_CBC}ID", f"{_RSM}ExchangedDocument/{_RAM}ID")

_ADDRESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+@:-]{0,134}")
_PARTICIPANT: Final = re.compile(r"([0-9]{4}):(.+)")

VAT_SCHEMES: Final = {
    "AT": "9914",
    "BE": "9925",
    "BG": "9926",
    "CH": "9927",
    "CY": "9928",
    "CZ": "9929",
    "DE": "9930",
    "DK": "0184",
    "EE": "9931",
    "EL": "9933",
    "ES": "9920",
    "FI": "0213",
    "FR": "9957",
    "GB": "9932",
    "GR": "9933",
    "HR": "9934",
    "HU": "9910",
    "IE": "9935",
    "IT": "0211",
    "LT": "9937",
    "LU": "9938",
    "LV": "9939",
    "MT": "9943",
    "NL": "9944",
    "PL": "9945",
    "PT": "9946",
    "RO": "9947",
    "SI": "9949",
    "SK": "9950",
}
"""First letters of a VAT id -> the scheme in which the whole of it is an address."""
_SWEDISH: Final = re.compile(r"SE([0-9]{10})01")
"""In Sweden the address is the organisation's number, which the VAT id contains."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An electronic address: `scheme` is four digits of the Electronic Address Scheme list."""

    scheme: str
    id: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.id}"


def participant(text: str) -> Endpoint | None:
    """An address as Peppol writes it (`0088:7300010000001`), or None."""
    match = _PARTICIPANT.fullmatch(text.strip())
    return _endpoint(match[1], match[2]) if match else None


def _endpoint(scheme: str, address: str) -> Endpoint | None:
    address = address.strip()
    if not re.fullmatch(r"[0-9]{4}", scheme) or not _ADDRESS.fullmatch(address):
        return None
    return Endpoint(scheme, address)


def of_vat_id(vat_id: str) -> Endpoint | None:
    """The address that a VAT id is, in countries whose scheme takes it whole."""
    compact = re.sub(r"[\s.-]", "", vat_id).upper()
    swedish = _SWEDISH.fullmatch(compact)
    if swedish:
        return _endpoint("0007", swedish[1])
    return _endpoint(VAT_SCHEMES.get(compact[:2], ""), compact)


def of_document(content: bytes, number: str) -> dict[str, Endpoint]:
    """Addresses of `seller` and `buyer` that the invoice with this number states; none in a file that is no
    XML."""
    if not xml.looks_like_xml(content):
        return {}
    try:
        root = xml.parse(content)
    except Unreadable:
        return {}
    for document in _documents(root):
        if any((found.text or "").strip() == number for path in _NUMBERS for found in document.findall(path)):
            found = {who: _first(document, paths) for who, paths in _PATHS.items()}
            return {who: endpoint for who, endpoint in found.items() if endpoint is not None}
    return {}


def _documents(root: etree._Element) -> Iterator[etree._Element]:
    """The document, or those in its envelope."""
    yield root
    yield from (child for child in root if isinstance(child.tag, str))


def _first(document: etree._Element, paths: tuple[str, ...]) -> Endpoint | None:
    for path in paths:
        for element in document.findall(path):
            endpoint = _endpoint(element.get("schemeID", ""), element.text or "")
            if endpoint is not None:
                return endpoint
    return None
