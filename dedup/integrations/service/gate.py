"""What every request passes before a route sees it: who asks, how much, and how slowly."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from dedup.integrations.service.messages import described
from dedup.integrations.service.metrics import Metrics
from dedup.integrations.service.protocol import SLOW
from dedup.integrations.service.queues import Queue
from dedup.integrations.service.settings import ServiceSettings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

OPEN = ("/health", "/ready", "/docs", "/openapi.json")
"""What is answered without a token: whether it is up, and what it would understand."""

_BODIES_HELD = 32
"""Bodies of the largest size that may be held at once."""

logger = logging.getLogger("dedup.service")


class TurnedAway(Exception):  # noqa: N818 - it names what happens, not the mechanism
    """A request is not served; ``headers`` go with the answer."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Gate:
    """The outermost layer: it lets through what may pass, and counts everything.

    Parameters
    ----------
    app
        What is behind it.
    settings
        The limits.
    metrics
        Counts.
    queues
        The paths that are counted by name, and what does the work behind them, if anything: while
        that can take no more, nobody is listened to for longer than it takes to say so.
    """

    def __init__(
        self,
        app: App,
        settings: ServiceSettings,
        metrics: Metrics,
        queues: Mapping[str, Queue | None],
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._queues = queues
        self._held = 0
        self._guards_names = settings.token is None and settings.loopback

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        start, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._serve(scope, receive, sending)
        except TurnedAway as turned_away:
            await _answer(sending, turned_away)
        except _Gone:
            status = 499  # as nginx counts it
        except Exception as error:
            logger.error("%s: %s", scope["path"], described(error))
            if status:
                raise
            await _answer(sending, TurnedAway(500, "something went wrong here; it is in the log"))
        finally:
            route = scope["path"] if scope["path"] in self._queues else "other"
            self._metrics.requests.labels(route, status).inc()
            self._metrics.seconds.labels(route).observe(perf_counter() - start)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        self._check_host(headers.get(b"host", b""))
        if scope["path"] not in OPEN:
            self._check_token(headers.get(b"authorization", b""))
        length = headers.get(b"content-length", b"")
        if len(length) > 15 or int(length or b"0") > self._settings.max_body:
            raise self._too_large()
        queue = self._queues.get(scope["path"]) if scope["method"] == "POST" else None
        if queue is not None and (refused := queue.refusal()) is not None:
            raise TurnedAway(refused.status, refused.message)
        body = bytearray()
        try:
            await self._read(receive, body)
            if body and not _is_json(headers.get(b"content-type", b"")):
                raise TurnedAway(415, "send JSON, with the header content-type: application/json")
            replayed = False

            async def replay() -> Message:
                nonlocal replayed
                if replayed:
                    return await receive()
                replayed = True
                return {"type": "http.request", "body": bytes(body), "more_body": False}

            await self._app(scope, replay, send)
        finally:
            self._held -= len(body)

    async def _read(self, receive: Receive, body: bytearray) -> None:
        """Read a body, which is counted among those held."""
        try:
            async with asyncio.timeout(self._settings.receive):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    part = message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) + len(part) > self._settings.max_body:
                        raise self._too_large()
                    if self._held + len(part) > _BODIES_HELD * self._settings.max_body:
                        self._metrics.turned_away.labels("memory").inc()
                        raise TurnedAway(503, "too much is being sent; try again in a moment")
                    body += part
                    self._held += len(part)
        except TimeoutError:
            raise TurnedAway(408, SLOW, connection="close") from None

    def _too_large(self) -> TurnedAway:
        return TurnedAway(
            413, f"a request is at most {self._settings.max_body / 2**20:g} MB; send less at once"
        )

    def _check_host(self, host: bytes) -> None:
        """Keep web pages out whose name was made to point here (DNS rebinding)."""
        if self._guards_names and host:
            name = _name_of(host)
            if name not in ("localhost", self._settings.host.lower()) and not _is_own_address(name):
                raise TurnedAway(
                    421, "ask for this machine by its own name, localhost, or give a token"
                )

    def _check_token(self, authorization: bytes) -> None:
        token = self._settings.token
        if token is None:
            return
        kind, _, given = authorization.partition(b" ")
        right = hmac.compare_digest(given.strip(), token.encode())
        if kind.lower() != b"bearer" or not right:
            said = "the token is not right" if authorization else "a token is needed"
            raise TurnedAway(
                401, f"{said}; send the header authorization: Bearer TOKEN", **_CHALLENGE
            )


_CHALLENGE = {"www-authenticate": "Bearer"}


class _Gone(Exception):  # noqa: N818 - it names what happened, not the mechanism
    """The client went away before its request was whole."""


def _name_of(host: bytes) -> str:
    """Return the name in a Host header, without the port; nothing where there is none."""
    try:
        return urlsplit(f"//{host.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""


def _is_own_address(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_json(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == b"application/json"


async def _answer(send: Send, turned_away: TurnedAway) -> None:
    """Answer with one sentence."""
    body = json.dumps({"error": str(turned_away)}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    if turned_away.status == 503:
        headers["retry-after"] = "1"
    headers.update(turned_away.headers)
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": turned_away.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
