"""Pages on which many questions are answered together: what would be answered, and what became of it. Thin,
as `views`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import CountersignError
from audit.words import how_many

from . import answering, bulk, cases, channel, coverage, exposure, fields, groups, selectors
from .access import escalation_for, groups_of, hidden_kinds, requires, sees_kind, signed_in
from .errors import NoSuchQuestion, Refused, Unseen
from .grants import DECIDE
from .kinds import stored_kind
from .models import Escalation
from .pages import answer, go, refusals_shown, wants_fragment
from .views import actor_of, filters_of, moment_of, offered


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the preview: as it stands, and the field of the form that stands for it."""

    item: groups.Item
    field: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: `view` as its page would show it, where it was answered."""

    result: bulk.Result
    title: str
    number: str
    view: cases.CaseView | None


@require_safe
@requires(DECIDE)
def together(request: HttpRequest) -> HttpResponse:
    """What would be answered: the open questions of one cause (`like` one of them), or those chosen (`q`)."""
    keys = _asked_for(request)
    context = _preview(request, keys, {})
    return answer(request, "reviews/together.html", "reviews/_together.html", context)


def _asked_for(request: HttpRequest) -> list[UUID]:
    like = _key(request.GET.get("like", ""))
    if like is not None:
        return groups.keys_of_cause(escalation_for(request.user, like), hidden_kinds(request.user))
    found = (_key(text) for text in request.GET.getlist("q")[: 2 * groups.MOST])
    return list(dict.fromkeys(key for key in found if key is not None))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text[:40])
    except ValueError:
        return None


@require_safe
@requires(DECIDE)
def changed(request: HttpRequest) -> HttpResponse:
    """Which of the shown questions have ended since. Asked when something happened."""
    since, now = moment_of(request), clock.now()
    rows = selectors.rows_of(_asked_for(request)[: groups.MOST], now) if since is not None else []
    seen = [(e, row) for e, row in rows if sees_kind(request.user, e.kind) and row.gone]
    gone = [row for e, row in seen if since is not None and e.decided_at is not None and e.decided_at > since]
    return render(request, "reviews/_together_changed.html", {"gone": gone})


@require_POST
@requires(DECIDE)
def answer_together(request: HttpRequest) -> HttpResponse:
    """Give one answer to all that are ticked; then what became of each."""
    user, post = signed_in(request), request.POST
    sent = [bulk.unpack(field) for field in post.getlist("item")]
    known = [one for one in sent if one is not None]
    try:
        if not sent:
            raise Refused("Tick the cases that are answered together.")
        if len(known) != len(sent):
            raise Unseen
        _check_seen(user, known)
        _check_counted(post.get("counted", ""), len(known))
        verdict, reason = post.get("verdict", "")[:20], post.get("reason", "")
        _check_meant(verdict, reason)
        results = bulk.answer_together(
            known,
            verdict,
            by=user,
            reason=reason.rpartition(":")[2][:60],
            comment=post.get("comment", ""),
            decision=_decision(post.get("decision", "")),
            via=channel.PAGE,
        )
    except CountersignError as error:
        return _refused(request, known, error)
    return answer(
        request, "reviews/together.html", "reviews/_together.html", _results(request, known, results)
    )


@require_POST
@requires(DECIDE)
@refusals_shown
def undo(request: HttpRequest) -> HttpResponseBase:
    """Take back what was answered together, while it can be; back to the list, where it stands again."""
    decision = _decision(request.POST.get("decision", ""))
    taken, late = answering.take_back_together(decision, by=signed_in(request))
    if taken:
        told = f"{how_many(taken, 'answer')} taken back."
        messages.success(request, told + (f" {how_many(late, 'answer')} counted already." if late else ""))
    else:
        messages.error(request, "Nothing of it could be taken back any more.")
    return go(request, "reviews:inbox")


class LeftOut(Refused):
    """Look at the sums again: some were left out."""

    status = 409


def _check_counted(counted: str, ticked: int) -> None:
    """The sums that were shown are those of what is ticked: a page without scripts cannot count anew."""
    if counted and fields.whole(counted, -1) != ticked:
        were = fields.whole(counted, ticked)
        raise LeftOut(
            f"Of {how_many(were, 'case')}, {ticked:,} {'is' if ticked == 1 else 'are'} ticked. Below is what"
            " is answered now: look at it, and press again."
        )


def _check_meant(verdict: str, reason: str) -> None:
    meant = reason.partition(":")[0] if ":" in reason else verdict
    if reason and meant != verdict:
        raise Refused(f"That reason is one to {meant}. Choose one to {verdict}.")


def _check_seen(user: User, sent: Sequence[bulk.Sent]) -> None:
    """Of kinds that the person may not see nothing is told, not even that there are such."""
    kinds_ = dict(Escalation.objects.filter(pk__in=[one.id for one in sent]).values_list("pk", "kind"))
    if any(one.id not in kinds_ or not sees_kind(user, kinds_[one.id]) for one in sent):
        raise NoSuchQuestion


def _decision(text: str) -> str:
    key = _key(text)
    return key.hex if key is not None else uuid4().hex


# --- what is shown ------------------------------------------------------------------------------------------


def _preview(request: HttpRequest, keys: Sequence[UUID], sent: dict[UUID, str]) -> dict[str, Any]:
    """What would be answered. `sent`: stamps of a page that is shown again, kept where they are true."""
    user = signed_in(request)
    found = groups.group(keys, user, hidden_kinds(request.user))
    me = coverage.who(user, groups_of(request.user))
    reasons = groups.common([offered(item.escalation, me) for item in found.answerable])
    return {
        "filters": filters_of(request),
        "group": found,
        "lines": [Line(item, _field(item, user, sent)) for item in found.items],
        "one": found.answerable[0] if found.causes == 1 else None,
        "most": groups.MOST,
        "reasons": reasons,
        "decision": uuid4().hex,
        "as_of": clock.now(),
    }


def _field(item: groups.Item, user: User, sent: dict[UUID, str]) -> str:
    e, was = item.escalation, sent.get(item.escalation.pk, "")
    kept = was if was and exposure.shown_at(was, e, user) is not None else exposure.stamp(e, user)
    return bulk.Sent(e.pk, e.version, e.payload_hash, uuid4().hex, kept).packed


def _refused(request: HttpRequest, sent: Sequence[bulk.Sent], error: CountersignError) -> HttpResponse:
    """Nothing was answered: say why above the verdicts. What was typed stays, and so does the page, where
    it is still what would be answered."""
    if wants_fragment(request) and not isinstance(error, LeftOut):
        response = render(request, "shell/_notice.html", {"message": error.message}, status=error.status)
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "innerHTML"
        return response
    context = _preview(request, [one.id for one in sent], {one.id: one.shown for one in sent})
    context |= {"message": error.message, "typed": request.POST}
    return answer(request, "reviews/together.html", "reviews/_together.html", context, error.status)


def _results(
    request: HttpRequest, sent: Sequence[bulk.Sent], results: Sequence[bulk.Result]
) -> dict[str, Any]:
    """What became of each, and those once more that can still be answered together."""
    actor = actor_of(request)
    outcomes = [_outcome(result, actor) for result in results]
    refused = [r.escalation.pk for r in results if not r.answered]
    context = _preview(request, refused, {one.id: one.shown for one in sent}) if refused else {}
    answered = [r.escalation for r in results if r.answered]
    return context | {
        "filters": filters_of(request),
        "outcomes": outcomes,
        "waiting": next((o.view for o in outcomes if o.view is not None and o.view.pending_mine), None),
        "answered": len(answered),
        "refused": len(refused),
        "sums": groups.sums_of(answered),
        "typed": request.POST,
        "again": bool(context) and bool(context["group"].answerable),
    }


def _outcome(result: bulk.Result, actor: str) -> Outcome:
    e = result.escalation
    summary = stored_kind(e.kind).summary(e.question, e.case)
    view = cases.case_view(e, actor) if result.answered else None
    return Outcome(result, summary.title, summary.number, view)
