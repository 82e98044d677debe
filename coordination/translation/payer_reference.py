"""What a payment tells its payee: the reference that the payee asks for (BT-83), else the number of the
invoice.

A reference with check digits goes where machines read it (`RmtInf/Strd/CdtrRefInf`, type SCOR): a creditor
reference of ISO 11649, a Belgian structured communication, a Finnish reference number to a Finnish account.
SEPA carries one or the other, so beside it there is no text. Any other reference stands in the text, before
the number of the invoice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stdnum import iso11649
from stdnum.be import ogm_vcs

from .sepa import Transfer
from .sepa_text import latin

MOST: Final = 140
"""Characters of the text (EPC115-06)."""

_BELGIAN: Final = re.compile(r"[+*]{3}\s*[0-9]{3}\s*/\s*[0-9]{4}\s*/\s*[0-9]{5}\s*[+*]{3}")
_FINNISH: Final = re.compile(r"[0-9]{4,20}")


@dataclass(frozen=True, slots=True)
class Remittance:
    """What stands in the file: a checked `reference` with the issuer of its scheme, or else a `text`."""

    reference: str = ""
    issuer: str = ""
    text: str = ""


def remittance(transfer: Transfer) -> Remittance:
    """What the payee is told of this payment."""
    stated = " ".join(transfer.reference.split())
    compact = stated.replace(" ", "").upper()
    if compact.startswith("RF") and iso11649.is_valid(compact):
        return Remittance(compact, "ISO")
    if _BELGIAN.fullmatch(stated) and ogm_vcs.is_valid(stated):
        return Remittance(ogm_vcs.compact(stated), "BBA")
    if transfer.iban.replace(" ", "").upper().startswith("FI") and _is_finnish(compact):
        return Remittance(compact)
    number = transfer.remittance
    beside = [] if not stated else [stated]
    return Remittance(
        text=latin(" ".join(beside if stated and number in stated else [*beside, number]), MOST)
    )


def _is_finnish(number: str) -> bool:
    """Do the digits end in their check digit (weights 7, 3, 1 from the right)?"""
    if not _FINNISH.fullmatch(number):
        return False
    weighed = sum(int(d) * (7, 3, 1)[n % 3] for n, d in enumerate(reversed(number[:-1])))
    return (10 - weighed % 10) % 10 == int(number[-1])
