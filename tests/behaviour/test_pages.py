"""What managers see of agents' behaviour: each number is one that was counted, and leads to what it
counts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Entry
from coordination.models import Agent, Alarm, Baseline, DayCell, Incident, Invoice, MonitorState, RateDay
from coordination.monitoring import learning as learning_rules
from coordination.monitoring.measures import MEASURES
from coordination.reports.tables import table_csv
from coordination.selectors.behaviour import (
    chart,
    days,
    delays,
    glance,
    incidents,
    listing,
    narrowing,
    resting,
    status,
    where,
)
from coordination.selectors.behaviour.days import Window
from coordination.selectors.behaviour.filters import Filter
from coordination.selectors.behaviour.words import NAMES, WORDS
from coordination.services import agent_control, drills
from coordination.services.behaviour import breaker, watch
from coordination.services.behaviour import incidents as act
from coordination.templatetags import behaviour
from coordination.world.recorded_stream import Shift, Work, recorded_stream
from reviews.models import Escalation
from tests import cast
from tests.behaviour.recorded import AGENT, Trade, write
from tests.cast import Cast
from tests.views.conftest import HTMX, client, read

pytestmark = pytest.mark.django_db

LEARNED = 28
SPAN = 84
TODAY = clock.now().astimezone(UTC).date()
FIRST = TODAY - timedelta(days=SPAN)
SHIFTED = Shift("approve_rate", 4.0, 42)


@pytest.fixture
def trade(settings: Any, people: Cast) -> Trade:
    settings.COUNTERSIGN_LEARN_DAYS = LEARNED
    return Trade()


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


@pytest.fixture
def carol(people: Cast) -> Client:
    return client(people.carol)


def lines(first: date, shift: Shift | None = None, per_day: int = 60) -> Iterator[dict[str, Any]]:
    """A made stream from a day until yesterday, of two versions."""
    work = Work(per_day=per_day, agent=AGENT, noise=0.1)
    for line in recorded_stream(work, 7, lines=1_000_000, first=first, shift=shift):
        day = date.fromisoformat(str(line["at"])[:10])
        if day >= TODAY:
            return
        yield {**line, "version": "2" if day >= TODAY - timedelta(days=30) else "1"}


@pytest.fixture
def drifted(trade: Trade) -> Incident:
    """An agent that has learned, works as version 2, and approves more since a while."""
    write(trade, lines(FIRST, SHIFTED))
    watch.watch()
    return Incident.objects.get()


@pytest.fixture
def learning(trade: Trade) -> None:
    """An agent that works for 18 days."""
    write(trade, lines(TODAY - timedelta(days=18)))
    watch.watch()


def text(browser: Client, page: str, *args: object, **query: str) -> str:
    found = browser.get(reverse(f"coordination:{page}", args=args), query)
    assert found.status_code == 200
    return unescape(read(found))


def rows_of(browser: Client, page: str, *args: object, **query: str) -> list[dict[str, str]]:
    found = browser.get(reverse(f"coordination:{page}", args=args), query)
    assert found.status_code == 200
    return list(csv.DictReader(io.StringIO(found.content.decode())))


# --- counts and what they count -----------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["learned", "learning"])
def test_a_list_holds_just_what_a_rate_counts(known: bool, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("drifted" if known else "learning")
    window = Window(TODAY - timedelta(days=15), TODAY)
    counted = days.rows_of([AGENT], NAMES, window)
    for measure in NAMES:
        share = days.add_up(counted.get((AGENT, measure), [])).share
        for event, expected in (("yes", share.part), ("no", share.rest), ("", share.base)):
            wanted = Filter(window.first, window.last, measure=measure, event=event)
            assert len(listing.everything(AGENT, wanted)) == expected, (measure, event)
            assert listing.count(AGENT, wanted) == expected, (measure, event)
    assert any(rows for rows in counted.values())


def test_each_point_of_a_chart_lists_its_day(drifted: Incident) -> None:
    baseline = status.baseline_row(AGENT)
    assert baseline is not None
    found = chart.chart(
        Agent.objects.get(pk=AGENT), "override_rate", Window(FIRST, TODAY), status.read_baseline(baseline)
    )
    for point in found.points[-8:]:
        wanted = Filter(point.day, point.day, measure="override_rate")
        assert len(listing.everything(AGENT, wanted)) == point.cases
    assert sum(p.cases for p in found.points[-8:]) > 20


def test_each_square_of_the_heat_map_lists_its_decisions(drifted: Incident) -> None:
    window = Window(TODAY - timedelta(days=15), TODAY)
    found = where.where(AGENT, "approve_rate", window)
    squares = [square for line in found.lines for square in (line.whole, *line.squares)]
    for square in [*squares, *(kind for _, kind in found.kinds)]:
        wanted = Filter(window.first, window.last, measure="approve_rate", event="yes", **square.key)
        assert len(listing.everything(AGENT, wanted)) == square.events, square.key
    assert sum(line.whole.events for line in found.lines) == found.whole.events > 300


def test_decisions_since_the_onset_are_those_of_the_list(drifted: Incident) -> None:
    found = incidents.incident(drifted)
    lines = listing.everything(AGENT, Filter(found.window.first, found.window.last))
    assert (len(lines), sum(line.amount for line in lines)) == (found.decisions, found.amount)
    by_day = DayCell.objects.filter(agent=AGENT, day__gte=drifted.onset)
    assert found.decisions == sum(by_day.values_list("decisions", flat=True)) > 100


def test_an_answer_counts_to_the_day_at_hand_like_in_the_counts(trade: Trade) -> None:
    made = list(lines(TODAY - timedelta(days=6)))
    late = {**made[0], "at": f"{TODAY - timedelta(days=3)}T23:59:59Z"}
    write(trade, made)
    write(trade, [late])  # read after decisions of later days
    watch.watch()
    last = RateDay.objects.filter(agent=AGENT, measure="approve_rate").latest("day")
    wanted = Filter(last.day, last.day, measure="approve_rate")
    inside = listing.everything(AGENT, wanted)
    assert last.cases == listing.count(AGENT, wanted)
    if (last.day - (TODAY - timedelta(days=3))).days <= narrowing.LATE.days:
        assert len(inside) == last.cases


def test_what_was_decided_after_the_monitor_read_last_is_in_no_list(drifted: Incident, trade: Trade) -> None:
    before = len(listing.everything(AGENT, Filter(TODAY, TODAY)))
    now = clock.now().isoformat()
    trade.versions = iter(range(10**6, 10**6 + 99))  # type: ignore[assignment]
    write(trade, [{**next(lines(FIRST)), "at": now}])
    assert len(listing.everything(AGENT, Filter(TODAY, TODAY))) == before


def test_a_list_that_is_too_long_shows_its_newest_days_and_says_so(
    drifted: Incident, carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 150)
    wanted = Filter(TODAY - timedelta(days=20), TODAY)
    found = listing.listed(AGENT, wanted, 1)
    assert found.cut
    assert found.count > 150 >= len(listing.everything(AGENT, wanted)) > 0
    page = text(carol, "agent_decisions", AGENT, since=wanted.first.isoformat())
    assert "Too many to list at once" in page


NARROWED = [
    *({"measure": measure, "event": event} for measure in NAMES for event in ("", "yes", "no")),
    {"vendor": "new"},
    {"measure": "approve_rate", "event": "yes", "vendor": "known", "order": "yes"},
    {"measure": "approve_rate", "event": "no", "order": "no", "type": "invoice"},
    {"measure": "override_rate", "event": "yes", "type": "credit_note"},
    {"measure": "override_rate", "vendor": "new"},
    {"measure": "missing_po_rate", "event": "no", "order": "no"},
    {"version": "1"},
    {"version": "2", "measure": "override_rate", "event": "no"},
    *({"band": band} for band in (*where.BANDS, "huge")),
    {"measure": "override_rate", "band": where.BANDS[1]},
    {"format": "canonical"},
    {"format": "of nobody", "measure": "approve_rate"},
]


def test_pages_hold_what_is_left_of_all_decisions_read_one_by_one(drifted: Incident) -> None:
    total = 0
    for narrowed in NARROWED:
        wanted = Filter(TODAY - timedelta(days=33), TODAY, **narrowed)
        first = listing.listed(AGENT, wanted, 1)
        found = [line for n in range(first.pages) for line in listing.listed(AGENT, wanted, n + 1).lines]
        assert found == listing.everything(AGENT, wanted), narrowed
        assert len(found) == first.count, narrowed
        total += len(found)
    assert total > 5_000


def test_a_decision_that_is_read_late_is_on_the_page_of_the_day_that_counts_it(trade: Trade) -> None:
    made = list(lines(TODAY - timedelta(days=6)))
    last = max(date.fromisoformat(str(line["at"])[:10]) for line in made)
    write(trade, made)
    asked = {"verdict": "overridden", "reviewed": "escalated", "outcome": "escalate"}
    before = f"{last - timedelta(days=1)}T23:10:00Z"
    write(trade, [{**made[0], **asked, "at": before}, {**made[0], **asked, "at": before}])
    watch.watch()
    for measure in ("", "escalate_rate", "override_rate"):
        for day in (last - timedelta(days=1), last):
            wanted = Filter(day, day, measure=measure, event="yes" if measure else "")
            listed = listing.listed(AGENT, wanted, 1)
            found = [line for n in range(listed.pages) for line in listing.listed(AGENT, wanted, n + 1).lines]
            assert found == listing.everything(AGENT, wanted), (measure, day)
            assert len(found) == listed.count, (measure, day)


def test_an_answer_that_begins_a_day_takes_what_is_read_after_it_along(trade: Trade) -> None:
    made = list(lines(TODAY - timedelta(days=6)))
    last = max(date.fromisoformat(str(line["at"])[:10]) for line in made)
    held = {"verdict": "overridden", "reviewed": "escalated", "outcome": "escalate"}
    write(trade, [line for line in made if str(line["at"])[:10] < last.isoformat()])
    evening = datetime.combine(last - timedelta(days=1), time(23, 40), UTC)
    write(trade, [{**made[0], **held, "verdict": "confirmed", "at": evening.isoformat()}])  # answered at 0:10
    write(trade, [{**made[0], **held, "at": (evening - timedelta(minutes=30)).isoformat()}])
    watch.watch()
    wanted = Filter(last, last, measure="override_rate", event="yes")
    listed = listing.listed(AGENT, wanted, 1)
    assert [line.at.date() for line in listed.lines] == [evening.date()], "answered at 23:40, read after 0:10"
    assert list(listed.lines) == listing.everything(AGENT, wanted)
    assert listed.count == 1


def test_a_measure_that_is_not_watched_lists_what_it_counts(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning_rules, "MIN_CASES", 10**6)
    write(trade, lines(FIRST))
    watch.watch()
    baseline = status.baseline_row(AGENT)
    assert baseline is not None
    assert "override_rate" not in status.read_baseline(baseline).rates
    wanted = Filter(TODAY - timedelta(days=14), TODAY, measure="override_rate", event="yes")
    assert len(listing.everything(AGENT, wanted)) == listing.count(AGENT, wanted) > 0


def test_pages_of_a_list_go_through_all_of_it(drifted: Incident) -> None:
    wanted = Filter(TODAY - timedelta(days=7), TODAY)
    first = listing.listed(AGENT, wanted, 1)
    seen = [line.entry for n in range(first.pages) for line in listing.listed(AGENT, wanted, n + 1).lines]
    assert len(seen) == len(set(seen)) == first.count
    assert listing.listed(AGENT, wanted, 99).page == first.pages


# --- at a glance --------------------------------------------------------------------------------------------


def test_the_words_of_agents(drifted: Incident, trade: Trade, people: Cast) -> None:
    agent_control.pause("finance.payment", by=people.carol)
    found = {row.standing.agent.name: row.standing for row in glance.glance().rows}
    assert found[AGENT].status == "critical"
    assert found["finance.payment"].status == "stopped"
    assert found["finance.coding"].status == "learning"
    assert status.word_of("critical", "inputs") == "inputs"
    assert (status.word_of("critical", "service"), status.word_of("warning", "behaviour")) == (
        "critical",
        "warning",
    )


def test_who_is_stopped_is_called_so_whatever_alarms(drifted: Incident, people: Cast) -> None:
    agent_control.pause(AGENT, by=people.carol)
    assert status.agent_statuses(AGENT)[0].status == "stopped"


def test_learning_says_how_far_it_is_and_shows_no_expectation(learning: None, carol: Client) -> None:
    [found] = status.agent_statuses(AGENT)
    business = sum((TODAY - timedelta(days=n)).weekday() < 5 for n in range(1, 19))
    assert found.learning is not None
    assert found.learning.words == f"{business} of 20 business days"
    page = text(carol, "agent", AGENT)
    assert f"Learning, {business} of 20 business days" in page
    assert "no limits yet" in page
    [row] = [r for r in glance.glance().rows if r.standing.agent.name == AGENT]
    assert all(cell.tally.usual is None and cell.tally.evidence is None for cell in row.cells)
    assert all(cell.learns for cell in row.cells)


def test_learning_says_next_what_is_missing_still() -> None:
    def words(business: int, decisions: int, elapsed: int) -> str:
        return status.Learning(business, decisions, elapsed, TODAY).words

    assert words(12, 5_000, 40) == "12 of 20 business days"
    assert words(25, 640, 40) == "640 of 1,000 decisions"
    assert words(25, 1_640, 40) == "40 of 63 days"
    assert words(80, 1_640, 90) == "63 of 63 days"


def test_a_share_of_few_cases_is_told_as_so_many_of_so_many(trade: Trade, carol: Client) -> None:
    write(trade, list(lines(TODAY - timedelta(days=4), per_day=6))[:7])
    watch.watch()
    page = text(carol, "agents")
    [row] = [r for r in glance.glance().rows if r.standing.agent.name == AGENT]
    share = row.cells[0].tally.share
    assert 0 < share.base < days.FEW
    assert f">{share.part} of {share.base}<" in page.replace("> ", ">").replace(" <", "<")
    assert "100.0<" not in page


def test_agents_are_sorted_by_evidence_within_their_department(drifted: Incident) -> None:
    found = glance.glance()
    for department in found.departments:
        rows = [r for r in found.rows if r.standing.agent.department == department]
        assert [r.evidence for r in rows] == sorted((r.evidence for r in rows), reverse=True)
    order = [r.standing.agent.department for r in found.rows]
    assert order == sorted(order, key=found.departments.index)
    assert {r.standing.agent.department for r in glance.glance("procurement").rows} == {"procurement"}


def test_a_bar_of_evidence_is_full_at_critical_and_empty_at_one() -> None:
    assert (days.bar_of(None), days.bar_of(0.2), days.bar_of(1)) == (0, 0, 0)
    assert days.bar_of(2_000_000) == days.bar_of(1e12) == 1
    assert 0.72 < days.bar_of(40_000) < 0.74


def test_the_window_has_so_many_business_days() -> None:
    for last in (date(2026, 11, 27), date(2026, 11, 29), date(2026, 11, 30)):
        window = days.business_window(last)
        inside = [window.first + timedelta(days=n) for n in range(window.days)]
        assert sum(day.weekday() < 5 for day in inside) == 14
        assert window.first.weekday() < 5


def test_the_budget_says_what_chance_allows_and_what_came(drifted: Incident, carol: Client) -> None:
    assert glance.budget(12, 40_000).expected == 1
    page = text(carol, "agents")
    found = glance.glance().budget
    assert found.warnings == len(
        {(a.measure, a.direction) for a in Alarm.objects.all() if (TODAY - a.at.date()).days < 7}
    )
    assert f"got {found.warnings} warning" in re.sub("</?b>", "", page)


def test_a_table_of_numbers_is_behind_the_pictures_and_both_have_the_same(
    drifted: Incident, carol: Client
) -> None:
    rows = [r for r in rows_of(carol, "agents_csv") if r["agent"] == AGENT]
    assert [r["measure"] for r in rows] == list(NAMES)
    page = text(carol, "agents", view="table")
    for row in rows:
        assert f"{int(row['events']):,} of {int(row['cases']):,}" in page
    assert rows[0]["status"] == "critical"


# --- one agent ----------------------------------------------------------------------------------------------


def test_the_limits_are_those_of_laney() -> None:
    row = RateDay(cases=100, events=30, judged=100, happened=30, expected=20.0, information=16.0)
    assert days.limits_of(row, 0.0) == pytest.approx((0.08, 0.32))
    low, high = days.limits_of(row, 0.0625) or (0, 0)  # 16 + 0.0625 * 256 = 32
    assert (low, high) == pytest.approx((0.2 - 0.03 * 32**0.5, 0.2 + 0.03 * 32**0.5))
    assert days.limits_of(RateDay(cases=3, events=1), 0.1) is None


def test_the_chart_has_the_mean_the_versions_and_the_onset(drifted: Incident, carol: Client) -> None:
    data = json.loads(carol.get(reverse("coordination:agent_series", args=[AGENT])).content)
    points = data["points"]
    assert data["measure"] == "approve_rate", "opens with what alarms"
    mean = points[0]["rate"]
    for point in points[1:]:
        mean = 0.2 * point["rate"] + 0.8 * mean
        assert point["mean"] == pytest.approx(mean, abs=0.03)
    assert data["onset"] == drifted.alarms.order_by("onset")[0].onset.isoformat()
    assert [m["text"] for m in data["versions"]] == ["v2"]
    assert points[-1]["evidence"] >= 40_000
    limited = [p for p in points if p["low"] is not None]
    assert limited
    assert [p["outside"] for p in limited] == [not p["low"] <= p["rate"] <= p["high"] for p in limited]


def test_a_delta_has_only_the_days_that_are_new(drifted: Incident, carol: Client) -> None:
    url = reverse("coordination:agent_series", args=[AGENT])
    whole = json.loads(carol.get(url).content)["points"]
    since = whole[-2]["day"]
    delta = json.loads(carol.get(url, {"since": since}).content)
    assert (delta["since"], delta["points"]) == (since, whole[-2:])


@pytest.mark.parametrize("measure", NAMES)
def test_every_measure_has_a_tab_a_chart_a_table_and_a_csv(
    measure: str, drifted: Incident, carol: Client
) -> None:
    page = text(carol, "agent", AGENT, measure=measure, days="63")
    assert re.search(rf'measure={measure}&days=63" aria-current="page">', page)
    rows = rows_of(carol, "agent_series_csv", AGENT, measure=measure, days="63")
    if rows:
        assert "<caption" in page.partition('id="chart-table"')[2]
        assert f"{int(rows[-1]['events']):,} of {int(rows[-1]['cases']):,}</a>" in page
    else:
        assert "It is not counted." in page


def test_a_measure_of_which_too_little_was_learned_says_that_it_is_not_watched(
    trade: Trade, carol: Client
) -> None:
    write(trade, [{**line, "reviewed": "no", "verdict": None} for line in lines(FIRST)])
    watch.watch()
    assert "override_rate" not in status.read_baseline(Baseline.objects.get(agent=AGENT)).rates
    page = text(carol, "agent", AGENT, measure="override_rate")
    assert "Too few cases of this measure were learned for it to be watched." in page
    assert "still being learned" not in page


def test_the_answer_to_what_would_be_noticed_is_the_monitors(drifted: Incident, carol: Client) -> None:
    baseline = status.read_baseline(Baseline.objects.get(agent=AGENT))
    agent = Agent.objects.get(pk=AGENT)
    found = {size: delays.noticed(agent, baseline, size) for size in delays.SIZES}
    answers = {size: found[size].of("approve_rate") for size in delays.SIZES}
    delay = [a.warning.days if a and a.warning else 1e9 for a in answers.values()]
    assert delay == sorted(delay, reverse=True), "what is larger is seen sooner"
    medium = answers[2.0]
    assert medium is not None
    assert medium.warning is not None
    odds = medium.before / (1 - medium.before) * 2
    assert medium.after == pytest.approx(odds / (1 + odds))
    assert found[2.0].false_alarm_days == pytest.approx(40_000 / found[2.0].a_day)
    page = text(carol, "agent", AGENT, measure="approve_rate", size="2.0")
    assert (
        f"{medium.warning.decisions:,.0f} decisions</b> ({behaviour.business_days(medium.warning.days)})"
        in page
    )
    assert medium.critical is not None
    assert (
        f"{medium.critical.decisions:,.0f} decisions</b> ({behaviour.business_days(medium.critical.days)})"
        in page
    )
    assert f"every {found[2.0].false_alarm_days:.0f} business days" in re.sub("</?b>", "", page)


def test_the_parts_of_a_page_are_fetched_one_by_one(drifted: Incident, carol: Client) -> None:
    def part(target: str) -> str:
        url = reverse("coordination:agent", args=[AGENT])
        return carol.get(url, headers=HTMX | {"HX-Target": target}).content.decode()

    assert 'id="chart-table"' in part("chart-table")
    assert 'id="agent-head"' in part("agent-head")
    assert 'id="agent"' in part("agent")
    assert all("<html" not in part(name) for name in ("chart-table", "agent-head", "agent"))


# --- incidents ----------------------------------------------------------------------------------------------


def test_an_incident_tells_all_that_there_is_to_tell(drifted: Incident, carol: Client) -> None:
    page = re.sub("</?b>", "", text(carol, "incident", drifted.number))
    first = incidents.incident(drifted).first
    alarm = first.alarm
    assert f"{WORDS[alarm.measure].moved(alarm.direction)}<" in page
    assert f"{alarm.after:.1%}".replace("%", " %") in page
    assert f"(95 %: {100 * alarm.low:.1f}–{100 * alarm.high:.1f})" in page
    told = " ".join(re.sub("<[^>]+>", "", page).split())
    assert f"{incidents.incident(drifted).decisions:,} decisions since the estimated onset" in told
    for stratum in alarm.strata:
        assert stratum[0].replace("_", " ").capitalize() in page
    assert "redit_note" not in page
    assert f"{len(alarm.examples)} examples" in page
    assert "none of it is paid yet" in page


def test_the_examples_are_those_that_the_alarm_names(drifted: Incident, carol: Client) -> None:
    for alarm in drifted.alarms.all():
        rows = rows_of(carol, "incident_examples_csv", drifted.number, alarm.pk)
        assert sorted(int(r["entry"]) for r in rows) == sorted(alarm.examples)
        wanted = "yes" if alarm.direction == "up" else "no"
        assert {r["event"] for r in rows} == {wanted}


def _of(row: Incident) -> tuple[str, Window]:
    return row.agent_id, incidents.window_of(row)


def test_what_rests_on_an_incident_is_paid_or_not_and_listed(drifted: Incident, carol: Client) -> None:
    found = incidents.incident(drifted).rests
    assert found.paid == (0, 0)
    unpaid = resting.resting(*_of(drifted), "unpaid")
    assert found.unpaid[0] == len(unpaid) > 0
    with transaction.atomic():  # no run of payments, only what one would leave
        Invoice.objects.filter(pk=unpaid[0].id).update(state="paid")
        after = incidents.incident(drifted).rests
        assert (after.paid[0], after.unpaid[0]) == (1, found.unpaid[0] - 1)
        [row] = rows_of(carol, "incident_invoices_csv", drifted.number, fate="paid")
        assert row["state"] == "paid"
        assert "1 invoice<" in text(carol, "incident_invoices", drifted.number, fate="paid")
        transaction.set_rollback(True)


def test_the_largest_of_what_rests_are_the_first_of_all_and_all_are_counted(drifted: Incident) -> None:
    whole = resting.resting(*_of(drifted), "unpaid")
    found, count = resting.largest(*_of(drifted), "unpaid", 2)
    assert (found, count) == (whole[:2], len(whole))
    assert resting.largest(*_of(drifted), "over", 2) == ([], 0)


def test_what_rests_came_in_the_window_or_before_it(drifted: Incident) -> None:
    ids = sorted(row.id for row in resting.resting(*_of(drifted), "unpaid"))
    assert len(ids) > 2
    counts = set()
    for key in (UUID(int=0), ids[1], ids[-1], UUID(int=2**128 - 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(resting, "first_key", lambda _, key=key: key)
            counts.add(
                (resting.largest(*_of(drifted), "unpaid", None)[1], *incidents.incident(drifted).rests.unpaid)
            )
    assert len(counts) == 1


def test_an_incident_is_acknowledged_assigned_and_its_closing_asked_of_another(
    drifted: Incident, carol: Client, people: Cast
) -> None:
    url = reverse("coordination:incident", args=[drifted.number])
    assert "Nobody has answered" in text(carol, "incident", drifted.number)
    carol.post(f"{url}acknowledge/")
    assert "With Carol" in text(carol, "incident", drifted.number)
    client(people.dave).post(f"{url}assign/")
    drifted.refresh_from_db()
    assert drifted.owner == f"human:{people.dave.pk}"
    answered = carol.post(f"{url}close/", {"cause": "fixed", "reason": "Version 3 is out."})
    assert answered.status_code == 302
    asked = Escalation.objects.get(kind="incident", status="open")
    page = text(carol, "incident", drifted.number)
    assert asked.question in page
    assert "A second person answers this." in page
    assert "Close with a cause" not in page
    cast.answer(asked, "approve", by=people.dave)
    page = text(carol, "incident", drifted.number)
    assert "Real, and mended" in page
    assert text(carol, "incidents", status="closed", cause="fixed").count("/agents/incidents/1/") == 1
    assert "No incident matches these filters." in text(carol, "incidents", cause="false")
    drawn = chart.chart(Agent.objects.get(pk=AGENT), "approve_rate", Window(FIRST, TODAY), None)
    assert [b.cause for b in drawn.bands] == ["fixed"], "its days stay marked"
    assert drawn.onset is None


def test_a_cause_that_is_none_is_refused_in_words(drifted: Incident, carol: Client) -> None:
    url = reverse("coordination:incident_close", args=[drifted.number])
    refused = carol.post(url, {"cause": "holiday"}, headers=HTMX)
    assert refused.status_code >= 400
    assert "fixed, new_normal, data, false" in refused.content.decode()
    assert not Escalation.objects.filter(kind="incident").exists()


def test_the_navigation_and_the_first_page_tell_of_open_incidents(
    drifted: Incident, carol: Client, people: Cast
) -> None:
    page = text(carol, "overview")
    assert "open incident: </span>1" in page
    assert f"{AGENT}: {incidents.pressing()[0].words[0].lower()}" in page
    act.propose_closing(drifted.number, "false", "", by=people.carol)
    cast.answer(Escalation.objects.get(kind="incident", status="open"), "approve", by=people.dave)
    page = text(carol, "overview")
    assert "open incident" not in page
    assert glance.glance().budget.ended_false == glance.glance().budget.warnings


# --- the breaker by hand ------------------------------------------------------------------------------------


def test_a_manager_moves_the_breaker_by_steps_and_each_is_an_entry(carol: Client) -> None:
    url = reverse("coordination:agent_breaker", args=[AGENT])
    for state, kept in (("open", ("open", None)), ("half", ("half", 10)), ("close", ("", None))):
        assert carol.post(url, {"state": state, "reason": "Looked at."}).status_code == 302
        row = Agent.objects.get(pk=AGENT)
        assert (row.breaker, row.breaker_share) == kept
    assert cast.entries(f"agent/{AGENT}")[-3:] == [
        "agent.breaker_opened",
        "agent.breaker_half_opened",
        "agent.breaker_closed",
    ]
    cast.assert_sound()


def test_moving_it_by_hand_counts_peoples_answers_anew(drifted: Incident, people: Cast) -> None:
    assert proven(agree=40) == (40, 40)
    agent_control.set_breaker(AGENT, "half", "Looked at.", by=people.carol)
    assert proven() == (0, 0)
    assert proven(agree=2) == (2, 2)
    agent_control.set_breaker(AGENT, "half", "Looked at.", by=people.carol)
    assert proven() == (0, 0), "to where it is, for the same reason"
    assert proven(agree=1) == (1, 1)
    way = status.way_of(Agent.objects.get(pk=AGENT), MonitorState.objects.get(pk=AGENT))
    assert way is not None
    assert (way.missing, way.next) == (58, "half-open at 50 %")


def ledger_end() -> int:
    """The number of an entry that would come next."""
    return Entry.objects.latest("id").id + 1


def proven(agree: int = 0) -> tuple[int, int]:
    """So many more answers of people agree with the agent: those that agree by now, of how many."""
    state = MonitorState.objects.get(pk=AGENT)
    for _ in range(agree):
        breaker.answered(state, ledger_end(), confirmed=True)
    state.save()
    way = status.way_of(Agent.objects.get(pk=AGENT), state)
    assert way is not None
    return way.agreed, way.answers


def test_whether_it_opens_by_itself_is_chosen_with_a_reason(carol: Client) -> None:
    url = reverse("coordination:agent_on_critical", args=[AGENT])
    assert "opens it by itself" in text(carol, "agent", AGENT)
    assert carol.post(url, {"choice": "ask", "reason": ""}, headers=HTMX).status_code == 400
    carol.post(url, {"choice": "ask", "reason": "We are two here."})
    assert Agent.objects.get(pk=AGENT).on_critical == "ask"
    assert "asks a manager first" in text(carol, "agent", AGENT)
    assert cast.entries(f"agent/{AGENT}")[-1] == "agent.on_critical_set"
    assert carol.post(url, {"choice": "never", "reason": "x"}, headers=HTMX).status_code == 400
    cast.assert_sound()


def test_an_open_breaker_says_what_it_waits_for(carol: Client, people: Cast) -> None:
    agent_control.set_breaker(AGENT, "open", "It drifts.", by=people.carol)
    page = re.sub("</?b>", "", text(carol, "agents"))
    assert "Breaker open: <a" in page
    assert "Half-open at 10 % after 59 more answers, if all agree" in page
    assert "Set by Carol" in page


def test_the_first_page_the_table_and_the_head_show_a_breaker_and_a_drill(
    carol: Client, people: Cast, settings: Any
) -> None:
    drilled, overview = "procurement.matching", text(carol, "overview")
    assert "Breakers and drills of agents" not in overview
    assert "all running" in overview
    settings.COUNTERSIGN_ENV = "demo"
    agent_control.set_breaker(AGENT, "half", "It drifts.", by=people.carol)
    drills.start(drilled, "approves", Decimal("0.6"), by=people.carol, reason="To see the alarm.")
    page = text(carol, "overview")
    _, _, alert = page.partition("Breakers and drills of agents")
    for words in (
        f'{reverse("coordination:agent", args=[AGENT])}">{AGENT}</a>: 10 of 100 releases',
        f"{drilled}</a> approves what it would hold, of 60.0 % of the documents, on purpose",
        "1 breaker not closed",
        "1 drill<",
    ):
        assert words in alert
    for found in (text(carol, "agents"), text(carol, "agents", view="table")):
        assert found.count("<span>Drill</span>") >= 1
    head = carol.get(
        reverse("coordination:agent", args=[drilled]), headers={**HTMX, "HX-Target": "agent-head"}
    )
    assert "<span>Drill</span>" in read(head)
    settings.COUNTERSIGN_ENV = "production"
    assert "on purpose" not in text(carol, "overview"), "it changes nothing where work is real"


# --- what anybody may type ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01", "until": "0001-01-02"},
        {"since": "9999-12-30", "until": "9999-12-31"},
        {"measure": "'; drop", "event": "maybe", "page": "-3"},
        {"type": "<b>", "format": "%s", "version": "\\", "band": "huge", "vendor": "?"},
        {"since": "yesterday", "until": "2026-02-31"},
    ],
)
def test_an_address_may_say_anything(query: dict[str, str], drifted: Incident, carol: Client) -> None:
    answered = carol.get(reverse("coordination:agent_decisions", args=[AGENT]), query)
    assert answered.status_code == 200
    assert 'value="<b>"' not in answered.content.decode()
    assert carol.get(reverse("coordination:agent_decisions_csv", args=[AGENT]), query).status_code == 200


def test_text_of_strangers_is_no_formula_in_a_table() -> None:
    assert table_csv(("a",), [("=1+1",), (None,), (True,)]) == b'a\r\n\'=1+1\r\n""\r\nyes\r\n'


def test_every_measure_has_its_words() -> None:
    assert list(WORDS) == [m.name for m in MEASURES]
    assert len({w.tab for w in WORDS.values()}) == len(WORDS)
