"""Key figures that are shares. A new one is a file here and a line in MODULES; docs/extending.md shows it."""

from __future__ import annotations

from importlib import import_module

from ...domain.key_figures import Measure

MODULES = (
    "touchless",
    "held",
)
"""Modules of this folder that have `MEASURES`, in the order in which the page shows them."""


def _measures(name: str) -> tuple[Measure, ...]:
    """The `MEASURES` of a module. Raises `AttributeError` where it has none."""
    found: tuple[Measure, ...] = import_module(f"{__name__}.{name}").MEASURES
    return found


MEASURES: tuple[Measure, ...] = tuple(measure for name in MODULES for measure in _measures(name))
