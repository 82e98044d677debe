"""The rules in force, read from versioned text into exact types. A rule that cannot be read stops everything.

The text is canonical JSON; every number is a string. A fresh installation has `default_policy.json` as
version 1.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from audit import canonical

from ..domain.policy import Envelope, Policy, PolicyInvalid, Rule, Tolerance
from . import answering_rows, oversight_rows
from .policy_fields import decimal

LARGEST_UNIT = Decimal(5)
"""Cash is rounded to more than that; invoices are not."""

DEFAULT = Path(__file__).with_name("default_policy.json")


def _tolerance(data: dict[str, Any], name: str) -> Tolerance:
    row = data["tolerances"].get(name)
    if row is None:
        return Tolerance(id="T-none", text=f"{name}: no tolerance configured", pct=None, abs=None)
    limits = {
        k: None if row.get(k) is None else decimal(row[k], f"tolerances.{name}.{k}")
        for k in ("pct", "abs", "units")
    }
    if (limits["units"] or 0) < 0:
        raise PolicyInvalid(f"tolerances.{name}.units: {row['units']} is below zero.")
    return Tolerance(id=row["id"], text=row["text"], **limits)


def _units(table: dict[str, Any]) -> tuple[tuple[str, Decimal], ...]:
    """Currency -> smallest unit, from lists of currencies by unit; a currency has one unit."""
    found: dict[str, Decimal] = {}
    for text, currencies in table.items():
        unit = decimal(text, "units")
        if not 0 < unit <= LARGEST_UNIT:
            raise PolicyInvalid(f"units: {text} is not above 0 and at most {LARGEST_UNIT}.")
        for currency in currencies:
            if not isinstance(currency, str) or currency in found:
                raise PolicyInvalid(f"units.{text}: {currency!r} is no text, or stands twice.")
            found[currency] = unit
    return tuple(sorted(found.items()))


def _bound(data: dict[str, Any], name: str) -> int | None:
    """Days around the receipt of an invoice, or None where the policy sets no bound."""
    value = data.get("dates", {}).get(name)
    if value is None:
        return None
    if int(value) < 0:
        raise PolicyInvalid(f"dates.{name}: {value} is below zero.")
    return int(value)


def _rule(row: dict[str, Any]) -> Rule:
    when = tuple((fact, op, value) for fact, op, value in row["when"])
    rate = None if row.get("rate") is None else decimal(row["rate"], f"rule {row['id']} rate")
    signers = answering_rows.signers(row)
    return Rule(
        row["id"],
        row["section"],
        row["text"],
        when,
        row["then"],
        row.get("reason", ""),
        max(int(row.get("quorum", "1")), len(signers)),
        rate,
        signers,
    )


LISTS = ("currencies", "vendors", "countries", "source_formats")


def _envelope(agent: str, row: dict[str, Any]) -> Envelope:
    """Bounds of one agent; a name that is none, or a list that allows nothing, is refused."""
    where = f"envelopes.{agent}"
    unknown = sorted(set(row) - {"gross", *LISTS})
    if unknown or not row:
        names = ", ".join(("gross", *LISTS))
        raise PolicyInvalid(f"{where}: {', '.join(unknown) or 'nothing'} is stated; bounds are {names}.")
    for name in set(row) & set(LISTS):
        values = row[name]
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            raise PolicyInvalid(f"{where}.{name}: a list of texts is needed, with at least one.")
    gross = decimal(row["gross"], f"{where}.gross") if "gross" in row else None
    return Envelope(gross, **{name: tuple(row[name]) for name in LISTS if name in row})


def _matching(row: dict[str, Any]) -> tuple[str, str, int]:
    level = int(row["level"])
    if level not in {2, 3, 4}:
        raise PolicyInvalid(f"matching: level {level} is none of 2, 3 and 4.")
    return row.get("vendor_id", ""), row.get("unit", ""), level


def _one_of(value: str, where: str) -> Literal["record", "hold"]:
    if value == "record":
        return "record"
    if value == "hold":
        return "hold"
    raise PolicyInvalid(f'{where}: {value!r} is neither "record" nor "hold".')


def parse(text: str, revision: int) -> Policy:
    """Typed policy from its text; raises `PolicyInvalid` naming the place."""
    try:
        return _parse(json.loads(text), text, revision)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise PolicyInvalid(f"The policy cannot be read: {error!s} ({type(error).__name__}).") from error


def _parse(data: dict[str, Any], text: str, revision: int) -> Policy:
    split, duplicates = data["split"], data["duplicates"]
    return Policy(
        revision=revision,
        sha256=canonical.sha256(text.encode()),
        company_currency=data["company_currency"],
        price=_tolerance(data, "price"),
        quantity=_tolerance(data, "quantity"),
        tax=_tolerance(data, "tax"),
        totals=_tolerance(data, "totals"),
        order_amount=_tolerance(data, "order_amount"),
        charge=_tolerance(data, "charge"),
        receipt_wait_days=int(data["receipt"]["wait_days"]),
        backlog_days=int(data["receipt"]["backlog_days"]),
        duplicate_days=int(duplicates["days"]),
        recurring_days=(int(duplicates["recurring_days"][0]), int(duplicates["recurring_days"][1])),
        split_count=int(split["count"]),
        split_days=int(split["days"]),
        split_from_pct=decimal(split["from_pct"], "split.from_pct"),
        confidence=decimal(data["confidence"]["default"], "confidence.default"),
        agent_confidence=tuple(
            (k, decimal(v, f"confidence.{k}"))
            for k, v in sorted(data["confidence"].items())
            if k != "default"
        ),
        rules=tuple(map(_rule, data["rules"])),
        limits=tuple((k, decimal(v, f"limits.{k}")) for k, v in sorted(data["limits"].items())),
        sla_hours=tuple((k, int(v)) for k, v in sorted(data["sla_hours"].items())),
        audit_seed=data["audit_seed"],
        matching=tuple(map(_matching, data["matching"])),
        shared_account=_one_of(data["vendor"]["shared_account"], "vendor.shared_account"),
        dormant_days=int(data["vendor"]["dormant_days"]),
        envelopes=tuple((k, _envelope(k, v)) for k, v in sorted(data.get("envelopes", {}).items())),
        units=_units(data.get("units", {})),
        ahead_days=_bound(data, "ahead_days"),
        oldest_days=_bound(data, "oldest_days"),
        oversight=oversight_rows.oversight(data.get("oversight", {})),
        period_close=answering_rows.period_close(data.get("period_close", {})),
        backups=answering_rows.backups(data.get("backup", {})),
    )


@lru_cache(maxsize=64)
def load(text: str, revision: int) -> Policy:
    """`parse`, remembered: the text of a version never changes."""
    return parse(text, revision)


def default_text() -> str:
    """The canonical text of the policy that a fresh installation starts with."""
    return canonical.dumps(json.loads(DEFAULT.read_text())).decode()
