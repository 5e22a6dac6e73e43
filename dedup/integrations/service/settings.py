"""What the service is told, and what it refuses to be told."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

from dedup.article import DedupError

MOST_ARTICLES = 256
"""Articles of one request."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How to serve an index.

    Attributes
    ----------
    index
        A directory, or the URL of a shared index.
    workers
        Processes that check and compare.
    read_only
        Neither add nor remove; another process may write to the index then.
    token
        What requests must carry; None: nothing, which only loopback is for.
    max_body
        Bytes of a request.
    queue
        Requests that may wait for a worker, and as many for the writer; more are turned away.
    connections
        Open connections; more are turned away.
    timeout
        Seconds a request may wait and be worked on.
    receive
        Seconds a request may take to arrive.
    """

    index: str
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    read_only: bool = False
    token: str | None = None
    insecure: bool = False
    max_body: int = 4 << 20
    queue: int = 64
    connections: int = 256
    timeout: float = 30.0
    receive: float = 10.0

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    def check(self) -> None:
        """Refuse to be reached from elsewhere by whoever likes to.

        Raises
        ------
        DedupError
            If other machines could use it without a token.
        """
        if self.token is None and not self.insecure and not self.loopback:
            raise DedupError(
                f"{self.host} can be reached from other machines and there is no token; "
                "give one (--token-file, or DEDUP_TOKEN), or say --insecure"
            )


def is_loopback(host: str) -> bool:
    """Say whether an address, or every address of a name, is this machine's own."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DedupError(f"{host}: no such host ({error.strerror or error})") from None
    return all(ipaddress.ip_address(str(entry[4][0])).is_loopback for entry in found)


def read_token(file: Path | None, environment: str | None) -> str | None:
    """Return the token of a file, else that of the environment; None if there is neither.

    Raises
    ------
    DedupError
        If the file cannot be read, or the token is empty or cannot stand in a header.
    """
    if file is not None:
        try:
            token, where = file.read_text(encoding="utf-8").strip(), str(file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DedupError(f"{file}: the token cannot be read ({reason})") from None
    elif environment is not None:
        token, where = environment.strip(), "DEDUP_TOKEN"
    else:
        return None
    if not token:
        raise DedupError(f"{where}: the token is empty")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise DedupError(f"{where}: a token is one word of printable ASCII")
    return token
