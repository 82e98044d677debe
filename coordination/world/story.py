"""What has already happened in the demonstration: some answers of people, one payment run that went through.

Everything goes through the services that pages and commands use; nothing is written past them.
"""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User

from reviews import services as reviews
from reviews.models import Escalation, Status

from ..services import payments
from ..workers import runner

PLOT: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "price_over",
        "marta",
        "approve",
        "agreed_with_vendor",
        "Price list of October applies; confirmed by the vendor.",
    ),
    (
        "qty_over_received",
        "ingrid",
        "reject",
        "not_delivered",
        "Two pieces are missing. A credit note is asked for.",
    ),
    ("over_threshold", "sofie", "approve", "evidence_complete", ""),
    (
        "no_po",
        "marta",
        "override",
        "rule_does_not_fit",
        "Subscription without an order, agreed with the cost centre.",
    ),
    (
        "tax_mismatch",
        "pieter",
        "reject",
        "wrong_document",
        "The tax is wrong; a corrected invoice is asked for.",
    ),
    ("duplicate_suspect", "pieter", "reject", "duplicate", "The same delivery, billed twice."),
)
"""Reason on the case, who answers, verdict, reason code, words."""


def tell(until: date | None = None) -> int:
    """Let the agents decide on what is there, let people answer a few cases, pay one run (of what is due by
    `until`, where that is said). Returns the answers given."""
    runner.drain()
    people = {u.username: u for u in User.objects.filter(is_active=True)}
    given = sum(_answer(people, *act) for act in PLOT)
    runner.drain()
    if {"sofie", "jonas"} <= set(people):
        for batch in payments.propose(reviews.person(people["sofie"]), until=until).batches:
            payments.approve(batch.number, by=people["jonas"])
            payments.export(batch.number)
            payments.confirm(batch.number, by=people["sofie"])
    runner.drain()
    return given


def _answer(people: dict[str, User], code: str, who: str, verdict: str, reason: str, words: str) -> bool:
    """The first open case with exactly this reason, if the person is there to answer it."""
    cases = Escalation.objects.filter(status=Status.OPEN, kind="invoice", quorum=1).order_by(
        "opened_at", "id"
    )
    case = next((c for c in cases if {r["code"] for r in c.reasons} == {code}), None)
    if case is None or who not in people:
        return False
    overrides = code if verdict == "override" else ""
    reviews.resolve(
        case.id,
        verdict,
        by=people[who],
        reason=reason,
        comment=words,
        seen_version=case.version,
        overrides=overrides,
    )
    return True
