"""Payment files abroad and recalls: what a bank gets is what was asked for, or nothing leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordination.translation import cross_border, recall
from coordination.translation.pain001 import (
    BrokenFileError,
    NotPayableError,
    PaymentFile,
    PaymentFileError,
    PostalAddress,
    Transfer,
    group_id,
    message_id,
)

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
TRANSFER = Transfer(
    "pay-1",
    "Acme & Söhne",
    "000123456789",
    Decimal("107.50"),
    "A-1",
    bic="CHASUS33",
    currency="USD",
    address=PostalAddress("Wall Street", "1", "10005", "New York", "us"),
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
        replace(TRANSFER, payment_id="pay-2", iban="BR1500000000000010932840814P2", bic="ITAUBRSP"),
    ),
)


def with_first(**changes: object) -> PaymentFile:
    return replace(BATCH, transfers=(replace(TRANSFER, **changes), *BATCH.transfers[1:]))  # type: ignore[arg-type]


def test_the_same_batch_gives_the_same_bytes_and_keeps_to_the_schema() -> None:
    content = cross_border.payment_file(BATCH)
    assert content == cross_border.payment_file(BATCH)
    cross_border.verify(content, BATCH)


@pytest.mark.parametrize(
    "changed",
    [
        with_first(amount=Decimal("107.51")),
        with_first(iban="000123456788"),
        with_first(bic="CITIUS33"),
        with_first(payment_id="pay-9"),
        with_first(address=PostalAddress()),
        replace(BATCH, execution_date=date(2026, 11, 25)),
        replace(BATCH, iban="DE75512108001245126199"),
        replace(BATCH, transfers=BATCH.transfers[:1]),
    ],
)
def test_a_file_that_says_something_else_is_broken(changed: PaymentFile) -> None:
    with pytest.raises(BrokenFileError):
        cross_border.verify(cross_border.payment_file(BATCH), changed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bic": ""}, "BIC"),
        ({"bic": "XX"}, "XX is none"),
        ({"iban": "DE02120300000000202052"}, "no valid IBAN"),
        ({"iban": "1" * 35}, "34 signs"),
        ({"amount": Decimal("0.001")}, "no amount"),
        ({"amount": Decimal(0)}, "no amount"),
        ({"currency": ""}, "no currency"),
        ({"creditor": " "}, "name"),
        ({"payment_id": "/"}, "end-to-end"),
        ({"bic": "COBADEFFXXX"}, "a bank in DE needs an IBAN"),
    ],
)
def test_what_cannot_be_paid_abroad_is_named(changes: dict[str, object], reason: str) -> None:
    batch = replace(BATCH, transfers=(replace(TRANSFER, **changes),))  # type: ignore[arg-type]
    with pytest.raises(NotPayableError, match=reason):
        cross_border.payment_file(batch)


def test_a_file_is_of_one_currency_and_not_empty() -> None:
    for transfers in ((), (TRANSFER, TRANSFER), (TRANSFER, replace(BATCH.transfers[1], currency="GBP"))):
        with pytest.raises(PaymentFileError):
            cross_border.payment_file(replace(BATCH, transfers=transfers))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 400), st.integers(1, 400))
def test_ids_of_other_files_and_groups_fit_and_differ(
    one: int, other: int, place: int, elsewhere: int
) -> None:
    key = "0" * 32
    ids = [message_id(key, one), group_id(key, place, 400, one), group_id(key, elsewhere, 400, other)]
    assert all(len(name) <= 35 for name in ids)
    assert (ids[1] == ids[2]) == ((one, place) == (other, elsewhere))
    assert (message_id(key, one) == message_id(key, other)) == (one == other)


# --- recalls ---------------------------------------------------------------------------------------------

WANTED = recall.Wanted(
    "e2e-1",
    "group-1",
    Decimal("107.50"),
    "EUR",
    date(2026, 11, 24),
    "Nägel & Söhne",
    "DE02120300000000202051",
    "",
    "A-1",
)
RECALL = recall.Recall(
    "CR-1",
    datetime(2026, 11, 25, 9),
    "DUPL",
    "Käufer AG",
    "DE89370400440532013000",
    "COBADEFFXXX",
    "CS-1",
    datetime(2026, 11, 22, 10),
    (
        WANTED,
        replace(WANTED, payment_id="e2e-2", group_id="group-2"),
        replace(WANTED, payment_id="e2e-3", amount=Decimal("2.00")),
    ),
)


@pytest.mark.parametrize("kind", recall.FORMATS)
@pytest.mark.parametrize("reason", recall.REASONS)
def test_a_recall_is_the_same_every_time_and_reads_back(kind: recall.Format, reason: str) -> None:
    asked = replace(RECALL, reason=reason)
    content = recall.render(asked, kind)
    assert content == recall.render(asked, kind)
    root = etree.fromstring(content)
    space = f"{{urn:iso:std:iso:20022:tech:xsd:{recall.FORMATS[kind]}}}"
    assert sorted(e.text or "" for e in root.iter(f"{space}OrgnlEndToEndId")) == ["e2e-1", "e2e-2", "e2e-3"]
    assert [e.text for e in root.iter(f"{space}NbOfTxs")] == ["3"]
    assert [e.text for e in root.iter(f"{space}CtrlSum")] == ["217.00"]
    assert {e.text for e in root.iter(f"{space}OrgnlMsgNmId")} == {"pain.001.001.09"}
