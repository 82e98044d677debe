"""Actors of the ledger and the people they are."""

from __future__ import annotations

from django.contrib.auth.models import User


def person(user: User) -> str:
    """The actor name of a person."""
    return f"human:{user.pk}"


def account_of(actor: str) -> str:
    """The key of the account that an actor names; empty where it names none."""
    kind, _, key = actor.partition(":")
    return key if kind == "human" and key.isascii() and key.isdigit() else ""


def display(actor: str) -> str:
    """A person's name for an actor, or the actor itself."""
    key = account_of(actor)
    if not key:
        return actor or "Someone"
    user = User.objects.filter(pk=key).first()
    return (user.get_full_name() or user.get_username()) if user else actor
