"""Auditors for a time: logins of the database that read the documented views, and accounts of the web, both
with an end.

A database login gets a password once, an end, few connections and short statements; the views are empty for
it once its time is over. Every grant and every end is an entry of the ledger. To make logins, the connection
must administer roles.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError
from psycopg import sql

from audit import clock, ledger, roles
from audit.errors import CountersignError
from audit.plans import ATTRIBUTES, say, text_of, verifier
from audit.subjects import Subject
from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.models import SigningProfile
from reviews.services import person

from .. import rights

MOST_DAYS = 366
CONNECTIONS = 3
SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "15min",
    "search_path": roles.VIEWS,
}
"""What a login starts with. The wall is its rights, which are to read views; these keep an honest mistake
small."""
NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
COMMAND_LINE = "system:command-line"


class NotNow(CountersignError):
    """An auditor's access ends on a day to come, at most a year ahead: --until 2026-12-31."""

    exit_code = 2


class NoName(CountersignError):
    """A login's name is 2 to 31 small letters, digits and underscores, and begins with a letter."""

    exit_code = 2


class NoRoles(CountersignError):
    """There is no role of auditors in this database. Run `manage.py harden` first."""


class NoSuchAuditor(CountersignError):
    """There is no auditor of this name; `manage.py auditor list` names them."""

    status = 404
    exit_code = 2


class MayNotMakeRoles(CountersignError):
    """This connection may not administer roles. Run the command with an administrator's DATABASE_URL."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Auditor:
    """One auditor's access. `kind`: sql (a login of the database) or web (an account)."""

    name: str
    kind: str
    until: datetime | None
    connected: int = 0

    @property
    def ended(self) -> bool:
        return self.until is not None and self.until <= clock.now()


def end_of(day: date) -> datetime:
    """The end of the last day, UTC. Raises `NotNow` for a day that is over or more than a year ahead."""
    today = clock.now().astimezone(UTC).date()
    if not today <= day <= today + timedelta(days=MOST_DAYS):
        raise NotNow
    return datetime.combine(day, time(23, 59, 59), UTC)


def login_of(auditor: str) -> str:
    """The database role of an auditor's name."""
    login = f"{roles.name('auditor')}_{auditor}"
    if not NAME.fullmatch(auditor) or len(login.encode()) > roles.LONGEST:
        raise NoName
    return login


# --- logins of the database ---------------------------------------------------------------------------------


def grant(auditor: str, until: datetime, *, by: User | None = None) -> str:
    """Make the login (or give it a new password and end) and return its password, which is kept nowhere.

    Raises `NotAllowed`, `NoName`, `NoRoles`, `MayNotMakeRoles`.
    """
    actor, login = _actor(by), login_of(auditor)
    if "auditor" not in roles.existing():
        raise NoRoles
    again, password = _exists(login), secrets.token_urlsafe(24)
    make = say(
        f"{'ALTER' if again else 'CREATE'} ROLE {{r}} LOGIN {ATTRIBUTES} CONNECTION LIMIT {CONNECTIONS}"
        " PASSWORD {password} VALID UNTIL {until}",
        r=login,
        password=verifier(login, password),
        until=sql.Literal(until.isoformat()),
    )
    statements = [make, say("GRANT {group} TO {r}", group=roles.name("auditor"), r=login)]
    statements += [
        say(f"ALTER ROLE {{r}} SET {key} = {{v}}", r=login, v=sql.Literal(v)) for key, v in SETTINGS.items()
    ]
    data = {"login": login, "until": until, "again": "yes" if again else "no", "reads": roles.VIEWS}
    with transaction.atomic():
        _run(statements)
        _record(f"access/{login}", "auditor.granted", actor, data)
    return password


def revoke(auditor: str, *, by: User | None = None) -> int:
    """Remove the login, after closing its connections; their number. Raises `NoSuchAuditor`,
    `MayNotMakeRoles`."""
    actor, login = _actor(by), login_of(auditor)
    if not _exists(login):
        raise NoSuchAuditor
    _run(
        [say("ALTER ROLE {r} NOLOGIN", r=login)]
    )  # committed first: nobody comes in while the others are sent out
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND pid <>"
                " pg_backend_pid()",
                [login],
            )
            closed = len(cursor.fetchall())
        _run([say("DROP ROLE {r}", r=login)])
        _record(f"access/{login}", "auditor.revoked", actor, {"login": login, "closed": str(closed)})
    return closed


def _exists(login: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login])
        return cursor.fetchone() is not None


def _run(statements: list[sql.Composed]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(text_of(statement))
    except ProgrammingError as error:
        raise MayNotMakeRoles(f"{MayNotMakeRoles()} ({str(error).strip().splitlines()[0]})") from error
    except DatabaseError as error:
        raise CountersignError(str(error).strip().splitlines()[0]) from error


def _record(subject: str, type_: str, actor: str, data: dict[str, object]) -> None:
    ledger.lock(subject)
    ledger.append([ledger.Event(subject, type_, actor, clock.now(), data)])


# --- accounts of the web ------------------------------------------------------------------------------------


@transaction.atomic
def admit(username: str, until: datetime, *, by: User | None = None) -> str:
    """Give an auditor's web account an end; make the account if there is none, and then return its password.

    Raises `NotAllowed` for an account that is more than an auditor's.
    """
    actor = _actor(by)
    user = User.objects.select_for_update().filter(username=username).first()
    password = ""
    if user is None:
        password = secrets.token_urlsafe(18)
        user = User.objects.create_user(username, password=password)
        user.groups.add(Group.objects.get(name="auditor"))
    elif set(user.groups.values_list("name", flat=True)) != {"auditor"}:
        raise NotAllowed(f"{username} is not an auditor's account; its access is not ended here.")
    SigningProfile.objects.update_or_create(user=user, defaults={"until": until})
    _record(Subject.of("person", user.pk), "auditor.granted", actor, {"username": username, "until": until})
    return password


@transaction.atomic
def dismiss(username: str, *, by: User | None = None) -> None:
    """End an auditor's web account now. Raises `NoSuchAuditor`."""
    actor = _actor(by)
    user = User.objects.select_for_update().filter(username=username, groups__name="auditor").first()
    if user is None:
        raise NoSuchAuditor
    SigningProfile.objects.update_or_create(user=user, defaults={"until": clock.now()})
    _record(Subject.of("person", user.pk), "auditor.revoked", actor, {"username": username})


def _actor(by: User | None) -> str:
    """A manager or an administrator, or the operator at the machine's own command line."""
    if by is None:
        return COMMAND_LINE
    if not may_now(by, rights.LET_IN):
        raise NotAllowed("Auditors are let in by managers and administrators.")
    return person(by)


# --- all of them --------------------------------------------------------------------------------------------

LOGINS = """
SELECT r.rolname, nullif(r.rolvaliduntil, 'infinity'), (SELECT count(*) FROM pg_stat_activity a
    WHERE a.usesysid = r.oid)
FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
WHERE g.rolname = %s AND r.rolcanlogin AND NOT r.rolsuper AND pg_has_role(r.oid, g.oid, 'USAGE') ORDER BY 1
"""


def auditors() -> list[Auditor]:
    """Every auditor's access: logins of the database, then accounts of the web."""
    prefix = f"{roles.name('auditor')}_"
    with connection.cursor() as cursor:
        cursor.execute(LOGINS, [roles.name("auditor")])
        found = [Auditor(r.removeprefix(prefix), "sql", until, n) for r, until, n in cursor.fetchall()]
    accounts = User.objects.filter(groups__name="auditor", is_active=True).order_by("username")
    ends = accounts.values_list("username", "signing_profile__until")
    return found + [Auditor(username, "web", until) for username, until in ends]
