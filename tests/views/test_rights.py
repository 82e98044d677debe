"""One table of rights: whoever loses one loses page, act, socket, export and navigation with it, at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from coordination import rights
from coordination.live.access import allowed
from coordination.selectors import access_matrix
from coordination.selectors.shell import PAGES, nav
from coordination.services.intake import allowances
from reviews import kinds
from reviews.access import hidden_kinds, may, may_now
from reviews.grants import NOBODY, ROLES, TABLE, Holders, RegisteredTwice, Right, register
from tests.cast import Cast
from tests.conftest import ROOT

from .conftest import client

pytestmark = pytest.mark.django_db

OPEN = {"login", "continue-as", "logout", "coordination:nav", "coordination:preferences"}
"""Addresses that ask for no right: signing in and out, and one's own frame."""


def test_every_address_asks_for_a_right_of_the_table() -> None:
    asked = access_matrix.views()
    assert {name for name, right in asked.items() if right is None} == OPEN
    assert {right for right in asked.values() if right is not None} <= set(TABLE)


def test_every_right_is_asked_for_somewhere() -> None:
    """By an address, a topic, a kind of question or fact, or by name in a service."""
    source = "".join(path.read_text() for path in (ROOT / "coordination").rglob("*.py"))
    below = "".join(path.read_text() for path in (ROOT / "reviews").glob("*.py"))
    idle = [
        row.right.name
        for row in access_matrix.rows()
        if not row.opens
        and f"rights.{row.right.name.upper()}" not in source
        and f", {row.right.name.upper()})" not in below
    ]
    assert idle == []


@pytest.mark.parametrize("right", list(TABLE), ids=lambda right: right.name)
def test_whoever_loses_a_right_loses_all_that_it_opens(
    right: Right, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = [row for row in access_matrix.rows() if row.right == right]
    monkeypatch.setitem(TABLE, right, NOBODY)
    for user in (people.carol, people.erin):
        groups = set(user.groups.values_list("name", flat=True))
        assert not may(user, right)
        assert not may_now(user, right)
        seen = {item.title for item in nav(user, "", "").items}
        assert not seen & set(row.navigation)
        assert not {topic for topic in row.topics if allowed(f"{topic}/1", groups)}
        assert not {
            words for words in allowances.words(allowances.allowed_kinds(user)) if words in row.brings
        }
        assert {kind.name for kind in kinds.KINDS.values() if kind.sees == right} <= set(hidden_kinds(user))
        browser = client(user)
        for page in PAGES:
            if page.title in row.navigation:
                assert browser.get(reverse(page.url)).status_code == 403
    assert not [kind.name for kind in kinds.KINDS.values() if kind.answers == right and kind.groups]


def test_taking_payments_away_takes_page_act_export_socket_and_navigation(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client(people.carol)
    addresses = {
        "page": ("get", reverse("coordination:payments")),
        "export": ("get", reverse("coordination:payments_unpayable")),
        "act": ("post", reverse("coordination:payments_propose")),
    }

    def status() -> dict[str, int]:
        return {what: getattr(browser, verb)(url).status_code for what, (verb, url) in addresses.items()}

    assert 403 not in status().values()
    monkeypatch.setitem(TABLE, rights.READ_PAYMENTS, NOBODY)
    monkeypatch.setitem(TABLE, rights.RUN_PAYMENTS, NOBODY)
    assert set(status().values()) == {403}
    assert not allowed("payments", ["manager", "auditor"])
    assert "Payments" not in {item.title for item in nav(people.carol, "", "").items}


def test_a_right_that_is_given_opens_at_once(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = reverse("coordination:payments")
    assert client(people.alice).get(payments).status_code == 403
    monkeypatch.setitem(TABLE, rights.READ_PAYMENTS, Holders(frozenset({"specialist"})))
    assert client(people.alice).get(payments).status_code == 200
    assert allowed("payments", ["specialist"])


def test_a_refusal_says_who_may_by_the_table(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = reverse("coordination:payments")
    assert "Managers and auditors do." in client(people.alice).get(payments).content.decode()
    monkeypatch.setitem(TABLE, rights.READ_PAYMENTS, Holders(frozenset(), frozenset({"operations"})))
    assert "People of operations do." in client(people.alice).get(payments).content.decode()


@pytest.mark.parametrize(
    ("roles", "departments", "words"),
    [
        ("manager", "", "managers"),
        ("auditor specialist manager", "", "specialists, managers and auditors"),
        ("", "procurement", "people of procurement"),
        ("manager", "finance operations", "managers and people of finance and operations"),
        ("", "", "nobody"),
    ],
)
def test_who_has_a_right_is_said_in_words(roles: str, departments: str, words: str) -> None:
    assert Holders(frozenset(roles.split()), frozenset(departments.split())).words == words


def test_a_right_is_registered_once_and_for_groups_that_exist() -> None:
    with pytest.raises(RegisteredTwice, match="'see' is registered already"):
        register("see", "see it")
    with pytest.raises(ValueError, match="no group 'boss'"):
        register("fly", "fly", roles="boss")
    assert "fly" not in {right.name for right in TABLE}


def test_the_navigation_asks_what_its_pages_ask() -> None:
    asked = access_matrix.views()
    assert {page.url: page.right for page in PAGES} == {page.url: asked[page.url] for page in PAGES}


def test_auditors_and_administrators_change_nothing() -> None:
    assert not [
        right.name for right, who in TABLE.items() if right.changes and who.roles & {"auditor", "admin"}
    ]
    assert all(who.roles <= set(ROLES) for who in TABLE.values())


def test_the_page_of_docs_is_current(tmp_path: Path) -> None:
    call_command("access", output=tmp_path / "access.md")
    page = (ROOT / "docs" / "access.md").read_text()
    assert (tmp_path / "access.md").read_text() == page, "manage.py access -o docs/access.md"
