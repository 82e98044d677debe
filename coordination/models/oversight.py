"""Cases with a known answer, put to people among the real ones, and how they ended. Only ever added to.

A known-answer case is a question without an invoice: payments, decisions, exports, key figures and messages
all hang on an invoice by a foreign key, so that none of them can contain it. The rules below keep it so at
every commit, also where foreign keys are switched off.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import guards, trail
from audit.ids import new_id
from audit.subjects import Subject

KNOWN_ANSWER = "known_answer"
"""The kind of subject, and of question."""

FALL = "catch_rate"
"""The kind of subject of a queue's catch rate."""

NO_INVOICE = """
BEGIN
  IF EXISTS (SELECT 1 FROM public.coordination_invoice WHERE id = NEW.id) THEN
    RAISE EXCEPTION 'coordination_knownanswer %: an invoice has this key', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coordination_known_answer_no_invoice';
  END IF;
  RETURN NULL;
END
"""


def never(column: str, what: str) -> str:
    """The body of a rule: no row of the table is about a known-answer case."""
    return f"""
BEGIN
  IF EXISTS (SELECT 1 FROM public.coordination_knownanswer WHERE id = NEW.{column}) THEN
    RAISE EXCEPTION '{what} of % is refused: it is a known-answer case, and nothing of it is ever paid',
        NEW.{column}
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coordination_known_answer_never_' || TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END
"""  # noqa: S608 - names of our own


class KnownAnswer(models.Model):
    """A case whose right answer was laid down before it was shown: the twin of a real invoice.

    `id` is also the key of its subject. `defect` is what is wrong with it (`domain.oversight.Defect`),
    `commitment` the SHA-256 of case, answer and `nonce` that stands in the ledger. `source` is the invoice it
    is a twin of, `seed` what its changes follow from (`times` as much of everything), `drawn_for` the
    question that the keyed draw chose (None: planted by hand), `first` the case that it repeats for a second
    reader. `story` are the entries that its page shows, `data` the bytes of its document. `source` and
    `drawn_for` are plain keys: nothing joins a case like this to an invoice.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    question = models.OneToOneField("reviews.Escalation", on_delete=models.PROTECT, related_name="+")
    defect = models.CharField(max_length=10)
    commitment = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    seed = models.CharField(max_length=64)
    times = models.SmallIntegerField(default=1)
    source = models.UUIDField()
    drawn_for = models.UUIDField(null=True)
    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    story = models.JSONField(default=list)
    document = models.UUIDField()
    name = models.TextField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    database_rules = (guards.Rule("coordination_known_answer_no_invoice", NO_INVOICE),)

    class Meta:
        db_table = "coordination_knownanswer"
        constraints = [
            models.CheckConstraint(
                condition=Q(defect__in=["price", "quantity", "bank", "duplicate", "clean"]),
                name="coordination_known_answer_defect",
            ),
            models.UniqueConstraint(fields=["drawn_for"], name="coordination_known_answer_drawn_once"),
            models.UniqueConstraint(fields=["first"], name="coordination_known_answer_repeated_once"),
            models.UniqueConstraint(fields=["document"], name="coordination_known_answer_document"),
        ]
        indexes = [models.Index(fields=["at"], name="coordination_known_answer_at")]

    def __str__(self) -> str:
        return f"{self.defect}: {self.id}"

    @property
    def subject(self) -> str:
        return Subject.of(KNOWN_ANSWER, self.id)


class KnownAnswerResult(models.Model):
    """How a known-answer case ended: caught, missed, or spent (then it counts in no rate).

    `by` is who gave the answer that counted, empty where nobody did. `seconds`: how long the case had been
    before them, None where no page says so. `let_go` is what the answer would have let go, in company
    currency. `drawn_order` is what stood first on their page (`domain.doses.DisplayOrder`), where that was
    drawn; else empty.
    """

    append_only = True

    known = models.OneToOneField(
        KnownAnswer, primary_key=True, on_delete=models.PROTECT, related_name="result"
    )
    outcome = models.CharField(max_length=6)
    verdict = models.CharField(max_length=20, blank=True)
    by = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=20, blank=True)
    seconds = models.IntegerField(null=True)
    let_go = models.DecimalField(max_digits=24, decimal_places=2)
    drawn_order = models.CharField(max_length=14, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_knownanswerresult"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["caught", "missed", "spent"]),
                name="coordination_known_answer_outcome",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="coordination_known_result_at")]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.known_id}"


class CatchRateFall(models.Model):
    """A fall of a queue's catch rate, and the doses that are in force for it until `ended_at`.

    It was seen after `cases` of a block, of which `caught` were. `doses` are the rows of `policy` as they
    stood when they began. Cases answered after `since` are counted for its end; where the policy changed
    meanwhile that is before `began_at`. One at a time for each queue.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    queue = models.CharField(max_length=40)
    policy = models.CharField(max_length=20)
    doses = models.JSONField(default=list)
    cases = models.SmallIntegerField()
    caught = models.SmallIntegerField()
    since = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=20, blank=True)

    history = trail.history()

    class Meta:
        db_table = "coordination_catchratefall"
        constraints = [
            models.UniqueConstraint(
                fields=["queue"], condition=Q(ended_at=None), name="coordination_one_fall_of_a_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} since {self.since}"

    @property
    def subject(self) -> str:
        return Subject.of(FALL, self.queue)
