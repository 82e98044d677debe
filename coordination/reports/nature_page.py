"""The page of docs that says what each code of a document's nature means for us: written from the lists,
never by hand."""

from __future__ import annotations

from ..translation import nature

INTRODUCTION = """# What a document says of itself

Written by `manage.py code_lists -o docs/nature.md` from the code lists in force; a test compares it.

Before amounts are compared, a document's own words decide whether it is a claim at all, how it is paid, and to whom. All of it is read once,
into the same fields for every syntax (UBL, UBL in JSON, CII and ZUGFeRD 1, Factur-X, EDIFACT), and judged in one place
(`agents/nature.py`, `agents/addressee.py`); a canonical table says no more than invoice or credit note, and a printed pro forma is not read.

| says | where | what follows |
|---|---|---|
| kind of document | BT-3: `InvoiceTypeCode`, `TypeCode`, BGM 1001 | below, by code. `none`: held as `not_a_claim`; a person can only set it aside, it counts for nothing in sums, and no run ever pays it. `other`: not read as an invoice (`unsupported`). In no list: held as `missing_data` |
| how it is paid | BT-81: `PaymentMeansCode`, `TypeCode` of the means, PAI; mandate BT-89, card BT-87 | below, by code |
| the same in words | terms, notes, printed pages | a sentence that states that the vendor takes the money keeps it out of runs; one that states that it is paid already is held as `paid_otherwise`. Conditions and denials say nothing |
| who is paid | BG-10: `PayeeParty`, `PayeeTradeParty`, NAD+PE; types with `factored`; a sentence that the claim is assigned | somebody else than the vendor, by id or name: held as `payee_differs`, with or without an account |
| that it is a test | `TestIndicator`, UNB 0035, BGM 1225 = 53 | quarantine `test_document` |
| that it is a copy | `CopyIndicator`, BGM 1225 = 7 or 31 | a duplicate of what is here; else held as `duplicate_suspect` |
| to whom it is addressed | BG-7: name, VAT id, electronic address | somebody else: held as `not_addressed_to_us` |
| reference for the payer | BT-83: `PaymentID`, `PaymentReference`, RFF+PQ | goes into the bank's file: `Strd` for ISO 11649 (RF), the Belgian and the Finnish reference if their check digits are right, else the text before the invoice's number |

**What approving does.** What is collected clears by itself. What is paid by card, in cash or another way clears when a person approves it,
and no run pays it even then; nor does one pay somebody else than the vendor, unless every account that the document names is the vendor's
verified one (a factor's account becomes that like any change of account: by the vendor list and a second person). The run leaves such an
invoice out with its reason, the page lists it, and two people mark it as paid elsewhere. A payment to another payee bears the payee's name.

**Several means** are alternatives: where one is a transfer, we transfer. Not beside a direct debit with its mandate. A cheque is ours to
send: where the document names an account, paying into it settles it as well.

**Who we are** is set by `COUNTERSIGN_COMPANY_NAME`, `_NAMES`, `_VAT_IDS`, `_ENDPOINTS` and `COUNTERSIGN_PEPPOL_ID`. A VAT id decides where
both sides state one; else an electronic address or other number of ours, else the name (without case, signs and accents; the legal form may be left out
but not be another one; a department behind it is no other company). While none of these is set, the buyer of the order that is billed is who we are;
where the order names none, so is the VAT id or electronic address that documents of two vendors name alike (not those that were rejected or are void).
What nothing of this confirms asks a person; a name alone does not.

**Another edition** of a list takes its place without a change of code: put a file of the same name into a folder and name that in
`COUNTERSIGN_LISTS`. `manage.py check` says what is wrong with it. Decisions made under an earlier edition are run again (`reperform`)
with the lists in force.
"""

KINDS = {
    "invoice": "a claim",
    "credit_note": "a credit",
    "none": "no claim",
}
WAYS: dict[nature.Way, str] = {
    "transfer": "we transfer it",
    "agreed": "as was agreed: we transfer it",
    "collected": "the vendor collects it: clears, in no run",
    "card": "by card: a person is asked",
    "cash": "in cash: a person is asked",
    "cheque": "by cheque: into the account named; without one a person is asked",
    "bill": "by a bill or note: a person is asked",
    "online": "by an online service: a person is asked",
    "offset": "set off: a person is asked",
    "unclear": "no way of paying an invoice: a person is asked",
}


def page() -> str:
    """The page in Markdown."""
    return "\n".join([INTRODUCTION, *_documents(), "", *_means(), ""])


def _documents() -> list[str]:
    found = nature.edition(nature.DOCUMENTS)
    rows = [
        f"| {n.code} | {n.name} | {KINDS[n.kind]}{f': {n.why}' if n.why else ''} |"
        f" {', '.join(sorted(n.traits)).replace('_', '-')} |"
        for n in nature.documents().values()
        if n.kind in KINDS
    ]
    others = sum(n.kind == "other" for n in nature.documents().values())
    return [
        f"## Kinds of document: {found.name}",
        "",
        f"Edition: {found.edition}. Source: {found.source}.",
        "",
        "| code | name | for us | also |",
        "|---|---|---|---|",
        *rows,
        "",
        (
            f"The {others} other codes of the list name documents that are no invoices; one that calls itself"
            " so is not read as one."
        ),
    ]


def _means() -> list[str]:
    found = nature.edition(nature.MEANS)
    rows = [f"| {m.code} | {m.name} | {WAYS[m.way]} |" for m in nature.means().values()]
    return [
        f"## Means of payment: {found.name}",
        "",
        f"Edition: {found.edition}. Source: {found.source}.",
        "",
        "| code | name | for us |",
        "|---|---|---|",
        *rows,
        "",
        "A code that is not in the list asks a person.",
    ]
