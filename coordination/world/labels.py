"""What an invoice of the world should come to, as a line of `labels.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..translation.canonical import Invoice

Key = tuple[str, str, str, str]
"""Vendor, number, type and gross: the last tells two claims under one number apart."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A hold that should stand after a drain. `line` is the position it is about; None: the header, or any
    line."""

    code: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What an invoice should come to: its lane after a drain on the world's day and the holds that stand on
    it.

    `vendor` is our number of the vendor, empty where none of ours matches. `defect` names the scenario,
    `kind` says whether it is clean, a defect or a combination of two. `type` tells a credit note from the
    invoice whose number it may carry.
    """

    invoice: str
    vendor: str
    defect: str
    lane: str
    holds: tuple[Expected, ...] = ()
    kind: str = "clean"
    type: str = "invoice"
    gross: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, each once."""
        return tuple(dict.fromkeys(hold.code for hold in self.holds))

    @property
    def key(self) -> Key:
        """What finds the invoice in an export."""
        return self.vendor, self.invoice, self.type, self.gross

    def as_json(self) -> dict[str, Any]:
        return {
            "invoice_number": self.invoice,
            "vendor_id": self.vendor or None,
            "type": self.type,
            "gross": self.gross or None,
            "defect": self.defect,
            "kind": self.kind,
            "lane": self.lane,
            "holds": [{"code": hold.code, "line": hold.line} for hold in self.holds],
        }


def from_json(row: dict[str, Any]) -> Label:
    """A label from its line."""
    holds = tuple(Expected(hold["code"], hold["line"]) for hold in row["holds"])
    return Label(
        row["invoice_number"],
        row["vendor_id"] or "",
        row["defect"],
        row["lane"],
        holds,
        row["kind"],
        row["type"],
        row["gross"] or "",
    )


def counted_as(invoice: Invoice) -> tuple[str, str]:
    """Type and gross as they are exported: an invoice of negative amounts is a credit note of positive
    ones."""
    if invoice.gross is None:
        return invoice.type, ""
    credit = invoice.type == "credit_note" or invoice.gross < 0
    return "credit_note" if credit else "invoice", f"{abs(invoice.gross):.2f}"


def as_lines(labels: Iterable[Label]) -> str:
    """`labels.jsonl`: one label a line."""
    return "".join(json.dumps(label.as_json(), ensure_ascii=False) + "\n" for label in labels)
