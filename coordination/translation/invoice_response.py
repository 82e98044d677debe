"""Peppol Invoice Response 3 out: a UBL 2.1 ApplicationResponse that tells a seller where an invoice stands.

Content model: Peppol BIS Invoice Response 3 (transaction T111), code lists UNCL4343 (subset), OPStatusReason
and OPStatusAction. The order of elements is that of the UBL schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lxml import etree

from .endpoints import Endpoint

CUSTOMIZATION: Final = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3"
PROFILE: Final = "urn:fdc:peppol.eu:poacc:bis:invoice_response:3"
REASONS: Final = "OPStatusReason"
ACTIONS: Final = "OPStatusAction"

STATUSES: Final = frozenset({"AB", "IP", "UQ", "CA", "RE", "AP", "PD"})
REASON_CODES: Final = frozenset(
    {"NON", "REF", "LEG", "REC", "QUA", "DEL", "PRI", "QTY", "ITM", "PAY", "UNR", "FIN", "PPD", "OTH"}
)
ACTION_CODES: Final = frozenset({"NOA", "PIN", "NIN", "CNF", "CNP", "CNA", "OTH"})
CLARIFIED: Final = frozenset({"CA", "UQ", "RE"})
"""Statuses that never come without a reason (rule PEPPOL-T111-R001)."""
ORDER: Final = ("AB", "IP", "UQ", "CA", "RE", "AP", "PD")
"""The order in which statuses advance (rule OP-BR111-R012); a step back is told by other means."""

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOT: Final = f"{_UBL}ApplicationResponse-2"
_CAC: Final = f"{_UBL}CommonAggregateComponents-2"
_CBC: Final = f"{_UBL}CommonBasicComponents-2"
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML 1.0 has no way to write."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Sender or receiver: name and electronic address."""

    name: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Clarification:
    """Why, or what is asked for. `codes` names the list of `code`; `conditions` are (business term, right
    value)."""

    codes: str = ""
    code: str = ""
    text: str = ""
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceResponse:
    """One status of one invoice. `effective` is the day since which it holds."""

    number: str
    issued: date
    sender: Correspondent
    receiver: Correspondent
    status: str
    refers_to: str
    type_code: str = "380"
    refers_on: date | None = None
    effective: date | None = None
    clarifications: tuple[Clarification, ...] = ()


class NotSendable(ValueError):
    """The response breaks a rule of Peppol; the message says which."""


def write(response: InvoiceResponse) -> bytes:
    """The message in UTF-8, or `NotSendable`."""
    _check(response)
    names: Any = {None: _ROOT, "cac": _CAC, "cbc": _CBC}
    root = etree.Element(f"{{{_ROOT}}}ApplicationResponse", nsmap=names)
    _text(root, "CustomizationID", CUSTOMIZATION)
    _text(root, "ProfileID", PROFILE)
    _text(root, "ID", response.number)
    _text(root, "IssueDate", response.issued.isoformat())
    _party(_node(root, "SenderParty"), response.sender)
    _party(_node(root, "ReceiverParty"), response.receiver)
    _document_response(_node(root, "DocumentResponse"), response)
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _check(response: InvoiceResponse) -> None:
    if response.status not in STATUSES:
        raise NotSendable(f"{response.status} is no status of an invoice")
    for one in response.clarifications:
        known = {REASONS: REASON_CODES, ACTIONS: ACTION_CODES, "": {""}}.get(one.codes, frozenset())
        if one.code not in known or not (one.code or one.text):
            raise NotSendable(f"{one.code or 'no code'} is not in the list {one.codes or 'of none'}")
    if response.status in CLARIFIED and not any(one.code for one in response.clarifications):
        raise NotSendable(f"{response.status} needs a reason")
    if any(
        one.code == "PPD" and (response.status != "PD" or not one.text) for one in response.clarifications
    ):
        raise NotSendable("PPD goes with PD and says what was paid")
    if not _clean(response.number) or not _clean(response.refers_to):
        raise NotSendable("a response has a number and names an invoice")


def _document_response(node: etree._Element, response: InvoiceResponse) -> None:
    answer = _node(node, "Response")
    _text(answer, "ResponseCode", response.status)
    if response.effective is not None:
        _text(answer, "EffectiveDate", response.effective.isoformat())
    for one in response.clarifications:
        _status(_node(answer, "Status"), one)
    reference = _node(node, "DocumentReference")
    _text(reference, "ID", response.refers_to)
    if response.refers_on is not None:
        _text(reference, "IssueDate", response.refers_on.isoformat())
    _text(reference, "DocumentTypeCode", response.type_code)


def _status(node: etree._Element, one: Clarification) -> None:
    if one.code:
        _text(node, "StatusReasonCode", one.code, listID=one.codes)
    if _clean(one.text):
        _text(node, "StatusReason", one.text)
    for term, value in one.conditions:
        condition = _node(node, "Condition")
        _text(condition, "AttributeID", term)
        if _clean(value):
            _text(condition, "Description", value)


def _party(node: etree._Element, who: Correspondent) -> None:
    _text(node, "EndpointID", who.endpoint.id, schemeID=who.endpoint.scheme)
    _text(_node(node, "PartyLegalEntity"), "RegistrationName", _clean(who.name) or who.endpoint.id)


def _node(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _text(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = _clean(text)


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text).strip()
