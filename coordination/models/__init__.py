"""Shared state. Only `decisions`, `services` and `tasks` write it."""

from .agents import Agent, Autonomy, Breaker, Decision, InHand, Invalidation, OnCritical, Task
from .auditing import AccessRecord, AuditNote, SavedSearch
from .behaviour import (
    Alarm,
    Baseline,
    CalibrationTable,
    DayCell,
    Incident,
    MonitorPosition,
    MonitorState,
    RateDay,
)
from .codings import Coding, CodingExample
from .conversions import UnitConversion
from .day_counts import AgreementDay, WayDay
from .documents import Content, Document, Quarantine
from .drills import Drill
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
from .oversight import FALL, KNOWN_ANSWER, CatchRateFall, KnownAnswer, KnownAnswerResult
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
from .review_plans import ReviewPlan
from .samples import AuditSample, SampleResult
from .service_levels import AgentMinute, ServiceAlert
from .statements import Statement, StatementChange, StatementLine
from .supplied import SuppliedFact
from .tallies import Tally

__all__ = [
    "FALL",
    "FINAL",
    "KNOWN_ANSWER",
    "LIVE",
    "STATED",
    "AccessRecord",
    "Agent",
    "AgentMinute",
    "AgreementDay",
    "Alarm",
    "Allocation",
    "AllowanceCharge",
    "AuditNote",
    "AuditSample",
    "Autonomy",
    "BankAccount",
    "BankAnswer",
    "Baseline",
    "Breaker",
    "CalibrationTable",
    "CatchRateFall",
    "Clearance",
    "Coding",
    "CodingExample",
    "Content",
    "CreditUse",
    "DayCell",
    "Decision",
    "Delivery",
    "Document",
    "Drill",
    "Evaluation",
    "Hold",
    "InHand",
    "Incident",
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
    "MonitorPosition",
    "MonitorState",
    "NextRun",
    "OnCritical",
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
    "RateDay",
    "Receipt",
    "ReceiptLine",
    "ReviewPlan",
    "SampleResult",
    "SavedSearch",
    "ServiceAlert",
    "State",
    "Statement",
    "StatementChange",
    "StatementLine",
    "SuppliedFact",
    "Tally",
    "Task",
    "TaxSubtotal",
    "TranslationMap",
    "UnitConversion",
    "Vendor",
    "WayDay",
]
