"""HTTP as uvicorn speaks it, with limits on how long a client may take."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

SLOW = "the request took too long to arrive"
MALFORMED = "this is not an HTTP request"
CROWDED = "too many connections are open; try again in a moment"

_LINGER = 1.0


class PatientProtocol(H11Protocol):
    """A connection that is closed when a request does not arrive, or an answer is not read.

    uvicorn limits only how long a connection may be idle between requests. Here the head of a
    request and, where it was answered before its end, the rest of it have ``receive`` seconds; the
    body of one that is being served is limited in `dedup.integrations.service.gate`.
    """

    receive: ClassVar[float] = 10.0
    most: ClassVar[int] = 256

    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Begin to wait for a request; turn one connection too many away."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, CROWDED)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was waited for."""
        self._wait_no_more()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived, and wait for the rest, if there is one."""
        if self._refused or self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._wait_no_more()
        elif self._timer is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Begin to wait anew, behind an answer."""
        if self.conn.their_state is h11.DONE:
            self._wait_no_more()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - says the same in plain text
        """Answer what cannot be understood."""
        self._refuse(HTTPStatus.BAD_REQUEST, MALFORMED)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, at once where the last answer is not being read."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        """Wait for an answer to be read."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.receive, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.receive, self._too_slow)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self._refused or self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, SLOW)
        elif (
            self.conn.their_state is h11.SEND_BODY and self.conn.our_state is not h11.SEND_RESPONSE
        ):
            self.transport.abort()  # it was answered long ago

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer without a route, then listen a moment longer.

        A connection that is closed while its client still sends is reset, and the answer is lost.
        """
        body = json.dumps({"error": message}).encode()
        again = b"retry-after: 1\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else b""
        self._refused = True
        self._wait_no_more()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # whoever waits for the rest of it need not
            self.cycle.message_event.set()
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"%bconnection: close\r\n\r\n%b"
            % (status, status.phrase.encode(), len(body), again, body)
        )
        if self.transport.can_write_eof() and len(self.connections) <= 2 * self.most:
            self.transport.write_eof()
            self.loop.call_later(_LINGER, self.transport.abort)
        else:
            self.transport.abort()


def limited(receive: float, most: int) -> type[PatientProtocol]:
    """Return the protocol with its limits: uvicorn makes one object of it a connection."""
    return type("LimitedProtocol", (PatientProtocol,), {"receive": receive, "most": most})
