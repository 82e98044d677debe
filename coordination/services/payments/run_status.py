"""Where a run stands by what became of its payments."""

from __future__ import annotations

from ...models import Payment, PaymentBatch

Status = PaymentBatch.Status


def run_status(run: PaymentBatch) -> str:
    """A run is executed when the bank has answered for every payment, refused when it carried out none."""
    states = set(run.payments.not_cancelled().values_list("status", flat=True))
    if states - {Payment.Status.PAID, Payment.Status.REFUSED}:
        return Status.EXPORTED
    return Status.EXECUTED if Payment.Status.PAID in states else Status.REFUSED
