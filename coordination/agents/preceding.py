"""The invoices that a document names (BG-3)."""

from __future__ import annotations

from ..domain.facts import Sibling, Snapshot
from ..translation.identity import normalised_number


def credited(snapshot: Snapshot) -> list[Sibling]:
    """The invoices this document names that we have."""
    keys = {normalised_number(n) for n in snapshot.document.preceding}
    return [s for s in snapshot.siblings if s.type == "invoice" and s.number_key in keys]
