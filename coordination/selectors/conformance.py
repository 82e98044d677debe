"""How invoices really went against how they are meant to go: the ways they took, with counts and money, and
what must not happen, looked for in history and not where it is prevented."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from audit import clock
from reviews.selectors import people

from ..domain.hold_codes import CATALOGUE
from ..domain.key_figures import Share
from ..domain.paths import Kind, kind_of
from ..facts.makers import BROUGHT_BY_PEOPLE
from ..facts.receipt_versions import in_force_at
from ..tasks.sql import rows
from ..translation import nature
from .counted_lists import CountedList

PERIODS = (30, 90, 365)
MOST_VARIANTS = 30
MOST_SHOWN = 50

WAYS = """
WITH steps AS (
    SELECT h.id, h.state, h.history_id, h.history_date,
           lag(h.state) OVER (PARTITION BY h.id ORDER BY h.history_id) AS before
      FROM coordination_historicalinvoice h JOIN coordination_invoice i ON i.id = h.id
     WHERE i.received_at >= %(since)s),
paths AS (
    SELECT id, array_agg(state ORDER BY history_id)::text[] AS path,
           max(history_date) - min(history_date) AS took
      FROM steps WHERE state IS DISTINCT FROM before GROUP BY id)
"""
PATHS = f"""{WAYS}
SELECT p.path, i.currency, count(*), coalesce(sum(i.gross) FILTER (WHERE i.type = 'invoice'), 0),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY p.took)
  FROM paths p JOIN coordination_invoice i ON i.id = p.id GROUP BY p.path, i.currency
"""  # noqa: S608 - made of constants
TOOK_IT = f"""{WAYS}
SELECT p.id AS invoice_id, NULL::uuid AS case_id, i.received_at AS at, ARRAY[i.lane]::text[] AS cells
  FROM paths p JOIN coordination_invoice i ON i.id = p.id WHERE p.path = %(path)s::text[]
"""  # noqa: S608 - made of constants


@dataclass(slots=True)
class Variant:
    """One way, as so many invoices went it. `sums`: what they bill, by currency; credits are not counted off.
    `took`: the median from its first step to its last, of the currency with the most invoices."""

    path: tuple[str, ...]
    kind: Kind
    share: Share
    sums: dict[str, Decimal] = field(default_factory=dict)
    took: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """One invoice that something happened to which must not."""

    invoice: UUID
    number: str
    vendor: str
    currency: str
    gross: Decimal | None
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule found. `shown` are the first of `all`."""

    key: str
    title: str
    words: str
    all: Sequence[Violation]

    @property
    def shown(self) -> Sequence[Violation]:
        return self.all[:MOST_SHOWN]

    @property
    def sums(self) -> dict[str, Decimal]:
        """What the invoices bill, by currency."""
        out: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.all:
            out[one.currency] += one.gross or 0
        return dict(out)


@dataclass(frozen=True, slots=True)
class Conformance:
    """A period: how many invoices came in it, the ways they took, and what the rules found."""

    days: int
    count: int
    as_intended: Share
    ways: int
    variants: Sequence[Variant]
    found: Sequence[Found]


def conformance(days: int, now: datetime | None = None) -> Conformance:
    """Of the invoices and credit notes that came in the last `days` days."""
    since = (now or clock.now()) - timedelta(days=days)
    variants = list(_variants(since))
    count = sum(v.share.part for v in variants)
    for variant in variants:
        variant.share = Share(variant.share.part, count)
    straight = sum(v.share.part for v in variants if v.kind != "deviates")
    ordered = sorted(variants, key=lambda v: (-v.share.part, v.path))
    return Conformance(
        days,
        count,
        Share(straight, count),
        len(variants),
        ordered[:MOST_VARIANTS],
        [find(key, since) for key in RULES],
    )


def _variants(since: datetime) -> Iterator[Variant]:
    found: dict[tuple[str, ...], Variant] = {}
    most: dict[tuple[str, ...], int] = defaultdict(int)
    for states, currency, count, billed, took in rows(PATHS, since=since):
        path = tuple(states)
        variant = found.setdefault(path, Variant(path, kind_of(path), Share(0, 0)))
        variant.share = Share(variant.share.part + count, 0)
        variant.sums[currency] = variant.sums.get(currency, Decimal(0)) + billed
        if count > most[path]:
            most[path], variant.took = count, took
    yield from found.values()


def took(path: Sequence[str], days: int) -> CountedList:
    """The invoices that took this way."""
    return CountedList(
        name=f"way-{'-'.join(path)}"[:120],
        title="Invoices that took one way",
        sentence=f"{' → '.join(path)}: of the invoices and credit notes of the last {days} days.",
        when="Received",
        columns=("Lane",),
        statement=TOOK_IT,
        parameters={"since": clock.now() - timedelta(days=days), "path": list(path)},
    )


# --- what must not happen -----------------------------------------------------------------------------------

EARLY = f"""
WITH paid AS (SELECT h.id, min(h.history_date) AS at FROM coordination_historicalinvoice h
                JOIN coordination_invoice i ON i.id = h.id
               WHERE i.received_at >= %(since)s AND i.type = 'invoice' AND NOT i.type_code = ANY(%(advances)s)
                 AND h.state = 'paid' GROUP BY h.id)
SELECT p.id, p.at, '', string_agg(DISTINCT o.number, ', ' ORDER BY o.number) FROM paid p
  JOIN coordination_invoice i ON i.id = p.id
  JOIN coordination_allocation a ON a.invoice_id = p.id AND a.matching = i.matching
  JOIN coordination_orderline l ON l.id = a.order_line_id JOIN coordination_order o ON o.id = l.order_id
 WHERE NOT EXISTS (SELECT 1 FROM coordination_ordername n
         JOIN coordination_receiptline s ON s.order_key = n.number_key
         JOIN coordination_receipt r ON r.id = s.receipt_id AND r.kind = 'receipt'
        WHERE n.order_id = o.id AND s.accepted > 0
          AND lower(btrim(s.order_line)) IN ('', lower(btrim(l.line)))
          AND r.recorded_at <= p.at AND {in_force_at("p.at")})
 GROUP BY p.id, p.at
"""  # noqa: S608 - made of constants
BOTH = f"""
WITH wanted AS (SELECT id FROM coordination_invoice WHERE received_at >= %(since)s), {BROUGHT_BY_PEOPLE},
signed AS (
    SELECT split_part(e.subject, '/', 2)::uuid AS id, v.by, v.at, 'answered the question about it' AS act
      FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
     WHERE starts_with(e.subject, 'invoice/') AND v.verdict <> 'reject'
    UNION ALL
    SELECT p.invoice_id, v.by, v.at, 'signed the run that pays it' FROM reviews_verdict v
      JOIN reviews_escalation e ON e.id = v.escalation_id
      JOIN coordination_payment p ON e.subject = 'payment_batch/' || p.batch_id
     WHERE v.verdict <> 'reject' AND p.status <> 'cancelled'),
sides AS (
    SELECT s.id, s.at, s.by, s.act || ' and brought ' || b.kind || ' ' || b.name AS what
      FROM signed s JOIN brought b ON b.invoice = s.id AND b.actor = s.by AND b.at <= s.at
    UNION ALL
    SELECT p.invoice_id, b.approved_at, b.approved_by, 'proposed and signed the run that pays it'
      FROM coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id
      JOIN wanted w ON w.id = p.invoice_id
     WHERE b.approved_by <> '' AND b.approved_by = b.proposed_by AND p.status <> 'cancelled'
    UNION ALL
    SELECT r.id, r.at, r.by, 'alone cleared it and alone signed the run that pays it' FROM signed r
      JOIN wanted w ON w.id = r.id
     WHERE r.act LIKE 'signed%%' AND (SELECT count(DISTINCT c.by) FROM signed c WHERE c.id = r.id
                                        AND c.act LIKE 'answered%%' AND c.at <= r.at) = 1
       AND EXISTS (SELECT 1 FROM signed c WHERE c.id = r.id AND c.act LIKE 'answered%%' AND c.by = r.by)
       AND (SELECT count(DISTINCT o.by) FROM signed o WHERE o.id = r.id AND o.act LIKE 'signed%%') = 1)
SELECT id, min(at), by, string_agg(DISTINCT what, '; ') FROM sides GROUP BY id, by
"""  # noqa: S608 - made of constants
HELD = """
SELECT d.invoice_id, d.at, '', string_agg(DISTINCT h.code, ', ' ORDER BY h.code)
  FROM coordination_decision d JOIN coordination_invoice i ON i.id = d.invoice_id
  JOIN coordination_hold h ON h.invoice_id = d.invoice_id AND h.opened_at < d.at
   AND (h.released_at IS NULL OR h.released_at > d.at)
 WHERE i.received_at >= %(since)s AND d.state_to = 'cleared' AND d.state_from <> 'cleared'
 GROUP BY d.invoice_id, d.at
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must not happen: its name, what it means, how one case reads, and the statement whose rows are
    invoice, when, by whom (or empty), and what, which `spoken` puts into words."""

    title: str
    words: str
    sentence: str
    statement: str
    spoken: Callable[[str], str] = str


def _in_words(codes: str) -> str:
    return ", ".join(CATALOGUE[code].words for code in codes.split(", "))


RULES: dict[str, Rule] = {
    "paid-before-receipt": Rule(
        "Paid before the goods arrived",
        "an order line that the invoice bills had no accepted receipt when it was paid; advances left out",
        "Nothing of {what} had been received and accepted when it was paid.",
        EARLY,
    ),
    "both-sides": Rule(
        "One person on both sides",
        "who brought a fact, proposed the run or alone cleared it also let it pass",
        "{who} {what}.",
        BOTH,
    ),
    "cleared-while-held": Rule(
        "Cleared with an open hold",
        "a hold stood when the invoice was cleared, and nobody had released it",
        "Held for {what} when it was cleared.",
        HELD,
        _in_words,
    ),
}

ABOUT = """
SELECT i.id, i.number, coalesce(v.name, ''), i.currency, i.gross FROM coordination_invoice i
  LEFT JOIN coordination_vendor v ON v.id = i.vendor_id WHERE i.id = ANY(%s)
"""


def find(key: str, since: datetime) -> Found:
    """What one rule finds among invoices that came since then, the newest first. Raises `KeyError`."""
    rule = RULES[key]
    found = rows(rule.statement, since=since, advances=nature.codes("advance"))
    about = {row[0]: row[1:] for row in rows(ABOUT, [f[0] for f in found])} if found else {}
    known = people({by for _, _, by, _ in found if by})
    cases = []
    for invoice, at, by, what in found:
        number, vendor, currency, gross = about[invoice]
        sentence = rule.sentence.format(what=rule.spoken(what), who=known[by].name if by in known else by)
        cases.append(Violation(invoice, number, vendor, currency, gross, at, sentence))
    return Found(key, rule.title, rule.words, sorted(cases, key=lambda c: (c.at, c.number), reverse=True))
