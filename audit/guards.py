"""What the database itself enforces: history is complete, and what is written stays.

Generated from model meta after every migration, so a new field or a new tracked model cannot be forgotten:
- a deferred constraint trigger per tracked table: at commit the live row equals its newest history row;
- append-only triggers on ledger, decisions, facts and history: no UPDATE, DELETE or TRUNCATE;
- no TRUNCATE on tracked tables either (it fires no row trigger).
All are ENABLE ALWAYS, so that `session_replication_role` does not switch them off.
"""

from __future__ import annotations

from django.db import connection, models

from . import trail

REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    FROM (SELECT * FROM {history} WHERE {key} = k ORDER BY history_id DESC LIMIT 1) h
    LEFT JOIN {table} l ON l.{key} = h.{key};
  IF kind IS NULL OR NOT same THEN
    RAISE EXCEPTION '{table} %: the row differs from its newest history row', k
      USING ERRCODE = 'check_violation', CONSTRAINT = '{trigger}',
            HINT = 'Change tracked rows through the service that writes history and ledger with them.';
  END IF;
  RETURN NULL;
END $$;
"""


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def complete_history(model: type[models.Model]) -> list[str]:
    """Statements that make history of `model` a database invariant, with the index its check needs."""
    c = trail.codec(model)
    key_field = model._meta.pk
    assert key_field is not None  # noqa: S101 - every model has one
    trigger = f"audit_complete_{c.table}"
    function = COMPLETE.format(
        function=trigger,
        trigger=trigger,
        table=c.table,
        history=c.history_table,
        key=c.columns[c.key_at],
        key_type=key_field.db_type(connection),
        live=", ".join(f"l.{_quote(col)}" for col in c.columns),
        past=", ".join(f"h.{_quote(col)}" for col in c.columns),
    )
    return [
        f"CREATE INDEX IF NOT EXISTS {c.history_table}_newest ON {c.history_table} ({c.columns[c.key_at]}, history_id)",
        function,
        f"DROP TRIGGER IF EXISTS {trigger} ON {c.table}",
        (
            f"CREATE CONSTRAINT TRIGGER {trigger} AFTER INSERT OR UPDATE OR DELETE ON {c.table}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {trigger}()"
        ),
        f"ALTER TABLE {c.table} ENABLE ALWAYS TRIGGER {trigger}",
        *_refuse(c.table, "audit_no_truncate", "TRUNCATE", "STATEMENT"),
    ]


def append_only(model: type[models.Model]) -> list[str]:
    """Statements that leave INSERT as the only way to write to the table of `model`."""
    table = model._meta.db_table
    return [
        *_refuse(table, "audit_append_only", "UPDATE OR DELETE", "ROW"),
        *_refuse(table, "audit_no_truncate", "TRUNCATE", "STATEMENT"),
    ]


def _refuse(table: str, trigger: str, operations: str, level: str) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {trigger} ON {table}",
        f"CREATE TRIGGER {trigger} BEFORE {operations} ON {table} FOR EACH {level} EXECUTE FUNCTION audit_refuse()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
    ]


def install() -> None:
    """Create or renew every guard. Idempotent; runs after each `migrate`."""
    statements = [REFUSE]
    for model in trail.tracked_models():
        statements += complete_history(model)
    for model in trail.append_only_models():
        statements += append_only(model)
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(s.strip().rstrip(";") for s in statements))


def missing() -> list[str]:
    """Guards that should be there and are not (or are switched off), as `table.trigger`."""
    wanted = {
        (trail.codec(m).table, f"audit_complete_{trail.codec(m).table}") for m in trail.tracked_models()
    }
    wanted |= {(trail.codec(m).table, "audit_no_truncate") for m in trail.tracked_models()}
    for model in trail.append_only_models():
        wanted |= {(model._meta.db_table, t) for t in ("audit_append_only", "audit_no_truncate")}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND c.relnamespace = 'public'::regnamespace"
        )
        present = {(table, trigger) for table, trigger in cursor.fetchall()}
    return sorted(f"{table}.{trigger}" for table, trigger in wanted - present)
