"""What the pages load: others' files unchanged, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
OWN = [p for p in STATIC.rglob("*") if p.is_file() and "vendor" not in p.relative_to(STATIC).parts]
SHEETS = sorted((STATIC / "css").glob("*.css"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
ROW = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)
VENDORED = dict(ROW.findall((STATIC / "vendor" / "VENDOR.md").read_text(encoding="utf-8")))
FORBIDDEN = {
    "style attribute": re.compile(r"\sstyle=", re.IGNORECASE),
    "event attribute": re.compile(r"\s(?:on[a-z]+|hx-on[:a-z-]*)=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "inline style": re.compile(r"<style", re.IGNORECASE),
    "evaluated value": re.compile(r"=[\"'](?:js|javascript):", re.IGNORECASE),
    "foreign address": re.compile(r"(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_a_file_of_others_is_the_one_written_down(name: str) -> None:
    found = hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest()
    assert found == VENDORED[name], f"write its new sha256 into VENDOR.md: {found}"


def test_every_file_of_others_is_written_down_with_a_licence() -> None:
    files = {str(p.relative_to(STATIC / "vendor")) for p in (STATIC / "vendor").rglob("*") if p.is_file()}
    code = {f for f in files if f.endswith((".js", ".woff2", ".css"))}
    assert code == set(VENDORED)
    assert all((STATIC / "vendor" / Path(name).parent / "LICENSE").exists() for name in code)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_a_template_keeps_to_the_content_security_policy(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_a_template_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("path", OWN, ids=lambda p: str(p.relative_to(STATIC)))
def test_a_file_of_ours_is_short_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < {".js": 250, ".css": 350}.get(path.suffix, 100)
    addresses = [a for a in re.findall(r"https?://[^\s\"')]+", text) if "www.w3.org" not in a]
    assert addresses == []


def test_every_icon_in_use_is_drawn() -> None:
    sprite = ElementTree.parse(STATIC / "icons.svg")
    drawn = {node.get("id") for node in sprite.iter() if node.get("id")}
    used = {name for p in PAGES for name in re.findall(r'{% icon "([\w-]+)"', p.read_text(encoding="utf-8"))}
    assert used - drawn == set()


def test_every_rule_of_a_stylesheet_is_in_a_layer_of_the_one_declared_order() -> None:
    """What wins follows from the order of the layers, not from how heavy a selector is or which file came
    last."""
    texts = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in SHEETS}
    orders = {name: re.findall(r"^@layer ([\w, ]+);", text, re.MULTILINE) for name, text in texts.items()}
    assert [name for name, found in orders.items() if found] == ["tokens.css"]
    [order] = orders["tokens.css"]
    for name, text in texts.items():
        outside = [line for line in text.splitlines() if line and not line.startswith((" ", "}", "@layer "))]
        assert not outside, f"{name}: put these rules into a layer: {outside}"
        assert set(re.findall(r"^@layer (\w+) {", text, re.MULTILINE)) <= set(order.split(", ")), name


def test_only_what_a_script_wrote_on_an_element_is_overruled_by_important() -> None:
    assert [path.name for path in SHEETS for _ in re.findall("!important;", path.read_text())] == [
        "print.css"
    ] * 3
