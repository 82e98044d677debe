"""Reading tables of other systems: by the map that is for them, and what waits for one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from django.db.models import OuterRef, Q, QuerySet, Subquery

from audit import canonical

from ... import translation
from ...models import Content, Document, Quarantine, TranslationMap
from ...translation import mapping, maps, suggest
from ...translation.canonical import Canonical, Origin, QuarantineCode, Rejected, Unreadable
from ...translation.mapping import ForeignFile
from ...translation.maps import Map

ADVICE = "; a map can read it: make one under Intake, Maps"
"""How the error of a table ends that no map is for."""


Placed = Iterator[tuple[int, Canonical | Rejected]]


def stream(content: bytes, path: str) -> tuple[str, Placed]:
    """As `translation.stream`, with the place of each document in its file; tables by a map where one is for
    them.

    The place of a document read by a map is its first row, so that a later version of the map, which may read
    more of the file, finds the same documents at the same places.
    """
    try:
        source_format, documents = translation.stream(content, path)
    except Unreadable as error:
        if error.code != QuarantineCode.UNSUPPORTED:
            raise
        return _by_map(ForeignFile(content), error)
    return source_format, _counted(documents)


def _counted(documents: Iterator[Canonical | Rejected]) -> Placed:
    place = 0
    for document in documents:
        yield place, document
        place += not isinstance(document, Rejected)


def _by_map(file: ForeignFile, error: Unreadable) -> tuple[str, Placed]:
    if not suggest.looks_like_table(file):
        raise error
    rows = {row.signature: row for row in active()}
    found = file.fitting([parsed(row) for row in rows.values()])
    if not found:
        raise Unreadable(error.code, error.error + ADVICE, error.line) from None
    if len(found) > 1:
        names = ", ".join(rows[one.signature].name for one in found)
        message = f"several maps are for this table ({names}): retire all but one"
        raise Unreadable(QuarantineCode.MISMATCH, message, error.line) from None
    row = rows[found[0].signature]
    source_format = f"{found[0].source.kind}-{row.kind}+map-{row.series.hex[-8:]}.{row.revision}"
    return source_format, _traced(mapping.stream(file, found[0]), row, _taken_in(file.content))


def _taken_in(content: bytes) -> frozenset[str]:
    """The places of the file from which documents were taken in before."""
    parts = Document.objects.filter(content=hashlib.sha256(content).hexdigest()).values_list(
        "part", flat=True
    )
    return frozenset(parts)


def _traced(documents: Placed, row: TranslationMap, taken_in: frozenset[str]) -> Placed:
    """A document read by a map names it among its origins. What another version has read is not set aside
    now."""
    for place, document in documents:
        if isinstance(document, Rejected) and str(place) in taken_in:
            continue
        provenance = getattr(document, "provenance", None)
        if provenance is not None:
            provenance["map"] = Origin(f"map/{row.series}/{row.revision}", row.name)
        yield place, document


def active() -> Sequence[TranslationMap]:
    """The maps in force."""
    return list(TranslationMap.objects.filter(status=TranslationMap.Status.ACTIVE).order_by("name"))


def parsed(row: TranslationMap) -> Map:
    """A version as the reader takes it."""
    return maps.from_data(canonical.loads(row.text))


def waiting(row: TranslationMap) -> Sequence[Quarantine]:
    """What stands in quarantine and this version is for: tables without a map, and what another version left.

    What was tried since this version is in force is not named again: it has been read by it, or cannot be.
    """
    tried = Quarantine.history.filter(id=OuterRef("pk")).order_by("-history_id").values("history_date")[:1]
    suffixes = Q(error__endswith=ADVICE) | Q(error__endswith=mapping.FAULT)
    held: QuerySet[Quarantine] = Quarantine.objects.open().filter(suffixes)
    one, fits = parsed(row), dict[str, bool]()
    found: list[Quarantine] = []
    for item in held.annotate(tried=Subquery(tried)).order_by("received_at", "line"):
        if item.error.endswith(mapping.FAULT) and item.tried >= row.created_at:
            continue
        if item.content_id not in fits:
            fits[item.content_id] = _fits(item.content_id, one)
        found += [item] if fits[item.content_id] else []
    return found


def _fits(sha256: str, one: Map) -> bool:
    try:
        return bool(ForeignFile(content_of(sha256)).fitting([one]))
    except Unreadable:
        return False


def content_of(sha256: str) -> bytes:
    """The bytes of a file."""
    return bytes(Content.objects.values_list("data", flat=True).get(pk=sha256))


def is_sample(sha256: str) -> bool:
    """Whether a file may be looked at for making a map.

    It stands in quarantine, or a map was made on it, or nothing was read from it yet.
    """
    held = Quarantine.objects.open().filter(content=sha256)
    made = TranslationMap.objects.filter(sample=sha256)
    return held.exists() or made.exists() or not Document.objects.filter(content=sha256).exists()
