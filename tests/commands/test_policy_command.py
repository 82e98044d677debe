"""manage.py policy: what is in force is shown, a file is judged line by line, and only a sound one is
kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from coordination.governance.policy import default_text
from coordination.models import PolicyVersion, Task
from coordination.services import policy_activation
from reviews.errors import LostRace, NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, standing
from tests.commands.test_commands import run

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


# --- in force -----------------------------------------------------------------------------------------------


def statuses() -> dict[int, str]:
    return dict(PolicyVersion.objects.values_list("revision", "status"))


def ask(version: str, by: str) -> Escalation:
    code, told = run("policy", "activate", version, "--by", by)
    assert (code, told["status"]) == (0, "draft")
    return Escalation.objects.get(pk=told["escalation"])


def test_a_draft_is_in_force_once_another_manager_has_agreed(other: Path, people: Cast) -> None:
    run("policy", "load", str(other))
    asked = ask("2", "carol")
    assert (asked.kind, asked.question, asked.makers) == (
        "policy",
        "Put policy v2 in force?",
        [f"human:{people.carol.pk}"],
    )
    assert [(r["words"], r["expected"], r["found"]) for r in asked.reasons] == [
        ("policy", "v1", "v2"),
        ("tolerances.price.pct", "2", "3"),
    ]
    assert statuses() == {1: "active", 2: "draft"}
    with pytest.raises(NotAllowed, match="You made what is decided here"):
        cast.answer(asked, "approve", by=people.carol)
    with pytest.raises(NotAllowed, match="decided by managers"):
        cast.answer(asked, "approve", by=people.alice)
    cast.answer(asked, "approve", by=people.dave)
    assert statuses() == {1: "retired", 2: "active"}
    entry = Entry.objects.filter(subject="policy/2").latest("seq")
    assert (entry.type, entry.actor) == ("policy.activated", f"human:{people.dave.pk}")
    assert run("policy", "show")[1]["version"] == 2
    cast.assert_sound()


def test_who_wrote_a_draft_does_not_answer_for_it_either(other: Path, people: Cast) -> None:
    run("policy", "load", str(other), "--by", "dave")
    with pytest.raises(NotAllowed, match="You made what is decided here"):
        cast.answer(ask("v2", "carol"), "approve", by=people.dave)


def test_a_refused_version_stays_a_draft(other: Path, people: Cast) -> None:
    run("policy", "load", str(other))
    cast.answer(ask("2", "carol"), "reject", by=people.dave)
    assert statuses() == {1: "active", 2: "draft"}
    cast.assert_sound()


def test_who_asks_for_what_is_asked_for_already_finds_that_question(other: Path, people: Cast) -> None:
    run("policy", "load", str(other))
    first, again = ask("2", "carol"), ask("2", "dave")
    assert first.pk == again.pk
    cast.answer(again, "approve", by=people.dave)
    with pytest.raises(LostRace):
        cast.answer(first, "approve", by=cast.person("mia", "manager"))


def test_the_agents_look_again_at_whatever_is_not_paid(other: Path, people: Cast) -> None:
    """2.5 % over the order's price: held at 2 %, not at 3 %; an agent's own hold goes when its cause does."""
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", unit_price="10.25"),
        orders=(cast.order(), cast.order(order_number="PO-2")),
        receipts=(cast.receipt(), cast.receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    assert (standing(), standing("INV-2")) == (
        ("cleared", "auto", []),
        ("validated", "escalated", ["price_over"]),
    )
    run("policy", "load", str(other))
    cast.answer(ask("2", "carol"), "approve", by=people.dave)
    cast.drain()
    assert (standing(), standing("INV-2")) == (("cleared", "auto", []), ("cleared", "auto", []))
    assert not Escalation.objects.filter(status="open").exists()
    assert not Task.objects.exists()
    cast.assert_sound()


def test_what_was_cleared_by_rules_that_are_no_more_is_taken_back(tmp_path: Path, people: Cast) -> None:
    cast.trade(bill())
    assert standing() == ("cleared", "auto", [])
    data = json.loads(default_text())
    [row] = [r for r in data["rules"] if r["id"] == "B-02"]
    row |= {"text": "gross over 1,000.00", "when": [["gross_company", ">", "1000.00"]]}
    run("policy", "load", str(written(tmp_path, data)))
    cast.answer(ask("2", "carol"), "approve", by=people.dave)
    cast.drain()
    assert standing()[1:] == ("escalated", ["over_threshold"])
    cast.assert_sound()


def test_another_version_in_force_withdraws_what_compares_with_the_one_before(
    tmp_path: Path, other: Path, people: Cast
) -> None:
    run("policy", "load", str(other))
    data = json.loads(default_text()) | {"audit_seed": "another"}
    run("policy", "load", str(written(tmp_path, data)))
    second, third = ask("2", "carol"), ask("3", "carol")
    cast.answer(third, "approve", by=people.dave)
    second.refresh_from_db()
    assert (second.status, statuses()) == ("withdrawn", {1: "retired", 2: "draft", 3: "active"})


def test_a_version_that_was_in_force_may_come_back(other: Path, people: Cast) -> None:
    run("policy", "load", str(other))
    cast.answer(ask("2", "carol"), "approve", by=people.dave)
    code, told = run("policy", "activate", "1", "--by", "carol")
    assert (code, told["status"]) == (0, "retired")
    cast.answer(Escalation.objects.get(pk=told["escalation"]), "approve", by=people.dave)
    assert statuses() == {1: "active", 2: "retired"}
    cast.trade(bill())
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_page_shows_what_would_be_another(other: Path, people: Cast, client: Client) -> None:
    run("policy", "load", str(other))
    asked = ask("2", "carol")
    client.force_login(people.dave)
    page = client.get(f"/inbox/{asked.pk}/").content.decode()
    assert "Put policy v2 in force?" in page
    assert "tolerances.price.pct: 3 instead of 2." in page


def test_a_change_at_the_end_of_a_long_rule_is_shown_to_who_puts_it_in_force(
    tmp_path: Path, people: Cast, client: Client
) -> None:
    data = json.loads(default_text())
    [row] = [r for r in data["rules"] if r["id"] == "B-02"]
    row["text"] = "gross over 10,000.00 " + "and again so much " * 20
    run("policy", "load", str(written(tmp_path, data)))
    cast.answer(ask("2", "carol"), "approve", by=people.dave)
    row["when"] = [["gross_company", ">", "99999.00"]]
    run("policy", "load", str(written(tmp_path, data)))
    [change] = [r for r in ask("3", "carol").reasons if "rule B-02" in r["sentence"]]
    assert "99999.00" in change["found"]
    assert "10000.00" in change["expected"]


@given(st.text("ab", max_size=700), st.text("ab", max_size=700), st.text("ab", max_size=700))
def test_two_settings_that_differ_are_shown_as_two_that_differ(same: str, one: str, other: str) -> None:
    shown = policy_activation._side_by_side(same + one, same + other)
    assert (shown[0] != shown[1]) is (one != other)
    assert max(map(len, shown)) <= policy_activation.LONGEST + 2
