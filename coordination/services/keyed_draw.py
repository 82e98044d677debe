"""Draws by a keyed hash: nobody who sees the queue can work one out, and with the key it can be worked out
again. The key follows from SECRET_KEY."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "countersign.oversight"


def share() -> float:
    """How much of a queue is drawn; 0 while measuring is off."""
    return float(settings.COUNTERSIGN_OVERSIGHT) / 100


def number(*parts: object) -> float:
    """A number from 0 to below 1 that follows from the parts and the key."""
    digest = salted_hmac(SALT, "/".join(map(str, parts)), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) / 2**64


def seed(*parts: object) -> str:
    """A seed that follows from the parts and the key."""
    return salted_hmac(f"{SALT}.seed", "/".join(map(str, parts)), algorithm="sha256").hexdigest()
