"""Parties (NAD with what follows it) and the accounts they ask to be paid to (FII)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .. import values
from ..canonical import Account, Address, Party
from .record import MessageRecord
from .segments import Group, PlaceLeaf, Section, Segment, select

SELLER: Final = ("SE", "SU", "II")
BUYER: Final = ("BY", "IV")
PAYEE: Final = ("PE", "RE")
"""Party qualifiers (UNTDID 3035), the first that is there counts: seller, supplier, issuer of the invoice;
buyer, invoicee; payee, party to receive the remittance."""

_PAID_TO: Final = ("RB", "BF")
"""Receiving bank of the EN 16931 binding, beneficiary's bank of EANCOM."""


def group_of(header: Section, qualifiers: Sequence[str]) -> Group | None:
    """The group of the first qualifier that the header has."""
    groups = (group for one in qualifiers for group in header.triggered("NAD", one))
    return next(groups, None)


def party(record: MessageRecord, name: str, group: Group | None, *, binding: str = "") -> Party:
    """A party. In the EN 16931 binding the second name is the trading name, elsewhere it continues the
    first."""
    if group is None:
        return Party()
    head = group.head
    legal, trading = _names(record, name, head, binding)
    return Party(
        name=trading or legal,
        legal_name=legal,
        vat_id=record.key(f"{name}/vat_id", reference(group.segments, "VA")),
        tax_number=record.key(f"{name}/tax_number", reference(group.segments, "AHP", "FC")),
        company_id=record.key(f"{name}/company_id", reference(group.segments, "GN", "XA")),
        party_ids=tuple(filter(None, [record.key(f"{name}/party_ids/1", head.leaf(1))])),
        address=_address(record, f"{name}/address", head),
    )


def _names(record: MessageRecord, name: str, head: Segment, binding: str) -> tuple[str, str]:
    """Registered and trading name; an unstructured address (C058) begins with the name."""
    parts = head.components(3)
    if not parts:
        return record.text(f"{name}/legal_name", head.leaf(2)), ""
    if is_en16931(binding):
        trading = record.text(f"{name}/name", head.leaf(3, 1))
        return record.text(f"{name}/legal_name", head.leaf(3)), trading
    return record.text(f"{name}/legal_name", head.joined(3)), ""


def is_en16931(binding: str) -> bool:
    """Whether the message follows CEN/TS 16931-3-4 (UN/EDIFACT INVOIC D.16B, in a D.14B envelope)."""
    return binding == "16B"


def _address(record: MessageRecord, name: str, head: Segment) -> Address:
    return Address(
        street=record.text(f"{name}/street", head.joined(4)),
        town=record.text(f"{name}/town", head.leaf(5)),
        postcode=record.text(f"{name}/postcode", head.leaf(7)),
        country=values.country(record.text(f"{name}/country", head.leaf(8))),
    )


def reference(segments: Iterable[Segment], *qualifiers: str) -> PlaceLeaf | None:
    """The number of the first qualifier that is there; two that differ under one qualifier are ambiguous."""
    for qualifier in qualifiers:
        leaves = [segment.leaf(0, 1) for segment in select(segments, "RFF", qualifier)]
        leaves = [leaf for leaf in leaves if leaf.raw]
        if leaves:
            leaves[0].ambiguous = len({leaf.raw for leaf in leaves}) > 1
            return leaves[0]
    return None


def accounts(record: MessageRecord, groups: Iterable[Group | None]) -> tuple[Account, ...]:
    """The accounts of these parties, once each: a repeated one may add the BIC that the first left out."""
    segments = [s for group in groups if group is not None for s in group.all("FII", *_PAID_TO)]
    by_number: dict[str, list[Segment]] = {}
    for segment in segments:
        if segment.component(1):
            by_number.setdefault(segment.component(1), []).append(segment)
    names = ["account", *(f"other_accounts/{n}" for n in range(1, len(by_number)))]
    return tuple(_account(record, name, same) for name, same in zip(names, by_number.values(), strict=False))


def _account(record: MessageRecord, name: str, same: list[Segment]) -> Account:
    bank = next((s for s in same if values.is_bic(s.component(2))), None)
    return Account(
        number=record.key(f"{name}/number", same[0].leaf(1)),
        bic=record.key(f"{name}/bic", bank.leaf(2) if bank is not None else None),
        branch=record.key(f"{name}/branch", same[0].leaf(2, 3)),
    )
