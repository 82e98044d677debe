"""python -m bench.matching: one invoice of 500 lines against 20 orders of 500 lines, in process, in
milliseconds.

Three invoices of the same content: one names its order lines, one only item codes, one nothing but goods and
prices.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coordination.agents.procurement_matching import ProcurementMatching
from tests.agents.make import document, line, order, ordered, snapshot

LINES, ORDERS, ROUNDS = 500, 20, 15


def goods(n: int) -> dict[str, object]:
    """One article: code, description with a size, price."""
    return {
        "item": f"A-{n}",
        "description": f"Part {n} of steel {n % 40}mm",
        "price": f"{10 + n % 97}.{n % 100:02}",
    }


def trade() -> tuple[object, dict[str, object]]:
    """The snapshot parts: orders, and the same invoice with ever fewer keys."""
    orders = tuple(
        order(
            *(ordered(n, **goods(n), id=f"L{n}", line=str(n)) for n in range(o * LINES, (o + 1) * LINES)),
            id=f"O{o}",
            number=f"PO-{o}",
        )
        for o in range(ORDERS)
    )
    billed = [
        line(i + 1, **goods(n), line=str(i), order_number="", order_line=str(n))
        for i, n in enumerate(range(7, ORDERS * LINES, ORDERS))
    ]
    numbers = tuple(f"PO-{o}" for o in range(ORDERS))
    kinds = {
        "references": billed,
        "item codes": [replace(x, order_line="") for x in billed],
        "content": [replace(x, order_line="", item="") for x in billed],
    }
    return orders, {name: document(*lines, order_numbers=numbers) for name, lines in kinds.items()}


def measure() -> dict[str, float]:
    """Median milliseconds of one proposal, by what the invoice names."""
    orders, documents = trade()
    agent = ProcurementMatching()
    found = {}
    for name, billed in documents.items():
        snap = snapshot(billed, orders=orders)
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            proposal = agent.propose(snap)
            times.append((time.perf_counter() - started) * 1000)
        assert len(proposal.allocations or ()) == LINES, (name, len(proposal.allocations or ()))
        found[name] = round(statistics.median(times), 1)
    return found


if __name__ == "__main__":
    for name, milliseconds in measure().items():
        print(f"{LINES} lines against {ORDERS} orders of {LINES} lines, by {name}: {milliseconds} ms")
