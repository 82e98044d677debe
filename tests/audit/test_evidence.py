"""An evidence bundle proves itself with its own verifier; each way to falsify one has a finding of its
own."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from audit import evidence, keys, sealing, verify
from audit.verify import Bundle, Unreadable, check_bundle, main, parse_checkpoint, parse_key, read_bundle
from coordination.assurance import evidence as around
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Files = dict[str, bytes]


@pytest.fixture
def bundle(house: Cast, tmp_path: Path) -> Path:
    """The evidence of INV-2, which a person has answered."""
    cast.answer(cast.question("INV-2"), "override", by=house.carol, comment="The vendor called.")
    cast.drain()
    invoice = cast.invoice("INV-2")
    target = tmp_path / "evidence.zip"
    with target.open("wb") as out:
        evidence.write(invoice.subject, around.attached(invoice), out)
    return target


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def falsified(path: Path, change: Callable[[Files], None], *, signed: bool = True) -> set[str]:
    """Codes of what is found after a change; `signed`: by somebody who has the key and signs the manifest
    anew."""
    files = files_of(path)
    before = dict(files)
    change(files)
    assert files != before, "nothing was changed"
    if signed:
        files["manifest.txt"] = manifest(files)
    out = path.with_name("false.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return {f.code for f in check_bundle(read_bundle(out))}


def manifest(files: Files) -> bytes:
    head = [
        x
        for x in files["manifest.txt"].decode().partition("\n\n")[0].splitlines()
        if not x.startswith("sha256 ")
    ]
    digests = [
        f"sha256 {evidence.sha256(data).hexdigest()} {name}"
        for name, data in sorted(files.items())
        if name != "manifest.txt"
    ]
    return keys.signer().note("\n".join([*head, *digests]) + "\n").encode()


def rows(files: Files, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].decode().splitlines()]


def put(files: Files, name: str, found: list[dict[str, Any]]) -> None:
    files[name] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found).encode()


def edit(name: str, change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Files], None]:
    def run(files: Files) -> None:
        found = rows(files, name)
        change(found)
        put(files, name, found)

    return run


def of_invoice(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["subject"].startswith("invoice/")]


# --- genuine ------------------------------------------------------------------------------------------------


def test_a_bundle_is_genuine_and_complete(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = str(keys.signer().key)
    assert check_bundle(read_bundle(bundle), parse_key(key)) == []
    assert main([str(bundle), "--vkey", key]) == 0
    told = capsys.readouterr().out
    assert "genuine and complete" in told
    assert "Compare this key" not in told
    assert main([str(bundle)]) == 0
    assert f"Signed by {key}" in capsys.readouterr().out


def test_it_holds_entries_rules_rows_words_and_originals(bundle: Path) -> None:
    files = files_of(bundle)
    types = [json.loads(row["body"])["type"] for row in of_invoice(rows(files, "entries.jsonl"))]
    assert types[0] == "invoice.received"
    assert {"invoice.decided", "escalation.opened", "verdict.given"} <= set(types)
    assert [r["text"] for r in rows(files, "texts.jsonl")] == ["The vendor called."]
    assert {r["table"] for r in rows(files, "history.jsonl")} >= {
        "coordination_historicalinvoice",
        "reviews_historicalescalation",
    }
    assert rows(files, "policies.jsonl")[0]["revision"] == "1"
    kinds = {r["kind"] for r in rows(files, "documents.jsonl")}
    assert {"invoice", "order", "receipt"} <= kinds
    assert all(f"documents/{r['sha256']}" in files for r in rows(files, "documents.jsonl"))
    assert b"python verify.py" in files["README.txt"]
    assert files["verify.py"] == Path(verify.__file__).read_bytes()


def test_its_verifier_needs_nothing_of_the_product(bundle: Path, tmp_path: Path) -> None:
    """The verifier as it lies in the bundle, in a folder of its own, where neither Django nor the product can
    be imported."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "verify.py").write_bytes(files_of(bundle)["verify.py"])
    shutil.copy(bundle, place / "b.zip")
    blocked = (
        "import sys, runpy\n"
        "for name in ('django', 'orjson', 'psycopg', 'audit', 'simple_history'): sys.modules[name] = None\n"
        "sys.argv = ['verify.py', 'b.zip']\nrunpy.run_path('verify.py', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", blocked], cwd=place, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "genuine and complete" in done.stdout


def test_the_module_runs_without_settings(bundle: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "audit.verify", str(bundle)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin"},
        cwd=Path(verify.__file__).parents[1],
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_writes_the_bundle_whole(house: Cast, tmp_path: Path) -> None:
    target, out = tmp_path / "e.zip", io.StringIO()
    call_command("evidence", "INV-1", "-o", str(target), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["invoice"], told["file"]) == ("INV-1", str(target))
    assert check_bundle(read_bundle(target)) == []
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(SystemExit) as stopped:
        call_command("evidence", "NONE", "-o", str(tmp_path / "x.zip"), stderr=io.StringIO())
    assert stopped.value.code == 2
    assert not (tmp_path / "x.zip").exists()


def test_originals_that_are_gone_are_listed_by_their_digest(
    house: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around, "MOST_BYTES", 0)
    invoice, out = cast.invoice("INV-1"), tmp_path / "b.zip"
    out.write_bytes(evidence.to_bytes(invoice.subject, around.attached(invoice))[0])
    files = files_of(out)
    assert rows(files, "documents.jsonl")[0]["file"] is None
    assert not [name for name in files if name.startswith("documents/")]
    assert check_bundle(read_bundle(out)) == []


# --- falsified ----------------------------------------------------------------------------------------------


def alter_body(found: list[dict[str, Any]]) -> None:
    row = of_invoice(found)[1]
    row["body"] = row["body"].replace('"lane":"', '"lane":"x')


def alter_with_hash(found: list[dict[str, Any]]) -> None:
    alter_body(found)
    row = of_invoice(found)[1]
    row["hash"] = verify.leaf_hash(row["body"].encode())


def test_an_altered_body_is_found(bundle: Path) -> None:
    assert {"hash_mismatch", "not_included"} <= falsified(bundle, edit("entries.jsonl", alter_body))
    assert {"chain_broken", "not_included"} <= falsified(bundle, edit("entries.jsonl", alter_with_hash))


def test_a_missing_middle_is_found(bundle: Path) -> None:
    found = falsified(bundle, edit("entries.jsonl", lambda all_: all_.remove(of_invoice(all_)[2])))
    assert "sequence_gap" in found
    assert "tail_missing" not in found


def test_a_missing_tail_is_found(bundle: Path) -> None:
    found = falsified(bundle, edit("entries.jsonl", lambda all_: all_.remove(of_invoice(all_)[-1])))
    assert "tail_missing" in found
    assert not {"sequence_gap", "chain_broken", "not_included"} & found


def test_a_head_made_to_fit_a_missing_tail_was_not_sealed(bundle: Path) -> None:
    def cut(files: Files) -> None:
        entries = rows(files, "entries.jsonl")
        entries.remove(of_invoice(entries)[-1])
        heads = rows(files, "heads.jsonl")
        [head] = of_invoice(heads)
        last = of_invoice(entries)[-1]
        head |= {"seq": last["seq"], "hash": last["hash"]}
        put(files, "entries.jsonl", entries)
        put(files, "heads.jsonl", heads)

    assert "head_not_sealed" in falsified(bundle, cut)


def test_a_bundle_of_another_invoice_under_this_name_is_found(bundle: Path) -> None:
    found = falsified(
        bundle,
        edit(
            "entries.jsonl",
            lambda all_: all_.__setitem__(slice(None), [r for r in all_ if r not in of_invoice(all_)]),
        ),
    )
    assert {"subject_missing", "tail_missing"} <= found


def test_a_foreign_key_is_found(bundle: Path) -> None:
    foreign = keys._signer(b"\x07" * 32)

    def sign(files: Files) -> None:
        files["checkpoint.txt"] = foreign.note(
            parse_checkpoint(files["checkpoint.txt"].decode()).note.text
        ).encode()

    assert "foreign_key" in falsified(bundle, sign)
    found = check_bundle(read_bundle(bundle), foreign.key)
    assert {f.code for f in found} == {"foreign_key"}
    assert {f.subject for f in found} == {"checkpoint", "manifest"}


def test_a_signature_over_another_text_is_found(bundle: Path) -> None:
    def younger(files: Files) -> None:
        files["checkpoint.txt"] = files["checkpoint.txt"].replace(b"\ntime 20", b"\ntime 21", 1)

    assert "signature_invalid" in falsified(bundle, younger)


def test_a_stale_checkpoint_is_found(house: Cast, tmp_path: Path) -> None:
    invoice = cast.invoice("INV-2")
    sealing.seal()
    older = evidence.to_bytes(invoice.subject, around.attached(invoice))[0]
    (tmp_path / "older.zip").write_bytes(older)
    cast.answer(cast.question("INV-2"), "approve", by=house.carol)
    newer = tmp_path / "newer.zip"
    newer.write_bytes(evidence.to_bytes(invoice.subject, around.attached(invoice))[0])

    def take_back(files: Files) -> None:
        files["checkpoint.txt"] = files_of(tmp_path / "older.zip")["checkpoint.txt"]

    assert "stale_checkpoint" in falsified(newer, take_back)


def test_a_genuine_but_old_bundle_is_stale_for_who_retained_a_later_checkpoint(
    house: Cast, tmp_path: Path
) -> None:
    invoice = cast.invoice("INV-2")
    older = tmp_path / "older.zip"
    older.write_bytes(evidence.to_bytes(invoice.subject, around.attached(invoice))[0])
    cast.answer(cast.question("INV-2"), "approve", by=house.carol)
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.seal().note)
    assert main([str(older)]) == 0
    assert main([str(older), "--checkpoint", str(kept)]) == 1
    assert [f.code for f in check_bundle(read_bundle(older), None, [parse_checkpoint(kept.read_text())])] == [
        "stale_checkpoint"
    ]


def test_a_bundle_made_long_after_its_seal_is_stale(bundle: Path) -> None:
    made = read_bundle(bundle).line_of("made")
    later = (verify._time(made) + timedelta(hours=1)).isoformat()

    def date(files: Files) -> None:
        files["manifest.txt"] = files["manifest.txt"].replace(made.encode(), later.encode())

    assert "stale_checkpoint" in falsified(bundle, date)


def test_a_policy_text_that_is_not_of_its_digest_is_found(bundle: Path) -> None:
    def soften(found: list[dict[str, Any]]) -> None:
        found[0]["text"] = found[0]["text"].replace("10000.00", "90000.00")

    assert falsified(bundle, edit("policies.jsonl", soften)) == {"policy_altered"}
    assert "policy_missing" in falsified(bundle, edit("policies.jsonl", lambda found: found.clear()))


def test_rows_words_and_originals_are_those_that_were_bound(bundle: Path) -> None:
    def row(found: list[dict[str, Any]]) -> None:
        found[0]["row"] = found[0]["row"].replace("coordination", "xoordination", 1)

    assert falsified(bundle, edit("history.jsonl", row)) == {"history_altered"}
    assert "history_missing" in falsified(bundle, edit("history.jsonl", lambda found: found.pop()))
    extra = {"table": "coordination_historicalinvoice", "history_id": "999999", "sha256": "", "row": "[]"}
    assert falsified(bundle, edit("history.jsonl", lambda found: found.append(extra))) == {"history_unbound"}
    assert falsified(bundle, edit("texts.jsonl", lambda found: found[0].update(text="Nobody called."))) == {
        "text_altered"
    }

    def original(files: Files) -> None:
        name = next(n for n in files if n.startswith("documents/"))
        files[name] += b" "

    assert falsified(bundle, original) == {"document_altered"}

    def without(files: Files) -> None:
        del files[next(n for n in files if n.startswith("documents/"))]

    assert "document_missing" in falsified(bundle, without)


def test_files_that_are_not_those_of_the_manifest_are_found(bundle: Path) -> None:
    assert falsified(bundle, lambda files: files.update({"README.txt": b"Trust me."}), signed=False) == {
        "file_altered"
    }
    assert falsified(bundle, lambda files: files.update({"more.txt": b"x"}), signed=False) == {
        "file_unlisted"
    }
    assert falsified(bundle, lambda files: files.pop("README.txt"), signed=False) == {"file_missing"}


def test_what_follows_from_no_answer_is_not_a_person_s(bundle: Path) -> None:
    """Somebody with every key attributes the decision to another person; the chain would have to be sealed
    anew for that."""
    found = read_bundle(bundle)
    for entry in found.entries:
        entry["body"] = entry["body"].replace('"type":"verdict.given"', '"type":"verdict.hidden"')
    assert "decision_without_verdict" in {f.code for f in check_bundle(found)}


# --- retained checkpoints -----------------------------------------------------------------------------------


def test_a_bundle_goes_on_from_checkpoints_that_were_kept(house: Cast, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.seal().note)
    with transaction.atomic():
        cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-9", order_number="PO-2")))
    target = tmp_path / "b.zip"
    call_command("evidence", "INV-1", "-o", str(target), "--since", str(kept), "--json", stdout=io.StringIO())
    assert main([str(target), "--checkpoint", str(kept)]) == 0
    without = tmp_path / "w.zip"
    call_command("evidence", "INV-1", "-o", str(without), "--json", stdout=io.StringIO())
    old = [parse_checkpoint(kept.read_text())]
    assert [f.code for f in check_bundle(read_bundle(without), None, old)] == ["consistency_missing"]

    def bend(found: list[dict[str, Any]]) -> None:
        found[0]["proof"][-1] = "00" * 32

    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
    assert "consistency.jsonl" in names
    files = files_of(target)
    edit("consistency.jsonl", bend)(files)
    changed = read_bundle(target)
    changed.names["consistency.jsonl"] = files["consistency.jsonl"]
    assert "history_rewritten" in {f.code for f in check_bundle(changed, None, old)}


def test_a_checkpoint_of_another_log_is_said_to_be_that(bundle: Path, house: Cast) -> None:
    old = parse_checkpoint(sealing.seal().note)
    other = verify.Checkpoint("elsewhere", 1, old.root, old.subjects, old.heads, old.time, old.note)
    assert [f.code for f in check_bundle(read_bundle(bundle), None, [other])] == ["foreign_log"]
    twin = verify.Checkpoint(
        old.origin, read_bundle(bundle).checkpoint.size, bytes(32), 1, old.heads, old.time, old.note
    )
    assert [f.code for f in check_bundle(read_bundle(bundle), None, [twin])] == ["two_roots"]


# --- unreadable ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["manifest.txt", "checkpoint.txt", "key.txt", "entries.jsonl", "heads.jsonl"]
)
def test_a_bundle_that_lacks_a_part_cannot_be_read(
    bundle: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = files_of(bundle)
    with zipfile.ZipFile(bundle, "w") as archive:
        for other, data in files.items():
            if other != name:
                archive.writestr(other, data)
    assert main([str(bundle)]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x03\x04" + bytes(60)])
def test_what_is_no_bundle_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    assert main([str(tmp_path / "b.zip")]) == 2
    assert main([str(tmp_path / "nothing.zip")]) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("entries.jsonl", b"{"),
        ("entries.jsonl", b"[]\n"),
        ("entries.jsonl", b"{}\n"),
        ("heads.jsonl", b"\xff"),
        ("history.jsonl", b"{}\n"),
    ],
)
def test_lists_that_hold_something_else_cannot_be_read(bundle: Path, name: str, data: bytes) -> None:
    files = files_of(bundle) | {name: data}
    with zipfile.ZipFile(bundle, "w") as archive:
        for other, content in files.items():
            archive.writestr(other, content)
    assert main([str(bundle)]) == 2


def test_a_bundle_that_would_fill_memory_is_not_opened(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_BYTES", 1000)
    with pytest.raises(Unreadable, match="too large"):
        read_bundle(bundle)


def test_a_key_or_checkpoint_that_cannot_be_read_is_said(bundle: Path, tmp_path: Path) -> None:
    assert main([str(bundle), "--vkey", "nonsense"]) == 2
    assert main([str(bundle), "--checkpoint", str(tmp_path / "none")]) == 2
    (tmp_path / "key.txt").write_text(str(keys.signer().key))
    assert main([str(bundle), "--vkey", str(tmp_path / "key.txt")]) == 0


def test_a_bundle_is_read_but_not_believed(bundle: Path) -> None:
    found = read_bundle(bundle)
    assert isinstance(found, Bundle)
    assert found.subject == cast.invoice("INV-2").subject
