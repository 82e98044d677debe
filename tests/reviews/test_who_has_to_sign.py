"""Several people sign, and the policy says of which groups: each group by another person."""

from __future__ import annotations

import json
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from audit.ledger import data_of
from audit.models import Entry
from coordination.domain.policy import PolicyInvalid
from coordination.facts import policies
from coordination.governance.policy import default_text, parse
from coordination.governance.signatures import Signatures
from coordination.reports.policy_words import result
from reviews import delegation, signatures
from reviews.errors import NotAllowed
from reviews.models import Escalation, Verdict
from reviews.signatures import uncovered
from tests import cast
from tests.cast import Cast, bill

NAMES = ("manager", "finance", "procurement", "operations")


# --- which groups are still missing -------------------------------------------------------------------------

groups = st.sampled_from(NAMES)


@given(st.lists(groups, max_size=4), st.lists(st.frozensets(groups), max_size=4))
def test_nothing_is_missing_just_where_every_group_has_a_person_of_its_own(
    required: list[str], signed: list[frozenset[str]]
) -> None:
    fits = any(
        all(name in person for name, person in zip(required, people, strict=True))
        for people in permutations(signed, len(required))
    )
    assert (uncovered(required, signed) == []) == fits


@given(st.lists(groups, max_size=4), st.lists(st.frozensets(groups), max_size=4), st.frozensets(groups))
def test_a_signature_never_makes_more_missing_and_one_fewer_at_most(
    required: list[str], signed: list[frozenset[str]], another: frozenset[str]
) -> None:
    before, after = len(uncovered(required, signed)), len(uncovered(required, [*signed, another]))
    assert before - 1 <= after <= before


def test_one_person_of_two_groups_is_one_signature() -> None:
    assert uncovered(["finance", "manager"], [{"finance", "manager"}]) == ["manager"]
    assert uncovered(["finance", "manager"], [{"finance", "manager"}, {"finance"}]) == []
    assert uncovered(["manager", "manager"], [{"manager"}]) == ["manager"]


# --- what a policy says -------------------------------------------------------------------------------------


def text(**row: Any) -> str:
    """The default policy, in which more than 10,000.00 is signed as the row says."""
    data = json.loads(default_text())
    [rule] = [r for r in data["rules"] if r["id"] == "B-02"]
    rule |= row
    return json.dumps(data)


def test_a_row_that_names_who_signs_asks_for_as_many_people() -> None:
    [rule] = [r for r in parse(text(signers=["finance", "manager"]), 1).rules if r.id == "B-02"]
    assert (rule.quorum, rule.signers) == (2, ("finance", "manager"))
    assert "2 persons decide, among them somebody from finance and a manager" in result(rule)
    [rule] = [r for r in parse(text(signers=["manager"], quorum="3"), 1).rules if r.id == "B-02"]
    assert rule.quorum == 3


@pytest.mark.parametrize("signers", ["manager", ["boss"], ["manager"] * 6, [1]])
def test_who_cannot_sign_is_refused(signers: Any) -> None:
    with pytest.raises(PolicyInvalid, match="B-02 signers"):
        parse(text(signers=signers), 1)


def test_what_several_rows_ask_for_is_asked_together() -> None:
    one, other = Signatures(2, ("finance", "manager")), Signatures(2, ("manager", "manager"))
    assert one | other == Signatures(3, ("finance", "manager", "manager"))
    assert one | Signatures(4) == Signatures(4, ("finance", "manager"))
    assert (one.words, Signatures(1).words) == ("2 signatures: finance, manager", "1 signature")


# --- questions ----------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(people: Cast, monkeypatch: pytest.MonkeyPatch) -> Escalation:
    """11,900.00, which somebody from finance and a manager sign; nothing else is found."""
    policy = parse(text(signers=["finance", "manager"]), 1)
    monkeypatch.setattr(policies, "active", lambda: policy)
    cast.trade(bill(unit_price="100.00"), orders=(cast.order(unit_price="100.00"),))
    row = cast.question()
    assert [r["code"] for r in row.reasons] == ["over_threshold"]
    return row


approve = partial(cast.answer, verdict="approve")


def test_the_question_keeps_who_has_to_sign(asked: Escalation) -> None:
    assert (asked.quorum, asked.signers) == (2, ["finance", "manager"])
    entry = Entry.objects.get(subject=asked.subject, type="escalation.opened")
    assert data_of(entry.body)["signers"] == ["finance", "manager"]


@pytest.mark.parametrize("order", [("bob", "carol"), ("carol", "bob")])
def test_one_of_each_group_signs_in_either_order(
    asked: Escalation, people: Cast, order: tuple[str, str]
) -> None:
    first, second = (getattr(people, name) for name in order)
    assert approve(asked, by=first).status == "open"
    assert approve(asked, by=second).status == "approved"
    assert cast.standing() == ("cleared", "human", [])
    found = {v.by: v.stands_as for v in Verdict.objects.all()}
    assert found[f"human:{people.bob.pk}"] == ["finance", "specialist"]
    cast.assert_sound()
    cast.drain()
    assert cast.standing() == ("cleared", "human", [])


def test_two_of_one_group_are_not_one_of_each(asked: Escalation, people: Cast) -> None:
    approve(asked, by=people.carol)
    with pytest.raises(NotAllowed, match="Still needed: somebody from finance"):
        approve(asked, by=people.dave)
    asked.refresh_from_db()
    assert (asked.status, asked.verdicts.count()) == ("open", 1)


def test_who_belongs_to_none_of_them_does_not_sign(asked: Escalation, people: Cast) -> None:
    with pytest.raises(NotAllowed):
        approve(asked, by=people.alice)


def test_rejecting_takes_no_group(asked: Escalation, people: Cast) -> None:
    approve(asked, by=people.carol)
    assert cast.answer(asked, "reject", by=people.dave).status == "rejected"


def test_the_page_says_who_is_still_needed(asked: Escalation, people: Cast, client: Client) -> None:
    client.force_login(people.bob)
    page = client.get(f"/inbox/{asked.pk}/standing/?version=1").content.decode()
    assert "0 of 2 signed. Still needed: somebody from finance and a manager." in page
    approve(asked, by=people.bob)
    page = client.get(f"/inbox/{asked.pk}/standing/?version=2").content.decode()
    assert "1 of 2 signed:" in page
    assert "Still needed: a manager." in page
    client.force_login(people.alice)
    page = client.get(f"/inbox/{asked.pk}/").content.decode()
    assert "data-verdicts" not in page


def test_a_department_signs_a_question_of_another_queue(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The price is procurement's matter; finance signs with them, for the whole of it."""
    policy = parse(text(signers=["finance", "procurement"]), 1)
    monkeypatch.setattr(policies, "active", lambda: policy)
    cast.trade(bill(unit_price="110.00"), orders=(cast.order(unit_price="100.00"),))
    row = cast.question()
    assert (row.queue, row.signers) == ("procurement", ["finance", "procurement"])
    approve(row, by=people.bob)
    approve(row, by=people.alice)
    row.refresh_from_db()
    assert row.status == "approved"
    cast.assert_sound()


def test_a_delegate_signs_for_the_department_of_the_other(asked: Escalation, people: Cast) -> None:
    today = cast.moment().astimezone(signatures.policy.zone()).date()
    delegation.arrange(people.bob, people.alice, today, today, by=people.bob)
    approve(asked, by=people.alice)
    [signed] = Verdict.objects.all()
    assert (signed.on_behalf_of, signed.stands_as) == (
        f"human:{people.bob.pk}",
        ["finance", "specialist"],
    )
    assert approve(asked, by=people.carol).status == "approved"
    cast.assert_sound()
