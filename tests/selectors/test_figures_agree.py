"""A figure of one name is one figure: on every page, in the list that it opens, and in what is exported.

`FIGURES` is the table: a name, and the ways to read it. A new page adds a way, a new figure a row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit import clock
from coordination.assurance.exports import EXPORTS
from coordination.models import Lane, State
from coordination.selectors import counts, figure_lists, invoices, service_levels, shell, waiting_lists
from coordination.selectors.conformance import conformance, took
from coordination.selectors.disagreement import differing, matrix, pair_of
from coordination.selectors.figures import ENDED
from coordination.selectors.flow import Flow, flow
from coordination.selectors.kpis import Kpis, kpis
from coordination.selectors.overview import Overview, overview
from coordination.selectors.ways import Ways, list_step, ways
from coordination.services import agent_control, payments
from coordination.services.behaviour.day_counts import count_recent
from reviews.open_lists import Filters as InboxFilters
from reviews.open_lists import queues, totals
from reviews.selectors import Listing, listing
from tests import cast
from tests.cast import Cast, bill, order, receipt, table, take_in, vendor

pytestmark = pytest.mark.django_db
DAYS = 30


@dataclass(frozen=True)
class Read:
    """Everything that is shown and exported, read once."""

    overview: Overview
    flow: Flow
    week: Flow
    kpis: Kpis
    ways: Ways
    inbox: Listing
    user: User
    browser: Client
    exports: Mapping[str, list[dict[str, Any]]]

    def count(self, kind: str) -> counts.Counts:
        return counts.counts([kind], DAYS, ())[0]

    def exported(self, kind: str, **wanted: object) -> int:
        return sum(all(line[k] == v for k, v in wanted.items()) for line in self.exports[kind])

    def stage(self, state: str) -> Any:
        return next(s for s in self.flow.stages if s.state == state)

    def listed(self, **filters: Any) -> int:
        """How many the list of invoices says, which has to be how many it has."""
        page = invoices.page(invoices.Filters(**filters))
        assert page.paginator.count == len(page.object_list)
        return page.paginator.count

    def lines(self, address: str) -> list[dict[str, str]]:
        content = self.browser.get(address).content.decode()
        return list(csv.DictReader(io.StringIO(content)))

    def csv(self, address: str) -> int:
        return len(self.lines(address))


def live_holds(read: Read) -> list[dict[str, Any]]:
    return [h for line in read.exports["invoices"] for h in line["holds"] if h["status"] != "released"]


def summed(read: Read, address: str, column: str) -> dict[str, Decimal]:
    """What a column of a list adds up to, by currency."""
    out: dict[str, Decimal] = {}
    for line in read.lines(address):
        out[line["currency"]] = out.get(line["currency"], Decimal(0)) + Decimal(line[column])
    return out


def money(kind: str) -> list[Callable[[Read], object]]:
    """A figure of discounts, its list and its file."""
    return [
        lambda r: dict(getattr(r.kpis.discounts, kind)),
        lambda r: dict(figure_lists.behind(f"discounts-{kind}", DAYS).sums()),
        lambda r: summed(r, f"/kpis/figures/discounts-{kind}.csv", "discount"),
    ]


def figure(name: str) -> Callable[[Read], int]:
    return lambda read: figure_lists.behind(name, DAYS).count()


RULED = frozenset(Lane.values) - {"open", "waiting"}
FIGURES: dict[str, list[Callable[[Read], object]]] = {
    "received in 30 days": [
        lambda r: r.flow.total,
        lambda r: r.stage("received").reached,
        lambda r: r.kpis.clearing.received,
        lambda r: r.kpis.cost.invoices,
        lambda r: conformance(DAYS).count,
        lambda r: r.count("vendor").base,
        lambda r: sum(line.share.part for line in r.count("vendor").lines),
        lambda r: r.listed(days=DAYS),
        lambda r: len(r.exports["invoices"]),
        figure("received"),
        lambda r: r.csv("/kpis/figures/received.csv"),
    ],
    "received in a week that began today": [
        lambda r: r.week.total,
        lambda r: r.ways.base.invoices,
        lambda r: r.listed(days=7),
        lambda r: sum(b.much.invoices for b in r.ways.bands if not b.target),
        lambda r: sum(
            list_step(b.source, b.target).count()  # type: ignore[union-attr]
            for b in r.ways.bands
            if not b.target
        ),
    ],
    "cleared and further on": [
        lambda r: r.stage("cleared").reached,
        lambda r: r.listed(state="cleared-on", days=DAYS),
        lambda r: sum(r.exported("invoices", state=s) for s in ("cleared", "scheduled", "paid")),
        lambda r: r.kpis.cycle.count,
        figure("cleared"),
    ],
    "stand at cleared": [
        lambda r: r.stage("cleared").here,
        lambda r: r.listed(state="cleared", days=DAYS),
        lambda r: r.listed(state="cleared"),
        lambda r: r.exported("invoices", state="cleared"),
        lambda r: list_step("cleared", "").count(),  # type: ignore[union-attr]
    ],
    "rejected or void": [
        lambda r: r.flow.ended,
        lambda r: r.listed(state="ended", days=DAYS),
        lambda r: sum(r.exported("invoices", state=s) for s in ENDED),
        lambda r: sum(b.much.invoices for b in r.ways.bands if not b.target and b.source in ENDED),
    ],
    "escalated": [
        lambda r: sum(s.count for stage in r.flow.stages for s in stage.stands if s.lane == "escalated"),
        lambda r: r.listed(lane="escalated"),
        lambda r: r.exported("invoices", lane="escalated"),
    ],
    "touchless, all": [
        lambda r: (r.overview.touchless.automatic, r.overview.touchless.cleared),
        lambda r: (r.kpis.clearing.touchless.part, r.kpis.clearing.touchless.base),
        lambda r: (figure("touchless")(r), figure("ruled-on")(r)),
        lambda r: (r.listed(lane="auto", days=DAYS), r.listed(lane="ruled-on", days=DAYS)),
        lambda r: (r.exported("invoices", lane="auto"), sum(r.exported("invoices", lane=x) for x in RULED)),
    ],
    "touchless, order-based": [
        lambda r: (r.kpis.clearing.touchless_ordered.part, r.kpis.clearing.touchless_ordered.base),
        lambda r: (figure("touchless-ordered")(r), figure("ruled-on-ordered")(r)),
        lambda r: (
            sum(x["lane"] == "auto" and bool(x["order_numbers"]) for x in r.exports["invoices"]),
            sum(x["lane"] in RULED and bool(x["order_numbers"]) for x in r.exports["invoices"]),
        ),
    ],
    "first-time match": [
        lambda r: (r.kpis.clearing.first_match.part, r.kpis.clearing.first_match.base),
        lambda r: (figure("first-time-match")(r), figure("matched")(r)),
    ],
    "exceptions": [
        lambda r: (r.kpis.clearing.exceptions.part, r.kpis.clearing.exceptions.base),
        lambda r: (figure("exceptions")(r), figure("looked-at")(r)),
    ],
    "invoices that were held": [
        lambda r: r.kpis.clearing.exceptions.part,
        lambda r: r.count("cause").base,
        lambda r: r.count("rule").base,
    ],
    "open questions": [
        lambda r: r.overview.open_count,
        lambda r: r.inbox.open_count,
        lambda r: sum(len(group.rows) for group in r.inbox.groups),
        lambda r: totals(InboxFilters(), "")[0],
        lambda r: queues("")[0],
        lambda r: next(item.count for item in shell.nav(r.user, "", "").items if item.key == "inbox"),
        lambda r: sum(d.open for d in r.flow.departments),
        lambda r: sum(row.total for row in service_levels.ageing(clock.now())),
        lambda r: r.exported("escalations", status="open"),
    ],
    "questions of procurement": [
        lambda r: next(d.open for d in r.flow.departments if d.key == "procurement"),
        lambda r: next(q.count for q in queues("")[1] if q.key == "procurement"),
        lambda r: totals(InboxFilters(queue="procurement"), "")[0],
        lambda r: r.exported("escalations", status="open", queue="procurement"),
    ],
    "value waiting for a person": [
        lambda r: r.overview.waiting,
        lambda r: r.inbox.waiting,
        lambda r: sum((d.worth for d in r.flow.departments), Decimal(0)),
    ],
    "questions past desk time": [
        lambda r: r.overview.late,
        lambda r: sum(d.overdue for d in r.flow.departments),
        lambda r: sum(row.overdue for row in service_levels.ageing(clock.now())),
        lambda r: waiting_lists.behind("late", ()).count(),
        lambda r: sum(waiting_lists.behind("late", (), d.key).count() for d in r.flow.departments),
    ],
    "questions on overdue invoices": [
        lambda r: r.overview.overdue,
        lambda r: waiting_lists.behind("overdue", ()).count(),
        lambda r: r.csv("/overview/overdue.csv"),
    ],
    "questions asked in 30 days": [
        lambda r: r.count("queue").base,
        lambda r: sum(line.share.part for line in r.count("queue").lines),
        lambda r: len(r.exports["escalations"]),
    ],
    "answers of people": [
        lambda r: r.kpis.cost.answers,
        lambda r: r.count("person").base,
        lambda r: sum(line.share.part for line in r.count("person").lines),
        lambda r: sum(bool(e["verdict"]) for e in r.exports["escalations"]),
        figure("answers"),
        lambda r: r.csv("/kpis/figures/answers.csv"),
    ],
    "decisions of agents": [
        lambda r: r.kpis.cost.decisions,
        lambda r: sum(d["agent"] != "person" for d in r.exports["decisions"]),
        figure("decisions"),
        lambda r: r.csv("/kpis/figures/decisions.csv"),
    ],
    "holds that stand": [
        lambda r: sum(h.count for h in r.kpis.holds),
        lambda r: sum(figure_lists.list_holds(h.owner, waiting=False).count() for h in r.kpis.holds),
        lambda r: len(live_holds(r)),
    ],
    "holds that wait": [
        lambda r: sum(h.waiting for h in r.kpis.holds),
        lambda r: sum(figure_lists.list_holds(h.owner, waiting=True).count() for h in r.kpis.holds),
        lambda r: sum(h["status"] == "waiting" for h in live_holds(r)),
    ],
    "agents stopped": [
        lambda r: r.overview.stopped,
        lambda r: next(item.count for item in shell.nav(r.user, "", "").items if item.key == "agents"),
    ],
    "ways taken": [
        lambda r: {w.path: w.share.part for w in conformance(DAYS).variants},
        lambda r: {w.path: took(w.path, DAYS).count() for w in conformance(DAYS).variants},
    ],
    "two agents differ": [
        lambda r: {(p.first, p.second): p.differ for p in matrix(7).pairs},
        lambda r: {(p.first, p.second): differing(7, p).count() for p in matrix(7).pairs},
        lambda r: {(p.first, p.second): pair_of(7, p.first, p.second).differ for p in matrix(7).pairs},  # type: ignore[union-attr]
    ],
}

MONEY: dict[str, list[Callable[[Read], object]]] = {
    "discounts captured": money("captured"),
    "discounts lost": money("lost"),
    "discounts still open": money("open"),
    "discounts taken, lapsed and open": [
        lambda r: (
            r.kpis.discounts.invoices.part,
            r.kpis.discounts.invoices.rest,
            r.kpis.discounts.invoices.base,
            r.kpis.discounts.still_open,
        ),
        lambda r: tuple(figure(f"discounts-{kind}")(r) for kind in ("captured", "lost", "ended", "open")),
    ],
    "discount at risk": [
        lambda r: dict(r.overview.discounts.amounts),
        lambda r: waiting_lists.behind("discounts", ()).sums(),
        lambda r: summed(r, "/overview/discounts.csv", "discount"),
    ],
    "questions that a discount hangs on": [
        lambda r: r.overview.discounts.invoices,
        lambda r: waiting_lists.behind("discounts", ()).count(),
    ],
    "paid on time, late and without a due date": [
        lambda r: (r.kpis.punctual.part, r.kpis.punctual.rest, r.kpis.punctual.base, r.kpis.no_due_date),
        lambda r: tuple(
            figure(f"paid-{kind}")(r) for kind in ("on-time", "late", "with-due-date", "without-due-date")
        ),
    ],
    "paid": [
        lambda r: r.kpis.twice.share.base,
        figure("paid"),
        lambda r: r.csv("/kpis/figures/paid.csv"),
        lambda r: r.exported("invoices", state="paid"),
    ],
    "paid and told apart by a person": [
        lambda r: r.kpis.twice.cleared_up,
        figure("paid-told-apart"),
        lambda r: r.csv("/kpis/figures/paid-told-apart.csv"),
    ],
}
"""The same of a trade in which invoices were paid; pairs that nobody told apart, which no run pays, are in
`test_money_figures_by_row`."""


def several_kinds_of_outcome(people: Cast) -> None:
    """Cleared by itself, cleared by a person, rejected, asked about (price, no order, unknown vendor),
    waiting for goods, not looked at yet; an agent stopped."""
    numbers = range(2, 8)
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="120", issue_date="2026-09-06"),
        bill(invoice_number="INV-3", order_number="PO-3", unit_price="13.00", issue_date="2026-09-07"),
        bill(invoice_number="INV-4", order_number="PO-4", unit_price="14.00", issue_date="2026-09-08"),
        bill(invoice_number="INV-5", order_number="PO-5", quantity="50", issue_date=cast.days_ago(1)),
        bill(invoice_number="INV-6", order_number="", order_line="", quantity="3", issue_date="2026-09-10"),
        bill(
            invoice_number="INV-7", vendor_id="V-2", order_number="PO-7", quantity="9", iban=cast.OTHER_IBAN
        ),
        vendors=(vendor(), vendor(vendor_id="V-2", name="Nordlys AS", iban=cast.OTHER_IBAN, vat_id="")),
        orders=(order(), *(order(order_number=f"PO-{n}") for n in numbers)),
        receipts=(
            receipt(),
            *(receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in numbers if n != 5),
        ),
    )
    cast.answer(cast.question("INV-2"), "approve", by=people.dave, comment="Seen.")
    cast.answer(cast.question("INV-3"), "reject", by=people.carol)
    cast.drain()
    take_in(table("invoices", bill(invoice_number="INV-8", quantity="7", issue_date="2026-09-11")))
    agent_control.pause("control.crosscheck", by=people.carol, reason="To see what it does.")
    count_recent()


def paid_and_to_be_paid(people: Cast) -> None:
    """A discount taken, one lapsed, one that waits for an answer; paid late, paid without a due date; two
    that look alike and are not."""
    bills = [
        bill(invoice_number="A-1117", issue_date=cast.days_ago(2)),
        bill(invoice_number="B-2234", order_number="PO-2", issue_date=cast.days_ago(15), quantity="90"),
        bill(invoice_number="C-3351", order_number="PO-3", issue_date=cast.days_ago(3), unit_price="11.00"),
        bill(
            invoice_number="D-4468", order_number="PO-4", issue_date=cast.days_ago(60), quantity="80",
            due_date=cast.days_ago(30),
        ),
        bill(invoice_number="A-1117A", order_number="PO-5", issue_date=cast.days_ago(1)),
        bill(
            invoice_number="E-5585", vendor_id="V-2", order_number="PO-6", quantity="70", due_date="",
            iban=cast.OTHER_IBAN,
        ),
    ]  # fmt: skip
    cast.trade(
        *bills,
        vendors=(
            vendor(payment_terms="2/10 net 30"),
            vendor(vendor_id="V-2", name="Nordlys AS", iban=cast.OTHER_IBAN, vat_id=""),
        ),
        orders=(
            order(),
            *(order(order_number=f"PO-{n}") for n in range(2, 6)),
            order(order_number="PO-6", vendor_id="V-2"),
        ),
        receipts=(
            receipt(),
            *(receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in range(2, 7)),
        ),
    )
    cast.answer(cast.question("A-1117A"), "approve", by=people.carol, reason="not_a_duplicate")
    cast.drain()
    for batch in payments.propose(f"human:{people.carol.pk}").batches:
        payments.approve(batch.number, by=people.dave)
        payments.export(batch.number)
        payments.confirm(batch.number, by=people.dave)


@pytest.fixture
def read(people: Cast) -> Read:
    several_kinds_of_outcome(people)
    return everything(people)


@pytest.fixture
def read_of_money(people: Cast) -> Read:
    paid_and_to_be_paid(people)
    return everything(people)


def everything(people: Cast) -> Read:
    browser = Client()
    browser.force_login(people.carol)
    return Read(
        overview("", (), payments=True),
        flow(DAYS, ()),
        flow(7, ()),
        kpis(DAYS),
        ways("count"),
        listing(InboxFilters(), ""),
        people.carol,
        browser,
        {kind: list(EXPORTS[kind]()) for kind in ("invoices", "decisions", "escalations")},
    )


def test_figures_of_one_name_agree(read: Read) -> None:
    assert differing_ways(FIGURES, read) == {}


def test_figures_of_money_and_their_lists_add_up_to_the_same(read_of_money: Read) -> None:
    assert differing_ways(MONEY, read_of_money) == {}
    assert [name for name, each in MONEY.items() if not each[0](read_of_money)] == []


def differing_ways(
    table: Mapping[str, list[Callable[[Read], object]]], read: Read
) -> dict[str, list[object]]:
    told = {name: [way(read) for way in each] for name, each in table.items()}
    return {name: values for name, values in told.items() if any(v != values[0] for v in values)}


def test_the_trade_has_something_of_everything_that_is_compared(read: Read) -> None:
    """Else figures would agree on nothing."""
    empty = {name for name, each in FIGURES.items() if not each[0](read)}
    assert empty == {"questions past desk time"}
    assert {x["lane"] for x in read.exports["invoices"]} >= {"auto", "human", "escalated", "open", "waiting"}


@pytest.mark.parametrize("kind", counts.KINDS)
def test_every_count_opens_as_many_as_it_says(read: Read, kind: str) -> None:
    found = read.count(kind)
    assert found.lines
    for line in found.lines:
        listed = counts.behind(kind, line.key, DAYS, ())
        assert listed.count() == len(list(listed.all())) == line.share.part, line.label
        assert read.csv(f"/kpis/counts/{kind}.csv?key={line.key}&days={DAYS}") == line.share.part
        assert 0 < line.share.part <= line.share.base == found.base


def test_every_number_of_the_band_opens_the_list_that_it_counts(read: Read) -> None:
    for stage in read.flow.stages:
        assert read.listed(state=stage.reached_by, days=DAYS) == stage.reached
        assert read.listed(state=stage.state, days=DAYS) == stage.here
        for stand in stage.stands:
            assert read.listed(state=stage.state, lane=stand.lane, days=DAYS) == stand.count
    assert read.listed() == sum(read.listed(state=state) for state in State.values)
