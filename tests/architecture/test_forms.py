"""Pages read their fields by forms, so that each has its bounds and its words in one place."""

from __future__ import annotations

import ast

from tests.architecture.modules import modules

BY_HAND = {
    "reviews.views": "the review queue has fields of its own, within `reviews.fields`",
    "reviews.handling_views": "as `reviews.views`",
    "reviews.presence_views": "as `reviews.views`",
    "reviews.bulk_views": "as `reviews.views`",
    "reviews.saved_views": "as `reviews.views`",
    "reviews.delegation_views": "as `reviews.views`",
    "coordination.templatetags.shell": "the frame marks the queue of whichever page it stands around",
    "coordination.project.login": "where to go on to after signing in, which Django's own check holds",
    "coordination.project.middleware": "looks at every field of every page",
}
"""Modules that read fields of a request without a form, and why."""


def by_hand(tree: ast.Module) -> list[int]:
    """Lines where a field of a request is read otherwise than by handing all of them to a form."""
    to_forms = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and len(node.args) == 1 and takes_fields(node.func)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"GET", "POST"} and id(node) not in to_forms
    ]


def takes_fields(called: ast.expr) -> bool:
    """Is it a form, `SomeForm(...)` or `SomeForm.accept(...)`?"""
    form = called.value if isinstance(called, ast.Attribute) and called.attr == "accept" else called
    name = form.attr if isinstance(form, ast.Attribute) else form.id if isinstance(form, ast.Name) else ""
    return name.endswith("Form")


def test_no_page_reads_a_field_of_a_request_by_hand() -> None:
    found = {m.name: lines for m in modules().values() if (lines := by_hand(m.tree))}
    assert found.keys() == BY_HAND.keys(), {n: found.get(n, "reads none") for n in found.keys() ^ BY_HAND}


def test_what_is_read_by_hand_is_found() -> None:
    to_forms = "a = forms.AForm.accept(request.GET)\nb = BForm(request.POST)\n"
    others = 'c = request.POST.get("c")\nd = called(request.GET)\ne = "e" in request.POST'
    assert sorted(by_hand(ast.parse(to_forms + others))) == [3, 4, 5]
