"""Suggestions for a new map, for a person to confirm: how a file is written, which column is which.

A suggestion decides nothing. It is what the form shows first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from rapidfuzz import fuzz

from .canonical import Unreadable
from .columns import NUMBERS
from .converting import is_day
from .foreign import DELIMITERS, MAX_HEADER_ROW, Broken, Cells, Day, Number, Source, csv_rows, key_of
from .formats import DATES, DECIMALS, decimal_text, iso_day
from .mapping import ForeignFile, header_of
from .maps import KINDS, LAYOUT, Field, Map
from .values import BadValueError

LOOKED_AT: Final = 50
ALIKE: Final = 82
"""How alike two names have to be, of 100, for one to be suggested for the other."""

_MARKS: Final = re.compile(r"[_.:/#-]+")
_NUMBER_WORDS: Final = frozenset({"no", "nr", "num", "number", "nummer", "id", "code"})

NAMES: Final = {
    "invoice_number": (
        "invoice no|invoice id|bill number|rechnungsnummer|rechnungsnr|belegnummer|belegnr|numero"
        " facture|factuurnummer|fakturanr"
    ),
    "order_number": (
        "order no|po number|purchase"
        " order|po|bestellnummer|bestellnr|auftragsnummer|commande|ordernummer|bestelnummer"
    ),
    "receipt_number": (
        "receipt no|goods receipt|delivery"
        " note|grn|wareneingang|wareneingangsnr|lieferschein|lieferscheinnr|bon de livraison"
    ),
    "statement_number": "statement no|statement|auszug|kontoauszug|auszugsnummer|releve",
    "vendor_id": (
        "vendor|vendor no|supplier|supplier id|supplier"
        " no|lieferant|lieferantennr|kreditor|kreditorennr|fournisseur|leverancier"
    ),
    "type": "document type|doc type|art|belegart|typ",
    "line": "line no|position|pos|item no|zeile|poste|ligne|regel",
    "order_line": "order line|po line|bestellposition|order position",
    "issue_date": (
        "invoice date|date of invoice|document date|rechnungsdatum|belegdatum|date facture|factuurdatum"
    ),
    "due_date": (
        "due|payment due|faellig|faelligkeit|faellig am|fällig|fällig am|fälligkeit|echeance|vervaldatum"
    ),
    "order_date": "date of order|po date|bestelldatum|datum|date commande|orderdatum",
    "received_date": "receipt date|delivery date|date received|eingangsdatum|lieferdatum|date reception",
    "date": "statement date|datum|auszugsdatum",
    "reference_date": "document date|belegdatum|rechnungsdatum",
    "currency": "curr|ccy|waehrung|währung|devise|valuta",
    "item": (
        "item id|article|article no|sku|material|materialnummer|artikel|artikelnummer|artikelnr|reference"
        " article"
    ),
    "description": (
        "text|item name|item description|bezeichnung|beschreibung|artikelbezeichnung|libelle|omschrijving"
    ),
    "quantity": "qty|amount ordered|menge|anzahl|stueck|stück|quantite|aantal",
    "accepted": "quantity accepted|accepted quantity|gutmenge|akzeptiert",
    "unit": "uom|unit of measure|einheit|mengeneinheit|me|unite|eenheid",
    "unit_price": (
        "price|price per unit|net price|einzelpreis|preis|stueckpreis|stückpreis|ep|prix unitaire|prijs"
    ),
    "line_net": (
        "line amount|line total|net amount line|positionsbetrag|gesamtpreis|zeilenbetrag|betrag netto"
        " position"
    ),
    "tax_rate": "vat rate|vat %|tax %|mwst|mwst satz|ust|ust satz|steuersatz|taux tva|btw",
    "iban": "account|bank account|bankverbindung|konto",
    "bic": "swift",
    "net": "net total|total net|netto|nettobetrag|summe netto|total ht",
    "tax": "vat|tax amount|vat amount|steuer|steuerbetrag|mwst betrag|montant tva",
    "gross": (
        "total|gross total|total amount|invoice amount|brutto|bruttobetrag|rechnungsbetrag|gesamtbetrag|total"
        " ttc|totaal"
    ),
    "preceding_invoice": "original invoice|credited invoice|bezug|ursprungsrechnung|reference invoice",
    "name": "vendor name|supplier name|firma|lieferantenname|company|raison sociale|naam",
    "vat_id": "vat number|vat no|ust id|ustid|ust idnr|umsatzsteuer id|numero tva|btw nummer",
    "country": "land|pays|country code",
    "payment_terms": "terms|zahlungsbedingungen|zahlungsziel|conditions",
    "status": "state|active|aktiv|gesperrt",
    "reference": "document no|document|invoice|invoice number|beleg|belegnummer|rechnungsnummer|piece",
    "amount": "value|betrag|montant|bedrag|summe",
    "balance": "saldo|solde|closing balance",
}
"""What else columns are called, in English, German, French and Dutch."""


def looks_like_table(file: ForeignFile) -> bool:
    """Whether a file could be a table that a map reads: a workbook, or rows of one width."""
    if file.is_workbook:
        return True
    encoding = _encoding(file.content)
    return any(_width(file.content, Source("csv", delimiter, encoding)) >= 2 for delimiter in DELIMITERS)


def source_of(file: ForeignFile) -> Source:
    """How a file is probably written: the delimiter that gives the widest rows of one width."""
    if file.is_workbook:
        return Source("xlsx", header_row=_header_row(file.rows(Source("xlsx"))))
    content, encoding = file.content, _encoding(file.content)
    best = Source("csv", ",", encoding)
    width = 0
    for delimiter in DELIMITERS:
        found = Source("csv", delimiter, encoding)
        columns = _width(content, found)
        if columns > width:
            best, width = found, columns
    return Source("csv", best.delimiter, encoding, header_row=_header_row(_some(content, best)))


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _some(content: bytes, source: Source) -> list[tuple[int, Cells]]:
    try:
        return list(islice(csv_rows(content, source), MAX_HEADER_ROW))
    except Unreadable:
        return []


def _width(content: bytes, source: Source) -> int:
    widths = Counter(len(cells) for _, cells in _some(content, source))
    width, times = widths.most_common(1)[0] if widths else (0, 0)
    return width if times >= 2 else 0


def _header_row(rows: Iterable[tuple[int, Cells]]) -> int:
    """The first row that is as wide as any and of words, not of numbers."""
    some = [(number, cells) for number, cells in islice(rows, MAX_HEADER_ROW) if number <= MAX_HEADER_ROW]
    filled = {
        number: [c for c in cells if c and not isinstance(c, Number | Day | Broken)] for number, cells in some
    }
    most = max(map(len, filled.values()), default=0)
    return next((number for number, cells in filled.items() if len(cells) == most), 1)


def labels_of(file: ForeignFile, source: Source) -> tuple[str, ...]:
    """The labels of the header row that a source names."""
    return _labels(header_of(file.rows(source), source.header_row)[0])


def _labels(header: Cells) -> tuple[str, ...]:
    return tuple("" if isinstance(label, Broken) else label for label in header)


def suggest(file: ForeignFile, source: Source, kind: str = "") -> Map:
    """A first map for a table: the kind whose columns it resembles most, and what resembles them."""
    header, rows = header_of(file.rows(source), source.header_row)
    labels = _labels(header)
    chosen = kind or max(KINDS, key=lambda one: _likeness(labels, one))
    fields = {column: Field(column=label) for column, label in _columns(labels, chosen).items()}
    if chosen == "invoices" and "type" not in fields:
        fields["type"] = Field(constant="invoice")
    if LAYOUT[chosen].line and LAYOUT[chosen].line not in fields:
        fields[LAYOUT[chosen].line] = Field(count=True)
    sample = [cells for _, cells in islice(rows, LOOKED_AT)]
    decimals = _best(DECIMALS, _cells(sample, header, fields, days=False), decimal_text)
    dates = _best(DATES, _cells(sample, header, fields, days=True), iso_day)
    return Map(chosen, source, labels, fields, decimals, dates)


def _likeness(labels: Sequence[str], kind: str) -> float:
    """How many of the kind's columns the labels resemble; without its number it is hardly that kind."""
    found = _columns(labels, kind)
    return len(found) if LAYOUT[kind].key in found else len(found) / 2


def _columns(labels: Sequence[str], kind: str) -> dict[str, str]:
    """Canonical column -> the label that resembles it most; no label is given away twice."""
    times = Counter(map(key_of, labels))
    free = {label for label in labels if label and times[key_of(label)] == 1}
    pairs = [(_name_ratio(column, label), column, label) for column in LAYOUT[kind].columns for label in free]
    found: dict[str, str] = {}
    for score, column, label in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if score >= ALIKE and column not in found and label in free:
            found[column] = label
            free.discard(label)
    return found


def _name_ratio(column: str, label: str) -> float:
    names = [column.replace("_", " "), *NAMES.get(column, "").split("|")]
    return max(fuzz.ratio(_plain(label), _plain(name)) for name in names)


def _plain(label: str) -> str:
    """A name without punctuation, in which every word for "number" is one."""
    words = key_of(_MARKS.sub(" ", label)).split()
    return " ".join("no" if word in _NUMBER_WORDS else word for word in words)


def _cells(sample: list[Cells], header: Cells, fields: dict[str, Field], *, days: bool) -> list[str]:
    wanted = {f.column for c, f in fields.items() if f.column and (is_day(c) if days else c in NUMBERS)}
    places = [place for place, label in enumerate(header) if label in wanted]
    cells = [row[place] for row in sample for place in places if place < len(row)]
    texts = [cell.strip().removesuffix("%").rstrip() for cell in cells if type(cell) is str]
    return list(filter(None, texts))


def _best(formats: Iterable[str], cells: list[str], read: Callable[[str, str], str]) -> str:
    """The format that reads most of the cells, the plainest of several."""
    scores = {form: sum(_reads(read, cell, form) for cell in cells) for form in formats}
    return max(scores, key=lambda form: scores[form])


def _reads(read: Callable[[str, str], str], cell: str, form: str) -> bool:
    try:
        read(cell, form)
    except BadValueError:
        return False
    return True
