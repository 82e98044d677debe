"""What SEPA cannot carry: runs in other currencies and to accounts that are no IBAN, and a way out for
everything cleared."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from coordination.models import BankAccount, Invoice, PaymentBatch, Vendor
from coordination.services import payments
from coordination.services.payments import LeftOut, bank_days, paid_elsewhere
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import Cast, Row, bill, order, receipt, standing, table, take_in, vendor
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
P = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
ABROAD = {"iban": "000123456789", "bic": "CHASUS33", "country": "US", "currency": "USD"}


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def dollars(number: str = "INV-1", *, currency: str = "USD", address: bool = True, **changes: object) -> None:
    """Acme, of New York, bills 1,190.00 dollars (or what the currency is)."""
    row = vendor(**ABROAD | {"name": "Acme Corp", "vat_id": "", "currency": currency} | changes)
    vendors = table("vendors", row)
    if address:
        head, line = vendors.decode().splitlines()
        vendors = f"{head},street,postcode,town\n{line},1 Wall Street,10005,New York\n".encode()
    take_in(
        vendors,
        table("orders", order(currency=currency)),
        table("receipts", receipt()),
        table("invoices", bill(invoice_number=number, currency=currency, iban=row["iban"])),
    )
    cast.drain()
    assert standing(number)[0] == "cleared"


def left() -> dict[str, str]:
    return {x.invoice: x.why for x in payments.propose("human:900").left}


def written(people: Cast) -> tuple[PaymentBatch, Any]:
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    return batch, etree.fromstring(payments.export(batch.number))


def test_dollars_to_an_account_that_is_no_iban_go_as_a_payment_abroad(people: Cast) -> None:
    dollars()
    batch, root = written(people)
    assert (batch.currency, batch.scheme, batch.control_sum) == ("USD", "cross_border", Decimal("1190.00"))
    [amount] = root.iterfind(".//p:InstdAmt", P)
    assert (amount.get("Ccy"), amount.text) == ("USD", "1190.00")
    said = {
        name: root.xpath(f"string(//p:{path})", namespaces=P)
        for name, path in {
            "charges": "ChrgBr",
            "bank": "CdtrAgt//p:BICFI",
            "account": "CdtrAcct//p:Othr/p:Id",
            "town": "Cdtr//p:TwnNm",
            "country": "Cdtr//p:Ctry",
            "ours": "DbtrAcct//p:IBAN",
            "level": "SvcLvl",
            "text": "Ustrd",
        }.items()
    }
    assert said == {
        "charges": "SHAR",
        "bank": "CHASUS33",
        "account": "000123456789",
        "town": "New York",
        "country": "US",
        "ours": "DE89370400440532013000",
        "level": "",
        "text": "INV-1",
    }
    assert standing()[0] == "scheduled"
    cast.assert_sound()


def test_the_bank_answers_as_to_any_other_run(people: Cast) -> None:
    dollars()
    batch, _ = written(people)
    take_in(
        bank.status_report(
            bank.of(batch), bank.answered(batch.payments.get(), "RJCT", "RC01", currency="USD")
        )
    )
    assert batch.payments.get().status == "refused"
    cast.assert_sound()


def test_each_currency_and_each_way_has_a_run_of_its_own(people: Cast) -> None:
    rows: list[Row] = [
        vendor(),
        vendor(vendor_id="V-2", name="Acme", vat_id="", **ABROAD),
        vendor(
            vendor_id="V-3",
            name="Alpen AG",
            vat_id="",
            iban="CH9300762011623852957",
            bic="UBSWCHZH80A",
            country="CH",
        ),
    ]
    wanted = {"V-1": ("EUR", ""), "V-2": ("EUR", "cross_border"), "V-3": ("CHF", "cross_border")}
    take_in(table("vendors", *rows))
    for n, (key, (currency, _)) in enumerate(wanted.items(), 1):
        account = next(r["iban"] for r in rows if r["vendor_id"] == key)
        take_in(
            table("orders", order(order_number=f"PO-{n}", vendor_id=key, currency=currency)),
            table("receipts", receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}")),
            table(
                "invoices",
                bill(
                    invoice_number=f"B-{n}",
                    vendor_id=key,
                    order_number=f"PO-{n}",
                    currency=currency,
                    iban=account,
                ),
            ),
        )
    cast.drain()
    batches = payments.propose(by(people.carol)).batches
    found = {(b.currency, str(b.scheme)): [p.vendor.vendor_id for p in b.payments.all()] for b in batches}
    assert found == {way: [key] for key, way in wanted.items()}
    for batch in batches:
        payments.approve(batch.number, by=people.dave)
        assert payments.export(batch.number)
    cast.assert_sound()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"bic": ""}, "BIC of the vendor's bank is needed: bring it with the vendor list"),
        ({"bic": "NOTABIC"}, "NOTABIC is none: bring it"),
        ({"iban": "DE02120300000000202052", "bic": "COBADEFFXXX"}, "no valid IBAN: bring the right one"),
        ({"iban": "12345678", "bic": "COBADEFFXXX"}, "a bank in DE needs an IBAN; bring it"),
        ({"iban": "", "bic": ""}, "no verified account"),
    ],
)
def test_what_is_missing_is_named_with_what_to_bring(changes: dict[str, object], why: str) -> None:
    dollars(**changes)
    assert why in left()["INV-1"]
    assert [u.number for u in paid_elsewhere.unpayable()] == ["INV-1"]


def test_a_missing_bank_that_is_brought_is_confirmed_and_then_paid(people: Cast) -> None:
    dollars(bic="")
    take_in(table("vendors", vendor(**ABROAD | {"name": "Acme Corp", "vat_id": ""})), actor=by(people.carol))
    question = Escalation.objects.get(kind="vendor_bank", status="open")
    assert "at CHASUS33" in question.question
    assert left()["INV-1"] == "a change of the vendor's account waits to be verified"
    cast.answer(question, "approve", by=people.dave, reason="account_confirmed")
    cast.drain()
    [batch] = payments.propose("human:900").batches
    assert batch.payments.get().bic == "CHASUS33"
    cast.assert_sound()


def test_another_bank_of_the_same_number_is_another_account(people: Cast) -> None:
    dollars()
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    take_in(table("vendors", vendor(**ABROAD | {"name": "Acme Corp", "vat_id": "", "bic": "CITIUS33"})))
    with pytest.raises(LeftOut, match="a change of the vendor's account waits"):
        payments.export(batch.number)


def test_an_iban_names_its_bank_and_takes_a_bic_without_a_question(people: Cast) -> None:
    cast.trade(bill(currency="USD"), vendors=(vendor(bic=""),), orders=(order(currency="USD"),))
    [batch] = payments.propose(by(people.carol)).batches
    assert batch.payments.get().bic.startswith("COBADEFF")
    take_in(table("vendors", vendor(bic="COBADEFFXXX")))
    assert BankAccount.objects.get().bic == "COBADEFFXXX"
    assert not Escalation.objects.filter(kind="vendor_bank").exists()
    cast.assert_sound()


def test_without_a_town_it_is_paid_and_the_signer_is_told(people: Cast) -> None:
    from coordination.selectors import run_marks

    dollars(address=False)
    batch, root = written(people)
    assert root.find(".//p:Cdtr/p:PstlAdr", P) is None
    [words] = run_marks.marks(list(batch.payments.select_related("batch", "invoice"))).values()
    assert "no town: the bank may refuse it" in words


def test_yen_have_no_decimals(people: Cast) -> None:
    dollars(currency="JPY", bic="BOTKJPJT", country="JP")
    _, root = written(people)
    assert root.findtext(".//p:InstdAmt", "", P) == "1190"


def test_a_sum_that_no_bank_carries_has_another_way_out() -> None:
    take_in(
        table("vendors", vendor(**ABROAD)),
        table("orders", order(currency="JPY", unit_price="10.01")),
        table("receipts", receipt()),
        table("invoices", bill(currency="JPY", unit_price="10.01", iban=ABROAD["iban"])),
    )
    cast.drain()
    assert "state how it was paid elsewhere" in left()["INV-1"]


def test_what_a_cross_border_run_would_pay_may_be_stated_as_paid_elsewhere(people: Cast) -> None:
    dollars()
    assert [u.why for u in paid_elsewhere.unpayable()] == ["a cross-border run pays it"]
    paid_elsewhere.claim(
        cast.invoice().id,
        paid_elsewhere.Evidence(date(2026, 10, 1), "From the dollar account"),
        by=people.carol,
    )
    assert payments.propose(by(people.carol)).batches == []
    cast.answer(
        Escalation.objects.get(kind="paid_elsewhere", status="open"),
        "approve",
        by=people.dave,
        reason="evidence_seen",
    )
    assert standing()[0] == "paid"
    cast.assert_sound()


def test_an_address_brought_later_is_kept_and_one_without_town_says_nothing() -> None:
    dollars()
    take_in(table("vendors", vendor(**ABROAD | {"name": "Acme Corp", "vat_id": ""})))
    assert Vendor.objects.get().town == "New York"


# --- days ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "closed", "what"),
    [
        ("USD", "2026-11-26", "Thanksgiving"),
        ("USD", "2026-05-01", "TARGET's Labour Day"),
        ("GBP", "2026-08-31", "Summer bank holiday"),
        ("CHF", "2026-05-14", "Ascension"),
        ("JPY", "2026-05-05", "Children's Day"),
        ("EUR", "2026-12-25", "Christmas"),
        ("ILS", "2026-11-20", "Friday"),
    ],
)
def test_a_payment_waits_for_the_banks_of_both_ends(currency: str, closed: str, what: str) -> None:
    day = date.fromisoformat(closed)
    assert not bank_days.is_bank_day(day, currency), what
    assert bank_days.last_until(day, currency) < day < bank_days.first_from(day, currency)


@pytest.mark.parametrize("day", ["2026-11-26", "2026-07-03", "2026-08-31"])
def test_the_euro_does_not_wait_for_others(day: str) -> None:
    assert bank_days.is_bank_day(date.fromisoformat(day))


def test_independence_day_on_a_saturday_keeps_the_federal_reserve_open_on_friday() -> None:
    assert bank_days.is_bank_day(date(2026, 7, 3), "USD")


@settings(max_examples=40)
@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 1)), st.sampled_from(["EUR", "USD", "GBP", "JPY", "XXX", "AED"])
)
def test_the_days_of_a_currency_are_among_those_of_the_euro(day: date, currency: str) -> None:
    first = bank_days.first_from(day, currency)
    assert bank_days.is_bank_day(first)
    assert first >= bank_days.first_from(day)


def test_a_currency_may_have_a_cut_off_of_its_own(settings: LazySettings) -> None:
    noon = datetime(2026, 11, 19, 12, 30, tzinfo=UTC)  # 13:30 in Berlin
    settings.COUNTERSIGN_CUTOFFS = {"USD": (time(13), ZoneInfo("Europe/Berlin"))}
    assert bank_days.earliest(noon) == date(2026, 11, 19)
    assert bank_days.earliest(noon, "USD") == date(2026, 11, 20)


def test_a_payment_in_dollars_leaves_on_a_day_on_which_both_banks_work() -> None:
    take_in(
        table("vendors", vendor(**ABROAD)),
        table("orders", order(currency="USD")),
        table("receipts", receipt()),
        table(
            "invoices",
            bill(currency="USD", due_date="2026-11-26", issue_date="2026-11-01", iban=ABROAD["iban"]),
        ),
    )
    cast.drain()
    [batch] = payments.propose("human:900", now=datetime(2026, 11, 19, 9, tzinfo=UTC)).batches
    assert batch.execute_on == date(2026, 11, 25)


# --- nothing cleared is stuck ----------------------------------------------------------------------------

WAYS_OUT = (
    "bring",
    "state",
    "run",
    "verified",
    "hold",
    "active",
    "more than a year",
    "credit",
    "again",
    "paid on",
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(["EUR", "USD", "JPY", "GBP", "XTS"]),
    st.sampled_from(
        [
            "",
            "DE89370400440532013000",
            "DE02120300000000202052",
            "BR1500000000000010932840814P2",
            "12345678",
            "x/ü",
        ]
    ),
    st.sampled_from(["", "COBADEFFXXX", "CHASUS33", "NOBIC"]),
    st.sampled_from(["10.00", "10.01"]),
)
def test_every_cleared_invoice_is_proposed_or_told_its_way_out(
    currency: str, account: str, bic: str, price: str
) -> None:
    from django.db import transaction

    with transaction.atomic():
        take_in(
            table("vendors", vendor(iban=account, bic=bic)),
            table("orders", order(currency=currency, unit_price=price)),
            table("receipts", receipt()),
            table("invoices", bill(currency=currency, unit_price=price, iban=account)),
        )
        cast.drain()
        cleared = set(Invoice.objects.filter(state="cleared").values_list("number", flat=True))
        done = payments.propose("human:900")
        paid = {p.invoice.number for b in done.batches for p in b.payments.select_related("invoice")}
        told = {x.invoice: x.why for x in done.left}
        assert cleared == paid | set(told)
        assert all(any(word in why for word in WAYS_OUT) for why in told.values()), told
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("price", "gross", "paid"), [("94.559", "112.525", False), ("94.538", "112.50", True)]
)
def test_dinars_with_thousandths_are_left_out_with_the_amount_and_never_rounded(
    people: Cast, price: str, gross: str, paid: bool
) -> None:
    tax = str(Decimal(gross) - Decimal(price))
    dinars = {"currency": "KWD", "quantity": "1", "unit_price": price}
    head, line = (
        table("vendors", vendor(**ABROAD | {"name": "Acme Corp", "vat_id": ""})).decode().split("\n")[:2]
    )
    take_in(
        b"date,currency,rate\n2026-09-01,KWD,0.3300\n",
        f"{head},street,postcode,town\n{line},1 Wall Street,10005,New York\n".encode(),
        table("orders", order(**dinars)),
        table("receipts", receipt(quantity="1")),
        table(
            "invoices",
            bill(**dinars, iban=ABROAD["iban"], line_net=price, net=price, tax=tax, gross=gross),
        ),
    )
    cast.drain()
    if standing()[0] != "cleared":
        cast.answer(cast.question(), "override", by=people.carol)
    assert standing()[0] == "cleared"
    done = payments.propose(by(people.carol))
    assert [b.control_sum for b in done.batches] == ([Decimal(gross)] if paid else [])
    assert paid or gross in {x.invoice: x.why for x in done.left}["INV-1"]
