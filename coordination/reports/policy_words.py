"""A policy in words: each tolerance, limit and rule as a sentence, and every setting of its text below."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from audit.words import how_many

from ..domain.doses import DisplayOrder, Dose, DoseKind
from ..domain.hold_codes import CATALOGUE
from ..domain.policy import Policy, Rule, Tolerance
from ..governance.rule_facts import FACTS, OPERATORS
from .blocks import Block, Facts, Grid, Text

SECTIONS = {"A": "A, hard stops", "B": "B, managers' rows", "Z": "Z, the last row"}


def policy_blocks(policy: Policy, text: str) -> Iterator[Block]:
    """Everything a policy says."""
    yield Text("Tolerances", "h3")
    yield Grid(
        ("Id", "Matter", "In its own words", "Holds when the excess is"),
        (8, 14, 44, 34),
        [
            (t.id, name, t.text, tolerance(t))
            for name, t in (
                ("price", policy.price),
                ("quantity", policy.quantity),
                ("tax", policy.tax),
                ("totals", policy.totals),
                ("order amount", policy.order_amount),
                ("charge", policy.charge),
            )
        ],
        mono=frozenset({0}),
    )
    yield Text("Waiting, duplicates, splits, matching", "h3")
    yield Facts(list(_settings(policy)))
    yield Text("Rules, in their order", "h3")
    yield Text(
        "Each row that holds is noted. A row that escalates adds its reason; the invoice clears by itself"
        " only when a row says so and none before it escalated. A fact that a row names and that is missing"
        " counts as a reason to escalate."
    )
    yield Grid(
        ("Rule", "Section", "In its own words", "If", "Then"),
        (7, 14, 29, 27, 23),
        [(r.id, SECTIONS[r.section], r.text, condition(r), result(r)) for r in policy.rules],
        mono=frozenset({0}),
    )
    yield Text("Who signs how much, and by when", "h3")
    money = policy.company_currency
    yield Facts(
        [(f"A {group} signs up to", f"{money} {limit:,.2f}") for group, limit in policy.limits]
        + [(f"Queue {queue} answers within", how_many(hours, "hour")) for queue, hours in policy.sla_hours]
        + [("Any other queue", "24 hours"), ("A group that is not named", "signs nothing")]
        + list(_answering(policy))
    )
    yield Text("Oversight", "h3")
    yield Text(f"On the page of a case {ORDERS[policy.oversight.order]}.")
    if policy.oversight.doses:
        yield Text("While the catch rate of a queue has fallen below the goal, there:")
        yield Grid(
            ("Row", "In its own words", "What it does"),
            (8, 42, 50),
            [(d.id, d.text, dose(d)) for d in policy.oversight.doses],
            mono=frozenset({0}),
        )
    else:
        yield Text("Nothing is done while the catch rate of a queue has fallen below the goal.")
    yield Text("Every other setting of the text", "h3")
    rows = [(path, value) for path, value in leaves(json.loads(text)) if not path.startswith("rules[")]
    yield Grid(("Setting", "Value"), (35, 65), rows, mono=frozenset({0}))


ORDERS = {
    DisplayOrder.EVIDENCE: "the evidence stands first",
    DisplayOrder.RECOMMENDATION: "what the agents recommend stands first",
    DisplayOrder.DRAWN: "it is drawn for each question whether evidence or recommendation stands first",
}


def dose(row: Dose) -> str:
    """An approval over 5,000.00 takes two people."""
    over = "" if row.over is None else f" over {row.over:,.2f}"
    if row.kind is DoseKind.BURST:
        return f"{(row.share or 0) * 100:f} of 100 questions bring a known-answer case".replace(".00", "")
    if row.kind is DoseKind.SECOND_READER:
        return f"of questions opened meanwhile, an approval{over} takes two people"
    return (
        f"an approval or override{over} is taken {how_many(row.seconds, 'second')} after the page was shown"
        " to that person, at the earliest"
    )


def tolerance(t: Tolerance) -> str:
    """More than 2 % or more than 100.00 in the currency of the invoice."""
    limits = [f"more than {t.pct:f} %"] if t.pct is not None else []
    limits += (
        [
            f"more than {t.abs:,.2f} in the currency of the invoice"
            if t.id != "T-02"
            else f"more than {t.abs:f}"
        ]
        if t.abs is not None
        else []
    )
    if t.units:
        limits.append(f"more than {t.units:f} of the smallest unit of its currency, whichever is more")
    return " or ".join(limits) or "anything: no tolerance is configured"


def _settings(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "Company currency", policy.company_currency
    yield (
        "A missing receipt",
        (
            f"is waited for {how_many(policy.receipt_wait_days, 'day')} from the invoice's date; then a"
            " person is asked"
        ),
    )
    yield (
        "An old invoice",
        (
            f"dated more than {how_many(policy.backlog_days, 'day')} before it came: the wait counts from"
            " intake"
        ),
    )
    yield from _days_and_units(policy)
    for vendor, unit, level in policy.matching:
        who = " and ".join(
            filter(None, [f"vendor {vendor}" if vendor else "", f"unit {unit}" if unit else ""])
        )
        yield f"Matching for {who or 'everything else'}", MATCHING[level]
    yield (
        "Duplicates",
        (
            f"same vendor, currency and gross within {how_many(policy.duplicate_days, 'day')} and a similar"
            " number; about"
            f" a month apart ({policy.recurring_days[0]} to {policy.recurring_days[1]} days) with another"
            " number is recurring, not double"
        ),
    )
    yield (
        "Splits",
        (
            f"{policy.split_count} or more of one vendor within {how_many(policy.split_days, 'day')}, each"
            f" from {policy.split_from_pct:f} % of a threshold up to it"
        ),
    )
    yield (
        "Confidence",
        f"an answer under {policy.confidence} goes to a person"
        + "".join(f"; of {agent} under {least}" for agent, least in policy.agent_confidence),
    )
    yield (
        "Two vendors with one account",
        "is a reason to hold" if policy.shared_account == "hold" else "is recorded, not held",
    )
    yield "A vendor not paid for", f"{how_many(policy.dormant_days, 'day')} counts as dormant"
    yield "Random audits are drawn with the seed", policy.audit_seed


def _answering(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "Hours", "of business days: Monday to Friday without public holidays"
    close = "no question waits for it"
    if policy.period_close is not None:
        days = how_many(policy.period_close, "business day")
        after = f"{days} after its last one" if policy.period_close else "its last business day"
        close = f"noon, {after}: questions about invoices of the month are to be answered before"
    yield "The close of a month", close
    yield from (
        (f"Overdue in queue {queue}", f"{other} answers it, too, as managers do")
        for queue, other in policy.backups
    )


def _days_and_units(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.ahead_days is not None:
        yield (
            "A date ahead",
            f"issued more than {how_many(policy.ahead_days, 'day')} after it came: a person is asked",
        )
    if policy.oldest_days is not None:
        yield (
            "A date of old",
            f"issued more than {how_many(policy.oldest_days, 'day')} before it came: a person is asked",
        )
    for unit in sorted({unit for _, unit in policy.units}):
        named = ", ".join(currency for currency, own in policy.units if own == unit)
        yield f"Billed in units of {unit:f}", f"{named}; every other currency in units of 0.01"


MATCHING = {
    2: "two-way: against the order; no receipt is asked for",
    3: "three-way: against the order and what was received",
    4: "four-way: against the order, what was received and what was accepted",
}


def condition(rule: Rule) -> str:
    """the gross amount in company currency is over 10,000.00."""
    return " and ".join(_condition(*row) for row in rule.when) or "always"


def _condition(fact: str, operator: str, value: str) -> str:
    row, sign = FACTS.get(fact), OPERATORS.get(operator)
    if row and row.kind == "codes" and value in CATALOGUE:
        value = f"“{CATALOGUE[value].words}” ({value})"
    elif row and row.kind == "money":
        value = f"{Decimal(value):,.2f}"
    return f"{row.words if row else fact} {sign.words if sign else operator} {value}"


def result(rule: Rule) -> str:
    """What a row does."""
    reason = f", reason {rule.reason}" if rule.reason else ""
    persons = "one person decides" if rule.quorum == 1 else f"{rule.quorum} persons decide"
    if rule.signers:
        persons += f", among them {' and '.join(map(signer_words, rule.signers))}"
    if rule.then == "sample" and rule.rate is not None:
        return f"a share of {(rule.rate * 100).normalize():f} % is drawn: {persons}{reason}"
    return {
        "auto": "it clears without a person",
        "escalate": f"{persons}{reason}",
        "block": f"it is blocked{reason}",
    }.get(rule.then, rule.then)


def signer_words(name: str) -> str:
    """a manager; somebody from finance."""
    return f"a {name}" if name == "manager" else f"somebody from {name}"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a JSON text with its path: `tolerances.price.pct`, `rules[0].when[0][2]`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{place}]")
        if not value:
            yield path, "(none)"
    else:
        yield path, "(none)" if value is None else str(value)
