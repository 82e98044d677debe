"""The page of the seals, what an invoice's page says of them, and evidence to take away."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from audit import sealing
from audit.verify import check_bundle, parse_checkpoint, read_bundle
from coordination.assurance import verification
from coordination.models import AccessRecord
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def traded(people: Cast) -> None:
    cast.trade()


def browser(user: object) -> Client:
    found = Client()
    found.force_login(user)  # type: ignore[arg-type]
    return found


def page(client: Client, name: str = "seals", *args: object) -> str:
    response = client.get(reverse(f"coordination:{name}", args=args))
    assert response.status_code == 200
    return str(response.content.decode())


def test_before_the_first_seal_the_page_says_so(people: Cast) -> None:
    told = page(browser(people.erin))
    assert "Nothing is sealed yet" in told
    assert "Nobody has verified the ledger yet" in told
    assert "Not sealed yet" in page(browser(people.erin), "invoice", cast.invoice().id)


def test_the_page_shows_checkpoint_key_and_verifications(people: Cast) -> None:
    sealed = sealing.seal()
    verification.record(verification.run(), "system:verify")
    told = page(browser(people.erin))
    assert sealed.root in told
    assert "Nothing</span>" in told
    file = browser(people.erin).get(reverse("coordination:checkpoint", args=[sealed.size]))
    assert parse_checkpoint(file.content.decode()).root.hex() == sealed.root
    assert (
        browser(people.erin).get(reverse("coordination:checkpoint", args=[sealed.size + 1])).status_code
        == 404
    )


def test_an_auditor_has_the_ledger_verified(people: Cast) -> None:
    client = browser(people.erin)
    response = client.post(reverse("coordination:seals_verify"), follow=True)
    assert "entries verified; nothing found" in response.content.decode()
    [row] = verification.Entry.objects.filter(subject=verification.SUBJECT)
    assert row.actor == f"human:{people.erin.pk}"


def test_a_finding_is_said_on_the_page_and_on_the_invoice(people: Cast) -> None:
    from tests.audit.administrator import attack

    sealing.seal()
    name = cast.invoice().subject
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = replace(body, 'finance', 'fin4nce') WHERE subject = %s AND seq = 2",
        name,
    )
    client = browser(people.erin)
    response = client.post(reverse("coordination:seals_verify"), follow=True)
    told = response.content.decode()
    assert "the ledger is not as it was written" in told
    assert "hash_mismatch" in told
    assert name in told
    assert "An entry does not match its hash" in page(client, "invoice", cast.invoice().id)


def test_an_invoice_says_its_seal_and_proves_each_entry(people: Cast) -> None:
    sealed = sealing.seal()
    client = browser(people.erin)
    told = page(client, "invoice", cast.invoice().id)
    assert f"Sealed at size {sealed.size}</span>" in told
    verification.record(verification.run(), "system:verify")
    told = page(client, "invoice", cast.invoice().id)
    assert f"Sealed at size {sealed.size}, verified" in told
    assert f"is in the tree of size {sealed.size}" in told
    assert "is the last of this invoice in the sealed heads" in told
    first = page(client, "entry", cast.invoice().id, 1)
    assert "is in the tree" in first
    assert "is the last of this invoice" not in first


def test_an_entry_that_does_not_lead_to_the_root_is_said(people: Cast) -> None:
    from tests.audit.administrator import attack

    sealing.seal()
    name = cast.invoice().subject
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = replace(body, 'finance', 'fin4nce') WHERE subject = %s AND seq = 2",
        name,
    )
    assert "does not lead to the signed root" in page(browser(people.erin), "entry", cast.invoice().id, 2)


def test_evidence_is_taken_away_and_recorded(people: Cast, tmp_path: Path) -> None:
    client = browser(people.erin)
    address = reverse("coordination:evidence", args=[cast.invoice().id])
    assert client.get(address).status_code == 405
    response = client.post(address)
    assert response["Content-Disposition"].startswith('attachment; filename="evidence-inv-1.zip"')
    target = tmp_path / "e.zip"
    target.write_bytes(response.content)
    assert check_bundle(read_bundle(target)) == []
    record = AccessRecord.objects.get(what="evidence")
    assert (record.by, record.subject) == (f"human:{people.erin.pk}", cast.invoice().subject)


@pytest.mark.parametrize(
    ("who", "reads", "verifies"),
    [("bob", 200, 403), ("carol", 200, 302), ("erin", 200, 302), ("frank", 403, 403)],
)
def test_who_reads_verifies_and_takes_away(people: Cast, who: str, reads: int, verifies: int) -> None:
    client = browser(getattr(people, who))
    sealed = sealing.seal()
    assert client.get(reverse("coordination:seals")).status_code == reads
    assert client.get(reverse("coordination:checkpoint", args=[sealed.size])).status_code == reads
    assert client.post(reverse("coordination:seals_verify")).status_code == verifies
    taken = client.post(reverse("coordination:evidence", args=[cast.invoice().id])).status_code
    assert taken == (200 if verifies == 302 else 403)
