"""Fields of pages: what is typed is read, gives way to a default, or is refused in the field's own words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import CountersignError
from audit.sampling import NoSample
from coordination.assurance.population_query import BadQuery
from coordination.assurance.samples import NotRecorded
from coordination.views import act_forms, filter_forms
from coordination.views.form_fields import NoSuchDay, PageForm
from coordination.views.map_form import MapForm
from reviews.errors import Refused
from reviews.fields import TooLong

REFUSES = {filter_forms.AsOfForm}
"""The form of an address that says no: a moment that is none."""
FILTERS = sorted(
    {form for form in vars(filter_forms).values() if isinstance(form, type) and issubclass(form, PageForm)}
    - {PageForm, *REFUSES}
    | {act_forms.PreferencesForm, act_forms.CodingForm, MapForm},
    key=lambda form: form.__name__,
)
"""Forms that refuse nothing."""


@pytest.mark.parametrize("form", FILTERS)
@given(text=st.one_of(st.text(max_size=300), st.sampled_from(["9" * 5000, "٣", "²", "-1", "1_0", "NaN", ""])))
def test_a_filter_reads_whatever_an_address_says(form: type[PageForm], text: str) -> None:
    names = form.accept(QueryDict()).fields
    found = form.accept(dict.fromkeys(names, text.replace("\0", "")))
    assert found.cleaned_data.keys() == names.keys()


@pytest.mark.parametrize("typed", ["", "0x1", "-1", "+1", "1.0", "1_0", "٣", "²", " 1", "9" * 6])
def test_what_is_no_number_of_a_page_is_the_first(typed: str) -> None:
    assert filter_forms.InvoiceFilterForm.accept({"page": typed}).cleaned_data["page"] == 1
    assert filter_forms.InvoiceFilterForm.accept({"page": "12"}).cleaned_data["page"] == 12


def test_a_filter_cuts_what_is_long_and_the_page_says_what_is_meant_without_it() -> None:
    found = filter_forms.InvoiceFilterForm.accept({"q": f"  {'x' * 200}  "}).cleaned_data
    assert found == {
        "q": "x" * 100,
        "state": "",
        "lane": "",
        "vendor": "",
        "days": 0,
        "page": 1,
        "after": "",
        "before": "",
    }
    assert filter_forms.CodingFilterForm.accept({"view": "others"}).cleaned_data["view"] == "confirm"
    assert filter_forms.KeyFiguresForm.accept({"days": "31"}).cleaned_data["days"] == 30
    assert filter_forms.EntryForm.accept({}).cleaned_data["entry"] is None


def refusal(form: type[PageForm], **typed: str) -> CountersignError:
    with pytest.raises(CountersignError) as refused:
        form.accept(typed)
    return refused.value


def test_a_refusal_keeps_its_words_and_its_status() -> None:
    found = refusal(act_forms.HoldForm, reason="x" * 501, version="1")
    assert isinstance(found, TooLong)
    assert found.message == "Reason may have 500 characters; this has 501. Shorten it."
    found = refusal(act_forms.RecallForm, reason="DUPL")
    assert isinstance(found, Refused)
    assert (found.status, found.message[:32]) == (422, "Say which invoice is called back")
    assert act_forms.RecallForm.accept({"invoice": ""}).cleaned_data["format"] == "camt.056"
    assert isinstance(refusal(act_forms.ExportForm, query="colour=red"), BadQuery)


@pytest.mark.parametrize("typed", ["2026-02-30", "30.09.2026", "9" * 50, "0000-01-01"])
def test_a_day_that_is_none_is_refused(typed: str) -> None:
    assert isinstance(refusal(act_forms.ProposeForm, until=typed), NoSuchDay)
    assert isinstance(refusal(act_forms.PaidElsewhereForm, paid_on=typed), NoSuchDay)


def test_an_empty_day_is_none_where_none_is_needed() -> None:
    assert act_forms.ProposeForm.accept({"until": ""}).cleaned_data["until"] is None
    assert act_forms.ProposeForm.accept({"until": "2026-09-30"}).cleaned_data["until"] == date(2026, 9, 30)
    assert isinstance(refusal(act_forms.PaidElsewhereForm, paid_on=""), NoSuchDay)
    assert isinstance(refusal(act_forms.PaidElsewhereForm), NoSuchDay)


def test_of_a_checkpoint_and_a_moment_the_checkpoint_is_meant() -> None:
    found = filter_forms.AsOfForm.accept({"checkpoint": "12", "at": "yesterday"}).cleaned_data
    assert found == {"checkpoint": 12, "at": None}
    assert filter_forms.AsOfForm.accept({"checkpoint": "twelve"}).cleaned_data["checkpoint"] == -1
    assert filter_forms.AsOfForm.accept({"at": "2026-03-31"}).cleaned_data["at"].date() == date(2026, 3, 31)
    assert isinstance(refusal(filter_forms.AsOfForm, at="yesterday"), filter_forms.NoSuchMoment)
    assert refusal(filter_forms.AsOfForm, at="yesterday").status == 400


def test_what_was_typed_is_shown_again_and_the_search_is_refused_first() -> None:
    typed = {"query": "text=a", "purpose": " why ", "size": " 5 ", "confidence": "sure", "bounds": "x"}
    form = act_forms.DrawForm(typed)
    with pytest.raises(NoSample, match="Choose a confidence"):
        form.check_fields()
    assert form.cleaned_data["query"].text == "a"
    assert form.typed == typed | {"purpose": "why", "method": "", "seed": "", "currency": ""}
    assert isinstance(refusal(act_forms.DrawForm, **typed | {"query": "text"}), BadQuery)
    wish = act_forms.DrawForm.accept(typed | {"confidence": "", "bounds": "100 1,000.00"}).wish
    assert (wish.size, wish.confidence) == (5, Decimal("0.95"))
    assert wish.bounds == (Decimal(100), Decimal(1000))


def test_a_result_is_refused_with_the_amount_first_and_keeps_what_was_typed() -> None:
    form = act_forms.ResultForm({"audited": "much", "words": "w" * 2001, "outcome": "wrong"})
    with pytest.raises(NotRecorded, match=r"Write the amount as 1000\.00"):
        form.check_fields()
    assert form.typed == {"outcome": "wrong", "audited": "much", "words": "w" * 2001, "seen": ""}
    found = act_forms.ResultForm.accept({"audited": " 1,000.50 ", "outcome": "wrong", "words": "less"}).found
    assert (found.audited, found.seen) == (Decimal("1000.50"), "")


def test_a_map_leaves_out_what_no_database_keeps() -> None:
    found = MapForm.accept(
        {"kind": "orders", "name": "a\0b", "from-line": "c\x001", "series": "none"}
    ).cleaned_data
    assert (found["name"], found["from-line"], found["series"]) == ("ab", "c1", None)
    assert (found["decimals"], found["seen"]) == (None, 0)
