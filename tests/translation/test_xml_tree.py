"""The view of a UBL tree: children by name, paths from the walk."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, xml

from .make import document

BODY = (
    "<cbc:ID>1</cbc:ID><cbc:Note>a</cbc:Note><!-- c --><cbc:Note>b</cbc:Note>"
    "<cac:Line><cbc:ID>x</cbc:ID></cac:Line><cac:Line><cbc:ID>y</cbc:ID><cac:Price><cbc:ID>z</cbc:ID></cac:Price>"
    "</cac:Line><other/>"
)


def tree(body: str = BODY) -> xml.Node:
    return xml.Node(xml.parse(document("Order", body)), "/Order")


def test_one_child_has_a_plain_path_and_several_are_counted() -> None:
    assert [node.path for node in tree().all("cac:Line")] == ["/Order/cac:Line[1]", "/Order/cac:Line[2]"]
    leaf = tree().leaf("cbc:ID")
    assert leaf is not None
    assert (leaf.path, leaf.raw) == ("/Order/cbc:ID", "1")


def test_paths_grow_with_the_walk() -> None:
    leaf = tree().all("cac:Line")[1].leaf("cac:Price", "cbc:ID")
    assert leaf is not None
    assert leaf.path == "/Order/cac:Line[2]/cac:Price/cbc:ID"


def test_what_is_not_there_is_none() -> None:
    assert tree().leaf("cac:Nothing", "cbc:ID") is None
    assert tree().first("cac:Line", "cac:Nothing") is None
    assert tree().one("cac:Nothing") is None
    assert tree().leaves("cbc:Nothing") == []


def test_a_path_leads_through_the_first_of_several() -> None:
    leaf = tree().leaf("cac:Line", "cbc:ID")
    assert leaf is not None
    assert (leaf.raw, leaf.path) == ("x", "/Order/cac:Line[1]/cbc:ID")


def test_a_value_stated_twice_is_ambiguous_only_if_it_differs() -> None:
    note = tree().leaf("cbc:Note")
    assert note is not None
    assert note.ambiguous
    same = tree("<cbc:ID>1</cbc:ID><cbc:Note>a</cbc:Note><cbc:Note> a </cbc:Note>").leaf("cbc:Note")
    assert same is not None
    assert not same.ambiguous


def test_all_values_of_a_repeated_element_have_their_place() -> None:
    found = [(leaf.path, leaf.raw) for leaf in tree().leaves("cbc:Note")]
    assert found == [("/Order/cbc:Note[1]", "a"), ("/Order/cbc:Note[2]", "b")]


def test_two_of_what_must_be_one_are_refused_with_a_line() -> None:
    with pytest.raises(Unreadable) as caught:
        tree().one("cac:Line")
    assert caught.value.code == QuarantineCode.MALFORMED
    assert caught.value.line


def test_elements_of_other_namespaces_are_no_children() -> None:
    assert tree().children("other") == []
    assert tree().children("cbc:other") == []


def test_child_elements_are_no_part_of_a_value() -> None:
    leaf = tree("<cbc:ID>1<cbc:Inner>2</cbc:Inner></cbc:ID>").leaf("cbc:ID")
    assert leaf is not None
    assert leaf.raw == "1"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_texts_come_out_as_they_went_in(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    found = tree(f"<cbc:ID>{escaped}</cbc:ID>".replace("\ufffe", "").replace("\uffff", "")).leaf("cbc:ID")
    assert found is not None
    assert found.raw == text.replace("\ufffe", "").replace("\uffff", "").strip(" \t\r\n")


@given(st.binary(max_size=100))
def test_noise_is_parsed_or_refused(content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        xml.parse(content)


@pytest.mark.parametrize("start", [b"<a/>", b"\xef\xbb\xbf<a/>", b"\n  <a/>", "<a/>".encode("utf-16")])
def test_xml_is_known_by_its_beginning(start: bytes) -> None:
    assert xml.looks_like_xml(start)


@pytest.mark.parametrize("start", [b"", b"a<b", b"vendor_id,name", b"%PDF", "a<b".encode("utf-16")])
def test_and_nothing_else_is(start: bytes) -> None:
    assert not xml.looks_like_xml(start)
