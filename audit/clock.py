"""The one clock of the product: whoever needs to know what time it is asks here.

It is the system's clock unless a demonstration or a test has set another one. What is recorded meanwhile says
so: the ledger adds `clock: simulated` to each entry that is made on a clock of our own, inside its hash.
Leases and what is due keep to the database's clock, which all workers share.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.utils import timezone

SIMULATED = "simulated"
"""What an entry says of its clock, where that is not the system's."""


class Simulation:
    """A clock that was set: it goes on from there at the usual pace, and only ever forward."""

    def __init__(self, at: datetime) -> None:
        self._began = time.monotonic()
        self._at = at

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)

    def set(self, at: datetime) -> None:
        """Go forward to this instant. Raises ValueError for an earlier one: nothing happens before what has
        happened."""
        if at < self.now():
            raise ValueError(f"The clock shows {self.now()} already; it does not go back to {at}.")
        self._began, self._at = time.monotonic(), at


_simulation: ContextVar[Simulation | None] = ContextVar("simulation", default=None)


def now() -> datetime:
    """This instant, in UTC."""
    simulation = _simulation.get()
    return timezone.now() if simulation is None else simulation.now()


def today() -> date:
    """The day that it is in the time zone in force."""
    return timezone.localdate(now())


def is_simulated() -> bool:
    """Does the clock show another time than the system's?"""
    return _simulation.get() is not None


@contextmanager
def simulated(at: datetime) -> Iterator[Simulation]:
    """Set the clock for what runs inside; `set` of what is yielded moves it on."""
    simulation = Simulation(at)
    token = _simulation.set(simulation)
    try:
        yield simulation
    finally:
        _simulation.reset(token)
