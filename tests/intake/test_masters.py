"""Vendors, rates and orders: what changes by itself and what only a person changes."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from coordination.agents.identity import masked
from coordination.models import BankAccount, Invoice, Order, OrderLine, Rate, Vendor
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import IBAN, OTHER_IBAN, Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db


THIRD_IBAN = "FR1420041010050500013M02606"


def results(*files: bytes) -> list[str]:
    return [line.result for line in take_in(*files).lines]


def accounts() -> dict[str, str]:
    return dict(BankAccount.objects.values_list("number", "status"))


def proposal() -> Escalation:
    return Escalation.objects.get(kind="vendor_bank", status="open")


# --- bank accounts ---------------------------------------------------------------------------------


def test_the_first_account_of_a_vendor_counts_as_verified() -> None:
    take_in(table("vendors", vendor()))
    assert accounts() == {IBAN: "verified"}
    assert BankAccount.objects.get().verified_by == "system:first-import"


def test_a_change_of_account_is_a_proposal_and_the_old_one_stays_in_force() -> None:
    cast.trade()
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    assert accounts() == {IBAN: "verified", OTHER_IBAN: "proposed"}
    assert proposal().options == ["approve", "reject"]
    cast.drain()
    assert standing()[1:] == ("escalated", ["bank_change_unverified"])


def test_an_approved_change_applies_and_invoices_are_asked_about_again(people: Cast) -> None:
    cast.trade()
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    cast.drain()
    cast.answer(proposal(), "approve", by=people.carol, reason="account_confirmed")
    assert accounts() == {IBAN: "retired", OTHER_IBAN: "verified"}
    assert BankAccount.objects.get(number=OTHER_IBAN).verified_by == f"human:{people.carol.pk}"
    cast.drain()
    assert standing()[2] == ["bank_mismatch"]  # the invoice still asks for the old account
    cast.answer(cast.question(), "approve", by=people.bob)
    assert standing()[0] == "cleared"
    cast.assert_sound()


def test_a_refused_change_leaves_the_old_account_in_force(people: Cast) -> None:
    cast.trade()
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    cast.drain()
    cast.answer(proposal(), "reject", by=people.carol, reason="fraud_suspected")
    cast.drain()
    assert accounts() == {IBAN: "verified", OTHER_IBAN: "refused"}
    # the person's answer on the account was all that was missing
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_specialist_does_not_decide_a_change_of_account(people: Cast) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    with pytest.raises(NotAllowed):
        cast.answer(proposal(), "approve", by=people.alice)


def test_who_brought_the_change_does_not_confirm_it(people: Cast) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(iban=OTHER_IBAN)), actor=f"human:{people.carol.pk}")
    with pytest.raises(NotAllowed, match="You made"):
        cast.answer(proposal(), "approve", by=people.carol)
    cast.answer(proposal(), "approve", by=people.dave)


def test_a_known_account_is_no_change() -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(name="Hartmann AG")))
    assert not Escalation.objects.exists()


def test_a_second_new_account_takes_the_place_of_the_first_and_both_are_named(people: Cast) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    assert results(table("vendors", vendor(iban=THIRD_IBAN))) == ["accepted"]
    assert accounts() == {IBAN: "verified", OTHER_IBAN: "superseded", THIRD_IBAN: "proposed"}
    asked = " ".join(r["sentence"] for r in proposal().reasons)
    assert (masked(OTHER_IBAN) in asked, masked(THIRD_IBAN) in asked) == (True, True)
    cast.answer(proposal(), "approve", by=people.carol, reason="account_confirmed")
    assert accounts() == {IBAN: "retired", OTHER_IBAN: "superseded", THIRD_IBAN: "verified"}
    cast.assert_sound()


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_an_account_sent_again_after_a_decision_is_asked_about_unless_it_is_in_force(
    people: Cast, verdict: str
) -> None:
    first, second = table("vendors", vendor(iban=OTHER_IBAN)), table("vendors", vendor(iban=THIRD_IBAN))
    take_in(table("vendors", vendor()))
    take_in(first)
    take_in(second)
    assert (results(first), results(first)) == (["accepted"], ["unchanged"])
    cast.answer(proposal(), verdict, by=people.carol)
    assert results(first) == (["unchanged"] if verdict == "approve" else ["accepted"])
    assert results(second) == ["accepted"]
    assert BankAccount.objects.get(status="proposed").number == THIRD_IBAN
    cast.assert_sound()


def test_a_folder_of_old_and_new_lists_taken_in_again_changes_nothing(people: Cast) -> None:
    folder = (table("vendors", vendor()), table("vendors", vendor(iban=OTHER_IBAN)))
    take_in(*folder)
    cast.answer(proposal(), "approve", by=people.carol, reason="account_confirmed")
    entries = Entry.objects.count()
    assert results(*folder) == ["unchanged", "unchanged"]
    assert Entry.objects.count() == entries


@pytest.mark.parametrize("status", ["verified", "proposed"])
def test_the_database_keeps_one_account_in_force(status: str) -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(iban=OTHER_IBAN)))
    row = BankAccount.objects.get(status=status)
    row.pk = None
    with pytest.raises(IntegrityError, match=f"coordination_one_{status}_account"), transaction.atomic():
        cast.unseen(row).save_without_historical_record(force_insert=True)


# --- vendors and rates -----------------------------------------------------------------------------


def test_a_vendor_that_is_blocked_later_holds_what_is_not_paid() -> None:
    cast.trade()
    take_in(table("vendors", vendor(status="blocked")))
    cast.drain()
    assert standing()[1:] == ("escalated", ["supplier_blocked"])
    assert Vendor.objects.get().status == "blocked"


def test_a_changed_name_is_history() -> None:
    take_in(table("vendors", vendor()))
    take_in(table("vendors", vendor(name="Hartmann AG")))
    assert list(Vendor.history.order_by("history_id").values_list("name", flat=True)) == [
        "Hartmann GmbH",
        "Hartmann AG",
    ]


@pytest.mark.parametrize(("rate", "lane"), [("10.00", "escalated"), ("12.00", "auto")])
def test_a_rates_file_sets_what_a_threshold_means_in_another_currency(rate: str, lane: str) -> None:
    Rate.objects.all().delete()
    take_in(table("rates", {"date": "2026-09-01", "currency": "SEK", "rate_per_eur": rate}))
    money = {"currency": "SEK", "unit_price": "1000.00"}
    cast.trade(bill(**money), orders=(order(**money),))
    assert Invoice.objects.get().gross == 119000
    assert standing()[1] == lane


def test_without_a_rate_a_person_decides() -> None:
    Rate.objects.filter(currency="SEK").delete()
    cast.trade(bill(currency="SEK"), orders=(order(currency="SEK"),))
    assert standing()[1:] == ("escalated", ["over_threshold"])


# --- orders ----------------------------------------------------------------------------------------


def test_an_order_sent_again_replaces_its_lines_and_keeps_their_history() -> None:
    take_in(table("orders", order(), order(line="20")))
    take_in(table("orders", order(quantity="80")))
    row = Order.objects.get()
    assert (row.revision, row.net) == (2, Decimal(800))
    assert dict(OrderLine.objects.values_list("line", "quantity")) == {"10": 80, "20": 0}
    assert OrderLine.history.count() == 4


def test_an_invoice_is_judged_by_the_order_as_it_stands() -> None:
    cast.trade()
    assert standing()[1] == "auto"
    take_in(table("orders", order(quantity="80")))
    cast.drain()
    assert standing()[2] == ["qty_over_ordered"]
    take_in(table("orders", order(quantity="120")))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_receipt_sent_again_replaces_what_it_said() -> None:
    cast.trade(receipts=(receipt(quantity="90"),))
    assert standing()[2] == ["qty_over_received"]
    take_in(table("receipts", receipt(quantity="100")))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
