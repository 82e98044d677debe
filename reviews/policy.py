"""What may be answered, by whom and why: verdicts, reason codes, rights. Rows, not branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "approve": (
        ("evidence_complete", "Evidence is complete"),
        ("difference_accepted", "Difference accepted"),
        ("agreed_with_vendor", "Agreed with the vendor"),
        ("not_a_duplicate", "Not a duplicate"),
        ("replaces_it", "It replaces the first"),
        ("goods_confirmed", "Goods confirmed by the department"),
        ("account_confirmed", "Account confirmed by call-back"),
        ("payment_confirmed", "Way of payment or payee confirmed with the vendor"),
    ),
    "reject": (
        ("price_not_agreed", "Price was not agreed"),
        ("not_delivered", "Not delivered or not accepted"),
        ("not_ordered", "Not ordered"),
        ("duplicate", "Duplicate"),
        ("account_not_confirmed", "Account was not confirmed"),
        ("no_claim_on_us", "No claim on us"),
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

_PRICE = frozenset({"price_over", "amount_over_po", "charge_unplanned", "uom_mismatch", "currency_diff"})
_SUMS = frozenset({"totals_unbalanced", "tax_mismatch", "credit_over", "prepayment_open"})
_QUANTITY = frozenset({"qty_over_ordered", "qty_over_received", "qty_not_accepted"})
_ORDER = frozenset({"no_po", "po_unknown", "po_closed", "supplier_mismatch", "item_not_ordered"})
_RECEIPT = frozenset({"no_receipt", "qty_over_received", "qty_not_accepted"})
_ACCOUNT = frozenset({"bank_mismatch", "bank_change_unverified", "payee_differs"})
_NATURE = frozenset({"not_a_claim", "paid_otherwise", "payee_differs", "not_addressed_to_us"})
_LOOK = frozenset(
    {
        "over_threshold",
        "low_confidence",
        "agents_disagree",
        "outside_envelope",
        "contract_breached",
        "agent_error",
        "drift_breaker",
        "random_audit",
        "manual_hold",
    }
)
"""Reasons to look that say nothing of what is wrong: whoever looks may find anything."""
_BILLED = _PRICE | _SUMS | _QUANTITY | _ORDER

CAUSES: dict[str, frozenset[str]] = {
    "difference_accepted": (
        _PRICE | _SUMS | _QUANTITY | {"item_not_ordered", "agents_disagree", "manual_hold"}
    ),
    "agreed_with_vendor": (
        _BILLED
        | {
            "missing_data",
            "paid_otherwise",
            "payee_differs",
            "not_addressed_to_us",
            "supplier_unknown",
            "vat_id_invalid",
            "credit_unlinked",
            "agents_disagree",
            "manual_hold",
        }
    ),
    "not_a_duplicate": frozenset({"duplicate_suspect"}),
    "replaces_it": frozenset({"duplicate_suspect"}),
    "payment_confirmed": _NATURE - {"not_a_claim", "not_addressed_to_us"},
    "no_claim_on_us": _NATURE | _LOOK,
    "goods_confirmed": _RECEIPT | {"manual_hold"},
    "account_confirmed": _ACCOUNT | {"payment_refused", "manual_hold"},
    "price_not_agreed": _PRICE | _LOOK | {"item_not_ordered", "totals_unbalanced"},
    "not_delivered": _RECEIPT | _QUANTITY | _ORDER | _LOOK,
    "not_ordered": _BILLED | _RECEIPT | _LOOK | {"supplier_unknown", "split_suspect", "not_addressed_to_us"},
    "account_not_confirmed": _ACCOUNT | {"payment_refused", "manual_hold"},
}
"""Reason code -> the causes (hold codes) it can be true of. A code that is not named here can be true of
every cause."""

REPLACEMENT = "C-01"
"""The rule of a cause that asks whether an invoice replaces another: then `approve` says that it does."""

CAUSES_OF_KIND: dict[str, frozenset[str]] = {"duplicate": frozenset({"invoice"})}
"""Reason code -> the kinds of question it can be true of, where it can be true of any cause in them."""

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
    ("payment_run", "approve"): (
        ("evidence_complete", "Evidence is complete"),
        ("payments_checked", "Payees, accounts and amounts checked"),
    ),
    ("paid_elsewhere", "approve"): (
        ("evidence_seen", "Evidence of the payment seen"),
        ("vendor_confirms", "The vendor confirms the payment"),
    ),
    ("paid_elsewhere", "reject"): (
        ("not_proven", "The payment is not proven"),
        ("wrong_document", "Wrong or incomplete"),
        ("fraud_suspected", "Fraud suspected"),
    ),
    ("payment_run", "reject"): (
        ("not_to_be_paid_now", "Not to be paid now"),
        ("wrong_payee", "Wrong payee or account"),
        ("wrong_document", "Wrong or incomplete"),
        ("fraud_suspected", "Fraud suspected"),
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
    ("paid_elsewhere", "approve"): "Confirm as paid",
}
"""Kinds of question whose answers are called something else on the button."""


def reasons_of(
    kind: str, verdict: str, causes: Sequence[Mapping[str, Any]] = ()
) -> tuple[tuple[str, str], ...]:
    """Reason codes with their words for one answer to one kind of question; none if there is no such answer.

    `causes`: the reasons of the question that the answer covers (`code`, `hard`). A code is offered when it
    can be true of one of them and, to pay, of every hard stop among them. Without causes, as of a payment
    run, all codes of the kind are.
    """
    if own := OWN_REASONS.get((kind, verdict)):
        return own
    return tuple(row for row in REASONS.get(verdict, ()) if _fits(row[0], kind, verdict, causes))


def _fits(code: str, kind: str, verdict: str, causes: Sequence[Mapping[str, Any]]) -> bool:
    if kind not in CAUSES_OF_KIND.get(code, {kind}):
        return False
    of = CAUSES.get(code)
    if of is None or not causes:
        return True
    if not any(_true_of(code, of, c) for c in causes):
        return False
    # one reason is enough not to pay; to pay, none of the hard stops may be left unsaid
    return verdict == "reject" or all(_true_of(code, of, c) for c in causes if c.get("hard"))


def _true_of(code: str, of: frozenset[str], cause: Mapping[str, Any]) -> bool:
    asks = cause["code"] == "duplicate_suspect" and cause.get("rule") == REPLACEMENT
    return (
        cause["code"] in of and not (asks and code == "not_a_duplicate") and (asks or code != "replaces_it")
    )


def verb_of(kind: str, verdict: str) -> str:
    """An answer as a verb in a sentence."""
    return OWN_WORDS.get((kind, verdict), verdict).lower()


def words_of(code: str) -> str:
    """A reason code as lists show it."""
    if code == NOT_STATED:
        return "No reason stated"
    tables = [*REASONS.values(), *OWN_REASONS.values()]
    return next((words for rows in tables for c, words in rows if c == code), code.replace("_", " "))


NOT_STATED = "not_stated"
"""What an approval of a payment run by command records where it names no reason. No page offers it."""

TEXT_REQUIRED = frozenset({"reject", "override"})
"""Verdicts that need a comment in the person's own words."""

TEXT_OF = frozenset({"other"})
"""Reason codes that need one whatever the verdict is."""

STATUS = {"approve": "approved", "override": "approved", "reject": "rejected"}
"""Verdict -> the escalation's terminal status."""

GRANTS: dict[str, frozenset[str]] = {
    "invoice": frozenset({"specialist", "manager"}),
    "vendor_bank": frozenset({"manager"}),
    "payment_run": frozenset({"manager"}),
    "paid_elsewhere": frozenset({"manager"}),
    "policy": frozenset({"manager"}),
    "agent": frozenset({"manager"}),
    "drift": frozenset({"manager"}),
    "quality_sample": frozenset({"specialist", "manager"}),
    "statement": frozenset({"specialist", "manager"}),
    "master_data": frozenset({"manager"}),
    "bank_message": frozenset({"manager"}),
}
"""Which groups decide which kind. Auditors read; administrators keep accounts and decide nothing."""

MONEY = frozenset({"invoice", "payment_run", "paid_elsewhere"})
"""Kinds whose approval lets money go. Where what is at stake is not known, it is over every limit."""

STOPPED_BY_MAKERS = frozenset({"payment_run", "paid_elsewhere"})
"""Kinds that who made them may reject: it only stops what they set going, and nobody is paid by it."""

ANSWERS_ALL = "manager"
"""Whoever belongs to this group answers every queue; everybody else that of their department."""

RESERVED = frozenset({"payments"})
"""Queues that no department answers: money has moved or is about to, and managers see payment runs."""

LOCKS: dict[str, Callable[[str], None]] = {}
"""Subject prefix -> lock. Whoever owns the subjects registers here; the review queue locks the subject before
the question, as every writer does, so that a person and an agent never wait for each other crosswise."""

MAKERS: dict[str, Callable[[Any], Mapping[str, str]]] = {}
"""Kind -> who made what such a question is about, as of now, each with what they brought, in words. Whoever
owns the facts registers here: a fact may have come, and with it a maker, since the question was asked."""

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
