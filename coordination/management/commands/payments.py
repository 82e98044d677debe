"""manage.py payments: propose, approve, export, confirm payment runs."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.errors import CountersignError
from coordination.engine import payments
from coordination.management.base import Report, ReportingCommand, day
from coordination.management.people import user_named
from coordination.models import PaymentBatch
from reviews.policy import NOT_STATED
from reviews.services import person


class Incomplete(CountersignError):
    """This needs a run number, and a user to answer for it."""

    exit_code = 2


class Command(ReportingCommand):
    help = "Payment runs: propose all cleared invoices, approve as a second person, export pain.001.001.09, confirm."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["propose", "approve", "export", "confirm"])
        parser.add_argument("batch", nargs="?", type=int)
        parser.add_argument("--by", metavar="USER")
        parser.add_argument(
            "--reason", default="", metavar="CODE", help="why it is approved; none is recorded as none"
        )
        parser.add_argument("--until", metavar="DAY", type=day, help="only what is paid by then")
        parser.add_argument("-o", "--output", metavar="FILE")

    def report(self, options: dict[str, Any]) -> Report:
        action: str = options["action"]
        if action == "propose":
            return self._propose(options)
        if options["batch"] is None:
            raise Incomplete("Name the payment run by its number.")
        if action == "export":
            return self._export(options)
        if not options["by"]:
            raise Incomplete(f"Say who: payments {action} {options['batch']} --by USER.")
        by = user_named(options["by"])
        if action == "confirm":
            return Report(_batch(payments.confirm(options["batch"], by=by)))
        return Report(
            _batch(payments.approve(options["batch"], by=by, reason=options["reason"] or NOT_STATED))
        )

    def _propose(self, options: dict[str, Any]) -> Report:
        actor = person(user_named(options["by"])) if options["by"] else payments.agent()
        done = payments.propose(actor, until=options["until"])
        data = {
            "batches": [_batch(b) for b in done.batches],
            "left": [{"invoice_number": x.invoice, "why": x.why} for x in done.left],
        }
        text = [
            f"run {b.number}: {b.count} payments, {b.currency} {b.control_sum:,.2f}" for b in done.batches
        ]
        return Report(data, [*(text or ["nothing to pay"]), *(f"{x.invoice}: {x.why}" for x in done.left)])

    def _export(self, options: dict[str, Any]) -> Report:
        if not options["output"]:
            raise Incomplete("Say where to: payments export BATCH -o FILE.")
        target = Path(options["output"])
        # a folder that takes no file is found out before the run counts as exported; the file is whole or not there
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
            try:
                content = payments.export(options["batch"])
                part.write(content)
                Path(part.name).replace(target)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        return Report(
            _batch(payments.find(options["batch"])) | {"file": options["output"], "bytes": len(content)}
        )


def _batch(batch: PaymentBatch) -> dict[str, Any]:
    return {
        "batch": batch.number, "status": batch.status, "currency": batch.currency, "count": batch.count,
        "control_sum": f"{batch.control_sum:.2f}", "execute_on": batch.execute_on.isoformat(),
    }  # fmt: skip
