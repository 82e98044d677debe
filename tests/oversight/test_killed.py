"""A process that dies between answer and opening loses nothing: either both are there, or neither is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from audit.models import Entry
from coordination.domain.oversight import CAUGHT, Defect
from coordination.management.commands.dburl import url
from coordination.models import KnownAnswerResult
from reviews.models import Escalation, Verdict
from tests.cast import Cast
from tests.conftest import ROOT
from tests.oversight.trade import answer, planted, trade

pytestmark = pytest.mark.django_db(transaction=True)

DIES = """
import os, signal, sys
import django
django.setup()
from django.contrib.auth.models import User
from audit import ledger
from coordination.services import oversight
from reviews.services import resolve

append = ledger.append

def dying(events):
    if any(e.type == "oversight.opened" for e in events):
        if sys.argv[3] == "after":
            append(events)  # written, not committed
        os.kill(os.getpid(), signal.SIGKILL)
    return append(events)

ledger.append = dying
by = User.objects.get(username=sys.argv[2])
resolve(sys.argv[1], "reject", by=by, reason="wrong_document", comment="No.")
"""


def dies(question: str, who: str, when: str) -> int:
    """The exit code of a process that is killed while it writes the opening."""
    params = connection.get_connection_params()
    done = subprocess.run(
        [sys.executable, "-c", DIES, question, who, when],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url(params)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_a_case_is_opened_the_answer_is_not_there_either_and_can_be_given_again(
    people: Cast, when: str
) -> None:
    trade(6)
    [known] = planted(Defect.BANK)
    entries = Entry.objects.count()
    assert dies(str(known.question_id), people.carol.username, when) == -signal.SIGKILL
    assert Escalation.objects.get(pk=known.question_id).status == "open"
    assert not Verdict.objects.exists()
    assert not KnownAnswerResult.objects.exists()
    assert Entry.objects.count() == entries
    answer(known, "reject", people.carol)
    assert KnownAnswerResult.objects.get(known=known).outcome == CAUGHT
    types = list(Entry.objects.order_by("id")[entries:].values_list("type", flat=True))
    assert types == ["verdict.given", "oversight.opened"]
