"""Several workers, several doors: each decision once, each document once, each payment once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit import ledger
from audit.models import Entry
from coordination.decisions import changes
from coordination.models import BankAccount, Decision, Document, Invoice, Payment, PaymentBatch, Task, Vendor
from coordination.services import agent_control, payments
from coordination.services.intake import Report
from coordination.tasks import work_queue
from coordination.workers import runner
from coordination.world import generate
from reviews.errors import LostRace
from reviews.models import Escalation
from tests import cast
from tests.cast import IBAN, OTHER_IBAN, bill, order, receipt, standing, table, take_in, vendor
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)


def everything(*bills: cast.Row) -> list[bytes]:
    return [
        table("vendors", vendor()),
        table("orders", order()),
        table("receipts", receipt()),
        table("invoices", *(bills or (bill(),))),
    ]


def decided() -> list[tuple[str, str]]:
    return sorted(Decision.objects.exclude(agent="support.status").values_list("invoice__number", "agent"))


# --- workers ---------------------------------------------------------------------------------------


def test_eight_workers_on_one_invoice_decide_each_question_once() -> None:
    take_in(*everything())
    outcomes = together(*[cast.drain] * 8)
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    agents = [agent for _, agent in decided()]
    assert sorted(set(agents)) == agents
    assert len(agents) == 5
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_four_workers_come_to_what_one_comes_to() -> None:
    world = generate(5, 25, cast.today(), defect_share=0.6)
    take_in(*world.files.values())
    outcomes = together(*[partial(runner.drain, 3)] * 4)
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    found = {x["invoice_number"]: x for x in cast.EXPORTS["invoices"]()}
    for label in world.labels:
        line = found[label.invoice]
        assert (line["lane"], {h["code"] for h in line["holds"]} >= set(label.codes)) == (
            label.lane,
            True,
        ), label
    assert not Task.objects.exists()
    cast.assert_sound()


def test_facts_that_come_while_agents_work_are_not_lost() -> None:
    take_in(table("vendors", vendor()), table("orders", order()), table("invoices", bill()))

    def more(n: int) -> Report:
        return take_in(table("receipts", receipt(receipt_number=f"GR-{n}", quantity="25")))

    outcomes = together(cast.drain, cast.drain, *(partial(more, n) for n in range(4)))
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_note_of_a_fact_is_taken_up_once() -> None:
    cast.trade()
    work_queue.invalidate([cast.invoice().id], "receipt", "again")
    assert sorted(together(*[changes.process_changes] * 4)) == [0, 0, 0, 1]
    before = Decision.objects.count()
    cast.drain()
    assert Decision.objects.count() == before  # the receipts are what they were: nobody has another answer


def test_an_agent_stopped_while_it_works_ends_after_its_batch() -> None:
    carol = cast.person("carol", "manager")
    take_in(*everything(*(bill(invoice_number=f"RE-{n:03}") for n in range(20))))
    outcomes = together(
        partial(runner.drain, 2), partial(agent_control.pause, "procurement.matching", by=carol)
    )
    assert not of(Exception, outcomes), outcomes
    before = Decision.objects.filter(agent="procurement.matching").count()
    cast.drain()
    assert Decision.objects.filter(agent="procurement.matching").count() == before
    cast.assert_sound()


# --- intake ----------------------------------------------------------------------------------------


def test_one_vendor_from_two_sides_is_one_vendor() -> None:
    outcomes = together(
        partial(take_in, table("vendors", vendor())),
        partial(take_in, table("vendors", vendor(iban=OTHER_IBAN))),
    )
    assert not of(Exception, outcomes), outcomes
    assert Vendor.objects.count() == 1
    statuses = dict(BankAccount.objects.values_list("number", "status"))
    assert sorted(statuses.values()) == ["proposed", "verified"]
    assert set(statuses) == {IBAN, OTHER_IBAN}
    cast.assert_sound()


def test_one_file_through_four_doors_is_taken_in_once() -> None:
    file = table("invoices", bill())
    outcomes: list[Any] = together(*[partial(take_in, file)] * 4)
    results = sorted(x.result for report in of(Report, outcomes) for x in report.lines)
    assert results == ["accepted", "unchanged", "unchanged", "unchanged"], outcomes
    assert (Invoice.objects.count(), Document.objects.count()) == (1, 1)
    cast.assert_sound()


def test_one_invoice_in_other_bytes_through_four_doors_is_one_invoice() -> None:
    files = [table("invoices", bill()).replace(b"Bolt M8", b"Bolt M8" + b" " * n) for n in range(4)]
    outcomes = together(*(partial(take_in, f) for f in files))
    results = sorted(x.result for report in of(Report, outcomes) for x in report.lines)
    assert results == ["accepted", "duplicate", "duplicate", "duplicate"], outcomes
    assert (Invoice.objects.count(), Document.objects.count()) == (1, 4)
    cast.assert_sound()


def test_documents_of_one_trade_from_four_sides_find_each_other() -> None:
    outcomes = together(*(partial(take_in, file) for file in everything()))
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


# --- money -----------------------------------------------------------------------------------------


def test_an_invoice_proposed_by_four_is_in_one_run() -> None:
    take_in(*everything())
    cast.drain()
    outcomes = together(*[partial(payments.propose, "human:900")] * 4)
    assert not of(Exception, outcomes), outcomes
    assert (PaymentBatch.objects.count(), Payment.objects.count()) == (1, 1)
    cast.assert_sound()


def test_a_run_approved_by_two_is_approved_once_and_exported_once() -> None:
    carol, dave = cast.person("carol", "manager"), cast.person("dave", "manager")
    take_in(*everything())
    cast.drain()
    [batch] = payments.propose("human:900").batches
    outcomes = together(*(partial(payments.approve, batch.number, by=p) for p in (carol, dave)))
    assert (len(of(PaymentBatch, outcomes)), len(of(LostRace, outcomes))) == (1, 1), outcomes
    files = together(*[partial(payments.export, batch.number)] * 4)
    assert len(set(files)) == 1
    assert isinstance(files[0], bytes)
    assert cast.entries(f"payment_batch/{batch.id}").count("payment.exported") == 1
    cast.assert_sound()


def test_an_approval_and_a_new_fact_at_once_never_schedule_what_is_held() -> None:
    carol = cast.person("carol", "manager")
    take_in(*everything())
    cast.drain()
    [batch] = payments.propose("human:900").batches
    take_in(table("orders", order(quantity="80")))
    together(partial(payments.approve, batch.number, by=carol), cast.drain)
    cast.drain()
    batch.refresh_from_db()
    state, _, codes = standing()
    assert (batch.status, state == "scheduled") in {("approved", True), ("proposed", False)}
    assert state != "scheduled" or not codes
    assert Escalation.objects.filter(kind="payment_run").count() == 1
    cast.assert_sound()


# --- the ledger ------------------------------------------------------------------------------------


def append(type_: str) -> list[ledger.Appended]:
    with transaction.atomic():
        return ledger.append([ledger.Event("race/1", type_, "system:test", datetime.now(UTC), {})])


def test_writers_without_a_lock_do_not_fork_a_chain() -> None:
    append("first")
    outcomes = together(*(partial(append, f"writer-{n}") for n in range(8)))
    written = of(list, outcomes)
    assert len(written) + len(of(IntegrityError, outcomes)) == 8
    assert len(written) >= 1
    chain = list(Entry.objects.filter(subject="race/1").order_by("seq"))
    assert [e.seq for e in chain] == list(range(1, len(written) + 2))
    assert [e.prev for e in chain[1:]] == [e.hash for e in chain[:-1]]
    cast.assert_sound()
