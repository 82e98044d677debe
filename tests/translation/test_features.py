"""Each feature of real documents, in every syntax that has it: what it says is read, and nothing else is
changed by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordination.translation import stream
from coordination.translation.canonical import Invoice
from coordination.translation.identity import canonical_digest

from .features import PLAIN, Feature, contents, expected
from .features_saying import SAYING
from .features_silent import SILENT

CASES = [
    pytest.param(feature, syntax, content, id=f"{feature.name}-{syntax}")
    for feature in (*SILENT, *SAYING)
    for syntax, content in contents(feature).items()
]


def read(content: bytes) -> Invoice:
    [found] = stream(content, "made")[1]
    assert isinstance(found, Invoice)
    return found


def facts(invoice: Invoice) -> Invoice:
    """Without where it stands, without free texts, and without the ways of payment that accounts come
    with."""
    payee = replace(invoice.payee, legal_name="")  # CII has but this one name of it
    return replace(invoice, payee=payee, texts=(), provenance={}, means=(), payment_reference="")


@pytest.mark.parametrize(("feature", "syntax", "content"), CASES)
def test_a_feature_says_what_it_says_and_nothing_else(feature: Feature, syntax: str, content: bytes) -> None:
    found = read(content)
    assert found.unreadable == ()
    assert facts(found) == facts(expected(feature, read(PLAIN[syntax])))


@pytest.mark.parametrize("feature", SILENT, ids=lambda f: f.name)
def test_what_says_nothing_makes_no_other_invoice(feature: Feature) -> None:
    for syntax, content in contents(feature).items():
        assert canonical_digest(read(content)) == canonical_digest(read(PLAIN[syntax]))


@pytest.mark.parametrize("feature", SAYING, ids=lambda f: f.name)
def test_a_feature_is_the_same_in_ubl_and_cii(feature: Feature) -> None:
    found = {syntax: read(content) for syntax, content in contents(feature).items()}
    assert canonical_digest(found["ubl"]) == canonical_digest(found["cii"])


def test_the_name_of_an_attached_file_is_among_the_texts() -> None:
    [attached] = [f for f in SILENT if "BG-24" in f.name]
    for content in contents(attached).values():
        assert "hours.csv" in {text.raw for text in read(content).texts}
