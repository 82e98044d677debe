"""What sentences say of a payment: facts count, conditions and denials do not."""

from __future__ import annotations

import pytest

from coordination.translation.canonical import Invoice, Origin, PaymentMeans
from coordination.translation.notices import find_notices, notices


@pytest.mark.parametrize(
    "text",
    [
        "Der Betrag wird am 05.12.2026 per SEPA-Lastschrift von Ihrem Konto abgebucht.",
        "Bitte nicht überweisen, der Betrag wird eingezogen.",
        "Zahlungsart: Lastschrift",
        "Wir ziehen den Betrag in den nächsten Tagen von Ihrem Konto ein.",
        "The amount will be debited from your account on 5 December.",
        "Payment by direct debit.",
        "Please do not pay this invoice. We will collect the amount.",
        "La somme à payer sera prélevée sur le compte désigné ci-dessous",
        "Mode de règlement : prélèvement",
        "Het bedrag wordt automatisch geïncasseerd.",
        "Betales via Betalingsservice",
        "Dras via autogiro",
        "L'importo verrà addebitato sul conto",
    ],
)
def test_the_vendor_takes_the_money(text: str) -> None:
    assert {says for says, _ in find_notices(text)} == {"collected"}


@pytest.mark.parametrize(
    "text",
    [
        "Der Rechnungsbetrag wurde mit Kreditkarte bezahlt.",
        "Betrag dankend erhalten",
        "This invoice has already been paid.",
        "Paid by card ending 4242",
        "Facture acquittée",
    ],
)
def test_it_is_paid_already(text: str) -> None:
    assert [says for says, _ in find_notices(text)] == ["paid"]


@pytest.mark.parametrize(
    "text",
    [
        "Die Forderung ist an die Elbe Faktorbank AG abgetreten.",
        "Zahlung mit schuldbefreiender Wirkung nur an die Faktorbank.",
        "This claim has been assigned to North Factors Ltd.",
        "La créance a été cédée à Factofrance",
        "Fordran enligt denna faktura är överlåten till Svea Finans",
    ],
)
def test_the_claim_is_assigned(text: str) -> None:
    assert [says for says, _ in find_notices(text)] == ["assigned"]


@pytest.mark.parametrize(
    "text",
    [
        "Bei Zahlung per Lastschrift gewähren wir 2 % Skonto.",
        "Sofern Sie uns ein Mandat erteilt haben, wird der Betrag abgebucht.",
        "Der Betrag wird nicht abgebucht.",
        "If you have already paid, please disregard this notice.",
        "Forderungen dürfen nicht abgetreten werden.",
        "Rights may not be assigned to third parties.",
        "The goods remain our property until the invoice is paid in full.",
        "Zahlbar innerhalb 30 Tagen ohne Abzug.",
        "Bitte überweisen Sie den Betrag auf unser Konto.",
        "Direct debit form DD-12, pack of 50",
        "Montant déjà payé :",
        "The quantity, previously credited in the initial invoice, is debited:",
        "The goods were collected on 3 May.",
        "Samples will be collected by our driver on Monday",
        "Sold to: Musterbetrieb AG",
        "Debit note",
    ],
)
def test_nothing_is_said(text: str) -> None:
    assert find_notices(text) == ()


def test_every_text_of_an_invoice_is_heard_and_each_thing_told_once() -> None:
    sentence = "Der Betrag wird abgebucht."
    for spoken in (
        Invoice("1", payment_terms=sentence),
        Invoice("1", note=sentence),
        Invoice("1", means=(PaymentMeans("30", sentence),)),
        Invoice("1", texts=(Origin("/page[1]", sentence), Origin("/page[2]", sentence + " "))),
    ):
        [notice] = notices(spoken)
        assert (notice.says, notice.words) == ("collected", sentence)
