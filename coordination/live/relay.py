"""One LISTEN connection per web process: it hears what was committed and passes it to the hub.

A notification's payload is `{"topics": [[kind, id], ...]}`, `{"resync": true}` or `{"person": id}`, whose
sockets are to be checked. After a lost connection nobody knows what was missed, so every page is told to
reload what it shows. The heartbeat asks the database over the same connection, so a page that says "Live as
of 14:03:07" does not say it of a dead line.
"""

import asyncio
import logging
from typing import Any

import orjson
import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from .hub import RESYNC, Hub

CHANNEL = "countersign"
BEAT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
RETRY_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)

logger = logging.getLogger("countersign.live")


class Relay:
    """Listens while the process lives; the first socket starts it, as the web server has no start-up hook."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._task: asyncio.Task[None] | None = None

    def ensure_running(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="live relay")

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                async with await self._connect() as listening:
                    failures = 0
                    self.hub.doubt_all()
                    self.hub.broadcast(RESYNC)  # at first as well: sockets join before we listen
                    await self._listen(listening)
            except (psycopg.Error, DatabaseError, OSError, TimeoutError) as error:
                delay = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                logger.warning("live updates interrupted, again in %s s: %s", delay, str(error).strip())
                await asyncio.sleep(delay)

    async def _connect(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        params = await sync_to_async(_parameters)()  # may start the embedded server, which takes a moment
        listening = await psycopg.AsyncConnection.connect(**params, autocommit=True)
        await listening.execute(f"LISTEN {CHANNEL}")
        return listening

    async def _listen(self, listening: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        while True:
            await self._beat(listening)
            async for notification in listening.notifies(timeout=BEAT_SECONDS):
                self.announce(notification.payload)

    async def _beat(self, listening: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            cursor = await listening.execute("SELECT clock_timestamp()")
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - this query has one row
        self.hub.beat(row[0])

    def announce(self, payload: str) -> None:
        """Pass one notification on; one that makes no sense still means that something changed."""
        try:
            message = orjson.loads(payload)
            pairs = [(str(kind), str(key)) for kind, key in message.get("topics", ())]
        except (ValueError, TypeError, AttributeError):
            logger.warning("a notification could not be read: %.200s", payload)
            self.hub.broadcast(RESYNC)
            return
        if message.get("resync"):
            self.hub.broadcast(RESYNC)
        if "person" in message:
            self.hub.check_again(str(message["person"]))
        for kind, key in pairs:
            self.hub.publish(kind, key)


def _parameters() -> dict[str, Any]:
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(name, None)
    return params | {"application_name": "countersign-live"}


hub = Hub()
relay = Relay(hub)
