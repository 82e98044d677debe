"""Taking documents in: bytes to canonical documents to shared state; what cannot be read is set aside and kept."""

from . import allowances, files
from .desk import dismiss, retry, retry_all
from .receive import Line, Report, take_in

__all__ = ["Line", "Report", "allowances", "dismiss", "files", "retry", "retry_all", "take_in"]
