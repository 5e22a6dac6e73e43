"""What a filter remembers, beside an index on Redis.

``decisions`` has of each id its decisions by the hash of the exact text; ``versions`` the rows of
an id that are not the one the library knows it by; ``members`` what is not plain about a row;
``series`` and ``representatives`` are as in `dedup.filtering.disk_state`; ``runs`` how far runs
are. All values are JSON.

A batch is decided by what was read at one version of the index and committed on condition that it
still is the latest (see `dedup.index.redis`). What it reads of ids and series is read at once.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from dedup.filtering.decision import Fields
from dedup.filtering.state import Entry, Key, Member, RunKey
from dedup.index.library import Overtaken
from dedup.index.redis.errors import RedisIndexError, explained
from dedup.index.redis.library import RedisLibrary
from dedup.index.redis.store import Change, encoded

if TYPE_CHECKING:
    from dedup.filtering.batch import Incoming

_AT_ONCE = 500

_KINDS = {
    "decisions": dict,
    "versions": list,
    "members": dict,
    "series": dict,
    "representatives": int,
}
"""What is kept, by name."""


class RedisState:
    """A `State` on Redis, opened for writing."""

    at_once = 128  # others wait while they are committed, some 0.1 s
    alone = False

    def __init__(self, library: RedisLibrary) -> None:
        self._library = library
        self._store = library.store
        self._read: dict[tuple[str, bytes], Any] = {}  # within an attempt, written ones too
        self._attempting = False
        self._overtaken = False

    def decided(self, keys: Sequence[Key]) -> dict[Key, Fields]:
        """Return the decisions given for these ids and texts."""
        known: dict[Key, Fields] = {}
        for key, texts in zip(keys, self._get("decisions", [id_ for id_, _ in keys]), strict=True):
            found = (texts or {}).get(key[1].hex())
            if found is not None:
                known[key] = found["decision"]
        return known

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Return none: what is asked about each was read ahead."""
        del ids
        return set()

    def seen(self, article_id: str) -> bool:
        """Say whether an id was decided before, with whatever text."""
        return self._get("decisions", [article_id])[0] is not None

    def history(self, article_id: str) -> list[int]:
        """Return the rows of an id, all versions."""
        rows = self._get("versions", [article_id])[0] or []
        own = self._library.row_of(article_id)
        return rows if own is None else [own, *rows]

    def series(self, value: str) -> tuple[str, list[int]] | None:
        """Return the group of a series' first record, and its rows; None if it was never seen."""
        found = self._get("series", [value])[0]
        return None if found is None else (found["group"], found["rows"])

    def member(self, row: int) -> Member:
        """Return what is known of a row."""
        found = self._get("members", [row])[0]
        if found is not None:
            return Member(found["id"], found["group"], found["series"])
        (article,) = self._library.articles([row])
        return Member(article.id, article.id)

    def representative(self, group: str) -> int | None:
        """Return the row that represents a group, None where it is not in the library any more."""
        row: int | None = self._get("representatives", [group])[0]
        if row is None:
            return self._library.row_of(group)
        with explained(self._store.name):
            there = self._store.server.redis.exists(self._store.server.key(f"r:{row}"))
        return row if there else None

    def represent(self, group: str, row: int) -> None:
        """Let a row represent a group."""
        self._put("representatives", group, row)

    def dated(self, row: int) -> int | None:
        """Return the date of a row in seconds: published, else its arrival."""
        found = self._library.records.load([row]).get(row)
        return None if found is None else found.dated

    def same_text(self, row: int) -> list[int]:
        """Return the rows with the same words as this one, ascending, itself included."""
        return self._library.index.same_text(row)

    def remember(self, entries: Iterable[Entry]) -> None:
        """Remember decisions."""
        for entry in entries:
            (article_id, text), group = entry.key, entry.fields["group"]
            decisions = dict(self._get("decisions", [article_id])[0] or {})
            decisions[text.hex()] = {"dated": entry.dated, "decision": entry.fields}
            self._put("decisions", article_id, decisions)
            series = None
            if entry.series is not None:
                known = self._get("series", [entry.series])[0] or {"group": group, "rows": []}
                series = {"group": known["group"], "rows": list(known["rows"])}
            if entry.row is not None:
                own = self._library.known_rows.setdefault(article_id, entry.row)
                plain = group == article_id and entry.series is None
                if not plain or own != entry.row:
                    values = {"id": article_id, "group": group, "series": entry.series}
                    self._put("members", entry.row, values)
                    rows = self._get("versions", [article_id])[0] or []
                    self._put("versions", article_id, [*rows, entry.row])
                if series is not None:
                    series["rows"].append(entry.row)
            if series is not None:
                self._put("series", str(entry.series), series)

    @contextmanager
    def attempt(self, records: Sequence[tuple[Key, Incoming]]) -> Iterator[dict[Key, Fields]]:
        """Decide records inside, as of one version; commit if that is still the latest.

        Whoever was overtaken decides again in its turn, in which nobody else's decisions are taken.
        """
        if self._overtaken:
            self._store.take_turn()
        change = self._store.snapshot()
        self._attempting = True
        try:
            self._read_ahead(records)
            with self._store.collecting(change):
                yield self.decided([key for key, _ in records])
        except Overtaken:
            self._overtaken = True
            raise
        except BaseException:
            self._overtaken = False  # the turn, if it is this worker's, is over after a while
            raise
        else:
            if self._overtaken:
                self._store.give_up_turn()
                self._overtaken = False
        finally:
            self._attempting = False
            self._read.clear()
            self._library.known_rows = {}

    def forget(self, *, ids: Iterable[str] = (), before: int | None = None) -> None:
        """Forget the decisions of ids that were removed, or those dated before a moment.

        The latter in parts, so that other workers need not wait, and with all that is known of rows
        that are gone; killed on the way, it can be done again.
        """
        with self._store.collecting(Change()):
            for name in ids:
                self._store.write("decisions", name, None)
                self._store.write("versions", name, None)
        if before is None:
            return
        for part in _parts(self._store.scan("decisions")):
            self._settle("decisions", part, lambda texts: _since(texts, before))
        rows = set(self._store.rows())
        for name in ("members", "representatives"):
            of_row = name == "members"
            for part in _parts(self._store.scan(name)):
                number = self._store.number
                gone = [key for key, row in part if number(key if of_row else row) not in rows]
                for key in gone:
                    self._store.write(name, key, None)
        for name in ("versions", "series"):
            for part in _parts(self._store.scan(name)):
                self._settle(name, part, lambda value: _with_rows(value, rows))

    def progress(self, run: RunKey) -> str | None:
        """Return what was saved of a run, None if nothing was."""
        found = self._store.fields("runs", [_name(run)])[0]
        return None if found is None else found.decode()

    def save_progress(self, run: RunKey, progress: str) -> None:
        """Save how far a run is."""
        self._store.note("runs", _name(run), progress.encode())

    def _read_ahead(self, records: Sequence[tuple[Key, Incoming]]) -> None:
        """Read what is sure to be asked for of some records, in two round trips."""
        ids = list(dict.fromkeys(id_ for (id_, _), _ in records))
        values = list(dict.fromkeys(one.series for _, one in records if one.series is not None))
        wanted = [("decisions", ids), ("versions", ids), ("ids", ids), ("series", values)]
        wanted = [(name, keys) for name, keys in wanted if keys]
        with self._store.server.pipeline() as pipe:
            for name, keys in wanted:
                pipe.hmget(self._store.server.key(name), [*map(encoded, keys)])
            answers = pipe.execute()
        for (name, keys), answer in zip(wanted, answers, strict=True):
            for key, value in zip(keys, answer, strict=True):
                if name == "ids":
                    row = None if value is None else self._store.number(value)
                    self._library.known_rows[key] = row
                else:
                    self._read[name, encoded(key)] = self._loaded(name, value)
        existing = [row for row in self._library.known_rows.values() if row is not None]
        self._library.records.load(existing)

    def _get(self, name: str, keys: Sequence[str | int]) -> list[Any]:
        """Return values of a hash, read once within an attempt, and as it has written them."""
        fields = [encoded(key) for key in keys]
        if not self._attempting:
            return [self._loaded(name, value) for value in self._store.fields(name, fields)]
        missing = [field for field in dict.fromkeys(fields) if (name, field) not in self._read]
        if name == "members" and missing:  # one question for all that may be asked
            missing += [
                encoded(row)
                for row in self._library.index.found
                if ("members", encoded(row)) not in self._read
            ]
        for field, value in zip(missing, self._store.fields(name, missing), strict=True):
            self._read[name, field] = self._loaded(name, value)
        return [self._read[name, field] for field in fields]

    def _put(self, name: str, key: str | int, value: object) -> None:
        if self._attempting:
            self._read[name, encoded(key)] = value
        self._store.write(name, key, _dumped(value))

    def _settle(
        self,
        name: str,
        part: Sequence[tuple[bytes, bytes]],
        left_of: Callable[[Any], Any],
    ) -> None:
        """Leave of values of a hash what is to be left, as they are when that is committed."""
        keys = [key for key, value in part if left_of(json.loads(value)) != json.loads(value)]
        while keys:
            change = self._store.snapshot()
            values = self._store.fields(name, keys)
            try:
                with self._store.collecting(change):
                    for key, value in zip(keys, values, strict=True):
                        left = left_of(self._loaded(name, value)) if value is not None else None
                        self._store.write(name, key, _dumped(left) if left else None)
            except Overtaken:
                self._store.take_turn()
                continue
            self._store.give_up_turn()
            return

    def _loaded(self, name: str, value: bytes | None) -> Any:  # noqa: ANN401 - JSON
        if value is None:
            return None
        try:
            loaded = json.loads(value)
        except ValueError:
            loaded = None
        if not isinstance(loaded, _KINDS[name]):
            raise RedisIndexError(
                f"{self._store.name}: what is kept under {name} is damaged; restore it from a copy"
            )
        return loaded


def _name(run: RunKey) -> str:
    """Name a run: paths mean other files on another machine."""
    return json.dumps([socket.gethostname(), *run])


def _dumped(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _since(decisions: dict[str, Any], before: int) -> dict[str, Any]:
    """Return the decisions of an id that are not dated before a moment."""
    return {text: one for text, one in decisions.items() if one["dated"] >= before}


def _with_rows(value: Any, rows: Container[int]) -> Any:  # noqa: ANN401 - JSON
    """Return what is left of an id's versions, or of a series, with the rows that are there."""
    if isinstance(value, list):
        return [row for row in value if row in rows]
    left = [row for row in value["rows"] if row in rows]
    return {**value, "rows": left} if left else None


def _parts(found: Iterable[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    rest = iter(found)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
