"""The one signal that points upwards: a question was answered for good.

Sent with `send`, inside the transaction and after the answer was carried out (`kinds.Kind.carry_out`): a
receiver that fails undoes both.
"""

from django.dispatch import Signal

resolved = Signal()
"""Arguments: `escalation`, `verdict` (the last one given), `verdicts` (all, for a quorum), `at`."""
