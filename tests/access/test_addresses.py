"""Every address, every method, every person: who the table says may, may; everybody else is refused and
nothing happens."""

from __future__ import annotations

import pytest

from .asking import NAMES, ask, expected, outcome, path_of
from .house import ADDRESSES, SECRETS, House, knock
from .table import ALL, HOW_TO_ADD, STRANGERS, TABLE

pytestmark = pytest.mark.django_db

ORDINARY = [name for name in NAMES if name not in {"login", "continue-as"}]
SOME = frozenset({"alice", "carol", "erin", "frank", "gus", "nobody"})
"""One of each kind: they ask for parts of pages as well."""
READ_BY_WRITING = {"coordination_accessrecord"}
"""The one table that a page adds to by being read: that somebody looked."""


def test_the_table_names_every_address_and_no_other() -> None:
    assert sorted(ADDRESSES.keys() - TABLE.keys()) == [], HOW_TO_ADD
    assert sorted(TABLE.keys() - ADDRESSES.keys()) == [], "the table names addresses that are no more"


def test_everybody_of_the_house_is_asked(house: House) -> None:
    assert house.browsers.keys() == ALL


@pytest.mark.parametrize("name", ORDINARY)
def test_an_address_answers_those_whom_the_table_names(name: str, house: House) -> None:
    for method in ("GET", "POST"):
        for part, asking in ((False, ALL), (True, SOME)):
            seen = {p: outcome(ask(house, name, method, p, part=part)) for p in sorted(asking)}
            assert seen == {p: expected(TABLE[name], method, p) for p in sorted(asking)}, (method, part)


@pytest.mark.parametrize("name", ORDINARY)
def test_no_other_method_gets_past_an_address(name: str, house: House) -> None:
    """HEAD answers as GET does, without what GET shows; everything else is not known here."""
    rare = [("carol", m) for m in ("PATCH", "OPTIONS", "TRACE")]
    for person, method in [(p, m) for p in sorted(ALL) for m in ("HEAD", "PUT", "DELETE")] + rare:
        found = knock(house, person, method, path_of(house, name))
        allowed = {"sign in"} if person in STRANGERS else {"no such method"}
        if method == "HEAD":
            allowed = {expected(TABLE[name], "GET", person)}
        assert outcome(found) in allowed, (person, method)
        assert (found.wrote.keys() - READ_BY_WRITING, method != "HEAD" or not found.body) == (set(), True)


@pytest.mark.parametrize("name", NAMES)
def test_who_is_refused_changes_nothing_and_learns_nothing(name: str, house: House) -> None:
    for person in sorted(ALL):
        for method in ("GET", "POST"):
            if expected(TABLE[name], method, person) == "done":
                continue
            for part in (False, True) if person in SOME else (False,):
                found = ask(house, name, method, person, part=part)
                assert found.wrote == {}, (person, method)
                if person in TABLE[name].reads:
                    continue
                told = found.body.decode(errors="replace") + found.location + str(found.headers)
                told = told.replace(path_of(house, name), "")
                assert [s for s in SECRETS if s in told] == [], (person, method)


@pytest.mark.parametrize("name", NAMES)
def test_who_may_read_changes_nothing_and_who_may_write_does(name: str, house: House) -> None:
    row = TABLE[name]
    for person in sorted(row.get or ()):
        assert ask(house, name, "GET", person).wrote.keys() <= READ_BY_WRITING, person
    writes = row.post if row.writes is None else row.writes
    wrote = {p for p in row.post or () if ask(house, name, "POST", p).wrote}
    assert wrote == (writes or set())


# --- the page to sign in ------------------------------------------------------------------------------------


def test_who_is_signed_in_is_led_away_from_the_page_to_sign_in(house: House) -> None:
    seen = {p: (f := ask(house, "login", "GET", p)).status == 200 or f.location for p in sorted(ALL)}
    assert seen == {p: True if p in STRANGERS else "/" for p in sorted(ALL)}


def test_nobody_is_signed_in_as_somebody_by_a_click_outside_the_demonstration(house: House) -> None:
    for person in sorted(ALL):
        assert (
            ask(house, "continue-as", "GET", person).status,
            ask(house, "continue-as", "POST", person).status,
        ) == (
            405,
            404,
        )
