"""How sure an agent may say that it is, as a snapshot gives it to it (`domain.calibration` has the table)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What an agent may say of how sure it is of one kind of answer, found by one method, on an invoice like
    the one at hand."""

    agent: str
    outcome: str
    method: str
    confidence: Decimal
