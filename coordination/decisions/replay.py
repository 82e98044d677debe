"""Decisions run again from what the ledger kept: the same input, document, policy text and versions, the same
result.

Nothing but the ledger is read, so that an auditor with a copy of it comes to the same answer. What an agent
outside this process answered (a language model, an integrator's program) is replayed as recorded and only
ruled on again: its words are a claim, not a computation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from audit.canonical import dumps, loads
from audit.models import Entry

from ..agents import OWNERS, REGISTRY, drills
from ..domain.calibration import calibrate
from ..domain.facts import Allocated, Snapshot
from ..domain.policy import Policy
from ..domain.proposal import Agent, Finding, LineCoding, Proposal
from ..domain.supplied import laid_over
from ..facts.serialization import decode, encode
from ..facts.taken import Facts, FactsNotFound, on_record, whole
from ..governance import policy as rules
from ..governance.gate import rule_on
from ..translation.canonical import Invoice
from .loop_guard import RULE as LOOP
from .steps import ENGINE

ARCHIVE: dict[tuple[str, str], Agent] = {(a.name, a.version): a for a in REGISTRY.values()}
"""Every agent version that ever decided. A version that is replaced stays here, so that its decisions can be
run again."""

ENGINES = frozenset({ENGINE})
"""Versions of gate and engine whose semantics this code still has."""

DOCUMENTS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one decision that did not come out the same."""

    subject: str
    seq: int
    agent: str
    at: str
    field: str
    recorded: str
    again: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Reperformed:
    """What came of running decisions again."""

    decisions: int = 0
    same: int = 0
    different: list[Difference] = field(default_factory=list)
    replayed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces: `reperform --json`."""
        return {
            "decisions": self.decisions,
            "same": self.same,
            "different": [d.as_json() for d in self.different],
            "replayed": self.replayed,
        }


class Library:
    """Policy texts, documents and facts as the ledger keeps them. `document` and `facts` (the sets in the
    chain of an invoice, by the digest of what they are) go by subject; those used last are kept."""

    def __init__(self) -> None:
        self.document = lru_cache(DOCUMENTS_KEPT)(_document)
        self.facts = lru_cache(DOCUMENTS_KEPT)(on_record)
        self.policies: dict[str, Policy] = {}
        found = Entry.objects.filter(type="policy.activated").order_by("id").values_list("body", flat=True)
        for body in found.iterator():
            data = loads(body)["data"]
            policy = rules.parse(data["text"], int(data["revision"]))
            self.policies[policy.sha256] = policy  # by what the text is, not by what the entry says it is

    def input(self, subject: str, data: Mapping[str, Any]) -> Facts:
        """The whole input of a decision recorded in this chain. Raises `FactsNotFound`."""
        return whole(data, self.facts(subject) if data.get("taken") else {})


def _document(subject: str) -> Invoice | None:
    """The document in the first entry of an invoice."""
    first = Entry.objects.filter(subject=subject, type="invoice.received").order_by("seq")
    body = first.values_list("body", flat=True).first()
    return decode(Invoice, loads(body)["data"]["invoice"]) if body else None


def reperform(*, since: date | None = None, subject: str = "", most_differences: int = 1000) -> Reperformed:
    """Run decisions of agents again: all, those since a day (UTC), or those of one invoice."""
    library, done = Library(), Reperformed()
    for entry in _entries(since, subject):
        data = loads(entry.body)["data"]
        found = again(entry, data, library)
        done.decisions += 1
        done.replayed += data.get("requested_by") == "lease"
        done.same += not found
        done.different += found[: max(0, most_differences - len(done.different))]
    return done


def _entries(since: date | None, subject: str) -> Iterator[Entry]:
    rows = Entry.objects.filter(type="invoice.decided", actor__startswith="agent:").order_by("id")
    if subject:
        rows = rows.filter(subject=subject)
    if since is not None:
        rows = rows.filter(recorded_at__gte=datetime(since.year, since.month, since.day, tzinfo=UTC))
    yield from rows.iterator(chunk_size=500)


def again(entry: Entry, data: dict[str, Any], library: Library) -> list[Difference]:
    """Run one decision again; what differs from the record."""

    def differs(name: str, recorded: Any, new: Any) -> Difference:
        at = entry.recorded_at.isoformat()
        return Difference(
            entry.subject, entry.seq, data.get("agent", ""), at, name, _describe(recorded), _describe(new)
        )

    try:
        missing = _missing(entry, data, library)
        if missing:
            return [differs(missing, data.get(missing, "absent"), "not available")]
        document = library.document(entry.subject)
        assert document is not None  # noqa: S101 - `_missing` has said so
        given = data | {"input": library.input(entry.subject, data)}
        computed = compute(given, document, library.policies[data["policy"]["sha256"]])
    except FactsNotFound as error:
        return [differs("taken", str(error), "not available")]
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as error:
        return [differs("record", "a complete record", f"cannot be run: {type(error).__name__}: {error}")]
    return [
        differs(name, data.get(name), value)
        for name, value in computed.items()
        if not equal(name, data.get(name), value)
    ]


def _missing(entry: Entry, data: dict[str, Any], library: Library) -> str:
    """Which of document, policy, agent version or engine version nobody has any more; empty if all are
    there."""
    if library.document(entry.subject) is None:
        return "document"
    if data["policy"]["sha256"] not in library.policies:
        return "policy"
    if (data["agent"], drills.unmarked(data["agent_version"])) not in ARCHIVE:
        return "agent_version"
    return "" if data["engine_version"] in ENGINES else "engine_version"


def compute(data: dict[str, Any], document: Invoice, policy: Policy) -> dict[str, Any]:
    """A recorded decision from its whole recorded input: what agent and gate make of it, by the names of the
    record."""
    snapshot = decode(Snapshot, data["input"], policy=policy, document=document)
    snapshot = replace(snapshot, document=laid_over(document, snapshot.supplied))
    agent = ARCHIVE[data["agent"], drills.unmarked(data["agent_version"])]
    replayed = data.get("requested_by") == "lease" or _failed(data)
    if replayed:
        proposal = _recorded(data)
    else:
        proposal = drills.altered(calibrate(agent.propose(snapshot), snapshot.calibration), snapshot)
    answered = frozenset(q for q, owner in OWNERS.items() if owner in snapshot.answered)
    consumed = frozenset(data["consumes"]) if "consumes" in data else agent.contract.consumes
    ruling = rule_on(proposal, snapshot, replace(agent.contract, consumes=consumed), answered)
    return {
        "agent_version": proposal.version,
        "outcome": proposal.outcome,
        "confidence": str(proposal.confidence),
        "reasoning": proposal.reasoning,
        "findings": encode(proposal.findings),
        "allocations": encode(proposal.allocations or ()),
        "objections": encode(proposal.objections),
        "codings": encode(proposal.codings),
        "result": ruling.outcome,
        "reasons": [f.code for f in ruling.holds],
        "matched_rules": encode(ruling.fired),
    }


def _failed(data: dict[str, Any]) -> bool:
    """Did the agent fail then? Its failure is a fact of that moment and is replayed."""
    return any(f.get("rule") in {"G-ERROR", LOOP} for f in data["findings"])


def _recorded(data: dict[str, Any]) -> Proposal:
    return Proposal(
        data["agent"],
        data["agent_version"],
        data["outcome"],
        Decimal(data["confidence"]),
        data["reasoning"],
        tuple(decode(Finding, f) for f in data["findings"]),
        allocations=tuple(decode(Allocated, a) for a in data["allocations"]) or None,
        objections=tuple(decode(Finding, f) for f in data.get("objections", ())),
        codings=tuple(decode(LineCoding, c) for c in data.get("codings", ())),
    )


def equal(name: str, recorded: Any, new: Any) -> bool:
    if name == "confidence":  # 0.97 and 0.970 are one number
        return Decimal(str(recorded)) == Decimal(str(new))
    return bool((recorded or None) == (new or None))


def _describe(value: Any) -> str:
    text = value if isinstance(value, str) else _line(value)
    return text if len(text) <= 2000 else text[:2000] + "…"


def _line(value: Any) -> str:
    return dumps(value).decode() if value is not None else ""
