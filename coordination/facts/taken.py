"""Facts once: many facts that decisions stand on are an entry of the invoice's chain when they are new
(`facts.taken`), named by their content; a decision says which it took from which entry.

An entry's `data` is `{"digest": SHA-256 of the canonical JSON of facts, "facts": {name: value}}`, names and
values as in a recorded snapshot. A decision's `input` keeps what is its own (what others answered, holds,
versions, the clock), and its `taken` is `{digest: [names]}`; where a name is in both, `input` counts. A
decision without `taken` has its whole input in itself: one on few facts, and every one from before there were
such entries.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audit.canonical import dumps
from audit.errors import CountersignError
from audit.ledger import data_of
from audit.models import Entry
from audit.subjects import Subject

from ..tasks.sql import rows

TYPE = "facts.taken"
"""Type of the entry."""
ACTOR = "system:facts"
"""Who it is by: facts are taken for all agents, by none of them."""

OWN = frozenset({"state", "lane", "version", "facts_version", "now", "answered", "holds", "positions"})
"""Fields of a recorded snapshot that are another decision by decision; they stay with it."""

WORTH_AN_ENTRY = 4096
"""Bytes of facts from which on they get an entry. Fewer stay with each decision: an entry has an envelope and
four places in indexes, and its names in each decision, so that for an invoice of two lines more would be
written, and not less (docs/performance.md)."""

LOOKED_BACK = 3
"""How many sets of an invoice, the newest first, new decisions may refer to."""

Facts = dict[str, Any]


class FactsNotFound(CountersignError):
    """A decision names facts that no earlier entry of its chain has: the record is not complete."""

    status = 500


def digest_of(facts: Facts) -> str:
    """SHA-256 (hex) of the canonical JSON (RFC 8785) of facts: the name that decisions know them by."""
    return hashlib.sha256(dumps(facts)).hexdigest()


@dataclass(slots=True)
class Parts:
    """A recorded snapshot in two parts: its own `input`, and what is `taken` from which set
    ({digest: [names]})."""

    input: Facts
    taken: dict[str, list[str]]


@dataclass(slots=True)
class Sets:
    """The sets of facts that decisions on one invoice may refer to, by digest, the newest first."""

    known: dict[str, Facts] = field(default_factory=dict)

    def name(self, recorded: Sequence[Facts]) -> tuple[list[Parts], tuple[str, Facts] | None]:
        """Each of these recorded snapshots in its two parts, and the set (digest, facts) that is new with
        them, None where none is or where they share too little for one."""
        if not self.known and all(len(dumps(one)) < WORTH_AN_ENTRY for one in recorded):
            return [Parts(one, {}) for one in recorded], None
        new: Facts = {}
        places = [self._place(one, new) for one in recorded]
        text = dumps(new) if new else b""
        if len(text) < WORTH_AN_ENTRY:
            return [self._parts(one, place, "") for one, place in zip(recorded, places, strict=True)], None
        digest = hashlib.sha256(text).hexdigest()
        self.known = {digest: new, **self.known}
        parts = [self._parts(one, place, digest) for one, place in zip(recorded, places, strict=True)]
        return parts, (digest, new)

    def _place(self, recorded: Facts, new: Facts) -> dict[str, str]:
        """Field -> digest of the set it is in, empty for the new one. A field that the new set has with
        another value is in none."""
        found = {}
        for name, value in recorded.items():
            if name in OWN:
                continue
            for digest, facts in self.known.items():
                if facts.get(name) == value:
                    found[name] = digest
                    break
            else:
                if new.setdefault(name, value) == value:
                    found[name] = ""
        return found

    def _parts(self, recorded: Facts, place: Mapping[str, str], new: str) -> Parts:
        """`new`: digest of the new set; empty where there is none, and what was meant for it stays."""
        own, taken = {}, defaultdict(list)
        for name, value in recorded.items():
            digest = place.get(name) or (new if name in place else "")
            if digest:
                taken[digest].append(name)
            else:
                own[name] = value
        return Parts(own, {digest: sorted(names) for digest, names in taken.items()})


NEWEST = """
SELECT s.subject, e.body FROM unnest(%s::text[]) AS s(subject) CROSS JOIN LATERAL
    (SELECT seq, body FROM audit_entry WHERE subject = s.subject AND type = %s ORDER BY seq DESC LIMIT %s) e
 ORDER BY s.subject, e.seq DESC
"""


class Taken:
    """The sets of the invoices that one worker has in hand."""

    def __init__(self, known: Iterable[UUID] = ()) -> None:
        """`known`: invoices that may have sets already; of others none is looked for."""
        self._sets: dict[UUID, Sets] = defaultdict(Sets)
        subjects = {str(Subject.of("invoice", key)): key for key in known}
        for subject, body in rows(NEWEST, list(subjects), TYPE, LOOKED_BACK) if subjects else ():
            data = data_of(body)
            self._sets[subjects[subject]].known[data["digest"]] = data["facts"]

    def of(self, invoice: UUID) -> Sets:
        """The sets of one invoice."""
        return self._sets[invoice]


def on_record(subject: str) -> dict[str, Facts]:
    """Every set in the chain of a subject, by the digest of what it is, whatever its entry says it is."""
    bodies = Entry.objects.filter(subject=subject, type=TYPE).order_by("seq").values_list("body", flat=True)
    return {digest_of(facts): facts for facts in (data_of(body)["facts"] for body in bodies)}


def whole(data: Mapping[str, Any], sets: Mapping[str, Facts]) -> Facts:
    """The whole input of a recorded decision. `data`: of its entry; `sets`: those of its chain, by digest.
    Raises `FactsNotFound`."""
    found: Facts = {}
    for digest, names in data.get("taken", {}).items():
        for name in names:
            try:
                found[name] = sets[digest][name]
            except KeyError:
                raise FactsNotFound(
                    f"{name} of the facts {digest[:12]}, which no entry of this invoice has; `manage.py"
                    " verify` says what became of it"
                ) from None
    found |= data["input"]
    return found
