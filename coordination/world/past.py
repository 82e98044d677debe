"""What has happened in the demonstration before anybody looks: some weeks of work, played through the real
pipeline on a simulated clock.

Each working day documents come in with three posts, agents decide, people answer at their own pace, and once
a week what is due is paid. In the middle one agent approves too much for some days, by a drill that says so,
until a manager ends it; later some vendors change how they write. Everything goes through the services that
pages and commands use; nothing is written past them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import connection

from audit import clock
from audit.errors import CountersignError
from audit.models import Entry
from reviews import kinds
from reviews import services as reviews
from reviews.models import Escalation, Status

from ..models import Agent, Drill, Invoice, PaymentBatch, State
from ..project.people import DEMO_WEEKS, create_demo_people
from ..services import deadlines, drills, payments, policy_versions
from ..services.intake import take_in
from ..translation.canonical import Invoice as Claimed
from ..workers import runner
from . import calendar, tables
from .managers import Managers
from .office import Office
from .traders import traders
from .weeks import Day, since, weeks

ACTOR = "system:demo"
ZONE = ZoneInfo("Europe/Berlin")
A_DAY = 36
OPENS = time(7, 30)
"""When the house is set up, on the first day."""
POSTS = (time(8, 35), time(15, 10))
CLOSES = time(17, 40)
"""The last look of a day."""
AHEAD = timedelta(days=10)
"""Runs take what is due within so many days."""
RUN_DAY, PROPOSED, SIGNED = 3, time(9, 10), time(11, 25)
"""Payment runs are made on Thursdays: when they are proposed, and when another manager signs them."""
TRIES = 3

DRIFTS, DRIFT_FROM, DRIFT_DAYS = "procurement.matching", Decimal("0.58"), 10
"""Who approved too much, after which part of the time, for how many working days at most."""
DRIFT_SHARE = Decimal("0.9")
CHANGE_FROM = Decimal("0.84")
"""After which part of the time some vendors change how they write."""
STARTED = "Rehearsal of drift: matching approves what it would hold."
CAUGHT = "Holds on prices and quantities had all but stopped; looked at by hand, they were there."

ENDED = (State.REJECTED, State.VOID)

AfterEach = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: working days, documents accepted, answers given, payment runs made, and the
    claims that are not settled yet."""

    days: int = 0
    accepted: int = 0
    answers: int = 0
    runs: int = 0
    claims: tuple[Claimed, ...] = ()


def beginning(today: date, count: int = DEMO_WEEKS) -> datetime:
    """The instant before everything: an installation that is to have this past is set up on it."""
    return _at(since(today, count)[0], OPENS) - timedelta(hours=1)


def installed(today: date, count: int) -> AbstractContextManager[object]:
    """The clock on which an empty database is made that is to have so many weeks of past: an installation is
    never younger than its work. The system's where there is a database already, or no past is wanted."""
    if not count or "django_migrations" in connection.introspection.table_names():
        return nullcontext()
    return clock.simulated(beginning(today, count))


def fits(today: date, count: int) -> bool:
    """May so many weeks be played here? Not where the ledger has an entry from within them or after: a past
    would be dated back."""
    opens = _at(since(today, count)[0], OPENS) if count else clock.now()
    return not count or not Entry.objects.filter(recorded_at__gt=opens).exists()


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, ZONE)


@dataclass
class Play:
    """The past while it is played."""

    simulation: clock.Simulation
    people: dict[str, User]
    office: Office
    after_each: AfterEach
    accepted: int = 0
    runs: int = 0
    claims: dict[str, Claimed] = field(default_factory=dict)

    def post(self, at: datetime, *files: dict[str, bytes]) -> None:
        """Until then people answer; then these files come in, in their order, and agents decide."""
        self.until(at)
        for some in files:
            if some:
                self.accepted += take_in(some.items(), actor=ACTOR, source="demo", trust_first=True).count(
                    "accepted"
                )
        runner.settle()
        self.office.look(clock.now())

    def until(self, at: datetime) -> None:
        """What people answer before this instant, each at their own."""
        for due in self.office.due_before(at):
            self.reach(due.at)
            self.office.answer(due)
        self.reach(at)

    def reach(self, at: datetime) -> None:
        """Set the clock, unless the work took longer than that."""
        if at > clock.now():
            self.simulation.set(at)


def play(
    seed: int,
    today: date,
    *,
    count: int = DEMO_WEEKS,
    a_day: int = A_DAY,
    after_each: AfterEach | None = None,
) -> Played:
    """Play the weeks before `today`. `after_each` is called after every post and at the end of each day, with
    the time that it is then; without it the managers look at how the agents behave."""
    days = since(today, count)
    drift = _drift(days)
    changed_on = days[int(len(days) * CHANGE_FROM)]
    with clock.simulated(_at(days[0], OPENS)) as simulation, runner.at_work():
        policy_versions.ensure_defaults()
        create_demo_people()
        people = {u.username: u for u in User.objects.filter(is_active=True)}
        looks = after_each or Managers(people, ZONE).look
        play = Play(simulation, people, Office(seed, people, ZONE), looks)
        play.accepted += take_in(
            [("vendors.csv", tables.vendors(t.master() for t in traders().everybody()))],
            actor=ACTOR,
            source="demo",
            trust_first=True,
        ).count("accepted")
        for day in weeks(seed, days, a_day, changed_on=changed_on):
            play.office.know(day.labels)
            _drill(play, day.on, drift)
            play.claims |= {claim.number: claim for claim in day.claims}
            _day(play, day)
    return Played(len(days), play.accepted, play.office.given, play.runs, _unsettled(play.claims))


def _unsettled(claims: dict[str, Claimed]) -> tuple[Claimed, ...]:
    """What vendors still claim: not paid, not rejected."""
    open_ones = Invoice.objects.filter(number__in=claims).exclude(state__in=[State.PAID, *ENDED])
    return tuple(claims[number] for number in open_ones.order_by("number").values_list("number", flat=True))


def _day(play: Play, day: Day) -> None:
    morning, *later = POSTS
    play.post(_at(day.on, morning), day.first, day.posts[0])
    play.after_each(clock.now())
    _pay(play, day.on)
    for hour, files in zip(later, day.posts[1:], strict=True):
        play.post(_at(day.on, hour), files)
        play.after_each(clock.now())
    play.until(_at(day.on, CLOSES))
    deadlines.run(clock.now())
    play.after_each(clock.now())


# --- the week's payment run ---------------------------------------------------------------------------------


def _runs_on(day: date) -> bool:
    """Is it the week's day for payment runs: Thursday, or the last working day before it?"""
    thursday = day + timedelta(days=RUN_DAY - day.weekday())
    while not calendar.is_working_day(thursday):
        thursday -= calendar.ONE
    return day == thursday


def _pay(play: Play, day: date) -> None:
    """In the morning what the bank has carried out is confirmed and a run is proposed of what is due soon;
    later, before the bank's cut-off, another manager signs it."""
    if not {"sofie", "jonas"} <= play.people.keys() or not _runs_on(day):
        return
    sofie, jonas = play.people["sofie"], play.people["jonas"]
    play.until(_at(day, PROPOSED))
    for number in _carried_out(day):
        payments.confirm(number, by=sofie)
    batches = payments.propose(reviews.person(sofie), until=day + AHEAD).batches
    play.until(_at(day, SIGNED))
    play.runs += sum(_signed(batch, jonas) for batch in batches)


def _carried_out(day: date) -> list[int]:
    """Runs whose last payment's day has come."""
    found = PaymentBatch.objects.filter(status="exported").order_by("number")
    return [
        b.number for b in found if not b.payments.not_cancelled().filter(terms__execute_on__gte=day).exists()
    ]


def _signed(batch: PaymentBatch, by: User) -> bool:
    """A run signed and sent, without what is found wrong with single payments before the file is written. One
    that cannot be signed is cancelled, for the next week."""
    for _ in range(TRIES):
        try:
            payments.approve(batch.number, by=by, reason="payments_checked")
            payments.export(batch.number)
        except payments.LeftOut:
            if payments.find(batch.number).status == PaymentBatch.Status.CANCELLED:
                return False
        except CountersignError:
            break
        else:
            return True
    asked = Escalation.objects.filter(kind="payment_run", status=Status.OPEN, case__number=str(batch.number))
    for question in asked:
        _rejected(question, by)
    return False


def _rejected(question: Escalation, by: User) -> None:
    reason = kinds.reasons_of(question.kind, "reject")[0][0]
    said = "It changed since it was proposed; next week again."
    reviews.resolve(question.id, "reject", by=by, reason=reason, comment=said, seen_version=question.version)


# --- the agent that approved too much -----------------------------------------------------------------------


def _drift(days: Sequence[date]) -> tuple[date, date]:
    """The working days on which the drift begins and on which it is caught."""
    first = int(len(days) * DRIFT_FROM)
    return days[first], days[min(first + DRIFT_DAYS, len(days) - 1)]


def _drill(play: Play, day: date, drift: tuple[date, date]) -> None:
    if not {"sofie", "jonas"} <= play.people.keys() or not Agent.objects.filter(name=DRIFTS).exists():
        return
    if day == drift[0]:
        play.until(_at(day, time(7, 50)))
        drills.start(DRIFTS, "approves", DRIFT_SHARE, by=play.people["jonas"], reason=STARTED, seed="past")
    elif day == drift[1] and Drill.objects.filter(agent=DRIFTS).running().exists():
        play.until(_at(day, time(7, 50)))
        drills.end(DRIFTS, by=play.people["sofie"], reason=CAUGHT)
