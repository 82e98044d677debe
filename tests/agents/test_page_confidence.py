"""finance.validation is never sure of what a template read from a page, however well it fits."""

from decimal import Decimal

import pytest

from coordination.domain.proposal import conclude
from coordination.governance.gate import rule_on
from coordination.translation.pdf import TEXT_FORMAT

from .make import POLICY, propose, snapshot

FINANCE = "finance.validation"


def test_a_clean_invoice_that_was_read_from_print_is_doubted_and_says_why() -> None:
    proposal = propose(FINANCE, snapshot(source_format=TEXT_FORMAT))
    [finding] = proposal.findings
    assert (finding.code, finding.question) == ("", "completeness")
    assert "compare" in finding.sentence
    assert proposal.confidence < POLICY.threshold(FINANCE)
    assert conclude([finding]) == "approve"


@pytest.mark.parametrize("source_format", ["ubl-2.1", "cii-d16b", "pdf+cii-d16b", "csv-invoices"])
def test_data_is_not_doubted(source_format: str) -> None:
    proposal = propose(FINANCE, snapshot(source_format=source_format))
    assert (proposal.findings, proposal.confidence >= POLICY.threshold(FINANCE)) == ((), True)


def test_the_gate_turns_the_doubt_into_a_question() -> None:
    from coordination.agents import REGISTRY

    snap = snapshot(source_format=TEXT_FORMAT)
    ruling = rule_on(propose(FINANCE, snap), snap, REGISTRY[FINANCE].contract, frozenset())
    assert [(hold.code, hold.found) for hold in ruling.holds] == [("low_confidence", f"{FINANCE} 0.60")]
    assert Decimal(ruling.holds[0].expected) == POLICY.threshold(FINANCE)
