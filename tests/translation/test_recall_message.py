"""What a recall says to the bank, element by element, as the two messages of ISO 20022 have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from coordination.translation import recall
from coordination.translation.iso20022 import reasons
from coordination.translation.pain001 import BrokenFileError

WANTED = recall.Wanted(
    payment_id="pay-1",
    group_id="group-1",
    amount=Decimal("107.50"),
    currency="EUR",
    day=date(2026, 11, 24),
    creditor="Nägel & Söhne",
    account="DE02 1203 0000 0000 2020 51",
    bic="BYLADEM1001",
    remittance="INV-1",
)
ASKED = recall.Recall(
    message_id="CR-1",
    at=datetime(2026, 11, 25, 9, 5, 7),
    reason="DUPL",
    debtor="Käufer AG",
    iban="DE89 3704 0044 0532 0130 00",
    bic="COBADEFFXXX",
    message_before="CS-batch-7",
    written_at=datetime(2026, 11, 22, 10, 30),
    payments=(WANTED,),
)


def rendered(kind: recall.Format = "camt.056", **changes: Any) -> etree._Element:
    return etree.fromstring(recall.render(replace(ASKED, **changes), kind))


def at(root: etree._Element, path: str) -> list[str]:
    """The texts below the message's body at a path of plain names."""
    space = etree.QName(root).namespace
    steps = "/".join(f"{{{space}}}{name}" for name in path.split("/"))
    return [element.text or "" for element in root.iterfind(f"*/{steps}")]


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def one(root: etree._Element, name: str) -> etree._Element:
    [found] = root.iter(f"{{{etree.QName(root).namespace}}}{name}")
    return found


@pytest.mark.parametrize(("kind", "body"), [("camt.056", "FIToFIPmtCxlReq"), ("camt.055", "CstmrPmtCxlReq")])
def test_each_message_has_its_own_body_and_namespace(kind: recall.Format, body: str) -> None:
    root = rendered(kind)
    assert etree.QName(root).namespace == f"urn:iso:std:iso:20022:tech:xsd:{kind}.001.08"
    assert names(root) == [body]
    assert names(root[0]) == ["Assgnmt", "CtrlData", "Undrlyg"]


@pytest.mark.parametrize("kind", recall.FORMATS)
def test_the_request_goes_from_us_to_our_bank(kind: recall.Format) -> None:
    root = rendered(kind)
    assert at(root, "Assgnmt/Id") == ["CR-1"]
    assert at(root, "Assgnmt/Assgnr/Pty/Nm") == ["Kaufer AG"]
    assert at(root, "Assgnmt/Assgne/Agt/FinInstnId/BICFI") == ["COBADEFFXXX"]
    assert at(root, "Assgnmt/CreDtTm") == ["2026-11-25T09:05:07"]


def test_a_bank_without_a_bic_is_said_to_be_not_provided() -> None:
    root = rendered(bic="", payments=(replace(WANTED, bic=""),))
    assert at(root, "Assgnmt/Assgne/Agt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]
    reference = "Undrlyg/TxInf/OrgnlTxRef"
    assert at(root, f"{reference}/CdtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]
    assert at(root, f"{reference}/DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]


def test_between_banks_each_payment_names_its_file_id_amount_and_day() -> None:
    root = rendered()
    inside = "Undrlyg/TxInf"
    assert names(one(root, "TxInf")) == [
        "CxlId",
        "OrgnlGrpInf",
        "OrgnlEndToEndId",
        "OrgnlIntrBkSttlmAmt",
        "OrgnlIntrBkSttlmDt",
        "CxlRsnInf",
        "OrgnlTxRef",
    ]
    assert at(root, f"{inside}/OrgnlGrpInf/OrgnlMsgId") == ["CS-batch-7"]
    assert at(root, f"{inside}/OrgnlGrpInf/OrgnlMsgNmId") == ["pain.001.001.09"]
    assert at(root, f"{inside}/OrgnlGrpInf/OrgnlCreDtTm") == ["2026-11-22T10:30:00"]
    assert at(root, f"{inside}/OrgnlEndToEndId") == ["pay-1"]
    assert at(root, f"{inside}/OrgnlIntrBkSttlmAmt") == ["107.50"]
    assert one(root, "OrgnlIntrBkSttlmAmt").get("Ccy") == "EUR"
    assert at(root, f"{inside}/OrgnlIntrBkSttlmDt") == ["2026-11-24"]


def test_from_a_customer_the_group_stands_around_its_payments() -> None:
    root = rendered("camt.055")
    group = "Undrlyg/OrgnlPmtInfAndCxl"
    assert names(one(root, "OrgnlPmtInfAndCxl")) == ["OrgnlPmtInfId", "OrgnlGrpInf", "PmtInfCxl", "TxInf"]
    assert at(root, f"{group}/OrgnlPmtInfId") == ["group-1"]
    assert at(root, f"{group}/PmtInfCxl") == ["false"]
    assert at(root, f"{group}/OrgnlGrpInf/OrgnlMsgId") == ["CS-batch-7"]
    assert names(one(root, "TxInf")) == [
        "CxlId",
        "OrgnlEndToEndId",
        "OrgnlInstdAmt",
        "OrgnlReqdExctnDt",
        "CxlRsnInf",
        "OrgnlTxRef",
    ]
    assert at(root, f"{group}/TxInf/OrgnlInstdAmt") == ["107.50"]
    assert at(root, f"{group}/TxInf/OrgnlReqdExctnDt/Dt") == ["2026-11-24"]


def test_the_payment_is_described_as_it_was_ordered() -> None:
    root = rendered()
    reference = "Undrlyg/TxInf/OrgnlTxRef"
    assert names(one(root, "OrgnlTxRef")) == [
        "Amt",
        "ReqdExctnDt",
        "PmtMtd",
        "RmtInf",
        "Dbtr",
        "DbtrAcct",
        "DbtrAgt",
        "CdtrAgt",
        "Cdtr",
        "CdtrAcct",
    ]
    said = {
        "Amt/InstdAmt": "107.50",
        "ReqdExctnDt/Dt": "2026-11-24",
        "PmtMtd": "TRF",
        "RmtInf/Ustrd": "INV-1",
        "Dbtr/Pty/Nm": "Kaufer AG",
        "DbtrAcct/Id/IBAN": "DE89370400440532013000",
        "DbtrAgt/FinInstnId/BICFI": "COBADEFFXXX",
        "CdtrAgt/FinInstnId/BICFI": "BYLADEM1001",
        "Cdtr/Pty/Nm": "Nagel + Sohne",
        "CdtrAcct/Id/IBAN": "DE02120300000000202051",
    }
    assert {path: at(root, f"{reference}/{path}") for path in said} == {p: [v] for p, v in said.items()}


def test_an_account_that_is_no_iban_is_named_as_another_kind() -> None:
    root = rendered(payments=(replace(WANTED, account="000 123 456"),))
    account = "Undrlyg/TxInf/OrgnlTxRef/CdtrAcct/Id"
    assert at(root, f"{account}/Othr/Id") == ["000123456"]
    assert at(root, f"{account}/IBAN") == []


# --- several payments ---------------------------------------------------------------------------------------


def test_one_payment_has_the_number_of_the_request_and_several_have_their_place() -> None:
    """A bank refuses a number of a request that it has seen."""
    alone, two = rendered(), rendered(payments=(WANTED, replace(WANTED, payment_id="pay-2")))
    assert at(alone, "Undrlyg/TxInf/CxlId") == ["CR-1"]
    assert at(two, "Undrlyg/TxInf/CxlId") == ["CR-1-001", "CR-1-002"]


@pytest.mark.parametrize("length", [31, 32, 35])
def test_a_place_behind_a_long_number_still_fits_into_35_signs(length: int) -> None:
    payments = tuple(replace(WANTED, payment_id=f"pay-{n}") for n in range(3))
    found = at(rendered(message_id="C" * length, payments=payments), "Undrlyg/TxInf/CxlId")
    assert found == [f"{'C' * 31}-{n:03}" for n in (1, 2, 3)]
    assert {len(name) for name in found} == {35}


def test_payments_of_a_group_stand_together_wherever_they_stood() -> None:
    payments = tuple(
        replace(WANTED, payment_id=f"pay-{n}", group_id=group)
        for n, group in enumerate(("g2", "g1", "g2"), 1)
    )
    root = rendered("camt.055", payments=payments)
    space = f"{{{etree.QName(root).namespace}}}"
    groups = {
        part.findtext(f"{space}OrgnlPmtInfId"): [e.text for e in part.iter(f"{space}OrgnlEndToEndId")]
        for part in root.iter(f"{space}OrgnlPmtInfAndCxl")
    }
    assert groups == {"g2": ["pay-1", "pay-3"], "g1": ["pay-2"]}
    assert at(root, "Undrlyg/OrgnlPmtInfAndCxl/TxInf/CxlId") == ["CR-1-001", "CR-1-003", "CR-1-002"]


def test_between_banks_the_group_is_told_in_words() -> None:
    assert at(rendered(), "Undrlyg/TxInf/CxlRsnInf/AddtlInf") == ["paid twice", "Group group-1"]
    by_customer = at(rendered("camt.055"), "Undrlyg/OrgnlPmtInfAndCxl/TxInf/CxlRsnInf/AddtlInf")
    assert by_customer == ["paid twice"]


@pytest.mark.parametrize("kind", recall.FORMATS)
def test_count_and_sum_are_of_all_that_is_asked_for(kind: recall.Format) -> None:
    payments = (WANTED, replace(WANTED, payment_id="pay-2", amount=Decimal("0.01")))
    root = rendered(kind, payments=payments)
    assert at(root, "CtrlData/NbOfTxs") == ["2"]
    assert at(root, "CtrlData/CtrlSum") == ["107.51"]


# --- why ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("DUPL", "paid twice"),
        ("TECH", "a technical error made the payment wrong"),
        ("FRAD", "the order was obtained by fraud"),
        ("CUST", "we ask for it"),
        ("AM09", "the amount is wrong"),
        ("AC03", "the account is wrong"),
    ],
)
def test_the_reason_is_a_code_of_the_rule_book_and_its_words(code: str, words: str) -> None:
    root = rendered(reason=code)
    assert at(root, "Undrlyg/TxInf/CxlRsnInf/Rsn/Cd") == [code]
    assert at(root, "Undrlyg/TxInf/CxlRsnInf/AddtlInf")[0] == words
    assert at(root, "Undrlyg/TxInf/CxlRsnInf/Orgtr/Nm") == ["Kaufer AG"]


def test_every_reason_that_we_give_can_also_be_read_when_the_bank_repeats_it() -> None:
    assert set(recall.REASONS) <= set(reasons.REASONS)


@pytest.mark.parametrize("kind", ["camt.056", "camt.055", "camt.029", "CAMT.056", ""])
def test_only_the_two_messages_are_known_by_their_names(kind: str) -> None:
    assert recall.find_format(kind) == (kind if kind in {"camt.056", "camt.055"} else None)


# --- what must not leave ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", recall.FORMATS)
@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("107.505", "EUR"),
        ("0.004", "USD"),
        ("107.5", "JPY"),
    ],
)
def test_an_amount_that_cannot_be_written_in_its_currency_does_not_leave(
    kind: recall.Format, amount: str, currency: str
) -> None:
    payment = replace(WANTED, amount=Decimal(amount), currency=currency)
    with pytest.raises(BrokenFileError, match="does not say what was asked for"):
        recall.render(replace(ASKED, payments=(payment,)), kind)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1000", "JPY", "1000"),
        ("1000.00", "JPY", "1000"),
        ("1000", "EUR", "1000.00"),
        ("0.01", "EUR", "0.01"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, currency: str, written: str) -> None:
    root = rendered(payments=(replace(WANTED, amount=Decimal(amount), currency=currency),))
    assert at(root, "Undrlyg/TxInf/OrgnlIntrBkSttlmAmt") == [written]
    assert at(root, "Undrlyg/TxInf/OrgnlTxRef/Amt/InstdAmt") == [written]


@pytest.mark.parametrize("reason", ["", "XXXX"])
def test_a_reason_that_no_bank_knows_is_not_written(reason: str) -> None:
    with pytest.raises(KeyError):
        recall.render(replace(ASKED, reason=reason))
