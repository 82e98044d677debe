"""Payment files out: SEPA credit transfers as pain.001.001.09 (ISO 20022).

The file is a function of the batch alone: rendering a batch twice gives the same bytes, the same message id
and so, at the bank, one execution. It is written by sepaxml and then distrusted: ids are set, the schema is
checked, and the bytes are read back to compare count, control sum and addresses with what was asked for.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree
from sepaxml import SepaTransfer
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError as BadIban

from audit.errors import CountersignError

from .sepa_text import latin
from .values import country, is_bic
from .xml import parse

SCHEMA: Final = "pain.001.001.09"
NAMESPACE: Final = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"
MAX_AMOUNT: Final = Decimal("999999999.99")

# fmt: off
SEPA_COUNTRIES: Final = frozenset({
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
    "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK",
    "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
})
# fmt: on
"""First two letters of the IBANs that the SEPA scheme reaches (EPC409-09)."""

_REFERENCE: Final = re.compile(r"[A-Za-z0-9?:().,'+ -](?:/?[A-Za-z0-9?:().,'+ -])*")
"""Identifiers of the scheme: the Latin set; a slash neither first nor last nor doubled."""


class PaymentFileError(CountersignError):
    """No payment file can be made of this batch."""


class NotSepaError(PaymentFileError):
    """One payment cannot go by SEPA credit transfer; `payment_id` says which, `reason` why."""

    def __init__(self, payment_id: str, reason: str) -> None:
        super().__init__(f"payment {payment_id}: {reason}")
        self.payment_id = payment_id
        self.reason = reason


class BrokenFileError(PaymentFileError):
    """The rendered file does not say what the batch says; it must not leave the house."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A structured address. Without town or country it is left out: inside the EEA it is optional."""

    street: str = ""
    building: str = ""
    postcode: str = ""
    town: str = ""
    country: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether the scheme takes it: since November 2026 town and country are the least."""
        return bool(latin(self.town, 35) and country(self.country.strip()))


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer. `payment_id` becomes the end-to-end id, `remittance` names the invoice."""

    payment_id: str
    creditor: str
    iban: str
    amount: Decimal
    remittance: str
    bic: str = ""
    currency: str = "EUR"
    address: PostalAddress = PostalAddress()


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A batch to be executed on one day from one account. `created_at` is the batch's own time."""

    batch_id: str
    created_at: datetime
    execution_date: date
    debtor: str
    iban: str
    transfers: tuple[Transfer, ...]
    bic: str = ""
    address: PostalAddress = PostalAddress()


def payment_file(batch: PaymentFile) -> bytes:
    """Render a batch as pain.001.001.09.

    Raises `NotSepaError` for a payment that cannot go by SEPA (currency, account, amount),
    `PaymentFileError` for a batch that cannot, `BrokenFileError` where the rendered file does not agree
    with the batch.
    """
    _check_batch(batch)
    sepa = SepaTransfer(_config(batch), schema=SCHEMA, clean=False)
    for transfer in batch.transfers:
        sepa.add_payment(_payment(batch, transfer))
    content = _with_own_ids(sepa.export(validate=False), batch)
    verify(content, batch)
    return content


def message_id(batch_id: str) -> str:
    """At most 35 characters, the same for the same batch: a bank refuses a message id it has seen."""
    if len(batch_id) <= 32 and _REFERENCE.fullmatch(batch_id):
        return f"CS-{batch_id}"
    return "CS" + hashlib.sha256(batch_id.encode()).hexdigest()[:32]


def _check_batch(batch: PaymentFile) -> None:
    if not batch.transfers:
        raise PaymentFileError(f"batch {batch.batch_id} has no payments")
    ids = [transfer.payment_id for transfer in batch.transfers]
    if len(set(ids)) < len(ids):
        raise PaymentFileError(f"batch {batch.batch_id} names one payment twice")
    problem = _account_problem(batch.iban, batch.bic)
    if problem:
        raise PaymentFileError(f"account of {batch.debtor}: {problem}")
    for transfer in batch.transfers:
        _check_transfer(transfer)


def _check_transfer(transfer: Transfer) -> None:
    if len(transfer.payment_id) > 35 or not _REFERENCE.fullmatch(transfer.payment_id):
        raise NotSepaError(transfer.payment_id, "the id is no end-to-end id of at most 35 Latin characters")
    if transfer.currency != "EUR":
        raise NotSepaError(transfer.payment_id, f"in {transfer.currency}, SEPA carries euro only")
    problem = _account_problem(transfer.iban, transfer.bic) or _amount_problem(transfer.amount)
    if problem:
        raise NotSepaError(transfer.payment_id, problem)
    if not latin(transfer.creditor, 70) or not latin(transfer.remittance, 140):
        raise NotSepaError(transfer.payment_id, "needs the creditor's name and a remittance text")


def _account_problem(iban: str, bic: str) -> str:
    try:
        number = ibans.validate(iban)
    except BadIban:
        return f"{iban or 'no account'} is not an IBAN"
    if number[:2] not in SEPA_COUNTRIES:
        return f"an IBAN of {number[:2]} is outside SEPA"
    return f"{bic} is not a BIC" if bic and not is_bic(bic) else ""


def _amount_problem(amount: Decimal) -> str:
    if not amount.is_finite() or not 0 < amount <= MAX_AMOUNT:
        return f"{amount} is no amount from 0.01 to {MAX_AMOUNT}"
    return "" if amount == amount.quantize(Decimal("0.01")) else f"{amount} has fractions of a cent"


def _config(batch: PaymentFile) -> dict[str, Any]:
    config = {
        "name": latin(batch.debtor, 70),
        "IBAN": ibans.compact(batch.iban),
        "batch": True,
        "currency": "EUR",
    }
    return config | _optional(batch.bic, batch.address)


def _payment(batch: PaymentFile, transfer: Transfer) -> dict[str, Any]:
    payment = {
        "name": latin(transfer.creditor, 70),
        "IBAN": ibans.compact(transfer.iban),
        "amount": int(transfer.amount * 100),
        "execution_date": batch.execution_date,
        "description": latin(transfer.remittance, 140),
        "endtoend_id": transfer.payment_id,
    }
    return payment | _optional(transfer.bic, transfer.address)


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
    _set(root, "MsgId", message_id(batch.batch_id))
    _set(root, "CreDtTm", batch.created_at.strftime("%Y-%m-%dT%H:%M:%S"))
    _set(root, "PmtInfId", message_id(batch.batch_id))
    for institution in root.iter(f"{NAMESPACE}FinInstnId"):
        if len(institution) == 0:  # the scheme's way to say that the BIC follows from the IBAN
            other = etree.SubElement(institution, f"{NAMESPACE}Othr")
            etree.SubElement(other, f"{NAMESPACE}Id").text = "NOTPROVIDED"
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _set(root: etree._Element, name: str, text: str) -> None:
    elements = list(root.iter(NAMESPACE + name))
    if len(elements) != 1:
        raise BrokenFileError(f"the file has {len(elements)} {name} where one is expected")
    elements[0].text = text


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(parse((files("sepaxml") / "schemas" / f"{SCHEMA}.xsd").read_bytes()))


def verify(content: bytes, batch: PaymentFile) -> None:
    """Read a payment file back and compare it with its batch; `BrokenFileError` at the first difference."""
    root = parse(content)
    try:
        _schema().assertValid(root)
    except etree.DocumentInvalid as invalid:
        raise BrokenFileError(f"the file breaks the schema: {invalid}") from None
    total = sum((transfer.amount for transfer in batch.transfers), Decimal(0))
    for group in (f"{NAMESPACE}GrpHdr", f"{NAMESPACE}PmtInf"):
        _expect(root, f".//{group}/{NAMESPACE}NbOfTxs", [Decimal(len(batch.transfers))])
        _expect(root, f".//{group}/{NAMESPACE}CtrlSum", [total])
    _expect(root, f".//{NAMESPACE}InstdAmt", [transfer.amount for transfer in batch.transfers])
    _expect_texts(root, f".//{NAMESPACE}EndToEndId", [transfer.payment_id for transfer in batch.transfers])
    accounts = [ibans.compact(transfer.iban) for transfer in batch.transfers]
    _expect_texts(root, f".//{NAMESPACE}CdtrAcct//{NAMESPACE}IBAN", accounts)
    _expect_addresses(root, batch)


def _texts(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path)]


def _expect(root: etree._Element, path: str, wanted: list[Decimal]) -> None:
    if [Decimal(text) for text in _texts(root, path)] != wanted:
        raise BrokenFileError(f"{path.rpartition('}')[2]} is not that of the batch")


def _expect_texts(root: etree._Element, path: str, wanted: list[str]) -> None:
    if _texts(root, path) != wanted:
        raise BrokenFileError(f"{path.rpartition('}')[2]} is not that of the batch")


def _expect_addresses(root: etree._Element, batch: PaymentFile) -> None:
    """Town and country of each address given, of debtor and creditors, in order."""
    addresses = [batch.address, *(transfer.address for transfer in batch.transfers)]
    given = [address for address in addresses if address.is_usable]
    _expect_texts(root, f".//{NAMESPACE}PstlAdr/{NAMESPACE}TwnNm", [latin(one.town, 35) for one in given])
    countries = [one.country.strip().upper() for one in given]
    _expect_texts(root, f".//{NAMESPACE}PstlAdr/{NAMESPACE}Ctry", countries)
