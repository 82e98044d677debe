"""What hardening brings about, as steps: roles, membership, ownership, rights. `hardening.py` carries them
out.

A plan looks at the server and yields what is to be; a step without statements is so already. Names come from
the catalogue or from `roles.name` and are quoted by psycopg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import sql

from . import roles
from .roles import KINDS, VIEWS, name

ATTRIBUTES = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
PURPOSE = {
    "owner": "owns all tables, cannot log in",
    "app": "the product: adds to the ledger, never changes it",
    "sealer": "adds seals, reads the ledger",
    "auditor": "reads the documented views, through logins of its own",
    "migrator": "becomes the owner to migrate",
}
NO_ROLES = (
    "Without roles the product owns its tables, and only the triggers, the chains and checkpoints kept"
    " elsewhere protect the ledger. Let an administrator of the server run `manage.py harden`, or the"
    " statements of `harden --dry-run`."
)
NO_OWNER = (
    "The product's login can switch its own triggers off; `verify` sees it, PostgreSQL does not prevent it."
)
NO_PUBLIC = (
    "Other logins of this server keep what the server gives to everybody: connecting and temporary tables."
)
NO_GRANT = "The product or an auditor cannot connect with the role until an owner of these objects grants it."


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring about: what, whether it is so already, by which statements, what follows when
    refused."""

    what: str
    statements: list[sql.Composed] = field(default_factory=list)
    follows: str = ""

    @property
    def there(self) -> bool:
        return not self.statements


def text_of(statement: sql.Composed) -> str:
    connection.ensure_connection()
    return statement.as_string(connection.connection)


def say(template: str, **names: str | sql.Composable) -> sql.Composed:
    parts = {k: v if isinstance(v, sql.Composable) else sql.Identifier(v) for k, v in names.items()}
    return sql.SQL(template).format(**parts)


def _ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


def verifier(role: str, password: str) -> sql.Literal:
    """What the server keeps instead of a password (SCRAM-SHA-256): so that no statement, and no log, carries
    it."""
    connection.ensure_connection()
    found = connection.connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.Literal(found.decode())


# --- roles --------------------------------------------------------------------------------------------------


def make_roles() -> Iterator[Step]:
    """The five roles, without passwords: nobody logs in by them until `harden --password KIND` gives one."""
    wanted = {name(kind): kind for kind in KINDS}
    found = {
        r[0]: r[1:]
        for r in _ask(
            "SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR"
            " rolbypassrls FROM pg_roles WHERE rolname = ANY(%s)",
            list(wanted),
        )
    }
    for role, kind in wanted.items():
        logs_in = kind in {"app", "sealer", "migrator"}
        what = f"role {role}: {PURPOSE[kind]}"
        if found.get(role) == (logs_in, False):
            yield Step(what)
            continue
        verb = "ALTER" if role in found else "CREATE"
        statement = say(f"{verb} ROLE {{role}} {'LOGIN' if logs_in else 'NOLOGIN'} {ATTRIBUTES}", role=role)
        yield Step(what, [statement], NO_ROLES)


def join_roles() -> Iterator[Step]:
    """The migrator may become the owner and starts as it; so may the administrator who hands the tables
    over."""
    owner, migrator = name("owner"), name("migrator")
    me, superuser, version = _ask(
        "SELECT current_user, rolsuper, current_setting('server_version_num')::int FROM pg_roles WHERE"
        " rolname = current_user"
    )[0]
    options = " WITH INHERIT TRUE, SET TRUE" if version >= 160000 else ""  # before 16 membership meant both
    for member in [migrator] if superuser else [migrator, me]:
        what = f"{member} may act as {owner}"
        joined = _ask(
            "SELECT 1 FROM pg_roles r, pg_roles o WHERE r.rolname = %s AND o.rolname = %s AND"
            " pg_has_role(r.oid, o.oid, 'USAGE')",
            member,
            owner,
        )
        grant = say(f"GRANT {{owner}} TO {{member}}{options}", owner=owner, member=member)
        yield Step(what, [] if joined else [grant], NO_OWNER)
    database = str(connection.settings_dict["NAME"])
    starts = _ask(
        "SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole JOIN pg_database d ON d.oid"
        " = s.setdatabase WHERE r.rolname = %s AND d.datname = %s AND %s = ANY(s.setconfig)",
        migrator,
        database,
        f"role={owner}",
    )
    setting = say(
        "ALTER ROLE {role} IN DATABASE {database} SET role = {owner}",
        role=migrator,
        database=database,
        owner=owner,
    )
    follows = f"What {migrator} makes would belong to it. Run migrations with `SET ROLE {owner}`."
    yield Step(f"{migrator} starts as {owner}", [] if starts else [setting], follows)


# --- ownership ----------------------------------------------------------------------------------------------

OBJECTS = """
SELECT 'SCHEMA', quote_ident(nspname), nspowner::regrole::text FROM pg_namespace
    WHERE nspname IN ('public', %(views)s)
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
    WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
       c.oid::regclass::text, relowner::regrole::text
FROM pg_class c WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', %(views)s))
  AND relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i', 'e')
                  AND d.classid = 'pg_class'::regclass AND (c.relkind = 'S' OR d.deptype = 'e'))
UNION ALL
SELECT CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END,
       p.oid::regprocedure::text, proowner::regrole::text
FROM pg_proc p WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', %(views)s))
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'TYPE', t.oid::regtype::text, typowner::regrole::text
FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
"""


def hand_over() -> Iterator[Step]:
    """Everything in our schemas belongs to the owner. One step, so that it is all of it or nothing."""
    owner, database = name("owner"), str(connection.settings_dict["NAME"])
    makes = _ask(
        "SELECT 1 FROM pg_roles r WHERE r.rolname = %s AND has_database_privilege(r.oid, current_database(),"
        " 'CREATE') AND has_schema_privilege(r.oid, 'public', 'CREATE')",
        owner,
    )
    allow = [
        say("GRANT CREATE ON DATABASE {db} TO {r}", db=database, r=owner),
        say("GRANT ALL ON SCHEMA public TO {r}", r=owner),
    ]
    yield Step(f"{owner} makes schemas and tables", [] if makes else allow, NO_OWNER)
    with connection.cursor() as cursor:
        cursor.execute(OBJECTS, {"views": VIEWS})
        found = [(kind, object_) for kind, object_, of in cursor.fetchall() if of.strip('"') != owner]
    # kind and name come from the catalogue, quoted by it
    statements = [
        say("ALTER {kind} {object} OWNER TO {owner}", kind=sql.SQL(k), object=sql.SQL(o), owner=owner)
        for k, o in found
    ]
    count = f"{len(found)} objects" if found else "all tables, views, functions and types"
    yield Step(f"{count} belong to {owner}", statements, NO_OWNER)


# --- rights -------------------------------------------------------------------------------------------------


def close_public() -> Iterator[Step]:
    """Nothing for everybody: no objects in the schema, no temporary tables, no connection to this
    database."""
    database = str(connection.settings_dict["NAME"])
    logins = [name(kind) for kind in ("app", "sealer", "auditor", "migrator")]
    logins += [
        r[0] for r in _ask("SELECT rolname FROM pg_roles WHERE rolname = current_user AND NOT rolsuper")
    ]
    open_schema = _ask(
        "SELECT 1 FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a"
        " WHERE n.nspname = 'public' AND a.grantee = 0"
    )
    yield Step(
        "nobody but our roles uses the schema public",
        [say("REVOKE ALL ON SCHEMA public FROM PUBLIC")] if open_schema else [],
        NO_PUBLIC,
    )
    shut = not _ask(
        "SELECT 1 FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a"
        " WHERE d.datname = current_database() AND a.grantee = 0"
    )
    can = {
        r[0]
        for r in _ask(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND has_database_privilege(rolname,"
            " current_database(), 'CONNECT')",
            logins,
        )
    }
    statements = [say("REVOKE ALL ON DATABASE {db} FROM PUBLIC", db=database)] if not shut else []
    if not shut or set(logins) - can:
        statements += [say("GRANT CONNECT ON DATABASE {db} TO {role}", db=database, role=r) for r in logins]
    yield Step("nobody but our roles connects to this database", statements, NO_PUBLIC)


def grant_tables() -> Iterator[Step]:
    """Per role the rights of `roles.right`, table by table; only tables that differ are touched."""
    tables, has = roles.tables(), roles.granted()
    for kind in ("app", "sealer", "auditor"):
        role = name(kind)
        nothing = roles.Right(frozenset())
        differ = [t for t in tables if has.get(role, {}).get(t, nothing) != roles.right(kind, t)]
        what = f"{role} has its rights on {f'{len(differ)} tables' if differ else 'every table'}"
        yield Step(what, [s for t in differ for s in _grant(role, t, roles.right(kind, t))], NO_GRANT)
    wide = sorted(has.get("PUBLIC", {}))
    revoke = [say("REVOKE ALL ON TABLE {t} FROM PUBLIC", t=t) for t in wide]
    yield Step("no table is open to everybody", revoke, NO_PUBLIC)


def _grant(role: str, table: str, want: roles.Right) -> Iterator[sql.Composed]:
    yield say("REVOKE ALL ON TABLE {t} FROM {r}", t=table, r=role)
    if want.privileges:
        listed = ", ".join(sorted(want.privileges))
        yield say(f"GRANT {listed} ON TABLE {{t}} TO {{r}}", t=table, r=role)
    for column in want.columns:
        yield say("GRANT UPDATE ({c}) ON TABLE {t} TO {r}", c=column, t=table, r=role)


INSIDE = "SELECT 1 FROM pg_roles WHERE rolname = %s AND has_schema_privilege(oid, %s, 'USAGE')"
SEQUENCES = """
SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s AND has_sequence_privilege(oid, c.oid, 'USAGE'))
    ORDER BY 1
"""


def grant_around() -> Iterator[Step]:
    """Schemas, sequences and views."""
    app, sealer, auditor = name("app"), name("sealer"), name("auditor")
    for role in (app, sealer):
        inside = _ask(INSIDE, role, "public")
        use = say("GRANT USAGE ON SCHEMA public TO {r}", r=role)
        yield Step(f"{role} uses the schema public", [] if inside else [use], NO_GRANT)
    lacking = [r[0] for r in _ask(SEQUENCES, app)]
    draw = [say("GRANT USAGE, SELECT ON SEQUENCE {s} TO {r}", s=s, r=app) for s in lacking]
    yield Step(f"{app} draws numbers from every sequence, and sets none", draw, NO_GRANT)
    lacking = [r[0] for r in _ask(SEQUENCES, sealer) if r[0].startswith(roles.SEALS)]
    draw = [say("GRANT USAGE ON SEQUENCE {s} TO {r}", s=s, r=sealer) for s in lacking]
    yield Step(f"{sealer} draws numbers for seals", draw, NO_GRANT)
    yield _views(auditor)


def _views(auditor: str) -> Step:
    """The auditor's role reads the schema of views, whatever views there are by now."""
    there = _ask("SELECT 1 FROM pg_namespace WHERE nspname = %s", VIEWS)
    what = f"{auditor} reads the views of {VIEWS}, and nothing else"
    if not there:
        return Step(what)  # they come with the next migrate, which grants them
    lacking = _ask(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'v' AND NOT"
        " EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s AND has_table_privilege(oid, c.oid, 'SELECT'))",
        VIEWS,
        auditor,
    )
    inside = _ask(INSIDE, auditor, VIEWS)
    statements = [] if inside else [say("GRANT USAGE ON SCHEMA {s} TO {r}", s=VIEWS, r=auditor)]
    statements += [say("GRANT SELECT ON {s}.{v} TO {r}", s=VIEWS, v=v[0], r=auditor) for v in lacking]
    return Step(what, statements, NO_GRANT)


PLANS: tuple[Callable[[], Iterator[Step]], ...] = (
    join_roles,
    hand_over,
    close_public,
    grant_tables,
    grant_around,
)
"""In this order: each plan is made when the one before it has been carried out."""
