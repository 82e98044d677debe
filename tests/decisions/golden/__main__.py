"""Record the golden decisions anew, from a made-up world in a database of its own. Only for versions never
released."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-golden-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {
            "COUNTERSIGN_DATA": folder,
            "COUNTERSIGN_SAMPLING": "0",
            "DJANGO_SETTINGS_MODULE": "coordination.project.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        decisions, policies = record()
    (HERE / "decisions.jsonl").write_text("".join(f"{json.dumps(d, sort_keys=True)}\n" for d in decisions))
    (HERE / "policies.json").write_text(json.dumps(policies, indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(decisions)} decisions\n")


def record() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from datetime import date

    from audit.ledger import data_of
    from audit.models import Entry
    from coordination.services.intake import take_in
    from coordination.workers import runner
    from coordination.world import generate

    for files in (world := generate(2026, 1200, date.today())).files, world.later:  # noqa: DTZ011 - the world's day
        take_in(files.items(), actor="system:golden", source="golden")
        runner.drain()
    rows = Entry.objects.filter(type="invoice.decided", actor__startswith="agent:").order_by(
        "recorded_at", "subject", "seq"
    )
    seen, found = set(), []
    for entry in rows.iterator(500):
        data = data_of(entry.body)
        kind = (data["agent"], data["result"], tuple(sorted(set(data["reasons"]))))
        if kind in seen:
            continue
        seen.add(kind)
        first = Entry.objects.get(subject=entry.subject, type="invoice.received")
        data.pop("changes", None)
        found.append({"document": data_of(first.body)["invoice"], "decision": data})
    texts = Entry.objects.filter(type="policy.activated").values_list("body", flat=True)
    policies = {
        (d := data_of(body))["sha256"]: {"revision": d["revision"], "text": d["text"]} for body in texts
    }
    return found, policies


if __name__ == "__main__":
    main()
