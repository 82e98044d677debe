"""Drills that run, and the invoices on which an answer stands that one has changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from audit import clock

from ..agents.drills import MARK
from ..domain.facts import Drilling
from ..models import FINAL, Drill
from ..tasks.sql import rows

PLACES = ("demo", "staging")
"""Installations in which nothing is real, or nothing leaves."""

STANDING = """
SELECT DISTINCT d.invoice_id FROM coordination_decision d
  JOIN coordination_invoice i ON i.id = d.invoice_id
 WHERE d.actor LIKE %s AND (%s::uuid[] IS NULL OR d.invoice_id = ANY(%s)) AND (%s = '' OR d.agent = %s)
   AND i.state <> ALL(%s)
   AND NOT EXISTS (SELECT 1 FROM coordination_decision n WHERE n.invoice_id = d.invoice_id
       AND n.agent = d.agent AND n.state_version > d.state_version)
 ORDER BY 1
"""


def possible() -> bool:
    """Is this a place for drills: a demonstration, a staging installation, or what a demonstration made of
    the past?"""
    return settings.COUNTERSIGN_ENV in PLACES or clock.is_simulated()


def running() -> dict[str, Drilling]:
    """The drill of each agent that has one. None anywhere else, whatever a copied database says."""
    if not possible():
        return {}
    found = Drill.objects.running().values_list("agent", "kind", "share", "seed")
    return {agent: Drilling(kind, share, seed) for agent, kind, share, seed in found}


def among(invoices: Sequence[UUID]) -> set[UUID]:
    """Those of these invoices on which an answer stands that a drill changed."""
    if not invoices or not Drill.objects.exists():
        return set()
    ids = list(invoices)
    return {key for (key,) in rows(STANDING, f"agent:%{MARK}", ids, ids, "", "", ["none"])}


def left_by(agent: str) -> list[UUID]:
    """Invoices that are still decided on, with an answer of this agent that a drill changed."""
    return [key for (key,) in rows(STANDING, f"agent:%{MARK}", None, None, agent, agent, list(FINAL))]
