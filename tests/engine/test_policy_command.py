"""manage.py policy: what is in force is shown, a file is judged line by line, and only a sound one is
kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.models import Entry
from coordination.governance.policy import default_text
from coordination.models import PolicyVersion
from tests import cast
from tests.cast import Cast
from tests.engine.test_commands import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The default with another price tolerance, written over several lines."""
    data = json.loads(default_text())
    data["tolerances"]["price"]["pct"] = "3"
    return written(tmp_path, data)


def written(folder: Path, data: dict[str, Any]) -> Path:
    file = folder / "policy.json"
    file.write_text(json.dumps(data, indent=1))
    return file


def test_show_prints_the_version_in_force_with_its_rules() -> None:
    code, told = run("policy", "show")
    assert (code, told["version"], told["status"]) == (0, 1, "active")
    assert told["policy"] == json.loads(default_text())


def test_a_sound_file_has_no_findings_and_is_not_stored_by_linting(other: Path) -> None:
    assert run("policy", "lint", str(other)) == (0, {"findings": []})
    assert PolicyVersion.objects.count() == 1


def test_broken_json_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"rules": [],\n "limits": }')
    code, told = run("policy", "lint", str(file))
    assert code == 1
    assert told == {
        "findings": [{"code": "malformed", "line": 2, "rule": "", "message": "column 12: Expecting value"}]
    }


def test_a_file_that_is_not_there_and_one_that_is_no_text_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_bytes(b"\xff\xfe\x00")
    assert run("policy", "lint", str(tmp_path / "p.json"))[0] == 2
    assert run("policy", "lint", str(tmp_path / "none.json"))[0] == 2
    assert run("policy", "lint")[0] == 2


def test_loading_keeps_a_draft_once_and_leaves_what_is_in_force(other: Path, people: Cast) -> None:
    code, told = run("policy", "load", str(other), "--by", "carol")
    assert (code, told["version"], told["status"]) == (0, 2, "draft")
    assert told["author"] == f"human:{people.carol.pk}"
    assert run("policy", "load", str(other))[1]["version"] == 2
    assert run("policy", "show")[1]["version"] == 1
    assert Entry.objects.get(subject="policy/2").type == "policy.drafted"
    cast.assert_sound()


def test_a_file_with_a_fault_is_not_kept(tmp_path: Path) -> None:
    data = json.loads(default_text())
    data["rules"][-1]["then"] = "auto"
    code, told = run("policy", "load", str(written(tmp_path, data)))
    assert (code, [f["code"] for f in told["findings"]]) == (1, ["last_row_missing"])
    assert PolicyVersion.objects.count() == 1
