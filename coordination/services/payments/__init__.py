"""Money out: cleared invoices become a run, a second person approves it, the bank's file is written from it,
and the bank's answers come back.

Holds, vendor, account, credits and days are checked in the transaction that proposes, again in the one that
approves, and once more, with what the agents would say now, in the one that writes the file. At most one live
payment of an invoice's part, and no more than was cleared together, are the database's rules, not ours.
"""

from . import changes, paid_elsewhere, recall, second_file, withdrawal
from .approval import approve, decided, find, lock_batch, signatures
from .bank_file import export
from .changes import take_out, withdraw
from .doubts import answered as reported_answered
from .doubts import lock_reported
from .errors import Changed, FileWritten, LeftOut, NoSuchBatch, NotApproved, PaymentError, Stopped
from .plan import Excluded
from .proposal import Proposed, agent, propose
from .settlement import confirm, take
from .withdrawal import stop

__all__ = [
    "Changed",
    "Excluded",
    "FileWritten",
    "LeftOut",
    "NoSuchBatch",
    "NotApproved",
    "PaymentError",
    "Proposed",
    "Stopped",
    "agent",
    "approve",
    "changes",
    "confirm",
    "decided",
    "export",
    "find",
    "lock_batch",
    "lock_reported",
    "paid_elsewhere",
    "propose",
    "recall",
    "reported_answered",
    "second_file",
    "signatures",
    "stop",
    "take",
    "take_out",
    "withdraw",
    "withdrawal",
]
