"""The review queue's tables: questions put to people, and the answers they gave."""

from .open_questions import LossDay, Mention, OpenQuestion, OpenTally, PendingAnswer, Presence
from .people import Delegation, SavedList, SigningProfile
from .questions import LISTED, Escalation, Status
from .verdicts import Verdict

__all__ = [
    "LISTED",
    "Delegation",
    "Escalation",
    "LossDay",
    "Mention",
    "OpenQuestion",
    "OpenTally",
    "PendingAnswer",
    "Presence",
    "SavedList",
    "SigningProfile",
    "Status",
    "Verdict",
]
