"""The rights about invoices, payments, agents and the history, each with who has it: the rows that
`reviews.grants` lacks.

Specialists decide and bring invoices, and what is their department's: an order, its receipt and its invoice
are three people's. Managers also bring master data, rates and the bank's messages, stop agents and approve
payment runs. Auditors read everything and change nothing. Administrators keep accounts and decide nothing.
What the table comes to is docs/access.md, written by `manage.py access`.
"""

from __future__ import annotations

from reviews.grants import DECIDE, READ_CASES, SEE, Right, register

__all__ = ["DECIDE", "READ_CASES", "SEE", "Right"]

UPLOAD = register("upload", "upload documents", roles="specialist manager", changes=True)
BRING_INVOICES = register(
    "bring_invoices", "bring invoices and credit notes", roles="specialist manager", changes=True
)
BRING_ORDERS = register("bring_orders", "bring orders", departments="procurement", changes=True)
BRING_RECEIPTS = register("bring_receipts", "bring goods receipts", departments="operations", changes=True)
BRING_MASTERS = register("bring_masters", "bring master data", roles="manager", changes=True)
BRING_RATES = register("bring_rates", "bring exchange rates", roles="manager", changes=True)
BRING_BANK = register("bring_bank", "bring messages of the bank", roles="manager", changes=True)
CONFIRM_MASTERS = register(
    "confirm_masters",
    "agree to changes of accounts, master data, rates and maps",
    roles="manager",
    changes=True,
)
CODE_LINES = register(
    "code_lines", "say where lines are booked", roles="manager", departments="finance", changes=True
)
ACTIVATE_POLICY = register("activate_policy", "put a policy in force", roles="manager", changes=True)
LIFT_HOLDS = register("lift_holds", "lift what somebody else holds", roles="manager", changes=True)

SEE_UNANSWERABLE = register(
    "see_unanswerable", "see how many questions nobody may answer", roles="manager admin"
)

READ_AUDIT = register("read_audit", "read the history", roles="specialist manager auditor")
CONTROL_AGENTS = register("control_agents", "stop and resume agents", roles="manager", changes=True)
READ_PAYMENTS = register("read_payments", "see payment runs", roles="manager auditor")
RUN_PAYMENTS = register("run_payments", "propose and approve payment runs", roles="manager", changes=True)
READ_QUALITY = register("read_quality", "see how the agents were examined", roles="manager auditor")
READ_OVERSIGHT = register("read_oversight", "see how much people catch", roles="specialist manager auditor")
STATE_OVERSIGHT = register(
    "state_oversight", "take the statement about oversight away", roles="manager auditor"
)
PLANT = register("plant", "plant known-answer cases", roles="manager", changes=True)
READ_CONFORMANCE = register(
    "read_conformance", "see how invoices went against how they are meant to go", roles="manager auditor"
)
MAKE_MAPS = register("make_maps", "make maps of tables", roles="manager", changes=True)

SEE_ACCESS = register("see_access", "see who looked at what", roles="manager auditor")
LET_IN = register("let_in", "let auditors in", roles="manager admin")
NOTE = register("note", "write auditor's notes", roles="auditor")
READ_RETENTION = register("read_retention", "see what is kept and for how long", roles="manager auditor")
KEEP_RECORDS = register("keep_records", "set and lift legal holds", roles="manager")
READ_SAMPLES = register("read_samples", "see samples and take populations away", roles="manager auditor")
DRAW = register("draw", "draw samples and record what is in them", roles="auditor")
VERIFY = register("verify", "have the ledger verified", roles="manager auditor")

HEAR_ALERTS = register(
    "hear_alerts", "hear of alerts, policies and legal holds as they come", roles="manager auditor admin"
)

TOPICS: dict[str, Right] = {
    "inbox": READ_CASES,
    "escalation": READ_CASES,
    "presence": READ_CASES,
    "flow": SEE,
    "invoice": READ_AUDIT,
    "invoices": SEE,
    "vendor": READ_AUDIT,
    "document": READ_AUDIT,
    "quarantine": SEE,
    "maps": SEE,
    "payments": READ_PAYMENTS,
    "coding": READ_CASES,
    "payment_batch": READ_PAYMENTS,
    "payment_file": READ_PAYMENTS,
    "paid_elsewhere": READ_PAYMENTS,
    "statement": READ_CASES,
    "statements": READ_CASES,
    "agent": SEE,
    "agents": SEE,
    "alerts": HEAR_ALERTS,
    "policy": HEAR_ALERTS,
    "audit": HEAR_ALERTS,
}
"""What a page's socket may follow, by the part of a topic before the slash: whoever may open the page that
shows it. Any other topic is nobody's."""
