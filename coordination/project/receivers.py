"""Who carries out what a person answers: the owner of each kind of question, in the transaction of the
answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from reviews.models import Escalation, Verdict

from ..decisions import human
from ..facts import makers
from ..services import payments, policy_activation, rate_changes, statements, vendor_changes
from ..services.intake import map_versions
from ..services.payments import vendor_accounts
from ..tasks.announce import announce


def receive(
    *, escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime, **_: Any
) -> None:
    """Carry an answer to what it is about. Raises to refuse it: then the verdict is undone with everything
    else."""
    if escalation.kind == "invoice":
        human.answer(escalation, verdict, verdicts, at)
    else:
        RECEIVERS[escalation.kind](escalation, verdict, at)
    announce(
        [("inbox", str(escalation.id)), (escalation.subject, escalation.subject.partition("/")[2])], work=True
    )


def _payment_run(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    about, _, key = escalation.subject.partition("/")
    carry_out = payments.second_file.decided if about == payments.second_file.PREFIX else payments.decided
    carry_out(
        UUID(key),
        approved=verdict.verdict == "approve",
        by=verdict.by,
        at=at,
    )


def _paid_elsewhere(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    payments.paid_elsewhere.decided(
        UUID(escalation.subject.partition("/")[2]),
        approved=verdict.verdict == "approve",
        by=verdict.by,
        at=at,
    )


def _master_data(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    OF_MASTER_DATA[escalation.subject.partition("/")[0]](escalation, verdict, at)


Receiver = Callable[[Escalation, Verdict, datetime], None]

OF_MASTER_DATA: dict[str, Receiver] = {
    "vendor_master": vendor_changes.answered,
    "rates": rate_changes.answered,
    "map": map_versions.answered,
}
"""Facts that a second person puts in force: who carries the answer out, by what it is about."""

RECEIVERS: dict[str, Receiver] = {
    "vendor_bank": vendor_accounts.decided,
    "payment_run": _payment_run,
    "paid_elsewhere": _paid_elsewhere,
    "statement": statements.answered,
    "master_data": _master_data,
    "bank_message": payments.reported_answered,
    policy_activation.KIND: policy_activation.answered,
}


LOCKS: dict[str, Callable[[str], None]] = {
    "invoice": human.lock_invoice,
    "vendor": human.lock_vendor,
    "payment_batch": payments.lock_batch,
    "payment_file": payments.second_file.lock,
    "statement": statements.lock_statement,
    "vendor_master": human.lock_vendor,
    "rates": rate_changes.lock_rates,
    "map": map_versions.lock_map,
    "policy": policy_activation.lock,
    "bank_report": payments.lock_reported,
    "paid_elsewhere": payments.paid_elsewhere.lock_stated,
}
"""Who locks a subject, by what it is about."""

MAKERS: dict[str, Callable[[Any], Mapping[str, str]]] = {
    "invoice": makers.of_invoice,
    "payment_run": makers.of_run,
    "paid_elsewhere": payments.paid_elsewhere.of_statement,
}
"""Who made what is asked about, by the kind of question."""
