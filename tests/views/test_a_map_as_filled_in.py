"""The form of a translation map: what was chosen for each column, in which words, and what means nothing."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.mapping import ForeignFile
from coordination.translation.maps import Field
from coordination.views import map_form
from coordination.views.map_form import Draft, MapForm

TABLE = b"Bestellung;Pos;Menge;Menge;\nPO-1;1;5;6;7\n"
LABELS = ("Bestellung", "Pos", "Menge", "Menge", "")
DRAWN = map_form.drawn("orders", LABELS)
KEY = UUID(int=7)


def filled(**fields: str) -> Draft:
    """A form as it was drawn for orders of this table, filled in."""
    plain = {"kind": "orders", "delimiter": "semicolon", "drawn": DRAWN}
    data = plain | {name.replace("__", "-"): value for name, value in fields.items()}
    return MapForm.accept(data).draft(ForeignFile(TABLE))


def test_the_form_is_drawn_for_these_columns() -> None:
    """What the tests below stand on."""
    assert filled().one.header == LABELS
    assert filled().one.fields == {}  # nothing was chosen


# --- where a column comes from ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ("c0", Field(column="Bestellung")),
        ("c1", Field(column="Pos")),
        ("c3", Field(column="Menge")),  # the second of two; saving says that nobody can tell which
        ("c4", None),  # a column without a name cannot be found again
        ("c5", None),
        ("c-1", None),
        ("c", None),
        ("c1x", None),
        ("1", None),
        ("C1", None),
        ("c٣", None),  # digits of other scripts are no place
        ("", None),
        ("count", Field(count=True)),
    ],
)
def test_a_column_is_chosen_by_its_place(chosen: str, field: Field | None) -> None:
    found = filled(from__order_number=chosen).one.fields
    assert found == ({} if field is None else {"order_number": field})


@pytest.mark.parametrize(
    ("value", "constant"), [("EUR", "EUR"), ("  EUR ", "EUR"), ("x" * 300, "x" * 255), ("E\x00UR", "EUR")]
)
def test_one_value_for_all_rows_is_taken_without_the_space_around_it(value: str, constant: str) -> None:
    found = filled(from__currency="value", value__currency=value)
    assert found.one.fields == {"currency": Field(constant=constant)}
    assert found.awaited == frozenset()


@pytest.mark.parametrize("value", ["", "   ", "\x00"])
def test_a_value_that_is_not_written_yet_is_waited_for(value: str) -> None:
    found = filled(from__currency="value", value__currency=value)
    assert (found.one.fields, found.awaited) == ({}, {"currency"})


def test_a_value_beside_a_column_that_was_chosen_is_left_out() -> None:
    assert filled(from__unit="c1", value__unit="EA").one.fields == {"unit": Field(column="Pos")}


@pytest.mark.parametrize(("kind", "delimiter"), [("receipts", "semicolon"), ("orders", "comma")])
def test_answers_for_other_columns_mean_nothing(kind: str, delimiter: str) -> None:
    """The form was drawn for orders and parted by semicolons: what was chosen then is suggested anew."""
    given_ = {"from__order_number": "count", "kind": kind, "delimiter": delimiter}
    found = filled(**given_)
    assert found.one.fields.get("order_number") != Field(count=True)
    assert found.awaited == frozenset()


@pytest.mark.parametrize(
    ("kind", "read"),
    [("orders", "orders"), ("vendors", "vendors"), ("codings", "invoices"), ("", "invoices")],
)
def test_a_kind_that_no_map_leads_to_is_the_first(kind: str, read: str) -> None:
    assert filled(kind=kind).one.kind == read


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Stk = EA", {"Stk": "EA"}),
        ("Stk=EA\r\nKiste  groß = BX", {"Stk": "EA", "Kiste groß": "BX"}),
        ("a = b = c", {"a": "b = c"}),  # the first mark parts
        ("Stk", {}),
        ("= EA", {}),
        ("Stk =", {}),
        ("  =  ", {}),
        ("Stk = " + "x" * 150, {"Stk": "x" * 100}),
        ("Stk = EA\nStk = PCE", {"Stk": "PCE"}),  # the last says it
        ("S\x00tk = E\x00A", {"Stk": "EA"}),
    ],
)
def test_a_word_of_theirs_is_one_of_ours(typed: str, words: dict[str, str]) -> None:
    assert filled(words__unit=typed).one.words == ({"unit": words} if words else {})


def test_no_more_than_two_hundred_lines_of_words_are_read() -> None:
    typed = "\n".join(f"w{n} = EA" for n in range(250))
    assert list(filled(words__unit=typed).one.words["unit"]) == [f"w{n}" for n in range(200)]


# --- around it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "series"), [(str(KEY), KEY), ("", None), ("7", None), ("not a key", None), (KEY.hex, KEY)]
)
def test_a_series_is_a_key_or_none(sent: str, series: UUID | None) -> None:
    assert filled(series=sent).series == series


@pytest.mark.parametrize(("sent", "seen"), [("3", 3), ("", 0), ("-3", 0), ("x", 0), ("1234567", 0)])
def test_the_revision_that_one_goes_out_from_is_a_number_or_none(sent: str, seen: int) -> None:
    assert filled(seen=sent).seen == seen


def test_names_lose_what_no_database_keeps_and_nothing_else() -> None:
    found = filled(name="Müller\x00 & Söhne", sample_name="or\x00ders.csv" + "x" * 300)
    assert found.name == "Müller & Söhne"
    assert found.sample_name == ("orders.csv" + "x" * 300)[:255]


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=40), st.text(max_size=10))
def test_whatever_is_filled_in_there_is_a_draft(chosen: str, value: str, words: str, kind: str) -> None:
    found = filled(from__order_number=chosen, value__order_number=value, words__unit=words, kind=kind)
    assert "\x00" not in "".join([*(f.constant for f in found.one.fields.values()), *found.one.words])
    assert set(map_form.shown(found)) >= {"labels", "choices", "wrong", "drawn"}


# --- what it shows ------------------------------------------------------------------------------------------


def test_a_column_that_has_no_name_or_one_of_two_cannot_be_chosen() -> None:
    labels = map_form.shown(filled())["labels"]
    assert isinstance(labels, list)
    assert [(x.value, x.text, x.usable) for x in labels] == [
        ("c0", "Bestellung", True),
        ("c1", "Pos", True),
        ("c2", "Menge", False),
        ("c3", "Menge", False),
        ("c4", "column 5, without a name", False),
    ]


def test_what_was_chosen_stays_chosen() -> None:
    found = filled(
        from__order_number="c0",
        from__line="count",
        from__currency="value",
        value__currency="EUR",
        from__unit="value",
    )
    choices = map_form.shown(found)["choices"]
    assert isinstance(choices, list)
    by_name = {c.name: c for c in choices}
    assert {name: by_name[name].chosen for name in ("order_number", "line", "currency", "unit", "item")} == {
        "order_number": "c0",
        "line": "count",
        "currency": "value",
        "unit": "value",
        "item": "",
    }
    assert by_name["currency"].constant == "EUR"
    assert [c.name for c in choices if c.may_count] == ["line"]
    assert not by_name["quantity"].may_be_constant  # an amount stands in the table or nowhere
    assert by_name["order_number"].required
    assert not by_name["item"].required


@pytest.mark.parametrize("other", [("receipts", LABELS), ("orders", LABELS[:4]), ("orders", LABELS[::-1])])
def test_a_form_for_other_columns_is_another_form(other: tuple[str, tuple[str, ...]]) -> None:
    assert map_form.drawn(*other) != DRAWN
    assert map_form.drawn("orders", LABELS) == DRAWN


@pytest.mark.parametrize(
    ("kind", "columns"), [("orders", ["unit"]), ("invoices", ["type", "unit"]), ("vendors", ["status"])]
)
def test_words_are_asked_for_where_a_column_of_the_kind_has_some(kind: str, columns: list[str]) -> None:
    words = map_form.shown(filled(kind=kind, words__unit="Stk = EA\nKiste = BX"))["words"]
    assert isinstance(words, list)
    assert [column for column, _ in words] == columns
    assert dict(words).get("unit", "Stk = EA\nKiste = BX") == "Stk = EA\nKiste = BX"
