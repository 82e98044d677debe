"""The question about a vendor's bank account: asked when one is proposed, answered by a manager who did not
bring it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from audit import ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews.models import Escalation, Verdict

from ...agents.identity import masked
from ...models import BankAccount, Invoice, Vendor
from ...tasks import work_queue
from ...translation.cross_border import is_iban
from .. import master_data
from ..intake import adoption
from ..master_data import Change as Proposed
from ..master_data import Proposal


def ask(
    account: BankAccount,
    replaced: Sequence[BankAccount],
    document: Mapping[str, str],
    actor: str,
    at: datetime,
) -> None:
    """Ask about a proposed account. `replaced` were proposed before and are not decided: the question names
    them too."""
    vendor = account.vendor
    subject = Subject.of("vendor", vendor.id)
    before = master_data.waiting([subject]).get(subject)
    verified = vendor.accounts.filter(status=BankAccount.Status.VERIFIED).first()
    known, new = _shown(verified) if verified else "none", _shown(account)
    earlier = list(dict.fromkeys([*_open_accounts(before), *(_shown(a) for a in replaced)]))
    changes = [
        Proposed(
            "bank change unverified", known, new, _sentence(vendor.name, new, known), "bank_change_unverified"
        )
    ]
    for other in earlier:
        said = (
            f"{other} was proposed before and nobody has decided on it; {new} has taken its place. Ask which"
            " is right."
        )
        changes.append(Proposed("bank change unverified", known, other, said, "bank_change_unverified"))
    kept = f"keeps {known}" if verified else "leaves the vendor without an account, and its invoices unpaid"
    Proposal(
        subject=subject,
        kind="vendor_bank",
        text=f"Pay {vendor.name} to {new} from now on?",
        changes=tuple(changes),
        case={
            "vendor": vendor.name,
            "vendor_id": vendor.vendor_id,
            "account_now": known,
            "account_new": new,
            "accounts_replaced": earlier,
            "origin": account.origin,
            "account": str(account.id),
            "documents": [dict(document)],
        },
        if_approved=f"Approving pays {vendor.name} to {new} from now on.",
        if_rejected=f"Rejecting {kept}.",
        makers=(*(before.makers if before else ()), actor),
        queue="finance",
    ).ask(actor, at)


def _shown(account: BankAccount) -> str:
    """The account as people recognise it; one that is no IBAN with its bank, which is part of where money
    goes."""
    number = masked(account.number)
    return number if is_iban(account.number) or not account.bic else f"{number} at {account.bic}"


def _open_accounts(before: Escalation | None) -> list[str]:
    """Accounts that the question before had named and that are not decided either."""
    return [] if before is None else [*before.case.get("accounts_replaced", []), before.case["account_new"]]


def _sentence(name: str, new: str, known: str) -> str:
    if known == "none":
        return (
            f"{new} is the first account of {name} that we are told of. Confirm it on a number that you found"
            " yourself."
        )
    return f"{name} is to be paid to {new} instead of {known}. Call back on a number already on file."


def decided(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The proposed account becomes the verified one, or is refused; invoices of the vendor are asked about
    again."""
    vendor = Subject(escalation.subject).uuid
    stamp = Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    proposed = BankAccount.objects.select_for_update().get(pk=escalation.case["account"])
    changes: list[Change] = []
    if verdict.verdict == "approve":
        retired = list(BankAccount.objects.select_for_update().filter(vendor=vendor, status="verified"))
        for old in retired:
            old.status, old.since = BankAccount.Status.RETIRED, at
        changes += trail.update(retired, ("status", "since"), stamp)
        proposed.verified_by = verdict.by
    proposed.status = (
        BankAccount.Status.VERIFIED if verdict.verdict == "approve" else BankAccount.Status.REFUSED
    )
    proposed.since = at
    changes += trail.update([proposed], ("status", "since", "verified_by"), stamp)
    ledger.append(
        [
            ledger.Event(
                escalation.subject,
                "vendor.account_decided",
                verdict.by,
                at,
                {"status": proposed.status},
                changes,
            )
        ]
    )
    work_queue.invalidate(
        list(Invoice.objects.filter(vendor=vendor).values_list("id", flat=True)), "vendor", escalation.subject
    )
    adoption.look_again(
        Vendor.objects.filter(pk=vendor).values_list("vat_key", flat=True), escalation.subject
    )
