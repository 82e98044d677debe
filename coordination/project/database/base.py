"""Django's PostgreSQL backend; asks the embedded server for its address when a connection is first needed.

So each entry point (command, web server, worker, test) gets the server without doing anything for it, and a
command that needs no database starts none.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

from .. import postgres
from . import lookups

lookups.register()


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

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that answers. One in the pool that died with the database would fail the page that
        gets it.

        The pool's own check tries one dead connection a time and waits longer after each; a pool full of them
        is looked through at once here.
        """
        found = super().get_new_connection(conn_params)
        if not self.pool:
            return found
        try:
            ConnectionPool.check_connection(found)
        except psycopg.OperationalError:
            self.pool.putconn(found)
            self.pool.check()
            found = super().get_new_connection(conn_params)
        return found
