"""Every error of Countersign descends from `CountersignError`; the class docstring is the default message.

`status` is the HTTP status of a page, `exit_code` that of a command (interfaces: exit codes).
"""

from __future__ import annotations


class CountersignError(Exception):
    """Something Countersign cannot do; the message says what to do instead."""

    status = 400
    exit_code = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").partition("\n\n")[0].split()))

    @property
    def message(self) -> str:
        return str(self.args[0])


class LedgerError(CountersignError):
    """The ledger refused the entry."""

    status = 500


class Untracked(LedgerError):
    """This table has no history; only tracked tables are written through the trail."""
