"""Numbers of documents are normalised in one module, and compared to the letter only where that is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = "coordination/translation/identity.py"
OF_WORDS = {
    "coordination/agents/instructions.py": "text that gives orders",
    "coordination/reports/words.py": "names of files",
    "coordination/translation/notices.py": "sentences on invoices",
    "coordination/translation/pdf/printed.py": "names of months",
    "coordination/translation/references.py": "words that stand where a number should",
    "coordination/translation/sepa_text.py": "what banks can read",
}
"""Modules that fold text, which is no number."""

TO_THE_LETTER = {
    "coordination/assurance/evidence.py": "beside the key",
    "coordination/facts/numbered.py": "before the key",
    "coordination/selectors/history.py": "beside the messages found by key",
    "coordination/selectors/statements.py": "beside the normal form",
    "coordination/selectors/status.py": "beside the key",
    "coordination/services/intake/masters.py": "an account",
    "coordination/services/intake/orders.py": "beside the key, and for orders that are known by then",
    "coordination/services/intake/receipts.py": "whether the same content came before",
    "coordination/services/payments/approval.py": "the number of a run",
    "coordination/services/retention/legal_holds.py": "before the key",
    "coordination/selectors/orders.py": "before the key",
    "coordination/questions/invoice_remedies.py": "an order as it was typed, before the key",
    "coordination/questions/versions.py": "the number of a version",
    "coordination/oversight/planting.py": "a number that is free",
    "coordination/oversight/sources.py": "documents that name each other to the letter make twins",
    "coordination/selectors/behaviour/incidents.py": "the number of an incident",
    "coordination/selectors/confidence.py": "the number of a table",
    "coordination/services/behaviour/incidents.py": "the number of an incident",
    "coordination/services/behaviour/measured_versions.py": "the number of a version",
    "coordination/views/fetch.py": "the number of a run",
    "coordination/views/incidents.py": "the number of an incident",
    "coordination/world/managers.py": "the number of an incident",
    "coordination/world/past.py": "the number of a run, and numbers that it made itself",
}
"""Modules that ask the database for a number as it is written, and why that misses nothing."""

NUMBER = re.compile(r"(?:^|_)(?:number|numbers|reference|references|despatch|receipt)$")
FOLDS = {"casefold", "lower", "upper", "swapcase", "isalnum", "translate", "replace"}
ASKED = re.compile(r"^(?:\w+_)?number(?:__(?:in|exact|iexact|icontains|contains|startswith))?$")
JOINED = re.compile(r"\b\w+\.(\w*number)\s*=\s*\w+\.(\w*number)\b")
JOINS = {
    "coordination/facts/context.py": "accounts",
    "coordination/facts/makers.py": "messages stand under the number that their order goes by",
    "coordination/facts/receipt_versions.py": "beside the key",
}


def modules() -> list[str]:
    found = (p for package in ("audit", "coordination", "reviews") for p in (ROOT / package).rglob("*.py"))
    names = (p.relative_to(ROOT).as_posix() for p in found)
    return sorted(n for n in names if "/migrations/" not in n and n != HOME)


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text())


def last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def folded(name: str) -> Iterator[str]:
    """Numbers on which a module calls what folds text, step by step (`number.strip().upper()`)."""
    for node in ast.walk(tree(name)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        value = node.func.value
        while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            value = value.func.value
        if node.func.attr in FOLDS and NUMBER.search(last_name(value)):
            yield f"{name}:{node.lineno}: {ast.unparse(node)}"


def asked(name: str) -> Iterator[str]:
    """Where a module asks the database for a number as it is written."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call) and last_name(node.func) in {"filter", "exclude", "get", "Q"}:
            for keyword in node.keywords:
                if keyword.arg and ASKED.match(keyword.arg):
                    yield f"{name}:{node.lineno}: {keyword.arg}"


def test_only_one_module_takes_letters_apart() -> None:
    using = {n for n in modules() if re.search(r"\bunicodedata\b", (ROOT / n).read_text())}
    assert using == set(OF_WORDS)


def test_no_module_folds_a_number_by_itself() -> None:
    assert [found for name in modules() for found in folded(name)] == []


def test_a_number_is_asked_for_to_the_letter_only_where_that_is_meant() -> None:
    found = {name: list(asked(name)) for name in modules()}
    assert {name for name, places in found.items() if places} == set(TO_THE_LETTER), found


def test_tables_are_joined_by_keys_and_not_by_numbers() -> None:
    assert {n for n in modules() if JOINED.search((ROOT / n).read_text())} == set(JOINS)
