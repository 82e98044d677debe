"""Every term of the glossary occurs in the code, and no name uses a word that was given up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.modules import Module, modules
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text()
ROWS = [line.split("|")[1:4] for line in PAGE.splitlines() if line.startswith("| ")][1:]
TERMS = [term.strip() for term, *_ in ROWS if not term.startswith("---")]

GIVEN_UP = {
    "standing": "say what stands: seal_status, RetentionStatus, AgentSummary",
    "stirred": "loop guard, reasked",
    "brake": "loop guard, or circuit breaker for drift",
    "beside": "advisory",
    "said": "a verb with its object: format_amount, describe_facts",
    "told": "a verb with its object",
    "named": "a verb with its object",
    "of": "a verb with its object",
    "wake": "invalidate",
    "desk": "review queue, or signing profile",
    "siblings": "related invoices",
    "alike": "similar invoices",
    "posture": "check_roles",
    "forget": "clear_cache",
    "papers": "reports",
    "furnish": "build, with the object",
    "click": "idempotency key",
}
"""Word -> what to say instead, for names of modules, classes and functions."""

STAYS = {
    # methods that read well after their object: Rates.of, Sums.of
    "method:of",
    # facts as agents read them: the names are keys of recorded snapshots, and their digests
    "class:Sibling",
    "function:alike_now",
    # names of tables, columns and interfaces
    "function:billing_siblings",
    "function:naming_siblings",
    "function:wake_waiting",
}


def names(module: Module) -> Iterator[str]:
    """kind:name of everything that a module defines, the module itself included."""
    yield f"module:{module.path.stem}"
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            yield f"class:{node.name}"
            yield from (
                f"method:{n.name}" for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"function:{node.name}"


def words(name: str) -> set[str]:
    """The words of a name in snake or camel case."""
    bare = name.partition(":")[2]
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", bare).lower().strip("_").split("_"))


def given_up(name: str) -> set[str]:
    """Words of a name that were given up; short ones where they are all of it: `sum_of` reads well."""
    found = words(name) & GIVEN_UP.keys()
    return {w for w in found if w not in {"of", "said", "told", "named"} or len(words(name)) == 1}


@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_glossary_occurs_in_the_code(term: str) -> None:
    pattern = re.compile(r"[\s_]*".join(map(re.escape, re.split(r"[\s-]", term))), re.IGNORECASE)
    assert any(pattern.search(m.text) for m in modules().values()), "a word that nothing uses: take it out"


def test_no_name_uses_a_word_that_was_given_up() -> None:
    found = {
        f"{m.name}: {name.partition(':')[2]}": "; ".join(GIVEN_UP[w] for w in sorted(bad))
        for m in modules().values()
        for name in names(m)
        if name not in STAYS and (bad := given_up(name))
    }
    assert found == {}, "say what docs/glossary.md says"


def test_the_glossary_is_in_alphabetical_order() -> None:
    assert [t.lower() for t in TERMS] == sorted(t.lower() for t in TERMS)


def test_files_that_the_glossary_names_are_there() -> None:
    found = re.findall(r"`((?:\w+/)+\w*(?:\.py)?)`", PAGE)
    missing = [f for f in found if not any((ROOT / base / f).exists() for base in (".", "coordination"))]
    assert missing == []
