"""Personal text on pages: what a person wrote, or when and by whom it was erased."""

from __future__ import annotations

from django import template

from audit import commitments

register = template.Library()


@register.filter
def revealed(text: str) -> str:
    """A text with the commitments in it replaced; asks the database only when there is one."""
    return commitments.reveal(text)
