"""Taking documents in: bytes to canonical documents to shared state; what cannot be read is set aside and
kept."""

from . import allowances, files
from .quarantine import dismiss
from .receive import Line, Report, take_in
from .second_try import retry, retry_all

__all__ = ["Line", "Report", "allowances", "dismiss", "files", "retry", "retry_all", "take_in"]
