"""Payment files out: SEPA credit transfers as pain.001.001.09 (ISO 20022).

The file is a function of the batch alone: rendering a batch twice gives the same bytes, the same message id
and so, at the bank, one execution. It is written by sepaxml and then distrusted: ids are set, the schema is
checked, and the bytes are read back to compare count, control sum and addresses with what was asked for.
"""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree
from stdnum import iban as ibans

from audit.errors import CountersignError

from .payer_reference import Remittance, remittance
from .sepa import REFERENCE, PaymentFile, PostalAddress, Transfer, account_problem, refusal
from .sepa_text import latin
from .xml import parse

__all__ = [
    "BrokenFileError",
    "NotPayableError",
    "NotSepaError",
    "PaymentFile",
    "PaymentFileError",
    "PostalAddress",
    "Transfer",
    "group_id",
    "message_id",
    "payment_file",
    "verify",
]

SCHEMA: Final = "pain.001.001.09"
BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMESPACE: Final = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"


class PaymentFileError(CountersignError):
    """No payment file can be made of this batch."""


class NotPayableError(PaymentFileError):
    """One payment cannot be carried by this file; `payment_id` says which, `reason` why."""

    def __init__(self, payment_id: str, reason: str) -> None:
        super().__init__(f"payment {payment_id}: {reason}")
        self.payment_id = payment_id
        self.reason = reason


class NotSepaError(NotPayableError):
    """One payment cannot go by SEPA credit transfer."""


class BrokenFileError(PaymentFileError):
    """The rendered file does not say what the batch says; it must not leave the house."""


def payment_file(batch: PaymentFile) -> bytes:
    """Render a batch as pain.001.001.09.

    Raises `NotSepaError` for a payment that cannot go by SEPA (currency, account, amount),
    `PaymentFileError` for a batch that cannot, `BrokenFileError` where the rendered file does not agree
    with the batch.
    """
    from sepaxml import SepaTransfer  # with the first file that is written

    _check_batch(batch)
    sepa = SepaTransfer(_config(batch), schema=SCHEMA, clean=False)
    for day, transfers in batch.by_day():
        for transfer in transfers:
            sepa.add_payment(_payment(day, transfer))
    content = _with_references(_with_own_ids(sepa.export(validate=False), batch), batch)
    verify(content, batch)
    return content


def message_id(batch_id: str, copy: int = 1) -> str:
    """At most 35 characters, the same for the same batch: a bank refuses a message id it has seen.

    `copy`: 2 to 9 for another file of the batch that the bank is to take for a new one: `C2-` in the place of
    `CS-`.
    """
    prefix = f"C{copy}" if copy > 1 else "CS"
    if len(batch_id) <= 32 and REFERENCE.fullmatch(batch_id):
        return f"{prefix}-{batch_id}"
    return prefix + hashlib.sha256(batch_id.encode()).hexdigest()[:32]


def group_id(batch_id: str, position: int, of: int, copy: int = 1) -> str:
    """The id of the group of one execution day, counted from 1; that of the message where it is the only one.

    Of a second file on it is a letter (`B` for the second) and two signs to the base of 36 in the place of
    three digits.
    """
    message = message_id(batch_id, copy)
    if of == 1:
        return message
    place = (
        f"{position:03}" if copy == 1 else f"{chr(64 + copy)}{BASE36[position // 36]}{BASE36[position % 36]}"
    )
    return f"{message[3:] if message[2] == '-' else message[2:]}{place}"


def _check_batch(batch: PaymentFile) -> None:
    if not batch.transfers:
        raise PaymentFileError(f"batch {batch.batch_id} has no payments")
    ids = [transfer.payment_id for transfer in batch.transfers]
    if len(set(ids)) < len(ids):
        raise PaymentFileError(f"batch {batch.batch_id} names one payment twice")
    problem = account_problem(batch.iban, batch.bic)
    if problem:
        raise PaymentFileError(f"account of {batch.debtor}: {problem}")
    for transfer in batch.transfers:
        if problem := refusal(transfer):
            raise NotSepaError(transfer.payment_id, problem)


def _config(batch: PaymentFile) -> dict[str, Any]:
    config = {
        "name": latin(batch.debtor, 70),
        "IBAN": ibans.compact(batch.iban),
        "batch": True,
        "currency": "EUR",
    }
    return config | _optional(batch.bic, batch.address)


def _payment(day: date, transfer: Transfer) -> dict[str, Any]:
    payment = {
        "name": latin(transfer.creditor, 70),
        "IBAN": ibans.compact(transfer.iban),
        "amount": int(transfer.amount * 100),
        "execution_date": day,
        "description": _text(transfer),
        "endtoend_id": transfer.payment_id,
    }
    return payment | _optional(transfer.bic, transfer.address)


def _text(transfer: Transfer) -> str:
    told = remittance(transfer)
    return told.text or told.reference


def _optional(bic: str, address: PostalAddress) -> dict[str, Any]:
    found: dict[str, Any] = {"BIC": bic} if bic else {}
    if address.is_usable:
        found["address"] = _address(address)
    return found


def _address(address: PostalAddress) -> dict[str, str]:
    """The keys are sepaxml's own; it drops any other without a word, which `verify` would notice."""
    return {
        "street_name": latin(address.street, 70),
        "building_number": latin(address.building, 16),
        "postcode": latin(address.postcode, 16),
        "town": latin(address.town, 35),
        "country": address.country.strip().upper(),
    }


def _with_own_ids(content: bytes, batch: PaymentFile) -> bytes:
    """sepaxml draws ids by chance and takes the time of the clock; both have to follow from the batch."""
    root = parse(content)
    _set(root, "MsgId", message_id(batch.batch_id, batch.copy))
    _set(root, "CreDtTm", batch.created_at.strftime("%Y-%m-%dT%H:%M:%S"))
    groups = list(root.iter(f"{NAMESPACE}PmtInfId"))
    for position, element in enumerate(groups, 1):
        element.text = group_id(batch.batch_id, position, len(groups), batch.copy)
    for institution in root.iter(f"{NAMESPACE}FinInstnId"):
        if len(institution) == 0:  # the scheme's way to say that the BIC follows from the IBAN
            other = etree.SubElement(institution, f"{NAMESPACE}Othr")
            etree.SubElement(other, f"{NAMESPACE}Id").text = "NOTPROVIDED"
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _with_references(content: bytes, batch: PaymentFile) -> bytes:
    """sepaxml knows texts only; a reference with check digits goes where machines read it."""
    root = parse(content)
    told = [remittance(t) for _, transfers in batch.by_day() for t in transfers]
    for element, one in zip(root.iter(f"{NAMESPACE}RmtInf"), told, strict=True):
        if one.reference:
            element[:] = [_structured(one)]
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _structured(told: Remittance) -> etree._Element:
    strd = etree.Element(f"{NAMESPACE}Strd")
    reference = etree.SubElement(strd, f"{NAMESPACE}CdtrRefInf")
    kind = etree.SubElement(reference, f"{NAMESPACE}Tp")
    code = etree.SubElement(etree.SubElement(kind, f"{NAMESPACE}CdOrPrtry"), f"{NAMESPACE}Cd")
    code.text = "SCOR"
    if told.issuer:
        etree.SubElement(kind, f"{NAMESPACE}Issr").text = told.issuer
    etree.SubElement(reference, f"{NAMESPACE}Ref").text = told.reference
    return strd


def _set(root: etree._Element, name: str, text: str) -> None:
    elements = list(root.iter(NAMESPACE + name))
    if len(elements) != 1:
        raise BrokenFileError(f"the file has {len(elements)} {name} where one is expected")
    elements[0].text = text


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(parse((files("sepaxml") / "schemas" / f"{SCHEMA}.xsd").read_bytes()))


def valid(content: bytes) -> etree._Element:
    """The tree of a payment file that keeps to the schema. Raises `BrokenFileError`."""
    root = parse(content)
    try:
        _schema().assertValid(root)
    except etree.DocumentInvalid as invalid:
        raise BrokenFileError(f"the file breaks the schema: {invalid}") from None
    return root


def verify(content: bytes, batch: PaymentFile) -> None:
    """Read a payment file back and compare it with its batch; `BrokenFileError` at the first difference."""
    root = valid(content)
    days = batch.by_day()
    groups = [transfers for _, transfers in days]
    ordered = [transfer for group in groups for transfer in group]
    for name, parts in (("GrpHdr", [ordered]), ("PmtInf", groups)):
        path = f".//{NAMESPACE}{name}/{NAMESPACE}"
        _expect(root, f"{path}NbOfTxs", [Decimal(len(part)) for part in parts])
        _expect(root, f"{path}CtrlSum", [sum((t.amount for t in part), Decimal(0)) for part in parts])
    _expect_texts(root, f".//{NAMESPACE}ReqdExctnDt/{NAMESPACE}Dt", [day.isoformat() for day, _ in days])
    _expect(root, f".//{NAMESPACE}InstdAmt", [transfer.amount for transfer in ordered])
    _expect_texts(root, f".//{NAMESPACE}EndToEndId", [transfer.payment_id for transfer in ordered])
    accounts = [ibans.compact(transfer.iban) for transfer in ordered]
    _expect_texts(root, f".//{NAMESPACE}CdtrAcct//{NAMESPACE}IBAN", accounts)
    _expect_remittances(root, ordered)
    _expect_addresses(root, [a for group in groups for a in (batch.address, *(t.address for t in group))])


def _texts(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path)]


def _expect(root: etree._Element, path: str, wanted: list[Decimal]) -> None:
    if [Decimal(text) for text in _texts(root, path)] != wanted:
        raise BrokenFileError(f"{path.rpartition('}')[2]} is not that of the batch")


def _expect_texts(root: etree._Element, path: str, wanted: list[str]) -> None:
    if _texts(root, path) != wanted:
        raise BrokenFileError(f"{path.rpartition('}')[2]} is not that of the batch")


def _expect_remittances(root: etree._Element, ordered: list[Transfer]) -> None:
    """What each payee is told, as text or as reference, and nothing beside it."""
    found = [
        [x.text for x in r.iter(f"{NAMESPACE}Ustrd", f"{NAMESPACE}Ref")]
        for r in root.iter(f"{NAMESPACE}RmtInf")
    ]
    if found != [[_text(transfer)] for transfer in ordered]:
        raise BrokenFileError("RmtInf is not that of the batch")


def _expect_addresses(root: etree._Element, addresses: list[PostalAddress]) -> None:
    """Town and country of each address given, of the debtor and the creditors of each group, in order."""
    given = [address for address in addresses if address.is_usable]
    _expect_texts(root, f".//{NAMESPACE}PstlAdr/{NAMESPACE}TwnNm", [latin(one.town, 35) for one in given])
    countries = [one.country.strip().upper() for one in given]
    _expect_texts(root, f".//{NAMESPACE}PstlAdr/{NAMESPACE}Ctry", countries)
