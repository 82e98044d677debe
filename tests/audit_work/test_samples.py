"""Samples: drawn once, drawn again by anybody, and what is found in them stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import commitments
from audit.canonical import loads
from audit.models import Entry
from audit.sampling import NoSample
from coordination.assurance import samples
from coordination.assurance.population_query import BadQuery
from coordination.assurance.sample_redraw import redraw
from coordination.assurance.samples import Found, NotRecorded, Overtaken, SampleRequest, draw, record
from coordination.assurance.search import Search
from coordination.models import AccessRecord, AuditSample, Invoice, SampleResult
from coordination.selectors import samples as read
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, table

from .pile import pile

pytestmark = pytest.mark.django_db
ALL = Search()


def wish(**changes: Any) -> SampleRequest:
    return replace(SampleRequest(ALL, "random", 5, "Are they right?", seed="s1"), **changes)


METHODS = [
    wish(),
    wish(method="stratified", currency="EUR", bounds=(Decimal(500), Decimal(1500))),
    wish(method="monetary_unit", currency="EUR", size=6),
]
every_method = pytest.mark.parametrize("wanted", METHODS, ids=lambda w: w.method)


def judge(sample: AuditSample, people: Cast, *wrong: str, audited: Decimal | None = None) -> None:
    """Everything is right but the invoices named."""
    numbers = {str(i.id): i.number for i in Invoice.objects.all()}
    for drawn in sample.drawn:
        found = Found("right")
        if numbers[drawn["id"]] in wrong:
            found = Found("wrong", audited, "Not as ordered.")
        record(sample.id, UUID(drawn["id"]), found, by=people.erin)


# --- drawing ---------------------------------------------------------------------------------------


@every_method
def test_a_sample_is_drawn_again_from_its_record(people: Cast, wanted: SampleRequest) -> None:
    pile()
    done = redraw(draw(wanted, by=people.erin))
    assert (done.sound, done.today, done.same_today, done.changed) == (True, True, True, 0)
    cast.assert_sound()


@every_method
def test_the_ledger_has_seed_population_and_items(people: Cast, wanted: SampleRequest) -> None:
    pile()
    row = draw(wanted, by=people.erin)
    entry = Entry.objects.get(subject=row.subject)
    data = loads(entry.body)["data"]
    assert (entry.type, entry.actor) == ("sample.drawn", f"human:{people.erin.pk}")
    assert data["seed"] == "s1"
    assert data["population"] == {
        "digest": row.population_digest,
        "count": "20",
        "sums": {"EUR": "24990.00"},
    }
    assert [d["id"] for d in data["drawn"]] == [d["id"] for d in row.drawn]
    assert data["policy"]["revision"] == "1"
    assert AccessRecord.objects.get().what == "sample drawn"


def test_a_seed_that_is_not_given_is_made_and_kept(people: Cast) -> None:
    pile(4)
    first, second = (draw(wish(seed="", size=2), by=people.erin) for _ in range(2))
    assert first.seed != second.seed
    assert redraw(first).sound
    assert read.sheet(second).draws == 2


def test_credit_notes_take_away_and_are_never_hit_by_money(people: Cast) -> None:
    pile(
        5,
        bill(invoice_number="CN-1", type="credit_note", quantity="1", unit_price="1000.00", order_number=""),
    )
    row = draw(wish(method="monetary_unit", currency="EUR", size=3), by=people.erin)
    credit = Invoice.objects.get(number="CN-1")
    assert row.population_sums == {"EUR": "595.00"}
    assert str(credit.id) not in {d["id"] for d in row.drawn}
    assert row.parameters["outside"] == {"count": "1", "sum": "-1190.00"}
    assert row.parameters["positive"] == "1785.00"


def test_a_population_of_one_currency_leaves_the_others_out(people: Cast) -> None:
    pile(4, bill(invoice_number="US-1", currency="USD", order_number=""))
    both = draw(wish(size=5), by=people.erin)
    euros = draw(wish(size=4, currency="EUR"), by=people.erin)
    assert both.population_sums == {"EUR": "1190.00", "USD": "1190.00"}
    assert euros.population_count == 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 0}, "between 1"),
        ({"size": 1001}, "between 1"),
        ({"size": 21}, "20 items"),
        ({"purpose": ""}, "what the sample is for"),
        ({"method": "all"}, "Choose a method"),
        ({"seed": "a b"}, "seed has"),
        ({"seed": "x" * 65}, "seed has"),
        ({"confidence": Decimal("0.5")}, "confidence"),
        ({"method": "monetary_unit"}, "one currency"),
        ({"method": "monetary_unit", "currency": "CHF"}, "0 items"),
        ({"method": "stratified", "currency": "EUR"}, "strat"),
        ({"bounds": (Decimal(1),)}, "strat"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_nothing(
    people: Cast, change: dict[str, Any], why: str
) -> None:
    pile()
    with pytest.raises(NoSample, match=why):
        draw(wish(**change), by=people.erin)
    assert not AuditSample.objects.exists()
    assert not Entry.objects.filter(subject__startswith="sample/").exists()


def test_a_search_that_cannot_be_read_draws_nothing(people: Cast) -> None:
    with pytest.raises(BadQuery):
        draw(wish(search=Search(least="much")), by=people.erin)


@pytest.mark.parametrize("who", ["alice", "carol", "frank"])
def test_only_auditors_draw_and_record(people: Cast, who: str) -> None:
    pile(3)
    with pytest.raises(NotAllowed):
        draw(wish(size=2), by=getattr(people, who))
    row = draw(wish(size=2), by=people.erin)
    with pytest.raises(NotAllowed):
        record(row.id, UUID(row.drawn[0]["id"]), Found("right"), by=getattr(people, who))


@pytest.mark.parametrize(
    "text", ["0", "-1", "100 100", "200 100", "NaN", "x", "1 2 3 4 5 6 7 8 9 10", "1e999"]
)
def test_bounds_that_divide_nothing_are_refused(text: str) -> None:
    with pytest.raises(NoSample, match="divide"):
        samples.bounds_of(text)


def test_bounds_are_written_with_spaces_between() -> None:
    assert samples.bounds_of(" 100  1,000.50;2000 ") == (Decimal(100), Decimal("1000.50"), Decimal(2000))
    assert samples.bounds_of("") == ()


# --- the population changes ------------------------------------------------------------------------


def test_what_came_in_after_the_draw_is_named(people: Cast) -> None:
    pile()
    row = draw(wish(), by=people.erin)
    cast.take_in(table("invoices", bill(invoice_number="LATE-1", order_number="PO-L")))
    done = redraw(row)
    assert done.sound
    assert not done.today
    assert [(c.number, c.why) for c in done.changes] == [("LATE-1", "was received after the draw")]
    assert done.count == 21


def test_what_no_longer_matches_is_named(people: Cast) -> None:
    cast.trade(bill(unit_price="20.00"))
    row = draw(wish(search=Search(text="Hartmann"), size=1), by=people.erin)
    assert redraw(row).today
    cast.take_in(table("vendors", cast.vendor(name="Renamed GmbH")))
    cast.answer(cast.Escalation.objects.get(kind="master_data"), "approve", by=people.dave)
    done = redraw(row)
    assert [(c.number, c.why) for c in done.changes] == [("INV-1", "no longer matches the search")]
    assert done.sound
    assert "0 items" in done.problem


def test_days_are_meant_in_the_zone_of_the_one_who_drew(people: Cast) -> None:
    pile(3)
    day = timezone.now().astimezone(timezone.get_fixed_timezone(14 * 60)).date()
    far = Search(since=day.isoformat(), until=day.isoformat())
    with timezone.override("Pacific/Kiritimati"):  # UTC+14: there it is this day already or still
        row = draw(wish(search=far, size=2), by=people.erin)
    assert row.zone == "Pacific/Kiritimati"
    with timezone.override("Pacific/Honolulu"):
        assert redraw(row).today


def test_a_row_that_is_not_as_the_ledger_has_it_is_found(people: Cast) -> None:
    pile(6)
    row = draw(wish(size=2), by=people.erin)
    assert redraw(row).sound
    for name, value in (("seed", "s2"), ("drawn", row.drawn[:1]), ("population_count", 7)):
        altered = AuditSample.objects.get(pk=row.pk)
        setattr(altered, name, value)
        assert not redraw(altered).recorded
    altered = AuditSample.objects.get(pk=row.pk)
    altered.members = samples.packed([])
    done = redraw(altered)
    assert (done.recorded, done.whole, done.again) == (True, False, False)


# --- results ---------------------------------------------------------------------------------------


def test_the_latest_result_counts_and_the_earlier_ones_stay(people: Cast) -> None:
    pile(3)
    row = draw(wish(size=1), by=people.erin)
    key = UUID(row.drawn[0]["id"])
    record(row.id, key, Found("wrong", Decimal("1.00"), "Price not agreed."), by=people.erin)
    record(row.id, key, Found("right", words="Found the agreement."), by=people.erin)
    [line] = read.sheet(row).lines
    assert line.result is not None
    assert (line.result.outcome, line.result.words) == ("right", "Found the agreement.")
    assert [r.words for r in line.earlier] == ["Price not agreed."]
    assert read.sheet(row).wrong == 0
    assert cast.entries(row.subject) == ["sample.drawn", "sample.result", "sample.result"]
    cast.assert_sound()


def test_words_lie_beside_the_ledger_and_are_proved_by_it(people: Cast) -> None:
    pile(2)
    row = draw(wish(size=1, purpose="Does Mr Smith pay twice?"), by=people.erin)
    record(row.id, UUID(row.drawn[0]["id"]), Found("not_found", words="Mr Smith has it."), by=people.erin)
    bodies = "".join(Entry.objects.filter(subject=row.subject).values_list("body", flat=True))
    assert "Smith" not in bodies
    assert row.purpose in bodies
    assert SampleResult.objects.get().words in bodies
    assert read.sheet(row).purpose == "Does Mr Smith pay twice?"
    assert list(commitments.check()) == []


def test_who_looked_before_another_recorded_is_told(people: Cast) -> None:
    pile(2)
    row = draw(wish(size=1), by=people.erin)
    key = UUID(row.drawn[0]["id"])
    first = record(row.id, key, Found("right", seen=""), by=people.erin)
    with pytest.raises(Overtaken):
        record(row.id, key, Found("not_found", words="Gone.", seen=""), by=people.erin)
    record(row.id, key, Found("not_found", words="Gone.", seen=str(first.id)), by=people.erin)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (Found("maybe"), "Choose what"),
        (Found("wrong", Decimal(1)), "own words"),
        (Found("not_found"), "own words"),
        (Found("wrong", Decimal("119.00"), "same"), "another amount"),
        (Found("wrong", Decimal("NaN"), "none"), "another amount"),
        (Found("wrong", Decimal("1e30"), "huge"), "another amount"),
    ],
)
def test_a_result_that_says_nothing_is_refused(people: Cast, found: Found, why: str) -> None:
    pile(1)
    row = draw(wish(size=1), by=people.erin)
    with pytest.raises(NotRecorded, match=why):
        record(row.id, UUID(row.drawn[0]["id"]), found, by=people.erin)
    assert not SampleResult.objects.exists()


def test_only_items_of_the_sample_have_results(people: Cast) -> None:
    pile(3)
    row = draw(wish(size=1), by=people.erin)
    other = Invoice.objects.exclude(pk=row.drawn[0]["id"]).first()
    assert other is not None
    with pytest.raises(NotRecorded, match="not in the sample"):
        record(row.id, other.id, Found("right"), by=people.erin)


@pytest.mark.parametrize("table_name", ["coordination_auditsample", "coordination_sampleresult"])
def test_samples_and_results_are_never_changed(people: Cast, table_name: str) -> None:
    pile(2)
    row = draw(wish(size=1), by=people.erin)
    record(row.id, UUID(row.drawn[0]["id"]), Found("right"), by=people.erin)
    for statement in (f"UPDATE {table_name} SET by = 'x'", f"DELETE FROM {table_name}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- what it says ----------------------------------------------------------------------------------


def test_a_sheet_says_nothing_of_the_whole_before_it_is_complete(people: Cast) -> None:
    pile()
    row = draw(wish(), by=people.erin)
    for drawn in row.drawn[:-1]:
        record(row.id, UUID(drawn["id"]), Found("right"), by=people.erin)
    assert read.sheet(row).estimate is None
    record(row.id, UUID(row.drawn[-1]["id"]), Found("right"), by=people.erin)
    said = read.sheet(row).estimate
    assert said is not None
    assert (said.wrong, said.projected) == (0, 0)
    assert said.upper_rate == pytest.approx(Decimal("0.4507"), abs=Decimal("0.0001"))  # 1 - 0.05 ** (1 / 5)


def test_errors_are_projected_to_the_number_of_the_population(people: Cast) -> None:
    pile()
    row = draw(wish(size=10), by=people.erin)
    numbers = dict(Invoice.objects.values_list("id", "number"))
    judge(row, people, numbers[UUID(row.drawn[0]["id"])])
    said = read.sheet(row).estimate
    assert said is not None
    assert (said.rate, said.projected) == (Decimal("0.1"), Decimal(2))
    assert said.upper_rate == pytest.approx(
        Decimal("0.3942"), abs=Decimal("0.0001")
    )  # tables: 1 of 10 at 95 %


def test_a_sample_of_everything_has_no_uncertainty(people: Cast) -> None:
    pile(4)
    row = draw(wish(size=4), by=people.erin)
    judge(row, people, "INV-2")
    said = read.sheet(row).estimate
    assert said is not None
    assert said.rate == said.upper_rate == Decimal("0.25")


def test_strata_are_weighed_by_their_members(people: Cast) -> None:
    pile()
    row = draw(wish(method="stratified", currency="EUR", bounds=(Decimal(1500),), size=10), by=people.erin)
    small = [d for d in row.drawn if d["stratum"] == "1"]
    numbers = dict(Invoice.objects.values_list("id", "number"))
    judge(row, people, numbers[UUID(small[0]["id"])])
    said = read.sheet(row).estimate
    assert said is not None
    first, second = said.strata
    assert (first.words, second.words) == ("under 1,500.00", "1,500.00 and more")
    assert (first.members, second.members, first.wrong, second.wrong) == (12, 8, 1, 0)
    assert said.projected == Decimal(12) / len(small)
    assert said.upper <= 20


def test_money_is_projected_by_the_interval(people: Cast) -> None:
    pile()
    row = draw(wish(method="monetary_unit", currency="EUR", size=20), by=people.erin)
    interval = Decimal(row.parameters["interval"])
    assert interval == Decimal("1249.5")
    small = next(d for d in row.drawn if Decimal(d["amount"]) < interval)
    for drawn in row.drawn:
        half = Decimal(drawn["amount"]) / 2
        found = Found("wrong", half, "Half of it.") if drawn is small else Found("right")
        record(row.id, UUID(drawn["id"]), found, by=people.erin)
    said = read.sheet(row).estimate
    assert said is not None
    assert said.overstated is not None
    assert said.overstated.found == (Decimal(small["amount"]) / 2).quantize(Decimal("0.01"))
    assert said.overstated.projected == Decimal("624.75")
    assert said.overstated.upper == pytest.approx(
        interval * Decimal("3.87"), abs=Decimal(2)
    )  # 3.00 + 1.75 / 2


def test_in_a_monetary_sample_what_is_not_found_is_nothing_and_wrong_needs_an_amount(people: Cast) -> None:
    pile(3)
    row = draw(wish(method="monetary_unit", currency="EUR", size=1), by=people.erin)
    key = UUID(row.drawn[0]["id"])
    with pytest.raises(NotRecorded, match="amount should have been"):
        record(row.id, key, Found("wrong", None, "Somehow."), by=people.erin)
    record(row.id, key, Found("not_found", words="No such paper."), by=people.erin)
    assert SampleResult.objects.get().audited == 0
