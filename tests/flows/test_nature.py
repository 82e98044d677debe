"""A document's nature decides, from intake to the payment run: cases 08, 10b, 12, 45, 80, 88 and 91 with
inputs of our own, in every syntax and whatever comes first."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from lxml import etree

from coordination.agents.nature import OTHER_PAYEE, left_out
from coordination.facts import documents
from coordination.models import Document, Invoice, Payment
from coordination.selectors.invoices import payment_plan
from coordination.services import payments
from coordination.services.intake import Report
from coordination.services.payments import paid_elsewhere
from coordination.translation import canonical, nature, translate
from coordination.translation.pain001 import NAMESPACE
from reviews.errors import Refused
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, order, receipt, standing, table, vendor
from tests.translation.conftest import only
from tests.translation.natures import SYNTAXES, Said, cii, ubl

pytestmark = pytest.mark.django_db

every_syntax = pytest.mark.parametrize("syntax", SYNTAXES)
OURS, FACTOR = "DE02120300000000202051", "DE75512108001245126199"
NAILS = {"item": "N-1", "description": "Nails", "unit": "C62"}
MASTERS = table("vendors", vendor(name="Nails and More"))
ORDER = table("orders", order(line="1", quantity="30", order_date="2026-02-01", **NAILS))
RECEIPT = table("receipts", receipt(order_line="1", quantity="30", unit="C62", received_date="2026-02-20"))


def taken(*made: bytes, first: bytes = ORDER) -> Report:
    """Documents beside their trade, and all agents at rest."""
    files = [MASTERS, first, RECEIPT, *made]
    report = cast.intake(
        [(f"file-{n}", content) for n, content in enumerate(files)], actor="system:intake", source="test"
    )
    cast.drain()
    return report


def take(syntax: str = "ubl", **said: Any) -> Report:
    return taken(SYNTAXES[syntax](Said(**said)))


def run() -> tuple[int, dict[str, str]]:
    """Payments of the next run, and what it leaves out and why."""
    proposed = payments.propose("human:900")
    cast.assert_sound()
    return sum(b.count for b in proposed.batches), {x.invoice: x.why for x in proposed.left}


def held(number: str = "INV-1") -> list[str]:
    return standing(number)[2]


# --- the control --------------------------------------------------------------------------------------------


@every_syntax
def test_a_plain_invoice_clears_by_itself_and_is_paid(syntax: str) -> None:
    take(syntax)
    assert standing() == ("cleared", "auto", [])
    assert run() == (1, {})


# --- 08: collected by direct debit --------------------------------------------------------------------------


@pytest.mark.parametrize(("syntax", "code"), [*((s, "59") for s in SYNTAXES), ("ubl", "49")])
def test_what_the_vendor_collects_clears_and_is_never_transferred(syntax: str, code: str) -> None:
    take(syntax, means=((code, "MND-2231"),), account="")
    assert standing() == ("cleared", "auto", [])
    assert run() == (0, {"INV-1": "the vendor collects it by direct debit"})


@every_syntax
def test_our_own_account_beside_a_direct_debit_is_not_one_to_pay_to(syntax: str) -> None:
    take(syntax, means=(("59", "MND-2231"),), account=OURS)
    assert standing() == ("cleared", "auto", [])
    assert run()[0] == 0


@every_syntax
def test_two_means_of_direct_debit_are_no_transfer(syntax: str) -> None:
    take(syntax, means=(("59", "MND-2231"), ("59", "MND-2231")), account="")
    assert run() == (0, {"INV-1": "the vendor collects it by direct debit"})


@every_syntax
def test_a_sentence_alone_keeps_it_out_of_the_run(syntax: str) -> None:
    take(syntax, terms="Der Betrag wird per Lastschrift von Ihrem Konto abgebucht.")
    assert standing() == ("cleared", "auto", [])
    assert run() == (0, {"INV-1": "it says that the vendor takes the money"})


def planned(number: str = "INV-1") -> list[str]:
    plan = payment_plan(Invoice.objects.get(number=number))
    return [s["status"] for s in plan["steps"]] if plan else []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, ["to be paid"]),
        ({"means": (("59", "MND-2231"),), "account": ""}, ["collected by the vendor"]),
        (
            {"terms": "Der Betrag wird per Lastschrift von Ihrem Konto abgebucht."},
            ["collected by the vendor"],
        ),
        ({"means": (("48", ""),)}, ["paid another way; no run pays it"]),
        ({"payee": "Elbe Faktorbank AG", "account": ""}, [f"no run pays it: {OTHER_PAYEE}"]),
        ({"type_code": "325"}, []),
    ],
)
def test_the_plan_promises_no_payment_that_no_run_makes(said: dict[str, Any], status: list[str]) -> None:
    take(**said)
    assert planned() == status


def test_what_was_collected_is_marked_as_paid_by_two_people() -> None:
    people = cast.people()
    take(means=(("59", "MND-2231"),), account="")
    row = Invoice.objects.get()
    evidence = paid_elsewhere.Evidence(cast.today(), "Collected, seen on the account", "E2E-1")
    paid_elsewhere.claim(row.id, evidence, by=people.carol)
    asked = Escalation.objects.get(kind="paid_elsewhere", status="open")
    assert asked.case["why"] == "the vendor collects it by direct debit"
    cast.answer(asked, "approve", by=people.dave, reason="evidence_seen")
    assert standing()[0] == "paid"
    assert planned() == ["paid elsewhere"]
    assert run() == (0, {})


# --- card, cash, a code that no list has --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("syntax", "code"),
    [*((s, "48") for s in SYNTAXES), *(("ubl", c) for c in ("10", "54", "68", "97", "99"))],
)
def test_what_is_paid_another_way_asks_a_person_and_is_not_transferred_even_then(
    syntax: str, code: str
) -> None:
    people = cast.people()
    take(syntax, means=((code, ""),))
    assert standing()[1:] == ("escalated", ["paid_otherwise"])
    asked = cast.question()
    told = {c["verdict"]: c["text"] for c in asked.case["consequences"]}["approve"]
    assert "no run pays it" in told
    assert asked.question == "Clear it, to be paid outside the runs? It says that it is paid another way."
    cast.answer(asked, "approve", by=people.bob)
    count, left = run()
    assert (count, list(left)) == (0, ["INV-1"])
    assert left["INV-1"] in told


@pytest.mark.parametrize("code", ["1", "57", "ZZZ", "30", "31", "42"])
def test_what_was_agreed_on_or_is_a_transfer_is_paid_as_always(code: str) -> None:
    take(means=((code, ""),))
    assert run() == (1, {})


def test_a_cheque_asks_unless_there_is_an_account_to_pay_into() -> None:
    taken(
        ubl(Said("INV-1", means=(("20", ""),))),
        ubl(Said("INV-2", means=(("20", ""),), account="", issued="2026-03-20")),
    )
    assert (held("INV-1"), held("INV-2")) == ([], ["paid_otherwise"])


def test_what_is_paid_already_asks_in_its_own_words() -> None:
    take(terms="Der Rechnungsbetrag wurde bereits mit Kreditkarte bezahlt.")
    assert held() == ["paid_otherwise"]
    assert "mit Kreditkarte bezahlt" in cast.question().reasons[0]["sentence"]


# --- 10b: somebody else is to be paid -----------------------------------------------------------------------


@pytest.mark.parametrize(("syntax", "type_code"), [*((s, "393") for s in SYNTAXES), ("ubl", "380")])
@pytest.mark.parametrize(("account", "also"), [("", []), (cast.IBAN, []), (FACTOR, ["bank_mismatch"])])
def test_another_payee_asks_a_person_with_or_without_an_account(
    syntax: str, type_code: str, account: str, also: list[str]
) -> None:
    take(syntax, type_code=type_code, payee="Elbe Faktorbank AG", account=account)
    assert standing()[1:] == ("escalated", [*also, "payee_differs"])
    assert run() == (0, {})


def test_after_approval_money_goes_to_the_account_that_is_named_and_verified_or_nowhere() -> None:
    people = cast.people()
    for account, count in ((cast.IBAN, 1), ("", 0)):
        number = f"INV-{count}"
        taken(
            ubl(
                Said(
                    number, payee="Elbe Faktorbank AG", account=account, issued=f"2026-03-{1 + 14 * count:02}"
                )
            )
        )
        asked = cast.question(number)
        told = {c["verdict"]: c["text"] for c in asked.case["consequences"]}["approve"]
        assert ("no run pays it" in told) == (count == 0)
        cast.answer(asked, "approve", by=people.bob, reason="payment_confirmed")
    proposed = payments.propose("human:900")
    assert [p.invoice.number for p in Payment.objects.all()] == ["INV-1"]
    assert [x.invoice for x in proposed.left] == ["INV-0"]
    assert "not verified" in proposed.left[0].why


def test_a_payment_to_a_payee_bears_the_payees_name() -> None:
    people = cast.people()
    take(payee="Elbe Faktorbank AG")
    cast.answer(cast.question(), "approve", by=people.bob, reason="payment_confirmed")
    root = exported(people)
    assert root.findtext(f".//{NAMESPACE}Cdtr/{NAMESPACE}Nm") == "Elbe Faktorbank AG"


@pytest.mark.parametrize("payee", ["Nails and More", "NAILS AND MORE GmbH", "Nails & More"])
def test_the_vendor_as_its_own_payee_is_nobody_else(payee: str) -> None:
    take(payee=payee.replace("&", "&amp;"))
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize("type_code", ["393", "501", "472", "473"])
def test_a_factored_invoice_asks_though_it_names_nobody(type_code: str) -> None:
    take(type_code=type_code)
    assert "payee_differs" in held()


def test_a_notice_of_assignment_asks() -> None:
    take(terms="Die Forderung ist an die Elbe Faktorbank AG abgetreten.")
    assert held() == ["payee_differs"]


# --- 12: no claim -------------------------------------------------------------------------------------------

NO_CLAIMS = sorted(code for code, n in nature.documents().items() if n.kind == "none")


@every_syntax
def test_what_is_no_claim_asks_in_every_syntax(syntax: str) -> None:
    take(syntax, type_code="325")
    assert standing()[1:] == ("escalated", ["not_a_claim"])
    assert run() == (0, {})


@pytest.mark.parametrize("code", NO_CLAIMS)
def test_no_answer_leads_what_is_no_claim_into_a_run(code: str) -> None:
    people = cast.people()
    take(type_code=code)
    asked = cast.question()
    assert asked.options == ["reject"]
    for verdict in ("approve", "override"):
        with pytest.raises(Refused, match="reject"):
            cast.answer(asked, verdict, by=people.carol)
    assert [c["verdict"] for c in asked.case["consequences"]] == ["reject"]
    assert run() == (0, {})
    document = only(translate(ubl(Said(type_code=code)), "x"), canonical.Invoice)
    assert left_out(document, None) == "it is no claim", "whatever cleared it"


def test_what_is_no_claim_is_set_aside_by_a_person() -> None:
    people = cast.people()
    take(type_code="325")
    cast.answer(cast.question(), "reject", by=people.bob, reason="no_claim_on_us")
    assert standing()[0] == "rejected"
    cast.assert_sound()


@pytest.mark.parametrize("proforma_first", [True, False])
def test_a_pro_forma_takes_nothing_from_the_invoice_that_follows_it(proforma_first: bool) -> None:
    small = table("orders", order(line="1", quantity="10", order_date="2026-02-01", **NAILS))
    files = [ubl(Said("INV-1", type_code="325")), ubl(Said("INV-2", issued="2026-03-02"))]
    for content in files if proforma_first else reversed(files):
        taken(content, first=small)
    assert held("INV-1") == ["not_a_claim"]
    assert standing("INV-2") == ("cleared", "auto", [])
    assert run()[0] == 1


@every_syntax
def test_a_type_that_no_list_has_asks_what_it_is(syntax: str) -> None:
    take(syntax, type_code="ABC")
    assert standing()[1:] == ("escalated", ["missing_data"])
    assert "ABC" in cast.question().reasons[0]["sentence"]


@every_syntax
def test_an_offer_is_set_aside_at_the_door(syntax: str) -> None:
    report = take(syntax, type_code="310")
    assert [line.code for line in report.lines if line.result == "quarantined"] == ["unsupported"]
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("code", ["380", "388", "326", "384", "877", "383"])
def test_a_claim_of_any_name_is_a_claim(code: str) -> None:
    take(type_code=code)
    assert "not_a_claim" not in held()
    assert "missing_data" not in held()


# --- 45: credits by their code ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("syntax", "code"), [*((s, "503") for s in SYNTAXES), *(("cii", c) for c in ("502", "532", "381"))]
)
def test_a_credit_is_one_by_its_code_and_leaves_nothing_to_pay(syntax: str, code: str) -> None:
    credit = SYNTAXES[syntax](Said("GS-1", type_code=code, preceding="INV-1", issued="2026-03-09"))
    taken(ubl(Said("INV-1")))
    taken(credit)
    assert Invoice.objects.get(number="GS-1").type == "credit_note"
    assert standing("GS-1") == ("cleared", "auto", [])
    assert run() == (0, {"INV-1": "nothing is left to pay after credits"})


# --- 80: the payee's reference ------------------------------------------------------------------------------


def exported(people: Cast) -> etree._Element:
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    asked = Escalation.objects.get(kind="payment_run", status="open")
    cast.answer(asked, "approve", by=people.dave, reason="payments_checked")
    return etree.fromstring(payments.export(batch.number))


@every_syntax
def test_the_reference_that_the_payee_asks_for_reaches_the_bank(syntax: str) -> None:
    people = cast.people()
    take(syntax, reference="RF18539007547034")
    root = exported(people)
    assert root.findtext(f".//{NAMESPACE}RmtInf//{NAMESPACE}Ref") == "RF18539007547034"


# --- 88: addressed to somebody else -------------------------------------------------------------------------

ELSE: dict[str, Any] = {
    "buyer": "Ganz Andere Firma KG",
    "buyer_vat": "DE811907980",
    "buyer_endpoint": "9930:DE811907980",
}


@every_syntax
def test_another_buyer_asks_although_nothing_is_configured(syntax: str) -> None:
    take(syntax, **ELSE)
    assert standing()[1:] == ("escalated", ["not_addressed_to_us"])
    assert "Ganz Andere Firma KG" in cast.question().question


NOWAK = vendor(vendor_id="V-2", name="Nowak", vat_id="PL5260001246", iban=cast.OTHER_IBAN)


@pytest.mark.parametrize("apart", [False, True], ids=["together", "one after the other"])
def test_whom_two_vendors_address_alike_is_us_where_nothing_else_says_it(*, apart: bool) -> None:
    nowak = ubl(Said("N-1", issued="2026-03-20", **ELSE)).replace(b"DE136695976", b"PL5260001246")
    if apart:
        taken(ubl(Said("INV-1", **ELSE)))
        assert "not_addressed_to_us" in held("INV-1")
        taken(nowak)  # from a vendor who comes last
        taken(table("vendors", NOWAK))
    else:
        taken(table("vendors", NOWAK), ubl(Said("INV-1", **ELSE)), nowak)
    assert "not_addressed_to_us" not in [*held("INV-1"), *held("N-1")]


def test_what_was_rejected_says_nothing_of_whom_vendors_address() -> None:
    people = cast.people()
    taken(ubl(Said("INV-1", **ELSE)))
    cast.answer(cast.question("INV-1"), "reject", by=people.bob, reason="not_ordered")
    taken(
        table("vendors", NOWAK),
        ubl(Said("N-1", issued="2026-03-20", **ELSE)).replace(b"DE136695976", b"PL5260001246"),
    )
    assert "not_addressed_to_us" in held("N-1")


US = override_settings(COUNTERSIGN_OURS=(("Musterbetrieb AG",), ("DE136695976",), ("0088:4000001000012",)))


@US
@pytest.mark.parametrize("syntax", ["ubl", "edifact"])
@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ({}, False),
        ({"buyer": "MUSTERBETRIEB A.G., Einkauf"}, False),
        ({"buyer": "Musterbetrieb AG", "buyer_vat": "DE 136 695 976"}, False),
        ({"buyer": "Unter anderem Namen", "buyer_vat": "DE136695976"}, False),
        ({"buyer": "Musterbetrieb KG"}, True),
        ({"buyer": "Musterbetrieb AG", "buyer_vat": "DE811907980"}, True),
        (ELSE, True),
    ],
)
def test_who_we_are_is_a_setting(syntax: str, said: dict[str, Any], asks: bool) -> None:
    if syntax == "edifact" and asks and "buyer_vat" not in said:
        said = said | {"buyer_vat": "DE811907980"}  # its number of us (GLN) is ours
    take(syntax, **said)
    assert held() == (["not_addressed_to_us"] if asks else [])


@US
def test_a_table_says_nothing_of_its_buyer_and_is_not_asked_about() -> None:
    taken(table("invoices", cast.bill(order_line="1", quantity="10", issue_date="2026-03-01", **NAILS)))
    assert standing() == ("cleared", "auto", [])


# --- 91: tests and copies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", ["cii", "zugferd-1", "factur-x", "edifact"])
def test_a_test_makes_no_invoice(syntax: str) -> None:
    report = take(syntax, test=True)
    assert [line.code for line in report.lines if line.result == "quarantined"] == ["test_document"]
    assert not Invoice.objects.exists()


@every_syntax
def test_a_copy_of_what_is_here_is_a_duplicate(syntax: str) -> None:
    take(syntax)
    report = take(syntax, copy=True)
    assert [line.result for line in report.lines][-1] == "duplicate"
    assert standing() == ("cleared", "auto", [])


@every_syntax
def test_a_copy_of_what_is_not_here_asks(syntax: str) -> None:
    take(syntax, copy=True)
    assert standing()[1:] == ("escalated", ["duplicate_suspect"])
    assert Document.objects.filter(kind="invoice").count() == 1


# --- any order of arrival -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", [{"means": (("59", "M-1"),)}, {"payee": "Elbe Faktorbank AG"}, {"type_code": "325"}, ELSE]
)
def test_nothing_depends_on_what_came_first(said: dict[str, Any]) -> None:
    document = cii(Said(**said))
    files = [MASTERS, ORDER, RECEIPT, document]
    ends = set()
    for portions in itertools.islice(itertools.permutations(files), 0, None, 3):
        documents.clear_cache()
        with transaction.atomic():
            for n, content in enumerate(portions):
                cast.intake([(f"file-{n}", content)], actor="system:intake", source="test")
                cast.drain()
            proposed = payments.propose("human:900")
            ends.add((repr(standing()), sum(b.count for b in proposed.batches), repr(proposed.left)))
            transaction.set_rollback(True)
    documents.clear_cache()
    assert len(ends) == 1


# --- pages --------------------------------------------------------------------------------------------------


def test_invoice_and_case_show_what_is_special(client: Client) -> None:
    people = cast.people()
    take(type_code="393", means=(("48", ""),), payee="Elbe Faktorbank AG", reference="RF18539007547034")
    client.force_login(people.carol)
    asked = cast.question()
    for address in (f"/invoices/{Invoice.objects.get().id}/", f"/inbox/{asked.id}/"):
        text = client.get(address, follow=True).content.decode()
        for said in ("Factored invoice (393)", "Bank card (48)", "Elbe Faktorbank AG", "RF18539007547034"):
            assert said in text, (address, said)
