"""Text that gives orders to whoever reads it, or hides. Nothing in it is ever followed; a person reads it.

Words are compared after folding: compatibility forms, letters that look alike, signs nobody sees and the
signs between words no longer tell two texts apart. Patterns ask for an act and its object ("ignore ...
instructions"), because the words alone stand on labels and in names of goods.
"""

from __future__ import annotations

import re
import unicodedata

from ..domain.proposal import Evidence, Finding
from ..translation.canonical import Invoice
from . import phrases
from .phrases import compiled

HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
"""Characters that change what is seen, or are not seen at all."""

LOOKALIKES = str.maketrans("аеорсхуіѕкмтнвԁαεικνορτυχ", "aeopcxyiskmthbdaeiknoptux")
"""Cyrillic and Greek letters that print as Latin ones."""

GAP = r"(?:\W+\w+){0,5}?\W+"
"""Up to five words between an act and its object."""

RULES = (
    r"(?:instru[ck]\w+|istruz\w+|instrucc\w+|anweisung\w*|anvisning\w*|checks?|controls?|contr[oô]l\w*|kontrol\w*|prüfung\w*"
    r"|regel\w*|rules?|r[eè]gles|regole|reglas|polic\w+|polit\w+|prompts?|validations?|reviews?|approvals?|matching"
    r"|comparisons?|guidance|requirements?|tolerances?|above)"
)
CHECKING = r"(?:matching|check\w*|review\w*|approval|verification|validation|controls?)"
SETTLED = r"(?:paid|cleared|approved|matched|verified|valid|checked)"
READER = r"(?:ai|llm|automat\w+|system|agents?|assistants?|bots?|models?|machine|reviewer)"

ALSO_TECHNICAL = r"(?:overlook|omit|waive|suspend|set\W+aside|dispense\W+with|do\W+away\W+with|leave\W+out|(?:turn|switch)\W+off)"
CERTAIN = r"(?:the|your|our|any|all|every|earlier|previous|prior|usual|three|two|four)"
"""Acts that stand in technical descriptions, too, count only with a certain object."""

ORDERS = "|".join(
    [
        # forget what you were told
        rf"\b(?:z?ignor\w*|negeer\w*|disregard\w*|forget|bypass\w*|override|overrule|skip)\b{GAP}{RULES}\b",
        rf"\b{ALSO_TECHNICAL}\W+{CERTAIN}\W+(?:\w+\W+){{0,2}}?{RULES}\b",
        rf"\boverride\W+(?:the\W+)?{RULES}",
        # you, the reader
        r"\bsystem\W+prompt\b",
        r"\byou\W+are\W+an?\W+(?:\w+\W+){0,2}?(?:ai|assistant|agent|model|bot)\b",
        rf"\b(?:note|notes|instructions?|message|attention|dear|memo)\W+(?:to|for)?\W*(?:the\W+|any\W+|all\W+)?{READER}\b",
        r"\bto\W+(?:the|any)\W+automated\b",
        r"\b(?:ai|agents?|assistants?|bots?)\W+(?:\w+\W+){0,1}?(?:must|shall|have\W+to)\b",
        # let it through
        r"\b(?:auto\W*)?approve\W+(?:this|it|immediately|without)\b",
        r"\bapprouve[zr]?\W+(?:cette|la)\W+facture|\bapprova\w*\W+(?:questa|la)\W+fattura",
        r"\b(?:apruebe|aprueba|aprobar)\W+(?:esta|la)\W+factura|\bgeben\W+sie\b(?:\W+\w+){0,4}?\W+frei\b",
        r"\bohne\W+(?:\w+\W+)?prüfung\W+(?:\w+\W+){0,2}?(?:frei\w*|zahl\w*|überw\w*|buch\w*)",
        r"\brelease\b(?:\W+\w+){0,3}?\W+(?:for\W+|the\W+)payment\b",
        rf"\bwithout\W+(?:\w+\W+)?{CHECKING}\b",
        rf"\bmark\w*\b{GAP}as\W+{SETTLED}\b",
        rf"\btreat\w*\b{GAP}as\W+(?:already\W+)?{SETTLED}\b",
        rf"\bset\b{GAP}(?:status|confidence)\b|\b(?:status|state)\b{GAP}to\W+{SETTLED}\b",
        rf"\b{CHECKING}\b{GAP}(?:switched\W+off|disabled|waived|not\W+needed)\b",
        r"\breport\W+no\W+(?:findings?|errors?|differences?)\b",
        r"\bdo\W+not\W+(?:escalate|flag)\b",
        r"\bdo\W+not\W+(?:hold|review|compare|check|match|query)\b(?:\W+(?:this|the|any))?\W+(?:invoice|document|payment|claim|it)\b",
        r"\bdo\W+not\W+review\b",
        # pay somewhere else
        r"\b(?:new|changed|updated)\W+bank\W+(?:details|account)|\bbank\W+(?:details|account)\b(?:\W+\w+){0,2}?\W+changed\b",
        r"\bneue\w?\W+(?:bankverbindung|kontoverbindung|iban)\b|\bnouve\w+\W+(?:rib|iban|compte|coordonnées)\b",
        r"\bnuov[eoi]\W+(?:coordinate|iban|conto)\b|\bnuev[ao]s?\W+(?:cuenta|datos\W+bancarios|iban)\b",
        r"\burgent(?:ly)?\W+(?:wire|transfer|payment)\b",
    ]
)
SQUEEZED = r"ignore(?:all|any|the|your)?(?:previous|prior|above|earlier|instructions|checks|rules)|approvethis|systemprompt|donotescalate"
"""The best known phrases, for text whose letters stand apart."""

SPACED = re.compile(r"(?:\b\w\W{1,3}){6,}\w\b")
STEMS = (
    r"ignor|negeer|disreg|forget|bypass|overr|overl|omit|waiv|suspend|aside|leave|dispens|away|\boff\b|skip|prompt|assist|agent"
    r"|\bai\b|\bbot|automat|appro|apru|aprob|geben|prüf|releas|without|mark|treat|status|state|confid|disabled|waived|not"
    r" |bank"
    r"|report|iban|konto|\brib\b|compte|coord|conto|cuenta|datos|urgent|system|reviewer|machine|model|\bllm"
)
"""One of these is in whatever a pattern finds; most text has none and is not looked at further."""


def fold(value: str) -> str:
    """The text as a reader would hear it: lower case, one form per letter, words parted by single signs."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value).replace("\u00ad", "")
        value = HIDDEN.sub("", value).lower().translate(LOOKALIKES)
    return value.lower().replace("_", " ")


def gives_orders(value: str) -> bool:
    """Does the text tell its reader what to do?"""
    folded = fold(value)
    if compiled(STEMS).search(folded) and compiled(ORDERS).search(folded):
        return True
    if compiled(phrases.MORE).search(folded):
        return True
    if SPACED.search(folded) and compiled(SQUEEZED).search(re.sub(r"\W+", "", folded)):
        return True
    return any(c in value for c in "<[#:") and compiled(phrases.MARKUP).search(value) is not None


def hides(value: str) -> bool:
    """Does the text hold characters that nobody sees, or that turn the order of what is seen?"""
    return not value.isascii() and HIDDEN.search(value) is not None


_SENTENCES = re.compile(r"(?<=[.;:!?/|])\s+|\n+|\s+-+\s+")


def goods_only(description: str) -> str:
    """The description without its sentences that give orders or hide: what its clean twin would say."""
    if not description or not (gives_orders(description) or hides(description)):
        return description
    seen = HIDDEN.sub("", description)
    kept = " ".join(s for s in _SENTENCES.split(seen) if s and not gives_orders(s)).strip(" /|-")
    return kept.rstrip(".;:!?") or seen


def text(document: Invoice) -> list[Finding]:
    """The first text of the document that gives orders or hides."""
    places = [
        ("note", document.note),
        ("payment_terms", document.payment_terms),
        ("seller", document.seller.name),
    ]
    places += [(f"lines/{x.position}/description", x.description) for x in document.lines]
    places += [(t.path, t.raw) for t in document.texts]
    seen: set[str] = set()
    for field, value in places:
        if not value or value in seen:
            continue
        seen.add(value)
        if hides(value) or gives_orders(value):
            shown = HIDDEN.sub("□", value)[:120]
            return [
                Finding(
                    "text",
                    f"Text in {field} reads like an instruction or hides characters: “{shown}”.",
                    code="suspicious_text",
                    expected="plain text",
                    found=shown,
                    evidence=(Evidence(f"invoice {document.number}", field, shown),),
                )
            ]
    return []
