"""The judgement on a document's nature, without a database: what asks, what is recorded, what no run pays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import nature
from coordination.agents.company_names import same_company
from coordination.domain.facts import Ours
from coordination.domain.hold_codes import CATALOGUE
from coordination.facts.nature import shown
from coordination.governance.gate import rule_on
from coordination.translation import nature as lists
from coordination.translation.canonical import Account, Invoice, Party, PaymentMeans

from .make import IBAN, codes, document, hold, order, propose, snapshot, vendor


def asks(doc: Invoice, **changes: Any) -> list[str]:
    return codes("finance.validation", snapshot(doc, **changes))


def paid_by(*found: str, **changes: Any) -> Invoice:
    return document(means=tuple(PaymentMeans(code) for code in found), **changes)


CODES = sorted(lists.documents())


@given(
    st.sampled_from(CODES), st.sampled_from(sorted(lists.means())), st.sampled_from(["", IBAN]), st.booleans()
)
def test_what_is_no_claim_is_in_no_run_whatever_else_it_says(
    code: str, means: str, account: str, named: bool
) -> None:
    doc = paid_by(
        means,
        type_code=code,
        account=Account(account),
        payee=Party(name="Elbe Faktorbank AG") if named else Party(),
    )
    if lists.look_up(code).kind == "none":
        assert nature.left_out(doc, vendor()) == nature.NO_CLAIM
        assert "not_a_claim" in asks(doc)
    elif lists.means_of(means).way not in lists.SENT and not (
        lists.means_of(means).way == "cheque" and account
    ):
        assert nature.left_out(doc, vendor()) in nature.ELSEWHERE


@given(st.sampled_from(CODES), st.sampled_from(sorted(lists.means())))
def test_whatever_is_left_out_of_runs_is_asked_about_or_collected(code: str, means: str) -> None:
    doc = paid_by(means, type_code=code)
    why = nature.left_out(doc, vendor())
    assert not why or why == nature.COLLECTED or asks(doc)


def test_a_direct_debit_is_recorded_and_not_asked_about() -> None:
    doc = document(means=(PaymentMeans("59", mandate="M-1"),))
    assert asks(doc) == []
    told = [f.sentence for f in propose("finance.validation", snapshot(doc)).findings]
    assert "The vendor collects it by direct debit (59, mandate M-1); no run pays it." in told


def test_a_mandate_beside_a_transfer_is_a_question() -> None:
    doc = document(means=(PaymentMeans("30", mandate="M-1"),))
    [finding] = [f for f in nature.paying(doc) if f.code]
    assert finding.code == "paid_otherwise"
    assert "mandate" in finding.sentence
    assert nature.not_sent(doc) in nature.ELSEWHERE


def test_an_account_beside_a_direct_debit_is_compared_with_nothing() -> None:
    ours = Account("DE02120300000000202051")
    assert asks(document(means=(PaymentMeans("59"),), account=ours)) == []
    assert asks(document(means=(PaymentMeans("58"),), account=ours)) == ["bank_mismatch"]
    assert codes("control.crosscheck", snapshot(document(means=(PaymentMeans("59"),), account=ours))) == []


def test_nothing_is_asked_of_the_way_to_pay_where_nothing_is_to_be_paid() -> None:
    assert asks(paid_by("48", payable="0", prepaid="1190")) == ["prepayment_open"]
    assert asks(paid_by("48", type="credit_note", preceding=("INV-0",))) == ["credit_unlinked"]


def test_no_rule_clears_what_only_a_person_may_pass() -> None:
    """A table that clears whatever is held is stopped by the hold itself."""
    from coordination.agents.finance_payment import FinancePayment

    snap = snapshot(answered=(), holds=(hold("not_a_claim"),))
    easy = [r for r in snap.policy.rules if r.then == "auto"]
    rules = (replace(easy[0], when=(), section="B"), snap.policy.rules[-1])
    snap = replace(snap, policy=replace(snap.policy, rules=rules))
    contract = replace(FinancePayment.contract, consumes=frozenset())
    ruling = rule_on(FinancePayment().propose(snap), snap, contract, frozenset())
    assert CATALOGUE["not_a_claim"].hard
    assert not ruling.clears


@pytest.mark.parametrize(
    ("means", "sentence", "path"),
    [
        ((("987", ""),), "It names a way of payment that no code list has: 987.", "means/1/code"),
        ((("1", ""), ("48", "")), "It says that it is paid by card: Bank card (48).", "means/2/code"),
        (
            (("1", ""), ("59", "M-1")),
            "The vendor collects it by direct debit (59, mandate M-1); no run pays it.",
            "means/2/code",
        ),
        (
            (("58", ""), ("", "M-1")),
            "It asks for a transfer and names a mandate for direct debit: mandate M-1.",
            "means/2/mandate",
        ),
    ],
)
def test_what_is_said_of_a_way_of_payment_names_what_says_it(
    means: tuple[tuple[str, str], ...], sentence: str, path: str
) -> None:
    [found] = nature.paying(document(means=tuple(PaymentMeans(c, mandate=m) for c, m in means)))
    assert (found.sentence, found.evidence[0].field) == (sentence, path)


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("Die Forderung ist an die Elbe Faktorbank AG abgetreten.", "Elbe Faktorbank AG"),
        ("This invoice has been assigned to Harbour Finance plc.", "Harbour Finance plc."),
        ("Die Forderung ist abgetreten.", "Die Forderung ist abgetreten."),
    ],
)
def test_a_sentence_of_assignment_names_whom_it_names(words: str, who: str) -> None:
    [found] = nature.payee(snapshot(document(note=words)))
    assert (found.found.rstrip("."), found.evidence[0].field) == (who.rstrip("."), "note")
    assert f"“{words.rstrip('.')}”. Paying" in found.sentence


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Bitte angeben: RF18 5390 0754 7034", False),
        ("RF18539007547034", False),
        ("RF71 2348 231 DE75 5121 0800 1245 1261 99", True),
        ("Konto DE75 5121 0800 1245 1261 99", True),
    ],
)
def test_a_reference_for_the_payer_is_no_account(text: str, asked: bool) -> None:
    assert asks(document(note=text)) == (["suspicious_text"] if asked else [])


# --- names and addressees -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nordlicht Bautechnik GmbH", "NORDLICHT BAUTECHNIK", True),
        ("Müller & Söhne KG", "Mueller", False),
        ("Acme S.A.", "ACME SA", True),
        ("Acme AG", "Acme KG", False),
        ("Nordlicht Bautechnik GmbH", "Nordlicht Bautechnik Factoring GmbH", False),
        ("", "", False),
    ],
)
def test_when_two_names_are_one_company(one: str, other: str, same: bool) -> None:
    assert same_company(one, other) is same
    assert same_company(other, one) is same


SOMEBODY = Party(
    name="Ganz Andere Firma KG",
    legal_name="Ganz Andere Firma KG",
    vat_id="DE811907980",
    endpoint="9930:DE811907980",
)


@pytest.mark.parametrize(
    ("ordered_by", "asked"),
    [
        (SOMEBODY, False),
        (Party(name="Ganz andere Firma"), False),
        (Party(name="Musterbetrieb AG"), True),
        (Party(vat_id="DE136695976", name="Ganz Andere Firma KG"), True),
        (Party(party_ids=("DE811907980",)), False),
        (Party(party_ids=("4711",)), False),  # nothing that both of them state
        (None, True),
    ],
)
def test_without_settings_the_order_says_who_we_are(ordered_by: Party | None, asked: bool) -> None:
    doc = document(buyer=SOMEBODY)
    assert asks(doc, orders=(order(buyer=ordered_by),)) == (["not_addressed_to_us"] if asked else [])


def test_without_settings_a_name_alone_and_an_invoice_without_order_are_not_held_against_anybody() -> None:
    assert asks(document(buyer=Party(name="Ganz Andere Firma KG"))) == []
    assert asks(document(buyer=SOMEBODY), orders=()) == []


def test_one_of_several_vat_ids_or_addresses_of_ours_is_enough() -> None:
    us = Ours(("Musterbetrieb AG",), ("DE136695976", "DE811907980"), ("0088:4000001000012",))
    assert asks(document(buyer=SOMEBODY), ours=us) == []
    assert asks(document(buyer=Party(name="Anders", party_ids=("4000001000012",))), ours=us) == []
    assert asks(document(buyer=Party(name="Anders")), ours=us) == ["not_addressed_to_us"]
    assert asks(document(), ours=us) == []


def test_what_vendors_agree_on_counts_only_where_the_order_says_nothing() -> None:
    agreed = Ours(vat_ids=(SOMEBODY.vat_id,), endpoints=(SOMEBODY.endpoint,), agreed=True)
    doc, other = document(buyer=SOMEBODY), Party(name="Musterbetrieb AG", vat_id="DE136695976")
    assert asks(doc, orders=(order(buyer=None),), ours=agreed) == []
    found = [
        f
        for f in nature.findings(snapshot(doc, orders=(order(buyer=other),), ours=agreed))
        if f.code == "not_addressed_to_us"
    ]
    assert ["the order is one of Musterbetrieb AG (DE136695976)" in f.sentence for f in found] == [True]


def test_a_plain_invoice_shows_nothing_of_its_nature() -> None:
    assert shown(document(type_code="380", means=(PaymentMeans("58"),)), vendor()) == []
    told = shown(
        document(
            type_code="386",
            means=(PaymentMeans("59", mandate="M-1", debited=IBAN),),
            payment_reference="RF18",
            marks=("copy",),
            payee=Party(name="Elbe Faktorbank AG"),
            gross=Decimal(1190),
        ),
        vendor(),
    )
    assert [name for name, _ in told] == ["Kind", "To be paid", "Payee", "Payment reference", "Marked"]
