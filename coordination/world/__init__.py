"""The synthetic trade, seeded and labelled: vendors, orders, receipts and invoices with known defects.

It comes in by the same door as everybody's documents; nothing is written past the services.
"""

from .files import World
from .generate import generate
from .labels import Expected, Label

__all__ = ["Expected", "Label", "World", "generate"]
