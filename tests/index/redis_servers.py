"""Real Redis servers for tests, each with its own port and folder."""

import atexit
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

SERVER = shutil.which("redis-server")
MISSING = "there is no redis-server on this machine"

_numbers = count()


class RedisServer:
    """A server that can be stopped, killed and started again on the same files."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or _free_port()
        self._options = options
        self.start()

    def url(self, prefix: str, user: str = "") -> str:
        return f"redis://{user}127.0.0.1:{self.port}/0?prefix={prefix}"

    def new_url(self) -> str:
        """The address of an index that nobody else has."""
        return self.url(f"test{next(_numbers)}")

    def client(self, **options: object) -> Redis:
        return Redis(port=self.port, **options)

    def start(self) -> None:
        command = [
            *(str(SERVER), "--port", str(self.port), "--dir", str(self.folder)),
            *("--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", *self._options),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.client().ping()
                return
            except RedisError as error:
                if "NOAUTH" in str(error) or "Authentication" in str(error):
                    return
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._process.kill()
        self._process.wait()


@cache
def common_server() -> RedisServer:
    """The server that tests share which do nothing to it."""
    folder = tempfile.TemporaryDirectory(prefix="dedup-redis-")
    server = RedisServer(Path(folder.name), "--appendfsync", "no")
    atexit.register(folder.cleanup)
    atexit.register(server.kill)
    return server


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
