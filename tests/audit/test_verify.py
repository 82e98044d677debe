"""What a database administrator can do with the guards off is found; a clean database gives no finding.

Every attack asserts first that it really changed something.
"""

import pytest
from django.db import connection, transaction

from audit import canonical, inspection
from audit.models import Entry
from coordination.models import Invoice, Vendor
from coordination.world import generate
from tests import cast
from tests.audit.administrator import administrator, attack
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HISTORY = "coordination_historicalinvoice"


def found() -> set[str]:
    return {f.code for f in inspection.verify().findings}


def subject() -> str:
    return cast.invoice("INV-2").subject


def entry(seq: int) -> Entry:
    return Entry.objects.get(subject=subject(), seq=seq)


def test_a_house_full_of_work_verifies(house: Cast) -> None:
    verified = inspection.verify()
    assert verified.findings == []
    assert verified.entries == Entry.objects.count() > 20
    assert verified.history_rows > 20
    assert verified.as_json()["findings"] == []


def test_an_edited_body_is_found(house: Cast) -> None:
    before = entry(2).body
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = replace(body, 'finance', 'fin4nce') WHERE id = %s",
        entry(2).id,
    )
    assert entry(2).body != before
    assert "hash_mismatch" in found()


def test_a_body_edited_together_with_its_hash_is_found(house: Cast) -> None:
    edited = entry(2).body.replace('"confidence":"0.99"', '"confidence":"0.10"')
    assert edited != entry(2).body
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = %s, hash = %s WHERE id = %s",
        edited,
        canonical.leaf_hash(edited.encode()),
        entry(2).id,
    )
    findings = inspection.verify().findings
    assert ("chain_broken", subject(), 3) in [(f.code, f.subject, f.seq) for f in findings]
    assert {f.code for f in findings} == {"chain_broken", "root_mismatch"}  # no stored subtree reaches so far


def test_a_body_that_is_no_json_is_found(house: Cast) -> None:
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = '{', hash = %s WHERE id = %s",
        canonical.leaf_hash(b"{"),
        entry(2).id,
    )
    assert {"body_unreadable", "chain_broken", "history_unbound"} <= found()


@pytest.mark.parametrize(
    ("column", "value"),
    [("type", "invoice.forged"), ("actor", "human:99"), ("recorded_at", "2020-01-01T00:00Z")],
)
def test_a_column_that_no_longer_repeats_the_body_is_found(house: Cast, column: str, value: str) -> None:
    attack("audit_entry", f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, entry(2).id)
    findings = [(f.code, f.seq) for f in inspection.verify().findings if f.code != "back_dated"]
    assert findings == [("column_mismatch", 2)]


def test_swapped_bodies_are_found(house: Cast) -> None:
    one, two = entry(2), entry(3)
    with administrator("audit_entry") as cursor:
        for target, source in ((one, two), (two, one)):
            cursor.execute(
                "UPDATE audit_entry SET body = %s, hash = %s WHERE id = %s",
                [source.body, source.hash, target.id],
            )
    assert entry(2).body == two.body
    assert {"column_mismatch", "chain_broken"} <= found()


def test_reordered_entries_are_found(house: Cast) -> None:
    one, two = entry(2), entry(3)
    with administrator("audit_entry") as cursor:
        for key, seq in ((one.id, 900), (two.id, 2), (one.id, 3)):
            cursor.execute("UPDATE audit_entry SET seq = %s WHERE id = %s", [seq, key])
    assert entry(2).id == two.id
    assert {"column_mismatch", "chain_broken"} <= found()


def test_an_entry_moved_to_another_subject_is_found(house: Cast) -> None:
    attack("audit_entry", "UPDATE audit_entry SET subject = 'invoice/other' WHERE id = %s", entry(2).id)
    assert {"column_mismatch", "sequence_gap"} <= found()


def test_a_deleted_middle_entry_is_found(house: Cast) -> None:
    attack("audit_entry", "DELETE FROM audit_entry WHERE id = %s", entry(2).id)
    findings = inspection.verify().findings
    assert ("sequence_gap", subject(), 3) in {(f.code, f.subject, f.seq) for f in findings}
    assert "history_unbound" in {f.code for f in findings}


def test_a_deleted_first_entry_is_found(house: Cast) -> None:
    attack("audit_entry", "DELETE FROM audit_entry WHERE id = %s", entry(1).id)
    assert "sequence_gap" in found()


def test_a_deleted_last_entry_is_found_by_the_history_it_bound(house: Cast) -> None:
    last = Entry.objects.filter(subject__startswith="payment_batch/").latest("id")
    attack("audit_entry", "DELETE FROM audit_entry WHERE id = %s", last.id)
    assert "history_unbound" in found()


def test_a_deleted_history_row_is_found(house: Cast) -> None:
    attack(HISTORY, f"DELETE FROM {HISTORY} WHERE history_id = (SELECT min(history_id) FROM {HISTORY})")
    assert found() == {"history_missing"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("gross", "1.00"),
        ("history_user_id", "human:99"),
        ("history_date", "2020-01-01T00:00Z"),
        ("history_change_reason", "x"),
    ],
)
def test_an_edited_history_row_is_found(house: Cast, column: str, value: str) -> None:
    attack(
        HISTORY,
        f"UPDATE {HISTORY} SET {column} = %s WHERE history_id = (SELECT min(history_id) FROM {HISTORY})",
        value,
    )
    assert found() == {"history_altered"}


def test_an_invented_history_row_is_found(house: Cast) -> None:
    columns = [f.column for f in Invoice.history.model._meta.concrete_fields if f.column != "history_id"]
    names = ", ".join(columns)
    attack(
        HISTORY,
        f"INSERT INTO {HISTORY} (history_id, {names})"
        f" SELECT 0, {names} FROM {HISTORY} ORDER BY history_id LIMIT 1",
    )
    findings = inspection.verify().findings
    assert {f.code for f in findings} == {"history_unbound"}
    assert "History row 0" in findings[0].detail


def test_a_live_row_edited_by_the_administrator_is_found(house: Cast) -> None:
    account = cast.vendor()["iban"]
    attack(
        "coordination_bankaccount",
        "UPDATE coordination_bankaccount SET number = 'DE00' WHERE number = %s",
        account,
    )
    [finding] = inspection.verify().findings
    assert finding.code == "row_differs"
    assert finding.subject.startswith("coordination_bankaccount/")


def test_a_live_row_removed_by_the_administrator_is_found(house: Cast) -> None:
    attack("coordination_paymentterms", "DELETE FROM coordination_paymentterms")
    assert found() == {"row_differs"}


def test_a_live_row_put_in_by_the_administrator_is_found(house: Cast) -> None:
    names = [str(f.column) for f in Vendor._meta.concrete_fields if f.column not in {"id", "vendor_id"}]
    columns = ", ".join(names)
    attack(
        "coordination_vendor",
        f"INSERT INTO coordination_vendor (id, vendor_id, {columns})"
        f" SELECT gen_random_uuid(), 'V-GHOST', {columns} FROM coordination_vendor LIMIT 1",
    )
    assert found() == {"row_differs"}


def test_row_and_history_edited_together_are_found_by_the_digest(house: Cast) -> None:
    for table in ("coordination_historicalvendor", "coordination_vendor"):
        attack(table, f"UPDATE {table} SET name = 'Ghost Ltd'")
    assert found() == {"history_altered"}


def test_one_history_row_named_by_two_entries_is_found(house: Cast) -> None:
    twin = entry(2)
    body = canonical.loads(twin.body) | {"subject": "invoice/twin", "sequence": "1", "prev": "0" * 64}
    text = canonical.dumps(body).decode()
    attack(
        "audit_entry",
        "INSERT INTO audit_entry (subject, seq, prev, body, hash, type, actor, recorded_at)"
        " VALUES ('invoice/twin', 1, %s, %s, %s, %s, %s, %s)",
        "0" * 64,
        text,
        canonical.leaf_hash(text.encode()),
        twin.type,
        twin.actor,
        twin.recorded_at,
    )
    assert found() == {"history_twice"}


def test_a_guard_left_off_is_found(house: Cast) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
    [finding] = inspection.verify().findings
    assert (finding.code, finding.subject) == ("guard_missing", "audit_entry.audit_append_only")


def test_rolled_back_work_leaves_nothing_to_find(house: Cast) -> None:
    entries = Entry.objects.count()
    for _ in range(3):
        with transaction.atomic():
            cast.take_in(cast.table("invoices", cast.bill(invoice_number="INV-9")))
            cast.drain()
            assert cast.invoice("INV-9").lane != "open"
            transaction.set_rollback(True)
    cast.take_in(cast.table("invoices", cast.bill(invoice_number="INV-9")))
    cast.drain()
    assert Entry.objects.count() > entries
    cast.assert_sound()


def test_a_world_with_much_history_verifies(house: Cast) -> None:
    world = generate(7, 40, cast.today())
    cast.intake(world.files.items(), actor=f"human:{house.alice.pk}")
    cast.drain()
    again = world.files["receipts.csv"].replace(b"GR-", b"GX-")
    cast.take_in(again)
    cast.drain()
    assert inspection.verify().history_rows > 400
    cast.assert_sound()
