"""Whatever a file or its source is called, its documents come in or are set aside, under a name that can be
read."""

from __future__ import annotations

import pytest

from coordination.models import Document, Quarantine
from coordination.services.intake.quarantine import legible
from coordination.services.intake.receive import LONGEST_SOURCE, SourceTooLong
from tests import cast
from tests.cast import bill, order, table, vendor

NAMES = ["\udcff.csv", "a\x00b.csv", "", "../../etc/passwd", "a\nb.csv", "\u202egpj.csv", "Łódź 中.csv"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("invoices.csv", "invoices.csv"),
        ("Łódź 中.csv", "Łódź 中.csv"),
        ("a/b.csv", "a/b.csv"),
        ("", ""),
    ],
)
def test_a_name_that_can_be_kept_stays_as_it_is(name: str, shown: str) -> None:
    assert legible(name) == shown


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_kept_in_the_end(name: str) -> None:
    kept = legible(name)
    kept.encode()
    assert "\x00" not in kept
    assert legible(kept) == kept


@pytest.mark.django_db
def test_files_of_any_name_come_in_or_are_set_aside() -> None:
    good = [table("orders", order(order_number=f"PO-{n}")) for n in range(len(NAMES))]
    bad = [f"<broken {n}".encode() for n in range(len(NAMES))]
    brought = [*zip(NAMES, good, strict=True), *zip(NAMES, bad, strict=True)]
    report = cast.intake(brought, actor="system:intake", source="test")
    assert (report.count("accepted"), report.count("quarantined")) == (len(NAMES), len(NAMES))
    assert {d.name for d in Document.objects.filter(kind="order")} == {legible(n) for n in NAMES}
    assert {q.name for q in Quarantine.objects.all()} == {legible(n) for n in NAMES}


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["\udcff", "a\x00b", "Łódź", ""])
def test_files_of_a_source_of_any_name_come_in(source: str) -> None:
    files = [("v.csv", table("vendors", vendor())), ("i.csv", table("invoices", bill())), ("x.xml", b"<no")]
    report = cast.intake(files, actor="system:intake", source=source)
    assert (report.count("accepted"), report.count("quarantined")) == (2, 1)
    assert {d.source for d in Document.objects.all()} == {legible(source)}
    cast.assert_sound()


@pytest.mark.django_db
def test_the_longest_name_of_a_source_is_taken_and_a_longer_one_refused_before_anything_is_kept() -> None:
    file = ("v.csv", table("vendors", vendor()))
    with pytest.raises(SourceTooLong):
        cast.intake([file], actor="system:intake", source="x" * (LONGEST_SOURCE + 1))
    assert not Document.objects.exists()
    cast.intake([file], actor="system:intake", source="ü" * LONGEST_SOURCE)
    assert Document.objects.get().source == "ü" * LONGEST_SOURCE
