"""docs/monitoring.md says of each measure what the code does with it, and gives the code's numbers."""

from __future__ import annotations

import re

from coordination.management.commands.monitor import Command
from coordination.monitoring import learning
from coordination.monitoring.alarms import RUN_LENGTH
from coordination.monitoring.detectors import CALM_CAP, DAY_CAP, ODDS_RATIOS
from coordination.monitoring.measures import HURTS_WEIGHS, MEASURES, Level, Response
from coordination.monitoring.observations import FIELDS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "monitoring.md").read_text()
TEXT = " ".join(PAGE.split())


def cell(response: Response) -> str:
    return f"{response.category}, {response.action(Level.CRITICAL)}"


def test_the_table_of_measures_is_that_of_the_code() -> None:
    rows = [
        [c.strip() for c in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")
    ]
    assert {row[0].strip("`"): (row[3], row[4]) for row in rows} == {
        m.name: (cell(m.up), cell(m.down)) for m in MEASURES
    }


def test_its_numbers_are_those_of_the_code() -> None:
    for words in (
        f"once in {RUN_LENGTH[Level.WARNING]:,} of its decisions",
        f"once in {RUN_LENGTH[Level.CRITICAL]:,}",
        f"{learning.MIN_DAYS} business days and {learning.MIN_DECISIONS:,} decisions",
        f"fewer than {learning.MIN_CASES} cases",
        f"{learning.PSEUDO_CASES} pseudo-cases",
        f"by more than {DAY_CAP:.0f} ({CALM_CAP:,.0f} where",
        "for odds {}, {:.0f} and {:.0f} times as high".format(*ODDS_RATIOS),
    ):
        assert words in TEXT, words
    assert HURTS_WEIGHS == 5
    assert "five times the share" in TEXT
    parser = Command().create_parser("manage.py", "monitor")
    assert parser.parse_args(["replay", "f"]).learn_days == 63
    assert "first 63 days of the calendar" in TEXT


def test_its_line_has_the_fields_that_are_read() -> None:
    example = re.search(r"\{\"at\".*?\}", PAGE, re.DOTALL)
    assert example
    assert set(re.findall(r'"(\w+)":', example[0])) == set(FIELDS)
