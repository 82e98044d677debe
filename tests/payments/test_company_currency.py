"""A company that counts in another currency than the euro: what the gate does, and what a person reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from audit import ledger, trail
from coordination.facts.exchange_rates import Rates
from coordination.governance import policy as rules
from coordination.models import PaymentBatch, PolicyVersion, Rate
from coordination.selectors import overview
from coordination.selectors.figures import cells, company_currency
from coordination.selectors.kpis import kpis
from coordination.services import payments, policy_versions
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db

SEK_PER_EUR = Decimal("11.46")  # shipped
House = Callable[[str], Cast]


@pytest.fixture
def house(db: None) -> House:
    """An installation whose policy counts in this currency."""

    def begin(currency: str) -> Cast:
        policy_versions.ensure_defaults()
        if currency != "EUR":
            put_in_force(json.dumps(json.loads(rules.default_text()) | {"company_currency": currency}))
        return cast.people()

    return begin


def put_in_force(text: str) -> None:
    """A draft takes the place of the policy in force, with its entry, as on the day it is activated."""
    now, by = cast.moment(), "system:test"
    new = policy_versions.draft(text, author=by)
    old = PolicyVersion.objects.get(status="active")
    stamp = trail.Stamp(by, now, "activated")
    old.status = PolicyVersion.Status.RETIRED
    changes = trail.update([old], ("status",), stamp)
    new.status, new.activated_by, new.activated_at = PolicyVersion.Status.ACTIVE, by, now
    changes += trail.update([new], ("status", "activated_by", "activated_at"), stamp)
    data = {"revision": str(new.revision), "sha256": new.sha256, "text": new.text}
    ledger.append([ledger.Event(f"policy/{new.revision}", "policy.activated", by, now, data, changes)])


def swedish(**changes: object) -> cast.Row:
    return bill(**{"currency": "SEK"} | changes)


def trade(*bills: cast.Row, currency: str = "SEK", price: str = "10.00", quantity: str = "100") -> None:
    cast.trade(
        *bills,
        vendors=(vendor(currency=currency),),
        orders=(order(currency=currency, unit_price=price, quantity=quantity),),
        receipts=(receipt(quantity=quantity),),
    )


# --- the gate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "codes"), [("84.03", []), ("84.04", ["over_threshold"])]
)  # gross 9,999.57 and 10,000.76
def test_the_threshold_is_counted_in_company_currency(house: House, price: str, codes: list[str]) -> None:
    house("SEK")
    trade(swedish(unit_price=price), price=price)
    assert standing()[1:] == (("escalated" if codes else "auto"), codes)


def test_what_comes_in_euro_is_over_a_threshold_in_crowns(house: House) -> None:
    """1,190.00 EUR are 13,637.40 SEK; where one counts in euro, nobody is asked."""
    house("SEK")
    cast.trade()
    assert standing()[1:] == ("escalated", ["over_threshold"])
    [reason] = cast.question().reasons
    assert reason["sentence"].endswith("SEK 13,637.40.")
    assert (cast.question().currency, cast.question().amount) == ("EUR", Decimal("1190.00"))
    assert cast.question().amount_company == Decimal("13637.40")


def test_what_comes_in_crowns_stays_under_it_where_one_counts_in_euro(house: House) -> None:
    house("EUR")
    trade(swedish(unit_price="1000.00"), price="1000.00")  # 119,000.00 SEK are 10,383.94 EUR
    assert standing()[1:] == ("escalated", ["over_threshold"])
    assert cast.question().amount_company == Decimal("10383.94")


@pytest.mark.parametrize("currency", ["SEK", "PLN", "HUF", "JPY", "CHF"])
def test_two_signatures_are_asked_by_what_it_comes_to_in_company_currency(
    house: House, currency: str
) -> None:
    """Over 50,000.00 of the company's own takes two people, whatever that is in euro."""
    house(currency)
    for number, price in (("INV-1", "420.00"), ("INV-2", "421.00")):  # gross 49,980.00 and 50,099.00
        cast.trade(
            bill(invoice_number=number, order_number=f"PO-{number}", unit_price=price, currency=currency),
            orders=(order(order_number=f"PO-{number}", unit_price=price, currency=currency),),
            receipts=(receipt(receipt_number=f"GR-{number}", order_number=f"PO-{number}"),),
        )
    assert [cast.question(n).quorum for n in ("INV-1", "INV-2")] == [1, 2]


def test_a_signing_limit_is_one_in_company_currency_and_says_so(house: House) -> None:
    people = house("SEK")
    cast.trade(
        bill(unit_price="22.00"), orders=(order(unit_price="10.00"),)
    )  # EUR 2,618.00 are SEK 30,002.28
    asked = cast.question()
    with pytest.raises(NotAllowed, match=r"SEK 30,002\.28 is over your limit of SEK 25,000\.00"):
        cast.answer(asked, "approve", by=people.alice, reason="difference_accepted")
    cast.answer(asked, "approve", by=people.carol, reason="difference_accepted")
    cast.drain()
    assert standing()[0] == "cleared"
    cast.assert_sound()


def test_what_is_in_the_companys_own_currency_needs_no_rate(house: House) -> None:
    house("RSD")
    assert not Rate.objects.filter(currency="RSD").exists()
    trade(bill(currency="RSD"), currency="RSD")
    assert standing() == ("cleared", "auto", [])


@given(
    st.decimals(min_value=0, max_value=10**12, places=2),
    st.decimals(min_value=Decimal("0.001"), max_value=10**5, places=5),
)
def test_an_amount_in_the_companys_own_currency_is_that_amount(amount: Decimal, per_eur: Decimal) -> None:
    on = date(2026, 9, 5)
    rates = Rates("SEK", {"SEK": [(on, per_eur)]})
    assert rates.convert(amount, "SEK", on) == amount


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.decimals(min_value=Decimal("0.1"), max_value=200, places=4),
)
def test_there_and_back_is_the_same_to_what_a_cent_is_worth(amount: Decimal, per_eur: Decimal) -> None:
    on = date(2026, 9, 5)
    table_ = {"SEK": [(on, per_eur)]}
    there = Rates("SEK", table_).convert(amount, "EUR", on)
    back = Rates("EUR", table_).convert(there, "SEK", on)
    assert back is not None
    assert abs(back - amount) <= Decimal("0.01") + Decimal("0.005") / per_eur


def other_rate() -> None:
    """EUR 952.00, over the threshold by the shipped rate (SEK 10,909.92) and not by one that a list brings
    (SEK 9,520.00)."""
    cast.trade(bill(unit_price="8.00"), orders=(order(unit_price="8.00"),))
    assert standing()[2] == ["over_threshold"]
    assert cast.question().amount_company == Decimal("10909.92")
    take_in(table("rates", {"date": "2026-09-01", "currency": "SEK", "rate_per_eur": "10.00"}))
    cast.drain()


def test_a_list_of_rates_counts_again_what_people_are_asked_about(house: House) -> None:
    house("SEK")
    other_rate()
    assert cast.question().amount_company == Decimal("9520.00")
    assert standing()[1] == "escalated"  # what was put to a person stays with that person


def test_a_reason_does_not_speak_of_a_rate_that_counts_no_more(house: House) -> None:
    house("SEK")
    other_rate()
    [reason] = cast.question().reasons
    assert not re.search(r"10,?909\.92", str(reason))
    assert reason["sentence"].startswith("SEK 9,520.00 is over no limit by the rates and rules of now.")
    cast.assert_sound()


def test_an_amount_that_is_over_the_limit_again_is_said_by_the_rate_of_now(house: House) -> None:
    people = house("SEK")
    other_rate()
    take_in(table("rates", {"date": "2026-09-02", "currency": "SEK", "rate_per_eur": "11.00"}))
    cast.drain()
    [reason] = cast.question().reasons
    assert reason["sentence"] == "Gross over 10,000.00: SEK 10,472.00."
    cast.answer(cast.question(), "approve", by=people.carol, reason="evidence_complete")
    cast.drain()
    assert standing() == ("cleared", "human", [])


@pytest.mark.parametrize(("price", "codes"), [("101.66", []), ("101.67", ["price_over"])])
def test_a_price_tolerance_is_one_in_the_currency_of_the_invoice_and_the_procedure_says_so(
    house: House, price: str, codes: list[str]
) -> None:
    """GBP 99.60 and 100.20 more on the line. Rates are for thresholds: no agent compares by one."""
    people = house("EUR")
    browser = Client()
    cast.trade(
        bill(currency="GBP", quantity="60", unit_price=price, tax_rate="0"),
        orders=(order(currency="GBP", quantity="60", unit_price="100.00", tax_rate="0"),),
        receipts=(receipt(quantity="60"),),
    )
    browser.force_login(people.erin)
    assert (
        "more than 100.00 in the currency of the invoice"
        in browser.get("/audit/procedure.md").content.decode()
    )
    assert standing()[2] == codes


# --- what a person reads ------------------------------------------------------------------------------------


PAGES = [
    "/",
    "/flow/",
    "/kpis/",
    "/invoices/",
    "/payments/",
    "/inbox/",
    "/status/?q=INV-1",
    "/audit/",
    "/coding/",
    "/statements/",
    "/audit/procedure/",
    "/audit/retention/",
    "/agents/",
]


@pytest.fixture
def pages(house: House) -> dict[str, str]:
    """The text of each page, as a manager sees it where everything is in crowns: one invoice cleared, one
    asked about."""
    people = house("SEK")
    trade(
        swedish(quantity="60"),
        swedish(invoice_number="INV-2", quantity="40", unit_price="12.00", issue_date="2026-09-20"),
    )
    browser = Client()
    browser.force_login(people.carol)
    row, asked = cast.invoice(), cast.question("INV-2")
    paths = [*PAGES, f"/invoices/{row.pk}/", f"/inbox/{asked.pk}/", f"/status/{row.pk}/"]
    found = {path: browser.get(path) for path in paths}
    assert {r.status_code for r in found.values()} == {200}
    return {path: re.sub(r"<[^>]+>", " ", r.content.decode()) for path, r in found.items()}


def test_where_everything_is_in_crowns_no_page_speaks_of_euro(pages: dict[str, str]) -> None:
    speaks = {
        path: re.findall(r".{30}\bEUR\b.{20}|€", " ".join(text.split())) for path, text in pages.items()
    }
    assert {path: found for path, found in speaks.items() if found} == {}


@pytest.mark.parametrize("path", ["/", "/flow/", "/invoices/", "/inbox/"])
def test_sums_and_amounts_are_said_in_crowns(pages: dict[str, str], path: str) -> None:
    assert "SEK" in pages[path]


def test_the_procedure_document_says_what_the_company_counts_in(pages: dict[str, str]) -> None:
    said = " ".join(pages["/audit/procedure/"].split())
    assert re.search(r"Company currency\W+SEK", said)
    assert "more than 100.00 in the currency of the invoice" in said


def test_the_worth_of_a_stage_is_in_company_currency(house: House) -> None:
    house("SEK")
    trade(swedish(quantity="50"))
    cast.trade(
        bill(invoice_number="RE-2", order_number="PO-2", quantity="50"),
        orders=(order(order_number="PO-2"),),
        receipts=(receipt(receipt_number="GR-2", order_number="PO-2"),),
    )
    assert company_currency() == "SEK"
    assert sum(c.worth for c in cells()) == Decimal("595.00") + Decimal("595.00") * SEK_PER_EUR


def test_key_figures_are_in_company_currency(house: House) -> None:
    house("PLN")
    terms = {"payment_terms": "2/10 net 30", "currency": "PLN"}
    cast.trade(
        bill(currency="PLN", issue_date=cast.days_ago(2)),
        vendors=(vendor(**terms),),
        orders=(order(currency="PLN"),),
    )
    found = kpis(30)
    assert found.cost.currency == "PLN"
    assert found.discounts.open == {"PLN": Decimal("23.80")}


def test_discounts_of_several_currencies_name_the_companys_own_first(house: House) -> None:
    people = house("PLN")
    rows = []
    for n, currency in enumerate(("EUR", "PLN"), 1):
        rows.append(
            bill(
                invoice_number=f"R{n}0{n}",
                order_number=f"PO-{n}",
                currency=currency,
                unit_price="12.00",
                issue_date=cast.days_ago(1),
            )
        )
    cast.trade(
        *rows,
        vendors=(vendor(payment_terms="2/10 net 30"),),
        orders=tuple(order(order_number=f"PO-{n}", currency=c) for n, c in enumerate(("EUR", "PLN"), 1)),
        receipts=tuple(receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in (1, 2)),
    )
    read = overview.overview(f"human:{people.carol.pk}", [], payments=True)
    assert [currency for currency, _ in read.discounts.amounts] == ["PLN", "EUR"]


# --- money out ----------------------------------------------------------------------------------------------


def stockholm() -> bytes:
    """A vendor in Sweden with the address that a bank wants."""
    row = vendor(iban="SE4550000000058398257466", bic="ESSESESS", country="SE", currency="SEK")
    head, line, *_ = table("vendors", row).decode().splitlines()
    return f"{head},street,postcode,town\n{line},Kungsgatan 1,111 43,Stockholm\n".encode()


def run_of(people: Cast) -> PaymentBatch:
    take_in(
        stockholm(),
        table("orders", order(currency="SEK")),
        table("receipts", receipt()),
        table("invoices", swedish(iban="SE4550000000058398257466")),
    )
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    return batch


def test_a_run_in_crowns_asks_in_crowns_and_writes_crowns(house: House) -> None:
    people = house("SEK")
    batch = run_of(people)
    asked = cast.Escalation.objects.get(kind="payment_run")
    assert (asked.amount, asked.amount_company) == (Decimal("1190.00"), Decimal("1190.00"))
    assert "SEK 1,190.00" in asked.question
    payments.approve(batch.number, by=people.dave)
    file = payments.export(batch.number).decode()
    assert re.findall(r'Ccy="([A-Z]{3})">([\d.]+)', file) == [("SEK", "1190.00")]
    cast.assert_sound()


def test_a_run_in_crowns_does_not_call_our_account_one_in_euro(house: House) -> None:
    people = house("SEK")
    batch = run_of(people)
    payments.approve(batch.number, by=people.dave)
    assert "EUR" not in payments.export(batch.number).decode()


def test_a_run_in_euro_is_over_a_managers_limit_in_crowns(house: House) -> None:
    people = house("SEK")
    people.dave.signing_profile.limit = Decimal("10000.00")
    people.dave.signing_profile.save()
    cast.trade(bill(quantity="80"))  # EUR 952.00 are SEK 10,909.92
    cast.answer(cast.question(), "override", by=people.carol)
    cast.drain()
    [batch] = payments.propose(f"human:{people.frank.pk}").batches
    with pytest.raises(NotAllowed, match=r"SEK 10,909\.92 is over your limit of SEK 10,000\.00"):
        payments.approve(batch.number, by=people.dave)
