"""What people are asked: one file per kind of question, with all that the review queue has to know of it.

A new kind is one file here with its `KIND`, and one line in `KINDS`. No table and no page of the queue knows
the kinds; who may answer one is a right in `coordination.rights`.
"""

from __future__ import annotations

from reviews import kinds, queues
from reviews.kinds import Kind
from reviews.queues import Queue

from . import bank_message, invoice, master_data, paid_elsewhere, payment_run, statement, vendor_account

QUEUES = (
    Queue("procurement", "Procurement"),
    Queue("operations", "Operations"),
    Queue("finance", "Finance"),
    # money has moved or is about to, and managers see payment runs
    Queue("payments", "Payments", reserved=True),
)
KINDS: tuple[Kind, ...] = (
    invoice.KIND,  # first: where two kinds have one reason code, lists take the words of the first
    vendor_account.KIND,
    payment_run.KIND,
    paid_elsewhere.KIND,
    statement.KIND,
    master_data.KIND,
    bank_message.KIND,
)


def connect() -> None:
    """Register queues and kinds with the review queue, once, at start."""
    queues.register(*QUEUES)
    for kind in KINDS:
        kinds.register(kind)
