"""manage.py monitor replay: one JSON object or a readable table; a stream with a bad line teaches nothing."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from coordination.world.recorded_stream import Shift, Work, recorded_stream
from tests import cast
from tests.conftest import ROOT

SHIFTED = list(
    recorded_stream(Work(per_day=120), 3, lines=9_000, shift=Shift("approve_rate", odds=4.0, day=50))
)


def written(folder: Path, rows: list[Any]) -> Path:
    file = folder / "stream.jsonl"
    file.write_bytes(b"".join((r if isinstance(r, bytes) else orjson.dumps(r)) + b"\n" for r in rows))
    return file


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `monitor replay`. No test here has a database."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("monitor", "replay", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_it_prints_what_was_learned_and_each_alarm_with_its_eight_fields(tmp_path: Path) -> None:
    code, out, _ = run(written(tmp_path, SHIFTED), "--json")
    told = json.loads(out)
    assert code == 0
    assert told.keys() == {"learned", "alarms"}
    assert 4_000 < told["learned"] < 7_000
    alarm = told["alarms"][0]
    assert alarm == {
        "index": alarm["index"],
        "at": SHIFTED[alarm["index"]]["at"],
        "agent": "finance.validation",
        "measure": "approve_rate",
        "direction": "up",
        "level": "warning",
        "category": "behaviour",
        "action": "qa_boost",
    }
    assert (told["alarms"][1]["level"], told["alarms"][1]["action"]) == ("critical", "open")


def test_without_json_it_says_in_words_what_moved(tmp_path: Path) -> None:
    code, out, _ = run(written(tmp_path, SHIFTED))
    assert code == 0
    assert "learned from" in out
    assert re.search(
        r"twice the odds of approvals would be noticed after about [\d,]+ decisions, \d+ days", out
    )
    assert re.search(r"by chance there is a warning about once in [\d,]+ days at most", out)
    assert "WARNING finance.validation: approve_rate up" in out
    assert "by chance about once in" in out


def test_a_stream_that_only_teaches_has_no_alarm(tmp_path: Path) -> None:
    file = written(tmp_path, SHIFTED[:2_000])
    assert json.loads(run(file, "--json")[1]) == {"learned": 2_000, "alarms": []}
    assert run(file)[1].endswith("\nNothing was watched: all of it was learned from.\n")
    assert "No alarm" not in run(file)[1]


def test_where_something_was_watched_and_nothing_moved_there_is_no_alarm(tmp_path: Path) -> None:
    steady = list(recorded_stream(Work(per_day=120), 3, lines=8_200))
    assert run(written(tmp_path, steady))[1].endswith("No alarm.\n")


def test_an_empty_file_teaches_nothing(tmp_path: Path) -> None:
    assert json.loads(run(written(tmp_path, []), "--json")[1]) == {"learned": 0, "alarms": []}
    code, out, _ = run(written(tmp_path, []))
    assert (code, out) == (0, "There is no decision in it: nothing was learned, and nothing was watched.\n")


def test_days_to_learn_from_and_what_is_slow_are_options(tmp_path: Path) -> None:
    file = written(tmp_path, SHIFTED)
    fewer = json.loads(run(file, "--learn-days", "30", "--json")[1])
    usual = json.loads(run(file, "--json")[1])
    assert fewer["learned"] < usual["learned"]
    slower = [row | {"latency_ms": row["latency_ms"] + 500 * (i > 6_000)} for i, row in enumerate(SHIFTED)]
    file = written(tmp_path, slower)

    def late(*options: str) -> bool:
        alarms = json.loads(run(file, "--json", *options)[1])["alarms"]
        return any(a["measure"] == "latency_sla_miss_share" for a in alarms)

    assert late("--sla-ms", "600")
    assert not late()


def test_a_bad_line_is_named_and_the_stream_refused(tmp_path: Path) -> None:
    rows = [*SHIFTED[:10], SHIFTED[10] | {"outcome": "perhaps"}, *SHIFTED[11:20], b"{"]
    code, out, err = run(written(tmp_path, rows), "--json")
    assert code == 2
    assert err.splitlines() == [
        "line 11: outcome is approve, reject or escalate, not 'perhaps'",
        "line 21: no JSON",
        "Nothing was learned.",
    ]
    assert json.loads(out) == {"error": err.strip()}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reviewed": False}, "reviewed is no, escalated or sample, not false"),
        ({"verdict": ""}, "verdict is null, confirmed or overridden, not ''"),
        ({"outcome": None}, "outcome is approve, reject or escalate, not null"),
        ({"po_missing": "no"}, "po_missing is true or false, not 'no'"),
        ({"confidence": "0.9"}, "confidence is a number, not '0.9'"),
        ({"agent": ["a"]}, "agent is text, not a list"),
        ({"amount": {}}, "amount is a number, or text that is one, not an object"),
        ({"amount": "9.99E+999998"}, "amount has more than 22 digits before the point: '9.99E+999998'"),
        ({"amount": "-1E+999999999"}, "amount has more than 22 digits before the point: '-1E+999999999'"),
        ({"amount": 1e308}, "amount has more than 22 digits before the point: 1e+308"),
        (
            {"amount": "7" * 4300},
            "amount has more than 22 digits before the point: '" + "7" * 59 + "…",
        ),
        ({"amount": "x" * 5_000_000}, "amount is no number: '" + "x" * 59 + "…"),
        ({"at": "x" * 5_000_000}, "at is no time: '" + "x" * 59 + "…"),
        ({"doc_type": 5, "verdict": "y" * 9_999}, "doc_type is text, not 5"),
        ({"verdict": "y" * 9_999}, "verdict is null, confirmed or overridden, not '" + "y" * 59 + "…"),
        *(
            ({"at": at}, f"at is not between the years 1900 and 2999: '{at}'")
            for at in ("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59")
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_line_and_what_it_may_be(
    tmp_path: Path, wrong: dict[str, Any], words: str
) -> None:
    rows = [*SHIFTED[:2_500], SHIFTED[2_500] | wrong]
    code, _, err = run(written(tmp_path, rows), "--learn-days", "5")
    assert (code, err.splitlines()) == (2, [f"line 2501: {words}", "Nothing was learned."])


@pytest.mark.parametrize("amount", ["9" * 22, "1E-999999", "-12.30", "0"])
def test_the_largest_and_the_smallest_amount_can_be_summed_and_shown(tmp_path: Path, amount: str) -> None:
    code, out, _ = run(written(tmp_path, [row | {"amount": amount} for row in SHIFTED]))
    assert code == 0
    assert "WARNING finance.validation: approve_rate up" in out


@pytest.mark.parametrize("at", ["1900-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_the_first_and_the_last_day_that_can_be_meant_are_read(tmp_path: Path, at: str) -> None:
    code, out, _ = run(written(tmp_path, [SHIFTED[0] | {"at": at}] * 1_500))
    assert code == 0
    assert "learned from 1,500 decisions" in out


def test_learning_longer_than_the_calendar_goes_is_learning_all_the_time(tmp_path: Path) -> None:
    code, out, _ = run(written(tmp_path, SHIFTED), "--learn-days", "999999999")
    assert code == 0
    assert out.endswith("Nothing was watched: all of it was learned from.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay", "nowhere.jsonl"), "No such file or directory"),
        (("replay", "nowhere.jsonl", "--learn-days", "0"), "'0' is no whole number above 0"),
        (("replay", "nowhere.jsonl", "--sla-ms", "soon"), "'soon' is no whole number above 0"),
        (("look", "nowhere.jsonl"), "invalid choice: 'look'"),
        (("replay",), "Name the file with the recorded decisions."),
    ],
)
def test_a_mistake_is_one_line_and_one_object_and_no_database_is_asked(
    arguments: tuple[str, ...], words: str
) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "monitor", *arguments, "--json"]
    environment = cast.environment() | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout) == {"error": done.stderr.strip()}
