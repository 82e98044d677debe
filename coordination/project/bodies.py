"""Bodies of requests: refused by their length before they are read, cut where none was said, ended when they
drip.

Daphne takes a body in whole before the application hears of the request. The limits therefore sit in its
class of a request, which sees the headers first; `install` puts this class in that place.
"""

from __future__ import annotations

import io
from typing import Any, Final

from daphne import http_protocol
from django.conf import settings
from django.utils.html import escape
from twisted.internet import reactor

from ..translation.xml import MAX_FILE

MOST_FORM: Final = 2**20
"""Bytes of any request but an upload."""
MOST_UPLOAD: Final = 4 * MAX_FILE + MOST_FORM
"""Bytes of one request that brings files."""
UPLOADS: Final = frozenset({b"/intake/", b"/intake/maps/sample/"})
WINDOW_SECONDS: Final = 10.0
LEAST_A_WINDOW: Final = 32 * 1024
"""Bytes that a body has to bring in each window until it is whole."""
SLOWEST: Final = 100_000
"""Bytes a second at which the largest body allowed has to be whole, beside the first window."""
LINGER_SECONDS: Final = 10.0
"""A refused body is read on for so long, and dropped: who is still sending would not see the answer
otherwise."""

WORDS: Final = {
    408: (
        "Request Timeout",
        "Too slow",
        "The request stopped coming. Nothing of it was kept. Send it again.",
    ),
    413: ("Content Too Large", "Too large", ""),
}
PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Countersign</title></head>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>"
)


def limit(path: bytes, *, signed_in: bool) -> int:
    """Return how many bytes a request to the path may bring. Without a session nobody uploads."""
    return MOST_UPLOAD if signed_in and path.partition(b"?")[0] in UPLOADS else MOST_FORM


def too_large(most: int) -> str:
    """Say what the limit is."""
    if most == MOST_UPLOAD:
        return (
            f"The files of one request may be {4 * MAX_FILE // 10**6} MB together, each at most"
            f" {MAX_FILE // 10**6} MB. Nothing of it was kept. Send fewer at once."
        )
    return f"This request is larger than {most // 2**20} MB. Nothing of it was kept. Send less."


def refusal(status: int, text: str) -> bytes:
    """Return the whole answer, headers included; the connection ends with it."""
    phrase, title, own = WORDS[status]
    body = PAGE.format(title=title, text=escape(text or own)).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length:"
        f" {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy:"
        " same-origin\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection:"
        " close\r\n\r\n"
    )
    return head.encode("ascii") + body


class BoundedRequest(http_protocol.WebRequest):  # type: ignore[misc] # daphne carries no types
    """A request whose body has a limit and a pace."""

    clock: Any = reactor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.refused = False
        self._most, self._came, self._before, self._windows = MOST_FORM, 0, 0, 0
        self._timer: Any = None
        super().__init__(*args, **kwargs)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Hear the length that the headers say; None where a body comes in chunks."""
        session = settings.SESSION_COOKIE_NAME.encode() in self.received_cookies
        self._most = limit(self.channel._path, signed_in=session)
        if length is not None and length > self._most:
            self.content = io.BytesIO()
            self._refuse(413, too_large(self._most))
            return
        super().gotLength(length)
        if length != 0:
            self._timer = self.clock.callLater(WINDOW_SECONDS, self._look)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Take some of the body; once refused, drop it."""
        if self.refused:
            return
        self._came += len(data)
        if self._came > self._most:
            self._refuse(413, too_large(self._most))
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        """Go on with a body that is whole; a refused one has had its answer."""
        if not self.refused:
            self._stop()
            super().requestReceived(command, path, version)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._stop()
        super().connectionLost(reason)

    def _look(self) -> None:
        """At the end of each window: does it still come, and will it ever be whole?"""
        self._windows += 1
        late = self._windows * WINDOW_SECONDS > WINDOW_SECONDS + self._most / SLOWEST
        if late or self._came - self._before < LEAST_A_WINDOW:
            self._timer = None
            self._refuse(408, "")
            return
        self._before = self._came
        self._timer = self.clock.callLater(WINDOW_SECONDS, self._look)

    def _refuse(self, status: int, text: str) -> None:
        self._stop()
        self.refused = True
        self.content.close()
        self.requestHeaders.removeHeader(b"Expect")  # else "100 Continue" would follow the refusal
        transport = self.channel.transport
        transport.write(refusal(status, text))
        if hasattr(transport, "loseWriteConnection"):
            transport.loseWriteConnection()
        self._timer = self.clock.callLater(LINGER_SECONDS, transport.abortConnection)

    def _stop(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


def install() -> None:
    """Have Daphne make its requests of this class."""
    http_protocol.WebRequest = BoundedRequest
