"""The product's modules as syntax trees: what they import, how long they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.conftest import ROOT

APPS = ("audit", "reviews", "coordination")


@dataclass(frozen=True)
class Module:
    """One file."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        return self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def imports(self) -> set[str]:
        """Absolute names of what is imported, anywhere in the file but for type checking only."""
        return {name for node in ast.walk(self.tree) for name in self._named(node)}

    def _named(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = self.package.split(".")
            base = above[: len(above) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)

    def neighbours(self) -> set[str]:
        """Names of the modules of ours that this one imports: `from package import file` is the file, and
        `from package import name` the package."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                source, *names = self._named(node)
                found |= {name if name in modules() else source for name in names}
        return (found & modules().keys()) - {self.name}

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def modules() -> dict[str, Module]:
    """Every module of the product but migrations, by name."""
    files = (p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts)
    return {m.name: m for m in map(Module, sorted(files))}


def within(package: str) -> list[Module]:
    """A package and everything in it."""
    return [m for name, m in modules().items() if name == package or name.startswith(f"{package}.")]


def reached(start: Module) -> set[str]:
    """Names of everything a module imports, directly or through modules of ours."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in todo.pop().imports() - seen:
            seen.add(name)
            ours = modules().get(name)
            if ours is not None and ours is not start:
                todo.append(ours)
    return seen
