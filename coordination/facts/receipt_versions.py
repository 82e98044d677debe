"""Which of several messages about one delivery counts: the newest."""

from typing import Final

IN_FORCE_AT: Final = """NOT EXISTS (SELECT 1 FROM coordination_receipt later
    WHERE {known}later.number_key = r.number_key AND later.kind = r.kind
      AND (later.recorded_at, later.id) > (r.recorded_at, r.id)
      AND (later.number = r.number OR (r.number_key <> '' AND EXISTS (
            SELECT 1 FROM coordination_receiptline one JOIN coordination_receiptline other
                ON other.order_key = one.order_key
             WHERE one.receipt_id = r.id AND other.receipt_id = later.id))))"""
IN_FORCE: Final = IN_FORCE_AT.format(known="")
"""SQL: nothing that came later says the receipt or despatch `r` anew.

Under the same number, to the letter, it does. Under another spelling of it, it does where both name one
order: two vendors may number their despatches alike, and then the order tells them apart.
"""


def in_force_at(moment: str) -> str:
    """The same as of a moment (SQL): what came after it had not been said yet."""
    return IN_FORCE_AT.format(known=f"later.recorded_at <= {moment} AND ")
