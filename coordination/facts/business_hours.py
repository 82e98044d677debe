"""The business hours of this house, by its country's holidays and its time zone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from ..domain.question_clock import BusinessHours


def business_hours() -> BusinessHours:
    """As the settings say: the company's country, and the zone of its pages or else of its bank."""
    zone = settings.COUNTERSIGN_TIME_ZONE or settings.COUNTERSIGN_CUTOFF[1]
    return BusinessHours(settings.COUNTERSIGN_COMPANY["country"], zone)


def until(asked: datetime, hours: int) -> datetime:
    """When so many hours of business days have passed since a question was asked."""
    return business_hours().after(asked, hours)
