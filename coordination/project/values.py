"""Settings that need more than one variable or a file: the paying company, the database, the signing key."""

import os
import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict
from stdnum import bic, iban

from .cluster import NAME
from .environ import Environ

EXAMPLE_COMPANY = {
    "NAME": "Example Trading GmbH",
    "IBAN": "DE89370400440532013000",
    "BIC": "COBADEFFXXX",
    "STREET": "Musterstrasse 1",
    "TOWN": "Berlin",
    "POSTCODE": "10115",
    "COUNTRY": "DE",
}
VAT_ID = re.compile(r"[A-Za-z]{2}[A-Za-z0-9 .+*-]{4,18}")
EXAMPLE_PARTICIPANT = "0088:4012345000009"
PARTICIPANT = re.compile(r"[0-9]{4}:[A-Za-z0-9][A-Za-z0-9._~+@:-]{0,134}")
# A machine that vanishes must not hold locks until TCP gives up by itself, hours later.
CONNECTION = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,
    "application_name": "countersign",
    "options": "-c idle_in_transaction_session_timeout=30s",
}


def company(env: Environ, *, production: bool) -> dict[str, str]:
    """Return the paying company by lower-case field; an example outside production."""
    fields = {}
    for field, example in EXAMPLE_COMPANY.items():
        name = f"COUNTERSIGN_COMPANY_{field}"
        meaning = f"the {field.lower()} of the company that pays, for example {example}"
        fields[field.lower()] = env.required(name, meaning) if production else env.text(name, example)
    if not iban.is_valid(fields["iban"]):
        raise ImproperlyConfigured(
            f"COUNTERSIGN_COMPANY_IBAN={fields['iban']!r} fails its check digits. Correct it."
        )
    if not bic.is_valid(fields["bic"]):
        raise ImproperlyConfigured(
            f"COUNTERSIGN_COMPANY_BIC={fields['bic']!r} is no BIC. Use 8 or 11 characters."
        )
    country = fields["country"]
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise ImproperlyConfigured(
            f"COUNTERSIGN_COMPANY_COUNTRY={country!r} is no country. Use two letters such as DE."
        )
    return fields


Names = tuple[str, ...]


def ours(env: Environ) -> tuple[Names, Names, Names] | None:
    """Return who we are, as documents name us: names, VAT ids, electronic addresses; None where nothing is
    set. The example company is nobody's name."""
    name = env.text("COUNTERSIGN_COMPANY_NAME")
    address = env.text("COUNTERSIGN_PEPPOL_ID")
    names = tuple(dict.fromkeys(([name] if name else []) + env.names("COUNTERSIGN_COMPANY_NAMES")))
    endpoints = env.names("COUNTERSIGN_COMPANY_ENDPOINTS") + ([address] if address else [])
    vat_ids = tuple(env.names("COUNTERSIGN_COMPANY_VAT_IDS"))
    for one in vat_ids:
        if not VAT_ID.fullmatch(one):
            raise ImproperlyConfigured(
                f"COUNTERSIGN_COMPANY_VAT_IDS: {one!r} is no VAT id. Use for example DE136695976, several"
                " with commas."
            )
    for one in endpoints:
        if not PARTICIPANT.fullmatch(one):
            raise ImproperlyConfigured(
                f"COUNTERSIGN_COMPANY_ENDPOINTS: {one!r} is no electronic address. Use a scheme of four"
                f" digits, a colon and the id, for example {EXAMPLE_PARTICIPANT}, several with commas."
            )
    return (names, vat_ids, tuple(dict.fromkeys(endpoints))) if names or vat_ids or endpoints else None


def cutoff(env: Environ) -> tuple[time, ZoneInfo]:
    """Return until when on a bank day the bank takes files for that day, and the time zone this is said
    in."""
    text = env.text("COUNTERSIGN_CUTOFF", "14:00 Europe/Berlin")
    return _time_of_day(text, f"COUNTERSIGN_CUTOFF={text!r}")


def cutoffs(env: Environ) -> dict[str, tuple[time, ZoneInfo]]:
    """Return the cut-offs of currencies that have one of their own, by currency."""
    text = env.text("COUNTERSIGN_CUTOFFS")
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        currency, _, said = part.partition("=")
        if not re.fullmatch(r"[A-Z]{3}", currency.strip()):
            raise ImproperlyConfigured(
                f"COUNTERSIGN_CUTOFFS={text!r} names no currency. Use for example USD=12:00 Europe/Berlin,"
                " GBP=13:00."
            )
        found[currency.strip()] = _time_of_day(said.strip(), f"COUNTERSIGN_CUTOFFS={text!r}")
    return found


def _time_of_day(text: str, setting: str) -> tuple[time, ZoneInfo]:
    clock, _, zone = text.partition(" ")
    try:
        return datetime.strptime(clock, "%H:%M").replace(tzinfo=UTC).time(), ZoneInfo(zone or "Europe/Berlin")
    except (ValueError, KeyError, OSError):
        raise ImproperlyConfigured(
            f"{setting} is no time of day. Use for example 14:00 Europe/Berlin."
        ) from None


def time_zone(env: Environ) -> ZoneInfo | None:
    """Return the time zone that all pages show, None for that of each person's browser."""
    text = env.text("COUNTERSIGN_TIME_ZONE")
    try:
        return ZoneInfo(text) if text else None
    except (ValueError, KeyError, OSError):
        raise ImproperlyConfigured(
            f"COUNTERSIGN_TIME_ZONE={text!r} is no time zone. Use for example Europe/Berlin, or unset it."
        ) from None


def participant(env: Environ, *, production: bool) -> str:
    """Return our Peppol participant id, an example outside production; empty where there is none."""
    text = env.text("COUNTERSIGN_PEPPOL_ID", "" if production else EXAMPLE_PARTICIPANT)
    if text and not PARTICIPANT.fullmatch(text):
        raise ImproperlyConfigured(
            f"COUNTERSIGN_PEPPOL_ID={text!r} is no participant id. Use a scheme of four digits, a colon and"
            f" the id, for example {EXAMPLE_PARTICIPANT}."
        )
    return text


def database(env: Environ) -> dict[str, Any]:
    """Return Django's settings of the database: the one of DATABASE_URL, else the embedded server."""
    url = env.text("DATABASE_URL")
    parts = _parts(url) if url else {"dbname": NAME}
    options: dict[str, Any] = dict(CONNECTION)
    if size := env.number("COUNTERSIGN_POOL", 0, 0, 200):
        options["pool"] = {"min_size": 1, "max_size": size, "timeout": 15}
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options |= {key: value for key, value in parts.items() if key not in known.values()}
    return {
        "ENGINE": "coordination.project.database",
        **{setting: str(parts.get(key) or "") for setting, key in known.items()},
        "CONN_MAX_AGE": 0,  # persistent connections leak under ASGI; the pool takes their place
        "OPTIONS": options,
    }


def _parts(url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL is no PostgreSQL. Use postgresql://user:password@host:5432/name, or unset it."
        )
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read ({error}). Use postgresql://user:password@host:5432/name."
        ) from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no database. Use postgresql://user:password@host:5432/name."
        )
    return dict(parts)


def secret_key(env: Environ, data: Path) -> str:
    """Return the signing key: given, or made at the first start and kept in the data directory."""
    if given := env.text("SECRET_KEY"):
        if len(given) < 50:
            raise ImproperlyConfigured(
                "SECRET_KEY is shorter than 50 characters. Use a longer random one, or unset it."
            )
        return given
    path = data / "secret_key"
    with suppress(FileNotFoundError, NotADirectoryError):
        return path.read_text(encoding="ascii").strip()
    try:
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"COUNTERSIGN_DATA={data} cannot be made ({error.strerror}). Name a folder that you may write to."
        ) from error
    draft = data / f".secret_key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    with suppress(FileExistsError):
        os.link(draft, path)  # of two first starts at once, one key wins and both read it
    draft.unlink()
    return path.read_text(encoding="ascii").strip()


def hosts(env: Environ, *, production: bool) -> list[str]:
    """Return the host names that are served: this machine's own outside production."""
    given = env.names("ALLOWED_HOSTS")
    if "*" in given:  # the socket's origin check would then accept any site, and none
        raise ImproperlyConfigured("ALLOWED_HOSTS contains '*'. Name the hosts by which the site is reached.")
    if production and not given:
        env.required("ALLOWED_HOSTS", "the host name of the site, for example countersign.example.com")
    return given or ["127.0.0.1", "localhost", "[::1]"]


LOG_NAME = re.compile(r"[^\s+]{1,100}")
SINK = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])[:/]\S*|/\S.*")


def log_name(env: Environ) -> str:
    """Return the name under which the ledger signs (C2SP origin and key name)."""
    text = env.text("COUNTERSIGN_LOG", "countersign")
    if not LOG_NAME.fullmatch(text):
        raise ImproperlyConfigured(
            f"COUNTERSIGN_LOG={text!r} is no name of a log. Use for example ledger.company.example, without"
            " spaces or +."
        )
    return text


def checkpoint_sinks(env: Environ) -> list[str]:
    """Return where checkpoints are kept besides the data folder."""
    sinks = env.names("COUNTERSIGN_CHECKPOINTS")
    for sink in sinks:
        if not SINK.fullmatch(sink):
            raise ImproperlyConfigured(
                f"COUNTERSIGN_CHECKPOINTS names {sink!r}. Use a folder from its root (/mnt/worm),"
                " mailto:ADDRESS or https://ADDRESS."
            )
    return sinks


def mail_server(env: Environ) -> tuple[str, int]:
    """Return host and port of the server that takes mail."""
    host, _, port = env.text("COUNTERSIGN_MAIL", "localhost:25").rpartition(":")
    if not host or not port.isdecimal():
        raise ImproperlyConfigured(
            "COUNTERSIGN_MAIL is no mail server. Use for example mail.company.example:25."
        )
    return host, int(port)


OVERSIGHT = range(2, 6)
"""Of 100 questions so many bring a known-answer case: fewer show nothing, more cost people too much time."""


def oversight_share(env: Environ) -> int:
    """How many of 100 questions about invoices bring a known-answer case; 0 for none."""
    found = env.number("COUNTERSIGN_OVERSIGHT", 0, 0, OVERSIGHT[-1])
    if found and found not in OVERSIGHT:
        raise ImproperlyConfigured(
            f"COUNTERSIGN_OVERSIGHT={found} shows nothing. Use {OVERSIGHT[0]} to {OVERSIGHT[-1]}, or 0 for"
            f" none."
        )
    return found
