"""The official EN 16931 rules, where their compiled stylesheets are at hand.

CEN and its national editions publish the rules as Schematron compiled to XSLT 2 with SVRL output, which
libxml2 cannot run; Saxon (`saxonche`) can. Both are optional: without stylesheets or without Saxon nothing is
checked here, and our own arithmetic rules (`agents.en16931`) are checked in any case. What a rule says is
recorded on the invoice and shown; it holds nothing by itself, since the rules say nothing about orders, and
publish new versions twice a year.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

from lxml import etree

from . import xml
from .canonical import Problem

SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
MOST_RULES: Final = 200
"""Failed rules kept of one document; a document that fails more is said to."""


class Rules:
    """Compiled stylesheets by root element (Clark notation). Compiled on first use, once in a process."""

    def __init__(self, stylesheets: dict[str, Path]) -> None:
        self.stylesheets = stylesheets
        self._lock = threading.Lock()
        self._compiled: dict[str, Any] = {}
        self._processor: Any = None

    def check(self, root: etree._Element) -> tuple[Problem, ...]:
        """What the rules for this kind of document say of it; nothing where there are none."""
        tag = str(root.tag)
        if tag not in self.stylesheets:
            return ()
        try:
            with self._lock:  # Saxon's processor is not made for several threads
                return tuple(_problems(self._run(tag, etree.tostring(root, encoding="unicode"))))
        except Exception as error:  # a check that cannot be made is said, and keeps no document out
            words = " ".join(str(error).split())[:300]
            return (Problem("rules", "", "not run", f"{type(error).__name__}: {words}"),)

    def _run(self, tag: str, document: str) -> str:
        if tag not in self._compiled:
            self._compiled[tag] = self._xslt().compile_stylesheet(stylesheet_file=str(self.stylesheets[tag]))
        node = self._processor.parse_xml(xml_text=document)
        return str(self._compiled[tag].transform_to_string(xdm_node=node))

    def _xslt(self) -> Any:
        from saxonche import PySaxonProcessor

        if self._processor is None:
            self._processor = PySaxonProcessor(license=False)
            # The rules are data from outside: they fetch nothing and read no file but themselves.
            self._processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
        return self._processor.new_xslt30_processor()


def _problems(report: str) -> list[Problem]:
    found = []
    for failed in xml.parse(report.encode()).iter(f"{SVRL}failed-assert"):
        words = " ".join("".join(str(t) for t in failed.itertext()).split())
        rule = failed.get("id") or words.partition("]")[0].lstrip("[") or "rule"
        found.append(
            Problem(
                rule[:60], (failed.get("location") or "")[:300], failed.get("flag") or "fatal", words[:500]
            )
        )
        if len(found) >= MOST_RULES:
            break
    return found


UBL: Final = "{urn:oasis:names:specification:ubl:schema:xsd:"
KINDS: Final = {
    "ubl": (f"{UBL}Invoice-2}}Invoice", f"{UBL}CreditNote-2}}CreditNote"),
    "cii": ("{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice",),
}
"""What a stylesheet is for, by the word that its published file name has in it
(EN16931-UBL-validation.xslt)."""


def stylesheets_in(folder: Path) -> dict[str, Path]:
    """The stylesheets of a folder by root element."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.xsl*")):
        for word, roots in KINDS.items():
            if word in path.name.lower():
                found |= dict.fromkeys(roots, path)
    return found


_active: Rules | None = None


def configure(stylesheets: dict[str, Path]) -> None:
    """Use these stylesheets from now on; an empty set uses none."""
    global _active  # noqa: PLW0603 - one set of rules for the process, set at its start
    _active = Rules(stylesheets) if stylesheets else None


def check(root: etree._Element) -> tuple[Problem, ...]:
    """What the configured rules say of a document."""
    return _active.check(root) if _active else ()
