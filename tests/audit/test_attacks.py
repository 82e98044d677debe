"""Attacks on a sealed ledger by who runs the database, guards off and tidy: each really changed something,
and is found.

What PostgreSQL itself refuses (attacks 1 and 5 of the table in docs/ledger.md) is in `test_roles.py` and
`test_bypasses.py`, attacks on a bundle (11) in `test_evidence.py`, concurrency (10) in
`tests/races/test_seals.py`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from audit import canonical, keys, ledger, sealing, tlog
from audit.models import Checkpoint, Entry, Head, Leaf, Node
from audit.verify import head_leaf, parse_checkpoint
from coordination.assurance import verification
from coordination.models import Decision, Invoice, PolicyVersion
from reviews.models import Verdict
from tests import cast
from tests.audit.administrator import administrator, attack
from tests.cast import Cast

pytestmark = pytest.mark.django_db
OF_INVOICE = (
    "coordination_invoicefacts",
    "coordination_invoiceline",
    "coordination_taxsubtotal",
    "coordination_allowancecharge",
    "coordination_allocation",
    "coordination_delivery",
    "coordination_decision",
    "coordination_hold",
    "coordination_historicalhold",
    "coordination_invoicestatus",
    "coordination_historicalinvoicestatus",
    "coordination_task",
    "coordination_wake",
    "coordination_coding",
    "coordination_historicalcoding",
)


def codes(*retained: str) -> set[str]:
    kept = [parse_checkpoint(note) for note in retained]
    return {f.code for f in verification.run(retained=kept).findings}


def subject(number: str = "INV-2") -> str:
    return cast.invoice(number).subject


def rewrite(subject: str, seq: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit an entry and give it and all that follow it the hashes that fit: the chain is whole again."""
    rows = list(Entry.objects.filter(subject=subject, seq__gte=seq).order_by("seq"))
    prev, first = rows[0].prev, rows[0].hash
    with administrator("audit_entry") as cursor:
        for row in rows:
            body = json.loads(row.body)
            if row.seq == seq:
                change(body)
            body["prev"] = prev
            text = canonical.dumps(body)
            prev, before = canonical.leaf_hash(text), prev
            cursor.execute(
                "UPDATE audit_entry SET body = %s, hash = %s, prev = %s, recorded_at = %s WHERE id = %s",
                [text.decode(), prev, before, body["time"], row.id],
            )
            assert cursor.rowcount == 1
    assert Entry.objects.get(subject=subject, seq=seq).hash != first


def seal_anew(*, sign: bool) -> None:
    """Make subtrees, heads and checkpoints fit the entries; with the stolen key also sign them."""
    hashes = [
        bytes.fromhex(h)
        for h in (
            Leaf.objects.order_by("leaf_index")
            .extra(select={"hash": "SELECT hash FROM audit_entry e WHERE e.id = entry_id"})
            .values_list("hash", flat=True)
        )
    ]
    subtree = tlog.of_leaves(hashes)
    with administrator("audit_node") as cursor:
        for node in Node.objects.all():
            cursor.execute(
                "UPDATE audit_node SET hash = %s WHERE id = %s",
                [subtree(node.level, node.index).hex(), node.id],
            )
    for head in Head.objects.all():
        last = Entry.objects.filter(subject=head.subject).order_by("-seq")[0]
        Head.objects.filter(subject=head.subject).update(
            seq=last.seq, hash=last.hash, leaf=head_leaf(head.subject, last.seq, last.hash)
        )
    with administrator("audit_checkpoint") as cursor:
        for row in Checkpoint.objects.all():
            old = parse_checkpoint(row.note)
            root = tlog.root(hashes[: row.size])
            heads = tlog.root(
                bytes(h) for h in Head.objects.order_by("subject").values_list("leaf", flat=True)
            )
            text = old.note.text
            for was, now in ((old.root, root), (old.heads, heads)):
                text = text.replace(base64.b64encode(was).decode(), base64.b64encode(now).decode())
            note = keys.signer().note(text) if sign else row.note.replace(old.note.text, text)
            cursor.execute(
                "UPDATE audit_checkpoint SET root = %s, note = %s WHERE size = %s",
                [root.hex(), note, row.size],
            )


def more_confident(body: dict[str, Any]) -> None:
    body["data"]["reasoning"] = "Everything was in order."


def test_a_sealed_house_verifies_also_against_what_was_retained(house: Cast) -> None:
    kept = sealing.seal().note
    assert codes(kept) == set()
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
    sealing.seal()
    assert codes(kept) == set()


# --- 2: bodies, hashes, order -------------------------------------------------------------------------------


def test_swapped_entries_are_found(house: Cast) -> None:
    name = subject()
    with administrator("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET seq = 90 WHERE subject = %s AND seq = 2", [name])
        cursor.execute("UPDATE audit_entry SET seq = 2 WHERE subject = %s AND seq = 3", [name])
        cursor.execute("UPDATE audit_entry SET seq = 3 WHERE subject = %s AND seq = 90", [name])
        assert cursor.rowcount == 1
    assert {"column_mismatch", "chain_broken"} <= codes()


def test_swapped_places_in_the_tree_are_found(house: Cast) -> None:
    attack("audit_leaf", "UPDATE audit_leaf SET entry_id = -entry_id WHERE leaf_index IN (0, 1)")
    attack(
        "audit_leaf",
        "UPDATE audit_leaf l SET entry_id = -o.entry_id FROM audit_leaf o WHERE l.leaf_index IN (0, 1) AND"
        " o.leaf_index = 1 - l.leaf_index",
    )
    assert {"root_mismatch", "subtree_mismatch"} <= codes()


# --- 3: who rewrites everything -----------------------------------------------------------------------------


def test_a_chain_rewritten_whole_does_not_give_the_signed_root(house: Cast) -> None:
    rewrite(subject(), 2, more_confident)
    found = codes()
    assert {"root_mismatch", "heads_mismatch"} <= found
    assert not {"hash_mismatch", "chain_broken"} & found


def test_a_tree_rewritten_with_it_is_not_signed(house: Cast) -> None:
    rewrite(subject(), 2, more_confident)
    seal_anew(sign=False)
    assert codes() == {"signature_invalid"}


def test_only_a_retained_checkpoint_catches_who_has_the_key_as_well(house: Cast) -> None:
    kept = sealing.seal().note
    rewrite(subject(), 2, more_confident)
    seal_anew(sign=True)
    assert codes() == set()
    assert "two_roots" in codes(kept)


def test_a_rewritten_past_is_found_by_an_older_checkpoint(house: Cast) -> None:
    kept = sealing.seal().note
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
    later = sealing.seal()
    assert later.size > parse_checkpoint(kept).size
    rewrite(subject(), 2, more_confident)
    seal_anew(sign=True)
    attack("audit_checkpoint", "DELETE FROM audit_checkpoint WHERE size < %s", later.size)
    assert codes() == set()
    assert {"history_rewritten", "heads_mismatch"} <= codes(kept)


def test_a_checkpoint_signed_by_another_key_is_found(house: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sealing.latest()
    assert row is not None
    foreign = keys._signer(b"\x07" * 32)
    note = foreign.note(parse_checkpoint(row.note).note.text)
    attack("audit_checkpoint", "UPDATE audit_checkpoint SET note = %s WHERE size = %s", note, row.size)
    assert codes() == {"foreign_key"}


def test_another_key_named_in_the_ledger_is_not_the_one_in_the_file(house: Cast) -> None:
    foreign = keys._signer(b"\x07" * 32)
    rewrite(keys.SUBJECT, 1, lambda body: body["data"].update(key=str(foreign.key)))
    assert {"key_differs", "foreign_key", "root_mismatch"} <= codes()


# --- 6: tails and whole invoices ----------------------------------------------------------------------------


def cut_tail(name: str) -> None:
    last = Entry.objects.filter(subject=name).order_by("-seq")[0]
    attack("audit_entry", "DELETE FROM audit_entry WHERE id = %s", last.id)


def test_a_tail_cut_after_the_seal_is_found(house: Cast) -> None:
    cut_tail(subject())
    assert {"entry_missing", "root_mismatch", "heads_mismatch"} <= codes()


def test_a_tail_cut_with_its_place_is_found(house: Cast) -> None:
    last = Entry.objects.filter(subject=subject()).order_by("-seq")[0]
    attack("audit_leaf", "DELETE FROM audit_leaf WHERE entry_id = %s", last.id)
    cut_tail(subject())
    assert {"leaf_gap", "leaf_missing", "root_mismatch"} <= codes()


def erase(invoice: Invoice) -> None:
    """Every trace of an invoice, its document and its entries; what others say of it stays."""
    connection.check_constraints()
    key, name, document = invoice.pk, invoice.subject, invoice.document_id
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in OF_INVOICE:
            cursor.execute(f"DELETE FROM {table} WHERE invoice_id = %s", [key])
        cursor.execute(
            "DELETE FROM reviews_verdict WHERE escalation_id IN (SELECT id FROM reviews_escalation WHERE"
            " subject = %s)",
            [name],
        )
        for table in ("reviews_escalation", "reviews_historicalescalation", "audit_entry"):
            cursor.execute(f"DELETE FROM {table} WHERE subject = %s", [name])
        for table in ("coordination_invoice", "coordination_historicalinvoice"):
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])
            assert cursor.rowcount > 0
        cursor.execute("DELETE FROM coordination_document WHERE id = %s", [document])
        cursor.execute("SET session_replication_role = origin")
    assert not Entry.objects.filter(subject=name).exists()


@pytest.fixture
def replica(house: Cast) -> None:
    """Switching every guard off at once needs guards that yield to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled"
            " = 'A'"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def test_an_invoice_erased_after_the_seal_is_found(house: Cast, replica: None) -> None:
    sealing.seal()
    erase(cast.invoice("INV-2"))
    assert {"entry_missing", "root_mismatch", "heads_mismatch", "control_total"} <= codes()


def test_an_invoice_erased_before_its_first_seal_is_found_by_its_control_total(
    house: Cast, replica: None
) -> None:
    sealing.seal()
    cast.take_in(cast.table("invoices", cast.bill(invoice_number="INV-7", order_number="PO-7")))
    erase(cast.invoice("INV-7"))
    found = {f.code: f for f in verification.run().findings}
    assert found["control_total"].subject == "intake/test"
    assert "1 were counted" not in found["control_total"].detail
    assert "gross" in found["control_total"].detail
    assert not {"root_mismatch", "entry_missing", "chain_broken"} & found.keys()


# --- 7: time ------------------------------------------------------------------------------------------------


def dated(when: timedelta) -> None:
    at = cast.moment() + when
    ledger.append([ledger.Event("invoice/late", "invoice.received", "system:intake", at, {"document": {}})])


def test_an_entry_dated_before_the_last_seal_is_found(house: Cast) -> None:
    sealing.seal()
    dated(-timedelta(hours=2))
    assert "back_dated" in codes()
    sealing.seal()
    assert "back_dated" in codes()


def test_an_entry_dated_into_the_future_is_found(house: Cast) -> None:
    dated(timedelta(hours=2))
    assert "post_dated" in codes()


def test_an_entry_dated_before_the_one_it_follows_is_found(house: Cast) -> None:
    name = subject()
    rewrite(name, 3, lambda body: body.update(time="2026-01-05T09:00:00.000000Z"))
    [finding] = [f for f in verification.run().findings if f.code == "back_dated"]
    assert (finding.subject, finding.seq) == (name, 3)


def test_an_entry_re_dated_with_its_chain_is_found_by_the_seal_before_it(house: Cast) -> None:
    sealing.seal()
    with transaction.atomic():
        cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
    name = Entry.objects.filter(type="receipt.recorded").order_by("-id")[0].subject
    rewrite(name, 1, lambda body: body.update(time="2026-01-05T09:00:00.000000Z"))
    assert "back_dated" in codes()


# --- 8: rules -----------------------------------------------------------------------------------------------


def test_a_policy_text_swapped_behind_its_digest_is_found(house: Cast) -> None:
    row = PolicyVersion.objects.get()
    for table in ("coordination_policyversion", "coordination_historicalpolicyversion"):
        attack(table, f"UPDATE {table} SET text = replace(text, '10000.00', '90000.00')")
    assert PolicyVersion.objects.get().text != row.text
    assert {"policy_altered", "history_altered"} <= codes()


def test_a_policy_swapped_with_its_digest_is_not_the_one_that_was_activated(house: Cast) -> None:
    text = PolicyVersion.objects.get().text.replace("10000.00", "90000.00")
    digest = canonical.sha256(text.encode())
    for table in ("coordination_policyversion", "coordination_historicalpolicyversion"):
        attack(table, f"UPDATE {table} SET text = %s, sha256 = %s", text, digest)
    assert {"policy_altered", "history_altered"} <= codes()


def test_a_decision_that_cites_a_policy_not_in_force_is_found(house: Cast) -> None:
    rewrite(subject(), 2, lambda body: body["data"]["policy"].update(sha256="a" * 64))
    assert "policy_inactive" in codes()


# --- 9: who -------------------------------------------------------------------------------------------------


def test_an_agent_s_decision_attributed_to_a_person_is_found(house: Cast) -> None:
    row = Decision.objects.filter(invoice=cast.invoice("INV-2")).order_by("at")[0]
    actor = f"human:{house.alice.pk}"
    attack(
        "coordination_decision", "UPDATE coordination_decision SET actor = %s WHERE id = %s", actor, row.id
    )
    assert "decision_altered" in codes()
    seq = Entry.objects.get(pk=row.entry_id).seq
    rewrite(subject(), seq, lambda body: body.update(authid=actor, authtype="human"))
    attack("audit_entry", "UPDATE audit_entry SET actor = %s WHERE id = %s", actor, row.entry_id)
    seal_anew(sign=True)
    assert codes() == {"decision_without_verdict"}


def answered(house: Cast) -> Verdict:
    cast.answer(cast.question("INV-2"), "approve", by=house.carol)
    sealing.seal()
    return Verdict.objects.order_by("-at")[0]


def test_an_answer_that_is_altered_or_invented_is_found(house: Cast) -> None:
    row = answered(house)
    assert codes() == set()
    attack("reviews_verdict", "UPDATE reviews_verdict SET verdict = 'reject' WHERE id = %s", row.id)
    assert "verdict_altered" in codes()
    attack("reviews_verdict", "UPDATE reviews_verdict SET by = 'human:0' WHERE id = %s", row.id)
    assert {"verdict_missing", "verdict_unbound", "decision_without_verdict"} <= codes()


def test_how_long_somebody_looked_is_as_their_entry_says(house: Cast) -> None:
    row = answered(house)
    attack("reviews_verdict", "UPDATE reviews_verdict SET seconds = 240 WHERE id = %s", row.id)
    assert codes() == {"verdict_altered"}


def test_a_decision_that_is_edited_removed_or_invented_is_found(house: Cast) -> None:
    row = Decision.objects.filter(invoice=cast.invoice("INV-2")).order_by("at")[0]
    attack(
        "coordination_decision",
        "UPDATE coordination_decision SET codes = '[\"no_po\"]' WHERE id = %s",
        row.id,
    )
    assert codes() == {"decision_altered"}
    attack("coordination_decision", "UPDATE coordination_decision SET entry_id = -7 WHERE id = %s", row.id)
    assert codes() == {"decision_missing", "decision_unbound"}
    attack("coordination_decision", "DELETE FROM coordination_decision WHERE id = %s", row.id)
    assert codes() == {"decision_missing"}


# --- rows that only repeat ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("coordination_invoiceline", "price = price - 1", "invoice_line_altered"),
        ("coordination_taxsubtotal", "tax = tax + 1", "invoice_tax_altered"),
        ("coordination_receiptline", "accepted = accepted - 1", "receipt_line_altered"),
        ("coordination_document", "received_by = 'human:0'", "document_altered"),
        ("coordination_content", "data = data || '\\x20'::bytea", "content_altered"),
    ],
)
def test_what_was_received_and_is_edited_is_found(house: Cast, table: str, change: str, code: str) -> None:
    attack(table, f"UPDATE {table} SET {change}")
    assert code in codes()


# --- 12: an older state, and no sealer ----------------------------------------------------------------------


def test_yesterday_s_backup_is_smaller_than_the_retained_tree(house: Cast) -> None:
    before = sealing.seal().size
    with transaction.atomic():
        cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
        kept = sealing.seal().note
        transaction.set_rollback(True)
    assert parse_checkpoint(kept).size > before
    assert codes() == set()
    assert codes(kept) == {"tree_smaller"}


def test_a_sealer_that_is_down_is_found_by_what_waits(house: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.seal()
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
    assert codes() == set()
    monkeypatch.setattr(sealing, "INTERVAL", timedelta())
    assert codes() == {"seal_lag"}
    sealing.seal()
    assert codes() == set()


def test_checkpoints_that_are_removed_or_invented_are_found(house: Cast) -> None:
    latest = sealing.latest()
    assert latest is not None
    attack("audit_checkpoint", "UPDATE audit_checkpoint SET size = size + 5 WHERE size = %s", latest.size)
    assert {"checkpoint_altered", "leaf_missing"} <= codes()
    attack("audit_checkpoint", "DELETE FROM audit_checkpoint")
    assert "leaf_unsealed" in codes()
    assert "tree_smaller" in codes(latest.note)
