"""What a document is by its own words, and what follows from it: is it a claim, do we transfer the money, to
whom.

One judgement for every format. The agent asks a person by it (`findings`), and the payment run leaves out by
it what is not to be transferred (`left_out`), whatever was decided before.
"""

from __future__ import annotations

from ..domain.facts import Snapshot, VendorFacts
from ..domain.proposal import Evidence, Finding
from ..translation import nature
from ..translation.canonical import Invoice
from ..translation.nature import Way
from ..translation.notices import Notice, notices
from . import addressee, claims
from .company_names import company_in, same_company
from .identity import compact, is_account, same_vat

TYPE = "document type of the code list"
NO_CLAIM = "it is no claim"
COLLECTED = "the vendor collects it by direct debit"
OTHER_PAYEE = "somebody other than the vendor is to be paid, to an account that is not verified"
BY_WAY: dict[Way, str] = {
    "card": "it says that it is paid by card",
    "cash": "it says that it is paid in cash",
    "cheque": "it says that it is paid by cheque, and names no account",
    "bill": "it says that it is paid by a bill of exchange or a note",
    "online": "it says that it is paid by an online service",
    "offset": "it says that it is set off between the two of us",
    "unclear": "it names a way of payment that is none for an invoice",
    "unknown": "it names a way of payment that no code list has",
}
BOTH_WAYS = "it asks for a transfer and names a mandate for direct debit"
BY_WORDS = {
    "collected": "it says that the vendor takes the money",
    "paid": "it says that it is paid already",
}
ELSEWHERE = frozenset({COLLECTED, OTHER_PAYEE, BOTH_WAYS, *BY_WAY.values(), *BY_WORDS.values()})
"""Why no run pays a cleared invoice, where it is marked as paid once it is."""


def findings(snapshot: Snapshot) -> list[Finding]:
    """Everything that a document's nature asks a person, and how it is paid where that is special."""
    found = kind(snapshot.document)
    if not nature.claims_nothing(snapshot.document.type_code):
        found += [*paying(snapshot.document), *payee(snapshot), *copied(snapshot)]
    return [*found, *addressee.addressed(snapshot)]


def kind(document: Invoice) -> list[Finding]:
    """A type that claims nothing, or one that no list has."""
    says = nature.look_up(document.type_code)
    where = (Evidence(f"invoice {document.number}", "type_code", says.code),)
    if says.kind == "none":
        sentence = (
            f"By its type {says.code} it is “{says.name}”: {says.why}. It is no claim, so it is never paid."
        )
        return [
            Finding(
                "nature",
                sentence,
                code="not_a_claim",
                expected="an invoice",
                found=f"{says.name} ({says.code})",
                evidence=where,
            )
        ]
    if says.kind == "unknown":
        sentence = f"Its document type “{says.code[:40]}” is in no code list (UNTDID 1001). What is it?"
        return [
            Finding(
                "completeness",
                sentence,
                code="missing_data",
                expected=TYPE,
                found=says.code[:40],
                evidence=where,
            )
        ]
    return []


# --- how it is paid -----------------------------------------------------------------------------------------


def paying(document: Invoice) -> list[Finding]:
    """A way of payment that is no transfer of ours: that the vendor collects is recorded, by code or by
    words; any other asks."""
    why = not_sent(document)
    if not why:
        return []
    decides, told = nature.by(document.means), find_notices(document)
    if why == COLLECTED and decides is not None:
        mandate = next((m.mandate for m in document.means if m.mandate), "")
        place = _place(document, decides)
        sentence = (
            "The vendor collects it by direct debit"
            f" ({decides.code}{f', mandate {mandate}' if mandate else ''}); no run pays it."
        )
        where = Evidence(f"invoice {document.number}", place, decides.code)
        return [Finding("nature", sentence, evidence=(where,))]
    words = next((n for n in told if BY_WORDS.get(n.says) == why), None)
    place, found = _says_so(document, why, decides, words)
    where = Evidence(f"invoice {document.number}", place, found)
    sentence = f"{why[0].upper()}{why[1:]}: {found}."
    if words and words.says == "collected":
        return [Finding("nature", f"{sentence} No run pays it.", evidence=(where,))]
    return [
        Finding(
            "nature",
            sentence,
            code="paid_otherwise",
            expected="a transfer",
            found=found,
            evidence=(where,),
        )
    ]


def _says_so(
    document: Invoice, why: str, decides: nature.Means | None, words: Notice | None
) -> tuple[str, str]:
    """Where the document says how it is paid, and what it says there."""
    if words:
        return words.field, f"“{words.words}”"
    if why == BOTH_WAYS or decides is None:
        n, one = next((n, m) for n, m in enumerate(document.means, 1) if m.mandate)
        return f"means/{n}/mandate", f"mandate {one.mandate}"
    return _place(document, decides), (
        f"{decides.name} ({decides.code})" if decides.name else decides.code[:40]
    )


def _place(document: Invoice, decides: nature.Means) -> str:
    """The path of the means that decides; of several with its code, the one with a mandate."""
    alike = [
        n for n, m in enumerate(document.means, 1) if m.code.strip() and nature.means_of(m.code) == decides
    ]
    first = next((n for n in alike if document.means[n - 1].mandate), alike[0])
    return f"means/{first}/code"


def not_sent(document: Invoice) -> str:
    """Why we do not transfer what it asks for, in words; empty where we do.

    A cheque is ours to send, so that paying into the account which the document names settles it as well.
    What the words say counts only where no code says that it is collected.
    """
    if document.type == "credit_note" or (document.payable is not None and document.payable <= 0):
        return ""
    decides = nature.by(document.means)
    if decides is not None and decides.way == "collected":
        return COLLECTED
    by_cheque = decides is not None and decides.way == "cheque" and document.account.number
    if decides is not None and decides.way not in nature.SENT and not by_cheque:
        return BY_WAY[decides.way]
    if any(m.mandate for m in document.means):
        return BOTH_WAYS
    return next((BY_WORDS[n.says] for n in find_notices(document) if n.says in BY_WORDS), "")


def find_notices(document: Invoice) -> tuple[Notice, ...]:
    return notices(document)


# --- who is paid --------------------------------------------------------------------------------------------


def payee(snapshot: Snapshot) -> list[Finding]:
    """Somebody other than the vendor is to be paid, or the claim is assigned: paying the vendor may not
    settle it."""
    document = snapshot.document
    if not assigned(document, snapshot.vendor):
        return []
    says = nature.look_up(document.type_code)
    who = snapshot.vendor.name if snapshot.vendor else document.seller.legal_name or document.seller.name
    other = another_payee(document, snapshot.vendor)
    words = next((n for n in find_notices(document) if n.says == "assigned"), None)
    parts = [f"{other} is to be paid, not {who or 'the vendor'}"] if other else []
    parts += [f"by its type {says.code} ({says.name}) the claim is assigned"] if says.is_("factored") else []
    parts += (
        [f"it says that the claim is assigned: “{words.words.rstrip(' .')}”"] if words and not other else []
    )
    sentence = "; ".join(parts)
    sentence = f"{sentence[0].upper()}{sentence[1:]}. Paying {who or 'the vendor'} may not settle it."
    place, found = ("payee", other) if other else ("type_code", "not named")
    if words and not other:
        place, found = words.field, company_in(words.words) or words.words
    return [
        Finding(
            "vendor_bank",
            sentence,
            code="payee_differs",
            expected=who or "the vendor",
            found=found,
            evidence=(Evidence(f"invoice {document.number}", place, found),),
        )
    ]


def assigned(document: Invoice, vendor: VendorFacts | None) -> bool:
    """Is somebody other than the vendor to be paid? Of a credit nobody is."""
    if document.type == "credit_note":
        return False
    factored = nature.look_up(document.type_code).is_("factored") or any(
        n.says == "assigned" for n in find_notices(document)
    )
    return factored or bool(another_payee(document, vendor))


def another_payee(document: Invoice, vendor: VendorFacts | None) -> str:
    """The name of a payee who is not the vendor, by id or name; empty where there is none."""
    other, seller = document.payee, document.seller
    shown = other.legal_name or other.name or other.company_id or next(iter(other.party_ids), "")
    if not shown:
        return ""
    vat_ids = [v for v in (seller.vat_id, vendor.vat_id if vendor else "") if v]
    if other.vat_id and any(same_vat(other.vat_id, one) for one in vat_ids):
        return ""
    ids = {compact(i) for i in (seller.company_id, *seller.party_ids) if i}
    if ids & {compact(i) for i in (other.company_id, *other.party_ids) if i}:
        return ""
    names = [n for n in (seller.name, seller.legal_name, vendor.name if vendor else "") if n]
    stated = [n for n in (other.name, other.legal_name) if n]
    return "" if any(same_company(a, b) for a in stated for b in names) else shown


def creditor(document: Invoice, vendor: str) -> str:
    """Whom a payment of this document names: the payee, where that is not the vendor."""
    return another_payee(document, None) or vendor if assigned(document, None) else vendor


# --- copies -------------------------------------------------------------------------------------------------


def copied(snapshot: Snapshot) -> list[Finding]:
    """A document that calls itself a copy of one that is not here."""
    if "copy" not in snapshot.document.marks or claims.duplicates(snapshot):
        return []
    number = snapshot.document.number
    return [
        Finding(
            "duplicate",
            f"{number} is marked as a copy, and the original is not here.",
            code="duplicate_suspect",
            expected="the original",
            found="a copy of an invoice sent before",
            rule="A-03",
            money=snapshot.document.gross,
            evidence=(Evidence(f"invoice {number}", "marks", "copy"),),
        )
    ]


# --- what no run pays ---------------------------------------------------------------------------------------


def left_out(document: Invoice, vendor: VendorFacts | None) -> str:
    """Why no payment run takes this invoice, however it was cleared; empty where one may.

    Where somebody else is to be paid, a run pays only if every account that the document names is the
    vendor's verified one: then two people have looked at just this account.
    """
    if nature.claims_nothing(document.type_code):
        return NO_CLAIM
    if why := not_sent(document):
        return why
    if not assigned(document, vendor):
        return ""
    asked = [a for a in (document.account, *document.other_accounts) if a.number]
    verified = vendor.verified if vendor else ""
    return "" if asked and verified and all(is_account(a, verified) for a in asked) else OTHER_PAYEE
