"""Each kind of case is off by what its label claims, and everything else of the trade agrees.

The documents are judged here by plain arithmetic that shares nothing with the agents: prices, quantities and
amounts side by side, in the order in which a clerk would hold them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from coordination.translation.canonical import Invoice, InvoiceLine, Order, OrderLine
from coordination.world.case import SCENARIOS, Case
from coordination.world.claim import Claim
from coordination.world.generate import case_of
from coordination.world.traders import traders

DAY = date(2026, 11, 20)
SEEDS = ("1", "2", "3", "4")
CENT, TWO_CENTS, NOTHING = Decimal("0.01"), Decimal("0.02"), Decimal(0)
PIECES = {"EA", "C62", "H87", "PCE"}
KNOWN = {t.vendor_id: t for t in traders().everybody()}
JUDGED = {
    "price_over",
    "totals_unbalanced",
    "tax_mismatch",
    "uom_mismatch",
    "qty_over_ordered",
    "qty_over_received",
    "qty_not_accepted",
    "no_receipt",
    "missing_data",
    "no_po",
    "po_unknown",
    "bank_mismatch",
    "supplier_unknown",
    "supplier_blocked",
    "currency_diff",
    "item_not_ordered",
    "prepayment_open",
}
"""Codes that the arithmetic here can tell."""

OTHERWISE = {
    "rounding of fifty": "a rounding of 50.00 is no rounding and counts as no data, which a reader says",
    "converted to another currency": "the price is another in another currency, and nobody can compare it",
    "more than the order is worth, in two": "the order states no quantity",
    "over the order as changed": "what is ordered stands in two messages",
    "order changed": "what is ordered stands in two messages",
    "received in a smaller unit": "the receipt is in another unit than the order",
    "announced, not received": "a despatch advice is no receipt",
    "billed again after a credit": "a credit gives the quantity back",
    "short delivery made good by a credit": "a credit gives the quantity back",
    "summary reference": "no line is named",
    "summary reference without articles": "no line is named",
    "order named on the document only": "no line is named",
    "receipt without order lines": "no line is named",
}
"""Kinds of case whose documents take more than this arithmetic to judge, and why."""


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def amount_of(line: InvoiceLine) -> Decimal | None:
    """Quantity x price with what is charged and allowed on the line."""
    if line.quantity is None or line.price is None:
        return None
    own = sum((a.amount if a.charge else -a.amount for a in line.allowances), NOTHING)
    return cents(line.quantity * line.price / line.base_quantity + own)


def incomplete(invoice: Invoice) -> bool:
    header = (invoice.issue_date, invoice.gross, invoice.net, invoice.tax, invoice.currency or None)
    return None in header or any(None in (x.quantity, x.price, x.net) for x in invoice.lines)


def unbalanced(invoice: Invoice) -> bool:
    """Is a line, the net, the gross or what is payable more than two cents from what makes it?"""
    if invoice.net is None or invoice.tax is None or invoice.gross is None:
        return False
    adjusted = sum((a.amount if a.charge else -a.amount for a in invoice.allowances), NOTHING)
    lines = sum((x.net or NOTHING for x in invoice.lines), NOTHING)
    payable = invoice.gross - invoice.prepaid + invoice.rounding
    made = [(x.net, amount_of(x)) for x in invoice.lines]
    made += [(invoice.net, lines + adjusted), (invoice.gross, invoice.net + invoice.tax)]
    made += [(invoice.payable, payable)]
    return any(a is not None and b is not None and abs(a - b) > TWO_CENTS for a, b in made)


def tax_wrong(invoice: Invoice) -> bool:
    """Is the tax more than two cents for each rate from base x rate?"""
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        bases[line.tax_rate or NOTHING] += line.net or NOTHING
    for one in invoice.allowances:
        bases[one.tax_rate or NOTHING] += one.amount if one.charge else -one.amount
    due = sum((cents(base * rate / 100) for rate, base in bases.items()), NOTHING)
    return invoice.tax is not None and abs(invoice.tax - due) > TWO_CENTS * len(bases)


def too_dear(line: InvoiceLine, ordered: OrderLine) -> bool:
    """Over the order by more than 2 %, or by more than 100.00 on the line."""
    if line.price is None or ordered.price is None or line.quantity is None:
        return False
    asked, agreed = line.price / line.base_quantity, ordered.price / ordered.base_quantity
    return (asked - agreed) * 50 > agreed or (asked - agreed) * line.quantity > 100


def same_unit(one: str, other: str) -> bool:
    return one == other or {one, other} <= PIECES


class Books:
    """What a case says was ordered and received, and what its claims bill of it, one after the other."""

    def __init__(self, case: Case) -> None:
        self.orders: dict[str, Order] = {o.number: o for o in case.orders if o.message == "order"}
        self.ordered = {(o.number, x.line): x for o in self.orders.values() for x in o.lines}
        self.received: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.accepted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in (x for r in case.receipts for x in r.lines):
            at = (line.order_number, line.order_line)
            self.received[at] += line.quantity or NOTHING
            fine = line.quantity if line.accepted is None else line.accepted
            self.accepted[at] += fine or NOTHING
        self.billed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def wrong(self, claim: Claim) -> set[str]:
        """The codes that plain comparison finds on a claim."""
        invoice = claim.invoice
        found = set(self._of_the_document(invoice))
        if invoice.type == "credit_note":
            return found
        for line in invoice.lines:
            found |= set(self._of_a_line(invoice, line))
        return found

    def _of_the_document(self, invoice: Invoice) -> list[str]:
        trader = KNOWN.get(invoice.vendor_id)
        account = "".join(invoice.account.number.split()).upper()
        printed = [account, *(a.number for a in invoice.other_accounts)]
        currencies = {o.currency for o in self.orders.values()}
        return [
            code
            for code, stands in {
                "missing_data": incomplete(invoice),
                "totals_unbalanced": unbalanced(invoice),
                "tax_mismatch": tax_wrong(invoice),
                "supplier_unknown": trader is None,
                "supplier_blocked": trader is not None and trader.status == "blocked",
                "bank_mismatch": trader is not None and {*printed} - {"", trader.iban} != set(),
                "currency_diff": bool(invoice.currency and currencies and currencies != {invoice.currency}),
                "prepayment_open": invoice.prepaid != 0,
            }.items()
            if stands
        ]

    def _of_a_line(self, invoice: Invoice, line: InvoiceLine) -> list[str]:
        if not line.quantity and not line.net and line.order_number:
            return []  # a line of text
        if not any(c.isdigit() for c in line.order_number):
            return ["no_po"]
        if line.order_number not in self.orders:
            return ["po_unknown"]
        at = (line.order_number, line.order_line)
        ordered = self.ordered.get(at)
        if ordered is None:
            return ["item_not_ordered"]
        if not same_unit(line.unit, ordered.unit):
            return ["uom_mismatch"]
        self.billed[at] += line.quantity or NOTHING
        billed, wanted = self.billed[at], ordered.quantity or NOTHING
        codes = ["price_over"] if too_dear(line, ordered) else []
        codes += ["qty_over_ordered"] if billed > wanted else []
        if not self.received[at]:
            codes.append("no_receipt")
        elif billed > self.received[at]:
            codes.append("qty_over_received")
        elif billed > self.accepted[at]:
            codes.append("qty_not_accepted")
        return codes if invoice.currency or codes != ["price_over"] else []


@pytest.mark.parametrize("name", [n for n in SCENARIOS if n not in OTHERWISE])
def test_a_case_is_off_by_what_its_label_claims_and_by_nothing_else(name: str) -> None:
    for seed in SEEDS:
        case = case_of(name, seed, 40, DAY)
        books = Books(case)
        repeated = {"duplicate_suspect", "credit_over", "credit_unlinked"}
        for claim in case.claims:
            codes = {h.code for h in claim.holds}
            if codes & repeated and claim.invoice.type == "invoice":
                continue  # a copy bills what is billed already, and that is what it is held for
            assert books.wrong(claim) == codes & JUDGED, (seed, claim.invoice.number)


def test_the_kinds_that_are_left_out_exist() -> None:
    assert set(OTHERWISE) <= set(SCENARIOS)
    assert len(SCENARIOS) - len(OTHERWISE) > 60


def clean_claims(case: Case) -> list[Invoice]:
    return [c.invoice for c in case.claims if not c.holds]


@pytest.mark.parametrize("name", SCENARIOS)
def test_documents_of_a_case_name_each_other_and_come_in_a_possible_order(name: str) -> None:
    """Nothing is received or billed before it was ordered, and a receipt is of an order that exists."""
    for seed in SEEDS:
        case = case_of(name, seed, 40, DAY)
        placed: dict[str, date] = {}
        for o in (o for o in case.orders if o.message == "order"):
            assert o.order_date is not None
            placed[o.number] = o.order_date
        for receipt in (*case.receipts, *case.late):
            assert receipt.received_date is not None
            assert receipt.received_date <= DAY
            for line in receipt.lines:
                assert line.order_number in placed, (seed, receipt.number)
                assert placed[line.order_number] <= receipt.received_date
        for invoice in (c.invoice for c in case.claims):
            for number in {x.order_number for x in invoice.lines} & set(placed):
                if invoice.issue_date is not None:
                    assert placed[number] <= invoice.issue_date, (seed, invoice.number)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_order_comes_to_what_its_lines_and_charges_come_to(name: str) -> None:
    for seed in SEEDS:
        for o in case_of(name, seed, 40, DAY).orders:
            if o.net is None or any(None in (x.price, x.quantity) for x in o.lines):
                continue
            for line in o.lines:
                assert line.price is not None
                assert line.quantity is not None
                assert line.net == cents(line.quantity * line.price / line.base_quantity), (seed, line.line)
            charges = sum((a.amount for a in o.allowances), NOTHING)
            assert o.net == sum((x.net or NOTHING for x in o.lines), NOTHING) + charges


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_of_a_case_is_its_own(name: str) -> None:
    """But for what is sent twice, and for vendors that number alike."""
    for seed in SEEDS:
        case = case_of(name, seed, 40, DAY)
        orders = [(o.number, o.message_id) for o in case.orders]
        receipts = [r.number for r in (*case.receipts, *case.late)]
        claims = [
            (c.invoice.vendor_id, c.invoice.number, c.invoice.type, c.invoice.gross) for c in case.claims
        ]
        for numbers in (orders, receipts, claims):
            assert len(set(numbers)) == len(numbers), (seed, numbers)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_claim_of_the_lane_auto_is_under_the_threshold_and_one_over_it_is_signed(name: str) -> None:
    """10,000.00 in EUR; a waiting invoice is signed once its receipt is there."""
    rates = {"EUR": Decimal(1), "SEK": Decimal("11.5"), "DKK": Decimal("7.46"), "USD": Decimal(1)}
    for seed in SEEDS:
        for c in case_of(name, seed, 40, DAY).claims:
            if c.invoice.gross is None or c.lane == "waiting" or not c.invoice.currency:
                continue
            euro = abs(c.invoice.gross) / rates[c.invoice.currency]
            signed = "over_threshold" in {h.code for h in c.holds}
            if abs(euro - 10000) > 300:  # further from it than any rate of ours is from that of the world
                assert signed is (euro > 10000), (seed, c.invoice.number, euro)


def of(name: str, seed: str = "1") -> Case:
    return case_of(name, seed, 40, DAY)


def unit(line: InvoiceLine | OrderLine) -> Decimal:
    assert line.price is not None
    return line.price / line.base_quantity


@pytest.mark.parametrize(
    ("name", "factor"),
    [("price exactly +2 %", Decimal("1.02")), ("price +2.01 %", Decimal("1.0201"))],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_price_is_off_by_just_the_percentage_named(name: str, factor: Decimal, seed: str) -> None:
    case = of(name, seed)
    line, ordered = case.claims[0].invoice.lines[0], case.orders[0].lines[0]
    assert unit(line) == unit(ordered) * factor
    assert (unit(line) - unit(ordered)) * (line.quantity or NOTHING) < 100


@pytest.mark.parametrize(
    ("name", "more"),
    [("price +100.00 on the line", Decimal("100.00")), ("price +100.01 on the line", Decimal("100.01"))],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_is_over_by_just_the_amount_named(name: str, more: Decimal, seed: str) -> None:
    case = of(name, seed)
    line, ordered = case.claims[0].invoice.lines[0], case.orders[0].lines[0]
    assert (unit(line) - unit(ordered)) * (line.quantity or NOTHING) == more
    assert unit(line) < unit(ordered) * Decimal("1.02")


@pytest.mark.parametrize("seed", SEEDS)
def test_one_dearer_line_among_many_leaves_the_sum_as_ordered_or_less(seed: str) -> None:
    case = of("price of one line among many", seed)
    [claim] = case.claims
    last = len(claim.invoice.lines)
    assert [h.line for h in claim.holds if h.code == "price_over"] == [last]
    pairs = list(zip(claim.invoice.lines, case.orders[0].lines, strict=True))
    assert all(unit(a) == unit(b) for a, b in pairs[1:-1])
    assert unit(pairs[-1][0]) > unit(pairs[-1][1]) * Decimal("1.02")
    if unit(pairs[0][0]) < unit(pairs[0][1]):
        assert (claim.invoice.net or NOTHING) <= (case.orders[0].net or NOTHING) + TWO_CENTS


def off_gross(invoice: Invoice) -> Decimal:
    assert invoice.gross is not None
    return invoice.gross - (invoice.net or NOTHING) - (invoice.tax or NOTHING)


def off_tax(invoice: Invoice) -> Decimal:
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        bases[line.tax_rate or NOTHING] += line.net or NOTHING
    return (invoice.tax or NOTHING) - sum((cents(b * r / 100) for r, b in bases.items()), NOTHING)


def off_lines(invoice: Invoice) -> Decimal:
    return sum(((x.net or NOTHING) - (amount_of(x) or NOTHING) for x in invoice.lines), NOTHING)


def off_net(invoice: Invoice) -> Decimal:
    return (invoice.net or NOTHING) - sum((x.net or NOTHING for x in invoice.lines), NOTHING)


def off_payable(invoice: Invoice) -> Decimal:
    return (invoice.payable or NOTHING) - (invoice.gross or NOTHING)


Off = Callable[[Invoice], Decimal]
EVERY: dict[str, Off] = {
    "gross": off_gross,
    "tax": off_tax,
    "lines": off_lines,
    "net": off_net,
    "payable": off_payable,
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "where", "size"),
    [
        ("unbalanced", "gross", "90.00"),
        ("gross off by 0.03", "gross", "0.03"),
        ("gross off by 0.02", "gross", "0.02"),
        ("tax", "tax", "7.00"),
        ("tax off by 0.03", "tax", "0.03"),
        ("tax off by 0.02", "tax", "0.02"),
        ("tax of one rate wrong", "tax", "3.10"),
        ("each of two rates off by 0.02", "tax", "0.04"),
        ("sum of lines wrong", "net", "25.00"),
        ("payable wrong", "payable", "12.40"),
        ("clean", "gross", "0.00"),
        ("two tax rates", "tax", "0.00"),
        ("zero rate", "tax", "0.00"),
    ],
)
def test_an_amount_is_off_by_its_size_and_every_other_amount_adds_up(
    name: str, where: str, size: str, seed: str
) -> None:
    invoice = of(name, seed).claims[0].invoice
    for part, off in EVERY.items():
        assert abs(off(invoice)) == (Decimal(size) if part == where else NOTHING), part


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_is_off_by_two_cents_and_the_totals_follow(seed: str) -> None:
    invoice = of("every line off by 0.02", seed).claims[0].invoice
    assert off_lines(invoice) == TWO_CENTS * len(invoice.lines)
    assert len(invoice.lines) >= 3
    assert (off_net(invoice), off_tax(invoice), off_gross(invoice)) == (NOTHING, NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("name", "gross"),
    [("gross exactly at the threshold", "10000.00"), ("gross a cent over the threshold", "10000.01")],
)
def test_a_gross_at_the_threshold_is_so_to_the_cent(name: str, gross: str) -> None:
    for seed in SEEDS:
        [claim] = of(name, seed).claims
        assert (claim.invoice.gross, claim.invoice.currency) == (Decimal(gross), "EUR")
        assert bool(claim.holds) is (Decimal(gross) > 10000)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("no issue date", lambda i: i.issue_date is None),
        ("no total", lambda i: i.gross is None and i.payable is None),
        ("no currency", lambda i: i.currency == ""),
        ("no quantity", lambda i: i.lines[0].quantity is None),
        ("no unit price", lambda i: i.lines[0].price is None),
    ],
)
def test_one_thing_is_missing_and_the_rest_is_stated(name: str, missing: Callable[[Invoice], bool]) -> None:
    for seed in SEEDS:
        invoice = of(name, seed).claims[0].invoice
        assert missing(invoice)
        header = [invoice.issue_date, invoice.gross, invoice.currency or None]
        lines = [v for x in invoice.lines for v in (x.quantity, x.price)]
        assert [*header, *lines].count(None) == 1
        assert None not in [x.net for x in invoice.lines]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("waiting", 0, 3),
        ("waiting on the fifth day", 5, 5),
        ("no receipt on the sixth day", 6, 6),
        ("never received", 7, 30),
        ("waiting for one line", 0, 3),
        ("two: waiting and tax", 0, 3),
    ],
)
def test_what_is_waited_for_was_billed_as_many_days_ago_as_it_says(name: str, least: int, most: int) -> None:
    for seed in SEEDS:
        issued = of(name, seed).claims[0].invoice.issue_date
        assert issued is not None
        assert least <= (DAY - issued).days <= most


@pytest.mark.parametrize("name", ["waiting", "waiting on the fifth day"])
def test_what_comes_late_is_all_that_was_billed(name: str) -> None:
    for seed in SEEDS:
        case = of(name, seed)
        assert case.receipts == ()
        [late] = case.late
        got = {(x.order_line, x.quantity) for x in late.lines}
        assert got == {(x.order_line, x.quantity) for x in case.claims[0].invoice.lines}


@pytest.mark.parametrize(
    ("name", "quantities", "arrived"),
    [
        ("partial deliveries", ["40", "60"], ["40", "60"]),
        ("three invoices before the rest arrives", ["30", "25", "20"], ["30", "25", "20"]),
        ("one invoice, receipts in parts", ["100"], ["50", "30", "20"]),
        ("rejected goods replaced", ["100"], ["100", "10"]),
        ("second invoice over received", ["50", "20"], ["60"]),
        ("second invoice over ordered", ["60", "60"], ["120"]),
        ("monthly rent", ["1", "1"], ["1", "1"]),
    ],
)
def test_deliveries_in_parts_have_the_quantities_of_their_story(
    name: str, quantities: list[str], arrived: list[str]
) -> None:
    for seed in SEEDS:
        case = of(name, seed)
        billed = [sum((x.quantity or NOTHING for x in c.invoice.lines), NOTHING) for c in case.claims]
        came = [sum((x.quantity or NOTHING for x in r.lines), NOTHING) for r in case.receipts]
        assert billed == [Decimal(q) for q in quantities]
        assert came == [Decimal(q) for q in arrived]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("duplicate", 1),
        ("duplicate, number spelt otherwise", 14),
        ("duplicate, one digit wrong", 2),
        ("duplicate five days later", 5),
        ("similar number six days apart", 6),
        ("duplicate of another order", 1),
        ("two: duplicate to another account", 2),
        ("the same again, other order", 0),
    ],
)
def test_two_claims_that_look_alike_have_one_amount_and_lie_as_many_days_apart(name: str, days: int) -> None:
    for seed in SEEDS:
        first, second = (c.invoice for c in of(name, seed).claims)
        assert first.issue_date is not None
        assert second.issue_date is not None
        assert (second.issue_date - first.issue_date) == timedelta(days=days)
        assert (first.gross, first.currency, first.vendor_id) == (
            second.gross,
            second.currency,
            second.vendor_id,
        )
        assert first.number != second.number


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("credit", ["1"]),
        ("credit with the invoice's number", ["1"]),
        ("credit too high", ["1.2"]),
        ("credited twice", ["1", "0.9"]),
        ("large credit", ["1"]),
    ],
)
def test_a_credit_note_takes_back_the_share_that_it_says(name: str, share: list[str]) -> None:
    for seed in SEEDS:
        invoice, *notes = (c.invoice for c in of(name, seed).claims)
        assert len(notes) == len(share)
        for note, part in zip(notes, share, strict=True):
            assert (note.type, note.preceding) == ("credit_note", (invoice.number,))
            assert (note.net or NOTHING) == pytest.approx(
                (invoice.net or NOTHING) * Decimal(part), abs=CENT * len(note.lines)
            )


def test_a_negative_invoice_is_the_first_one_with_the_sign_turned() -> None:
    for seed in SEEDS:
        first, minus = (c.invoice for c in of("negative invoice", seed).claims)
        assert (minus.type, minus.type_code) == ("invoice", "380")
        assert (minus.net, minus.tax, minus.gross) == (
            -(first.net or NOTHING),
            -(first.tax or NOTHING),
            -(first.gross or NOTHING),
        )


def test_the_parts_of_a_split_are_under_the_threshold_and_together_over_it() -> None:
    for name in ("split", "split without orders"):
        for seed in SEEDS:
            claims = of(name, seed).claims
            nets = [c.invoice.net or NOTHING for c in claims]
            assert all(net < 10000 for net in nets)
            assert sum(nets) > 25000
            days = [c.invoice.issue_date for c in claims if c.invoice.issue_date]
            assert max(days) - min(days) <= timedelta(days=7)
            held = [c.invoice.number for c in claims if "split_suspect" in {h.code for h in c.holds}]
            assert held == [claims[-1].invoice.number]


def test_an_account_with_two_digits_exchanged_has_the_same_digits_and_is_another() -> None:
    for seed in SEEDS:
        invoice = of("one digit of the account", seed).claims[0].invoice
        right = KNOWN[invoice.vendor_id].iban
        assert invoice.account.number != right
        assert sorted(invoice.account.number) == sorted(right)
        assert sum(a != b for a, b in zip(invoice.account.number, right, strict=True)) == 2


def test_an_order_number_with_two_digits_exchanged_names_no_order() -> None:
    for seed in SEEDS:
        case = of("order number mistyped", seed)
        [named] = case.claims[0].invoice.order_numbers
        assert named != case.orders[0].number
        assert sorted(named) == sorted(case.orders[0].number)


def test_an_account_of_somebody_else_is_that_of_a_vendor_of_ours() -> None:
    for seed in SEEDS:
        invoice = of("account of another vendor", seed).claims[0].invoice
        owners = [t.vendor_id for t in KNOWN.values() if t.iban == invoice.account.number]
        assert len(owners) == 1
        assert owners != [invoice.vendor_id]


def test_an_order_of_somebody_else_is_billed_wholly_in_the_others_name() -> None:
    for seed in SEEDS:
        case = of("order of another vendor", seed)
        [claim] = case.claims
        other = KNOWN[claim.vendor]
        assert case.orders[0].vendor_id != claim.vendor == claim.invoice.vendor_id
        assert claim.invoice.account.number == other.iban
        assert claim.invoice.seller.vat_id == other.vat_id
