"""A page that is made of texts, facts and tables, and needs no template of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from reviews.pages import answer

from ..reports.blocks import Report


def show(request: HttpRequest, report: Report) -> HttpResponse:
    """The report as a page: its title, its lead and a card for each section."""
    template = "coordination/paper.html"
    return answer(request, template, template, {"paper": report})
