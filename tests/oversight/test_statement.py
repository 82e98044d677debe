"""The signed statement of a period: what it says, that it verifies offline, and that nothing of it can be
altered."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit import clock, keys, verify
from audit.models import Entry
from audit.verify import check_bundle, lower_bound, read_bundle
from coordination.assurance import oversight_statement
from coordination.domain.oversight import Defect, at_least
from coordination.management.base import Misused
from tests.cast import Cast
from tests.conftest import ROOT
from tests.oversight.trade import answer, planted, trade

pytestmark = pytest.mark.django_db
Files = dict[str, bytes]


@pytest.fixture
def answered(people: Cast) -> None:
    """Four cases: two caught, one missed, one open."""
    trade(8)
    for defect, verdict in ((Defect.PRICE, "reject"), (Defect.BANK, "approve"), (Defect.CLEAN, "approve")):
        [known] = planted(defect)
        answer(known, verdict, people.carol)
    planted(Defect.QUANTITY)


@pytest.fixture
def statement(answered: None, tmp_path: Path) -> Path:
    """The statement of today."""
    return written(tmp_path / "statement.zip")


def written(target: Path, *, since: date | None = None, until: date | None = None) -> Path:
    today = clock.now().astimezone(UTC).date()
    with target.open("wb") as out:
        oversight_statement.write(out, since or today - timedelta(days=1), until or today, by="human:1")
    return target


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def said(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files_of(path)["statement.json"])
    return found


def falsified(path: Path, change: Callable[[Files], None], *, signed: bool = True) -> set[str]:
    """Codes of what is found after a change; `signed`: by somebody who has the key and signs anew."""
    files = files_of(path)
    before = dict(files)
    change(files)
    assert files != before, "nothing was changed"
    if signed:
        head = [
            x for x in files["manifest.txt"].decode().partition("\n\n")[0].splitlines() if "sha256 " not in x
        ]
        digests = [
            f"sha256 {verify.hashlib.sha256(data).hexdigest()} {name}"
            for name, data in sorted(files.items())
            if name != "manifest.txt"
        ]
        files["manifest.txt"] = keys.signer().note("".join(f"{x}\n" for x in [*head, *digests])).encode()
    out = path.with_name("false.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return {f.code for f in check_bundle(read_bundle(out))}


def lines(files: Files, name: str) -> list[dict[str, Any]]:
    return [json.loads(x) for x in files[name].decode().split("\n") if x]


def put(files: Files, name: str, rows: list[dict[str, Any]]) -> None:
    files[name] = "".join(
        f"{json.dumps(r, ensure_ascii=False, separators=(',', ':'))}\n" for r in rows
    ).encode()


def run(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The verifier as a program of its own."""
    return subprocess.run(
        [sys.executable, "-m", "audit.verify", str(path), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )


def test_a_genuine_statement_verifies_as_a_program_of_its_own_without_django(statement: Path) -> None:
    done = run(statement, "--vkey", str(keys.signer().key))
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 known-answer cases sealed before they were shown" in done.stdout
    code = "import sys, audit.verify as v; v.run(__import__('pathlib').Path(sys.argv[1]), None, None);"
    code += "assert not [m for m in sys.modules if m.startswith('django')]"
    assert subprocess.run([sys.executable, "-c", code, str(statement)], cwd=ROOT, check=False).returncode == 0


def test_the_verifier_that_lies_in_a_statement_verifies_it_elsewhere(statement: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    program = tmp_path / "elsewhere" / "verify.py"
    program.write_bytes(files_of(statement)["verify.py"])
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(statement)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_it_says_who_reviewed_what_and_what_that_proves(statement: Path, people: Cast) -> None:
    found = said(statement)
    rates = {(r["by"], r["what"]): (r["caught"], r["shown"]) for r in found["rates"]}
    assert rates["side", "defective"] == ("1", "2")
    assert rates["side", "clean"] == ("1", "1")
    assert rates["defect", "bank"] == ("0", "1")
    [bound] = [r["at_least"] for r in found["rates"] if (r["by"], r["what"]) == ("side", "clean")]
    assert bound == "0.0500"
    assert found["commitments"] == {"made": "4", "opened": "3", "true": "3"}
    assert len(found["cases"]) == 3
    assert not found["people"]  # nobody answered a real question
    assert any("Article 14" in r["text"] for r in found["references"])
    assert any("42001" in r["text"] for r in found["references"])
    text = files_of(statement)["statement.txt"].decode()
    for word in ("Limits", "too few to speak of a rate", "Article 14", "Clopper-Pearson", "Commitments"):
        assert word in text


def test_no_persons_own_rate_is_in_it(statement: Path, people: Cast) -> None:
    found = said(statement)
    assert "person" not in json.dumps([found["cases"], found["rates"], found["queues"]])


def test_of_a_period_without_cases_it_says_so_and_proves_it(people: Cast, tmp_path: Path) -> None:
    trade(3)
    path = written(tmp_path / "empty.zip")
    assert check_bundle(read_bundle(path)) == []
    assert "nothing can be said" in files_of(path)["statement.txt"].decode()


def test_cases_of_another_period_are_in_it_and_not_counted(answered: None, tmp_path: Path) -> None:
    before = clock.today() - timedelta(days=30)
    path = written(tmp_path / "before.zip", since=before, until=before + timedelta(days=1))
    assert said(path)["rates"] == []
    assert check_bundle(read_bundle(path)) == []


def test_that_it_was_written_is_an_entry(statement: Path) -> None:
    entry = Entry.objects.get(type="oversight.stated")
    assert entry.actor == "human:1"


def test_both_exact_bounds_are_the_same_figure() -> None:
    for part, base in ((54, 60), (60, 60), (1, 1), (0, 7), (29, 37)):
        assert lower_bound(part, base) == pytest.approx(at_least(part, base), abs=1e-6)


# --- alterations --------------------------------------------------------------------------------------------


def _rate(files: Files) -> None:
    told = json.loads(files["statement.json"])
    told["rates"][0]["caught"] = told["rates"][0]["shown"]
    files["statement.json"] = json.dumps(told).encode()


def _bound(files: Files) -> None:
    told = json.loads(files["statement.json"])
    told["rates"][0]["at_least"] = "0.9000"
    files["statement.json"] = json.dumps(told).encode()


def _period(files: Files) -> None:
    told = json.loads(files["statement.json"])
    told["from"] = told["until"]
    files["statement.json"] = json.dumps(told).encode()


def _outcome(files: Files) -> None:
    rows = lines(files, "entries.jsonl")
    for row in rows:
        row["body"] = row["body"].replace('"outcome":"missed"', '"outcome":"caught"')
    put(files, "entries.jsonl", rows)


def _without_a_case(files: Files) -> None:
    rows = lines(files, "entries.jsonl")
    missed = next(r["subject"] for r in rows if '"outcome":"missed"' in r["body"])
    put(files, "entries.jsonl", [r for r in rows if r["subject"] != missed])
    put(files, "heads.jsonl", [r for r in lines(files, "heads.jsonl") if r["subject"] != missed])


def _without_the_last_case(files: Files) -> None:
    rows = lines(files, "heads.jsonl")
    last = max(r["subject"] for r in rows if r["subject"].startswith("known_answer/"))
    put(files, "heads.jsonl", [r for r in rows if r["subject"] != last])
    put(files, "entries.jsonl", [r for r in lines(files, "entries.jsonl") if r["subject"] != last])


def _without_an_opening(files: Files) -> None:
    rows = lines(files, "entries.jsonl")
    put(files, "entries.jsonl", [r for r in rows if '"outcome":"missed"' not in r["body"]])


def _without_neighbours(files: Files) -> None:
    rows = lines(files, "heads.jsonl")
    kept = [r for r in rows if r["subject"].startswith(("known_answer/", "audit/"))]
    put(files, "heads.jsonl", kept)


def _commitment(files: Files) -> None:
    rows = lines(files, "entries.jsonl")
    for row in rows:
        if '"type":"oversight.committed"' in row["body"]:
            row["body"] = row["body"].replace('"commitment":"', '"commitment":"0')
    put(files, "entries.jsonl", rows)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_rate, "figure_wrong"),
        (_bound, "figure_wrong"),
        (_period, "figure_wrong"),
        (_outcome, "hash_mismatch"),
        (_outcome, "outcome_wrong"),
        (_without_a_case, "case_left_out"),
        (_without_the_last_case, "case_left_out"),
        (_without_an_opening, "tail_missing"),
        (_without_neighbours, "case_left_out"),
        (_commitment, "commitment_broken"),
    ],
)
def test_an_alteration_is_found_even_under_a_new_signature(
    statement: Path, change: Callable[[Files], None], code: str
) -> None:
    assert code in falsified(statement, change)


def test_an_alteration_without_the_key_is_found_by_its_file(statement: Path) -> None:
    assert "file_altered" in falsified(statement, _rate, signed=False)


def test_the_program_says_1_of_an_altered_statement_and_2_of_what_it_cannot_read(
    statement: Path, tmp_path: Path
) -> None:
    falsified(statement, _rate)
    done = run(statement.with_name("false.zip"))
    assert done.returncode == 1
    assert "figure_wrong" in done.stdout
    broken = tmp_path / "broken.zip"
    broken.write_bytes(statement.read_bytes()[:400])
    assert run(broken).returncode == 2
    assert run(tmp_path / "nothing.zip").returncode == 2


def test_under_another_key_it_is_foreign(statement: Path) -> None:
    other = verify.parse_key(
        "other+"
        + verify.key_id("other", bytes(32)).hex()
        + "+"
        + verify.base64.b64encode(b"\x01" + bytes(32)).decode()
    )
    assert "foreign_key" in {f.code for f in check_bundle(read_bundle(statement), other)}


# --- the command --------------------------------------------------------------------------------------------


def test_the_command_writes_it_and_prints_it_as_json(answered: None, tmp_path: Path) -> None:
    out, target, today = io.StringIO(), tmp_path / "s.zip", clock.today()
    call_command(
        "oversight",
        "statement",
        "--from",
        str(today),
        "--to",
        str(today),
        "-o",
        str(target),
        "--json",
        stdout=out,
    )
    told = json.loads(out.getvalue())
    assert told["cases"] == 3
    assert told["statement"]["commitments"]["true"] == "3"
    assert run(target).returncode == 0


def test_the_command_needs_a_period_and_a_file() -> None:
    with pytest.raises((Misused, SystemExit)):
        call_command("oversight", "statement")


def test_a_period_that_ends_before_it_begins_is_none(answered: None, tmp_path: Path) -> None:
    today = clock.today()
    with pytest.raises(oversight_statement.NoSuchPeriod):
        written(tmp_path / "s.zip", since=today, until=today - timedelta(days=1))


def test_a_manager_plants_by_command_and_nobody_else_does(people: Cast) -> None:
    trade(6)
    out = io.StringIO()
    call_command("oversight", "plant", "--by", "carol", "--defect", "price", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert len(told["planted"]) == 1
    with pytest.raises((SystemExit, Exception)):
        call_command("oversight", "plant", "--by", "alice", "--defect", "price")


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code of the command and what it says."""
    with pytest.raises(SystemExit) as ended:
        call_command("oversight", "statement", *arguments, stderr=(err := io.StringIO()))
    return int(ended.value.code or 0), err.getvalue()


@pytest.mark.parametrize("first", [-5, 0, 1, 300])
def test_nothing_is_stated_about_days_that_are_not_over(people: Cast, tmp_path: Path, first: int) -> None:
    today, target = clock.now().astimezone(UTC).date(), tmp_path / "s.zip"
    days = ("--from", str(today + timedelta(days=first)), "--to", str(today + timedelta(days=max(first, 1))))
    assert refused(*days, "-o", str(target)) == (
        2,
        "A statement says what was: its last day (UTC) cannot be after today.\n",
    )
    assert list(tmp_path.iterdir()) == []
    assert not Entry.objects.filter(type__startswith="oversight.stated").exists()


@pytest.mark.parametrize("place", ["missing/s.zip", "file/s.zip", "folder", "/"])
def test_a_place_that_cannot_be_written_is_named_as_it_was_typed(
    people: Cast, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    code, words = refused("--from", "2026-01-01", "--to", "2026-01-31", "-o", str(tmp_path / place))
    assert code == 2
    assert words.startswith(f"{tmp_path / place} ")
    assert ".part" not in words
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
