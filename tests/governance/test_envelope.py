"""What an agent was approved for, and its drift breaker: both only ever send more to people."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import OWNERS, REGISTRY
from coordination.domain.facts import Snapshot
from coordination.domain.policy import Envelope, PolicyInvalid
from coordination.domain.proposal import Finding, Proposal
from coordination.governance.envelope import broken
from coordination.governance.gate import Ruling, rule_on
from coordination.governance.lint import lint
from coordination.governance.policy import default_text, parse
from tests.agents.make import POLICY, accept, document, hold, position, propose, snapshot, vendor
from tests.agents.strategies import cases

PAYMENT, MATCHING = "finance.payment", "procurement.matching"
ALL = frozenset(OWNERS)


def within(envelope: Envelope, agent: str = MATCHING, **changes: Any) -> Snapshot:
    policy = replace(POLICY, envelopes=((agent, envelope),))
    return snapshot(policy=policy, **{"gross_company": Decimal("1190.00")} | changes)


def ruled(snap: Snapshot, agent: str = MATCHING) -> Ruling:
    proposal = Proposal(agent, "1", "approve", Decimal("0.99"), "because")
    return rule_on(proposal, snap, REGISTRY[agent].contract, ALL)


# --- the envelope ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("envelope", "changes", "found"),
    [
        (Envelope(), {}, ""),
        (Envelope(gross=Decimal("1190.00")), {}, ""),
        (Envelope(gross=Decimal("1189.99")), {}, "1,190.00 EUR"),
        (Envelope(gross=Decimal(5000)), {"gross_company": None}, "an amount that is not known"),
        (Envelope(currencies=("EUR", "USD")), {}, ""),
        (Envelope(currencies=("EUR", "USD")), {"document": document(currency="GBP")}, "GBP"),
        (Envelope(currencies=("EUR",)), {"document": document(currency="")}, "an unknown currency"),
        (Envelope(vendors=("V-1", "V-2")), {}, ""),
        (Envelope(vendors=("V-2",)), {}, "V-1"),
        (Envelope(vendors=("V-1",)), {"vendor": None}, "an unknown vendor"),
        (Envelope(countries=("DE",)), {}, ""),
        (Envelope(countries=("FR",)), {"vendor": vendor(country="IT")}, "IT"),
        (Envelope(countries=("FR",)), {"vendor": None}, "an unknown country"),
        (Envelope(source_formats=("ubl-2.1",)), {"source_format": "ubl-2.1"}, ""),
        (Envelope(source_formats=("ubl-2.1",)), {"source_format": "pdf-text"}, "pdf-text"),
    ],
)
def test_an_invoice_outside_of_a_bound_is_for_a_person(
    envelope: Envelope, changes: dict[str, Any], found: str
) -> None:
    ruling = ruled(within(envelope, **changes))
    assert [(f.code, f.found) for f in ruling.holds] == ([("outside_envelope", found)] if found else [])
    assert ruling.outcome == ("hold" if found else "act")


def test_the_sentence_names_agent_bound_and_what_was_found() -> None:
    [finding] = ruled(within(Envelope(Decimal(500), currencies=("USD", "GBP")))).holds
    assert (
        finding.sentence
        == "procurement.matching is approved for amounts up to 500.00 EUR and the currencies USD, GBP; "
        "this is 1,190.00 EUR, EUR."
    )
    assert (finding.question, finding.rule) == ("release", "G-ENVELOPE")


def test_an_envelope_is_one_agents_and_no_others() -> None:
    snap = within(Envelope(Decimal(1)))
    assert ruled(snap, "operations.delivery").outcome == "act"
    assert ruled(snap).outcome == "hold"


def test_an_agent_beside_the_chain_holds_nothing_up_outside_of_its_envelope() -> None:
    snap = within(Envelope(Decimal(1)), "finance.coding")
    note = Proposal("finance.coding", "1", "note", Decimal("0.5"), "x")
    assert rule_on(note, snap, REGISTRY["finance.coding"].contract, ALL).outcome == "note"


def test_what_a_person_accepted_once_is_not_asked_again() -> None:
    snap = within(Envelope(Decimal(1)))
    assert ruled(accept(snap, ruled(snap).holds)).outcome == "act"


def test_the_release_itself_may_have_an_envelope() -> None:
    snap = within(Envelope(vendors=("V-9",)), PAYMENT)
    ruling = rule_on(propose(PAYMENT, snap), snap, REGISTRY[PAYMENT].contract, ALL)
    assert (ruling.outcome, [f.code for f in ruling.holds]) == ("escalate", ["outside_envelope"])


def text(row: str) -> str:
    return default_text().replace('"company_currency"', f'"envelopes":{row},"company_currency"')


def test_an_envelope_is_read_from_the_policy_and_none_is_there_by_default() -> None:
    assert POLICY.envelopes == ()
    policy = parse(text('{"procurement.matching":{"gross":"5000.00","currencies":["EUR"]}}'), 2)
    assert policy.envelope(MATCHING) == Envelope(Decimal("5000.00"), currencies=("EUR",))
    assert policy.envelope(PAYMENT) is None


@pytest.mark.parametrize(
    "row",
    [
        '{"gros":"1"}',
        "{}",
        '{"gross":5}',
        '{"gross":"NaN"}',
        '{"currencies":[]}',
        '{"currencies":"EUR"}',
        '{"vendors":[1]}',
    ],
)
def test_a_bound_that_cannot_be_read_is_refused(row: str) -> None:
    with pytest.raises(PolicyInvalid, match=r"envelopes\.procurement\.matching"):
        parse(text(f'{{"procurement.matching":{row}}}'), 2)


def test_an_envelope_of_nobody_is_refused_when_a_policy_is_loaded() -> None:
    assert [f.code for f in lint(text('{"procurement.magic":{"gross":"1"}}'))] == ["agent_unknown"]
    assert lint(text('{"procurement.matching":{"gross":"1"}}')) == []


# --- the breaker -----------------------------------------------------------------------------------


def release(snap: Snapshot) -> Ruling:
    return rule_on(propose(PAYMENT, snap), snap, REGISTRY[PAYMENT].contract, ALL)


RESTS = (position(MATCHING), position("finance.validation"))


@pytest.mark.parametrize(
    ("open_ones", "found"),
    [
        ((), []),
        ((MATCHING,), [MATCHING]),
        (("operations.delivery",), []),
        ((PAYMENT,), [PAYMENT]),
        (("finance.validation", MATCHING), ["finance.validation", MATCHING]),
    ],
)
def test_an_open_breaker_escalates_what_rests_on_its_agents_answers(
    open_ones: tuple[str, ...], found: list[str]
) -> None:
    ruling = release(snapshot(positions=RESTS, breakers=open_ones))
    assert [(f.code, f.found) for f in ruling.holds] == [("drift_breaker", name) for name in found]
    assert ruling.clears is not bool(found)


def test_an_open_breaker_does_not_end_a_wait_and_stops_no_other_agent() -> None:
    snap = snapshot(positions=RESTS, breakers=(MATCHING,), holds=(hold("no_receipt", "waiting"),))
    assert release(snap).outcome == "wait"
    assert ruled(snapshot(positions=RESTS, breakers=(MATCHING,))).outcome == "act"


def test_a_person_may_release_although_the_breaker_is_open() -> None:
    snap = snapshot(positions=RESTS, breakers=(MATCHING,))
    ruling = release(accept(snap, release(snap).holds))
    assert ruling.clears
    assert [d.ranked_below for d in ruling.dissent] == ["human ruling"]


@pytest.mark.parametrize("code", ["drift_breaker", "over_threshold", "random_audit", "outside_envelope"])
def test_what_was_put_to_a_person_stays_with_them_when_its_reason_is_gone(code: str) -> None:
    ruling = release(snapshot(holds=(hold(code, raised_by=PAYMENT),)))
    assert (ruling.outcome, ruling.clears) == ("escalate", False)


# --- both ------------------------------------------------------------------------------------------

ENVELOPES = st.builds(
    Envelope,
    gross=st.none() | st.integers(0, 3000).map(Decimal),
    currencies=st.sampled_from([(), ("EUR",), ("USD",)]),
    vendors=st.sampled_from([(), ("V-1",), ("V-2",)]),
    countries=st.sampled_from([(), ("DE",), ("FR",)]),
    source_formats=st.sampled_from([(), ("ubl-2.1",), ("csv",)]),
)


@given(cases(), ENVELOPES, st.sets(st.sampled_from(sorted(REGISTRY))), st.sampled_from(sorted(REGISTRY)))
def test_neither_ever_makes_anything_more_automatic(
    snap: Snapshot, envelope: Envelope, breakers: set[str], agent: str
) -> None:
    narrow = replace(
        snap, breakers=tuple(sorted(breakers)), policy=replace(snap.policy, envelopes=((agent, envelope),))
    )
    contract, proposal = REGISTRY[agent].contract, propose(agent, snap)
    free, bound = rule_on(proposal, snap, contract, ALL), rule_on(proposal, narrow, contract, ALL)
    assert set(map(_said, free.holds)) <= set(map(_said, bound.holds))
    assert free.clears or not bound.clears
    assert free.outcome == "act" or bound.outcome != "act"
    assert bool(broken(envelope, narrow)) <= (bound.outcome != "act")


def _said(finding: Finding) -> tuple[str, int | None, str]:
    return finding.code, finding.line, finding.found


@pytest.mark.parametrize("share", [10, 50, 90])
def test_a_half_open_breaker_lets_about_its_share_through(share: int) -> None:
    snaps = [snapshot(id=f"I-{n}", positions=RESTS, breakers=(f"{MATCHING} {share}",)) for n in range(600)]
    through = sum(release(snap).outcome == "act" for snap in snaps)
    assert through == pytest.approx(6 * share, abs=60)


def test_who_a_small_share_lets_through_a_larger_one_does_too() -> None:
    def through(share: int) -> set[int]:
        snaps = {
            n: snapshot(id=f"I-{n}", positions=RESTS, breakers=(f"{MATCHING} {share}",)) for n in range(200)
        }
        return {n for n, snap in snaps.items() if release(snap).outcome == "act"}

    assert set() < through(10) < through(50)


def test_what_a_half_open_breaker_keeps_says_whose_it_is() -> None:
    snaps = [snapshot(id=f"I-{n}", positions=RESTS, breakers=(f"{MATCHING} 10",)) for n in range(40)]
    kept = [r for r in map(release, snaps) if r.outcome == "escalate"]
    assert {(f.code, f.found) for r in kept for f in r.holds} == {("drift_breaker", MATCHING)}


@pytest.mark.parametrize("agent", [MATCHING, "finance.coding"])
def test_more_of_the_work_of_an_agent_is_reviewed_where_a_release_rests_on_it(agent: str) -> None:
    snaps = [
        snapshot(id=f"I-{n}", positions=RESTS, reviewed=(f"{agent} 0.300",), sampling=True)
        for n in range(500)
    ]
    drawn = [snap for snap in snaps if release(snap).outcome == "escalate"]
    usual = [snap for snap in snaps if release(replace(snap, reviewed=())).outcome == "escalate"]
    if agent == MATCHING:
        assert len(drawn) == pytest.approx(150, abs=40)
        assert {f.code for snap in drawn for f in release(snap).holds} == {"random_audit"}
        assert {s.id for s in usual} < {s.id for s in drawn}, "who is drawn anyway is drawn still"
    else:
        assert drawn == usual
