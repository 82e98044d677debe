"""ISO 20022 messages from the bank: what became of the payments we asked for.

Read are the payment status report (pain.002) and the three account reports (camt.052, camt.053, camt.054).
They are no claims: they move payments, by ids that we gave ourselves. A message is recognised by its elements
and not by a list of namespaces, for banks answer in those of their country (`pain.002.003.03`,
`…six-interbank-clearing.com/…ch.02.xsd`, `urn:swift:xsd:$pain.002.002.02`) and in whatever version they have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from ..canonical import BankReport, Canonical, QuarantineCode, Unreadable
from ..readers import XmlFormat
from ..record import Record
from ..xml import ISO20022, Node, line_of, local_name
from . import camt, pain002
from .others import OTHERS, READ_INSTEAD

Reader = Callable[[Node, Record], BankReport]

BODIES: Final[dict[str, tuple[str, Reader]]] = {
    "CstmrPmtStsRpt": ("pain.002", pain002.read_status_report),
    "BkToCstmrAcctRpt": ("camt.052", camt.read_notification),
    "BkToCstmrStmt": ("camt.053", camt.read_notification),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", camt.read_notification),
}
"""The one element below the root -> message and reader. First versions have other names for it (`_plain`)."""

_NAME: Final = re.compile(r"([a-z]{4}\.\d{3})\.\d{3}\.\d{2}[\w.]*")
"""A message's full name in its namespace: `pain.002.001.03`, with what a country adds."""
_FIRST: Final = re.compile(r"pain\.002\.\d{3}\.\d{2}")
"""The body of the status report in its first two versions and their national kinds."""


def recognise(root: etree._Element) -> bool:
    """Whether an XML document is a message of ISO 20022, one that is read or another."""
    if local_name(root) != "Document":
        return False
    return _body(root)[0] in BODIES.keys() | OTHERS.keys() or bool(_namespace_name(root))


def translate_message(root: etree._Element, path: str) -> tuple[str, tuple[Canonical, ...]]:
    """Read one message; the format is its full name, such as `camt.054.001.08`, with what a country adds."""
    body, namespace = _body(root)
    if body not in BODIES:
        raise _refused(root, body)
    message, reader = BODIES[body]
    name = _namespace_name(root) or message
    _unify(root, namespace, body)
    return name[:40], (reader(Node(root, path), Record()),)


def _body(root: etree._Element) -> tuple[str, str]:
    """(name, namespace) of what stands below the root, by the name it has in every later version."""
    inside = [child for child in root if isinstance(child.tag, str)]
    found = [(_plain(local_name(x)), etree.QName(x).namespace or "") for x in inside]
    known = [x for x in found if x[0] in BODIES]
    return (known or found or [("", "")])[0]


def _plain(name: str) -> str:
    """`BkToCstmrStmtV01` and `pain.002.001.02` are what later versions call otherwise."""
    return "CstmrPmtStsRpt" if _FIRST.fullmatch(name) else re.sub(r"V\d\d$", "", name)


def _namespace_name(root: etree._Element) -> str:
    found = _NAME.search(etree.QName(root).namespace or "")
    return found.group().removesuffix(".xsd") if found else ""


def _unify(root: etree._Element, namespace: str, body: str) -> None:
    """Give the message's elements the one namespace in which its readers look for them."""
    for element in root.iter():
        if isinstance(element.tag, str) and (etree.QName(element).namespace or "") == namespace:
            element.tag = f"{{{ISO20022}}}{local_name(element)}"
    for child in root:
        if isinstance(child.tag, str) and _plain(local_name(child)) == body:
            child.tag = f"{{{ISO20022}}}{body}"


def _refused(root: etree._Element, body: str) -> Unreadable:
    """What else may come in this envelope, in true words."""
    named = _namespace_name(root)
    message = OTHERS.get(body) or OTHERS.get(named[:8])
    if named[:8] in {name for name, _ in BODIES.values()}:
        error = f"the {named[:8]} holds no {_holds(named[:8])}: ask the bank for the file again"
        return Unreadable(QuarantineCode.MALFORMED, error, line_of(root))
    if message is None:
        what = f"{named or body[:40]} is a message of ISO 20022 that is not read"
        return Unreadable(QuarantineCode.UNSUPPORTED, f"{what}: {READ_INSTEAD}", line_of(root))
    return Unreadable(QuarantineCode.UNSUPPORTED, message, line_of(root))


def _holds(message: str) -> str:
    return next(body for body, (name, _) in BODIES.items() if name == message)


FORMAT: Final = XmlFormat(translate_message, recognises=recognise)
