"""What the database itself enforces: history is complete, and what is written stays.

Generated from model meta after every migration, so a new field or a new tracked model cannot be forgotten:
- a deferred constraint trigger per tracked table: at commit the live row equals its newest history row;
- append-only triggers on ledger, decisions, facts and history: no UPDATE, DELETE or TRUNCATE;
- no TRUNCATE on tracked tables either (it fires no row trigger);
- rules of a model's own (`database_rules`), checked at commit;
- columns that are worked out of facts are written anew only with the entry that adds one;
- erasable rows and columns (personal text, the access log) leave only in a transaction that writes the entry
  about it. All are ENABLE ALWAYS, so that `session_replication_role` does not switch them off. Tables are
  named with their schema inside the functions: a temporary table of the same name would stand in for history
  otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from . import trail

ERASURES = ("personal.erased", "retention.applied")
"""Types of entries under which erasable rows may leave."""

REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: rows of this table are only ever added', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

RECORDED = f"""EXISTS (SELECT 1 FROM public.audit_entry WHERE tx = pg_current_xact_id()::text::bigint
    AND type IN ({", ".join(f"'{t}'" for t in ERASURES)}))"""  # noqa: S608 - our own constants

ERASE = f"""
CREATE OR REPLACE FUNCTION audit_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {RECORDED} THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% on % is refused: rows of this table leave only with an entry that lists them', TG_OP,
      TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

BLANK = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ROW({new_kept}) IS NOT DISTINCT FROM ROW({old_kept}) AND (
      ({emptied} AND {recorded}) OR ({was_empty} AND {restored})) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on % is refused: rows of this table are only ever added', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

RENEW = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ROW({new_kept}) IS NOT DISTINCT FROM ROW({old_kept}) AND EXISTS (SELECT 1 FROM public.audit_entry
      WHERE tx = pg_current_xact_id()::text::bigint AND type IN ({types})) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on % is refused: rows of this table are only ever added', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

COMPLETE = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  k {key_type} := CASE WHEN TG_OP = 'DELETE' THEN OLD.{key} ELSE NEW.{key} END;
  kind text; same boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.{key} <> NEW.{key} THEN
    RAISE EXCEPTION '{table}: the key of a tracked row never changes' USING ERRCODE = 'check_violation';
  END IF;
  SELECT h.history_type, CASE WHEN h.history_type = '-' THEN l.{key} IS NULL
      ELSE l.{key} IS NOT NULL AND ROW({live}) IS NOT DISTINCT FROM ROW({past}) END INTO kind, same
    FROM (SELECT * FROM public.{history} WHERE {key} = k ORDER BY history_id DESC LIMIT 1) h
    LEFT JOIN public.{table} l ON l.{key} = h.{key};
  IF kind IS NULL OR NOT same THEN
    RAISE EXCEPTION '{table} %: the row differs from its newest history row', k
      USING ERRCODE = 'check_violation', CONSTRAINT = '{trigger}',
            HINT = 'Change tracked rows through the service that writes history and ledger with them.';
  END IF;
  RETURN NULL;
END $$;
"""

RULE = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
{body}
$$;
"""

ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 1, 2, 4, 8, 16, 32  # bits of pg_trigger.tgtype


@dataclass(frozen=True, slots=True)
class Rule:
    """What a model asks of its own rows at commit beyond a CHECK (`database_rules`): a trigger function's
    body, run for each row that is added or changed. It raises to refuse."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger as it has to be: its function, its bits of `pg_trigger.tgtype`, checked at once or at
    commit."""

    table: str
    name: str
    function: str
    bits: int
    deferred: bool = False

    @property
    def statements(self) -> list[str]:
        events = [(INSERT, "INSERT"), (UPDATE, "UPDATE"), (DELETE, "DELETE"), (TRUNCATE, "TRUNCATE")]
        when = "BEFORE" if self.bits & BEFORE else "AFTER"
        what = " OR ".join(word for bit, word in events if self.bits & bit)
        level = "ROW" if self.bits & ROW else "STATEMENT"
        kind, delay = ("CONSTRAINT ", "DEFERRABLE INITIALLY DEFERRED ") if self.deferred else ("", "")
        return [
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            (
                f"CREATE {kind}TRIGGER {self.name} {when} {what} ON {self.table}"
                f" {delay}FOR EACH {level} EXECUTE FUNCTION {self.function}()"
            ),
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {self.name}",
        ]


def guards() -> list[Guard]:
    """Every trigger that has to be there."""
    out = []
    for model in trail.tracked_models():
        table = trail.codec(model).table
        name = f"audit_complete_{table}"
        out += [Guard(table, name, name, ROW | INSERT | UPDATE | DELETE, deferred=True), _no_truncate(table)]
    blankable, renewable = set(trail.blankable_models()), set(trail.renewable_models())
    for model in trail.append_only_models():
        table, blank = model._meta.db_table, model in blankable
        refused = DELETE if blank or model in renewable else UPDATE | DELETE
        out += [
            Guard(table, "audit_append_only", "audit_refuse", ROW | BEFORE | refused),
            _no_truncate(table),
        ]
        if blank:
            out.append(Guard(table, "audit_erase", f"audit_erase_{table}", ROW | BEFORE | UPDATE))
        if model in renewable:
            out.append(Guard(table, "audit_renew", f"audit_renew_{table}", ROW | BEFORE | UPDATE))
    for model in trail.erasable_models():
        table = model._meta.db_table
        out += [
            Guard(table, "audit_append_only", "audit_refuse", ROW | BEFORE | UPDATE),
            Guard(table, "audit_erase", "audit_erase", ROW | BEFORE | DELETE),
            _no_truncate(table),
        ]
    out += [
        Guard(model._meta.db_table, rule.name, rule.name, ROW | INSERT | UPDATE, deferred=True)
        for model, rule in rules()
    ]
    return out


def rules() -> list[tuple[type[models.Model], Rule]]:
    """The rules of the models' own, with the models."""
    found = sorted(apps.get_models(), key=lambda m: m._meta.db_table)
    return [(model, rule) for model in found for rule in getattr(model, "database_rules", ())]


def _no_truncate(table: str) -> Guard:
    return Guard(table, "audit_no_truncate", "audit_refuse", BEFORE | TRUNCATE)


def functions() -> dict[str, str]:
    """The trigger functions by name, each as the statement that makes it."""
    out = {"audit_refuse": REFUSE, "audit_erase": ERASE}
    for model in trail.tracked_models():
        out[f"audit_complete_{trail.codec(model).table}"] = _complete(model)
    for model in trail.blankable_models():
        out[f"audit_erase_{model._meta.db_table}"] = _blank(model)
    for model in trail.renewable_models():
        out[f"audit_renew_{model._meta.db_table}"] = _renew(model)
    for _, rule in rules():
        out[rule.name] = RULE.format(function=rule.name, body=rule.body.strip())
    return out


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _complete(model: type[models.Model]) -> str:
    c = trail.codec(model)
    key_field = model._meta.pk
    assert key_field is not None  # noqa: S101 - every model has one
    trigger = f"audit_complete_{c.table}"
    return COMPLETE.format(
        function=trigger,
        trigger=trigger,
        table=c.table,
        history=c.history_table,
        key=c.columns[c.key_at],
        key_type=key_field.db_type(connection),
        live=", ".join(f"l.{_quote(col)}" for col in c.columns),
        past=", ".join(f"h.{_quote(col)}" for col in c.columns),
    )


def _blank(model: type[models.Model]) -> str:
    """Columns may be emptied under an entry, and filled again with what satisfies the model's
    `restorable`."""
    erasable: tuple[str, ...] = model.erasable_columns  # type: ignore[attr-defined]
    kept = [_quote(str(f.column)) for f in model._meta.concrete_fields if f.column not in erasable]

    def empty(row: str) -> str:
        return "(" + " AND ".join(f"octet_length({row}.{_quote(c)}) = 0" for c in erasable) + ")"

    return BLANK.format(
        function=f"audit_erase_{model._meta.db_table}",
        new_kept=", ".join(f"NEW.{c}" for c in kept),
        old_kept=", ".join(f"OLD.{c}" for c in kept),
        emptied=empty("NEW"),
        was_empty=empty("OLD"),
        recorded=RECORDED,
        restored=getattr(model, "restorable", "false"),
    )


def _renew(model: type[models.Model]) -> str:
    """Columns may be written anew in a transaction with an entry of one of the model's types."""
    renewed: tuple[str, ...] = model.renewable_columns  # type: ignore[attr-defined]
    types: tuple[str, ...] = model.renewed_under  # type: ignore[attr-defined]
    kept = [_quote(str(f.column)) for f in model._meta.concrete_fields if f.column not in renewed]
    return RENEW.format(
        function=f"audit_renew_{model._meta.db_table}",
        new_kept=", ".join(f"NEW.{c}" for c in kept),
        old_kept=", ".join(f"OLD.{c}" for c in kept),
        types=", ".join(f"'{t}'" for t in types),
    )


def _newest_indexes() -> list[str]:
    """The index by which the completeness check finds the newest history row."""
    return [
        f"CREATE INDEX IF NOT EXISTS {c.history_table}_newest ON {c.history_table} ({c.columns[c.key_at]},"
        " history_id)"
        for c in map(trail.codec, trail.tracked_models())
    ]


def install() -> None:
    """Create or renew every guard. Idempotent; runs after each `migrate`."""
    statements = [*functions().values(), *_newest_indexes()]
    for guard in guards():
        statements += guard.statements
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(s.strip().rstrip(";") for s in statements))


def missing() -> list[str]:
    """Guards that should be there and are not (or are switched off), as `table.trigger`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND c.relnamespace = 'public'::regnamespace"
        )
        present = {(table, trigger) for table, trigger in cursor.fetchall()}
    wanted = {(guard.table, guard.name) for guard in guards()}
    return sorted(f"{table}.{trigger}" for table, trigger in wanted - present)


def altered() -> list[str]:
    """Guards that are there but do something else than they should: other events, a condition, another
    function body."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, p.proname, t.tgtype, t.tginitdeferred,"
            " t.tgqual IS NULL AND t.tgattr = ''::int2vector AND p.pronamespace = 'public'::regnamespace"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
        )
        present = {(row[0], row[1]): (*row[2:5], row[5]) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proconfig IS"
            " NULL AND prorettype = 'trigger'::regtype"
        )
        sources: dict[str, str] = dict(cursor.fetchall())
    wanted = {(g.table, g.name): (g.function, g.bits, g.deferred, True) for g in guards()}
    triggers = [f"{t}.{name}" for (t, name), want in wanted.items() if present.get((t, name), want) != want]
    bodies = [
        f"{name}()" for name, text in functions().items() if sources.get(name, "") != text.split("$$")[1]
    ]
    return sorted([*triggers, *bodies])
