"""A bundle that somebody made is read to its end or refused: never believed, and no reason to break off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import verify
from audit.verify import GENESIS, Unreadable, check_bundle, main, parse_checkpoint, parse_key

from .made_bundle import (
    ORIGINAL,
    OTHER_SECRET,
    SUBJECT,
    Files,
    Log,
    digest,
    lines,
    opened,
    packed,
    resigned,
    signed,
    usual,
    verifier_key,
)

HOUR = "2026-11-20T{}:00:00.000000Z"


def codes(files: Files, **options: Any) -> set[str]:
    return {f.code for f in check_bundle(opened(files), **options)}


def changed(name: str, change: Callable[[list[dict[str, Any]]], Any], files: Files | None = None) -> Files:
    """The files after a change of one list, signed anew by who has the key."""
    found = files or usual().files()
    rows = [json.loads(line) for line in found[name].splitlines()]
    change(rows)
    return resigned(found | {name: lines(rows)})


# --- genuine ------------------------------------------------------------------------------------------------


def test_a_bundle_made_as_the_standards_say_is_genuine() -> None:
    assert check_bundle(opened(usual().files())) == []
    assert check_bundle(opened(usual().files()), parse_key(verifier_key())) == []


@pytest.mark.parametrize("others", [0, 1, 2, 5, 8])
def test_it_is_genuine_in_a_log_of_any_size(others: int) -> None:
    log = usual()
    for n in range(others):
        log.append(f"invoice/{n + 10}", "invoice.received", "system:intake", HOUR.format(11))
    assert codes(log.files()) == set()


def test_one_entry_alone_is_genuine_and_said_in_the_singular(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log().append(SUBJECT, "audit.noted", "human:1", HOUR.format(11))
    (tmp_path / "one.zip").write_bytes(packed(log.files()))
    assert main([str(tmp_path / "one.zip"), "--vkey", verifier_key()]) == 0
    assert capsys.readouterr().out == (
        f"{SUBJECT}: genuine and complete, 1 entry as of 2026-11-20T12:00:00.000000Z (tree of 1).\n"
    )


def test_without_a_key_it_is_told_whose_signature_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.zip").write_bytes(packed(usual().files()))
    assert main([str(tmp_path / "b.zip")]) == 0
    said = capsys.readouterr().out
    assert "2 entries as of" in said
    assert f"Signed by {verifier_key()}. Compare this key" in said


# --- each lie has its name ----------------------------------------------------------------------------------


def _drop(place: int) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda rows: rows.pop(place)


def _set(place: int, **values: Any) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda rows: rows[place].update(values)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("entries.jsonl", _drop(0), "sequence_gap"),
        ("entries.jsonl", _drop(1), "tail_missing"),
        ("entries.jsonl", list.clear, "subject_missing"),
        ("entries.jsonl", _set(1, hash="0" * 64), "hash_mismatch"),
        ("entries.jsonl", _set(1, seq="3"), "column_mismatch"),
        ("entries.jsonl", _set(1, leaf="1"), "not_included"),
        ("entries.jsonl", _set(1, leaf="3"), "stale_checkpoint"),
        ("entries.jsonl", _set(1, leaf="-1"), "not_included"),
        ("entries.jsonl", _set(1, proof=[]), "not_included"),
        ("entries.jsonl", _set(0, subject="invoice/9"), "head_missing"),
        ("heads.jsonl", list.clear, "head_missing"),
        ("heads.jsonl", _set(0, seq="1"), "head_not_sealed"),
        ("heads.jsonl", _set(0, hash="0" * 64), "head_not_sealed"),
        ("heads.jsonl", _set(0, index="9"), "head_not_sealed"),
        ("documents.jsonl", list.clear, "document_missing"),
        ("documents.jsonl", _set(0, file="originals/2.xml"), "document_missing"),
        ("documents.jsonl", _set(0, sha256="0" * 64), "document_altered"),
    ],
)
def test_a_list_that_was_changed_is_found_though_the_manifest_is_signed(
    name: str, change: Callable[[list[dict[str, Any]]], Any], code: str
) -> None:
    assert code in codes(changed(name, change))


def test_an_original_that_was_left_out_is_none_that_was_altered() -> None:
    files = changed("documents.jsonl", _set(0, file=""))
    del files["originals/1.xml"]
    assert codes(resigned(files)) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda files: files | {"more.txt": b"x"}, "file_unlisted"),
        (lambda files: files | {"originals/1.xml": ORIGINAL + b" "}, "file_altered"),
        (lambda files: {k: v for k, v in files.items() if k != "originals/1.xml"}, "file_missing"),
    ],
)
def test_files_that_are_not_those_of_the_manifest_are_named(
    change: Callable[[Files], Files], code: str
) -> None:
    assert code in codes(change(usual().files()))


def test_another_key_with_the_same_name_is_another_key() -> None:
    forged = usual().files(secret=OTHER_SECRET)
    assert codes(forged) == set()  # it is sound in itself: whose key it is has to be asked
    assert codes(forged, key=parse_key(verifier_key())) == {"foreign_key"}


def test_a_signature_of_the_key_over_another_text_spoils_the_note() -> None:
    files = usual().files()
    note = files["checkpoint.txt"].decode()
    text, _, under = note.rpartition("\n\n")
    other = text.replace(HOUR.format(12), HOUR.format(13))
    assert other != text
    broken = resigned(files | {"checkpoint.txt": f"{other}\n\n{under}".encode()})
    assert "signature_invalid" in codes(broken)


def test_a_second_signature_that_is_wrong_spoils_a_right_one() -> None:
    files = usual().files()
    note = files["checkpoint.txt"].decode()
    wrong = signed("another text\n").rpartition("\n\n")[2]
    assert "signature_invalid" in codes(resigned(files | {"checkpoint.txt": (note + wrong).encode()}))
    foreign = signed("another text\n", OTHER_SECRET, "witness").rpartition("\n\n")[2]
    assert codes(resigned(files | {"checkpoint.txt": (note + foreign).encode()})) == set()


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("2026-11-20T12:10:00.000000Z", set()),  # ten minutes after its seal
        ("2026-11-20T12:10:00.000001Z", {"stale_checkpoint"}),
        ("2026-11-20T14:10:00.000000+02:00", set()),
        ("yesterday", {"manifest_unreadable"}),
    ],
)
def test_a_bundle_is_made_within_ten_minutes_of_its_seal(made: str, found: set[str]) -> None:
    assert codes(usual().files(made=made)) == found


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("2026-11-20T12:10:00.000000Z", set()),  # clocks differ
        ("2026-11-20T12:10:00.000001Z", {"post_dated"}),
    ],
)
def test_an_entry_is_dated_at_most_ten_minutes_after_the_seal_over_it(time: str, found: set[str]) -> None:
    log = usual().append(SUBJECT, "audit.noted", "human:1", time)
    assert codes(log.files()) == found


def test_an_entry_without_a_predecessor_is_no_first_one() -> None:
    log = Log()
    body = json.dumps(
        {
            "subject": SUBJECT,
            "sequence": "1",
            "prev": "f" * 64,
            "type": "audit.noted",
            "authid": "human:1",
            "time": HOUR.format(11),
        }
    )
    log.add(SUBJECT, 1, body)
    assert codes(log.files()) == {"chain_broken"}
    sound = Log()
    sound.add(SUBJECT, 1, body.replace("f" * 64, GENESIS))
    assert codes(sound.files()) == set()


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([("verdict.given", "human:7"), ("invoice.decided", "human:7")], set()),
        ([("invoice.decided", "human:7")], {"decision_without_verdict"}),
        ([("verdict.given", "human:8"), ("invoice.decided", "human:7")], {"decision_without_verdict"}),
        ([("invoice.decided", "human:7"), ("verdict.given", "human:7")], {"decision_without_verdict"}),
        ([("verdict.given", "agent:finance.payment")], {"verdict_not_human"}),
        ([("invoice.decided", "agent:finance.payment")], set()),
    ],
)
def test_what_is_a_persons_follows_from_an_answer_of_theirs(
    entries: list[tuple[str, str]], found: set[str]
) -> None:
    log = Log()
    for type_, actor in entries:
        log.append(SUBJECT, type_, actor, HOUR.format(11))
    assert codes(log.files()) == found


# --- checkpoints that were kept -----------------------------------------------------------------------------


def test_a_bundle_goes_on_from_a_checkpoint_of_its_own_size_and_needs_a_proof_for_a_smaller_one() -> None:
    files = usual().files()
    same = parse_checkpoint(files["checkpoint.txt"].decode())
    assert codes(files, retained=[same]) == set()
    smaller = Log().append(SUBJECT, "audit.noted", "human:1", HOUR.format(10)).files()
    kept = parse_checkpoint(smaller["checkpoint.txt"].decode())
    assert codes(files, retained=[kept]) == {"consistency_missing"}
    proof = lines([{"size": "1", "proof": ["00" * 32, "11" * 32]}])
    assert codes(resigned(files | {"consistency.jsonl": proof}), retained=[kept]) == {"history_rewritten"}


def test_two_roots_of_one_size_are_told_and_a_larger_tree_was_retained() -> None:
    other = Log()
    for n in range(3):
        other.append(SUBJECT, "audit.noted", f"human:{n}", HOUR.format(10))
    kept = parse_checkpoint(other.files()["checkpoint.txt"].decode())
    assert codes(usual().files(), retained=[kept]) == {"two_roots"}
    larger = other.append(SUBJECT, "audit.noted", "human:9", HOUR.format(10))
    kept = parse_checkpoint(larger.files()["checkpoint.txt"].decode())
    assert codes(usual().files(), retained=[kept]) == {"stale_checkpoint"}


# --- what cannot be read ------------------------------------------------------------------------------------


def deep(text: str = "[") -> str:
    return text * 100_000


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "null",
        "1e999",
        deep(),
        deep('{"a":'),
        json.dumps({"data": {"changes": [["a", "b", "c", "d"]]}}),
        json.dumps({"data": {"changes": "none"}}),
        json.dumps({"type": "invoice.received", "data": {"document": "x"}}),
        json.dumps({"type": "invoice.decided", "data": {"policy": 7}}),
        json.dumps({"type": "policy.activated", "time": "0001-01-01T00:00:00Z", "data": {}}),
        json.dumps({"time": "9999-12-31T23:59:59Z"}),
        "\ud800",
    ],
)
def test_an_entry_of_any_body_is_a_finding_or_unreadable(body: str) -> None:
    log = usual()
    log.add(SUBJECT, 3, body)
    try:
        found = codes(log.files())
    except Unreadable:
        return
    assert found


FACTS = {"orders": [{"line": "10", "item": "Schräubchen"}], "sampling": False}
FACTS_DIGEST = digest('{"orders":[{"item":"Schräubchen","line":"10"}],"sampling":false}'.encode())
LATER = "2026-11-20T11:03:00.000000Z"


def on_facts(
    taken: dict[str, list[str]], *, digest: str = FACTS_DIGEST, subject: str = SUBJECT, after: bool = False
) -> Files:
    """An invoice decided on facts that another entry keeps, `after` the decision if so."""
    log = usual()
    steps = [
        lambda: log.append(subject, "facts.taken", "system:facts", LATER, facts=FACTS, digest=digest),
        lambda: log.append(SUBJECT, "invoice.decided", "agent:finance.payment", LATER, input={}, taken=taken),
    ]
    for step in reversed(steps) if after else steps:
        step()
    return log.files()


def test_facts_that_a_decision_names_are_found_in_its_own_history() -> None:
    assert codes(on_facts({FACTS_DIGEST: ["orders", "sampling"]})) == set()


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (on_facts({FACTS_DIGEST: ["orders", "receipts"]}), {"facts_missing"}),
        (on_facts({"0" * 64: ["orders"]}), {"facts_missing"}),
        (on_facts({FACTS_DIGEST: ["orders"]}, after=True), {"facts_missing"}),
        (on_facts({FACTS_DIGEST: ["orders"]}, subject="invoice/2"), {"facts_missing"}),
        (on_facts({"0" * 64: ["orders"]}, digest="0" * 64), {"facts_altered"}),
    ],
    ids=["another fact", "another digest", "only afterwards", "somebody else's", "not what it says"],
)
def test_facts_that_are_not_there_are_named(files: Files, found: set[str]) -> None:
    assert codes(files) == found


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-20", "noon", ""])
def test_a_seal_of_any_time_is_a_finding_or_unreadable(time: str) -> None:
    log = usual().append(SUBJECT, "policy.activated", "human:1", "0001-01-01T00:00:00Z", sha256="a" * 64)
    log.append(SUBJECT, "invoice.decided", "agent:x", "0001-01-01T00:00:00Z", policy={"sha256": "a" * 64})
    files = log.files(time=time)
    policies = lines([{"sha256": "a" * 64, "text": "x", "revision": "1"}])
    try:
        found = codes(resigned(files | {"policies.jsonl": policies}))
    except Unreadable:
        return
    assert found


@pytest.mark.parametrize(
    "name",
    ["entries.jsonl", "heads.jsonl", "documents.jsonl", "history.jsonl", "texts.jsonl", "policies.jsonl"],
)
@pytest.mark.parametrize("row", [{}, {"subject": 1}, {"seq": []}, {"sha256": None, "text": 1, "salt": "zz"}])
def test_a_row_of_any_kind_is_a_finding_or_unreadable(name: str, row: dict[str, Any]) -> None:
    files = usual().files()
    more = files.get(name, b"") + lines([row])
    try:
        found = codes(resigned(files | {name: more}))
    except Unreadable:
        return
    assert found or name in {"documents.jsonl", "texts.jsonl"}


def test_a_bundle_whose_compressed_bytes_are_torn_is_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = usual().files()
    whole = packed(files)
    start = whole.index(b"entries.jsonl") + len("entries.jsonl")
    torn = whole[:start] + b"\xff" * 40 + whole[start + 40 :]
    (tmp_path / "torn.zip").write_bytes(torn)
    assert main([str(tmp_path / "torn.zip")]) == 2
    assert "no evidence bundle" in capsys.readouterr().err


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_that_was_turned_is_told_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(WHOLE)
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "turned.zip"
    path.write_bytes(whole)
    ended = main([str(path), "--vkey", verifier_key()])
    assert ended in {0, 1, 2}
    if ended == 0:
        assert verify.read_bundle(path).names == opened(usual().files()).names


WHOLE = packed(usual().files())


def test_a_bundle_names_its_original_by_digest() -> None:
    assert json.loads(usual().files()["documents.jsonl"])["sha256"] == digest(ORIGINAL)
