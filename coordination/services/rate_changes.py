"""Exchange rates that lists state: taken over at once, or, where out of line, once a second person agrees."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django.db import connection

from audit import ledger
from audit.subjects import Subject
from reviews.models import Escalation, Verdict

from ..facts.exchange_rates import replace_shipped
from ..models import Rate
from ..tasks.intake_lock import INTAKE_LOCK
from ..translation.canonical import Rate as Stated
from . import master_data
from .master_data import Change, Proposal

OUT_OF_LINE = Decimal("0.20")
"""A rate that differs from the one known for its day by more than this share waits for a second person."""


NEAR = timedelta(days=31)
"""So far back a rate that was known before a list came is compared with as well: many small steps are one
large one."""


Heard = Literal["accepted", "unchanged", "asked"]


class Dated:
    """The rates of one currency by day."""

    def __init__(self, values: Iterable[tuple[date, Decimal]] = ()) -> None:
        self.values = dict(values)
        self.days = sorted(self.values)

    def __setitem__(self, on: date, value: Decimal) -> None:
        if on not in self.values:
            insort(self.days, on)
        self.values[on] = value

    def nearest(self, on: date) -> tuple[date, Decimal] | None:
        """The rate of the last day on or before this one, else the first there is; None where there is
        none."""
        if not self.days:
            return None
        day = self.days[max(bisect_right(self.days, on) - 1, 0)]
        return day, self.values[day]


Known = dict[str, Dated]


def hear(stated: Sequence[Stated]) -> list[Heard]:
    """Take rates over and say what became of each: a new value, known already, or out of line and to be asked
    about."""
    currencies = {rate.currency for rate in stated}
    known = _known(currencies)
    before = _known(currencies)
    waits = {
        subject: _waiting(row) for subject, row in master_data.waiting(map(_subject, currencies)).items()
    }
    results: list[Heard] = ["unchanged"] * len(stated)
    taken: list[Stated] = []
    for place in sorted(range(len(stated)), key=lambda n: stated[n].on):
        rate = stated[place]
        dated, value = known[rate.currency], rate.per_eur
        if dated.values.get(rate.on) == value or waits.get(_subject(rate.currency), {}).get(rate.on) == value:
            continue
        if any(_out_of_line(value, base) for base in _bases(dated, before[rate.currency], rate.on)):
            results[place] = "asked"
            continue
        results[place] = "accepted"
        dated[rate.on] = value
        taken.append(rate)
    _write(taken)
    return results


def _known(currencies: Iterable[str]) -> Known:
    known = {currency: Dated() for currency in currencies}
    for row in Rate.objects.filter(currency__in=list(known)):
        known[row.currency][row.on] = row.per_eur
    return known


def _bases(dated: Dated, before: Dated, on: date) -> list[Decimal]:
    """What a rate of this day is compared with; nothing where no rate of its currency is known."""
    last, earlier = dated.nearest(on), before.nearest(on)
    found = [last[1]] if last else []
    if earlier and abs(on - earlier[0]) <= NEAR:
        found.append(earlier[1])
    return found


def _out_of_line(value: Decimal, base: Decimal) -> bool:
    return abs(value - base) > base * OUT_OF_LINE


def _write(taken: Sequence[Stated]) -> None:
    replace_shipped(rate.currency for rate in taken)
    for rate in taken:
        Rate.objects.update_or_create(currency=rate.currency, on=rate.on, defaults={"per_eur": rate.per_eur})
    if taken:
        from ..services import unknown_amounts  # it asks statements, which load rates

        unknown_amounts.rates_came(rate.currency for rate in taken)


def _subject(currency: str) -> str:
    return Subject.of("rates", currency)


def _waiting(row: Escalation) -> dict[date, Decimal]:
    return {date.fromisoformat(r["on"]): Decimal(r["per_eur"]) for r in row.case["rates"]}


def propose(stated: Sequence[Stated], documents: list[dict[str, str]], actor: str, at: datetime) -> None:
    """Ask a second person about rates of one currency, together with those that wait already."""
    currency = stated[0].currency
    subject = _subject(currency)
    before = master_data.waiting([subject]).get(subject)
    wanted = (_waiting(before) if before else {}) | {rate.on: rate.per_eur for rate in stated}
    known = _known([currency])[currency]
    days = sorted(wanted)
    shown = [_change(currency, day, wanted[day], known) for day in days]
    many = f" and {len(days) - 1} more" if len(days) > 1 else ""
    Proposal(
        subject=subject,
        text=f"Count {currency} {wanted[days[0]].normalize():f} for one euro on {days[0]}{many}?",
        changes=tuple(shown),
        case={
            "vendor": f"Exchange rate {currency}",
            "documents": documents,
            "rates": [{"on": day.isoformat(), "per_eur": format(wanted[day], "f")} for day in days],
        },
        if_approved="Approving counts thresholds and limits with these rates.",
        if_rejected="Rejecting keeps the rates as they are.",
        makers=(*(before.makers if before else ()), actor),
    ).ask(actor, at)


def _change(currency: str, on: date, value: Decimal, known: Dated) -> Change:
    last = known.nearest(on)
    now = f"{last[1].normalize():f} on {last[0]}" if last else "none"
    then = f"{value.normalize():f} on {on}"
    said = (
        f"{currency} {then} differs from {now} by more than {OUT_OF_LINE:.0%}. Rates decide what thresholds"
        " and limits mean."
    )
    return Change("exchange rate", now, then, said, "rate_out_of_line")


def lock_rates(subject: str) -> None:
    """Lock what lists of rates are written under: the lock of every intake."""
    del subject
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The proposed rates count from now on, or what was known stays."""
    currency = Subject(escalation.subject).key
    wanted = _waiting(escalation)
    if verdict.verdict == "approve":
        _write([Stated(on, currency, per_eur) for on, per_eur in wanted.items()])
    data = {"verdict": verdict.verdict, "rates": escalation.case["rates"]}
    ledger.append([ledger.Event(escalation.subject, "rate.decided", verdict.by, at, data)])
