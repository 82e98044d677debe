"""How long a person had a case before them: a signed stamp goes out with the verdict form and comes back with
the answer.

Nothing is stored while somebody reads, and nobody can make the time up: the stamp names question, version and
person.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.core.signing import BadSignature, TimestampSigner, b62_decode

from .models import Escalation

_signer = TimestampSigner(salt="reviews.exposure")
LONGEST = timedelta(hours=24)


def stamp(row: Escalation, user: User) -> str:
    """What the form carries: this question, in this version, was shown to this person now."""
    return _signer.sign(_payload(row, user))


def shown_at(text: str, row: Escalation, by: User) -> datetime | None:
    """When the form was made, if it was made for this question, version and person; else None."""
    try:
        named = _signer.unsign(text, max_age=LONGEST)
    except BadSignature:
        return None
    _, made, _ = text.rsplit(_signer.sep, 2)
    return datetime.fromtimestamp(b62_decode(made), UTC) if named == _payload(row, by) else None


def _payload(row: Escalation, user: User) -> str:
    return f"{row.pk}/{row.version}/{user.pk}"
