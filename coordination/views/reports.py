"""Reports for auditors: populations with their manifest, the walkthrough of an invoice, the procedure
document."""

from __future__ import annotations

import io
import tempfile
from typing import BinaryIO, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import CountersignError
from audit.subjects import Subject
from reviews.access import requires, signed_in
from reviews.pages import answer, refusals_shown
from reviews.services import person

from .. import rights
from ..assurance import access_log, population_query, populations
from ..reports import manifest
from ..reports.markdown import markdown
from ..reports.pdf import pdf
from ..selectors.procedure import procedure as document
from ..selectors.walkthrough import walkthrough as paper_of
from .act_forms import ExportForm
from .fetch import invoice_for
from .files import download

MOST_ON_PAGE = 20_000


class TooManyHere(CountersignError):
    """This is too much for a page. Take it with `manage.py population`, which has no limit."""

    status = 413


@require_POST
@refusals_shown
@requires(rights.READ_SAMPLES)
def export(request: HttpRequest) -> HttpResponseBase:
    """What a search finds, as a zip of the list and its signed manifest; it is recorded, hence a POST."""
    asked = ExportForm.accept(request.POST).cleaned_data
    wanted, written_as = asked["query"], asked["format"]
    if population_query.members(wanted)[MOST_ON_PAGE : MOST_ON_PAGE + 1].exists():
        raise TooManyHere(
            f"More than {MOST_ON_PAGE:,} invoices are too many for a page. Take them with: manage.py"
            " population"
            f' --query "{wanted.query}" --format {(written_as or "csv")[:5]} -o population.zip'
        )
    out = io.BytesIO()
    with tempfile.TemporaryFile() as file:
        data = cast(BinaryIO, file)
        done = populations.export(wanted, written_as, data, by=person(signed_in(request)))
        manifest.pack(out, done.name, data, done.paper)
    return download(out.getvalue(), f"{done.name.partition('.')[0]}.zip", "application/zip")


@require_safe
@requires(rights.READ_AUDIT)
def walkthrough(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice from its documents to its payment, to be printed."""
    found = invoice_for(request.user, invoice_id)
    access_log.seen(signed_in(request), "walkthrough", found.subject)
    name = f"walkthrough-{slugify(found.number)[:60] or found.id}.pdf"
    return download(pdf(paper_of(found), clock.now()), name, "application/pdf")


@require_safe
@requires(rights.READ_AUDIT)
def procedure(request: HttpRequest) -> HttpResponse:
    """How invoices are handled here, from the configuration in force."""
    found = document(clock.now())
    context = {"procedure": found, "paper": found.paper}
    return answer(request, "coordination/procedure.html", "coordination/procedure.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def procedure_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """The same as Markdown or PDF."""
    found = document(clock.now())
    access_log.seen(signed_in(request), "procedure", Subject.of("policy", found.policy))
    name = f"procedure-{found.policy}-{found.at:%Y-%m-%d}.{suffix}"
    if suffix == "md":
        return download(markdown(found.paper).encode(), name, "text/markdown; charset=utf-8")
    return download(pdf(found.paper, found.at), name, "application/pdf")
