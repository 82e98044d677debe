"""Samples: drawn from a search, recorded with everything that is needed to draw them again, and their
results.

Seed, population digest and drawn items are an entry of the ledger (`sample/<key>`), and so is each result. An
auditor's own words are bound by a commitment and lie beside, as all personal text does.
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import clock, commitments, ledger, sampling, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.sampling import Drawn, Item, NoSample
from audit.subjects import Subject
from reviews.access import may
from reviews.errors import NotAllowed
from reviews.services import person

from .. import rights
from ..facts import policies
from ..models import AuditSample, Invoice, SampleResult
from ..reports.table import format_decimal
from . import population_query
from .access_log import seen_by
from .search import Search

Method = AuditSample.Method
Outcome = SampleResult.Outcome
MOST_ITEMS = 1000
MOST_BOUNDS = 9
MOST_WORDS = 2000
CONFIDENCES = (Decimal("0.80"), Decimal("0.90"), Decimal("0.95"), Decimal("0.99"))
STEP = Decimal("0.000001")
_SEED = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class NotRecorded(CountersignError):
    """This result cannot be recorded."""

    status = 400


class Overtaken(CountersignError):
    """Somebody has recorded a result for this item since you looked. Look again."""

    status = 409
    exit_code = 5


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """What somebody wants drawn. `bounds`: ascending amounts that cut the strata; `seed` empty: one is
    made."""

    search: Search
    method: str
    size: int
    purpose: str
    seed: str = ""
    currency: str = ""
    bounds: tuple[Decimal, ...] = ()
    confidence: Decimal = Decimal("0.95")


DRAWS: dict[str, Callable[[Sequence[Item], int, str, Sequence[Decimal]], list[Drawn]]] = {
    Method.RANDOM: lambda p, n, seed, _: sampling.random_sample(p, n, seed),
    Method.STRATIFIED: sampling.stratified_sample,
    Method.MONETARY_UNIT: lambda p, n, seed, _: sampling.monetary_unit_sample(p, n, seed),
}


@transaction.atomic
def draw(wish: SampleRequest, *, by: User) -> AuditSample:
    """Draw a sample of what a search finds now. Raises `NoSample`, `BadQuery`, `NotAllowed`."""
    if not may(by, rights.DRAW):
        raise NotAllowed("Auditors draw samples.")
    _demand(wish)
    whole = population_query.taken(wish.search, wish.currency)
    items = whole.items
    seed = wish.seed or secrets.token_hex(8)
    drawn = DRAWS[wish.method](items, wish.size, seed, wish.bounds)
    now, key, actor = clock.now(), new_id(), person(by)
    purpose = commitments.commit(
        wish.purpose, kind="sample.drawn", of=actor, about=Subject.of("sample", key), at=now
    )
    row = AuditSample(
        id=key,
        purpose=purpose,
        method=wish.method,
        seed=seed,
        size=wish.size,
        query=wish.search.query,
        zone=timezone.get_current_timezone_name(),
        currency=wish.currency,
        confidence=wish.confidence,
        parameters=_parameters(wish, items),
        population_digest=sampling.digest(items),
        population_count=len(items),
        population_sums=whole.sums,
        members=packed(items),
        drawn=[as_json(d) for d in drawn],
        by=actor,
        at=now,
    )
    trail.insert_facts([row])
    seen_by(row.by, "sample drawn", row.subject)
    ledger.append([ledger.Event(row.subject, "sample.drawn", row.by, now, entry_of(row) | _in_force())])
    return row


def _demand(wish: SampleRequest) -> None:
    """Refuse what no sample can be drawn by, before the population is read."""
    if wish.method not in Method.values:
        raise NoSample("Choose a method: random, stratified or monetary-unit.")
    if not wish.purpose or len(wish.purpose) > MOST_WORDS:
        raise NoSample("Say in a few words what the sample is for.")
    if not 1 <= wish.size <= MOST_ITEMS:
        raise NoSample(f"Draw between 1 and {MOST_ITEMS} items.")
    if wish.seed and not _SEED.fullmatch(wish.seed):
        raise NoSample("A seed has up to 64 letters, digits, points, colons and dashes.")
    if wish.confidence not in CONFIDENCES:
        raise NoSample(f"Choose a confidence: {', '.join(map(str, CONFIDENCES))}.")
    if wish.method != Method.RANDOM and not wish.currency:
        raise NoSample("Amounts of different currencies cannot be weighed together: choose one currency.")
    if (wish.method == Method.STRATIFIED) != bool(wish.bounds):
        raise NoSample(
            "Amounts that divide the strata belong to a stratified sample, and it needs at least one."
        )


def bounds_of(text: str) -> tuple[Decimal, ...]:
    """Amounts that divide strata, as a person writes them: `100 1000.00`. Raises `NoSample`."""
    try:
        found = tuple(Decimal(word.replace(",", "")) for word in re.split(r"[\s;]+", text.strip()) if word)
    except InvalidOperation as error:
        raise NoSample(
            "Write the amounts that divide the strata as 100 1000.00, with spaces between."
        ) from error
    fit = all(b.is_finite() and b > 0 and b.adjusted() <= 17 for b in found)
    if not fit or list(found) != sorted(set(found)) or len(found) > MOST_BOUNDS:
        raise NoSample(f"The amounts that divide the strata rise from nought, at most {MOST_BOUNDS} of them.")
    return found


def _parameters(wish: SampleRequest, items: Sequence[Item]) -> dict[str, Any]:
    """What else decides the draw and what is said of it, as text."""
    if wish.method == Method.STRATIFIED:
        names = Counter(sampling.stratum_of(i.amount, wish.bounds) for i in items)
        return {
            "bounds": [f"{b:f}" for b in wish.bounds],
            "strata": {n: str(names[n]) for n in sorted(names)},
        }
    if wish.method == Method.MONETARY_UNIT:
        whole = sum((i.amount for i in items if i.amount > 0), Decimal(0))
        outside = [i.amount for i in items if i.amount <= 0]
        # cut, not rounded: an item as large as the interval is hit for sure and is no tainting
        interval = (whole / wish.size).quantize(STEP, ROUND_DOWN)
        return {
            "interval": f"{interval:f}",
            "positive": format_decimal(whole),
            "outside": {"count": str(len(outside)), "sum": format_decimal(sum(outside, Decimal(0)))},
        }
    return {}


def packed(items: Sequence[Item]) -> bytes:
    """The keys of a population, in order, compressed."""
    return zlib.compress(b"".join(UUID(i.id).bytes for i in items), 6)


def unpacked(members: bytes | memoryview) -> list[str]:
    """The keys again."""
    raw = zlib.decompress(bytes(members))
    return [str(UUID(bytes=raw[at : at + 16])) for at in range(0, len(raw), 16)]


def as_json(drawn: Drawn) -> dict[str, str]:
    return {
        "id": drawn.item.id,
        "amount": format_decimal(drawn.item.amount),
        "stratum": drawn.stratum,
        "hits": str(drawn.hits),
    }


def entry_of(row: AuditSample) -> dict[str, Any]:
    """The sample as its ledger entry has it: everything but the members, which the digest stands for."""
    return {
        "purpose": row.purpose,
        "method": str(row.method),
        "seed": row.seed,
        "size": str(row.size),
        "query": row.query,
        "zone": row.zone,
        "currency": row.currency,
        "confidence": f"{row.confidence:.3f}",
        "parameters": row.parameters,
        "drawn": row.drawn,
        "population": {
            "digest": row.population_digest,
            "count": str(row.population_count),
            "sums": row.population_sums,
        },
    }


def _in_force() -> dict[str, Any]:
    policy = policies.active()
    return {"policy": {"revision": str(policy.revision), "sha256": policy.sha256}}


# --- results ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found about an item. `seen`: key of the result that stood when they looked, empty for
    none."""

    outcome: str
    audited: Decimal | None = None
    words: str = ""
    seen: str | None = None


@transaction.atomic
def record(sample_id: UUID, invoice_id: UUID, found: Found, *, by: User) -> SampleResult:
    """Record a result. The latest counts, earlier ones stay. Raises `NotRecorded`, `Overtaken`,
    `NotAllowed`."""
    if not may(by, rights.DRAW):
        raise NotAllowed("Auditors record the results of samples.")
    sample = AuditSample.objects.select_for_update(no_key=True).defer("members").get(pk=sample_id)
    item = next((d for d in sample.drawn if d["id"] == str(invoice_id)), None)
    if item is None:
        raise NotRecorded("This invoice is not in the sample.")
    newest = sample.results.filter(invoice_id=invoice_id).order_by("-at", "-id").first()
    if found.seen is not None and found.seen != (str(newest.id) if newest else ""):
        raise Overtaken
    needed = sample.method == Method.MONETARY_UNIT
    audited = _audited(found, Decimal(item["amount"]), needed=needed)
    words, now = found.words.strip()[:MOST_WORDS], clock.now()
    if found.outcome != Outcome.RIGHT and not words:
        raise NotRecorded("Say in your own words what is wrong.")
    token = commitments.commit(words, kind="sample.result", of=person(by), about=sample.subject, at=now)
    row = SampleResult(
        id=new_id(),
        sample=sample,
        invoice=Invoice(pk=invoice_id),
        outcome=found.outcome,
        audited=audited,
        words=token,
        by=person(by),
        at=now,
    )
    trail.insert_facts([row])
    data = {
        "invoice": Subject.of("invoice", invoice_id),
        "outcome": str(row.outcome),
        "result": str(row.id),
        "words": token,
        **({"audited": format_decimal(audited)} if audited is not None else {}),
    }
    ledger.append([ledger.Event(sample.subject, "sample.result", row.by, now, data)])
    return row


def _audited(found: Found, recorded: Decimal, *, needed: bool) -> Decimal | None:
    """The amount that counts: what is right is as recorded, what was not found is nothing."""
    if found.outcome not in Outcome.values:
        raise NotRecorded("Choose what you found: right, wrong or not found.")
    if found.outcome == Outcome.RIGHT:
        return recorded
    if found.outcome == Outcome.NOT_FOUND:
        return Decimal(0)
    if found.audited is None and not needed:
        return None
    if found.audited is None:
        raise NotRecorded("A monetary-unit sample is about amounts: say what the amount should have been.")
    fits = found.audited.is_finite() and found.audited.adjusted() <= 17
    if not fits or found.audited.quantize(STEP) == recorded:
        raise NotRecorded(
            "What is wrong has another amount than the recorded one. Leave it empty if only something else is"
            " wrong."
        )
    return found.audited.quantize(STEP)
