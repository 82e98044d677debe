"""Shared state. Only `decisions`, `services` and `tasks` write it."""

from .agents import Agent, Autonomy, Breaker, Decision, InHand, Invalidation, Task
from .auditing import AccessRecord, AuditNote, SavedSearch
from .codings import Coding, CodingExample
from .conversions import UnitConversion
from .documents import Content, Document, Quarantine
from .invoices import (
    FINAL,
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
from .mappings import TranslationMap
from .orders import Order, OrderLine, OrderMessage, OrderName
from .oversight import KNOWN_ANSWER, KnownAnswer, KnownAnswerResult
from .parties import BankAccount, Rate, Vendor
from .payments import (
    LIVE,
    STATED,
    BankAnswer,
    Clearance,
    CreditUse,
    NextRun,
    PaidElsewhere,
    Payment,
    PaymentBatch,
    PaymentRecall,
    PaymentTerms,
)
from .policy import PolicyVersion
from .quality import Evaluation
from .receipts import Receipt, ReceiptLine
from .retention import LegalHold
from .samples import AuditSample, SampleResult
from .statements import Statement, StatementChange, StatementLine
from .tallies import Tally

__all__ = [
    "FINAL",
    "KNOWN_ANSWER",
    "LIVE",
    "STATED",
    "AccessRecord",
    "Agent",
    "Allocation",
    "AllowanceCharge",
    "AuditNote",
    "AuditSample",
    "Autonomy",
    "BankAccount",
    "BankAnswer",
    "Breaker",
    "Clearance",
    "Coding",
    "CodingExample",
    "Content",
    "CreditUse",
    "Decision",
    "Delivery",
    "Document",
    "Evaluation",
    "Hold",
    "InHand",
    "Invalidation",
    "Invoice",
    "InvoiceFacts",
    "InvoiceLine",
    "InvoiceStatus",
    "InvoiceType",
    "KnownAnswer",
    "KnownAnswerResult",
    "Lane",
    "LegalHold",
    "NextRun",
    "Order",
    "OrderLine",
    "OrderMessage",
    "OrderName",
    "PaidElsewhere",
    "Payment",
    "PaymentBatch",
    "PaymentRecall",
    "PaymentTerms",
    "PolicyVersion",
    "Quarantine",
    "Rate",
    "Receipt",
    "ReceiptLine",
    "SampleResult",
    "SavedSearch",
    "State",
    "Statement",
    "StatementChange",
    "StatementLine",
    "Tally",
    "Task",
    "TaxSubtotal",
    "TranslationMap",
    "UnitConversion",
    "Vendor",
]
