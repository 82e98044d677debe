"""Is all there that has to be compared, and can it be read? Nothing is guessed, and what the reader knows is
said.

One cause is one finding: values that the document states and nobody can use are gathered by their reason, and
a value that is empty only because of them is no finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ..domain.facts import Snapshot
from ..domain.proposal import Evidence, Finding
from ..translation.canonical import Invoice, InvoiceLine, Problem
from . import en16931

WORDS: Final = {
    "number": "number",
    "issue_date": "issue date",
    "due_date": "due date",
    "gross": "total",
    "net": "net",
    "payable": "amount to pay",
    "lines_net": "sum of the lines",
    "price": "unit price",
    "base_quantity": "quantity that the price is for",
    "tax_rate": "tax rate",
    "tax_category": "tax category",
    "prepaid": "prepaid amount",
    "rounding": "rounding amount",
    "instalments": "instalments",
    "discounts": "discount for early payment",
    "withheld": "withheld tax",
    "base": "taxed base",
    "rate": "rate",
    "charge": "kind",
    "reason_code": "reason code",
    "order_line": "order line",
    "order_number": "order number",
}
"""Last part of a canonical path -> what a person calls it; others are called by their path."""
GROUPS: Final = {"lines": "line", "taxes": "tax row", "allowances": "allowance or charge"}

FOLLOWS: Final = {
    "gross": ("payable", "prepaid", "rounding"),
    "price": ("base_quantity",),
}
"""A value that is left empty because another one cannot be read (`settlement.settled`, the readers of
prices)."""

NAMED: Final = 3
"""Values of one reason that a sentence names; the others are counted, and stand in the evidence."""
MOST_EVIDENCE: Final = 40
QUOTED: Final = 60


def completeness(document: Invoice) -> list[Finding]:
    """What must be there before anything can be compared, then what is there and cannot be used."""
    headings = {x.position for x in document.lines if _heading(x)}
    problems = [p for p in document.unreadable if line_of(p.field) not in headings]
    explained = {p.field for p in document.unreadable}
    missing = [(name, line) for name, line in _missing(document) if not _follows(name, explained)]
    return [_absent(document, name, line) for name, line in missing] + [
        _unusable(document, group) for group in _by_cause(problems)
    ]


def _missing(document: Invoice) -> Iterator[tuple[str, int | None]]:
    wanted = (("issue_date", document.issue_date), ("gross", document.gross), ("currency", document.currency))
    yield from ((name, None) for name, value in wanted if value in (None, ""))
    if not document.lines:
        yield "lines", None
    for line in document.lines:
        if not _heading(line):
            gaps = (("price", line.price), ("quantity", line.quantity))
            yield from (
                (f"lines/{line.position}/{name}", line.position) for name, value in gaps if value is None
            )
    for place in en16931.unstated_rates(document):
        yield f"lines/{place}/tax_rate" if place else "tax_rate", place


def _heading(line: InvoiceLine) -> bool:
    return line.quantity == 0 and not line.net


def _follows(name: str, explained: set[str]) -> bool:
    """Is the value empty because it, or one that it follows from, cannot be read?"""
    parent, _, last = name.rpartition("/")
    return any(f"{parent}/{x}".lstrip("/") in explained for x in (last, *FOLLOWS.get(last, ())))


def _absent(document: Invoice, name: str, line: int | None) -> Finding:
    where = f" on line {line}" if line else ""
    return Finding(
        "completeness",
        f"The invoice has no {word(name)}{where}.",
        code="missing_data",
        line=line,
        expected=word(name),
        found="nothing",
        evidence=(Evidence(f"invoice {document.number}", name, ""),),
    )


# --- what is stated and cannot be used ----------------------------------------------------------------------


def _by_cause(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Problems of one reason together, in the order of the document. A field counts once, however often it is
    tried."""
    found: dict[str, dict[tuple[str, str], Problem]] = {}
    for problem in problems:
        found.setdefault(problem.reason, {}).setdefault((problem.field, problem.raw), problem)
    return [list(group.values()) for group in found.values()]


def _unusable(document: Invoice, group: Sequence[Problem]) -> Finding:
    lines = {line_of(p.field) for p in group}
    words = list(dict.fromkeys(word(p.field) for p in group))
    raws = list(dict.fromkeys(_quoted(p.raw) for p in group))
    return Finding(
        "completeness",
        _sentence(group),
        code="missing_data",
        line=lines.pop() if len(lines) == 1 else None,
        expected=_listed(words),
        found=_listed(raws),
        evidence=_places(document, group),
    )


def _sentence(group: Sequence[Problem]) -> str:
    """The total says '119,00', not a decimal number: ..."""
    if len(group) == 1:
        [only] = group
        return _ended(f"The {place(only.field)} says {_quoted(only.raw)!r}, {only.reason}")
    shown = [f"{place(p.field)} {_quoted(p.raw)!r}" for p in group[:NAMED]]
    rest = len(group) - len(shown)
    named = (
        f"{', '.join(shown)} and {rest} more" if rest else " and ".join((", ".join(shown[:-1]), shown[-1]))
    )
    return _ended(f"{len(group)} values cannot be used ({named}); each is {group[0].reason}")


def _places(document: Invoice, group: Sequence[Problem]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            f"invoice {document.number}",
            (p.path or p.field) + (f" (line {p.line})" if p.line and "@" not in p.path else ""),
            p.raw,
        )
        for p in group[:MOST_EVIDENCE]
    )


def _ended(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."


def _quoted(raw: str) -> str:
    """A raw value as a sentence shows it: one line, cut."""
    line = " ".join(raw.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"


def _listed(texts: Sequence[str]) -> str:
    """a; a and b; a, b, c and 4 more."""
    if len(texts) > NAMED:
        return f"{', '.join(texts[:NAMED])} and {len(texts) - NAMED} more"
    return texts[0] if len(texts) == 1 else " and ".join((", ".join(texts[:-1]), texts[-1]))


# --- words of fields ----------------------------------------------------------------------------------------


def line_of(path: str) -> int | None:
    """The position in a path like lines/2/net."""
    head, _, rest = path.partition("/")
    position = rest.partition("/")[0]
    return int(position) if head == "lines" and position.isdigit() else None


def word(path: str) -> str:
    """What a field is called, without its place."""
    last = path.rsplit("/", 1)[-1]
    return WORDS.get(last, last.replace("_", " "))


def place(path: str) -> str:
    """What a field is called, with its place: `unit price on line 2`, `tax of tax row 1`."""
    parts = path.split("/")
    holders = [
        (GROUPS.get(parts[i], parts[i].replace("_", " ")), parts[i + 1])
        for i in range(len(parts) - 1)
        if parts[i + 1].isdigit()
    ]
    if parts[-1].isdigit():  # preceding/1, order_numbers/2
        return f"{parts[-2].replace('_', ' ')} {parts[-1]}"
    said = "".join(f" {'on' if kind == 'line' else 'of'} {kind} {n}" for kind, n in reversed(holders))
    return word(path) + said


# --- days ---------------------------------------------------------------------------------------------------


def days(snapshot: Snapshot) -> list[Finding]:
    """Days that cannot be meant: issued after it came in or in another age, or due before it was issued.

    Compared with the day of receipt and never with the clock, so that the answer is the same whenever it is
    given. A credit note, and an invoice that asks for nothing any more, is due at no time.
    """
    document, policy = snapshot.document, snapshot.policy
    issued, due = document.issue_date, document.due_date
    if issued is None:
        return []
    came = snapshot.received_on
    ahead, behind = (issued - came).days, (came - issued).days
    arrival = f"the day on which the invoice came in ({format_day(came)})"
    findings = []
    if policy.ahead_days is not None and ahead > policy.ahead_days:
        sentence = f"The issue date, {format_day(issued)}, lies {_days(ahead)} after {arrival}. Is it right?"
        findings.append(_day(document, "issue_date", issued, sentence))
    elif policy.oldest_days is not None and behind > policy.oldest_days:
        sentence = (
            f"The issue date, {format_day(issued)}, lies {behind // 365} years before {arrival}. Is it right?"
        )
        findings.append(_day(document, "issue_date", issued, sentence))
    if due is not None and due < issued and not snapshot.credit and _asks(document):
        before = f"{_days((issued - due).days)} before the issue date, {format_day(issued)}"
        sentence = f"The due date, {format_day(due)}, lies {before}. Which of them is right?"
        findings.append(_day(document, "due_date", due, sentence))
    return findings


def _asks(document: Invoice) -> bool:
    asked = document.gross if document.payable is None else document.payable
    return asked is None or asked > 0


def _day(document: Invoice, field: str, stated: date, sentence: str) -> Finding:
    return Finding(
        "completeness",
        sentence,
        code="missing_data",
        expected=word(field),
        found=stated.isoformat(),
        evidence=(Evidence(f"invoice {document.number}", field, stated.isoformat()),),
    )


def format_day(day: date) -> str:
    """5 Sep 2026."""
    return f"{day.day} {day:%b %Y}"


def _days(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"
