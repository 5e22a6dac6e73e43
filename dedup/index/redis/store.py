"""The truth on the server: what is read of it, and changes, each committed as a whole."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from dedup.index.library import DuplicateId, Overtaken
from dedup.index.nets import Nets
from dedup.index.redis.address import Address
from dedup.index.redis.errors import RedisIndexError, explained
from dedup.index.redis.keys import KeyForm
from dedup.index.redis.server import Part, Server
from dedup.sketch.parameters import SketchParameters, check_words

FORMAT = 1
"""Version of the keys, the records and the scripts."""

_LEASE = 10_000
"""Milliseconds after which the turn of a worker that does not come back is over."""

_HASHES = ("decisions", "versions", "members", "series", "representatives")
"""What a filter keeps beside the index."""


@dataclass(frozen=True, slots=True)
class Addition:
    """An article to be added: id, date, text hash (none of texts without words), keys, record."""

    id: str | None
    dated: int
    text_hash: bytes
    keys: bytes
    record: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """A row to be removed."""

    row: int
    id: str | None
    text_hash: bytes
    keys: bytes


@dataclass(slots=True)
class Change:
    """What is to be committed together.

    ``expected`` is the version on whose condition it is; None: on none. ``next_row`` is the row
    that comes next at that version; ``removals`` counts what was done until then that was not only
    adding.
    """

    expected: int | None = None
    next_row: int = 0
    removals: int = 0
    removed: dict[int, Removal] = field(default_factory=dict)
    added: list[Addition] = field(default_factory=list)
    written: dict[tuple[str, bytes], bytes | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.removed or self.added or self.written)


class Store:
    """An index on a server, opened.

    Raises
    ------
    RedisIndexError
        If it is not there, not one of ours, or of a newer format.
    """

    def __init__(self, address: Address) -> None:
        self.server = Server(address)
        self.name = self.server.name
        with explained(self.name):
            meta = self.server.redis.hgetall(self.server.key("meta"))
        if not meta:
            raise RedisIndexError(f"{self.name}: no such index; create it first")
        try:
            version = int(meta[b"format"])
            if version > FORMAT:
                raise RedisIndexError(
                    f"{self.name}: was made by a newer version, in format {version}, and this one "
                    f"reads format {FORMAT}; install the newer version"
                )
            self.uid: bytes = meta[b"uid"]
            self.parameters = SketchParameters.from_json(meta[b"parameters"].decode())
            check_words(
                self.parameters,
                f"the index {self.name}",
                "create an index anew, under another prefix (?prefix=...), and add its articles",
            )
            self.nets = Nets(**json.loads(meta[b"nets"]))
            self.nets.check_fits(self.parameters.num_perm)
        except (KeyError, ValueError, TypeError) as error:
            raise RedisIndexError(
                f"{self.name}: is no index of ours; take another prefix (?prefix=...)"
            ) from error
        self.form = KeyForm.of(self.nets)
        self._token = secrets.token_hex(8)
        self._change: Change | None = None
        self.committed = 0
        """The version that the last change of this worker made."""

    @classmethod
    def create(cls, address: Address, parameters: SketchParameters, nets: Nets) -> None:
        """Create an index, empty, whole or not at all.

        Raises
        ------
        RedisIndexError
            If there is one.
        """
        nets.check_fits(parameters.num_perm)
        server = Server(address)
        meta = {
            "format": FORMAT,
            "parameters": parameters.to_json(),
            "nets": json.dumps(asdict(nets), sort_keys=True),
            "uid": secrets.token_hex(8),
            "width": KeyForm.of(nets).width,
            "version": 0,
            "next": 0,
            "distinct": 0,
            "removals": 0,
            "buckets": 256,
            "entries": 0,
        }
        with explained(server.name):
            made = server.redis.eval(
                "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end "
                "redis.call('HSET', KEYS[1], unpack(ARGV)) return 1",
                1,
                server.key("meta"),
                *(part for pair in meta.items() for part in pair),
            )
        server.close()
        if not made:
            raise RedisIndexError(
                f"{server.name}: is an index already; open it, or take another prefix (?prefix=...)"
            )

    def run(self, script: str, *calls: Sequence[Part]) -> list[list[Any]]:
        """Run a script of the index once for each sequence of arguments."""
        return self.server.run(script, *((self.uid, *call) for call in calls))

    @property
    def change(self) -> Change | None:
        """The change that is being put together, if one is."""
        return self._change

    @contextmanager
    def collecting(self, change: Change) -> Iterator[Change]:
        """Put a change together inside and commit it in the end; one inside another is part of it.

        What is read inside does not show it yet.

        Raises
        ------
        Overtaken
            If it was decided by a version that is no longer the latest.
        """
        if self._change is not None:
            yield self._change
            return
        self._change = change
        try:
            yield change
        finally:
            self._change = None
        if change:
            self.commit(change)

    def commit(self, change: Change) -> tuple[int, int]:
        """Commit a change; return the first row added and how many were removed.

        Raises
        ------
        Overtaken
            If it was decided by a version that is no longer the latest, or it is another's turn.
        DuplicateId
            If an id is there already.
        """
        expected = b"" if change.expected is None else change.expected
        arguments: list[Part] = [expected, self._token, len(change.removed)]
        for gone in change.removed.values():
            arguments += [gone.row, _id(gone.id), gone.text_hash, gone.keys]
        arguments.append(len(change.added))
        for one in change.added:
            arguments += [_id(one.id), one.dated, one.text_hash, one.keys, one.record]
        for (name, key), value in change.written.items():
            command = "HDEL" if value is None else "HSET"
            arguments += [command.encode(), name.encode(), key, value or b""]
        ((status, *rest),) = self.run("commit", arguments)
        if status == b"DUPLICATE":
            raise DuplicateId(rest[0].decode("utf-8", "surrogatepass"))
        if status == b"OVERTAKEN":
            raise Overtaken(f"{self.name}: others keep changing the index; try again")
        self.committed, first, removed = rest
        return first, removed

    def snapshot(self) -> Change:
        """Return an empty change on condition that nothing changes from now on."""
        with explained(self.name):
            names = ("version", "next", "removals")
            found = self.server.redis.hmget(self.server.key("meta"), *names)
        if None in found:
            raise RedisIndexError(f"{self.name}: the index was removed while it was open")
        version, following, removals = map(self.number, found)
        return Change(version, following, removals)

    def take_turn(self) -> None:
        """Wait until it is this worker's turn; it is over with its next commit, or after a while.

        Only workers that were overtaken ask for it: the others have to wait now, so that each gets
        on in the end.
        """
        key, wait = self.server.key("turn"), 0.001
        with explained(self.name):
            while not self.server.redis.set(key, self._token, nx=True, px=_LEASE):
                if self.server.redis.get(key) == self._token.encode():
                    self.server.redis.pexpire(key, _LEASE)
                    return
                time.sleep(wait)
                wait = min(2 * wait, 0.02)

    def give_up_turn(self) -> None:
        """Let others have their turn, if it is this worker's."""
        key = self.server.key("turn")
        with explained(self.name):
            if self.server.redis.get(key) == self._token.encode():
                self.server.redis.delete(key)

    def fields(self, name: str, keys: Iterable[str | bytes | int]) -> list[bytes | None]:
        """Return the values of fields of a hash, None where there is none."""
        wanted = [encoded(key) for key in keys]
        if not wanted:
            return []
        with explained(self.name):
            found: list[bytes | None] = self.server.redis.hmget(self.server.key(name), wanted)
        return found

    def write(self, name: str, key: str | bytes | int, value: bytes | None) -> None:
        """Write a field of a hash of the filter's, or delete it, with the change that is open."""
        assert name in _HASHES
        with self.collecting(Change()) as change:
            change.written[name, encoded(key)] = value

    def note(self, name: str, key: str, value: bytes) -> None:
        """Write a field that nobody decides anything by, at once; it makes no new version."""
        with explained(self.name):
            self.server.redis.hset(self.server.key(name), encoded(key), value)

    def number(self, value: bytes) -> int:
        """Return a number, or a row, that the server holds.

        Raises
        ------
        RedisIndexError
            If it is none.
        """
        if not value.isdigit():
            raise RedisIndexError(
                f"{self.name}: {value[:40]!r} stands where there should be a number; "
                "somebody else writes under this prefix"
            )
        return int(value)

    def scan(self, name: str) -> Iterator[tuple[bytes, bytes]]:
        """Yield the fields of a hash, some perhaps twice if it changes meanwhile."""
        with explained(self.name):
            yield from self.server.redis.hscan_iter(self.server.key(name), count=500)

    def rows(self) -> list[int]:
        """Return all rows, ascending."""
        with explained(self.name):
            found = self.server.redis.zrange(self.server.key("dated"), 0, -1)
        return sorted(map(self.number, found))

    def close(self) -> None:
        """Close the connection."""
        self.server.close()


def encoded(key: str | bytes | int) -> bytes:
    """Return a field's name as Redis has it."""
    if isinstance(key, bytes):
        return key
    return str(key).encode("utf-8", "surrogatepass")


def _id(article_id: str | None) -> bytes:
    return b"" if article_id is None else b"+" + encoded(article_id)
