"""Shared state. Only `coordination.engine` writes it."""

from .agents import Agent, Autonomy, Decision, Task, Wake
from .conversions import UnitConversion
from .documents import Content, Document, Quarantine
from .invoices import (
    FINAL,
    TRANSITIONS,
    Allocation,
    AllowanceCharge,
    Delivery,
    Hold,
    Invoice,
    InvoiceFacts,
    InvoiceLine,
    InvoiceStatus,
    InvoiceType,
    Lane,
    State,
    TaxSubtotal,
)
from .orders import Order, OrderLine, OrderMessage
from .parties import BankAccount, Rate, Vendor
from .payments import LIVE, Payment, PaymentBatch
from .policy import PolicyVersion
from .receipts import Receipt, ReceiptLine

__all__ = [
    "FINAL",
    "LIVE",
    "TRANSITIONS",
    "Agent",
    "Allocation",
    "AllowanceCharge",
    "Autonomy",
    "BankAccount",
    "Content",
    "Decision",
    "Delivery",
    "Document",
    "Hold",
    "Invoice",
    "InvoiceFacts",
    "InvoiceLine",
    "InvoiceStatus",
    "InvoiceType",
    "Lane",
    "Order",
    "OrderLine",
    "OrderMessage",
    "Payment",
    "PaymentBatch",
    "PolicyVersion",
    "Quarantine",
    "Rate",
    "Receipt",
    "ReceiptLine",
    "State",
    "Task",
    "TaxSubtotal",
    "UnitConversion",
    "Vendor",
    "Wake",
]
