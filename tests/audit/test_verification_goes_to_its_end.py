"""Whatever an administrator writes into an entry, the verification goes to its end and names the entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from audit import sealing
from audit.models import Entry
from coordination.assurance import verification
from tests.audit.administrator import attack
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DEEP = "[" * 50_000


def edited(change: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    """The body with its data changed so."""

    def run(body: str) -> str:
        found = json.loads(body)
        change(found)
        return json.dumps(found)

    return run


def _bound_to(history_id: object) -> Callable[[str], str]:
    changes = [["coordination_historicalinvoice", "k", history_id, "0" * 64]]
    return edited(lambda body: body["data"].update(changes=changes))


FALSE: dict[str, Callable[[str], str]] = {
    "no json": lambda _: "x",
    "a list": lambda _: "[]",
    "nothing": lambda _: "",
    "bottomless": lambda _: DEEP,
    "no data": edited(lambda body: body.pop("data")),
    "data of another kind": edited(lambda body: body.update(data="x")),
    "nothing that was counted": edited(lambda body: body["data"].clear()),
    "a row beyond every table": _bound_to(str(10**30)),
    "a row of a distant number": _bound_to(str(10**15)),
    "a row below nought": _bound_to("-5"),
    "a number in words": _bound_to("many"),
    "no document": edited(lambda body: body["data"].update(document=None)),
    "a number that is none": edited(
        lambda body: body["data"].update(confidence="high", sequence="x", totals=[{"count": "x"}])
    ),
}


READ_BY_STATEMENTS = ("no json", "nothing", "bottomless", "no data", "a number that is none")
"""What tells by itself how the checks that are statements of SQL take it."""


CHECKS = tuple(f"The check of {name} broke off" for name in ("control totals", "decisions", "policies"))
"""As a check that broke off is named: in words, with no sign of the program's."""


@pytest.mark.parametrize(
    ("type_", "false"),
    [*(("intake.counted", one) for one in FALSE), *(("invoice.decided", one) for one in READ_BY_STATEMENTS)],
)
def test_an_entry_of_any_content_is_named_and_stops_nothing(house: Cast, type_: str, false: str) -> None:
    with transaction.atomic():
        entry = Entry.objects.filter(type=type_).order_by("id").first()
        assert entry is not None
        body = FALSE[false](entry.body)
        assert body != entry.body
        attack("audit_entry", "UPDATE audit_entry SET body = %s WHERE id = %s", body, entry.id)
        found = verification.run().findings
        transaction.set_rollback(True)
    assert ("hash_mismatch", entry.subject, entry.seq) in {(f.code, f.subject, f.seq) for f in found}
    broken = [f.detail for f in found if f.code == "check_broken_off"]
    assert all(text.startswith(CHECKS) for text in broken), broken


@pytest.mark.parametrize("false", ["no json", "a list", "nothing", "no data", "data of another kind"])
def test_a_spoilt_word_that_all_was_clean_has_everything_verified_again(house: Cast, false: str) -> None:
    with transaction.atomic():
        sealing.seal()
        verification.record(verification.run(), "system:verify")
        assert verification.last_clean() is not None
        attack(
            "audit_entry",
            "UPDATE audit_entry SET body = %s WHERE type = %s",
            FALSE[false]('{"data": {}}'),
            verification.TYPE,
        )
        assert verification.last_clean() is None
        found = verification.run(incremental=True)
        transaction.set_rollback(True)
    assert (found.since, "hash_mismatch" in {f.code for f in found.findings}) == (0, True)
