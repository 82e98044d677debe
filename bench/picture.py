"""python -m bench.picture RESULTS PICTURE: draw what `python -m bench` measured, as bars.

Left the decisions per second, with a line from the lowest to the highest round; right the processor time of
a decision, divided by who spends it. Fastest first. The picture is dark where its reader's pages are.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .report import LABELS, Results

WIDTH, NAMES, EDGE = 900, 204, 16
TOP, ROW, BAR = 84, 30, 16
GAP, ROOM = 36, 62
"""Pixels: between the panels, and beside a bar for its number."""

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2937 }
  .head, .own { font-weight: 600 } .quiet { fill: #5b6472; font-size: 12px }
  .number { font-variant-numeric: tabular-nums } .end { text-anchor: end }
  .rate { fill: #9aa7b8 } .rate.mine { fill: #0f766e } .span { stroke: #1f2937; stroke-width: 1.5 }
  .engine { fill: #4f7cac } .postgres { fill: #c98a2b } .broker { fill: #b4534e } .axis { stroke: #c9d0d9 }
  .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ee } .quiet { fill: #a3adba }
    .rate { fill: #5d6b7d } .rate.mine { fill: #2aa99b } .span { stroke: #e6e9ee }
    .engine { fill: #6d9bd1 } .postgres { fill: #dba347 } .broker { fill: #d9766f } .axis { stroke: #3c4552 }
    .page { fill: #0d1117 }
  }
"""
SPENDERS = (("engine", "engine"), ("postgres", "PostgreSQL"), ("broker", "Redis"))


@dataclass(frozen=True)
class Panel:
    """A column of bars: where it begins, how wide the longest may be, and what the longest stands for."""

    left: float
    width: float
    most: float

    def length(self, value: float) -> float:
        return value / self.most * self.width


def drawn(results: Results) -> str:
    """The picture, as SVG with text as text."""
    rows = sorted(results["engines"].items(), key=lambda item: -item[1]["decisions_per_second"])
    half = (WIDTH - NAMES - GAP - 2 * EDGE) / 2
    rates = Panel(EDGE + NAMES, half - ROOM, max(found["highest"] for _, found in rows))
    spent = Panel(EDGE + NAMES + half + GAP, half - ROOM, max(found["processor_us"] for _, found in rows))
    height = TOP + ROW * len(rows) + EDGE
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f'<title id="title">{escape(said(rows))}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        *heads(rates, spent, any(found["broker_us"] for _, found in rows)),
        *(axis(panel, height) for panel in (rates, spent)),
    ]
    for number, (name, found) in enumerate(rows):
        parts += line(name, found, TOP + ROW * number, rates, spent)
    return "\n".join([*parts, "</svg>"]) + "\n"


def said(rows: list[tuple[str, dict[str, Any]]]) -> str:
    """The rates in words, for those who do not see the bars."""
    rates = (f"{LABELS[name]} {found['decisions_per_second']:,.0f}" for name, found in rows)
    return f"Decisions per second: {', '.join(rates)}."


def heads(rates: Panel, spent: Panel, broker: bool) -> list[str]:
    """What the panels show, and the colours of the right one."""
    found = [
        text(rates.left, 32, "Decisions per second", "head"),
        text(rates.left, 52, "more is better; the line spans the rounds", "quiet"),
        text(spent.left, 32, "Processor time of a decision, µs", "head"),
    ]
    left = spent.left
    for key, label in SPENDERS:
        if key != "broker" or broker:
            found += [
                f'<rect class="{key}" x="{left:.0f}" y="43" width="10" height="10" rx="2"/>',
                text(left + 15, 52, label, "quiet"),
            ]
            left += 30 + 7 * len(label)
    return [*found, text(left, 52, "less is better", "quiet")]


def axis(panel: Panel, height: int) -> str:
    x = panel.left - 0.5
    return f'<line class="axis" x1="{x}" x2="{x}" y1="{TOP - 10}" y2="{height - EDGE}"/>'


def line(name: str, found: dict[str, Any], top: int, rates: Panel, spent: Panel) -> list[str]:
    """One engine: its name, its rate with the span of the rounds, and its processor time."""
    own = name.startswith("countersign")
    middle, base = top + BAR / 2, top + BAR / 2 + 4.5
    low, high = (rates.left + rates.length(found[key]) for key in ("lowest", "highest"))
    parts = [
        text(rates.left - 10, base, LABELS[name], "end own" if own else "end"),
        bar("rate mine" if own else "rate", rates.left, top, rates.length(found["decisions_per_second"])),
        f'<line class="span" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>',
        text(high + 6, base, f"{found['decisions_per_second']:,.0f}", "number own" if own else "number"),
    ]
    left = spent.left
    for key, _ in SPENDERS:
        if long := spent.length(found[f"{key}_us"]):
            parts.append(bar(key, left, top, long))
            left += long
    return [*parts, text(left + 6, base, f"{found['processor_us']:,}", "number own" if own else "number")]


def bar(kind: str, left: float, top: float, width: float) -> str:
    return f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}"/>'


def text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}">{escape(words)}</text>'


def main() -> None:
    results, picture = map(Path, sys.argv[1:])
    picture.write_text(drawn(json.loads(results.read_text())))


if __name__ == "__main__":
    main()
