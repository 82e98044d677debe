"""Personal text lies beside the ledger: bound while it is there, gone without a trace when erased, and proved
either way."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical, commitments, inspection, ledger
from audit.models import Entry, Erased, Personal
from coordination.assurance import access_log
from coordination.models import AuditNote, Hold, Vendor
from coordination.services import manual_hold
from coordination.services.retention import erasure, legal_holds
from reviews.errors import NotAllowed
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import Cast, answer, question

SECRET = "Herr Vogel from Hartmann called; his daughter is ill."
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@pytest.fixture
def asked(people: Cast) -> Escalation:
    cast.trade(cast.bill(unit_price="11.00"))
    return question()


@pytest.fixture
def said(asked: Escalation, people: Cast) -> Escalation:
    """Alice has approved, and said why in words that name somebody."""
    return answer(asked, "approve", by=people.alice, comment=SECRET)


def everything() -> str:
    """Every row of every table but the side table, as text."""
    out = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != "audit_personal":
                cursor.execute(f"SELECT t::text FROM public.{connection.ops.quote_name(table)} t")
                out += [row[0] for row in cursor.fetchall()]
    return "\n".join(out)


def erase(subject: str, by: object, reason: str = "request of 3 March") -> erasure.Erasure:
    return erasure.erase(subject, reason=reason, by=by)


# --- the commitment -----------------------------------------------------------------------------------------


@given(texts, texts, st.binary(min_size=32, max_size=32))
def test_a_commitment_opens_with_its_own_text_only(text: str, other: str, salt: bytes) -> None:
    token = commitments.PREFIX + canonical.commitment(salt, text)
    assert commitments.opens(token, salt.hex(), text)
    assert commitments.opens(token, salt.hex(), other) == (text == other)
    assert not commitments.opens(token, bytes(32).hex(), text) or salt == bytes(32)


def test_a_commitment_is_no_leaf_of_the_tree_and_differs_each_time(db: None) -> None:
    assert canonical.commitment(b"", "x") != canonical.leaf_hash(b"x")
    about = {"kind": "test", "of": "human:1", "about": "invoice/1", "at": timezone.now()}
    first, second = (commitments.commit("x", **about) for _ in range(2))  # type: ignore[arg-type]
    assert first != second
    assert commitments.reveal([first, (second,), {"k": f"so: {first}."}, 1]) == [
        "x",
        ("x",),
        {"k": "so: x."},
        1,
    ]
    assert commitments.commit("", **about) == ""  # type: ignore[arg-type]


# --- nothing personal stands anywhere else ------------------------------------------------------------------


def test_a_comment_is_in_the_side_table_and_nowhere_else(said: Escalation, people: Cast) -> None:
    [row] = Personal.objects.all()
    assert (row.value, row.of, row.about) == (SECRET, f"human:{people.alice.pk}", said.subject)
    assert SECRET in row.value
    assert SECRET not in everything()
    assert commitments.reveal(Verdict.objects.get().comment) == SECRET
    cast.assert_sound()


def test_the_reason_of_a_hold_is_in_no_row_version_and_no_question(people: Cast) -> None:
    cast.trade()
    manual_hold.hold(cast.invoice().id, SECRET, by=people.alice)
    cast.drain()
    assert question().reasons[0]["code"] == "manual_hold"
    assert Personal.objects.filter(value__contains=SECRET).count() == 2
    assert SECRET not in everything()
    assert commitments.reveal(Hold.objects.get().detail["sentence"]) == f"Alice: {SECRET}"
    cast.assert_sound()


def test_a_note_and_a_legal_hold_are_commitments_too(asked: Escalation, people: Cast) -> None:
    access_log.note(asked.subject, SECRET, by=people.erin)
    held = legal_holds.place(asked.subject, SECRET, by=people.carol)
    legal_holds.lift(held.id, SECRET, by=people.dave)
    assert SECRET not in everything()
    assert commitments.reveal(AuditNote.objects.get().text) == SECRET
    assert {c[0] for c in Personal.objects.values_list("kind")} == {"audit note", "legal hold"}


def test_pages_show_the_words(said: Escalation, people: Cast, client: Client) -> None:
    client.force_login(people.erin)
    invoice = cast.invoice()
    assert SECRET in client.get(reverse("coordination:invoice", args=[invoice.id])).content.decode()
    seq = Entry.objects.get(type="verdict.given").seq
    assert SECRET in client.get(reverse("coordination:entry", args=[invoice.id, seq])).content.decode()


# --- erasing ------------------------------------------------------------------------------------------------


def test_erasure_removes_the_text_and_leaves_every_proof_valid(
    said: Escalation, people: Cast, client: Client
) -> None:
    before = list(Entry.objects.order_by("id").values_list("id", "hash", "body"))
    done = erase("person/alice", people.carol)
    assert not Personal.objects.exists()
    assert SECRET not in everything()
    assert (
        list(
            Entry.objects.filter(id__in=[b[0] for b in before])
            .order_by("id")
            .values_list("id", "hash", "body")
        )
        == before
    )
    assert inspection.verify().findings == []
    assert list(commitments.check()) == []
    told = canonical.loads(Entry.objects.get(type="personal.erased").body)
    assert (told["subject"], told["authid"]) == (said.subject, f"human:{people.carol.pk}")
    assert [r["commitment"] for r in told["data"]["removed"]] == list(done.removed)
    client.force_login(people.erin)
    page = client.get(reverse("coordination:invoice", args=[cast.invoice().id])).content.decode()
    assert f"[erased on {timezone.localtime():%-d %b %Y} by Carol]" in page
    assert SECRET not in page


def test_texts_are_erased_by_writer_by_invoice_by_vendor_or_alone(said: Escalation, people: Cast) -> None:
    token = Verdict.objects.get().comment
    note = access_log.note(said.subject, "A note.", by=people.erin)
    assert len(erase(token, people.carol).removed) == 1
    assert commitments.reveal(note.text) == "A note."
    access_log.note(said.subject, "Another.", by=people.erin)
    assert len(erase("invoice/INV-1", people.carol).removed) == 2
    legal = legal_holds.place(f"vendor/{Vendor.objects.get().pk}", "Trial.", by=people.carol)
    legal_holds.lift(legal.id, "Over.", by=people.carol)
    access_log.note(said.subject, "A third.", by=people.erin)
    assert len(erase("vendor/V-1", people.carol).removed) == 3
    with pytest.raises(erasure.NothingThere):
        erase("person/alice", people.carol)


def test_a_legal_hold_keeps_texts_and_says_how_many(said: Escalation, people: Cast) -> None:
    legal_holds.place(said.subject, "Trial.", by=people.carol)
    done = erase("person/alice", people.dave)
    assert (done.removed, done.kept) == ((), 1)
    assert Personal.objects.filter(value=SECRET).exists()
    asked_for = canonical.loads(Entry.objects.get(type="erasure.requested").body)["data"]
    assert (asked_for["removed"], asked_for["kept"], asked_for["kept_because"]) == ("0", "1", "legal hold")


def test_only_managers_erase_and_only_with_a_reason_and_a_subject(said: Escalation, people: Cast) -> None:
    for nobody in (people.alice, people.erin, people.frank):
        with pytest.raises(NotAllowed):
            erase("person/alice", nobody)
    with pytest.raises(erasure.NoReason):
        erase("person/alice", people.carol, "  ")
    for wrong in ("alice", "person/nobody", "invoice/", "order/PO-1"):
        with pytest.raises(erasure.NobodySuch):
            erase(wrong, people.carol)
    with pytest.raises(legal_holds.NoSuchSubject):
        erase("invoice/none", people.carol)
    assert Personal.objects.count() == 1


# --- attacks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM audit_personal",
        "UPDATE audit_personal SET value = 'x'",
        "TRUNCATE audit_personal",
        "UPDATE audit_erased SET why = 'x'",
        "DELETE FROM audit_erased",
    ],
)
def test_no_text_leaves_without_an_entry_and_none_changes(
    said: Escalation, people: Cast, attack: str
) -> None:
    access_log.note(said.subject, "Words.", by=people.erin)
    token = Verdict.objects.get().comment
    if "erased" in attack:
        erase(token, people.carol)
    else:
        connection.check_constraints()
    if attack == "DELETE FROM audit_personal":  # the entry of another transaction does not help
        assert not Entry.objects.filter(type="personal.erased").exists()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert Personal.objects.exists()


def test_a_text_that_was_swapped_is_found(said: Escalation) -> None:
    """Whoever can switch triggers off can change a text, but not the commitment to it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_personal DISABLE TRIGGER audit_append_only")
        cursor.execute("UPDATE audit_personal SET value = 'He said pay at once.'")
        assert cursor.rowcount == 1
    assert [f.code for f in commitments.check()] == ["personal_altered"]


def test_a_text_that_went_without_an_entry_is_found(said: Escalation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_personal DISABLE TRIGGER audit_erase")
        cursor.execute("DELETE FROM audit_personal")
        assert cursor.rowcount == 1
    [found] = commitments.check()
    assert (found.code, found.subject) == ("personal_missing", said.subject)


def test_an_erasure_that_no_entry_lists_is_found(said: Escalation) -> None:
    text = Personal.objects.get()
    at = timezone.now()
    ledger.append([ledger.Event("erasure/1", "personal.erased", "human:1", at, {"removed": []})])
    commitments.erase([text], by="human:1", why="hush", at=at)
    assert not Personal.objects.exists()
    assert [f.code for f in commitments.check()] == ["erasure_unrecorded"]


def test_a_vendor_that_writes_what_looks_like_a_commitment_raises_no_alarm(people: Cast) -> None:
    """A false alarm would be as bad: only fields that we fill ourselves count."""
    trick = f"{commitments.PREFIX}{'a' * 64}"
    cast.trade(cast.bill(description=trick, unit_price="11.00"))
    assert any(trick in body for body in Entry.objects.values_list("body", flat=True))
    assert list(commitments.check()) == []
    assert commitments.reveal({"description": trick}) == {"description": trick}
    answer(question(), "approve", by=people.alice, comment=trick)
    assert commitments.reveal(Verdict.objects.get().comment) == trick
    assert list(commitments.check()) == []


def test_erasure_is_idempotent_under_a_repeated_request(said: Escalation, people: Cast) -> None:
    erase("person/alice", people.carol)
    with pytest.raises(erasure.NothingThere):
        erase("person/alice", people.carol)
    assert Erased.objects.count() == 1
    assert Entry.objects.filter(type="personal.erased").count() == 1
