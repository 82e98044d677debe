"""Actors of the ledger and the people they are."""

from __future__ import annotations

from django.contrib.auth.models import User


def person(user: User) -> str:
    """The actor name of a person."""
    return f"human:{user.pk}"


def display(actor: str) -> str:
    """A person's name for an actor, or the actor itself."""
    kind, _, key = actor.partition(":")
    if kind != "human" or not (key.isascii() and key.isdigit()):
        return actor or "Someone"
    user = User.objects.filter(pk=key).first()
    return (user.get_full_name() or user.get_username()) if user else actor
