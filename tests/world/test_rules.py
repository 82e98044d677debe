"""What holds of every made-up world, whatever its seed, size and shares."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from coordination import translation
from coordination.domain.hold_codes import CATALOGUE
from coordination.translation.canonical import Invoice, Rejected
from coordination.world import World, generate
from coordination.world.case import SCENARIOS
from coordination.world.files import FORMATS
from coordination.world.generate import case_of
from coordination.world.labels import as_lines, counted_as, from_json

DAY = date(2026, 11, 30)
SEEDS = st.integers(0, 10**9)
SHARES = st.sampled_from([0.0, 0.3, 1.0])
LANES = {"auto", "escalated", "waiting"}
RULES = settings(max_examples=10)


def read(world: World) -> list[Invoice]:
    """Every invoice of the world's files, by our own readers."""
    found = []
    for name, content in {**world.files, **{f"later/{k}": v for k, v in world.later.items()}}.items():
        _, documents = translation.stream(content, name)
        for document in documents:
            assert not isinstance(document, Rejected), (name, document)
            if isinstance(document, Invoice):
                found.append(document)
    return found


@RULES
@given(SEEDS, st.integers(1, 40), SHARES, SHARES, st.sampled_from([("csv",), ("ubl",), FORMATS]))
def test_a_world_has_a_label_for_each_claim_and_a_claim_for_each_label(
    seed: int, count: int, defects: float, hard: float, formats: tuple[str, ...]
) -> None:
    world = generate(seed, count, DAY, defects, hard_share=hard, formats=formats)
    assert len(world.labels) == count
    made = read(world)
    assert len(made) == count + world.copies
    labelled = Counter((label.invoice, label.type, label.gross) for label in world.labels)
    assert labelled.keys() == {(i.number, *counted_as(i)) for i in made}


@RULES
@given(SEEDS, st.integers(1, 40), SHARES)
def test_a_label_says_something_that_can_be(seed: int, count: int, defects: float) -> None:
    for label in generate(seed, count, DAY, defects).labels:
        assert label.lane in LANES
        assert (label.lane == "auto") == (not label.holds), label
        assert set(label.codes) <= CATALOGUE.keys()
        assert label.defect in SCENARIOS
        assert label.kind == SCENARIOS[label.defect].kind
        assert label.kind != "clean" or label.lane == "auto" or label.defect != "clean"


@RULES
@given(SEEDS, st.integers(1, 30), SHARES, st.sampled_from([("csv",), FORMATS]))
def test_the_same_seed_is_the_same_world_to_the_byte(
    seed: int, count: int, share: float, formats: tuple[str, ...]
) -> None:
    one, other = (generate(seed, count, DAY, share, formats=formats) for _ in range(2))
    assert (one.files, one.later, one.labels, one.copies) == (
        other.files,
        other.later,
        other.labels,
        other.copies,
    )


@RULES
@given(SEEDS, st.integers(1, 30), st.integers(1, 400))
def test_nothing_in_a_world_is_of_the_future(seed: int, count: int, days: int) -> None:
    day = DAY + timedelta(days=days)
    for invoice in read(generate(seed, count, day, 0.0)):
        assert invoice.issue_date is not None
        assert day - timedelta(days=400) < invoice.issue_date <= day


@RULES
@given(SEEDS, st.integers(1, 30), SHARES)
def test_labels_survive_being_written_and_read(seed: int, count: int, share: float) -> None:
    labels = generate(seed, count, DAY, share).labels
    lines = as_lines(labels).splitlines()
    assert tuple(from_json(json.loads(line)) for line in lines) == labels


@RULES
@given(SEEDS, st.integers(2, 15), st.integers(2, 15))
def test_a_world_goes_on_where_another_ended_without_repeating_a_number(
    seed: int, first: int, second: int
) -> None:
    one = generate(seed, first, DAY, 0.0, hard_share=0.0)
    other = generate(seed + 1, second, DAY, 0.0, hard_share=0.0, first=first)
    assert not {label.key for label in one.labels} & {label.key for label in other.labels}


@RULES
@given(SEEDS, st.integers(1, 30))
def test_a_clean_trade_adds_up(seed: int, count: int) -> None:
    """Lines make the net, net and tax the gross, and each line is on an order."""
    world = generate(seed, count, DAY, 0.0, hard_share=0.0)
    for invoice in read(world):
        nets = [line.net for line in invoice.lines if line.net is not None]
        assert sum(nets) == invoice.net
        assert invoice.net is not None
        assert invoice.tax is not None
        assert invoice.net + invoice.tax == invoice.gross
    assert {label.lane for label in world.labels} == {"auto"}


@given(st.sampled_from(sorted(SCENARIOS)), SEEDS)
@settings(max_examples=60)
def test_every_kind_of_case_has_what_its_claims_expect(name: str, seed: int) -> None:
    case = case_of(name, str(seed), 3, DAY)
    assert case.claims
    assert len(case.claims) <= SCENARIOS[name].claims
    for claim in case.claims:
        assert claim.lane in LANES
        lines = {n for n, _ in enumerate(claim.invoice.lines, 1)}
        assert {hold.line for hold in claim.holds} - {None} <= lines


@RULES
@given(SEEDS, st.integers(1, 25))
def test_tables_are_tables_and_every_row_is_whole(seed: int, count: int) -> None:
    for name, content in generate(seed, count, DAY, 1.0).files.items():
        rows = list(csv.reader(io.StringIO(content.decode())))
        assert {len(row) for row in rows} == {len(rows[0])}, name
        assert len(rows) > 1, name
