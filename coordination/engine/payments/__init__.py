"""Money out: cleared invoices become a run, a second person approves it, the bank's file is written from it, and the
bank's answers come back.

Holds, vendor, account, credits and days are checked in the transaction that proposes, again in the one that approves,
and once more, with what the agents would say now, in the one that writes the file. At most one live payment of an
invoice's part, and no more than was cleared together, are the database's rules, not ours.
"""

from . import again, changing, elsewhere, leaving, recalling
from .approval import approve, decided, find, lock_batch, signatures
from .bank_file import export
from .changing import take_out, withdraw
from .doubts import answered as reported_answered
from .doubts import lock_reported
from .errors import Changed, FileWritten, LeftOut, NoSuchBatch, NotApproved, PaymentError, Stopped
from .leaving import stop
from .moves import rests, settled
from .plan import Left
from .proposal import Proposed, agent, propose
from .settlement import confirm, take

__all__ = [
    "Changed",
    "FileWritten",
    "Left",
    "LeftOut",
    "NoSuchBatch",
    "NotApproved",
    "PaymentError",
    "Proposed",
    "Stopped",
    "again",
    "agent",
    "approve",
    "changing",
    "confirm",
    "decided",
    "elsewhere",
    "export",
    "find",
    "leaving",
    "lock_batch",
    "lock_reported",
    "propose",
    "recalling",
    "reported_answered",
    "rests",
    "settled",
    "signatures",
    "stop",
    "take",
    "take_out",
    "withdraw",
]
