"""What stands first on the page of a case: the evidence, or what agents recommend. The policy says which, or
that it is drawn for each question."""

from __future__ import annotations

from uuid import UUID

from reviews.kinds import Order
from reviews.models import Escalation

from ..domain.doses import DisplayOrder
from ..facts import policies
from .keyed_draw import number


def order_of(e: Escalation) -> Order | None:
    """The order of a question's page; None where there is nothing to order, as in a blind review."""
    if e.blind or not e.case.get("positions"):
        return None
    said = policies.active().oversight.order
    drawn = said is DisplayOrder.DRAWN
    first = drawn_for(e.id) if drawn else said
    return Order(str(first), recommends=first is DisplayOrder.RECOMMENDATION, drawn=drawn)


def drawn_for(question: UUID) -> DisplayOrder:
    """What is drawn for a question: each of the two in half of all."""
    half = number("order", question) < 1 / 2
    return DisplayOrder.EVIDENCE if half else DisplayOrder.RECOMMENDATION
