"""Why a person is asked, as a question keeps it. Its keys are fixed: they are stored, hashed and shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a question. Texts are empty where there is nothing to say.

    `words` is the chip, `sentence` the whole of it; `expected`, `found`, `tolerance`, `excess` and `money`
    are as shown to a person, `money` with two decimals; `evidence`: (document, field, value) of each place.
    `hard`: nobody may pay past it without a reason for it alone.
    """

    code: str
    words: str
    question: str
    owner: str
    hard: bool
    sentence: str
    line: str = ""
    excess: str = ""
    rule: str = ""
    expected: str = ""
    found: str = ""
    tolerance: str = ""
    money: str = ""
    evidence: list[list[str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the question."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReason(Reason):
    """A live hold as a reason: which (`hold`), who answers it (`department`), until when it waits (ISO 8601,
    empty: open), and who set it, if a person did."""

    hold: str
    department: str
    until: str = ""
    set_by: str = ""
