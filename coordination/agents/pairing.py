"""Which order lines does an invoice line bill? From the surest key to the weakest; a tie is no answer.

A line reference, then the order line that its own despatch or receipt was for, then item codes, then pairs
that were paid before, then content: price, quantity, unit and wording of all open lines at once, so that a
line which is surely another's is no candidate any more. Wording alone is never enough: on real pairs the best
measure of likeness was right for twelve lines of fourteen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ..domain.amounts import ONE, ZERO, billed_prices, counts, earlier, line_amount, ordered_price, unit_price
from ..domain.facts import Allocated, Led, OrderFacts, OrderLineFacts, Snapshot
from ..domain.units import pack, per, times, unit_factor
from ..translation import nature
from ..translation.canonical import InvoiceLine
from . import resemblance
from .instructions import goods_only
from .order_index import OrderIndex, codes, key, number_key, words
from .preceding import credited

CONFIDENCE = {
    "reference": Decimal("0.99"),
    "delivery": Decimal("0.97"),
    "item": Decimal("0.96"),
    "learned": Decimal("0.93"),
    "content": Decimal("0.90"),
    "only line": Decimal("0.88"),
    "wording": Decimal("0.82"),
}
"""How sure a pair is, by the key that made it."""
MAX_COMPARISONS = 100_000
"""Descriptions compared for one invoice. Whoever sends more lines without any key has them matched by a
person."""


def heading(line: InvoiceLine) -> bool:
    """A line that bills nothing: no quantity and no amount. A price without a quantity bills something
    unknown."""
    return not line.net and (line.quantity == 0 or (line.quantity is None and not line.price))


def named_orders(snapshot: Snapshot) -> list[str]:
    """Order numbers the invoice leads to: on its lines or header, through the despatches and receipts it
    names; a credit note inherits those of what it credits."""
    document = snapshot.document
    named = [*document.order_numbers, *(line.order_number for line in document.lines)]
    if not any(named) and snapshot.credit:
        named = [n for origin in credited(snapshot) for n in origin.order_numbers]
    return list(dict.fromkeys(n for n in [*named, *snapshot.derived_orders] if n))


def pair(snapshot: Snapshot) -> list[Allocated]:
    """Allocate each invoice line to order lines. Lines that fit none, or fit several equally, stay out."""
    return Pairing(snapshot, snapshot.orders).run()


def fitting(snapshot: Snapshot) -> list[str]:
    """Numbers of candidate orders that would fit every line at the ordered price: for a person to choose
    from."""
    lines = {x.position: x for x in snapshot.document.lines if not heading(x)}
    found = []
    for order in snapshot.candidates:
        known = {x.id: x for x in order.lines}
        pairs = Pairing(snapshot, (order,), scoped=False).run()
        at_price = {p.position for p in pairs if _at_price(snapshot, lines[p.position], known[p.order_line])}
        if lines and at_price.issuperset(lines):
            found.append(order.number)
    return found


def _at_price(snapshot: Snapshot, line: InvoiceLine, ordered: OrderLineFacts) -> bool:
    ratio = factor(snapshot, line, ordered)
    return ratio is not None and ordered_price(ordered) in {per(p, ratio) for p in billed_prices(line)}


def factor(snapshot: Snapshot, line: InvoiceLine, ordered: OrderLineFacts) -> Decimal | None:
    """How many units of the order line one unit of the invoice line is; None if nobody has declared it.

    One where a side states no unit: it is implied to be the other's, which holds only while quantity and
    price agree.
    """
    if implied(line, ordered):
        return ONE
    items = (line.item, line.buyer_item, line.standard_item, ordered.item, ordered.buyer_item)
    return unit_factor(snapshot.conversions, items, line.unit, ordered.unit)


def implied(line: InvoiceLine, ordered: OrderLineFacts) -> bool:
    """Is the unit of one side not stated?"""
    return not line.unit.strip() or not ordered.unit.strip()


def contradicted(line: InvoiceLine, ordered: OrderLineFacts) -> bool:
    """Does the invoice name an order line whose goods are others than it bills? Codes of one kind that
    differ, none that agrees, and another wording. Codes of different kinds, the vendor's and ours, say
    nothing about each other.
    """
    kinds = (
        (line.item, ordered.item),
        (line.buyer_item, ordered.buyer_item),
        (line.standard_item, ordered.standard_item),
    )
    mine, theirs = codes(*(a for a, _ in kinds)), codes(*(b for _, b in kinds))
    if mine & theirs or not any(a and b for a, b in kinds):
        return False
    return resemblance.text(line.description, ordered.description) < resemblance.ALIKE


def _as_seen(snapshot: Snapshot, order: OrderFacts) -> OrderFacts:
    """The order with what stands before this invoice, and nothing later.

    Whoever pairs after another looks at what that one took, never both at each other: otherwise two invoices
    may push each other from line to line for ever.
    """
    if not any(line.billed for line in order.lines):
        return order
    lines = tuple(
        replace(x, billed=tuple(b for b in x.billed if counts(b) and earlier(snapshot, b))) if x.billed else x
        for x in order.lines
    )
    return replace(order, lines=lines)


class Pairing:
    """The pairing of one invoice with some orders: what is still free, and what was found."""

    def __init__(self, snapshot: Snapshot, orders: Iterable[OrderFacts], *, scoped: bool = True) -> None:
        self.snapshot = snapshot
        self.orders = [_as_seen(snapshot, o) for o in sorted(orders, key=lambda o: o.number)]
        self.scoped = scoped
        self.learned: dict[str, set[str]] = {}
        for theirs, ours in snapshot.learned:
            self.learned.setdefault(key(theirs), set()).add(key(ours))
        self.led: dict[int, list[Led]] = {}
        for led in snapshot.led:
            self.led.setdefault(led.position, []).append(led)
        self.known = frozenset(number_key(o.number) for o in self.orders)
        self.named = frozenset(map(number_key, snapshot.document.order_numbers)) & self.known
        self.indexes: dict[frozenset[str], OrderIndex] = {}
        self.taken: dict[str, Decimal] = {}
        self.found: dict[int, list[Allocated]] = {}

    def run(self) -> list[Allocated]:
        lines = [x for x in self.snapshot.document.lines if not heading(x)]
        for finder in (self._by_reference, self._by_delivery, self._by_item, self._by_learned):
            for line in self._open(lines):
                finder(line)
        rest = [replace(x, description=goods_only(x.description)) for x in self._open(lines)]
        self._by_content(rest)
        for line in self._open(rest):
            self._only_line(line)
        return [pair for line in self.snapshot.document.lines for pair in self.found.get(line.position, ())]

    def _open(self, lines: list[InvoiceLine]) -> list[InvoiceLine]:
        return [x for x in lines if x.position not in self.found]

    def _scope(self, line: InvoiceLine) -> frozenset[str]:
        """Keys of the orders that a line can be of: the one it names, else those of the delivery it names,
        else those that the document names, else any."""
        if not self.scoped:
            return frozenset()
        if line.order_number:
            return frozenset({number_key(line.order_number)})
        led = frozenset(number_key(x.order_number) for x in self.led.get(line.position, ())) & self.known
        return led or self.named

    def _index(self, line: InvoiceLine) -> OrderIndex:
        scope = self._scope(line)
        if scope not in self.indexes:
            orders = [o for o in self.orders if not scope or number_key(o.number) in scope]
            self.indexes[scope] = OrderIndex(orders)
        return self.indexes[scope]

    def left(self, ordered: OrderLineFacts) -> Decimal:
        """What of an order line nobody has billed yet."""
        billed = ZERO
        for other in ordered.billed:
            billed += -other.quantity if other.type == "credit_note" else other.quantity
        return (ordered.quantity or ZERO) - max(billed, ZERO) - self.taken.get(ordered.id, ZERO)

    def _take(self, line: InvoiceLine, shares: list[tuple[OrderLineFacts, Decimal]], by: str) -> None:
        """Give the line to order lines, in their units; its amount goes with the quantities, to the cent."""
        whole = sum((quantity for _, quantity in shares), ZERO)
        amount = rest = line_amount(line) or ZERO
        pairs = []
        for i, (ordered, quantity) in enumerate(shares):
            last = i == len(shares) - 1
            share = rest if last or not whole else (amount * quantity / whole).quantize(Decimal("0.01"))
            rest -= share
            pairs.append(Allocated(line.position, ordered.id, quantity, share, by))
            self.taken[ordered.id] = self.taken.get(ordered.id, ZERO) + quantity
        self.found[line.position] = pairs

    def _whole(self, line: InvoiceLine, ordered: OrderLineFacts, by: str) -> None:
        self._take(line, [(ordered, self._quantity(line, ordered))], by)

    def _quantity(self, line: InvoiceLine, ordered: OrderLineFacts) -> Decimal:
        """The billed quantity in the order line's unit. One that is not stated is read from the amount, and
        without one it is all that is left: what is unknown leaves no room for others."""
        if line.quantity is not None:
            return times(line.quantity, factor(self.snapshot, line, ordered) or ONE)
        amount, price = line_amount(line), ordered_price(ordered)
        return times(amount, ONE / price) if amount is not None and price else max(self.left(ordered), ZERO)

    # --- keys -----------------------------------------------------------------------------------------------

    def _by_reference(self, line: InvoiceLine) -> None:
        """The order line the invoice names. Several invoice lines may name one order line."""
        named = self._index(line).by_line.get(key(line.order_line), []) if line.order_line else []
        if len(named) == 1 and not contradicted(line, named[0]):
            self._whole(line, named[0], "reference")

    def _by_delivery(self, line: InvoiceLine) -> None:
        """The order line that the line's own despatch or receipt was for, where that is one and the goods are
        its."""
        scope = self._scope(line)
        places = {
            (number_key(x.order_number), key(x.order_line))
            for x in self.led.get(line.position, ())
            if x.order_line
        }
        if len(places) != 1:
            return
        [(number, name)] = places
        of = (
            [o for o in self.orders if number_key(o.number) == number] if not scope or number in scope else []
        )
        found = [x for o in of for x in o.lines if key(x.line) == name]
        if len(found) == 1 and not contradicted(line, found[0]):
            self._whole(line, found[0], "delivery")

    def _by_item(self, line: InvoiceLine) -> None:
        self._by_codes(line, codes(line.item, line.buyer_item, line.standard_item), "item")

    def _by_learned(self, line: InvoiceLine) -> None:
        """The item that this vendor's code stood for on invoices that were paid."""
        known = {ours for code in codes(line.item, line.standard_item) for ours in self.learned.get(code, ())}
        self._by_codes(line, known, "learned")

    def _by_codes(self, line: InvoiceLine, wanted: set[str], by: str) -> None:
        index = self._index(line)
        same = {x.id: x for code in sorted(wanted) for x in index.by_code.get(code, ())}
        free = [x for x in same.values() if x.id not in self.taken]
        candidates = free or list(same.values())
        if len(candidates) == 1:
            self._whole(line, candidates[0], by)
        elif candidates:
            self._spread(line, candidates, by)

    def _spread(self, line: InvoiceLine, candidates: list[OrderLineFacts], by: str) -> None:
        """Several order lines of one item: the one whose open quantity is billed, else in order until it is
        used up.

        Lines at different prices are not interchangeable: those at the billed price count, and if there is
        none it is not for us to choose.
        """
        prices = billed_prices(line)
        priced = {ordered_price(c) for c in candidates}
        if len(priced) > 1:
            candidates = [c for c in candidates if ordered_price(c) in prices]
        if not candidates or any(factor(self.snapshot, line, c) != ONE for c in candidates):
            return
        queue = sorted(candidates, key=lambda c: (c.line.zfill(10), c.id))
        quantity = line.quantity or ZERO
        exact = [c for c in queue if self.left(c) == quantity]
        if exact:
            self._whole(line, exact[0], by)
            return
        shares, need = [], quantity
        for ordered in queue:
            share = min(max(self.left(ordered), ZERO), need)
            if share > 0:
                shares.append((ordered, share))
                need -= share
        if need and shares:  # more than is open: the excess stays visible on the last line
            shares[-1] = (shares[-1][0], shares[-1][1] + need)
        self._take(line, shares or [(queue[0], quantity)], by)

    # --- content --------------------------------------------------------------------------------------------

    def _by_content(self, lines: list[InvoiceLine]) -> None:
        """All lines without a key against all order lines that nobody has, in one go."""
        scores: dict[int, dict[resemblance.Goods, resemblance.Score]] = {}
        stock: dict[resemblance.Goods, dict[str, OrderLineFacts]] = {}
        compared = 0
        for line in lines:
            kinds: dict[resemblance.Goods, list[OrderLineFacts]] = {}
            for candidate in self._like(line):
                kinds.setdefault(resemblance.goods(candidate), []).append(candidate)
            compared += len(kinds)
            if compared > MAX_COMPARISONS:
                return
            for kind, equal in kinds.items():
                ratio = factor(self.snapshot, line, equal[0])
                score = resemblance.score(line, equal[0], self.left(equal[0]), ratio)
                if score is not None:
                    stock.setdefault(kind, {}).update({x.id: x for x in equal})
                    scores.setdefault(line.position, {})[kind] = score
        by_position = {x.position: x for x in lines}
        queues = {k: sorted(v.values(), key=lambda c: (c.line.zfill(10), c.id)) for k, v in stock.items()}
        made = resemblance.assign(scores, {k: len(v) for k, v in queues.items()})
        for position, kind in sorted(made.items()):
            self._whole(by_position[position], queues[kind].pop(0), scores[position][kind].by)

    def _like(self, line: InvoiceLine) -> list[OrderLineFacts]:
        """Order lines at the same price or in the same words, that are still free."""
        index = self._index(line)
        found = [x for price in sorted(billed_prices(line)) for x in index.by_price.get(price, ())]
        if line.description:
            found += index.by_words.get(words(line.description), [])
        return [x for x in {x.id: x for x in found}.values() if x.id not in self.taken]

    def _only_line(self, line: InvoiceLine) -> None:
        """An order of one line: whatever bills that order bills that line, unless item codes say otherwise. A
        debit note charges more for what was billed, or something else: it has to say which goods it is
        about."""
        candidates = self._index(line).lines
        if len(candidates) != 1 or candidates[0].id in self.taken:
            return
        only = candidates[0]
        mine = codes(line.item, line.buyer_item, line.standard_item)
        theirs = codes(only.item, only.buyer_item, only.standard_item)
        other_goods = bool(mine) and bool(theirs) and not mine & theirs
        if other_goods and resemblance.text(line.description, only.description) < resemblance.ALIKE:
            return
        if nature.look_up(self.snapshot.document.type_code).is_("debit") and not self._resembles(line, only):
            return
        self._whole(line, only, "only line")

    def _resembles(self, line: InvoiceLine, ordered: OrderLineFacts) -> bool:
        """Does anything on the line say that it is about these goods?"""
        if resemblance.text(line.description, ordered.description) >= resemblance.ALIKE:
            return True
        return (
            bool(line.quantity)
            and line.quantity == ordered.quantity
            and unit_price(line) == ordered_price(ordered)
        )


def packed(snapshot: Snapshot, pairs: Iterable[Allocated]) -> dict[int, Decimal]:
    """Lines that count in other packs than the order line they bill, with the factor: position -> billed
    units in one ordered unit (under one where packs are billed)."""
    lines = {x.id: x for order in snapshot.orders for x in order.lines}
    billed = {x.position: x for x in snapshot.document.lines}
    found: dict[int, list[Allocated]] = {}
    for pair in pairs:
        found.setdefault(pair.position, []).append(pair)
    factors = {
        p: pack_factor(snapshot, billed[p], lines[own[0].order_line])
        for p, own in found.items()
        if len(own) == 1
    }
    return {position: count for position, count in factors.items() if count is not None}


def pack_factor(snapshot: Snapshot, line: InvoiceLine, ordered: OrderLineFacts) -> Decimal | None:
    """The factor between two counts of the same goods (`units.pack`); None where the figures are no such
    two."""
    ratio, asked, agreed = factor(snapshot, line, ordered), unit_price(line), ordered_price(ordered)
    if ratio is None or asked is None or agreed is None or line.quantity is None or ordered.quantity is None:
        return None
    before = ZERO
    for other in ordered.billed:
        if other.invoice != snapshot.id and counts(other) and earlier(snapshot, other):
            before += -other.quantity if other.type == "credit_note" else other.quantity
    left = ordered.quantity - max(before, ZERO)
    return pack(per(asked, ratio), agreed, times(line.quantity, ratio), ordered.quantity, left)
