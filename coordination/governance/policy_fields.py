"""Single fields of a policy, read from its JSON."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ..domain.policy import PolicyInvalid


def decimal(value: Any, where: str) -> Decimal:
    """A number written as text, such as "2.00". Raises `PolicyInvalid` naming the place."""
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise PolicyInvalid(f'{where}: {value!r} is not a number written as text, such as "2.00".')
    return number
