"""When two documents are the same invoice, and when two numbers look alike."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from . import nature
from .canonical import AllowanceCharge, DiscountTerm, Invoice, InvoiceLine, Party, TaxSubtotal

_VERSION: Final = "countersign/invoice/1"
_RUN: Final = re.compile(r"[^\W_]+")
_AS_DIGIT: Final = str.maketrans("OILS", "0115")
_AS_LATIN: Final = (
    str.maketrans("АВЕЅІЈКМНОРСТУҮХԀԚԜѴӀЗӠ", "ABESIJKMHOPCTYYXDQWVI33")
    | str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧͿϜ", "ABEZHIKMNOPTYXJF")
    | str.maketrans("ՕՍԼՏ", "OULS")
)
"""Capitals of the Cyrillic, Greek and Armenian alphabets that print as Latin ones, or as a digit."""


def canonical_digest(invoice: Invoice) -> str:
    """SHA-256 (hex) over what makes an invoice this invoice and no other, whatever syntax it came in.

    Covered, because a difference is another claim: number, type, type code beyond the plain ones (384, 389),
    seller (VAT id, else vendor id, else registered or trading name), issue and due date, currency, all
    accounts asked to be paid to, orders, for a credit the invoices it takes back, totals, prepaid and
    rounding amount, header allowances and charges, tax breakdown, and of each line item, quantity, unit,
    price, base quantity, net, tax rate, allowances and order line. Where the document has them also its
    instalments, the discounts it offers and the tax it has withheld. So a copy with another account, or with
    a rounding amount, or due in other parts, differs. So does one that is collected or paid otherwise instead
    of by transfer, or that names another payee.

    Absorbed, because syntaxes differ in it: order of lines, subtotals and accounts; absent against 0 for
    tax, prepaid, rounding, rates, allowances; number formats; white space; line ids; order on the header or
    on each line; totals that are absent and follow from others.

    Left out: free text, the buyer, delivery references, preceding invoices of an invoice that is no credit
    (CII carries one, UBL many), buyer's and standard item ids, BIC, addresses, provenance. Values nobody
    can read are covered as they stand: two documents with different garbage are not the same.
    """
    content = [
        _VERSION,
        _header(invoice),
        [_totals(invoice), sorted(map(_subtotal, invoice.taxes)), _allowances(invoice.allowances)],
        sorted(_line(line, invoice) for line in invoice.lines),
        sorted([problem.field.rpartition("/")[2], problem.raw] for problem in invoice.unreadable),
        *_payment_plan(invoice),
        *_special(invoice),
    ]
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _payment_plan(invoice: Invoice) -> list[object]:
    """How the document is to be paid beyond its due date; nothing where it says nothing, as digests were
    before."""
    parts = sorted([str(i.due or ""), _number(i.amount)] for i in invoice.instalments)
    offers = sorted(_offer(term, invoice) for term in invoice.discounts)
    withheld = _number(invoice.withheld) if invoice.withheld else ""
    return [[parts, offers, withheld]] if parts or offers or withheld else []


def _offer(term: DiscountTerm, invoice: Invoice) -> list[str]:
    """Days and their last day are one offer, since syntaxes say either."""
    until = term.until
    if until is None and term.days is not None and invoice.issue_date is not None:
        until = invoice.issue_date + timedelta(days=term.days)
    said = str(until) if until is not None else f"{term.days} days" if term.days is not None else ""
    return [said, *(_number(n) for n in (term.percent, term.amount, term.base))]


def _special(invoice: Invoice) -> list[list[str]]:
    """What its nature makes another claim of: that it is not paid by transfer, and somebody else who is to be
    paid. Nothing where neither is so: then the digest is as it was before these were read."""
    decides = nature.by(invoice.means) if invoice.type == "invoice" else None
    way = decides.way if decides is not None and decides.way not in nature.SENT else ""
    seller = {_plain(n).casefold() for n in (invoice.seller.name, invoice.seller.legal_name)}
    payee = _plain(invoice.payee.legal_name or invoice.payee.name).casefold()
    other = payee if payee not in seller and invoice.type == "invoice" else ""
    return [["nature", way, other]] if way or other else []


def digest_of_another(digest: str, seller: Party) -> str:
    """The digest of a document that is equal in all that `canonical_digest` covers to one of another company,
    with whom its seller shares a VAT id."""
    name = registered_number(seller.legal_name or seller.name)
    return hashlib.sha256(f"{digest}/{name}".encode()).hexdigest()


def _header(invoice: Invoice) -> list[object]:
    code = invoice.type_code.upper()
    accounts = (invoice.account, *invoice.other_accounts)
    is_credit = invoice.type == "credit_note"
    return [
        _plain(invoice.number),
        invoice.type,
        "" if code in nature.SAYS_NO_MORE else code,
        _seller(invoice.seller, invoice.vendor_id),
        str(invoice.issue_date or ""),
        str(invoice.due_date or ""),
        invoice.currency,
        sorted(
            {registered_number(a.number) + "/" + registered_number(a.branch) for a in accounts if a.number}
        ),
        sorted(set(map(_plain, invoice.order_numbers))),
        sorted(set(map(_plain, invoice.preceding))) if is_credit else [],
    ]


def _seller(seller: Party, vendor_id: str) -> str:
    if seller.vat_id:
        return "vat:" + registered_number(seller.vat_id)
    if vendor_id:
        return "vendor:" + _plain(vendor_id)
    return "name:" + _plain(seller.legal_name or seller.name).casefold()


def _totals(invoice: Invoice) -> list[str]:
    nets = [line.net for line in invoice.lines]
    lines_net = invoice.lines_net
    if lines_net is None and None not in nets:
        lines_net = sum((net for net in nets if net is not None), Decimal(0))
    payable = invoice.payable
    if payable is None and invoice.gross is not None:
        payable = invoice.gross - invoice.prepaid + invoice.rounding
        payable += sum((one.amount if one.charge else -one.amount for one in invoice.collected), Decimal(0))
    tax = invoice.tax or Decimal(0)
    amounts = (lines_net, invoice.net, tax, invoice.gross, invoice.prepaid, invoice.rounding, payable)
    return [_number(amount) for amount in amounts]


def _subtotal(row: TaxSubtotal) -> list[str]:
    zero = Decimal(0)
    return [row.category, _number(row.rate or zero), _number(row.base or zero), _number(row.tax or zero)]


def _allowances(found: tuple[AllowanceCharge, ...]) -> list[list[str]]:
    return sorted([str(one.charge), _number(one.amount)] for one in found if one.amount)


def _line(line: InvoiceLine, invoice: Invoice) -> list[object]:
    numbers = (line.quantity, line.price, line.base_quantity, line.net, line.tax_rate or Decimal(0))
    return [
        [_number(number) for number in numbers],
        [
            line.unit,
            _plain(line.item),
            _plain(_order_of(line, invoice.order_numbers)),
            _plain(line.order_line),
        ],
        _allowances(line.allowances),
    ]


def restates(one: Invoice, other: Invoice) -> bool:
    """Do two documents of one vendor claim the same, where one is a table and can say less?

    Canonical CSV knows our number of the vendor instead of its VAT id, no tax breakdown and no base quantity.
    Whatever it can say has to agree, and the other document may say nothing that a table could not: no
    allowance, prepayment, rounding, instalment, withheld tax, second account or special type. What it offers
    for early payment is no claim.
    """
    plain, others = _in_a_table(one), _in_a_table(other)
    if plain is None or plain != others:
        return False
    return one.due_date == other.due_date or None in (one.due_date, other.due_date)


def _in_a_table(invoice: Invoice) -> list[object] | None:
    """The claim in the words that a table has; None where it has not the words."""
    payable = invoice.gross if invoice.payable is None else invoice.payable
    special = (
        invoice.type_code.upper() not in nature.SAYS_NO_MORE or invoice.payee.name or invoice.account.branch
    )
    beyond = invoice.allowances or invoice.other_accounts or invoice.unreadable or len(invoice.preceding) > 1
    in_parts = invoice.instalments or invoice.withheld or _special(invoice)
    if special or beyond or in_parts or invoice.prepaid or invoice.rounding or payable != invoice.gross:
        return None
    if any(line.allowances or not line.base_quantity for line in invoice.lines):
        return None
    header = _header(invoice)
    return [
        header[:3],
        header[4],
        header[6:],
        [_number(amount) for amount in (invoice.net, invoice.tax or Decimal(0), invoice.gross)],
        sorted(_line(_by_the_piece(line), invoice) for line in invoice.lines),
    ]


def _by_the_piece(line: InvoiceLine) -> InvoiceLine:
    price = line.price / line.base_quantity if line.price is not None else None
    return replace(line, price=price, base_quantity=Decimal(1))


def _order_of(line: InvoiceLine, order_numbers: tuple[str, ...]) -> str:
    """The line's order; the only order of the document is that of every line, wherever it is written."""
    only = order_numbers[0] if len(order_numbers) == 1 else ""
    return line.order_number or only


def _number(value: Decimal | None) -> str:
    """One text for one number: 1, 1.0 and 1.00 are "1", and there is no minus zero."""
    if value is None:
        return ""
    return format(value.normalize(), "f") if value else "0"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=65536)
def normalised_number(text: str) -> str:
    """The one form in which numbers of documents are compared: letters and digits, nothing else.

    Without compatibility forms (full width, ligatures), in capitals as all cases of a letter have them (ß, ẞ
    and SS are one, and so are ı, i, I and İ), digits of every script as ASCII ones. A mark that no letter
    takes up is left out.

    Where a table is searched by it, the form is written beside the number at intake, never on a tracked row:
    no database folds letters as this does, and a row with history cannot be written anew when this changes.
    Whoever changes it writes the kept keys anew in a migration, as `0028_one_normal_form` does.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    capitals = unicodedata.normalize("NFC", folded.upper()).replace("İ", "I")
    kept = "".join(_digit(c) for c in capitals if c.isalnum())
    return unicodedata.normalize("NFC", kept)  # letters that a sign held apart


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def normalised_numbers(numbers: Iterable[str]) -> list[str]:
    """The normal forms of several numbers, each once, in their order; without those that have no letter and
    digit."""
    return list(dict.fromkeys(key for n in numbers if (key := normalised_number(n))))


def with_numbers_normal(text: str) -> str:
    """A text with every run of letters and digits in normal form, and the signs between them as they are."""
    return _RUN.sub(lambda run: normalised_number(run[0]), unicodedata.normalize("NFKC", text))


def same_signs(one: str, other: str) -> bool:
    """Whether two numbers are written with the same signs between the same letters and digits, whatever the
    case and the width: then nobody means two documents by them."""
    first, second = (" ".join(with_numbers_normal(text).split()) for text in (one, other))
    return first == second


@lru_cache(maxsize=65536)
def registered_number(text: str) -> str:
    """The form in which what is registered of a company (VAT id, our number for it, account, name) is
    compared: NFKC, upper case, letters and digits.

    Digests of documents and rows with history (`vat_key`) are bound to it: it never changes.
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))


def appearance(text: str) -> str:
    """The normalised number as it prints: with Latin letters for those of other alphabets that look like
    them. One character for each, so that an edit of the one is an edit of the other."""
    return normalised_number(text).translate(_AS_LATIN)


def skeleton(text: str) -> str:
    """The number as it prints, with O as 0, I and L as 1, S as 5, and without leading zeros."""
    return appearance(text).translate(_AS_DIGIT).lstrip("0")


def similar_numbers(one: str, other: str) -> bool:
    """Whether two numbers could be one number written twice (interfaces: similar).

    As they print: equal as skeletons, or one edit apart (a character put in, left out or replaced, or two
    neighbours exchanged), or one is the other with at most two characters put before or after it. A number
    without letters and digits resembles nothing.
    """
    short, long = sorted((appearance(one), appearance(other)), key=len)
    if not short:
        return False
    if skeleton(short) == skeleton(long):
        return True
    if OSA.distance(short, long, score_cutoff=1) <= 1:
        return True
    return len(long) - len(short) <= 2 and (long.startswith(short) or long.endswith(short))
