"""What people are asked: one file per kind of question, with all that the review queue has to know of it.

A new kind is a file here with its `KIND`, and a line in `MODULES`; docs/extending.md shows it. No table and
no page of the queue knows the kinds; who may answer one is a right in `coordination.rights`.
"""

from __future__ import annotations

from importlib import import_module

from reviews import kinds, queues
from reviews.kinds import Kind
from reviews.queues import Queue

QUEUES = (
    Queue("procurement", "Procurement"),
    Queue("operations", "Operations"),
    Queue("finance", "Finance"),
    # money has moved or is about to, and managers see payment runs
    Queue("payments", "Payments", reserved=True),
)
FILES = [("CSV", "coordination:inbox_csv"), ("Excel", "coordination:inbox_xlsx")]
"""What a list of questions can be taken away as (`views.inbox_list`)."""
MODULES = (
    "invoice",  # first: where two kinds have one reason code, lists take the words of the first
    "known_answer",
    "vendor_account",
    "payment_run",
    "paid_elsewhere",
    "statement",
    "master_data",
    "bank_message",
    "policy",
    "breaker",
    "incident",
    "calibration",
    "review_plan",
)
"""Modules of this folder that have a `KIND`."""


def _kind(module: str) -> Kind:
    """The `KIND` of a module. Raises `AttributeError` where it has none."""
    found: Kind = import_module(f"{__name__}.{module}").KIND
    return found


def all_kinds() -> list[Kind]:
    """Every kind, in the order of `MODULES`."""
    return [_kind(module) for module in MODULES]


def connect() -> None:
    """Register queues and files of lists at start, and kinds with the first look at one."""
    queues.register(*QUEUES)
    queues.FILES[:] = FILES
    kinds.first_look(all_kinds)
