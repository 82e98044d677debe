"""The hold codes that other systems rely on, each with one owner and one question."""

import pytest

from coordination.domain.hold_codes import CATALOGUE, DEPARTMENTS, QUEUES

CODES = {
    "finance": (
        "missing_data totals_unbalanced tax_mismatch duplicate_suspect split_suspect supplier_unknown"
        " supplier_blocked bank_mismatch vat_id_invalid currency_diff credit_unlinked credit_over"
        " prepayment_open suspicious_text not_a_claim paid_otherwise payee_differs not_addressed_to_us"
        " payment_refused"
    ),
    "procurement": (
        "no_po po_unknown po_closed supplier_mismatch price_over item_not_ordered qty_over_ordered "
        "amount_over_po uom_mismatch charge_unplanned"
    ),
    "operations": "no_receipt qty_over_received qty_not_accepted",
    "governance": (
        "over_threshold low_confidence agents_disagree outside_envelope contract_breached agent_error "
        "drift_breaker random_audit manual_hold bank_change_unverified"
    ),
}


@pytest.mark.parametrize("owner", CODES)
def test_the_codes_that_others_rely_on_are_there(owner: str) -> None:
    assert {k.code for k in CATALOGUE.values() if k.owner == owner} >= set(CODES[owner].split())


def test_every_owner_is_a_department_with_a_queue() -> None:
    assert {k.owner for k in CATALOGUE.values()} == set(QUEUES) <= set(DEPARTMENTS)


NEVER_BY_ITSELF = (
    "duplicate_suspect split_suspect suspicious_text over_threshold random_audit manual_hold drift_breaker"
)


@pytest.mark.parametrize("code", NEVER_BY_ITSELF.split())
def test_what_only_a_person_releases_never_closes_by_itself(code: str) -> None:
    assert not CATALOGUE[code].auto


@pytest.mark.parametrize(
    "code",
    [
        *("price_over", "no_receipt", "po_unknown", "credit_unlinked", "agent_error"),
        *("bank_change_unverified", "bank_mismatch", "supplier_blocked"),
    ],
)
def test_what_a_new_fact_can_cure_closes_by_itself(code: str) -> None:
    assert CATALOGUE[code].auto


def test_hard_stops_are_those_no_rule_may_pass() -> None:
    hard = {k.code for k in CATALOGUE.values() if k.hard}
    assert {"bank_mismatch", "bank_change_unverified", "duplicate_suspect", "supplier_blocked"} <= hard
    assert {"supplier_unknown", "missing_data"} <= hard
    assert "price_over" not in hard
