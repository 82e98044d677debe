"""The signals that point upwards: a question was answered for good, or something else was done with it.

Sent with `send`, inside the transaction and after the answer was carried out (`kinds.Kind.carry_out`): a
receiver that fails undoes both.
"""

from django.dispatch import Signal

resolved = Signal()
"""Arguments: `escalation`, `verdict` (the last one given), `verdicts` (all, for a quorum), `at`."""
handled = Signal()
"""Somebody is on it or no longer, said something, or put it aside. Argument: `escalation`."""
looked = Signal()
"""Somebody has a question before them, or no longer, or began to type. Argument: `questions`, their keys."""
