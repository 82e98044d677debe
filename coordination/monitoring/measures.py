"""What is measured: each measure is a yes or no per decision, over the decisions it is asked of.

A registry: a measure is one row. `value` returns None for a decision that is not in its base. What a change
may do is said per direction: only what would let money go by more easily acts, everything else alerts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from .observations import Observation


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class Category(StrEnum):
    """Whose change it is."""

    BEHAVIOUR = "behaviour"
    INPUTS = "inputs"
    PEOPLE = "people"
    SERVICE = "service"


class Action(StrEnum):
    """What an alarm may do by itself; in the order of how much it does."""

    NONE = "none"
    QA_BOOST = "qa_boost"
    OPEN = "open"


class Level(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Limits:
    """What counts as a high amount, a high or low confidence (quantiles of the learning days), as slow."""

    amount_high: Decimal
    confidence_low: float
    confidence_high: float
    sla_ms: float


@dataclass(frozen=True)
class Response:
    """What a change in one direction is, whether it hurts, and what it may do at most at each level."""

    category: Category
    warning: Action = Action.NONE
    critical: Action = Action.NONE
    hurts: bool = True

    def action(self, level: Level) -> Action:
        return self.critical if level is Level.CRITICAL else self.warning


@dataclass(frozen=True)
class Measure:
    """`family`: measures of one family are shares of one whole, so that one moves when another does.
    `given`: what a decision's expected rate depends on beside its day and document type. `of_answers`: it is
    asked of people's answers, all others of what agents propose."""

    name: str
    words: str
    family: str
    value: Callable[[Observation, Limits], bool | None]
    up: Response
    down: Response
    given: Callable[[Observation, Limits], tuple[str, ...]]
    of_answers: bool = False

    def response(self, direction: Direction) -> Response:
        return self.up if direction is Direction.UP else self.down


def _unconditional(_o: Observation, _limits: Limits) -> tuple[str, ...]:
    return ()


def describe_inputs(o: Observation, limits: Limits) -> tuple[str, ...]:
    """A change of the work must not look like a change of who does it."""
    return (
        "without an order" if o.po_missing else "with an order",
        "new vendor" if o.vendor_new else "known vendor",
        "high amount" if o.amount > limits.amount_high else "usual amount",
    )


def _reviewed(o: Observation, _limits: Limits) -> tuple[str, ...]:
    """Cases that an agent escalated are overridden at another rate than those drawn as a sample."""
    return (f"{o.reviewed} {o.outcome}",)


def _proposed(outcome: str) -> Callable[[Observation, Limits], bool | None]:
    """Whether it was proposed; who only advises proposes nothing."""
    return lambda o, _: None if o.outcome == "note" else o.outcome == outcome


THROTTLES = Response(Category.BEHAVIOUR, Action.QA_BOOST, Action.OPEN)
REVIEWS = Response(Category.BEHAVIOUR, Action.QA_BOOST, Action.QA_BOOST)
BEHAVIOUR = Response(Category.BEHAVIOUR)
INPUTS = Response(Category.INPUTS)
PEOPLE = Response(Category.PEOPLE)
SERVICE = Response(Category.SERVICE)


def harmless(response: Response) -> Response:
    """The same where a change in this direction costs nobody anything: it is told, on stronger evidence."""
    return replace(response, hurts=False)


MEASURES = (
    Measure(
        "approve_rate",
        "proposed to approve",
        "outcome",
        _proposed("approve"),
        up=THROTTLES,
        down=harmless(BEHAVIOUR),
        given=describe_inputs,
    ),
    Measure(
        "reject_rate",
        "proposed to reject",
        "outcome",
        _proposed("reject"),
        up=BEHAVIOUR,
        down=harmless(BEHAVIOUR),
        given=describe_inputs,
    ),
    Measure(
        "escalate_rate",
        "proposed to ask a person",
        "outcome",
        _proposed("escalate"),
        up=INPUTS,  # people get more work; money does not move more easily
        down=harmless(BEHAVIOUR),
        given=describe_inputs,
    ),
    Measure(
        "override_rate",
        "overridden, of those that a person answered",
        "override",
        lambda o, _: None if o.verdict is None else o.verdict == "overridden",
        up=THROTTLES,
        down=PEOPLE,  # people who object to less may have stopped looking
        given=_reviewed,
        of_answers=True,
    ),
    Measure(
        "missing_po_rate",
        "without an order",
        "order",
        lambda o, _: o.po_missing,
        up=INPUTS,
        down=harmless(INPUTS),
        given=_unconditional,
    ),
    Measure(
        "new_vendor_rate",
        "of a new vendor",
        "vendor",
        lambda o, _: o.vendor_new,
        up=INPUTS,
        down=harmless(INPUTS),
        given=_unconditional,
    ),
    Measure(
        "amount_high_share",
        "over the amount that one in ten was over",
        "amount",
        lambda o, limits: o.amount > limits.amount_high,
        up=INPUTS,
        down=harmless(INPUTS),
        given=_unconditional,
    ),
    Measure(
        "latency_sla_miss_share",
        "slower than agreed",
        "latency",
        lambda o, limits: o.latency_ms > limits.sla_ms,
        up=SERVICE,
        down=harmless(SERVICE),
        given=_unconditional,
    ),
    Measure(
        "confidence_high_share",
        "over the confidence that one in ten was over",
        "confidence",
        lambda o, limits: o.confidence > limits.confidence_high,
        up=REVIEWS,
        down=harmless(BEHAVIOUR),
        given=describe_inputs,
    ),
    Measure(
        "confidence_low_share",
        "under the confidence that one in ten was under",
        "confidence",
        lambda o, limits: o.confidence < limits.confidence_low,
        up=BEHAVIOUR,
        down=harmless(REVIEWS),
        given=describe_inputs,
    ),
)
BY_NAME = {m.name: m for m in MEASURES}
OF_ANSWERS = tuple(m for m in MEASURES if m.of_answers)
PLACES = {m.name: place for place, m in enumerate(MEASURES)}


def asked_of(o: Observation) -> tuple[Measure, ...]:
    """The measures whose base the observation may be in."""
    return OF_ANSWERS if o.answer else MEASURES


HURTS_WEIGHS = 5
"""A change that hurts may cry wolf five times as often as one that does not."""
_WEIGHTS = {(m.name, d): HURTS_WEIGHS if m.response(d).hurts else 1 for m in MEASURES for d in Direction}


def share(measure: str, direction: Direction) -> float:
    """The share of an agent's false alarms that one side of one stream may make; together they make one."""
    return _WEIGHTS[measure, direction] / sum(_WEIGHTS.values())
