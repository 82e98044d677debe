"""What an address of a page may say, field by field: it may say anything, and what means nothing narrows
nothing."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit import clock
from audit.errors import CountersignError
from reviews import fields

from ..assurance.search import Search
from ..models import Incident
from ..selectors import coding, conformance, counts, disagreement, flow, invoices, kpis, oversight
from ..selectors.behaviour.chart import DEFAULT_PERIOD, PERIODS
from ..selectors.behaviour.delays import SIZES
from ..selectors.behaviour.where import BANDS
from ..selectors.behaviour.words import NAMES
from .form_fields import (
    CutField,
    DayFilterField,
    OneOfField,
    PageForm,
    PlainField,
    Refusal,
    SizeField,
    WholeField,
)

NUMBER_OR_NAME, KEY_WORD, PLACE = 100, 40, 80
"""Characters that are looked at of a number or name, of a word that the page itself offers, and of a place in
a list."""


class InvoiceFilterForm(PageForm):
    """The list of invoices."""

    q = CutField(NUMBER_OR_NAME)
    state = CutField(KEY_WORD, strip=False)
    lane = CutField(KEY_WORD, strip=False)
    vendor = CutField(NUMBER_OR_NAME, strip=False)
    days = OneOfField({str(days): days for days in invoices.PERIODS}, 0)
    page = WholeField(1, digits=5)
    after = CutField(PLACE, strip=False)
    before = CutField(PLACE, strip=False)


class StatementFilterForm(PageForm):
    """The list of statements of account."""

    q = CutField(NUMBER_OR_NAME)
    status = CutField(KEY_WORD, strip=False)
    page = WholeField(1, digits=5)


class VendorFilterForm(PageForm):
    """The list of vendors."""

    q = CutField(NUMBER_OR_NAME)
    page = WholeField(1, digits=5)


class PaymentsPageForm(PageForm):
    """The page of payments: which page of what no SEPA run pays."""

    page = WholeField(1, digits=5)


class CodingFilterForm(PageForm):
    """Lines and their coding."""

    view = OneOfField({view: view for view in coding.VIEWS}, "confirm")
    vendor = CutField(NUMBER_OR_NAME, strip=False)
    page = WholeField(1, digits=5)


class FlowForm(PageForm):
    """The period of the flow."""

    days = OneOfField(flow.PERIODS, 30)


class WaysForm(PageForm):
    """What the width of the ways is."""

    by = OneOfField({"count": "count", "value": "value"}, "count")


class KeyFiguresForm(PageForm):
    """The period of key figures."""

    days = OneOfField({str(days): days for days in kpis.PERIODS}, 30)


class ConformanceForm(PageForm):
    """The period of the page of conformance, and of its tables to take away."""

    days = OneOfField({str(days): days for days in conformance.PERIODS}, 90)


class DisagreementForm(PageForm):
    """The period of the page of disagreement."""

    days = OneOfField({str(days): days for days in disagreement.PERIODS}, 30)


class CountsForm(PageForm):
    """Which count of which period."""

    days = OneOfField({str(days): days for days in counts.PERIODS}, 30)
    key = CutField(NUMBER_OR_NAME, strip=False)


class WayForm(PageForm):
    """A way that invoices took: its states, and the period of the page of conformance."""

    days = OneOfField({str(days): days for days in conformance.PERIODS}, 90)
    path = CutField(400, otherwise="received")


class CountedForm(PageForm):
    """The list behind a number: which page of it."""

    page = WholeField(1, digits=5)


class WaitingForm(PageForm):
    """Open questions behind a number: of which queue."""

    queue = CutField(KEY_WORD, strip=False)


class StratumForm(PageForm):
    """A stratum of the quality review, by the numbers of its bands; all of them where none is named."""

    confidence = WholeField(None, digits=1)
    value = WholeField(None, digits=1)


class MistakesForm(PageForm):
    """What documents of an examination are narrowed to."""

    kind = CutField(NUMBER_OR_NAME, strip=False)
    due = CutField(KEY_WORD, strip=False)
    found = CutField(KEY_WORD, strip=False)


class OversightForm(PageForm):
    """The period of the page of oversight, of its table and of its statement."""

    days = OneOfField({str(days): days for days in oversight.PERIODS}, 90)


class GlanceForm(PageForm):
    """Agents at a glance: those of one department, as pictures or as a table of numbers."""

    department = CutField(KEY_WORD, strip=False)
    view = OneOfField({"table": "table"}, "")


class AgentForm(PageForm):
    """One agent: which measure over how many days, and a change of which size would be noticed."""

    measure = OneOfField({name: name for name in NAMES}, "")
    days = OneOfField({str(days): days for days in PERIODS}, DEFAULT_PERIOD)
    size = OneOfField({str(size): size for size in SIZES}, SIZES[1])
    way = OneOfField({"up": True, "down": False}, True)
    since = DayFilterField()


class DecisionsForm(PageForm):
    """The decisions behind a number."""

    measure = OneOfField({name: name for name in NAMES}, "")
    event = OneOfField({word: word for word in ("yes", "no")}, "")
    since = DayFilterField()
    until = DayFilterField()
    version = CutField(20, strip=False)
    type = CutField(11, strip=False)
    format = CutField(KEY_WORD, strip=False)
    vendor = OneOfField({word: word for word in ("known", "new")}, "")
    order = OneOfField({word: word for word in ("yes", "no")}, "")
    band = OneOfField({band: band for band in BANDS}, "")
    page = WholeField(1, digits=5)


class IncidentsForm(PageForm):
    """The list of incidents."""

    status = OneOfField({str(word): str(word) for word in Incident.Status.values}, "")
    cause = OneOfField({str(word): str(word) for word in Incident.Cause.values}, "")
    agent = CutField(60, strip=False)


class RestingForm(PageForm):
    """Which of the invoices that rest on an incident."""

    fate = OneOfField({word: word for word in ("unpaid", "paid", "over")}, "unpaid")


class ConfidenceForm(PageForm):
    """A threshold of an agent in per cent, and how many wrong automatic decisions in 1,000 are borne."""

    threshold = WholeField(None, digits=2)
    target = WholeField(5, digits=3)


class TableForm(PageForm):
    """Which version of the table of measured confidence; none for the one in force."""

    table = WholeField(None)


class StatusForm(PageForm):
    """Which invoice somebody asks about."""

    q = CutField(NUMBER_OR_NAME)
    vendor = CutField(NUMBER_OR_NAME)


class SearchForm(PageForm):
    """An auditor's search."""

    text = CutField(NUMBER_OR_NAME)
    code = CutField(NUMBER_OR_NAME)
    actor = CutField(NUMBER_OR_NAME)
    rule = CutField(NUMBER_OR_NAME)
    least = CutField(NUMBER_OR_NAME)
    most = CutField(NUMBER_OR_NAME)
    since = CutField(NUMBER_OR_NAME)
    until = CutField(NUMBER_OR_NAME)

    @property
    def search(self) -> Search:
        return Search(**self.cleaned_data)


class EntryForm(PageForm):
    """The entry of a history that is shown beside it; None is the last."""

    entry = WholeField(None)


class ItemForm(PageForm):
    """The item of a sample that is shown; 0 is the first without a result."""

    item = WholeField(0, digits=5)


class NavForm(PageForm):
    """Where a page stands in the navigation."""

    at = PlainField()
    queue = PlainField()


class SampleNameForm(PageForm):
    """The name of the file that a new map is made on."""

    name = CutField(255, strip=False)


class NoSuchMoment(CountersignError):
    """This is no moment. Write it as 2026-03-31 or 2026-03-31 17:30."""

    status = 400


class AsOfForm(PageForm):
    """The moment that an invoice is looked at: under a checkpoint of this size, or as a person writes it."""

    checkpoint = SizeField()
    at = PlainField()

    def clean(self) -> dict[str, Any]:
        """Read the moment where no checkpoint says it."""
        found = super().clean() or self.cleaned_data
        try:
            return found | {"at": moment(found["at"]) if found["checkpoint"] is None else None}
        except NoSuchMoment as error:
            raise Refusal(error) from error


def moment(text: str) -> datetime:
    """A moment as a person writes it, in their zone; a day means its end. Empty means now."""
    plain = text.strip().replace("T", " ")[:60]
    if not plain:
        return clock.now()
    try:
        found = parse_datetime(plain) or datetime.combine(datetime.strptime(plain, "%Y-%m-%d"), time.max)  # noqa: DTZ007
        known = fields.moment(found if timezone.is_aware(found) else timezone.make_aware(found))
    except (ValueError, OverflowError) as error:
        raise NoSuchMoment from error
    if known is None:
        raise NoSuchMoment
    return known
