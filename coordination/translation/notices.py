"""What the words of an invoice say of its payment where no code says it: the vendor takes the money, it is
paid already, somebody else is to be paid.

A sentence counts only if it states a fact. One with a condition ("if you have given us a mandate ...") or a
denial says nothing, and neither do words that stand alone: "direct debit" is printed on many invoices that
nobody collects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from .canonical import Invoice

Says = Literal["collected", "paid", "assigned"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about the payment: what it says, where it stands, and its words."""

    says: Says
    field: str
    words: str


_GAP: Final = r"(?:\W+\w+){0,12}?\W+"
"""Up to twelve words inside one sentence."""
_DEBIT: Final = r"(?:(?:sepa|basis|firmen)\W{0,3})*(?:lastschrift\w*|bankeinzug\w*|kontoeinzug\w*|abbuchung\w*|einzugsverfahren)"

_COLLECTED: Final = (
    rf"\b(?:wird|werden|wurde|wurden){_GAP}(?:abgebucht|eingezogen)\b",
    rf"\b(?:konto|kreditkarte){_GAP}belastet\b|\bbelasten\s+wir{_GAP}konto\b",
    rf"\b(?:wir\s+(?:ziehen|buchen)|(?:ziehen|buchen)\s+wir){_GAP}(?:ein|ab)\b",
    rf"\b(?:zahlung\w*|zahlart|begleichung|betrag)(?:\W+erfolgt)?\W+(?:(?:per|durch|mittels|mit|im|via)\W+)?{_DEBIT}",
    rf"\b(?:amount|total|sum|payment|balance|money|account)\b(?:\W+\w+){{0,6}}?\W+(?:will|shall|is|was|has|have){_GAP}(?:debited|withdrawn|collected)\b",
    rf"\b(?:will|shall|is|was|has|have){_GAP}debited\W+(?:from|to)\W+your\b",
    r"\bwe\s+(?:will|shall)\s+(?:debit|collect)\b",
    r"\b(?:paid|payment|payable|settled|collected|settlement)(?:\W+(?:is|made|method|terms?))?\W+(?:(?:by|via|through|with)\W+)?(?:sepa\W+)?direct\W+debit",
    rf"\b(?:sera|seront|est|sont|ete){_GAP}?preleve\w*|\b(?:reglement|paiement|payable)\W+(?:est\W+)?(?:par\W+)?prelevement",
    rf"\b(?:sara|verra|saranno|verranno){_GAP}?addebitat\w+|\bpagamento\W+(?:tramite\W+|con\W+)?(?:rid|sdd|addebito)\b",
    rf"\b(?:sera|se){_GAP}?(?:cargad\w+|cargara\w*|adeudara\w*)|\b(?:recibo|pago)\W+domiciliad\w+",
    rf"\b(?:wordt|worden|zal){_GAP}(?:geincasseerd|afgeschreven)\b|\b(?:via|per|door)\W+automatische\W+incasso\b",
    r"\b(?:via|med|genom|gennem|over|pa)\W+(?:autogiro|avtalegiro|betalingsservice)\b",
    r"\bplatnosc\w*\W+(?:w\W+formie\W+)?polecen\w+\W+zaplaty\b",
    r"\b(?:bitte\s+)?nicht\s+(?:selbst\s+)?uberweisen\b|\bbitte\s+nicht\s+(?:be)?zahlen\b",
    r"\bdo\s+not\s+(?:pay|transfer|remit)\W*(?:$|\bthis\b|\bthe\s+amount\b|\bby\s+bank\s+transfer\b)",
    r"\bne\s+pas\s+(?:payer|regler)\W*(?:$|cette\b)|\bniet\s+overmaken\b",
)
_PAID: Final = (
    r"\b(?:betrag|rechnung\w*)\b(?:\W+\w+){0,6}?\W+(?:bereits|schon|dankend)\W+(?:\w+\W+){0,3}?(?:bezahlt|beglichen|erhalten)\b",
    r"\b(?:betrag|zahlung)\W+dankend\W+erhalten\b|\bbar\W+bezahlt\b|\b(?:mit|per)\W+(?:kreditkarte|paypal|ec-karte)\W+(?:bezahlt|beglichen)\b",
    r"\b(?:has|have|is|was)\W+already\W+(?:been\W+)?(?:paid|settled)\b|\balready\W+paid\b|\b(?:is|was|been)\W+paid\W+in\W+full\b",
    r"\bpaid\W+(?:by|with|via)\W+(?:\w+\W+)?(?:card|paypal|cash|cheque|check)\b",
    r"\bfacture\W+acquittee\b|\bdeja\W+(?:payee|reglee)s?\b|\bpayee?\W+par\W+carte\b",
    r"\bgia\W+(?:pagat|saldat)[oa]\b|\bya\W+pagad[oa]\b|\breeds\W+(?:betaald|voldaan)\b|\bbetalt?\W+med\W+kort\b",
)
_ASSIGNED: Final = (
    r"\b(?:forderung\w*|rechnung\w*|anspr\w+)\b(?:\W+\w+){0,12}?\W+abgetreten\b|\babgetreten\W+an\b|\bschuldbefreiend\w*|\bbefreiender\W+wirkung\b",
    r"\b(?:receivables?|claims?|debts?|invoices?|amounts?)\W+(?:\w+\W+){0,4}?(?:has|have|is|are|was|were)\W+(?:been\W+)?(?:\w+\W+){0,2}?(?:assigned|ceded|sold)\W+(?:\w+\W+){0,2}?to\b",
    r"\bcreances?\b(?:\W+\w+){0,10}?\W+(?:cedee?s?|transferee?s?)\b|\bsubrog(?:ation|ee?s?)\b|\breglement\w*(?:\W+\w+){0,4}?\W+liberatoire\b",
    r"\bcredit[oi]\b(?:\W+\w+){0,8}?\W+cedut[oi]\b|\bcredito\w*\b(?:\W+\w+){0,8}?\W+cedid[oa]s?\b",
    r"\bvordering\w*\b(?:\W+\w+){0,8}?\W+(?:gecedeerd|overgedragen)\b",
    r"\b(?:fordran|fakturan?)\b(?:\W+\w+){0,8}?\W+(?:overlat\w+|pantsatt\w*|belanad\w*)\b|\bfordring\w*\b(?:\W+\w+){0,8}?\W+(?:overdrag\w+|overdratt)\b",
)
_RULES: Final[tuple[tuple[Says, re.Pattern[str]], ...]] = (
    ("collected", re.compile("|".join(_COLLECTED))),
    ("paid", re.compile("|".join(_PAID))),
    ("assigned", re.compile("|".join(_ASSIGNED))),
)
_STEMS: Final = re.compile(
    r"abgeb|buchen|einzug|eingez|ziehen|belast|lastschr|abbuch|debit|withdr|collect|prelev|addebit|cargad|cargar|adeud|domicil"
    r"|incass|afgeschr|giro|betalingss|polecen|uberweis|zahlen|transfer|overmaken|pay|paid|bezahl|beglich|erhalten|sdd|\brid\b"
    r"|acquit|regle|carte|pagat|saldat|pagad|betaald|voldaan|betal|abgetr|schuldbef|befreiend|assign|ceded|sold|cede|subrog"
    r"|liberat|cedut|cedid|gecedeer|overged|overlat|pantsatt|belanad|overdrag|overdratt"
)
"""One of these is in whatever a pattern finds; most text has none and is not looked at further."""
_IF: Final = re.compile(
    r"\b(?:falls|wenn|sofern|soweit|sollten?|bei\W+(?:zahlung|teilnahme|vorliegen|erteilung|verzug|nicht\w*)|if|unless|where|in\W+case|should|would"
    r"|until|once|may|can|could|bis|jusqu|fino|hasta|tot|dar["
    r" f]|durfen|konnen|kann|si|en\W+cas|peut|qualora|puo|puede|indien|kan|kunt|hvis|jesli)\b"
)
_NOT: Final = re.compile(
    r"\b(?:nicht|kein\w*|ohne|never|not|no|without|ne|pas|sans|non|sin|niet|geen|zonder|ikke|inte|bez|ausgeschlossen|untersagt|prohibited)\b"
)
_TO_US: Final = re.compile(
    r"\b(?:nicht\s+(?:selbst\s+)?(?:uberweisen|(?:be)?zahlen)|do\s+not\s+(?:pay|transfer|remit)|ne\s+pas\s+(?:payer|regler)|niet\s+overmaken)\b"
)
"""A denial that is the statement itself: we are not to pay."""
_SENTENCES: Final = re.compile(r"(?<=[.;!?])\s+|[\n\r|]+")
_CLAUSES: Final = re.compile(r"[,:(){}]|\s[-–—]\s")
_LONGEST: Final = 20_000
"""Characters of one text that are looked at."""


def notices(invoice: Invoice) -> tuple[Notice, ...]:
    """What the texts of an invoice say of its payment, each thing once."""
    found: dict[Says, Notice] = {}
    seen: set[str] = set()
    for field, text in _texts(invoice):
        if text and text not in seen:
            seen.add(text)
            for says, words in find_notices(text[:_LONGEST]):
                found.setdefault(says, Notice(says, field, words))
    return tuple(found.values())


def _texts(invoice: Invoice) -> Iterator[tuple[str, str]]:
    yield "payment_terms", invoice.payment_terms
    yield "note", invoice.note
    yield from ((f"means/{n}/text", one.text) for n, one in enumerate(invoice.means, 1))
    yield from ((one.path, one.raw) for one in invoice.texts)


@lru_cache(maxsize=4096)
def find_notices(text: str) -> tuple[tuple[Says, str], ...]:
    """What a text says of a payment, each with its sentence."""
    if not _STEMS.search(fold(text)):
        return ()
    return tuple(_sentences(_SENTENCES.split(text)))


def _sentences(sentences: Iterable[str]) -> Iterator[tuple[Says, str]]:
    for sentence in sentences:
        folded = fold(sentence)
        if not _STEMS.search(folded) or _IF.search(folded):
            continue
        clauses = [c for c in _CLAUSES.split(folded) if _TO_US.search(c) or not _NOT.search(c)]
        for says, rule in _RULES:
            if any(rule.search(clause) for clause in (*clauses, *_whole(folded, clauses))):
                yield says, " ".join(sentence.split())[:200]


def _whole(folded: str, clauses: list[str]) -> list[str]:
    """The whole sentence too, unless a part of it denies: a verb may stand behind a comma or a colon."""
    return [folded] if len(clauses) == len(_CLAUSES.split(folded)) else []


def fold(text: str) -> str:
    """Lower case without accents: one form per letter."""
    lowered = text.casefold().replace("ł", "l").replace("ø", "o").replace("ı", "i")
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
