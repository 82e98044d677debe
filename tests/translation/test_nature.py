"""What a document says of its own nature, in every syntax alike, and the lists by which it is understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coordination.translation import Unreadable, nature, translate
from coordination.translation.canonical import Invoice, PaymentMeans, QuarantineCode, Rejected
from coordination.translation.identity import canonical_digest, restates

from .conftest import only
from .natures import SYNTAXES, Said, cii, edifact, factur_x, ubl, zugferd_1

every_syntax = pytest.mark.parametrize("syntax", SYNTAXES)


def read(syntax: str, **said: Any) -> Invoice:
    return only(translate(SYNTAXES[syntax](Said(**said)), "x"), Invoice)


def refused(content: bytes) -> tuple[QuarantineCode, str]:
    """The code and error with which a file, or its only part, is set aside."""
    try:
        found = translate(content, "x")
    except Unreadable as error:
        return error.code, error.error
    [part] = found.rejected
    assert isinstance(part, Rejected)
    return part.code, part.error


# --- the lists ----------------------------------------------------------------------------------------------


def test_the_lists_name_their_edition_and_source() -> None:
    for file in (nature.DOCUMENTS, nature.MEANS):
        assert nature.edition(file).edition
        assert "UN/CEFACT" in nature.edition(file).source


def test_the_invoice_and_credit_codes_are_those_of_en_16931() -> None:
    """BR-CL-01 of the validation artefacts 1.3.16: every code of BT-3, and no other, is one of an invoice
    message."""
    stated = {c for c, n in nature.documents().items() if n.kind != "other" and c.isdigit()}
    assert stated == {
        "71",
        "80",
        "81",
        "82",
        "83",
        "84",
        "102",
        "130",
        "202",
        "203",
        "204",
        "211",
        "218",
        "219",
        "261",
        "262",
        "295",
        "296",
        "308",
        "325",
        "326",
        "331",
        "380",
        "381",
        "382",
        "383",
        "384",
        "385",
        "386",
        "387",
        "388",
        "389",
        "390",
        "393",
        "394",
        "395",
        "396",
        "420",
        "456",
        "457",
        "458",
        "471",
        "472",
        "473",
        "500",
        "501",
        "502",
        "503",
        "527",
        "532",
        "553",
        "575",
        "623",
        "633",
        "751",
        "780",
        "817",
        "870",
        "875",
        "876",
        "877",
        "935",
    }
    notes = {c for c, n in nature.documents().items() if n.kind == "credit_note"}
    assert notes == {
        "81",
        "83",
        "261",
        "262",
        "296",
        "308",
        "381",
        "396",
        "420",
        "458",
        "502",
        "503",
        "532",
    }


def test_the_whole_list_is_there_so_that_no_code_of_it_is_unknown() -> None:
    assert len(nature.documents()) > 800
    assert nature.look_up("310").kind == "other"
    assert [nature.look_up(c).kind for c in ("ABC", "999999", "")] == ["unknown", "unknown", "invoice"]


@pytest.mark.parametrize(
    ("code", "traits"),
    [
        ("386", "advance"),
        ("503", "advance"),
        ("384", "corrected"),
        ("383", "debit"),
        ("527", "debit self_billed"),
        ("393", "factored"),
        ("472", "corrected factored"),
        ("502", "factored self_billed"),
        ("380", ""),
    ],
)
def test_what_a_code_means_beside_its_kind(code: str, traits: str) -> None:
    assert nature.look_up(code).traits == set(traits.split())


def test_every_means_of_payment_says_how_money_moves() -> None:
    assert len(nature.means()) == 84
    ways = {
        code: nature.means_of(code).way
        for code in ("30", "58", "59", "49", "48", "10", "97", "1", "ZZZ", "57", "99")
    }
    assert ways == {
        "30": "transfer",
        "58": "transfer",
        "59": "collected",
        "49": "collected",
        "48": "card",
        "10": "cash",
        "97": "offset",
        "1": "agreed",
        "ZZZ": "agreed",
        "57": "agreed",
        "99": "unknown",
    }


@pytest.mark.parametrize(
    ("stated", "way"),
    [
        ((("58", ""), ("59", "M-1")), "collected"),  # what has a mandate is not paid twice
        ((("58", ""), ("59", "")), "transfer"),
        ((("48", ""), ("58", "")), "transfer"),  # means are alternatives
        ((("1", ""), ("59", "")), "collected"),  # what was agreed on says nothing beside another
        ((("59", ""), ("59", "")), "collected"),
        ((("48", ""), ("1", "")), "card"),
    ],
)
def test_of_several_means_one_decides_whatever_their_order(
    stated: tuple[tuple[str, str], ...], way: str
) -> None:
    found = [PaymentMeans(code, mandate=mandate) for code, mandate in stated]
    for order in (found, found[::-1]):
        decides = nature.by(order)
        assert decides is not None
        assert decides.way == way


def test_another_edition_takes_the_place_of_ours_without_a_change_of_code(tmp_path: Path) -> None:
    own = {
        "list": "UNTDID 1001",
        "edition": "of our own",
        "source": "test",
        "codes": [
            {"code": "380", "name": "Invoice", "kind": "invoice"},
            {"code": "901", "name": "Gift", "kind": "none", "why": "it gives"},
        ],
    }
    (tmp_path / nature.DOCUMENTS).write_text(json.dumps(own))
    nature.configure(tmp_path)
    try:
        assert (nature.look_up("901").kind, nature.look_up("381").kind) == ("none", "unknown")
        assert nature.means_of("58").way == "transfer", "the other list stays ours"
    finally:
        nature.configure(None)
    assert nature.look_up("381").kind == "credit_note"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"code": "380"}, "name is the text"),
        ({"code": 380, "name": "Invoice", "kind": "invoice"}, "as a text in capitals"),
        ({"code": "380", "name": "Invoice", "kind": "bill"}, "kind is one of"),
        ({"code": "380", "name": "Invoice", "kind": "invoice", "traits": ["red"]}, "traits are some of"),
        ({"code": "380", "name": "Invoice", "kind": "invoice", "colour": "red"}, "colour is not known"),
        ({"code": "325", "name": "Pro forma", "kind": "none"}, "why says what"),
    ],
)
def test_a_wrong_list_says_what_to_write(tmp_path: Path, row: dict[str, Any], says: str) -> None:
    path = tmp_path / nature.DOCUMENTS
    path.write_text(json.dumps({"list": "x", "edition": "x", "source": "x", "codes": [row]}))
    with pytest.raises(nature.ListError, match=says):
        nature.parse(path)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"list": "x"}', '{"list": "x", "edition": "x", "source": "x", "codes": []}']
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / nature.MEANS
    path.write_text(content)
    with pytest.raises(nature.ListError):
        nature.parse(path)


# --- readers ------------------------------------------------------------------------------------------------


@every_syntax
def test_a_plain_invoice_names_its_transfer_and_nothing_else(syntax: str) -> None:
    invoice = read(syntax)
    assert [m.code for m in invoice.means] == ["58"]
    assert (invoice.payment_reference, invoice.marks, invoice.payee.name) == ("", (), "")
    assert invoice.unreadable == ()


@every_syntax
def test_means_payee_reference_and_buyer_are_read(syntax: str) -> None:
    invoice = read(
        syntax,
        means=(("59", "M-17"),),
        reference="RF18539007547034",
        payee="Elbe Faktorbank AG",
        buyer_vat="DE811907980",
        buyer_endpoint="9930:DE811907980",
    )
    [means] = invoice.means
    assert (means.code, means.mandate) == ("59", "" if syntax == "edifact" else "M-17")
    assert invoice.payment_reference == "RF18539007547034"
    assert invoice.payee.name == "Elbe Faktorbank AG"
    assert (invoice.buyer.name, invoice.buyer.vat_id) == ("Musterbetrieb AG", "DE811907980")
    assert invoice.buyer.endpoint == ("" if syntax == "edifact" else "9930:DE811907980")
    assert nature.collected(invoice)


@every_syntax
@pytest.mark.parametrize("code", ["502", "503", "532", "381", "83"])
def test_a_credit_code_makes_a_credit_note_in_every_syntax(syntax: str, code: str) -> None:
    assert read(syntax, type_code=code).type == "credit_note"


@every_syntax
def test_a_document_that_is_no_invoice_by_its_type_is_not_read_as_one(syntax: str) -> None:
    code, error = refused(SYNTAXES[syntax](Said(type_code="310")))
    assert code == QuarantineCode.UNSUPPORTED
    assert "Offer / quotation" in error


@every_syntax
def test_a_copy_says_so(syntax: str) -> None:
    assert read(syntax, copy=True).marks == ("copy",)


def test_an_indicator_that_is_false_marks_nothing() -> None:
    content = ubl(Said(copy=True)).replace(b"<cbc:CopyIndicator>true<", b"<cbc:CopyIndicator>false<")
    assert only(translate(content, "x"), Invoice).marks == ()
    content = cii(Said(test=True)).replace(b"<udt:Indicator>true<", b"<udt:Indicator>false<")
    assert only(translate(content, "x"), Invoice).number == "INV-1"


@pytest.mark.parametrize("build", [cii, zugferd_1, factur_x, edifact])
def test_a_test_is_set_aside_with_a_code_of_its_own_and_what_to_do(build: Any) -> None:
    code, error = refused(build(Said(test=True)))
    assert code == QuarantineCode.TEST_DOCUMENT
    assert error.endswith("ask for the real one")


def test_the_reference_of_a_danish_payment_slip_is_the_number_and_not_the_kind_of_slip() -> None:
    slip = "<cac:PaymentMeans><cbc:PaymentMeansCode>93</cbc:PaymentMeansCode><cbc:InstructionID>000017</cbc:InstructionID><cbc:PaymentID>71</cbc:PaymentID></cac:PaymentMeans>"
    content = ubl(Said(means=())).decode().replace("<cac:TaxTotal>", f"{slip}<cac:TaxTotal>", 1)
    danish = content.replace(
        "<cbc:ID>INV-1", "<cbc:CustomizationID>OIOUBL-2.02</cbc:CustomizationID><cbc:ID>INV-1", 1
    )
    assert only(translate(danish.encode(), "x"), Invoice).payment_reference == "000017"
    assert only(translate(content.encode(), "x"), Invoice).payment_reference == "71"


# --- identity -----------------------------------------------------------------------------------------------


def test_one_invoice_is_one_claim_in_every_syntax_whatever_its_nature() -> None:
    for said in (
        {},
        {"means": (("59", "M-17"),), "account": ""},
        {"payee": "Elbe Faktorbank AG"},
        {"reference": "RF18539007547034"},
    ):
        found = {
            canonical_digest(read(s, **said)) for s in ("ubl", "ubl-json", "cii", "factur-x", "zugferd-1")
        }
        assert len(found) == 1, said


def test_what_is_collected_or_paid_to_somebody_else_is_another_claim() -> None:
    digests = [
        canonical_digest(read("ubl", **said))
        for said in ({}, {"means": (("59", ""),)}, {"means": (("48", ""),)}, {"payee": "Elbe Faktorbank AG"})
    ]
    assert len(set(digests)) == 4
    assert canonical_digest(read("ubl", payee="Nails and More")) == digests[0], (
        "the vendor itself is nobody else"
    )
    assert canonical_digest(read("ubl", means=(("30", ""),))) == digests[0]
    assert canonical_digest(read("ubl", copy=True)) == digests[0], "a copy is the claim it copies"
    assert canonical_digest(read("ubl", reference="RF18539007547034")) == digests[0]


def test_a_table_cannot_restate_what_is_collected() -> None:
    assert restates(read("ubl", account=""), read("cii", account=""))
    assert not restates(read("ubl", means=(("59", ""),)), read("cii", means=(("59", ""),)))
