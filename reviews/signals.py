"""The one signal that points upwards. Sent with `send`, inside the transaction: a receiver that fails undoes
the verdict."""

from django.dispatch import Signal

resolved = Signal()
"""Arguments: `escalation`, `verdict` (the last one given), `verdicts` (all, for a quorum), `changes` to
record."""
