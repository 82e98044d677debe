"""Is a document addressed to us? By VAT id, electronic address and name, as the settings, the order or other
vendors state ours."""

from __future__ import annotations

from ..domain.facts import Ours, Snapshot
from ..domain.proposal import Evidence, Finding
from ..translation.canonical import Party
from ..translation.identity import registered_number
from .company_names import forms_agree, name_of
from .identity import same_vat


def _names_us(stated: str, ours: str) -> bool:
    """Is this our name, with whatever stands beside it: a department, a place?"""
    theirs, mine = name_of(stated), name_of(ours)
    return bool(mine.words) and set(mine.words) <= set(theirs.words) and forms_agree(theirs, mine)


def addressed(snapshot: Snapshot) -> list[Finding]:
    """The buyer is us: by what the settings say, else by what the orders say that it bills, else by what
    vendors agree on.

    Where nothing says who we are, a name alone is not held against a document; a VAT id or electronic address
    that nothing of ours confirms is.
    """
    buyer, ours = snapshot.document.buyer, snapshot.ours
    if ours is not None and not ours.agreed:
        said = describe_company(ours)
        return [_finding(snapshot, said, f"we are {said}")] if _other(buyer, ours) else []
    stated = [o.buyer for o in snapshot.orders if o.buyer is not None]
    if stated:
        told, said = [_other(buyer, of_party(one)) for one in stated], describe_company(of_party(stated[0]))
        return [_finding(snapshot, said, f"the order is one of {said}")] if all(told) else []
    if ours is not None and not _other(buyer, ours):
        return []
    if snapshot.orders and (buyer.vat_id or buyer.endpoint):
        return [_finding(snapshot, "", "neither the settings nor the order say that this is us")]
    return []


def of_party(party: Party) -> Ours:
    """Who a party of a document is, as who we are is told."""
    names = tuple(dict.fromkeys(filter(None, (party.legal_name, party.name))))
    ids = tuple(filter(None, (party.endpoint, *party.party_ids, party.company_id)))
    return Ours(names, (party.vat_id,) if party.vat_id else (), ids)


def _other(buyer: Party, ours: Ours) -> bool:
    """Is this somebody else? A VAT id decides; without one any name or address of ours that it states, if it
    states one."""
    if buyer.vat_id and ours.vat_ids:
        return not any(same_vat(buyer.vat_id, one) for one in ours.vat_ids)
    ids = {_id(one) for one in (buyer.endpoint, *buyer.party_ids, buyer.company_id) if one}
    mine = {_id(one) for one in ours.endpoints}
    if ids & mine:
        return False
    names = [one for one in (buyer.name, buyer.legal_name) if one]
    if names and ours.names:
        return not any(_names_us(one, our) for one in names for our in ours.names)
    return bool(buyer.endpoint and mine and _scheme(buyer.endpoint) in {_scheme(e) for e in ours.endpoints})


def _id(text: str) -> str:
    """An address without its scheme: a GLN is one in whatever field it stands."""
    return registered_number(text.rpartition(":")[2])


def _scheme(text: str) -> str:
    return text.rpartition(":")[0]


def describe_company(ours: Ours) -> str:
    names, keys = ours.names[:2], (*ours.vat_ids[:2], *ours.endpoints[:1])
    return " ".join(filter(None, (" / ".join(names), f"({', '.join(keys)})" if keys else "")))


def _finding(snapshot: Snapshot, expected: str, against: str) -> Finding:
    buyer = snapshot.document.buyer
    keys = ", ".join(filter(None, (buyer.vat_id, buyer.endpoint)))
    found = " ".join(filter(None, (buyer.legal_name or buyer.name, f"({keys})" if keys else "")))
    return Finding(
        "nature",
        f"It is addressed to {found}; {against}.",
        code="not_addressed_to_us",
        expected=expected or "a company that is ours",
        found=found,
        evidence=(Evidence(f"invoice {snapshot.document.number}", "buyer", found),),
    )
