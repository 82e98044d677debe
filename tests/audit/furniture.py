"""A row in every further guarded table, written past the services: what matters here is only that it is
there."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import models, transaction

from audit import ledger, sealing, trail
from audit.ids import new_id
from audit.models import Erased
from coordination.models import (
    Agent,
    Alarm,
    AuditNote,
    AuditSample,
    BankAnswer,
    Baseline,
    CalibrationTable,
    CatchRateFall,
    Coding,
    CodingExample,
    Content,
    CreditUse,
    Document,
    Drill,
    Evaluation,
    Incident,
    Invoice,
    KnownAnswer,
    KnownAnswerResult,
    LegalHold,
    PaidElsewhere,
    Payment,
    PaymentRecall,
    PaymentTerms,
    ReviewPlan,
    SampleResult,
    ServiceAlert,
    Statement,
    StatementLine,
    TranslationMap,
    UnitConversion,
    Vendor,
)
from reviews.models import Delegation, Escalation
from tests.cast import moment, today

BY = "human:0"


def there(model: type[models.Model]) -> models.Model:
    """A row of a table that the trade has filled."""
    found = model._default_manager.first()
    assert found is not None, model
    return found


@transaction.atomic
def furnish_rest() -> None:
    """Facts first, then the tracked rows with their history."""
    stamp = trail.Stamp(BY, moment(), "furnished")
    payment = Payment.objects.all()[0]
    payment.pk, payment.status = new_id(), "cancelled"  # one without terms, which takes nothing
    changes = trail.insert([payment], stamp)
    for row in facts(payment):
        trail.insert_facts([row])
    for row in tracked():
        if not type(row)._default_manager.exists():
            changes += trail.insert([row], stamp)
    trail.insert_facts([alarm()])
    changes += trail.insert([StatementLine(id=new_id(), statement=there(Statement), position=1)], stamp)
    ledger.append([ledger.Event("furniture/1", "house.furnished", BY, moment(), {}, changes)])
    gone = Erased.objects.get()
    ledger.append([ledger.Event(gone.about, "personal.erased", BY, gone.at, {"erased": [gone.commitment]})])
    many = [
        ledger.Event(f"furniture/{n % 7 + 2}", "chair.moved", BY, moment(), {"n": str(n)}) for n in range(256)
    ]
    ledger.append(many)  # enough for a stored subtree
    sealing.seal()


def facts(cancelled: models.Model) -> list[models.Model]:
    now, document, invoice = moment(), there(Document), there(Invoice)
    payment, vendor = there(Payment), there(Vendor)
    sample = AuditSample(
        id=new_id(),
        purpose="A look",
        method="random",
        seed="s",
        size=1,
        zone="UTC",
        confidence=Decimal("0.95"),
        population_digest="0" * 64,
        population_count=1,
        members=b"",
        by=BY,
        at=now,
    )
    known = KnownAnswer(
        id=new_id(),
        question=there(Escalation),
        defect="price",
        commitment="0" * 64,
        nonce="0" * 64,
        seed="s",
        source=new_id(),
        document=new_id(),
        name="x.csv",
        sha256="0" * 64,
        data=b"x",
        by=BY,
        at=now,
    )
    return [
        AuditNote(id=new_id(), subject="invoice/x", text="Seen.", by=BY, at=now),
        sample,
        SampleResult(id=new_id(), sample=sample, invoice=invoice, outcome="right", by=BY, at=now),
        BankAnswer(
            id=new_id(),
            document=document,
            position=1,
            payment=payment,
            status="RJCT",
            said_at=now,
            result="unknown",
        ),
        CodingExample(
            id=new_id(),
            vendor_id="V-1",
            account="4010",
            coded_on=today(),
            document=document,
            by=BY,
            recorded_at=now,
        ),
        CreditUse(id=new_id(), payment=cancelled, credit=invoice, amount=Decimal(1)),
        PaymentRecall(
            id=new_id(),
            payment=payment,
            reason="DUPL",
            message_id="CR-1",
            file_sha256="0" * 64,
            asked_by=BY,
            asked_at=now,
        ),
        Evaluation(
            id=new_id(),
            entry_id=-1,
            seed=1,
            invoices=1,
            defect_share=Decimal("0.3"),
            formats=["csv"],
            policy="v1",
            policy_sha256="0" * 64,
            figures={},
            figures_sha256="0" * 64,
            by=BY,
            at=now,
        ),
        UnitConversion(
            id=new_id(),
            vendor=vendor,
            unit="BX",
            per="EA",
            factor=Decimal(10),
            document=document,
            declared_at=now,
        ),
        Erased(commitment="0" * 64, kind="comment", of=BY, about="invoice/x", by=BY, why="asked", at=now),
        Baseline(
            id=new_id(),
            agent=there(Agent),
            number=1,
            text="{}",
            sha256="0" * 64,
            first_day=today(),
            last_day=today(),
            decisions=1,
            at=now,
        ),
        known,
        KnownAnswerResult(known=known, outcome="spent", let_go=Decimal(0), at=now),
    ]


def incident() -> Incident:
    """An incident of whichever agent comes first."""
    return Incident(
        id=new_id(),
        number=1,
        agent=there(Agent),
        baseline=1,
        level="warning",
        category="inputs",
        action="none",
        onset=today(),
        opened_at=moment(),
    )


def alarm() -> Alarm:
    """An alarm of the incident that is there."""
    return Alarm(
        id=new_id(),
        incident=there(Incident),
        measure="missing_po_rate",
        direction="up",
        level="warning",
        category="inputs",
        action="none",
        agent_version="1",
        evidence=40_000.0,
        entry=1,
        onset=today(),
        before=0.1,
        after=0.2,
        low=0.1,
        high=0.3,
        decisions=1,
        amount=Decimal(0),
        at=moment(),
    )


def tracked() -> list[models.Model]:
    now, document, invoice = moment(), there(Document), there(Invoice)
    first, second = User.objects.order_by("pk")[:2]
    return [
        Delegation(
            id=new_id(),
            delegator=first,
            delegate=second,
            begins=moment(),
            ends=moment() + timedelta(days=1),
            by=BY,
            at=moment(),
        ),
        Coding(id=new_id(), invoice=invoice, position=7, account="4010", status="proposed", by=BY, at=now),
        incident(),
        ServiceAlert(
            id=new_id(), kind="silent", about="a.b", urgency="now", text="It is silent.", opened_at=now
        ),
        CalibrationTable(
            id=new_id(),
            number=1,
            text="[]",
            sha256="0" * 64,
            answers=0,
            basis_from=now,
            basis_until=now,
            made_by=BY,
            made_at=now,
        ),
        ReviewPlan(
            id=new_id(),
            number=1,
            text="{}",
            sha256="0" * 64,
            decided=1,
            budget=1,
            basis_from=now,
            basis_until=now,
            made_by=BY,
            made_at=now,
        ),
        CatchRateFall(id=new_id(), queue="a.b", policy="v1", cases=40, caught=30, since=now, began_at=now),
        Drill(id=new_id(), agent="a.b", kind="unsure", share=1, seed="s", started_by=BY, started_at=now),
        LegalHold(
            id=new_id(), subject=f"invoice/{invoice.pk}", reason="A dispute", placed_by=BY, placed_at=now
        ),
        PaidElsewhere(
            id=new_id(),
            invoice=invoice,
            amount=Decimal(1),
            currency="EUR",
            paid_on=today(),
            evidence="A receipt",
            status="refused",
            proposed_by=BY,
            proposed_at=now,
        ),
        PaymentTerms(payment=there(Payment), execute_on=today(), basis="due"),
        Statement(id=new_id(), number="S-1", document=document, digest="0" * 64, received_at=now),
        TranslationMap(
            id=new_id(),
            series=new_id(),
            revision=1,
            name="Map",
            kind="invoices",
            text="{}",
            signature="0" * 64,
            sample=there(Content),
            author=BY,
            created_at=now,
        ),
    ]
