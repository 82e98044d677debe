"""Why a bank did not pay, in plain words: ISO 20022 ExternalStatusReason1Code and ExternalReturnReason1Code.

Only codes that a credit transfer can come back with. A code that is not here is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Whose = Literal["vendor", "ours", "bank"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`whose` side has to do something: the vendor's account or name, our file or account, or the bank's own
    affair."""

    words: str
    whose: Whose


_VENDOR: Final = {
    "AC01": "the vendor's account number is wrong",
    "AC03": "the vendor's account number is not valid",
    "AC04": "the vendor's account is closed",
    "AC06": "the vendor's account is blocked",
    "AC07": "the vendor's account is closed",
    "AC14": "the vendor's account is of a kind that takes no such payment",
    "AC15": "the vendor's account details have changed",
    "ACCT": "the vendor's account number is wrong",
    "AG01": "the vendor's account takes no credit transfers",
    "AG03": "the vendor's bank does not take this kind of payment",
    "AC02": "the vendor's account number is not valid",
    "BE01": "name and account of the vendor do not belong together",
    "BE04": "the vendor's address is missing or wrong",
    "BE05": "the vendor is not known to its bank",
    "BE06": "the vendor is not known to its bank",
    "BE07": "the vendor's address is missing",
    "CNOR": "the vendor's bank is not reached by SEPA",
    "MD07": "the account's owner has died",
    "MS02": "the vendor refused the payment",
    "RC01": "the bank code (BIC) of the vendor is wrong",
    "RC04": "the bank code of the vendor is not valid",
    "RR03": "the vendor's name or address is missing",
    "NOCM": "the vendor's bank says that the rules for its customer are not met",
    "UPAY": "the vendor's bank says that the payment is not due",
}
_OURS: Final = {
    "AC13": "our account is of a kind that sends no such payment",
    "AG02": "the kind of payment in our file is wrong",
    "AM01": "the amount is zero",
    "AM02": "the amount is over what is allowed",
    "AM03": "the currency is not possible",
    "AM04": "our account had not enough money",
    "AM05": "the bank takes it for a duplicate",
    "AM09": "the amount is wrong",
    "AM10": "the control sum of our file is wrong",
    "CUST": "we called it back ourselves",
    "DNOR": "our bank is not reached by SEPA",
    "DT01": "the execution date is not possible",
    "DUPL": "the bank takes it for a duplicate",
    "DS02": "a signature on our file is missing",
    "DS0H": "who signed our file may not sign",
    "FF01": "our file has a wrong format",
    "FF05": "the kind of payment in our file is wrong",
    "FOCR": "we called it back ourselves",
    "FRAD": "the bank suspects fraud",
    "RC03": "the bank code (BIC) of our account is wrong",
    "RF01": "the reference of our payment is not unique",
    "RR01": "our account number is missing",
    "RR02": "our name or address is missing",
    "TM01": "our file came after the cut-off time",
}
_BANK: Final = {
    "ED05": "the settlement failed",
    "MS03": "the bank gives no reason",
    "NARR": "the bank says why in its own words",
    "NOAS": "the vendor's bank did not answer",
    "RR04": "a rule of the authorities stands against it",
    "SL01": "a service of the bank stands against it",
    "TECH": "the bank had a technical problem",
    "TS01": "the bank had a technical problem",
}

REASONS: Final[dict[str, Reason]] = (
    {code: Reason(words, "vendor") for code, words in _VENDOR.items()}
    | {code: Reason(words, "ours") for code, words in _OURS.items()}
    | {code: Reason(words, "bank") for code, words in _BANK.items()}
)


def words(code: str, text: str = "") -> str:
    """The reason as a sentence's part, with its code; the bank's own text where the code says nothing."""
    known = REASONS.get(code.upper())
    if known is None:
        said = text or ("no reason was given" if not code else "reason")
        return f"{said} ({code})" if code else said
    own = f": {text}" if text and code.upper() == "NARR" else ""
    return f"{known.words}{own} ({code.upper()})"


def is_about_the_account(code: str) -> bool:
    """Whether paying the same account again would come back again."""
    known = REASONS.get(code.upper())
    return known is not None and known.whose == "vendor" and code.upper() != "MS02"
