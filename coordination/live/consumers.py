"""The socket: a page says what it shows and hears when that changed. Ids only; HTTP brings the rest."""

import asyncio
import contextlib
from typing import Any

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from .access import SignedIn, allowed, person_of_session
from .hub import Subscriber
from .relay import hub, relay

MALFORMED = 4400
SIGNED_OUT = 4401
FLUSH_SECONDS = 0.05  # between two sends: a burst becomes one, and the same id is said once
TOPICS_AT_MOST = 500
LONGEST_MESSAGE = 64 * 1024


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc] # channels carries no types
    """One page's socket. It reads `{"subscribe": [topic]}`, answers what it granted, and writes nothing."""

    async def connect(self) -> None:
        self.subscriber = Subscriber()
        self.tasks: list[asyncio.Task[None]] = []
        who = await self._signed_in()
        self.groups_held: frozenset[str] | None = who.groups if who else None
        await self.accept()  # also to a stranger: only an accepted socket can say why it closes
        if who is None:
            await self.close(code=SIGNED_OUT)
            return
        self.subscriber.person = who.person
        hub.join(self.subscriber)
        relay.ensure_running()
        self.tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._recheck())]

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        hub.leave(self.subscriber)
        for task in self.tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: object = None) -> None:  # noqa: ARG002
        topics = _topics(text_data)
        held = self.groups_held
        if topics is None or held is None or len(self.subscriber.topics | topics) > TOPICS_AT_MOST:
            await self.close(code=MALFORMED)
            return
        granted = {topic for topic in topics if allowed(topic, held)}
        hub.subscribe(self.subscriber, granted)
        answer = {"subscribed": sorted(granted), "refused": sorted(topics - granted)}
        await self.send(text_data=orjson.dumps(answer).decode())

    async def _signed_in(self) -> SignedIn | None:
        session = self.scope.get("session")
        found: SignedIn | None = await database_sync_to_async(person_of_session)(
            session and session.session_key
        )
        return found

    async def _send(self) -> None:
        while True:
            for text in await self.subscriber.take():
                await self.send(text_data=text)
            await asyncio.sleep(FLUSH_SECONDS)

    async def _recheck(self) -> None:
        """Close when the person is gone; take back what a lost group had granted. No middleware does it.

        Looks when the doorbell rings for the person, and from time to time: what is changed past this program
        rings no bell.
        """
        doubt = self.subscriber.doubt
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(doubt.wait(), settings.COUNTERSIGN_RECHECK)
            doubt.clear()
            who = await self._signed_in()
            self.groups_held = who.groups if who else None
            if who is None or self.groups_held is None:
                await self.close(code=SIGNED_OUT)
                return
            lost = [topic for topic in self.subscriber.topics if not allowed(topic, self.groups_held)]
            hub.unsubscribe(self.subscriber, lost)


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses any other address, without a traceback in the log."""

    async def connect(self) -> None:
        await self.close()


def _topics(text: str | None) -> set[str] | None:
    """Return the topics that a message asks for; None when it is no such message."""
    if not text or len(text) > LONGEST_MESSAGE:
        return None
    with contextlib.suppress(ValueError):
        message: Any = orjson.loads(text)
        topics = message.get("subscribe") if isinstance(message, dict) else None
        if isinstance(topics, list) and all(isinstance(topic, str) for topic in topics):
            return set(topics)
    return None
