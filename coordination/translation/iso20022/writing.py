"""Writing ISO 20022: elements in the order in which the schema wants them, empty ones left out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree

Part = etree._Element | None


class Writer:
    """Makes elements of one message. An element whose content is empty is none, so that options need no
    question."""

    def __init__(self, message: str) -> None:
        self.namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"

    def text(self, name: str, value: str, **attributes: str) -> Part:
        """An element with a text; none for an empty one."""
        if not value:
            return None
        made = self._element(name)
        for key, said in attributes.items():
            made.set(key, said)
        made.text = value
        return made

    def part(self, name: str, *inside: Part) -> Part:
        """An element with others inside it; none where there are none."""
        there = [child for child in inside if child is not None]
        if not there:
            return None
        made = self._element(name)
        made.extend(there)
        return made

    def document(self, body: Part) -> bytes:
        """The whole message as UTF-8."""
        root = self._element("Document")
        root.extend([body] if body is not None else [])
        return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))

    def _element(self, name: str) -> etree._Element:
        names: Any = {None: self.namespace}
        return etree.Element(f"{{{self.namespace}}}{name}", nsmap=names)


def moment(at: datetime) -> str:
    """ISODateTime to the second, as our payment files have it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")
