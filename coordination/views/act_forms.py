"""What people send when they do something, field by field."""

from __future__ import annotations

from decimal import Decimal

from audit.sampling import NoSample
from reviews.errors import Refused

from ..assurance import access_log, population_query, samples
from ..services import manual_hold
from ..services.retention import legal_holds
from .filter_forms import KEY_WORD
from .form_fields import (
    AmountField,
    CutField,
    DayField,
    OneOfField,
    PageForm,
    PlainField,
    ReadField,
    SentField,
    WholeField,
    WordsField,
)


class HoldForm(PageForm):
    """Hold an invoice, as it was when the page was loaded."""

    version = WholeField(-1)
    reason = WordsField(manual_hold.MOST_WORDS, "Reason")


class CodingForm(PageForm):
    """Where one line is booked. A code that is too long is cut; the service refuses it either way."""

    account = CutField(100, strip=False)
    cost_centre = CutField(100, strip=False)
    version = WholeField(-1)


class BreakerForm(PageForm):
    """A step of an agent's breaker, by hand."""

    state = CutField(KEY_WORD)
    reason = PlainField()


class OnCriticalForm(PageForm):
    """What a critical alarm does to the breaker: open it, or ask first."""

    choice = CutField(KEY_WORD)
    reason = PlainField()


class CloseForm(PageForm):
    """The cause with which an incident is to be closed, why, and whether those alongside are, too."""

    cause = CutField(KEY_WORD)
    others = PlainField()
    reason = PlainField()


class ReasonForm(PageForm):
    """Why, in a manager's own words; longer ones are cut by the service."""

    reason = PlainField()


class DrillForm(PageForm):
    """A drill of an agent: what it does, to which share of its answers, and why."""

    kind = PlainField()
    share = PlainField()
    reason = PlainField()


class TextForm(PageForm):
    """What a person says about a payment run; the service has the limit."""

    text = PlainField()


class ProposeForm(PageForm):
    """A payment run of what is to be paid by a day; without one, of all that can be paid."""

    until = DayField(required=False)


class RecallForm(PageForm):
    """Payments called back from the bank: those of one invoice, or the whole run where that field is
    empty."""

    format = CutField(20, strip=False, otherwise="camt.056")
    invoice = SentField(
        lambda: Refused("Say which invoice is called back: an empty field calls back the whole run.")
    )
    reason = PlainField()
    vendor = PlainField()


class PaidElsewhereForm(PageForm):
    """That an invoice was paid another way, and what shows it."""

    paid_on = DayField()
    text = PlainField()
    reference = PlainField()


class LegalHoldForm(PageForm):
    """A legal hold on an invoice or a vendor."""

    subject = ReadField(legal_holds.find, cut=200)
    reason = WordsField(legal_holds.MOST_WORDS, "Reason")


class LiftForm(PageForm):
    """Why a legal hold is lifted."""

    reason = WordsField(legal_holds.MOST_WORDS, "Reason")


class KeepSearchForm(PageForm):
    """A search kept under a name."""

    name = WordsField(access_log.LONGEST_NAME, "Name")
    query = WordsField(2_000, "The search")


class NoteForm(PageForm):
    """An auditor's note, on one entry or on the whole (0)."""

    seq = WholeField(0)
    text = WordsField(access_log.MOST_WORDS, "A note")


class ExportForm(PageForm):
    """A population as a file."""

    query = ReadField(population_query.search_of)
    format = CutField(20, strip=False)


class DrawForm(PageForm):
    """How a sample is drawn of what a search finds. The search is read first: without it there is no page to
    say the rest on."""

    query = ReadField(population_query.search_of)
    purpose = CutField(2_000)
    method = CutField(2_000)
    size = WholeField(0, digits=6, strip=True)
    seed = CutField(2_000)
    currency = CutField(2_000)
    confidence = AmountField(lambda: NoSample("Choose a confidence."), Decimal("0.95"))
    bounds = ReadField(samples.bounds_of, cut=2_000)

    @property
    def wish(self) -> samples.SampleRequest:
        given = {name: value for name, value in self.cleaned_data.items() if name != "query"}
        return samples.SampleRequest(self.cleaned_data["query"], **given)


class ResultForm(PageForm):
    """What was found about one item of a sample."""

    outcome = CutField(40, strip=False)
    audited = AmountField(lambda: samples.NotRecorded("Write the amount as 1000.00."))
    words = WordsField(samples.MOST_WORDS, "What was found")
    seen = CutField(36, strip=False)

    @property
    def found(self) -> samples.Found:
        return samples.Found(**self.cleaned_data)


class PreferencesForm(PageForm):
    """How a person wants pages to look and keys to work; what is not sent stays."""

    theme = OneOfField({word: word for word in ("system", "light", "dark")}, "")
    keys = OneOfField({word: word for word in ("on", "off")}, "")
