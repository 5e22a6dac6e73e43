"""``dedup serve`` as a process on a free port of loopback."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from dedup.index.disk.library import DiskLibrary

MAIN = "from dedup.cli import main; main()"


class Service:
    """A service that runs."""

    def __init__(self, index: Path | str, *options: str, **environment: str) -> None:
        self.log = Path(tempfile.mkdtemp(prefix="dedup-service-")) / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", MAIN, "serve", str(index), "--port", "0", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
            )
        self.url = self._address()
        self.client = httpx.Client(base_url=self.url, timeout=60)

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text("utf-8", "replace")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def _address(self) -> str:
        for _ in range(2400):
            found = re.search(r" at (http://\S+), see", self.said)
            if found:
                return found[1]
            assert self.process.poll() is None, self.said
            time.sleep(0.05)
        raise AssertionError(self.said)

    def post(self, path: str, body: object, **options: object) -> httpx.Response:
        return self.client.post(path, json=body, **options)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; return its exit status."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)

    def children(self) -> list[int]:
        """The processes behind it: the writer, then those that check."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in task.read_text().split()]

    def metric(self, name: str) -> float:
        """The value of a metric, given with its labels."""
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def until(self, holds, seconds: float = 20) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.said
            time.sleep(0.05)


@contextmanager
def service(index: Path | str, *options: str, **environment: str) -> Iterator[Service]:
    """Run a service on an index; a directory is created if it is not there."""
    if isinstance(index, Path) and not index.exists():
        DiskLibrary.create(index).close()
    running = Service(index, *options, **environment)
    try:
        yield running
    finally:
        running.stop()
        said = running.said
        shutil.rmtree(running.log.parent)
    assert "Traceback" not in said


def connected(running: Service, sent: bytes = b"") -> socket.socket:
    """A connection of one's own, with something sent."""
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=20)
    connection.sendall(sent)
    return connection


def answer(connection: socket.socket) -> tuple[int, dict, bytes]:
    """Read what is answered until the connection closes: status, JSON, everything."""
    parts = []
    with connection:
        while part := connection.recv(1 << 16):
            parts.append(part)
    content = b"".join(parts)
    head, _, body = content.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body), content
