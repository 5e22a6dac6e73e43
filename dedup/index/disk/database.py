"""The table of truth: one SQLite file, changed in transactions only.

``articles`` is the truth; ``pending`` and ``segments`` say where the postings of a row are to be
found. ``changes`` is a log of slots (`dedup.index.disk.slots`) whose first row went.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dedup.index.disk.errors import DiskIndexError, explained
from dedup.index.disk.records import COLUMNS
from dedup.index.nets import Nets
from dedup.sketch.parameters import ParameterMismatch, SketchParameters, check_words

FORMAT = 3
"""Version of the tables and of the segment files."""

RECENT_IDS = 1 << 15
"""Rows whose ids are kept apart until they are put among the others together. One by one each would
change a page of its own, which at a million articles was half of what adding cost."""

PAGE = 16384
"""Bytes of a page: in one of 4,096 a row leaves 1,400 bytes unused, in these 40."""

ANEW = "create an index anew and add its articles to it"

_SCHEMA = f"""
PRAGMA page_size = {PAGE};
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles(
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    slot INTEGER,                 -- the row its text was first added as, if that is another
    text_hash INTEGER NOT NULL,   -- the bits of a uint64
    words INTEGER NOT NULL,
    signature BLOB NOT NULL,      -- uint32, little-endian
    id,
    title, source, published, url, language,
    credits TEXT,                 -- JSON
    text BLOB,                    -- Zstandard
    arrived INTEGER,              -- seconds since 1970
    dated INTEGER                 -- the last moment of ``published``, else ``arrived``
);
CREATE TABLE ids(id PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE recent_ids(id PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIEW rows_of_ids AS SELECT id, row FROM recent_ids UNION ALL SELECT id, row FROM ids;
CREATE INDEX articles_by_date ON articles(dated);
CREATE INDEX further_rows ON articles(slot) WHERE slot IS NOT NULL;
CREATE TABLE pending(row INTEGER PRIMARY KEY, fingerprints BLOB NOT NULL);
CREATE TABLE segments(
    name TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
    bytes INTEGER NOT NULL, checksum TEXT NOT NULL
);
CREATE TABLE changes(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    slot INTEGER NOT NULL,
    first INTEGER NOT NULL        -- the earliest row it has left, -1 for none
);
CREATE TABLE state(
    rows INTEGER NOT NULL, different INTEGER NOT NULL, generation INTEGER NOT NULL
);
INSERT INTO state VALUES (0, 0, 0);
"""  # noqa: S608 - made of constants

_INSERT = (
    f"INSERT INTO articles (row, slot, text_hash, words, signature, {COLUMNS}, arrived, dated) "  # noqa: S608
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ID = 5
"""Which of these values is the id."""


@dataclass(frozen=True, slots=True)
class State:
    """How many rows and different texts there are; ``generation`` counts lists of segments."""

    rows: int
    different: int
    generation: int


@dataclass(frozen=True, slots=True)
class Registered:
    """A segment file: its name, its rows ``first`` to ``last`` (exclusive), size and checksum."""

    name: str
    first: int
    last: int
    bytes: int
    checksum: str


class Database:
    """A connection to the table of truth.

    Parameters
    ----------
    path
        The directory of the index.
    write
        Whether to write; a reader works in a directory it cannot write to as well.

    Raises
    ------
    DiskIndexError
        If it is not there, not one of ours, or of another format.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self.file = path / "articles.db"
        if not path.exists():
            raise DiskIndexError(f"{path}: no such index; create it first")
        if not self.file.is_file():
            raise DiskIndexError(f"{path}: not an index: there is no articles.db in it")
        self.connection = self._connect(write)
        meta = self._meta()
        written = int(meta["format"])
        if written != FORMAT:
            self.connection.close()
            age, advice = (
                ("a newer", "install the newer version") if written > FORMAT else ("an older", ANEW)
            )
            raise DiskIndexError(
                f"{path}: was written by {age} version, in format {written}, and this one "
                f"reads format {FORMAT}; {advice}"
            )
        self.parameters = SketchParameters.from_json(meta["parameters"])
        try:
            check_words(self.parameters, f"the index {path}", ANEW)
        except ParameterMismatch:
            self.connection.close()
            raise
        self.nets = Nets(**json.loads(meta["nets"]))
        self.rolled_back: Callable[[], None] = lambda: None
        """Called after a transaction came to nothing."""

    @classmethod
    def create(cls, path: Path, parameters: SketchParameters, nets: Nets) -> None:
        """Create the file, empty, whole or not at all."""
        unfinished = path / "articles.db.new"
        unfinished.unlink(missing_ok=True)
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            connection.executescript(_SCHEMA)
            meta = {
                "format": str(FORMAT),
                "parameters": parameters.to_json(),
                "nets": json.dumps(asdict(nets), sort_keys=True),
            }
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
        finally:
            connection.close()
        unfinished.rename(path / "articles.db")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything inside or nothing; one inside another is part of it."""
        connection = self.connection
        if connection.in_transaction:
            with self._part():
                yield connection
            return
        with explained(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self.rolled_back()
                raise

    def first_of(self, query: str, *values: object) -> Any:  # noqa: ANN401 - what SQLite gives
        """Return the first row of a query, None if there is none."""
        return self.connection.execute(query, values).fetchone()

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - what SQLite gives
        """Return the first column of the first row of a query, None if there is none."""
        found = self.first_of(query, *values)
        return None if found is None else found[0]

    def version(self) -> int:
        """Return a number that changes when another connection has committed."""
        return int(self.one("PRAGMA data_version"))

    def state(self) -> State:
        """Return the counts."""
        return State(*self.first_of("SELECT rows, different, generation FROM state"))

    def count(self, rows: int, different: int) -> None:
        """Add to the counts."""
        self.connection.execute(
            "UPDATE state SET rows = rows + ?, different = different + ?", (rows, different)
        )

    def next_row(self) -> int:
        """Return the row that comes next; rows are never given twice."""
        last = self.one("SELECT seq FROM sqlite_sequence WHERE name = 'articles'")
        return 0 if last is None else int(last) + 1

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert articles, whose ids are not there; put recent ids away where they are many."""
        self.connection.executemany(_INSERT, rows)
        recent = [(row[_ID], row[0]) for row in rows if row[_ID] is not None]
        self.connection.executemany("INSERT INTO recent_ids VALUES (?, ?)", recent)
        if rows and rows[0][0] // RECENT_IDS < (rows[-1][0] + 1) // RECENT_IDS:
            self.put_away_ids()

    def remove(self, rows: Sequence[int]) -> None:
        """Remove articles."""
        gone = [(row,) for row in rows]
        for table in ("recent_ids", "ids"):
            self.connection.executemany(
                f"DELETE FROM {table} WHERE id = (SELECT id FROM articles WHERE row = ?)",  # noqa: S608
                gone,
            )
        self.connection.executemany("DELETE FROM articles WHERE row = ?", gone)

    def put_away_ids(self) -> None:
        """Put the recent ids among the others."""
        self.connection.execute("INSERT INTO ids SELECT id, row FROM recent_ids ORDER BY id")
        self.connection.execute("DELETE FROM recent_ids")

    def repair_ids(self) -> bool:
        """Put down anew which rows ids have if it is not what the articles say; return whether."""
        there = self.one("SELECT count(*) FROM articles WHERE id IS NOT NULL")
        right = self.one(
            "SELECT count(*) FROM rows_of_ids AS i JOIN articles AS a ON a.row = i.row "
            "WHERE a.id = i.id"
        )
        if there == right == self.one("SELECT count(*) FROM rows_of_ids"):
            return False
        with self.transaction() as connection:
            connection.execute("DELETE FROM ids")
            connection.execute("DELETE FROM recent_ids")
            connection.execute(
                "INSERT OR IGNORE INTO ids "
                "SELECT id, row FROM articles WHERE id IS NOT NULL ORDER BY id, row"
            )
        return True

    def insert_pending(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep the fingerprints of rows until they are in a segment."""
        self.connection.executemany("INSERT INTO pending VALUES (?, ?)", rows)

    def segments(self) -> list[Registered]:
        """Return the segments, in the order of their rows."""
        found = self.connection.execute(
            "SELECT name, first, last, bytes, checksum FROM segments ORDER BY first"
        )
        return [Registered(*values) for values in found]

    def register(
        self, new: Iterable[Registered], replaced: Iterable[str], sealed: int, changes: int
    ) -> None:
        """Put segments into the place of others, in one transaction.

        ``sealed`` is where pending rows begin now. Of the changes up to number ``changes`` the new
        segments have taken account.
        """
        new = list(new)
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM segments WHERE name = ?", [(name,) for name in replaced]
            )
            connection.executemany(
                "INSERT INTO segments VALUES (?, ?, ?, ?, ?)",
                [(s.name, s.first, s.last, s.bytes, s.checksum) for s in new],
            )
            connection.execute("DELETE FROM pending WHERE row < ?", (sealed,))
            connection.executemany(
                "DELETE FROM changes WHERE slot >= ? AND slot < ? AND number <= ? AND first < 0",
                [(s.first, s.last, changes) for s in new],
            )
            connection.execute("UPDATE state SET generation = generation + 1")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextmanager
    def _part(self) -> Iterator[None]:
        """Undo what was done inside if it fails; the transaction around it may go on."""
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:  # a full disk ends it
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            self.rolled_back()
            raise
        self.connection.execute("RELEASE part")

    def _connect(self, write: bool) -> sqlite3.Connection:
        if write:
            with explained(self.path):
                connection = _open(self.file, "mode=rw")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA wal_autocheckpoint = 4000")
                connection.execute("PRAGMA journal_size_limit = 67108864")
                connection.execute("PRAGMA cache_size = -65536")
                return connection
        with explained(self.path):
            log = self.file.with_name("articles.db-wal")
            ways = ["mode=rw", "mode=ro"]
            if not log.exists() or not log.stat().st_size:
                ways.append("immutable=1")  # nothing can be written here, so nothing will be
            for way in ways:
                try:
                    connection = _open(self.file, way)
                except sqlite3.OperationalError:
                    if way == ways[-1]:
                        raise
                    continue
                connection.execute("PRAGMA query_only = 1")
                connection.execute("PRAGMA cache_size = -16384")
                return connection
        raise AssertionError

    def _meta(self) -> dict[str, str]:
        try:
            with explained(self.path):
                meta = dict(self.connection.execute("SELECT key, value FROM meta"))
            int(meta["format"])
        except BaseException as error:
            self.connection.close()
            if isinstance(error, DiskIndexError) and "no such table" not in str(error):
                raise
            raise DiskIndexError(f"{self.path}: not an index: articles.db is not ours") from error
        return meta


def _open(file: Path, way: str) -> sqlite3.Connection:
    """Connect and look into it; SQLite opens a file only then."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?{way}", uri=True, isolation_level=None, timeout=10
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
