"""Django's PostgreSQL backend; asks the embedded server for its address when a connection is first needed.

So each entry point (command, web server, worker, test) gets the server without doing anything for it, and a
command that needs no database starts none.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from coordination.project import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, embedded unless the settings name a host."""

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if not settings.EMBEDDED_POSTGRES:
            return params
        address = postgres.ensure(Path(settings.COUNTERSIGN_DATA), safe=settings.COUNTERSIGN_FSYNC)
        return params | {
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "password": address.password,
        }
