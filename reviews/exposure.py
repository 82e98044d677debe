"""How long a person had a case before them: a signed stamp goes out with the verdict form and comes back with
the answer.

Nothing is stored while somebody reads, and nobody can make the time up: the stamp names question, version and
person, and what stood first on the page where that can differ.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.core.signing import BadSignature, TimestampSigner, b62_decode

from .kinds import Order
from .models import Escalation

_signer = TimestampSigner(salt="reviews.exposure")
LONGEST = timedelta(hours=24)


DRAWN = "drawn"


def stamp(row: Escalation, user: User, order: Order | None = None) -> str:
    """What the form carries: this question, in this version, was shown to this person now, in this order."""
    return _signer.sign(_payload(row, user) + (f"/{_mark(order)}" if order is not None else ""))


def shown_at(text: str, row: Escalation, by: User) -> datetime | None:
    """When the form was made, if it was made for this question, version and person; else None."""
    try:
        named = _signer.unsign(text, max_age=LONGEST)
    except BadSignature:
        return None
    _, made, _ = text.rsplit(_signer.sep, 2)
    payload = _payload(row, by)
    whole = named == payload or named.startswith(f"{payload}/")
    return datetime.fromtimestamp(b62_decode(made), UTC) if whole else None


def order_of(text: str) -> dict[str, str]:
    """What a stamp whose time was read (`shown_at`) says of the order of its page, as an entry keeps it;
    empty where it says nothing."""
    _, _, _, *told = text.rsplit(_signer.sep, 2)[0].split("/")
    if not told:
        return {}
    return {"order": told[0]} | ({"order_drawn": "yes"} if DRAWN in told[1:] else {})


def _mark(order: Order) -> str:
    return f"{order.first}/{DRAWN}" if order.drawn else order.first


def _payload(row: Escalation, user: User) -> str:
    return f"{row.pk}/{row.version}/{user.pk}"
