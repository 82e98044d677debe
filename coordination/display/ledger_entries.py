"""Ledger entries in words: what happened, and why, in one line each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django import template
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from audit import commitments
from audit.models import Entry
from audit.subjects import Subject
from reviews.names import display

from ..agents.completeness import place
from ..agents.operations_delivery import CONFIRMED
from ..display.format import sure
from ..display.words import format_words, reason_code_words
from ..domain.hold_codes import CATALOGUE
from ..domain.supplied import of_pair, pair_words

register = template.Library()

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry as a line: icon, bold words, and the rest. `by` leads to the name of the person who brought
    it."""

    icon: str
    title: str
    detail: str
    by: str = "by"


BY_BANK = "according to a file of the bank, taken in by"
"""Whoever uploads what the bank says has done nothing of what it says."""


DONE = {
    "finance.validation": "Validated",
    "procurement.matching": "Matched",
    "operations.delivery": "Delivery confirmed",
    "control.crosscheck": "Checked again",
    "finance.payment": "Cleared",
    "support.status": "Status updated",
    "finance.coding": "Coding worked out",
}
"""What an agent did when it found nothing to hold; the invoice's state may stay behind for another's
reason."""


def _received(d: Data) -> Moment:
    document = d.get("document", {})
    kept = f"{format_words(document.get('format', ''))}, {document.get('name', '')}".strip(", ")
    return Moment("document", "Received", kept)


def _decided(d: Data) -> Moment:
    if d.get("agent") == "person":
        return Moment("person", f"Verdict took effect: {d.get('outcome', '')}", _moved(d))
    codes = [CATALOGUE[c].words if c in CATALOGUE else c for c in d.get("reasons", [])]
    state, outcome = d.get("state", {}), d.get("result", "")
    done = DONE.get(d.get("agent", ""), state.get("to", "decided").capitalize())
    if d.get("agent") == "operations.delivery" and d.get("reasoning") != CONFIRMED:
        done = "No delivery to confirm"
    title = {"act": done, "hold": "Held", "wait": "Waits", "escalate": "Escalated", "note": done}.get(
        outcome, outcome.capitalize()
    )
    who = f"{d.get('agent', '')} {sure(d['confidence']) if d.get('confidence') else ''}".strip()
    return Moment("agent", title, " · ".join(filter(None, [who, ", ".join(codes)])))


def _moved(d: Data) -> str:
    state = d.get("state", {})
    return f"{state.get('from', '')} → {state.get('to', '')}" if state else ""


def _opened(d: Data) -> Moment:
    return Moment("tray", f"Escalated to {d.get('queue', 'a person')}", f"clock: {d.get('clock', '')}")


def _verdict(d: Data) -> Moment:
    word = {"approve": "Approved", "reject": "Rejected", "override": "Overridden", "edit": "Edited"}.get(
        d.get("verdict", ""), "Answered"
    )
    icon = {"reject": "cross-ring", "edit": "pencil"}.get(d.get("verdict", ""), "check-ring")
    said = f" · “{commitments.reveal(d['comment'])}”" if d.get("comment") else ""
    edit = ", ".join(filter(None, [d.get("remedy", "").replace("_", " "), *d.get("terms", {}).values()]))
    waits = "a second person answers the same" if edit and d.get("status") == "open" else ""
    because = f"{reason_code_words(d.get('reason', ''))}{said}{_together(d)}"
    instead = f" for {d['for']}" if d.get("for") else ""
    return Moment(icon, f"{word}{instead}", " · ".join(filter(None, [edit, because, waits])))


def _together(d: Data) -> str:
    """Of an answer that was given to several at once: to how many."""
    size = str((d.get("together") or {}).get("size", ""))
    return f" · one answer to {size} cases" if size not in ("", "1") else ""


def _waiting(d: Data) -> Moment:
    """An answer that can still be taken back."""
    given = _verdict(d)
    return Moment("clock", f"{given.title}, not yet counted", given.detail)


def _supplied(d: Data) -> Moment:
    facts = d.get("facts", [])
    said = [_of_field(f.get("field", ""), f.get("was") or "nothing", f.get("value", "")) for f in facts]
    by_document = "the document says it now" if d.get("document") else ""
    return Moment("pencil", "Fact supplied", " · ".join(filter(None, [*said, by_document])))


def _of_field(field: str, was: str, value: str) -> str:
    return f"{pair_words(field)} {value}" if of_pair(field) else f"{place(field)}: {was} → {value}"


def _coded(d: Data) -> Moment:
    said = f"line {d.get('line', '')}: {d.get('coding', '')}"
    if d.get("agreed") == "no":
        return Moment("pencil", "Coding corrected", f"{said}, proposed was {d.get('proposed', '')}")
    return Moment("check-ring", "Coding confirmed", said)


def _handed_over(d: Data) -> Moment:
    said = commitments.reveal(str(d.get("text", "")))
    return Moment("person", f"Handed over to {display(str(d.get('to', '')))}", f"“{said}”" if said else "")


def _delegated(words: str) -> Callable[[Data], Moment]:
    def read(d: Data) -> Moment:
        until = parse_datetime(str(d.get("until", "")))
        last = f"until {localtime(until):%-d %b %Y, %H:%M}" if until else ""
        return Moment("people", f"{words} {display(str(d.get('delegate', '')))}", d.get("why") or last)

    return read


def _put_aside(d: Data) -> Moment:
    until = parse_datetime(str(d.get("until", "")))
    day = f"{localtime(until):%-d %B, %H:%M}" if until else ""
    for_event = d.get("for") == "event"
    return Moment(
        "pause",
        "Put aside",
        f"until something arrives, to {day} at the latest" if for_event else f"until {day}",
    )


def _doses(title: str) -> Callable[[Data], Moment]:
    def told(d: Data) -> Moment:
        rows = ", ".join(row.get("id", "") for row in d.get("doses", []))
        caught = f"{d.get('caught', '')} of {d.get('cases', '')} caught"
        return Moment("gauge", title, " · ".join(filter(None, [d.get("queue"), caught, rows, d.get("why")])))

    return told


def _personal(icon: str, title: str, key: str) -> Callable[[Data], Moment]:
    return lambda d: Moment(icon, title, commitments.reveal(str(d.get(key, ""))))


def _plain(icon: str, title: str, *keys: str) -> Callable[[Data], Moment]:
    return lambda d: Moment(icon, title, " · ".join(_words(d[k]) for k in keys if d.get(k)))


def _in_run(icon: str, title: str, by: str = "by") -> Callable[[Data], Moment]:
    def told(d: Data) -> Moment:
        bank = d.get("bank", {})
        said = " ".join(filter(None, [bank.get("code", ""), bank.get("reason", "")]))
        parts = [
            f"payment run {d.get('run') or d.get('number', '')}",
            said and f"the bank says {said}",
            bank.get("day", ""),
        ]
        return Moment(icon, title, " · ".join(filter(None, parts)), BY_BANK if d.get("document") else by)

    return told


def _changed_run(title: str, icon: str = "cross-ring") -> Callable[[Data], Moment]:
    def told(d: Data) -> Moment:
        parts = [
            f"payment run {d.get('number', '')}",
            d.get("invoice", ""),
            commitments.reveal(str(d.get("comment", ""))),
        ]
        return Moment(icon, title, " · ".join(filter(None, parts)))

    return told


def _left_out(d: Data) -> Moment:
    """What left a signed run: the invoice and why; of many the first few."""
    gone = d.get("left", [])
    said = [f"{x.get('invoice', '')}: {x.get('why', '')}" for x in gone[:3]]
    more = [f"and {len(gone) - 3} more"] if len(gone) > 3 else []
    then = "the run is cancelled" if d.get("status") == "cancelled" else "to be signed again"
    return Moment("cross-ring", "Left out before the file was written", " · ".join([*said, *more, then]))


def _unscheduled(d: Data) -> Moment:
    return Moment("return", "Not paid by this run", f"payment run {d.get('run', '')} · {d.get('why', '')}")


def _recalled(d: Data) -> Moment:
    about = d.get("payments", [])
    said = ", ".join(p[0] for p in about[:3]) + (f" and {len(about) - 3} more" if len(about) > 3 else "")
    parts = [f"payment run {d.get('run') or d.get('number', '')}", said, d.get("reason", "")]
    return Moment("return", "The bank is asked to call it back", " · ".join(filter(None, parts)))


def _elsewhere(icon: str, title: str) -> Callable[[Data], Moment]:
    def told(d: Data) -> Moment:
        paid = f"{d.get('currency', '')} {d.get('amount', '')} on {d.get('paid_on', '')}"
        parts = [d.get("invoice", ""), paid, d.get("reference", ""), d.get("evidence", "")]
        return Moment(icon, title, " · ".join(filter(None, parts)))

    return told


def _reported(d: Data) -> Moment:
    counts = Counter(a.get("result", "") for a in d.get("answers", []))
    said = ", ".join(f"{n} {result}" for result, n in sorted(counts.items()))
    return Moment(
        "document", "The bank answered", f"{d.get('document', {}).get('number', '')} · {said}", BY_BANK
    )


def _reconciled(d: Data) -> Moment:
    title = {"open": "Compared: it differs", "agreed": "Compared: it agrees"}.get(d.get("result", ""))
    return Moment("agent", title or f"Compared: {d.get('result', '')}", str(d.get("reasoning", "")))


def _statement_answered(d: Data) -> Moment:
    title = "Differences accepted" if d.get("status") == "accepted" else "The vendor is asked"
    return Moment("person", title, reason_code_words(d.get("reason", "")))


def _words(value: Any) -> str:
    """A list in words; of a subject only its kind, for its key says nothing to a reader."""
    return ", ".join(str(v).partition("/")[0] for v in value) if isinstance(value, list) else str(value)


FACTS = {
    "vendor": "vendor",
    "orders": "orders",
    "receipts": "receipts",
    "allocations": "billed lines by order line",
    "siblings": "the vendor's other invoices",
    "split_groups": "groups of the vendor's invoices",
    "credit_groups": "credits of the same invoice",
    "named": "lines of invoices it names",
    "candidates": "orders it may belong to",
    "derived_orders": "orders of what it credits",
    "led": "where its deliveries lead",
    "learned": "items that stood for others before",
    "conversions": "unit conversions",
    "coded": "earlier codings",
    "makers": "who brought the facts",
}
"""Names of facts as a reader knows them; the rest are small things of the invoice itself."""


def fact_words(names: Iterable[str]) -> str:
    """Facts by what they are about, in the order of `FACTS`; "the invoice's own" if there is nothing else."""
    there = set(names)
    return ", ".join(words for name, words in FACTS.items() if name in there) or "the invoice's own"


KINDS: dict[str, Callable[[Data], Moment]] = {
    "invoice.received": _received,
    "invoice.decided": _decided,
    "facts.taken": lambda d: Moment("stack", "Facts taken", fact_words(d.get("facts", {}))),
    "facts.changed": _plain("turn", "New facts", "kinds"),
    "invoice.restated": _plain("stack", "Another document says the same claim"),
    "escalation.opened": _opened,
    "escalation.superseded": _plain("stack", "Superseded", "why"),
    "escalation.withdrawn": _plain("return", "Withdrawn", "why"),
    "escalation.claimed": _plain("lock", "Claimed"),
    "escalation.released": _plain("lock", "Released"),
    "escalation.lease_ended": _plain("lock", "Claim ended: not seen on the case for long"),
    "escalation.taken_over": _plain("lock", "Taken over"),
    "escalation.handed_over": _handed_over,
    "escalation.remarked": _personal("comment", "Said", "text"),
    "escalation.put_aside": _put_aside,
    "escalation.returned": _plain("return", "Back in the list"),
    "escalation.warned": _plain("clock", "Half of its time is over"),
    "escalation.overdue": _plain("clock", "Overdue", "why"),
    "verdict.pending": _waiting,
    "verdict.taken_back": _plain("return", "Answer taken back"),
    "verdict.voided": _plain("octagon", "The answer does not count", "why"),
    "delegation.arranged": _delegated("Will be answered for by"),
    "delegation.begun": _delegated("Answered for by"),
    "delegation.ended": _delegated("No longer answered for by"),
    "verdict.given": _verdict,
    "coding.confirmed": _coded,
    "fact.supplied": _supplied,
    "fact.declared": _plain("pencil", "Unit factor declared"),
    "invoice.held": _personal("pause", "Held by a person", "reason"),
    "agent.drill_started": _personal("gauge", "Drill started", "reason"),
    "agent.drill_ended": _personal("gauge", "Drill ended", "reason"),
    "catch_rate.doses_began": _doses("Doses began: the catch rate fell"),
    "catch_rate.doses_ended": _doses("Doses ended"),
    "legal_hold.placed": _personal("lock", "Legal hold set", "reason"),
    "legal_hold.lifted": _personal("lock", "Legal hold lifted", "reason"),
    "personal.erased": _plain("cross-ring", "Personal text erased", "why"),
    "payment.proposed": _in_run("payment", "Payment proposed"),
    "payment.scheduled": _in_run("clock", "Scheduled"),
    "payment.approved": _in_run("check-ring", "Payment approved"),
    "payment.exported": _in_run("download", "Bank file written"),
    "payment.confirmed": _in_run("check-ring", "Confirmed as paid"),
    "payment.reported": _reported,
    "payment.refused": _in_run("cross-ring", "The payment did not arrive"),
    "payment.returned": _in_run("return", "A part of the payment came back"),
    "payment.contradicted": _in_run("octagon", "The bank contradicts itself"),
    "payment.suspected": _plain("stack", "Left out of a payment run", "sentence"),
    "payment.executed": _in_run("check-ring", "Paid", "as confirmed by"),
    "payment.executed_in_part": _in_run("check-ring", "Paid in part", "as confirmed by"),
    "payment.cancelled": _in_run("cross-ring", "Payment cancelled"),
    "payment.taken_out": _changed_run("Payment taken out"),
    "payment.withdrawn": _changed_run("Payment run withdrawn"),
    "payment.stopped": _changed_run("Payment run stopped"),
    "payment.left_out": _left_out,
    "payment.unscheduled": _unscheduled,
    "payment.file_asked": _changed_run("Another bank file asked for", "download"),
    "payment.exported_again": _in_run("download", "Another bank file written"),
    "payment.recall_asked": _recalled,
    "payment.stated": _elsewhere("payment", "Said to be paid elsewhere"),
    "payment.elsewhere": _elsewhere("check-ring", "Paid elsewhere"),
    "payment.confirmed_elsewhere": _elsewhere("check-ring", "Confirmed as paid elsewhere"),
    "payment.refused_elsewhere": _elsewhere("cross-ring", "Not confirmed as paid elsewhere"),
    "statement.received": _received,
    "statement.reconciled": _reconciled,
    "statement.answered": _statement_answered,
    "statement.failed": _plain("octagon", "Could not be reconciled", "why"),
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
    return reader(data) if reader else Moment("dashed", re.sub("[._]", " ", entry.type).capitalize(), "")


@register.filter
def statement_of(subject: str) -> str:
    """The statement's key in a subject, empty for other subjects."""
    kind, key = Subject(subject).parts
    return key if kind == "statement" else ""


@register.filter
def invoice_of(subject: str) -> str:
    """The invoice's key in a subject, empty for other subjects."""
    kind, key = Subject(subject).parts
    return key if kind == "invoice" else ""
