"""The policy's section `oversight`: in which order a case is shown, and what is done while a catch rate has
fallen. Without it evidence stands first and nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ..domain.doses import DisplayOrder, Dose, DoseKind
from ..domain.policy import Oversight, PolicyInvalid
from .policy_fields import decimal

WHERE = "oversight"
NAMES = ("order", "doses")
OF_KIND: dict[DoseKind, tuple[str, ...]] = {
    DoseKind.BURST: ("share",),
    DoseKind.SECOND_READER: ("over",),
    DoseKind.DWELL: ("over", "seconds"),
}
"""What a row says beside `id`, `text` and `dose`: all of it, and nothing else."""

COMMON = ("id", "text", "dose")
MOST_SHARE = Decimal("0.50")
"""More known-answer cases than real ones would be work for its own sake."""
MOST_SECONDS = 300


def oversight(data: Any) -> Oversight:
    """The section as typed rows. Raises `PolicyInvalid` naming the place."""
    _only(data, NAMES, WHERE)
    order = data.get("order", DisplayOrder.EVIDENCE)
    if order not in list(DisplayOrder):
        raise PolicyInvalid(f"{WHERE}.order: {order!r} is none of {', '.join(DisplayOrder)}.")
    return Oversight(DisplayOrder(order), doses(data.get("doses", [])))


def doses(rows: Any) -> tuple[Dose, ...]:
    """Rows of doses, as a policy or a fall keeps them. Raises `PolicyInvalid`."""
    where = f"{WHERE}.doses"
    if not isinstance(rows, list):
        raise PolicyInvalid(f"{where}: a list of rows is needed.")
    found = tuple(_dose(row, f"{where}[{at}]") for at, row in enumerate(rows))
    for kind in (DoseKind.BURST, DoseKind.SECOND_READER):
        if sum(d.kind is kind for d in found) > 1:
            raise PolicyInvalid(f"{where}: {kind} stands twice; only dwell may have several rows.")
    if len({d.id for d in found}) < len(found):
        raise PolicyInvalid(f"{where}: two rows have the same id.")
    return found


def _dose(row: Any, where: str) -> Dose:
    if not isinstance(row, dict):
        raise PolicyInvalid(f"{where}: {row!r} is no row.")
    named = row.get("dose")
    if named not in list(DoseKind):
        raise PolicyInvalid(f"{where}.dose: {named!r} is none of {', '.join(DoseKind)}.")
    kind = DoseKind(named)
    wanted = (*COMMON, *OF_KIND[kind])
    _only(row, wanted, where)
    for name in wanted:
        if not isinstance(row.get(name), str) or not row[name]:
            raise PolicyInvalid(f"{where}.{name}: a {kind} says it, as text.")
    return Dose(
        id=row["id"],
        text=row["text"],
        kind=kind,
        share=_share(row["share"], f"{where}.share") if "share" in row else None,
        over=_amount(row["over"], f"{where}.over") if "over" in row else None,
        seconds=_seconds(row["seconds"], f"{where}.seconds") if "seconds" in row else 0,
    )


def _only(data: Any, names: Sequence[str], where: str) -> None:
    if not isinstance(data, dict):
        raise PolicyInvalid(f"{where}: {data!r} is no object.")
    if unknown := sorted(set(data) - set(names)):
        raise PolicyInvalid(f"{where}: {', '.join(unknown)} is unknown; there are {', '.join(names)}.")


def _amount(text: str, where: str) -> Decimal:
    amount = decimal(text, where)
    if amount < 0:
        raise PolicyInvalid(f"{where}: {text} is below zero.")
    return amount


def _share(text: str, where: str) -> Decimal:
    share = decimal(text, where)
    if not 0 < share <= MOST_SHARE:
        raise PolicyInvalid(f"{where}: {text} is not over 0 and up to {MOST_SHARE}.")
    return share


def _seconds(text: str, where: str) -> int:
    seconds = decimal(text, where)
    if not 1 <= seconds <= MOST_SECONDS or seconds != int(seconds):
        raise PolicyInvalid(f"{where}: {text} is no whole number from 1 to {MOST_SECONDS}.")
    return int(seconds)
