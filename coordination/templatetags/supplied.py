"""`{% load supplied %}`: what people supplied above a document, with who and when, beside the values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.names import display

from ..display.format import day
from ..domain.supplied import of_pair
from ..facts import supplied
from ..models import Invoice, SuppliedFact

register = template.Library()


@register.simple_tag
def supplied_to(invoice: Invoice) -> list[dict[str, str]]:
    """What stands above the document of an invoice, as a case keeps it."""
    return [_shown(row) for row in supplied.in_force(invoice.id)]


def _shown(row: SuppliedFact) -> dict[str, str]:
    return {
        "field": row.field,
        "words": supplied.field_words(row.field),
        "value": row.value,
        "was": row.was,
        "by": row.by,
        "confirmed_by": row.confirmed_by,
        "document": row.document.number if row.document is not None else "",
        "on": row.at.date().isoformat(),
    }


@register.filter
def who_supplied(one: Mapping[str, Any]) -> str:
    """supplied by Bob on 5 Sep 2026; stated by a later document INV-1, taken in on 6 Sep 2026."""
    on = day(str(one["on"]))
    if one.get("document"):
        return f"stated by a later document {one['document']}, taken in on {on}"
    second = f" and {display(one['confirmed_by'])}" if one.get("confirmed_by") else ""
    said = "said" if of_pair(str(one["field"])) else "supplied"
    return f"{said} by {display(str(one['by']))}{second} on {on}"


@register.simple_tag
def supplied_mark(found: Iterable[Mapping[str, Any]] | None, field: str) -> SafeString | str:
    """Beside a value: who supplied it, where somebody did; nothing otherwise."""
    own = next((one for one in found or () if str(one["field"]).partition("/")[0] == field), None)
    return format_html(' <span class="faint">{}</span>', who_supplied(own)) if own is not None else ""
