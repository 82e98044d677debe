"""Reason codes of an answer about an invoice, and the causes (hold codes) that each can be true of."""

from __future__ import annotations

from reviews.kinds import ReasonCode

from ..agents import corrections
from ..domain.hold_codes import ROWS

REPLACEMENT = corrections.RULE
"""The rule of a cause that asks whether an invoice replaces another: then `approve` says that it does."""

CAUSES: dict[str, frozenset[str]] = {
    reason: frozenset(row.code for row in ROWS if reason in row.reasons)
    for reason in sorted(frozenset[str]().union(*(row.reasons for row in ROWS)))
}
"""Reason code -> the causes it can be true of, as the rows of the hold codes say. A code that no row names
can be true of every cause."""


def _code(code: str, words: str, *, rule: str = "", unless_rule: str = "") -> ReasonCode:
    return ReasonCode(code, words, CAUSES.get(code), rule, unless_rule)


REASONS: dict[str, tuple[ReasonCode, ...]] = {
    "approve": (
        _code("evidence_complete", "Evidence is complete"),
        _code("difference_accepted", "Difference accepted"),
        _code("agreed_with_vendor", "Agreed with the vendor"),
        _code("not_a_duplicate", "Not a duplicate", unless_rule=REPLACEMENT),
        _code("replaces_it", "It replaces the first", rule=REPLACEMENT),
        _code("goods_confirmed", "Goods confirmed by the department"),
        _code("account_confirmed", "Account confirmed by call-back"),
        _code("payment_confirmed", "Way of payment or payee confirmed with the vendor"),
    ),
    "reject": (
        _code("price_not_agreed", "Price was not agreed"),
        _code("not_delivered", "Not delivered or not accepted"),
        _code("not_ordered", "Not ordered"),
        _code("duplicate", "Duplicate"),
        _code("account_not_confirmed", "Account was not confirmed"),
        _code("no_claim_on_us", "No claim on us"),
        _code("wrong_document", "Wrong or incomplete document"),
        _code("fraud_suspected", "Fraud suspected"),
    ),
    "override": (
        _code("rule_does_not_fit", "The rule does not fit this case"),
        _code("agent_wrong", "The agent is wrong"),
        _code("urgent_business_need", "Urgent business need"),
        _code("other", "Other (say what)"),
    ),
}
"""Verdict -> reason codes, with the words shown."""
