"""What the demonstration is fed: which kinds of trade, in what order, and what comes some turns later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from coordination.models import Invoice, Vendor
from coordination.world import live
from coordination.world.case import SCENARIOS, Case
from coordination.world.generate import case_of
from coordination.world.traders import traders
from coordination.world.trial import today
from tests import cast

DAY = date(2026, 11, 20)
KNOWN = traders()


def invoices_in(files: live.Files) -> list[str]:
    return [name for name in files if name.startswith("ubl/invoice-")]


@pytest.mark.parametrize(("share", "wrong"), [(0.0, False), (1.0, True)])
def test_nothing_or_everything_is_wrong_as_the_share_says(share: float, wrong: bool) -> None:
    def kinds(feed: live.Feed) -> Iterator[str]:
        for n in range(120):
            yield feed._choose(live.random.Random(n)).kind

    found = set(kinds(live.Feed(seed=1, defect_share=share)))
    assert found == ({"defect", "combination"} if wrong else {"clean"})


def test_about_as_many_trades_are_wrong_as_were_asked_for_and_some_clean_ones_look_odd() -> None:
    feed = live.Feed(seed=1, defect_share=0.3)
    chosen = [feed._choose(live.random.Random(n)) for n in range(2000)]
    kinds = Counter("wrong" if s.kind != "clean" else "plain" if s.name == "clean" else "odd" for s in chosen)
    assert 0.25 < kinds["wrong"] / 2000 < 0.35
    assert 0.16 < kinds["odd"] / 2000 < 0.26  # 0.3 of the 0.7 that are clean
    assert 0.44 < kinds["plain"] / 2000 < 0.54


def test_each_trade_counts_on_from_the_invoices_before_it() -> None:
    feed, made = live.Feed(seed=3, index=17), 0
    for _ in range(30):
        before = feed.index
        *_, now = feed.next(DAY)
        copies = sum("-again" in name for name in now)
        assert feed.index - before == len(invoices_in(now)) - copies
        made += feed.index - before
    assert feed.index == 17 + made
    assert feed.turn == 30


def test_the_same_seed_feeds_the_same_and_another_seed_something_else() -> None:
    def first(seed: int) -> list[list[live.Files]]:
        feed = live.Feed(seed=seed)
        return [feed.next(DAY) for _ in range(5)]

    assert first(1) == first(1)
    assert first(1) != first(2)


def the_first(predicate: Callable[[Case], bool]) -> Case:
    cases = (case_of(name, str(seed), 3, DAY) for name in SCENARIOS for seed in range(3))
    return next(case for case in cases if predicate(case))


def test_a_receipt_on_its_way_comes_later_and_the_rest_at_once() -> None:
    now, late = live._parted(the_first(lambda case: bool(case.late)))
    assert invoices_in(now)
    assert not any(name.startswith("late/") for name in now)
    assert [name.startswith("late/ubl/receipt-") for name in late] == [True]


def test_a_vendor_with_another_account_says_so_later() -> None:
    case = the_first(lambda case: bool(case.moved))
    now, late = live._parted(case)
    [(trader, iban)] = case.moved
    assert "vendors.csv" not in now
    assert list(late) == ["vendors.csv"]
    assert iban.encode() in late["vendors.csv"]
    assert trader.vendor_id.encode() in late["vendors.csv"]
    assert trader.iban.encode() not in late["vendors.csv"]


def test_an_ordinary_trade_leaves_nothing_for_later() -> None:
    now, late = live._parted(case_of("clean", "1", 3, DAY))
    assert late == {}
    assert sorted(name.split("-")[0] for name in now) == ["ubl/invoice", "ubl/order", "ubl/receipt"]


def test_what_is_due_comes_before_what_is_new_and_only_once() -> None:
    feed = live.Feed(seed=1, defect_share=0.0)
    early, later = {"early.xml": b"1"}, {"later.xml": b"2"}
    feed.due.extend([(1, early), (2, later)])
    first, *rest = feed.next(DAY)
    assert first == early
    assert len(rest) == 1
    assert feed.next(DAY)[0] == later
    assert len(feed.next(DAY)) == 1


# --- the pause ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [(0.0, []), (0.1, [0.1]), (0.25, [0.25]), (0.75, [0.25, 0.25, 0.25]), (0.5625, [0.25, 0.25, 0.0625])],
)
def test_a_pause_is_slept_in_quarters_of_a_second(seconds: float, steps: list[float]) -> None:
    slept: list[float] = []
    live._rest(seconds, lambda: False, slept.append)
    assert slept == steps


def test_a_stop_before_the_pause_sleeps_not_at_all() -> None:
    slept: list[float] = []
    live._rest(10, lambda: True, slept.append)
    assert slept == []


# --- into an installation -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("rate", "pause"), [(60.0, 1.0), (6.0, 10.0), (240.0, 0.25)])
def test_so_many_trades_a_minute_leave_so_many_seconds_between_them(rate: float, pause: float) -> None:
    slept: list[float] = []
    flow = live.feed(rate, 1, stopped=lambda: False, today=today, sleep=slept.append)
    next(flow)
    next(flow)
    assert sum(slept) == pytest.approx(pause)


@pytest.mark.django_db
def test_vendors_that_are_here_keep_what_people_decided_and_the_others_come_first() -> None:
    known = KNOWN.usual[0].vendor_id
    cast.take_in(cast.table("vendors", cast.vendor(vendor_id=known, name="Hartmann GmbH")))
    assert known not in {v.vendor_id for v in live.missing(KNOWN)}
    assert len(live.missing(KNOWN)) == len(KNOWN.everybody()) - 1
    next(live.feed(6, 1, stopped=lambda: False, today=today, sleep=lambda _: None))
    assert Vendor.objects.get(vendor_id=known).name == "Hartmann GmbH"
    assert Vendor.objects.count() == len(KNOWN.everybody())


@pytest.mark.django_db
def test_a_flow_that_is_stopped_at_once_brings_the_vendors_and_no_trade() -> None:
    assert list(live.feed(6, 1, stopped=lambda: True, today=today, sleep=lambda _: None)) == []
    assert Vendor.objects.count() == len(KNOWN.everybody())
    assert not Invoice.objects.exists()


@pytest.mark.django_db
def test_a_trade_says_how_many_of_its_documents_were_accepted() -> None:
    flow = live.feed(6, 1, stopped=lambda: False, today=today, sleep=lambda _: None)
    accepted = next(flow)
    assert accepted >= 3  # an order, a receipt and an invoice at least
    assert Invoice.objects.count() <= accepted
