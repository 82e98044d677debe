"""Evidence bundles: one subject's whole history as a zip that proves itself, offline, with the verifier
beside it.

Entries with their places in the sealed tree, the heads that show where each history ends, the checkpoint over
both, the row versions that the entries bind, words of people with the salts of their commitments, and a
manifest signed by the sealer. `verify.py` reads it; the names of files and fields are those it expects.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction

from . import clock, keys, proofs, sealing, trail
from .canonical import instant
from .commitments import TOKEN
from .errors import LedgerError
from .models import Checkpoint, Entry, Erased, Personal
from .verify import FORMAT, bound_rows, parse_checkpoint
from .verify import Checkpoint as Signed
from .words import how_many

HERE = Path(__file__).resolve().parent


class NothingToProve(LedgerError):
    """There is no entry about this."""

    status = 404
    exit_code = 2


class NotOurs(LedgerError):
    """The checkpoint to go on from is not one of this ledger, or is newer than it."""

    status = 409
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Original:
    """A document that the history names. `data`: its bytes, or None when they are left out or gone."""

    sha256: str
    name: str
    kind: str
    number: str
    size: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Attached:
    """What lies above the ledger and belongs to the evidence. `also`: further subjects, each with its whole
    history."""

    title: str
    also: Sequence[str] = ()
    policies: Sequence[tuple[int, str, str]] = ()
    """Revision, SHA-256 and text of each version of the rules."""
    originals: Sequence[Original] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a bundle."""

    subject: str
    entries: int
    size: int
    root: str
    files: Sequence[str]
    checkpoint: str


@dataclass
class _Files:
    """Files of a bundle as they are written, and their digests for the manifest."""

    archive: zipfile.ZipFile
    at: datetime
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(info, data)
        self.digests[name] = sha256(data).hexdigest()

    def lines(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        text = "".join(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n" for row in rows)
        self.add(name, text.encode())


def write(subject: str, attached: Attached, out: BinaryIO, *, retained: Sequence[Signed] = ()) -> Written:
    """Write the bundle of a subject. Seals first, so that the checkpoint covers all of it.

    `retained`: checkpoints that the auditor kept; the bundle proves that it goes on from each.
    """
    sealing.seal()
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        checkpoint = sealing.latest()
        entries = _entries([subject, keys.SUBJECT, *attached.also])
        if checkpoint is None or not any(e.subject == subject for e in entries):
            raise NothingToProve(f"There is no entry about {subject}.")
        return _write(subject, attached, out, checkpoint, entries, retained)


@dataclass(frozen=True, slots=True)
class Collection:
    """What goes into a signed collection of histories beside their entries: `format` is the first line of its
    manifest, `files` by name. `heads`: further subjects whose heads alone are in it."""

    format: str
    title: str
    subjects: Sequence[str]
    files: Mapping[str, bytes]
    readme: str
    heads: Sequence[str] = ()


def write_collection(what: Collection, out: BinaryIO) -> Written:
    """Write histories of several subjects with what is said of them, bound to the checkpoint that covers
    them. The caller has sealed, and reads one state of the database (`assurance.one_state`)."""
    checkpoint = sealing.latest()
    if checkpoint is None:
        raise NothingToProve("Nothing has been sealed yet.")
    entries = _entries([keys.SUBJECT, *what.subjects])
    leaves = proofs.leaf_indexes([e.id for e in entries])
    entries = [e for e in entries if e.id in leaves]
    signer, now = keys.signer(), clock.now()
    with zipfile.ZipFile(out, "w") as archive:
        files = _Files(archive, now)
        files.add("README.txt", what.readme.encode())
        files.add("verify.py", (HERE / "verify.py").read_bytes())
        files.add("key.txt", f"{signer.key}\n".encode())
        files.add("checkpoint.txt", checkpoint.note.encode())
        files.lines("entries.jsonl", _proved(entries, leaves, checkpoint.size))
        files.lines("heads.jsonl", _heads({e.subject for e in entries} | set(what.heads)))
        for name, data in what.files.items():
            files.add(name, data)
        listed = "".join(f"sha256 {digest} {name}\n" for name, digest in sorted(files.digests.items()))
        head = f"{what.format}\nsubject {what.title}\nmade {instant(now)}\ncheckpoint {checkpoint.size}\n"
        files.add("manifest.txt", signer.note(head + listed).encode())
    return Written(
        what.title, len(entries), checkpoint.size, checkpoint.root, sorted(files.digests), checkpoint.note
    )


def _entries(subjects: Sequence[str]) -> list[Entry]:
    return list(Entry.objects.filter(subject__in=subjects).order_by("subject", "seq"))


def _write(
    subject: str,
    attached: Attached,
    out: BinaryIO,
    checkpoint: Checkpoint,
    entries: list[Entry],
    retained: Sequence[Signed],
) -> Written:
    signer, now = keys.signer(), clock.now()
    leaves = proofs.leaf_indexes([e.id for e in entries])
    entries = [
        e for e in entries if e.id in leaves
    ]  # what was written while we sealed comes with the next bundle
    with zipfile.ZipFile(out, "w") as archive:
        files = _Files(archive, now)
        files.add("README.txt", _readme(attached.title, checkpoint, len(entries)).encode())
        files.add("verify.py", (HERE / "verify.py").read_bytes())
        files.add("key.txt", f"{signer.key}\n".encode())
        files.add("checkpoint.txt", checkpoint.note.encode())
        files.lines("entries.jsonl", _proved(entries, leaves, checkpoint.size))
        files.lines("heads.jsonl", _heads({e.subject for e in entries}))
        files.lines("consistency.jsonl", _consistency(retained, checkpoint))
        files.lines("history.jsonl", _history(entries))
        files.lines("texts.jsonl", _texts(entries))
        files.lines(
            "policies.jsonl",
            ({"revision": str(r), "sha256": sha, "text": text} for r, sha, text in attached.policies),
        )
        files.lines("documents.jsonl", _originals(attached.originals, files))
        listed = "".join(f"sha256 {digest} {name}\n" for name, digest in sorted(files.digests.items()))
        text = f"{FORMAT}\nsubject {subject}\nmade {instant(now)}\ncheckpoint {checkpoint.size}\n{listed}"
        files.add("manifest.txt", signer.note(text).encode())
    return Written(
        subject, len(entries), checkpoint.size, checkpoint.root, sorted(files.digests), checkpoint.note
    )


def _proved(entries: Sequence[Entry], leaves: dict[int, int], size: int) -> Iterator[dict[str, Any]]:
    paths = proofs.inclusion((leaves[e.id] for e in entries), size)
    for e in entries:
        leaf = leaves[e.id]
        yield {
            "subject": e.subject,
            "seq": str(e.seq),
            "hash": e.hash,
            "leaf": str(leaf),
            "proof": [h.hex() for h in paths[leaf]],
            "body": e.body,
        }


def _heads(subjects: Iterable[str]) -> Iterator[dict[str, Any]]:
    for head in proofs.heads(sorted(subjects)):
        yield {
            "subject": head.subject,
            "seq": str(head.seq),
            "hash": head.hash,
            "index": str(head.index),
            "proof": [h.hex() for h in head.proof],
        }


def _consistency(retained: Sequence[Signed], checkpoint: Checkpoint) -> Iterator[dict[str, Any]]:
    for old in retained:
        if old.size > checkpoint.size:
            raise NotOurs(
                f"The checkpoint of {old.time} has {old.size} entries; this ledger has {checkpoint.size}."
            )
        path = proofs.consistency(old.size, checkpoint.size)
        root = base64.b64encode(old.root).decode()
        yield {"size": str(old.size), "root": root, "proof": [h.hex() for h in path]}


def _history(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """The row versions that the entries bind, as the text that was hashed."""
    wanted: dict[str, list[int]] = {}
    for e in entries:
        for bound in bound_rows(json.loads(e.body)):
            wanted.setdefault(bound.table, []).append(bound.history_id)
    codecs = {trail.codec(m).history_table: trail.codec(m) for m in trail.tracked_models()}
    for table, ids in sorted(wanted.items()):
        for history_id, text in sorted(codecs[table].versions(ids) if table in codecs else ()):
            yield {
                "table": table,
                "history_id": str(history_id),
                "sha256": sha256(text).hexdigest(),
                "row": text.decode(),
            }


def _texts(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Words of people with their salts; of erased ones when, by whom and why they went."""
    found = sorted({c for e in entries for c in TOKEN.findall(e.body)})
    for p in Personal.objects.filter(commitment__in=found).order_by("commitment"):
        yield {"commitment": p.commitment, "salt": p.salt, "text": p.value, "by": p.of, "at": instant(p.at)}
    for g in Erased.objects.filter(commitment__in=found).order_by("commitment"):
        yield {"commitment": g.commitment, "erased_at": instant(g.at), "erased_by": g.by, "why": g.why}


def _originals(originals: Sequence[Original], files: _Files) -> Iterator[dict[str, Any]]:
    for one in originals:
        name = f"documents/{one.sha256}" if one.data is not None else None
        if one.data is not None and name not in files.digests:
            files.add(f"documents/{one.sha256}", one.data)
        yield {
            "sha256": one.sha256,
            "file": name,
            "name": one.name,
            "kind": one.kind,
            "number": one.number,
            "bytes": str(one.size),
        }


def _readme(title: str, checkpoint: Checkpoint, count: int) -> str:
    signed = parse_checkpoint(checkpoint.note)
    entries = how_many(count, "entry", "entries")
    return README.format(
        title=title, entries=entries, size=signed.size, time=signed.time, key=keys.signer().key
    )


README = """\
Evidence: {title}

This bundle holds the complete recorded history of this subject ({entries}, with those about the rules
and the keys that were in force), as it was sealed at {time} in a ledger of {size} entries.

To verify it, on a machine that has nothing of the product:

    pip install cryptography
    python verify.py BUNDLE.zip --vkey "{key}"

Take the key and verify.py from somewhere else than this bundle if you can: both come with each release and
from the company's auditors. With --checkpoint FILE the bundle is compared with a checkpoint that you kept.
Exit code 0: genuine and complete. 1: not, one line for each finding. 2: it cannot be read.

manifest.txt      every file with its SHA-256, signed by the sealer (C2SP signed note, Ed25519)
checkpoint.txt    the signed root over all entries, and over the last of each subject (C2SP tlog-checkpoint)
entries.jsonl     the entries: body, SHA-256, place in the tree and proof that it is there (RFC 6962)
heads.jsonl       proof that each history ends with the entry that stands last here
consistency.jsonl proof that the tree goes on from checkpoints that were kept
history.jsonl     versions of database rows that the entries bind by their SHA-256
texts.jsonl       words of people with the salt of their commitment; erased ones without them
policies.jsonl    the rules in force, by the SHA-256 that decisions cite
documents.jsonl   documents received, by SHA-256; documents/ holds their bytes
verify.py         the verifier: Python 3.11 and the library cryptography

By hand: the hash of an entry is SHA-256 over a zero byte and the body; `prev` in a body is the hash of the
entry before.
"""


def to_bytes(subject: str, attached: Attached, *, retained: Sequence[Signed] = ()) -> tuple[bytes, Written]:
    """The bundle in memory, for a page."""
    out = io.BytesIO()
    written = write(subject, attached, out, retained=retained)
    return out.getvalue(), written
