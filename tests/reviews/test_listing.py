"""The list of questions: each stands in it once, in one order that everybody sees, and what one walks through
is that list."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit import trail
from audit.ids import new_id
from reviews import assignment, cases, kinds, open_lists, selectors, services, urgency
from reviews.errors import Claimed, NotAllowed
from reviews.kinds import reasons_of
from reviews.models import Escalation
from reviews.open_lists import MINE, Filters
from reviews.selectors import SORTS, Listing, Person, listing
from reviews.services import Question
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ME, OTHER = "human:7001", "human:7002"
CODES = ("price_over", "no_receipt", "bank_mismatch", "tax_mismatch")
KINDS = ("invoice", "statement", "payment_run", "master_data")


def questions() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Questions with whatever decides about their place."""
    amounts = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=2)
    one = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "queue": st.sampled_from(["procurement", "operations", "finance"]),
            "codes": st.lists(st.sampled_from(CODES), max_size=3, unique=True),
            "amount": amounts,
            "due": st.integers(-30, 60),
            "lasts": st.integers(1, 72),
            "age": st.integers(0, 400),
            "discount": st.none() | st.integers(-2, 5),
            "type": st.sampled_from(["invoice", "credit_note"]),
            "owner": st.sampled_from(["", ME, OTHER]),
        }
    )
    return st.lists(one, max_size=14)


def put(rows: list[dict[str, Any]], now: datetime) -> list[Escalation]:
    """Ask them, as agents do."""
    out = []
    for n, row in enumerate(rows):
        at = now - timedelta(minutes=row["age"])
        until = (
            None if row["discount"] is None else (cast.today() + timedelta(days=row["discount"])).isoformat()
        )
        case = {
            "vendor": f"Vendor {n}",
            "number": f"RE-{n}",
            "type": row["type"],
            "due_date": (cast.today() + timedelta(days=row["due"])).isoformat(),
        } | ({"discount": {"until": until, "amount": "1.00"}} if until else {})
        [made] = services.ask(
            [
                Question(
                    subject=f"{row['kind']}/{new_id()}",
                    kind=row["kind"],
                    text="Pay it?",
                    queue=row["queue"],
                    policy="v1",
                    reasons=[{"code": c, "words": c.replace("_", " ")} for c in row["codes"]],
                    case=case,
                    due_at=at + timedelta(hours=row["lasts"]),
                    clock="desk time",
                    asked_by="agent:finance.payment/1",
                    currency="EUR",
                    amount=row["amount"],
                    amount_company=row["amount"],
                )
            ],
            at=at,
        )
        if row["owner"]:
            changed(made, at, owner=row["owner"])
        out.append(made)
    return out


def changed(row: Escalation, at: datetime, **values: object) -> None:
    """Written as services write."""
    for name, value in values.items():
        setattr(row, name, value)
    trail.update([row], tuple(values), trail.Stamp("system:test", at, "changed"))


def keys(found: Listing) -> list[Any]:
    return [row.id for group in found.groups for row in group.rows]


class Lists(TestCase):
    """Whatever is asked and however the list is narrowed and sorted."""

    @settings(max_examples=15)
    @given(rows=questions(), data=st.data())
    def test_the_list(self, rows: list[dict[str, Any]], data: st.DataObject) -> None:
        now = cast.moment()
        asked = {e.pk: e for e in put(rows, now)}
        hidden = data.draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=2), label="hidden")
        seen = {k for k, e in asked.items() if e.kind not in hidden}
        for sort in SORTS:
            self.every_question_stands_once(sort, hidden, seen, now)
        self.queues_and_causes_part_it(hidden, seen, now)
        with mock.patch.object(cases, "NEAR", data.draw(st.sampled_from([3, cases.NEAR]), label="near")):
            self.a_walk_goes_through_the_list(data.draw(st.sampled_from(sorted(SORTS)), label="sort"), hidden)

    def every_question_stands_once(self, sort: str, hidden: list[str], seen: set[Any], now: datetime) -> None:
        found = listing(Filters(sort=sort), ME, hidden=hidden, now=now)
        assert Counter(keys(found)) == Counter(seen)
        assert (found.open_count, found.fresh) == (len(seen), 0)
        worth = Escalation.objects.filter(pk__in=seen).exclude(kind="statement")
        assert found.waiting == sum((e.amount_company or Decimal(0) for e in worth), Decimal(0))
        assert keys(found) == keys(listing(Filters(sort=sort), OTHER, hidden=hidden, now=now))
        rows = [row for group in found.groups for row in group.rows]
        if sort == "amount":
            known = [row.amount for row in rows if row.amount is not None]
            assert known == sorted(known, reverse=True)
            assert [row.amount for row in rows[: len(rows) - len(known)]] == [None] * (len(rows) - len(known))
        if sort == "clock":
            late = [row.clock.is_overdue for row in rows]
            assert late == sorted(late, reverse=True)
            assert [g.title for g in found.groups] == [
                t
                for t in ("Overdue", "Decide today", "Tomorrow", "Later")
                if t in {g.title for g in found.groups}
            ]

    def queues_and_causes_part_it(self, hidden: list[str], seen: set[Any], now: datetime) -> None:
        total, named = open_lists.queues(ME, hidden)
        by_queue = {
            q.key: set(keys(listing(open_lists.of_list(q.key), ME, hidden=hidden, now=now))) for q in named
        }
        assert {q.key: q.count for q in named} == {key: len(found) for key, found in by_queue.items()}
        mine = by_queue.pop(MINE)
        assert mine == set(Escalation.objects.filter(pk__in=seen, owner=ME).values_list("pk", flat=True))
        assert (set().union(*by_queue.values()), sum(map(len, by_queue.values()))) == (seen, total)
        everything = listing(Filters(), ME, hidden=hidden, now=now)
        for code, _ in everything.causes:
            narrowed = keys(listing(Filters(cause=code), ME, hidden=hidden, now=now))
            assert set(narrowed) == {
                e.pk for e in Escalation.objects.filter(pk__in=seen) if code in {r["code"] for r in e.reasons}
            }

    def a_walk_goes_through_the_list(self, sort: str, hidden: list[str]) -> None:
        filters = Filters(sort=sort)
        order = keys(listing(filters, ME, hidden=hidden))
        places = [cases.place(Escalation.objects.get(pk=key), filters, ME, hidden) for key in order]
        assert [p.position for p in places] == list(range(1, len(order) + 1))
        assert {p.total for p in places} <= {len(order)}
        assert [p.after for p in places] == [*order[1:], None][: len(order)]
        assert [p.before for p in places] == [None, *order[:-1]][: len(order)]


def test_a_question_of_another_list_has_no_place_in_this_one() -> None:
    asked = plain(3, cast.moment())
    for filters in (Filters(queue="finance"), Filters(cause="no_receipt"), Filters(queue=MINE)):
        assert cases.place(asked[1], filters, ME) == cases.Place(0, 0, None, None)
    assert cases.place(asked[1], Filters(queue="procurement"), ME).total == 3


# --- while one looks ----------------------------------------------------------------------------------------


def plain(count: int, now: datetime, age: int = 10) -> list[Escalation]:
    row = {
        "kind": "invoice",
        "queue": "procurement",
        "codes": ["price_over"],
        "due": 20,
        "lasts": 24,
        "discount": None,
        "type": "invoice",
        "owner": "",
        "age": age,
    }
    return put([row | {"amount": Decimal(100 + n)} for n in range(count)], now)


def test_what_comes_while_one_looks_is_counted_and_moves_nothing() -> None:
    now = cast.moment()
    plain(3, now)
    before = listing(Filters(), ME, now=now)
    [new] = put(
        [
            {
                "kind": "invoice",
                "queue": "finance",
                "codes": [],
                "due": -5,
                "lasts": 1,
                "discount": None,
                "type": "invoice",
                "owner": "",
                "age": -1,
                "amount": Decimal("7.00"),
            }
            | {"kind": "master_data"}
        ],
        now,
    )
    later = now + timedelta(minutes=5)
    again = listing(Filters(), ME, as_of=before.as_of, now=later)
    assert keys(again) == keys(before)
    assert (again.fresh, again.fresh_amount) == (1, Decimal("7.00"))
    assert keys(listing(Filters(), ME, now=later))[0] == new.pk


def test_of_what_others_ended_since_a_list_was_loaded_the_last_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long ago that was, and whatever an address says of it."""
    now = cast.moment()
    monkeypatch.setattr(selectors, "LIST_AT_MOST", 2)
    rows = plain(3, now)
    for n, row in enumerate(rows, 1):
        at = now + timedelta(minutes=n)
        changed(row, now, status="approved", verdict="approve", decided_by=OTHER, decided_at=at)
    found = listing(Filters(), ME, as_of=now, now=now + timedelta(hours=1))
    assert set(keys(found)) == {row.pk for row in rows[1:]}


def test_what_is_ended_while_the_list_is_read_stands_in_it_once() -> None:
    now = cast.moment()
    rows = plain(3, now)
    first = urgency.first

    def then_another_is_answered(*given: Any) -> Any:
        found = first(*given)
        at = now + timedelta(minutes=1)
        changed(rows[1], now, status="approved", verdict="approve", decided_by=OTHER, decided_at=at)
        return found

    with mock.patch.object(urgency, "first", then_another_is_answered):
        found = listing(Filters(), ME, as_of=now, now=now + timedelta(minutes=2))
    assert Counter(keys(found)) == Counter(row.pk for row in rows)


def test_what_somebody_else_ended_stays_in_its_place_and_ones_own_leaves(people: Cast) -> None:
    now = cast.moment()
    one, two, three = plain(3, now)
    as_of = listing(Filters(), f"human:{people.alice.pk}", now=now).as_of
    me = f"human:{people.alice.pk}"
    for row, by in ((one, me), (two, f"human:{people.bob.pk}")):
        changed(
            row,
            now,
            status="approved",
            verdict="approve",
            decided_by=by,
            decided_at=now + timedelta(minutes=1),
        )
    found = listing(Filters(), me, as_of=as_of, now=now + timedelta(minutes=2))
    rows = {row.id: (row.gone, row.gone_by) for group in found.groups for row in group.rows}
    assert rows == {two.pk: ("approved", "Bob"), three.pk: ("", "")}
    assert found.open_count == 1
    fresh = listing(Filters(), me, now=now + timedelta(minutes=2))
    assert keys(fresh) == [three.pk]


def test_a_list_that_is_too_long_is_cut_and_still_says_how_many_there_are() -> None:
    now = cast.moment()
    asked = plain(6, now)
    found = listing(Filters(sort="age"), ME, now=now, at_most=4)
    assert keys(found) == [e.pk for e in asked[:4]]
    assert (found.open_count, found.waiting) == (6, sum(Decimal(100 + n) for n in range(6)))
    assert found.cut
    assert not listing(Filters(sort="age"), ME, now=now, at_most=6).cut


def test_a_list_of_the_future_is_the_list_of_now() -> None:
    now = cast.moment()
    plain(2, now)
    assert listing(Filters(), ME, as_of=now + timedelta(days=9), now=now).as_of == now


# --- who is on it -------------------------------------------------------------------------------------------


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["alice", "carol", "dave", "bob"]), st.sampled_from(["claim", "take", "release"])
    ),
    max_size=7,
)


class Owners(TestCase):
    """Claiming, taking over and giving back in any order."""

    @settings(max_examples=15)
    @given(acts=ACTS)
    def test_one_person_is_on_a_question_and_each_step_is_an_entry(self, acts: list[tuple[str, str]]) -> None:
        people = cast.people()
        [row] = plain(1, cast.moment())
        owner, told = "", list[str]()
        for name, act in acts:
            user: User = getattr(people, name)
            me = services.person(user)
            try:
                if act == "release":
                    assignment.release(row.pk, by=user)
                else:
                    assignment.claim(row.pk, by=user, take_over=act == "take")
            except NotAllowed:
                assert name == "bob"  # of another department
                continue
            except Claimed:
                assert owner not in ("", me)
                assert act != "take"
                continue
            assert name != "bob"
            after = "" if act == "release" else me
            if after != owner:
                told.append("released" if not after else "taken_over" if owner else "claimed")
            owner = after
        row.refresh_from_db()
        assert row.owner == owner
        assert cast.entries(row.subject) == ["escalation.opened", *(f"escalation.{t}" for t in told)]
        assert row.status == "open"


# --- clocks and names ---------------------------------------------------------------------------------------


@given(hours=st.integers(1, 200), minutes=st.lists(st.integers(-600, 30_000), min_size=2, max_size=6))
def test_a_clock_only_ever_gets_worse(hours: int, minutes: list[int]) -> None:
    opened = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
    row = Escalation(opened_at=opened, due_at=opened + timedelta(hours=hours), clock="desk time")
    levels = [selectors.clock_of(row, opened + timedelta(minutes=m)).level for m in sorted(minutes)]
    rank = {"": 0, "warn": 1, "bad": 2}
    assert all(rank[a] <= rank[b] for a, b in pairwise(levels))
    for m in minutes:
        found = selectors.clock_of(row, opened + timedelta(minutes=m))
        over = timedelta(minutes=m) >= timedelta(hours=hours)
        assert (found.level == "bad") == over == found.text.startswith("overdue")


@given(st.text(max_size=40))
def test_a_person_has_at_most_two_letters_and_one_of_five_colours(name: str) -> None:
    person = Person("human:1", name, "human")
    assert 1 <= person.tint <= 5
    assert person.initials == person.initials.upper()
    words = [w for w in name.replace(".", " ").split() if w]
    assert bool(person.initials) == bool(words)


@pytest.mark.parametrize(
    ("kind", "verdict"), [(kind.name, verdict) for kind in kinds.KINDS.values() for verdict in kind.reasons]
)
def test_each_answer_to_each_kind_has_reasons_with_words_of_their_own(kind: str, verdict: str) -> None:
    rows = reasons_of(kind, verdict)
    assert len({code for code, _ in rows}) == len({words for _, words in rows}) == len(rows)
    assert rows
