"""Decisions run again from the ledger alone, as an auditor does: same input, same policy text, same result."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from audit.canonical import loads
from audit.models import Entry
from coordination.agents import OWNERS, REGISTRY
from coordination.agents.base import Snapshot
from coordination.engine import documents
from coordination.engine.recording import decode, encode
from coordination.governance import policy as rules
from coordination.governance.gate import rule_on
from coordination.models import Decision, Invoice
from coordination.translation import canonical as shapes
from coordination.world import generate
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    """A world with every defect in it, worked through, some of it answered by people."""
    people = cast.people()
    cast.take_in(*generate(3, 40, cast.today(), defect_share=0.9).files.values())
    cast.drain()
    asked = cast.Escalation.objects.filter(status="open", quorum=1, amount_company__lt=20000).order_by(
        "opened_at"
    )
    for n, row in enumerate(asked[:6]):
        verdict, reason = (("approve", "evidence_complete"), ("reject", "duplicate"))[n % 2]
        cast.answer(row, verdict, by=people.alice, reason=reason, comment="Seen.")
    cast.drain()


def decided() -> Iterator[dict[str, Any]]:
    """The data of every decision of an agent, with its subject."""
    for subject, body in Entry.objects.filter(type="invoice.decided", actor__startswith="agent:").values_list(
        "subject", "body"
    ):
        yield {**loads(body)["data"], "subject": subject}


def received() -> dict[str, shapes.Invoice]:
    """The document of each invoice, from its first entry."""
    first = Entry.objects.filter(type="invoice.received").values_list("subject", "body")
    return {subject: decode(shapes.Invoice, loads(body)["data"]["invoice"]) for subject, body in first}


def policies() -> dict[str, rules.Policy]:
    """Policies by digest, from the text in the ledger."""
    texts = [
        loads(b)["data"] for b in Entry.objects.filter(type="policy.activated").values_list("body", flat=True)
    ]
    return {t["sha256"]: rules.parse(t["text"], int(t["revision"])) for t in texts}


def test_every_decision_of_an_agent_comes_out_the_same(world: None) -> None:
    texts, papers, done = policies(), received(), Counter[str]()
    for data in decided():
        snapshot = decode(
            Snapshot, data["input"], policy=texts[data["policy"]["sha256"]], document=papers[data["subject"]]
        )
        agent = REGISTRY[data["agent"]]
        answered = frozenset(q for q, owner in OWNERS.items() if owner in snapshot.answered)
        proposal = agent.propose(snapshot)
        ruling = rule_on(proposal, snapshot, agent.contract, answered)
        assert encode(proposal.findings) == data["findings"], data["agent"]
        assert encode(proposal.allocations or ()) == data["allocations"]
        assert (proposal.outcome, proposal.confidence) == (data["outcome"], Decimal(data["confidence"]))
        assert proposal.reasoning == data["reasoning"]
        assert (ruling.outcome, [f.code for f in ruling.holds]) == (data["result"], data["reasons"])
        assert encode(ruling.fired) == data["matched_rules"]
        done[data["agent"]] += 1
    assert set(done) == set(REGISTRY)
    assert sum(done.values()) == Decision.objects.exclude(agent="person").count() > 200


def test_the_first_entry_keeps_the_whole_document(world: None) -> None:
    rows = list(Invoice.objects.all())
    kept, papers = documents.contents([r.id for r in rows]), received()
    assert len(rows) > 30
    for row in rows:
        assert papers[row.subject] == kept[row.id].invoice


def test_a_decision_without_snapshot_policy_or_reasoning_does_not_exist(world: None) -> None:
    for data in decided():
        assert data["input"]["id"] == data["subject"].partition("/")[2]
        assert data["reasoning"]
        assert data["policy"]["revision"] == "1"
        assert len(data["policy"]["sha256"]) == 64
        assert data["engine_version"]


def test_the_world_comes_to_what_its_labels_say() -> None:
    made = generate(11, 60, cast.today(), defect_share=0.7)
    cast.take_in(*made.files.values())
    cast.drain()
    lines = {(x["invoice_number"], x["vendor_id"] or ""): x for x in cast.EXPORTS["invoices"]()}
    numbers = {x["invoice_number"]: x for x in lines.values()}
    for label in made.labels:
        line = numbers[label.invoice]
        assert line["lane"] == label.lane, (label, line)
        assert {h["code"] for h in line["holds"]} >= set(label.codes), (label, line)
        assert label.lane != "auto" or not line["holds"]
    assert {label.defect for label in made.labels} > {"clean", "price", "duplicate", "credit", "instructions"}
    cast.assert_sound()
