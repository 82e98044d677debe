"""UBL documents that are kept as information: ApplicationResponse, RemittanceAdvice, Reminder."""

from __future__ import annotations

from typing import Literal

from ..canonical import Answer, Information
from ..xml import ElementLeaf, Node
from . import lines as parts
from .money import first_leaf
from .parties import keys, party
from .source import Source


def read_answers(source: Source) -> tuple[Answer, ...]:
    """One answer for each document that the response is about; one without a subject is kept as well."""
    nodes = source.root.all("cac:DocumentResponse")
    return tuple(_answer(source, node) for node in nodes) or (_answer(source, None),)


def _answer(source: Source, node: Node | None) -> Answer:
    root, record = source.root, source.record
    reference = node.first("cac:DocumentReference") if node is not None else None
    response = node.first("cac:Response") if node is not None else None
    return Answer(
        number=source.number,
        refers_to=record.key("refers_to", reference.leaf("cbc:ID") if reference else None),
        refers_type=record.key("refers_type", _kind(reference) if reference else None),
        response_code=record.key("response_code", response.leaf("cbc:ResponseCode") if response else None),
        reasons=_reasons(source, response),
        text=_text(source, response),
        issue_date=record.date("issue_date", root.leaf("cbc:IssueDate")),
        sender=party(record, "sender", root.one("cac:SenderParty")),
        receiver=party(record, "receiver", root.one("cac:ReceiverParty")),
        unreadable=record.unreadable,
        provenance=dict(record.provenance),
    )


def _kind(reference: Node) -> ElementLeaf | None:
    return first_leaf((reference.leaf("cbc:DocumentTypeCode"), reference.leaf("cbc:DocumentType")))


def _reasons(source: Source, response: Node | None) -> tuple[str, ...]:
    if response is None:
        return ()
    leaves = [status.leaf("cbc:StatusReasonCode") for status in response.all("cac:Status")]
    return keys(source.record, "reasons", leaves)


def _text(source: Source, response: Node | None) -> str:
    """Notes, descriptions and reasons in the partner's words."""
    found = list(source.root.leaves("cbc:Note"))
    if response is not None:
        found += response.leaves("cbc:Description")
        found += [leaf for status in response.all("cac:Status") for leaf in status.leaves("cbc:StatusReason")]
    said = [leaf for leaf in found if leaf.raw]
    if said:
        source.record.note("text", said[0])
    return "\n".join(leaf.raw for leaf in said)


def read_remittance(source: Source) -> Information:
    """What somebody says was paid. It pays nothing and proves nothing here."""
    return _information(source, "remittance", ("cbc:TotalPaymentAmount",), "cac:RemittanceAdviceLine")


def read_reminder(source: Source) -> Information:
    """What the vendor says is overdue, often under the invoice's own number; never a second invoice."""
    return _information(
        source, "reminder", ("cac:LegalMonetaryTotal", "cbc:PayableAmount"), "cac:ReminderLine"
    )


def _information(
    source: Source, kind: Literal["remittance", "reminder"], amount: tuple[str, ...], line: str
) -> Information:
    root, record = source.root, source.record
    references = [node for row in root.all(line) for node in row.all("cac:BillingReference")]
    named = [node.leaf("cac:InvoiceDocumentReference", "cbc:ID") for node in references]
    return Information(
        number=source.number,
        kind=kind,
        issue_date=record.date("issue_date", root.leaf("cbc:IssueDate")),
        currency=record.currency,
        seller=party(record, "seller", root.one("cac:AccountingSupplierParty")),
        amount=record.amount("amount", root.leaf(*amount)),
        refers_to=keys(record, "refers_to", named),
        text=parts.notes(record, "text", root),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )
