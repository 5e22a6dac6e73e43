"""Records at hand: those of the rows last asked for, as they stand on the server.

A record never changes, and a row is given once; so what is at hand is right as long as the row is
in the index, which the table of keys says at every question.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import islice

from dedup.article import Article
from dedup.index.library import Texts
from dedup.index.redis.errors import RedisIndexError, explained
from dedup.index.redis.records import Record, RecordDamaged, exact_hash, unpack_record
from dedup.index.redis.store import Store

_REMEMBERED = 64_000_000
"""Bytes of records that are kept at hand when others are fetched."""
_AT_ONCE = 256
"""Records fetched in one command."""


class Records:
    """Records by row.

    Parameters
    ----------
    store
        Where they are.
    texts
        Where the texts are that are not in them.
    """

    def __init__(self, store: Store, texts: Texts | None) -> None:
        self._store = store
        self.texts = texts
        self.texts_missing = 0
        """How often an article was left out because its text was not where it is kept."""
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._outside: dict[int, str] = {}
        self._bytes = 0

    def load(self, rows: Iterable[int]) -> dict[int, Record]:
        """Return the records of rows, those that are there; they stay at hand until others come.

        Raises
        ------
        RedisIndexError
            If one of them is damaged.
        """
        wanted = dict.fromkeys(rows)
        found: dict[int, Record] = {}
        new = []
        for row in wanted:
            if row in self._records:
                self._records.move_to_end(row)
                found[row] = self._records[row]
            else:
                new.append(row)
        if new:
            self._make_room(set(found))
        rest = iter(new)
        while part := list(islice(rest, _AT_ONCE)):
            for row, raw in zip(part, self._fetch(part), strict=True):
                if raw is not None:
                    found[row] = self._remember(row, raw)
        return found

    def with_texts(self, rows: Iterable[int], *, anew: bool = False) -> dict[int, Record]:
        """Return the records of rows whose texts are there too, wherever they are kept.

        Texts that are kept elsewhere are at hand until they are asked for ``anew``.
        """
        found = self.load(rows)
        if anew:
            self._outside.clear()
        outside = [row for row, one in found.items() if one.outside and row not in self._outside]
        if outside:
            missing = self._load_texts({row: found[row] for row in outside})
            self.texts_missing += len(missing)
            for row in missing:
                del found[row]
        return found

    def article(self, row: int, record: Record) -> Article:
        """Return the article of a record of `with_texts`.

        Raises
        ------
        RedisIndexError
            If its text is damaged.
        """
        try:
            return record.article(self._outside[row] if record.outside else None)
        except RecordDamaged as error:
            raise self._damaged(row) from error

    def forget(self, rows: Iterable[int]) -> None:
        """Forget the records of rows."""
        for row in rows:
            record = self._records.pop(row, None)
            self._outside.pop(row, None)
            self._bytes -= 0 if record is None else record.size

    def _fetch(self, rows: Sequence[int]) -> list[bytes | None]:
        server = self._store.server
        with explained(server.name):
            found: list[bytes | None] = server.redis.mget([server.key(f"r:{row}") for row in rows])
        return found

    def _remember(self, row: int, raw: bytes) -> Record:
        try:
            record = unpack_record(raw, self._store.parameters.num_perm)
        except RecordDamaged as error:
            raise self._damaged(row) from error
        self._records[row] = record
        self._bytes += record.size
        return record

    def _make_room(self, kept: Container[int]) -> None:
        """Forget what was longest not asked for, if there is much."""
        for row in list(self._records):
            if self._bytes <= _REMEMBERED:
                return
            if row not in kept:
                self.forget([row])

    def _load_texts(self, records: Mapping[int, Record]) -> list[int]:
        """Fetch texts from elsewhere; return the rows whose text is not there as it was."""
        if self.texts is None:
            name = next(iter(records.values())).id
            raise RedisIndexError(
                f"{self._store.name}: the text of {name!r} is kept elsewhere; "
                "open the index with texts=, which returns texts for ids"
            )
        ids = [record.id or "" for record in records.values()]
        given = self.texts(ids)
        texts = [given.get(one) for one in ids] if isinstance(given, Mapping) else list(given)
        if len(texts) != len(ids):
            raise RedisIndexError(
                f"{self._store.name}: texts= returned {len(texts)} texts for {len(ids)} ids; "
                "it must return one for each, None where there is none, or a mapping"
            )
        missing = []
        for (row, record), text in zip(records.items(), texts, strict=True):
            if isinstance(text, str) and exact_hash(text) == record.exact_hash:
                self._outside[row] = text
            else:
                missing.append(row)
        return missing

    def _damaged(self, row: int) -> RedisIndexError:
        return RedisIndexError(
            f"{self._store.name}: the record of row {row} is damaged; "
            "run dedup index verify, which names the article"
        )
