"""`manage.py harden`: make the roles of `audit.roles` on the connected server, step by step, and say what
came of each.

Run by whoever administers the database. Each step is looked at first, so that a second run changes nothing,
and runs in a savepoint of its own: what this server does not allow is said together with what follows from
it, and the rest is done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection, transaction
from django.db.utils import DatabaseError

from . import roles
from .errors import CountersignError
from .plans import PLANS, Step, grant_around, grant_tables, hand_over, make_roles, say, text_of, verifier
from .roles import KINDS, name

Outcome = Literal["done", "there", "refused", "would"]
WORDS = {"done": "done", "there": "already so", "refused": "NOT ALLOWED", "would": "would do"}

LOCK_SECONDS = 5
NO_FURTHER = "The rest needs all five roles."


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one step."""

    what: str
    outcome: Outcome
    detail: str = ""
    statements: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "outcome": self.outcome,
            "detail": self.detail,
            "statements": list(self.statements),
        }

    def __str__(self) -> str:
        return f"{WORDS[self.outcome]:>11}  {self.what}{f'. {self.detail}' if self.detail else ''}"


def harden(*, dry_run: bool = False) -> list[Line]:
    """Bring about every step that is not so yet; with `dry_run` only say what would be done, and by which
    statements."""
    out = [_take(step, dry_run=dry_run) for step in make_roles()]
    if not dry_run and roles.existing() != set(KINDS):
        return [*out, Line("ownership and rights", "refused", NO_FURTHER)]
    for plan in PLANS:
        out += [_take(step, dry_run=dry_run) for step in plan()]
    return out


class NoPassword(CountersignError):
    """This server does not let this login set the password of that role."""

    exit_code = 4


def set_password(kind: str) -> str:
    """Give a role a fresh random password, which ends the old one, and return it. It is kept nowhere."""
    password = secrets.token_urlsafe(24)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            role = name(kind)
            statement = say("ALTER ROLE {role} PASSWORD {kept}", role=role, kept=verifier(role, password))
            cursor.execute(text_of(statement))
    except DatabaseError as error:
        raise NoPassword(f"{name(kind)} gets no password: {str(error).strip().splitlines()[0]}.") from error
    return password


def _take(step: Step, *, dry_run: bool) -> Line:
    texts = tuple(text_of(s) for s in step.statements)
    if step.there:
        return Line(step.what, "there")
    if dry_run:
        return Line(step.what, "would", statements=texts)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")  # never queue the product behind us
            for text in texts:
                cursor.execute(text)
    except DatabaseError as error:
        why = str(error).strip().splitlines()[0]
        return Line(step.what, "refused", f"The server says: {why}. {step.follows}".strip(), texts)
    return Line(step.what, "done", statements=texts)


def renew() -> None:
    """After a migration: new tables, sequences and views get the rights of the roles, where the roles have
    been made."""
    if set(KINDS) <= roles.existing():
        for plan in (hand_over, grant_tables, grant_around):
            for step in plan():
                _take(step, dry_run=False)
