"""`id__in` with many keys as one array instead of one parameter each.

The driver looks for every placeholder in the statement and quotes every parameter by itself, so that a list
of five thousand keys costs it longer than the query. PostgreSQL plans `= ANY(array)` as it plans `IN (...)`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import ForeignKey, UUIDField
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In

MANY = 20
"""Keys from which on they travel as an array."""


class _Array:
    """Keys of a list that is given, and no subquery, as the text of an array; the column says of what."""

    rhs: Any

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value() and len(self.rhs) >= MANY:  # type: ignore[attr-defined]
            keys = dict.fromkeys(key for key in self.rhs if key is not None)
            if keys and all(isinstance(key, UUID) for key in keys):
                return "= ANY(%s)", [f"{{{','.join(map(str, keys))}}}"]
        return super().process_rhs(compiler, connection)  # type: ignore[misc]

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return rhs if rhs.startswith("= ANY") else super().get_rhs_op(connection, rhs)  # type: ignore[misc]


class KeysIn(_Array, In):
    """Of a column of keys."""


class RelatedKeysIn(_Array, RelatedIn):
    """Of a foreign key."""


def register() -> None:
    """Take the place of Django's own lookups."""
    UUIDField.register_lookup(KeysIn)
    ForeignKey.register_lookup(RelatedKeysIn)
