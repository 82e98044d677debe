"""How every writer locks rows, so that no two of them wait for each other."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class LockingQuerySet(models.QuerySet[Row_co]):
    """Rows that several writers take: one after the other, and each writer in the order of their keys."""

    def locked(self, *, passing: bool = False) -> Self:
        """Lock them until the end of the transaction, by id. Rows that refer to them may still be added.

        With `passing` those that somebody else holds are left out; without it one waits for them.
        """
        return self.select_for_update(of=("self",), no_key=True, skip_locked=passing).order_by("id")
