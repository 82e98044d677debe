"""Payment files: what a bank gets, and what never leaves the house."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordination.translation import pain001
from coordination.translation.pain001 import (
    BrokenFileError,
    NotSepaError,
    PaymentFile,
    PaymentFileError,
    PostalAddress,
    Transfer,
    message_id,
    payment_file,
    verify,
)
from coordination.translation.sepa_text import latin

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

ADDRESS = PostalAddress("Nagelweg", "7", "50667", "Köln", "de")

TRANSFER = Transfer(
    "pay-1", "Nägel & Söhne", "DE02120300000000202051", Decimal("107.50"), "A00095678", address=ADDRESS
)

BATCH = PaymentFile(
    batch_id="batch-7",
    created_at=datetime(2026, 11, 22, 10, 30),
    execution_date=date(2026, 11, 24),
    debtor="Käufer AG",
    iban="DE89 3704 0044 0532 0130 00",
    bic="COBADEFFXXX",
    address=PostalAddress("Kaiserstraße", "1", "60311", "Frankfurt", "DE"),
    transfers=(
        TRANSFER,
        Transfer("pay-2", "Boulons SA", "FR1420041010050500013M02606", Decimal("0.01"), "F-2"),
    ),
)


def found(batch: PaymentFile, path: str) -> list[str]:
    root = etree.fromstring(payment_file(batch))
    return [element.text or "" for element in root.findall("." + path, NS)]


def with_first(**changes: object) -> PaymentFile:
    return replace(BATCH, transfers=(replace(TRANSFER, **changes), *BATCH.transfers[1:]))  # type: ignore[arg-type]


def test_the_file_carries_the_batch() -> None:
    assert found(BATCH, "//p:GrpHdr/p:NbOfTxs") == ["2"]
    assert found(BATCH, "//p:GrpHdr/p:CtrlSum") == ["107.51"]
    assert found(BATCH, "//p:ReqdExctnDt/p:Dt") == ["2026-11-24"]
    assert found(BATCH, "//p:EndToEndId") == ["pay-1", "pay-2"]
    assert found(BATCH, "//p:InstdAmt") == ["107.50", "0.01"]
    assert found(BATCH, "//p:CdtrAcct//p:IBAN") == ["DE02120300000000202051", "FR1420041010050500013M02606"]
    assert found(BATCH, "//p:DbtrAcct//p:IBAN") == ["DE89370400440532013000"]
    assert found(BATCH, "//p:Ustrd") == ["A00095678", "F-2"]


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert payment_file(BATCH) == payment_file(BATCH)
    assert found(BATCH, "//p:MsgId") == ["CS-batch-7"]
    assert found(BATCH, "//p:CreDtTm") == ["2026-11-22T10:30:00"]


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_message_ids_fit_and_differ(one: str, other: str) -> None:
    assert len(message_id(one)) <= 35
    assert message_id(one) == message_id(one)
    assert (message_id(one) == message_id(other)) == (one == other)


def test_addresses_are_structured_and_have_town_and_country() -> None:
    assert found(BATCH, "//p:Cdtr//p:TwnNm") == ["Koln"]
    assert found(BATCH, "//p:Cdtr//p:Ctry") == ["DE"]
    assert found(BATCH, "//p:Dbtr//p:StrtNm") == ["Kaiserstrasse"]
    assert found(BATCH, "//p:AdrLine") == []


@pytest.mark.parametrize(
    "address", [PostalAddress(), PostalAddress("Way", country="FR"), PostalAddress(town="Paris")]
)
def test_a_vendor_without_town_or_country_gets_no_address(address: PostalAddress) -> None:
    assert found(with_first(address=address), "//p:Cdtr/p:PstlAdr") == []


def test_an_address_key_that_is_dropped_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def dropping(address: PostalAddress) -> dict[str, str]:
        return {"town_name": address.town, "country": address.country.upper()}

    monkeypatch.setattr(pain001, "_address", dropping)
    with pytest.raises(BrokenFileError, match="TwnNm"):
        payment_file(BATCH)


def test_without_a_bic_the_bank_finds_it_from_the_iban() -> None:
    assert found(replace(BATCH, bic=""), "//p:DbtrAgt//p:Othr/p:Id") == ["NOTPROVIDED"]
    assert found(BATCH, "//p:DbtrAgt//p:BICFI") == ["COBADEFFXXX"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "USD"}, "USD"),
        ({"iban": "12345678"}, "not an IBAN"),
        ({"iban": ""}, "no account"),
        ({"iban": "DE02120300000000202052"}, "not an IBAN"),
        ({"iban": "BR1500000000000010932840814P2"}, "outside SEPA"),
        ({"bic": "SE:BANKGIRO"}, "not a BIC"),
        ({"amount": Decimal(0)}, "0.01"),
        ({"amount": Decimal("-5")}, "0.01"),
        ({"amount": Decimal("1000000000")}, "0.01"),
        ({"amount": Decimal("NaN")}, "0.01"),
        ({"amount": Decimal("1.005")}, "fractions"),
        ({"creditor": " "}, "name"),
        ({"remittance": ""}, "remittance"),
    ],
)
def test_what_cannot_go_by_sepa_is_named(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(NotSepaError, match=reason) as caught:
        payment_file(with_first(**changes))
    assert caught.value.payment_id == "pay-1"
    assert "pay-1" in str(caught.value)


@pytest.mark.parametrize("payment_id", ["", "x" * 36, "/a", "a/", "a//b", "ä", "a\nb"])
def test_an_id_that_is_no_end_to_end_id_is_refused_and_never_changed(payment_id: str) -> None:
    with pytest.raises(NotSepaError):
        payment_file(with_first(payment_id=payment_id))


def test_a_batch_without_payments_or_with_one_twice_is_refused() -> None:
    for transfers in ((), (TRANSFER, TRANSFER)):
        with pytest.raises(PaymentFileError):
            payment_file(replace(BATCH, transfers=transfers))


def test_a_batch_from_no_account_is_refused() -> None:
    with pytest.raises(PaymentFileError, match="account of"):
        payment_file(replace(BATCH, iban="nope"))


@pytest.mark.parametrize(
    "changed",
    [
        replace(BATCH, transfers=BATCH.transfers[:1]),
        with_first(amount=Decimal("107.51")),
        with_first(iban="DE89370400440532013000"),
        with_first(payment_id="pay-3"),
        with_first(address=PostalAddress()),
        with_first(address=replace(ADDRESS, town="Bonn")),
    ],
)
def test_a_file_that_says_something_else_than_the_batch_is_broken(changed: PaymentFile) -> None:
    with pytest.raises(BrokenFileError):
        verify(payment_file(BATCH), changed)


def test_a_file_that_breaks_the_schema_is_broken() -> None:
    content = payment_file(BATCH).replace(b"<NbOfTxs>2</NbOfTxs>", b"<NbOfTxs>two</NbOfTxs>")
    with pytest.raises(BrokenFileError, match="schema"):
        verify(content, BATCH)


@given(
    st.lists(st.decimals(min_value="0.01", max_value="99999.99", places=2), min_size=1, max_size=6),
    st.text(min_size=1, max_size=90).filter(lambda text: latin(text, 70)),
)
def test_any_amounts_and_names_make_a_valid_file_with_their_sum(amounts: list[Decimal], name: str) -> None:
    transfers = tuple(
        replace(TRANSFER, payment_id=f"p-{n}", amount=amount, creditor=name)
        for n, amount in enumerate(amounts)
    )
    batch = replace(BATCH, transfers=transfers)
    assert Decimal(found(batch, "//p:GrpHdr/p:CtrlSum")[0]) == sum(amounts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Käufer & Söhne", "Kaufer + Sohne"),
        ("Straße", "Strasse"),
        ("Łódź", "Lodz"),
        ("Ærø", "AEro"),
        ("Αθήνα", "Athena"),
        ("RE_2024#1", "RE-2024.1"),
        ("a\u00a0 b\n c", "a b c"),
        ("//x//y/", "x/y"),
        ("", ""),
    ],
)
def test_text_is_written_in_the_latin_set_of_the_scheme(text: str, expected: str) -> None:
    assert latin(text, 70) == expected


@given(st.text(max_size=200), st.integers(1, 140))
def test_no_text_leaves_the_set_or_the_length(text: str, most: int) -> None:
    written = latin(text, most)
    assert len(written) <= most
    assert all(char in "/?:().,'+ -" or (char.isascii() and char.isalnum()) for char in written)
    assert latin(written, most) == written
