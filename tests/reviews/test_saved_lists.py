"""Filters are kept under a name, for oneself or for one's department, and only the owner deletes them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reviews import saved_lists, urgency
from reviews.errors import Refused
from reviews.fields import TooLong
from reviews.models import SavedList
from reviews.open_lists import MINE, Filters
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LATE = Filters(queue="procurement", cause="price_over", sort="amount", aside=True)


def names(user: User) -> list[tuple[str, str]]:
    return [(kept.name, kept.by) for kept in saved_lists.visible(user)]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Kept(TestCase):
    """Whatever is kept comes back."""

    @given(
        filters=st.builds(
            Filters,
            queue=st.sampled_from(["", "finance", MINE, "mentions"]),
            cause=st.sampled_from(["", "price_over"]),
            sort=st.sampled_from(urgency.SORTS),
            aside=st.booleans(),
        )
    )
    def test_a_list_is_what_was_kept(self, filters: Filters) -> None:
        alice = cast.person("alice", "specialist", "procurement")
        saved_lists.keep("Mine", filters, by=alice)
        [kept] = saved_lists.visible(alice)
        assert kept.filters == filters


def test_a_name_is_kept_once_and_the_newest_counts(people: Cast) -> None:
    saved_lists.keep("Late", LATE, by=people.alice)
    saved_lists.keep("  Late ", Filters(queue=MINE), by=people.alice)
    [kept] = saved_lists.visible(people.alice)
    assert (kept.name, kept.filters) == ("Late", Filters(queue=MINE))
    saved_lists.keep("Late", LATE, by=people.bob)
    assert names(people.bob) == [("Late", "")]


def test_only_what_is_shared_is_seen_and_only_in_the_department(people: Cast) -> None:
    colleague = cast.person("anna", "specialist", "procurement")
    saved_lists.keep("Private", LATE, by=people.alice)
    saved_lists.keep("Shared", LATE, by=people.alice, shared=True)
    assert names(people.alice) == [("Private", ""), ("Shared", "")]
    assert names(colleague) == [("Shared", "Alice")]
    assert names(people.bob) == names(people.carol) == []


def test_what_is_shared_goes_with_its_owner(people: Cast) -> None:
    colleague = cast.person("anna", "specialist", "procurement")
    saved_lists.keep("Shared", LATE, by=people.alice, shared=True)
    people.alice.is_active = False
    people.alice.save()
    assert names(colleague) == []


def test_who_has_no_department_shares_with_nobody(people: Cast) -> None:
    with pytest.raises(Refused, match="belong to no department"):
        saved_lists.keep("Shared", LATE, by=people.carol, shared=True)
    saved_lists.keep("Mine", LATE, by=people.carol)


def test_only_the_owner_deletes(people: Cast) -> None:
    colleague = cast.person("anna", "specialist", "procurement")
    kept = saved_lists.keep("Shared", LATE, by=people.alice, shared=True)
    assert not saved_lists.drop(kept.pk, by=colleague)
    assert names(colleague) == [("Shared", "Alice")]
    assert saved_lists.drop(kept.pk, by=people.alice)
    assert not saved_lists.drop(kept.pk, by=people.alice)


def test_a_list_needs_a_name_within_bounds_and_one_keeps_so_many(people: Cast) -> None:
    with pytest.raises(Refused, match="Give the list a name"):
        saved_lists.keep("  ", LATE, by=people.alice)
    with pytest.raises(TooLong, match="may have 60 characters"):
        saved_lists.keep("x" * 61, LATE, by=people.alice)
    for n in range(saved_lists.MOST):
        saved_lists.keep(f"List {n}", LATE, by=people.alice)
    with pytest.raises(Refused, match="30 lists already"):
        saved_lists.keep("One more", LATE, by=people.alice)
    saved_lists.keep("List 0", Filters(), by=people.alice)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": ""}, "reviews_list_named"),
        ({"sort": "name"}, "reviews_list_sort"),
        ({}, "reviews_list_name"),
    ],
)
def test_the_database_refuses_what_is_no_list(people: Cast, changes: dict[str, str], rule: str) -> None:
    kept = saved_lists.keep("Late", LATE, by=people.alice)
    kept.pk = None
    for name, value in changes.items():
        setattr(kept, name, value)
    with pytest.raises(IntegrityError, match=f'"{rule}"'), transaction.atomic():
        SavedList.objects.create(
            owner=people.alice, name=kept.name, sort=kept.sort, queue="", cause="", at=kept.at
        )


def test_it_is_kept_seen_and_deleted_by_plain_forms(people: Cast) -> None:
    client = browser(people.alice)
    found = client.post(f"/inbox/lists/?{LATE.query()}", {"name": "<Late>", "shared": "1"})
    assert (found.status_code, found["Location"]) == (302, f"/inbox/?{LATE.query()}")
    page = client.get("/inbox/").content.decode()
    assert "&lt;Late&gt;" in page
    assert f'href="/inbox/?{LATE.query().replace("&", "&amp;")}"' in page
    here = client.get(f"/inbox/?{LATE.query()}").content.decode()
    assert re.search(r'aria-current="page">\s*&lt;Late&gt;', here)
    colleague = browser(cast.person("anna", "specialist", "procurement"))
    theirs = colleague.get("/inbox/").content.decode()
    assert "&lt;Late&gt;" in theirs
    assert "Delete &lt;Late&gt;" not in theirs
    key = SavedList.objects.get().pk
    assert colleague.post(f"/inbox/lists/{key}/drop/").status_code == 302
    assert SavedList.objects.exists()
    assert client.post(f"/inbox/lists/{key}/drop/").status_code == 302
    assert not SavedList.objects.exists()


def test_what_is_refused_says_why_on_a_page(people: Cast) -> None:
    found = browser(people.alice).post("/inbox/lists/", {"name": " "})
    assert (found.status_code, "Give the list a name." in found.content.decode()) == (422, True)
    assert "Share with procurement" in browser(people.alice).get("/inbox/").content.decode()
    assert "Share with" not in browser(people.carol).get("/inbox/").content.decode()
