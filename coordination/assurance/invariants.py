"""I1 to I14 as queries: what must hold whatever happened. Each gives the rows that break it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from audit import inspection

from ..facts import makers
from ..services import kept_counts


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule: `query` gives a text per violation."""

    name: str
    text: str
    query: str


MAKERS = f"""
        WITH {makers.NEVER_CHANGES}
        SELECT v.id::text FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
            WHERE v.by = ANY(e.makers)
            AND NOT (e.kind IN ('payment_run', 'paid_elsewhere') AND v.verdict = 'reject')
        UNION ALL SELECT id::text FROM coordination_paymentbatch WHERE approved_by <> ''
            AND approved_by = proposed_by
        UNION ALL SELECT v.id::text FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
        JOIN brought b ON e.subject = 'invoice/' || b.invoice AND b.actor = v.by AND b.at <= v.at
            AND NOT (v.verdict = 'edit' AND b.kind = 'supplied' AND b.at = v.at)
        UNION ALL SELECT v.id::text FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
        JOIN coordination_payment p ON e.subject = 'payment_batch/' || p.batch_id
        LEFT JOIN coordination_credituse u ON u.payment_id = p.id
        JOIN brought b ON b.invoice IN (p.invoice_id, u.credit_id) AND b.actor = v.by AND b.at <= v.at
        WHERE v.verdict <> 'reject' AND p.status <> 'cancelled'
        UNION ALL SELECT e.id::text FROM reviews_escalation e JOIN coordination_payment p
            ON e.subject = 'payment_batch/' || p.batch_id
        JOIN coordination_invoice i ON i.id = p.invoice_id JOIN reviews_verdict v ON v.escalation_id = e.id
            AND v.verdict <> 'reject'
        WHERE p.status <> 'cancelled' AND ARRAY[v.by::text] = (SELECT array_agg(DISTINCT w.by::text)
            FROM reviews_verdict w
            JOIN reviews_escalation q ON q.id = w.escalation_id WHERE q.subject = 'invoice/' || i.id
                AND q.status = 'approved'
            AND w.verdict <> 'reject' AND q.decided_at <= v.at)
        UNION ALL SELECT e.id::text FROM reviews_escalation e JOIN coordination_paymentbatch b
            ON e.subject = 'payment_batch/' || b.id
        WHERE e.status = 'approved' AND b.proposed_by NOT LIKE 'human:%'
        AND (SELECT count(DISTINCT v.by) FROM reviews_verdict v WHERE v.escalation_id = e.id
            AND v.verdict <> 'reject') < 2
        UNION ALL SELECT e.id::text FROM reviews_escalation e WHERE e.status = 'approved'
        AND (SELECT count(DISTINCT v.by) FROM reviews_verdict v
            WHERE v.escalation_id = e.id) < e.quorum
        UNION ALL SELECT e.id::text FROM reviews_escalation e CROSS JOIN unnest(e.signers) AS needed
        WHERE e.status = 'approved' AND NOT EXISTS (SELECT FROM reviews_verdict v
            WHERE v.escalation_id = e.id AND needed = ANY(v.stands_as))"""  # noqa: S608 - made of constants
"""Verdicts and runs in which somebody checked what they made."""


SQL_INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "I1",
        "at most one live payment per invoice, or per part of one that is paid in parts",
        """
        SELECT invoice_id::text FROM coordination_payment
            WHERE status IN ('proposed', 'approved', 'exported', 'paid')
        GROUP BY invoice_id, part HAVING count(*) > 1""",
    ),
    Invariant(
        "I2",
        "sum paid = sum approved, per currency, and no more than was cleared; no credit is taken twice",
        """
        SELECT b.number::text FROM coordination_paymentbatch b JOIN coordination_payment p
            ON p.batch_id = b.id
        WHERE b.status <> 'cancelled' AND p.status <> 'cancelled'
        GROUP BY b.id HAVING sum(p.amount) <> b.control_sum OR count(*) <> b.count
            OR min(p.currency) <> b.currency
            OR max(p.currency) <> b.currency
        UNION ALL SELECT i.number FROM coordination_payment p JOIN coordination_invoice i
            ON i.id = p.invoice_id
        LEFT JOIN LATERAL (SELECT * FROM coordination_clearance c WHERE c.invoice_id = p.invoice_id
                            ORDER BY c.at DESC, c.id DESC LIMIT 1) c ON true
        WHERE p.status IN ('proposed', 'approved', 'exported', 'paid')
        GROUP BY i.number, p.invoice_id, c.id, c.currency, c.amount
        HAVING c.id IS NULL OR min(p.currency) <> c.currency OR max(p.currency) <> c.currency
            OR sum(p.amount - coalesce(p.returned, 0) + p.discount
                + coalesce((SELECT sum(u.amount) FROM coordination_credituse u
                    WHERE u.payment_id = p.id), 0)) > c.amount
        UNION ALL SELECT i.number FROM coordination_credituse u JOIN coordination_payment p
            ON p.id = u.payment_id
        JOIN coordination_invoice i ON i.id = u.credit_id JOIN coordination_invoicefacts f
            ON f.invoice_id = i.id
        WHERE p.status IN ('proposed', 'approved', 'exported', 'paid')
        GROUP BY i.id, i.gross, f.payable HAVING sum(u.amount) > round(abs(coalesce(f.payable, i.gross)),
            2)""",
    ),
    Invariant(
        "I3",
        "no decision without snapshot, policy version, actor, reasoning",
        """
        SELECT d.id::text FROM coordination_decision d LEFT JOIN audit_entry e ON e.id = d.entry_id
        WHERE e.id IS NULL OR e.actor <> d.actor OR e.body NOT LIKE '%"reasoning":"%'
            OR e.body NOT LIKE '%"input":{%'
            OR e.body NOT LIKE '%"policy":{%' OR e.subject <> 'invoice/' || d.invoice_id
        UNION ALL SELECT d.id::text FROM coordination_decision d JOIN audit_entry e ON e.id = d.entry_id
            CROSS JOIN LATERAL jsonb_object_keys((e.body::jsonb)->'data'->'taken') named
        WHERE e.body LIKE '%"taken":{%' AND NOT EXISTS (SELECT 1 FROM audit_entry t
            WHERE t.subject = e.subject AND t.seq < e.seq AND t.type = 'facts.taken'
                AND t.body LIKE '%"digest":"' || named || '"%')""",
    ),
    Invariant(
        "I4",
        "nothing acknowledged is lost: every document has its entry and every invoice its document",
        """
        SELECT d.id::text FROM coordination_document d WHERE d.kind IN ('invoice', 'credit_note')
        AND NOT EXISTS (SELECT 1 FROM coordination_invoice i WHERE 'invoice/' || i.id = d.subject)
        UNION ALL SELECT i.id::text FROM coordination_invoice i
        WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = 'invoice/' || i.id
            AND e.type = 'invoice.received')
        UNION ALL SELECT i.id::text FROM coordination_invoice i
            WHERE i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
        AND i.lane = 'open' AND NOT EXISTS (SELECT 1 FROM coordination_task t WHERE t.invoice_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM coordination_wake w WHERE w.invoice_id = i.id)""",
    ),
    Invariant(
        "I7",
        "no effect twice: one decision per agent and state version",
        """
        SELECT invoice_id::text FROM coordination_decision
            GROUP BY invoice_id, agent, state_version HAVING count(*) > 1""",
    ),
    Invariant(
        "I8",
        "one lease holder: a lease has a token, a holder and an end",
        """
        SELECT id::text FROM coordination_task WHERE (token IS NULL) <> (leased_until IS NULL)""",
    ),
    Invariant(
        "I9",
        "maker is never checker: nobody signs a fact they brought, nor a run over what they brought or"
        " cleared alone",
        MAKERS,
    ),
    Invariant(
        "I12",
        "every escalation is open or ended, with an owner queue and a clock; an escalated invoice has an"
        " open one; lists show what is open, and as it is, and what is kept of counts is what is counted",
        f"""
        SELECT id::text FROM reviews_escalation WHERE queue = '' OR due_at IS NULL
        OR status NOT IN ('open', 'approved', 'edited', 'partial', 'rejected', 'expired', 'superseded',
            'withdrawn')
        UNION ALL SELECT i.id::text FROM coordination_invoice i WHERE i.lane = 'escalated'
        AND NOT EXISTS (SELECT 1 FROM reviews_escalation e WHERE e.subject = 'invoice/' || i.id
            AND e.status = 'open')
        UNION ALL SELECT coalesce(e.id, o.question_id)::text
          FROM (SELECT * FROM reviews_escalation WHERE status = 'open') e
          FULL JOIN reviews_openquestion o ON o.question_id = e.id
         WHERE (e.kind, e.queue, e.owner, e.currency, e.amount_company, e.opened_at, e.due_at)
            IS DISTINCT FROM
               (o.kind, o.queue, o.owner, o.currency, o.amount_company, o.opened_at, o.due_at)
        UNION ALL
        SELECT queue || ' ' || kind FROM (
            SELECT queue, kind, sum(n) AS n, sum(worth) AS worth FROM reviews_opentally
            GROUP BY queue, kind HAVING sum(n) <> 0 OR sum(worth) <> 0) kept
        FULL JOIN (SELECT queue, kind, count(*) AS n, coalesce(sum(amount_company), 0) AS worth
            FROM reviews_openquestion GROUP BY queue, kind) counted USING (queue, kind)
        WHERE (kept.n, kept.worth) IS DISTINCT FROM (counted.n, counted.worth)
        UNION ALL
        SELECT name || ' ' || key::text FROM (
            SELECT name, key, sum(n) AS n, sum(worth) AS worth FROM coordination_tally GROUP BY name, key
            HAVING sum(n) <> 0 OR sum(worth) <> 0) kept
        FULL JOIN ({kept_counts.COUNTED}) counted USING (name, key)
        WHERE (kept.n, kept.worth) IS DISTINCT FROM (counted.n, counted.worth)""",  # noqa: S608 - made of constants
    ),
    Invariant(
        "I13",
        "an effect is one that a policy row or a person allows, and a person released what their answer"
        " covers",
        """
        SELECT i.id::text FROM coordination_invoice i WHERE i.state IN ('cleared', 'scheduled', 'paid')
        AND NOT EXISTS (SELECT 1 FROM coordination_decision d WHERE d.invoice_id = i.id
            AND d.state_to = 'cleared'
            AND (d.agent IN ('finance.payment', 'person')))
        UNION ALL SELECT h.invoice_id::text FROM coordination_hold h WHERE h.release = 'override'
            AND NOT EXISTS (
            SELECT 1 FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
            WHERE e.subject = 'invoice/' || h.invoice_id AND v.verdict <> 'reject' AND v.by = h.released_by
            AND (v.covers @> jsonb_build_array(jsonb_build_object('hold', h.id::text)) OR NOT EXISTS (
                SELECT 1 FROM audit_entry c WHERE c.subject = e.subject AND c.type = 'verdict.given'
                    AND c.actor = v.by
                AND c.recorded_at = v.at AND c.body LIKE '%"covers":%')))""",
    ),
    Invariant(
        "I14",
        "silence never approves: an approval has a verdict of a person",
        """
        SELECT e.id::text FROM reviews_escalation e
            WHERE e.status IN ('approved', 'edited', 'partial', 'rejected')
        AND NOT EXISTS (SELECT 1 FROM reviews_verdict v WHERE v.escalation_id = e.id)
        UNION ALL SELECT i.id::text FROM coordination_invoice i
            WHERE i.state IN ('cleared', 'scheduled', 'paid')
        AND EXISTS (SELECT 1 FROM coordination_hold h WHERE h.invoice_id = i.id
            AND h.status <> 'released')""",
    ),
)

LEDGER_CODES = {
    "I5": frozenset(
        {"history_missing", "history_unbound", "history_twice", "history_altered", "history_unknown"}
    ),
    "I6": frozenset({"row_differs"}),
    "I10": frozenset(
        {
            "hash_mismatch",
            "body_unreadable",
            "column_mismatch",
            "sequence_gap",
            "chain_broken",
            "guard_missing",
        }
    ),
}
LIVE_PAGE = "I11 (a live page equals a freshly loaded one) is checked in a browser: tests/browser."


def check() -> dict[str, Any]:
    """Violations and what was checked: `check_invariants --json`."""
    violations: list[dict[str, str]] = []
    checked: dict[str, str] = {}
    with connection.cursor() as cursor:
        for rule in SQL_INVARIANTS:
            checked[rule.name] = rule.text
            cursor.execute(rule.query)
            violations += [
                {"invariant": rule.name, "subject": row[0], "detail": rule.text} for row in cursor.fetchall()
            ]
    verified = inspection.verify()
    for name, codes in LEDGER_CODES.items():
        checked[name] = ", ".join(sorted(codes))
        violations += [
            {"invariant": name, "subject": f.subject, "detail": f.detail}
            for f in verified.findings
            if f.code in codes
        ]
    checked["I11"] = LIVE_PAGE
    return {
        "violations": violations,
        "checked": dict(sorted(checked.items(), key=lambda item: int(item[0][1:]))),
    }
