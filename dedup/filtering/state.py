"""What a filter remembers: every record's decision, and what it knows of the kept ones.

A library knows articles by row. The filter adds: of each id and text the decision given; of each
row kept as a further version the id it is a version of, its group and its series; and of each group
the row that represents it, where that is not the article the group is named after.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import xxhash

from dedup.article import Article
from dedup.dates import last_second
from dedup.filtering.decision import Fields
from dedup.index.library import MemoryLibrary

if TYPE_CHECKING:
    from dedup.filtering.batch import Incoming

Key = tuple[str, bytes]
"""An id and the hash of its text: what a decision is remembered by."""

AT_ONCE = 256
"""Records that are looked up and compared together, where nobody waits for them."""

RunKey = tuple[str, str]
"""The input and the output of a run, by which it is known again."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the library: the id of its record (not that of the version), group and series."""

    id: str
    group: str
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision to remember.

    ``row`` is where the record stands in the library, if it does, and ``name`` its id there: that
    of a further version is not the record's.
    """

    key: Key
    fields: Fields
    series: str | None
    dated: int
    row: int | None
    name: str | None


class State(Protocol):
    """What a filter remembers, beside a library and as durable as it."""

    @property
    def at_once(self) -> int:
        """How many records are looked up, compared and committed together."""

    @property
    def alone(self) -> bool:
        """Whether nobody else decides and adds meanwhile."""

    def decided(self, keys: Sequence[Key]) -> dict[Key, Fields]:
        """Return the decisions given for these ids and texts."""

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Return ids never heard of, neither seen nor with a history, to be asked nothing about.

        Where asking about each costs little, none.
        """

    def seen(self, article_id: str) -> bool:
        """Say whether an id was decided before, with whatever text."""

    def history(self, article_id: str) -> list[int]:
        """Return the rows of an id, all versions."""

    def series(self, value: str) -> tuple[str, list[int]] | None:
        """Return the group of a series' first record, and its rows; None if it was never seen."""

    def member(self, row: int) -> Member:
        """Return what is known of a row."""

    def representative(self, group: str) -> int | None:
        """Return the row that represents a group, None where it is not in the library any more."""

    def represent(self, group: str, row: int) -> None:
        """Let a row represent a group."""

    def dated(self, row: int) -> int | None:
        """Return the date of a row in seconds: published, else its arrival; None if unknown."""

    def same_text(self, row: int) -> list[int]:
        """Return the rows with the same words as this one, ascending, itself included."""

    def remember(self, entries: Iterable[Entry]) -> None:
        """Remember decisions."""

    def attempt(
        self, records: Sequence[tuple[Key, Incoming]]
    ) -> AbstractContextManager[dict[Key, Fields]]:
        """Decide records inside, as of one moment; then what was added and remembered is committed.

        Gives the decisions that other workers have meanwhile given for these records.

        Raises
        ------
        Overtaken
            If other workers were quicker; nothing is committed, and it is to be decided again.
        """

    def forget(self, *, ids: Iterable[str] = (), before: int | None = None) -> None:
        """Forget the decisions of ids, or those dated before a moment, and of rows that are gone.

        Otherwise a record that comes again would get its old decision, and never be matchable.
        """

    def progress(self, run: RunKey) -> str | None:
        """Return what was saved of a run, None if nothing was."""

    def save_progress(self, run: RunKey, progress: str) -> None:
        """Save how far a run is."""


class Alone:
    """What a `State` has that nobody else writes: attempts that succeed."""

    at_once = AT_ONCE
    alone = True

    def attempt(
        self, records: Sequence[tuple[Key, Incoming]]
    ) -> AbstractContextManager[dict[Key, Fields]]:
        """Decide records inside; there are no other workers."""
        del records
        return nullcontext({})


class MemoryState(Alone):
    """A `State` in memory."""

    def __init__(self, library: MemoryLibrary) -> None:
        self._library = library
        self._decided: dict[Key, Fields] = {}
        self._ids: dict[str, list[int]] = {}
        self._series: dict[str, tuple[str, list[int]]] = {}
        self._members: dict[int, Member] = {}
        self._dated: dict[int, int] = {}
        self._representatives: dict[str, int] = {}

    def decided(self, keys: Sequence[Key]) -> dict[Key, Fields]:
        """Return the decisions given for these ids and texts."""
        return {key: self._decided[key] for key in keys if key in self._decided}

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Return none: asking about each costs little."""
        del ids
        return set()

    def seen(self, article_id: str) -> bool:
        """Say whether an id was decided before, with whatever text."""
        return article_id in self._ids

    def history(self, article_id: str) -> list[int]:
        """Return the rows of an id, all versions."""
        rows = self._ids.get(article_id, [])
        own = self._library.row_of(article_id)
        return rows if own is None else [own, *rows]

    def series(self, value: str) -> tuple[str, list[int]] | None:
        """Return the group of a series' first record, and its rows; None if it was never seen."""
        return self._series.get(value)

    def member(self, row: int) -> Member:
        """Return what is known of a row."""
        known = self._members.get(row)
        if known is None:
            (article,) = self._library.articles([row])
            known = Member(article.id, article.id)
        return known

    def representative(self, group: str) -> int | None:
        """Return the row that represents a group, None where it is not in the library any more."""
        row = self._representatives.get(group)
        if row is None:
            return self._library.row_of(group)
        try:
            self._library.articles([row])
        except KeyError:
            return None
        return row

    def represent(self, group: str, row: int) -> None:
        """Let a row represent a group."""
        self._representatives[group] = row

    def dated(self, row: int) -> int | None:
        """Return the date of a row in seconds: published, else its arrival; None if unknown."""
        if row not in self._dated:
            published = self._library.articles([row])[0].published
            return last_second(published)
        return self._dated[row]

    def same_text(self, row: int) -> list[int]:
        """Return the rows with the same words as this one, ascending, itself included."""
        texts = self._library.index._texts
        slot = int(texts.slots[row])
        return [int(texts.first[slot]), *texts._further.get(slot, ())]

    def remember(self, entries: Iterable[Entry]) -> None:
        """Remember decisions."""
        for entry in entries:
            article_id, group = entry.key[0], entry.fields["group"]
            self._decided[entry.key] = entry.fields
            rows = self._ids.setdefault(article_id, [])
            if entry.series is not None:
                _, in_series = self._series.setdefault(entry.series, (group, []))
            if entry.row is None:
                continue
            rows.append(entry.row)
            self._members[entry.row] = Member(article_id, group, entry.series)
            self._dated[entry.row] = entry.dated
            if entry.series is not None:
                in_series.append(entry.row)

    def forget(self, *, ids: Iterable[str] = (), before: int | None = None) -> None:
        """Forget nothing: it is gone with the process."""

    def progress(self, run: RunKey) -> str | None:
        """Return None: nothing outlives the process."""
        del run
        return None

    def save_progress(self, run: RunKey, progress: str) -> None:
        """Save nothing."""


def key_of(article: Article) -> Key:
    """Return what an article's decision is remembered by: its id and the hash of its exact text."""
    return article.id, xxhash.xxh3_128_digest(article.text.encode("utf-8", "surrogatepass"))


def date_of(article: Article) -> int:
    """Return the date of an article that arrives now: published, else now, in seconds."""
    moment = last_second(article.published)
    return int(time.time()) if moment is None else moment


def state_of(library: Any) -> State:  # noqa: ANN401 - any library
    """Return the state that belongs to a library."""
    if isinstance(library, MemoryLibrary):
        return MemoryState(library)
    from dedup.index.disk.library import DiskLibrary

    if isinstance(library, DiskLibrary):
        from dedup.filtering.disk_state import DiskState

        return DiskState(library)
    from dedup.filtering.redis_state import RedisState

    return RedisState(library)


def committed(library: Any) -> AbstractContextManager[object]:  # noqa: ANN401 - any library
    """Commit what is done inside together, in an index on disk.

    On Redis each batch is committed as it is decided, since other workers wait for it; what was
    decided there is decided the same way when it comes again.
    """
    from dedup.index.disk.library import DiskLibrary

    if not isinstance(library, DiskLibrary):
        return nullcontext()
    # Segments are built between transactions only.
    library.index.builder.advance()
    transaction: AbstractContextManager[object] = library.transaction()
    return transaction
