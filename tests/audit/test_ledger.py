"""The ledger chains per subject, in the transaction of the change, and cannot fork."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from audit import canonical, ledger, trail
from audit.errors import LedgerError
from audit.models import GENESIS, Entry
from audit.verify import EntryRow as Row
from audit.verify import bound_rows, check_chain, check_entry, read_body

NOW = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def event(subject: str = "invoice/1", type_: str = "invoice.received", **data: object) -> ledger.Event:
    return ledger.Event(subject, type_, "human:7", NOW, dict(data))


def rows(subject: str) -> list[Row]:
    found = Entry.objects.filter(subject=subject).order_by("seq")
    return [
        Row(e.id, e.subject, e.seq, e.prev, e.body, e.hash, e.type, e.actor, canonical.instant(e.recorded_at))
        for e in found
    ]


def test_the_first_entry_follows_nothing_and_each_next_the_one_before() -> None:
    ledger.append([event(), event(type_="invoice.decided")])
    ledger.append([event(type_="invoice.decided")])
    first, second, third = rows("invoice/1")
    assert (first.seq, second.seq, third.seq) == (1, 2, 3)
    assert (first.prev, second.prev, third.prev) == (GENESIS, first.hash, second.hash)
    assert list(check_chain([first, second, third])) == []


def test_subjects_have_chains_of_their_own() -> None:
    ledger.append([event("invoice/1"), event("order/1"), event("invoice/1")])
    assert [r.seq for r in rows("invoice/1")] == [1, 2]
    assert [r.prev for r in rows("order/1")] == [GENESIS]


def test_what_was_appended_is_returned_in_order() -> None:
    done = ledger.append([event("order/1"), event("invoice/1")])
    assert [(d.subject, d.seq) for d in done] == [("order/1", 1), ("invoice/1", 1)]
    assert [d.hash for d in done] == [rows("order/1")[0].hash, rows("invoice/1")[0].hash]
    assert Entry.objects.get(pk=done[0].id).subject == "order/1"


def test_the_hash_covers_the_whole_body_and_the_columns_repeat_it() -> None:
    ledger.append([event(amount="10.00")])
    [row] = rows("invoice/1")
    assert row.hash == canonical.leaf_hash(row.body.encode())
    assert list(check_entry(row, read_body(row))) == []


def test_the_body_is_a_cloud_event() -> None:
    ledger.append([event(amount="10.00")])
    body = canonical.loads(rows("invoice/1")[0].body)
    assert {"specversion", "id", "source", "type", "subject", "time", "data"} <= set(body)
    assert body["specversion"] == "1.0"
    assert (body["authtype"], body["authid"]) == ("human", "human:7")
    assert body["time"] == "2026-11-02T09:30:00.123456Z"
    assert body["sequence"] == "1"
    assert body["data"] == {"amount": "10.00"}


def test_an_entry_names_the_history_it_binds() -> None:
    change = trail.Change("coordination_historicalvendor", "k", 4, "ab" * 32)
    ledger.append([ledger.Event("vendor/k", "vendor.created", "human:7", NOW, {}, [change])])
    [bound] = bound_rows(read_body(rows("vendor/k")[0]))
    assert (bound.table, bound.key, bound.history_id, bound.sha256) == (change.table, "k", 4, change.sha256)


def test_nothing_to_record_is_no_entry() -> None:
    before = Entry.objects.count()
    assert ledger.append([]) == []
    assert Entry.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    before = Entry.objects.count()
    with pytest.raises(LedgerError, match="transaction"):
        ledger.append([event()])
    assert Entry.objects.count() == before


COPY = """
INSERT INTO audit_entry (subject, seq, prev, body, hash, type, actor, recorded_at)
SELECT subject, {seq}, prev, body, hash, type, actor, recorded_at FROM audit_entry
 WHERE subject = 'invoice/1' AND seq = 1
"""


@pytest.mark.parametrize(
    ("seq", "constraint"), [("2", "audit_entry_subject_prev"), ("1", "audit_entry_subject_seq")]
)
def test_a_fork_is_refused_by_the_database(seq: str, constraint: str) -> None:
    ledger.append([event()])
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COPY.format(seq=seq))
    assert len(rows("invoice/1")) == 1


def test_a_rolled_back_entry_leaves_no_gap() -> None:
    ledger.append([event()])
    with transaction.atomic():
        ledger.append([event(type_="lost")])
        transaction.set_rollback(True)
    ledger.append([event(type_="kept")])
    assert [(r.seq, r.type) for r in rows("invoice/1")] == [(1, "invoice.received"), (2, "kept")]
    assert list(check_chain(rows("invoice/1"))) == []
