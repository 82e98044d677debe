"""The vendors of the made-up trade: accounts and VAT ids of the right form, and rows of our list."""

from __future__ import annotations

import random
import re
from datetime import date

import pytest

from coordination.world.catalogue import COMPANIES, GOODS, INVALID, RATES, TAX, VAT_FORM, Company
from coordination.world.making import Maker
from coordination.world.traders import STYLES, Trader, other_account, traders

KNOWN = traders()
DAY = date(2026, 1, 5)


def left_by_97(iban: str) -> int:
    """ISO 7064: the first four signs behind the others, letters as 10 to 35, and the rest of 97."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97


@pytest.mark.parametrize("trader", KNOWN.everybody(), ids=lambda t: t.vendor_id)
def test_every_account_is_a_german_iban_with_the_right_check_digits(trader: Trader) -> None:
    assert re.fullmatch(r"DE[0-9]{20}", trader.iban)
    assert left_by_97(trader.iban) == 1


def test_an_account_elsewhere_is_a_right_one_at_another_bank_and_nobodys() -> None:
    chance = random.Random(1)
    found = {other_account(chance) for _ in range(200)}
    assert len(found) == 200
    assert {left_by_97(iban) for iban in found} == {1}
    assert {iban[4:12] for iban in found} == {"50010517"}
    assert not found & {t.iban for t in KNOWN.everybody()}


@pytest.mark.parametrize(
    "trader", [t for t in KNOWN.everybody() if t not in KNOWN.invalid], ids=lambda t: t.vendor_id
)
def test_a_vat_id_begins_with_its_country_and_has_its_length(trader: Trader) -> None:
    form = VAT_FORM[trader.company.country]
    assert trader.vat_id.startswith(trader.company.country)
    assert len(trader.vat_id) == len(form)
    assert "#" not in trader.vat_id
    assert "0" not in "".join(v for v, f in zip(trader.vat_id, form, strict=True) if f == "#")


def test_only_those_of_an_invalid_vat_id_have_one() -> None:
    assert {t.company for t in KNOWN.invalid} == set(INVALID)
    assert [len(t.vat_id) for t in KNOWN.invalid] == [5, 5]


def test_vendors_of_each_kind_have_numbers_of_their_own_range() -> None:
    ranges = {
        "usual": KNOWN.usual,
        "blocked": KNOWN.blocked,
        "invalid": KNOWN.invalid,
        "moving": KNOWN.moving,
        "namesakes": KNOWN.namesakes,
    }
    firsts = {kind: found[0].vendor_id for kind, found in ranges.items()}
    assert firsts == {
        "usual": "V-1000",
        "blocked": "V-2000",
        "invalid": "V-2100",
        "moving": "V-2200",
        "namesakes": "V-2300",
    }
    assert len(KNOWN.everybody()) == sum(map(len, ranges.values()))


def test_only_a_blocked_vendor_is_blocked_in_our_list() -> None:
    blocked = {t.vendor_id for t in KNOWN.everybody() if t.master().status == "blocked"}
    assert blocked == {"V-2000", "V-2001"}


def test_the_row_of_a_vendor_that_moved_differs_in_its_account_alone() -> None:
    moving = KNOWN.moving[0]
    before, after = moving.master(), moving.master("DE75512108001245126199")
    assert after.iban == "DE75512108001245126199"
    assert before.iban == moving.iban
    assert (after.vendor_id, after.name, after.vat_id, after.bic, after.status) == (
        before.vendor_id,
        before.name,
        before.vat_id,
        before.bic,
        before.status,
    )


def test_a_document_prints_the_vendors_own_name_unless_it_is_given_another() -> None:
    hartmann = KNOWN.usual[0]
    assert hartmann.party().name == hartmann.party().legal_name == "Hartmann Fördertechnik GmbH"
    assert hartmann.party("Hartman").name == hartmann.party("Hartman").legal_name == "Hartman"
    assert hartmann.party("Hartman").vat_id == hartmann.vat_id
    assert hartmann.party().party_ids == ("V-1000",)
    assert hartmann.party().address.country == "DE"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Hartmann Fördertechnik GmbH", "HF"),
        ("Kvarnby Stål AB", "KS"),
        ("Ateliers Roche & Fils SAS", "AR"),
        ("Van der Velde Logistics B.V.", "VV"),
    ],
)
def test_initials_are_the_first_two_capitals_of_the_name(name: str, initials: str) -> None:
    [trader] = [t for t in KNOWN.usual if t.company.name == name]
    assert trader.initials == initials


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_numbers_has_the_digits_in_it_and_is_somebodys(style: str) -> None:
    assert "{digits}" in style
    assert style in {t.style for t in KNOWN.usual}


def test_a_year_is_written_in_four_digits_or_in_two() -> None:
    made = Maker("1", 0, DAY, KNOWN)
    written = {t.style: made.invoice_number(t, DAY, "7") for t in KNOWN.usual}
    assert written["RE{year}/{digits}"] == "RE2026/7"
    assert written["F {digits}/{short}"] == "F 7/26"
    assert written["{digits}"] == "7"


def test_namesakes_number_alike() -> None:
    one, two = KNOWN.namesakes
    assert one.style == two.style
    assert one.initials == two.initials
    assert one.company.name != two.company.name


@pytest.mark.parametrize("company", COMPANIES, ids=lambda c: c.name)
def test_every_company_has_goods_a_tax_and_a_rate(company: Company) -> None:
    assert GOODS[company.goods]
    assert 0 < int(TAX[company.country]) < 30
    assert float(RATES[company.currency]) > 0


def test_articles_have_a_code_a_unit_and_a_price_of_their_own() -> None:
    items = [item for goods in GOODS.values() for item in goods]
    assert len({item.code for item in items}) == len(items)
    assert len({item.description for item in items}) == len(items)
    assert all(float(item.price) > 0 for item in items)
    assert {item.unit for item in items} == {"EA", "KGM", "MTR"}
