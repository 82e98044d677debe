"""ISO 20022 messages from the bank: what became of the payments we asked for.

Read are the payment status report (pain.002, from version 3 on) and the three account reports (camt.052,
camt.053, camt.054, from version 2 on). They are no claims: they move payments, by ids that we gave ourselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lxml import etree

from ..canonical import BankReport, Canonical
from ..record import Record
from ..xml import Node
from . import camt, pain002

Reader = Callable[[Node, Record], BankReport]

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"
READERS: Final[dict[str, tuple[Reader, range]]] = {
    "pain.002": (pain002.read, range(3, 16)),
    "camt.052": (camt.read, range(2, 15)),
    "camt.053": (camt.read, range(2, 15)),
    "camt.054": (camt.read, range(2, 15)),
}
"""Message -> reader, and the versions whose elements it knows."""

ROOTS: Final[dict[str, str]] = {
    f"{{{NAMESPACE}{message}.001.{version:02}}}Document": message
    for message, (_, versions) in READERS.items()
    for version in versions
}
"""Root element in Clark notation -> message."""


def read(root: etree._Element, path: str) -> tuple[str, tuple[Canonical, ...]]:
    """Read one message; the format is its full name, such as `camt.054.001.08`."""
    namespace = str(root.tag)[1:].partition("}")[0]
    reader, _ = READERS[ROOTS[str(root.tag)]]
    return namespace.removeprefix(NAMESPACE), (reader(Node(root, path), Record()),)
