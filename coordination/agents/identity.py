"""Who claims, and where the money would go: vendor, VAT id, bank account."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from stdnum import exceptions as stdnum_errors
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat

from ..domain.facts import Several, Snapshot, VendorFacts
from ..domain.proposal import Evidence, Finding
from ..translation import nature
from ..translation.canonical import Account, Invoice
from ..translation.identity import registered_number


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2, and Kosovo's code of common use: what may stand before a VAT id (BR-CO-09). Read
    when a first number needs them."""
    import pycountry

    return frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}


def supplier(snapshot: Snapshot) -> list[Finding]:
    """The vendor is one we know, is active, and has a VAT id of the right form."""
    document, vendor = snapshot.document, snapshot.vendor
    if vendor is None and snapshot.several is not None:
        return [_which(document, snapshot.several)]
    if vendor is None:
        name = document.seller.name or document.vendor_id or "nobody"
        keys = ", ".join(
            filter(None, [document.seller.vat_id, document.vendor_id, *document.seller.party_ids])
        )
        return [
            Finding(
                "supplier",
                f"No vendor of ours matches {name} ({keys or 'no key given'}).",
                code="supplier_unknown",
                expected="a known vendor",
                found=keys or name,
                rule="A-05",
                evidence=(Evidence(f"invoice {document.number}", "seller", name),),
            )
        ]
    findings = []
    if vendor.status == "blocked":
        findings.append(
            Finding(
                "supplier",
                f"{vendor.name} is blocked.",
                code="supplier_blocked",
                expected="active",
                found="blocked",
                rule="A-04",
                evidence=(Evidence(f"vendor {vendor.vendor_id}", "status", "blocked"),),
            )
        )
    return [*findings, *_vat_id(document, vendor)]


def _vat_id(document: Invoice, vendor: VendorFacts) -> list[Finding]:
    """The VAT id has the form of its country, and is the one on file."""
    findings: list[Finding] = []
    vat_id = document.seller.vat_id or vendor.vat_id
    if vat_id and not vat_form_valid(vat_id):
        findings.append(
            Finding(
                "supplier",
                f"VAT id {vat_id} does not have the form of its country.",
                code="vat_id_invalid",
                expected="a valid VAT id",
                found=vat_id,
                evidence=(Evidence(f"invoice {document.number}", "vat_id", vat_id),),
            )
        )
    elif document.seller.vat_id and not vendor.vat_id:
        findings.append(
            Finding(
                "supplier",
                f"{vendor.name} has no VAT id on file to compare {document.seller.vat_id} with. Is it"
                " theirs?",
                code="missing_data",
                expected="a VAT id on file",
                found=document.seller.vat_id,
                evidence=(Evidence(f"vendor {vendor.vendor_id}", "vat_id", ""),),
            )
        )
    elif vat_id and vendor.vat_id and vat_form_valid(vendor.vat_id) and not same_vat(vat_id, vendor.vat_id):
        findings.append(
            Finding(
                "supplier",
                f"VAT id {document.seller.vat_id} is not that of {vendor.name} ({vendor.vat_id}).",
                code="vat_id_invalid",
                expected=vendor.vat_id,
                found=document.seller.vat_id,
                evidence=(
                    Evidence(f"invoice {document.number}", "vat_id", document.seller.vat_id),
                    Evidence(f"vendor {vendor.vendor_id}", "vat_id", vendor.vat_id),
                ),
            )
        )
    return findings


def _which(document: Invoice, several: Several) -> Finding:
    """Known, but not which of several: the members of a VAT group share one VAT id."""
    *first, last = several.vendors
    all_of_them = "both" if len(several.vendors) == 2 else "all"
    whom = (
        f" What it says points both ways: {', '.join(several.pointers)}." if len(several.pointers) > 1 else ""
    )
    numbers = [one.partition(" (")[0] for one in several.vendors]
    return Finding(
        "supplier",
        f"{', '.join(first)} and {last} {all_of_them} {several.shared}: which of them is it?{whom}",
        code="supplier_unknown",
        expected=f"one of {', '.join(numbers)}",
        found=document.seller.vat_id or document.vendor_id,
        rule="A-05",
        evidence=(
            Evidence(
                f"invoice {document.number}", "seller", document.seller.legal_name or document.seller.name
            ),
            *(
                Evidence(f"vendor {number}", "name", one.partition(" (")[2].removesuffix(")"))
                for number, one in zip(numbers, several.vendors, strict=True)
            ),
        ),
    )


def same_vat(one: str, other: str) -> bool:
    """Are these one registration? The country may stand before one of them only, and "MVA" or "MWST" behind
    it."""
    a, b = compact(one), compact(other)
    countries = {c[:2] for c in (a, b) if c[:2].isalpha()}
    return re.sub(r"\D", "", a) == re.sub(r"\D", "", b) and len(countries) < 2


def vat_form_valid(vat_id: str) -> bool:
    """Has the number the length and characters of its country? The check digit is not held against it:
    published sample numbers and some legacy registrations fail it, and only the register can say that a
    number is void.
    """
    compact = re.sub(r"[\s.\-/]", "", vat_id).upper()
    prefix = compact[:2]
    if not prefix.isalpha():
        return True
    european = prefix in {"EL", "XI"} or prefix.lower() in eu_vat.MEMBER_STATES
    module: Any = eu_vat if european else get_cc_module(prefix.lower(), "vat")
    if module is None:
        return prefix in countries()
    spellings = [compact]
    if (
        not european
    ):  # national registers know the number without the country, Swiss and Norwegian ones with a word
        spellings += [compact[2:], *(compact + word for word in ("MWST", "MVA"))]
    return any(_has_form(module, spelling) for spelling in spellings)


def _has_form(module: Any, number: str) -> bool:
    try:
        module.validate(number)
    except (stdnum_errors.InvalidLength, stdnum_errors.InvalidFormat):
        return False
    except stdnum_errors.ValidationError:
        return True
    return True


def acquaintance(snapshot: Snapshot) -> list[Finding]:
    """How well we know the vendor: new, dormant, or paid on an account that another vendor has too.

    Recorded for whoever looks; a shared account is held when the policy says so.
    """
    vendor, policy = snapshot.vendor, snapshot.policy
    if vendor is None:
        return []
    where = f"vendor {vendor.vendor_id}"
    findings = []
    if snapshot.namesakes:
        names = ", ".join(snapshot.namesakes)
        findings.append(
            Finding(
                "vendor_bank",
                f"The verified account of {vendor.name} is also that of {names}.",
                code="bank_mismatch" if policy.shared_account == "hold" else "",
                expected="an account of its own",
                found=masked(vendor.verified),
                rule="A-01",
                evidence=(Evidence(where, "account", masked(vendor.verified)),),
            )
        )
    if snapshot.never_paid:
        findings.append(Finding("supplier", f"Nothing has been paid to {vendor.name} yet."))
    elif snapshot.last_paid and (snapshot.received_on - snapshot.last_paid).days > policy.dormant_days:
        sentence = f"{vendor.name} was last paid on {snapshot.last_paid}."
        findings.append(
            Finding("supplier", sentence, evidence=(Evidence(where, "last_paid", str(snapshot.last_paid)),))
        )
    return findings


def compact(number: str) -> str:
    """An account number without spaces and punctuation, upper case. A letter of another script stays one: it
    differs."""
    return registered_number(number)


def account(snapshot: Snapshot) -> list[Finding]:
    """The account on the invoice is the vendor's verified one. Decided by a person in every other case."""
    document, vendor = snapshot.document, snapshot.vendor
    if vendor is None:
        return []
    findings = []
    # of a vendor's first account the question is whether to verify it; that it is not verified yet is no
    # mismatch
    verified = compact(vendor.verified or vendor.proposed)
    # where the vendor collects the money, no account that the document lists is one to pay to; it may be ours
    to_pay = () if nature.collected(document) else (document.account, *document.other_accounts)
    for asked in to_pay:
        if compact(asked.number) and not is_account(asked, verified):
            findings.append(_mismatch(document, vendor, asked.number))
            break
    if not findings and not verified and not vendor.proposed and not snapshot.credit:
        findings.append(_no_account(document, vendor))
    if vendor.proposed:
        findings.append(
            Finding(
                "vendor_bank",
                f"A change of {vendor.name}'s account to {masked(vendor.proposed)} waits to be verified.",
                code="bank_change_unverified",
                expected=masked(vendor.verified),
                found=masked(vendor.proposed),
                rule="A-02",
                evidence=(Evidence(f"vendor {vendor.vendor_id}", "account", masked(vendor.proposed)),),
            )
        )
    return findings


def is_account(printed: Account, known: str) -> bool:
    """Is the account that a document names this one? The branch may stand before or behind its number."""
    number, branch, wanted = compact(printed.number), compact(printed.branch), compact(known)
    return wanted in {number, branch + number, number + branch}


IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{2,4}){3,9}\b")
REFERENCE = "RF"
TAKEN = re.compile(
    r"debit|einzug|einziehen|eingezogen|abgebucht|abbuch|lastschrift|prélèv|prelev|incasso|adeudo|mandat",
    re.IGNORECASE,
)
"""Words about money that is taken: the account beside them is ours."""


def _ibans(text: str) -> list[str]:
    """Account numbers in a text whose check digits are right (ISO 7064, modulo 97). A creditor reference has
    the same digits and is none (ISO 11649)."""
    found, upper, at = [], text.upper(), 0
    while match := IBAN.search(upper, at):
        if match.group().startswith(REFERENCE):
            at = match.start() + 4
            continue
        at = match.end()
        words = re.split(r"[ .-]", match.group())
        for n in range(len(words), 0, -1):  # a word behind the number may look like its last group
            number = "".join(words[:n])
            if (
                15 <= len(number) <= 34
                and int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1
            ):
                found.append(number)
                break
    return found


def account_in_text(snapshot: Snapshot) -> list[Finding]:
    """No text names an account other than the verified one and those the document states: money must not be
    led elsewhere by a sentence."""
    document, vendor = snapshot.document, snapshot.vendor
    if vendor is None:
        return []  # the vendor is asked for; which account is theirs shows once they are known
    known = {compact(a.number) for a in (document.account, *document.other_accounts)} | {
        compact(vendor.verified)
    }
    known |= {compact(m.debited) for m in document.means if m.debited}  # ours, from which they collect
    places = [("note", document.note), ("payment_terms", document.payment_terms)]
    places += [
        (f"lines/{x.position}/{f}", getattr(x, f)) for x in document.lines for f in ("description", "note")
    ]
    for field, text in (*places, *((t.path, t.raw) for t in document.texts)):
        other = [n for n in _ibans(text) if n not in known] if text and not TAKEN.search(text) else []
        if other:
            return [
                Finding(
                    "text",
                    f"Text in {field} names the account {masked(other[0])}, which is not the verified one.",
                    code="suspicious_text",
                    expected="no other account",
                    found=masked(other[0]),
                    evidence=(Evidence(f"invoice {document.number}", field, masked(other[0])),),
                )
            ]
    return []


def _no_account(document: Invoice, vendor: VendorFacts) -> Finding:
    """Recorded and not held: the payment run leaves such an invoice out until an account is verified."""
    return Finding(
        "vendor_bank",
        f"{vendor.name} has no verified account, and the invoice names none; nothing is paid before there is"
        " one.",
        expected="a verified account",
        found="none",
        evidence=(
            Evidence(f"vendor {vendor.vendor_id}", "account", ""),
            Evidence(f"invoice {document.number}", "account", ""),
        ),
    )


def _mismatch(document: Invoice, vendor: VendorFacts, asked: str) -> Finding:
    known = masked(vendor.verified) if vendor.verified else "none"
    return Finding(
        "vendor_bank",
        f"The invoice asks for payment to {masked(asked)}; the verified account is {known}.",
        code="bank_mismatch",
        expected=known,
        found=masked(asked),
        rule="A-01",
        evidence=(
            Evidence(f"invoice {document.number}", "account", masked(asked)),
            Evidence(f"vendor {vendor.vendor_id}", "account", known),
        ),
    )


def masked(number: str) -> str:
    """Enough of an account number to recognise it: the first four and the last four characters."""
    plain = compact(number)
    return plain if len(plain) <= 8 else f"{plain[:4]}…{plain[-4:]}"
