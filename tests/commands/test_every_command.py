"""Each command: what it does when all is well, and how it refuses, with an exit code and words that help."""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from coordination.assurance import access_log
from coordination.models import LegalHold
from coordination.services import payments
from tests import cast
from tests.architecture.modules import modules
from tests.cast import Cast, bill, order, receipt
from tests.conftest import ROOT
from tests.payments.test_company_currency import put_in_force

pytestmark = pytest.mark.django_db

OURS = sorted(name for name, app in get_commands().items() if app == "coordination")
ELSEWHERE = {
    "auditor": "tests/project/test_auditor_access.py",
    "demo": "tests/world/test_commands.py",
    "harden": "tests/audit/test_roles.py",
    "monitor": "tests/monitoring/test_command.py",
    "oversight": "tests/oversight/test_statement.py",
    "up": "tests/faults/test_up.py",
    "work": "tests/commands/test_commands.py",
    "world": "tests/world/test_commands.py",
}
"""Commands that need roles, processes or a folder of their own, and where they are tried."""


@pytest.fixture
def desk(people: Cast) -> Cast:
    """INV-1 cleared, INV-2 asked about, and INV-3 twice, by two vendors."""
    other = cast.vendor(vendor_id="V-2", name="Nord AG", vat_id="", iban="DE02120300000000202051")
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", unit_price="11.00"),
        bill(invoice_number="INV-3", order_number="PO-8", quantity="20"),
        bill(
            invoice_number="INV-3",
            order_number="PO-9",
            quantity="30",
            vendor_id="V-2",
            iban="DE02120300000000202051",
        ),
        vendors=(cast.vendor(), other),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    access_log.note(cast.invoice("INV-1").subject, "Anna says that it is right.", by=people.erin)
    return people


def run(*arguments: str) -> tuple[int, Any, str]:
    """Exit code, the JSON object, and what stands on standard error."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*arguments, "--json", stdout=out, stderr=err)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


# --- all is well --------------------------------------------------------------------------------------------


WELL: Mapping[str, tuple[str, ...]] = {
    "access": ("access", "-o", "{folder}/access.md"),
    "agents": ("agents", "list"),
    "check_invariants": ("check_invariants",),
    "code_lists": ("code_lists", "-o", "{folder}/codes.md"),
    "count_days": ("count_days", "--days", "2"),
    "dburl": ("dburl",),
    "decide": ("decide", "{question}", "approve", "--by", "alice", "--reason", "difference_accepted"),
    "decide_together": (
        *("decide_together", "{question}", "approve", "--by", "alice"),
        *("--reason", "difference_accepted"),
    ),
    "delegation": ("delegation", "list"),
    "erase": ("erase", "invoice/INV-1", "--by", "carol", "--reason", "Asked to."),
    "evidence": ("evidence", "INV-1", "-o", "{folder}/bundle.zip"),
    "export": ("export", "invoices"),
    "hold": ("hold", "INV-1", "--by", "bob", "--reason", "Wait."),
    "intake": ("intake", "{folder}"),
    "payments": ("payments", "propose", "--by", "dave"),
    "policy": ("policy", "show"),
    "population": ("population", "-o", "{folder}/all.zip", "--by", "erin"),
    "procedure": ("procedure", "-o", "{folder}/procedure.pdf"),
    "reperform": ("reperform",),
    "retention": ("retention", "report"),
    "seal": ("seal",),
    "setup_people": ("setup_people",),
    "verify": ("verify",),
    "walkthrough": ("walkthrough", "INV-1", "-o", "{folder}/walk.pdf"),
}
KEYS: Mapping[str, set[str]] = {
    "access": {"rights", "file"},
    "agents": {"agents"},
    "check_invariants": {"checked", "violations"},
    "code_lists": {"editions", "file"},
    "count_days": {"days"},
    "dburl": {"url"},
    "decide": {"status", "by"},
    "decide_together": {"answered", "escalations"},
    "delegation": {"delegations"},
    "erase": {"request", "removed", "kept"},
    "evidence": {"entries", "root", "file"},
    "export": {"invoices"},
    "hold": {"invoice_number", "code", "by"},
    "intake": {"documents", "accepted", "quarantined"},
    "payments": {"batches"},
    "policy": {"version", "policy"},
    "population": {"count", "file", "totals"},
    "procedure": {"policy", "sha256", "file"},
    "reperform": {"decisions", "same", "different"},
    "retention": {"classes"},
    "seal": {"size", "root", "note"},
    "setup_people": {"groups", "people"},
    "verify": {"entries", "findings"},
    "walkthrough": {"file", "bytes"},
}


def test_every_command_is_tried_here_or_there() -> None:
    assert {*WELL, *ELSEWHERE} == set(OURS), "say here how it is called when all is well, and how it refuses"
    assert all(f'"{name}"' in (ROOT / path).read_text() for name, path in ELSEWHERE.items())


def filled(arguments: tuple[str, ...], folder: Path) -> list[str]:
    asked = cast.question("INV-2").pk if any("{question}" in a for a in arguments) else ""
    return [a.format(folder=folder, question=asked) for a in arguments]


@pytest.mark.parametrize("name", WELL)
def test_a_command_ends_with_0_and_one_object(name: str, desk: Cast, tmp_path: Path) -> None:
    code, told, _ = run(*filled(WELL[name], tmp_path))
    assert code == 0
    assert told.keys() >= KEYS[name]
    if "-o" in WELL[name]:
        assert Path(filled(WELL[name], tmp_path)[WELL[name].index("-o") + 1]).stat().st_size > 100
    cast.assert_sound()


@pytest.mark.parametrize("name", WELL)
def test_without_json_it_says_in_words_what_it_did(name: str, desk: Cast, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command(*filled(WELL[name], tmp_path), stdout=out, stderr=io.StringIO())
    assert out.getvalue().strip()
    assert name in {"export", "decide_together"} or not out.getvalue().startswith("{")


# --- refusals -----------------------------------------------------------------------------------------------


NOBODY = r"There is no active user named nobody\."
REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("delegation", "add", "alice"), 2, "--by says who"),
    (("delegation", "end", "x", "--by", "alice"), 2, "takes the id of one delegation"),
    (
        (
            "delegation",
            "add",
            "carol",
            "alice",
            "--first",
            "2199-01-01",
            "--last",
            "2199-01-02",
            "--by",
            "carol",
        ),
        4,
        "ends within 366 days",
    ),
    (
        ("agents", "pause", "magic", "--by", "carol"),
        2,
        "There is no agent named magic; `manage.py agents list`",
    ),
    (("agents", "pause"), 2, "No agent is named"),
    (("agents", "pause", "finance.payment", "--by", "nobody"), 2, NOBODY),
    (("agents", "pause", "finance.payment", "--by", "alice"), 4, "stopped and started by managers"),
    (("agents", "resume", "finance.payment"), 2, "Say who answers for it, with --by, and why, with --reason"),
    (("agents", "resume", "finance.payment", "--by", "carol"), 2, "Say why, with --reason"),
    (
        ("agents", "autonomy", "finance.payment", "free", "--by", "carol", "--reason", "x"),
        2,
        "shadow, advise, supervised",
    ),
    (
        ("agents", "breaker", "finance.payment", "ajar", "--by", "carol", "--reason", "x"),
        2,
        "set to open, half or close",
    ),
    (
        ("agents", "ask-people", "finance.payment", "--by", "carol", "--reason", "x"),
        4,
        "The agent is running",
    ),
    (
        ("decide", "no-id", "approve", "--by", "alice", "--reason", "evidence_complete"),
        2,
        "no-id is not an escalation's id",
    ),
    (("decide", "{question}", "approve", "--by", "nobody", "--reason", "evidence_complete"), 2, NOBODY),
    (
        ("decide", "{question}", "approve", "--by", "bob", "--reason", "difference_accepted"),
        4,
        "one for procurement",
    ),
    (
        ("decide", "{question}", "approve", "--by", "erin", "--reason", "difference_accepted"),
        4,
        "decided by specialists and managers",
    ),
    (("decide", "{question}", "approve", "--by", "alice", "--reason", "because"), 4, ""),
    (("decide", "{question}", "reject", "--by", "alice", "--reason", "price_not_agreed"), 4, ""),
    (
        (
            "decide",
            "{question}",
            "approve",
            "--by",
            "alice",
            "--reason",
            "difference_accepted",
            "--seen-version",
            "7",
        ),
        5,
        "",
    ),
    (
        ("decide_together", "no-id", "approve", "--by", "alice", "--reason", "evidence_complete"),
        2,
        "no-id is not an escalation's id",
    ),
    (
        ("decide_together", "{question}", "approve", "--by", "bob", "--reason", "difference_accepted"),
        4,
        "one for procurement",
    ),
    (
        ("decide_together", "{question}", "reject", "--by", "alice", "--reason", "price_not_agreed"),
        4,
        "own words",
    ),
    (("erase", "planet/Mars", "--by", "carol", "--reason", "x"), 2, ""),
    (("erase", "invoice/INV-77", "--by", "carol", "--reason", "x"), 2, ""),
    (("erase", "invoice/INV-1", "--by", "alice", "--reason", "x"), 4, "manager"),
    (("erase", "invoice/INV-1", "--by", "nobody", "--reason", "x"), 2, NOBODY),
    (("evidence", "INV-77", "-o", "{folder}/b.zip"), 2, "There is no invoice INV-77"),
    (
        ("evidence", "INV-3", "-o", "{folder}/b.zip"),
        2,
        "Several invoices have the number INV-3; name the vendor with --vendor",
    ),
    (("evidence", "INV-1", "-o", "{folder}/none/b.zip"), 2, "No such file or directory"),
    (
        ("evidence", "INV-1", "-o", "{folder}/b.zip", "--since", "{folder}/none.txt"),
        2,
        "cannot be read as checkpoints",
    ),
    (("hold", "INV-77", "--by", "bob", "--reason", "x"), 2, "names no invoice, or several: add --vendor"),
    (("hold", "INV-3", "--by", "bob", "--reason", "x"), 2, "names no invoice, or several: add --vendor"),
    (("hold", "INV-1", "--by", "erin", "--reason", "x"), 4, ""),
    (("hold", "INV-1", "--by", "bob", "--reason", " "), 2, "A hold needs a reason in your own words"),
    (("intake", "{folder}/none"), 2, "there is no such file or folder"),
    (("payments", "approve"), 2, "Name the payment run by its number"),
    (("payments", "approve", "1"), 2, ""),
    (("payments", "approve", "77", "--by", "carol"), 2, ""),
    (("payments", "export", "77"), 2, ""),
    (("payments", "confirm", "77", "--by", "carol"), 2, ""),
    (("payments", "propose", "--by", "nobody"), 2, NOBODY),
    (("payments", "elsewhere", "--by", "carol"), 2, ""),
    (("policy", "activate"), 2, "Name the version and who asks"),
    (("policy", "activate", "1"), 2, "Name the version and who asks"),
    (("policy", "activate", "one", "--by", "carol"), 2, "Name the version and who asks"),
    (("policy", "activate", "1", "--by", "nobody"), 2, NOBODY),
    (("policy", "activate", "1", "--by", "alice"), 4, "put in force by managers"),
    (("policy", "activate", "77", "--by", "carol"), 2, "no such version"),
    (("policy", "activate", "v1", "--by", "carol"), 5, "in force already"),
    (("policy", "lint"), 2, "Name the file: policy lint FILE"),
    (("policy", "load", "{folder}/none.json"), 2, "No such file or directory"),
    (("population",), 2, "Say where to write it: -o FILE"),
    (
        ("population", "-o", "{folder}/p.csv", "--by", "alice"),
        4,
        "Managers and auditors take populations away",
    ),
    (("population", "-o", "{folder}/p.csv", "--by", "nobody"), 2, NOBODY),
    (("population", "--verify", "{folder}/none.zip"), 2, ""),
    (("population", "--verify", "{folder}", "--key", "not base64!"), 2, "The key is not in base64"),
    (("procedure", "-o", "{folder}/procedure.doc"), 2, r"written as \.md or \.pdf"),
    (("procedure", "-o", "{folder}/none/p.md"), 2, "No such file or directory"),
    (("retention", "hold", "INV-1"), 2, "needs all of it"),
    (("retention", "hold", "INV-77", "--by", "carol", "--reason", "x"), 2, "names no invoice and no vendor"),
    (("retention", "hold", "INV-3", "--by", "carol", "--reason", "x"), 2, "VENDOR/NUMBER"),
    (("retention", "hold", "INV-1", "--by", "alice", "--reason", "x"), 4, ""),
    (("retention", "lift", "INV-1", "--by", "carol", "--reason", "x"), 5, "lifted already"),
    (("retention", "apply", "--by", "nobody"), 2, NOBODY),
    (("verify", "--checkpoint", "{folder}/none.txt"), 2, "cannot be read as checkpoints"),
    (("walkthrough", "INV-77", "-o", "{folder}/w.pdf"), 2, "There is no invoice INV-77"),
    (
        ("walkthrough", "INV-1", "--vendor", "V-9", "-o", "{folder}/w.pdf"),
        2,
        "There is no invoice INV-1 of vendor V-9",
    ),
    (("walkthrough", "INV-3", "-o", "{folder}/w.pdf"), 2, "name the vendor with --vendor"),
    (("access", "-o", "{folder}/none/a.md"), 2, "No such file or directory"),
    (("code_lists", "-o", "{folder}/none/c.md"), 2, "No such file or directory"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "said"), REFUSED, ids=lambda v: " ".join(v) if isinstance(v, tuple) else None
)
def test_a_refusal_has_a_code_one_line_and_changes_nothing(
    arguments: tuple[str, ...], code: int, said: str, desk: Cast, tmp_path: Path
) -> None:
    before = (
        cast.Escalation.objects.filter(status="open").count(),
        LegalHold.objects.count(),
        cast.entries("agent/finance.payment"),
    )
    found, told, err = run(*filled(arguments, tmp_path))
    assert (found, err.count("\n")) == (code, 1), err
    assert re.search(said, err), err
    assert told["error"] == err.strip()
    after = (
        cast.Escalation.objects.filter(status="open").count(),
        LegalHold.objects.count(),
        cast.entries("agent/finance.payment"),
    )
    assert after == before
    assert list(tmp_path.iterdir()) == []
    cast.assert_sound()


def test_who_may_nothing_any_more_is_no_user_to_a_command(desk: Cast) -> None:
    desk.carol.is_active = False
    desk.carol.save()
    code, _, err = run("agents", "pause", "finance.payment", "--by", "carol")
    assert (code, err.strip()) == (2, "There is no active user named carol.")


@pytest.mark.parametrize("name", OURS)
def test_every_option_of_a_command_says_what_it_is_for(name: str) -> None:
    parser = load_command_class("coordination", name).create_parser("manage.py", name)
    silent = [
        a.option_strings for a in parser._actions if a.option_strings and a.help is None and a.nargs == 0
    ]
    assert [s for s in silent if s[0] not in {"--story", "--dry-run", "--drain"}] == []
    assert parser.description


# --- what messages tell to type -----------------------------------------------------------------------------


def told_to_type() -> dict[str, set[str]]:
    """`manage.py NAME ACTION` in any text of ours, with where it stands."""
    found: dict[str, set[str]] = {}
    texts = {
        f"{m.name}": s.value
        for m in modules().values()
        for s in ast.walk(m.tree)
        if isinstance(s, ast.Constant) and isinstance(s.value, str) and "manage.py " in s.value
    }
    pages = {
        str(p.relative_to(ROOT)): p.read_text()
        for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    }
    for where, text in (texts | pages).items():
        for words in re.findall(r"manage\.py ([a-z_]+(?: [a-z-]+)?)", text):
            found.setdefault(words, set()).add(where)
    return found


def is_a_command(words: str) -> bool:
    name, _, action = words.partition(" ")
    app = get_commands().get(name)
    if app is None:
        return False
    if app != "coordination":
        return True
    parser: argparse.ArgumentParser = load_command_class("coordination", name).create_parser(
        "manage.py", name
    )
    choices = [a.choices for a in parser._actions if not a.option_strings and a.choices]
    return not action or not choices or action in {str(c) for c in choices[0]}


def test_what_a_text_tells_to_type_is_a_command() -> None:
    wrong = {words: sorted(where) for words, where in told_to_type().items() if not is_a_command(words)}
    assert wrong == {}


def test_texts_name_commands_at_all() -> None:
    """The test above looks at something."""
    found = told_to_type()
    assert len(found) > 20
    assert not is_a_command("nonsense")
    assert not is_a_command("agents fly")
    assert is_a_command("agents list")


# --- the small ones -----------------------------------------------------------------------------------------


def test_the_procedure_is_the_same_printed_and_written(desk: Cast, tmp_path: Path) -> None:
    printed = io.StringIO()
    call_command("procedure", stdout=printed)
    run("procedure", "-o", str(tmp_path / "p.md"))
    moment = re.compile(r"(\d{1,2} \w{3} \d{4},? )?[\d:.]+ UTC")
    one, other = (moment.sub("", t).strip() for t in (printed.getvalue(), (tmp_path / "p.md").read_text()))
    assert one == other


def test_a_population_that_was_changed_afterwards_is_told(desk: Cast, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    assert run("population", "-o", str(file), "--by", "erin")[0] == 0
    assert run("population", "--verify", str(file))[0] == 0
    file.write_text(file.read_text().replace("INV-2", "INV-9"))
    code, told, _ = run("population", "--verify", str(file))
    assert code == 1
    assert told["problems"]


def test_a_legal_hold_is_set_and_lifted_by_command(desk: Cast) -> None:
    why = ("--by", "carol", "--reason", "Lawsuit.")
    assert run("retention", "hold", "V-2/INV-3", *why)[1]["stands"] is True
    assert run("retention", "hold", "V-2/INV-3", *why)[0] == 5
    assert run("retention", "lift", "V-2/INV-3", *why)[1]["stands"] is False


def test_a_run_goes_through_its_life_by_command(desk: Cast, tmp_path: Path) -> None:
    [batch] = run("payments", "propose", "--by", "dave")[1]["batches"]
    number = str(batch["batch"])
    assert (
        run("payments", "take-out", number, "--invoice", "INV-1", "--by", "dave", "--text", "Wait.")[0] == 4
    )
    assert run("payments", "approve", number, "--by", "carol", "--reason", "payments_checked")[0] == 0
    assert (
        run("payments", "stop", number, "--by", "carol", "--text", "Wrong day.")[1]["status"] == "cancelled"
    )
    assert payments.find(int(number)).status == "cancelled"
    assert cast.standing()[0] == "cleared"
    cast.assert_sound()


def test_a_policy_that_is_in_force_is_the_one_shown(desk: Cast) -> None:
    policy = run("policy", "show")[1]["policy"]
    put_in_force(json.dumps(policy | {"company_currency": "SEK"}))
    code, told, _ = run("policy", "show")
    assert (code, told["version"], told["policy"]["company_currency"]) == (0, 2, "SEK")


def test_a_program_that_calls_a_command_wrongly_gets_djangos_own_error() -> None:
    with pytest.raises(CommandError):
        call_command("export", "nonsense")
