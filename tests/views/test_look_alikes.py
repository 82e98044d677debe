"""A suspected duplicate is shown beside what it was compared with; how both stand is told as of now."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from audit.ids import new_id
from coordination.models import Invoice
from coordination.selectors import look_alikes
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, question
from tests.decisions.test_money_and_goods import pay
from tests.views.conftest import HTMX, client, read

pytestmark = pytest.mark.django_db


def page(who: object, case: Escalation) -> str:
    return read(client(who).get(reverse("reviews:case", args=[case.pk]), headers=HTMX))  # type: ignore[arg-type]


def shown(who: object, case: Escalation) -> str:
    """The comparison on the page of a case."""
    [found] = re.findall(r'<section class="card alike".*?</section>', page(who, case))
    return str(found)


@pytest.fixture
def duplicate(people: Cast) -> Escalation:
    cast.trade(bill(), bill(invoice_number="INV-1A", issue_date="2026-09-06"))
    return question("INV-1A")


def refrozen(case: Escalation, **changes: object) -> Escalation:
    """The same case, as if this had been frozen in its comparison; None of it: as of before there was any."""
    case.case = {**case.case, "alike": {**case.case["alike"], **changes}}
    return case


def test_every_field_that_differs_says_so_in_words(people: Cast, duplicate: Escalation) -> None:
    found = shown(people.alice, duplicate)
    rows = dict(re.findall(r'role="rowheader">\s*([A-Z][a-z]+)(.*?)</th>', found))
    assert "differs" in rows["Number"]
    assert "differs" in rows["Issued"]
    assert not any("differ" in rows[name] for name in ("Order", "Vendor", "Net", "Gross", "Line"))
    assert "fields and lines differ." in found


def test_it_leads_to_the_other_invoice_and_to_both_originals(people: Cast, duplicate: Escalation) -> None:
    found, other = shown(people.alice, duplicate), cast.invoice("INV-1")
    assert f'href="{reverse("coordination:invoice", args=[other.id])}"' in found
    for row in (other, cast.invoice("INV-1A")):
        assert reverse("coordination:document", args=[row.document_id]) in found
    assert "Cleared" in found
    assert "Held: it waits for this answer" in found


def test_when_the_other_is_paid_it_says_when_in_which_run_and_how_much(
    people: Cast, duplicate: Escalation
) -> None:
    pay(people)
    found = shown(people.carol, duplicate)
    assert "as of now" in found
    assert re.search(r"1,190\.00.*with the bank|1,190\.00.*signed", found)
    assert reverse("coordination:payment_batch", args=[1]) in found
    assert reverse("coordination:payment_batch", args=[1]) not in shown(people.alice, duplicate)
    assert "run 1" in shown(people.alice, duplicate)


def test_an_invoice_that_is_gone_is_told_to_be_and_led_to_nowhere(
    people: Cast, duplicate: Escalation
) -> None:
    [twin] = duplicate.case["alike"]["found"]
    gone = str(new_id())
    beside = look_alikes.side_by_side(refrozen(duplicate, found=[{**twin, "invoice": gone}]), people.alice)
    assert beside is not None
    assert [t.standing for t in beside.twins] == [None]


def test_who_may_not_read_invoices_is_shown_none(duplicate: Escalation) -> None:
    beside = look_alikes.side_by_side(duplicate, AnonymousUser())
    assert beside is not None
    assert not beside.may_read


def test_a_case_from_before_is_shown_without_a_comparison(people: Cast, duplicate: Escalation) -> None:
    older = {k: v for k, v in duplicate.case.items() if k != "alike"}
    duplicate.case = older
    assert look_alikes.side_by_side(duplicate, people.alice) is None
    assert "alike" not in page(people.alice, other_question(people))


def other_question(people: Cast) -> Escalation:
    cast.take_in(cast.table("invoices", bill(invoice_number="X-77", order_number="PO-9")))
    cast.drain()
    return question("X-77")


def test_of_a_subject_that_is_no_invoice_nothing_is_looked_up(people: Cast, duplicate: Escalation) -> None:
    key = UUID(str(cast.invoice("INV-1A").id))
    duplicate.subject, duplicate.status = f"known_answer/{key}", "approved"
    beside = look_alikes.side_by_side(duplicate, people.alice)
    assert beside is not None
    assert Invoice.objects.filter(pk=key).exists()
    assert beside.standing is None


def test_what_the_finding_names_and_nobody_has_is_told(people: Cast, duplicate: Escalation) -> None:
    beside = look_alikes.side_by_side(
        refrozen(duplicate, found=[], missing=["INV-0"], more="4"), people.alice
    )
    assert beside is not None
    assert (beside.missing, beside.more, beside.twins) == (["INV-0"], 4, [])
