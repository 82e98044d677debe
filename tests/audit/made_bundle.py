"""An evidence bundle made by hand, without a database: two entries of an invoice, one of somebody else's."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import tlog
from audit.verify import ED25519, GENESIS, Bundle, head_leaf, key_id, leaf_hash, read_bundle

NAME = "countersign"
SUBJECT = "invoice/1"
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_SECRET = Ed25519PrivateKey.from_private_bytes(bytes(32))
ORIGINAL = b"<Invoice/>"
SEALED, MADE = "2026-11-20T12:00:00.000000Z", "2026-11-20T12:01:00.000000Z"
Files = dict[str, bytes]


def verifier_key(secret: Ed25519PrivateKey = SECRET, name: str = NAME) -> str:
    public = secret.public_key().public_bytes_raw()
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def signed(text: str, secret: Ed25519PrivateKey = SECRET, name: str = NAME) -> str:
    """A C2SP signed note over the text."""
    number = key_id(name, secret.public_key().public_bytes_raw())
    value = base64.b64encode(number + secret.sign(text.encode())).decode()
    return f"{text}\n— {name} {value}\n"


@dataclass
class Log:
    """Entries as they were appended; sealed whole."""

    entries: list[dict[str, str]] = field(default_factory=list)

    def append(self, subject: str, type_: str, actor: str, time: str, **data: Any) -> Log:
        before = [e for e in self.entries if e["subject"] == subject]
        body = json.dumps(
            {
                "subject": subject,
                "sequence": str(len(before) + 1),
                "prev": before[-1]["hash"] if before else GENESIS,
                "type": type_,
                "authid": actor,
                "time": time,
                "data": data,
            }
        )
        self.add(subject, len(before) + 1, body)
        return self

    def add(self, subject: str, seq: int, body: str) -> None:
        """An entry with this body, whatever it says."""
        hash_ = leaf_hash(body.encode("utf-8", "surrogatepass"))
        self.entries.append({"subject": subject, "seq": str(seq), "body": body, "hash": hash_})

    def files(self, *, time: str = SEALED, made: str = MADE, secret: Ed25519PrivateKey = SECRET) -> Files:
        """The bundle of `SUBJECT`, signed by this key."""
        size = len(self.entries)
        leaves = tlog.of_leaves([bytes.fromhex(e["hash"]) for e in self.entries])
        own = [
            e | {"leaf": str(n), "proof": _hex(tlog.inclusion_proof(n, size, leaves))}
            for n, e in enumerate(self.entries)
            if e["subject"] == SUBJECT
        ]
        last = {e["subject"]: e for e in self.entries}
        heads = [last[subject] for subject in sorted(last)]
        head_leaves = tlog.of_leaves([head_leaf(e["subject"], int(e["seq"]), e["hash"]) for e in heads])
        rows = [
            {"subject": e["subject"], "seq": e["seq"], "hash": e["hash"], "index": str(n)}
            | {"proof": _hex(tlog.inclusion_proof(n, len(heads), head_leaves))}
            for n, e in enumerate(heads)
            if e["subject"] == SUBJECT
        ]
        root = tlog.span_root(0, size, leaves)
        head_root = tlog.span_root(0, len(heads), head_leaves)
        text = f"{NAME}\n{size}\n{_b64(root)}\nheads {len(heads)} {_b64(head_root)}\ntime {time}\n"
        found = {
            "checkpoint.txt": signed(text, secret).encode(),
            "key.txt": verifier_key(secret).encode(),
            "entries.jsonl": lines(own),
            "heads.jsonl": lines(rows),
            "documents.jsonl": lines([{"sha256": digest(ORIGINAL), "file": "originals/1.xml"}]),
            "originals/1.xml": ORIGINAL,
        }
        return resigned(found, made=made, secret=secret)


def usual() -> Log:
    """An invoice that was received and cleared; somebody else's came between."""
    log = Log().append(
        SUBJECT,
        "invoice.received",
        "system:intake",
        "2026-11-20T11:00:00.000000Z",
        document={"sha256": digest(ORIGINAL)},
    )
    log.append("invoice/2", "invoice.received", "system:intake", "2026-11-20T11:01:00.000000Z")
    return log.append(SUBJECT, "invoice.decided", "agent:finance.payment", "2026-11-20T11:02:00.000000Z")


def resigned(files: Files, *, made: str = MADE, secret: Ed25519PrivateKey = SECRET) -> Files:
    """The files with a manifest over them, signed by this key."""
    listed = [
        f"sha256 {digest(data)} {name}" for name, data in sorted(files.items()) if name != "manifest.txt"
    ]
    text = "\n".join([f"subject {SUBJECT}", f"made {made}", *listed]) + "\n"
    return files | {"manifest.txt": signed(text, secret).encode()}


def packed(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def opened(files: Files) -> Bundle:
    return read_bundle(io.BytesIO(packed(files)))


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hex(proof: list[bytes]) -> list[str]:
    return [one.hex() for one in proof]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
