"""The connection to a Redis server, and the scripts that run there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from dedup.index.redis.address import Address
from dedup.index.redis.errors import RedisIndexError, explained

SCRIPTS = ("lookup", "commit", "repair", "sweep")

Part = bytes | str | int

_PATIENCE = 20.0
"""Seconds that a server may take to answer."""


class Server:
    """A connection, with the prefix of an index.

    What is sent is sent once: a change that may have arrived is not sent again unasked.
    """

    def __init__(self, address: Address) -> None:
        self.name = address.name
        self.prefix = f"{{{address.prefix}}}:".encode()
        self._digests: dict[str, str] = {}
        with explained(self.name):
            self.redis: Any = Redis.from_url(
                address.url,  # whose own options count before these
                decode_responses=False,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE / 4,
            )

    def key(self, name: str | bytes | int) -> bytes:
        """Return the whole name of a key."""
        return self.prefix + (name if isinstance(name, bytes) else str(name).encode())

    @contextmanager
    def pipeline(self) -> Iterator[Any]:
        """Send commands together, in one round trip, at `Pipeline.execute`."""
        with explained(self.name), self.redis.pipeline(transaction=False) as pipe:
            yield pipe

    def run(self, script: str, *calls: Sequence[Part]) -> list[list[Any]]:
        """Run a script once for each sequence of arguments, in one round trip.

        Raises
        ------
        RedisIndexError
            If the index is not there any more, or the server refuses.
        """
        with explained(self.name):
            if script not in self._digests:
                self._load(script)
            try:
                answers = self._run(script, calls)
            except NoScriptError:  # the server was restarted
                self._load(script)
                answers = self._run(script, calls)
        for answer in answers:
            if answer[0] == b"GONE":
                raise RedisIndexError(
                    f"{self.name}: the index was removed, or made anew, while it was open; "
                    "open it again"
                )
        return answers

    def close(self) -> None:
        """Close the connection."""
        self.redis.close()

    def _run(self, script: str, calls: Sequence[Sequence[Part]]) -> list[list[Any]]:
        digest = self._digests[script]
        if len(calls) == 1:
            return [self.redis.evalsha(digest, 1, self.prefix, *calls[0])]
        pipe = self.redis.pipeline(transaction=False)
        for arguments in calls:
            pipe.evalsha(digest, 1, self.prefix, *arguments)
        answers: list[list[Any]] = pipe.execute()
        return answers

    def _load(self, script: str) -> None:
        folder = files("dedup.index.redis") / "scripts"
        parts = [(folder / f"{part}.lua").read_text("utf-8") for part in ("postings", script)]
        self._digests[script] = self.redis.script_load("\n".join(parts))
