"""Money on its way out: batches that a second person approves, and at most one live payment of an invoice's
part."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from audit import guards, trail
from audit.ids import new_id

from .agents import Decision
from .documents import Document
from .invoices import Invoice
from .oversight import never
from .parties import Vendor

LIVE = ("proposed", "approved", "exported", "paid")
"""Of payments, those that pay or have paid: what is refused or cancelled pays nothing."""
STATED = ("proposed", "confirmed")
"""Of payments elsewhere, those that stand: what was refused was not paid."""


class PaymentBatch(models.Model):
    """A payment run in one currency, as SEPA transfers (`scheme` empty) or cross-border. `execute_on` is the
    first day on which it pays; `copy` is the number of the bank's file that is in force, where it is not the
    first one."""

    class Scheme(models.TextChoices):
        SEPA = ""
        CROSS_BORDER = "cross_border"

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        EXPORTED = "exported"
        EXECUTED = "executed"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    currency = models.CharField(max_length=3)
    control_sum = models.DecimalField(max_digits=24, decimal_places=2)
    count = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    execute_on = models.DateField()
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    scheme = models.CharField(max_length=12, choices=Scheme, default=Scheme.SEPA, blank=True)
    copy = models.PositiveSmallIntegerField(null=True)

    history = trail.history(no_index=["number"])

    class Meta:
        db_table = "coordination_paymentbatch"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=models.F("proposed_by")),
                name="coordination_batch_four_eyes",
            )
        ]

    def __str__(self) -> str:
        return f"Payment run {self.number}"


class Clearance(models.Model):
    """The amount that a decision cleared for payment: what the invoice asked for when a ruling let it pass or
    people signed it. The newest of an invoice is in force; the database lets no payment take more
    (`CLEARED`)."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="clearances")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="clearance")
    amount = models.DecimalField(max_digits=26, decimal_places=2)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_clearance"

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


CLEARED = """
DECLARE
  taken numeric; allowed numeric; counted text;
BEGIN
  IF NEW.status NOT IN ('proposed', 'approved', 'exported', 'paid') THEN
    RETURN NULL;
  END IF;
  SELECT sum(p.amount - coalesce(p.returned, 0) + p.discount + coalesce(
           (SELECT sum(u.amount) FROM public.coordination_credituse u
               WHERE u.payment_id = p.id), 0)) INTO taken
    FROM public.coordination_payment p
   WHERE p.invoice_id = NEW.invoice_id AND p.status IN ('proposed', 'approved', 'exported', 'paid');
  SELECT c.amount, c.currency INTO allowed, counted
    FROM public.coordination_clearance c WHERE c.invoice_id = NEW.invoice_id ORDER BY c.at DESC, c.id DESC
        LIMIT 1;
  IF counted IS DISTINCT FROM NEW.currency OR taken > allowed OR NEW.discount < 0 THEN
    RAISE EXCEPTION 'payment %: % % is more than % % that was cleared', NEW.id, NEW.currency, taken, counted,
        allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coordination_payment_cleared',
            HINT = 'A payment carries what a ruling cleared or people signed, and no more.';
  END IF;
  RETURN NULL;
END
"""
"""What the database asks of a payment at commit: all that live of its invoice, with their discounts and
credits and without what came back, take no more than was cleared."""


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments."""

    def live(self) -> Self:
        """Those that pay their invoice, or have paid it."""
        return self.filter(status__in=LIVE)

    def not_cancelled(self) -> Self:
        """Those that were not taken out of their run, refused ones among them."""
        return self.exclude(status=Payment.Status.CANCELLED)


class Payment(models.Model):
    """A payment of one invoice, or of one part of it. It goes to the vendor's verified account as it was when
    proposed.

    `part` numbers the payments of an invoice that is paid in several from 1, in the order of its plan; none
    is the only one. `returned` is what came back of a payment that was made, if anything: the rest stays
    paid. `left_out` says why it left a run that was signed; such a payment is cancelled, and the bank never
    saw it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        EXPORTED = "exported"
        PAID = "paid"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="payments")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    discount = models.DecimalField(max_digits=24, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    account = models.CharField(max_length=64)
    bic = models.CharField(max_length=11, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    part = models.PositiveSmallIntegerField(null=True)
    returned = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    left_out = models.TextField(blank=True)

    objects = PaymentQuerySet.as_manager()
    history = trail.history(no_index=["batch", "invoice", "vendor"])
    database_rules = (
        guards.Rule("coordination_payment_cleared", CLEARED),
        guards.Rule("coordination_payment_no_known_answer", never("invoice_id", "A payment")),
    )

    class Meta:
        db_table = "coordination_payment"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "part"],
                condition=Q(status__in=LIVE),
                nulls_distinct=False,
                name="coordination_one_live_payment",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="coordination_payment_positive"),
            models.CheckConstraint(
                condition=Q(returned__isnull=True) | Q(returned__gt=0, returned__lte=models.F("amount")),
                name="coordination_payment_returned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


CLEARED_ELSEWHERE = """
BEGIN
  IF NEW.status IN ('proposed', 'confirmed') AND NOT EXISTS (SELECT 1 FROM (
      SELECT amount, currency FROM public.coordination_clearance WHERE invoice_id = NEW.invoice_id
       ORDER BY at DESC, id DESC LIMIT 1) c WHERE c.currency = NEW.currency AND c.amount >= NEW.amount) THEN
    RAISE EXCEPTION 'paid elsewhere %: % % is more than was cleared', NEW.id, NEW.currency, NEW.amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coordination_elsewhere_cleared';
  END IF;
  RETURN NULL;
END
"""


class PaidElsewhere(models.Model):
    """An invoice that was paid another way than by a run, with what shows it: stated by one person, confirmed
    by another."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="paid_elsewhere")
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    currency = models.CharField(max_length=3)
    paid_on = models.DateField()
    evidence = models.TextField()
    reference = models.CharField(max_length=140, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    history = trail.history(no_index=["invoice"])
    database_rules = (guards.Rule("coordination_elsewhere_cleared", CLEARED_ELSEWHERE),)

    class Meta:
        db_table = "coordination_paidelsewhere"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status__in=["proposed", "confirmed"]),
                name="coordination_paid_elsewhere_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="coordination_elsewhere_positive"),
            models.CheckConstraint(
                condition=~Q(status="confirmed")
                | (~Q(decided_by="") & ~Q(decided_by=models.F("proposed_by"))),
                name="coordination_elsewhere_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount} on {self.paid_on}"


class PaymentTerms(models.Model):
    """The day a payment is carried out and why then. Beside the payment, because the day may move until the
    bank has the file: a day that has gone by by then moves to the next on which the bank works."""

    class Basis(models.TextChoices):
        DISCOUNT = "discount"
        DUE = "due"
        AT_ONCE = "at_once"

    payment = models.OneToOneField(Payment, primary_key=True, on_delete=models.PROTECT, related_name="terms")
    execute_on = models.DateField()
    basis = models.CharField(max_length=10, choices=Basis)
    due_on = models.DateField(null=True)
    discount_until = models.DateField(null=True)

    history = trail.history(no_index=["payment"])

    class Meta:
        db_table = "coordination_paymentterms"

    def __str__(self) -> str:
        return f"{self.basis} {self.execute_on}"


class CreditUse(models.Model):
    """So much of a credit is taken off this payment. It counts while the payment lives."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="credits")
    credit = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="uses")
    amount = models.DecimalField(max_digits=24, decimal_places=2)

    class Meta:
        db_table = "coordination_credituse"
        constraints = [
            models.UniqueConstraint(fields=["payment", "credit"], name="coordination_credituse_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="coordination_credituse_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.credit_id}"


class PaymentRecall(models.Model):
    """We asked the bank to call a payment back that it has the file of. Only its answer changes the payment.

    `reason` is a code of ISO 20022 (ExternalCancellationReason1Code); `message_id` and `file_sha256` name the
    request.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="recall")
    reason = models.CharField(max_length=4)
    message_id = models.CharField(max_length=35)
    file_sha256 = models.CharField(max_length=64)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "coordination_paymentrecall"

    def __str__(self) -> str:
        return f"{self.reason} {self.payment_id}"


class BankAnswer(models.Model):
    """What one line of a bank's message says of one payment of ours, and what we made of it.

    A line about a whole file makes a row for each of its payments; a line that names nothing of ours makes
    one without a payment. `result`: it changed the payment, it only says something, we knew it, it names
    nothing of ours, or it contradicts what we know and changed nothing.
    """

    class Result(models.TextChoices):
        APPLIED = "applied"
        NOTED = "noted"
        KNOWN = "known"
        UNKNOWN = "unknown"
        CONFLICT = "conflict"

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="bank_answers")
    position = models.IntegerField()
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="bank_answers")
    status = models.CharField(max_length=10)
    code = models.CharField(max_length=4, blank=True)
    reason = models.CharField(max_length=35, blank=True)
    text = models.TextField(blank=True)
    reference = models.TextField(blank=True)
    amount = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    day = models.DateField(null=True)
    said_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=Result)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "coordination_bankanswer"
        indexes = [models.Index(fields=["result", "said_at"], name="coordination_bankanswer_result")]

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.result}"


class NextRun(models.Model):
    """The plan of the next run where it is dear to work out: one row, kept for the page that shows it.

    `acts` says what it hangs on beside the invoices (`services/payments/next_run.py`).
    """

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    worked_out_at = models.DateTimeField()
    seconds = models.FloatField()
    acts = models.TextField()
    earliest = models.DateField()
    runs = models.JSONField()
    left = models.JSONField()
    others = models.JSONField()
    unpayable = models.JSONField()

    class Meta:
        db_table = "coordination_nextrun"

    def __str__(self) -> str:
        return f"as of {self.worked_out_at}"
