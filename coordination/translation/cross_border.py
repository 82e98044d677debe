"""Payment files out for what SEPA cannot carry: pain.001.001.09 to a BIC and an account of any form, in any
currency.

Charges are shared (`SHAR`), and no service level is asked for: the bank's own is right for a payment abroad.
The BIC of the creditor's bank is required. An address has town and country or is left out, as payments
between banks want it since November 2026; many banks refuse a payment abroad without one. We pay from our
euro account: the amount is instructed in the creditor's currency and our bank converts it. The file is
written here, validated against the schema and read back before it leaves, as that of SEPA is.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError as BadIban

from .iso20022.writing import Part, Writer, moment
from .pain001 import (
    NAMESPACE,
    SCHEMA,
    BrokenFileError,
    NotPayableError,
    PaymentFileError,
    group_id,
    message_id,
    valid,
)
from .sepa import REFERENCE, SEPA_COUNTRIES, PaymentFile, PostalAddress, Transfer, account_problem
from .sepa_text import latin
from .values import is_bic, is_currency

MAX_AMOUNT: Final = Decimal("999999999999.99")

WHOLE: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
"""Currencies without a minor unit (ISO 4217)."""

_LIKE_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9?:().,'+ /-]{1,34}")


def is_iban(account: str) -> bool:
    """Is it an IBAN, with the right check digits?"""
    try:
        ibans.validate(account)
    except BadIban:
        return False
    return True


def lacking(transfer: Transfer) -> str:
    """What is missing for a payment abroad, in words that say what to add; empty if nothing is."""
    account = ibans.compact(transfer.iban)
    bic, iban = transfer.bic.strip().upper(), is_iban(account)
    if not iban and _LIKE_IBAN.fullmatch(account):
        return "the vendor's account is no valid IBAN: bring the right one with the vendor list"
    if not iban and not _ACCOUNT.fullmatch(account):
        return "the vendor's account has more than 34 signs, or signs that no bank takes: bring the right one"
    if not bic or not is_bic(bic):
        what = (
            f"{bic} is none"
            if bic
            else "not payable by SEPA transfer, so that the BIC of the vendor's bank is needed"
        )
        return f"{what}: bring it with the vendor list (bic), or state how it was paid elsewhere"
    if not iban and bic[4:6] in SEPA_COUNTRIES - {"CH", "GB"}:
        return (
            f"not payable by SEPA transfer: a bank in {bic[4:6]} needs an IBAN; bring it with the vendor list"
        )
    return _amount_problem(transfer.amount, transfer.currency)


def _amount_problem(amount: Decimal, currency: str) -> str:
    if not is_currency(currency):
        return f"{currency or 'no currency'} is no currency that a bank knows"
    unit = Decimal(1) if currency in WHOLE else Decimal("0.01")
    if not amount.is_finite() or not 0 < amount <= MAX_AMOUNT or amount != amount.quantize(unit):
        return f"{amount} is no amount that a bank pays in {currency}: state how it was paid elsewhere"
    return ""


def refusal(transfer: Transfer) -> str:
    """Why this cannot go as a payment abroad, in words; empty if it can."""
    if len(transfer.payment_id) > 35 or not REFERENCE.fullmatch(transfer.payment_id):
        return "the id is no end-to-end id of at most 35 Latin characters"
    if not latin(transfer.creditor, 70) or not latin(transfer.remittance, 140):
        return "needs the creditor's name and a remittance text"
    return lacking(transfer)


def payment_file(batch: PaymentFile) -> bytes:
    """Render a batch of one currency as pain.001.001.09, one group per day.

    Raises `NotPayableError` for a payment that cannot be made so, `PaymentFileError` for a batch that cannot,
    `BrokenFileError` where the rendered file does not agree with the batch.
    """
    _check(batch)
    w = Writer(SCHEMA)
    days = batch.by_day()
    total = sum((t.amount for t in batch.transfers), Decimal(0))
    head = w.part(
        "GrpHdr",
        w.text("MsgId", message_id(batch.batch_id, batch.copy)),
        w.text("CreDtTm", moment(batch.created_at)),
        w.text("NbOfTxs", str(len(batch.transfers))),
        w.text("CtrlSum", f"{total:.2f}"),
        w.part("InitgPty", w.text("Nm", latin(batch.debtor, 70))),
    )
    groups = [
        _group(w, batch, day, transfers, group_id(batch.batch_id, n, len(days), batch.copy))
        for n, (day, transfers) in enumerate(days, 1)
    ]
    content = w.document(w.part("CstmrCdtTrfInitn", head, *groups))
    verify(content, batch)
    return content


def _check(batch: PaymentFile) -> None:
    if not batch.transfers:
        raise PaymentFileError(f"batch {batch.batch_id} has no payments")
    ids = [transfer.payment_id for transfer in batch.transfers]
    if len(set(ids)) < len(ids):
        raise PaymentFileError(f"batch {batch.batch_id} names one payment twice")
    if len({t.currency for t in batch.transfers}) > 1:
        raise PaymentFileError(f"batch {batch.batch_id} has payments in several currencies")
    if problem := account_problem(batch.iban, batch.bic):
        raise PaymentFileError(f"account of {batch.debtor}: {problem}")
    for transfer in batch.transfers:
        if problem := refusal(transfer):
            raise NotPayableError(transfer.payment_id, problem)


def _group(w: Writer, batch: PaymentFile, day: date, transfers: tuple[Transfer, ...], name: str) -> Part:
    total = sum((t.amount for t in transfers), Decimal(0))
    bank = w.text("BICFI", batch.bic) if batch.bic else w.part("Othr", w.text("Id", "NOTPROVIDED"))
    return w.part(
        "PmtInf",
        w.text("PmtInfId", name),
        w.text("PmtMtd", "TRF"),
        w.text("BtchBookg", "false"),
        w.text("NbOfTxs", str(len(transfers))),
        w.text("CtrlSum", f"{total:.2f}"),
        w.part("PmtTpInf", w.text("InstrPrty", "NORM")),
        w.part("ReqdExctnDt", w.text("Dt", day.isoformat())),
        w.part("Dbtr", w.text("Nm", latin(batch.debtor, 70)), _address(w, batch.address)),
        # no Ccy: it tells apart accounts under one number, and nobody told us what ours is kept in
        w.part("DbtrAcct", w.part("Id", w.text("IBAN", ibans.compact(batch.iban)))),
        w.part("DbtrAgt", w.part("FinInstnId", bank)),
        w.text("ChrgBr", "SHAR"),
        *(_transfer(w, t) for t in transfers),
    )


def _transfer(w: Writer, transfer: Transfer) -> Part:
    account = ibans.compact(transfer.iban)
    number = w.text("IBAN", account) if is_iban(account) else w.part("Othr", w.text("Id", account))
    return w.part(
        "CdtTrfTxInf",
        w.part("PmtId", w.text("EndToEndId", transfer.payment_id)),
        w.part("Amt", w.text("InstdAmt", _amount(transfer), Ccy=transfer.currency)),
        w.part("CdtrAgt", w.part("FinInstnId", w.text("BICFI", transfer.bic.strip().upper()))),
        w.part("Cdtr", w.text("Nm", latin(transfer.creditor, 70)), _address(w, transfer.address)),
        w.part("CdtrAcct", w.part("Id", number)),
        w.part("RmtInf", w.text("Ustrd", latin(transfer.remittance, 140))),
    )


def _amount(transfer: Transfer) -> str:
    return f"{transfer.amount:.0f}" if transfer.currency in WHOLE else f"{transfer.amount:.2f}"


def _address(w: Writer, address: PostalAddress) -> Part:
    if not address.is_usable:
        return None
    return w.part(
        "PstlAdr",
        w.text("StrtNm", latin(address.street, 70)),
        w.text("BldgNb", latin(address.building, 16)),
        w.text("PstCd", latin(address.postcode, 16)),
        w.text("TwnNm", latin(address.town, 35)),
        w.text("Ctry", address.country.strip().upper()),
    )


# --- reading it back ----------------------------------------------------------------------------------------


def verify(content: bytes, batch: PaymentFile) -> None:
    """Read a payment file back and compare it with its batch; `BrokenFileError` at the first difference."""
    root = valid(content)
    read = [_read(element) for element in root.iter(f"{NAMESPACE}CdtTrfTxInf")]
    wanted = [
        (
            t.payment_id,
            t.currency,
            t.amount,
            ibans.compact(t.iban),
            t.bic.strip().upper(),
            *(_place(t.address) if t.address.is_usable else ("", "")),
            day.isoformat(),
        )
        for day, transfers in batch.by_day()
        for t in transfers
    ]
    if read != wanted:
        raise BrokenFileError("the payments of the file are not those of the batch")
    total = sum((t.amount for t in batch.transfers), Decimal(0))
    head = root.find(f".//{NAMESPACE}GrpHdr")
    if head is None or (_at(head, "NbOfTxs"), Decimal(_at(head, "CtrlSum"))) != (str(len(wanted)), total):
        raise BrokenFileError("count or control sum of the file is not that of the batch")
    if {_at(g, "DbtrAcct", "Id", "IBAN") for g in root.iter(f"{NAMESPACE}PmtInf")} != {
        ibans.compact(batch.iban)
    }:
        raise BrokenFileError("the account that the file is paid from is not ours")


def _place(address: PostalAddress) -> tuple[str, str]:
    return latin(address.town, 35), address.country.strip().upper()


def _read(element: etree._Element) -> tuple[str, str, Decimal, str, str, str, str, str]:
    amount = element.find(f"{NAMESPACE}Amt/{NAMESPACE}InstdAmt")
    group = element.getparent()
    if amount is None or group is None:
        raise BrokenFileError("a payment of the file has no amount")
    account = _at(element, "CdtrAcct", "Id", "IBAN") or _at(element, "CdtrAcct", "Id", "Othr", "Id")
    return (
        _at(element, "PmtId", "EndToEndId"),
        amount.get("Ccy", ""),
        Decimal(amount.text or "0"),
        account,
        _at(element, "CdtrAgt", "FinInstnId", "BICFI"),
        _at(element, "Cdtr", "PstlAdr", "TwnNm"),
        _at(element, "Cdtr", "PstlAdr", "Ctry"),
        _at(group, "ReqdExctnDt", "Dt"),
    )


def _at(element: etree._Element, *path: str) -> str:
    return element.findtext("/".join(f"{NAMESPACE}{name}" for name in path)) or ""
