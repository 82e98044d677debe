"""A house with everybody in it and something behind every address of the site.

It stands once for a whole module, in one transaction: each request is undone, and what it wrote is counted
before that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from audit import sealing
from audit.ids import new_id
from audit.models import Checkpoint
from coordination.assurance import access_log
from coordination.domain.oversight import Defect
from coordination.models import (
    AuditSample,
    Payment,
    PaymentBatch,
    Quarantine,
    Receipt,
    SavedSearch,
    Statement,
    TranslationMap,
)
from coordination.oversight import planting
from coordination.services import agent_control, drills, payments
from coordination.services.behaviour import day_counts
from coordination.services.retention import legal_holds
from reviews import delegation, saved_lists
from reviews.models import Escalation, SigningProfile
from reviews.open_lists import Filters
from reviews.services import resolve
from tests import bank, cast
from tests.behaviour.recorded import alarm
from tests.cast import OTHER_IBAN, bill, order, receipt, table, take_in, vendor
from tests.views.conftest import HTMX
from tests.views.test_mappings import GOOD, WRONG, drafted, orders
from tests.views.test_quality import examined

SECRETS = (
    *("Hartmann", "DE89370400440532013000", "DE75512108001245126199", "RE-77", "PO-77", "GR-77"),
    *("1,322.09", "1322.09", "2,701.30", "2701.30", "10,485.09", "10485.09", "Bolt M8"),
    *("Torx orders", "S-7790", "secret-7797", "Because of 7798", "Search 7799"),
)
"""Names, numbers, amounts and words of what is here. Who may read none of it finds none of it in a
refusal."""


@dataclass
class House:
    """Everybody with a browser, and what is behind the addresses: `mine` what the address is about, `missing`
    what is not."""

    people: dict[str, User]
    browsers: dict[str, Client]
    objects: dict[str, Any]
    map_form: dict[str, str]
    asked: dict[tuple[str, str, str, bool], Answer] = field(default_factory=dict)
    """What was asked already: nothing changes here, so that no question needs to be put twice."""


@dataclass(frozen=True)
class Answer:
    """What came back, and the tables in which the request changed rows before it was undone."""

    status: int
    location: str
    body: bytes
    headers: dict[str, str]
    wrote: dict[str, int]


@dataclass(frozen=True)
class Address:
    """One line of the site's table of addresses."""

    name: str
    route: str
    keys: tuple[str, ...]

    def of(self, objects: dict[str, Any]) -> str:
        found = self.route
        for key in self.keys:
            for kind in ("uuid", "int", "str", "slug", "path"):
                found = found.replace(f"<{kind}:{key}>", str(objects[key]))
        return "/" + found


def addresses(
    resolver: URLResolver | None = None, before: str = "", names: tuple[str, ...] = ()
) -> Iterator[Address]:
    """Every address that the site answers, by walking its resolver."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            keys = tuple(part.partition(">")[0].partition(":")[2] for part in route.split("<")[1:])
            yield Address(":".join([*names, entry.name or ""]), route, keys)
        else:
            yield from addresses(entry, route, (*names, entry.namespace) if entry.namespace else names)


ADDRESSES = {address.name: address for address in addresses()}


# --- people ---------------------------------------------------------------------------------------------


def people() -> dict[str, User]:
    """The cast, and everybody else there can be: by what they are, not by what they may."""
    known = cast.people()
    found = {name: getattr(known, name) for name in ("alice", "bob", "carol", "dave", "erin", "frank")}
    found["olga"] = cast.person("olga", "specialist", "operations")
    found["ulla"] = cast.person("ulla", "specialist")  # works for the whole desk
    found["gus"] = User.objects.create_user("gus", first_name="Gus")  # in no group
    found["root"] = User.objects.create_superuser("root", first_name="Root")  # Django's, in no group of ours
    found["eve"] = cast.person("eve", "manager")  # her access is over
    found["ivan"] = cast.person("ivan", "manager")  # inactive
    return found


def browser(user: User | None) -> Client:
    found = Client(raise_request_exception=False)
    if user is not None:
        found.force_login(user)
    return found


# --- what is there --------------------------------------------------------------------------------------


def trade(number: str, **changes: object) -> None:
    """A trade of its own with one invoice `RE-<number>` that clears unless something is different."""
    count = str(int(number) - 7600)  # each another amount, else they look alike
    received = changes.pop("received", count)
    usual = {"invoice_number": f"RE-{number}", "order_number": f"PO-{number}", "quantity": count}
    seller = {"vendor_id": changes.get("vendor_id", "V-1")}
    take_in(
        table("orders", order(order_number=f"PO-{number}", quantity=count, **seller)),
        table(
            "receipts", receipt(receipt_number=f"GR-{number}", order_number=f"PO-{number}", quantity=received)
        ),
        table("invoices", bill(**usual | changes)),
    )
    cast.drain()


def run(number: str, proposer: User) -> PaymentBatch:
    """A cleared invoice in a run of its own."""
    trade(number)
    [batch] = payments.propose(f"human:{proposer.pk}").batches
    return batch


def signed(batch: PaymentBatch, by: User) -> PaymentBatch:
    return payments.approve(batch.number, by=by, reason="payments_checked")


def question(subject: str) -> UUID:
    return Escalation.objects.get(subject=subject, status="open").pk


def build() -> House:
    """Everybody, and one of everything."""
    who = people()
    carol, dave = who["carol"], who["dave"]
    take_in(table("vendors", vendor(), vendor(**ABROAD)))
    exported = signed(run("7711", dave), carol)
    payments.export(exported.number, by=f"human:{dave.pk}")
    approved = signed(run("7712", dave), carol)
    trade("7714")
    proposed = run("7713", dave)  # pays two
    trade("7715")  # cleared, for the next run
    trade("7717", vendor_id="V-2", iban=ABROAD["iban"])  # cleared, and no run pays it
    trade("7701", unit_price="11.00")
    trade("7702", received="1")
    trade("7703", iban=OTHER_IBAN)
    take_in(table("statements", STATEMENT))
    cast.drain()
    take_in(
        table("vendors", vendor(name="Hartmann Holding AG")),
        bank.status_report("CS-" + "0" * 32, file="ACSC"),
    )
    take_in(orders(GOOD, WRONG), b"<broken secret-7797 and more")
    browsers = {name: browser(user) for name, user in who.items()} | {"nobody": browser(None)}
    priced, objects = cast.invoice("RE-7701"), dict[str, Any]()
    made, form = _map(browsers["carol"], dave)
    hold = legal_holds.place(legal_holds.find("RE-7701"), "Because of 7798", by=carol)
    sample = _audit(browsers["erin"], who["erin"])
    known = known_answer(carol)
    agent_control.pause(STOPPED, by=carol)
    drills.start(DRILLED, "unsure", Decimal("0.001"), by=carol, reason="Because of 7796")
    away = delegation.arrange(
        who["bob"], carol, *(cast.today() + timedelta(days=n) for n in (5, 6)), by=carol
    )
    trade("7716")  # waits for the agent that is stopped
    raised = alarm()
    day_counts.count_recent()
    examined()
    objects |= {
        "username": "marta",
        "name": "procurement.matching",
        "invoice_id": priced.pk,
        "seq": 1,
        "position": 1,
        "size": Checkpoint.objects.latest("size").size,
        "document_id": priced.document_id,
        "sha256": made.sample_id,
        "map_id": made.pk,
        "quarantine_id": Quarantine.objects.exclude(code="unsupported").get().pk,
        "rule": "both-sides",
        "kind": "cause",
        "figure": "touchless",
        "mistake": "false-clears",
        "owner": "procurement",
        "which": "late",
        "counted": "reviewed",
        "source": "received",
        "target": "validated",
        "first": "control.crosscheck",
        "second": "finance.validation",
        "statement_id": Statement.objects.get().pk,
        "vendor_id": "V-1",
        "order_number": "PO-7701",
        "receipt_id": Receipt.objects.get(number="GR-7701").pk,
        "number": proposed.number,
        "payment_id": Payment.objects.filter(batch=proposed).latest("id").pk,
        "search_id": SavedSearch.objects.get().pk,
        "list_id": saved_lists.keep("List 7799", Filters(queue="finance"), by=who["alice"]).pk,
        "sample_id": sample.pk,
        "hold_id": hold.pk,
        "escalation_id": question(priced.subject),
        "delegation_id": away.pk,
        # others that some addresses are about
        "exported": exported.number,
        "approved": approved.number,
        "drawn": sample.drawn[0]["id"],
        "known_answer": known,
        "cleared": cast.invoice("RE-7715").pk,
        "abroad": cast.invoice("RE-7717").pk,
        "stopped": STOPPED,
        "drilled": DRILLED,
        "incident": raised.incident.number,
        "alarm_id": raised.pk,
    }
    User.objects.filter(pk=who["ivan"].pk).update(is_active=False)
    SigningProfile.objects.filter(user=who["eve"]).update(until=timezone.now() - timedelta(hours=1))
    return House(who, browsers, objects, form)


def known_answer(by: User) -> UUID:
    """A known-answer case that somebody has answered."""
    [known] = planting.by_hand(1, by="system:test", defect=Defect.PRICE).cases
    resolve(known.question_id, "reject", by=by, reason="wrong_document", comment="It costs too much.")
    return known.pk


STOPPED = "control.crosscheck"
DRILLED = "operations.delivery"
ABROAD = {
    "vendor_id": "V-2",
    "name": "Hartmann Overseas",
    "vat_id": "",
    "iban": "000123456789",
    "bic": "CHASUS33",
    "country": "US",
}
STATEMENT = {
    "statement_number": "S-7790",
    "vendor_id": "V-1",
    "date": "2026-09-30",
    "currency": "EUR",
    "reference": "RE-7799",
    "reference_date": "2026-09-05",
    "type": "invoice",
    "balance": "1190.00",
}
DRAW = {
    "query": "",
    "purpose": "Because of 7798",
    "method": "random",
    "size": "1",
    "seed": "s",
    "confidence": "0.95",
    "bounds": "",
}


def _map(browser: Client, other: User) -> tuple[TranslationMap, dict[str, str]]:
    """A map of one manager that another has put in force, and the form that made it."""
    held = Quarantine.objects.get(code="unsupported")
    form = drafted(browser, held) | {"name": "Torx orders"}
    assert browser.post(f"/intake/maps/on/{held.content_id}/save/", form).status_code == 302
    browser.get("/intake/")  # what was done is said once, on the next page: let it be this one
    made = TranslationMap.objects.get()
    cast.answer(Escalation.objects.get(subject=made.subject, status="open"), "approve", by=other)
    return made, form


def _audit(browser: Client, auditor: User) -> AuditSample:
    """An auditor's sample, search and note, and a sealed ledger."""
    assert browser.post("/audit/samples/draw/", DRAW).status_code == 302
    access_log.keep_search(auditor, "Search 7799", "text=RE-7701")
    access_log.note(cast.invoice("RE-7701").subject, "Because of 7798", by=auditor)
    sealing.seal(thorough=False)
    return AuditSample.objects.get()


MISSING: dict[str, Any] = {
    "name": "no.such_agent",
    "seq": 4_000_000,
    "position": 4000,
    "size": 4_000_000,
    "sha256": "0" * 64,
    "number": 4_000_000,
    "vendor_id": "V-7799",
    "order_number": "PO-7799",
    "username": "nobody-here",
}


def missing(keys: tuple[str, ...], objects: dict[str, Any]) -> dict[str, Any]:
    """The same address about something that is not there."""
    return objects | {key: MISSING.get(key) or new_id() for key in keys}


# --- requests -------------------------------------------------------------------------------------------


def knock(
    house: House,
    name: str,
    method: str,
    path: str,
    sent: dict[str, Any] | None = None,
    *,
    part: bool = False,
    browsers: dict[str, Client] | None = None,
) -> Answer:
    """One request, undone afterwards."""
    found = (browsers or house.browsers)[name]
    cookies = found.cookies.copy()
    ask = getattr(found, method.lower())
    try:
        with transaction.atomic():
            before = touched()
            done: HttpResponse = (
                ask(path, sent or {}, headers=HTMX if part else {})
                if method in ("GET", "HEAD", "POST")
                else ask(path, headers=HTMX if part else {})
            )
            body = b"".join(done.streaming_content) if done.streaming else done.content
            after = touched()
            transaction.set_rollback(True)
    finally:
        found.cookies = SimpleCookie({key: kept.value for key, kept in cookies.items()})
    wrote = {table: n - before.get(table, 0) for table, n in after.items() if n != before.get(table, 0)}

    return Answer(
        done.status_code,
        done.get("Location", "") or done.get("HX-Redirect", ""),
        body,
        dict(done.items()),
        wrote,
    )


def touched() -> dict[str, int]:
    """Rows that this transaction has inserted, changed or deleted so far, by table; what was undone counts
    too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


@contextmanager
def standing() -> Iterator[House]:
    """The house in a transaction of its own."""
    with transaction.atomic():
        yield build()
        transaction.set_rollback(True)
