"""Decisions run again from the ledger alone, as an auditor does: same input, same policy text, same
result."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from audit.canonical import dumps, loads
from audit.models import Entry
from coordination.agents import REGISTRY
from coordination.decisions import lease
from coordination.decisions.replay import reperform
from coordination.domain.proposal import Proposal
from coordination.facts import documents
from coordination.facts.serialization import decode
from coordination.models import Decision, Invoice
from coordination.translation import canonical as shapes
from coordination.world import bookings, generate
from tests import cast
from tests.cast import bill, standing, table, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    """A world with every defect in it, worked through, some of it answered by people."""
    people = cast.people()
    cast.take_in(bookings.history(3, cast.today()))
    cast.take_in(*generate(3, 40, cast.today(), defect_share=0.9).files.values())
    cast.drain()
    asked = cast.Escalation.objects.filter(status="open", quorum=1, amount_company__lt=20000).order_by(
        "opened_at"
    )
    for n, row in enumerate(asked[:6]):
        verdict, reason = (("approve", "evidence_complete"), ("reject", "duplicate"))[n % 2]
        cast.answer(row, verdict, by=people.carol, reason=reason, comment="Seen.")
    cast.drain()


@pytest.fixture
def trade() -> None:
    """One invoice, from its arrival to its clearance."""
    cast.trade()


def decided() -> Iterator[dict[str, Any]]:
    """The data of every decision of an agent, with its subject."""
    for subject, body in Entry.objects.filter(type="invoice.decided", actor__startswith="agent:").values_list(
        "subject", "body"
    ):
        yield {**loads(body)["data"], "subject": subject}


def tamper(change: Callable[[dict[str, Any]], None], agent: str = "procurement.matching") -> Entry:
    """Rewrite what one decision of an agent says, past every trigger."""
    entry = (
        Entry.objects.filter(type="invoice.decided", actor__startswith=f"agent:{agent}/")
        .order_by("id")
        .first()
    )
    assert entry is not None
    body = loads(entry.body)
    change(body["data"])
    text = dumps(body).decode()
    assert text != entry.body
    write_body(entry, text)
    return entry


def write_body(entry: Entry, text: str) -> None:
    """What a superuser can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET body = %s WHERE id = %s", [text, entry.id])
        cursor.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_append_only")
    assert Entry.objects.get(pk=entry.pk).body == text


def test_every_decision_of_an_agent_comes_out_the_same(world: None) -> None:
    done = reperform()
    assert done.different == []
    assert done.same == done.decisions == Decision.objects.exclude(agent="person").count() > 200
    assert {d["agent"] for d in decided()} == set(REGISTRY)


def test_one_invoice_is_run_again_by_itself(trade: None) -> None:
    row = Invoice.objects.order_by("number").first()
    assert row is not None
    done = reperform(subject=row.subject)
    assert done.decisions == Decision.objects.filter(invoice=row).exclude(agent="person").count() > 0
    assert done.different == []


def test_a_day_without_decisions_has_nothing_to_run(trade: None) -> None:
    assert reperform(since=cast.today() + timedelta(days=2)).decisions == 0
    assert reperform(since=cast.today() - timedelta(days=2)).decisions > 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.update(result="act" if d["result"] != "act" else "hold"), "result"),
        (lambda d: d.update(reasoning="Trust me."), "reasoning"),
        (lambda d: d.update(confidence="0.123"), "confidence"),
        (lambda d: d["findings"].append({"question": "price", "sentence": "Fine."}), "findings"),
        (lambda d: d["policy"].update(sha256="0" * 64), "policy"),
        (lambda d: d.update(agent_version="0"), "agent_version"),
        (lambda d: d.update(engine_version="0"), "engine_version"),
        (lambda d: d.pop("input"), "record"),
        (lambda d: d["input"].update(orders="none"), "record"),
    ],
)
def test_a_result_that_does_not_follow_is_named(
    trade: None, change: Callable[[dict[str, Any]], None], field: str
) -> None:
    entry = tamper(change)
    found = reperform().different
    assert {(d.subject, d.seq) for d in found} == {(entry.subject, entry.seq)}
    assert field in {d.field for d in found}


def test_other_spelling_of_the_same_confidence_is_no_difference(trade: None) -> None:
    tamper(lambda d: d.update(confidence=d["confidence"] + "0"))
    assert reperform().different == []


def test_a_policy_text_swapped_behind_its_digest_is_no_longer_the_policy(trade: None) -> None:
    entry = Entry.objects.get(type="policy.activated")
    body = loads(entry.body)
    body["data"]["text"] = body["data"]["text"].replace('"50000.00"', '"90000.00"')
    write_body(entry, dumps(body).decode())
    done = reperform()
    assert done.same == 0
    assert {d.field for d in done.different} == {"policy"}


def test_what_an_agent_outside_answered_is_replayed_and_ruled_on_again() -> None:
    cast.trade()
    take_in(table("invoices", bill(invoice_number="RE-2", order_number="PO-9")))
    taken = lease.take("finance.validation", by="program", seconds=60)
    assert taken is not None
    words = Proposal("finance.validation", "1", "approve", Decimal("0.91"), "A model says it is fine.")
    lease.submit(taken, words)
    cast.drain()
    done = reperform()
    assert done.replayed == 1
    assert done.different == []


def test_an_agents_failure_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, snapshot: object) -> Proposal:
        raise RuntimeError("the wires are crossed")

    with monkeypatch.context() as patched:
        patched.setattr(REGISTRY["operations.delivery"].__class__, "propose", fail)
        cast.trade()
    assert standing()[2] == ["agent_error"]
    assert reperform().different == []


def test_the_command_prints_and_exits_as_documented(trade: None) -> None:
    out = StringIO()
    call_command("reperform", "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert printed["decisions"] == printed["same"] > 4
    assert printed["different"] == []
    tamper(lambda d: d.update(reasoning="Trust me."))
    with pytest.raises(SystemExit) as ended:
        call_command("reperform", "--json", stdout=(out := StringIO()))
    assert ended.value.code == 1
    assert [d["field"] for d in json.loads(out.getvalue())["different"]] == ["reasoning"]


def received() -> dict[str, shapes.Invoice]:
    """The document of each invoice, from its first entry."""
    first = Entry.objects.filter(type="invoice.received").values_list("subject", "body")
    return {subject: decode(shapes.Invoice, loads(body)["data"]["invoice"]) for subject, body in first}


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
    cast.take_in(*made.later.values())
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
