"""Maps in the engine: a table waits for its map, is read with it, and every version stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections

from audit.models import Entry
from coordination.models import Content, Document, Invoice, OrderLine, Quarantine, TranslationMap
from coordination.services.intake import map_versions, retry, retry_all, table_maps
from coordination.translation import suggest
from coordination.translation.mapping import ForeignFile
from coordination.translation.maps import Field, Map
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast
from tests.translation.tables import workbook

pytestmark = pytest.mark.django_db

HEADER = (
    "Rechnungsnr;Lieferant;Rechnungsdatum;Währung;Bestellnummer;Bestellposition;Menge;Einheit;Einzelpreis;Netto;MwSt"
    " Satz;Steuer;Brutto"
)
GOOD = "R-1;V-1;05.09.2026;EUR;PO-1;10;100;EA;10,00;1.000,00;19;190,00;1.190,00"
SECOND = "R-2;V-1;06.09.2026;EUR;PO-1;10;1;EA;10,00;10,00;19;1,90;11,90"
WRONG = "R-3;V-1;07.09.2026;EUR;PO-1;10;NaN;EA;10,00;10,00;19;1,90;11,90"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode("cp1252")


def suggested(content: bytes, **changes: object) -> Map:
    file = ForeignFile(content)
    return replace(suggest.suggest(file, suggest.source_of(file)), **changes)


def saved(people: Cast, content: bytes, one: Map | None = None, **how: object) -> TranslationMap:
    [sha256] = [map_versions.keep_sample(content)]
    how = {"name": "Bolts", "sample_name": "bolts.csv", "by": people.carol} | how
    row = map_versions.propose(one or suggested(content), sample=Content.objects.get(pk=sha256), **how)
    cast.put_in_force(row, people)
    return row


def held() -> list[tuple[str, int | None]]:
    return list(Quarantine.objects.open().order_by("line").values_list("code", "line"))


# --- waiting and reading --------------------------------------------------------------------------------


def test_a_table_without_a_map_waits_and_says_what_to_do(people: Cast) -> None:
    cast.take_in(table(GOOD))
    row = Quarantine.objects.get()
    assert (row.code, row.line) == ("unsupported", 1)
    assert row.error.endswith("a map can read it: make one under Intake, Maps")


def test_what_is_no_table_is_not_offered_a_map(people: Cast) -> None:
    for content in (b"Dear Sir, we confirm.\n\nYours", b"PK\x03\x04 not a workbook", b"[1, 2]"):
        cast.take_in(content)
    assert not Quarantine.objects.filter(error__endswith=table_maps.ADVICE).exists()


def test_a_file_held_for_its_map_is_read_when_it_is_tried_again(people: Cast) -> None:
    cast.take_in(table(GOOD, SECOND))
    row = saved(people, table(GOOD))
    [waiting] = table_maps.waiting(row)
    retry(waiting.pk, actor="human:1")
    assert held() == []
    assert set(Invoice.objects.values_list("number", "gross")) == {
        ("R-1", Decimal("1190.00")),
        ("R-2", Decimal("11.90")),
    }
    cast.assert_sound()


def test_every_file_held_for_the_missing_map_is_read_at_once(people: Cast) -> None:
    for n in range(5):
        cast.take_in(table(GOOD.replace("R-1", f"R-{n}")))
    cast.take_in(table("1;2", header="something;else"))
    row = saved(people, table(GOOD))
    lines = retry_all([q.pk for q in table_maps.waiting(row)], actor="human:1")
    assert [line.result for line in lines] == ["accepted"] * 5
    assert held() == [("unsupported", 1)]


def test_the_next_file_with_these_columns_needs_nobody(people: Cast) -> None:
    saved(people, table(GOOD))
    report = cast.take_in(table(SECOND))
    assert report.as_json()["accepted"] == 1


def test_a_mapped_invoice_goes_the_way_of_every_other(people: Cast) -> None:
    cast.take_in(cast.table("vendors", cast.vendor()), cast.table("orders", cast.order()))
    cast.take_in(cast.table("receipts", cast.receipt()))
    saved(people, table(GOOD))
    cast.take_in(table(GOOD))
    cast.drain()
    assert cast.standing("R-1")[:2] == ("cleared", "auto")
    cast.assert_sound()


def test_a_mapped_order_is_an_order(people: Cast) -> None:
    content = b"PO number;Supplier;Pos;Article;Qty;Price\nPO-7;V-1;1;A-1;1.000;9,50\n"
    saved(people, content)
    cast.take_in(content)
    line = OrderLine.objects.get(order__number="PO-7")
    assert (line.quantity, line.price) == (Decimal(1000), Decimal("9.50"))


def test_the_document_names_the_map_and_the_cells_it_came_from(people: Cast) -> None:
    row = saved(people, table(GOOD))
    cast.take_in(table(GOOD))
    document = Document.objects.get()
    assert document.source_format == f"csv-invoices+map-{row.series.hex[-8:]}.1"
    assert document.provenance["map"] == [f"map/{row.series}/1", "Bolts"]
    assert document.provenance["gross"] == ["Brutto@2", "1.190,00"]


# --- what a map cannot read -----------------------------------------------------------------------------


def test_a_row_that_a_map_cannot_read_is_set_aside_and_the_others_go_on(people: Cast) -> None:
    saved(people, table(GOOD))
    report = cast.take_in(table(GOOD, WRONG, SECOND))
    assert report.as_json()["accepted"] == 2
    assert held() == [("malformed", 3)]
    assert "row 3: Menge says NaN, no number of the form 1.234,56" in Quarantine.objects.get().error


def test_a_better_version_reads_what_the_first_left_and_nothing_twice(people: Cast) -> None:
    """The places of documents in their file stay, although the first version read fewer of them."""
    other = GOOD.replace("R-1", "R-0").replace("05.09.2026", "2026-09-05")
    first = saved(people, table(GOOD))
    cast.take_in(table(other, GOOD, SECOND))
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["R-1", "R-2"]
    assert held() == [("malformed", 2)]
    better = replace(suggested(table(GOOD)), dates="iso")
    row = saved(people, table(GOOD), better, series=first.series, seen=1)
    retry_all([q.pk for q in table_maps.waiting(row)], actor="human:1")
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["R-0", "R-1", "R-2"]
    assert Invoice.objects.count() == 3
    assert held() == [], "what the first version has read is not set aside because the second cannot read it"


def test_rows_that_leave_quarantine_together_are_closed_together(people: Cast) -> None:
    first = saved(people, table(GOOD), replace(suggested(table(GOOD)), decimals="point"))
    cast.take_in(table(GOOD, SECOND))
    assert len(held()) == 2
    row = saved(people, table(GOOD), series=first.series, seen=1)
    one, *_ = table_maps.waiting(row)
    retry(one.pk, actor="human:1")
    assert held() == []
    assert Invoice.objects.count() == 2
    cast.assert_sound()


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-Infinity", "1e309", "1E5", "٣٤", "10.00", "1,2,3", "=1+1", "0x10"]
)
def test_an_amount_that_is_none_is_never_guessed(people: Cast, amount: str) -> None:
    saved(people, "\n".join([HEADER, GOOD, ""]).encode())
    row = f"R-9;V-1;05.09.2026;EUR;PO-1;10;1;EA;10,00;10,00;19;1,90;{amount}"
    cast.take_in("\n".join([HEADER, row, ""]).encode())
    assert not Invoice.objects.exists()
    [(code, line)] = held()
    assert (code, line) == ("malformed", 2)


def test_a_second_map_for_the_same_columns_is_refused(people: Cast) -> None:
    saved(people, table(GOOD))
    with pytest.raises(map_versions.Unusable, match="“Bolts” is for tables with these columns already"):
        saved(people, table(GOOD), name="Another")


def test_a_table_that_two_maps_are_for_is_nobodys_choice(people: Cast) -> None:
    """One map for the sheet by its name, one for whatever sheet has the columns."""
    content = workbook(
        ("PO-9", "V-1", 10, 5, 9.5), header=("PO no", "Supplier", "Pos", "Qty", "Price"), sheet="May"
    )
    one = suggested(content)
    saved(people, content, one, name="Any")
    saved(people, content, replace(one, source=replace(one.source, sheet="May")), name="May")
    cast.take_in(content)
    row = Quarantine.objects.get()
    assert (row.code, "Any, May" in row.error) == ("mismatch", True)


# --- versions -------------------------------------------------------------------------------------------


def test_a_version_takes_the_place_of_the_one_before_and_both_stay(people: Cast) -> None:
    first = saved(people, table(GOOD))
    second = saved(
        people, table(GOOD), replace(table_maps.parsed(first), dates="iso"), series=first.series, seen=1
    )
    assert (second.series, second.revision) == (first.series, 2)
    first.refresh_from_db()
    assert (first.status, first.retired_by) == ("retired", f"human:{people.dave.pk}")
    assert [m.pk for m in table_maps.active()] == [second.pk]
    entries = Entry.objects.filter(subject=f"map/{first.series}").order_by("seq")
    assert [e.type for e in entries] == [
        "map.saved",
        "escalation.opened",
        "verdict.given",
        "map.activated",
    ] * 2
    assert TranslationMap.history.filter(id=first.pk).count() == 3
    cast.assert_sound()


def test_the_text_of_a_version_never_changes(people: Cast) -> None:
    row = saved(people, table(GOOD))
    TranslationMap.objects.filter(pk=row.pk).update(text="{}")
    with pytest.raises(IntegrityError, match="differs from its newest history row"):
        connection.check_constraints()


def test_whoever_saves_second_from_the_same_version_is_told(people: Cast) -> None:
    first = saved(people, table(GOOD))
    one = table_maps.parsed(first)
    saved(people, table(GOOD), replace(one, dates="iso"), series=first.series, seen=1)
    with pytest.raises(map_versions.MovedOn, match="Version 2 of this map was saved"):
        saved(people, table(GOOD), replace(one, decimals="point"), series=first.series, seen=1)
    assert TranslationMap.objects.count() == 2


def test_saving_what_is_in_force_already_is_refused(people: Cast) -> None:
    first = saved(people, table(GOOD))
    with pytest.raises(map_versions.Unusable, match="nothing to save"):
        saved(people, table(GOOD), table_maps.parsed(first), series=first.series, seen=1)


def test_a_retired_map_reads_nothing_any_more_and_may_come_back(people: Cast) -> None:
    row = saved(people, table(GOOD))
    map_versions.retire(row.pk, by=people.dave)
    cast.take_in(table(GOOD))
    assert held() == [("unsupported", 1)]
    with pytest.raises(map_versions.MovedOn):
        map_versions.retire(row.pk, by=people.dave)
    again = saved(people, table(GOOD), series=row.series, seen=1)
    assert (again.revision, again.status) == (2, "active")
    cast.assert_sound()


@pytest.mark.parametrize("who", ["alice", "bob", "erin", "frank"])
def test_only_managers_make_maps(people: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        saved(people, table(GOOD), by=getattr(people, who))
    row = saved(people, table(GOOD), by=people.dave)
    with pytest.raises(NotAllowed):
        map_versions.retire(row.pk, by=getattr(people, who))


def test_a_map_that_says_too_little_is_refused_with_what_is_missing(people: Cast) -> None:
    one = suggested(table(GOOD))
    fields = {c: f for c, f in one.fields.items() if c not in {"gross", "currency"}}
    with pytest.raises(map_versions.Unusable, match="gross") as refused:
        saved(people, table(GOOD), replace(one, fields=fields), name="")
    assert "currency" in refused.value.message
    assert "name" in refused.value.message


def test_a_constant_is_held_to_the_same_form_as_a_cell(people: Cast) -> None:
    one = suggested(table(GOOD))
    wrong = {
        "tax_rate": Field(constant="19%"),
        "type": Field(constant="Rechnung"),
        "due_date": Field(constant="soon"),
    }
    with pytest.raises(map_versions.Unusable) as refused:
        saved(people, table(GOOD), replace(one, fields=one.fields | wrong))
    for column in wrong:
        assert column in refused.value.message


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_save_at_once_one_is_told(people: Cast) -> None:
    first = saved(people, table(GOOD))
    one = table_maps.parsed(first)
    told: list[str] = []
    together = threading.Barrier(2)

    def save(dates: str) -> None:
        together.wait()
        try:
            saved(people, table(GOOD), replace(one, dates=dates), series=first.series, seen=1)
        except map_versions.MovedOn as moved:
            told.append(moved.message)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=[dates]) for dates in ("iso", "compact")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert TranslationMap.objects.filter(series=first.series).count() == 2
    assert TranslationMap.objects.get(status="active").revision == 2
