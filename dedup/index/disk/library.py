"""The library on disk: articles and their index in one directory.

``INDEX/articles.db`` is the table of truth, ``INDEX/segments/`` holds what is derived from it, and
``INDEX/lock`` keeps a second writer out. One process writes, any number read.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.dates import first_second
from dedup.index.disk.database import Database
from dedup.index.disk.errors import DiskIndexError, explained
from dedup.index.disk.files import sync_directory
from dedup.index.disk.index import DiskIndex
from dedup.index.disk.lock import WriterLock
from dedup.index.disk.records import COLUMNS, from_article, pack, stored, to_article
from dedup.index.disk.verifying import DiskReport, verify
from dedup.index.library import Holding, Info, check_new_ids
from dedup.index.nets import Nets
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters, check_parameters
from dedup.sketch.sketches import Sketches, sketch

_AT_ONCE = 32
"""Articles from which threads share the compressing."""


@dataclass(frozen=True, slots=True)
class DiskInfo(Info):
    """What an index on disk holds; sizes in bytes."""

    pending: int
    segments: int
    damaged: int
    database_bytes: int
    segment_bytes: int

    def storage_lines(self) -> Iterator[tuple[str, str]]:
        """Yield what a person is told of where it is kept: a heading and a line."""
        database, segments = self.database_bytes / 2**20, self.segment_bytes / 2**20
        yield (
            "size",
            f"{database:.1f} MB articles, {segments:.1f} MB in {self.segments} segments, "
            f"{self.pending} articles not yet in one",
        )
        if self.damaged:
            yield "damaged", f"{self.damaged} segments; run: dedup index verify {self.path}"


class DiskLibrary:
    """A `Library` on disk; `open` one, or `create` it.

    Use it as a context manager, or `close` it. It belongs to the thread that opened it.
    """

    def __init__(self, path: Path, *, write: bool, threads: int | None = None) -> None:
        self.path = path
        self.index: DiskIndex
        self._lock: WriterLock | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._threads = threads or os.cpu_count() or 1
        if write:
            if not (path / "articles.db").is_file():
                Database(path, write=False)  # says what is missing
            self._lock = WriterLock(path / "lock")
        try:
            with explained(path):
                self.index = DiskIndex(path, write=write)
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        parameters: SketchParameters = DEFAULT_PARAMETERS,
        nets: Nets | None = None,
        *,
        threads: int | None = None,
    ) -> DiskLibrary:
        """Create an index in a directory, which must be new or empty, and open it for writing.

        Raises
        ------
        DiskIndexError
            If something is there already, or the directory cannot be made.
        DedupError
            If the bands do not fit into the signatures.
        """
        path = Path(path)
        nets = nets or Nets()
        nets.check_fits(parameters.num_perm)
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(path / "lock")
        try:
            if (path / "articles.db").exists():
                raise DiskIndexError(f"{path}: is an index already; open it, or take another path")
            ours = {"lock", "segments", "articles.db.new", "articles.db.new-journal"}
            if others := {file.name for file in path.iterdir()} - ours:
                raise DiskIndexError(
                    f"{path}: is not empty (it holds {min(others)!r}); take another path"
                )
            with explained(path):
                (path / "segments").mkdir(exist_ok=True)
                Database.create(path, parameters, nets)
                sync_directory(path)
                sync_directory(path.absolute().parent)
        finally:
            lock.release()
        return cls(path, write=True, threads=threads)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        write: bool = False,
        parameters: SketchParameters | None = None,
        threads: int | None = None,
    ) -> DiskLibrary:
        """Open an index, to read unless ``write`` is asked for.

        Parameters
        ----------
        path
            The directory of the index.
        write
            Whether to add, remove and repair.
        parameters
            Refuse an index that was made with others; any will do unless given.
        threads
            Threads that compress; all processors unless told.

        Raises
        ------
        IndexLocked
            If another process is writing to it.
        DiskIndexError
            If it is no index, or of a newer version.
        ParameterMismatch
            If its parameters are not the ones expected.
        """
        library = cls(Path(path), write=write, threads=threads)
        if parameters is not None:
            try:
                check_parameters(library.index.parameters, parameters, f"the index {path}")
            except BaseException:
                library.close()
                raise
        return library

    def __enter__(self) -> DiskLibrary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.index)

    def __bool__(self) -> bool:
        """Return True: an empty library is one to add to, not none."""
        return True

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing."""
        return self._lock is not None

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Commit what is done inside together, or, if it raises, nothing of it.

        The connection is for the caller's own tables, whose names begin with ``own_``; what `add`
        and `remove` did inside is found at once, but is not acknowledged before the end.
        """
        self._check_writable()
        return self.index.database.transaction()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for reading the caller's own tables."""
        return self.index.database.connection

    def add(self, articles: Sequence[Article], sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add articles with their sketches, all or none, and return their rows, int64[n].

        When it returns, they are on the disk and survive whatever happens to the process; within a
        `transaction`, when that is over.

        Raises
        ------
        DuplicateId
            If an id is there already, or comes twice.
        DiskIndexError
            If they could not be written.
        """
        self._check_writable()
        check_new_ids(articles, self)
        arrived = int(time.time())
        records = [
            from_article(article, packed, arrived)
            for article, packed in zip(articles, self._packed(articles), strict=True)
        ]
        return self.index.add(sketches, records)

    def remove(self, ids: Iterable[str]) -> int:
        """Forget articles and return how many were there to be forgotten."""
        self._check_writable()
        rows = [self.row_of(article_id) for article_id in set(ids)]
        return self.index.remove([row for row in rows if row is not None])

    def expire(self, before: str | datetime) -> int:
        """Forget the articles of before a date or time; see `StoredLibrary`."""
        self._check_writable()
        moment = first_second(before)
        if moment is None:
            raise ValueError(f"{before!r} is neither an ISO 8601 date nor time")
        found = self.connection.execute("SELECT row FROM articles WHERE dated < ?", (moment,))
        return self.index.remove([row for (row,) in found])

    def row_of(self, article_id: str) -> int | None:
        """Return the row of an id, None where it is not there."""
        row = self.index.database.one(
            "SELECT row FROM rows_of_ids WHERE id = ?", stored(article_id)
        )
        return None if row is None else int(row)

    def articles(self, rows: Iterable[int]) -> list[Article]:
        """Return the articles of rows.

        Raises
        ------
        KeyError
            If one of the rows is not there.
        """
        articles = []
        for row in rows:
            found = self.index.database.first_of(
                f"SELECT {COLUMNS} FROM articles WHERE row = ?",  # noqa: S608 - made of constants
                row,
            )
            if found is None:
                raise KeyError(f"row {row} is not in the index")
            articles.append(to_article(found))
        return articles

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows with their fingerprints, None where a row is not there."""
        articles: list[Article | None] = []
        for row in rows:
            try:
                articles += self.articles([row])
            except KeyError:
                articles.append(None)
        sketches = sketch([a.text if a else "" for a in articles], self.index.parameters)
        return [
            (article, sketches.fingerprints_of(number)) if article else None
            for number, article in enumerate(articles)
        ]

    def rows(self) -> Iterator[int]:
        """Yield the rows of all articles, ascending."""
        # From the index by date: the table has the texts in it.
        found = self.connection.execute("SELECT row FROM articles INDEXED BY articles_by_date")
        return iter(sorted(row for (row,) in found))

    def info(self) -> DiskInfo:
        """Return what the index holds."""
        database, store = self.index.database, self.index.store
        state = database.state()
        registered = database.segments()
        sealed = registered[-1].last if registered else 0
        names = ("articles.db", "articles.db-wal")
        files = [self.path / name for name in names if (self.path / name).exists()]
        return DiskInfo(
            str(self.path),
            state.rows,
            state.different,
            database.one("SELECT min(dated) FROM articles"),
            database.one("SELECT max(dated) FROM articles"),
            self.index.parameters,
            self.index.nets,
            database.one("SELECT count(*) FROM articles WHERE row >= ?", sealed),
            len(registered),
            len(store.damaged),
            sum(file.stat().st_size for file in files),
            sum(one.bytes for one in registered),
        )

    def verify(self, *, texts: bool = True) -> DiskReport:
        """Check the table of truth and all checksums, and rebuild what is derived and damaged.

        ``texts`` also sketches every text again, which takes some 0.1 ms an article.
        """
        self._check_alone()
        return verify(self.index, texts=texts)

    def compact(self) -> None:
        """Make one segment of everything, without what was removed, and give back the room."""
        self._check_alone()
        self.index.builder.compact()
        with explained(self.path):
            # A script is run to its end; execute() would free a single page.
            self.connection.executescript(
                "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)"
            )

    def close(self) -> None:
        """Finish what is being built and give the lock back."""
        try:
            self.index.close()
        finally:
            if self._pool is not None:
                self._pool.shutdown()
            if self._lock is not None:
                self._lock.release()

    def _check_writable(self) -> None:
        if self._lock is None:
            raise DiskIndexError(f"{self.path}: was opened for reading; open it for writing")

    def _check_alone(self) -> None:
        self._check_writable()
        if self.connection.in_transaction:
            raise DiskIndexError(f"{self.path}: end the transaction before verifying or compacting")

    def _packed(self, articles: Sequence[Article]) -> list[bytes]:
        """Compress texts; Zstandard works without the interpreter's lock."""
        texts = [article.text for article in articles]
        if len(texts) < _AT_ONCE or self._threads == 1:
            return pack(texts)
        self._pool = self._pool or ThreadPoolExecutor(self._threads, "compress")
        size = -(-len(texts) // self._threads)
        parts = [texts[start : start + size] for start in range(0, len(texts), size)]
        return [packed for part in self._pool.map(pack, parts) for packed in part]
