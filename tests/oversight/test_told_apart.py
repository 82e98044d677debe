"""A classifier that sees what the page shows cannot tell known-answer cases from real ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.test import override_settings

from audit import clock
from coordination.assurance import oversight
from coordination.domain.telling_apart import told_apart
from coordination.models import KNOWN_ANSWER
from coordination.oversight import draw, planting
from coordination.services import keyed_draw
from coordination.workers import runner
from coordination.world import generate
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

MOST = 0.6


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def queue(people: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Escalation]:
    """The queue of a made trade, and as many known-answer cases, drawn as the job draws them but for keys
    that are the same in each run."""
    with clock.simulated(datetime(2026, 9, 14, 9, tzinfo=UTC)):
        made = generate(2026, 450, date(2026, 9, 14), formats=("csv", "ubl"))
        for files in (made.files, made.later):
            cast.intake(list(files.items()), actor="system:test", trust_first=True)
        runner.drain()
        place = {
            e.pk: f"{e.queue} {e.case['number']} {e.question}"
            for e in Escalation.objects.filter(kind="invoice")
        }
        monkeypatch.setattr(draw, "drawn", lambda *_: True)
        monkeypatch.setattr(keyed_draw, "seed", lambda what, key: digest(f"{what} {place[key]}"))
        monkeypatch.setattr(
            keyed_draw, "number", lambda what, key: int(keyed_draw.seed(what, key)[:12], 16) / 16**12
        )
        monkeypatch.setattr(planting, "AT_ONCE", 100)
        with override_settings(COUNTERSIGN_OVERSIGHT=5):
            known = [k.question for k in planting.run(clock.now()).cases]
    real = oversight.comparable(Escalation.objects.filter(kind="invoice"), draw.can_imitate)
    assert len(known) >= 80
    assert len(real) >= 30
    return sorted([*known, *real], key=lambda e: (e.kind, e.case["number"], e.question))


def test_a_regression_on_what_the_page_shows_comes_to_an_auc_of_at_most_60_per_cent_and_finds_what_differs(
    queue: list[Escalation],
) -> None:
    moments = oversight.moments_of(queue)
    cases = [oversight.shown(e, moments[e.id]) for e in queue]
    known = [e.kind == KNOWN_ANSWER for e in queue]
    assert told_apart(cases, known) <= MOST
    marked = [{**c, "entries": 2.0 if one else 9.0} for c, one in zip(cases, known, strict=True)]
    assert told_apart(marked, known) > 0.9
