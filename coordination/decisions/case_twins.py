"""A suspected duplicate beside the invoices that it resembles, field by field: frozen with the question.

Which invoices are meant is what the agent found, by its own rule and on the facts that it was asked on;
nothing is searched for when the page is shown. All is text, empty for what is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from ..agents import claims, corrections
from ..agents.identity import compact, masked
from ..domain.amounts import counted, format_amount, two_decimals, unit_price
from ..domain.facts import Sibling, Snapshot
from ..domain.proposal import HoldDetail
from ..facts import documents
from ..facts.documents import Content
from ..models import Document, Hold, Invoice
from ..translation.canonical import InvoiceLine

CODE: Final = "duplicate_suspect"
MOST: Final = 3
"""So many look-alikes are shown; of the others it is said how many there are."""
MOST_LINES: Final = 30
"""So many lines are put side by side; those that differ come before those that do not."""

Asked = tuple[Invoice, Snapshot, Content, list[Hold]]


@dataclass(frozen=True, slots=True)
class Came:
    """How an invoice came: the id of its document and the name of its file, its format, when (ISO 8601) and
    by whom (an actor)."""

    document: str
    name: str
    format: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of both invoices; `differs` is "yes" or empty, told of the whole value where a part is
    shown."""

    field: str
    ours: str
    theirs: str
    differs: str


@dataclass(frozen=True, slots=True)
class LineSaid:
    """What a line of an invoice says."""

    item: str
    description: str
    quantity: str
    unit: str
    price: str
    net: str


@dataclass(frozen=True, slots=True)
class LinePair:
    """Two lines that belong together, or one that has no counterpart; `differs` names item, quantity, price
    and amount."""

    ours: LineSaid | None
    theirs: LineSaid | None
    differs: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarInvoice:
    """An invoice that this one resembles: its id, number and why (empty where the agent's sentence says it).

    `more_lines` are not shown, of which `more_differ` differ; both empty for none.
    """

    invoice: str
    number: str
    why: str
    came: Came | None
    fields: list[Compared]
    lines: list[LinePair]
    more_lines: str
    more_differ: str


@dataclass(frozen=True, slots=True)
class SimilarInvoices:
    """How the invoice asked about came, the first invoices that it resembles, and how many more there are
    (empty: none). `missing`: numbers that the finding names and that were not found when it was asked."""

    came: Came | None
    found: list[SimilarInvoice]
    more: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class _Meant:
    """An invoice that a finding means, and why."""

    sibling: Sibling
    why: str


def compared(asked: Sequence[Asked]) -> dict[UUID, SimilarInvoices]:
    """Those of these invoices that are held as suspected duplicates, each beside what it resembles. Reads
    nothing where none is."""
    meant = {row.id: _meant(snapshot, held) for row, snapshot, _, holds in asked if (held := _held(holds))}
    if not meant:
        return {}
    twins = {UUID(m.sibling.id) for found, _ in meant.values() for m in found[:MOST]}
    contents = documents.contents(sorted(twins))
    ours = {row.id: content for row, _, content, _ in asked if row.id in meant}
    names = {row.id: snapshot.vendor.name if snapshot.vendor else "" for row, snapshot, *_ in asked}
    came = _came([*contents.values(), *ours.values()])
    out: dict[UUID, SimilarInvoices] = {}
    for key, (found, missing) in meant.items():
        mine = ours[key]
        shown = [_compare(mine, m, contents[UUID(m.sibling.id)], came, names[key]) for m in found[:MOST]]
        more = len(found) - len(shown)
        out[key] = SimilarInvoices(came.get(mine.document), shown, str(more) if more else "", missing)
    return out


def _held(holds: Iterable[Hold]) -> list[HoldDetail]:
    return [HoldDetail.from_json(h.detail) for h in holds if h.code == CODE]


def _meant(snapshot: Snapshot, held: Sequence[HoldDetail]) -> tuple[list[_Meant], list[str]]:
    """What the findings mean, the one that is named first; and numbers that nothing here has."""
    found: dict[str, _Meant] = {}
    missing: list[str] = []
    for detail in held:
        candidates = _candidates(snapshot, detail.rule)
        named = [m for m in candidates if m.sibling.number in (detail.found, *detail.found.split(", "))]
        if not named:  # other facts have come since: those of this number are meant
            named = [_Meant(s, "") for s in snapshot.siblings if s.number == detail.found]
            missing += [] if named or not detail.found else [detail.found]
        for one in (*named, *candidates):
            found.setdefault(one.sibling.id, one)
    return list(found.values()), missing


def _candidates(snapshot: Snapshot, rule: str) -> list[_Meant]:
    """What the rule of a finding leads to."""
    if rule == corrections.RULE:
        siblings = corrections.in_question(snapshot)
    elif rule == corrections.REPLACED:
        siblings = corrections.paid_instead(snapshot)
    else:
        return [_Meant(s, why) for s, why in claims.look_alikes(snapshot)]
    return [_Meant(s, "") for s in sorted(siblings, key=lambda s: (s.number, s.id))]


def _came(contents: Sequence[Content]) -> dict[UUID, Came]:
    """How these documents came, by their ids."""
    formats = {c.document: (c.source_format, c.received_by) for c in contents}
    rows = Document.objects.filter(id__in=formats).values_list("id", "name", "received_at")
    return {
        key: Came(str(key), name, formats[key][0], at.isoformat(), formats[key][1]) for key, name, at in rows
    }


def _compare(
    mine: Content, meant: _Meant, theirs: Content, came: dict[UUID, Came], vendor: str
) -> SimilarInvoice:
    shown, left = first_lines(pair_lines(mine.invoice.lines, theirs.invoice.lines))
    differ = sum(1 for pair in left if pair.differs)
    return SimilarInvoice(
        invoice=meant.sibling.id,
        number=meant.sibling.number,
        why=meant.why,
        came=came.get(theirs.document),
        fields=_fields(mine, theirs, vendor),
        lines=shown,
        more_lines=str(len(left)) if left else "",
        more_differ=str(differ) if differ else "",
    )


def _fields(mine: Content, theirs: Content, vendor: str) -> list[Compared]:
    """What stands at the head of both, and in their totals; without what neither says. A document that names
    its seller by a number alone is one of `vendor`."""
    pairs = zip(_head(mine, vendor), _head(theirs, vendor), strict=True)
    return [
        Compared(name, ours, others, "yes" if whole != other else "")
        for (name, ours, whole), (_, others, other) in pairs
        if ours or others
    ]


def _head(content: Content, vendor: str) -> list[tuple[str, str, Any]]:
    """Name of the field, what is shown of it, and what is compared."""
    said = content.invoice
    orders, account = ", ".join(content.order_numbers), said.account.number
    seller = said.seller.name or vendor or said.vendor_id
    texts = {
        "number": said.number,
        "issued": str(said.issue_date or ""),
        "due": str(said.due_date or ""),
        "order": orders,
        "names": ", ".join(said.preceding),
        "vendor": seller,
        "currency": said.currency,
    }
    sums = {"net": said.net, "tax": said.tax, "gross": said.gross}
    return [
        *((name, text, text) for name, text in texts.items()),
        *((name, two_decimals(value), value) for name, value in sums.items()),
        ("account", masked(account), compact(account)),
    ]


# --- lines --------------------------------------------------------------------------------------------------


def pair_lines(ours: Sequence[InvoiceLine], theirs: Sequence[InvoiceLine]) -> list[LinePair]:
    """Lines that say the same go together, then those of the same goods, then what is left in its order;
    lines without a counterpart stand at the end."""
    free = dict(enumerate(theirs))
    paired: dict[int, int] = {}
    for alike in (_whole, _goods, _any):
        waiting: dict[object, list[int]] = {}
        for at, line in free.items():
            waiting.setdefault(alike(line), []).append(at)
        for at, line in enumerate(ours):
            if at not in paired and (rest := waiting.get(alike(line))):
                paired[at] = rest.pop(0)
                del free[paired[at]]
    pairs = [_pair(line, theirs[paired[at]] if at in paired else None) for at, line in enumerate(ours)]
    return [*pairs, *(_pair(None, line) for line in free.values())]


def first_lines(pairs: Sequence[LinePair]) -> tuple[list[LinePair], list[LinePair]]:
    """Those that are shown, in their order, and those that are not: what differs comes first."""
    kept = set(sorted(range(len(pairs)), key=lambda n: (not pairs[n].differs, n))[:MOST_LINES])
    shown = [pair for n, pair in enumerate(pairs) if n in kept]
    return shown, [pair for n, pair in enumerate(pairs) if n not in kept]


def _whole(line: InvoiceLine) -> object:
    return (_goods(line), line.quantity, line.unit, unit_price(line), line.net)


def _goods(line: InvoiceLine) -> object:
    return (line.item.casefold(), " ".join(line.description.casefold().split()))


def _any(_: InvoiceLine) -> object:
    return None


def _pair(ours: InvoiceLine | None, theirs: InvoiceLine | None) -> LinePair:
    if ours is None or theirs is None:
        return LinePair(_line_said(ours), _line_said(theirs), ["line"])
    parts = {
        "item": _goods(ours) != _goods(theirs),
        "quantity": (ours.quantity, ours.unit) != (theirs.quantity, theirs.unit),
        "price": unit_price(ours) != unit_price(theirs),
        "amount": ours.net != theirs.net,
    }
    return LinePair(
        _line_said(ours), _line_said(theirs), [name for name, differs in parts.items() if differs]
    )


def _line_said(line: InvoiceLine | None) -> LineSaid | None:
    if line is None:
        return None
    return LineSaid(
        line.item,
        line.description,
        _text(line.quantity, counted),
        line.unit,
        _text(unit_price(line), format_amount),
        two_decimals(line.net),
    )


def _text(value: Decimal | None, worded: Any) -> str:
    return "" if value is None else str(worded(value))
