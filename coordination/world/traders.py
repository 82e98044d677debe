"""The vendors of the made-up trade: the same in every world, with a few of their own for what concerns a
vendor."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from schwifty import IBAN

from ..translation.canonical import Account, Address, Party, Vendor
from .catalogue import BLOCKED, COMPANIES, INVALID, MOVING, NAMESAKES, TAX, VAT_FORM, Company

STYLES = (
    "{initials}-{year}-{digits}",
    "RE{year}/{digits}",
    "{digits}",
    "F {digits}/{short}",
    "{initials}{digits}",
)
"""How vendors write the numbers of their invoices. Each has a fixed length, see
`making.Maker.invoice_number`."""


@dataclass(frozen=True, slots=True)
class Trader:
    """A vendor of the world. `style` is how it numbers invoices."""

    vendor_id: str
    company: Company
    vat_id: str
    iban: str
    style: str
    status: str = "active"

    @property
    def currency(self) -> str:
        return self.company.currency

    @property
    def rate(self) -> str:
        """The usual tax rate of its country, in per cent."""
        return TAX[self.company.country]

    @property
    def initials(self) -> str:
        return "".join(c for c in self.company.name if c.isupper())[:2]

    def party(self, name: str = "") -> Party:
        """As it stands on its documents, under its own name unless another is given."""
        return Party(
            name=name or self.company.name,
            vat_id=self.vat_id,
            party_ids=(self.vendor_id,),
            address=Address("Hauptstrasse 7", "Musterstadt", "10115", self.company.country),
            legal_name=name or self.company.name,
        )

    def account(self) -> Account:
        return Account(number=self.iban, bic="COBADEFFXXX")

    def master(self, iban: str = "") -> Vendor:
        """Its row in our vendor list, or the one that changes its account."""
        c = self.company
        status = "blocked" if self.status == "blocked" else "active"
        return Vendor(
            self.vendor_id,
            c.name,
            self.vat_id,
            iban or self.iban,
            "COBADEFFXXX",
            c.country,
            c.currency,
            c.terms,
            status,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Traders:
    """The usual vendors, and those of their own kind: blocked, with an invalid VAT id, about to change
    account, and two that number their invoices alike."""

    usual: tuple[Trader, ...]
    blocked: tuple[Trader, ...]
    invalid: tuple[Trader, ...]
    moving: tuple[Trader, ...]
    namesakes: tuple[Trader, ...]

    def everybody(self) -> tuple[Trader, ...]:
        return (*self.usual, *self.blocked, *self.invalid, *self.moving, *self.namesakes)


def traders() -> Traders:
    """All vendors. Their keys follow from a seed of their own, so that every world has the same."""
    chance = random.Random("traders")  # noqa: S311 - a game, not a secret
    return Traders(
        usual=tuple(_trader(1000 + i, i, company, chance) for i, company in enumerate(COMPANIES)),
        blocked=tuple(
            _trader(2000 + i, i, company, chance, status="blocked") for i, company in enumerate(BLOCKED)
        ),
        invalid=tuple(
            _trader(2100 + i, i, company, chance, vat_id=f"{company.country}12{i}")
            for i, company in enumerate(INVALID)
        ),
        moving=tuple(_trader(2200 + i, i, company, chance) for i, company in enumerate(MOVING)),
        namesakes=tuple(_trader(2300 + i, 0, company, chance) for i, company in enumerate(NAMESAKES)),
    )


def _trader(
    number: int,
    style: int,
    company: Company,
    chance: random.Random,
    *,
    vat_id: str = "",
    status: str = "active",
) -> Trader:
    vat = re.sub("#", lambda _: str(chance.randint(1, 9)), VAT_FORM[company.country])
    iban = str(IBAN.generate("DE", bank_code="37040044", account_code=f"{532_000_000 + number * 7919:010d}"))
    return Trader(f"V-{number}", company, vat_id or vat, iban, STYLES[style % len(STYLES)], status)


def other_account(chance: random.Random) -> str:
    """An account at another bank that no vendor has."""
    return str(IBAN.generate("DE", bank_code="50010517", account_code=f"{chance.randrange(10**9):010d}"))
