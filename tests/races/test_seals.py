"""Seals under load: nothing is lost and nothing is cried out, whatever order transactions begin and commit
in."""

from __future__ import annotations

import random
import time
from functools import partial

import pytest
from django.db import connection, transaction

from audit import ledger, sealing
from audit.models import Checkpoint, Entry, Leaf
from audit.verify import parse_checkpoint
from coordination.assurance import verification
from tests import cast
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS = 8, 60


class Undone(Exception):
    """The writer changes its mind."""


def write(number: int) -> int:
    """Transactions of one to nine entries on shared subjects; a third is rolled back, some hold on before
    they commit."""
    chance, kept = random.Random(number), 0
    for n in range(ROUNDS):
        subject = f"bench/{chance.randrange(5)}"
        count = chance.randrange(1, 10)
        try:
            with transaction.atomic():
                ledger.lock(subject)
                ledger.append(
                    [
                        ledger.Event(subject, "bench.moved", "system:test", cast.moment(), {"n": f"{n}.{i}"})
                        for i in range(count)
                    ]
                )
                if chance.random() < 0.1:
                    time.sleep(0.02)
                if chance.random() < 0.34:
                    raise Undone
            kept += count
        except Undone:
            continue
    return kept


def seal(times: int) -> int:
    for n in range(times):
        sealing.seal(thorough=n % 3 == 0)
        time.sleep(0.005)
    return times


def test_eight_writers_and_two_sealers_lose_nothing_and_raise_no_alarm() -> None:
    before = Entry.objects.count()
    outcomes = together(*[partial(write, n) for n in range(WRITERS)], partial(seal, 60), partial(seal, 60))
    assert not of(Exception, outcomes), outcomes
    kept = sum(outcomes[:WRITERS])
    assert Entry.objects.filter(subject__startswith="bench/").count() == kept > 500
    sealed = sealing.seal(thorough=False)
    assert sealed.size == Leaf.objects.count() == Entry.objects.count() > before
    assert Checkpoint.objects.count() > 5
    notes = [parse_checkpoint(note) for note in Checkpoint.objects.values_list("note", flat=True)]
    assert verification.run(retained=notes).findings == []


def test_agents_and_the_sealer_work_side_by_side() -> None:
    cast.take_in(
        cast.table("vendors", cast.vendor()),
        cast.table("orders", *[cast.order(order_number=f"PO-{n}") for n in range(30)]),
        cast.table(
            "receipts", *[cast.receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in range(30)]
        ),
        cast.table(
            "invoices", *[cast.bill(invoice_number=f"INV-{n}7", order_number=f"PO-{n}") for n in range(30)]
        ),
    )
    outcomes = together(cast.drain, cast.drain, partial(seal, 40))
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    sealing.seal(thorough=False)
    assert Leaf.objects.count() == Entry.objects.count() > 150
    assert verification.run().findings == []


def test_a_slow_transaction_with_lower_ids_is_sealed_after_quick_ones() -> None:
    """Ids, transaction numbers and times say nothing about the order of commits."""
    from threading import Event, Thread

    written, go = Event(), Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                ledger.append([ledger.Event("slow/1", "slow.moved", "system:test", cast.moment(), {})])
                written.set()
                go.wait(30)
        finally:
            connection.close()

    thread = Thread(target=slow)
    thread.start()
    assert written.wait(30)
    ledger_of("quick/1")
    first = sealing.seal(thorough=False)
    go.set()
    thread.join()
    second = sealing.seal(thorough=False)
    assert second.fresh == 1
    slow_id, quick_id = (Entry.objects.get(subject=s).id for s in ("slow/1", "quick/1"))
    assert slow_id < quick_id
    place = dict(Leaf.objects.values_list("entry_id", "leaf_index"))
    assert place[quick_id] < first.size <= place[slow_id]
    assert verification.run().findings == []


def ledger_of(subject: str) -> None:
    with transaction.atomic():
        ledger.append([ledger.Event(subject, "quick.moved", "system:test", cast.moment(), {})])


def test_verification_sees_one_snapshot_of_a_committed_database() -> None:
    cast.trade()
    assert not connection.in_atomic_block
    assert verification.run().findings == []
