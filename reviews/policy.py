"""What may be answered, by whom and why: verdicts, reason codes, rights. Rows, not branches."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "approve": (
        ("evidence_complete", "Evidence is complete"),
        ("difference_accepted", "Difference accepted"),
        ("agreed_with_vendor", "Agreed with the vendor"),
        ("not_a_duplicate", "Not a duplicate"),
        ("goods_confirmed", "Goods confirmed by the department"),
        ("account_confirmed", "Account confirmed by call-back"),
    ),
    "reject": (
        ("price_not_agreed", "Price was not agreed"),
        ("not_delivered", "Not delivered or not accepted"),
        ("not_ordered", "Not ordered"),
        ("duplicate", "Duplicate"),
        ("wrong_document", "Wrong or incomplete document"),
        ("fraud_suspected", "Fraud suspected"),
    ),
    "override": (
        ("rule_does_not_fit", "The rule does not fit this case"),
        ("agent_wrong", "The agent is wrong"),
        ("urgent_business_need", "Urgent business need"),
        ("other", "Other (say what)"),
    ),
}
"""Reason codes by verdict, with the words shown."""

OWN_REASONS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("statement", "approve"): (
        ("difference_accepted", "Differences accepted"),
        ("matter_of_days", "A matter of days: it will settle"),
        ("agreed_with_vendor", "Agreed with the vendor"),
        ("vendor_is_wrong", "The vendor's statement is wrong"),
    ),
    ("statement", "reject"): (
        ("ask_for_documents", "Ask for missing documents"),
        ("ask_about_amounts", "Ask about amounts"),
        ("ask_for_money", "Ask for credit or repayment"),
        ("ask_for_new_statement", "Ask for a new statement"),
    ),
    ("master_data", "approve"): (
        ("evidence_complete", "Evidence is complete"),
        ("agreed_with_vendor", "Confirmed with the vendor or the source"),
    ),
    ("master_data", "reject"): (
        ("wrong_document", "Wrong or incomplete document"),
        ("fraud_suspected", "Fraud suspected"),
    ),
    ("bank_message", "approve"): (
        ("evidence_complete", "Seen on the account"),
        ("agreed_with_bank", "Confirmed with the bank"),
    ),
    ("bank_message", "reject"): (
        ("wrong_document", "Not on the account"),
        ("fraud_suspected", "Fraud suspected"),
    ),
}
"""Kinds of question whose answers have reasons of their own."""

OWN_WORDS: dict[tuple[str, str], str] = {
    ("statement", "approve"): "Accept the differences",
    ("statement", "reject"): "Ask the vendor",
}
"""Kinds of question whose answers are called something else on the button."""


def reasons_of(kind: str, verdict: str) -> tuple[tuple[str, str], ...]:
    """Reason codes with their words for one answer to one kind of question; none if there is no such answer."""
    return OWN_REASONS.get((kind, verdict)) or REASONS.get(verdict, ())


def said(kind: str, verdict: str) -> str:
    """An answer as a verb in a sentence."""
    return OWN_WORDS.get((kind, verdict), verdict).lower()


def words_of(code: str) -> str:
    """A reason code as lists show it."""
    tables = [*REASONS.values(), *OWN_REASONS.values()]
    return next((words for rows in tables for c, words in rows if c == code), code.replace("_", " "))


TEXT_REQUIRED = frozenset({"reject", "override"})
"""Verdicts that need a comment in the person's own words."""

STATUS = {"approve": "approved", "override": "approved", "reject": "rejected"}
"""Verdict -> the escalation's terminal status."""

GRANTS: dict[str, frozenset[str]] = {
    "invoice": frozenset({"specialist", "manager"}),
    "vendor_bank": frozenset({"manager"}),
    "payment_run": frozenset({"manager"}),
    "policy": frozenset({"manager"}),
    "agent": frozenset({"manager"}),
    "drift": frozenset({"manager"}),
    "quality_sample": frozenset({"specialist", "manager"}),
    "statement": frozenset({"specialist", "manager"}),
    "master_data": frozenset({"manager"}),
    "bank_message": frozenset({"manager"}),
}
"""Which groups decide which kind. Auditors read; administrators keep accounts and decide nothing."""


LOCKS: dict[str, Callable[[str], None]] = {}
"""Subject prefix -> lock. Whoever owns the subjects registers here; the desk locks the subject before the question,
as every writer does, so that a person and an agent never wait for each other crosswise."""

LIMITS: list[Callable[[str], Decimal | None]] = []
"""Where a group's signing limit comes from: the owner of the rules registers one function."""


CURRENCY: list[Callable[[], str]] = []
"""What limits are counted in: the owner of the rules registers one function."""


def currency() -> str:
    """The currency of limits; empty where nobody says."""
    return next((source() for source in CURRENCY), "")


def limit_of(group: str) -> Decimal | None:
    """The amount in company currency up to which a group's member signs; None = no right to sign."""
    for source in LIMITS:
        return source(group)
    return None
