"""manage.py payments: propose, approve, export, confirm payment runs."""

import tempfile
from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from audit.errors import CountersignError
from coordination.engine import payments
from coordination.management.base import Report, ReportingCommand, day
from coordination.management.people import user_named
from coordination.models import PaymentBatch
from coordination.papers.unpayable import unpayable_csv
from reviews.models import Escalation
from reviews.policy import NOT_STATED
from reviews.services import person


class Incomplete(CountersignError):
    """This needs a run number, and a user to answer for it."""

    exit_code = 2


ACTIONS = (
    "propose", "approve", "export", "confirm", "take-out", "withdraw", "unpayable", "elsewhere",
)  # fmt: skip


class Command(ReportingCommand):
    help = (
        "Payment runs: propose all cleared invoices, approve as a second person, export pain.001.001.09, confirm; take a "
        "payment out of a run or withdraw it before it is signed; list what no run pays, and say what was "
        "paid elsewhere."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=ACTIONS)
        parser.add_argument("batch", nargs="?", type=int)
        parser.add_argument("--by", metavar="USER")
        parser.add_argument(
            "--reason", default="", metavar="CODE", help="why it is approved; none is recorded as none"
        )
        parser.add_argument("--until", metavar="DAY", type=day, help="only what is paid by then")
        parser.add_argument("-o", "--output", metavar="FILE")
        parser.add_argument(
            "--invoice", default="", metavar="NUMBER", help="to take out, or that was paid elsewhere"
        )
        parser.add_argument("--vendor", default="", metavar="ID", help="where several bill under that number")
        parser.add_argument(
            "--text", default="", help="why it is taken out or withdrawn; how it was paid elsewhere"
        )
        parser.add_argument("--reference", default="", help="of the payment made elsewhere")
        parser.add_argument("--on", metavar="DAY", type=day, help="when it was paid elsewhere")
        parser.add_argument(
            "--amount", metavar="AMOUNT", type=money, help="what was paid, where less than was asked"
        )

    def report(self, options: dict[str, Any]) -> Report:
        action: str = options["action"]
        if action == "propose":
            return self._propose(options)
        if action == "unpayable":
            return self._unpayable(options)
        if action == "elsewhere":
            return self._elsewhere(options)
        if options["batch"] is None:
            raise Incomplete("Name the payment run by its number.")
        if action == "export":
            return self._export(options)
        return Report(_batch(self._answered(action, options, _by(options))))

    def _answered(self, action: str, options: dict[str, Any], by: User) -> PaymentBatch:
        number: int = options["batch"]
        if action == "confirm":
            return payments.confirm(number, by=by)
        if action == "withdraw":
            return payments.withdraw(number, by=by, text=options["text"])
        if action == "take-out":
            found = payments.changing.in_run(number, options["invoice"], options["vendor"])
            return payments.take_out(number, found, by=by, text=options["text"])
        return payments.approve(number, by=by, reason=options["reason"] or NOT_STATED)

    def _unpayable(self, options: dict[str, Any]) -> Report:
        found = [u.as_json() for u in payments.elsewhere.unpayable()]
        if options["output"]:
            Path(options["output"]).write_bytes(unpayable_csv(found))
        text = [f"{x['invoice_number']}: {x['currency']} {x['amount']}, {x['why']}" for x in found]
        return Report({"invoices": found}, text or ["a run can pay every cleared invoice"])

    def _elsewhere(self, options: dict[str, Any]) -> Report:
        by = _by(options)
        if not options["invoice"] or options["on"] is None:
            raise Incomplete(
                "Say what and when: payments elsewhere --invoice NUMBER --on DAY --text HOW --by USER."
            )
        evidence = payments.elsewhere.Evidence(
            options["on"], options["text"], options["reference"], options["amount"]
        )
        key = payments.elsewhere.named(options["invoice"], options["vendor"])
        stated = payments.elsewhere.claim(key, evidence, by=by)
        question = Escalation.objects.get(subject=f"paid_elsewhere/{stated.id}", status="open")
        data = {
            "invoice_number": options["invoice"], "amount": f"{stated.amount:.2f}", "currency": stated.currency,
            "paid_on": stated.paid_on.isoformat(), "status": stated.status, "escalation": str(question.id),
        }  # fmt: skip
        return Report(data, [f"{options['invoice']}: another manager is asked ({question.id})"])

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


def _by(options: dict[str, Any]) -> User:
    if not options["by"]:
        what = " ".join(filter(None, [options["action"], str(options["batch"] or "")]))
        raise Incomplete(f"Say who: payments {what} --by USER.")
    return user_named(options["by"])


def money(text: str) -> Decimal:
    """An amount with at most two decimals, for argparse."""
    try:
        amount = Decimal(text)
        if amount.is_finite() and amount == amount.quantize(Decimal("0.01")):
            return amount
    except InvalidOperation:
        pass
    raise ArgumentTypeError(f"{text!r} is no amount: write it like 1190.00")


def _batch(batch: PaymentBatch) -> dict[str, Any]:
    return {
        "batch": batch.number, "status": batch.status, "currency": batch.currency, "count": batch.count,
        "control_sum": f"{batch.control_sum:.2f}", "execute_on": batch.execute_on.isoformat(),
        **payments.signatures(batch),
    }  # fmt: skip
