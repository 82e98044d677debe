"""A made-up trade, seeded: vendors, orders, receipts and invoices with known defects, as canonical CSV files.

It comes in by the same door as everybody's documents; nothing is written past the services.
"""

from .generate import Label, World, generate

__all__ = ["Label", "World", "generate"]
