"""An evaluation as plain data to keep, and as text to read. Every share stands with what it is a share of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from ..domain.key_figures import Share
from .case import SCENARIOS
from .evaluation import Evaluation, Tally, Worth, Wrong

LANES = ("auto", "waiting", "escalated", "human", "void", "open")
HEADLINES = ("lanes_right", "all_right", "over_escalated", "false_clears")


def figures(found: Evaluation) -> dict[str, Any]:
    """Everything as JSON: counts as integers, money as text."""
    return {
        "invoices": found.invoices,
        **{name: _pair(getattr(found, name)) for name in HEADLINES},
        "false_clear_worth": _worth(found.false_clear_worth),
        "held_worth": _worth(found.held_worth),
        "lost": found.lost,
        "unlabelled": found.unlabelled,
        "codes": [
            {
                "code": t.code,
                "expected": t.expected,
                "found": t.found,
                "right": t.right,
                "placed": _pair(t.placed),
            }
            for t in found.codes
        ],
        "lanes": [{"expected": a, "found": b, "count": n} for (a, b), n in sorted(found.lanes.items())],
        "scenarios": [
            {"name": name, "kind": kind_of(name), "right": share.part, "of": share.base}
            for name, share in sorted(found.scenarios.items())
        ],
        "wrong": [asdict(one) for one in found.wrong],
    }


def from_figures(data: Mapping[str, Any]) -> Evaluation:
    """The evaluation of which these are the figures."""
    return Evaluation(
        invoices=data["invoices"],
        **{name: Share(*data[name]) for name in HEADLINES},
        false_clear_worth=_read_worth(data["false_clear_worth"]),
        held_worth=_read_worth(data["held_worth"]),
        lost=data["lost"],
        unlabelled=data["unlabelled"],
        codes=tuple(
            Tally(t["code"], t["expected"], t["found"], t["right"], Share(*t["placed"]))
            for t in data["codes"]
        ),
        lanes={(row["expected"], row["found"]): row["count"] for row in data["lanes"]},
        scenarios={row["name"]: Share(row["right"], row["of"]) for row in data["scenarios"]},
        wrong=tuple(Wrong(**one) for one in data["wrong"]),
    )


def kind_of(name: str) -> str:
    """Clean, defect or combination; a scenario that no longer exists is of no kind."""
    return SCENARIOS[name].kind if name in SCENARIOS else ""


def _pair(share: Share) -> list[int]:
    return [share.part, share.base]


def _worth(found: Worth) -> dict[str, Any]:
    return {"amounts": {c: f"{a:.2f}" for c, a in sorted(found.amounts.items())}, "eur": f"{found.eur:.2f}"}


def _read_worth(data: Mapping[str, Any]) -> Worth:
    return Worth({c: Decimal(a) for c, a in data["amounts"].items()}, Decimal(data["eur"]))


# --- text ---------------------------------------------------------------------------------------------------


def format_share(share: Share) -> str:
    """97.0 % (388 of 400), or that there was none."""
    if share.value is None:
        return "- (of 0)"
    return f"{share.value * 100:.1f} % ({share.part:,} of {share.base:,})"


def with_interval(share: Share) -> str:
    """The same with Wilson's 95 % interval."""
    found = share.interval()
    return format_share(share) + (f", 95 %: {found[0] * 100:.1f}-{found[1] * 100:.1f}" if found else "")


def format_worth(found: Worth) -> str:
    """EUR 8,631.12 in all (DKK 1,658.05, EUR 7,738.53)."""
    parts = ", ".join(f"{c or '(no currency)'} {a:,.2f}" for c, a in sorted(found.amounts.items()))
    return f"EUR {found.eur:,.2f} in all" + (f" ({parts})" if parts else "")


def as_text(found: Evaluation, wrong_at_most: int = 60) -> Iterator[str]:
    """What a person reads: headline figures, codes, lanes, kinds of case that went wrong, single invoices."""
    yield (
        f"invoices          {found.invoices:,} labelled, {found.lost} not in the export, {found.unlabelled}"
        " without a label"
    )
    yield f"lane right        {with_interval(found.lanes_right)}"
    yield f"lane, codes, line {with_interval(found.all_right)}"
    yield (
        f"over-escalated    {with_interval(found.over_escalated)} clean invoices did not clear by themselves"
    )
    yield f"false clears      {with_interval(found.false_clears)} to be held cleared by themselves"
    yield (
        f"  their worth     {format_worth(found.false_clear_worth)} of {format_worth(found.held_worth)} to be"
        " held"
    )
    yield from _codes(found)
    yield from _lanes(found)
    yield from _scenarios(found)
    yield from _singles(found, wrong_at_most)


def _codes(found: Evaluation) -> Iterator[str]:
    yield ""
    yield f"{'code':24}{'precision':>26}{'recall':>26}{'line right':>26}"
    for tally in found.codes:
        shares = (tally.precision, tally.recall, tally.placed)
        yield f"{tally.code:24}{''.join(f'{format_share(s):>26}' for s in shares)}"


def _lanes(found: Evaluation) -> Iterator[str]:
    columns = [lane for lane in LANES if any(lane == b for _, b in found.lanes)]
    yield ""
    yield f"{'should be':12}" + "".join(f"{lane:>11}" for lane in columns)
    for row in LANES:
        if any(row == a for a, _ in found.lanes):
            yield f"{row:12}" + "".join(f"{found.lanes.get((row, lane), 0):>11,}" for lane in columns)


def _scenarios(found: Evaluation) -> Iterator[str]:
    off = {name: share for name, share in found.scenarios.items() if share.part < share.base}
    yield ""
    yield f"kinds of case: {len(found.scenarios)}, of which {len(off)} not entirely right"
    for name, share in sorted(off.items(), key=lambda item: (item[1].value or 0, item[0])):
        yield f"  {name:44}{format_share(share):>24} right"


def _singles(found: Evaluation, at_most: int) -> Iterator[str]:
    if not found.wrong:
        return
    yield ""
    yield f"wrong invoices: {len(found.wrong)}" + (
        f", the first {at_most}" if len(found.wrong) > at_most else ""
    )
    for one in sorted(found.wrong, key=lambda w: (not w.false_clear, w.scenario))[:at_most]:
        mark = "FALSE CLEAR " if one.false_clear else ""
        yield (
            f"  {one.scenario}: {one.invoice} of {one.vendor or 'nobody'}, {one.currency} {one.amount} (seed"
            f" {one.seed}): {mark}{one.why}"
        )
