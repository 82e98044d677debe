"""The ledger as an object-centric event log (OCEL 2.0): what happened to which invoices, orders, receipts,
payments, vendors and questions, and by whom, for tools that mine processes.

Only sealed entries are in it, in one snapshot of the database. People are their numbers, without names. The
note beside it, signed by the sealer, binds the file's digest to the checkpoint that covers it; that it was
written is an entry of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from audit import clock, keys, ledger, sealing
from audit.canonical import instant, loads
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject

from ..reports import ocel
from ..reports.ocel import BEGINNING, Attributes, Log, LogEvent, LogObject, Value
from .access_log import seen_by
from .one_state import one_state

FORMATS: Final = (".json", ".sqlite")
ORIGIN = "countersign event log"
"""First line of the note beside a log."""
CHUNK = 2000


class NoSuchLog(CountersignError):
    """Name a file that ends in .json or .sqlite."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Written:
    """A log that was written: where, its SHA-256, how much is in it, under which checkpoint, and the note."""

    path: Path
    sha256: str
    objects: int
    events: int
    size: int
    root: str
    note: Path


def write(path: Path, *, by: str) -> Written:
    """Write the log to `path`, and the note to the same name with `.note`; whole or not at all. Raises
    `NoSuchLog`, `OSError`."""
    if path.suffix not in FORMATS:
        raise NoSuchLog
    sealing.seal()  # so that what happened until now is in it
    with one_state():
        checkpoint = sealing.latest()
        size = checkpoint.size if checkpoint else 0
        log, part = _log(size), path.with_name(f"{path.name}.part")
        try:
            if path.suffix == ".json":
                with part.open("wb") as out:
                    count = ocel.write_json(log, out)
            else:
                count = ocel.write_sqlite(log, part)
            with part.open("rb") as written:
                digest = file_digest(written, "sha256").hexdigest()
            root, note = checkpoint.root if checkpoint else "", path.with_name(f"{path.name}.note")
            text = f"{ORIGIN}\nsha256 {digest}\nsize {size}\nroot {root}\n"
            note.write_text(keys.signer().note(text))  # a log without its note is not there to be believed
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    done = Written(path, digest, count.objects, count.events, size, root, note)
    _record(done, by)
    return done


def _record(done: Written, by: str) -> None:
    subject = Subject.of("event_log", new_id())
    data = {
        "file": {"name": done.path.name, "sha256": done.sha256},
        "objects": str(done.objects),
        "events": str(done.events),
        "checkpoint": {"size": str(done.size), "root": done.root},
    }
    with transaction.atomic():
        seen_by(by, "event log", subject)
        ledger.append([ledger.Event(subject, "event_log.exported", by, clock.now(), data)])


def _log(size: int) -> Log:
    return Log(
        {name: kind.attributes for name, kind in OBJECTS.items()},
        {name: _attributes(name) for name in _event_types(size)},
        _objects(),
        _events(size),
    )


# --- objects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type of object: the types of its attributes, and the statement whose rows are id, attributes in this
    order, and what it belongs to (a list of [object, how]). `changing`: attributes as [[since, value]]."""

    attributes: Attributes
    statement: str
    changing: frozenset[str] = frozenset()


OBJECTS: dict[str, ObjectType] = {
    "vendor": ObjectType(
        {"vendor_id": "string", "country": "string"},
        "SELECT 'vendor/' || id, vendor_id, country, '[]'::jsonb FROM coordination_vendor ORDER BY id",
    ),
    "order": ObjectType(
        {"number": "string", "currency": "string", "net": "float", "order_date": "time"},
        """
        SELECT 'order/' || id, number, currency, net, order_date, CASE WHEN vendor_id IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_array('vendor/' || vendor_id, 'ordered from')) END
          FROM coordination_order ORDER BY id""",
    ),
    "receipt": ObjectType(
        {"number": "string", "kind": "string", "received_date": "time"},
        """
        SELECT 'receipt/' || r.id, r.number, r.kind, r.received_date, coalesce((
            SELECT jsonb_agg(DISTINCT jsonb_build_array('order/' || n.order_id, 'of'))
              FROM coordination_receiptline l JOIN coordination_ordername n ON n.number_key = l.order_key
             WHERE l.receipt_id = r.id AND l.order_key <> ''), '[]'::jsonb)
          FROM coordination_receipt r ORDER BY r.id""",
    ),
    "invoice": ObjectType(
        {
            "number": "string",
            "kind": "string",
            "currency": "string",
            "gross": "float",
            "issue_date": "time",
            "state": "string",
        },
        """
        SELECT 'invoice/' || i.id, i.number, i.type, i.currency, i.gross, i.issue_date, (
            SELECT jsonb_agg(jsonb_build_array(to_char(h.history_date AT TIME ZONE 'UTC',
                       'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), h.state) ORDER BY h.history_id)
              FROM (SELECT history_id, history_date, state, lag(state) OVER (ORDER BY history_id) AS before
                      FROM coordination_historicalinvoice WHERE id = i.id) h
             WHERE h.state IS DISTINCT FROM h.before),
            (SELECT coalesce(jsonb_agg(to_jsonb(b)), '[]'::jsonb) FROM (
                SELECT jsonb_build_array('vendor/' || i.vendor_id, 'billed by') AS b
                 WHERE i.vendor_id IS NOT NULL
                UNION SELECT jsonb_build_array('order/' || n.order_id, 'bills')
                  FROM coordination_ordername n WHERE n.number_key = ANY(f.order_keys)
                UNION SELECT jsonb_build_array('order/' || l.order_id, 'bills')
                  FROM coordination_allocation a JOIN coordination_orderline l ON l.id = a.order_line_id
                 WHERE a.invoice_id = i.id AND a.matching = i.matching) x)
          FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
         ORDER BY i.id""",
        frozenset({"state"}),
    ),
    "payment": ObjectType(
        {"amount": "float", "currency": "string", "run": "string", "status": "string"},
        """
        SELECT 'payment/' || p.id, p.amount, p.currency, b.number::text, p.status,
            jsonb_build_array(jsonb_build_array('invoice/' || p.invoice_id, 'pays'),
                jsonb_build_array('vendor/' || p.vendor_id, 'to'))
          FROM coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id ORDER BY p.id""",
    ),
    "escalation": ObjectType(
        {"kind": "string", "queue": "string", "status": "string", "verdict": "string", "due": "time"},
        """
        SELECT 'escalation/' || id, kind, queue, status, verdict, due_at, CASE
            WHEN subject LIKE 'invoice/%' OR subject LIKE 'vendor/%'
            THEN jsonb_build_array(jsonb_build_array(subject, 'about')) ELSE '[]'::jsonb END
          FROM reviews_escalation
         WHERE split_part(subject, '/', 1) IN ('invoice', 'vendor', 'payment_batch') ORDER BY id""",
    ),
    "agent": ObjectType(
        {"name": "string"},
        """
        SELECT 'agent/' || name, name, '[]'::jsonb FROM (SELECT DISTINCT
            split_part(substr(actor, length('agent:') + 1), '/', 1) AS name
            FROM audit_entry WHERE actor LIKE 'agent:%') a ORDER BY 1""",
    ),
    "person": ObjectType(
        {"number": "string"},
        """
        SELECT 'person/' || number, number, '[]'::jsonb FROM (SELECT DISTINCT
            substr(actor, length('human:') + 1) AS number
            FROM audit_entry WHERE actor LIKE 'human:%') p ORDER BY 1""",
    ),
}
"""Every type of object, in the order in which they are written. Amounts are floats for the tools' sake; the
ledger has them exactly."""


def _objects() -> Iterator[LogObject]:
    for name, kind in OBJECTS.items():
        for key, *values, relations in _stream(kind.statement):
            yield LogObject(
                key, name, list(_valued(kind, values)), [(other, how) for other, how in _json(relations)]
            )


def _json(value: Any) -> Any:
    """JSON of a raw query, which comes as text."""
    return loads(value) if isinstance(value, str) else value


def _valued(kind: ObjectType, values: list[Any]) -> Iterator[tuple[str, str, Value]]:
    for name, value in zip(kind.attributes, values, strict=True):
        if name in kind.changing:
            for n, (since, one) in enumerate(_json(value) or ()):
                yield name, BEGINNING if n == 0 else since, one
        elif value is not None and value != "":
            yield name, BEGINNING, _plain(value)


def _plain(value: Any) -> Value:
    """A column's value as logs have it: amounts as floats, days and times as text in UTC."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return instant(value)
    return f"{value.isoformat()}T00:00:00Z" if isinstance(value, date) else str(value)


def _stream(statement: str, *parameters: Any) -> Iterator[tuple[Any, ...]]:
    """Rows of a query of any length, some at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters or None)
        while found := cursor.fetchmany(CHUNK):
            yield from found


# --- events -------------------------------------------------------------------------------------------------

EVERY: Attributes = {"actor": "string", "entry": "string", "sha256": "string"}
"""Attributes of every event: who, its place in the history of its subject, and the hash of its entry."""
DECIDED: Attributes = {
    "outcome": "string",
    "result": "string",
    "confidence": "float",
    "lane": "string",
    "state_from": "string",
    "state_to": "string",
    "policy": "string",
    "reasons": "string",
}
ANSWERED: Attributes = {"verdict": "string", "reason": "string"}
BY_AGENT = "decided by "
"""Begins the type of a decision: each agent's is an activity of its own, and people's is one."""
CONCERNED = ("invoice", "order", "receipt", "vendor")
"""Kinds of subject that are objects; a payment run is one by its payments."""

TYPES = """
SELECT DISTINCT type, CASE WHEN type = 'invoice.decided' THEN split_part(actor, '/', 1) ELSE '' END
  FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id
 WHERE l.leaf_index < %s AND split_part(subject, '/', 1) = ANY(%s) ORDER BY 1, 2
"""
ENTRIES = """
SELECT e.body, e.hash, CASE WHEN e.type = 'invoice.received' THEN ARRAY(
           SELECT DISTINCT 'order/' || n.order_id FROM coordination_invoicefacts f
             JOIN coordination_ordername n ON n.number_key = ANY(f.order_keys)
            WHERE f.invoice_id = split_part(e.subject, '/', 2)::uuid ORDER BY 1) END,
       CASE WHEN starts_with(e.subject, 'payment_batch/') THEN ARRAY(
           SELECT 'payment/' || p.id FROM coordination_payment p
            WHERE p.batch_id = split_part(e.subject, '/', 2)::uuid ORDER BY p.id) END
  FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id
 WHERE l.leaf_index < %s AND split_part(e.subject, '/', 1) = ANY(%s) ORDER BY l.leaf_index
"""
SUBJECTS = [*CONCERNED, "payment_batch"]


def _event_types(size: int) -> list[str]:
    return list(dict.fromkeys(_activity(type_, actor) for type_, actor in _stream(TYPES, size, SUBJECTS)))


def _activity(type_: str, actor: str) -> str:
    """The type of an event: of a decision by whom it was made, of others that of the entry."""
    if type_ != "invoice.decided":
        return type_
    kind, _, name = actor.partition(":")
    return f"{BY_AGENT}{name.partition('/')[0] if kind == 'agent' else 'a person'}"


def _attributes(activity: str) -> Attributes:
    if activity.startswith(BY_AGENT):
        return {**EVERY, **DECIDED}
    return {**EVERY, **ANSWERED} if activity == "verdict.given" else EVERY


def _events(size: int) -> Iterator[LogEvent]:
    for body, digest, orders, payments in _stream(ENTRIES, size, SUBJECTS):
        entry = loads(body)
        data, subject, actor = entry["data"], Subject(entry["subject"]), entry["authid"]
        activity = _activity(entry["type"], actor)
        relations = [(str(subject), "about")] if subject.kind in CONCERNED else []
        relations += [(payment, "about") for payment in payments or ()]
        relations += [(order, "names") for order in orders or ()]
        if data.get("escalation"):
            relations.append((f"escalation/{data['escalation']}", "question"))
        relations += _by(actor)
        told = {"actor": actor, "entry": entry["sequence"], "sha256": digest}
        yield LogEvent(entry["id"], activity, entry["time"], told | _details(activity, data), relations)


def _by(actor: str) -> list[tuple[str, str]]:
    kind, _, name = actor.partition(":")
    if kind == "agent":
        return [(f"agent/{name.partition('/')[0]}", "by")]
    return [(f"person/{name}", "by")] if kind == "human" else []


def _details(activity: str, data: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if activity.startswith(BY_AGENT):
        state = data.get("state") or {}
        found = {k: data[k] for k in ("outcome", "result", "lane") if data.get(k)}
        if data.get("confidence"):
            found["confidence"] = float(data["confidence"])
        found |= {"state_from": state.get("from", ""), "state_to": state.get("to", "")}
        found["policy"] = str((data.get("policy") or {}).get("revision", ""))
        found["reasons"] = " ".join(data.get("reasons") or ())
    elif activity == "verdict.given":
        found = {k: str(data[k]) for k in ANSWERED if data.get(k)}
    return found
