"""What a filter remembers, in the tables of an index on disk.

The tables are the filter's own (``own_…``); what is written to them within a transaction of the
library is committed together with the articles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from dedup.filtering.decision import Fields
from dedup.filtering.state import Alone, Entry, Key, Member, RunKey
from dedup.index.disk.library import DiskLibrary
from dedup.index.disk.records import stored

_encoder = json.JSONEncoder(separators=(",", ":"))

_TABLES = """
CREATE TABLE IF NOT EXISTS own_decisions(
    number INTEGER PRIMARY KEY,
    id NOT NULL, text BLOB NOT NULL,      -- the hash of the exact text
    decision BLOB NOT NULL,               -- JSON
    dated INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS own_decisions_by_id ON own_decisions(id, text);
CREATE INDEX IF NOT EXISTS own_decisions_by_date ON own_decisions(dated);
CREATE TABLE IF NOT EXISTS own_members(   -- rows that are not simply an article and its own group
    row INTEGER PRIMARY KEY, id NOT NULL, story NOT NULL, series
);
CREATE INDEX IF NOT EXISTS own_members_by_id ON own_members(id);
CREATE INDEX IF NOT EXISTS own_members_by_series ON own_members(series) WHERE series IS NOT NULL;
CREATE TABLE IF NOT EXISTS own_series(value PRIMARY KEY, story NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_representatives(
    story PRIMARY KEY, row INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_runs(
    input, output, offsets TEXT NOT NULL, PRIMARY KEY (input, output)
) WITHOUT ROWID;
"""

_UNKNOWN = """
SELECT value FROM json_each(?)
WHERE NOT EXISTS (SELECT 1 FROM own_decisions WHERE id = value)
    AND NOT EXISTS (SELECT 1 FROM own_members WHERE id = value)
    AND NOT EXISTS (SELECT 1 FROM rows_of_ids WHERE id = value)
"""


class DiskState(Alone):
    """A `State` in the tables of an index on disk, opened for writing."""

    def __init__(self, library: DiskLibrary) -> None:
        self._library = library
        with library.transaction() as connection:
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)

    def decided(self, keys: Sequence[Key]) -> dict[Key, Fields]:
        """Return the decisions given for these ids and texts."""
        known = {}
        for article_id, text in keys:
            query = "SELECT decision FROM own_decisions WHERE id = ? AND text = ?"
            found = self._one(query, stored(article_id), text)
            if found is not None:
                known[article_id, text] = json.loads(found)
        return known

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Return the ids never heard of, in one question."""
        asked = [one for one in ids if isinstance(stored(one), str)]
        found = self._library.connection.execute(_UNKNOWN, (json.dumps(asked),))
        return {article_id for (article_id,) in found}

    def seen(self, article_id: str) -> bool:
        """Say whether an id was decided before, with whatever text."""
        query = "SELECT 1 FROM own_decisions WHERE id = ? LIMIT 1"
        return self._one(query, stored(article_id)) is not None

    def history(self, article_id: str) -> list[int]:
        """Return the rows of an id, all versions."""
        found = self._library.connection.execute(
            "SELECT row FROM own_members WHERE id = ?", (stored(article_id),)
        )
        rows = [row for (row,) in found]
        own = self._library.row_of(article_id)
        return rows if own is None else [own, *rows]

    def series(self, value: str) -> tuple[str, list[int]] | None:
        """Return the group of a series' first record, and its rows; None if it was never seen."""
        group = self._one("SELECT story FROM own_series WHERE value = ?", stored(value))
        if group is None:
            return None
        rows = self._library.connection.execute(
            "SELECT row FROM own_members WHERE series = ?", (stored(value),)
        )
        return restored(group), [row for (row,) in rows]

    def member(self, row: int) -> Member:
        """Return what is known of a row."""
        found = self._library.connection.execute(
            "SELECT id, story, series FROM own_members WHERE row = ?", (row,)
        ).fetchone()
        if found is not None:
            article_id, group, series = found
            return Member(restored(article_id), restored(group), series and restored(series))
        article_id = restored(self._one("SELECT id FROM articles WHERE row = ?", row))
        return Member(article_id, article_id)

    def representative(self, group: str) -> int | None:
        """Return the row that represents a group, None where it is not in the library any more."""
        row = self._one("SELECT row FROM own_representatives WHERE story = ?", stored(group))
        if row is None:
            return self._library.row_of(group)
        found: int | None = self._one("SELECT row FROM articles WHERE row = ?", row)
        return found

    def represent(self, group: str, row: int) -> None:
        """Let a row represent a group."""
        self._library.connection.execute(
            "INSERT OR REPLACE INTO own_representatives VALUES (?, ?)", (stored(group), row)
        )

    def dated(self, row: int) -> int | None:
        """Return the date of a row in seconds: published, else its arrival."""
        found: int | None = self._one("SELECT dated FROM articles WHERE row = ?", row)
        return found

    def same_text(self, row: int) -> list[int]:
        """Return the rows with the same words as this one, ascending, itself included."""
        slot = self._one("SELECT coalesce(slot, row) FROM articles WHERE row = ?", row)
        found = self._library.connection.execute(
            "SELECT row FROM articles WHERE row = ? UNION SELECT row FROM articles WHERE slot = ? "
            "ORDER BY row",
            (slot, slot),
        )
        return [row for (row,) in found]

    def remember(self, entries: Iterable[Entry]) -> None:
        """Remember decisions."""
        decisions, members, series = [], [], []
        for entry in entries:
            (article_id, text), group = entry.key, entry.fields["group"]
            decision = _encoder.encode(entry.fields).encode()
            decisions.append((stored(article_id), text, decision, entry.dated))
            if entry.series is not None:
                series.append((stored(entry.series), stored(group)))
            if entry.row is None:
                continue
            plain = group == article_id and entry.series is None
            if not plain or entry.name != article_id:
                values = article_id, group, entry.series
                members.append((entry.row, *map(stored, values)))
        connection = self._library.connection
        connection.executemany(
            "INSERT INTO own_decisions (id, text, decision, dated) VALUES (?, ?, ?, ?)", decisions
        )
        connection.executemany("INSERT OR REPLACE INTO own_members VALUES (?, ?, ?, ?)", members)
        connection.executemany("INSERT OR IGNORE INTO own_series VALUES (?, ?)", series)

    def forget(self, *, ids: Iterable[str] = (), before: int | None = None) -> None:
        """Forget the decisions of ids, or those dated before a moment, and of rows that are gone.

        Otherwise a record that comes again would get its old decision, and never be matchable.
        """
        with self._library.transaction() as connection:
            connection.executemany(
                "DELETE FROM own_decisions WHERE id = ?", [(stored(one),) for one in ids]
            )
            if before is not None:
                connection.execute("DELETE FROM own_decisions WHERE dated < ?", (before,))
            for table in ("own_members", "own_representatives"):
                connection.execute(
                    f"DELETE FROM {table} WHERE row NOT IN (SELECT row FROM articles)"  # noqa: S608
                )
            connection.execute(
                "DELETE FROM own_series WHERE value NOT IN "
                "(SELECT series FROM own_members WHERE series IS NOT NULL)"
            )

    def progress(self, run: RunKey) -> str | None:
        """Return what was saved of a run, None if nothing was."""
        query = "SELECT offsets FROM own_runs WHERE input = ? AND output = ?"
        found: str | None = self._one(query, *map(stored, run))
        return found

    def save_progress(self, run: RunKey, progress: str) -> None:
        """Save how far a run is, within the transaction that is open."""
        self._library.connection.execute(
            "INSERT OR REPLACE INTO own_runs VALUES (?, ?, ?)", (*map(stored, run), progress)
        )

    def _one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - what SQLite gives
        found = self._library.connection.execute(query, values).fetchone()
        return None if found is None else found[0]


def restored(value: str | bytes) -> str:
    """Return a text as `dedup.index.disk.records.stored` took it."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
