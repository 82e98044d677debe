"""Fan-out inside one process: what the relay hears goes to every socket that asked for it.

There is no channel layer between processes: each web process has its own relay, and the database is the
truth. A lost message costs a page one reload, so a socket that cannot keep up is told to reload, never
waited for.
"""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import orjson

RESYNC = '{"topic":"*","resync":true}'
QUEUE_LENGTH = 256


class Subscriber:
    """One socket's end of the hub: what is waiting to be sent, bounded, each announcement at most once."""

    def __init__(self, length: int = QUEUE_LENGTH) -> None:
        self.topics: set[str] = set()
        self.person = ""
        self.doubt = asyncio.Event()
        """Set when the person's session or rights may have changed."""
        self._length = length
        self._waiting: dict[str, None] = {}  # a set that keeps its order
        self._ready = asyncio.Event()

    def offer(self, text: str) -> None:
        """Queue a message; when too many wait, they all give way to the word to reload."""
        if RESYNC not in self._waiting:
            if text == RESYNC or len(self._waiting) >= self._length:
                self._waiting.clear()
                text = RESYNC
            self._waiting[text] = None
        self._ready.set()

    async def take(self) -> list[str]:
        """Wait for messages and take all there are."""
        await self._ready.wait()
        self._ready.clear()
        texts, self._waiting = list(self._waiting), {}
        return texts


class Hub:
    """The sockets of this process by topic: `inbox` is all of a kind, `invoice/<id>` one thing of it."""

    def __init__(self) -> None:
        self._by_topic: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._all: set[Subscriber] = set()
        self._heartbeat = ""

    def join(self, subscriber: Subscriber) -> None:
        """Add a socket; it is told at once as of when pages are live."""
        self._all.add(subscriber)
        if self._heartbeat:
            subscriber.offer(self._heartbeat)

    def subscribe(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        for topic in topics:
            subscriber.topics.add(topic)
            self._by_topic[topic].add(subscriber)

    def unsubscribe(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        for topic in list(topics):
            subscriber.topics.discard(topic)
            self._by_topic[topic].discard(subscriber)
            if not self._by_topic[topic]:
                del self._by_topic[topic]

    def leave(self, subscriber: Subscriber) -> None:
        self._all.discard(subscriber)
        self.unsubscribe(subscriber, subscriber.topics)

    def publish(self, kind: str, key: str) -> None:
        """Announce that one thing changed, to those who follow it or all of its kind; serialised once.

        A whole subject such as `invoice/<id>` may stand for the kind as well.
        """
        kind, _, subject = kind.partition("/")
        key = subject or key
        followers = self._by_topic.get(kind, set()) | self._by_topic.get(f"{kind}/{key}", set())
        if followers:
            text = orjson.dumps({"topic": kind, "id": key}).decode()
            for subscriber in followers:
                subscriber.offer(text)

    def check_again(self, person: str) -> None:
        """Have the sockets of one person checked at once."""
        for subscriber in self._all:
            if subscriber.person == person:
                subscriber.doubt.set()

    def doubt_all(self) -> None:
        """Have every socket checked at once: nobody knows what was missed."""
        for subscriber in self._all:
            subscriber.doubt.set()

    def broadcast(self, text: str) -> None:
        """Send a message to every socket, whatever it follows."""
        for subscriber in self._all:
            subscriber.offer(text)

    def beat(self, now: dt.datetime) -> None:
        """Say that the line to the database is alive, and what time it is there."""
        self._heartbeat = orjson.dumps({"topic": "*", "at": now}).decode()
        self.broadcast(self._heartbeat)

    def __len__(self) -> int:
        return len(self._all)
