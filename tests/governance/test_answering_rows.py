"""What a policy says of how people answer: optional, read exactly, refused with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coordination.domain.policy import PolicyInvalid
from coordination.governance.lint import lint
from coordination.governance.policy import default_text, parse
from coordination.reports.policy_words import _answering


def text(**sections: Any) -> str:
    return json.dumps(json.loads(default_text()) | sections)


def test_a_policy_of_before_closes_months_on_their_last_day_and_has_no_backup() -> None:
    policy = parse(default_text(), 1)
    assert (policy.period_close, policy.backups, policy.backup("finance")) == (0, (), "")


@pytest.mark.parametrize(("days", "found"), [("0", 0), ("3", 3), ("20", 20), (None, None)])
def test_the_close_of_a_month_is_so_many_business_days_after_it(days: str | None, found: int | None) -> None:
    assert parse(text(period_close={"days": days}), 1).period_close == found


def test_a_backup_is_another_department() -> None:
    policy = parse(text(backup={"finance": "procurement", "procurement": "operations"}), 1)
    assert policy.backup("finance") == "procurement"
    assert policy.backup("operations") == ""


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"period_close": {"days": "-1"}}, "from 0 to 20"),
        ({"period_close": {"days": "21"}}, "from 0 to 20"),
        ({"period_close": {"days": "1.5"}}, "no whole number"),
        ({"period_close": {"days": 2}}, "number written as text"),
        ({"period_close": {"after": "2"}}, "no section such as"),
        ({"period_close": "2"}, "no section such as"),
        ({"backup": {"finance": "finance"}}, "no backup for itself"),
        ({"backup": {"finance": "bob"}}, "'bob' is none of"),
        ({"backup": {"payments": "finance"}}, "'payments' is none of"),
        ({"backup": {"finance": ["operations"]}}, "is none of"),
        ({"backup": ["finance"]}, "no section such as"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(section: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        parse(text(**section), 1)
    [fault] = lint(text(**section))
    assert fault.code == "invalid"
    assert fault.message.startswith(next(iter(section)))


def test_the_words_of_a_policy_say_it() -> None:
    plain = dict(_answering(parse(default_text(), 1)))
    assert plain["The close of a month"].startswith("noon, its last business day:")
    said = dict(_answering(parse(text(period_close={"days": "2"}, backup={"finance": "procurement"}), 1)))
    assert said["The close of a month"].startswith("noon, 2 business days after its last one:")
    assert said["Overdue in queue finance"] == "procurement answers it, too, as managers do"
    off = dict(_answering(parse(text(period_close={"days": None}), 1)))
    assert off["The close of a month"] == "no question waits for it"
