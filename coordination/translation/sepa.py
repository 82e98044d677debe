"""What a SEPA credit transfer is, and what may not go as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from stdnum import iban as ibans
from stdnum.exceptions import ValidationError as BadIban

from .sepa_text import latin
from .values import country, is_bic

MAX_AMOUNT: Final = Decimal("999999999.99")

# fmt: off
SEPA_COUNTRIES: Final = frozenset({
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
    "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK",
    "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
})
# fmt: on
"""First two letters of the IBANs that the SEPA scheme reaches (EPC409-09)."""

REFERENCE: Final = re.compile(r"[A-Za-z0-9?:().,'+ -](?:/?[A-Za-z0-9?:().,'+ -])*")
"""Identifiers of the scheme: the Latin set; a slash neither first nor last nor doubled."""


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
    """One credit transfer. `payment_id` becomes the end-to-end id, `remittance` names the invoice.

    `execution_date` is the day on which it is carried out, that of the batch unless it has one of its own.
    `reference` is what the payee asks to see with the money.
    """

    payment_id: str
    creditor: str
    iban: str
    amount: Decimal
    remittance: str
    bic: str = ""
    currency: str = "EUR"
    address: PostalAddress = PostalAddress()
    execution_date: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A batch to be executed from one account. `created_at` is the batch's own time."""

    batch_id: str
    created_at: datetime
    execution_date: date
    debtor: str
    iban: str
    transfers: tuple[Transfer, ...]
    bic: str = ""
    address: PostalAddress = PostalAddress()
    copy: int = 1
    """Which file of the batch it is: from the second on the bank is to take it for a new one."""

    def by_day(self) -> list[tuple[date, tuple[Transfer, ...]]]:
        """The transfers of each day, in order of days: each is a group (`PmtInf`) of the file."""
        found: dict[date, list[Transfer]] = {}
        for transfer in self.transfers:
            found.setdefault(transfer.execution_date or self.execution_date, []).append(transfer)
        return [(day, tuple(found[day])) for day in sorted(found)]


def carries(currency: str, account: str) -> bool:
    """Does SEPA carry this currency to this account?"""
    return currency == "EUR" and not account_problem(account, "")


def refusal(transfer: Transfer) -> str:
    """Why this cannot go by SEPA credit transfer, in words; empty if it can."""
    if len(transfer.payment_id) > 35 or not REFERENCE.fullmatch(transfer.payment_id):
        return "the id is no end-to-end id of at most 35 Latin characters"
    if transfer.currency != "EUR":
        return f"in {transfer.currency}, SEPA carries euro only"
    problem = account_problem(transfer.iban, transfer.bic) or _amount_problem(transfer.amount)
    if problem:
        return problem
    if not latin(transfer.creditor, 70) or not latin(transfer.remittance, 140):
        return "needs the creditor's name and a remittance text"
    return ""


@lru_cache(maxsize=4096)  # a run pays few accounts often
def account_problem(iban: str, bic: str) -> str:
    """What is wrong with a creditor's account, in words."""
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
