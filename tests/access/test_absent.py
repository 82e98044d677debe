"""What is not there, and forms that come from nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from django.test import Client

from .asking import NAMES, ask, outcome, path_of, sent_by
from .house import ADDRESSES, House, knock, missing
from .table import ALL, SIGNED_IN, TABLE

DROPS = {"coordination:search_drop", "reviews:list_drop"}
"""What is one's own and not there any more is gone: nothing is said of it."""
pytestmark = pytest.mark.django_db

KEYED = [name for name in NAMES if ADDRESSES[name].keys and name != "continue-as"]
WRITES = [name for name in NAMES if TABLE[name].post is not None]


@pytest.mark.parametrize("name", KEYED)
def test_what_is_not_there_is_missing_to_those_who_may_and_as_refused_as_anything_to_others(
    name: str, house: House
) -> None:
    """Nobody learns by asking whether something exists."""
    address, row = ADDRESSES[name], TABLE[name]
    gone = address.of(missing(address.keys, house.objects))
    for method, who in (("GET", row.get), ("POST", row.post)):
        for person in sorted(SIGNED_IN if who is not None else ()):
            sent = sent_by(house, name, person) if method == "POST" else {}
            found = knock(house, person, method, gone, sent, part=True)
            there = ask(house, name, method, person, part=True)
            assert found.wrote == {}, (person, method)
            if person in row.reads or (who is not None and person in who):
                assert outcome(found) in {"missing", "refused"} or name in DROPS, person
                assert person not in (who or ()) or outcome(found) != "refused", person
            else:
                same = [
                    a.body.replace(p.encode(), b"").decode()
                    for a, p in ((found, gone), (there, path_of(house, name)))
                ]
                assert (found.status, same[0]) == (there.status, same[1]), (person, method)


# --- the token of a form ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(house: House) -> dict[str, Client]:
    """The same people with browsers that check the token, as the real ones do."""
    found = {name: Client(enforce_csrf_checks=True, raise_request_exception=False) for name in ALL}
    for name, browser in found.items():
        browser.cookies = SimpleCookie(
            {key: kept.value for key, kept in house.browsers[name].cookies.items()}
        )
    return found


@pytest.mark.parametrize("name", WRITES)
def test_a_write_without_its_token_is_refused_and_changes_nothing(
    name: str, house: House, strict: dict[str, Client]
) -> None:
    for person in sorted(ALL):
        sent = sent_by(house, name, person)
        sent.pop("csrfmiddlewaretoken", None)
        found = knock(
            house, person, "POST", path_of(house, name), sent, part=person == "carol", browsers=strict
        )
        assert (found.status, found.wrote) == (403, {}), person
        assert b"This form did not come from a page of yours" in found.body, person


def tokens(page: bytes) -> Iterator[str]:
    for piece in page.decode().split('name="csrfmiddlewaretoken" value="')[1:]:
        yield piece.partition('"')[0]


def test_the_token_of_another_person_is_no_token(house: House, strict: dict[str, Client]) -> None:
    path, page = path_of(house, "coordination:agent_pause"), "/agents/procurement.matching/"
    theirs, mine = (next(tokens(strict[p].get(page).content)) for p in ("dave", "carol"))
    seen = [
        knock(house, "carol", "POST", path, {"csrfmiddlewaretoken": token}, browsers=strict).status
        for token in (theirs, "x" * 64, mine)
    ]
    assert seen == [403, 403, 302]
