"""Payments that SEPA cannot carry, and which way a payment goes: account, currency, bank, amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordination.translation import cross_border, sepa
from coordination.translation.pain001 import NotPayableError, PaymentFileError
from coordination.translation.sepa import PaymentFile, PostalAddress, Transfer

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
GERMAN, FRENCH = "DE02120300000000202051", "FR1420041010050500013M02606"
BRAZILIAN, SWISS = "BR1500000000000010932840814P2", "CH9300762011623852957"
TRANSFER = Transfer(
    "pay-1", "Acme Inc.", "000123456789", Decimal("107.50"), "INV-1", bic="CHASUS33", currency="USD"
)
BATCH = PaymentFile(
    batch_id="batch-7",
    created_at=datetime(2026, 11, 22, 10, 30),
    execution_date=date(2026, 11, 24),
    debtor="Käufer AG",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    transfers=(TRANSFER,),
)


def lacking(**changes: Any) -> str:
    return cross_border.lacking(replace(TRANSFER, **changes))


def file(*transfers: Transfer, **changes: Any) -> etree._Element:
    batch = replace(BATCH, transfers=transfers or BATCH.transfers, **changes)
    return etree.fromstring(cross_border.payment_file(batch))


def at(root: etree._Element, path: str) -> list[str]:
    steps = "/".join(f"p:{name}" for name in path.split("/"))
    return [element.text or "" for element in root.iterfind(f".//{steps}", NS)]


# --- which way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "account", "carried"),
    [
        ("EUR", GERMAN, True),
        ("EUR", "DE02 1203 0000 0000 2020 51", True),
        ("EUR", SWISS, True),
        ("CHF", SWISS, False),
        ("USD", GERMAN, False),
        ("EUR", BRAZILIAN, False),
        ("EUR", "DE02120300000000202052", False),
        ("EUR", "000123456789", False),
        ("EUR", "", False),
        ("USD", "", False),
        ("eur", GERMAN, False),
    ],
)
def test_sepa_carries_euro_to_an_account_of_its_countries_and_nothing_else(
    currency: str, account: str, carried: bool
) -> None:
    assert sepa.carries(currency, account) is carried


EPC409_09 = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT "
    "RO RS SE SI SK SM VA"
)
"""Countries of the scheme by the first letters of their IBANs, as the council of payments prints them."""


def test_a_bank_in_a_country_of_sepa_wants_an_iban_unless_it_is_swiss_or_british() -> None:
    wants = {
        country: f"a bank in {country} needs an IBAN" in lacking(iban="12345678", bic=f"ABCD{country}22")
        for country in EPC409_09.split()
    }
    assert {country for country, said in wants.items() if not said} == {"CH", "GB"}
    assert set(wants) == sepa.SEPA_COUNTRIES


@pytest.mark.parametrize("country", ["US", "JP", "BR", "KW", "UA", "TR"])
def test_a_bank_elsewhere_takes_an_account_of_any_form(country: str) -> None:
    assert lacking(iban="12345678", bic=f"ABCD{country}22") == ""


# --- account and bank ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("1", ""),
        ("1" * 34, ""),
        ("1" * 35, "more than 34 signs"),
        ("", "more than 34 signs, or signs that no bank takes"),
        ("12/34-56", ""),
        ("12#34", "signs that no bank takes"),
        ("１２３４", ""),
        ("１２#４", "signs that no bank takes"),
        (GERMAN, ""),
        ("DE02120300000000202052", "no valid IBAN"),
        ("XX0212030000000", "no valid IBAN"),
        ("XX02120300000", ""),
        (BRAZILIAN, ""),
    ],
)
def test_an_account_is_a_right_iban_or_what_a_bank_can_take(account: str, said: str) -> None:
    assert said in lacking(iban=account)
    assert bool(lacking(iban=account)) is bool(said)


@pytest.mark.parametrize(
    ("bic", "said"),
    [
        ("CHASUS33", ""),
        ("CHASUS33XXX", ""),
        ("chasus33", ""),
        (" CHASUS33 ", ""),
        ("", "not payable by SEPA transfer, so that the BIC of the vendor's bank is needed"),
        ("  ", "not payable by SEPA transfer, so that the BIC of the vendor's bank is needed"),
        ("CHASUS3", "CHASUS3 is none"),
        ("CHASUS33XX", "CHASUS33XX is none"),
        ("021000021", "021000021 is none"),
    ],
)
def test_the_bank_is_named_by_a_bic_of_eight_or_eleven_signs(bic: str, said: str) -> None:
    assert said in lacking(bic=bic)
    assert bool(lacking(bic=bic)) is bool(said)
    assert not said or "bring it with the vendor list (bic)" in lacking(bic=bic)


# --- amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "payable"),
    [
        ("0.01", "USD", True),
        ("0.009", "USD", False),
        ("0", "USD", False),
        ("-1", "USD", False),
        ("999999999999.99", "USD", True),
        ("1000000000000.00", "USD", False),
        ("1", "JPY", True),
        ("1.00", "JPY", True),
        ("0.5", "JPY", False),
        ("1.50", "JPY", False),
        ("1.50", "HUF", True),
        ("NaN", "USD", False),
        ("Infinity", "USD", False),
    ],
)
def test_an_amount_is_above_nothing_and_has_no_smaller_unit_than_its_currency(
    amount: str, currency: str, payable: bool
) -> None:
    said = lacking(amount=Decimal(amount), currency=currency)
    assert (said == "") is payable
    assert payable or said.endswith(f"a bank pays in {currency}: state how it was paid elsewhere")


@pytest.mark.xfail(
    strict=True,
    reason="amounts of clearances and payments have two decimals; a dinar has a thousand fils (ISO 4217)",
)
def test_a_dinar_is_paid_to_the_thousandth() -> None:
    assert lacking(amount=Decimal("107.505"), currency="KWD") == ""


@pytest.mark.parametrize("currency", ["", "US", "USDT", "12A"])
def test_what_is_no_currency_is_said_to_be_none(currency: str) -> None:
    assert f"{currency or 'no currency'} is no currency that a bank knows" in lacking(currency=currency)


# --- the file -----------------------------------------------------------------------------------------------


def test_a_payment_abroad_shares_its_charges_and_asks_for_no_service_level() -> None:
    root = file()
    assert at(root, "ChrgBr") == ["SHAR"]
    assert at(root, "PmtTpInf/InstrPrty") == ["NORM"]
    assert at(root, "PmtTpInf/SvcLvl/Cd") == []
    assert at(root, "PmtMtd") == ["TRF"]
    assert at(root, "BtchBookg") == ["false"]


def test_it_is_paid_from_our_account_of_which_no_currency_is_said() -> None:
    """`Ccy` tells apart accounts under one number; what ours is kept in nobody stated."""
    root = file()
    assert at(root, "DbtrAcct/Id/IBAN") == ["DE89370400440532013000"]
    assert at(root, "DbtrAcct/Ccy") == []
    assert at(root, "DbtrAgt/FinInstnId/BICFI") == ["COBADEFFXXX"]
    assert [e.get("Ccy") for e in root.iterfind(".//p:InstdAmt", NS)] == ["USD"]


def test_our_own_bank_may_be_unnamed() -> None:
    assert at(file(bic=""), "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]


@pytest.mark.parametrize(
    ("account", "path"),
    [(BRAZILIAN, "CdtrAcct/Id/IBAN"), ("000 123", "CdtrAcct/Id/Othr/Id")],
)
def test_an_account_stands_where_its_kind_belongs(account: str, path: str) -> None:
    other = {"CdtrAcct/Id/IBAN", "CdtrAcct/Id/Othr/Id"} - {path}
    root = file(replace(TRANSFER, iban=account))
    assert at(root, path) == [account.replace(" ", "")]
    assert at(root, other.pop()) == []


@pytest.mark.parametrize(
    ("amount", "currency", "written", "total"),
    [
        ("1500", "JPY", "1500", "1500.00"),
        ("1500", "USD", "1500.00", "1500.00"),
        ("0.10", "USD", "0.10", "0.10"),
    ],
)
def test_yen_are_written_without_decimals_and_dollars_with_two(
    amount: str, currency: str, written: str, total: str
) -> None:
    root = file(replace(TRANSFER, amount=Decimal(amount), currency=currency))
    assert at(root, "InstdAmt") == [written]
    assert at(root, "GrpHdr/CtrlSum") == [total]


def test_each_day_is_a_group_with_its_own_count_and_sum_in_order_of_days() -> None:
    days = (date(2026, 12, 2), None, date(2026, 12, 2))
    transfers = tuple(
        replace(TRANSFER, payment_id=f"pay-{n}", amount=Decimal(n), execution_date=day)
        for n, day in enumerate(days, 1)
    )
    root = file(*transfers)
    assert at(root, "PmtInf/ReqdExctnDt/Dt") == ["2026-11-24", "2026-12-02"]
    assert at(root, "PmtInf/NbOfTxs") == ["1", "2"]
    assert at(root, "PmtInf/CtrlSum") == ["2.00", "4.00"]
    assert at(root, "GrpHdr/NbOfTxs") == ["3"]
    assert at(root, "EndToEndId") == ["pay-2", "pay-1", "pay-3"]
    assert at(root, "PmtInf/PmtInfId") == ["batch-7001", "batch-7002"]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (PostalAddress("5th Avenue", "1", "10001", "New York", " us "), ["New York", "US"]),
        (PostalAddress("5th Avenue", "1", "10001", "", "US"), []),
        (PostalAddress("5th Avenue", "1", "10001", "New York", ""), []),
        (PostalAddress(town="New York", country="USA"), []),
        (PostalAddress(town="北京", country="CN"), ["Bei Jing", "CN"]),
    ],
)
def test_an_address_needs_a_town_and_a_country_of_two_letters(
    address: PostalAddress, written: list[str]
) -> None:
    root = file(replace(TRANSFER, address=address))
    assert at(root, "Cdtr/PstlAdr/TwnNm") + at(root, "Cdtr/PstlAdr/Ctry") == written


@pytest.mark.parametrize("length", [35, 36])
def test_an_id_of_35_signs_is_the_longest(length: int) -> None:
    transfer = replace(TRANSFER, payment_id="p" * length)
    if length == 35:
        assert at(file(transfer), "EndToEndId") == ["p" * 35]
        return
    with pytest.raises(NotPayableError, match="at most 35"):
        file(transfer)


def test_a_name_is_cut_at_seventy_signs_and_the_text_at_140() -> None:
    root = file(replace(TRANSFER, creditor="A" * 80, remittance="B" * 150))
    assert at(root, "Cdtr/Nm") == ["A" * 70]
    assert at(root, "RmtInf/Ustrd") == ["B" * 140]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iban": "nope"}, "account of Käufer AG: nope is not an IBAN"),
        ({"iban": BRAZILIAN}, "account of Käufer AG: an IBAN of BR is outside SEPA"),
        ({"bic": "NOPE"}, "account of Käufer AG: NOPE is not a BIC"),
        ({"transfers": ()}, "batch batch-7 has no payments"),
        ({"transfers": (TRANSFER, TRANSFER)}, "batch batch-7 names one payment twice"),
    ],
)
def test_a_batch_that_cannot_be_paid_says_why(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PaymentFileError) as refused:
        cross_border.payment_file(replace(BATCH, **changes))
    assert str(refused.value) == said


AMOUNTS = st.decimals("0.01", "9999999.99", places=2)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_the_sums_of_all_days_are_the_sum_of_the_file(amounts: list[Decimal], days: list[int]) -> None:
    transfers = [
        replace(TRANSFER, payment_id=f"p-{n}", amount=amount, execution_date=date(2026, 12, 1 + days[n]))
        for n, amount in enumerate(amounts)
    ]
    root = file(*transfers)
    sums = [Decimal(text) for text in at(root, "PmtInf/CtrlSum")]
    assert sum(sums) == sum(amounts) == Decimal(at(root, "GrpHdr/CtrlSum")[0])
    assert sum(map(int, at(root, "PmtInf/NbOfTxs"))) == len(amounts)
    assert len(sums) == len(set(days[: len(amounts)]))
