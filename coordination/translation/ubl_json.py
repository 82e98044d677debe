"""UBL in JSON (OASIS, UBL 2.x JSON Alternative Representation): to the element tree that the UBL reader
takes.

Both flavours: `json-legacy` puts every value into a list, `json-model` only what repeats. A basic value is an
object with its text under `_` and its attributes beside it. Numbers are taken as they are written, never
through binary floating point; two members of one name are refused, since nobody can tell which one counts.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from lxml import etree

from .canonical import QuarantineCode, Unreadable

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_NAMESPACE: Final = re.compile(re.escape(_UBL) + r"\w+-2")
_AGGREGATE: Final = f"{_UBL}CommonAggregateComponents-2"
_BASIC: Final = f"{_UBL}CommonBasicComponents-2"
_TEXT: Final = "_"
_IGNORED: Final = frozenset({"UBLExtensions"})

MAX_DEPTH: Final = 60
TOKEN_WEIGHT: Final = 400
BYTE_WEIGHT: Final = 9
MAX_WEIGHT: Final = 175_000_000
"""Bytes of memory that a comma or colon and a byte of a document cost on their way into the tables, measured,
and how many there may be: with the process itself it stays under 300 MB."""

Pairs = list[tuple[str, Any]]


class _Object:
    """A JSON object as its members in order."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Pairs) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            raise _malformed("an object names one member twice")
        self.pairs = pairs

    def get(self, name: str) -> Any:
        return next((value for key, value in self.pairs if key == name), None)


def looks_like_json(content: bytes) -> bool:
    """Whether the bytes begin as a JSON object does."""
    return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def parse(content: bytes) -> etree._Element:
    """The document's root element, or `Unreadable` (malformed, too_large, unsupported)."""
    tokens = content.count(b":") + content.count(b",")
    weight = tokens * TOKEN_WEIGHT + len(content) * BYTE_WEIGHT
    if weight > MAX_WEIGHT:
        raise Unreadable(QuarantineCode.TOO_LARGE, "the file holds too much to be read: ask for it in parts")
    top = _load(content)
    names = [name for name, _ in top.pairs if not name.startswith(_TEXT)]
    found = _listed(top.get(names[0])) if len(names) == 1 else []
    if not _is_ubl(top):
        raise Unreadable(QuarantineCode.UNSUPPORTED, "JSON that is not UBL is not read: ask for UBL or CSV")
    if len(found) != 1 or not isinstance(found[0], _Object):
        raise _malformed("it holds no document, or more than one")
    root = _element(f"{{{_UBL}{names[0]}-2}}{names[0]}")
    _fill(root, found[0], 1)
    return root


def _is_ubl(top: _Object) -> bool:
    """Three members name UBL 2's namespaces; the public converter leaves some of them empty or mixes them up.

    What a document is follows from its member's name, and what a part is from its shape.
    """
    stated = [top.get(name) for name in ("_D", "_A", "_B")]
    return all(one == "" or (isinstance(one, str) and _NAMESPACE.fullmatch(one)) for one in stated)


def _load(content: bytes) -> _Object:
    try:
        text = content.decode("utf-8-sig")
        top = json.loads(
            text, object_pairs_hook=_Object, parse_float=str, parse_int=str, parse_constant=_constant
        )
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"not JSON ({error.msg})", error.lineno) from None
    if not isinstance(top, _Object):
        raise _malformed("it is no object")
    return top


def _constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is no number")


def _fill(element: etree._Element, content: _Object, depth: int) -> None:
    """Put the members of an aggregate below its element."""
    if depth > MAX_DEPTH:
        raise _malformed("it is nested too deeply")
    for name, value in content.pairs:
        if name in _IGNORED:
            continue
        for one in _listed(value):
            if not isinstance(one, _Object):
                raise _malformed(f"{name[:40]} is neither a value nor an aggregate")
            if one.get(_TEXT) is None:
                child = _element(f"{{{_AGGREGATE}}}{name}")
                _fill(child, one, depth + 1)
            else:
                child = _basic(name, one)
            element.append(child)


def _basic(name: str, value: _Object) -> etree._Element:
    child = _element(f"{{{_BASIC}}}{name}")
    try:
        child.text = _text(name, value.get(_TEXT))
        for key, attribute in value.pairs:
            if key != _TEXT:
                child.set(key, _text(name, attribute))
    except ValueError:
        raise _malformed(f"{name[:40]} holds characters that no document may hold") from None
    return child


def _element(tag: str) -> etree._Element:
    try:
        return etree.Element(tag)
    except ValueError:
        raise _malformed(f"{tag.rpartition('}')[2][:40]} is no name") from None


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise _malformed(f"the value of {name[:40]} is no text, number, true or false")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _malformed(error: str, line: int | None = None) -> Unreadable:
    return Unreadable(QuarantineCode.MALFORMED, f"{error}: ask for the file again", line)
