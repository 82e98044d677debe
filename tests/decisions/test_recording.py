"""What a decision's input is kept as reads back as what it was."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import canonical
from coordination.domain import facts, proposal
from coordination.facts.serialization import decode, encode, record_snapshot
from coordination.translation import canonical as shapes
from tests.agents.make import POLICY, snapshot
from tests.agents.strategies import cases

st.register_type_strategy(str, st.text(st.characters(codec="utf-8"), max_size=6))
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=4))
st.register_type_strategy(datetime, st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)))
st.register_type_strategy(date, st.dates())

KINDS: list[Any] = [
    facts.VendorFacts,
    facts.Billed,
    facts.OrderLineFacts,
    facts.OrderFacts,
    facts.ReceiptLineFacts,
    facts.Sibling,
    facts.Allocated,
    facts.Delivered,
    facts.HoldFacts,
    facts.AgentAnswer,
    proposal.Finding,
    proposal.Evidence,
    proposal.StatusText,
    shapes.Address,
    shapes.Account,
    shapes.Party,
    shapes.AllowanceCharge,
    shapes.TaxSubtotal,
    shapes.InvoiceLine,
    shapes.Problem,
    shapes.Origin,
    shapes.ReceiptLine,
    shapes.OrderLine,
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)


def stored(value: Any) -> Any:
    """What comes back from the ledger's text."""
    return canonical.loads(canonical.dumps(encode(value)))


@every_kind
@given(st.data())
@settings(max_examples=20)
def test_a_part_of_a_snapshot_reads_back_equal(kind: Any, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert decode(kind, stored(value)) == value


@given(cases())
@settings(max_examples=40)
def test_a_snapshot_reads_back_equal(snap: facts.Snapshot) -> None:
    assert decode(facts.Snapshot, stored(snap), policy=POLICY) == snap


def test_what_is_kept_elsewhere_is_left_out() -> None:
    recorded = encode(snapshot())
    assert "policy" not in recorded
    assert "provenance" not in recorded["document"]


def test_numbers_are_text_and_empty_values_are_left_out() -> None:
    recorded = encode(snapshot().document.lines[0])
    assert (recorded["quantity"], recorded["price"], recorded["net"]) == ("100", "10", "1000")
    assert {"buyer_item", "allowances", "note"}.isdisjoint(recorded)


@every_kind
def test_every_field_of_every_part_can_be_read(kind: Any) -> None:
    assert all(f.init for f in fields(kind))


def test_moments_are_kept_in_utc() -> None:
    local = datetime(2026, 3, 1, 12, tzinfo=UTC)
    held = facts.HoldFacts("c", None, "q", "o", "s", "", "r", "f", local, "")
    assert encode(held)["until"] == "2026-03-01T12:00:00.000000Z"


def plainly(value: Any) -> Any:
    """The rule, field by field: numbers and moments as text, nothing that is empty."""
    if isinstance(value, tuple):
        return [plainly(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {
            f.name: getattr(value, f.name) for f in fields(value) if f.name not in ("provenance", "policy")
        }
        return {name: plainly(v) for name, v in told.items() if v is not None and v not in ((), "")}
    if isinstance(value, Decimal):
        whole, dot, places = format(value, "f").partition(".")
        return whole + (dot + places).rstrip("0").rstrip(".") if dot else whole
    if isinstance(value, datetime):
        return canonical.instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | bool) else str(value)


@every_kind
@given(st.data())
@settings(max_examples=20)
def test_what_is_written_as_code_keeps_to_the_rule(kind: Any, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert encode(value) == plainly(value)


@given(cases())
@settings(max_examples=20)
def test_a_snapshot_is_recorded_by_the_same_rule_without_its_document(snap: facts.Snapshot) -> None:
    expected = plainly(snap)
    del expected["document"]
    assert record_snapshot(snap) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E+3", "1000"),
        ("1.50", "1.5"),
        ("100", "100"),
        ("0.000", "0"),
        ("-0.10", "-0.1"),
        ("0E-7", "0"),
        ("1E-7", "0.0000001"),
        ("120.00", "120"),
    ],
)
def test_a_number_is_written_out_without_its_scale(number: str, text: str) -> None:
    assert encode(facts.Delivered(1, "r", Decimal(number)))["quantity"] == text
