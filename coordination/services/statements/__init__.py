"""Vendors' statements of account, reconciled with our books: at once, and again when something changes for
the vendor."""

from ...tasks.statement_changes import changed, vendors_changed
from .reconciling import answered, lock_statement, step

__all__ = ["answered", "changed", "lock_statement", "step", "vendors_changed"]
