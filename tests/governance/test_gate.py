"""The gate: agents propose, this rules. Silence never clears, and a person's ruling stands above an
agent's."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.agents import OWNERS, REGISTRY
from coordination.domain.facts import Snapshot
from coordination.domain.hold_codes import CATALOGUE
from coordination.domain.policy import Rule
from coordination.domain.proposal import Finding, Proposal
from coordination.governance import amount_at_stake, gate
from coordination.governance.gate import Ruling, fingerprint, rule_on
from tests.agents.make import POLICY, accept, document, hold, line, position, propose, snapshot

PAYMENT, MATCHING = "finance.payment", "procurement.matching"
ALL = frozenset(OWNERS)


def release(snap: Snapshot, answered: frozenset[str] = ALL) -> Ruling:
    """The ruling on the release of a case."""
    return rule_on(propose(PAYMENT, snap), snap, REGISTRY[PAYMENT].contract, answered)


def ruled(agent: str, findings: tuple[Finding, ...], snap: Snapshot | None = None, **changes: Any) -> Ruling:
    """The ruling on a proposal of an agent with these findings."""
    outcome = "hold" if findings else "approve"
    proposal = Proposal(agent, "1", outcome, Decimal("0.99"), "because", findings)  # type: ignore[arg-type]
    return rule_on(replace(proposal, **changes), snap or snapshot(), REGISTRY[agent].contract, ALL)


def gross(amount: str | None) -> Snapshot:
    return snapshot(gross_company=None if amount is None else Decimal(amount))


def reasons(ruling: Ruling) -> list[str]:
    return sorted(f.code for f in ruling.holds)


PRICE = Finding("price", "Too dear.", code="price_over", line=1, expected="10.00", found="11.00", rule="T-01")
TAX = Finding("tax", "Tax differs.", code="tax_mismatch")


# --- any agent -------------------------------------------------------------------------------------


def test_a_clean_proposal_is_acted_on() -> None:
    assert ruled(MATCHING, ()) == Ruling("act")


def test_a_finding_holds_and_names_its_rule() -> None:
    ruling = ruled(MATCHING, (PRICE,))
    assert (ruling.outcome, ruling.holds) == ("hold", (PRICE,))
    assert [(f.rule, f.result) for f in ruling.fired] == [("T-01", "price_over")]


def test_a_finding_without_a_code_is_only_recorded() -> None:
    assert ruled(MATCHING, (replace(PRICE, code=""),), outcome="approve").outcome == "act"


def test_what_may_still_come_is_waited_for() -> None:
    snap = snapshot()
    waiting = Finding("quantity_received", "Nothing yet.", code="no_receipt", until=snap.now)
    assert ruled("operations.delivery", (waiting,)).outcome == "wait"
    short = Finding("quantity_received", "Short.", code="qty_over_received")
    assert ruled("operations.delivery", (waiting, short)).outcome == "hold"


def test_an_answer_outside_its_boundary_is_refused_and_kept_as_dissent() -> None:
    ruling = ruled(MATCHING, (PRICE, TAX))
    assert reasons(ruling) == ["contract_breached", "price_over"]
    assert [(d.agent, d.sentence, d.ranked_below) for d in ruling.dissent] == [
        (MATCHING, "Tax differs.", "authority")
    ]
    [breach] = [f for f in ruling.holds if f.code == "contract_breached"]
    assert breach.rule == "G-AUTH"
    assert "tax" in breach.sentence


@pytest.mark.parametrize("agent", [a for a in REGISTRY if REGISTRY[a].contract.consumes])
def test_a_question_not_answered_breaches_the_contract(agent: str) -> None:
    contract = REGISTRY[agent].contract
    for missing in contract.consumes:
        ruling = rule_on(propose(agent, snapshot()), snapshot(), contract, ALL - {missing})
        assert "contract_breached" in reasons(ruling)
        assert not ruling.clears
    assert "contract_breached" not in reasons(rule_on(propose(agent, snapshot()), snapshot(), contract, ALL))


@pytest.mark.parametrize(
    ("confidence", "held"), [("0.80", False), ("0.79", True), ("0.999", False), ("0", True)]
)
def test_an_unsure_answer_goes_to_a_person(confidence: str, held: bool) -> None:
    assert ("low_confidence" in reasons(ruled(MATCHING, (), confidence=Decimal(confidence)))) is held


def test_an_agent_may_have_a_threshold_of_its_own() -> None:
    strict = replace(POLICY, agent_confidence=((MATCHING, Decimal("0.995")),))
    assert reasons(ruled(MATCHING, (), snapshot(policy=strict))) == ["low_confidence"]


def test_an_objection_is_agents_disagreeing_whatever_code_it_came_with() -> None:
    objection = Finding("price", "I count otherwise.", code="price_over", found="x")
    ruling = ruled("control.crosscheck", (), objections=(objection,), outcome="hold")
    assert [(f.code, f.question, f.sentence) for f in ruling.holds] == [
        ("agents_disagree", "release", "I count otherwise.")
    ]


def test_the_status_desk_only_notes() -> None:
    assert ruled("support.status", (), outcome="note").outcome == "note"


# --- a person's ruling -----------------------------------------------------------------------------


def test_a_ruling_of_a_person_on_exactly_this_finding_stands_and_the_dissent_is_kept() -> None:
    ruling = ruled(MATCHING, (PRICE,), accept(snapshot(), [PRICE]))
    assert (ruling.outcome, ruling.holds) == ("act", ())
    assert [(d.sentence, d.ranked_below) for d in ruling.dissent] == [("Too dear.", "human ruling")]


@pytest.mark.parametrize(
    "change", [{"found": "11.01"}, {"expected": "9.00"}, {"line": 2}, {"code": "amount_over_po"}]
)
def test_a_ruling_stands_for_no_other_finding(change: dict[str, Any]) -> None:
    other = replace(PRICE, **change)
    assert fingerprint(other) != fingerprint(PRICE)
    assert ruled(MATCHING, (other,), accept(snapshot(), [PRICE])).holds == (other,)


@pytest.mark.parametrize(
    "change", [{"sentence": "Said otherwise."}, {"confidence": Decimal("0.5")}, {"rule": "T-99"}]
)
def test_a_ruling_stands_however_the_finding_is_worded(change: dict[str, Any]) -> None:
    assert ruled(MATCHING, (replace(PRICE, **change),), accept(snapshot(), [PRICE])).holds == ()


@pytest.mark.parametrize("how", ["matched", "replaced", "rejected", ""])
def test_only_an_acceptance_is_a_ruling(how: str) -> None:
    closed = hold("price_over", "released", release=how, fingerprint=fingerprint(PRICE))
    assert ruled(MATCHING, (PRICE,), snapshot(holds=(closed,))).holds == (PRICE,)


# --- the release -----------------------------------------------------------------------------------


def test_a_clean_case_is_cleared_by_the_row_that_says_so() -> None:
    ruling = release(snapshot())
    assert (ruling.outcome, ruling.clears, ruling.holds) == ("act", True, ())
    assert [f.rule for f in ruling.fired] == ["B-05"]


@pytest.mark.parametrize(
    ("amount", "clears", "quorum"),
    [
        ("0.00", True, 1),
        ("9999.99", True, 1),
        ("10000.00", True, 1),
        ("10000.01", False, 1),
        ("50000.00", False, 1),
        ("50000.01", False, 2),
        ("9999999.00", False, 2),
    ],
)
def test_a_threshold_is_passed_by_more_than_its_amount(amount: str, clears: bool, quorum: int) -> None:
    ruling = release(gross(amount))
    assert (ruling.clears, ruling.quorum) == (clears, quorum)
    assert reasons(ruling) == ([] if clears else ["over_threshold"])


def test_a_threshold_hold_says_amount_and_limit() -> None:
    [finding] = release(gross("12000.00")).holds
    assert (finding.found, finding.tolerance, finding.rule) == ("12000.00 EUR", "10000.00", "B-02")


def test_the_stricter_of_two_thresholds_speaks_first() -> None:
    ruling = release(gross("60000.00"))
    assert [f.rule for f in ruling.fired] == ["B-01", "B-02"]
    assert [f.rule for f in ruling.holds] == ["B-01"]


def test_a_missing_fact_escalates() -> None:
    ruling = release(gross(None))
    assert (ruling.outcome, ruling.clears, ruling.quorum) == ("escalate", False, 2)
    assert [f.found for f in ruling.holds] == ["unknown"]


def test_an_amount_a_person_accepted_is_not_asked_about_again() -> None:
    snap = gross("12000.00")
    again = release(accept(snap, release(snap).holds))
    assert again.clears
    assert ("B-02", "accepted by a person") in [(f.rule, f.result) for f in again.fired]


def test_an_accepted_amount_is_no_licence_for_a_larger_one() -> None:
    larger = replace(
        gross("13000.00"), holds=accept(gross("12000.00"), release(gross("12000.00")).holds).holds
    )
    assert not release(larger).clears


def test_both_thresholds_are_asked_once_and_answered_once() -> None:
    snap = gross("60000.00")
    first = release(snap)
    assert first.quorum == 2
    assert release(accept(snap, first.holds)).clears


def test_a_signature_does_not_stand_for_a_second_one_that_a_later_policy_asks_for() -> None:
    snap = gross("12000.00")
    signed = accept(snap, release(snap).holds)
    stricter = Rule(
        "B-00", "B", "over 11,000", (("gross_company", ">", "11000"),), "escalate", "over_threshold", 2
    )
    ruling = release(replace(signed, policy=replace(POLICY, revision=2, rules=(stricter, *POLICY.rules))))
    assert (ruling.clears, ruling.quorum) == (False, 2)


def test_a_later_question_about_a_large_invoice_takes_two_people_again() -> None:
    snap = gross("60000.00")
    signed = accept(snap, release(snap).holds)
    ruling = release(replace(signed, holds=(*signed.holds, hold("price_over"))))
    assert (ruling.clears, ruling.quorum) == (False, 2)


@pytest.mark.parametrize("code", sorted(k for k in CATALOGUE if CATALOGUE[k].owner != "governance"))
def test_any_open_hold_keeps_the_case_from_clearing(code: str) -> None:
    ruling = release(snapshot(holds=(hold(code),)))
    assert (ruling.outcome, ruling.clears) == ("escalate", False)
    assert "B-03" in [f.rule for f in ruling.fired]


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("bank_mismatch", "A-01"),
        ("bank_change_unverified", "A-02"),
        ("duplicate_suspect", "A-03"),
        ("supplier_blocked", "A-04"),
        ("supplier_unknown", "A-05"),
        ("missing_data", "A-06"),
    ],
)
def test_a_hard_stop_comes_before_every_other_row(code: str, row: str) -> None:
    raised = "finance.validation"
    fired = release(replace(gross("60000.00"), holds=(hold(code, raised_by=raised),))).fired
    assert [f.rule for f in fired] == [row, "B-01", "B-02", "B-03"]


def test_a_case_that_only_waits_is_not_escalated() -> None:
    ruling = release(snapshot(holds=(hold("no_receipt", "waiting"),)))
    assert (ruling.outcome, ruling.clears, ruling.holds) == ("wait", False, ())


def test_waiting_ends_where_something_else_is_open() -> None:
    both = (hold("no_receipt", "waiting"), hold("price_over"))
    assert release(snapshot(holds=both)).outcome == "escalate"


def test_a_released_hold_is_none() -> None:
    assert release(snapshot(holds=(hold("price_over", "released", release="matched"),))).clears


def test_the_least_sure_agent_decides_whether_the_case_is_sure() -> None:
    assert release(snapshot(positions=(position(MATCHING, "0.80"),))).clears
    unsure = release(snapshot(positions=(position(MATCHING, "0.79"),)))
    assert reasons(unsure) == ["low_confidence"]
    assert not unsure.clears


def test_when_no_row_speaks_the_last_one_escalates() -> None:
    bare = replace(POLICY, rules=tuple(r for r in POLICY.rules if r.section == "Z"))
    ruling = release(snapshot(policy=bare))
    assert (ruling.outcome, [f.rule for f in ruling.fired]) == ("escalate", ["Z-99"])
    assert reasons(ruling) == ["low_confidence"]


def test_a_table_without_any_row_clears_nothing() -> None:
    ruling = release(snapshot(policy=replace(POLICY, rules=())))
    assert (ruling.outcome, ruling.clears) == ("escalate", False)


def test_an_auto_row_below_an_escalating_one_does_not_clear() -> None:
    rows = [r for r in POLICY.rules if r.id != "B-03"]
    always = Rule("B-00", "B", "always", (), "auto")
    ruling = release(replace(gross("12000.00"), policy=replace(POLICY, rules=(*rows, always))))
    assert not ruling.clears


def test_the_row_that_came_nearest_is_named() -> None:
    assert release(gross("9500.00")).nearest == "B-02 gross over 10,000.00: 9,500.00"


@pytest.mark.parametrize(
    ("codes", "queue"),
    [
        (["price_over"], "procurement"),
        (["no_receipt"], "operations"),
        (["tax_mismatch"], "finance"),
        (["over_threshold"], "finance"),
        (["price_over", "over_threshold"], "procurement"),
        (["price_over", "tax_mismatch"], "finance"),
        (["price_over", "no_receipt"], "procurement"),
        ([], "finance"),
    ],
)
def test_the_queue_is_that_of_the_department_the_case_depends_on(codes: list[str], queue: str) -> None:
    assert gate.queue_of(codes) == queue


# --- sampling --------------------------------------------------------------------------------------


def sampled(number: int, *, on: bool = True, seed: str = "countersign") -> bool:
    snap = snapshot(id=f"case-{number}", sampling=on, policy=replace(POLICY, audit_seed=seed))
    ruling = release(snap)
    assert reasons(ruling) == ([] if ruling.clears else ["random_audit"])
    return not ruling.clears


def test_about_two_in_a_hundred_clean_cases_are_looked_at_again() -> None:
    assert 20 <= sum(sampled(n) for n in range(2000)) <= 60


def test_no_case_is_sampled_where_sampling_is_off() -> None:
    assert not any(sampled(n, on=False) for n in range(500))


def test_the_draw_repeats_and_follows_the_seed() -> None:
    first = [sampled(n) for n in range(300)]
    assert first == [sampled(n) for n in range(300)]
    assert first != [sampled(n, seed="other") for n in range(300)]


def test_a_second_look_is_taken_once() -> None:
    number = next(n for n in range(1000) if sampled(n))
    snap = snapshot(id=f"case-{number}", sampling=True)
    assert release(accept(snap, release(snap).holds)).clears


def test_only_clean_cases_are_sampled() -> None:
    number = next(n for n in range(1000) if sampled(n))
    ruling = release(snapshot(id=f"case-{number}", sampling=True, holds=(hold("price_over"),)))
    assert reasons(ruling) == []


# --- properties ------------------------------------------------------------------------------------

HOLDS = st.lists(
    st.builds(
        lambda code, status, n: hold(code, status, raised_by="finance.validation", fingerprint=f"f{n}"),
        st.sampled_from(sorted(CATALOGUE)),
        st.sampled_from(["open", "waiting", "released"]),
        st.integers(),
    ),
    max_size=4,
)
AMOUNTS = st.none() | st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 100)
CONFIDENCE = st.integers(0, 100).map(lambda n: Decimal(n) / 100)


@given(HOLDS, AMOUNTS, CONFIDENCE, st.booleans(), st.sets(st.sampled_from(sorted(OWNERS))))
@settings(max_examples=300)
def test_nothing_is_cleared_that_a_rule_or_a_hold_stands_against(
    holds: list[Any], amount: Decimal | None, confidence: Decimal, sampling: bool, unanswered: set[str]
) -> None:
    snap = snapshot(
        holds=tuple(holds),
        gross_company=amount,
        positions=(position(MATCHING, confidence),),
        sampling=sampling,
    )
    ruling = release(snap, ALL - unanswered)
    if not ruling.clears:
        assert ruling.outcome in {"escalate", "wait"}
        return
    assert ruling.outcome == "act"
    assert not snap.live_holds()
    assert amount is not None
    assert amount <= 10_000
    assert confidence >= Decimal("0.80")
    assert not REGISTRY[PAYMENT].contract.consumes & unanswered


@given(HOLDS, AMOUNTS, CONFIDENCE)
def test_every_case_has_an_outcome_and_an_escalation_a_queue_and_a_rule(
    holds: list[Any], amount: Decimal | None, confidence: Decimal
) -> None:
    snap = snapshot(holds=tuple(holds), gross_company=amount, positions=(position(MATCHING, confidence),))
    ruling = release(snap)
    assert ruling.fired
    if ruling.outcome == "escalate":
        assert ruling.queue in {"finance", "procurement", "operations", "payments"}
        assert 1 <= ruling.quorum <= 2


@given(AMOUNTS.filter(lambda a: a is not None), AMOUNTS.filter(lambda a: a is not None))
def test_a_larger_amount_never_needs_less(one: Decimal, other: Decimal) -> None:
    low, high = (release(gross(str(a))) for a in sorted((one, other)))
    assert low.quorum <= high.quorum
    assert low.clears or not high.clears


def test_a_small_case_of_another_kind_clears_too() -> None:
    assert release(snapshot(document(line(), type="credit_note"))).clears


@pytest.mark.parametrize(
    ("whole", "status", "quorum"),
    [("49999.00", "open", 1), ("50000.01", "open", 2), ("50000.01", "released", 1)],
)
def test_a_group_takes_as_many_signatures_as_its_whole_amount(whole: str, status: str, quorum: int) -> None:
    split = hold("split_suspect", status=status, money=Decimal(whole))
    snap = snapshot(holds=(split, hold("price_over")), gross_company=Decimal("1190.00"))
    assert amount_at_stake.in_company(snap) == Decimal(whole if status == "open" else "1190.00")
    ruling = release(snap)
    assert (ruling.quorum, [f.code for f in ruling.holds]) == (quorum, [])
