"""The commands that scripts rely on: names, shapes and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from audit.models import Entry
from coordination.agents import REGISTRY
from coordination.assurance import exports
from coordination.management.commands.dburl import url
from coordination.models import Decision, Invoice, PaymentBatch
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, vendor
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, Any]:
    """Exit code and the JSON object of a command."""
    out, code = io.StringIO(), 0
    try:
        call_command(*arguments, "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue()) if out.getvalue() else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trade in a folder: INV-1 is clean, INV-2 too dear."""
    files = {
        "b/vendors.csv": table("vendors", vendor()),
        "a/orders.csv": table("orders", order(), order(order_number="PO-2")),
        "receipts.csv": table("receipts", receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
        "invoices.csv": table(
            "invoices", bill(), bill(invoice_number="INV-2", order_number="PO-2", unit_price="11.00")
        ),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def loaded(folder: Path) -> None:
    run("intake", str(folder))
    cast.drain()


# --- intake ----------------------------------------------------------------------------------------


def test_intake_takes_a_folder_and_counts_documents(folder: Path) -> None:
    expected = {"documents": 7, "accepted": 7, "unchanged": 0, "duplicates": 0, "quarantined": []}
    assert run("intake", str(folder)) == (0, expected)
    assert run("intake", str(folder)) == (0, expected | {"accepted": 0, "unchanged": 7})


def test_a_file_whose_name_begins_with_a_dot_is_never_left_out_unsaid(folder: Path) -> None:
    """Named itself it goes to quarantine with its bytes; found in a folder it is named among those left
    out."""
    hidden = folder / ".late.csv"
    hidden.write_bytes(b"half of a file")
    status, done = run("intake", str(hidden))
    assert (status, done["documents"]) == (3, 1)
    [line] = done["quarantined"]
    assert (line["path"], line["code"]) == (str(hidden), "unsupported")
    assert "begins with a dot" in line["error"]
    status, done = run("intake", str(folder))
    assert (status, done["skipped"], done["quarantined"]) == (0, [str(hidden)], [])


def test_intake_of_something_unreadable_ends_with_3_and_keeps_the_rest(folder: Path) -> None:
    broken = folder / "broken.xml"
    broken.write_bytes(b"<x>")
    code, data = run("intake", str(folder))
    assert (code, data["accepted"]) == (3, 7)
    [told] = data["quarantined"]
    assert (told["path"], told["code"], set(told)) == (
        str(broken),
        "malformed",
        {"path", "code", "error", "line"},
    )


def test_intake_of_a_path_that_is_not_there_takes_nothing(folder: Path) -> None:
    missing = folder / "missing"
    told = {"error": f"{missing}: there is no such file or folder."}
    assert run("intake", str(folder), str(missing)) == (2, told)
    assert not Invoice.objects.exists()


# --- export ----------------------------------------------------------------------------------------


def lines(kind: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    call_command("export", kind, "--jsonl")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_export_of_invoices_has_the_shape_that_others_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(folder)
    one, two = lines("invoices", capsys)
    sha256 = one.pop("document_sha256")
    assert len(sha256) == 64
    assert one == {
        "invoice_number": "INV-1",
        "vendor_id": "V-1",
        "vendor_name": "Hartmann GmbH",
        "type": "invoice",
        "currency": "EUR",
        "net": "1000.00",
        "tax": "190.00",
        "gross": "1190.00",
        "order_numbers": ["PO-1"],
        "state": "cleared",
        "lane": "auto",
        "holds": [],
        "source_format": "csv-invoices",
    }
    assert (two["state"], two["lane"]) == ("validated", "escalated")
    assert two["holds"] == [
        {"code": "price_over", "question": "price", "line": 1, "status": "open", "owner": "procurement"}
    ]


KEYS = {
    "decisions": (
        "invoice_number vendor_id agent actor outcome confidence state_from state_to state_version policy"
        " codes at entry"
    ),
    "escalations": (
        "id subject invoice_number vendor_id kind reasons status queue due_at opened_at version verdict by"
    ),
    "payments": "invoice_number vendor_id amount currency status batch",
    "entries": "id subject seq prev hash type actor recorded_at body",
}


@pytest.mark.parametrize("kind", KEYS)
def test_export_of_the_rest_has_the_keys_that_others_read(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(folder)
    run("payments", "propose")
    found = lines(kind, capsys)
    assert found
    assert all(set(line) >= set(KEYS[kind].split()) for line in found)
    assert run("export", kind)[1] == {kind: found}


def test_amounts_are_text_with_two_decimals_at_least(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast.trade(
        bill(quantity="3", unit_price="0.333", net="0.999", line_net="0.999", tax="0.19", gross="1.189")
    )
    [line] = lines("invoices", capsys)
    assert (line["net"], line["tax"], line["gross"]) == ("0.999", "0.19", "1.189")


# --- decide ----------------------------------------------------------------------------------------


def decide(*arguments: str, number: str = "INV-2") -> tuple[int, Any]:
    return run("decide", str(cast.question(number).id), *arguments)


def test_decide_answers_as_a_person_and_prints_the_escalation(folder: Path, people: Cast) -> None:
    loaded(folder)
    code, told = decide("approve", "--by", "alice", "--reason", "difference_accepted", "--seen-version", "1")
    assert code == 0
    assert (told["status"], told["verdict"], told["by"]) == (
        "approved",
        "approve",
        f"human:{people.alice.pk}",
    )
    assert (told["reasons"], told["invoice_number"], told["version"]) == (["price_over"], "INV-2", 2)
    assert standing("INV-2")[:2] == ("cleared", "human")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["approve", "--by", "erin", "--reason", "evidence_complete"], 4),
        (["approve", "--by", "frank", "--reason", "evidence_complete"], 4),
        (["approve", "--by", "alice", "--reason", "because"], 4),
        (["reject", "--by", "alice", "--reason", "not_ordered"], 4),
        (
            [
                "override",
                "--by",
                "alice",
                "--reason",
                "other",
                "--comment",
                "x",
                "--overrides",
                "tax_mismatch",
            ],
            4,
        ),
        (["approve", "--by", "alice", "--reason", "evidence_complete", "--seen-version", "7"], 5),
        (["approve", "--by", "nobody", "--reason", "evidence_complete"], 2),
    ],
)
def test_decide_says_by_its_exit_code_why_not(
    folder: Path, people: Cast, arguments: list[str], code: int
) -> None:
    loaded(folder)
    ended, told = decide(*arguments)
    assert ended == code
    assert told["error"]
    if code != 2:  # who is refused sees how the question stands
        assert (told["invoice_number"], told["status"], told["version"]) == ("INV-2", "open", 1)
    assert cast.question("INV-2").status == "open"


def test_decide_after_somebody_else_ends_with_5(folder: Path, people: Cast) -> None:
    loaded(folder)
    question = str(cast.question("INV-2").id)
    answer = ["--reason", "difference_accepted"]
    assert run("decide", question, "approve", "--by", "alice", *answer)[0] == 0
    assert run("decide", question, "approve", "--by", "bob", *answer)[0] == 5
    assert run("decide", "no-id", "approve", "--by", "bob", *answer)[0] == 2


# --- payments, agents, checks ----------------------------------------------------------------------


def test_payments_go_from_proposal_to_bank_file(folder: Path, people: Cast, tmp_path: Path) -> None:
    loaded(folder)
    code, data = run("payments", "propose", "--by", "dave")
    [batch] = data["batches"]
    assert (code, batch["control_sum"], batch["count"], batch["status"]) == (0, "1190.00", 1, "proposed")
    number, file = str(batch["batch"]), tmp_path / "out.xml"
    assert run("payments", "export", number, "-o", str(file))[0] == 4
    assert run("payments", "approve", number, "--by", "alice")[0] == 4
    assert run("payments", "approve", number)[0] == 2
    assert run("payments", "approve", number, "--by", "carol")[1]["status"] == "approved"
    nowhere = tmp_path / "no-such-folder" / "out.xml"
    assert run("payments", "export", number, "-o", str(nowhere))[0] == 2
    assert PaymentBatch.objects.get(number=number).status == "approved"
    assert run("payments", "approve", number, "--by", "dave")[0] == 5
    assert run("payments", "export", number, "-o", str(file))[1]["status"] == "exported"
    assert b"pain.001.001.09" in file.read_bytes()
    assert [p for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert run("payments", "confirm", number, "--by", "dave")[1]["status"] == "executed"
    assert run("payments", "export", "77", "-o", str(file))[0] == 2


def test_agents_are_listed_stopped_and_let_go_on(people: Cast) -> None:
    code, data = run("agents", "list")
    assert code == 0
    assert {a["name"] for a in data["agents"]} == set(REGISTRY)
    assert {a["autonomy"] for a in data["agents"]} == {"supervised"}
    assert run("agents", "pause", "finance.payment", "--by", "carol")[1]["agents"][0]["paused"] is True
    why = ("--by", "carol", "--reason", "It was nothing.")
    assert run("agents", "resume", "finance.payment", *why)[1]["agents"][0]["paused"] is False
    assert (
        run("agents", "autonomy", "finance.payment", "advise", *why)[1]["agents"][0]["autonomy"] == "advise"
    )
    assert run("agents", "pause", "finance.payment", "--by", "alice")[0] == 4
    assert run("agents", "pause", "nobody")[0] == 2


def test_invariants_and_verification_are_clean_after_work(folder: Path) -> None:
    loaded(folder)
    connection.check_constraints()
    code, data = run("check_invariants")
    assert (code, data["violations"]) == (0, [])
    assert set(data["checked"]) == {f"I{n}" for n in range(1, 15)}
    entries = Entry.objects.count()
    code, data = run("verify")
    assert (code, data["findings"]) == (0, [])
    assert {"entries", "size", "root", "findings"} <= set(data)
    assert data["entries"] == entries == Entry.objects.count() - 1, "the verification is an entry itself"


def test_a_broken_invariant_and_a_broken_ledger_end_with_1(folder: Path) -> None:
    loaded(folder)
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET body = body || ' ' WHERE seq = 1")
    code, data = run("verify")
    assert code == 1
    assert "hash_mismatch" in {f["code"] for f in data["findings"]}
    assert set(data["findings"][0]) == {"code", "subject", "seq", "detail"}
    code, data = run("check_invariants")
    assert code == 1
    assert {v["invariant"] for v in data["violations"]} == {"I10"}


@pytest.mark.django_db(transaction=True)
def test_work_drains_in_several_processes_and_says_how_fast(folder: Path) -> None:
    run("intake", str(folder))
    environment = {"DATABASE_URL": url(connection.get_connection_params()), "COUNTERSIGN_SAMPLING": "0"}
    command = [sys.executable, str(ROOT / "manage.py"), "work", "--drain", "--workers", "2", "--json"]
    done = subprocess.run(command, capture_output=True, check=True, env=cast.environment() | environment)
    data = json.loads(done.stdout)
    assert set(data) == {"decisions", "escalations", "seconds", "decisions_per_second"}
    assert data["decisions"] == Decision.objects.count() > 10
    assert data["escalations"] == 1
    assert standing()[1] == "auto"
    cast.assert_sound()


def test_the_line_of_one_question_reads_that_question_and_its_invoice(
    django_assert_num_queries: Any, people: Cast
) -> None:
    cast.trade(
        cast.bill(unit_price="11.00"), cast.bill(invoice_number="INV-2", order_number="", order_line="")
    )
    lines = {line["id"]: line for line in exports.escalations()}
    for row in cast.Escalation.objects.all():
        with django_assert_num_queries(1):
            assert exports.escalation(row) == lines[str(row.id)]
