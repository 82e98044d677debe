"""Remedies of questions about invoices: the words of each, what is checked before it counts, what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from audit import clock
from reviews.models import Escalation, Status
from reviews.remedies import Field, Remedy, Terms, TermsRefused

from ..agents.completeness import format_day
from ..agents.order_index import number_key
from ..domain.remedies import (
    ASSIGN_LINE,
    ASSIGN_ORDER,
    CAUSES,
    COMPLETE,
    DECLARE_FACTOR,
    IS_DUPLICATE,
    LIKE,
    LINK_VENDOR,
    NO_DUPLICATE,
    Factor,
)
from ..domain.supplied import NotThat, decimal_of, sum_sort, value_of
from ..facts import policies, vendor_candidates
from ..models import Order

FACTOR_PLACES = 10
OVER = "Amounts and days of more than you sign alone count once a second person supplies the same."


def _capitalised(field: Field) -> str:
    return field.words[:1].upper() + field.words[1:]


def _read(fields: Sequence[Field], typed: Terms) -> Terms:
    """Each typed value in the form in which it is kept. Raises `TermsRefused`."""
    if not typed:
        raise TermsRefused({"": f"Fill in at least one: {', '.join(f.words for f in fields)}."})
    words = {one.name: _capitalised(one) for one in fields}
    found, wrong = {}, {}
    for name, text in typed.items():
        try:
            found[name] = value_of(name, text)
        except NotThat as error:
            wrong[name] = f"{words[name]}: {error}."
    if wrong:
        raise TermsRefused(wrong)
    return found


# --- complete the field -------------------------------------------------------------------------------------


def _complete(row: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    terms = _read(fields, typed)
    wrong = {
        one.name: f"{_capitalised(one)}: that is what the document says."
        for one in fields
        if one.was and terms.get(one.name) == one.was
    }
    wrong |= _implausible(row.case, terms)
    if wrong:
        raise TermsRefused(wrong)
    return terms


def _implausible(case: Mapping[str, object], terms: Terms) -> dict[str, str]:
    """Days that cannot be meant, by the bounds that agents have for them (`agents.completeness.days`)."""
    issued, due = (_day(case, terms, name) for name in ("issue_date", "due_date"))
    if issued is not None and "issue_date" in terms:
        policy, age = policies.active(), (clock.today() - issued).days
        if policy.ahead_days is not None and -age > policy.ahead_days:
            return {"issue_date": f"Issue date: {format_day(issued)} has not come yet."}
        if policy.oldest_days is not None and age > policy.oldest_days:
            return {"issue_date": f"Issue date: {format_day(issued)} is {age // 365} years ago."}
    if issued is not None and due is not None and due < issued and case.get("type") != "credit_note":
        sentence = f"it would be due on {format_day(due)}, before it was issued on {format_day(issued)}."
        for name, words in (("due_date", "Due date"), ("issue_date", "Issue date")):
            if name in terms:
                return {name: f"{words}: {sentence}"}
    return {}


def _day(case: Mapping[str, object], terms: Terms, name: str) -> date | None:
    said = terms.get(name) or str(case.get(name) or "")
    return date.fromisoformat(said) if said else None


def _second(_: Escalation, terms: Terms, reaches: bool) -> str:
    if reaches or not any(map(sum_sort, terms)):
        return ""
    return "amounts and days of more than you sign alone are supplied by two people"


def _completes(row: Escalation) -> str:
    sums = any(
        sum_sort(f["name"]) for one in row.case["remedies"] if one["name"] == COMPLETE for f in one["fields"]
    )
    over = f" {OVER}" if sums else ""
    return f"What you write stands above the document, which stays as it is. {_then(row)}{over}"


# --- assign the order or a line of it -----------------------------------------------------------------------


def _order(row: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    if not typed:
        raise TermsRefused({"": "Choose an order, or type the number of one."})
    found, wrong = {}, {}
    for one in fields:
        if one.name in typed:
            order = _known(typed[one.name])
            why = _unfit(row, one, order) if order else f"{typed[one.name]} is no order of ours."
            if why or order is None:
                wrong[one.name] = f"{_capitalised(one)}: {why}"
            else:
                found[one.name] = order.number
    if wrong:
        raise TermsRefused(wrong)
    return found


def _known(number: str) -> Order | None:
    """The one order of this number, written as it may be."""
    orders = list(Order.objects.filter(name__number_key=number_key(number)).select_related("vendor")[:2])
    exact = list(Order.objects.filter(number=number).select_related("vendor")[:1])
    return (exact or orders)[0] if exact or len(orders) == 1 else None


def _unfit(row: Escalation, one: Field, order: Order) -> str:
    """Why the agents would only hold it again."""
    ours = str(row.case.get("vendor_id") or "")
    if number_key(order.number) == number_key(one.was):
        return "that is the one the document names."
    if order.status != Order.Status.OPEN and row.case.get("type") != "credit_note":
        return f"{order.number} is {order.status}; choose one that is open."
    if ours and order.vendor is not None and order.vendor.vendor_id != ours:
        return f"{order.number} was given to {order.vendor.name}."
    if row.case.get("currency") and order.currency and order.currency != row.case["currency"]:
        return f"{order.number} is in {order.currency}, the document in {row.case['currency']}."
    return ""


def _line(_: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    if not typed:
        raise TermsRefused({"": "Choose an order line."})
    wrong = {
        one.name: f"{_capitalised(one)}: choose one of {', '.join(c.value for c in one.choices)}."
        for one in fields
        if one.name in typed and typed[one.name] not in [c.value for c in one.choices]
    }
    if wrong:
        raise TermsRefused(wrong)
    return typed


# --- link to a vendor ---------------------------------------------------------------------------------------


def _vendor(_: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    [field] = fields
    number = typed.get(field.name, "")
    if not number:
        raise TermsRefused({"": "Choose a vendor, or type our number for one."})
    found = vendor_candidates.numbered(number)
    if len(found) != 1:
        why = f"{number} is not one vendor" if found else f"{number} is no vendor of ours; bring it first"
        raise TermsRefused({field.name: f"Vendor: {why}."})
    return {field.name: found[0]}


def _over(_: Escalation, __: Terms, reaches: bool) -> str:
    return "" if reaches else "whom so much is paid to is said by two people"


# --- declare a unit factor ----------------------------------------------------------------------------------


def _factor(_: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    terms, wrong = {}, {}
    words = {one.name: one.words for one in fields}
    for name, text in typed.items():
        one = Factor.of(name)
        try:
            terms[name] = decimal_of(text, FACTOR_PLACES)
        except NotThat as error:
            wrong[name] = f"{words[name]}: {error}."
            continue
        if terms[name] == "0":
            wrong[name] = f"{words[name]}: none is no factor."
        elif Factor(one.line, one.per, one.unit).name in typed:
            wrong[name] = f"{words[name]}: fill in one way round, not both."
    if not typed:
        wrong[""] = f"Fill in one: {', '.join(words.values())}."
    if wrong:
        raise TermsRefused(wrong)
    return terms


TOLD = (
    ("told_by_vendor", "Told by the vendor"),
    ("told_by_department", "Told by who ordered or received it"),
)
ASSIGNED = (
    ("ordered_with_it", "It was ordered with it"),
    *TOLD,
)


def _then(row: Escalation) -> str:
    return f"The agents look again, and clear {_sum(row.case)} if they find nothing else."


def _sum(case: Mapping[str, object]) -> str:
    said = str(case.get("payable") or "")
    return f"{case.get('currency')} {Decimal(said):,.2f}" if said else "it"


REMEDIES: tuple[Remedy, ...] = (
    Remedy(
        name=COMPLETE,
        words="Complete the data",
        causes=CAUSES[COMPLETE],
        reasons=(
            ("read_on_document", "Read on the original"),
            *TOLD,
        ),
        check=_complete,
        consequence=_completes,
        second=_second,
    ),
    Remedy(
        name=ASSIGN_ORDER,
        words="Assign the order",
        causes=CAUSES[ASSIGN_ORDER],
        reasons=ASSIGNED,
        check=_order,
        consequence=lambda row: (
            f"The order that you name stands above the document, which stays as it is. {_then(row)}"
        ),
    ),
    Remedy(
        name=ASSIGN_LINE,
        words="Assign the order line",
        causes=CAUSES[ASSIGN_LINE],
        reasons=ASSIGNED,
        check=_line,
        consequence=lambda row: (
            "The line of the order, with its item, stands above the document, which stays as it is."
            f" {_then(row)}"
        ),
    ),
    Remedy(
        name=LINK_VENDOR,
        words="Link to a vendor",
        causes=CAUSES[LINK_VENDOR],
        reasons=(
            ("known_by_name", "Known under this name"),
            *TOLD,
        ),
        check=_vendor,
        consequence=lambda row: (
            f"{row.case.get('vendor') or 'The seller'} is the vendor that you name, for this document alone."
            f" Account, VAT id and order are compared with that vendor. {_then(row)} {OVER}"
        ),
        second=_over,
    ),
    Remedy(
        name=DECLARE_FACTOR,
        words="Declare the unit factor",
        causes=CAUSES[DECLARE_FACTOR],
        reasons=(
            *TOLD,
            ("read_on_document", "Read on the original"),
        ),
        check=_factor,
        consequence=lambda row: (
            f"The factor is master data of {row.case.get('vendor')} and the item from now on: every undecided"
            f" invoice of the vendor is compared by it. Two people declare it. {_then(row)}"
        ),
        second=lambda *_: "a factor of master data is declared by two people",
    ),
    Remedy(
        name=IS_DUPLICATE,
        words="Is a duplicate",
        causes=CAUSES[IS_DUPLICATE],
        reasons=(("duplicate", "Duplicate"),),
        check=lambda _, __, typed: typed,
        consequence=lambda row: (
            f"{row.case.get('number')} is void, linked to the one that you choose. Pays nothing, now or"
            " later. Nothing is sent to the vendor: the words for it are under “Where is it?”."
        ),
        status=Status.REJECTED,
        like=LIKE[IS_DUPLICATE],
        within_limit=True,
    ),
    Remedy(
        name=NO_DUPLICATE,
        words="Is no duplicate",
        causes=CAUSES[NO_DUPLICATE],
        reasons=(("not_a_duplicate", "Not a duplicate"), ("agreed_with_vendor", "Agreed with the vendor")),
        check=lambda _, __, typed: typed,
        consequence=lambda row: (
            f"{row.case.get('number')} and the one that you choose are two claims; this pair is not asked"
            f" about again. The agents go on, as after an approval, and clear {_sum(row.case)} unless they"
            " find something else."
        ),
        status=Status.APPROVED,
        like=LIKE[NO_DUPLICATE],
        within_limit=True,
    ),
)
"""In the order in which they are offered."""
