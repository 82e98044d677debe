"""What is past its time is said; what may be removed is, with an entry; a legal hold keeps it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical, commitments, inspection, trail
from audit.models import Entry, Personal
from coordination.assurance import access_log
from coordination.governance import retention as classes
from coordination.governance.retention import Class, RetentionInvalid
from coordination.models import AccessRecord, Content, Document, LegalHold, Quarantine, Vendor
from coordination.services.intake import quarantine
from coordination.services.retention import classes as retention
from coordination.services.retention import legal_holds
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, answer, question

LATER = timezone.now() + timedelta(days=366 * 3)
MUCH_LATER = timezone.now() + timedelta(days=366 * 12)
BROKEN = b"<not-xml of Herr Vogel"


def standing(key: str, now: datetime | None = None) -> retention.RetentionStatus:
    return next(s for s in retention.report(now) if s.of.key == key)


def applied(now: datetime, **how: Any) -> dict[str, int]:
    return {a.of.key: a.removed for a in retention.apply(now=now, **how) if a.of.erasable}


def entries_of(key: str) -> list[dict[str, Any]]:
    bodies = Entry.objects.filter(subject=f"retention/{key}").order_by("seq").values_list("body", flat=True)
    return [canonical.loads(b)["data"] for b in bodies]


@pytest.fixture
def trade(people: Cast) -> Cast:
    """An invoice that a person decided in words of their own, and that an auditor looked at."""
    cast.trade(cast.bill(unit_price="11.00"))
    answer(question(), "approve", by=people.alice, comment="Herr Vogel agreed.")
    access_log.seen(people.erin, "history", cast.invoice().subject)
    access_log.seen(people.erin, "history", "invoice/another")
    return people


# --- the classes --------------------------------------------------------------------------------------------


def one(years: int | None, *, year_end: bool) -> Class:
    return Class("invoices", "", years, year_end, False, "")


moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 12, 31), timezones=st.just(UTC))


@given(moments, moments, st.integers(1, 30))
def test_from_the_end_of_the_year_a_class_is_over_when_its_years_have_passed_whole(
    event: datetime, now: datetime, years: int
) -> None:
    cutoff = one(years, year_end=True).cutoff(now)
    assert cutoff is not None
    over = now >= datetime(event.year + years + 1, 1, 1, tzinfo=UTC)
    assert (event < cutoff) == over


@given(moments, st.integers(1, 30))
def test_from_the_event_a_class_is_over_on_the_same_day_years_later(now: datetime, years: int) -> None:
    cutoff = one(years, year_end=False).cutoff(now)
    assert cutoff is not None
    assert cutoff.year == now.year - years
    assert (cutoff.month, cutoff.day) == (now.month, now.day) or (now.month, now.day) == (2, 29)


def test_an_invoice_of_2026_is_kept_to_the_end_of_2034() -> None:
    kept = classes.default().of("invoices")
    assert (kept.years, kept.erasable, kept.words) == (8, False, "8 years from the end of the year")
    last_day, day_after = datetime(2034, 12, 31, 23, 59, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
    event = datetime(2026, 2, 3, tzinfo=UTC)
    assert not event < kept.cutoff(last_day)  # type: ignore[operator]
    assert event < kept.cutoff(day_after)  # type: ignore[operator]
    assert classes.default().of("policies").years == 10
    assert classes.default().of("ledger").cutoff(MUCH_LATER) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(keep="soon"), "keep is a number of years"),
        (lambda c: c.update(keep="0 years"), "keep is a number of years"),
        (lambda c: c.update({"from": "birth"}), "from is 'event'"),
        (lambda c: c.update(erasable=True), "erasable is true for"),
        (lambda c: c.update(erasable="no"), "erasable is true for"),
        (lambda c: c.update(extra=1), "exactly"),
        (lambda c: c.pop("basis"), "exactly"),
        (lambda c: c.update(key="rumours"), "each once"),
    ],
)
def test_classes_that_cannot_be_read_stop_everything(change: Any, said: str) -> None:
    data = json.loads(classes.DEFAULT.read_text())
    change(next(c for c in data["classes"] if c["key"] == "ledger"))
    with pytest.raises(RetentionInvalid, match=said):
        classes.load(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"classes": 3}', '{"classes": [3]}', '{"classes": []}'])
def test_a_file_that_is_no_list_of_classes_is_refused(text: str) -> None:
    with pytest.raises(RetentionInvalid):
        classes.load(text)


def test_every_class_is_one_that_can_be_found() -> None:
    assert set(retention.SOURCES) == set(classes.KEYS)
    assert {k for k, s in retention.SOURCES.items() if s.remove} == classes.ERASABLE


# --- report and removal -------------------------------------------------------------------------------------


def test_nothing_is_past_its_time_at_first(trade: Cast) -> None:
    assert [(s.past, s.due) for s in retention.report()] == [(0, 0)] * len(classes.KEYS)
    assert applied(timezone.now()) == {"personal_texts": 0, "access_log": 0, "quarantined_bytes": 0}
    assert standing("invoices").count == 1
    assert standing("access_log").count == 2


def test_what_is_past_its_time_goes_and_the_ledger_stays(trade: Cast) -> None:
    before = set(Entry.objects.values_list("hash", flat=True))
    assert applied(MUCH_LATER) == {"personal_texts": 1, "access_log": 2, "quarantined_bytes": 0}
    assert not AccessRecord.objects.exists()
    assert not Personal.objects.exists()
    assert before < set(Entry.objects.values_list("hash", flat=True))
    assert standing("invoices", MUCH_LATER).past == 1  # reported, never removed
    assert cast.invoice().number == "INV-1"
    assert inspection.verify().findings == []
    assert list(commitments.check()) == []
    cast.assert_sound()


def test_each_removal_is_an_entry_that_lists_it(trade: Cast) -> None:
    keys = sorted(AccessRecord.objects.values_list("id", flat=True))
    retention.apply(now=LATER, by=trade.carol)
    [told] = entries_of("access_log")
    assert (told["class"], told["keep"], told["count"]) == ("access_log", "2 years", "2")
    assert [int(k) for k in told["removed"]] == keys
    assert told["sha256"] == canonical.sha256("\n".join(told["removed"]).encode())
    assert told["classes_sha256"] == classes.default().sha256
    assert Entry.objects.get(subject="retention/access_log").actor == f"human:{trade.carol.pk}"
    assert entries_of("personal_texts") == []  # eight years are not over


def test_many_rows_go_in_groups_each_with_its_entry(trade: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for n in range(3):
        access_log.seen(trade.erin, "history", f"invoice/{n}")
    assert applied(LATER)["access_log"] == 5
    assert [e["count"] for e in entries_of("access_log")] == ["2", "2", "1"]


def test_a_second_run_finds_nothing(trade: Cast) -> None:
    applied(MUCH_LATER)
    entries = Entry.objects.count()
    assert set(applied(MUCH_LATER).values()) == {0}
    assert Entry.objects.count() == entries


def test_only_managers_and_the_operator_apply(trade: Cast) -> None:
    for nobody in (trade.alice, trade.erin, trade.frank):
        with pytest.raises(NotAllowed):
            retention.apply(by=nobody, now=MUCH_LATER)
    assert AccessRecord.objects.count() == 2


# --- legal holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["INV-1", "V-1/INV-1", "V-1"])
def test_a_legal_hold_on_invoice_or_vendor_keeps_all_about_it(trade: Cast, what: str) -> None:
    legal_holds.place(legal_holds.find(what), "Trial against Hartmann.", by=trade.carol)
    assert standing("access_log", MUCH_LATER).held == 1
    assert applied(MUCH_LATER) == {"personal_texts": 0, "access_log": 1, "quarantined_bytes": 0}
    assert AccessRecord.objects.get().subject == cast.invoice().subject
    held = LegalHold.objects.get()
    legal_holds.lift(held.id, "The trial is over.", by=trade.dave)
    assert applied(MUCH_LATER) == {"personal_texts": 3, "access_log": 1, "quarantined_bytes": 0}
    cast.assert_sound()


def test_a_hold_is_an_entry_on_the_invoice_and_a_version_of_its_row(trade: Cast) -> None:
    row = legal_holds.place(cast.invoice().subject, "Trial.", by=trade.carol)
    legal_holds.lift(row.id, "Over.", by=trade.dave)
    assert cast.entries(cast.invoice().subject)[-2:] == ["legal_hold.placed", "legal_hold.lifted"]
    row.refresh_from_db()
    assert (row.placed_by, row.lifted_by) == (f"human:{trade.carol.pk}", f"human:{trade.dave.pk}")
    assert trail.codec(LegalHold).history_model._default_manager.count() == 2


def test_holds_are_set_and_lifted_by_managers_with_a_reason_once(trade: Cast) -> None:
    subject = cast.invoice().subject
    for nobody in (trade.alice, trade.erin, trade.frank):
        with pytest.raises(NotAllowed):
            legal_holds.place(subject, "Trial.", by=nobody)
    with pytest.raises(legal_holds.NoReason):
        legal_holds.place(subject, " ", by=trade.carol)
    row = legal_holds.place(subject, "Trial.", by=trade.carol)
    with pytest.raises(legal_holds.HeldAlready):
        legal_holds.place(subject, "Another.", by=trade.dave)
    with pytest.raises(NotAllowed):
        legal_holds.lift(row.id, "Over.", by=trade.alice)
    legal_holds.lift(row.id, "Over.", by=trade.carol)
    with pytest.raises(legal_holds.NotHeld):
        legal_holds.lift(row.id, "Over.", by=trade.carol)
    legal_holds.place(subject, "Appeal.", by=trade.carol)


def test_what_is_held_is_named_as_people_name_it(trade: Cast) -> None:
    assert legal_holds.find(" INV-1 ") == cast.invoice().subject
    assert legal_holds.find("V-1") == f"vendor/{Vendor.objects.get().pk}"
    with pytest.raises(legal_holds.NoSuchSubject):
        legal_holds.find("INV-9")
    cast.take_in(cast.table("vendors", cast.vendor(vendor_id="V-2", vat_id="", iban=cast.OTHER_IBAN)))
    cast.take_in(cast.table("invoices", cast.bill(vendor_id="V-2", iban=cast.OTHER_IBAN)))
    with pytest.raises(legal_holds.NotOne):
        legal_holds.find("INV-1")
    assert legal_holds.find("V-2/INV-1") != legal_holds.find("V-1/INV-1")


# --- the access log and the database ------------------------------------------------------------------------


def test_the_access_log_is_not_emptied_without_an_entry(trade: Cast) -> None:
    for attack in ("DELETE FROM coordination_accessrecord", "TRUNCATE coordination_accessrecord"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
    assert AccessRecord.objects.count() == 2


# --- bytes in quarantine ------------------------------------------------------------------------------------


@pytest.fixture
def broken(people: Cast) -> Quarantine:
    cast.take_in(BROKEN)
    return Quarantine.objects.get()


def kept() -> bytes:
    return bytes(Content.objects.get().data)


def test_bytes_wait_until_their_case_is_closed_and_their_time_is_over(
    broken: Quarantine, people: Cast
) -> None:
    assert applied(LATER)["quarantined_bytes"] == 0
    quarantine.dismiss(broken.pk, actor=f"human:{people.carol.pk}")
    assert applied(timezone.now())["quarantined_bytes"] == 0
    assert kept() == BROKEN
    assert applied(LATER)["quarantined_bytes"] == 1
    assert kept() == b""
    assert Content.objects.get().size == len(BROKEN)
    assert entries_of("quarantined_bytes")[0]["removed"] == [broken.content_id]
    cast.assert_sound()


def test_a_removed_file_says_so_and_its_digest_stays(
    broken: Quarantine, people: Cast, client: Client
) -> None:
    quarantine.dismiss(broken.pk, actor="human:1")
    applied(LATER)
    client.force_login(people.erin)
    found = client.get(reverse("coordination:quarantine_original", args=[broken.pk]))
    assert found.status_code == 404
    assert "time of retention is over" in found.content.decode()


@pytest.mark.parametrize("others", [(), (b"<another",), (b"<another", b"<another")])
def test_bytes_that_come_again_are_kept_again(broken: Quarantine, others: tuple[bytes, ...]) -> None:
    quarantine.dismiss(broken.pk, actor="human:1")
    applied(LATER)
    cast.take_in(BROKEN, *others)
    assert bytes(Content.objects.get(pk=broken.content_id).data) == BROKEN
    assert Quarantine.objects.open().filter(content=broken.content_id).count() == 1


def test_bytes_of_a_document_are_never_removed(people: Cast) -> None:
    cast.take_in(cast.table("invoices", cast.bill(), cast.bill(invoice_number="")))
    row = Quarantine.objects.get()
    quarantine.dismiss(row.pk, actor="human:1")
    assert Document.objects.filter(content=row.content_id).exists()
    assert applied(MUCH_LATER)["quarantined_bytes"] == 0


@pytest.mark.parametrize(
    "attack",
    [
        r"UPDATE coordination_content SET data = '\x'",
        r"UPDATE coordination_content SET data = '\x00'",
        "UPDATE coordination_content SET size = 0",
        "DELETE FROM coordination_content",
    ],
)
def test_bytes_are_not_emptied_without_an_entry_and_never_changed(broken: Quarantine, attack: str) -> None:
    with (
        pytest.raises(IntegrityError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)
    assert kept() == BROKEN


def test_only_the_same_bytes_come_back(broken: Quarantine) -> None:
    quarantine.dismiss(broken.pk, actor="human:1")
    applied(LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Content.objects.update(data=b"other bytes")
    assert Content.objects.update(data=BROKEN) == 1


# --- commands and page --------------------------------------------------------------------------------------


def run(*arguments: str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("retention", *arguments, json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_command_reports_holds_and_removes(trade: Cast) -> None:
    held = run("hold", "INV-1", by="carol", reason="Trial.")
    assert held["stands"]
    old = timezone.now() - timedelta(days=800)
    trail.insert_facts(
        [
            AccessRecord(id=9001 + n, by="human:1", what="history", subject=s, at=old)
            for n, s in enumerate([cast.invoice().subject, "invoice/x"])
        ]
    )
    for command in (("report",), ("apply", "--dry-run")):
        [log] = [c for c in run(*command)["classes"] if c["class"] == "access_log"]
        assert (log["past"], log["held"], log["due"], log["count"]) == (2, 1, 1, 4)
    assert run("apply")["applied"][1] == {"class": "access_log", "removed": 1, "held": 1}
    assert run("lift", "INV-1", by="dave", reason="Over.")["stands"] is False
    assert run("apply", by="carol")["applied"][1]["removed"] == 1


def test_erase_is_a_command_too(trade: Cast) -> None:
    out = io.StringIO()
    call_command("erase", "person/alice", reason="asked for", by="carol", json=True, stdout=out)
    done = json.loads(out.getvalue())
    assert (len(done["removed"]), done["kept"]) == (1, 0)
    assert not Personal.objects.exists()


def test_the_page_is_for_managers_and_auditors_and_only_managers_hold(trade: Cast, client: Client) -> None:
    url, place = reverse("coordination:retention"), reverse("coordination:legal_hold_place")
    seen = {}
    for name in ("alice", "carol", "erin", "frank"):
        client.force_login(getattr(trade, name))
        seen[name] = client.get(url).status_code
        if name != "carol":
            assert client.post(place, {"subject": "INV-1", "reason": "Trial."}).status_code == 403
    assert seen == {"alice": 403, "carol": 200, "erin": 200, "frank": 403}
    assert not LegalHold.objects.exists()
    client.force_login(trade.carol)
    assert client.post(place, {"subject": "INV-1", "reason": "<b>Trial</b>"}).status_code == 302
    assert client.post(place, {"subject": "INV-1", "reason": "Again."}).status_code == 409
    assert client.post(place, {"subject": "INV-9", "reason": "None."}).status_code == 404
    page = client.get(url).content.decode()
    assert "&lt;b&gt;Trial&lt;/b&gt;" in page
    assert "Invoice INV-1, Hartmann GmbH" in page
    lift = reverse("coordination:legal_hold_lift", args=[LegalHold.objects.get().pk])
    assert client.post(lift, {"reason": "Over."}).status_code == 302
    assert client.post(lift, {"reason": "Over."}).status_code == 404
    client.force_login(trade.erin)
    page = client.get(url).content.decode()
    assert "Over." in page
    assert "Set legal hold" not in page
    assert "Retention and legal holds" in client.get(reverse("coordination:audit")).content.decode()
