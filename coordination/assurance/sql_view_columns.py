"""What the documented views hold: each column with its SQL and its meaning. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    sql: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """`source` is what stands behind FROM; `tables` have to exist for the view to."""

    name: str
    purpose: str
    source: str
    tables: tuple[str, ...]
    columns: tuple[Column, ...]


def _view(name: str, purpose: str, source: str, tables: str, *columns: tuple[str, str, str]) -> View:
    return View(name, purpose, source, tuple(tables.split()), tuple(Column(*c) for c in columns))


def _words(column: str) -> str:
    """A person's text from the side table, by its commitment; null once it was erased."""
    text = f"SELECT p.value FROM audit_personal p WHERE p.commitment = right({column}, 64)"  # noqa: S608 - our own names
    return f"CASE WHEN {column} ~ '^commit:sha256:[0-9a-f]{{64}}$' THEN ({text}) ELSE {column} END"


_SENTENCE = "(h.detail->>'sentence')"
_SUBJECT = ("subject", "'invoice/' || i.id", "key of the invoice; the same in all views")
_NUMBER = ("invoice_number", "i.number", "the vendor's number of the invoice")
_VENDOR = ("vendor_id", "v.vendor_id", "our number of the vendor; null while the vendor is unknown")
_OF_INVOICE = (
    "JOIN coordination_invoice i ON i.id = {0}.invoice_id LEFT JOIN coordination_vendor v ON v.id ="
    " i.vendor_id"
)
_I = "coordination_invoice coordination_vendor"

VIEWS: tuple[View, ...] = (
    _view(
        "entries",
        "Every entry of the ledger. Account numbers in the body are masked, so hash the body of `export"
        " entries`, not this one.",
        "audit_entry e",
        "audit_entry",
        ("id", "e.id", "number of the row; not the order of commits"),
        ("subject", "e.subject", "what it is about, for example invoice/<key>"),
        ("seq", "e.seq", "place in the chain of its subject, from 1 without gaps"),
        ("type", "e.type", "what happened, in the past tense"),
        ("actor", "e.actor", "who did it: human:<key>, agent:<name>/<version>, system:<job>"),
        ("recorded_at", "e.recorded_at", "when, UTC"),
        ("prev", "e.prev", "hash of the entry before it; 64 zeros in the first"),
        ("hash", "e.hash", "SHA-256 of 0x00 and the body as stored"),
        (
            "body",
            "audit_read.mask_text(e.body)",
            "CloudEvents envelope as canonical JSON, accounts masked, personal text as commitments",
        ),
    ),
    _view(
        "leaves",
        "Places of entries in the sealed tree.",
        "audit_leaf l",
        "audit_leaf",
        ("leaf_index", "l.leaf_index", "place in the tree, from 0"),
        ("entry_id", "l.entry_id", "the entry"),
    ),
    _view(
        "checkpoints",
        "Signed roots of the tree.",
        "audit_checkpoint c",
        "audit_checkpoint",
        ("size", "c.size", "number of leaves"),
        ("root", "c.root", "root hash"),
        ("note", "c.note", "the checkpoint as signed, for `verify --checkpoint`"),
        ("created_at", "c.created_at", "when it was sealed, UTC"),
    ),
    _view(
        "invoices",
        "Every invoice and credit note as it stands now.",
        "coordination_invoice i LEFT JOIN coordination_vendor v ON v.id = i.vendor_id JOIN"
        " coordination_document d ON d.id = i.document_id",
        f"{_I} coordination_document",
        _SUBJECT,
        ("number", "i.number", "the vendor's number"),
        ("type", "i.type", "invoice or credit_note"),
        _VENDOR,
        ("vendor_name", "v.name", "the vendor's name"),
        ("currency", "i.currency", "ISO 4217"),
        ("net", "i.net", "total without tax (BT-109)"),
        ("tax", "i.tax", "tax total (BT-110)"),
        ("gross", "i.gross", "total with tax (BT-112); positive on credit notes too"),
        ("issue_date", "i.issue_date", "date on the document"),
        ("due_date", "i.due_date", "due date, where one is stated or follows"),
        ("order_numbers", "i.order_numbers", "orders it names"),
        (
            "state",
            "i.state",
            "received, validated, matched, delivered, cleared, scheduled, paid, rejected or void",
        ),
        ("lane", "i.lane", "auto, waiting, escalated, human, open or void"),
        ("version", "i.version", "counts its changes"),
        ("received_at", "i.received_at", "when it came in, UTC"),
        ("document_sha256", "d.content_id", "SHA-256 of the original bytes"),
        ("source_format", "d.source_format", "what they were read as"),
        ("source", "d.source", "by which way they came"),
    ),
    _view(
        "invoice_history",
        "Every version of every invoice, one row per change.",
        "coordination_historicalinvoice h",
        "coordination_historicalinvoice",
        ("history_id", "h.history_id", "number of the version; entries bind it by SHA-256"),
        ("subject", "'invoice/' || h.id", "key of the invoice"),
        ("at", "h.history_date", "when, UTC"),
        ("actor", "h.history_user_id", "who"),
        ("reason", "h.history_change_reason", "in which step"),
        ("change", "h.history_type", "+ made, ~ changed, - removed"),
        ("state", "h.state", "state after it"),
        ("lane", "h.lane", "lane after it"),
        ("version", "h.version", "version after it"),
    ),
    _view(
        "decisions",
        "Every committed decision, people's included.",
        f"coordination_decision d {_OF_INVOICE.format('d')}",
        f"coordination_decision {_I}",
        ("id", "d.id", "key of the decision"),
        _SUBJECT,
        _NUMBER,
        _VENDOR,
        ("agent", "d.agent", "who decided by role; person for people"),
        ("actor", "d.actor", "who exactly"),
        ("outcome", "d.outcome", "what was decided"),
        ("confidence", "d.confidence", "0 to 1; null for people"),
        ("state_from", "d.state_from", "state before"),
        ("state_to", "d.state_to", "state after"),
        ("state_version", "d.state_version", "the invoice's version after"),
        ("policy", "d.policy", "policy in force, v<revision>"),
        ("codes", "d.codes", "hold codes it raised or released"),
        ("at", "d.at", "when, UTC"),
        ("entry_id", "d.entry_id", "its entry of the ledger"),
    ),
    _view(
        "holds",
        "Reasons not to pay, standing and released.",
        f"coordination_hold h {_OF_INVOICE.format('h')}",
        f"coordination_hold {_I} audit_personal",
        ("id", "h.id", "key of the hold"),
        _SUBJECT,
        _NUMBER,
        _VENDOR,
        ("code", "h.code", "hold code"),
        ("question", "h.question", "the question it belongs to"),
        ("owner", "h.owner", "department that answers it"),
        ("line", "h.line", "invoice line; null for the whole"),
        ("status", "h.status", "open, waiting or released"),
        ("release", "h.release", "how it ended: matched, override, replaced or rejected"),
        (
            "sentence",
            f"audit_read.mask_text({_words(_SENTENCE)})",
            "what was found, in words; null if a person wrote it and it was erased",
        ),
        ("rule", "h.detail->>'rule'", "rule of the policy"),
        ("raised_by", "h.raised_by", "who raised it"),
        ("opened_at", "h.opened_at", "when, UTC"),
        ("released_at", "h.released_at", "when it ended, UTC"),
        ("released_by", "h.released_by", "who ended it"),
        ("release_reason", "h.release_reason", "reason code or step"),
    ),
    _view(
        "escalations",
        "Every question put to people, known-answer cases included (kind known_answer).",
        "reviews_escalation e",
        "reviews_escalation",
        ("id", "e.id", "key of the question"),
        ("subject", "e.subject", "what it is about"),
        (
            "kind",
            "e.kind",
            "kind of question, such as invoice, statement, payment_run, policy or known_answer",
        ),
        ("question", "e.question", "as it was asked"),
        ("codes", "ARRAY(SELECT r->>'code' FROM jsonb_array_elements(e.reasons) r)", "reason codes"),
        ("queue", "e.queue", "department asked"),
        ("quorum", "e.quorum", "answers needed"),
        ("makers", "e.makers", "who may not answer, having made it"),
        ("currency", "e.currency", "currency of the amount"),
        ("amount", "e.amount", "amount at stake"),
        ("amount_company", "e.amount_company", "in company currency, for limits"),
        ("status", "e.status", "open, approved, edited, partial, rejected, expired, superseded or withdrawn"),
        ("version", "e.version", "counts its changes"),
        ("opened_at", "e.opened_at", "when asked, UTC"),
        ("due_at", "e.due_at", "by when, UTC"),
        ("clock", "e.clock", "which clock set that"),
        ("owner", "e.owner", "who said to be on it"),
        ("verdict", "e.verdict", "the answer"),
        ("decided_by", "e.decided_by", "who gave the last one"),
        ("decided_at", "e.decided_at", "when it closed, UTC"),
        ("policy", "e.policy", "policy in force when asked"),
        ("payload_hash", "e.payload_hash", "SHA-256 of what the answer stands on"),
    ),
    _view(
        "verdicts",
        "Every answer of a person, those to known-answer cases included (subject known_answer/…).",
        "reviews_verdict w JOIN reviews_escalation e ON e.id = w.escalation_id LEFT JOIN audit_erased x ON"
        " x.commitment = right(w.comment, 64)",
        "reviews_verdict reviews_escalation audit_personal audit_erased",
        ("id", "w.id", "key of the answer"),
        ("escalation_id", "w.escalation_id", "the question"),
        ("subject", "e.subject", "what it is about"),
        ("verdict", "w.verdict", "approve, reject or override"),
        ("by", "w.by", "who"),
        ("reason", "w.reason", "reason code"),
        ("comment", _words("w.comment"), "in their own words; null if it was erased"),
        ("comment_erased_at", "x.at", "when the comment was erased, UTC"),
        ("overrides", "w.overrides", "codes that an override set aside"),
        ("covers", "w.covers", "holds the answer is about, with code, line and department"),
        ("seen_version", "w.seen_version", "version of the question they saw; null where nothing was shown"),
        ("seconds", "w.seconds", "how long the page had been before them; null without a page"),
        ("payload_hash", "w.payload_hash", "what the answer stands on"),
        ("at", "w.at", "when, UTC"),
    ),
    _view(
        "payments",
        "Every payment with its run. Accounts are masked.",
        "coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id JOIN"
        " coordination_invoice i ON i.id = p.invoice_id JOIN coordination_vendor v ON v.id = p.vendor_id",
        f"coordination_payment coordination_paymentbatch {_I}",
        ("id", "p.id", "key of the payment"),
        ("batch", "b.number", "number of the payment run"),
        _SUBJECT,
        _NUMBER,
        _VENDOR,
        ("amount", "p.amount", "amount paid"),
        ("discount", "p.discount", "discount taken"),
        ("currency", "p.currency", "ISO 4217"),
        ("account", "audit_read.mask_account(p.account)", "account paid to, masked"),
        ("status", "p.status", "proposed, approved, exported, paid, refused or cancelled"),
        ("batch_status", "b.status", "status of the run"),
        ("execute_on", "b.execute_on", "first day of payment of the run"),
        ("proposed_by", "b.proposed_by", "maker"),
        ("proposed_at", "b.proposed_at", "when, UTC"),
        ("approved_by", "b.approved_by", "checker; never the maker"),
        ("approved_at", "b.approved_at", "when, UTC"),
        ("file_sha256", "b.file_sha256", "SHA-256 of the bank file"),
    ),
    _view(
        "vendors",
        "Vendors with their verified account, masked.",
        "coordination_vendor v LEFT JOIN coordination_bankaccount a ON a.vendor_id = v.id AND a.status ="
        " 'verified'",
        "coordination_vendor coordination_bankaccount",
        ("vendor_id", "v.vendor_id", "our number"),
        ("subject", "'vendor/' || v.id", "key in the ledger"),
        ("name", "v.name", "name"),
        ("vat_id", "v.vat_id", "VAT id"),
        ("country", "v.country", "ISO 3166"),
        ("currency", "v.currency", "ISO 4217"),
        ("payment_terms", "v.payment_terms", "terms agreed"),
        ("status", "v.status", "active or blocked"),
        ("account", "audit_read.mask_account(a.number)", "verified account, masked"),
        ("account_verified_by", "a.verified_by", "who verified it"),
        ("account_since", "a.since", "since when, UTC"),
        ("created_at", "v.created_at", "when it was recorded, UTC"),
    ),
    _view(
        "policy_versions",
        "Every version of the rules.",
        "coordination_policyversion p",
        "coordination_policyversion",
        ("revision", "p.revision", "number"),
        ("status", "p.status", "draft, tested, active or retired"),
        ("sha256", "p.sha256", "SHA-256 of the text"),
        ("text", "p.text", "the rules, canonical JSON"),
        ("author", "p.author", "who wrote it"),
        ("created_at", "p.created_at", "when, UTC"),
        ("activated_by", "p.activated_by", "who put it in force"),
        ("activated_at", "p.activated_at", "when, UTC"),
    ),
    _view(
        "catch_rate_falls",
        "Falls of a queue's catch rate with the doses of the policy that were in force for them.",
        "coordination_catchratefall f",
        "coordination_catchratefall",
        ("queue", "f.queue", "whose catch rate fell"),
        ("policy", "f.policy", "version whose rows these are"),
        ("doses", "f.doses", "the rows as they stood, JSON"),
        ("cases", "f.cases", "cases of a block after which it was seen"),
        ("caught", "f.caught", "of them caught"),
        ("since", "f.since", "cases answered after it count for the end, UTC"),
        ("began_at", "f.began_at", "when the doses began, UTC"),
        ("ended_at", "f.ended_at", "when they ended, UTC; null while in force"),
        ("why", "f.why", "goal met, other policy or not measured; empty while in force"),
    ),
    _view(
        "people",
        "Accounts of people with what they may do now; the past is in entries of type person.rights.",
        "auth_user u LEFT JOIN reviews_desk k ON k.user_id = u.id",
        "auth_user reviews_desk auth_group auth_user_groups",
        ("actor", "'human:' || u.id", "as other views name them"),
        ("username", "u.username", "sign-in name"),
        ("name", "trim(u.first_name || ' ' || u.last_name)", "name"),
        ("active", "u.is_active", "may sign in"),
        (
            "groups",
            (
                "ARRAY(SELECT g.name::text FROM auth_group g JOIN auth_user_groups m ON m.group_id = g.id"
                " WHERE m.user_id = u.id ORDER BY 1)"
            ),
            "specialist, manager, auditor, admin",
        ),
        ("department", "k.department", "whose questions they answer"),
        ("signs_up_to", 'k."limit"', "own limit in company currency; null: the group's"),
        ("until", "k.until", "when access ends, UTC; null: open"),
    ),
    _view(
        "access_log",
        "Who looked at what.",
        "coordination_accessrecord a",
        "coordination_accessrecord",
        ("id", "a.id", "number of the row"),
        ("by", "a.by", "who"),
        ("what", "a.what", "page or file"),
        ("subject", "a.subject", "of what"),
        ("at", "a.at", "when, UTC"),
    ),
    _view(
        "legal_holds",
        "What must not be removed, and why.",
        "coordination_legalhold h",
        "coordination_legalhold audit_personal",
        ("id", "h.id", "key of the hold"),
        ("subject", "h.subject", "invoice/<key> or vendor/<key>"),
        ("reason", _words("h.reason"), "why; null if erased"),
        ("placed_by", "h.placed_by", "who set it"),
        ("placed_at", "h.placed_at", "when, UTC"),
        ("lifted_by", "h.lifted_by", "who lifted it"),
        ("lifted_at", "h.lifted_at", "when, UTC; null while it stands"),
        ("lift_reason", _words("h.lift_reason"), "why it was lifted; null if erased"),
    ),
    _view(
        "erasures",
        "Personal texts that were erased; the entries that carried them still prove that they were there.",
        "audit_erased x",
        "audit_erased",
        ("commitment", "x.commitment", "what entries carry in place of the text"),
        ("kind", "x.kind", "what kind of text"),
        ("of", "x.of", "who had written it"),
        ("about", "x.about", "what it was about"),
        ("by", "x.by", "who erased it"),
        ("why", "x.why", "reason given"),
        ("at", "x.at", "when, UTC"),
    ),
)
