"""How many people sign, and which groups have to be among them. Pure.

A row of the policy says `quorum`, and may name groups or departments in `signers`: each of them signs by
another person. What several rows ask for is asked together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from ..domain.policy import Rule
from ..domain.proposal import Finding

MOST = 5


@dataclass(frozen=True, slots=True)
class Signatures:
    """So many people, and among them these groups, each by another person; a group may stand twice."""

    quorum: int = 1
    signers: tuple[str, ...] = ()

    def __or__(self, other: Signatures) -> Signatures:
        """What both ask for together."""
        signers = tuple(sorted((Counter(self.signers) | Counter(other.signers)).elements()))
        return Signatures(max(self.quorum, other.quorum, len(signers)), signers)

    @property
    def words(self) -> str:
        """1 signature; 2 signatures: finance, manager. It is part of what people accept."""
        plain = "1 signature" if self.quorum == 1 else f"{self.quorum} signatures"
        return f"{plain}: {', '.join(self.signers)}" if self.signers else plain

    def or_more(self, reason: Finding) -> list[Finding]:
        """A reason as it was accepted by as many people of these groups as are asked for, or by more."""
        return [replace(reason, expected=replace(self, quorum=n).words) for n in range(self.quorum, MOST + 1)]


def of_rule(rule: Rule) -> Signatures:
    """What one row asks for."""
    return Signatures(rule.quorum, tuple(sorted(rule.signers)))
