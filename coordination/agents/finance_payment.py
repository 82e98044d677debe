"""finance.payment: may this invoice be paid now?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.amounts import ZERO, asked, format_amount
from ..domain.facts import Snapshot
from ..domain.proposal import Agent, Contract, Proposal, least

COUNTED = "holds counted"


class FinancePayment(Agent):
    """Reads every other answer and asks for release when nothing is held. Governance rules on it, last of
    all."""

    name: ClassVar[str] = "finance.payment"
    version: ClassVar[str] = "1"
    department: ClassVar[str] = "finance"
    purpose: ClassVar[str] = "Asks for release when every question is answered and nothing is held."
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"invoice", "ruling"}),
        consumes=frozenset(
            {"arithmetic", "duplicate", "supplier", "order", "price", "quantity_received", "crosscheck"}
        ),
        owns=frozenset({"release"}),
    )
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        held = [h for h in snapshot.live_holds() if h.raised_by != self.name]
        opened = [h for h in held if h.status == "open"]
        amount = (
            f"{snapshot.document.currency}"
            f" {format_amount(asked(snapshot.document.gross, snapshot.document.payable) or ZERO)}"
        )
        sure = least(
            [p.confidence for p in snapshot.positions if p.confidence is not None and p.agent != self.name]
        )
        if opened:
            reasoning = (
                f"{len(opened)} holds stand against paying {amount}:"
                f" {', '.join(sorted({h.code for h in opened}))}."
            )
            return Proposal(self.name, self.version, "hold", Decimal("0.99"), reasoning, method=COUNTED)
        if held:
            reasoning = f"Only {', '.join(sorted({h.code for h in held}))} is missing; it may still come."
            return Proposal(self.name, self.version, "wait", Decimal("0.99"), reasoning, method=COUNTED)
        return Proposal(
            self.name,
            self.version,
            "approve",
            sure,
            f"All questions are answered; {amount} may be paid.",
            method="as sure as the least sure",
        )
