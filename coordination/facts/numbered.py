"""Invoices by the number that somebody writes or says: to the letter, else in the normal form of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import Q, QuerySet

from ..models import Invoice
from ..translation.identity import normalised_number, with_numbers_normal

T = TypeVar("T")


def numbered(rows: QuerySet[Invoice], number: str, most: int = 2) -> list[Invoice]:
    """Those of `rows` that a number means, at most `most`: written to the letter, else in another
    spelling."""
    found = list(rows.filter(number=number)[:most])
    key = normalised_number(number)
    return found or (list(rows.filter(facts__number_key=key)[:most]) if key else [])


def meant(things: Sequence[T], number: str, of: Callable[[T], str]) -> list[T]:
    """Those of `things` whose number (`of`) a number means: written to the letter, else in another
    spelling."""
    key = normalised_number(number)
    exact = [one for one in things if of(one) == number]
    return exact or [one for one in things if key and normalised_number(of(one)) == key]


def containing(text: str) -> Q:
    """Invoices whose number has this text in it, sign for sign, however its letters are written; or which
    have this number or name an order of it in any spelling. To be joined with what else the text may be
    of."""
    found = part_of_number(text) | Q(order_numbers__contains=[text])
    if key := normalised_number(text):
        found |= Q(facts__number_key=key) | Q(facts__order_keys__contains=[key])
    return found


def part_of_number(text: str) -> Q:
    """Invoices whose number has this text in it, sign for sign, however its letters are written."""
    return Q(number__icontains=text) | Q(facts__number_written__contains=with_numbers_normal(text))
