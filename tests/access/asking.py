"""Asking an address as the table says it is asked, and what came of it."""

from __future__ import annotations

from typing import Any

from .house import ADDRESSES, Answer, House, knock
from .table import STRANGERS, TABLE, Row

NAMES = sorted(ADDRESSES.keys() & TABLE.keys())


def path_of(house: House, name: str) -> str:
    row = TABLE[name]
    return ADDRESSES[name].of(house.objects | {key: house.objects[other] for key, other in row.about.items()})


def sent_by(house: House, name: str, person: str) -> dict[str, Any]:
    sent = TABLE[name].sent
    return dict(sent(house, person) if callable(sent) else sent)


def ask(house: House, name: str, method: str, person: str, *, part: bool = False) -> Answer:
    key = (name, method, person, part)
    if key not in house.asked:
        sent = sent_by(house, name, person) if method == "POST" else {}
        house.asked[key] = knock(house, person, method, path_of(house, name), sent, part=part)
    return house.asked[key]


def expected(row: Row, method: str, person: str) -> str:
    who = row.get if method == "GET" else row.post
    if person in STRANGERS and STRANGERS - (who or frozenset()):
        return "sign in"
    if who is None:
        return "no such method"
    return "done" if person in who else "refused"


def outcome(found: Answer) -> str:
    if found.status == 302 and found.location.startswith("/login/?next="):
        return "sign in"
    names = {200: "done", 204: "done", 302: "done", 403: "refused", 404: "missing", 405: "no such method"}
    return names.get(found.status, f"{found.status}: {words(found)}")


def words(found: Answer) -> str:
    """What a refusal says, for whoever reads a failure."""
    text = found.body.decode(errors="replace")
    return text.partition('role="alert"')[2].partition("</")[0].strip(" >\n") or text[:200]
