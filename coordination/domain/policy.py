"""The rules in force as exact types. `governance.policy` reads them from versioned text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from audit.errors import CountersignError

from .doses import DisplayOrder, Dose


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bounds that were stated; None or empty for one that was not. All that are stated have to hold."""

    gross: Decimal | None = None
    currencies: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    source_formats: tuple[str, ...] = ()


class PolicyInvalid(CountersignError):
    """The policy text is not valid; nothing is decided on it."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much over is allowed. Either limit broken is a breach; "by more than" throughout; None = no such
    limit.

    `units`: so many of the smallest units in which the currency is billed are allowed where that is more than
    `abs`: whoever bills in whole yen rounds up, down or to the nearest.
    """

    id: str
    text: str
    pct: Decimal | None
    abs: Decimal | None
    units: Decimal | None = None

    def breached(self, excess: Decimal, base: Decimal) -> bool:
        """Is `excess` (positive = against us) over `base` more than allowed? Nothing configured = hold."""
        if self.pct is None and self.abs is None:
            return excess > 0
        over_abs = self.abs is not None and excess > self.abs
        over_pct = self.pct is not None and excess * 100 > self.pct * base
        return over_abs or over_pct


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the ordered table: if every condition holds, `then` with `reason`.

    `when`: (fact, operator, value) triples over the facts of `governance.rule_facts.FACTS`. `signers`: groups
    and departments that have to be among the people who sign, each by another person.
    """

    id: str
    section: Literal["A", "B", "Z"]
    text: str
    when: tuple[tuple[str, str, str], ...]
    then: Literal["auto", "escalate", "block", "sample"]
    reason: str = ""
    quorum: int = 1
    rate: Decimal | None = None
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Oversight:
    """How people's attention is kept: what stands first on the page of a case, and what is done while the
    catch rate of a queue has fallen."""

    order: DisplayOrder = DisplayOrder.EVIDENCE
    doses: tuple[Dose, ...] = ()


CENT = Decimal("0.01")
"""The smallest unit of a currency of which the policy names none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules, typed. Money in company currency unless said otherwise.

    `units` are the smallest units of currencies that are not billed in cents (ISO 4217, and national
    practice). `ahead_days` and `oldest_days` bound the issue date around the day of receipt; None: no such
    bound. `period_close`: so many business days after the last one of a month its books are closed; None:
    no question waits for that. `backups`: department, and the one that answers its questions once they are
    overdue.
    """

    revision: int
    sha256: str
    company_currency: str
    price: Tolerance
    quantity: Tolerance
    tax: Tolerance
    totals: Tolerance
    order_amount: Tolerance
    charge: Tolerance
    receipt_wait_days: int
    backlog_days: int
    duplicate_days: int
    split_count: int
    split_days: int
    split_from_pct: Decimal
    recurring_days: tuple[int, int]
    confidence: Decimal
    agent_confidence: tuple[tuple[str, Decimal], ...]
    rules: tuple[Rule, ...]
    limits: tuple[tuple[str, Decimal], ...]
    sla_hours: tuple[tuple[str, int], ...]
    audit_seed: str
    matching: tuple[tuple[str, str, int], ...]
    shared_account: Literal["record", "hold"]
    dormant_days: int
    envelopes: tuple[tuple[str, Envelope], ...] = ()
    units: tuple[tuple[str, Decimal], ...] = ()
    ahead_days: int | None = None
    oldest_days: int | None = None
    oversight: Oversight = Oversight()
    period_close: int | None = 0
    backups: tuple[tuple[str, str], ...] = ()

    def unit(self, currency: str) -> Decimal:
        """The smallest unit in which a currency is billed."""
        return dict(self.units).get(currency, CENT)

    def allowed(self, tolerance: Tolerance, currency: str) -> Decimal:
        """The difference that rounding explains in a currency: nothing where no tolerance is configured."""
        least = tolerance.abs or Decimal(0)
        return max(least, tolerance.units * self.unit(currency)) if tolerance.units is not None else least

    def envelope(self, agent: str) -> Envelope | None:
        """What an agent was approved for, or None for no limit."""
        return dict(self.envelopes).get(agent)

    def matching_level(self, vendor: str, unit: str) -> int:
        """2: no receipt is asked for; 3: received; 4: received and accepted. The first row that fits says
        it."""
        for vendor_id, code, level in self.matching:
            if vendor_id in {"", vendor} and code.upper() in {"", unit.upper()}:
                return level
        return 4

    @property
    def name(self) -> str:
        return f"v{self.revision}"

    def threshold(self, agent: str) -> Decimal:
        """The confidence below which an agent's answer goes to a person."""
        return dict(self.agent_confidence).get(agent, self.confidence)

    def limit(self, group: str) -> Decimal | None:
        """The amount up to which a member of `group` signs, or None for no right to sign."""
        return dict(self.limits).get(group)

    def sla(self, queue: str) -> int:
        """Hours of business days that a question may stand in `queue`."""
        return dict(self.sla_hours).get(queue, 24)

    def backup(self, queue: str) -> str:
        """The department that answers the questions of another once their time is over; empty: managers
        alone do."""
        return dict(self.backups).get(queue, "")
