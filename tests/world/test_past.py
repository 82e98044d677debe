"""The demonstration's past: weeks of work on a clock of its own. What is checked of real work holds of it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Min
from hypothesis import given
from hypothesis import strategies as st

from audit import clock
from audit.models import Entry
from coordination.models import Drill
from coordination.world import calendar, past
from coordination.world.office import BEGIN, END, Office
from coordination.world.traders import traders
from coordination.world.weeks import QUOTES_NO_ORDER, Day, weeks
from tests.project.running import manage

AUTUMN = list(calendar.working_days(date(2026, 9, 21), date(2026, 11, 20)))

# --- a past that was played, in a database of its own -------------------------------------------------------

TOLD = """
import json
from django.db.models import Count
from audit.models import Entry
from coordination.models import Decision, Drill, Invoice, PaymentBatch, Payment
from reviews.models import Escalation, Verdict
bodies = ((e.recorded_at, json.loads(e.body)) for e in Entry.objects.order_by("id"))
print(json.dumps({
    "entries": [(at.isoformat(), body.get("clock", ""), body["type"], body["authid"]) for at, body in bodies],
    "decisions": [(d.at.isoformat(), d.actor) for d in Decision.objects.order_by("entry_id")],
    "verdicts": [(v.at.isoformat(), v.by, v.verdict) for v in Verdict.objects.order_by("at")],
    "received": [r.isoformat() for r in Invoice.objects.values_list("received_at", flat=True)],
    "issued": [d.isoformat() for d in Invoice.objects.values_list("issue_date", flat=True) if d],
    "drills": [(d.agent, d.started_by, d.ended_by) for d in Drill.objects.all()],
    "open": Escalation.objects.filter(status="open", kind="invoice").count(),
    "runs": [(b.status, b.proposed_by, b.approved_by, b.proposed_at.isoformat())
             for b in PaymentBatch.objects.order_by("number")],
    "late": Payment.objects.filter(status="paid", batch__proposed_at__lt=datetime_of_today,
                                   terms__execute_on__gt=today).count(),
}))
"""
MIDNIGHT = """
from datetime import date, datetime, time, timezone
today = datetime.now(timezone.utc).date()
datetime_of_today = datetime.combine(today, time(), timezone.utc)
"""


@dataclass
class Installation:
    """An installation with a past, and what stands in it."""

    data: Path
    began: date
    told: dict[str, Any]

    def run(self, *arguments: str) -> Any:
        done = manage(*arguments, "--json", data=self.data)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def times(self, of: str) -> list[datetime]:
        return [datetime.fromisoformat(row[0]) for row in self.told[of]]

    def before_today(self, of: str) -> list[datetime]:
        return [at.astimezone(past.ZONE) for at in self.times(of) if at.date() < self.began]


@pytest.fixture(scope="module")
def played() -> Iterator[Installation]:
    """Two weeks with ten invoices a day, and the day on which one looks."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-past-")).resolve()
    try:
        began = datetime.now(UTC).date()
        made = manage(*("demo", "--story", "--weeks", "2", "--a-day", "10", "--invoices", "30"), data=folder)
        assert made.returncode == 0, made.stderr
        told = manage("shell", "-v", "0", "-c", MIDNIGHT + TOLD, data=folder)
        assert told.returncode == 0, told.stderr
        yield Installation(folder, began, json.loads(told.stdout.splitlines()[-1]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_every_entry_of_the_past_says_its_clock_and_none_of_today_does(played: Installation) -> None:
    said = {
        (datetime.fromisoformat(at).date() < played.began, clock_of)
        for at, clock_of, *_ in played.told["entries"]
    }
    assert said == {(True, "simulated"), (False, "")}


def test_what_is_proved_of_real_work_is_proved_of_it(played: Installation) -> None:
    played.run("seal")
    verified = played.run("verify")
    assert verified["findings"] == []
    assert verified["entries"] > 500
    assert len(played.run("check_invariants")["checked"]) >= 14  # or it would have ended with 1
    again = played.run("reperform")
    assert (again["different"], again["same"]) == ([], again["decisions"])
    assert again["decisions"] > 500


def test_nothing_of_it_is_dated_in_the_future(played: Installation) -> None:
    now = datetime.now(UTC)
    for of in ("entries", "decisions", "verdicts"):
        assert max(played.times(of)) <= now
    assert max(date.fromisoformat(d) for d in played.told["issued"]) <= now.date()
    assert played.told["late"] == 0, "a payment was confirmed before its day"


def test_agents_and_people_work_on_working_days(played: Installation) -> None:
    for of in ("decisions", "verdicts"):
        assert played.before_today(of)
        assert all(calendar.is_working_day(at.date()) for at in played.before_today(of))


def test_people_answer_in_office_hours_and_more_than_one_of_them(played: Installation) -> None:
    times = [at.time() for at in played.before_today("verdicts")]
    assert times
    assert min(times) >= BEGIN
    assert max(times) <= END
    assert len({by for _, by, _ in played.told["verdicts"]}) >= 3
    assert {v for _, _, v in played.told["verdicts"]} >= {"approve", "reject"}


def test_runs_are_proposed_by_one_manager_and_signed_by_another(played: Installation) -> None:
    signed = [row for row in played.told["runs"] if row[2]]
    assert {status for status, *_ in signed} <= {"exported", "executed"}
    assert all(proposed != approved for _, proposed, approved, _ in signed)
    assert any(datetime.fromisoformat(at).date() < played.began for *_, at in signed)


def test_the_agent_that_approved_too_much_says_so_and_was_caught(played: Installation) -> None:
    [(agent, started_by, ended_by)] = played.told["drills"]
    assert agent == past.DRIFTS
    assert started_by != ended_by != ""
    drilled = [at for at, actor in played.told["decisions"] if actor.endswith("+drill")]
    types = {type_: at for at, _, type_, _ in played.told["entries"] if "drill" in type_}
    assert drilled
    assert all(types["agent.drill_started"] < at < types["agent.drill_ended"] for at in drilled)


def test_today_there_is_work_on_the_desk(played: Installation) -> None:
    assert 0 < played.told["open"] <= 30
    assert sum(datetime.fromisoformat(at).date() >= played.began for at in played.told["received"]) >= 30


# --- where there is none ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_past_is_played_where_the_ledger_has_begun() -> None:
    before = Entry.objects.aggregate(first=Min("recorded_at"))["first"]
    call_command("demo", "--story", "--invoices", "12", verbosity=0)
    assert Entry.objects.aggregate(first=Min("recorded_at"))["first"] == before
    assert not Drill.objects.exists()


@pytest.mark.django_db
def test_who_watches_the_agents_looks_after_each_post_and_each_day() -> None:
    seen: list[datetime] = []
    today = clock.today() + timedelta(days=28)  # a past that is still to come: this ledger has begun
    done = past.play(7, today, count=1, a_day=2, after_each=seen.append)
    assert len(seen) == 3 * done.days
    assert seen == sorted(seen)
    local = [at.astimezone(past.ZONE) for at in seen]
    assert {at.date() for at in local} == set(past.since(today, 1))
    assert {at.hour for at in local} == {past.POSTS[0].hour, past.POSTS[1].hour, past.CLOSES.hour}


# --- what comes in ------------------------------------------------------------------------------------------


def test_months_are_closed_with_more_work_and_no_more_that_is_wrong() -> None:
    days = list(weeks(3, AUTUMN, 40))
    closing = [d for d in days if d.closes_a_month]
    others = [d for d in days if not d.closes_a_month]
    assert len(closing) == 6

    def volume(some: list[Day]) -> float:
        return sum(len(d.labels) for d in some) / len(some)

    def wrong(some: list[Day]) -> float:
        labels = [label for d in some for label in d.labels]
        return sum(x.kind != "clean" and x.defect != "large" for x in labels) / max(1, len(labels))

    assert 35 <= volume(others) <= 45
    assert volume(closing) > 1.4 * volume(others)
    assert abs(wrong(closing) - wrong(others)) < 0.06


def test_some_vendors_change_how_they_write_and_name_no_order_from_one_day_on() -> None:
    changed_on = AUTUMN[30]
    office = {t.vendor_id for t in traders().usual if t.company.goods == QUOTES_NO_ORDER}
    named: dict[bool, list[bool]] = {False: [], True: []}
    files: dict[bool, int] = {False: 0, True: 0}
    for day in weeks(3, AUTUMN, 40, changed_on=changed_on):
        after = day.on >= changed_on
        named[after] += [bool(c.order_numbers) for c in day.claims if c.vendor_id in office]
        files[after] += sum(name.endswith(".xml") for post in day.posts for name in post)
    assert sum(named[False]) > 0.8 * len(named[False])
    assert named[True]
    assert not any(named[True])
    assert files[True] / (len(AUTUMN) - 30) > 1.5 * files[False] / 30


def test_the_same_seed_is_the_same_past() -> None:
    def made(seed: int) -> list[Any]:
        return [(d.first, d.posts, d.labels) for d in weeks(seed, AUTUMN[:5], 8)]

    assert made(3) == made(3)
    assert made(3) != made(4)


# --- days and hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-10-03", "2026-12-25", "2026-05-01", "2026-04-06", "2026-11-29"])
def test_nobody_works_on_public_holidays_and_weekends(day: str) -> None:
    on = date.fromisoformat(day)
    assert not calendar.is_working_day(on)
    assert on not in list(calendar.working_days(on - timedelta(days=7), on + timedelta(days=7)))


def test_the_past_ends_on_the_last_working_day_before_today() -> None:
    monday = date(2026, 11, 30)
    assert past.since(monday, 9)[-1] == date(2026, 11, 27)
    assert past.since(monday, 9)[0] == date(2026, 9, 28)


FRIDAY = datetime(2026, 4, 30, 17, tzinfo=past.ZONE)  # a Thursday; 1 May is a holiday


def test_an_hour_at_the_desk_is_not_counted_at_night_on_a_weekend_or_on_a_holiday() -> None:
    office = Office(1, {}, past.ZONE)
    assert office.office_time(FRIDAY, 1) == datetime(2026, 5, 4, 9, tzinfo=past.ZONE)
    assert office.office_time(FRIDAY, 0.25) == FRIDAY + timedelta(minutes=15)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)), st.floats(0, 40))
def test_whatever_is_put_to_people_is_answered_at_office_hours(asked: datetime, hours: float) -> None:
    at = Office(1, {}, past.ZONE).office_time(asked.replace(tzinfo=past.ZONE), hours)
    assert calendar.is_working_day(at.date())
    assert BEGIN <= at.time() <= END
    assert at >= asked.replace(tzinfo=past.ZONE)
    assert at.time() != time()
