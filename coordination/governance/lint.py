"""What is wrong with the text of a policy, each finding with its line; pure. A policy with a finding is not
stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..agents import REGISTRY
from ..domain.hold_codes import CATALOGUE
from ..domain.policy import Policy, PolicyInvalid, Rule
from .policy import default_text, parse
from .rule_facts import FACTS, NUMBERS, OPERATORS

RESULTS = frozenset({"auto", "escalate", "block", "sample"})
SECTIONS = "ABZ"


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding. `line` counts from 1 in the text as given; `rule` is empty where it is about no single
    row."""

    code: str
    line: int | None
    rule: str
    message: str


def lint(text: str) -> list[Fault]:
    """Every fault of a policy's text, in order of its rows; none for a text that may be stored."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return [Fault("malformed", error.lineno, "", f"column {error.colno}: {error.msg}")]
    try:
        policy = parse(text, 0)
    except PolicyInvalid as error:
        return [Fault("invalid", None, "", error.message)]
    rows = [
        Fault(code, _line_of(text, rule.id), rule.id, message)
        for at, rule in enumerate(policy.rules)
        for code, message in _row(rule, policy.rules[:at])
    ]
    return [*rows, *(Fault(code, None, "", message) for code, message in _table(policy))]


def _line_of(text: str, rule: str) -> int | None:
    """Where a row begins, found by its id."""
    found = re.search(rf'"id"\s*:\s*{re.escape(json.dumps(rule))}', text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _row(rule: Rule, above: tuple[Rule, ...]) -> Iterator[tuple[str, str]]:
    if rule.id in {r.id for r in above}:
        yield "id_twice", f"{rule.id} is the id of a row above"
    if rule.section not in SECTIONS:
        yield "section_unknown", f"section {rule.section!r} is none of A, B and Z"
    if rule.then not in RESULTS:
        yield "result_unknown", f"{rule.then!r} is none of {', '.join(sorted(RESULTS))}"
    if rule.reason and rule.reason not in CATALOGUE:
        yield "reason_unknown", f"{rule.reason!r} is no reason code"
    if rule.then == "sample" and (rule.rate is None or not 0 < rule.rate <= 1):
        yield "rate_missing", "a sample needs a rate over 0 and up to 1"
    if not 1 <= rule.quorum <= 5:
        yield "quorum_wrong", f"{rule.quorum} signatures are none of 1 to 5"
    for condition in rule.when:
        yield from _condition(*condition)
    if any(set(r.when) <= set(rule.when) for r in above if r.then in {"auto", "block"} or r.section == "Z"):
        yield "unreachable", "a row above decides whatever this one would"


def _condition(fact: str, operator: str, value: str) -> Iterator[tuple[str, str]]:
    if fact not in FACTS:
        yield "fact_unknown", f"{fact!r} is none of {', '.join(sorted(FACTS))}"
    if operator not in OPERATORS:
        yield "operator_unknown", f"{operator!r} is none of {', '.join(OPERATORS)}"
    elif fact in FACTS and FACTS[fact].kind not in OPERATORS[operator].kinds:
        known = [sign for sign, row in OPERATORS.items() if FACTS[fact].kind in row.kinds]
        yield "operator_wrong", f"{fact} {operator}: of {FACTS[fact].words} a row can ask {', '.join(known)}"
    elif (OPERATORS[operator].kinds <= NUMBERS or _is_number(fact)) and not _is_decimal(value):
        yield (
            "value_wrong",
            f'{fact} {operator} {value!r}: a number written as text is needed, such as "2.00"',
        )
    if fact == "codes" and operator == "has" and value not in CATALOGUE:
        yield "reason_unknown", f"{value!r} is no reason code"


def _is_number(fact: str) -> bool:
    return fact in FACTS and FACTS[fact].kind in NUMBERS


def _is_decimal(value: object) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _table(policy: Policy) -> Iterator[tuple[str, str]]:
    """The order is the meaning: hard stops above, managers' rows, one fixed last row."""
    order = [r.section for r in policy.rules]
    if order != sorted(order):
        yield "order_wrong", "rows of section A come first, then B, then the last row Z"
    last = policy.rules[-1] if policy.rules else None
    if last is None or (last.section, last.when, last.then) != ("Z", (), "escalate"):
        yield "last_row_missing", "the last row has section Z, no condition, and escalates"
    for currency, _ in policy.units:
        if not re.fullmatch("[A-Z]{3}", currency):
            yield "currency_unknown", f"units: {currency!r} is no currency code of three letters"
    for name, _ in policy.envelopes:
        if name not in REGISTRY:
            yield "agent_unknown", f"envelopes: {name!r} is none of {', '.join(REGISTRY)}"
    for id_ in {d.id for d in policy.oversight.doses} & {r.id for r in policy.rules}:
        yield "id_twice", f"oversight.doses: {id_} is the id of a rule"
    kept = {(r.when, r.then) for r in policy.rules if r.section == "A"}
    for stop in parse(default_text(), 0).rules:
        if stop.section == "A" and (stop.when, stop.then) not in kept:
            yield "hard_stop_missing", f"the hard stop {stop.id} ({stop.text}) may not be taken away"
