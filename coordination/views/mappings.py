"""Translation maps: the list, one version, and the form that makes the next."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from audit.errors import CountersignError
from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown
from reviews.services import person

from .. import rights
from ..models import Content
from ..selectors import mappings as read
from ..services import intake
from ..services.intake import map_versions, table_maps
from ..translation.canonical import Unreadable
from ..translation.foreign import DELIMITERS, ENCODINGS
from ..translation.formats import DATES, DECIMALS
from ..translation.mapping import ForeignFile
from ..translation.maps import KINDS
from . import map_form as form
from .fetch import map_for, sample_for
from .filter_forms import SampleNameForm


@require_safe
@requires(rights.SEE)
def maps(request: HttpRequest) -> HttpResponse:
    """All maps, and the tables that wait for one."""
    context = {"maps": read.maps(), "tables": read.tables(), "may_make": may(request.user, rights.MAKE_MAPS)}
    return answer(request, "coordination/maps.html", "coordination/_maps.html", context)


@require_safe
@requires(rights.SEE)
def version(request: HttpRequest, map_id: UUID) -> HttpResponse:
    """One version of a map in words."""
    row = map_for(request.user, map_id)
    context = {
        "version": read.version(row),
        "versions": read.versions(row),
        "waiting": table_maps.waiting(row) if row.status == "active" else [],
        "question": read.question(row) if row.status == "proposed" else None,
        "reads_cases": may(request.user, rights.READ_CASES),
        "may_make": may(request.user, rights.MAKE_MAPS),
        "may_upload": may(request.user, rights.UPLOAD),
    }
    return answer(request, "coordination/map.html", "coordination/_map.html", context)


@require_POST
@refusals_shown
@requires(rights.MAKE_MAPS)
def sample(request: HttpRequest) -> HttpResponseBase:
    """Keep an uploaded sample, without taking it in, and go on to the form."""
    file = request.FILES.get("sample")
    if file is None:
        raise map_versions.Unusable("Choose a file.")
    if (file.size or 0) > map_versions.LONGEST_SAMPLE:
        raise map_versions.Unusable(map_versions.NO_SAMPLE)
    sha256 = map_versions.keep_sample(file.read())
    url = reverse("coordination:map_new", args=[sha256])
    return go(request, f"{url}?{urlencode({'name': file.name or ''})}")


@require_safe
@refusals_shown
@requires(rights.MAKE_MAPS)
def new(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The form for a new map, filled with suggestions."""
    found = sample_for(request.user, sha256, rights.MAKE_MAPS)
    file = ForeignFile(bytes(found.data))
    try:
        draft = form.first(file, SampleNameForm.accept(request.GET).cleaned_data["name"])
    except Unreadable as unreadable:
        raise map_versions.Unusable(f"The sample cannot be read: {unreadable.error}.") from None
    return _form(request, found, file, draft)


@require_safe
@requires(rights.MAKE_MAPS)
def change(request: HttpRequest, map_id: UUID) -> HttpResponse:
    """The form for the next version of a map, filled with this one."""
    row = map_for(request.user, map_id, rights.MAKE_MAPS)
    draft = form.Draft(table_maps.parsed(row), row.name, row.sample_name, row.series, row.revision)
    return _form(request, row.sample, ForeignFile(bytes(row.sample.data)), draft)


@form.without_nul
@require_POST
@refusals_shown
@requires(rights.MAKE_MAPS)
def preview(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The form again with what was filled in, and what it makes of the sample."""
    found = sample_for(request.user, sha256, rights.MAKE_MAPS)
    file = ForeignFile(bytes(found.data))
    return _form(request, found, file, _filled_in(file, request))


@form.without_nul
@require_POST
@refusals_shown
@requires(rights.MAKE_MAPS)
def save(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """Save what was filled in as a version; refused, the form keeps it."""
    found = sample_for(request.user, sha256, rights.MAKE_MAPS)
    file = ForeignFile(bytes(found.data))
    draft = _filled_in(file, request)
    try:
        row = map_versions.propose(
            draft.one,
            name=draft.name,
            sample=found,
            sample_name=draft.sample_name,
            by=signed_in(request),
            series=draft.series,
            seen=draft.seen,
        )
    except CountersignError as error:
        return _form(request, found, file, draft, refused=error)
    messages.success(
        request,
        f"{row.name}: version {row.revision} is saved. Another manager puts it in force; the question is in"
        " the inbox.",
    )
    return go(request, "coordination:map", row.pk)


def _filled_in(file: ForeignFile, request: HttpRequest) -> form.Draft:
    try:
        return form.MapForm.accept(request.POST).draft(file)
    except Unreadable as unreadable:
        raise map_versions.Unusable(
            f"With these settings the sample cannot be read: {unreadable.error}."
        ) from None


def _form(
    request: HttpRequest,
    found: Content,
    file: ForeignFile,
    draft: form.Draft,
    refused: CountersignError | None = None,
) -> HttpResponse:
    shown = form.shown(draft)
    context = shown | {
        "sample": found,
        "workbook": file.is_workbook,
        "sheets": file.book.sheets if file.is_workbook else (),
        "preview": read.preview(file, draft.one) if not shown["wrong"] else None,
        "kinds": KINDS,
        "delimiters": DELIMITERS.items(),
        "encodings": ENCODINGS.items(),
        "decimals": DECIMALS.items(),
        "dates": DATES.items(),
        "refused": refused.message if refused else "",
    }
    status = refused.status if refused else 200
    return answer(request, "coordination/map_form.html", "coordination/_map_form.html", context, status)


@require_POST
@refusals_shown
@requires(rights.MAKE_MAPS)
def retire(request: HttpRequest, map_id: UUID) -> HttpResponseBase:
    """Take a map out of force."""
    row = map_versions.retire(map_for(request.user, map_id, rights.MAKE_MAPS).pk, by=signed_in(request))
    messages.success(request, f"{row.name} is retired. Its tables wait in quarantine from now on.")
    return go(request, "coordination:map", row.pk)


@require_POST
@refusals_shown
@requires(rights.UPLOAD)
def retry(request: HttpRequest, map_id: UUID) -> HttpResponseBase:
    """Read again what stands in quarantine and this map is for."""
    row = map_for(request.user, map_id, rights.UPLOAD)
    brings = intake.allowances.allowed_kinds(request.user)
    done = intake.retry_all(
        [q.pk for q in table_maps.waiting(row)], actor=person(signed_in(request)), allowed=brings
    )
    read_now = sum(line.result in {"accepted", "duplicate"} for line in done)
    left = sum(line.result == "quarantined" for line in done)
    text = f"{read_now} document{'' if read_now == 1 else 's'} read, {left} still in quarantine."
    messages.add_message(request, messages.ERROR if left and not read_now else messages.SUCCESS, text)
    return redirect("coordination:map", row.pk)
