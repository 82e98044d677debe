"""What one person alone does not put in force: first accounts, unblocking, names, terms, rates out of
line."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents.company_names import nearly_same
from coordination.models import BankAccount, Rate, Vendor
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import IBAN, OTHER_IBAN, Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict() -> object:
    """An installation as it is without the setting of the trial."""
    with override_settings(COUNTERSIGN_TRUST_FIRST_IMPORT=False):
        yield


def question(kind: str = "master_data") -> Escalation:
    return Escalation.objects.get(kind=kind, status="open")


def who(user: User) -> str:
    return f"human:{user.pk}"


# --- first accounts --------------------------------------------------------------------------------


def second_vendor(**changes: object) -> cast.Row:
    return vendor(vendor_id="V-2", name="Second Ltd", vat_id="", iban=OTHER_IBAN, **changes)


def test_accounts_of_a_first_import_are_verified_however_many_files_it_is(strict: None) -> None:
    take_in(table("vendors", vendor()), table("vendors", second_vendor()))
    assert set(BankAccount.objects.values_list("status", flat=True)) == {"verified"}
    assert not Escalation.objects.exists()


def test_the_first_account_of_a_later_vendor_waits_for_a_manager_who_did_not_bring_it(
    strict: None, people: Cast
) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", second_vendor()), actor=who(people.carol))
    take_in(
        table("orders", order(vendor_id="V-2")),
        table("receipts", receipt()),
        table("invoices", bill(vendor_id="V-2", iban=OTHER_IBAN)),
    )
    cast.drain()
    assert "bank_change_unverified" in standing()[2]
    asked = question("vendor_bank")
    for nobody in (people.carol, people.alice):
        with pytest.raises(NotAllowed):
            cast.answer(asked, "approve", by=nobody)
    cast.answer(asked, "approve", by=people.dave, reason="account_confirmed")
    cast.drain()
    assert BankAccount.objects.get(vendor__vendor_id="V-2").status == "verified"
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_refused_first_account_leaves_the_vendor_without_one(strict: None, people: Cast) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", second_vendor()))
    cast.answer(question("vendor_bank"), "reject", by=people.dave)
    assert [a.status for a in BankAccount.objects.filter(vendor__vendor_id="V-2")] == ["refused"]
    cast.assert_sound()


def test_an_account_that_a_known_vendor_never_had_is_a_proposal(strict: None) -> None:
    take_in(table("vendors", vendor(iban="")))
    take_in(table("vendors", vendor()))
    assert BankAccount.objects.get().status == "proposed"


def test_the_setting_of_a_trial_verifies_first_accounts_and_no_change() -> None:
    take_in(table("vendors", vendor(iban="")), table("vendors", second_vendor()))
    take_in(table("vendors", vendor(), second_vendor()))
    assert set(BankAccount.objects.values_list("status", flat=True)) == {"verified"}
    take_in(table("vendors", vendor(iban="FR1420041010050500013M02606")))
    assert BankAccount.objects.get(vendor__vendor_id="V-1", status="proposed")
    assert BankAccount.objects.get(vendor__vendor_id="V-1", status="verified").number == IBAN


# --- changes of a vendor ---------------------------------------------------------------------------

CHANGES = [
    ("name", "Siemens AG"),
    ("payment_terms", "immediate"),
    ("payment_terms", ""),
    ("vat_id", "DE811569869"),
    ("status", "active"),
]
BEFORE = {"status": "blocked"}


@pytest.mark.parametrize(("field", "value"), CHANGES)
def test_a_change_that_leads_money_elsewhere_waits_for_another_manager(
    people: Cast, field: str, value: str
) -> None:
    before = vendor(**({"status": "blocked"} if field == "status" else {}))
    take_in(table("vendors", before))
    was = getattr(Vendor.objects.get(), field)
    changed = table("vendors", {**before, field: value})
    assert [x.result for x in take_in(changed, actor=who(people.carol)).lines] == ["accepted"]
    assert getattr(Vendor.objects.get(), field) == was
    assert [x.result for x in take_in(changed).lines] == ["unchanged"]  # it is proposed
    with pytest.raises(NotAllowed, match="You made"):
        cast.answer(question(), "approve", by=people.carol)
    with pytest.raises(NotAllowed):
        cast.answer(question(), "approve", by=people.alice)
    cast.answer(question(), "approve", by=people.dave)
    assert getattr(Vendor.objects.get(), field) == value
    assert [x.result for x in take_in(changed).lines] == ["unchanged"]
    cast.assert_sound()


def test_a_refused_change_leaves_the_vendor_as_it_is_and_may_be_proposed_again(people: Cast) -> None:
    take_in(table("vendors", vendor()))
    changed = table("vendors", vendor(name="Siemens AG"))
    take_in(changed)
    cast.answer(question(), "reject", by=people.dave)
    assert Vendor.objects.get().name == "Hartmann GmbH"
    assert [x.result for x in take_in(changed).lines] == ["accepted"]
    assert question().case["changes"] == {"name": "Siemens AG"}
    cast.assert_sound()


def test_a_second_change_joins_the_first_and_who_brought_either_does_not_answer(people: Cast) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(name="Siemens AG")), actor=who(people.carol))
    take_in(table("vendors", vendor(payment_terms="net 5")), actor=who(people.dave))
    assert question().case["changes"] == {"name": "Siemens AG", "payment_terms": "net 5"}
    for maker in (people.carol, people.dave):
        with pytest.raises(NotAllowed):
            cast.answer(question(), "approve", by=maker)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "HARTMANN G.m.b.H."), ("payment_terms", "Net 30"), ("country", "AT"), ("currency", "CHF")],
)
def test_spelling_and_what_leads_no_money_anywhere_take_effect_at_once(field: str, value: str) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(**{field: value})))
    assert getattr(Vendor.objects.get(), field) == value
    assert not Escalation.objects.exists()


def test_blocking_takes_effect_at_once_and_unblocking_waits(people: Cast) -> None:
    cast.trade()
    take_in(table("vendors", vendor(status="blocked")))
    cast.drain()
    assert standing()[2] == ["supplier_blocked"]
    take_in(table("vendors", vendor()))
    cast.drain()
    assert standing()[2] == ["supplier_blocked"]
    cast.answer(question(), "approve", by=people.dave)
    assert Vendor.objects.get().status == "active"
    cast.assert_sound()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Müller & Söhne GmbH", "MUELLER UND SOHNE", True),
        ("Müller GmbH", "Muller gmbh", True),
        ("Hartmann GmbH", "Hartman GmbH", True),
        ("Hartmann GmbH", "Siemens AG", False),
        ("Works 1 Ltd", "Works 2 Ltd", False),
        ("ABC", "ABD", False),
        ("AG", "GmbH", False),
    ],
)
def test_what_is_another_spelling_of_a_name(one: str, other: str, same: bool) -> None:
    assert nearly_same(one, other) is same


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_of_names_is_symmetric_and_every_name_is_its_own(one: str, other: str) -> None:
    assert nearly_same(one, one)
    assert nearly_same(one, other) == nearly_same(other, one)


# --- rates -----------------------------------------------------------------------------------------


def rate(value: str, day: str = "2026-11-14", currency: str = "SEK") -> cast.Row:
    return {"date": day, "currency": currency, "rate_per_eur": value}


def known(day: str = "2026-11-14") -> str:
    return str(Rate.objects.get(currency="SEK", on=day).per_eur.normalize())


@pytest.mark.parametrize(
    ("value", "asks"), [("12", False), ("8", False), ("12.01", True), ("7.99", True), ("100000", True)]
)
def test_a_rate_out_of_line_waits_and_the_old_one_stands(people: Cast, value: str, asks: bool) -> None:
    take_in(table("rates", rate("10", "2026-11-10")))
    take_in(table("rates", rate(value)), actor=who(people.carol))
    assert Rate.objects.filter(currency="SEK", on="2026-11-14").exists() is not asks
    assert Escalation.objects.filter(kind="master_data").exists() is asks
    if asks:
        with pytest.raises(NotAllowed):
            cast.answer(question(), "approve", by=people.carol)
        cast.answer(question(), "approve", by=people.dave)
        assert known() == value.replace("100000", "1E+5")
    cast.assert_sound()


def test_the_shipped_rate_is_known_too(people: Cast) -> None:
    before = Rate.objects.get(currency="SEK")
    take_in(table("rates", rate("100000")))
    assert list(Rate.objects.filter(currency="SEK")) == [before]
    cast.answer(question(), "reject", by=people.dave)
    assert list(Rate.objects.filter(currency="SEK")) == [before]
    assert [x.result for x in take_in(table("rates", rate("100000"))).lines] == ["accepted"]
    assert question()


def test_many_small_steps_in_one_list_are_one_large_one() -> None:
    take_in(table("rates", rate("10", "2026-11-01")))
    steps = [rate(f"{10 * Decimal('1.19') ** n:.6f}", f"2026-11-{n + 1:02}") for n in range(1, 9)]
    take_in(table("rates", *steps))
    assert question().case["rates"]
    assert max(Rate.objects.filter(currency="SEK").values_list("per_eur", flat=True)) <= 12


def test_rates_out_of_line_of_two_lists_wait_together(people: Cast) -> None:
    take_in(table("rates", rate("10", "2026-11-10")))
    take_in(table("rates", rate("20", "2026-11-14")))
    take_in(table("rates", rate("30", "2026-11-15")))
    assert [r["on"] for r in question().case["rates"]] == ["2026-11-14", "2026-11-15"]
    cast.answer(question(), "approve", by=people.dave)
    assert (known(), known("2026-11-15")) == ("2E+1", "3E+1")


def test_one_rate_out_of_line_holds_up_no_other(people: Cast) -> None:
    take_in(table("rates", rate("10", "2026-11-10"), rate("1.10", "2026-11-10", "USD")))
    take_in(table("rates", rate("99"), rate("1.12", currency="USD")))
    assert Rate.objects.filter(currency="USD", on="2026-11-14").exists()
    assert not Rate.objects.filter(currency="SEK", on="2026-11-14").exists()
