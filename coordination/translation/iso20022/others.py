"""Messages of ISO 20022 that may be brought by mistake, each in words that say what it is and what helps.

Names and directions are those of the ISO 20022 message catalogue (business areas pain, pacs, camt).
"""

from __future__ import annotations

from typing import Final

READ_INSTEAD: Final = (
    "bring what the bank answers, a status report (pain.002) or a notice or statement (camt.052, .053, .054)"
)

_ORDER: Final = "is a payment order, which goes to the bank and is no answer of it"
_BETWEEN: Final = "goes from bank to bank and not to a customer"

_KINDS: Final = (
    ("pain.001", "CstmrCdtTrfInitn", f"{_ORDER}; a run's own file is not brought back"),
    (
        "pain.007",
        "CstmrPmtRvsl",
        "reverses direct debits that we collected; nothing of it is ours to carry out",
    ),
    ("pain.008", "CstmrDrctDbtInitn", "is an order to collect direct debits, and no answer of the bank"),
    ("pain.013", "CdtrPmtActvtnReq", "is a request to be paid; what is to be paid comes as an invoice"),
    ("pain.014", "CdtrPmtActvtnReqStsRpt", "answers a request to be paid, and we make none"),
    (
        "camt.029",
        "RsltnOfInvstgtn",
        "answers a recall in words and moves no money; what comes back is in the notice or statement",
    ),
    ("camt.055", "CstmrPmtCxlReq", "asks the bank to cancel a payment, and is no answer of it"),
    ("camt.056", "FIToFIPmtCxlReq", "asks for a payment to be called back, and is no answer of the bank"),
    ("camt.060", "AcctRptgReq", "asks the bank for a report, and is not the report"),
    ("camt.086", "BkSvcsBllgStmt", "is the bank's own bill of its services, and names no payment"),
    ("pacs.002", "FIToFIPmtStsRpt", _BETWEEN),
    ("pacs.003", "FIToFICstmrDrctDbt", _BETWEEN),
    ("pacs.004", "PmtRtr", _BETWEEN),
    ("pacs.007", "FIToFIPmtRvsl", _BETWEEN),
    ("pacs.008", "FIToFICstmrCdtTrf", _BETWEEN),
    ("pacs.009", "FICdtTrf", _BETWEEN),
    ("pacs.028", "FIToFIPmtStsReq", _BETWEEN),
)

OTHERS: Final[dict[str, str]] = {
    key: f"a {message} {why}: {READ_INSTEAD}" for message, body, why in _KINDS for key in (message, body)
}
"""Message name and body element -> why it is not read, and what to bring instead."""
