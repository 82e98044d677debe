"""A population is handed over whole, counted twice, signed, and recorded; a command and a page do it."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import keys, sampling
from audit.canonical import loads
from audit.models import Entry
from coordination.assurance import population_query, populations, samples
from coordination.assurance.population_query import BadQuery, search_of
from coordination.assurance.search import Search
from coordination.models import AccessRecord, Document, Invoice
from coordination.reports import manifest as paper
from coordination.reports.writers import FORMATS
from coordination.views import reports
from tests import cast
from tests.cast import Cast, answer, bill, order, question, receipt

from .pile import pile

pytestmark = pytest.mark.django_db


def command(*args: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON and standard error of `manage.py population`."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("population", *args, "--json", stdout=out, stderr=err)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(out.getvalue() or "{}"), err.getvalue()


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


# --- what is in it ---------------------------------------------------------------------------------


def two() -> None:
    """INV-1 is clear, RE-2 is over the price."""
    cast.trade(
        bill(),
        bill(invoice_number="RE-2", order_number="PO-2", unit_price="20.00"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )


def test_a_population_is_what_the_search_finds_with_all_that_stands_behind_it(
    people: Cast, tmp_path: Path
) -> None:
    two()
    target = tmp_path / "p.csv"
    code, told, _ = command(
        "--query", "code=price_over&since=2026-01-01", "--format", "csv", "-o", str(target)
    )
    assert code == 0
    [line] = lines(target)
    row = cast.invoice("RE-2")
    head = Entry.objects.filter(subject=row.subject).latest("seq")
    assert (line["invoice_number"], line["gross"], line["holds"]) == ("RE-2", "2380.00", "price_over")
    assert (line["entries"], line["last_entry_hash"]) == (str(head.seq), head.hash)
    assert line["document_sha256"] == row.document.content_id
    assert (told["count"], told["totals"][0]["gross"]) == ("1", "2380.00")
    assert told["query"]["code"] == "price_over"
    assert told["query"]["since"] == "2026-01-01"
    assert set(told["query"]) == set(Search.__slots__)
    assert told["policy"]["revision"] == "1"
    assert told["zone"] == "UTC"
    assert told["by"] == "system:command"
    assert "checkpoint" in told


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_signed_recorded_and_genuine(people: Cast, tmp_path: Path, form: str) -> None:
    pile(12)
    target = tmp_path / f"p.{form}"
    code, told, _ = command("--format", form, "-o", str(target), "--by", "erin")
    assert (code, told["count"]) == (0, "12")
    subject = f"population/{told['id']}"
    entry = Entry.objects.get(subject=subject)
    data = loads(entry.body)["data"]
    assert (entry.type, entry.actor) == ("population.exported", f"human:{people.erin.pk}")
    assert data["file"]["sha256"] == told["file"]["sha256"]
    assert (data["count"], data["totals"], data["digest"]) == (told["count"], told["totals"], told["digest"])
    look = AccessRecord.objects.get()
    assert (look.by, look.what, look.subject) == (f"human:{people.erin.pk}", "population", subject)
    code, checked, _ = command("--verify", str(target))
    assert (code, checked["problems"], checked["recorded"]) == (0, [], True)
    cast.assert_sound()


def test_a_zip_has_list_and_manifest_together(people: Cast, tmp_path: Path) -> None:
    pile(3)
    code, told, _ = command("-o", str(tmp_path / "p.zip"))
    assert code == 0
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert sorted(archive.namelist()) == sorted([told["file"]["name"], "manifest.json"])
    assert command("--verify", str(tmp_path / "p.zip"))[0] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["p.zip"]


def test_a_sample_of_the_same_search_is_of_the_same_population(people: Cast, tmp_path: Path) -> None:
    pile(9, bill(invoice_number="CN-1", type="credit_note", order_number=""))
    _, told, _ = command("-o", str(tmp_path / "p.csv"))
    wish = samples.SampleRequest(Search(), "random", 2, "Same?", seed="s")
    assert samples.draw(wish, by=people.erin).population_digest == told["digest"]
    assert sampling.digest(population_query.taken(Search()).items) == told["digest"]
    assert told["totals"][0]["credit_notes"] == "1"


def test_nothing_found_is_a_population_too(people: Cast, tmp_path: Path) -> None:
    pile(1)
    code, told, _ = command("--query", "text=nobody", "-o", str(tmp_path / "p.jsonl"), "--format", "jsonl")
    assert (code, told["count"], told["totals"]) == (0, "0", [])
    assert command("--verify", str(tmp_path / "p.jsonl"))[0] == 0


def test_days_are_those_of_the_zone_that_is_named(people: Cast, tmp_path: Path) -> None:
    pile(1)
    received = cast.invoice().received_at
    east = received.astimezone(timezone.get_fixed_timezone(14 * 60)).date().isoformat()
    query = f"since={east}&until={east}"
    _, told, _ = command("--query", query, "--zone", "Pacific/Kiritimati", "-o", str(tmp_path / "e.csv"))
    assert (told["count"], told["zone"]) == ("1", "Pacific/Kiritimati")
    west = received.astimezone(timezone.get_fixed_timezone(-11 * 60)).date().isoformat()
    counts = [
        command("--query", f"since={east}&until={east}", "--zone", zone, "-o", str(tmp_path / "w.csv"))[1][
            "count"
        ]
        for zone in ("Pacific/Pago_Pago",)
    ]
    assert (counts == ["1"]) == (east == west)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("colour=red", "no part of a search"),
        ("code=a&code=b", "twice"),
        ("least=much", "cannot be read"),
        ("since=2026-02-30", "cannot be read"),
        ("text=" + "x" * 3000, "too long"),
    ],
)
def test_a_search_that_cannot_be_read_hands_nothing_over(
    people: Cast, tmp_path: Path, query: str, why: str
) -> None:
    code, _, error = command("--query", query, "-o", str(tmp_path / "p.csv"))
    assert code == 2
    assert why in error
    assert list(tmp_path.iterdir()) == []
    assert not Entry.objects.filter(subject__startswith="population/").exists()


def test_the_whole_search_survives_its_query() -> None:
    wanted = Search(
        text="a b&c=d",
        code="price_over",
        actor="Ann",
        rule="T-01",
        least="1",
        most="2",
        since="2026-01-01",
        until="2026-01-02",
    )
    assert search_of(wanted.query) == wanted
    assert search_of("") == Search()
    with pytest.raises(BadQuery):
        search_of("text")


@pytest.mark.parametrize("args", [["--zone", "Mars/Olympus"], ["--by", "nobody"], [], ["--zone", "../etc"]])
def test_what_the_command_cannot_do_it_says(people: Cast, tmp_path: Path, args: list[str]) -> None:
    where = ["-o", str(tmp_path / "p.csv")] if args else []
    code, _, error = command(*args, *where)
    assert code == 2
    assert error.strip()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("who", ["alice", "frank"])
def test_only_managers_and_auditors_take_populations_away(people: Cast, tmp_path: Path, who: str) -> None:
    assert command("--by", who, "-o", str(tmp_path / "p.csv"))[0] == 4
    assert list(tmp_path.iterdir()) == []


def test_rows_and_database_that_do_not_agree_hand_nothing_over(
    people: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pile(3)
    real = population_query.rows
    monkeypatch.setattr(population_query, "rows", lambda wanted: list(real(wanted))[:-1])
    code, _, error = command("-o", str(tmp_path / "p.csv"))
    assert code != 0
    assert "do not agree" in error
    assert list(tmp_path.iterdir()) == []
    assert not AccessRecord.objects.exists()


# --- the check -------------------------------------------------------------------------------------


def test_an_altered_list_is_found(people: Cast, tmp_path: Path) -> None:
    pile(3)
    target = tmp_path / "p.csv"
    command("-o", str(target))
    target.write_bytes(target.read_bytes().replace(b"INV-2", b"INV-9"))
    code, told, _ = command("--verify", str(target))
    assert (code, told["problems"]) == (1, ["The file is not the one the manifest was made for."])


def test_a_population_of_another_installation_is_not_ours(people: Cast, tmp_path: Path) -> None:
    pile(2)
    target = tmp_path / "p.csv"
    _, told, _ = command("-o", str(target))
    signer = keys.signer()
    forged = told | {"id": "00000000-0000-0000-0000-000000000000"}
    Path(f"{target}.manifest.json").write_bytes(paper.signed(forged, signer.sign, signer.public, signer.name))
    code, found, _ = command("--verify", str(target))
    assert code == 1
    assert "ledger does not say" in found["problems"][0]
    key = base64.b64encode(signer.public).decode()
    assert command("--verify", str(target), "--key", key)[0] == 0  # elsewhere there is no ledger to ask
    assert command("--verify", str(target), "--key", base64.b64encode(bytes(32)).decode())[0] == 1
    assert command("--verify", str(target), "--key", "no key")[0] == 2
    assert command("--verify", str(tmp_path / "nothing.csv"))[0] == 2


def test_the_signing_key_is_made_once_and_is_its_owner_s_alone(data_dir: Path) -> None:
    first, second = keys.signer(), keys.signer()
    assert first.public == second.public
    assert ((data_dir / "keys" / "seal.key").stat().st_mode & 0o777) == 0o600


# --- the page --------------------------------------------------------------------------------------


def browser(user: Any) -> Client:
    found = Client()
    found.force_login(user)
    return found


def test_an_auditor_takes_what_was_found_from_the_page(people: Cast, tmp_path: Path) -> None:
    two()
    auditor = browser(people.erin)
    page = auditor.get(reverse("coordination:audit"), {"code": "price_over"}).content.decode()
    assert reverse("coordination:population_export") in page
    assert 'value="code=price_over"' in page
    response = auditor.post(
        reverse("coordination:population_export"), {"query": "code=price_over", "format": "csv"}
    )
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    (tmp_path / "p.zip").write_bytes(response.content)
    found = paper.verify(tmp_path / "p.zip", keys.signer().public)
    assert found.problems == []
    assert found.manifest["by"] == f"human:{people.erin.pk}"
    assert AccessRecord.objects.get(what="population").subject == f"population/{found.manifest['id']}"


def test_a_decision_by_a_person_is_in_the_population_of_that_person(people: Cast, tmp_path: Path) -> None:
    two()
    answer(question("RE-2"), "approve", by=people.alice)
    _, told, _ = command("--query", "actor=Alice", "-o", str(tmp_path / "p.csv"))
    assert [x["invoice_number"] for x in lines(tmp_path / "p.csv")] == ["RE-2"]
    assert told["totals"] == [
        {"currency": "EUR", "count": "1", "gross": "2380.00", "credit_notes": "0", "credit_gross": "0.00"}
    ]


def test_others_find_no_button_and_are_refused(people: Cast) -> None:
    two()
    url = reverse("coordination:population_export")
    for who, status in (("alice", 403), ("frank", 403), ("carol", 200)):
        assert browser(getattr(people, who)).post(url, {"query": "", "format": "csv"}).status_code == status
    assert (
        url not in browser(people.alice).get(reverse("coordination:audit"), {"text": "INV"}).content.decode()
    )
    assert browser(people.erin).get(url).status_code == 405


@pytest.mark.parametrize(
    "data", [{"query": "x=y", "format": "csv"}, {"query": "", "format": "docx"}, {"query": ""}]
)
def test_what_the_page_cannot_do_it_says(people: Cast, data: dict[str, str]) -> None:
    response = browser(people.erin).post(reverse("coordination:population_export"), data)
    assert response.status_code == 400
    assert not AccessRecord.objects.exists()


def test_too_much_for_a_page_is_said_with_the_command(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pile(3)
    monkeypatch.setattr(reports, "MOST_ON_PAGE", 2)
    url = reverse("coordination:population_export")
    response = browser(people.erin).post(url, {"query": "text=INV", "format": "csv"})
    assert response.status_code == 413
    assert "manage.py population --query" in response.content.decode()


def test_the_queries_do_not_grow_with_the_rows(people: Cast, django_assert_max_num_queries: Any) -> None:
    pile(60)
    assert Document.objects.exists()
    with django_assert_max_num_queries(6):
        assert len(list(population_query.rows(Search()))) == Invoice.objects.count() == 60
    assert populations.FORMATS is FORMATS
