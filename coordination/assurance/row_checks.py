"""Rows that are only ever added, compared with the entries that they repeat: each check is one statement, and
its findings.

These rows have no history of their own. Who edits one with the guards off changes what pages, exports and
agents read, and leaves the entry as it was; who invents one has no entry for it; who removes one leaves the
entry alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from audit.verify import Finding

MOST = 1000
"""Findings of one kind: enough to see what happened."""

ARRIVALS = (
    "invoice.received",
    "receipt.recorded",
    "order.received",
    "order.changed",
    "vendor.created",
    "vendor.changed",
    "rate.recorded",
    "conversion.declared",
    "codings.recorded",
    "statement.received",
    "bank.reported",
    "answer.received",
    "remittance.received",
    "reminder.received",
    "document.repeated",
)
"""Types of the entries that say how a document came in: one for each document."""

# An entry's `data` as JSON, in a sub-select that PostgreSQL does not take apart: each body is read once.
DECISIONS = """
SELECT 'decision/' || coalesce(d.id::text, e.data->>'decision_id'), e.seq,
  CASE WHEN e.id IS NULL THEN 'unbound' WHEN d.id IS NULL THEN 'missing' ELSE 'altered' END
FROM coordination_decision d
FULL JOIN (SELECT id, subject, seq, actor, recorded_at, body::jsonb->'data' AS data FROM audit_entry
           WHERE type = 'invoice.decided' OFFSET 0) e ON e.id = d.entry_id
WHERE d.id IS NULL OR e.id IS NULL OR (d.id::text, 'invoice/' || d.invoice_id, d.actor, d.at, d.agent,
    d.state_from, d.state_to,
    d.state_version::text, d.policy, coalesce(d.confidence, 0))
  IS DISTINCT FROM (e.data->>'decision_id', e.subject, e.actor, e.recorded_at, e.data->>'agent',
      e.data->'state'->>'from',
    e.data->'state'->>'to', e.data->'state'->>'version', 'v' || (e.data->'policy'->>'revision'),
    CASE WHEN d.agent = 'person' THEN 0 ELSE round((e.data->>'confidence')::numeric, 3) END)
  OR d.outcome <> CASE WHEN d.agent = 'person' THEN e.data->>'outcome' ELSE e.data->>'result' END
  OR d.codes <> CASE WHEN d.agent = 'person' THEN e.data->'released' ELSE e.data->'reasons' END
LIMIT %s
"""
VERDICTS = """
SELECT 'escalation/' || coalesce(v.escalation_id::text, e.data->>'escalation'), e.seq,
  CASE WHEN e.id IS NULL THEN 'unbound' WHEN v.id IS NULL THEN 'missing' ELSE 'altered' END
FROM reviews_verdict v
FULL JOIN (SELECT id, seq, actor, recorded_at, body::jsonb->'data' AS data FROM audit_entry
           WHERE type = 'verdict.given' OFFSET 0) e ON e.data->>'escalation' = v.escalation_id::text
               AND e.actor = v.by
WHERE v.id IS NULL OR e.id IS NULL OR (v.verdict, v.on_behalf_of, to_jsonb(v.stands_as), v.reason, v.comment,
    v.overrides, v.remedy, v.terms, v.covers, v.seen_version::text, v.seconds::text, v.payload_hash, v.at)
  IS DISTINCT FROM (e.data->>'verdict', coalesce(e.data->>'on_behalf_of', ''),
    coalesce(e.data->'stands_as', '[]'), e.data->>'reason', e.data->>'comment', e.data->>'overrides',
    coalesce(e.data->>'remedy', ''), coalesce(e.data->'terms', '{}'), e.data->'covers',
    e.data->'seen'->>'version', e.data->'seen'->>'seconds', e.data->'on'->>'payload_sha256', e.recorded_at)
LIMIT %s
"""
# What people supplied above a document, each with its place in the entry that says so.
SUPPLIED = """
SELECT 'invoice/' || coalesce(s.invoice_id::text, e.invoice), e.seq,
  CASE WHEN e.invoice IS NULL THEN 'unbound' WHEN s.id IS NULL THEN 'missing' ELSE 'altered' END
FROM coordination_suppliedfact s
FULL JOIN (SELECT substr(subject, 9) AS invoice, seq, actor, recorded_at, x.*,
    body::jsonb->'data'->>'confirmed_by' AS second, body::jsonb->'data'->>'question' AS question,
    body::jsonb->'data'->'document'->>'id' AS document, body::jsonb->'data'->>'why' AS why
  FROM audit_entry, jsonb_to_recordset(body::jsonb->'data'->'facts')
    AS x(field text, number smallint, value text, was text)
  WHERE type = 'fact.supplied') e
  ON e.invoice = s.invoice_id::text AND (e.field, e.number) = (s.field, s.number)
WHERE s.id IS NULL OR e.invoice IS NULL OR (s.value, s.was, s.by, s.confirmed_by, s.question::text,
    s.document_id::text, s.why, s.at)
  IS DISTINCT FROM (e.value, e.was, e.actor, coalesce(e.second, ''), e.question, e.document,
    coalesce(e.why, ''), e.recorded_at)
LIMIT %s
"""
# Every document came in with one entry of its arrival, whatever its kind and whatever became of it.
DOCUMENTS = """
SELECT coalesce(d.subject, e.subject), e.seq,
  CASE WHEN e.id IS NULL THEN 'unbound' WHEN d.id IS NULL THEN 'missing' ELSE 'altered' END
FROM coordination_document d
FULL JOIN (SELECT id, subject, seq, actor, recorded_at, body::jsonb->'data' AS data FROM audit_entry
  WHERE type IN ({arrivals}) OFFSET 0) e ON e.data->'document'->>'id' = d.id::text
WHERE d.id IS NULL OR e.id IS NULL OR (d.content_id, d.kind, d.number, d.source, d.source_format,
    d.received_by, d.received_at)
  IS DISTINCT FROM (e.data->'document'->>'sha256', e.data->'document'->>'kind', e.data->'document'->>'number',
    e.data->'document'->>'source', e.data->'document'->>'format', e.actor, e.recorded_at)
LIMIT %s
""".format(arrivals=", ".join(f"'{name}'" for name in ARRIVALS))  # noqa: S608 - names of this file
LINES = """
SELECT 'invoice/' || coalesce(l.invoice_id::text, e.invoice), e.seq, CASE
    WHEN l.id IS NULL THEN 'missing' ELSE 'altered' END
FROM coordination_invoiceline l
FULL JOIN (SELECT substr(subject, 9) AS invoice, seq, x.*
    FROM audit_entry, jsonb_to_recordset(body::jsonb->'data'->'invoice'->'lines')
    AS x(position int, line text, item text, description text, quantity numeric, unit text, price numeric,
        base_quantity numeric,
         net numeric, tax_rate numeric, tax_category text, order_number text, order_line text)
  WHERE type = 'invoice.received') e ON e.invoice = l.invoice_id::text AND e.position = l.position
WHERE l.id IS NULL OR e.invoice IS NULL OR (l.line, l.item, l.description, l.quantity, l.unit, l.price,
    l.base_quantity, l.net,
    l.tax_rate, l.tax_category, l.order_number, l.order_line)
  IS DISTINCT FROM (coalesce(e.line, ''), coalesce(e.item, ''), coalesce(e.description, ''), round(e.quantity,
      10),
    coalesce(e.unit, ''), round(e.price, 10), round(coalesce(e.base_quantity, 1), 10), round(e.net, 6),
        round(e.tax_rate, 4),
    coalesce(e.tax_category, ''), coalesce(e.order_number, ''), coalesce(e.order_line, ''))
LIMIT %s
"""
TAXES = """
SELECT 'invoice/' || coalesce(t.invoice, e.invoice), 1, 'altered'
FROM (SELECT invoice_id::text AS invoice, count(*) AS n, sum(base) AS base, sum(tax) AS tax
    FROM coordination_taxsubtotal GROUP BY 1) t
FULL JOIN (SELECT substr(subject, 9) AS invoice, count(*) AS n, sum(round(x.base, 6)) AS base,
    sum(round(x.tax, 6)) AS tax
  FROM audit_entry, jsonb_to_recordset(body::jsonb->'data'->'invoice'->'taxes') AS x(base numeric, tax
      numeric)
  WHERE type = 'invoice.received' GROUP BY 1) e USING (invoice)
WHERE (t.n, t.base, t.tax) IS DISTINCT FROM (e.n, e.base, e.tax) LIMIT %s
"""
RECEIPTS = """
SELECT 'receipt/' || coalesce(r.receipt, e.receipt), 1, 'altered'
FROM (SELECT receipt_id::text AS receipt, count(*) AS n, sum(quantity) AS quantity, sum(accepted) AS accepted
      FROM coordination_receiptline GROUP BY 1) r
FULL JOIN (SELECT substr(subject, 9) AS receipt, count(*) AS n, sum(round(x.quantity, 10)) AS quantity,
    sum(round(least(coalesce(x.accepted, x.quantity), x.quantity), 10)) AS accepted
  FROM audit_entry, jsonb_to_recordset(body::jsonb->'data'->'receipt'->'lines') AS x(quantity numeric,
      accepted numeric)
  WHERE type = 'receipt.recorded' AND x.quantity IS NOT NULL GROUP BY 1) e USING (receipt)
WHERE (r.n, r.quantity, r.accepted) IS DISTINCT FROM (e.n, e.quantity, e.accepted) LIMIT %s
"""
CONTENTS = """
SELECT sha256, NULL::int, 'altered' FROM coordination_content
WHERE octet_length(data) > 0 AND encode(sha256(data), 'hex') <> sha256 LIMIT %s
"""
# What was in force when: the text behind its digest, and for each decision a policy that was active then. A
# batch that was under way when the policy changed finishes on the one it began with, hence the minutes.
POLICIES = """
SELECT 'policy/' || revision, NULL::int, 'altered' FROM coordination_policyversion
WHERE encode(sha256(convert_to(text, 'UTF8')), 'hex') <> sha256
UNION ALL
SELECT 'policy/' || p.revision, e.seq, 'altered'
FROM coordination_policyversion p
JOIN audit_entry e ON e.type = 'policy.activated' AND body::jsonb->'data'->>'revision' = p.revision::text
WHERE body::jsonb->'data'->>'sha256' <> p.sha256
UNION ALL
SELECT 'policy/' || p.revision, NULL, 'unbound' FROM coordination_policyversion p
    WHERE p.status IN ('active', 'retired')
AND NOT EXISTS (SELECT 1 FROM audit_entry WHERE type = 'policy.activated'
    AND body::jsonb->'data'->>'revision' = p.revision::text)
LIMIT %s
"""
CITED = """
WITH active AS (
  SELECT body::jsonb->'data'->>'sha256' AS sha256, recorded_at AS since,
    lead(recorded_at) OVER (ORDER BY recorded_at, seq) + interval '10 minutes' AS until
  FROM audit_entry WHERE type = 'policy.activated')
SELECT e.subject, e.seq, 'inactive'
FROM (SELECT subject, seq, recorded_at, body::jsonb->'data'->'policy'->>'sha256' AS cited FROM audit_entry
      WHERE type = 'invoice.decided' OFFSET 0) e
WHERE NOT EXISTS (SELECT 1 FROM active a WHERE a.sha256 = e.cited AND a.since <= e.recorded_at
                  AND e.recorded_at < coalesce(a.until, 'infinity')) LIMIT %s
"""
# The same person gave an answer on the same subject: a person's decision never comes from a worker or an
# agent.
PEOPLE = """
SELECT e.subject, e.seq, 'without_verdict' FROM audit_entry e
WHERE e.type = 'invoice.decided' AND e.actor LIKE 'human:%%' AND NOT EXISTS (
  SELECT 1 FROM reviews_verdict v JOIN reviews_escalation q ON q.id = v.escalation_id
  WHERE v.by = e.actor AND v.at = e.recorded_at AND q.subject = e.subject)
UNION ALL
SELECT e.subject, e.seq, 'not_human' FROM audit_entry e WHERE e.type = 'verdict.given'
    AND e.actor NOT LIKE 'human:%%'
UNION ALL
SELECT q.subject, NULL, 'maker' FROM reviews_verdict v JOIN reviews_escalation q ON q.id = v.escalation_id
    WHERE (v.by = ANY(q.makers) OR v.on_behalf_of = ANY(q.makers))
AND NOT (q.kind IN ('payment_run', 'paid_elsewhere') AND v.verdict = 'reject')
LIMIT %s
"""

WORDS = {
    "altered": "The row is not what its entry says.",
    "unbound": "No entry says that this row was written.",
    "missing": "The entry says that this row was written; it is not there.",
    "inactive": "It cites a policy that was not in force at its time.",
    "without_verdict": "It is attributed to a person who gave no answer then.",
    "not_human": "An answer was given by something that is no person.",
    "maker": "Who made what was decided has decided it.",
}


def _found(kind: str, statement: str) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST])
        for subject, seq, what in cursor.fetchall():
            yield Finding(f"{kind}_{what}", subject, seq, WORDS[what])


def decisions() -> Iterator[Finding]:
    """Decision rows and their entries, one for one."""
    yield from _found("decision", DECISIONS)
    yield from _found("decision", PEOPLE)


def verdicts() -> Iterator[Finding]:
    """Answers of people and their entries, one for one."""
    yield from _found("verdict", VERDICTS)


def documents() -> Iterator[Finding]:
    """Documents, invoice lines, tax and receipts as they were received."""
    yield from _found("document", DOCUMENTS)
    yield from _found("invoice_line", LINES)
    yield from _found("invoice_tax", TAXES)
    yield from _found("receipt_line", RECEIPTS)
    yield from _found("supplied_fact", SUPPLIED)


def contents() -> Iterator[Finding]:
    """Original bytes by their own SHA-256."""
    yield from _found("content", CONTENTS)


def policies() -> Iterator[Finding]:
    """Policy texts behind their digests, and that decisions cite the one in force."""
    yield from _found("policy", POLICIES)
    yield from _found("policy", CITED)
