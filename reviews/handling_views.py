"""What people do with a case short of answering it, as forms of its page: claim, hand over, put aside, say
something. Thin, as `views`."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from audit import clock
from audit.errors import CountersignError

from . import aside, assignment, cases, fields, handling, open_lists, presence
from .access import escalation_for, hidden_kinds, requires, signed_in
from .errors import Conflict, Refused
from .grants import DECIDE, READ_CASES
from .models import Escalation
from .pages import refusals_shown, wants_fragment
from .views import actor_of, case_context, filters_of, go_on, refused, timeline, tools


@require_POST
@requires(DECIDE)
@refusals_shown
def claim(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Say that one is on it, in the place of whoever was where that is said too."""
    over = request.POST.get("take_over") == "1"
    assignment.claim(escalation_for(request.user, escalation_id).pk, by=signed_in(request), take_over=over)
    return owner_changed(request, escalation_id, whole=over)


@require_POST
@requires(DECIDE)
@refusals_shown
def claim_next(request: HttpRequest) -> HttpResponseBase:
    """Claim the first case of the list that is nobody's and that one may answer, and go there. Two people who
    ask at once get two cases."""
    user, filters = signed_in(request), filters_of(request)
    hidden = hidden_kinds(user)
    busy = presence.looking(clock.now(), but=actor_of(request))
    taken = assignment.claim_next(
        (key for key in open_lists.free(filters, actor_of(request), hidden) if key not in busy), by=user
    )
    if taken is None:
        raise Refused("Nothing here is free for you: all that you may answer is claimed or looked at.")
    presence.note(taken.pk, actor_of(request), typing=False, now=clock.now())  # before the page can say so
    return go_on(request, taken.pk)


@require_POST
@requires(DECIDE)
@refusals_shown
def release(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Give it back."""
    assignment.release(escalation_for(request.user, escalation_id).pk, by=signed_in(request))
    return owner_changed(request, escalation_id)


@require_POST
@requires(READ_CASES)
@refusals_shown
def remark(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Say something about it."""
    escalation = escalation_for(request.user, escalation_id)
    try:
        handling.remark(escalation.pk, request.POST.get("text", ""), by=signed_in(request))
    except (Refused, Conflict, fields.TooLong) as error:
        return refused_act(request, escalation, error)
    return timeline_again(request, escalation_id)


@require_POST
@requires(DECIDE)
@refusals_shown
def hand_over(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Give it to somebody else who may answer it."""
    escalation, post = escalation_for(request.user, escalation_id), request.POST
    to = User.objects.filter(pk=fields.whole(post.get("to", ""), 0)).first()
    try:
        handling.hand_over(escalation.pk, to, by=signed_in(request), why=post.get("why", ""))
    except (Refused, Conflict, fields.TooLong) as error:
        return refused_act(request, escalation, error)
    return owner_changed(request, escalation_id, whole=True)


@require_POST
@requires(DECIDE)
@refusals_shown
def put_aside(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Take it out of the list for a while; then the next case."""
    escalation = escalation_for(request.user, escalation_id)
    place = cases.place(escalation, filters_of(request), actor_of(request), hidden_kinds(request.user))
    choice = aside.chosen(request.POST.get("until", "")[:10], request.POST.get("day", "")[:10], clock.now())
    try:
        if choice is None:
            raise Refused("Choose until when it is put aside: one of the moments, or a later day.")
        handling.put_aside(escalation.pk, choice.until, by=signed_in(request), awaited=choice.awaited)
    except (Refused, Conflict, fields.TooLong) as error:
        return refused_act(request, escalation, error)
    return go_on(request, place.after or place.before)


@require_POST
@requires(DECIDE)
@refusals_shown
def take_back(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """Put back what is put aside."""
    handling.take_back(escalation_for(request.user, escalation_id).pk, by=signed_in(request))
    return owner_changed(request, escalation_id)


def refused_act(request: HttpRequest, escalation: Escalation, error: CountersignError) -> HttpResponseBase:
    """What was refused of an act beside the verdicts, said above them; what was typed stays."""
    if wants_fragment(request):
        return refused(request, escalation, error)
    messages.error(request, error.message)
    return redirect("reviews:case", escalation.pk)


def timeline_again(request: HttpRequest, escalation_id: UUID) -> HttpResponseBase:
    """The timeline anew, with what was said at its end."""
    if not wants_fragment(request):
        return redirect("reviews:case", escalation_id)
    escalation = escalation_for(request.user, escalation_id)
    view = cases.case_view(escalation, actor_of(request))
    return render(request, "reviews/_moments.html", {"case": view} | timeline(view, actor_of(request)))


def owner_changed(request: HttpRequest, escalation_id: UUID, *, whole: bool = False) -> HttpResponseBase:
    """What is said of who is on it; `whole`: the case anew, where that says whether one may answer it."""
    escalation = escalation_for(request.user, escalation_id)
    if not wants_fragment(request):
        return redirect("reviews:case", escalation_id)
    if whole:
        response = render(request, "reviews/_case.html", case_context(request, escalation))
        response["HX-Retarget"], response["HX-Reswap"] = "#case", "innerHTML show:none"
    else:
        view = cases.case_view(escalation, actor_of(request))
        response = render(request, "reviews/_tools.html", {"case": view} | tools(request, view))
    response["HX-Trigger"] = "decided"
    return response
