"""Finding the vendor of a document: by our number, VAT id, party identification, company id; and which of
several.

The members of a VAT group share one VAT id. They are told apart by what else the document says: our number
for them, the vendor of the order, the account, the name. Each of these either points to some of them or says
nothing. Where they point to exactly one it is that one; where they contradict each other, or leave several,
nobody guesses: a person is asked which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count

from ..agents.company_names import letters, nearly_same
from ..domain.facts import Several
from ..domain.supplied import VENDOR
from ..models import BankAccount, Invoice, InvoiceFacts, OrderName, Vendor
from ..translation import canonical as shapes
from ..translation.canonical import Party
from ..translation.identity import normalised_numbers, registered_number
from . import supplied
from .documents import party

LONG_NAME = 12
"""Letters from which on the beginning of a name stands for it: senders cut names, EDIFACT at 35
characters."""


def keys_named(seller: dict[str, Any]) -> tuple[str, ...]:
    """The keys by which an order names its vendor, as `Directory.find` reads them; its name is none."""
    named = [
        seller.get("vendor_id", ""),
        seller.get("vat_id", ""),
        *seller.get("party_ids", ()),
        seller.get("company_id", ""),
    ]
    return tuple(dict.fromkeys(n for n in named if n))


class Listed(NamedTuple):
    """A vendor as the directory lists it."""

    id: UUID
    vendor_id: str
    vat_key: str
    name: str


@dataclass(frozen=True, slots=True)
class Clues:
    """What a document says beside the seller's keys: accounts to be paid to, as compared, and the orders it
    names."""

    accounts: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()

    @classmethod
    def of(cls, invoice: shapes.Invoice) -> Clues:
        """Those of an invoice."""
        numbers = (*invoice.order_numbers, *(line.order_number for line in invoice.lines))
        return cls(
            _accounts((a.number, a.branch) for a in (invoice.account, *invoice.other_accounts)),
            tuple(normalised_numbers(numbers)),
        )

    @classmethod
    def kept(cls, facts: InvoiceFacts) -> Clues:
        """Those of an invoice as its tables keep them."""
        stated = (facts.account, *facts.other_accounts)
        return cls(
            _accounts((a.get("number", ""), a.get("branch", "")) for a in stated if a),
            tuple(facts.order_keys),
        )


def _accounts(stated: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    found = []
    for number, branch in stated:
        plain, at = registered_number(number), registered_number(branch)
        found += [plain, at + plain, plain + at] if plain and at else [plain]
    return tuple(dict.fromkeys(filter(None, found)))


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom a document names: `vendor`, or several under one key (`shared`: the key in words), with what
    points to whom."""

    vendor: UUID | None = None
    several: tuple[Listed, ...] = ()
    shared: str = ""
    pointers: tuple[tuple[str, tuple[Listed, ...]], ...] = ()


@dataclass
class Directory:
    """Vendors by every key a document may name. Keys are compared normalised."""

    listed: dict[UUID, Listed] = field(default_factory=dict)
    by_vat: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    by_id: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls, vat_keys: Collection[str] | None = None) -> Directory:
        """Every vendor, or those with one of these VAT ids."""
        found = cls()
        rows = Vendor.objects.all() if vat_keys is None else Vendor.objects.filter(vat_key__in=vat_keys)
        for one in map(Listed._make, rows.values_list("id", "vendor_id", "vat_key", "name")):
            found.listed[one.id] = one
            found.by_id[registered_number(one.vendor_id)].add(one.id)
            if one.vat_key:
                found.by_vat[one.vat_key].add(one.id)
        return found

    def find(self, seller: Party, vendor_id: str = "", clues: Clues = Clues()) -> UUID | None:
        """The one vendor whom a document names, or None."""
        return self.look(seller, vendor_id, clues).vendor

    def look(self, seller: Party, vendor_id: str = "", clues: Clues = Clues()) -> Answer:
        """Whom a document names, and where that is not one vendor, whom it may mean."""
        found, shared = self._resolve_named(seller, vendor_id)
        if len(found) < 2:
            return Answer(next(iter(found), None))
        several = tuple(sorted((self.listed[key] for key in found), key=lambda one: one.vendor_id))
        pointers = tuple(_pointers(several, self._ours(seller), seller, clues))
        left = set(found).intersection(*({one.id for one in those} for _, those in pointers))
        return Answer(left.pop() if len(left) == 1 else None, several, shared, pointers)

    def _resolve_named(self, seller: Party, vendor_id: str) -> tuple[set[UUID], str]:
        """The vendors under the first key that names any, and the key in words."""
        if vendor_id:
            found = self.by_id.get(registered_number(vendor_id), set())
            exact = {key for key in found if self.listed[key].vendor_id == vendor_id}
            return exact or found, f"go by the number {vendor_id}"
        several: tuple[set[UUID], str] = (set(), "")
        for number in (seller.vat_id, *seller.party_ids, seller.company_id):
            key = registered_number(number)
            indexes = (self.by_vat,) if number == seller.vat_id else (self.by_id, self.by_vat)
            found = next((index[key] for index in indexes if index.get(key)), set()) if key else set()
            if len(found) == 1 and not several[0]:
                return found, ""
            if found and not several[0]:
                several = (found, f"carry {'VAT id' if number == seller.vat_id else 'the number'} {number}")
        return several

    def _ours(self, seller: Party) -> set[UUID]:
        """Vendors whose number with us the document gives, as a party id, company id or electronic
        address."""
        given = (*seller.party_ids, seller.company_id, seller.endpoint.partition(":")[2])
        return {key for number in given if number for key in self.by_id.get(registered_number(number), ())}


def _pointers(
    several: Sequence[Listed], ours: set[UUID], seller: Party, clues: Clues
) -> Iterable[tuple[str, tuple[Listed, ...]]]:
    """What points to some of these vendors and not to all of them."""
    ids = [one.id for one in several]
    found = (
        ("number", ours),
        ("order", _of_orders(clues.orders)),
        ("account", _of_accounts(ids, clues.accounts)),
        ("name", _of_names(several, seller)),
    )
    for word, those in found:
        meant = tuple(one for one in several if one.id in those)
        if meant and len(meant) < len(several):
            yield word, meant


def _of_orders(numbers: Sequence[str]) -> set[UUID]:
    if not numbers:
        return set()
    named = OrderName.objects.filter(number_key__in=numbers, order__vendor__isnull=False)
    return {key for key in named.values_list("order__vendor_id", flat=True) if key is not None}


def _of_accounts(vendors: Sequence[UUID], asked: Sequence[str]) -> set[UUID]:
    """Vendors with one of these accounts: verified, or of a vendor without a verified one, proposed."""
    if not asked:
        return set()
    live = (BankAccount.Status.VERIFIED, BankAccount.Status.PROPOSED)
    kept: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = BankAccount.objects.filter(vendor__in=vendors, status__in=live)
    for key, number, status in rows.values_list("vendor_id", "number", "status"):
        kept[key][status].add(registered_number(number))
    return {
        key
        for key, by_status in kept.items()
        if not (by_status[live[0]] or by_status[live[1]]).isdisjoint(asked)
    }


def _of_names(several: Sequence[Listed], seller: Party) -> set[UUID]:
    """Vendors of the seller's name: as it stands, else written otherwise, else cut."""
    names = [name for name in dict.fromkeys((seller.legal_name, seller.name)) if name]
    tests: tuple[Callable[[str, str], bool], ...] = (
        lambda a, b: registered_number(a) == registered_number(b),
        nearly_same,
        _begins,
    )
    for fits in tests:
        found = {one.id for one in several for name in names if fits(one.name, name)}
        if found:
            return found
    return set()


def _begins(one: str, other: str) -> bool:
    short, long = sorted((letters(one), letters(other)), key=len)
    return len(short) >= LONG_NAME and long.startswith(short)


def other_seller(one: Party, other: Party) -> bool:
    """Do two documents of one VAT id name two companies? Only where both give names and none of them fits."""
    mine, theirs = ({p.legal_name, p.name} - {""} for p in (one, other))
    if not mine or not theirs:
        return False
    return not any(nearly_same(a, b) or _begins(a, b) for a in mine for b in theirs)


def shared_keys(vat_keys: Collection[str]) -> set[str]:
    """Of these VAT ids, those of more than one vendor."""
    rows = Vendor.objects.filter(vat_key__in=[key for key in vat_keys if key])
    return set(
        rows.values("vat_key")
        .annotate(vendors=Count("id"))
        .filter(vendors__gt=1)
        .values_list("vat_key", flat=True)
    )


def resolve_invoice(row: Invoice, known: Directory) -> bool:
    """Give an invoice the vendor to whom a person linked it, else whom its seller names, or none where that
    is nobody or several; True where that is another than before. The caller writes the row."""
    facts = InvoiceFacts.objects.get(invoice_id=row.id)
    linked = {v.field: v.value for v in supplied.values([row.id]).get(row.id, ())}.get(VENDOR, "")
    found = known.find(party(facts.seller), linked or facts.vendor_ref, Clues.kept(facts))
    changed = found != row.vendor_id
    row.vendor_id = found
    return changed


def several(rows: Sequence[Invoice]) -> dict[UUID, Several]:
    """Of invoices without vendor, those that may mean one of several, as agents are told."""
    facts = (
        list(InvoiceFacts.objects.filter(invoice__in=[row.id for row in rows], vendor_ref="")) if rows else []
    )
    keys = {f.invoice_id: registered_number(f.seller.get("vat_id", "")) for f in facts}
    shared = shared_keys(set(keys.values()))
    known = Directory.load(shared) if shared else Directory()
    found = {}
    for one in facts:
        if keys[one.invoice_id] in shared:
            answer = known.look(party(one.seller), "", Clues.kept(one))
            if answer.vendor is None and answer.several:
                found[one.invoice_id] = describe_answer(answer)
    return found


def describe_answer(answer: Answer) -> Several:
    return Several(
        tuple(f"{one.vendor_id} ({one.name})" for one in answer.several),
        answer.shared,
        tuple(f"{word} {' or '.join(one.vendor_id for one in those)}" for word, those in answer.pointers),
    )
