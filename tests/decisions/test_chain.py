"""The chain: agents of one invoice answer in one transaction, each on the state that the one before left, and
it comes to what it would have come to agent by agent."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import trail
from coordination.agents import ADVISORY, REGISTRY
from coordination.agents.finance_validation import FinanceValidation
from coordination.agents.operations_delivery import OperationsDelivery
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.decisions import chain, changes, lease, runner
from coordination.decisions.chain import Chain
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Proposal
from coordination.facts import documents
from coordination.models import Decision, Hold, Invoice, InvoiceStatus, Task
from coordination.tasks import work_queue
from coordination.workers import runner as sweep
from coordination.world.generate import generate
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, vendor
from tests.decisions.test_stopped import go_on, stop

pytestmark = pytest.mark.django_db

FIRST = "finance.validation"
AGENTS = [name for name in REGISTRY if name != "finance.coding"]


def arrive(*bills: dict[str, str], receipts: tuple[dict[str, str], ...] | None = None) -> None:
    """Documents are taken in, and nobody has decided anything yet."""
    tables = [table("vendors", vendor()), table("orders", order())]
    tables.append(table("receipts", *(receipts if receipts is not None else (receipt(),))))
    take_in(*tables, table("invoices", *(bills or (bill(),))))
    while changes.process_changes():
        pass


def decided(number: str = "INV-1") -> list[str]:
    found = Decision.objects.filter(invoice__number=number).order_by("entry_id")
    return list(found.values_list("agent", flat=True))


def of_the_chain() -> list[str]:
    """Who decided but the agents beside it."""
    return [name for name in decided() if name not in ADVISORY]


def run_first(limit: int = 50) -> int:
    return runner.run(REGISTRY[FIRST], limit)


# --- one transaction ----------------------------------------------------------------------------------------


def test_a_sound_invoice_is_decided_by_the_whole_chain_at_once() -> None:
    arrive()
    assert run_first() == 1
    assert standing() == ("cleared", "auto", [])
    assert decided() == AGENTS
    assert not Task.objects.exclude(agent="finance.coding").exists()


def test_every_decision_keeps_its_own_entry_and_move() -> None:
    arrive()
    run_first()
    moves = list(Decision.objects.order_by("entry_id").values_list("state_from", "state_to", "state_version"))
    assert [m[:2] for m in moves] == [
        ("received", "validated"),
        ("validated", "matched"),
        ("matched", "delivered"),
        ("delivered", "delivered"),
        ("delivered", "cleared"),
        ("cleared", "cleared"),
    ]
    data = [cast.body_of(d) for d in Decision.objects.order_by("entry_id")]
    assert [d["agent"] for d in data] == AGENTS
    told = [(d["state"]["from"], d["state"]["to"], int(d["state"]["version"])) for d in data]
    assert told == moves
    assert [str(d["decision_id"]) for d in data] == [
        str(k) for k in Decision.objects.order_by("entry_id").values_list("id", flat=True)
    ]


def test_each_entry_binds_the_row_as_its_own_decision_left_it() -> None:
    arrive()
    run_first()
    versions = list(Invoice.history.order_by("history_id").values_list("state", "version", "history_user_id"))
    assert [(s, v) for s, v, _ in versions][-5:] == [
        ("validated", 2),
        ("matched", 3),
        ("delivered", 4),
        ("delivered", 5),
        ("cleared", 6),
    ]
    assert [who.removeprefix("agent:").partition("/")[0] for *_, who in versions[-5:]] == AGENTS[:5]
    bound = [
        change[2]
        for d in Decision.objects.order_by("entry_id")
        for change in cast.body_of(d).get("changes", [])
        if change[0] == "coordination_historicalinvoice"
    ]
    kept = [str(k) for k in Invoice.history.order_by("history_id").values_list("history_id", flat=True)]
    assert bound == kept[-5:]
    cast.assert_sound()


def test_the_row_itself_is_written_no_oftener_than_others_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with what was matched, which others of the order read from the table, and once at the end."""
    arrive()
    written = []
    update = trail._update_live

    def counted(codec: Any, live: Any, fields: Any) -> None:
        written.append((codec.model, len(live)))
        update(codec, live, fields)

    monkeypatch.setattr(trail, "_update_live", counted)
    run_first()
    assert written == [(Invoice, 1), (Invoice, 1)]


def test_holds_of_one_agent_are_what_the_release_rules_on() -> None:
    arrive(bill(quantity="99", net="990.00", gross="1178.10"), receipts=(receipt(quantity="60"),))
    run_first()
    state, lane, codes = standing()
    assert (state, lane, codes) == ("matched", "escalated", ["qty_over_received"])
    [asked] = [cast.question()]
    assert [r["code"] for r in asked.reasons] == ["qty_over_received"]


def test_what_the_vendor_is_told_is_the_end_of_the_chain() -> None:
    arrive()
    run_first()
    assert InvoiceStatus.objects.get().response == "AP"


def test_nothing_of_a_chain_stays_when_its_transaction_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    arrive()

    def broken(self: Chain, *, alone: bool) -> None:
        self._write()
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Chain, "end", broken)
    run_first()
    assert not Decision.objects.exists()
    assert standing() == ("received", "open", [])
    [task] = Task.objects.filter(agent=FIRST)
    assert (task.attempts, task.error) == (1, "RuntimeError: the disk is full")


# --- who leaves the chain -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AGENTS[1:5])
def test_a_stop_takes_effect_between_two_agents_of_a_chain(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The stop comes while the agent before is answering."""
    arrive()
    before = REGISTRY[AGENTS[AGENTS.index(name) - 1]]
    propose = type(before).propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        stop(name)
        return propose(self, snapshot)

    monkeypatch.setattr(type(before), "propose", answered)
    run_first()
    assert of_the_chain() == AGENTS[: AGENTS.index(name)]
    assert standing()[0] != "cleared"
    waiting = list(Task.objects.filter(agent=name).values_list("cause", flat=True))
    assert len(waiting) == 1
    monkeypatch.undo()
    go_on(name)
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_a_stop_takes_effect_before_the_next_batch_of_the_same_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(*(bill(invoice_number=f"INV-{n}", order_number=f"PO-{n}") for n in (1, 2, 3)))
    propose = FinanceValidation.propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        stop(FIRST)
        return propose(self, snapshot)

    monkeypatch.setattr(FinanceValidation, "propose", answered)
    sweep.sweep(1)
    assert Decision.objects.filter(agent=FIRST).count() == 1
    assert Task.objects.filter(agent=FIRST).count() == 2


def test_a_worker_asks_once_what_is_due_where_nothing_is() -> None:
    arrive()
    cast.drain()
    with CaptureQueriesContext(connection) as asked:
        assert sweep.sweep() == 0
    assert sum("coordination_task" in q["sql"] for q in asked) == 1


def test_nobody_downstream_answers_past_an_agent_that_is_stopped() -> None:
    stop("procurement.matching")
    arrive()
    run_first()
    assert of_the_chain() == [FIRST]
    assert sorted(Task.objects.values_list("agent", flat=True)) == ["procurement.matching"]


@pytest.mark.parametrize("change", ["vendor", "billing", "receipt"])
def test_a_change_that_is_noted_meanwhile_is_looked_at_before_the_next_agent(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    arrive()
    key = cast.invoice().id
    propose = ProcurementMatching.propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        work_queue.invalidate([key], change, "a document that came just now")
        return propose(self, snapshot)

    monkeypatch.setattr(ProcurementMatching, "propose", answered)
    run_first()
    assert decided() == AGENTS[:2]
    assert Task.objects.filter(agent="operations.delivery").exists()
    monkeypatch.undo()
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_of_two_invoices_of_one_order_in_one_batch_the_second_sees_the_first_before_it_is_released() -> None:
    arrive(bill(), bill(invoice_number="INV-2"))
    run_first()
    cleared = set(Decision.objects.filter(state_to="cleared").values_list("invoice__number", flat=True))
    assert "INV-2" not in cleared
    cast.drain()
    assert standing("INV-1")[0] == "cleared"
    assert standing("INV-2")[:2] != ("cleared", "auto")
    assert not Decision.objects.filter(invoice__number="INV-2", state_to="cleared").exists()


def test_what_is_leased_stays_with_who_has_it_and_holds_up_who_consumes_it() -> None:
    stop("operations.delivery")
    arrive()
    run_first()
    go_on("operations.delivery")
    taken = lease.take("operations.delivery", by="outside", seconds=60)
    assert taken is not None
    work_queue.open_tasks([("procurement.matching", taken.invoice, "again")])
    runner.run(REGISTRY["procurement.matching"], 10)
    assert "operations.delivery" not in decided()
    assert "finance.payment" not in decided()


def test_an_agent_of_a_task_that_is_run_alone_answers_alone() -> None:
    arrive()
    Task.objects.update(alone=True)
    assert run_first() == 1
    assert decided() == [FIRST]
    assert Task.objects.get(agent="procurement.matching").alone


# --- the same as agent by agent -----------------------------------------------------------------------------


def agent_by_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = runner._decide
    monkeypatch.setattr(runner, "_decide", partial(decide, alone=True))


def ends() -> dict[str, Any]:
    """How every invoice stands, why, and what each agent last said of it."""
    out: dict[str, Any] = {}
    for row in Invoice.objects.order_by("number", "digest"):
        holds = Counter(
            Hold.objects.live().filter(invoice=row).values_list("code", "line", "status", "raised_by")
        )
        said = {
            d.agent: (d.outcome, d.confidence, tuple(d.codes))
            for d in Decision.objects.filter(invoice=row).order_by("state_version")
        }
        out[f"{row.number} {row.digest[:12]}"] = (row.state, row.lane, sorted(row.answered), holds, said)
    return out


@pytest.mark.parametrize("seed", [3, 11, 29])
def test_a_made_up_world_ends_as_agent_by_agent(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    found = []
    for one_by_one in (False, True):
        with transaction.atomic():
            with monkeypatch.context() as patch:
                if one_by_one:
                    agent_by_agent(patch)
                take_in(*generate(seed, 60, cast.today(), defect_share=0.6).files.values())
                cast.drain()
                found.append(ends())
            transaction.set_rollback(True)
        documents.clear_cache()
    assert found[0] == found[1]


def test_an_agent_that_fails_behind_the_first_is_charged_with_its_own_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an agent cannot be asked at all, not even for a stand-in, is put off with its own task."""
    arrive()

    def broken(self: Any, agent: Any, row: Any, shot: Any, task: Any, failed: Any) -> Any:
        if agent.name == OperationsDelivery.name:
            raise LookupError("gone")
        return step(self, agent, row, shot, task, failed)

    step = chain.Chain._step
    monkeypatch.setattr(chain.Chain, "_step", broken)
    run_first()
    assert decided() == [FIRST]
    runner.run(REGISTRY["procurement.matching"], 10)
    assert decided() == AGENTS[:2]
    runner.run(REGISTRY["operations.delivery"], 10)
    [task] = Task.objects.filter(agent="operations.delivery")
    assert (task.attempts, task.error) == (1, "LookupError: gone")


def test_an_invoice_whose_chain_fails_once_is_said_and_decided_agent_by_agent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that passes by itself leaves no task behind that could say it."""
    arrive()
    goes_on = Chain.go_on

    def once(self: Chain, after: Any) -> None:
        monkeypatch.setattr(Chain, "go_on", goes_on)
        raise LookupError("gone for a moment")

    monkeypatch.setattr(Chain, "go_on", once)
    run_first()
    assert "the chain of one invoice failed (gone for a moment)" in caplog.text
    assert of_the_chain() == [FIRST]
    cast.drain()
    assert standing() == ("cleared", "auto", [])
