"""Questions and answers as lists and counts have them: known-answer cases look like questions about invoices
while they wait, and are in no figure once they are over."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.kinds import stored_kind, words_of

ABOUT = """CASE WHEN split_part(e.subject, '/', 1) IN ('invoice', 'known_answer')
          THEN split_part(e.subject, '/', 2)::uuid END"""
"""The key of the invoice that a question is about. That of a known-answer case is a key too, of no invoice:
a row without one would be told apart."""

COUNTED = "(e.kind <> 'known_answer' OR e.status = 'open')"
"""Questions that are counted. Without those that wait, a count held against the inbox would say that there
are some, and its list which."""

SETTLED = "e.kind <> 'known_answer' AND e.status <> 'open'"
"""Questions whose answers are counted: those that are over. Of a question that waits for a second person the
first answer is not counted yet, whatever it is about: else a missing one would say what it was."""


def kinds_in_words(found: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Cells whose first is a kind of question, and whose third, where there is one, a reason for an answer. A
    known-answer case has the words of an invoice."""
    return [[stored_kind(kind).words, *rest[:1], *map(words_of, rest[1:])] for kind, *rest in found]
