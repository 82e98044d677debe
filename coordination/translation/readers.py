"""What a format says of itself, so that the registry can find it: how it is recognised, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from .canonical import Canonical, Rejected

XmlReader = Callable[[etree._Element, str], tuple[str, tuple[Canonical, ...]]]
"""Root element and its path -> name of the format and documents. Raises `Unreadable`."""

BytesReader = Callable[[bytes], tuple[str, Iterator[Canonical | Rejected]]]
"""All bytes of a file -> name of the format and documents, one at a time. Raises `Unreadable`."""


@dataclass(frozen=True, slots=True)
class XmlFormat:
    """A format of XML documents, known by their root elements in Clark notation, or by what they hold."""

    read: XmlReader
    roots: tuple[str, ...] = ()
    recognises: Callable[[etree._Element], bool] | None = None


@dataclass(frozen=True, slots=True)
class BytesFormat:
    """A format of any other bytes, known by how they begin."""

    read: BytesReader
    recognises: Callable[[bytes], bool]
