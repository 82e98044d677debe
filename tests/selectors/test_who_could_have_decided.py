"""Who could have answered a question at a moment, told to auditors by the rights and rules of that moment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from coordination.domain.policy import Policy
from coordination.facts import policies
from coordination.selectors import as_of
from coordination.selectors.as_of import invoice_as_of
from reviews import signing
from reviews.models import Escalation, SigningProfile
from tests import cast
from tests.cast import Cast

ALICE = "human:1"
SPECIALIST = {
    "name": "Alice",
    "groups": ["specialist"],
    "active": True,
    "department": "procurement",
    "limit": "",
}
LIMIT = Decimal("25000.00")


def question(**changes: Any) -> Escalation:
    """A question for procurement about 1,000.00."""
    plain = {
        "subject": "invoice/1",
        "kind": "invoice",
        "queue": "procurement",
        "reasons": [{"code": "price_over", "department": "procurement"}],
        "makers": [],
        "currency": "EUR",
        "amount": Decimal("1000.00"),
        "amount_company": Decimal("1000.00"),
    }
    return Escalation(**plain | changes)


def why_not(
    row: Escalation | None, *, limit: Decimal | None = LIMIT, actor: str = ALICE, **rights: Any
) -> str:
    return as_of._why_not(actor, SPECIALIST | rights, limit, row)


# --- why not ------------------------------------------------------------------------------------------------


def test_whoever_answers_the_queue_and_reaches_the_amount_could_have() -> None:
    assert why_not(question()) == ""


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ({"active": False}, "the account was closed"),
        ({"groups": []}, "not in a group that decides this"),
        ({"groups": ["auditor"]}, "not in a group that decides this"),
        ({"groups": ["admin"]}, "not in a group that decides this"),
        ({"department": "finance"}, "answers finance, not procurement"),
        ({"groups": ["auditor", "specialist"]}, ""),
        ({"department": ""}, ""),  # without a department a specialist works for everybody
        ({"groups": ["manager"], "department": "finance"}, ""),  # a manager answers every queue
        # the account comes first: nobody is told of a limit that no longer matters
        ({"active": False, "groups": []}, "the account was closed"),
    ],
)
def test_the_first_thing_in_the_way_is_named(rights: dict[str, Any], words: str) -> None:
    assert why_not(question(), **rights) == words


def test_where_nothing_was_asked_only_group_and_account_count() -> None:
    assert why_not(None) == ""
    assert why_not(None, department="finance", limit=None) == ""
    assert why_not(None, groups=["auditor"]) == "not in a group that decides this"


@pytest.mark.parametrize(
    ("kind", "groups", "words"),
    [
        ("payment_run", ["specialist"], "not in a group that decides this"),
        ("payment_run", ["manager"], ""),
        ("statement", ["specialist"], ""),
        ("policy", ["specialist"], "not in a group that decides this"),
    ],
)
def test_each_kind_of_question_has_its_own_groups(kind: str, groups: list[str], words: str) -> None:
    assert why_not(question(kind=kind, reasons=[]), groups=groups) == words


def test_whoever_made_it_could_not_have_countersigned_it() -> None:
    assert why_not(question(makers=["human:2", ALICE])) == "made it"
    assert why_not(question(makers=["human:11"])) == ""  # the key as a whole, not as a part of another
    assert why_not(question(makers=[ALICE]), groups=["manager"]) == "made it"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("24999.99", ""),
        ("25000.00", ""),  # up to the limit, the limit included
        ("25000.01", "signs up to 25,000.00"),
        ("-25000.00", ""),  # a credit note counts by its size
        ("-25000.01", "signs up to 25,000.00"),
        ("0.00", ""),
    ],
)
def test_the_limit_is_the_last_amount_that_one_signs(amount: str, words: str) -> None:
    assert why_not(question(amount_company=Decimal(amount))) == words


def test_a_limit_of_nothing_signs_nothing() -> None:
    assert why_not(question(), limit=Decimal(0)) == "signs up to 0.00"
    assert why_not(question(), limit=None) == "no right to sign"


def test_where_the_stake_was_not_known_nobody_could_have_approved() -> None:
    assert why_not(question(amount_company=None)) == "what is at stake was not known"
    assert why_not(question(amount=None, amount_company=None)) == "what is at stake was not known"
    manager = {"groups": ["manager"], "department": ""}
    assert why_not(question(amount_company=None), **manager) == "what is at stake was not known"


def test_where_nothing_was_at_stake_no_limit_is_needed() -> None:
    """As when it was answered: a question about no amount is over nobody's limit."""
    row = question(kind="statement", queue="finance", reasons=[], amount=None, amount_company=None)
    assert why_not(row, department="finance") == ""
    assert why_not(row, department="finance", limit=None) == ""


def test_a_hold_of_a_person_was_theirs_or_a_managers_to_lift() -> None:
    """Whoever answers the queue is not told that they answer another one."""
    held = question(reasons=[{"code": "manual", "department": "procurement", "set_by": "human:2"}])
    said = why_not(held)
    assert "procurement" not in said
    assert "holds this invoice" in said
    assert why_not(held, actor="human:2", department="finance") == ""
    assert why_not(held, groups=["manager"]) == ""


def test_a_question_of_which_all_was_anothers_says_whose_it_was() -> None:
    row = question(reasons=[{"code": "tax_mismatch", "department": "finance"}])
    assert why_not(row) == "this is for finance to decide"


def test_whoever_works_for_everybody_is_not_said_to_answer_no_queue() -> None:
    row = question(kind="invoice", queue="payments", reasons=[])
    assert why_not(row, department="") == "only managers answer payments"
    assert why_not(row, department="finance") == "answers finance, not payments"
    assert why_not(row, groups=["manager"]) == ""


# --- limits -------------------------------------------------------------------------------------------------


@pytest.fixture
def policy(db: None) -> Policy:
    return policies.active()


@pytest.mark.parametrize(
    ("groups", "own", "limit"),
    [
        (["specialist"], "", "25000.00"),
        (["manager"], "", "1000000.00"),
        (["specialist", "manager"], "", "1000000.00"),  # the highest of one's groups
        (["auditor"], "", None),
        ([], "", None),
        (["manager"], "500.00", "500.00"),  # one's own goes before that of any group
        (["specialist"], "90000.00", "90000.00"),
        (["specialist"], "0.00", "0.00"),  # nothing is a limit, too
        (["auditor"], "70.00", "70.00"),
    ],
)
def test_ones_own_limit_goes_before_those_of_groups(
    policy: Policy, groups: list[str], own: str, limit: str | None
) -> None:
    found = as_of._limit(SPECIALIST | {"groups": groups, "limit": own}, policy)
    assert found == (None if limit is None else Decimal(limit))


def test_before_the_first_policy_only_a_limit_of_ones_own_is_known() -> None:
    assert as_of._limit(SPECIALIST, None) is None
    assert as_of._limit(SPECIALIST | {"limit": "5.00"}, None) == Decimal("5.00")


# --- as it was when it was answered -------------------------------------------------------------------------


CASES: dict[str, tuple[tuple[cast.Row, ...], dict[str, str]]] = {
    "for procurement": ((cast.bill(unit_price="11.00"),), {}),
    "over the limit of specialists": ((cast.bill(quantity="100", unit_price="400.00"),), {}),
    "for finance": ((cast.bill(tax="197.00"),), {}),
    "of a limit of one's own": ((cast.bill(unit_price="11.00"),), {"alice": "100.00", "carol": "1309.00"}),
    "one cent over it": ((cast.bill(unit_price="11.00"),), {"alice": "1308.99", "dave": "0.00"}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_whoever_is_said_to_have_been_able_to_is_whom_the_desk_lets_answer(people: Cast, case: str) -> None:
    bills, limits = CASES[case]
    for name, limit in limits.items():
        profile = SigningProfile.objects.get(user__username=name)
        profile.limit = Decimal(limit)
        profile.save()
    cast.trade(*bills)
    row = cast.question()
    everybody = User.objects.filter(is_active=True)  # as they are now
    told = {s.name: s.could for s in invoice_as_of(cast.invoice(), cast.moment()).signers}
    assert told == {user.first_name: not signing.objection(row, user, "approve") for user in everybody}
    assert any(told.values())
    assert not all(told.values())


@pytest.mark.django_db
def test_those_who_could_have_stand_first_and_each_part_by_name(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    found = invoice_as_of(cast.invoice(), cast.moment()).signers
    assert [(s.name, s.could) for s in found] == [
        ("Alice", True),
        ("Carol", True),
        ("Dave", True),
        ("Bob", False),
        ("Erin", False),
        ("Frank", False),
    ]
