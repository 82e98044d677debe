"""Confidence is what people confirmed; a threshold's cost is told from labels, weighed as they were drawn."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.calibration import Calibrated, Pattern, Row, calibrate, concerning
from coordination.domain.proposal import Proposal
from coordination.monitoring import calibration
from coordination.monitoring.calibration import (
    Label,
    Proposed,
    measured,
    outlook,
    reliability,
    safe_threshold,
)

STATED = st.sampled_from([Decimal(x) for x in ("0.60", "0.82", "0.90", "0.97", "0.99")])
PATTERN = Pattern("procurement.matching", "approve", "paired by content", "ubl-2.1", "known")


@given(STATED)
def test_without_an_answer_it_is_what_the_agent_states(stated: Decimal) -> None:
    assert measured(stated, 0, 0) == stated.quantize(Decimal("0.001"))


@given(STATED, st.integers(0, 400), st.data())
def test_a_confirmation_never_lowers_it_and_an_override_never_raises_it(
    stated: Decimal, answers: int, data: st.DataObject
) -> None:
    confirmed = data.draw(st.integers(0, answers))
    now = measured(stated, answers, confirmed)
    assert measured(stated, answers + 1, confirmed + 1) >= now >= measured(stated, answers + 1, confirmed)


def test_many_answers_outweigh_what_is_stated() -> None:
    assert measured(Decimal("0.99"), 2_000, 1_600) == pytest.approx(Decimal("0.79"), abs=Decimal("0.02"))
    assert measured(Decimal("0.82"), 2_000, 1_990) > Decimal("0.98")


def test_it_is_never_quite_sure() -> None:
    assert measured(Decimal("0.99"), 100_000, 100_000) == Decimal("0.999")


def test_so_said_it_is_too_high_in_about_one_of_ten() -> None:
    """The 90 % bound means what it says, where the prior says little beside the answers."""
    chance, too_high = random.Random(4), 0
    for _ in range(400):
        confirmed = sum(chance.random() < 0.93 for _ in range(1_000))
        too_high += measured(Decimal("0.93"), 1_000, confirmed) > Decimal("0.93")
    assert too_high == pytest.approx(40, abs=20)


def test_a_row_reads_back_as_it_was_stored() -> None:
    row = calibration.row(PATTERN, Decimal("0.90"), [True] * 30 + [False] * 3)
    assert Row.from_json(row.as_json()) == row
    assert (row.answers, row.confirmed) == (33, 30)


def proposal(outcome: str = "approve", method: str = "paired by content") -> Proposal:
    return Proposal("procurement.matching", "1", outcome, Decimal("0.90"), "", method=method)  # type: ignore[arg-type]


def test_only_answers_found_the_same_way_are_said_to_be_so_sure() -> None:
    known = concerning([calibration.row(PATTERN, Decimal("0.90"), [False] * 40)], "ubl-2.1", "known")
    assert calibrate(proposal(), known).confidence < Decimal("0.6")
    assert calibrate(proposal(outcome="hold"), known) == proposal(outcome="hold")
    assert calibrate(proposal(method="paired by reference"), known).confidence == Decimal("0.90")


@pytest.mark.parametrize(("source_format", "vendor"), [("cii-d16b", "known"), ("ubl-2.1", "new")])
def test_other_formats_and_other_vendors_are_other_patterns(source_format: str, vendor: str) -> None:
    assert concerning([calibration.row(PATTERN, Decimal("0.90"), [])], source_format, vendor) == ()


def test_of_another_agent_nothing_is_taken() -> None:
    other = Calibrated("finance.validation", "approve", "paired by content", Decimal("0.1"))
    assert calibrate(proposal(), [other]) == proposal()


# --- reliability ------------------------------------------------------------------------------------------


def labels(count: int, off: float = 0.0, seed: int = 1) -> list[Label]:
    chance = random.Random(seed)
    said = [chance.uniform(0.6, 0.99) for _ in range(count)]
    return [Label(c, chance.random() < c - off) for c in said]


def test_bands_hold_all_answers_in_equal_parts() -> None:
    bands = reliability(labels(403))
    assert len(bands) == calibration.BANDS
    assert sum(b.answers for b in bands) == 403
    assert max(b.answers for b in bands) - min(b.answers for b in bands) <= 1
    assert [b.confidence for b in bands] == sorted(b.confidence for b in bands)


def test_few_answers_make_few_bands() -> None:
    assert reliability(labels(19)) == []
    assert len(reliability(labels(45))) == 2


def test_the_verdict_is_by_test_and_not_by_distance() -> None:
    tested = [calibration.calibration_test(labels(100, seed=n)) or 0 for n in range(200)]
    assert sum(p < 0.05 for p in tested) <= 22, "what is true is called untrue in one of twenty"
    shifted = [calibration.calibration_test(labels(400, off=0.1, seed=n)) or 1 for n in range(50)]
    assert sum(p < 0.05 for p in shifted) >= 45


def test_where_nothing_is_left_to_chance_there_is_no_test() -> None:
    assert calibration.calibration_test([Label(1.0, True)] * 50) is None


# --- thresholds -------------------------------------------------------------------------------------------


def test_a_stricter_threshold_lets_less_through() -> None:
    proposed = [Proposed(n / 100) for n in range(100)]
    shares = [outlook(t / 10, proposed, []).automatic for t in range(10)]
    assert shares == sorted(shares, reverse=True)
    assert outlook(0.5, proposed, []).wrong is None


def test_labels_stand_for_as_many_as_they_were_drawn_from() -> None:
    drawn = [Label(0.9, True, weight=50)] * 9 + [Label(0.9, False, weight=1)] * 9
    found = outlook(0.8, [Proposed(0.9)], drawn)
    assert found.wrong == pytest.approx(9 / 459)
    assert found.effective < 18


def test_labels_of_escalated_cases_alone_mislead_and_review_mends_it() -> None:
    """Cases that were put to a person are the hard ones; drawn ones, weighed, are all of them."""
    chance = random.Random(9)
    world = [(c, chance.random() < c) for c in (chance.uniform(0.85, 1.0) for _ in range(20_000))]
    truth = sum(not right for _, right in world) / len(world)
    escalated = outlook(0.0, [], [Label(c, right) for c, right in world if c < 0.9])
    assert escalated.low > truth
    drawn = [Label(c, right, weight=20) for c, right in world if chance.random() < 0.05]
    found = outlook(0.0, [], drawn)
    assert found.wrong == pytest.approx(truth, abs=0.03)
    assert found.low <= truth <= found.high


def test_the_interval_covers_what_is_true_in_nineteen_of_twenty() -> None:
    covered = 0
    for seed in range(200):
        chance = random.Random(seed)
        sample = [Label(0.9, chance.random() < 0.96, weight=chance.choice([5, 50])) for _ in range(300)]
        found = outlook(0.5, [], sample)
        covered += found.low <= 0.04 <= found.high
    assert covered >= 185


def test_the_safe_threshold_is_the_least_strict_that_is_surely_under_the_target() -> None:
    said = [Label(0.85, n % 10 != 0) for n in range(500)] + [Label(0.95, n % 200 != 0) for n in range(800)]
    outlooks = calibration.curve([Proposed(0.85), Proposed(0.95)], said, [0.8, 0.9])
    chosen = safe_threshold(outlooks, 0.02)
    assert chosen is not None
    assert chosen.threshold == 0.9
    assert safe_threshold(outlooks, 0.0001) is None, "none is an answer, too"


def test_what_is_at_risk_is_the_wrong_share_of_the_money() -> None:
    found = outlook(
        0.8,
        [Proposed(0.9, Decimal(1_000)), Proposed(0.7, Decimal(9_000))],
        [Label(0.9, n > 0) for n in range(10)],
    )
    assert found.at_risk == Decimal("100.00")
