"""Every address, every role, every field with what nobody would type: an answer in words, never a fault of
ours.

Addresses come from the site's table and fields from what views ask for while they run, so a new page is
covered by itself. What a field has to be for the rest of its form to be read is in PLAUSIBLE; a new form may
need a line there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from coordination.assurance import access_log
from coordination.models import (
    AuditSample,
    Invoice,
    Quarantine,
    Receipt,
    SavedSearch,
    Statement,
    TranslationMap,
)
from coordination.services import payments
from coordination.services.retention import legal_holds
from reviews import delegation, saved_lists
from reviews.bulk import Sent
from reviews.open_lists import Filters
from tests import cast
from tests.behaviour.recorded import alarm
from tests.cast import Cast, bill, order, receipt, table, take_in

from .conftest import HTMX, answer
from .test_mappings import drafted, orders
from .test_quality import examined

pytestmark = pytest.mark.django_db

DIGITS = "9" * 5000
VALUES = (
    *(DIGITS, "y" * 5000, "sNaN", "1e-999999", "a\0b"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
)
MORE_VALUES = (
    *(
        "",
        "-" + DIGITS,
        "z" * 1_000_000,
        "NaN",
        "-Infinity",
        "1e999999",
        "-1",
        "٣",
        "0001-01-01",
        "9999-12-31",
    ),
    *("2026-02-30", "10000-01-01", "\ud7ff\ufffe\U0010ffff", "%'\"<>\\", "../..", "approve:", "\r\n", ";;;;"),
)
LONG_PATHS = ("x" * 300, "9" * 400, "%00", "..%2f..", "0" * 64, "-1", "²")
PLAUSIBLE: dict[str, dict[str, str]] = {
    "login": {"username": "alice", "password": "x"},
    "invoice_hold": {"version": "1", "reason": "because"},
    "invoice_note": {"text": "because"},
    "search_keep": {"name": "mine", "query": "text=a"},
    "sample_draw": {
        "query": "",
        "purpose": "why",
        "method": "random",
        "size": "1",
        "seed": "s",
        "confidence": "0.95",
        "bounds": "",
    },
    "sample_record": {"outcome": "wrong", "audited": "1.00", "words": "why", "seen": ""},
    "legal_hold_place": {"subject": "INV-2", "reason": "because"},
    "legal_hold_lift": {"reason": "because"},
    "coding_confirm": {"account": "4400", "cost_centre": "CC-1", "version": "0"},
    "population_export": {"query": "", "format": "csv"},
    "list_keep": {"name": "mine"},
    "delegation_arrange": {"delegate": "1", "first": "2026-12-01", "last": "2026-12-02"},
}
MANY_FIELDS = 12
"""From so many fields on, every fourth is tried by itself; all are together."""
ROLES = ("alice", "carol", "erin", "frank", "")


@dataclass
class Site:
    """The site with something behind each of its addresses, and what was asked of each."""

    people: Cast
    arguments: dict[str, Any]
    plausible: dict[str, dict[str, str]]
    browsers: dict[str, Client]
    faults: list[str] = field(default_factory=list)
    asked: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class Address:
    """One line of the table of addresses."""

    name: str
    route: str
    defaults: frozenset[str]

    def of(self, arguments: dict[str, Any]) -> str:
        found = self.route
        for name, value in arguments.items():
            for kind in ("uuid", "int", "str", "slug", "path"):
                found = found.replace(f"<{kind}:{name}>", str(value))
        return "/" + found


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        assert isinstance(entry.pattern, RoutePattern), (
            "an address by regular expression: teach this test to fill it"
        )
        route = before + entry.pattern._route
        if isinstance(entry, URLPattern):
            yield Address(entry.name or "", route, frozenset())
        else:
            yield from addresses(entry, route)


@pytest.fixture
def site(people: Cast) -> Site:
    return everywhere(people)


def everywhere(people: Cast) -> Site:
    """One trade with a question, one that is paid, and one of everything else that has a page."""
    take_in(cast.table("vendors", cast.vendor()))
    cast.trade(
        bill(unit_price="11.00"),
        bill(invoice_number="INV-2", order_number="PO-2"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    case = cast.question()
    [batch] = payments.propose(f"human:{people.dave.pk}").batches
    take_in(orders("PO-9;V-1;05.09.2026;10;A-1;1.000;Stk;9,50"), b"<broken")
    take_in(
        table(
            "statements",
            {
                "statement_number": "S-1",
                "vendor_id": "V-1",
                "date": "2026-09-30",
                "currency": "EUR",
                "reference": "INV-1",
                "reference_date": "2026-09-05",
                "type": "invoice",
                "balance": "1190.00",
            },
        )
    )
    held = Quarantine.objects.get(code="unsupported")
    browsers = {name: browser_of(getattr(people, name) if name else None) for name in ROLES}
    form = drafted(browsers["carol"], held)
    saved = browsers["carol"].post(f"/intake/maps/on/{held.content_id}/save/", form | {"name": "Orders"})
    assert saved.status_code == 302
    browsers["erin"].post("/audit/samples/draw/", PLAUSIBLE["sample_draw"])
    access_log.keep_search(people.erin, "mine", "text=a")
    hold = legal_holds.place(legal_holds.find("INV-1"), "because", by=people.carol)
    invoice = Invoice.objects.get(number="INV-1")
    sample = AuditSample.objects.get()
    examined()
    later = cast.today() + timedelta(days=5)
    away = delegation.arrange(people.bob, people.carol, later, later, by=people.carol)
    arguments = {
        "username": "marta",
        "name": "finance.validation",
        "invoice_id": invoice.id,
        "seq": 1,
        "position": 1,
        "rule": "both-sides",
        "size": 1,
        "document_id": invoice.document_id,
        "sha256": held.content_id,
        "map_id": TranslationMap.objects.get().pk,
        "quarantine_id": held.pk,
        "statement_id": first_key(Statement),
        "number": batch.number,
        "payment_id": batch.payments.get().pk,
        "list_id": saved_lists.keep("mine", Filters(), by=people.alice).pk,
        "search_id": SavedSearch.objects.get().pk,
        "sample_id": sample.pk,
        "alarm_id": alarm().pk,
        "hold_id": hold.pk,
        "escalation_id": case.pk,
        "delegation_id": away.pk,
        "key": uuid4(),
        "kind": "cause",
        "figure": "touchless",
        "mistake": "all",
        "counted": "reviewed",
        "vendor_id": "V-1",
        "order_number": "PO-1",
        "receipt_id": first_key(Receipt),
        "which": "overdue",
        "owner": "finance",
        "source": "received",
        "target": "validated",
        "first": "finance.validation",
        "second": "procurement.matching",
    }
    plausible = PLAUSIBLE | {
        "decide": answer(case, "override"),
        "answer_together": {
            "item": Sent(case.pk, case.version, case.payload_hash, "click-1").packed,
            "verdict": "approve",
            "reason": "approve:difference_accepted",
        },
        "map_save": form | {"name": "Others"},
        "map_preview": form,
    }
    return Site(people, arguments, plausible, browsers)


def first_key(model: Any) -> Any:
    return model.objects.values_list("pk", flat=True).first() or uuid4()


def browser_of(user: User | None) -> Client:
    browser = Client(raise_request_exception=False)
    if user is not None:
        browser.force_login(user)
    return browser


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of fields that views have asked for."""
    asked: set[str] = set()
    for method in ("get", "getlist", "__getitem__"):
        original = getattr(QueryDict, method)

        def spy(self: QueryDict, key: str, *rest: Any, _original: Any = original) -> Any:
            asked.add(key)
            return _original(self, key, *rest)

        monkeypatch.setattr(QueryDict, method, spy)
    return asked


def knock(
    site: Site, role: str, method: str, path: str, fields: dict[str, Any], what: str, *, part: bool = False
) -> int:
    """One request, undone afterwards; a fault is noted."""
    problems: list[str] = []
    headers = HTMX if part else {}

    def note(**_: Any) -> None:
        import sys

        problems.append(repr(sys.exc_info()[1])[:160])

    browser = site.browsers[role]
    cookies = browser.cookies.copy()
    got_request_exception.connect(note)
    try:
        with transaction.atomic():
            status = getattr(browser, method)(path, fields, headers=headers).status_code
            transaction.set_rollback(True)
    finally:
        got_request_exception.disconnect(note)
        browser.cookies = SimpleCookie({name: kept.value for name, kept in cookies.items()})
    if status >= 500:
        site.faults.append(f"{method} {path[:80]} as {role or 'nobody'}: {what}: {status} {problems}")
    return int(status)


def shorten(value: str) -> str:
    return value if len(value) < 40 else f"{value[:12]!r}... ({len(value)})"


def test_no_field_of_any_page_breaks_it(site: Site, fields: set[str]) -> None:
    for address in addresses():
        path = address.of(site.arguments)
        assert "<" not in path, f"{address.name}: give {path} a value in Site.arguments"
        plain = site.plausible.get(address.name, {})
        for method in ("get", "post"):
            allowed = []
            fields.clear()
            for role in ROLES:
                status = knock(site, role, method, path, dict(plain), "as it should be")
                if (
                    (status != 405 and status not in (302, 403, 404))
                    or address.name == "login"
                    or (status == 302 and role)
                ):
                    allowed.append(role)
            names = sorted(fields - {"csrfmiddlewaretoken"})
            for role in allowed[:1]:
                for name in names if len(names) < MANY_FIELDS else names[::4]:
                    for value in VALUES:
                        what = f"{name}={shorten(value)}"
                        knock(site, role, method, path, plain | {name: value}, what, part=True)
            for role in allowed[:1] if names else ():
                for value in MORE_VALUES:
                    knock(
                        site, role, method, path, plain | dict.fromkeys(names, value), f"all={shorten(value)}"
                    )
    assert site.faults == []


def test_no_address_breaks_it(site: Site) -> None:
    for address in addresses():
        names = [part.partition(":")[2].partition(">")[0] for part in address.route.split("<")[1:]]
        for name in names:
            for value in (*LONG_PATHS, uuid4()):
                path = address.of(site.arguments | {name: value})
                for method in ("get", "post"):
                    for role in ("carol", "erin"):
                        knock(site, role, method, path, {}, f"<{name}>", part=True)
    assert site.faults == []


def test_a_file_of_any_name_is_taken(site: Site) -> None:
    for name in ("x" * 300, "\u202egpj.exe", "a/../b.csv", "\r\n", "é" * 255, "🧾.xml"):
        for path, part, role in (("/intake/", "files", "alice"), ("/intake/maps/sample/", "sample", "carol")):
            knock(site, role, "post", path, {part: SimpleUploadedFile(name, b"a,b\n1,2\n")}, shorten(name))
    assert site.faults == []


def test_every_answer_but_a_static_file_is_kept_by_nobody(site: Site) -> None:
    """Pages, parts of pages, downloads, redirects, refusals and faults."""
    fresh = {name: browser_of(getattr(site.people, name) if name else None) for name in ROLES}
    for address in addresses():
        for role in ("carol", "erin", ""):
            for headers in ({}, {"HX-Request": "true"}):
                for method in ("get", "post"):
                    path = address.of(site.arguments)
                    browser = fresh[role] if "log" in path else site.browsers[role]
                    with transaction.atomic():
                        found = getattr(browser, method)(path, headers=headers)
                        transaction.set_rollback(True)
                    assert "no-store" in found["Cache-Control"], (path, role, method, found.status_code)
                    assert "geolocation=()" in found["Permissions-Policy"]
    assert "no-store" in site.browsers[""].get("/no/such/page/")["Cache-Control"]
    assert "no-store" not in site.browsers[""].get("/static/css/base.css").get("Cache-Control", "")
