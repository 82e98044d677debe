"""Messages of a bank, as it would write them: status reports (pain.002) and notifications (camt.054)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from coordination.models import Payment, PaymentBatch
from coordination.translation.pain001 import message_id
from tests import cast


def on(days: int = 0) -> str:
    """A day by which every run of the tests was to be carried out, and so many days after it."""
    return (cast.today() + timedelta(days=40 + days)).isoformat()


def at(days: int = 0) -> str:
    """Ten in the morning of such a day."""
    return f"{on(days)}T10:00:00+01:00"


WHEN = at()


def tag(name: str, *inside: str, **attributes: str) -> str:
    """An element; empty ones are left out."""
    text = "".join(inside)
    shown = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return f"<{name}{shown}>{text}</{name}>" if text else ""


def document(message: str, version: int, body: str) -> bytes:
    """A message of this kind and version."""
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}.001.{version:02}"
    return f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}">{body}</Document>'.encode()


def header(number: str, when: str = WHEN) -> str:
    return tag("GrpHdr", tag("MsgId", number), tag("CreDtTm", when))


def of(batch: PaymentBatch) -> str:
    """The message id that our file had."""
    return message_id(batch.id.hex)


# --- pain.002 -------------------------------------------------------------------------------------------


def why(code: str, text: str = "") -> str:
    """Why a status is what it is."""
    return tag("StsRsnInf", tag("Rsn", tag("Cd", code)), tag("AddtlInf", escape(text))) if code else ""


def answered(
    payment: Payment | str,
    status: str,
    reason: str = "",
    text: str = "",
    amount: str = "",
    currency: str = "EUR",
) -> str:
    """The status of one payment; a text instead of a payment is an end-to-end id."""
    key = payment if isinstance(payment, str) else payment.id.hex
    reference = tag("OrgnlTxRef", tag("Amt", tag("InstdAmt", amount, Ccy=currency)))
    return tag("TxInfAndSts", tag("OrgnlEndToEndId", key), tag("TxSts", status), why(reason, text), reference)


def status_report(
    message: str,
    *transactions: str,
    number: str = "PSR-1",
    file: str = "",
    file_reason: str = "",
    group: str = "",
    group_id: str = "",
    when: str = WHEN,
    version: int = 3,
) -> bytes:
    """A pain.002 about the file `message`: the status of the file, of one group, of single payments."""
    original = tag(
        "OrgnlGrpInfAndSts",
        tag("OrgnlMsgId", message),
        tag("OrgnlMsgNmId", "pain.001.001.09"),
        tag("GrpSts", file),
        why(file_reason),
    )
    infos = tag(
        "OrgnlPmtInfAndSts",
        tag("OrgnlPmtInfId", group_id or message),
        tag("PmtInfSts", group),
        *transactions,
    )
    return document(
        "pain.002",
        version,
        tag("CstmrPmtStsRpt", header(number, when), original, infos if group or transactions else ""),
    )


# --- camt.054 -------------------------------------------------------------------------------------------


def detail(
    payment: Payment | str,
    amount: str = "",
    back: str = "",
    direction: str = "",
    group: str = "",
    message: str = "",
) -> str:
    """One payment of an entry; `back` is the reason for which it was returned."""
    key = payment if isinstance(payment, str) else payment.id.hex
    return tag(
        "TxDtls",
        tag("Refs", tag("MsgId", message), tag("PmtInfId", group), tag("EndToEndId", key)),
        tag("Amt", amount, Ccy="EUR"),
        tag("CdtDbtInd", direction),
        tag("RtrInf", tag("Rsn", tag("Cd", back))),
    )


def whole(message: str = "", group: str = "", count: int | None = None, total: Decimal | None = None) -> str:
    """The sum of a file, or of one group of it."""
    return tag(
        "Btch",
        tag("MsgId", message),
        tag("PmtInfId", group),
        tag("NbOfTxs", "" if count is None else str(count)),
        tag("TtlAmt", "" if total is None else str(total), Ccy="EUR"),
    )


def entry(
    amount: object,
    *details: str,
    direction: str = "DBIT",
    status: str = "BOOK",
    day: str = on(),
    reversal: bool = False,
    version: int = 8,
) -> str:
    """An entry of our account."""
    code = status if version < 4 else tag("Cd", status)
    return tag(
        "Ntry",
        tag("Amt", str(amount), Ccy="EUR"),
        tag("CdtDbtInd", direction),
        tag("RvslInd", "true" if reversal else ""),
        tag("Sts", code),
        tag("BookgDt", tag("Dt", day)),
        tag("NtryDtls", *details),
    )


def notice(*entries: str, number: str = "NTF-1", when: str = WHEN, version: int = 8) -> bytes:
    """A camt.054 with these entries."""
    account = tag("Acct", tag("Id", tag("IBAN", "DE89370400440532013000")))
    inside = tag("Ntfctn", tag("Id", number), account, *entries)
    return document("camt.054", version, tag("BkToCstmrDbtCdtNtfctn", header(number, when), inside))


def debit(payments: Sequence[Payment], **changes: str) -> bytes:
    """A notification that these payments have left, each with its amount."""
    total = sum((p.amount for p in payments), Decimal(0))
    return notice(entry(total, *(detail(p, str(p.amount)) for p in payments)), **changes)  # type: ignore[arg-type]
