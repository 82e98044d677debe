"""Ledger entries in words: what happened, and why, in one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django import template

from audit.models import Entry

from ..governance.catalogue import CATALOGUE
from .words import reason_code_words

register = template.Library()

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry as a line: icon, bold words, and the rest."""

    icon: str
    title: str
    detail: str


DONE = {
    "finance.validation": "Validated", "procurement.matching": "Matched", "operations.delivery": "Delivery confirmed",
    "control.crosscheck": "Checked again", "finance.payment": "Cleared", "support.status": "Vendor’s status told",
}  # fmt: skip
"""What an agent did when it found nothing to hold; the invoice's state may stay behind for another's reason."""


def _received(d: Data) -> Moment:
    document = d.get("document", {})
    kept = f"{document.get('format', '')}, {document.get('name', '')}".strip(", ")
    return Moment("document", "Received", kept)


def _decided(d: Data) -> Moment:
    if d.get("agent") == "person":
        return Moment("person", f"Verdict took effect: {d.get('outcome', '')}", _moved(d))
    codes = [CATALOGUE[c].words if c in CATALOGUE else c for c in d.get("reasons", [])]
    state, outcome = d.get("state", {}), d.get("result", "")
    done = DONE.get(d.get("agent", ""), state.get("to", "decided").capitalize())
    title = {"act": done, "hold": "Held", "wait": "Waits", "escalate": "Escalated",
             "note": done}.get(outcome, outcome.capitalize())  # fmt: skip
    who = f"{d.get('agent', '')} {d.get('confidence', '')}".strip()
    return Moment("agent", title, " · ".join(filter(None, [who, ", ".join(codes)])))


def _moved(d: Data) -> str:
    state = d.get("state", {})
    return f"{state.get('from', '')} → {state.get('to', '')}" if state else ""


def _opened(d: Data) -> Moment:
    return Moment("tray", f"Escalated to {d.get('queue', 'a person')}", f"clock: {d.get('clock', '')}")


def _verdict(d: Data) -> Moment:
    word = {"approve": "Approved", "reject": "Rejected", "override": "Overridden"}.get(
        d.get("verdict", ""), "Answered"
    )
    icon = {"reject": "cross-ring"}.get(d.get("verdict", ""), "check-ring")
    said = f" · “{d['comment']}”" if d.get("comment") else ""
    return Moment(icon, word, f"{reason_code_words(d.get('reason', ''))}{said}")


def _plain(icon: str, title: str, *keys: str) -> Callable[[Data], Moment]:
    return lambda d: Moment(icon, title, " · ".join(_said(d[k]) for k in keys if d.get(k)))


def _in_run(icon: str, title: str) -> Callable[[Data], Moment]:
    return lambda d: Moment(icon, title, f"payment run {d.get('run', '')}")


def _said(value: Any) -> str:
    """A list in words; of a subject only its kind, for its key says nothing to a reader."""
    return ", ".join(str(v).partition("/")[0] for v in value) if isinstance(value, list) else str(value)


KINDS: dict[str, Callable[[Data], Moment]] = {
    "invoice.received": _received,
    "invoice.decided": _decided,
    "facts.changed": _plain("turn", "New facts", "kinds"),
    "escalation.opened": _opened,
    "escalation.superseded": _plain("stack", "Superseded", "why"),
    "escalation.withdrawn": _plain("return", "Withdrawn", "why"),
    "escalation.claimed": _plain("lock", "Claimed"),
    "escalation.released": _plain("lock", "Released"),
    "escalation.warned": _plain("clock", "Half of its time is over"),
    "escalation.overdue": _plain("clock", "Overdue", "why"),
    "verdict.given": _verdict,
    "payment.proposed": _plain("payment", "Payment proposed", "run"),
    "payment.scheduled": _in_run("clock", "Scheduled"),
    "payment.approved": _plain("check-ring", "Payment approved", "run"),
    "payment.exported": _plain("download", "Bank file written", "run"),
    "payment.confirmed": _plain("check-ring", "Paid", "run"),
    "payment.executed": _in_run("check-ring", "Paid"),
    "payment.cancelled": _plain("cross-ring", "Payment cancelled", "run"),
}
"""Entry type -> how it reads. A type that is not here reads as its own name."""


@lru_cache(maxsize=2048)
def body_of(text: str) -> Data:
    """The parsed body; entries never change, so parsing one twice is waste."""
    body: Data = orjson.loads(text)
    return body


@register.filter
def moment(entry: Entry) -> Moment:
    """An entry as one line."""
    data = body_of(entry.body).get("data", {})
    reader = KINDS.get(entry.type)
    return reader(data) if reader else Moment("dashed", entry.type.replace(".", " ").capitalize(), "")


@register.filter
def invoice_of(subject: str) -> str:
    """The invoice's key in a subject, empty for other subjects."""
    kind, _, key = subject.partition("/")
    return key if kind == "invoice" else ""
