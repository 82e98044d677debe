"""Verify an evidence bundle, without the product: `python verify.py BUNDLE [--vkey K] [--checkpoint FILE]`.

This one file needs Python 3.11 and the library `cryptography`, nothing else; a copy of it lies in every
bundle. Compare it with the copy of the product's release, and the key with the one you were given. Exit code
0: genuine and complete; 1: not, with one line for each finding; 2: no bundle that can be read.

The product verifies its database with the same functions. Each finding has a code, a subject, a sequence
number and a sentence. Sources: RFC 6962 and RFC 9162 (Merkle trees), C2SP signed-note and tlog-checkpoint
(signatures), RFC 8032.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import math
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64
FORMAT = "countersign-evidence/1"
OVERSIGHT = "countersign-oversight/1"
"""First lines of manifests: a bundle about one subject, and a statement about known-answer cases."""
STALE = timedelta(minutes=10)
"""A bundle is sealed when it is made; an older checkpoint in it was put there."""
LATE = timedelta(minutes=10)
"""How long after its time an entry may come under a seal: the longest transaction, and clocks that differ."""
MOST_MEMBERS, MOST_BYTES = 20_000, 1 << 29


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be."""

    code: str
    subject: str
    seq: int | None
    detail: str

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "subject": self.subject, "seq": self.seq, "detail": self.detail}

    def __str__(self) -> str:
        return f"{self.code} {self.subject}{f' #{self.seq}' if self.seq else ''}: {self.detail}"


class Unreadable(Exception):
    """This cannot be read as what it should be."""


# --- entries and chains -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A ledger row as stored."""

    id: int
    subject: str
    seq: int
    prev: str
    body: str
    hash: str
    type: str
    actor: str
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A history row as an entry names it."""

    table: str
    key: str
    history_id: int
    sha256: str


def leaf_hash(body: bytes) -> str:
    """RFC 6962 2.1 leaf hash, `SHA-256(0x00 || body)`, in hexadecimal: chain and tree share it."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


def read_body(row: EntryRow) -> Any:
    """The body as JSON; None when it is none."""
    try:
        return json.loads(row.body)
    except (ValueError, RecursionError):
        return None


def check_entry(row: EntryRow, body: Any) -> Iterator[Finding]:
    """Body, hash and the columns that repeat the body agree. `body`: what `read_body` made of it."""
    if leaf_hash(row.body.encode()) != row.hash:
        yield Finding(
            "hash_mismatch", row.subject, row.seq, "The body does not give the hash that is stored with it."
        )
    if not isinstance(body, dict):
        yield Finding("body_unreadable", row.subject, row.seq, "The body is no JSON object.")
        return
    stored = {
        "subject": row.subject,
        "sequence": str(row.seq),
        "prev": row.prev,
        "type": row.type,
        "authid": row.actor,
        "time": row.recorded_at,
    }
    for name, value in stored.items():
        if body.get(name) != value:
            yield Finding(
                "column_mismatch", row.subject, row.seq, f"The column for {name} does not repeat the body."
            )


def _first(row: EntryRow) -> tuple[int, str]:  # noqa: ARG001 - it depends on nothing here
    return 0, GENESIS


def check_chain(
    rows: Iterable[EntryRow], before: Callable[[EntryRow], tuple[int, str]] = _first
) -> Iterator[Finding]:
    """Rows in order of subject and sequence: each follows the one before, without a gap.

    `before` says what precedes the first row of a subject: sequence and hash; by default nothing does.
    """
    subject, seq, prev = "", 0, GENESIS
    for row in rows:
        if row.subject != subject:
            subject = row.subject
            seq, prev = before(row)
        if row.seq != seq + 1:
            yield Finding(
                "sequence_gap", row.subject, row.seq, f"Entry {seq + 1} is missing before entry {row.seq}."
            )
        elif row.prev != prev:
            yield Finding(
                "chain_broken", row.subject, row.seq, f"Entry {row.seq} does not follow the entry before it."
            )
        seq, prev = row.seq, row.hash


def bound_rows(body: Any) -> list[Bound]:
    """The history rows that an entry's body binds."""
    try:
        changes = body.get("data", {}).get("changes", [])
        return [Bound(table, key, int(history_id), sha) for table, key, history_id, sha in changes]
    except (ValueError, AttributeError, TypeError):
        return []


# --- trees (RFC 6962 2.1, RFC 9162 2.1.3 and 2.1.4) ---------------------------------------------------------


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 || left || right)`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def head_leaf(subject: str, seq: int, hash_: str) -> bytes:
    """Leaf of the tree of heads: the last entry of one subject. A JSON array, so that it is no entry."""
    text = json.dumps([subject, str(seq), hash_], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def root_of_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162 2.1.3.2); None when the proof has the wrong
    length."""
    if not 0 <= index < size:
        return None
    here, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if here & 1 or here == last:
            root = node_hash(sibling, root)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        here, last = here >> 1, last >> 1
    return root if last == 0 else None


def consistent(first: int, second: int, roots: tuple[bytes, bytes], proof: Sequence[bytes]) -> bool:
    """Is the tree of `first` leaves the beginning of the tree of `second` leaves? (RFC 9162 2.1.4.2)"""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and roots[0] == roots[1]
    path = [roots[0], *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return (old, new, last) == (*roots, 0)


# --- signed notes and checkpoints (C2SP) --------------------------------------------------------------------

ED25519 = b"\x01"


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Key:
    """A public Ed25519 key with the name it signs under."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


def parse_key(text: str) -> Key:
    """A verifier key `name+id+base64`. Raises `Unreadable`."""
    name, _, rest = text.strip().partition("+")
    number, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Unreadable("The key is not a verifier key: its last part is no base64.") from error
    if not name or len(raw) != 33 or raw[:1] != ED25519 or key_id(name, raw[1:]).hex() != number:
        raise Unreadable("The key is not an Ed25519 verifier key (name+id+base64).")
    return Key(name, raw[1:])


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: its text, and the signatures under it as (name, key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signed_by(self, key: Key) -> bool:
        """Is there a valid signature of this key? A signature that claims the key and is wrong spoils it."""
        claimed = [sig for name, number, sig in self.signatures if (name, number) == (key.name, key.id)]
        try:
            for sig in claimed:
                Ed25519PublicKey.from_public_bytes(key.public).verify(sig, self.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return bool(claimed)

    def names(self, key: Key) -> bool:
        return any((name, number) == (key.name, key.id) for name, number, _ in self.signatures)


SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


def parse_note(note: str) -> Note:
    """A note with its signatures. Raises `Unreadable`."""
    text, gap, under = note.rpartition("\n\n")
    found = [SIGNATURE.fullmatch(line) for line in under.splitlines()]
    if not gap or not found or None in found or not note.endswith("\n"):
        raise Unreadable("This is no signed note: text, an empty line, then lines of signatures.")
    signatures = []
    for match in found:
        raw = _base64(match[2] if match else "")
        signatures.append((match[1] if match else "", raw[:4], raw[4:]))
    return Note(text + "\n", tuple(signatures))


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Unreadable(f"{text[:20]} is no base64.") from error


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed root: of how many entries, when, and the root of the heads (one leaf for each subject)."""

    origin: str
    size: int
    root: bytes
    subjects: int
    heads: bytes
    time: str
    note: Note


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint as C2SP tlog-checkpoint has it, with our two extension lines. Raises `Unreadable`."""
    note = parse_note(text)
    lines = note.text.splitlines()
    try:
        origin, size, root = lines[0], int(lines[1]), _base64(lines[2])
        more = dict(line.split(" ", 1) for line in lines[3:] if " " in line)
        subjects, heads = more["heads"].split(" ")
        return Checkpoint(origin, size, root, int(subjects), _base64(heads), more["time"], note)
    except (IndexError, KeyError, ValueError) as error:
        raise Unreadable(f"This is no checkpoint of a Countersign ledger: {error}") from error


def parse_checkpoints(text: str) -> list[Checkpoint]:
    """Checkpoints one after the other, as a file to which each is appended has them. Raises `Unreadable`."""
    parts = re.split(r"(?<=\n)(?=[^\n—][^\n]*\n\d+\n[A-Za-z0-9+/=]{44}\n)", text.replace("\r\n", "\n"))
    found = [parse_checkpoint(part.rstrip("\n") + "\n") for part in parts if part.strip()]
    if not found:
        raise Unreadable("There is no checkpoint in this file.")
    return found


# --- evidence bundles ---------------------------------------------------------------------------------------


@dataclass
class Bundle:
    """What a bundle holds, read but not believed."""

    names: dict[str, bytes]
    manifest: Note
    key: Key
    checkpoint: Checkpoint
    entries: list[dict[str, Any]]
    heads: list[dict[str, Any]]

    @property
    def format(self) -> str:
        return self.manifest.text.partition("\n")[0]

    @property
    def subject(self) -> str:
        return self.line_of("subject")

    def line_of(self, name: str) -> str:
        """A line `name value` of the manifest."""
        return next(
            (x.partition(" ")[2] for x in self.manifest.text.splitlines() if x.startswith(f"{name} ")), ""
        )

    def rows(self, name: str) -> list[dict[str, Any]]:
        return _lines(self.names.get(name, b""))

    def of(self, *types: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Entries of these types with their bodies."""
        for entry in self.entries:
            body = _body(entry)
            if body.get("type") in types and isinstance(body.get("data"), dict):
                yield entry, body


def _lines(data: bytes) -> list[dict[str, Any]]:
    try:
        found = [json.loads(line) for line in data.decode().split("\n") if line]
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"A list of the bundle cannot be read: {error}") from error
    if not all(isinstance(row, dict) for row in found):
        raise Unreadable("A list of the bundle holds something else than objects.")
    return found


def _body(entry: dict[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(entry["body"])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_bundle(path: Path) -> Bundle:
    """Open a bundle. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_BYTES:
                raise Unreadable("The bundle is too large to be one.")
            if len({m.filename for m in members}) != len(members):
                raise Unreadable("The bundle holds two files of one name.")
            names = {m.filename: archive.read(m) for m in members}
        return Bundle(
            names,
            parse_note(names["manifest.txt"].decode()),
            parse_key(names["key.txt"].decode()),
            parse_checkpoint(names["checkpoint.txt"].decode()),
            _lines(names["entries.jsonl"]),
            _lines(names["heads.jsonl"]),
        )
    except KeyError as error:
        raise Unreadable(f"The bundle has no {error.args[0]}.") from error
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise Unreadable(f"{path} is no evidence bundle: {error}") from error


def check_bundle(
    bundle: Bundle, key: Key | None = None, retained: Sequence[Checkpoint] = ()
) -> list[Finding]:
    """Everything that is wrong with a bundle. `key`: the one it has to be signed with (default: the one it
    brings)."""
    try:
        if bundle.format == OVERSIGHT:
            return list(_check_statement(bundle, key or bundle.key, retained))
        return [
            *_check_signatures(bundle, key or bundle.key),
            *_check_retained(bundle, retained),
            *_check_entries(bundle),
            *_check_subject(bundle),
            *_check_complete(bundle),
            *_check_history(bundle),
            *_check_policies(bundle),
            *_check_taken(bundle),
            *_check_people(bundle),
            *_check_texts(bundle),
            *_check_documents(bundle),
            *_check_files(bundle),
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"A list of the bundle lacks what it should hold: {error!r}") from error


def _check_signatures(bundle: Bundle, key: Key) -> Iterator[Finding]:
    for what, note in (("checkpoint", bundle.checkpoint.note), ("manifest", bundle.manifest)):
        if not note.names(key):
            signers = ", ".join(f"{name}+{number.hex()}" for name, number, _ in note.signatures)
            detail = f"The {what} is signed by {signers}, not by {key.name}+{key.id.hex()}."
            yield Finding("foreign_key", what, None, detail)
        elif not note.signed_by(key):
            yield Finding(
                "signature_invalid", what, None, f"The signature under the {what} is not over this text."
            )
    if bundle.checkpoint.origin != key.name:
        yield Finding(
            "foreign_log", "checkpoint", None, f"The checkpoint is of the log {bundle.checkpoint.origin}."
        )
    try:
        age = _time(bundle.line_of("made")) - _time(bundle.checkpoint.time)
    except ValueError:
        yield Finding("manifest_unreadable", "manifest", None, "The manifest does not say when it was made.")
        return
    if age > STALE:
        detail = f"The checkpoint is of {bundle.checkpoint.time}, the bundle was made {age} later."
        yield Finding("stale_checkpoint", "checkpoint", None, detail)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _check_retained(bundle: Bundle, retained: Sequence[Checkpoint]) -> Iterator[Finding]:
    """The bundle's tree goes on from every checkpoint that the auditor kept."""
    proofs = {
        int(row["size"]): [bytes.fromhex(h) for h in row["proof"]] for row in bundle.rows("consistency.jsonl")
    }
    now = bundle.checkpoint
    for old in retained:
        if old.origin != now.origin:
            yield Finding(
                "foreign_log", "checkpoint", None, f"The retained checkpoint is of the log {old.origin}."
            )
        elif old.size > now.size:
            detail = (
                f"The bundle knows {now.size} entries; the retained checkpoint of {old.time} had {old.size}"
                " already."
            )
            yield Finding("stale_checkpoint", "checkpoint", None, detail)
        elif old.size == now.size and old.root != now.root:
            detail = f"Two roots of one size {old.size}: the bundle's is not the retained one."
            yield Finding("two_roots", "checkpoint", None, detail)
        elif old.size < now.size and old.size not in proofs:
            detail = (
                f"No proof leads from the retained checkpoint of {old.size} entries: ask for one (evidence"
                " --since FILE)."
            )
            yield Finding("consistency_missing", "checkpoint", None, detail)
        elif old.size < now.size and not consistent(
            old.size, now.size, (old.root, now.root), proofs[old.size]
        ):
            detail = f"The bundle's tree is not a continuation of the retained one of {old.size} entries."
            yield Finding("history_rewritten", "checkpoint", None, detail)


def _check_entries(bundle: Bundle) -> Iterator[Finding]:
    """Hashes, chains, and that each entry is in the sealed tree at its place."""
    rows = []
    for entry in bundle.entries:
        body = _body(entry)
        rows.append(
            EntryRow(
                0,
                entry["subject"],
                int(entry["seq"]),
                body.get("prev", ""),
                entry["body"],
                entry["hash"],
                body.get("type", ""),
                body.get("authid", ""),
                body.get("time", ""),
            )
        )
        yield from check_entry(rows[-1], body or None)
        yield from _check_included(bundle.checkpoint, entry, body)
    yield from check_chain(sorted(rows, key=lambda r: (r.subject.encode(), r.seq)))


def _check_included(checkpoint: Checkpoint, entry: dict[str, Any], body: dict[str, Any]) -> Iterator[Finding]:
    subject, seq = entry["subject"], int(entry["seq"])
    leaf, proof = bytes.fromhex(leaf_hash(entry["body"].encode())), [bytes.fromhex(h) for h in entry["proof"]]
    if int(entry["leaf"]) >= checkpoint.size:
        detail = (
            f"The checkpoint covers {checkpoint.size} entries; this one is number {entry['leaf']} and came"
            " after it."
        )
        yield Finding("stale_checkpoint", subject, seq, detail)
    elif root_of_proof(leaf, int(entry["leaf"]), checkpoint.size, proof) != checkpoint.root:
        yield Finding(
            "not_included",
            subject,
            seq,
            "The proof does not lead to the signed root: this entry was not sealed.",
        )
    elif _time(body["time"]) > _time(checkpoint.time) + LATE:
        yield Finding("post_dated", subject, seq, f"It is dated {body['time']}, after the seal over it.")


def _check_subject(bundle: Bundle) -> Iterator[Finding]:
    if bundle.subject not in {entry["subject"] for entry in bundle.entries}:
        yield Finding(
            "subject_missing", bundle.subject, None, "The bundle holds no entry of what it is about."
        )


def _check_complete(bundle: Bundle) -> Iterator[Finding]:
    """The last entry of each subject is the one that the sealed heads name: nothing is missing at the end."""
    last: dict[str, tuple[int, str]] = {}
    for entry in bundle.entries:
        last[entry["subject"]] = max(last.get(entry["subject"], (0, "")), (int(entry["seq"]), entry["hash"]))
    heads = {row["subject"]: row for row in bundle.heads}
    for subject in sorted(last.keys() | heads.keys()):
        if subject not in heads:
            yield Finding("head_missing", subject, None, "No sealed head says how many entries there are.")
            continue
        head, there = heads[subject], last.get(subject, (0, ""))
        beside = bundle.format == OVERSIGHT and subject not in last and not subject.startswith(CASES)
        leaf = head_leaf(subject, int(head["seq"]), head["hash"])
        proof = [bytes.fromhex(h) for h in head["proof"]]
        if (
            root_of_proof(leaf, int(head["index"]), bundle.checkpoint.subjects, proof)
            != bundle.checkpoint.heads
        ):
            yield Finding(
                "head_not_sealed", subject, int(head["seq"]), "The head is not the one that was sealed."
            )
        elif beside:  # it only shows where the heads of cases begin and end
            continue
        elif there[0] < int(head["seq"]):
            detail = f"The sealed history has {head['seq']} entries; here it ends with {there[0]}."
            yield Finding("tail_missing", subject, there[0], detail)
        elif there != (int(head["seq"]), head["hash"]):
            yield Finding(
                "head_mismatch",
                subject,
                there[0],
                "The last entry is not the one that the sealed head names.",
            )


def _check_history(bundle: Bundle) -> Iterator[Finding]:
    """Each row version that an entry binds is there, as it was bound."""
    there = {(r["table"], int(r["history_id"])): r["row"] for r in bundle.rows("history.jsonl")}
    for entry in bundle.entries:
        subject, seq = entry["subject"], int(entry["seq"])
        for bound in bound_rows(_body(entry)):
            text = there.pop((bound.table, bound.history_id), None)
            what = f"Version {bound.history_id} of {bound.table}"
            if text is None:
                yield Finding("history_missing", subject, seq, f"{what} is not in the bundle.")
            elif hashlib.sha256(text.encode()).hexdigest() != bound.sha256:
                yield Finding("history_altered", subject, seq, f"{what} is not what was recorded.")
    for table, number in there:
        yield Finding(
            "history_unbound",
            bundle.subject,
            None,
            f"Version {number} of {table} is in no entry of the bundle.",
        )


def _check_policies(bundle: Bundle) -> Iterator[Finding]:
    """Each decision cites a policy whose text is here and that was in force at its time."""
    texts = {}
    for row in bundle.rows("policies.jsonl"):
        texts[row["sha256"]] = row["text"]
        if hashlib.sha256(row["text"].encode()).hexdigest() != row["sha256"]:
            yield Finding(
                "policy_altered",
                f"policy/{row['revision']}",
                None,
                "The policy text is not that of its digest.",
            )
    active = sorted((_time(b["time"]), b["data"].get("sha256")) for _, b in bundle.of("policy.activated"))
    for entry, body in bundle.of("invoice.decided"):
        cited = (body["data"].get("policy") or {}).get("sha256")
        if cited is None:
            continue
        if cited not in texts:
            yield Finding(
                "policy_missing",
                entry["subject"],
                int(entry["seq"]),
                "The policy it cites is not in the bundle.",
            )
        elif not in_force(active, cited, _time(body["time"])):
            detail = "The policy it cites was not the one in force."
            yield Finding("policy_not_active", entry["subject"], int(entry["seq"]), detail)


def in_force(active: Sequence[tuple[datetime, str | None]], cited: str, at: datetime) -> bool:
    """Was this policy the active one at that time? Around a change both may be: a batch finishes on what it
    began with."""
    before = [sha for since, sha in active if since <= at - LATE]
    around = [sha for since, sha in active if at - LATE < since <= at]
    return cited in [*before[-1:], *around]


def _check_taken(bundle: Bundle) -> Iterator[Finding]:
    """Facts are what their digest says, and what an entry takes of them an earlier one of its history has."""
    there: dict[tuple[str, str], set[str]] = {}
    for entry, body in sorted(bundle.of("facts.taken", "invoice.decided"), key=lambda e: int(e[0]["seq"])):
        subject, seq, data = entry["subject"], int(entry["seq"]), body["data"]
        for digest, names in (data.get("taken") or {}).items():
            if missing := ", ".join(sorted(set(names) - there.get((subject, digest), set()))):
                detail = f"No earlier entry has {missing} of the facts {digest[:12]}, which it names."
                yield Finding("facts_missing", subject, seq, detail)
        if body["type"] == "facts.taken":
            if canonical_digest(data["facts"]) != data["digest"]:
                yield Finding("facts_altered", subject, seq, "The facts are not those of their digest.")
            there[subject, data["digest"]] = set(data["facts"])


def canonical_digest(value: object) -> str:
    """SHA-256 of strings, booleans, lists and objects as canonical JSON (RFC 8785)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check_people(bundle: Bundle) -> Iterator[Finding]:
    """What is attributed to a person follows from an answer of that person."""
    answered: set[tuple[str, str]] = set()
    for entry, body in bundle.of("verdict.given", "invoice.decided"):
        actor = str(body.get("authid", ""))
        if body["type"] == "verdict.given":
            answered.add((entry["subject"], actor))
            if not actor.startswith("human:"):
                yield Finding(
                    "verdict_not_human",
                    entry["subject"],
                    int(entry["seq"]),
                    f"A verdict was given by {actor}.",
                )
        elif actor.startswith("human:") and (entry["subject"], actor) not in answered:
            detail = f"The decision is attributed to {actor}, who had given no answer."
            yield Finding("decision_without_verdict", entry["subject"], int(entry["seq"]), detail)


def _check_texts(bundle: Bundle) -> Iterator[Finding]:
    """Words of people are those that were committed to. What was erased is listed without them."""
    for row in bundle.rows("texts.jsonl"):
        if "text" not in row:
            continue
        data = b"\x02" + bytes.fromhex(row["salt"]) + row["text"].encode()
        if hashlib.sha256(data).hexdigest() != row["commitment"]:
            detail = f"The text of commitment {row['commitment'][:12]} is not the one committed to."
            yield Finding("text_altered", bundle.subject, None, detail)


def _check_documents(bundle: Bundle) -> Iterator[Finding]:
    """Original documents are the bytes that the entries name; one that was left out is listed with its
    digest."""
    listed = {row["sha256"]: row for row in bundle.rows("documents.jsonl")}
    for sha256, row in listed.items():
        data = bundle.names.get(str(row.get("file")))
        if row.get("file") and data is None:
            yield Finding(
                "document_missing", bundle.subject, None, f"The original {row['file']} is not in the bundle."
            )
        elif data is not None and hashlib.sha256(data).hexdigest() != sha256:
            yield Finding(
                "document_altered", bundle.subject, None, f"{row['file']} is not what was received."
            )
    for entry, body in bundle.of("invoice.received"):
        named = (body["data"].get("document") or {}).get("sha256")
        if named not in listed:
            yield Finding(
                "document_missing",
                entry["subject"],
                int(entry["seq"]),
                "The document it names is not listed.",
            )


def _check_files(bundle: Bundle) -> Iterator[Finding]:
    """The files are those of the signed manifest."""
    signed = {}
    for line in bundle.manifest.text.splitlines():
        if line.startswith("sha256 "):
            _, digest, name = line.split(" ", 2)
            signed[name] = digest
    for name in sorted(signed.keys() - bundle.names.keys()):
        yield Finding("file_missing", name, None, "The manifest lists this file; it is not in the bundle.")
    for name, data in sorted(bundle.names.items()):
        if name == "manifest.txt":
            continue
        if name not in signed:
            yield Finding("file_unlisted", name, None, "This file is not in the manifest.")
        elif hashlib.sha256(data).hexdigest() != signed[name]:
            yield Finding("file_altered", name, None, "This file is not the one that the manifest lists.")


# --- statements about oversight -----------------------------------------------------------------------------

CASES = "known_answer/"
"""Prefix of the subjects of known-answer cases."""
BOUND = 0.95


def _check_statement(bundle: Bundle, key: Key, retained: Sequence[Checkpoint]) -> Iterator[Finding]:
    """Everything that is wrong with a statement: its entries, that no case is left out, that each answer was
    sealed before it was asked, and that the figures are those of the entries."""
    yield from _check_signatures(bundle, key)
    yield from _check_retained(bundle, retained)
    yield from _check_entries(bundle)
    yield from _check_complete(bundle)
    yield from _check_no_case_left_out(bundle)
    yield from _check_people(bundle)
    yield from _check_files(bundle)
    told = json.loads(bundle.names.get("statement.json", b"{}"))
    opened = []
    for entry, body in bundle.of("oversight.opened"):
        yield from _check_opening(bundle, entry, body)
        if _time(told["from"]) <= _time(body["time"]) < _time(told["until"]):
            opened.append(body["data"])
    yield from _check_figures(told, opened)


def _check_no_case_left_out(bundle: Bundle) -> Iterator[Finding]:
    """The sealed heads stand in the order of their subjects: those of all cases are neighbours, and what
    stands before and behind them is no case."""
    heads = {int(row["index"]): str(row["subject"]) for row in bundle.heads}
    own = sorted(at for at, subject in heads.items() if subject.startswith(CASES))
    others = [s for s in heads.values() if not s.startswith(CASES)]
    if not own:  # then two neighbours between which a case would stand
        pairs = [(at, at + 1) for at in heads if at + 1 in heads]
        around = any(heads[a] < CASES < heads[b] for a, b in pairs)
        edges = {0: True, bundle.checkpoint.subjects - 1: False}
        ends = any(at in edges and (s > CASES) == edges[at] for at, s in heads.items())
        if not (around or ends):
            yield Finding("case_left_out", CASES, None, "Nothing shows that there is no known-answer case.")
        return
    for at in range(own[0], own[-1] + 1):
        if at not in heads:
            yield Finding("case_left_out", CASES, None, f"The head number {at} is missing between two cases.")
    first, last = own[0] - 1, own[-1] + 1
    if (first >= 0 and first not in heads) or (last < bundle.checkpoint.subjects and last not in heads):
        detail = "The heads before and behind the cases are not here, so that one may be left out."
        yield Finding("case_left_out", CASES, None, detail)
    if any(s.startswith(CASES) for s in others):
        yield Finding("case_left_out", CASES, None, "A head stands out of order.")


def _check_opening(bundle: Bundle, entry: dict[str, Any], body: dict[str, Any]) -> Iterator[Finding]:
    """A case was committed to before it was asked, is opened to what was sealed, and was judged by it."""
    subject, seq, data = entry["subject"], int(entry["seq"]), body["data"]
    chain = {
        b["type"]: (int(e["seq"]), b["data"])
        for e, b in bundle.of("oversight.committed", "escalation.opened", "verdict.given")
        if e["subject"] == subject
    }
    committed, asked = chain.get("oversight.committed"), chain.get("escalation.opened")
    if committed is None or asked is None or not committed[0] < asked[0] < seq:
        yield Finding("not_sealed_before", subject, seq, "It was not committed to before it was asked.")
        return
    case = {name: asked[1][name] for name in ("question", "reasons", "case")}
    answer = {"defect": data["defect"], "right": data["right"]}
    found = canonical_digest({"case": case, "answer": answer, "nonce": data["nonce"]})
    if found != committed[1]["commitment"] or found != data["commitment"]:
        yield Finding("commitment_broken", subject, seq, "Case, answer and nonce are not what was sealed.")
    if data["outcome"] == "spent":
        return
    given = chain.get("verdict.given", (0, {}))[1].get("verdict")
    caught = (given == "reject") == (data["right"] == "reject")
    if given != data["verdict"] or (data["outcome"] == "caught") != caught:
        yield Finding(
            "outcome_wrong", subject, seq, "The outcome does not follow from the answer that was given."
        )


def _check_figures(told: dict[str, Any], opened: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """The rates of the statement are those of the entries in it, with the bounds that follow."""
    counted: dict[tuple[str, str], list[int]] = {}
    for data in opened:
        if data["outcome"] in ("caught", "missed"):
            side = "clean" if data["defect"] == "clean" else "defective"
            for place in (("side", side), ("defect", data["defect"]), ("queue", data["queue"])):
                row = counted.setdefault(place, [0, 0])
                row[0] += data["outcome"] == "caught"
                row[1] += 1
    stated = {(row["by"], row["what"]): row for row in told["rates"]}
    for by, what in sorted(counted.keys() | stated.keys()):
        caught, shown = counted.get((by, what), [0, 0])
        row = stated.get((by, what), {"caught": "0", "shown": "0", "at_least": ""})
        bound = f"{lower_bound(caught, shown):.4f}" if shown else ""
        if (row["caught"], row["shown"], row["at_least"]) != (str(caught), str(shown), bound):
            detail = f"{by} {what}: {caught} of {shown}, at least {bound or 'nothing'}, says the ledger."
            yield Finding("figure_wrong", "statement", None, detail)


def lower_bound(part: int, base: int, confidence: float = BOUND) -> float:
    """The exact one-sided lower bound of a share (Clopper-Pearson)."""
    if part == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(100):
        p = (low + high) / 2
        over = sum(math.comb(base, k) * p**k * (1 - p) ** (base - k) for k in range(part, base + 1))
        low, high = (p, high) if over < 1 - confidence else (low, p)
    return (low + high) / 2


@dataclass
class Outcome:
    """What the command has to say."""

    findings: list[Finding] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def run(path: Path, vkey: str | None, checkpoint: Path | None) -> Outcome:
    """Verify one bundle. Raises `Unreadable`."""
    key = parse_key(vkey) if vkey else None
    try:
        retained = parse_checkpoints(checkpoint.read_text()) if checkpoint else []
    except (OSError, ValueError) as error:
        raise Unreadable(f"{checkpoint} cannot be read: {error}") from error
    bundle = read_bundle(path)
    told = Outcome(check_bundle(bundle, key, retained))
    now = bundle.checkpoint
    if not told.findings and bundle.format == OVERSIGHT:
        said = json.loads(bundle.names["statement.json"])
        told.lines.append(
            f"Oversight from {said['from'][:10]} until {said['until'][:10]}: genuine, {len(said['cases'])}"
            f" known-answer"
            f" cases sealed before they were shown, figures as the ledger has them (tree of {now.size})."
        )
    elif not told.findings:
        count = sum(e["subject"] == bundle.subject for e in bundle.entries)
        told.lines.append(
            f"{bundle.subject}: genuine and complete, {count} {'entry' if count == 1 else 'entries'}"
            f" as of {now.time} (tree of {now.size})."
        )
    if key is None:
        told.lines.append(
            f"Signed by {bundle.key}. Compare this key with the one you were given, or name it with --vkey."
        )
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify an evidence bundle of Countersign.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument(
        "--vkey", help="the verifier key it has to be signed with (name+id+base64), or a file with it"
    )
    parser.add_argument(
        "--checkpoint", type=Path, help="checkpoints that you kept: the bundle has to go on from them"
    )
    options = parser.parse_args(arguments)
    try:
        vkey = options.vkey
        if vkey and "+" not in vkey and Path(vkey).is_file():
            vkey = Path(vkey).read_text()
        told = run(options.bundle, vkey, options.checkpoint)
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for finding in told.findings:
        sys.stdout.write(f"{finding}\n")
    for line in told.lines:
        sys.stdout.write(f"{line}\n")
    return 1 if told.findings else 0


if __name__ == "__main__":
    sys.exit(main())
