"""Statuses and codes as icon and word: colour repeats what the word says, never carries it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.errors import PAST
from reviews.kinds import stored_kind, words_of
from reviews.selectors import Person

from ..domain.hold_codes import CATALOGUE
from .format import amount
from .reasoning import code_in_words, reasoning_in_words

register = template.Library()

AMOUNT = re.compile(r"(\d+\.\d+) ([A-Z]{3})")

STATES = {
    "received": ("document", ""),
    "validated": ("check", ""),
    "matched": ("rows", ""),
    "delivered": ("truck", ""),
    "cleared": ("check", ""),
    "scheduled": ("clock", ""),
    "paid": ("check-ring", "ok"),
    "rejected": ("cross-ring", ""),
    "void": ("dashed", "faint"),
}
LANES = {
    "open": ("turn", "Being decided"),
    "auto": ("agent", "Automatic"),
    "waiting": ("truck", "Waiting"),
    "escalated": ("tray", "Escalated"),
    "human": ("person", "Decided by a person"),
    "void": ("dashed", "Void"),
}
OUTCOMES = {
    "open": ("tray", "Open"),
    "answered": ("check-ring", "Answered"),
    "pending": ("clock", "Answered, not yet counted"),
    "approved": ("check-ring", "Approved"),
    "overridden": ("check-ring", "Overridden"),
    "edited": ("pencil", "Edited"),
    "partial": ("half", "Partial"),
    "rejected": ("cross-ring", "Rejected"),
    "expired": ("clock", "Expired"),
    "superseded": ("stack", "Superseded"),
    "withdrawn": ("return", "Withdrawn"),
}
BATCHES = {
    "proposed": ("clock", "Proposed"),
    "approved": ("check-ring", "Approved"),
    "exported": ("download", "Exported"),
    "executed": ("check-ring", "Paid"),
    "paid": ("check-ring", "Paid"),
    "refused": ("cross-ring", "Refused"),
    "cancelled": ("cross-ring", "Cancelled"),
}
STATEMENTS = {
    "received": ("clock", "Received", ""),
    "agreed": ("check-ring", "Agrees", "ok"),
    "open": ("scales", "Differs", "warn"),
    "accepted": ("check-ring", "Differences accepted", ""),
    "asked": ("question", "Vendor asked", "info"),
    "superseded": ("stack", "Superseded", ""),
    "failed": ("octagon", "Could not be compared", "bad"),
}
VENDORS = {"active": ("check", "Active", ""), "blocked": ("octagon", "Blocked", "bad")}
ACCOUNTS = {
    "verified": ("check-ring", "Verified", "ok"),
    "proposed": ("clock", "Proposed", "warn"),
    "retired": ("return", "Retired", ""),
    "refused": ("cross-ring", "Refused", ""),
    "superseded": ("stack", "Superseded", ""),
}
LINE_RESULTS = {
    "matched": ("check", "Agrees", ""),
    "timing": ("clock", "A matter of days", ""),
    "missing_invoice": ("document", "Invoice missing", "bad"),
    "unapplied_credit": ("return", "Credit not applied", "bad"),
    "duplicate_payment": ("stack", "Paid twice", "bad"),
    "wrong_amount": ("coin", "Amount differs", "bad"),
    "disputed": ("cross-ring", "Rejected by us", ""),
    "unmatched": ("question", "No counterpart", "bad"),
    "": ("clock", "Not compared yet", ""),
}
POSITIONS = {
    "approve": ("check", "Approve"),
    "act": ("check", "Approve"),
    "hold": ("pause", "Hold"),
    "wait": ("clock", "Wait"),
    "escalate": ("tray", "Escalate"),
    "note": ("pencil", "Note"),
    "block": ("octagon", "Block"),
}
QUESTIONS = {
    "price": "tag",
    "quantity_received": "truck",
    "quantity_ordered": "box",
    "duplicate": "stack",
    "vendor_bank": "lock",
    "release": "gauge",
    "arithmetic": "scales",
    "tax": "percent",
    "supplier": "building",
    "currency": "coin",
    "credit": "return",
    "prepayment": "coin",
    "order": "rows",
    "completeness": "question",
    "text": "triangle",
}
AUTONOMY = {"shadow": 1, "advise": 2, "supervised": 3, "autonomous": 4}
RESULTS = {
    "accepted": ("check", "ok"),
    "unchanged": ("check", ""),
    "duplicate": ("stack", ""),
    "quarantined": ("octagon", "bad"),
}
VERDICT_KEYS = {"approve": "A", "reject": "R", "override": "V", "partial": "P"}
VERDICT_WORDS = {"approve": "Approve", "reject": "Reject", "override": "Override", "partial": "Partial"}
QUARANTINE = {
    "malformed": "not well formed",
    "forbidden_doctype": "carries a DOCTYPE",
    "unsupported": "not a supported document",
    "missing_id": "has no number",
    "too_large": "too large",
    "encrypted": "encrypted",
    "mismatch": "contradicts itself",
    "not_allowed": "not yours to bring",
}


RESPONSES = {
    "AB": "acknowledged",
    "IP": "in process",
    "UQ": "under query",
    "CA": "conditionally accepted",
    "RE": "rejected",
    "AP": "accepted",
    "PD": "paid",
}


@register.simple_tag
@lru_cache(maxsize=512)  # a page shows hundreds, of a few dozen kinds
def icon(name: str, extra: str = "") -> SafeString:
    """One icon of the sprite."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', extra, static("icons.svg"), name
    )


def _word(name: str, text: str, tone: str = "") -> SafeString:
    return format_html('<span class="word {}">{}<span>{}</span></span>', tone, icon(name), text)


def _chip(name: str, text: str, tone: str = "") -> SafeString:
    return format_html('<span class="chip {}">{}<span>{}</span></span>', tone, icon(name), text)


@register.simple_tag
def state(value: str) -> SafeString:
    name, tone = STATES.get(value, ("question", ""))
    return _word(name, value.capitalize(), tone)


@register.simple_tag
def state_chip(value: str) -> SafeString:
    name, tone = STATES.get(value, ("question", ""))
    return _chip(name, value.capitalize(), tone)


@register.simple_tag
def lane(value: str) -> SafeString:
    return _word(*LANES.get(value, ("question", value)))


@register.simple_tag
def lane_chip(value: str) -> SafeString:
    return _chip(*LANES.get(value, ("question", value)))


@register.simple_tag
def outcome(value: str, tone: str = "") -> SafeString:
    name, text = OUTCOMES.get(value, ("question", value))
    return _word(name, text, tone)


@register.simple_tag
def outcome_chip(value: str) -> SafeString:
    return _chip(*OUTCOMES.get(value, ("question", value)))


@register.simple_tag
def batch_chip(value: str) -> SafeString:
    name, text = BATCHES.get(value, ("question", value))
    return _chip(name, text, "ok" if text == "Paid" else "")


@register.simple_tag
def statement_chip(value: str) -> SafeString:
    return _chip(*STATEMENTS.get(value, ("question", value, "")))


@register.simple_tag
def vendor_status(value: str) -> SafeString:
    return _word(*VENDORS.get(value, ("question", value, "")))


@register.simple_tag
def vendor_chip(value: str) -> SafeString:
    return _chip(*VENDORS.get(value, ("question", value, "")))


@register.simple_tag
def account_chip(value: str) -> SafeString:
    return _chip(*ACCOUNTS.get(value, ("question", value, "")))


@register.simple_tag
def line_result(value: str) -> SafeString:
    return _word(*LINE_RESULTS.get(value, ("question", value, "")))


@register.simple_tag
def position_chip(value: str) -> SafeString:
    name, text = POSITIONS.get(value, ("question", value.capitalize()))
    return _chip(name, text, "outline")


@register.simple_tag
def result_word(value: str) -> SafeString:
    name, tone = RESULTS.get(value, ("question", ""))
    return _word(name, value.capitalize(), tone)


@register.simple_tag
def reason_chip(reason: dict[str, Any]) -> SafeString:
    """The hold code in words and the size of it, or that it waits; red only for hard stops."""
    row = CATALOGUE.get(reason.get("code", ""))
    name = (row and row.icon) or QUESTIONS.get(reason.get("question", ""), "gauge")
    size = format_html(" <b>{}</b>", sized(reason["excess"])) if reason.get("excess") else ""
    if reason.get("until"):
        size = format_html(" <b>{}</b>", "waiting")
    tone = "hard" if reason.get("hard") else ""
    return format_html(
        '<span class="chip {}">{}<span class="cut">{}{}</span></span>',
        tone,
        icon(name),
        reason.get("words", ""),
        size,
    )


def sized(excess: str) -> str:
    """The size of a reason; an amount with its currency first and grouped."""
    found = AMOUNT.fullmatch(excess)
    return f"{found[2]} {amount(found[1])}" if found else excess


@register.simple_tag
def agent_state(paused: bool) -> SafeString:
    return _word("stop", "Stopped", "bad") if paused else _word("check-ring", "Running")


@register.simple_tag
def autonomy(level: str) -> SafeString:
    """Four rising bars and the word."""
    lit = AUTONOMY.get(level, 0)
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="5" height="{}" rx="1"/>',
        (("on" if i < lit else "off", i * 6, 8.5 - i * 2.5, 3.5 + i * 2.5) for i in range(4)),
    )
    return format_html(
        '<span class="word"><svg class="steps" width="23" height="12" viewBox="0 0 23 12"'
        ' aria-hidden="true">{}</svg><span>{}</span></span>',
        bars,
        level.capitalize(),
    )


@register.simple_tag
def avatar(person: Person | None, size: str = "") -> SafeString:
    """A circle with initials for a person, a rounded square for an agent, a dashed circle for nobody."""
    if person is None:
        return format_html('<span class="avatar nobody {}" title="Unassigned"></span>', size)
    if person.kind != "human":
        return format_html('<span class="robot" title="{}">{}</span>', person.name, icon("agent"))
    return format_html(
        '<span class="avatar p{} {}" title="{}" aria-hidden="true">{}</span>',
        person.tint,
        size,
        person.name,
        person.initials,
    )


@register.filter
def verdict_key(verdict: str) -> str:
    return VERDICT_KEYS.get(verdict, "")


@register.filter
def verdict_word(verdict: str, kind: str = "") -> str:
    """What the button of a verdict says; some kinds of question have words of their own."""
    return stored_kind(kind).verbs.get(verdict) or VERDICT_WORDS.get(verdict, verdict.capitalize())


@register.filter
def verdict_done(verdict: str) -> str:
    """What somebody has done with a question, as a verb: approved, rejected, overrode."""
    return PAST.get(verdict, "answered")


@register.filter
def reason_code_words(code: str) -> str:
    """A verdict's reason code as the list shows it."""
    return words_of(code)


@register.filter
def hold_words(code: str) -> str:
    """no_po -> no order named."""
    return code_in_words(code)


@register.filter
def reasoning(text: str) -> str:
    """What an agent said, the codes of holds in their words."""
    return reasoning_in_words(text)


@register.filter
def plain_words(code: str) -> str:
    """qty_over_received -> qty over received."""
    return str(code).replace("_", " ")


@register.filter
def type_words(name: str) -> str:
    """CreditNote -> Credit note, credit_note -> Credit note."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain_words(name)).capitalize()


@register.filter
def quarantine_words(code: str) -> str:
    return QUARANTINE.get(code, plain_words(code))


@register.filter
def response_words(code: str) -> str:
    """A status of the Peppol Invoice Response in words."""
    return RESPONSES.get(code, code)


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """A dictionary's value by a key that is itself a variable."""
    return mapping.get(key)


FORMATS = {
    "ubl": "UBL",
    "cii": "CII",
    "csv": "CSV",
    "pdf": "PDF",
    "xlsx": "Excel",
    "edifact": "EDIFACT",
    "zugferd": "ZUGFeRD",
    "order-x": "Order-X",
    "factur-x": "Factur-X",
}


@register.filter
def format_words(value: str) -> str:
    """A source format as people say it: ubl-2.1 is UBL 2.1, csv-invoices is CSV invoices."""
    for key in sorted(FORMATS, key=len, reverse=True):
        if value == key or value.startswith(f"{key}-"):
            rest = value[len(key) + 1 :]
            return f"{FORMATS[key]} {rest.upper() if key == 'cii' else rest}".strip()
    return value
