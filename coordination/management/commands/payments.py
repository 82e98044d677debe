"""manage.py payments: propose, approve, export, confirm payment runs."""

import tempfile
from argparse import ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from audit.errors import CountersignError
from audit.subjects import Subject
from reviews.models import Escalation
from reviews.policy import NOT_STATED
from reviews.services import person

from ...models import PaymentBatch
from ...reports.unpayable import unpayable_csv
from ...services import payments
from ...translation.recall import FORMATS, REASONS
from ..base import Report, ReportingCommand, day
from ..people import user_named


class Incomplete(CountersignError):
    """This needs a run number, and a user to answer for it."""

    exit_code = 2


ACTIONS = (
    "propose",
    "approve",
    "export",
    "confirm",
    "take-out",
    "withdraw",
    "stop",
    "recall",
    "unpayable",
    "elsewhere",
)


class Command(ReportingCommand):
    help = (
        "Payment runs: propose all cleared invoices, approve as a second person, export pain.001.001.09,"
        " confirm; take a payment out of a run or withdraw it before it is signed; stop a run until its file"
        " exists, and ask the bank to call back what it has (camt.056); list what no SEPA transfer pays, and"
        " say what was paid elsewhere."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=ACTIONS)
        parser.add_argument("batch", nargs="?", type=int)
        parser.add_argument("--by", metavar="USER")
        parser.add_argument(
            "--reason",
            default="",
            metavar="CODE",
            help=f"why it is approved (none is recorded as none) or called back: {', '.join(REASONS)}",
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="ask for another file, which the bank takes for new; another manager agrees",
        )
        parser.add_argument(
            "--format", choices=FORMATS, default="camt.056", help="of a recall, as the bank takes it"
        )
        parser.add_argument("--until", metavar="DAY", type=day, help="only what is paid by then")
        parser.add_argument("-o", "--output", metavar="FILE")
        parser.add_argument(
            "--invoice", default="", metavar="NUMBER", help="to take out, to call back, or paid elsewhere"
        )
        parser.add_argument("--vendor", default="", metavar="ID", help="where several bill under that number")
        parser.add_argument(
            "--text",
            "--comment",
            default="",
            help="why it is taken out, withdrawn, stopped or written again; how it was paid elsewhere",
        )
        parser.add_argument("--reference", default="", help="of the payment made elsewhere")
        parser.add_argument("--on", metavar="DAY", type=day, help="when it was paid elsewhere")
        parser.add_argument(
            "--amount",
            metavar="AMOUNT",
            type=amount_argument,
            help="what was paid, where less than was asked",
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
            return self._again(options) if options["again"] else self._export(options)
        if action == "recall":
            return self._recall(options)
        return Report(_batch(self._answered(action, options, _by(options))))

    def _answered(self, action: str, options: dict[str, Any], by: User) -> PaymentBatch:
        number: int = options["batch"]
        if action == "confirm":
            return payments.confirm(number, by=by)
        if action == "stop":
            return payments.stop(number, by=by, text=options["text"])
        if action == "withdraw":
            return payments.withdraw(number, by=by, text=options["text"])
        if action == "take-out":
            found = payments.changes.in_run(number, options["invoice"], options["vendor"])
            return payments.take_out(number, found, by=by, text=options["text"])
        return payments.approve(number, by=by, reason=options["reason"] or NOT_STATED)

    def _unpayable(self, options: dict[str, Any]) -> Report:
        found = [u.as_json() for u in payments.paid_elsewhere.unpayable()]
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
        evidence = payments.paid_elsewhere.Evidence(
            options["on"], options["text"], options["reference"], options["amount"]
        )
        key = payments.paid_elsewhere.find_invoice(options["invoice"], options["vendor"])
        stated = payments.paid_elsewhere.claim(key, evidence, by=by)
        question = Escalation.objects.get(subject=Subject.of("paid_elsewhere", stated.id), status="open")
        data = {
            "invoice_number": stated.invoice.number,
            "amount": f"{stated.amount:.2f}",
            "currency": stated.currency,
            "paid_on": stated.paid_on.isoformat(),
            "status": stated.status,
            "escalation": str(question.id),
        }
        return Report(data, [f"{stated.invoice.number}: another manager is asked ({question.id})"])

    def _propose(self, options: dict[str, Any]) -> Report:
        actor = person(user_named(options["by"])) if options["by"] else payments.agent()
        done = payments.propose(actor, until=options["until"])
        data = {
            "batches": [_batch(b) for b in done.batches],
            "left": [{"invoice_number": x.invoice, "why": x.why} for x in done.left],
        }
        text = [
            f"run {b.number}: {b.count}"
            f" {'cross-border ' if b.scheme else ''}payment{'' if b.count == 1 else 's'}, {b.currency}"
            f" {b.control_sum:,.2f}"
            for b in done.batches
        ]
        return Report(data, [*(text or ["nothing to pay"]), *(f"{x.invoice}: {x.why}" for x in done.left)])

    def _export(self, options: dict[str, Any]) -> Report:
        number: int = options["batch"]
        try:
            content = _written(options, lambda: payments.export(number))
        except (payments.LeftOut, payments.NotApproved) as error:
            self.stderr.write(error.message)
            batch = _batch(payments.find(number))
            return Report(batch | {"error": error.message}, [], error.exit_code)
        return Report(_batch(payments.find(number)) | {"file": options["output"], "bytes": len(content)})

    def _again(self, options: dict[str, Any]) -> Report:
        by = _by(options)
        asked = payments.second_file.ask(options["batch"], by=by, text=options["text"] or options["reason"])
        data = _batch(payments.find(options["batch"])) | {"escalation": str(asked.id)}
        return Report(data, [f"run {options['batch']}: another manager is asked ({asked.id})"])

    def _recall(self, options: dict[str, Any]) -> Report:
        by, number = _by(options), options["batch"]
        done: list[payments.recall.Asked] = []

        def asked() -> bytes:
            done.append(
                payments.recall.ask(
                    number,
                    by=by,
                    reason=options["reason"],
                    invoice=options["invoice"],
                    vendor=options["vendor"],
                    kind=options["format"],
                )
            )
            return done[0].content

        _written(options, asked)
        found = done[0]
        data = {
            "batch": number,
            "status": found.batch.status,
            "message_id": found.recalls[0].message_id,
            "reason": found.recalls[0].reason,
            "asked_on": found.recalls[0].asked_at.date().isoformat(),
            "before": found.before,
            "file": options["output"],
            "only_the_bank": payments.recall.ONLY_THE_BANK,
            "recalled": [
                {
                    "invoice_number": r.payment.invoice.number,
                    "amount": f"{r.payment.amount:.2f}",
                    "currency": r.payment.currency,
                }
                for r in found.recalls
            ],
        }
        text = [f"{x['invoice_number']}: {x['currency']} {x['amount']}" for x in data["recalled"]]
        return Report(data, [*text, payments.recall.ONLY_THE_BANK])


def _written(options: dict[str, Any], content: Callable[[], bytes]) -> bytes:
    """Put what comes of it into the file that was named, which is whole or not there at all."""
    if not options["output"]:
        raise Incomplete(f"Say where to: payments {options['action']} BATCH -o FILE.")
    target = Path(options["output"])
    # a folder that takes no file is found out before the run counts as exported
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
        try:
            made = content()
            part.write(made)
            Path(part.name).replace(target)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return made


def _by(options: dict[str, Any]) -> User:
    if not options["by"]:
        what = " ".join(filter(None, [options["action"], str(options["batch"] or "")]))
        raise Incomplete(f"Say who: payments {what} --by USER.")
    return user_named(options["by"])


def amount_argument(text: str) -> Decimal:
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
        "batch": batch.number,
        "status": batch.status,
        "currency": batch.currency,
        "count": batch.count,
        "control_sum": f"{batch.control_sum:.2f}",
        "execute_on": batch.execute_on.isoformat(),
        "scheme": batch.scheme or "sepa",
        "left": [
            {
                "invoice_number": p.invoice.number,
                "vendor_id": p.vendor.vendor_id,
                "amount": f"{p.amount:.2f}",
                "currency": p.currency,
                "why": p.left_out,
            }
            for p in payments.withdrawal.left_out(batch)
        ],
        **payments.signatures(batch),
    }
