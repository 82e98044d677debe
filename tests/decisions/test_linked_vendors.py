"""The vendor of a document that leads to none: candidates, and what agents make of the one chosen."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from coordination.decisions.replay import reperform
from coordination.models import Invoice
from coordination.tasks import work_queue
from reviews.models import Escalation
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, bill, order, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db

OTHER = vendor(vendor_id="V-2", name="Other GmbH", vat_id="DE811569869", iban=cast.OTHER_IBAN)


def link(by: User, number: str, **terms: str) -> Escalation:
    given = terms or {"vendor_id": number}
    question = cast.question()
    said = {"reason": "known_by_name", "comment": "Their old number."}
    return resolve(question.id, "edit", by=by, remedy="link_vendor", terms=given, **said)


def field() -> dict[str, Any]:
    [found] = [r for r in cast.question().case["remedies"] if r["name"] == "link_vendor"]
    one: dict[str, Any] = found["fields"][0]
    return one


@pytest.fixture
def unknown(people: Cast) -> Cast:
    """INV-1 names its vendor by a number that nobody has, and asks for V-1's account."""
    cast.trade(bill(vendor_id="OLD-1"), vendors=(vendor(), OTHER))
    assert "supplier_unknown" in standing()[2]
    return people


def test_candidates_stand_with_what_fits_them(unknown: Cast) -> None:
    assert field()["was"] == "OLD-1"
    [first] = field()["choices"]
    assert first["value"] == "V-1"
    assert dict(first["fit"]) == {
        "Name": "Hartmann GmbH",
        "VAT id": "DE136695976",
        "Account": "same, verified",
        "Status": "active",
    }


def test_the_invoice_is_the_vendors_and_the_agents_go_on(unknown: Cast) -> None:
    link(unknown.bob, "V-1")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    row = cast.invoice()
    assert row.vendor is not None
    assert row.vendor.vendor_id == "V-1"
    assert reperform().different == []
    cast.assert_sound()


def test_a_number_may_be_typed_and_has_to_be_one_of_ours(unknown: Cast) -> None:
    with pytest.raises(TermsRefused, match="V-9 is no vendor of ours"):
        link(unknown.bob, "", **{"vendor_id:typed": "V-9"})
    with pytest.raises(TermsRefused, match="Choose a vendor"):
        link(unknown.bob, "", **{"vendor_id:typed": " "})
    assert link(unknown.bob, "", **{"vendor_id:typed": "v 1"}).status == "edited"


def test_the_wrong_vendor_shows_in_what_the_agents_compare(unknown: Cast) -> None:
    link(unknown.bob, "V-2")
    cast.drain()
    assert {"bank_mismatch", "supplier_mismatch"} <= set(standing()[2])


def test_a_list_of_vendors_that_comes_later_takes_nobody_from_the_one_linked(unknown: Cast) -> None:
    link(unknown.bob, "V-1")
    cast.drain()
    take_in(table("vendors", dict(OTHER) | {"name": "Another GmbH"}))
    work_queue.invalidate([cast.invoice().id], "vendor", "a test")
    cast.drain()
    assert Invoice.objects.get().vendor == cast.invoice().vendor
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_of_more_than_one_signs_alone_a_second_person_names_the_same(people: Cast) -> None:
    big = {"unit_price": "300.00"}
    cast.trade(bill(vendor_id="OLD-1", **big), orders=(order(**big),))
    assert link(people.bob, "V-1").status == "open"
    assert link(people.carol, "V-1").status == "edited"
