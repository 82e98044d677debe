"""What the payee asks to see with the money reaches the bank's file, checked digits where machines read
them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree

from coordination.translation import pain001
from coordination.translation.pain001 import BrokenFileError, PaymentFile, Transfer
from coordination.translation.payer_reference import Remittance, remittance

NS = pain001.NAMESPACE


def transfer(reference: str = "", iban: str = "DE89370400440532013000", **changes: str) -> Transfer:
    return Transfer(
        "P1",
        "Nails and More",
        iban,
        Decimal("119.00"),
        changes.get("remittance", "RE-8000"),
        reference=reference,
    )


def file_of(*transfers: Transfer) -> PaymentFile:
    return PaymentFile(
        "B1",
        datetime(2026, 11, 20, tzinfo=UTC),
        date(2026, 11, 24),
        "Musterbetrieb AG",
        "DE02120300000000202051",
        tuple(replace(t, payment_id=f"P{n}") for n, t in enumerate(transfers, 1)),
        bic="BYLADEM1001",
    )


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("", Remittance(text="RE-8000")),
        ("RF18539007547034", Remittance("RF18539007547034", "ISO")),
        ("RF18 5390 0754 7034", Remittance("RF18539007547034", "ISO")),
        ("RF19539007547034", Remittance(text="RF19539007547034 RE-8000")),  # its check digits are wrong
        ("+++010/8068/17183+++", Remittance("010806817183", "BBA")),
        ("+++010/8068/17184+++", Remittance(text="+++010/8068/17184+++ RE-8000")),
        ("Kd. 4711", Remittance(text="Kd. 4711 RE-8000")),
        ("RE-8000", Remittance(text="RE-8000")),
        ("Kd. 4711 / RE-8000", Remittance(text="Kd. 4711 / RE-8000")),
    ],
)
def test_what_a_payee_is_told(reference: str, told: Remittance) -> None:
    assert remittance(transfer(reference)) == told


def test_a_finnish_reference_number_is_one_at_a_finnish_account_only() -> None:
    assert remittance(transfer("1232", iban="FI2112345600000785")) == Remittance("1232")
    assert remittance(transfer("1233", iban="FI2112345600000785")).text == "1233 RE-8000"
    assert remittance(transfer("1232")).text == "1232 RE-8000"


def test_a_text_is_cut_behind_the_reference() -> None:
    told = remittance(transfer("K" * 120, remittance="RE-" + "8" * 40))
    assert (len(told.text), told.text[:120]) == (140, "K" * 120)


def test_the_file_carries_reference_or_text_of_each_payment() -> None:
    batch = file_of(transfer("RF18539007547034"), transfer(), transfer("+++010/8068/17183+++"))
    root = etree.fromstring(pain001.payment_file(batch))
    told = list(root.iter(f"{NS}RmtInf"))
    assert [x.findtext(f"{NS}Ustrd") for x in told] == [None, "RE-8000", None]
    path = f"{NS}Strd/{NS}CdtrRefInf/"
    assert [x.findtext(f"{path}{NS}Ref") for x in told] == ["RF18539007547034", None, "010806817183"]
    assert [x.findtext(f"{path}{NS}Tp/{NS}CdOrPrtry/{NS}Cd") for x in told] == ["SCOR", None, "SCOR"]
    assert [x.findtext(f"{path}{NS}Tp/{NS}Issr") for x in told] == ["ISO", None, "BBA"]


def test_a_file_that_tells_a_payee_something_else_does_not_leave_the_house() -> None:
    batch = file_of(transfer("RF18539007547034"), transfer())
    content = pain001.payment_file(batch)
    for old, new in ((b"RF18539007547034", b"RF712348231"), (b"RE-8000", b"RE-8001")):
        with pytest.raises(BrokenFileError, match="RmtInf"):
            pain001.verify(content.replace(old, new), batch)
