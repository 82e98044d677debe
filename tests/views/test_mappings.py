"""The pages of maps: from a table in quarantine to a map that reads it, and who may do what."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from coordination.models import Content, Document, OrderLine, Quarantine, TranslationMap
from tests import cast
from tests.cast import Cast
from tests.translation.tables import workbook

from .conftest import HTMX, client, read

HEADER = "PO no;Supplier;PO date;Pos;Article;Qty;UoM;Price"
GOOD = "PO-9;V-1;05.09.2026;10;A-1;1.000;Stk;9,50"
WRONG = "PO-8;V-1;05.09.2026;10;A-1;NaN;Stk;9,50"


def orders(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


@pytest.fixture
def held(people: Cast) -> Quarantine:
    """A table of orders that no map is for."""
    cast.take_in(orders(GOOD, WRONG))
    return Quarantine.objects.get()


@pytest.fixture
def carol(people: Cast) -> Client:
    return client(people.carol)


def form_of(page: HttpResponse) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    text = page.content.decode()
    found = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', text))
    found |= dict(re.findall(r'name="(words-[^"]+)"[^>]*>([^<]*)</textarea>', text))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected[^>]*>([^<]*)<', options)
        first = re.search(r'<option(?: value="([^"]*)")?[^>]*>([^<]*)<', options)
        option = chosen or first
        assert option is not None
        found[name] = option[1] if option[1] is not None else option[2]
    return found


def url(name: str, *args: object) -> str:
    return reverse(f"coordination:{name}", args=args)


def drafted(browser: Client, held: Quarantine, **changes: str) -> dict[str, str]:
    page = browser.get(url("map_new", held.content_id), {"name": held.name})
    assert page.status_code == 200
    return form_of(page) | {"name": "Bolts Ltd, orders", "words-unit": "Stk = EA"} | changes


def operator(people: Cast) -> User:
    """A manager of procurement, who may bring orders as well."""
    people.carol.signing_profile.department = "procurement"
    people.carol.signing_profile.save()
    return User.objects.get(pk=people.carol.pk)


def test_a_value_for_all_rows_stays_chosen_until_it_is_written(carol: Client, held: Quarantine) -> None:
    draft = drafted(carol, held)
    for written, kept in (("", "value"), ("EUR", "value"), ("  ", "value")):
        sent = draft | {"from-currency": "value", "value-currency": written}
        found = form_of(carol.post(url("map_preview", held.content_id), sent, headers=HTMX))
        assert found["from-currency"] == kept
    back = draft | {"from-currency": "", "value-currency": "EUR"}
    assert form_of(carol.post(url("map_preview", held.content_id), back, headers=HTMX))["from-currency"] == ""


def test_one_value_for_all_rows_is_offered_only_where_it_is_accepted(carol: Client, held: Quarantine) -> None:
    page = carol.post(
        url("map_preview", held.content_id), drafted(carol, held), headers=HTMX
    ).content.decode()
    assert 'name="value-currency"' in page
    for refused in ("quantity", "unit_price", "vendor_id"):
        assert f'name="value-{refused}"' not in page


def test_a_needed_value_that_is_not_written_is_asked_for(carol: Client, held: Quarantine) -> None:
    draft = drafted(carol, held) | {"from-order_number": "value", "value-order_number": ""}
    page = read(carol.post(url("map_preview", held.content_id), draft, headers=HTMX))
    assert "order_number" in page.partition('class="body map-wrong"')[2].partition("</ul>")[0]


def test_the_way_from_quarantine_to_an_order(carol: Client, held: Quarantine, people: Cast) -> None:
    assert url("map_new", held.content_id) in carol.get(url("intake")).content.decode()
    draft = drafted(carol, held)
    saved = carol.post(url("map_save", held.content_id), draft, follow=True)
    page = saved.content.decode()
    assert "version 1 is saved. Another manager puts it in force" in page
    assert "reads nothing yet" in page
    row = TranslationMap.objects.get()
    cast.put_in_force(row, people)
    assert "1 in quarantine" in carol.get(url("map", row.pk)).content.decode()
    carol = client(operator(people))
    done = carol.post(url("map_retry", row.pk), follow=True).content.decode()
    assert "1 document read, 1 still in quarantine" in done
    line = OrderLine.objects.get(order__number="PO-9")
    assert (line.quantity, line.unit, line.price) == (1000, "EA", cast.Decimal("9.50"))
    assert list(Quarantine.objects.open().values_list("code", "line")) == [("malformed", 3)]
    assert "may be read with this map" not in carol.get(url("map", row.pk)).content.decode()


def test_the_preview_shows_what_is_read_and_what_is_set_aside_and_why(
    carol: Client, held: Quarantine
) -> None:
    draft = drafted(carol, held)
    page = read(carol.post(url("map_preview", held.content_id), draft, headers=HTMX))
    assert "1 document read, 1 in quarantine" in page
    assert "row 3: Qty says NaN, no number of the form 1.234,56" in page
    assert "<html" not in page
    assert not Document.objects.exists()
    assert not TranslationMap.objects.exists()


def test_another_format_is_another_preview(carol: Client, held: Quarantine) -> None:
    draft = drafted(carol, held, decimals="point")
    page = read(carol.post(url("map_preview", held.content_id), draft, headers=HTMX))
    assert "0 documents read, 2 in quarantine" in page


def test_another_kind_or_delimiter_draws_the_columns_anew(carol: Client, held: Quarantine) -> None:
    draft = drafted(carol, held)
    page = carol.post(url("map_preview", held.content_id), draft | {"kind": "receipts"}, headers=HTMX)
    assert 'name="from-received_date"' in page.content.decode()
    page = carol.post(url("map_preview", held.content_id), draft | {"delimiter": "bar"}, headers=HTMX)
    assert "PO no;Supplier" in page.content.decode()


def test_what_is_missing_is_said_and_what_was_filled_in_is_kept(carol: Client, held: Quarantine) -> None:
    draft = drafted(carol, held) | {"from-unit_price": ""}
    refused = carol.post(url("map_save", held.content_id), draft)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Say where unit_price comes from" in page
    assert 'value="Bolts Ltd, orders"' in page
    assert not TranslationMap.objects.exists()


def test_the_second_who_saves_from_one_version_gets_409_and_keeps_the_form(
    carol: Client, held: Quarantine, people: Cast
) -> None:
    carol.post(url("map_save", held.content_id), drafted(carol, held))
    first = TranslationMap.objects.get()
    mine, theirs = (
        form_of(browser.get(url("map_change", first.pk))) for browser in (carol, client(people.dave))
    )
    assert (
        client(people.dave).post(url("map_save", held.content_id), theirs | {"dates": "iso"}).status_code
        == 302
    )
    late = carol.post(url("map_save", held.content_id), mine | {"decimals": "point", "name": "Mine"})
    assert late.status_code == 409
    assert "Version 2 of this map was saved" in late.content.decode()
    assert 'value="Mine"' in late.content.decode()
    assert TranslationMap.objects.count() == 2


def test_a_map_is_changed_from_its_sample_and_both_versions_stay(carol: Client, held: Quarantine) -> None:
    carol.post(url("map_save", held.content_id), drafted(carol, held))
    first = TranslationMap.objects.get()
    draft = form_of(carol.get(url("map_change", first.pk)))
    assert (draft["seen"], draft["series"], draft["words-unit"]) == ("1", str(first.series), "Stk = EA")
    carol.post(url("map_save", held.content_id), draft | {"from-order_date": ""})
    page = read(carol.get(url("map", TranslationMap.objects.get(status="proposed").pk)))
    assert "Version 2" in page
    assert "Version 1" in page


def test_a_sample_is_looked_at_and_not_taken_in(carol: Client, people: Cast) -> None:
    file = SimpleUploadedFile("orders.csv", orders(GOOD))
    page = carol.post(url("map_sample"), {"sample": file}, follow=True)
    assert "orders.csv" in page.content.decode()
    assert Content.objects.count() == 1
    assert not Quarantine.objects.exists()
    assert not Document.objects.exists()


def test_a_workbook_is_mapped_by_its_sheet(carol: Client, people: Cast) -> None:
    content = workbook(
        ("PO-9", "V-1", 10, 5, 9.5), header=("PO no", "Supplier", "Pos", "Qty", "Price"), sheet="März"
    )
    file = SimpleUploadedFile("orders.xlsx", content)
    page = carol.post(url("map_sample"), {"sample": file}, follow=True)
    assert "März" in page.content.decode()
    sha256 = Content.objects.get().sha256
    carol.post(url("map_save", sha256), form_of(page) | {"name": "Sheet"})
    cast.put_in_force(TranslationMap.objects.get(), people)
    cast.take_in(content)
    assert OrderLine.objects.get().price == cast.Decimal("9.50")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04xl/workbook [Content_Types].xml", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_sample_that_cannot_be_read_says_why(carol: Client, people: Cast, content: bytes) -> None:
    file = SimpleUploadedFile("x.xlsx", content)
    refused = carol.post(url("map_sample"), {"sample": file}, follow=True)
    assert refused.status_code == 422


def test_labels_and_cells_of_a_hostile_file_are_text(carol: Client, people: Cast) -> None:
    hostile = "<script>alert(1)</script>"
    cast.take_in(f"{hostile};PO no;b;c\n{hostile};PO-1;3;4\n".encode())
    page = carol.get(url("map_new", Quarantine.objects.get().content_id), {"name": hostile}).content.decode()
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_characters_that_no_database_keeps_are_left_out_of_a_form_and_refused_in_an_address(
    carol: Client, held: Quarantine
) -> None:
    draft = drafted(carol, held, name="Bolts\x00 Ltd", sample_name="a\x00b")
    assert carol.post(url("map_save", held.content_id), draft).status_code == 302
    assert TranslationMap.objects.get().name == "Bolts Ltd"
    assert carol.get(url("map_new", held.content_id), {"name": "a\x00b"}).status_code == 400


# --- who may do what ------------------------------------------------------------------------------------


def test_everybody_sees_maps_and_managers_make_them(people: Cast, held: Quarantine) -> None:
    client(people.carol).post(url("map_save", held.content_id), drafted(client(people.carol), held))
    row = TranslationMap.objects.get()
    draft = drafted(client(people.dave), held)
    for who, makes in (("alice", False), ("carol", True), ("erin", False), ("frank", False)):
        browser = client(getattr(people, who))
        assert browser.get(url("maps")).status_code == 200
        assert browser.get(url("map", row.pk)).status_code == 200
        assert browser.get(url("map_new", held.content_id)).status_code == (200 if makes else 403)
        assert browser.get(url("map_change", row.pk)).status_code == (200 if makes else 403)
        assert browser.post(url("map_preview", held.content_id), draft).status_code == (200 if makes else 403)
        if not makes:
            assert browser.post(url("map_save", held.content_id), draft).status_code == 403
            assert browser.post(url("map_retire", row.pk)).status_code == 403
            assert (
                browser.post(url("map_sample"), {"sample": SimpleUploadedFile("x", b"a;b")}).status_code
                == 403
            )
    assert TranslationMap.objects.count() == 1


def test_specialists_and_managers_try_again_and_nobody_else(people: Cast, held: Quarantine) -> None:
    client(people.carol).post(url("map_save", held.content_id), drafted(client(people.carol), held))
    row = TranslationMap.objects.get()
    cast.put_in_force(row, people)
    for who in ("erin", "frank"):
        assert client(getattr(people, who)).post(url("map_retry", row.pk)).status_code == 403
    assert client(people.alice).post(url("map_retry", row.pk)).status_code == 302
    assert OrderLine.objects.filter(order__number="PO-9").exists()


def test_a_document_that_was_taken_in_is_no_sample(people: Cast) -> None:
    cast.take_in(cast.table("vendors", cast.vendor()))
    sha256 = Content.objects.get().sha256
    assert client(people.carol).get(url("map_new", sha256)).status_code == 404
    assert client(people.carol).get(url("map_new", "0" * 64)).status_code == 404


def test_saving_needs_the_token_of_the_page(people: Cast, held: Quarantine) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people.carol)
    for name, key in (("map_save", held.content_id), ("map_preview", held.content_id)):
        assert browser.post(url(name, key), {}).status_code == 403


def test_a_retired_map_leaves_its_tables_waiting(carol: Client, held: Quarantine, people: Cast) -> None:
    carol.post(url("map_save", held.content_id), drafted(carol, held))
    row = TranslationMap.objects.get()
    assert carol.post(url("map_retire", row.pk)).status_code == 409
    cast.put_in_force(row, people)
    carol.post(url("map_retire", row.pk))
    row.refresh_from_db()
    assert row.status == "retired"
    assert carol.post(url("map_retire", row.pk)).status_code == 409
    assert "Retired" in carol.get(url("maps")).content.decode()
