"""The library on Redis: articles and their index, shared by several workers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.dates import first_second
from dedup.index.disk.records import pack
from dedup.index.library import DuplicateId, Holding, Info, Report, Texts
from dedup.index.lookup import slice_of
from dedup.index.nets import Nets
from dedup.index.redis.address import parse_address
from dedup.index.redis.cache import Records
from dedup.index.redis.errors import RedisIndexError, explained
from dedup.index.redis.index import RedisIndex
from dedup.index.redis.measuring import measure, said_of_server
from dedup.index.redis.records import date_of, pack_record
from dedup.index.redis.store import Change, Store
from dedup.index.redis.verifying import sweep, verify
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters, check_parameters
from dedup.sketch.sketches import Sketches

_ADDED = 128
"""Articles added by one script, some 0.1 s."""


@dataclass(frozen=True, slots=True)
class RedisInfo(Info):
    """What an index on Redis holds.

    ``bytes`` is about how much of the server's memory it takes, ``text_bytes`` how much of that are
    compressed texts, both from a sample; ``server`` says how the server keeps what it acknowledged.
    """

    bytes: int
    text_bytes: int
    decisions: int
    server: str

    def storage_lines(self) -> Iterator[tuple[str, str]]:
        """Yield what a person is told of where it is kept: a heading and a line."""
        size, text = self.bytes / 2**20, self.text_bytes / 2**20
        yield "size", f"about {size:.1f} MB in memory, {text:.1f} MB of it texts"
        yield "decisions", f"{self.decisions} ids were decided by a filter"
        yield "server", self.server


class RedisLibrary:
    """A `Library` on Redis; `open` one, or `create` it; `close` it in the end.

    It belongs to the thread that opened it.
    """

    def __init__(self, store: Store, *, write: bool, texts: Texts | None) -> None:
        self.store = store
        self.path = store.name
        self.records = Records(store, texts)
        self.index = RedisIndex(store, self.records)
        self.writable = write
        self.known_rows: dict[str, int | None] = {}
        """Rows of ids that are known as of the change that is open."""

    @classmethod
    def create(
        cls, url: str, parameters: SketchParameters = DEFAULT_PARAMETERS, nets: Nets | None = None
    ) -> RedisLibrary:
        """Create an index on a server and open it for writing.

        Raises
        ------
        RedisIndexError
            If there is one under this prefix already, or the server cannot be used.
        DedupError
            If the bands do not fit into the signatures, or the address is none.
        """
        Store.create(parse_address(url), parameters, nets or Nets())
        return cls.open(url, write=True)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        write: bool = False,
        parameters: SketchParameters | None = None,
        texts: Texts | None = None,
    ) -> RedisLibrary:
        """Open an index; any number of workers can have it open for writing.

        Parameters
        ----------
        url
            Its address, as ``redis://user:password@host:6379/0?prefix=news``.
        write
            Whether to add and remove.
        parameters
            Refuse an index that was made with others; any will do unless given.
        texts
            Returns texts for ids, by id or in their order. With it texts are not kept in the index:
            an article whose text it does not return, or returns changed, is no candidate, and is
            counted in ``records.texts_missing``.

        Raises
        ------
        RedisIndexError
            If it is no index, of a newer version, or the server cannot be used.
        ParameterMismatch
            If its parameters are not the ones expected.
        """
        store = Store(parse_address(url))
        if parameters is not None:
            try:
                check_parameters(store.parameters, parameters, f"the index {store.name}")
            except BaseException:
                store.close()
                raise
        return cls(store, write=write, texts=texts)

    def __enter__(self) -> RedisLibrary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.index)

    def __bool__(self) -> bool:
        """Return True: an empty library is one to add to, not none."""
        return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is added and removed inside together, or nothing of it.

        What is read inside does not show it yet.
        """
        self._check_writable()
        with self.store.collecting(Change()):
            yield

    def add(self, articles: Sequence[Article], sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add articles with their sketches, all or none, and return their rows, int64[n].

        When it returns they are on the server, as durable as that is. Many are committed in parts,
        so that other workers need not wait; of a worker that is killed some parts may be there.
        Within a `transaction` the rows are not known yet, and what is returned is to be ignored.

        Raises
        ------
        DuplicateId
            If an id is there already, or comes twice.
        RedisIndexError
            If they could not be written.
        """
        self._check_writable()
        ids = [article.id for article in articles]
        if len(set(ids)) < len(ids):
            raise DuplicateId(next(one for place, one in enumerate(ids) if one in ids[:place]))
        arrived = int(time.time())
        dates = [date_of(article, arrived) for article in articles]
        outside = self.records.texts is not None
        texts = [None] * len(ids) if outside else pack(article.text for article in articles)
        records = [
            pack_record(sketches, number, article, text, dated)
            for number, (article, text, dated) in enumerate(
                zip(articles, texts, dates, strict=True)
            )
        ]
        if self.store.change is not None:
            return self.index.add_records(sketches, records, ids, dates)
        rows: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]
        try:
            for start in range(0, len(ids), _ADDED):
                end = min(start + _ADDED, len(ids))
                part = slice_of(sketches, start, end)
                added = records[start:end], ids[start:end], dates[start:end]
                rows.append(self.index.add_records(part, *added))
        except DuplicateId:
            self.index.remove(np.concatenate(rows))
            raise
        return np.concatenate(rows)

    def remove(self, ids: Iterable[str]) -> int:
        """Forget articles and return how many were there to be forgotten."""
        self._check_writable()
        return self.index.remove([row for row in self.rows_of(set(ids)) if row is not None])

    def expire(self, before: str | datetime) -> int:
        """Forget the articles of before a date or time and return how many.

        As `dedup.index.disk.library.DiskLibrary.expire`, but in parts, so that other workers need
        not wait.

        Raises
        ------
        ValueError
            If ``before`` is neither a date nor a time.
        """
        self._check_writable()
        moment = first_second(before)
        if moment is None:
            raise ValueError(f"{before!r} is neither an ISO 8601 date nor time")
        server = self.store.server
        with explained(server.name):
            rows = server.redis.zrangebyscore(server.key("dated"), "-inf", f"({moment}")
        return self.index.remove([self.store.number(row) for row in rows])

    def row_of(self, article_id: str) -> int | None:
        """Return the row of an id, None where it is not there."""
        if article_id in self.known_rows:
            return self.known_rows[article_id]
        return self.rows_of([article_id])[0]

    def rows_of(self, ids: Iterable[str]) -> list[int | None]:
        """Return the rows of ids, in one round trip."""
        found = self.store.fields("ids", ids)
        return [None if row is None else self.store.number(row) for row in found]

    def articles(self, rows: Iterable[int]) -> list[Article]:
        """Return the articles of rows.

        Raises
        ------
        KeyError
            If one of the rows is not there, or its text is not where it is kept.
        """
        wanted = list(rows)
        found = self.records.with_texts(wanted)
        for row in wanted:
            if row not in found:
                raise KeyError(f"row {row} is not in the index, or its text is gone")
        return [self.records.article(row, found[row]) for row in wanted]

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows, without texts, with their fingerprints.

        None stands for a row that is not there.
        """
        found = self.records.load(rows)
        return [
            (found[row].article(""), found[row].fingerprints) if row in found else None
            for row in rows
        ]

    def rows(self) -> Iterator[int]:
        """Yield the rows of all articles, ascending."""
        return iter(self.store.rows())

    def info(self) -> RedisInfo:
        """Return what the index holds."""
        measured = measure(self.store)
        return RedisInfo(
            self.path,
            len(self),
            self.index.distinct,
            measured.earliest,
            measured.latest,
            self.index.parameters,
            self.index.nets,
            measured.bytes,
            measured.text_bytes,
            measured.decisions,
            said_of_server(self.store.server),
        )

    def verify(self, *, texts: bool = True) -> Report:
        """Check every record against its checksum and its keys, and mend what is derived.

        ``texts`` also sketches every text again.
        """
        self._check_writable()
        return verify(self.store, self.records, texts=texts)

    def compact(self) -> None:
        """Take out of the table of keys what belongs to no article."""
        self._check_writable()
        sweep(self.store)

    def close(self) -> None:
        """Close the connection."""
        self.store.close()

    def _check_writable(self) -> None:
        if not self.writable:
            raise RedisIndexError(f"{self.path}: was opened for reading; open it for writing")
