"""Names of companies, who a document is addressed to, and the keys by which lines and orders are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coordination.agents.addressee import addressed, describe_company, of_party
from coordination.agents.company_names import (
    FORMS,
    company_in,
    letters,
    name_of,
    nearly_same,
    same_company,
)
from coordination.agents.order_index import OrderIndex, codes, key, number_key, words
from coordination.agents.preceding import credited
from coordination.domain.facts import Ours, Snapshot
from coordination.translation.canonical import Party

from .make import document, order, ordered, sibling, snapshot

# --- companies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hartmann GmbH", "HARTMANN GMBH", True),
        ("Hartmann GmbH", "Hartmann", True),
        ("Hartmann GmbH", "Hartmann AG", False),
        ("Hartmann Limited", "Hartmann Ltd.", True),
        ("Metalúrgica Duero S.A.", "Metalurgica Duero SA", True),
        ("Officine Brambilla S.r.l.", "Officine Brambilla SRL", True),
        ("Hartmann GmbH & Co. KG", "Hartmann GmbH & Co KG", True),
        ("Hartmann GmbH & Co. KG", "Hartmann KG", False),
        ("Schreiner & Vogt OHG", "Schreiner und Vogt oHG", True),
        ("Schreiner & Vogt", "Vogt & Schreiner", False),
        ("Hartmann Werke GmbH", "Hartmann GmbH", False),
        ("Hartmann-Werke GmbH", "Hartmann Werke GmbH", True),
        ("", "", False),
        ("GmbH", "GmbH", True),
        ("AG Weser", "Weser AG", False),
        ("Works 1 GmbH", "Works 2 GmbH", False),
    ],
)
def test_two_names_are_one_company_by_their_words_unless_the_forms_are_two(
    one: str, other: str, same: bool
) -> None:
    assert same_company(one, other) is same
    assert same_company(other, one) is same


NAMES = (
    st.lists(st.text("abcdefgh", min_size=2, max_size=7).map(str.title), min_size=1, max_size=3)
    .filter(lambda words: not FORMS.keys() & {w.lower() for w in words})
    .map(" ".join)
)


@given(NAMES, st.sampled_from(sorted(FORMS)))
def test_a_name_is_the_same_in_any_case_and_without_its_form(name: str, form: str) -> None:
    whole = f"{name} {form.upper()}"
    for spelt in (whole.lower(), whole.upper(), f"  {whole} ", whole.replace(" ", ", ", 1)):
        assert same_company(whole, spelt)
    assert same_company(whole, name) or name_of(name).words == ()


@given(NAMES, st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(FORMS)))
def test_two_forms_are_two_companies_unless_they_are_one_form_in_two_words(
    name: str, one: str, other: str
) -> None:
    assert same_company(f"{name} {one}", f"{name} {other}") is (FORMS[one] == FORMS[other])


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Hartmann", "Hartmann", True),
        ("Hartmann", "Hartman", True),
        ("Hartmann", "Hatrmann", True),
        ("Hartmann", "Hratmnan", False),
        ("Hartmann", "Hartmann GmbH", True),
        ("Vogt", "Voigt", False),
        ("Vogts", "Voigts", True),
        ("Works 1", "Works 2", False),
        ("Works 12", "Works 21", False),
        ("Works 1", "Work 1", True),
        ("Müller", "Muller", True),
        ("A.B.C.", "ABC", True),
    ],
)
def test_one_slip_in_a_name_long_enough_is_the_same_name_and_a_digit_is_no_slip(
    one: str, other: str, near: bool
) -> None:
    assert nearly_same(one, other) is near
    assert nearly_same(other, one) is near


@pytest.mark.parametrize(
    ("name", "plain"), [("Hartmann GmbH", "hartmann"), ("GmbH", "gmbh"), ("Å & B, 7", "ab7"), ("", "")]
)
def test_a_name_in_letters_leaves_its_form_unless_it_is_nothing_else(name: str, plain: str) -> None:
    assert letters(name) == plain


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Please pay to Nordbank Factoring GmbH, Berlin.", "Nordbank Factoring GmbH"),
        ("assigned to Schreiner & Vogt OHG (see below)", "Schreiner & Vogt OHG"),
        ("we are a gmbh of our own", ""),
        ("GmbH", ""),
        ("net within 30 days", ""),
        ("Kestrel plc owns it", "Kestrel plc"),
        ("First AG and Second AG", "First AG"),
        ("", ""),
    ],
)
def test_a_company_in_a_sentence_is_the_words_in_capitals_before_its_form(text: str, company: str) -> None:
    assert company_in(text) == company


# --- the addressee ------------------------------------------------------------------------------------------

US = Ours(("Muster AG",), ("DE136695976",), ("0088:4012345000009",))


def to(ours: Ours | None = US, *orders: Party, **buyer: Any) -> Snapshot:
    """An invoice to somebody; the orders state these buyers."""
    placed = tuple(order(id=f"O{n}", number=f"PO-{n}", buyer=b) for n, b in enumerate(orders, 1))
    return snapshot(document(buyer=Party(**buyer)), ours=ours, orders=placed or (order(),))


@pytest.mark.parametrize(
    ("buyer", "others"),
    [
        ({"name": "Muster AG"}, False),
        ({"name": "Muster AG, Accounts payable, Berlin"}, False),
        ({"name": "MUSTER"}, False),
        ({"name": "Muster GmbH"}, True),
        ({"name": "Somebody AG"}, True),
        ({"name": "Somebody AG", "vat_id": "DE136695976"}, False),
        ({"name": "Somebody AG", "vat_id": "DE 136 695 976"}, False),
        ({"name": "Muster AG", "vat_id": "DE811907980"}, True),
        ({"name": "Somebody AG", "endpoint": "0088:4012345000009"}, False),
        ({"name": "Somebody AG", "party_ids": ("4012345000009",)}, False),
        ({"endpoint": "0088:9999999999999"}, True),
        ({"endpoint": "9930:DE811907980"}, False),
        ({"name": "Trading name", "legal_name": "Muster AG"}, False),
        ({}, False),
    ],
)
def test_a_document_is_ours_by_vat_id_then_address_then_name(buyer: dict[str, Any], others: bool) -> None:
    found = addressed(to(**buyer))
    assert [f.code for f in found] == (["not_addressed_to_us"] if others else [])
    for finding in found:
        assert finding.expected == "Muster AG (DE136695976, 0088:4012345000009)"


@pytest.mark.parametrize(
    ("placed", "others"),
    [
        (("Muster AG",), False),
        (("Somebody AG",), True),
        (("Somebody AG", "Muster AG"), False),
        (("Muster AG", "Somebody AG"), False),
        (("Somebody AG", "Nobody AG"), True),
    ],
)
def test_where_the_settings_say_nothing_the_order_says_who_we_are(
    placed: tuple[str, ...], others: bool
) -> None:
    snap = to(None, *(Party(name=name) for name in placed), name="Muster AG")
    assert bool(addressed(snap)) is others


@pytest.mark.parametrize(
    ("buyer", "others"),
    [
        ({"name": "Anybody AG"}, False),
        ({"name": "Anybody AG", "vat_id": "DE136695976"}, True),
        ({"name": "Anybody AG", "endpoint": "0088:1"}, True),
        ({}, False),
    ],
)
def test_where_nothing_says_who_we_are_a_name_alone_is_not_held_against_it(
    buyer: dict[str, Any], others: bool
) -> None:
    assert bool(addressed(to(None, **buyer))) is others
    assert addressed(replace(to(None, **buyer), orders=())) == []


def test_what_vendors_agree_on_confirms_and_what_the_settings_say_is_above_the_order() -> None:
    agreed = replace(US, agreed=True)
    assert addressed(to(agreed, name="Muster AG", vat_id="DE136695976")) == []
    assert addressed(to(agreed, Party(name="Muster AG"), name="Somebody AG")) != []
    assert addressed(to(US, Party(name="Somebody AG"), name="Somebody AG")) != []


def test_a_party_of_a_document_is_told_with_each_of_its_names_once() -> None:
    party = Party(name="Muster AG", legal_name="Muster AG", vat_id="DE136695976", endpoint="0088:1")
    assert of_party(party) == Ours(("Muster AG",), ("DE136695976",), ("0088:1",))
    assert describe_company(of_party(party)) == "Muster AG (DE136695976, 0088:1)"
    assert describe_company(Ours(("A", "B", "C"))) == "A / B"
    assert describe_company(Ours()) == ""


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [(" A-1 ", "a-1"), ("Zz", "zZ"), ("10", "10 "), ("Ä", "ä")])
def test_a_code_compares_without_case_and_space_around_it(one: str, other: str) -> None:
    assert key(one) == key(other)
    assert codes(one, "", other) == {key(one)}


def test_a_code_is_not_folded_like_a_document_number() -> None:
    assert key("A-1") != key("A1")
    assert key("010") != key("10")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("PO-1", "po 1", True),
        ("PO/2026/0001", "po20260001", True),
        ("٤٥", "45", True),
        ("PO-1", "PO-10", False),
        ("-", "-", True),
        ("-", "--", False),
        ("", "", True),
    ],
)
def test_an_order_number_is_its_letters_and_digits_and_signs_alone_stand_for_themselves(
    one: str, other: str, same: bool
) -> None:
    assert (number_key(one) == number_key(other)) is same


@given(st.text(max_size=20))
@example("\u1100-\u1161")  # two parts of one letter, which a sign holds apart
def test_a_key_of_a_key_is_that_key(text: str) -> None:
    assert words(words(text)) == words(text)
    assert number_key(number_key(text)) == number_key(text)


def test_words_compare_in_any_order_and_case_and_each_as_often_as_it_stands() -> None:
    assert words("Bolt  M8") == words("m8 BOLT")
    assert words("Bolt Bolt") != words("Bolt")
    assert words("STRASSE") == words("Straße")


def test_lines_are_found_by_each_key_that_they_state_and_by_none_that_they_leave_out() -> None:
    first = ordered(1, buyer_item="B-1", standard_item="0401", description="Bolt M8")
    second = ordered(2, item="a-1", price=None, description="")
    third = ordered(3, item="", net="250.00", quantity="10", price=None, description="M8 bolt")
    index = OrderIndex((order(first, second), order(third, id="O2")))
    assert index.lines == (first, second, third)
    assert index.by_code == {"a-1": [first, second], "b-1": [first], "0401": [first]}
    assert index.by_line == {"10": [first], "20": [second], "30": [third]}
    assert index.by_price == {first.price: [first], 25: [third]}
    assert index.by_words == {words("Bolt M8"): [first, third]}
    assert index.by_code.get("z") is None


@given(st.permutations(range(4)))
def test_an_index_has_the_same_lines_in_whatever_order_they_stand(places: list[int]) -> None:
    lines = [ordered(n, item=f"A-{n % 2}") for n in range(1, 5)]
    one = OrderIndex([order(*lines)])
    other = OrderIndex([order(lines[n], id=f"O{n}") for n in places])
    for name in ("by_line", "by_code", "by_price", "by_words"):
        told: list[dict[Any, set[str]]] = [
            {k: {x.id for x in found} for k, found in getattr(index, name).items()} for index in (one, other)
        ]
        assert told[0] == told[1]


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (("INV-0",), ["INV-0"]),
        (("inv 0",), ["INV-0"]),
        (("INV-0", "INV-0"), ["INV-0"]),
        (("INV-0", "INV-00"), ["INV-0", "INV-00"]),
        (("INV-9",), []),
        ((), []),
    ],
)
def test_an_invoice_that_is_named_is_found_in_any_spelling(named: tuple[str, ...], found: list[str]) -> None:
    others = (sibling("INV-0"), sibling("INV-00"), sibling("GS-1", type="credit_note"))
    snap = snapshot(document(preceding=named), siblings=others)
    assert [s.number for s in credited(snap)] == found


def test_a_credit_note_that_is_named_is_no_invoice() -> None:
    snap = snapshot(document(preceding=("GS-1",)), siblings=(sibling("GS-1", type="credit_note"),))
    assert credited(snap) == []
