"""Everything that can be taken away: who may, and that it comes as a file that no browser runs and nobody on
the way keeps."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass

import pytest

from .asking import ask
from .house import House
from .table import ALL, EVERYBODY, LEADERS, MANAGERS, READERS, TABLE

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Download:
    """How it is asked for, by whom, and what it is: media type, how its bytes begin, how its name ends."""

    method: str
    who: frozenset[str]
    media: str
    begins: bytes
    ends: str


XML = b"<?xml"
DOWNLOADS = {
    "coordination:walkthrough": Download("GET", READERS, "application/pdf", b"%PDF-", ".pdf"),
    "coordination:procedure_pdf": Download("GET", READERS, "application/pdf", b"%PDF-", ".pdf"),
    "coordination:procedure_md": Download("GET", READERS, "text/markdown", b"# ", ".md"),
    "coordination:document": Download("GET", READERS, "application/octet-stream", b"invoice_number,", ".csv"),
    "coordination:quarantine_original": Download(
        "GET", READERS, "application/octet-stream", b"<broken", ".csv"
    ),
    "coordination:status_response": Download("GET", READERS, "application/xml", XML, ".xml"),
    "coordination:checkpoint": Download("GET", READERS, "text/plain", b"countersign", ".txt"),
    "coordination:evidence": Download("POST", LEADERS, "application/zip", b"PK", ".zip"),
    "coordination:population_export": Download("POST", LEADERS, "application/zip", b"PK", ".zip"),
    "coordination:sample_csv": Download("GET", LEADERS, "text/csv", b"", ".csv"),
    "coordination:oversight_csv": Download("GET", READERS, "text/csv", b"by,", ".csv"),
    "coordination:oversight_statement": Download("POST", LEADERS, "application/zip", b"PK", ".zip"),
    "coordination:known_answer_opening": Download("GET", READERS, "application/json", b"{", ".json"),
    "coordination:confidence_replay": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:calibration_csv": Download("GET", EVERYBODY, "text/csv", b"agent,", ".csv"),
    "coordination:conformance_csv": Download("GET", LEADERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:conformance_way_csv": Download("GET", LEADERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:differing_csv": Download("GET", READERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:counted_csv": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:figure_csv": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:inbox_csv": Download("GET", READERS, "text/csv", b"number,", ".csv"),
    "coordination:inbox_xlsx": Download(
        "GET", READERS, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK", ".xlsx"
    ),
    "coordination:waiting_csv": Download("GET", READERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:mistakes_csv": Download("GET", LEADERS, "text/csv", b"", ".csv"),
    "coordination:holds_csv": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:quality_reviewed_csv": Download("GET", LEADERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:way_csv": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:counts_csv": Download("GET", EVERYBODY, "text/csv", b"kind,", ".csv"),
    "coordination:ways_csv": Download("GET", EVERYBODY, "text/csv", b"from,", ".csv"),
    "coordination:payments_unpayable": Download("GET", LEADERS, "text/csv", b"invoice_number,", ".csv"),
    "coordination:agents_csv": Download("GET", EVERYBODY, "text/csv", b"agent,", ".csv"),
    "coordination:agent_series_csv": Download("GET", EVERYBODY, "text/csv", b"day,", ".csv"),
    "coordination:agent_where_csv": Download("GET", EVERYBODY, "text/csv", b"document_type,", ".csv"),
    "coordination:agent_decisions_csv": Download("GET", EVERYBODY, "text/csv", b"at,", ".csv"),
    "coordination:incidents_csv": Download("GET", EVERYBODY, "text/csv", b"incident,", ".csv"),
    "coordination:incident_invoices_csv": Download("GET", EVERYBODY, "text/csv", b"invoice_number,", ".csv"),
    "coordination:incident_examples_csv": Download("GET", EVERYBODY, "text/csv", b"at,", ".csv"),
    "coordination:payment_file": Download("POST", MANAGERS, "application/xml", XML, ".xml"),
    "coordination:payment_recall": Download("POST", MANAGERS, "application/xml", XML, ".xml"),
}
DATA = {"coordination:agent_series": EVERYBODY}
"""What answers with JSON, for a chart of our own."""


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_download_is_a_file_for_those_who_may_have_it(name: str, house: House) -> None:
    wanted = DOWNLOADS[name]
    for person in sorted(ALL):
        found = ask(house, name, wanted.method, person)
        attached = "attachment" in found.headers.get("Content-Disposition", "")
        assert (found.status == 200, attached) == (person in wanted.who,) * 2, (person, found.status)
        if not attached:
            continue
        assert found.headers["Content-Type"].partition(";")[0] == wanted.media
        assert found.body.lstrip(b"\xef\xbb\xbf").startswith(wanted.begins)
        assert len(found.body) > 20
        [file_name] = re.findall(r'filename="([^"/\\]+)"', found.headers["Content-Disposition"])
        assert file_name.endswith(wanted.ends)
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in found.headers["Cache-Control"]


@pytest.mark.parametrize("name", DATA)
def test_data_for_a_chart_is_for_those_who_see_the_chart(name: str, house: House) -> None:
    for person in sorted(ALL):
        found = ask(house, name, "GET", person)
        assert (found.status == 200) == (person in DATA[name]), person
        if found.status == 200:
            assert found.headers["Content-Type"] == "application/json"
            json.loads(found.body)


def test_no_address_hands_out_a_file_that_is_not_named_here(house: House) -> None:
    """A new download belongs into DOWNLOADS (or DATA): who may have it, and what it is."""
    out = set()
    for name, row in TABLE.items():
        for method, who in (("GET", row.get), ("POST", row.post)):
            for person in sorted(who or ())[:1]:
                found = ask(house, name, method, person)
                if found.status == 200 and not found.headers.get("Content-Type", "").startswith("text/html"):
                    out.add(name)
    assert out == DOWNLOADS.keys() | DATA.keys()


def test_a_bundle_of_a_leader_holds_nothing_of_another_invoice(house: House) -> None:
    """The evidence of one invoice names its own entries, not its neighbours' numbers."""
    found = ask(house, "coordination:evidence", "POST", "erin")
    with zipfile.ZipFile(io.BytesIO(found.body)) as bundle:
        texts = {name: bundle.read(name).decode(errors="replace") for name in bundle.namelist()}
    assert any("RE-7701" in text for text in texts.values())
    others = ("RE-7702", "RE-7703", "RE-7711", "RE-7712")
    assert [(name, n) for name, text in texts.items() for n in others if n in text] == []
