"""The pages of the review queue: the list, one case, and a verdict. Thin: they read through selectors and
write through services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import CountersignError
from audit.ledger import data_of

from . import (
    answering,
    aside,
    assignment,
    cases,
    channel,
    coverage,
    delegation,
    exposure,
    fields,
    groups,
    handling,
    pending,
    remedies,
    remedy_forms,
    saved_lists,
    selectors,
    services,
    signing,
)
from .access import (
    decides,
    department_of,
    escalation_for,
    groups_of,
    hidden_kinds,
    may,
    requires,
    signed_in,
)
from .grants import DECIDE, READ_CASES
from .kinds import reasons_of
from .models import Escalation
from .open_lists import Filters, of_list
from .pages import answer, refusals_shown, wants_fragment
from .principals import actors_covered
from .queues import FILES
from .urgency import SORTS

TIMELINE = 8
AGENTS_WORK = Q(actor__startswith="agent:") & ~Q(type__startswith="escalation.")
"""Entries of what agents did, beside that they asked."""


def filters_of(request: HttpRequest) -> Filters:
    sort = request.GET.get("sort", "clock")
    found = of_list(
        request.GET.get("queue", "")[:40],
        cause=request.GET.get("cause", "")[:40],
        sort=sort if sort in SORTS else "clock",
    )
    return replace(found, aside=found.aside or request.GET.get("aside") == "1")


def moment_of(request: HttpRequest) -> datetime | None:
    """The moment the person's list was loaded, if the page says so."""
    try:
        found = parse_datetime(request.GET.get("as_of", ""))
        return fields.moment(found) if found else None
    except ValueError:
        return None


@require_safe
@requires(READ_CASES)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list; as a page with the first case open beside it."""
    context = list_context(request, moment_of(request))
    if wants_fragment(request):
        return answer(request, "reviews/inbox.html", "reviews/_list.html", context)
    first = next((row for group in context["listing"].groups for row in group.rows if not row.gone), None)
    if first is not None:
        context |= case_context(request, escalation_for(request.user, first.id))
    else:
        context["waiting"] = cases.waiting_of(actor_of(request))
    return answer(request, "reviews/inbox.html", "reviews/_list.html", context | {"view": "list"})


@require_safe
@requires(READ_CASES)
def case(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """One case; as a page with its list beside it."""
    context = case_context(request, escalation_for(request.user, escalation_id))
    if not wants_fragment(request):
        context |= list_context(request, None) | {"view": "case"}
    return answer(request, "reviews/inbox.html", "reviews/_case.html", context)


@require_safe
@requires(READ_CASES)
def case_status(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Is the shown case still open, and as it was when shown? Asked when something happened to it."""
    escalation = escalation_for(request.user, escalation_id)
    view = cases.case_view(escalation, actor_of(request))
    seen = request.GET.get("version", "")
    changed = view.open and fields.whole(seen, escalation.version) != escalation.version
    return render(request, "reviews/_standing.html", {"case": view, "changed": changed, "seen": seen[:20]})


@require_POST
@requires(DECIDE)
def decide(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Take a verdict; then the next case, or what was refused, in place."""
    escalation = escalation_for(request.user, escalation_id)
    place = cases.place(escalation, filters_of(request), actor_of(request), hidden_kinds(request.user))
    try:
        decided = answering.give(escalation.pk, by=signed_in(request), **answer_of(request))
    except CountersignError as error:
        return refused(request, escalation, error)
    return onward(request, decided, place.after or place.before)


@require_POST
@requires(DECIDE)
@refusals_shown
def undo(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Take back one's own answer while it can be; the case again, with what was typed."""
    escalation = escalation_for(request.user, escalation_id)
    typed: dict[str, str] = {}
    last = pending.last_word(escalation, actor_of(request))
    if last is not None and last.type != pending.TAKEN_BACK:  # a second click finds it taken back
        escalation, said = answering.take_back(escalation.pk, by=signed_in(request))
        typed = remedy_forms.typed_again(said)
    pk = escalation.pk
    query = filters_of(request).query()
    target = reverse("reviews:case", args=[pk]) + (f"?{query}" if query else "")
    context = case_context(request, escalation, typed) | {"typed": typed}
    if not wants_fragment(request):
        context |= list_context(request, None) | {"view": "case"}
        return answer(request, "reviews/inbox.html", "reviews/_case.html", context)
    response = render(request, "reviews/_case.html", context)
    response["HX-Push-Url"], response["HX-Trigger"] = target, "decided"
    return response


@require_safe
@requires(READ_CASES)
def answered(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """What has become of one's own answer: it can be taken back, it counts, or it does not."""
    escalation, actor = escalation_for(request.user, escalation_id), actor_of(request)
    view, last = cases.case_view(escalation, actor), pending.last_word(escalation, actor)
    if view.pending_mine:
        return render(request, "reviews/_waiting.html", {"case": view})
    if last is None or last.type == pending.TAKEN_BACK:
        return HttpResponse("")
    if last.type == pending.VOIDED:
        said = {"case": view, "why": data_of(last.body)["why"]}
        return render(request, "reviews/_not_counted.html", said)
    return render(request, "reviews/_done.html", {"done": view})


def answer_of(request: HttpRequest) -> dict[str, Any]:
    """The fields of the verdict form, as the service takes them."""
    post = request.POST
    version = post.get("seen_version", "")
    return {
        "verdict": post.get("verdict", "")[:20],
        "reason": post.get("reason", "").rpartition(":")[2][:60],
        "comment": post.get("comment", ""),
        "seen_version": fields.whole(version, -1) if version else None,
        "payload_hash": post.get("payload_hash", "")[:100],
        "click": post.get("click", ""),
        "overrides": post.get("overrides", ""),
        "shown": post.get("shown", "")[:200],
        "via": channel.PAGE,
        "remedy": post.get("remedy", "")[:20],
        "terms": remedy_forms.typed_terms(post),
    }


def approval_form(escalation_id: UUID, user: User) -> dict[str, Any]:
    """What a form carries that approves a question from another page than its own; the same as the verdict
    form's."""
    escalation = Escalation.objects.get(pk=escalation_id)
    return {
        "asked": escalation,
        "shown": exposure.stamp(escalation, user),
        "reasons": reasons_of(escalation.kind, "approve", escalation.reasons),
        "objection": signing.objection(escalation, user),
    }


def refused(request: HttpRequest, escalation: Escalation, error: CountersignError) -> HttpResponse:
    """Say it above the verdicts; what was typed stays where it is."""
    context: dict[str, Any] = {"message": error.message}
    if wants_fragment(request):
        response = render(request, "shell/_notice.html", context, status=error.status)
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "innerHTML"
        return response
    wrong = error.fields if isinstance(error, remedies.TermsRefused) else {}
    context |= case_context(request, escalation, request.POST.dict(), wrong) | list_context(request, None)
    context |= {"view": "case", "typed": request.POST, "shown": still_shown(request, escalation, context)}
    return answer(request, "reviews/inbox.html", "reviews/_case.html", context, error.status)


def still_shown(request: HttpRequest, escalation: Escalation, context: dict[str, Any]) -> str:
    """The stamp of a page that is shown again with a refusal: the case has been before the person since the
    first time, if it is the same and in the same order."""
    sent, fresh = request.POST.get("shown", "")[:200], str(context["shown"])
    same = exposure.shown_at(sent, escalation, signed_in(request)) is not None
    return sent if same and exposure.order_of(sent) == exposure.order_of(fresh) else fresh


def onward(request: HttpRequest, decided: Escalation, following: UUID | None) -> HttpResponseBase:
    """Go on to the next case; the list drops the decided one by itself."""
    view = cases.case_view(decided, actor_of(request))
    if not wants_fragment(request):
        messages.success(request, f"{view.title}: {describe_answer(view)}.")
    return go_on(request, following, done=None if view.pending_mine else view)


def describe_answer(view: cases.CaseView) -> str:
    """What became of an answer, in words."""
    if view.pending is None:
        return view.escalation.status
    until = timezone.localtime(view.pending.until)
    return f"answered; it counts at {until:%H:%M:%S}, until then you can take it back on its page"


def go_on(request: HttpRequest, following: UUID | None, **context: Any) -> HttpResponseBase:
    """The case that comes next, in the place of the one that is shown; the list where there is none."""
    query = filters_of(request).query()
    target = reverse("reviews:case", args=[following]) if following else reverse("reviews:inbox")
    target += f"?{query}" if query else ""
    if not wants_fragment(request):
        return redirect(target)
    if following:
        context |= case_context(request, escalation_for(request.user, following))
    else:
        context["waiting"] = cases.waiting_of(actor_of(request))
    response = render(request, "reviews/_case.html", context)
    response["HX-Push-Url"], response["HX-Trigger"] = target, "decided"
    return response


# --- contexts -----------------------------------------------------------------------------------------------


def actor_of(request: HttpRequest) -> str:
    return services.person(signed_in(request))


def list_context(request: HttpRequest, as_of: datetime | None) -> dict[str, Any]:
    filters, actor = filters_of(request), actor_of(request)
    found = selectors.listing(filters, actor, as_of=as_of, hidden=hidden_kinds(request.user))
    return {
        "listing": found,
        "filters": filters,
        "may_choose": may(request.user, DECIDE),
        "saved": saved_lists.visible(signed_in(request)),
        "department": department_of(request.user),
        "files": FILES,
        "cleared": cases.cleared_today(actor) if found.empty else 0,
        "answering": delegation.current(clock.now(), in_force=True),
        "me": actor,
    }


def may_claim(request: HttpRequest, escalation: Escalation) -> bool:
    """Is it a question that this person answers, whatever its amount?"""
    me = coverage.who(signed_in(request), groups_of(request.user))
    return decides(request.user, escalation) and not coverage.objection(escalation, me)


def offered(escalation: Escalation, me: coverage.Who) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Verdicts with the reason codes that the service accepts of this person."""
    mine = coverage.covered(escalation, me)
    causes = {v: escalation.reasons if v == "reject" else mine for v in escalation.options}
    open_ = [signing.REJECT] if signing.stake_unknown(escalation) else escalation.options
    return [
        (v, rows)
        for v in escalation.options
        if v in open_ and (rows := reasons_of(escalation.kind, v, causes[v]))
    ]


def case_context(
    request: HttpRequest,
    escalation: Escalation,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the page of a case is made of; `typed` and `wrong`: what came back of its form, and what was wrong
    with it."""
    actor, filters = actor_of(request), filters_of(request)
    me = coverage.who(signed_in(request), groups_of(request.user))
    view = cases.case_view(escalation, actor)
    unknown = signing.stake_unknown(escalation)
    return {
        "case": view,
        "place": cases.place(escalation, filters, actor, hidden_kinds(request.user)),
        "may_decide": decides(request.user, escalation),
        **tools(request, view),
        **timeline(view, actor),
        "objection": signing.objection(escalation, signed_in(request), signing.REJECT if unknown else ""),
        "unknown": signing.objection(escalation, signed_in(request)) if unknown else "",
        "covers": cases.grouped(escalation, coverage.covered(escalation, me)),
        "remains": cases.grouped(escalation, coverage.remaining(escalation, me)),
        "several": len({coverage.department_of(escalation, r) for r in escalation.reasons}) > 1,
        "answers_for": coverage.principal_of(escalation, me),
        "reasons": offered(escalation, me),
        "cause": _cause(request, view) if view.open else None,
        "remedies": remedy_forms.forms_of(escalation, me, signed_in(request), typed or {}, wrong or {}),
        "click": uuid4().hex,
        "shown": exposure.stamp(escalation, signed_in(request), view.order),
        "waiting": cases.waiting_of(actor),
    }


def _cause(request: HttpRequest, view: cases.CaseView) -> groups.Cause | None:
    """Which others ask the same, for who may answer them."""
    if not decides(request.user, view.escalation):
        return None
    return groups.cause_of(view.escalation, hidden_kinds(request.user))


def tools(request: HttpRequest, view: cases.CaseView) -> dict[str, Any]:
    """What stands above a case: who is on it, and what may be done with it short of answering."""
    may = view.open and may_claim(request, view.escalation)
    return {
        "filters": filters_of(request),
        "may_claim": may,
        "lease": assignment.leased_until(view.escalation),
        "taken": view.owner if view.open and view.owner and not may_go_on(request, view) else None,
        "colleagues": handling.colleagues(view.escalation, signed_in(request)) if may else [],
        "moments_ahead": aside.moments(clock.now()) if may else [],
    }


def may_go_on(request: HttpRequest, view: cases.CaseView) -> bool:
    """Is it claimed by whoever looks, or by somebody for whom they answer?"""
    return view.escalation.owner in actors_covered(actor_of(request))


def timeline(view: cases.CaseView, actor: str) -> dict[str, Any]:
    """The newest entries of a case, each with the person whose act it was, and how many there are."""
    without = AGENTS_WORK if view.blind else None
    shown, entries = cases.moments(view.escalation, TIMELINE, without=without)
    return {"moments": cases.name_people(view.escalation, shown, actor), "entries": entries}
