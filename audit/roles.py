"""Database roles: who may do what with which table, and whether the server really is so.

One set of roles per database, named after it: `<database>_owner` owns everything and cannot log in, `_app` is
the product, `_sealer` adds seals, `_auditor` reads the views of `audit_read`, `_migrator` becomes the owner
to migrate. The rights follow from model meta, as the triggers do. `audit.hardening` makes it so;
`check_roles` says where it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from . import guards, trail
from .verify import Finding

KINDS = ("owner", "app", "sealer", "auditor", "migrator")
VIEWS = "audit_read"
"""The schema of the documented views: all that an auditor's role reads."""

READ, ADD = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"})
ERASE = ADD | {"DELETE"}
ALL = ADD | {"UPDATE", "DELETE"}
MIGRATIONS = "django_migrations"
SEALS = ("audit_leaf", "audit_node", "audit_checkpoint")
"""Tables that the sealer adds to."""
HEADS = "audit_head"
"""What the sealer derives and renews; `verify` derives it again."""

LONGEST = 63  # bytes of a name in PostgreSQL


def name(kind: str, database: str | None = None) -> str:
    """The role of a kind in a database (default: the connected one); a long database name is cut and
    numbered."""
    prefix = database or str(connection.settings_dict["NAME"])
    if len(f"{prefix}_migrator".encode()) > LONGEST:
        digest = hashlib.sha256(prefix.encode()).hexdigest()[:8]
        prefix = f"{prefix.encode()[:40].decode(errors='ignore')}_{digest}"
    return f"{prefix}_{kind}"


@dataclass(frozen=True, slots=True)
class Right:
    """What a role may do with a table; `columns` may be updated although the table may not."""

    privileges: frozenset[str]
    columns: tuple[str, ...] = ()


def app_right(table: str) -> Right:
    """What the product itself may do with a table of the schema `public`."""
    if table == MIGRATIONS:
        return Right(READ)
    return _by_table().get(table, Right(ALL))


def _by_table() -> dict[str, Right]:
    found = {
        m._meta.db_table: Right(
            ADD, (*getattr(m, "erasable_columns", ()), *getattr(m, "renewable_columns", ()))
        )
        for m in trail.append_only_models()
    }
    return found | {m._meta.db_table: Right(ERASE) for m in trail.erasable_models()}


def right(kind: str, table: str) -> Right:
    """What a role of the installation may do with a table of the schema `public`."""
    if kind == "app":
        return app_right(table)
    if kind == "sealer" and table.startswith("audit_") and table != "audit_personal":
        return Right(ADD | {"UPDATE"} if table == HEADS else ADD if table in SEALS else READ)
    return Right(frozenset())


def tables() -> list[str]:
    """Every table of the schema `public`."""
    return [
        r[0]
        for r in _rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r',"
            " 'p') ORDER BY 1"
        )
    ]


def existing() -> set[str]:
    """Which of the five roles there are."""
    wanted = {name(kind): kind for kind in KINDS}
    found = _rows("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", list(wanted))
    return {wanted[r[0]] for r in found}


GRANTS = """
SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type, ''
FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.grantee <> c.relowner
UNION ALL
SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type, t.attname
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND t.attacl IS NOT NULL
  AND a.grantee <> c.relowner
"""


def granted() -> dict[str, dict[str, Right]]:
    """Every grant on tables of the schema `public`, by grantee and table; the owner's own are left out."""
    whole: dict[tuple[str, str], set[str]] = {}
    columns: dict[tuple[str, str], set[str]] = {}
    for table, grantee, privilege, column in _rows(GRANTS):
        key = (grantee, table)
        if not column:
            whole.setdefault(key, set()).add(privilege)
        else:
            columns.setdefault(key, set()).add(column if privilege == "UPDATE" else f"{privilege} {column}")
    out: dict[str, dict[str, Right]] = {}
    for grantee, table in whole.keys() | columns.keys():
        out.setdefault(grantee, {})[table] = Right(
            frozenset(whole.get((grantee, table), ())), tuple(sorted(columns.get((grantee, table), ())))
        )
    return out


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


# --- checks -------------------------------------------------------------------------------------------------


def check_roles(*, strict: bool = False) -> list[Finding]:
    """What weakens the protection of the ledger. Codes and sentences are those of `verify`; the subject is
    what is weak.

    Triggers are always judged; rights only where the roles have been made, so that a fresh installation is
    clean. `strict` (`harden --check`) also says that they have not been made, and that the product connects
    with too much.
    """
    out = [
        Finding("guard_missing", g, None, "A trigger that protects this table is missing or off.")
        for g in guards.missing()
    ]
    out += [
        Finding("guard_altered", g, None, "This guard is not the one that `manage.py migrate` installs.")
        for g in guards.altered()
    ]
    out += _rules()
    there = existing()
    if {"owner", "app"} <= there:
        out += [*_attributes(there), *_memberships(), *_grants(there), *_owners(), *_others_granted()]
    elif strict:
        detail = (
            "The roles have not been made; the product owns what it must not change. Run `manage.py harden`."
        )
        out.append(Finding("not_hardened", str(connection.settings_dict["NAME"]), None, detail))
    if strict:
        out += [*_sessions(), *_endless()]
    return out


def _rules() -> Iterator[Finding]:
    guarded = sorted({g.table for g in guards.guards()})
    for table, rules, hidden in _rows(
        "SELECT c.relname, c.relhasrules, c.relrowsecurity FROM pg_class c WHERE c.relname = ANY(%s)"
        " AND c.relnamespace = 'public'::regnamespace AND (c.relhasrules OR c.relrowsecurity)",
        guarded,
    ):
        if rules:
            yield Finding(
                "table_rule", table, None, "A rewrite rule on this table can turn a write into another."
            )
        if hidden:
            yield Finding(
                "row_security", table, None, "Row security on this table can hide rows from who verifies."
            )


def _attributes(there: set[str]) -> Iterator[Finding]:
    for role, login, *powers in _rows(
        "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        " FROM pg_roles WHERE rolname = ANY(%s)",
        [name(kind) for kind in KINDS],
    ):
        words = ("superuser", "may make roles", "may make databases", "may replicate", "passes row security")
        held = [word for word, has in zip(words, powers, strict=True) if has]
        if held:
            yield Finding("role_too_strong", role, None, f"This role is too strong: {', '.join(held)}.")
        if login and role == name("owner"):
            yield Finding(
                "owner_logs_in", role, None, "The owner of the tables can log in; nobody should be it."
            )
    for kind in sorted(set(KINDS) - there):
        yield Finding("role_missing", name(kind), None, "This role is not there; run `manage.py harden`.")


def _memberships() -> Iterator[Finding]:
    """The product, the sealer and auditors are members of nothing that could write past the rules."""
    for role, other in _rows(
        "SELECT r.rolname, o.rolname FROM pg_roles r JOIN pg_roles o ON o.rolname <> r.rolname"
        " AND pg_has_role(r.oid, o.oid, 'MEMBER') WHERE r.rolname = ANY(%s) AND NOT r.rolsuper ORDER BY 1, 2",
        [name(kind) for kind in ("app", "sealer", "auditor")],
    ):
        yield Finding("role_member", role, None, f"This role can act as {other}.")


def _grants(there: set[str]) -> Iterator[Finding]:
    """Grants wider than `right` gives; of other roles, any that writes a guarded table."""
    ours = {name(kind): kind for kind in there}
    guarded = {g.table for g in guards.guards()}
    owner = name("owner")
    for grantee, rights in sorted(granted().items()):
        for table, has in sorted(rights.items()):
            if grantee == owner:
                continue
            kind = ours.get(grantee)
            may = right(kind, table) if kind else Right(READ if grantee != "PUBLIC" else frozenset())
            wide = sorted(has.privileges - may.privileges) + sorted(set(has.columns) - set(may.columns))
            if wide and (kind or table in guarded):
                yield Finding("grant_too_wide", table, None, f"{grantee} may {', '.join(wide)} here.")


def _owners() -> Iterator[Finding]:
    guarded = sorted({g.table for g in guards.guards()})
    for table, owner in _rows(
        "SELECT relname, relowner::regrole::text FROM pg_class WHERE relname = ANY(%s)"
        " AND relnamespace = 'public'::regnamespace AND relowner::regrole::text <> quote_ident(%s) ORDER"
        " BY 1",
        guarded,
        name("owner"),
    ):
        yield Finding("owner_differs", table, None, f"This table belongs to {owner}, not to {name('owner')}.")


BESIDE = """
SELECT 'schema_open', %(app)s, 'may make objects in the schema public, which could stand in for ours'
  WHERE has_schema_privilege(%(app)s, 'public', 'CREATE')
UNION ALL SELECT 'database_open', %(app)s, 'may make temporary tables or schemas in this database'
  WHERE has_database_privilege(%(app)s, current_database(), 'TEMP, CREATE')
UNION ALL SELECT 'database_owned', %(app)s, 'owns this database and could drop it'
  FROM pg_database WHERE datname = current_database() AND pg_has_role(%(app)s, datdba, 'MEMBER')
UNION ALL SELECT 'parameter_open', %(app)s,
    'may set session_replication_role, which switches ordinary triggers off'
  WHERE has_parameter_privilege(%(app)s, 'session_replication_role', 'SET')
UNION ALL SELECT 'function_definer', p.proname, 'runs with the rights of ' || p.proowner::regrole::text ||
    ' and the product may call it'
  FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
  AND has_function_privilege(%(app)s, p.oid, 'EXECUTE')
"""


def _others_granted() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"app": name("app")})
        found = cursor.fetchall()
    for code, subject, detail in found:
        yield Finding(code, subject, None, f"{subject} {detail}.")


SESSIONS = """
SELECT DISTINCT a.usename, r.rolsuper FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = current_database() AND (a.application_name = 'countersign' OR a.pid = pg_backend_pid())
  AND (r.rolsuper OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'audit_entry'
       AND c.relnamespace = 'public'::regnamespace AND pg_has_role(r.oid, c.relowner, 'MEMBER')))
ORDER BY 1
"""


def _sessions() -> Iterator[Finding]:
    """Connections of the product, this one included, by a role that no rule binds."""
    for role, superuser in _rows(SESSIONS):
        what = "a superuser" if superuser else "the owner of the ledger, or can become it"
        detail = f"The product is connected as {role}, which is {what}. Connect as {name('app')}."
        yield Finding("connected_as_superuser" if superuser else "connected_as_owner", role, None, detail)


def _endless() -> Iterator[Finding]:
    """Auditors' logins without an end; who made the role only administers it."""
    for (role,) in _rows(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid"
        " = m.member WHERE g.rolname = %s AND r.rolcanlogin AND coalesce(r.rolvaliduntil, 'infinity') ="
        " 'infinity' AND pg_has_role(r.oid, g.oid, 'USAGE') AND NOT r.rolsuper ORDER BY 1",
        name("auditor"),
    ):
        yield Finding(
            "auditor_without_end", role, None, "This auditor's login never ends. Grant it anew with --until."
        )
