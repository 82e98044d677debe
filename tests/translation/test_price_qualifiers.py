"""Net, gross and invoiced prices: EDIFACT names them (UNTDID 5125), CII has a place for each."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.translation.canonical import Invoice
from tests.translation import ciis
from tests.translation.edifacts import ORDER
from tests.translation.test_edifact_documents import line_with, of, order

ALLOWED = ("ALC+A+++1+TD'", "PCD+3:20.00'", "MOA+204:25.00'")


def billed(qualifier: str, price: str, *allowed: str, net: str = "100.00") -> Invoice:
    segments = line_with(*allowed)
    changed = tuple(
        (
            f"PRI+{qualifier}:{price}:CA:SRP:1:C62'"
            if s.startswith("PRI+AAA")
            else s.replace("MOA+203:100.00", f"MOA+203:{net}")
        )
        for s in segments
    )
    return of(changed)


@pytest.mark.parametrize(
    ("qualifier", "price", "allowed", "amounts"),
    [
        ("AAB", "12.50", ALLOWED, ["25.00"]),
        ("AAB", "12.50", ("ALC+A'", "PCD+1:20'"), ["25.00"]),
        ("AAA", "10.00", ALLOWED, []),
        ("AAA", "12.50", ALLOWED, ["25.00"]),
        ("CAL", "12.50", ALLOWED, ["25.00"]),
        ("CAL", "10.00", ALLOWED, []),
        ("INV", "12.50", ALLOWED, ["25.00"]),
        ("INV", "10.00", ALLOWED, []),
        ("AAB", "10.00", (), []),
    ],
)
def test_allowances_of_a_line_are_those_that_make_its_amount(
    qualifier: str, price: str, allowed: tuple[str, ...], amounts: list[str]
) -> None:
    [found] = billed(qualifier, price, *allowed).lines
    assert (found.price, found.net) == (Decimal(price), 100)
    assert [a.amount for a in found.allowances] == [Decimal(a) for a in amounts]


def test_a_gross_price_without_its_allowance_is_a_contradiction_that_stays_one() -> None:
    [found] = billed("AAB", "12.50", *ALLOWED, net="125.00").lines
    assert [a.amount for a in found.allowances] == [25]


def test_of_a_net_and_a_gross_price_the_net_one_counts() -> None:
    segments = line_with("PRI+AAB:12.50'", *ALLOWED, after="PRI+AAA:10.00:::1:C62'")
    [found] = of(segments).lines
    assert (found.price, found.allowances) == (10, ())


def test_an_order_at_a_gross_price_has_its_allowances() -> None:
    segments = tuple(
        x for s in ORDER for x in ((s,) if not s.startswith("PRI") else ("PRI+AAB:12.50'", *ALLOWED))
    )
    [found] = order(segments=segments).lines
    assert (found.price, [a.amount for a in found.allowances]) == (Decimal("12.50"), [25])


def cii(price: str, node: str = "Gross") -> Invoice:
    plain = "<ram:NetPriceProductTradePrice><ram:ChargeAmount>10.00</ram:ChargeAmount></ram:NetPriceProductTradePrice>"
    line = ciis.line().replace(
        plain, f"<ram:{node}PriceProductTradePrice>{price}</ram:{node}PriceProductTradePrice>"
    )
    return ciis.invoice(ciis.cii_xml(lines=line))


DISCOUNT = (
    "<ram:AppliedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>{charge}</udt:Indicator></ram:ChargeIndicator>"
    "<ram:ActualAmount>{amount}</ram:ActualAmount></ram:AppliedTradeAllowanceCharge>"
)


@pytest.mark.parametrize(
    ("parts", "price"),
    [
        ((), "12.50"),
        ((("false", "2.50"),), "10.00"),
        ((("false", "3.50"), ("true", "1.00")), "10.00"),
    ],
)
def test_a_gross_price_alone_gives_the_net_one_by_its_discount(
    parts: tuple[tuple[str, str], ...], price: str
) -> None:
    discounts = "".join(DISCOUNT.format(charge=c, amount=a) for c, a in parts)
    [line] = cii(f"<ram:ChargeAmount>12.50</ram:ChargeAmount>{discounts}").lines
    assert line.price == Decimal(price)


def test_a_discount_that_nobody_can_read_leaves_no_price() -> None:
    found = cii(f"<ram:ChargeAmount>12.50</ram:ChargeAmount>{DISCOUNT.format(charge='false', amount='2,50')}")
    assert found.lines[0].price is None
    assert [p.field for p in found.unreadable] == ["lines/1/price"]
