"""PDFs for tests: pages of printed rows, XML attached to them, and some that were made to do harm."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence

import pikepdf
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from .make import invoice_xml

PAGE = ("Invoice INV-1", "Invoice date: 2026-03-01", "Total: 119.00 EUR")
"""What the usual invoice of `make.invoice_xml` looks like in print."""


def printed(*rows: str, invisible: Sequence[str] = ()) -> bytes:
    """One page of these rows. Two spaces in a row set the rest apart, as columns are; `invisible` rows are
    written in the mode that draws nothing."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for number, row in enumerate(rows):
        for column, text in enumerate(row.split("  ")):
            canvas.drawString(50 + 150 * column, 800 - 16 * number, text)
    for number, row in enumerate(invisible):
        text = canvas.beginText(50, 100 - 12 * number)
        text.setTextRenderMode(3)
        text.textLine(row)
        canvas.drawText(text)
    canvas.save()
    return out.getvalue()


def hybrid(*rows: str, files: Mapping[str, bytes] | None = None, invisible: Sequence[str] = ()) -> bytes:
    """A page with files attached; by default the usual invoice as `factur-x.xml`."""
    attached = {"factur-x.xml": invoice_xml()} if files is None else files
    with pikepdf.open(io.BytesIO(printed(*(rows or PAGE), invisible=invisible))) as pdf:
        for name, content in attached.items():
            pdf.attachments[name] = _file(pdf, content, name)
        return saved(pdf)


def _file(pdf: pikepdf.Pdf, content: bytes, name: str) -> pikepdf.AttachedFileSpec:
    return pikepdf.AttachedFileSpec(
        pdf, content, filename=name, description="", mime_type="text/xml", creation_date="", mod_date=""
    )


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def inflating(size: int, start: bytes = b"", times: int = 1) -> bytes:
    """A deflated stream that comes to `start` and about `size` spaces, deflated `times` over.

    One block of a megabyte is packed once and repeated, so the checksum at the end is wrong: whoever gets
    there has unpacked it all.
    """
    packed = zlib.compressobj(9)
    head = packed.compress(start) + packed.flush(zlib.Z_FULL_FLUSH)
    block = packed.compress(b" " * 1_000_000) + packed.flush(zlib.Z_FULL_FLUSH)
    content = head + block * (size // 1_000_000) + packed.flush()
    for _ in range(times - 1):
        content = zlib.compress(content, 9)
    return content


def with_stream(content: bytes, times: int, *, attached: bool) -> bytes:
    """A PDF one of whose streams is `content`: that of an attachment, or that of its page."""
    filters = pikepdf.Array([pikepdf.Name.FlateDecode] * times)
    with pikepdf.open(io.BytesIO(hybrid())) as pdf:
        stream = pikepdf.Stream(pdf, content)
        stream.Filter = filters if times > 1 else pikepdf.Name.FlateDecode
        if attached:
            stream.stream_dict.Type = pikepdf.Name.EmbeddedFile
            specification = pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec, F="a.xml", UF="a.xml", EF=pikepdf.Dictionary(F=stream, UF=stream)
            )
            tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a.xml"), specification]))
            pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=tree)
        else:
            pdf.pages[0].Contents = stream
        return saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def raw(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a table that is right."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, root, len(out))
    )


def with_packed_table(size: int) -> bytes:
    """A PDF whose table of objects is a stream that inflates to `size` bytes."""
    body = inflating(size)
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    return (
        head + b"2 0 obj\n<< /Type /XRef /Size 3 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(body), body, len(head))
    )
