"""Running the service: its socket, its processes, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from dedup.article import DedupError
from dedup.index.opening import shown_name
from dedup.integrations.service.app import create_app
from dedup.integrations.service.messages import Open
from dedup.integrations.service.metrics import Metrics
from dedup.integrations.service.protocol import limited
from dedup.integrations.service.queues import Queue, WriteQueue
from dedup.integrations.service.settings import ServiceSettings

_BACKLOG = 128
_SOON = 5.0
_HEAD = 32 << 10
"""Bytes of a request's head."""


def serve(settings: ServiceSettings, say: Callable[[str], None]) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; what was accepted is answered first.

    Parameters
    ----------
    settings
        What to serve, and how.
    say
        Is told where it is served, and what goes wrong.

    Raises
    ------
    DedupError
        If the address cannot be listened at, or the index not be opened.
    """
    settings.check()
    with _listening(settings) as listener, _said(say):
        asyncio.run(_serve(settings, listener, say))


async def _serve(
    settings: ServiceSettings, listener: socket.socket, say: Callable[[str], None]
) -> None:
    metrics = Metrics()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    server: _Server | None = None

    def stop() -> None:
        if server is not None:
            server.force_exit = stopping.is_set()  # asked twice, it waits for nobody
            server.should_exit = True
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    writer = None
    if not settings.read_only:
        writer = WriteQueue(settings, metrics, Open(settings.index, write=True), 1)
    readers = Queue(settings, metrics, Open(settings.index, write=False), settings.workers)
    queues = [queue for queue in (writer, readers) if queue is not None]
    patience = loop.call_later(_SOON, say, "still opening it; the first time, code is compiled")
    try:
        for queue in queues:  # the writer first: it mends what a killed one may have left
            await queue.start()
        patience.cancel()
        if stopping.is_set():
            return
        server = _Server(
            uvicorn.Config(
                create_app(settings, metrics, readers, writer),
                http=limited(settings.receive, settings.connections),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=_BACKLOG,
                h11_max_incomplete_event_size=_HEAD,
                timeout_graceful_shutdown=int(2 * settings.timeout + settings.receive) + 1,
            )
        )
        listener.listen(_BACKLOG)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        say(f"serving {_what(settings)} at http://{shown}:{port}, see /docs")
        await server.serve(sockets=[listener])
    finally:
        patience.cancel()
        for queue in reversed(queues):
            await queue.stop()
    say("stopped; all that was acknowledged is stored")


class _Server(uvicorn.Server):
    """uvicorn's server, stopped by our signal handlers, which do not end the process by signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _said(say: Callable[[str], None]) -> Iterator[None]:
    """Have said what is logged, and of uvicorn only errors: malformed requests are not worth it."""
    ours, theirs = logging.getLogger("dedup.service"), logging.getLogger("uvicorn")
    shown, errors = _Said(say, logging.WARNING), _Said(say, logging.ERROR)
    ours.addHandler(shown)
    theirs.addHandler(errors)
    try:
        yield
    finally:
        ours.removeHandler(shown)
        theirs.removeHandler(errors)


class _Said(logging.Handler):
    """Says what is logged, a line each, without tracebacks."""

    def __init__(self, say: Callable[[str], None], level: int) -> None:
        super().__init__(level)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Say one line."""
        self._say(record.getMessage())


@contextmanager
def _listening(settings: ServiceSettings) -> Iterator[socket.socket]:
    """Take the address, before anything slow is done."""
    host, port = settings.host, settings.port
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # asyncio sends at once (TCP_NODELAY) only where the protocol is given; else every second
        # answer waits 40 ms for an acknowledgement.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise DedupError(f"{host}: no such host ({error.strerror or error})") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise DedupError(
                f"{host}:{port}: cannot be listened at ({error.strerror or error})"
            ) from None
        yield listener


def _what(settings: ServiceSettings) -> str:
    workers = "1 worker" if settings.workers == 1 else f"{settings.workers} workers"
    how = f"{workers}, read only" if settings.read_only else workers
    return f"{shown_name(settings.index)} ({how})"
