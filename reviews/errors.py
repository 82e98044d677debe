"""What the review queue refuses, each with a message that says who, what, when and what to do."""

from __future__ import annotations

from datetime import datetime

from audit.errors import CountersignError


class ReviewError(CountersignError):
    """The review queue cannot take this."""


class NoSuchQuestion(ReviewError):
    """There is no such escalation."""

    status = 404
    exit_code = 2


class Refused(ReviewError):
    """This answer is not complete."""

    status = 422
    exit_code = 4


class TooSoon(Refused):
    """This is let go only when its page has been shown long enough."""


class NotAllowed(ReviewError):
    """You may not decide this."""

    status = 403
    exit_code = 4


class Conflict(ReviewError):
    """The question has moved on."""

    status = 409
    exit_code = 5


PAST = {"approve": "approved", "reject": "rejected", "override": "overrode", "edit": "edited"}
"""What somebody has done, by verdict."""


ENDED = {
    "superseded": "The case changed and another question took its place; answer that one.",
    "withdrawn": "The question was withdrawn: its reason is gone, and nothing is left to answer.",
    "expired": "The time for an answer is over.",
}
"""Questions that nobody answered and that are closed all the same."""


class LostRace(Conflict):
    """Someone else has answered already."""

    def __init__(self, verdict: str, by: str, at: datetime | None, *, kept: bool = False) -> None:
        when = f" at {at:%H:%M:%S} UTC" if at else ""
        done = PAST.get(verdict, f"answered “{verdict}”")
        text = " Your text is kept." if kept else ""
        said = f"{by} {done}{' this' if verdict in PAST else ''}{when}.{text}"
        super().__init__(f"{ENDED[verdict]}{text}" if verdict in ENDED else said)
        self.verdict, self.by, self.at = verdict, by, at


class Answering(Conflict):
    """Somebody is answering this."""

    def __init__(self, verdict: str, by: str, at: datetime, until: datetime, *, kept: bool = False) -> None:
        done = PAST.get(verdict, f"answered “{verdict}”")
        text = " Your text is kept." if kept else ""
        super().__init__(
            f"{by} {done}{' this' if verdict in PAST else ''} at {at:%H:%M:%S} UTC and can take it back until"
            f" {until:%H:%M:%S} UTC.{text}"
        )


class Counted(Conflict):
    """This answer counts already, or none is waiting; it cannot be taken back any more."""


class Unrecorded(Conflict):
    """The ledger has no such answer of this person; it does not count."""


class Stale(Conflict):
    """The case changed after this page was shown. Look again; your text is kept."""


class Unseen(Conflict):
    """This page does not say which case it showed you, or showed it to somebody else or long ago. Load it
    again."""


class Claimed(Conflict):
    """Somebody else has claimed this."""
