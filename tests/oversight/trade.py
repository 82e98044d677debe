"""A trade of which twins can be made: V-1 sells bolts on orders of their own, delivers them and bills
them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, trail
from audit.ids import new_id
from coordination.domain.oversight import Defect
from coordination.governance.policy import default_text
from coordination.models import KnownAnswer, KnownAnswerResult, PolicyVersion
from coordination.oversight import planting
from coordination.services import policy_versions
from coordination.workers import runner
from reviews.models import Escalation
from reviews.services import resolve
from tests import cast

ACTOR = "system:test"


def trade(count: int = 12, *, first: int = 1, wrong: Mapping[int, str] | None = None, times: int = 1) -> None:
    """So many orders of V-1, delivered and billed in full. `wrong` says of some, by their place, what is
    wrong with them: `price`, `quantity`, `bank`. `times` makes prices larger."""
    wrong = wrong or {}
    orders, receipts, bills = [], [], []
    for n in range(first, first + count):
        what = wrong.get(n, "")
        order, quantity = f"PO-{10000 + n * 37}", str(40 + n * 11 % 90)
        price = (Decimal("10.00") + n * Decimal("1.37") % 40) * times
        orders.append(cast.order(order_number=order, quantity=quantity, unit_price=f"{price:.2f}"))
        arrived = str(int(quantity) * 3 // 4) if what == "quantity" else quantity
        number = f"GR-{20000 + n * 37}"
        receipts.append(cast.receipt(receipt_number=number, order_number=order, quantity=arrived))
        billed = price * Decimal("1.20") if what == "price" else price
        bills.append(
            cast.bill(
                invoice_number=f"INV-{30000 + n * 37}",
                order_number=order,
                quantity=quantity,
                unit_price=f"{billed:.2f}",
                issue_date=(cast.today() - timedelta(days=3)).isoformat(),
                **({"iban": cast.OTHER_IBAN} if what == "bank" else {}),
            )
        )
    cast.intake(
        [
            ("vendors.csv", cast.table("vendors", cast.vendor())),
            ("orders.csv", cast.table("orders", *orders)),
            ("receipts.csv", cast.table("receipts", *receipts)),
            ("invoices.csv", cast.table("invoices", *bills)),
        ],
        actor=ACTOR,
    )
    runner.drain()


def planted(defect: Defect, count: int = 1) -> list[KnownAnswer]:
    """So many known-answer cases with this defect."""
    done = planting.by_hand(count, by=ACTOR, defect=defect)
    assert len(done.cases) == count, f"{done.without} without a twin"
    return done.cases


REASONS = {
    ("approve", Defect.PRICE): "difference_accepted",
    ("approve", Defect.QUANTITY): "goods_confirmed",
    ("approve", Defect.BANK): "account_confirmed",
    ("approve", Defect.DUPLICATE): "not_a_duplicate",
    ("approve", Defect.CLEAN): "evidence_complete",
}


def answer(known: KnownAnswer, verdict: str, by: User) -> Escalation:
    """One person's answer to a known-answer case, with a reason that fits."""
    defect = Defect(known.defect)
    reason = REASONS[verdict, defect] if verdict == "approve" else "wrong_document"
    if verdict == "approve" and defect is Defect.CLEAN and "duplicate_suspect" in codes(known):
        reason = "not_a_duplicate"
    return resolve(known.question_id, verdict, by=by, reason=reason, comment="As found in the documents.")


def codes(known: KnownAnswer) -> set[str]:
    """What it is held for."""
    return {r["code"] for r in known.question.reasons}


@transaction.atomic
def ended(known: KnownAnswer, outcomes: Sequence[str], drawn_order: str = "") -> None:
    """So many more cases like this one that are over, one after the other, the last of them now."""
    now = clock.now()
    for n, outcome in enumerate(reversed(outcomes)):
        question = Escalation.objects.get(pk=known.question_id)
        question.id = new_id()
        question.subject, question.status = f"known_answer/{question.id}", "rejected"
        trail.insert([question], lambda _: trail.Stamp(ACTOR, now, "made"))
        copy = KnownAnswer.objects.get(pk=known.pk)
        copy.id, copy.document, copy.question = new_id(), new_id(), question
        result = KnownAnswerResult(
            known=copy,
            outcome=outcome,
            verdict="reject",
            by="human:0",
            let_go=0,
            drawn_order=drawn_order,
            at=now - timedelta(microseconds=n),
        )
        trail.insert_facts([copy])
        trail.insert_facts([result])


@transaction.atomic
def policy_says(**oversight: object) -> PolicyVersion:
    """Put a policy in force whose section about oversight is this; without anything it has none."""
    text = {k: v for k, v in json.loads(default_text()).items() if k != "oversight"}
    text |= {"audit_seed": str(new_id())} | ({"oversight": oversight} if oversight else {})
    now = clock.now()
    row = policy_versions.draft(json.dumps(text), author=ACTOR)
    before = PolicyVersion.objects.get(status="active")
    for version, status in ((before, "retired"), (row, "active")):
        version.status = status
        trail.update([version], ("status",), trail.Stamp(ACTOR, now, "for a test"))
    return row
