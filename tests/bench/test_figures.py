"""The figures that the docs show are those that were measured last."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import picture, report
from tests.conftest import ROOT

RESULTS = json.loads((ROOT / "bench" / "results.json").read_text())
PAGE = (ROOT / "docs" / "performance.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"


def cost(rate: float, engine: int, postgres: int = 10, broker: int = 0) -> dict[str, Any]:
    """An engine's results, of which a picture is drawn."""
    total = engine + postgres + broker
    return {
        "decisions_per_second": rate,
        "lowest": rate * 0.9,
        "highest": rate * 1.1,
        "processor_us": total,
        "engine_us": engine,
        "postgres_us": postgres,
        "broker_us": broker,
    }


def drawn(**engines: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(picture.drawn({"engines": engines}))


def bars(drawing: ElementTree.Element, kind: str) -> list[float]:
    """Lengths of the bars of a kind, from above, without the key to the colours."""
    found = [r for r in drawing.iter(f"{SVG}rect") if kind in r.get("class", "").split() and not r.get("rx")]
    return [float(r.get("width", "")) for r in sorted(found, key=lambda r: float(r.get("y", "")))]


def test_the_table_of_the_page_is_what_was_measured() -> None:
    assert report.block(RESULTS) in PAGE


def test_the_picture_is_what_was_measured() -> None:
    assert (ROOT / "docs" / "bench.svg").read_text() == picture.drawn(RESULTS)


def test_the_page_is_written_anew_between_its_marks_only() -> None:
    other = RESULTS | {"rounds": 99}
    again = report.replaced(PAGE, other)
    assert "99 rounds" in again
    assert report.replaced(again, RESULTS) == PAGE


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        report.replaced("# Performance\n", RESULTS)


def test_bars_are_as_long_as_what_they_stand_for_fastest_first() -> None:
    slow, fast = bars(drawn(dbos=cost(100, 90), sets=cost(400, 10)), "rate")[::-1]
    assert fast == pytest.approx(4 * slow, abs=0.2)


def test_processor_time_is_divided_by_who_spends_it() -> None:
    found = drawn(celery=cost(100, 300, 100, 50), sets=cost(50, 400, 100))
    assert bars(found, "engine")[0] == pytest.approx(3 * bars(found, "postgres")[0], abs=0.2)
    assert bars(found, "broker")[0] == pytest.approx(bars(found, "postgres")[0] / 2, abs=0.2)


def test_who_does_not_see_the_bars_reads_the_rates() -> None:
    title = drawn(dbos=cost(100, 90), sets=cost(4000, 10)).findtext(f"{SVG}title")
    assert title == "Decisions per second: set-based SQL, no engine 4,000, DBOS 100."


def test_nothing_reaches_out_of_the_picture() -> None:
    found = drawn(celery=cost(123_456, 987_654, 100, 50), sets=cost(50, 400, 100))
    width = float(found.get("width", ""))
    for bar in found.iter(f"{SVG}rect"):
        assert float(bar.get("x", 0)) + float(bar.get("width", "")) <= width


def test_every_engine_has_a_name_for_people() -> None:
    assert RESULTS["engines"].keys() <= report.LABELS.keys()


def test_ratios_that_could_not_be_taken_are_left_empty() -> None:
    found = {**RESULTS["engines"]["floor"], "times_langgraph": None, "of_sets": None}
    assert re.search(r"\| \d[\d.]* \|  \|  \|", report.row("floor", found))
