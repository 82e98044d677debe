"""Reading the largest files that are let in stays under 300 MB, whatever they hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_MB = 300
MEASURE = """
import sys
from coordination.translation import stream
_, documents = stream(open(sys.argv[1], "rb").read(), "big")
lines = sum(len(d.lines) for d in documents)
status = open("/proc/self/status").read()
print(lines, int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""
HEADER = (
    "invoice_number,type,line,vendor_id,issue_date,due_date,currency,order_number,order_line,item,description,quantity,"
    "unit,unit_price,line_net,tax_rate,iban,net,tax,gross,preceding_invoice\n"
)


def measured(path: Path) -> tuple[int, int]:
    """Lines read and peak memory in MB, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines, peak = done.stdout.split()
    return int(lines), int(peak)


def table() -> str:
    row = (
        "INV-{n},invoice,{line},V-1,2026-11-01,2026-12-01,EUR,PO-{n},{line},A-{item},Bolt of stainless"
        " steel,1,EA,10.00,10.00,19,DE89370400440532013000,10000.00,1900.00,11900.00,\n"
    )
    rows = (row.format(n=i // 1000, line=i % 1000 + 1, item=i % 50) for i in range(155_000))
    return HEADER + "".join(rows)


def document() -> str:
    line = (
        "<cac:InvoiceLine><cbc:ID>{n}</cbc:ID><cbc:InvoicedQuantity"
        " unitCode='EA'>1</cbc:InvoicedQuantity><cbc:LineExtensionAmount"
        " currencyID='EUR'>10.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>Bolt"
        " {n}</cbc:Name><cac:SellersItemIdentification><cbc:ID>A-{n}</cbc:ID></cac:SellersItemIdentification></cac:Item><cac:Price><cbc:PriceAmount"
        " currencyID='EUR'>10.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>"
    )
    attachment = (
        "<cac:AdditionalDocumentReference><cbc:ID>a</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject>"
        + "QUJD" * 1_900_000
        + "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    lines = "".join(line.format(n=n) for n in range(12_000))
    spaces = "urn:oasis:names:specification:ubl:schema:xsd:"
    return (
        f"<Invoice xmlns='{spaces}Invoice-2' xmlns:cac='{spaces}CommonAggregateComponents-2'"
        f" xmlns:cbc='{spaces}CommonBasicComponents-2'><cbc:ID>INV-1</cbc:ID>"
        f"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{attachment * 2}{lines}</Invoice>"
    )


@pytest.mark.parametrize(("content", "lines"), [(table, 155_000), (document, 12_000)])
def test_a_file_of_almost_25_megabytes_is_read_in_bounded_memory(
    content: object, lines: int, tmp_path: Path
) -> None:
    path = tmp_path / "big"
    path.write_text(content())  # type: ignore[operator]
    assert 18_000_000 < path.stat().st_size <= 25_000_000
    read, peak = measured(path)
    assert read == lines
    assert peak < LIMIT_MB
