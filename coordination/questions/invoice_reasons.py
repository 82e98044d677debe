"""Reason codes of an answer about an invoice, and the causes (hold codes) that each can be true of."""

from __future__ import annotations

from reviews.kinds import ReasonCode

from ..agents import corrections

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


REPLACEMENT = corrections.RULE
"""The rule of a cause that asks whether an invoice replaces another: then `approve` says that it does."""

_CAUSES: dict[str, frozenset[str]] = {
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
"""Reason code -> the causes it can be true of. A code that is not named here can be true of every cause."""


def _code(code: str, words: str, *, rule: str = "", unless_rule: str = "") -> ReasonCode:
    return ReasonCode(code, words, _CAUSES.get(code), rule, unless_rule)


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
