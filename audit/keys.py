"""The sealer's Ed25519 key: a file of its own, named in the ledger before it signs, changed only with an
entry.

The private key is 32 bytes in the data folder, readable by its owner alone, never in the database: who can
rewrite the database cannot sign what they wrote. The public keys are entries of the subject `audit/keys`,
each new one signed by the one before it (`seal.key_changed`); a key that was lost is replaced without that
(`seal.key_replaced`), and says so.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from . import clock, ledger
from .canonical import loads
from .errors import LedgerError
from .models import Entry
from .verify import Key, Unreadable, parse_key

FILE = "keys/seal.key"
SUBJECT = "audit/keys"
ACTOR = "system:sealer"
LOCK = 0x5345414C
"""Advisory lock of whoever seals."""
CONTEXT = b"countersign-key/1\n"
"""What the old key signs is this, followed by the new verifier key."""


class KeyUnusable(LedgerError):
    """The file keys/seal.key is no Ed25519 key of 32 bytes. Restore it from its backup."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the installation's key."""

    key: Key
    sign: Callable[[bytes], bytes]

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def public(self) -> bytes:
        return self.key.public

    def note(self, text: str) -> str:
        """C2SP signed note over `text`, which ends with a line break."""
        value = base64.b64encode(self.key.id + self.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {value}\n"


def path() -> Path:
    return Path(settings.COUNTERSIGN_DATA) / FILE


def signer() -> Signer:
    """The installation's signer; its key is made when it is first asked for."""
    return _signer(_secret(path()))


def known() -> Key | None:
    """The public half of the installation's key, if there is one. Makes none."""
    return signer().key if path().exists() else None


def _signer(secret: bytes) -> Signer:
    try:
        private = Ed25519PrivateKey.from_private_bytes(secret)
    except ValueError as error:
        raise KeyUnusable from error
    return Signer(Key(settings.COUNTERSIGN_LOG, private.public_key().public_bytes_raw()), private.sign)


def _secret(file: Path) -> bytes:
    """The key's bytes. Of two processes that make it at once one wins, and both use that one."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _fresh(file) as fresh, suppress(FileExistsError):
            os.link(fresh, file)
    return file.read_bytes()


class _fresh:  # noqa: N801 - read as a statement
    """A file beside `file` with a new key, 0600 from its first moment, gone at the end."""

    def __init__(self, file: Path) -> None:
        self._file = tempfile.NamedTemporaryFile(dir=file.parent, delete=False)  # noqa: SIM115 - closed below

    def __enter__(self) -> str:
        self._file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.name

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with suppress(FileNotFoundError):
            Path(self._file.name).unlink()


# --- the keys in the ledger ---------------------------------------------------------------------------------


def announced() -> str:
    """The verifier key that the ledger names last; empty before the first."""
    body = Entry.objects.filter(subject=SUBJECT).order_by("-seq").values_list("body", flat=True).first()
    return str(loads(body)["data"]["key"]) if body else ""


def publish(key: Key) -> None:
    """Lay the public half beside the private one, to be given to whoever verifies. A data folder without room
    stops nothing."""
    beside = path().with_suffix(".vkey")
    with suppress(OSError):
        if not beside.exists() or beside.read_text() != f"{key}\n":
            beside.write_text(f"{key}\n")


def announce(by: Signer) -> bool:
    """Name the key in the ledger before it signs, unless it is the last one named. In the caller's
    transaction."""
    last = announced()
    if last == str(by.key):
        return False
    data = {"key": str(by.key)} | ({"before": last} if last else {})
    type_ = "seal.key_replaced" if last else "seal.key_made"
    ledger.append([ledger.Event(SUBJECT, type_, ACTOR, clock.now(), data)])
    return True


def changed_by(data: dict[str, str]) -> bool:
    """Did the key before it sign this change? `data` of a `seal.key_changed`."""
    try:
        before, proof = parse_key(data["before"]), base64.b64decode(data["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(before.public).verify(proof, CONTEXT + data["key"].encode())
    except (KeyError, ValueError, Unreadable, InvalidSignature):
        return False
    return True


def lock() -> None:
    """One sealer at a time, and none while the key changes: held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def rotate(actor: str) -> Key:
    """Change the key: the old one signs the new one, an entry says so, and the old private key is gone."""
    file = path()
    kept = file.with_suffix(".old")
    _settle(file, kept)
    old = signer()
    try:
        with transaction.atomic(), _fresh(file) as fresh:
            lock()
            announce(old)
            new = _signer(Path(fresh).read_bytes())
            proof = base64.b64encode(old.sign(CONTEXT + str(new.key).encode())).decode()
            data = {"key": str(new.key), "before": str(old.key), "signature": proof}
            ledger.append([ledger.Event(SUBJECT, "seal.key_changed", actor, clock.now(), data)])
            os.link(file, kept)  # until the entry is committed
            Path(fresh).replace(file)
    finally:
        _settle(file, kept)
    return new.key


def _settle(file: Path, kept: Path) -> None:
    """After a change of key, finished or broken off: the key that the ledger names last is the one in the
    file."""
    if kept.exists():
        if str(_signer(kept.read_bytes()).key) == announced():
            kept.replace(file)
        kept.unlink(missing_ok=True)
