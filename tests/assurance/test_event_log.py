"""The ledger as an object-centric event log: what is in it, in which form, and what binds it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit import keys, sealing
from audit.ledger import data_of
from audit.models import Entry
from audit.verify import parse_note
from coordination.assurance import event_log
from coordination.reports.ocel import short_name
from tests import cast
from tests.cast import bill, table, take_in

pytestmark = pytest.mark.django_db
Log = dict[str, Any]
TYPES = {"string": str, "float": (int, float), "time": str}


@pytest.fixture
def trade() -> None:
    """INV-1 is cleared by itself, INV-2 after a person answered, and a run that pays them is proposed."""
    people = cast.people()
    cast.trade(bill(), bill(invoice_number="INV-2", quantity="120", issue_date="2026-09-06"))
    cast.answer(cast.question("INV-2"), "approve", by=people.carol, reason="evidence_complete")
    cast.drain()
    call_command("payments", "propose", "--by", "carol", stdout=StringIO(), stderr=StringIO())


def exported(path: Path) -> Log:
    event_log.write(path, by="system:command")
    found: Log = json.loads(path.read_text())
    return found


@pytest.fixture
def log(trade: None, tmp_path: Path) -> Log:
    return exported(tmp_path / "log.json")


def events_of(log: Log, number: str) -> list[str]:
    """Types of the events about an invoice, in order."""
    key = f"invoice/{cast.invoice(number).pk}"
    about = {"objectId": key, "qualifier": "about"}
    return [e["type"] for e in log["events"] if about in e["relationships"]]


def test_it_is_an_event_log_by_the_standard(log: Log) -> None:
    objects = {o["id"]: o for o in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({e["id"] for e in log["events"]}) == len(log["events"])
    for kind, members in (("objectTypes", log["objects"]), ("eventTypes", log["events"])):
        declared = {t["name"]: {a["name"]: TYPES[a["type"]] for a in t["attributes"]} for t in log[kind]}
        for member in members:
            assert set(member) >= {"id", "type", "attributes", "relationships"}
            for attribute in member["attributes"]:
                assert isinstance(attribute["value"], declared[member["type"]][attribute["name"]])
            assert all(r["objectId"] in objects and r["qualifier"] for r in member["relationships"])


def test_what_happened_to_an_invoice_is_told_in_its_order(log: Log) -> None:
    assert events_of(log, "INV-1") == [
        "invoice.received",
        "decided by finance.validation",
        "decided by procurement.matching",
        "decided by operations.delivery",
        "decided by control.crosscheck",
        "decided by finance.payment",
        "decided by support.status",
    ]
    second = events_of(log, "INV-2")
    assert (
        second.index("escalation.opened")
        < second.index("verdict.given")
        < second.index("decided by a person")
    )


def test_objects_say_what_they_belong_to(log: Log) -> None:
    [order] = [o["id"] for o in log["objects"] if o["type"] == "order"]
    [vendor] = [o["id"] for o in log["objects"] if o["type"] == "vendor"]
    [receipt] = [o for o in log["objects"] if o["type"] == "receipt"]
    invoice = next(o for o in log["objects"] if o["id"] == f"invoice/{cast.invoice().pk}")
    related = {(r["objectId"], r["qualifier"]) for r in invoice["relationships"]}
    assert related == {(order, "bills"), (vendor, "billed by")}
    assert receipt["relationships"] == [{"objectId": order, "qualifier": "of"}]


def test_the_state_of_an_invoice_changes_with_its_time(log: Log) -> None:
    invoice = next(o for o in log["objects"] if o["id"] == f"invoice/{cast.invoice().pk}")
    states = [a for a in invoice["attributes"] if a["name"] == "state"]
    assert [a["value"] for a in states] == ["received", "validated", "matched", "delivered", "cleared"]
    assert states[0]["time"].startswith("1970")
    assert sorted(a["time"] for a in states) == [a["time"] for a in states]


def test_people_are_numbers_without_names(log: Log, tmp_path: Path) -> None:
    text = json.dumps(log)
    people = [o for o in log["objects"] if o["type"] == "person"]
    assert people
    assert not any(name in text for name in ("carol", "Carol"))


def test_the_events_of_a_run_are_those_of_its_payments(log: Log) -> None:
    payments = {o["id"] for o in log["objects"] if o["type"] == "payment"}
    [proposed] = [e for e in log["events"] if e["type"] == "payment.proposed"]
    assert (
        {r["objectId"] for r in proposed["relationships"] if r["qualifier"] == "about"} == payments != set()
    )


def test_both_forms_hold_the_same(trade: None, tmp_path: Path) -> None:
    as_json = exported(tmp_path / "log.json")
    event_log.write(tmp_path / "log.sqlite", by="system:command")
    with sqlite3.connect(tmp_path / "log.sqlite") as base:
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        assert dict(base.execute("SELECT ocel_id, ocel_type FROM event")) == {
            e["id"]: e["type"] for e in as_json["events"]
        }
        assert dict(base.execute("SELECT ocel_id, ocel_type FROM object")) == {
            o["id"]: o["type"] for o in as_json["objects"]
        }
        links = {
            (e["id"], r["objectId"], r["qualifier"]) for e in as_json["events"] for r in e["relationships"]
        }
        assert set(base.execute("SELECT * FROM event_object")) == links
        for name, short in base.execute("SELECT * FROM event_map_type"):
            told = {
                e["id"]: {a["name"]: a["value"] for a in e["attributes"]}
                for e in as_json["events"]
                if e["type"] == name
            }
            rows = base.execute(f'SELECT * FROM "event_{short}"')
            heads = [d[0] for d in rows.description]
            for row in rows:
                cells = dict(zip(heads, row, strict=True))
                key, _ = cells.pop("ocel_id"), cells.pop("ocel_time")
                assert {k: v for k, v in cells.items() if v is not None} == told[key]


def test_the_note_binds_the_file_to_the_checkpoint(trade: None, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    done = event_log.write(path, by="system:command")
    note = parse_note(done.note.read_text())
    assert note.signed_by(keys.signer().key)
    checkpoint = sealing.latest()
    assert checkpoint is not None
    assert note.text.splitlines() == [
        "countersign event log",
        f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}",
        f"size {checkpoint.size}",
        f"root {checkpoint.root}",
    ]


def test_that_it_was_written_is_an_entry(trade: None, tmp_path: Path) -> None:
    done = event_log.write(tmp_path / "log.sqlite", by="system:command")
    entry = Entry.objects.get(type="event_log.exported")
    assert data_of(entry.body) == {
        "file": {"name": "log.sqlite", "sha256": done.sha256},
        "objects": str(done.objects),
        "events": str(done.events),
        "checkpoint": {"size": str(done.size), "root": done.root},
    }


def test_only_what_is_sealed_is_in_it(trade: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.seal()
    before = exported(tmp_path / "log.json")
    monkeypatch.setattr(sealing, "seal", lambda: None)
    take_in(table("invoices", bill(invoice_number="INV-3")))
    again = exported(tmp_path / "log.json")
    assert again["events"] == before["events"]


def test_a_log_that_cannot_be_finished_leaves_the_file_as_it_was(
    trade: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.json"
    path.write_text("the one of yesterday")
    monkeypatch.setattr(event_log, "_details", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        event_log.write(path, by="system:command")
    assert path.read_text() == "the one of yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["log.json"]


def refused(*arguments: str) -> str:
    """What the command says where it does nothing."""
    with pytest.raises(SystemExit) as ended:
        call_command("export", *arguments, stdout=StringIO(), stderr=(err := StringIO()))
    assert ended.value.code == 2
    return err.getvalue()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ocel"], "An event log is a file: say where with -o FILE, .json or .sqlite."),
        (["invoices", "-o", "x.json"], "what you asked for is printed: redirect it with > FILE."),
        (["ocel", "-o", "log.csv"], ".json or .sqlite"),
    ],
)
def test_the_command_says_how_it_is_called(arguments: list[str], words: str) -> None:
    assert words in refused(*arguments)


@pytest.mark.parametrize("name", ["x.json", "x.sqlite"])
@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_place_that_cannot_be_written_is_named_whatever_the_format(
    tmp_path: Path, folder: str, name: str
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / folder / name
    why = {"missing": "No such file or directory", "file": "Not a directory"}[folder]
    assert refused("ocel", "-o", str(path)) == f"{path} cannot be written: {why}\n"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_command_prints_what_it_wrote(trade: None, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    call_command("export", "ocel", "-o", str(path), "--json", stdout=(out := StringIO()))
    told = json.loads(out.getvalue())
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["events"] == len(json.loads(path.read_text())["events"])


def test_the_log_of_an_empty_house_is_empty(tmp_path: Path) -> None:
    found = exported(tmp_path / "log.json")
    assert found["events"] == []
    assert {t["name"] for t in found["objectTypes"]} == {
        "vendor",
        "order",
        "receipt",
        "invoice",
        "payment",
        "escalation",
        "agent",
        "person",
    }


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("decided by finance.coding", "DecidedByFinanceCoding"),
        ("payment.executed_in_part", "PaymentExecutedInPart"),
        ("invoice", "Invoice"),
    ],
)
def test_tables_are_called_after_types(name: str, short: str) -> None:
    assert short_name(name) == short
