"""Asking a bank to call payments back: camt.056.001.08, or camt.055.001.08 for banks that take the customer's
own message.

Payment systems and most banks' recall desks speak camt.056 (FIToFIPaymentCancellationRequest), which is a
message between banks: a customer hands it in where the bank has agreed to take it. camt.055
(CustomerPaymentCancellationRequest) is the message from customer to bank, and names the group of the file as
well. Both say the same: which message and which payment (end-to-end id) of ours, amount, day, and why.
Elements and their order are those of the ISO 20022 message definitions; what is written is read back before
it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from stdnum import iban as ibans

from .cross_border import WHOLE, is_iban
from .iso20022.writing import Part, Writer, moment
from .pain001 import SCHEMA, BrokenFileError
from .sepa_text import latin
from .xml import parse

Format = Literal["camt.056", "camt.055"]
FORMATS: Final[dict[Format, str]] = {"camt.056": "camt.056.001.08", "camt.055": "camt.055.001.08"}

REASONS: Final[dict[str, str]] = {
    "DUPL": "paid twice",
    "TECH": "a technical error made the payment wrong",
    "FRAD": "the order was obtained by fraud",
    "CUST": "we ask for it",
    "AM09": "the amount is wrong",
    "AC03": "the account is wrong",
}
"""ExternalCancellationReason1Code, as the SEPA rulebook takes them: DUPL, TECH, FRAD for a recall (ten bank
days after the booking, FRAD thirteen months), CUST, AM09, AC03 for a request of the originator (thirteen
months)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One payment that is to come back, as our file said it. `day`: when it was to be carried out."""

    payment_id: str
    group_id: str
    amount: Decimal
    currency: str
    day: date
    creditor: str
    account: str
    bic: str
    remittance: str


@dataclass(frozen=True, slots=True)
class Recall:
    """A request about payments of one file. `message_before` and `written_at` are those of the file."""

    message_id: str
    at: datetime
    reason: str
    debtor: str
    iban: str
    bic: str
    message_before: str
    written_at: datetime
    payments: tuple[Wanted, ...]


def find_format(kind: str) -> Format | None:
    """The message of this name; None where there is none."""
    return next((f for f in FORMATS if f == kind), None)


def render(recall: Recall, kind: Format = "camt.056") -> bytes:
    """The message. The same request gives the same bytes. Raises `BrokenFileError` where it does not say what
    was asked."""
    w = Writer(FORMATS[kind])
    total = sum((p.amount for p in recall.payments), Decimal(0))
    head = [
        w.part(
            "Assgnmt",
            w.text("Id", recall.message_id),
            w.part("Assgnr", w.part("Pty", w.text("Nm", latin(recall.debtor, 70)))),
            w.part("Assgne", w.part("Agt", _bank(w, recall.bic))),
            w.text("CreDtTm", moment(recall.at)),
        ),
        w.part("CtrlData", w.text("NbOfTxs", str(len(recall.payments))), w.text("CtrlSum", f"{total:.2f}")),
    ]
    if kind == "camt.056":
        inside = [_between_banks(w, recall, n, p) for n, p in enumerate(recall.payments, 1)]
        body = w.part("FIToFIPmtCxlReq", *head, w.part("Undrlyg", *inside))
    else:
        body = w.part("CstmrPmtCxlReq", *head, w.part("Undrlyg", *_by_group(w, recall)))
    content = w.document(body)
    _verify(content, recall, w)
    return content


def _between_banks(w: Writer, recall: Recall, position: int, p: Wanted) -> Part:
    return w.part(
        "TxInf",
        w.text("CxlId", _cancellation_id(recall, position)),
        _original_file(w, recall),
        w.text("OrgnlEndToEndId", p.payment_id),
        w.text("OrgnlIntrBkSttlmAmt", _amount(p), Ccy=p.currency),
        w.text("OrgnlIntrBkSttlmDt", p.day.isoformat()),
        _why(w, recall, f"Group {p.group_id}"),
        _original(w, recall, p),
    )


def _by_group(w: Writer, recall: Recall) -> list[Part]:
    """One part for each group of the file, as camt.055 wants it."""
    found: dict[str, list[Part]] = {}
    for n, p in enumerate(recall.payments, 1):
        found.setdefault(p.group_id, []).append(
            w.part(
                "TxInf",
                w.text("CxlId", _cancellation_id(recall, n)),
                w.text("OrgnlEndToEndId", p.payment_id),
                w.text("OrgnlInstdAmt", _amount(p), Ccy=p.currency),
                w.part("OrgnlReqdExctnDt", w.text("Dt", p.day.isoformat())),
                _why(w, recall),
                _original(w, recall, p),
            )
        )
    return [
        w.part(
            "OrgnlPmtInfAndCxl",
            w.text("OrgnlPmtInfId", group),
            _original_file(w, recall),
            w.text("PmtInfCxl", "false"),
            *inside,
        )
        for group, inside in found.items()
    ]


def _original_file(w: Writer, recall: Recall) -> Part:
    return w.part(
        "OrgnlGrpInf",
        w.text("OrgnlMsgId", recall.message_before),
        w.text("OrgnlMsgNmId", SCHEMA),
        w.text("OrgnlCreDtTm", moment(recall.written_at)),
    )


def _why(w: Writer, recall: Recall, more: str = "") -> Part:
    said = [w.text("AddtlInf", text) for text in (REASONS[recall.reason], more) if text]
    return w.part(
        "CxlRsnInf",
        w.part("Orgtr", w.text("Nm", latin(recall.debtor, 70))),
        w.part("Rsn", w.text("Cd", recall.reason)),
        *said,
    )


def _original(w: Writer, recall: Recall, p: Wanted) -> Part:
    account = ibans.compact(p.account)
    number = w.text("IBAN", account) if is_iban(account) else w.part("Othr", w.text("Id", account))
    return w.part(
        "OrgnlTxRef",
        w.part("Amt", w.text("InstdAmt", _amount(p), Ccy=p.currency)),
        w.part("ReqdExctnDt", w.text("Dt", p.day.isoformat())),
        w.text("PmtMtd", "TRF"),
        w.part("RmtInf", w.text("Ustrd", latin(p.remittance, 140))),
        w.part("Dbtr", w.part("Pty", w.text("Nm", latin(recall.debtor, 70)))),
        w.part("DbtrAcct", w.part("Id", w.text("IBAN", ibans.compact(recall.iban)))),
        w.part("DbtrAgt", _bank(w, recall.bic)),
        w.part("CdtrAgt", _bank(w, p.bic)),
        w.part("Cdtr", w.part("Pty", w.text("Nm", latin(p.creditor, 70)))),
        w.part("CdtrAcct", w.part("Id", number)),
    )


def _bank(w: Writer, bic: str) -> Part:
    known = w.text("BICFI", bic) if bic else w.part("Othr", w.text("Id", "NOTPROVIDED"))
    return w.part("FinInstnId", known)


def _cancellation_id(recall: Recall, position: int) -> str:
    return f"{recall.message_id[:31]}-{position:03}" if len(recall.payments) > 1 else recall.message_id


def _amount(p: Wanted) -> str:
    return f"{p.amount:.0f}" if p.currency in WHOLE else f"{p.amount:.2f}"


def _verify(content: bytes, recall: Recall, w: Writer) -> None:
    """Read it back: ids, amounts and reasons are those that were asked for."""
    root, ns = parse(content), f"{{{w.namespace}}}"

    def texts(*names: str) -> Sequence[str]:
        return [e.text or "" for e in root.iter(*(ns + name for name in names))]

    amounts = [Decimal(t) for t in texts("OrgnlIntrBkSttlmAmt", "OrgnlInstdAmt")]
    by_group = sorted(recall.payments, key=lambda p: [q.group_id for q in recall.payments].index(p.group_id))
    ordered = recall.payments if w.namespace.endswith(FORMATS["camt.056"]) else by_group
    if (
        texts("OrgnlEndToEndId") != [p.payment_id for p in ordered]
        or amounts != [p.amount for p in ordered]
        or set(texts("OrgnlMsgId")) != {recall.message_before}
        or set(texts("Cd")) != {recall.reason}
    ):
        raise BrokenFileError("the recall does not say what was asked for")
