"""What answers do beside being recorded, registered here: commit names no agent.

A new effect is a file in this folder, a line in EFFECTS and a test.
"""

from __future__ import annotations

from .base import Effect
from .codings import CodingEffect
from .matches import MatchEffect
from .questions import QuestionEffect
from .statuses import StatusEffect

EFFECTS: tuple[Effect, ...] = (MatchEffect(), StatusEffect(), CodingEffect(), QuestionEffect())
"""Every effect, in the order in which each of their methods is called."""

__all__ = ["EFFECTS", "Effect"]
