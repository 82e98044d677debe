"""`manage.py dburl`: where the database is."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from ...project import postgres
from ..base import Report, ReportingCommand


def url(params: dict[str, Any]) -> str:
    """Return the connection URL of libpq parameters; a socket's folder goes into the query."""
    user, password, name = (
        quote(str(params.get(key) or ""), safe="") for key in ("user", "password", "dbname")
    )
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    host, port = str(params.get("host") or ""), params.get("port") or 5432
    if host.startswith("/"):
        return f"postgresql://{login}/{name}?{urlencode({'host': host, 'port': port}, safe='/')}"
    address = f"[{host}]" if ":" in host else host
    return f"postgresql://{login}{address}:{port}/{name}"


class Command(ReportingCommand):
    help = "Print the URL of the database in use. An embedded server then stays up for half an hour."
    prepares_database = False

    def report(self, options: dict[str, Any]) -> Report:  # noqa: ARG002
        found = url(connection.get_connection_params())
        if settings.EMBEDDED_POSTGRES:
            postgres.linger(Path(settings.COUNTERSIGN_DATA))
        return Report({"url": found}, [found])
