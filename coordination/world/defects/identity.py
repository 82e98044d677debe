"""Who claims, and where the money would go: unknown, blocked, another account, an invalid VAT id."""

from __future__ import annotations

import random
from dataclasses import replace

from ..case import Case, scenario
from ..labels import Expected
from ..making import Maker, claim
from ..trade import Trade, finished, trade
from ..traders import other_account


def other_bank(maker: Maker, draft: Trade) -> Trade:
    """The account printed is not the verified one."""
    account = replace(draft.invoice.account, number=other_account(maker.chance))
    return draft.billing(account=account).held("bank_mismatch")


@scenario("other account")
def account(maker: Maker) -> Case:
    """The money is to go elsewhere."""
    return finished(maker, other_bank(maker, trade(maker)))


@scenario("one digit of the account")
def account_digit(maker: Maker) -> Case:
    """The verified account with two digits exchanged."""
    draft = trade(maker)
    iban = draft.trader.iban
    place = next(n for n in range(12, len(iban) - 1) if iban[n] != iban[n + 1])
    swapped = iban[:place] + iban[place + 1] + iban[place] + iban[place + 2 :]
    changed = replace(draft.invoice.account, number=swapped)
    return finished(maker, draft.billing(account=changed).held("bank_mismatch"))


@scenario("second account", syntax="ubl")
def second_account(maker: Maker) -> Case:
    """The verified account, and below it another one."""
    draft = trade(maker)
    other = replace(draft.invoice.account, number=other_account(maker.chance))
    return finished(maker, draft.billing(other_accounts=(other,)).held("bank_mismatch"))


@scenario("account of another vendor")
def borrowed_account(maker: Maker) -> Case:
    """An account that is verified, for somebody else."""
    draft = trade(maker, maker.trader(euro=True))
    theirs = maker.other(draft.trader).account()
    return finished(maker, draft.billing(account=theirs).held("bank_mismatch"))


@scenario("stranger")
def stranger(maker: Maker) -> Case:
    """A vendor that we do not have bills an order of one that we have."""
    draft = trade(maker)
    number = f"V-9{maker.chance.randrange(10**5):05d}"
    party = replace(
        draft.trader.party("Handelskontor Niemand GmbH"), vat_id="DE811907980", party_ids=(number,)
    )
    draft = draft.billing(vendor_id=number, seller=party)
    case = finished(maker, draft.held("supplier_unknown"))
    return replace(case, claims=tuple(replace(c, vendor="") for c in case.claims))


@scenario("blocked vendor")
def blocked(maker: Maker) -> Case:
    """Nothing wrong but that we have blocked it."""
    return finished(maker, trade(maker, maker.chance.choice(maker.known.blocked)).held("supplier_blocked"))


@scenario("VAT id of the wrong form")
def vat_id(maker: Maker) -> Case:
    """The vendor's VAT id is too short for its country."""
    return finished(maker, trade(maker, maker.chance.choice(maker.known.invalid)).held("vat_id_invalid"))


@scenario("VAT id of the wrong form on the invoice", syntax="ubl")
def printed_vat_id(maker: Maker) -> Case:
    """The invoice prints an impossible VAT id; the vendor is found by our own number for it."""
    draft = trade(maker)
    party = replace(draft.invoice.seller, vat_id=f"{draft.trader.vat_id[:2]}99")
    return finished(maker, draft.billing(seller=party).held("vat_id_invalid"))


@scenario("account change not verified")
def moving(maker: Maker) -> Case:
    """A later vendor list has another account; the invoice still prints the old one."""
    trader = maker.chance.choice(maker.known.moving)
    case = finished(maker, trade(maker, trader).held("bank_change_unverified"))
    return replace(case, moved=((trader, new_account(trader.vendor_id)),))


@scenario("account change used at once", "combination")
def moved(maker: Maker) -> Case:
    """The invoice already asks for payment to the new account."""
    trader = maker.chance.choice(maker.known.moving)
    new = new_account(trader.vendor_id)
    draft = trade(maker, trader)
    invoice = replace(draft.bill(), account=replace(draft.invoice.account, number=new))
    case = finished(maker, draft)
    holds = (Expected("bank_change_unverified"), Expected("bank_mismatch"))
    return replace(case, claims=(claim(invoice, *holds),), moved=((trader, new),))


def new_account(vendor_id: str) -> str:
    """The account a vendor moves to: one for all its invoices, since only one change can wait at a time."""
    return other_account(random.Random(vendor_id))  # noqa: S311 - a game, not a secret


@scenario("order of another vendor")
def other_vendor(maker: Maker) -> Case:
    """The invoice names an order that was given to somebody else."""
    draft = trade(maker, maker.trader(euro=True))
    other = maker.other(draft.trader)
    invoice = draft.billing(
        vendor_id=other.vendor_id,
        seller=other.party(),
        account=other.account(),
        number=maker.invoice_number(other, draft.invoice.issue_date or maker.today, maker.last),
    )
    return finished(maker, replace(invoice.held("supplier_mismatch"), trader=other))
