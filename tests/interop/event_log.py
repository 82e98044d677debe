"""python -m tests.interop.event_log JSON SQLITE: pm4py reads and validates both forms of one event log.

Run by the interpreter of an environment that has pm4py and nothing of the product (`make interop`): pm4py's
licence is the AGPL, so that nothing here imports it but this file, and nothing imports this file.
"""

# mypy: ignore-errors

from __future__ import annotations

import sys

import pm4py
from pm4py.objects.ocel.validation import ocel20_rel_validation


def main(as_json: str, as_sqlite: str) -> None:
    kept, broken = ocel20_rel_validation.apply(as_sqlite)
    if broken:
        sys.exit(f"{as_sqlite} breaks {', '.join(broken)}")
    one, other = pm4py.read_ocel2_json(as_json), pm4py.read_ocel2_sqlite(as_sqlite)
    counts = [(len(log.events), len(log.objects), len(log.relations)) for log in (one, other)]
    if counts[0] != counts[1] or not counts[0][0]:
        sys.exit(f"the two forms differ: {counts}")
    flat = pm4py.ocel_flattening(one, "invoice")
    variants = pm4py.get_variants(flat)
    events, objects, relations = counts[0]
    print(  # noqa: T201 - what a command prints
        f"pm4py: {len(kept)} rules kept; {events} events, {objects} objects, {relations} relations;"
        f" {len(variants)} variants of an invoice"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
