"""Money out: cleared invoices become a run, a second person approves it, the bank's file is written from it, and the
bank's answers come back.

Holds, vendor, account, credits and days are checked in the transaction that proposes and again in the one that
approves. At most one live payment per invoice is the database's rule, not ours.
"""

from . import changing, elsewhere
from .approval import approve, decided, find, lock_batch, signatures
from .bank_file import export
from .changing import take_out, withdraw
from .doubts import answered as reported_answered
from .doubts import lock_reported
from .errors import Changed, NoSuchBatch, NotApproved, PaymentError
from .moves import rests, settled
from .plan import Left
from .proposal import Proposed, agent, propose
from .settlement import confirm, take

__all__ = [
    "Changed",
    "Left",
    "NoSuchBatch",
    "NotApproved",
    "PaymentError",
    "Proposed",
    "agent",
    "approve",
    "changing",
    "confirm",
    "decided",
    "elsewhere",
    "export",
    "find",
    "lock_batch",
    "lock_reported",
    "propose",
    "reported_answered",
    "rests",
    "settled",
    "signatures",
    "take",
    "take_out",
    "withdraw",
]
