"""`{% look_alikes case %}`: a suspected duplicate beside the invoices that it resembles."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context

from reviews.cases import CaseView

from ..selectors import look_alikes as read

register = template.Library()


@register.inclusion_tag("coordination/questions/_look_alikes.html", takes_context=True)
def look_alikes(context: Context, case: CaseView) -> dict[str, Any]:
    """Nothing where the case was compared with no other invoice."""
    request = context.get("request")
    user = getattr(request, "user", None) or AnonymousUser()
    return {"alike": read.side_by_side(case.escalation, user), "case": case}
