"""Official rules through Saxon: configured or not, what they say is recorded; they fetch nothing and keep
nothing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from coordination.project.checks import official_rules_can_run
from coordination.translation import canonical as shapes
from coordination.translation import schematron, translate
from coordination.translation.identity import canonical_digest

from .make import invoice_xml

STYLESHEET = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <xsl:template match="/">
    <svrl:schematron-output>
      <xsl:for-each select="//cbc:ID[matches(., '^INV')]">
        <svrl:failed-assert id="BR-TEST-1" flag="warning" location="{{path(.)}}"><svrl:text>[BR-TEST-1]-Numbers   do not start so.</svrl:text></svrl:failed-assert>
      </xsl:for-each>
      {more}
    </svrl:schematron-output>
  </xsl:template>
</xsl:stylesheet>"""


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Path]:
    """A folder of stylesheets in use."""
    yield tmp_path
    schematron.configure({})


def use(folder: Path, more: str = "", name: str = "EN16931-UBL-validation.xslt") -> None:
    (folder / name).write_text(STYLESHEET.format(more=more))
    schematron.configure(schematron.stylesheets_in(folder))


def read(**changes: str) -> shapes.Invoice:
    [found] = translate(invoice_xml(**changes), "x").documents
    assert isinstance(found, shapes.Invoice)
    return found


def test_without_stylesheets_nothing_is_checked() -> None:
    assert read().rules == ()


def test_what_a_rule_says_is_recorded_with_its_place(rules: Path) -> None:
    plain = read()
    use(rules)
    [problem] = read().rules
    assert (problem.field, problem.raw) == ("BR-TEST-1", "warning")
    assert problem.reason == "[BR-TEST-1]-Numbers do not start so."
    assert "ID" in problem.path
    assert canonical_digest(read()) == canonical_digest(plain)


def test_a_stylesheet_is_for_the_documents_its_name_says(rules: Path) -> None:
    use(rules, name="EN16931-CII-validation.xslt")
    assert read().rules == ()


@pytest.mark.parametrize(
    "more",
    [
        "<xsl:value-of select=\"unparsed-text('http://127.0.0.1:9/x')\"/>",
        "<xsl:value-of select=\"doc('http://127.0.0.1:9/x.xml')\"/>",
        '<xsl:message terminate="yes">stop</xsl:message>',
    ],
)
def test_rules_that_cannot_be_run_keep_no_document_out(rules: Path, more: str) -> None:
    use(rules, more)
    [problem] = read().rules
    assert (problem.field, problem.raw) == ("rules", "not run")


def test_a_stylesheet_that_is_none_is_said(rules: Path) -> None:
    (rules / "ubl.xsl").write_text("<no/>")
    schematron.configure(schematron.stylesheets_in(rules))
    assert [p.raw for p in read().rules] == ["not run"]


def test_a_flood_of_failures_is_cut(rules: Path) -> None:
    flood = '<xsl:for-each select="1 to 5000"><svrl:failed-assert id="X"/></xsl:for-each>'
    use(rules, flood)
    assert len(read().rules) == schematron.MOST_RULES


def test_the_configuration_is_checked_at_start(rules: Path, settings: object) -> None:
    settings.COUNTERSIGN_EN16931_XSLT = ""  # type: ignore[attr-defined]
    assert official_rules_can_run() == []
    settings.COUNTERSIGN_EN16931_XSLT = str(rules)  # type: ignore[attr-defined]
    assert [e.id for e in official_rules_can_run()] == ["countersign.E003"]
    use(rules)
    assert official_rules_can_run() == []


def test_only_roots_with_rules_are_serialised(rules: Path) -> None:
    use(rules)
    assert schematron.check(etree.fromstring(b"<a/>")) == ()
