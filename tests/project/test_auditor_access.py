"""An auditor's access ends by itself, by SQL as on the web, and until then reads the documented views and
nothing else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone
from psycopg import errors
from pytest_django import DjangoDbBlocker

from audit import canonical, roles
from audit.ids import new_id
from audit.models import Entry
from coordination.assurance import sql_logins, sql_views
from coordination.assurance.sql_view_columns import VIEWS
from coordination.live.access import person_of_session
from coordination.selectors.as_of import invoice_as_of
from coordination.services import manual_hold, payments
from coordination.services.retention import erasure
from reviews import assignment
from reviews.errors import NotAllowed
from reviews.models import SigningProfile
from tests import cast
from tests.audit import hardened as server
from tests.cast import IBAN, OTHER_IBAN, Cast, answer, question
from tests.conftest import ROOT

FAR = timezone.now() + timedelta(days=30)


def run(*arguments: str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("auditor", *arguments, json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def told(subject: str) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(subject=subject).order_by("seq").values_list("type", "body")
    return [(type_, canonical.loads(body)["data"]) for type_, body in rows]


# --- by SQL -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hardened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        server.harden()
        yield
        for auditor in [a for a in sql_logins.auditors() if a.kind == "sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP ROLE "{sql_logins.login_of(auditor.name)}"')
        server.soften()
        server.forget("access/%")
        connection.close()


@pytest.fixture(scope="module")
def auditor(hardened: None, django_db_blocker: DjangoDbBlocker) -> Iterator[psycopg.Connection[Any]]:
    """A login of its own, made by the product and used from outside."""
    with django_db_blocker.unblock():
        password = sql_logins.grant("deloitte", FAR)
        with server.login(sql_logins.login_of("deloitte"), password) as connected:
            yield connected
        connection.close()


@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.name)
def test_an_auditor_reads_every_view(auditor: psycopg.Connection[Any], view: Any) -> None:
    if view not in sql_views.present():
        pytest.skip(f"the tables of {view.name} are not there")
    found = auditor.execute(f"SELECT * FROM {view.name} LIMIT 5")  # the search path leads to the views
    assert [c.name for c in found.description or ()] == [c.name for c in view.columns]


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM public.audit_entry",
        "SELECT * FROM public.audit_personal",
        "SELECT * FROM public.auth_user",
        "SELECT * FROM public.coordination_bankaccount",
        "INSERT INTO entries (id) VALUES (1)",
        "DELETE FROM access_log",
        "UPDATE access_log SET what = 'nothing'",
        "CREATE TABLE audit_read.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE OR REPLACE FUNCTION audit_read.access_open() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
        "SET ROLE {owner}",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
    ],
)
def test_an_auditor_reads_nothing_else_and_writes_nothing(
    auditor: psycopg.Connection[Any], attack: str
) -> None:
    auditor.execute("SET default_transaction_read_only = off")  # the rights are the wall, not this setting
    with pytest.raises(errors.InsufficientPrivilege):
        auditor.execute(attack.format(owner=roles.name("owner")))  # type: ignore[arg-type]


def test_a_login_has_short_statements_few_connections_and_an_end(auditor: psycopg.Connection[Any]) -> None:
    assert auditor.execute("SHOW statement_timeout").fetchone() == ("30s",)
    login = sql_logins.login_of("deloitte")
    row = auditor.execute(
        "SELECT rolconnlimit, rolvaliduntil, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s",
        [login],
    ).fetchone()
    assert row is not None
    assert (row[0], row[1].replace(microsecond=0), row[2:]) == (3, FAR.replace(microsecond=0), (False, False))


def test_the_views_are_empty_once_the_time_is_over_in_an_open_connection_too(
    auditor: psycopg.Connection[Any],
) -> None:
    entries = "SELECT count(*) > 0 FROM policy_versions"
    assert auditor.execute(entries).fetchone() == (True,)
    login = sql_logins.login_of("deloitte")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {login} VALID UNTIL '2020-01-01'")
    try:
        assert auditor.execute(entries).fetchone() == (False,)
        assert [a.ended for a in sql_logins.auditors() if a.name == "deloitte"] == [True]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {login} VALID UNTIL '{FAR.isoformat()}'")
    assert auditor.execute(entries).fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_grant_list_and_revoke_are_commands_with_entries(hardened: None) -> None:
    day = (timezone.now() + timedelta(days=10)).date()
    granted = run("grant", "kpmg", until=day.isoformat())
    assert granted["until"] == f"{day}T23:59:59.000000Z"
    with psycopg.connect(granted["url"], autocommit=True) as connected:
        assert connected.execute("SELECT count(*) FROM entries").fetchone() == (Entry.objects.count(),)
        [row] = [a for a in run("list")["auditors"] if a["name"] == "kpmg"]
        assert (row["kind"], row["ended"], row["connected"]) == ("sql", False, 1)
        again = run("grant", "kpmg", until=day.isoformat())
        assert again["password"] != granted["password"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(granted["url"])
        assert run("revoke", "kpmg")["connections_closed"] == 1
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT 1")
    assert "kpmg" not in {a["name"] for a in run("list")["auditors"]}
    types = told(f"access/{sql_logins.login_of('kpmg')}")
    assert [t for t, _ in types] == ["auditor.granted", "auditor.granted", "auditor.revoked"]
    assert [d.get("again") for _, d in types] == ["no", "yes", None]
    assert granted["password"] not in "".join(Entry.objects.values_list("body", flat=True))


def test_the_password_is_not_in_the_statement(hardened: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(sql_logins, "text_of", lambda s: seen.append(s.as_string(None)) or "SELECT 1")
    monkeypatch.setattr(sql_logins, "_record", lambda *_: None)
    password = sql_logins.grant("pwc", FAR)
    assert any("SCRAM-SHA-256$" in s for s in seen)
    assert not any(password in s for s in seen)


@pytest.mark.django_db
def test_without_roles_or_the_right_to_make_them_it_says_what_to_do(people: Cast) -> None:
    with pytest.raises(sql_logins.NoRoles, match="harden"):
        sql_logins.grant("deloitte", FAR)
    for nobody in (people.alice, people.erin):
        with pytest.raises(NotAllowed):
            sql_logins.grant("deloitte", FAR, by=nobody)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE ROLE {roles.name('auditor')}; CREATE ROLE weak; GRANT ALL ON ALL TABLES IN SCHEMA public"
            " TO weak"
        )
        cursor.execute("GRANT ALL ON SCHEMA public TO weak; SET ROLE weak")
    with pytest.raises(sql_logins.MayNotMakeRoles, match="administrator's DATABASE_URL"):
        sql_logins.grant("deloitte", FAR)


@pytest.mark.parametrize("name", ["", "a", "Deloitte", "x; DROP ROLE y", 'a"b', "9lives", "a" * 40])
def test_a_login_has_a_plain_name(name: str) -> None:
    with pytest.raises(sql_logins.NoName):
        sql_logins.login_of(name)


@pytest.mark.parametrize("days", [-1, 367, 100000])
def test_access_ends_within_a_year(days: int) -> None:
    with pytest.raises(sql_logins.NotNow):
        sql_logins.end_of(datetime.now(UTC).date() + timedelta(days=days))


def test_the_last_day_counts_whole() -> None:
    today = datetime.now(UTC).date()
    assert sql_logins.end_of(today) == datetime(today.year, today.month, today.day, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(SystemExit) as ended:
        call_command("auditor", "grant", "x", until="someday", stderr=io.StringIO())
    assert ended.value.code == 2


# --- what the views say -------------------------------------------------------------------------------------


def rows(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [c.name for c in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def told_all(people: Cast) -> Cast:
    cast.trade(
        cast.bill(),
        cast.bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        cast.bill(invoice_number="INV-3", order_number="PO-3", iban=OTHER_IBAN),
        orders=(cast.order(), cast.order(order_number="PO-2"), cast.order(order_number="PO-3")),
        receipts=(cast.receipt(), cast.receipt(receipt_number="G2", order_number="PO-2")),
    )
    answer(question("INV-2"), "approve", by=people.alice, comment="Agreed by phone.")
    [batch] = payments.propose("human:900").batches
    payments.approve(batch.number, by=people.carol)
    return people


def test_views_agree_with_the_product_and_show_no_account_whole(told_all: Cast) -> None:
    everything = {v.name: rows(f"SELECT * FROM audit_read.{v.name}") for v in sql_views.present()}
    assert {i["number"]: i["state"] for i in everything["invoices"]}["INV-2"] == "scheduled"
    assert len(everything["entries"]) == Entry.objects.count()
    [verdict] = [v for v in everything["verdicts"] if v["subject"] == cast.invoice("INV-2").subject]
    assert (verdict["comment"], verdict["by"]) == ("Agreed by phone.", f"human:{told_all.alice.pk}")
    assert {p["account"] for p in everything["payments"]} == {"DE89…3000"}
    assert [v["account"] for v in everything["vendors"]] == ["DE89…3000"]
    text = repr(everything)
    bodies = "".join(Entry.objects.values_list("body", flat=True))
    for account in (IBAN, OTHER_IBAN):
        assert account in bodies  # it is there to be masked
        assert account not in text


def test_an_erased_comment_is_null_and_says_when(told_all: Cast) -> None:
    manual_hold.hold(cast.invoice("INV-3").id, "Ask Herr Vogel.", by=told_all.alice)
    [hold] = rows("SELECT sentence FROM audit_read.holds WHERE code = 'manual_hold'")
    assert hold["sentence"] == "Alice: Ask Herr Vogel."
    erasure.erase("person/alice", reason="asked for", by=told_all.carol)
    erased = rows(
        "SELECT comment, comment_erased_at FROM audit_read.verdicts WHERE comment_erased_at IS NOT NULL"
    )
    assert [(v["comment"], v["comment_erased_at"] is not None) for v in erased] == [(None, True)]
    [hold] = rows("SELECT sentence FROM audit_read.holds WHERE code = 'manual_hold'")
    assert hold["sentence"] is None
    assert len(rows("SELECT * FROM audit_read.erasures")) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"pay to {IBAN} now", "pay to DE89… now"),
        ("DE89 3704 0044 0532 0130 00.", "DE89…."),
        ("NO9386011117947", "NO93…"),
        ("MT84MALT011000012345MTLCAST001S", "MT84…"),
        (
            '{"account":{"bic":"X","number":"123456789012"},"n":"1"}',
            '{"account":{"bic":"X","number":"1234…"},"n":"1"}',
        ),
        ('{"verified":"123456789012"}', '{"verified":"1234…"}'),
        ('{"account":"4711","number":"INV-2026-000001"}', '{"account":"4711","number":"INV-2026-000001"}'),
        ("VAT DE136695976, order PO-1, " + "ab" * 32, "VAT DE136695976, order PO-1, " + "ab" * 32),
    ],
)
def test_accounts_in_texts_are_masked_and_other_numbers_are_not(text: str, masked: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_read.mask_text(%s)", [text])
        assert cursor.fetchone() == (masked,)


def test_every_view_and_column_is_documented() -> None:
    paper = (ROOT / "docs" / "sql.md").read_text()
    for view in VIEWS:
        section = re.search(rf"^## `{view.name}`\n(.*?)(?=^## |\Z)", paper, re.MULTILINE | re.DOTALL)
        assert section, f"docs/sql.md has no section on {view.name}"
        missing = [c.name for c in view.columns if f"| `{c.name}` | {c.meaning} |" not in section[1]]
        assert missing == [], f"docs/sql.md, {view.name}: run the snippet at its end for {missing}"


@pytest.mark.django_db
def test_views_are_renewed_when_they_are_not_as_they_should_be() -> None:
    assert sql_views.install() is False
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW audit_read.entries")
    assert sql_views.install() is True
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON SCHEMA audit_read IS 'older'")
    assert sql_views.install() is True
    assert sql_views.install() is False
    sql_views.drop_views([])
    assert sql_views.install() is False
    sql_views.drop_views(["a migration"])
    assert sql_views.install() is True


# --- on the web ---------------------------------------------------------------------------------------------


def end(user: User, at: datetime) -> User:
    profile = user.signing_profile
    profile.until = at
    profile.save()
    return User.objects.get(pk=user.pk)


EXAMPLES = {UUIDConverter: new_id(), IntConverter: 1}


def addresses() -> list[str]:
    """Every page without parameters, and every page of an invoice, a question, a document."""
    row, asked = cast.invoice("INV-3"), question("INV-3")
    keys = {
        "invoice_id": row.id,
        "document_id": row.document_id,
        "escalation_id": asked.id,
        "seq": 1,
        "number": 1,
        "name": "finance.payment",
    }
    out = []
    for namespace in ("coordination", "reviews"):
        [(_, resolver)] = [v for k, v in get_resolver().namespace_dict.items() if k == namespace]
        for pattern in resolver.url_patterns:
            assert isinstance(pattern, URLPattern)
            kinds = pattern.pattern.converters
            values = {k: keys.get(k, EXAMPLES.get(type(kind), "x")) for k, kind in kinds.items()}
            out.append(reverse(f"{namespace}:{pattern.name}", kwargs=values | pattern.default_args))
    return out


FRAME = {"/shell/nav/", "/shell/preferences/"}
"""Parts of the frame: they show no data to somebody without rights."""


def test_an_auditor_whose_time_is_over_reads_nothing(told_all: Cast, client: Client) -> None:
    pages = [a for a in addresses() if a not in FRAME]
    client.force_login(told_all.erin)
    assert client.get("/audit/").status_code == 200
    end(told_all.erin, timezone.now() - timedelta(seconds=1))
    seen = {a: client.get(a).status_code for a in pages}
    assert {a: code for a, code in seen.items() if code not in {403, 405}} == {}
    assert sum(code == 403 for code in seen.values()) > 25
    refused = client.get("/audit/").content.decode()
    assert f"Your access ended on {timezone.localtime():%-d %B %Y}." in refused
    nav = client.get("/shell/nav/").content.decode()
    assert "/audit/" not in nav


def test_a_time_that_is_not_over_changes_nothing(told_all: Cast, client: Client) -> None:
    end(told_all.erin, FAR)
    client.force_login(told_all.erin)
    assert client.get("/audit/").status_code == 200


def test_nobody_decides_after_their_time_not_even_past_the_pages(told_all: Cast) -> None:
    carol = end(told_all.carol, timezone.now())
    with pytest.raises(NotAllowed):
        answer(question("INV-3"), "reject", by=carol)
    with pytest.raises(NotAllowed):
        assignment.claim(question("INV-3").id, by=carol)


def test_a_socket_ends_with_the_access(told_all: Cast, client: Client) -> None:
    client.force_login(told_all.erin)
    key = client.session.session_key
    standing = person_of_session(key)
    assert standing is not None
    assert standing.groups == {"auditor"}
    end(told_all.erin, timezone.now())
    assert person_of_session(key) is None


def test_the_end_is_in_the_ledger_and_counts_in_the_past(told_all: Cast) -> None:
    over = timezone.now() + timedelta(days=1)
    end(told_all.carol, over)
    type_, data = told(f"person/{told_all.carol.pk}")[-1]
    assert (type_, data["rights"]["until"]) == ("person.rights", canonical.instant(over))
    before, after = (
        {s.name: s.could for s in invoice_as_of(cast.invoice("INV-3"), at).signers}
        for at in (over - timedelta(seconds=1), over)
    )
    assert (before["Carol"], after["Carol"]) == (True, False)
    assert before["Dave"] is after["Dave"] is True


def test_a_web_account_is_made_extended_and_ended_by_command(people: Cast) -> None:
    day = (timezone.now() + timedelta(days=5)).date()
    made = run("grant", "external", web=True, until=day.isoformat(), by="carol")
    user = User.objects.get(username="external")
    assert user.check_password(made["password"])
    assert user.signing_profile.until == sql_logins.end_of(day)
    assert run("grant", "external", web=True, until=day.isoformat())["password"] is None
    assert {a["name"]: a["ended"] for a in run("list")["auditors"]} == {"erin": False, "external": False}
    run("revoke", "external", web=True)
    ended = SigningProfile.objects.get(user=user).until
    assert ended is not None
    assert ended <= timezone.now()
    types = [t for t, _ in told(f"person/{user.pk}") if t.startswith("auditor.")]
    assert types == ["auditor.granted", "auditor.granted", "auditor.revoked"]
    for somebody_else in ("alice", "carol"):
        with pytest.raises(NotAllowed, match="not an auditor's account"):
            sql_logins.admit(somebody_else, FAR)
    with pytest.raises(sql_logins.NoSuchAuditor):
        sql_logins.dismiss("alice")
