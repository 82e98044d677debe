"""What can be wrong with a payment run; each says what to do."""

from __future__ import annotations

from audit.errors import CountersignError


class PaymentError(CountersignError):
    """This payment run cannot be done."""

    exit_code = 1


class NoSuchBatch(PaymentError):
    """There is no payment run with this number."""

    status = 404
    exit_code = 2


class NotApproved(PaymentError):
    """The payment run is not approved; a second person has to approve it first."""

    status = 409
    exit_code = 4


class Changed(PaymentError):
    """The run is no longer what was proposed. Cancel it and propose again."""

    status = 409
    exit_code = 5


class LeftOut(PaymentError):
    """No file was written: payments of the run were not right any more."""

    status = 409
    exit_code = 4


class Stopped(PaymentError):
    """The payment agent is stopped, so that nothing leaves. Let it go on, or stop the run."""

    status = 409
    exit_code = 4


class FileWritten(PaymentError):
    """The bank's file exists. Only the bank can stop these payments now: call it, and write the recall for
    it."""

    status = 409
    exit_code = 5
