"""Whether a person may sign, to the cent, and who is named instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reviews import kinds, policy, signing
from reviews.kinds import KINDS, Kind
from reviews.models import Escalation, SigningProfile
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

CENT = Decimal("0.01")


def question(company: str | None = "1000.00", **changes: Any) -> Escalation:
    """A question for procurement about so much; it need not be stored to be judged."""
    amount = None if company is None else Decimal(company)
    plain: dict[str, Any] = {
        "subject": "order/7",  # no invoice: what is asked about has no maker
        "kind": "statement",
        "queue": "procurement",
        "reasons": [],
        "makers": [],
        "currency": "EUR",
        "amount": amount,
        "amount_company": amount,
    }
    return Escalation(**plain | changes)


def objection(user: User, row: Escalation, verdict: str = "approve") -> str:
    return signing.objection(row, User.objects.get(pk=user.pk), verdict)


# --- limits -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "may"),
    [("25000.00", True), ("25000.01", False), ("-25000.00", True), ("-25000.01", False), ("0", True)],
)
def test_a_specialist_signs_up_to_their_limit_and_not_a_cent_more(
    people: Cast, amount: str, may: bool
) -> None:
    assert (objection(people.alice, question(amount)) == "") is may


@pytest.mark.parametrize(("amount", "may"), [("1000000.00", True), ("1000000.01", False)])
def test_a_manager_has_a_limit_too(people: Cast, amount: str, may: bool) -> None:
    assert (objection(people.carol, question(amount)) == "") is may


def test_who_is_over_their_limit_hears_both_sums_and_who_may(people: Cast) -> None:
    assert objection(people.alice, question("25000.01")) == (
        "EUR 25,000.01 is over your limit of EUR 25,000.00. Hand over to Carol or Dave."
    )


def test_a_credit_note_over_the_limit_is_said_by_its_size(people: Cast) -> None:
    assert "EUR 30,000.00 is over" in objection(people.alice, question("-30000.00"))


def test_what_counts_is_the_sum_in_company_currency(people: Cast) -> None:
    yen = question("160.00", currency="JPY", amount=Decimal("25600"))
    assert objection(people.alice, yen) == ""
    dinar = question("29000.00", currency="KWD", amount=Decimal("9000"))
    assert "EUR 29,000.00 is over" in objection(people.alice, dinar)


def test_over_everybodys_limit_nobody_is_named_by_name(people: Cast) -> None:
    assert objection(people.carol, question("1000000.01")).endswith("Hand over to somebody who may sign it.")


def test_a_limit_of_ones_own_may_be_lower_and_higher_than_the_groups(people: Cast) -> None:
    SigningProfile.objects.filter(user=people.alice).update(limit=Decimal("40000.00"))
    SigningProfile.objects.filter(user=people.carol).update(limit=Decimal("0.00"))
    assert objection(people.alice, question("40000.00")) == ""
    assert objection(people.carol, question("0.01")) == (
        "EUR 0.01 is over your limit of EUR 0.00. Hand over to Dave or Alice."
    )


# --- who is named -------------------------------------------------------------------------------------------


def test_a_question_of_another_department_is_handed_to_that_one_first(people: Cast) -> None:
    assert objection(people.alice, question(queue="finance")) == (
        "This question is one for finance; you answer those of procurement. Hand over to Bob or Carol."
    )


def test_managers_are_named_first_where_it_is_about_a_limit(people: Cast) -> None:
    cast.person("gina", "specialist", "procurement", limit="90000.00")
    assert signing.signers(question("25000.01")) == ["Carol", "Dave", "Gina"]
    assert signing.signers(question("25000.01"), department_first=True) == ["Gina", "Carol", "Dave"]


def _closed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _over(user: User) -> None:
    SigningProfile.objects.filter(user=user).update(until=timezone.now() - timedelta(seconds=1))


def _low(user: User) -> None:
    SigningProfile.objects.filter(user=user).update(limit=CENT)


def _without_group(user: User) -> None:
    user.groups.clear()


@pytest.mark.parametrize("end", [_closed, _over, _low, _without_group])
def test_nobody_is_named_who_could_not_sign(people: Cast, end: Callable[[User], None]) -> None:
    end(people.carol)
    assert signing.signers(question("30000.00")) == ["Dave"]


def test_whose_access_ends_later_is_named_until_then(people: Cast) -> None:
    SigningProfile.objects.filter(user=people.dave).update(until=timezone.now() + timedelta(hours=1))
    assert signing.signers(question("30000.00")) == ["Carol", "Dave"]


def test_who_is_in_two_groups_is_named_once(people: Cast) -> None:
    from django.contrib.auth.models import Group

    people.carol.groups.add(Group.objects.get(name="specialist"))
    assert signing.signers(question("30000.00")) == ["Carol", "Dave"]


def test_no_maker_is_named(people: Cast) -> None:
    row = question("30000.00", makers=[f"human:{people.carol.pk}"])
    assert signing.signers(row) == ["Dave"]
    assert objection(people.carol, row) == (
        "You made what is decided here; someone else has to countersign. Hand over to Dave."
    )


def test_where_nobody_else_may_the_accounts_have_to_name_another(people: Cast) -> None:
    row = question("30000.00", makers=[f"human:{u.pk}" for u in (people.carol, people.dave)])
    assert objection(people.carol, row) == (
        "You made what is decided here; someone else has to countersign. Nobody else here may sign it:"
        " whoever keeps the accounts names another manager or specialist."
    )


# --- makers -------------------------------------------------------------------------------------------------


@pytest.fixture
def wine() -> Any:
    """A kind of another trade, gone after the test."""
    before = dict(KINDS)
    kind = Kind(
        name="wine", words="wine", answers=KINDS["statement"].answers, carry_out=lambda *_: None, reasons={}
    )
    kinds.register(kind)
    yield kind
    KINDS.clear()
    KINDS.update(before)


def test_makers_of_then_and_of_now_are_makers(people: Cast, wine: Kind) -> None:
    then, now = f"human:{people.alice.pk}", f"human:{people.bob.pk}"
    KINDS["wine"] = replace(wine, makers=lambda _: {now: "brought the cork"})
    row = question(kind="wine", makers=[then])
    assert signing.makers(row) == {then: "", now: "brought the cork"}
    assert objection(people.alice, row).startswith("You made what is decided here; ")
    assert "(brought the cork)" in objection(people.bob, row)


def test_a_maker_of_both_times_is_told_what_they_brought(people: Cast, wine: Kind) -> None:
    me = f"human:{people.alice.pk}"
    KINDS["wine"] = replace(wine, makers=lambda _: {me: "brought the cork"})
    assert signing.makers(question(kind="wine", makers=[me])) == {me: "brought the cork"}


# --- what is not known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "company", "has_stake", "unknown"),
    [
        (None, None, False, False),  # a question about no money
        (None, None, True, True),
        (Decimal(5), None, False, True),  # a sum, and no rate for it
        (Decimal(5), None, True, True),
        (Decimal(5), Decimal(5), True, False),
        (None, Decimal(5), True, False),
        (Decimal(0), None, False, True),
    ],
)
def test_a_stake_is_unknown_where_there_is_one_and_no_sum_in_company_currency(
    wine: Kind, amount: Decimal | None, company: Decimal | None, has_stake: bool, unknown: bool
) -> None:
    KINDS["wine"] = replace(wine, has_stake=has_stake)
    assert signing.stake_unknown(Escalation(kind="wine", amount=amount, amount_company=company)) is unknown


def test_what_is_unknown_is_over_every_limit_and_a_manager_may_reject_it(people: Cast) -> None:
    row = question(None, amount=Decimal("9.00"), currency="KWD")
    for user in (people.alice, people.carol):
        assert "there is no rate for KWD. Take in a list of rates" in objection(user, row)
    assert objection(people.carol, row, "reject") == ""
    assert objection(people.alice, row, "reject") != ""
    assert "there is no rate for its currency" in objection(
        people.carol, question(None, amount=CENT, currency="")
    )


def test_where_no_amount_can_be_read_the_kind_says_what_else_is_done(people: Cast, wine: Kind) -> None:
    KINDS["wine"] = replace(wine, has_stake=True)
    row = question(None, kind="wine")
    assert objection(people.carol, row).endswith("Nobody can approve it; a manager rejects it.")
    KINDS["wine"] = replace(wine, has_stake=True, instead="or sends it back")
    assert objection(people.carol, row).endswith("a manager rejects it, or sends it back.")


def test_a_question_about_no_money_is_over_nobodys_limit(people: Cast) -> None:
    SigningProfile.objects.filter(user=people.alice).update(limit=Decimal(0))
    assert objection(people.alice, question(None)) == ""


# --- where rules come from ----------------------------------------------------------------------------------


def test_without_an_owner_of_rules_nobody_has_a_limit_and_sums_have_no_currency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy, "LIMITS", [])
    monkeypatch.setattr(policy, "CURRENCY", [])
    assert (policy.limit_of("manager"), policy.currency()) == (None, "")
    assert signing._money(Decimal("1234.5")) == "1,234.50"


def test_the_first_owner_of_rules_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "LIMITS", [lambda _: Decimal(1), lambda _: Decimal(2)])
    monkeypatch.setattr(policy, "CURRENCY", [lambda: "SEK", lambda: "EUR"])
    assert (policy.limit_of("manager"), policy.currency()) == (Decimal(1), "SEK")
    assert signing._money(Decimal(5)) == "SEK 5.00"
