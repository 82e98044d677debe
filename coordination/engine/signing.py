"""What papers need of the sealer: its signing key, its latest checkpoint, and how entries stand under it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the installation's Ed25519 key. `public`: its 32 bytes, `name`: as checkpoints call it."""

    name: str
    public: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """How entries are sealed: `words` says it, `note` is the checkpoint, `leaves` their places in the tree."""

    words: str
    note: str = ""
    leaves: dict[int, int] = field(default_factory=dict)


NAME = "countersign"
FILE = "keys/seal.key"
"""The private key in the data folder, 32 bytes; made when it is first asked for, readable by its owner alone."""


def signer() -> Signer:
    """The installation's signer."""
    key = Ed25519PrivateKey.from_private_bytes(_secret(Path(settings.COUNTERSIGN_DATA) / FILE))
    return Signer(NAME, key.public_key().public_bytes_raw(), key.sign)


def _secret(path: Path) -> bytes:
    """The key's bytes. Of two processes that make it at once one wins, and both use that one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent) as fresh:  # 0600 by itself
            fresh.write(Ed25519PrivateKey.generate().private_bytes_raw())
            fresh.flush()
            os.fsync(fresh.fileno())
            with suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_bytes()


def checkpoint() -> str:
    """The text of the latest checkpoint; empty before the first seal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_checkpoint')")
        if cursor.fetchone()[0] is None:
            return ""
        cursor.execute("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def standing(entries: Sequence[int]) -> Standing:
    """Which of these entries the latest checkpoint covers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_checkpoint')")
        if cursor.fetchone()[0] is None:
            return Standing("None of them is under a checkpoint yet; the next seal takes them in.")
        cursor.execute(
            "SELECT entry_id, leaf_index FROM audit_leaf WHERE entry_id = ANY(%s)"
            " AND leaf_index < (SELECT max(size) FROM audit_checkpoint)",
            [list(entries)],
        )
        leaves = dict(cursor.fetchall())
    if not leaves:
        return Standing("None of them is under a checkpoint yet; the next seal takes them in.")
    words = f"{len(leaves)} of {len(entries)} are under the latest checkpoint, which is printed here; an evidence bundle proves it."
    return Standing(words, checkpoint(), leaves)
