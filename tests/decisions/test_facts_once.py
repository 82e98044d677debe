"""Facts once: an invoice of many lines has the facts of its decisions in its chain once, and everything that
reads decisions finds them there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit import evidence, sealing
from audit.canonical import dumps, loads
from audit.ledger import data_of
from audit.models import Entry
from audit.verify import check_bundle, read_bundle
from coordination.agents import REGISTRY
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.assurance import evidence as around
from coordination.assurance import invariants
from coordination.decisions import lease, loop_guard
from coordination.decisions.replay import Library, reperform
from coordination.domain.proposal import Proposal
from coordination.facts import taken
from coordination.facts.answers import DecisionCount
from coordination.facts.serialization import encode
from coordination.models import Decision
from coordination.selectors import compared as comparing
from coordination.selectors import history
from coordination.world import bookings, generate
from tests import cast
from tests.cast import Cast, bill, order, receipt, table, take_in, vendor
from tests.decisions.test_reperformance import write_body
from tests.decisions.test_stopped import go_on, stop

pytestmark = pytest.mark.django_db

LINES = range(1, 41)
CHAIN = ["finance.validation", "procurement.matching", "operations.delivery", "control.crosscheck"]


def long_trade(*, receipts: bool = True) -> None:
    """INV-1 bills forty lines of PO-1, bolts of forty sizes; all arrived, if `receipts`."""
    names = [{"line": str(n * 10), "item": f"A-{n}", "description": f"Bolt M{n}"} for n in LINES]
    rows = [
        bill(
            **name | {"line": str(n), "order_line": name["line"]},
            net="40000.00",
            tax="7600.00",
            gross="47600.00",
        )
        for n, name in zip(LINES, names, strict=True)
    ]
    take_in(
        table("vendors", vendor()),
        table("orders", *(order(**name) for name in names)),
        *([all_arrived()] if receipts else []),
        table("invoices", *rows),
    )
    cast.drain()


def all_arrived() -> bytes:
    return table("receipts", *(receipt(line=str(n), order_line=str(n * 10)) for n in LINES))


def sets() -> list[dict[str, Any]]:
    """What was taken, in order."""
    found = Entry.objects.filter(subject=cast.invoice().subject, type=taken.TYPE).order_by("seq")
    return [data_of(e.body) for e in found]


def decisions() -> list[dict[str, Any]]:
    """What the agents of INV-1 decided, in order."""
    rows = Decision.objects.filter(invoice=cast.invoice()).order_by("entry_id")
    return [cast.body_of(row) for row in rows if row.agent != "person"]


def violated() -> set[str]:
    return {v["invariant"] for v in invariants.check()["violations"]}


def test_the_facts_of_many_lines_are_in_the_chain_once() -> None:
    long_trade()
    rows = Entry.objects.filter(subject=cast.invoice().subject, type__in=[taken.TYPE, "invoice.decided"])
    assert "".join(e.body for e in rows).count('"description":"Bolt M17"') == 1
    assert [set(s["facts"]) & {"orders", "receipts", "allocations"} for s in sets()] == [
        {"orders"},
        {"receipts", "allocations"},
    ]


def test_every_decision_names_what_it_saw_and_no_more() -> None:
    long_trade()
    for data in decisions():
        seen = {name for names in data["taken"].values() for name in names} | data["input"].keys()
        reads = REGISTRY[data["agent"]].contract.reads
        assert ("orders" in seen) == ("order" in reads), data["agent"]
        assert ("receipts" in seen) == ("receipt" in reads), data["agent"]
        assert {"state", "version", "now"} <= data["input"].keys()


def test_an_invoice_of_few_facts_has_them_with_each_decision() -> None:
    cast.trade()
    assert sets() == []
    assert all("taken" not in data for data in decisions())


def test_what_was_taken_before_is_not_taken_again() -> None:
    long_trade(receipts=False)
    before = sets()
    take_in(all_arrived())
    cast.drain()
    new = sets()[len(before) :]
    assert new
    assert all("orders" not in s["facts"] for s in new)
    [*_, last] = [d for d in decisions() if d["agent"] == "operations.delivery"]
    assert [names for names in last["taken"].values() if "orders" in names] != []
    assert reperform().different == []
    cast.assert_sound()


def test_every_decision_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where facts of every size are taken once, in a world with every defect in it."""
    monkeypatch.setattr(taken, "WORTH_AN_ENTRY", 1)
    people = cast.people()
    take_in(bookings.history(3, cast.today()))
    take_in(*generate(3, 40, cast.today(), defect_share=0.9).files.values())
    cast.drain()
    for row in cast.Escalation.objects.filter(status="open", quorum=1, amount_company__lt=20000)[:6]:
        cast.answer(row, "approve", by=people.carol, reason="evidence_complete", comment="Seen.")
    cast.drain()
    done = reperform()
    assert done.different == []
    assert done.decisions > 200
    assert Entry.objects.filter(type=taken.TYPE).count() > 40
    cast.assert_sound()


def test_facts_altered_behind_their_digest_are_no_longer_what_was_decided_on() -> None:
    long_trade()
    entry = Entry.objects.filter(type=taken.TYPE).earliest("id")
    write_body(entry, entry.body.replace("Bolt M17", "Bolt M18"))
    found = reperform().different
    assert {d.field for d in found} == {"taken"}
    assert {d.agent for d in found} >= set(CHAIN)
    assert {d.recorded.split(" of ")[1][:9] for d in found} == {"the facts"}
    assert violated() == {"I10"}  # the entry has another hash; the digest that is named stands


def test_facts_without_their_entry_are_a_violation() -> None:
    long_trade()
    entry = Entry.objects.filter(type=taken.TYPE).earliest("id")
    body = loads(entry.body)
    body["data"]["digest"] = "0" * 64
    write_body(entry, dumps(body).decode())
    assert violated() == {"I3", "I10"}


def test_the_comparison_of_lines_reads_them() -> None:
    long_trade()
    invoice = cast.invoice()
    shown = comparing.compared(invoice, [])
    assert shown.agent == "operations.delivery"
    assert [row[2] for row in shown.grid.rows][:2] == ["PO-1 / 10", "PO-1 / 20"]
    assert {row[5] for row in shown.grid.rows} == {"100"}


def test_what_alternated_is_found_in_them() -> None:
    long_trade(receipts=False)
    take_in(all_arrived())
    cast.drain()
    invoice = cast.invoice()
    entries = [d for d in decisions() if d["agent"] == "operations.delivery"]
    library = Library()
    whole = [d | {"input": library.input(invoice.subject, d)} for d in entries]
    assert "receipts" not in whole[0]["input"]
    assert len(whole[-1]["input"]["receipts"]) == len(LINES)
    newest = Decision.objects.filter(invoice=invoice).latest("entry_id").fact
    said = str(loop_guard.never_at_rest(invoice, DecisionCount(newest, 20)))
    assert "20 decisions on one fact" in said


def test_an_agent_outside_names_what_was_taken_before() -> None:
    stop("operations.delivery")  # nobody answers within: the task stays for who asks for it
    long_trade()
    go_on("operations.delivery")
    work = lease.take("operations.delivery", by="program", seconds=60)
    assert work is not None
    words = Proposal("operations.delivery", "1", "approve", cast.Decimal("0.91"), "Counted by hand.")
    lease.submit(work, words)
    [data] = [d for d in decisions() if d["agent"] == "operations.delivery"]
    assert any("orders" in names for names in data["taken"].values())
    assert Library().input(cast.invoice().subject, data)["orders"] == encode(work.snapshot.orders)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    long_trade()
    cast.people()
    sealing.seal()
    target = tmp_path / "evidence.zip"
    with target.open("wb") as out:
        evidence.write(cast.invoice().subject, around.attached(cast.invoice()), out)
    return target


def test_its_evidence_verifies_with_the_facts_in_it(bundle: Path) -> None:
    opened = read_bundle(bundle)
    assert check_bundle(opened) == []
    assert len(list(opened.of(taken.TYPE))) == 2


def test_the_page_of_an_entry_says_what_it_stood_on(client: Client, people: Cast) -> None:
    long_trade()
    client.force_login(people.erin)
    invoice = cast.invoice()
    own = Entry.objects.filter(subject=invoice.subject).order_by("seq")
    facts, decided = (own.filter(type=t).earliest("seq") for t in (taken.TYPE, "invoice.decided"))
    page = client.get(f"/invoices/{invoice.pk}/entries/{decided.seq}/").content.decode()
    assert f"as taken in entry {facts.seq}" in page
    assert "Facts taken" in client.get(f"/invoices/{invoice.pk}/").content.decode()


@pytest.fixture
def people() -> Cast:
    return cast.people()


def test_facts_that_no_entry_has_are_said_on_the_page(people: Cast) -> None:
    long_trade()
    invoice = cast.invoice()
    entry = Entry.objects.filter(subject=invoice.subject, type="invoice.decided").earliest("seq")
    body = loads(entry.body)
    body["data"]["taken"] = {"0" * 64: ["orders"]}
    write_body(entry, dumps(body).decode())
    shown = history.detail(invoice, entry.seq)
    assert shown is not None
    assert [(s.words, s.seq) for s in shown.stood_on] == [("orders", None)]


def test_facts_are_taken_within_the_transaction_of_the_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, snapshot: object) -> Proposal:
        raise RuntimeError("the wires are crossed")

    monkeypatch.setattr(ProcurementMatching, "propose", fail)
    long_trade()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_entry t WHERE t.type = 'facts.taken' AND NOT EXISTS (SELECT 1 FROM"
            " audit_entry e WHERE e.subject = t.subject AND e.tx = t.tx AND e.type = 'invoice.decided')"
        )
        assert cursor.fetchone()[0] == 0
    assert sets()
