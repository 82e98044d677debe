"""The sealer: everything gets a place once, whatever order it was committed in; keys, sinks, commands."""

from __future__ import annotations

import io
import json
import stat
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from audit import keys, ledger, proofs, sealing, sinks, tlog
from audit.models import Checkpoint, Entry, Head, Leaf, Node
from audit.verify import consistent, parse_checkpoint, parse_checkpoints, parse_key, root_of_proof
from coordination.assurance import verification
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def write(count: int, subject: str = "chair") -> None:
    ledger.append(
        [
            ledger.Event(f"{subject}/{n % 40}", "chair.moved", "system:test", cast.moment(), {"n": str(n)})
            for n in range(count)
        ]
    )


def hashes() -> list[bytes]:
    order = list(Leaf.objects.order_by("leaf_index").values_list("entry_id", flat=True))
    known = dict(Entry.objects.values_list("id", "hash"))
    return [bytes.fromhex(known[entry]) for entry in order]


# --- places -------------------------------------------------------------------------------------------------


def test_every_entry_gets_one_place_and_the_root_is_that_of_all() -> None:
    write(10)
    first = sealing.seal()
    assert first.size == Entry.objects.count() == Leaf.objects.count()
    assert tlog.root(hashes()).hex() == first.root
    write(700)
    second = sealing.seal(thorough=False)
    assert (second.fresh, second.size) == (700, first.size + 700)
    assert tlog.root(hashes()).hex() == second.root
    assert list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == list(
        range(second.size)
    )
    assert Node.objects.filter(level=8).count() == second.size // 256


def test_nothing_new_makes_no_new_checkpoint() -> None:
    write(3)
    first = sealing.seal()
    again = sealing.seal()
    assert (again.size, again.root, again.note, again.fresh) == (first.size, first.root, first.note, 0)
    assert Checkpoint.objects.count() == 1


def test_a_backlog_is_sealed_in_several_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 100)
    write(350)
    sealed = sealing.seal()
    assert sealed.size == Entry.objects.count()
    assert Checkpoint.objects.count() >= 4
    assert verification.run().findings == []


def test_a_large_tree_is_continued_from_stored_subtrees() -> None:
    write(66_000)
    sealed = sealing.seal()
    assert {n.level for n in Node.objects.only("level")} == {8, 16}
    assert proofs.compact_range(sealed.size).root().hex() == sealed.root
    write(5)
    after = sealing.seal()
    assert tlog.root(hashes()).hex() == after.root
    there, size = hashes(), after.size
    for index, path in proofs.inclusion([0, 255, 256, 65_535, 65_536, size - 1], size).items():
        assert root_of_proof(there[index], index, size, path) == bytes.fromhex(after.root)
    roots = bytes.fromhex(sealed.root), bytes.fromhex(after.root)
    assert consistent(sealed.size, size, roots, proofs.consistency(sealed.size, size))


def test_the_heads_name_the_last_entry_of_every_subject() -> None:
    write(90)
    sealed = parse_checkpoint(sealing.seal().note)
    write(50)
    sealed = parse_checkpoint(sealing.seal().note)
    assert sealed.subjects == Head.objects.count() == Entry.objects.values("subject").distinct().count()
    for head in proofs.heads(["chair/1", "chair/39", keys.SUBJECT]):
        last = Entry.objects.filter(subject=head.subject).order_by("-seq")[0]
        assert (head.seq, head.hash) == (last.seq, last.hash)
        leaf = sealing.head_leaf(head.subject, head.seq, head.hash)
        assert root_of_proof(leaf, head.index, sealed.subjects, head.proof) == sealed.heads


def test_an_entry_of_an_older_transaction_is_sealed_all_the_same() -> None:
    """Numbers of another server, after a restore: a thorough seal trusts no shortcut."""
    write(2)
    sealing.seal()
    write(1, "late")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET tx = 1 WHERE subject LIKE 'late/%'")
        assert cursor.rowcount == 1
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    assert sealing.seal(thorough=True).fresh == 1


def test_a_floor_of_a_server_that_counted_further_is_not_used() -> None:
    write(2)
    sealing.seal()
    latest = sealing.latest()
    assert latest is not None
    latest.floor = 2**62
    assert sealing._floor(latest) == 0


def test_the_lag_is_the_age_of_what_waits() -> None:
    write(1)
    sealing.seal()
    assert sealing.lag().count == 0
    ledger.append([ledger.Event("x/1", "x.moved", "system:test", cast.moment() - timedelta(seconds=121), {})])
    behind = sealing.lag()
    assert (behind.count, behind.late) == (1, True)
    sealing.seal()
    assert not sealing.lag().late


# --- verification -------------------------------------------------------------------------------------------


def test_a_verification_is_an_entry_and_later_ones_go_on_from_it(people: Cast) -> None:
    cast.trade()
    sealing.seal()
    verification.record(verification.run(), "system:verify")
    since = verification.last_clean()
    assert since is not None
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-2")))
    cast.drain()
    sealing.seal()
    part = verification.run(incremental=True)
    assert part.findings == []
    assert part.since == since.size
    assert 0 < part.entries < Entry.objects.count() - since.size + 5
    assert (part.size, part.root) == (verification.run().size, verification.run().root)


def test_an_incremental_verification_finds_what_is_wrong_with_what_is_new(people: Cast) -> None:
    from tests.audit.administrator import attack

    cast.trade()
    sealing.seal()
    verification.record(verification.run(), "system:verify")
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-2")))
    sealing.seal()
    row = Entry.objects.filter(type="receipt.recorded").order_by("-id")[0]
    attack("audit_entry", "UPDATE audit_entry SET body = replace(body, 'GR-2', 'GR-3') WHERE id = %s", row.id)
    assert "hash_mismatch" in {f.code for f in verification.run(incremental=True).findings}
    verification.record(verification.run(), "system:verify")
    assert verification.last_clean() is None
    assert verification.run(incremental=True).since == 0


def test_verifying_again_finds_nothing_of_the_first_time(people: Cast) -> None:
    cast.trade()
    for _ in range(3):
        found = verification.run()
        assert found.findings == []
        verification.record(found, "system:verify")
        sealing.seal()
    assert cast.entries(verification.SUBJECT) == ["ledger.verified"] * 3


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_keys(settings: Any, tmp_path: Path) -> Path:
    """A data folder of its own, so that a change of key concerns nobody else."""
    settings.COUNTERSIGN_DATA = tmp_path
    return tmp_path / "keys" / "seal.key"


def test_the_key_is_named_before_it_signs_and_is_its_owner_s_alone(own_keys: Path) -> None:
    write(1)
    sealed = parse_checkpoint(sealing.seal().note)
    key = parse_key(keys.announced())
    assert sealed.note.signed_by(key)
    assert cast.entries(keys.SUBJECT) == ["seal.key_made"]
    assert stat.S_IMODE(own_keys.stat().st_mode) == 0o600
    assert own_keys.with_suffix(".vkey").read_text() == f"{key}\n"
    assert {f.name for f in own_keys.parent.iterdir()} == {"seal.key", "seal.vkey"}


def test_a_new_key_is_signed_by_the_old_one_and_goes_on_sealing(own_keys: Path) -> None:
    write(1)
    sealing.seal()
    old = own_keys.read_bytes()
    new = keys.rotate("system:test")
    assert own_keys.read_bytes() != old
    write(1)
    assert parse_checkpoint(sealing.seal().note).note.signed_by(new)
    assert {f.name for f in own_keys.parent.iterdir()} == {"seal.key", "seal.vkey"}
    assert own_keys.with_suffix(".vkey").read_text() == f"{new}\n"
    assert cast.entries(keys.SUBJECT) == ["seal.key_made", "seal.key_changed"]
    assert verification.run().findings == []


def test_a_key_that_nobody_signed_is_found(own_keys: Path) -> None:
    write(1)
    sealing.seal()
    keys.rotate("system:test")
    body = Entry.objects.get(subject=keys.SUBJECT, seq=2).body
    data = ledger.data_of(body)
    assert keys.changed_by(data)
    assert not keys.changed_by(data | {"key": data["before"]})
    assert not keys.changed_by(data | {"signature": "AAAA"})
    assert not keys.changed_by({"key": data["key"]})


def test_a_change_of_key_that_was_broken_off_leaves_the_old_one(own_keys: Path) -> None:
    write(1)
    sealing.seal()
    old = own_keys.read_bytes()
    kept = own_keys.with_suffix(".old")
    kept.write_bytes(old)
    own_keys.write_bytes(b"\x05" * 32)  # the file had changed, the entry was never committed
    keys._settle(own_keys, kept)
    assert own_keys.read_bytes() == old
    assert not kept.exists()


def test_a_lost_key_is_replaced_and_the_ledger_says_so(own_keys: Path) -> None:
    write(1)
    sealing.seal()
    own_keys.unlink()
    write(1)
    assert verification.run().findings == []
    sealing.seal()
    assert cast.entries(keys.SUBJECT) == ["seal.key_made", "seal.key_replaced"]
    assert verification.run().findings == []


def test_a_file_that_is_no_key_is_said(own_keys: Path) -> None:
    own_keys.parent.mkdir()
    own_keys.write_bytes(b"short")
    write(1)
    with pytest.raises(keys.KeyUnusable, match="Restore it"):
        sealing.seal()
    assert not Checkpoint.objects.exists()


# --- sinks --------------------------------------------------------------------------------------------------


def note() -> str:
    write(1)
    return sealing.seal().note


def test_checkpoints_are_appended_where_they_are_kept(settings: Any, tmp_path: Path) -> None:
    settings.COUNTERSIGN_DATA = tmp_path / "data"
    settings.COUNTERSIGN_CHECKPOINTS = [str(tmp_path / "worm"), "mailto:auditor@company.example"]
    first, second = note(), note()
    for text in (first, second):
        sinks.keep(text)
    [file] = (tmp_path / "worm").iterdir()
    assert [c.note.text for c in parse_checkpoints(file.read_text())] == [
        parse_checkpoint(n).note.text for n in (first, second)
    ]
    assert sinks.file().read_text() == file.read_text()


def test_a_folder_that_cannot_be_written_stops_nothing(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    settings.COUNTERSIGN_DATA = tmp_path / "data"
    settings.COUNTERSIGN_CHECKPOINTS = [str(tmp_path / "file" / "under")]
    caplog.set_level("ERROR")
    sinks.keep(note())
    assert "could not be kept" in caplog.text
    assert sinks.file().exists()


def test_checkpoints_on_disk_that_cannot_be_read_are_said(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COUNTERSIGN_DATA = tmp_path
    assert sinks.kept() == []
    assert caplog.text == ""
    sinks.keep(note())
    assert len(sinks.kept()) == 1
    sinks.file().write_text("scratched")
    assert sinks.kept() == []
    assert "nothing is compared with them" in caplog.text


def test_a_checkpoint_goes_out_by_mail(settings: Any) -> None:
    settings.COUNTERSIGN_CHECKPOINTS = ["mailto:auditor@company.example"]
    text = note()
    assert sinks.send(text) == []
    [sent] = mail.outbox
    assert (sent.to, sent.body) == (["auditor@company.example"], text)


def test_a_checkpoint_is_posted_and_a_refusal_is_said(settings: Any) -> None:
    got: list[bytes] = []

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if len(got) > 1 else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        settings.COUNTERSIGN_CHECKPOINTS = [f"http://127.0.0.1:{server.server_port}/checkpoints"]
        text = note()
        assert sinks.send(text) == []
        assert got == [text.encode()]
        [failed] = sinks.send(text)
        assert "500" in failed
    finally:
        server.shutdown()
        server.server_close()


# --- commands -----------------------------------------------------------------------------------------------


def run(name: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(name, *arguments, "--json", stdout=out, stderr=err)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    return code, json.loads(out.getvalue() or "{}"), err.getvalue()


def test_seal_and_verify_say_the_same_tree(people: Cast, tmp_path: Path) -> None:
    cast.trade()
    code, sealed, _ = run("seal")
    assert code == 0
    assert sealed["entries"] == sealed["size"] == Entry.objects.count()
    code, verified, _ = run("verify")
    assert (code, verified["findings"]) == (0, [])
    assert (verified["size"], verified["root"]) == (sealed["size"], sealed["root"])
    file = tmp_path / "kept.txt"
    file.write_text(Checkpoint.objects.get().note)
    assert run("verify", "--checkpoint", str(file))[0] == 0


def test_verify_says_each_finding_with_code_subject_and_sentence(people: Cast, tmp_path: Path) -> None:
    cast.trade()
    file = tmp_path / "kept.txt"
    file.write_text(run("seal")[1]["note"].replace("countersign\n", "another\n", 1))
    code, verified, _ = run("verify", "--checkpoint", str(file))
    assert code == 1
    [finding] = verified["findings"]
    assert finding.keys() == {"code", "subject", "seq", "detail"}
    assert finding["code"] == "foreign_log"


@pytest.mark.parametrize("content", [None, "", "no checkpoint"])
def test_a_file_without_a_checkpoint_is_said(people: Cast, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "kept.txt"
    if content is not None:
        file.write_text(content)
    code, _, told = run("verify", "--checkpoint", str(file))
    assert code == 2
    assert "kept.txt cannot be read as checkpoints" in told


def test_the_key_is_changed_by_command(own_keys: Path) -> None:
    write(1)
    run("seal")
    code, sealed, told = run("seal", "--rotate-key")
    assert code == 0
    assert sealed["key"] in told
    assert cast.entries(keys.SUBJECT) == ["seal.key_made", "seal.key_changed"]
