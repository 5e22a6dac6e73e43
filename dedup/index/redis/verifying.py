"""Verifying an index on Redis: its records, and that all that is derived from them is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from dedup.index.library import Report
from dedup.index.redis.cache import Records
from dedup.index.redis.errors import RedisIndexError, explained
from dedup.index.redis.keys import packed_keys
from dedup.index.redis.records import Record, RecordDamaged, unpack_record
from dedup.index.redis.store import Store
from dedup.sketch.sketches import sketch

_AT_ONCE = 64
_BUCKETS = 128
"""Buckets swept by one script."""


def verify(store: Store, records: Records, *, texts: bool) -> Report:
    """Verify an index; see `RedisLibrary.verify`."""
    rows = store.rows()
    lost = forget_lost(store, rows)
    problems = [f"{name} is gone; add it again" for name in lost.values()]
    mended = articles = 0
    for part in _parts([row for row in rows if row not in lost], _AT_ONCE):
        whole: dict[int, Record] = {}
        with explained(store.name):
            raws = store.server.redis.mget([store.server.key(f"r:{row}") for row in part])
        for row, raw in zip(part, raws, strict=True):
            if raw is None:
                continue  # removed meanwhile
            articles += 1
            try:
                whole[row] = unpack_record(raw, store.parameters.num_perm)
            except RecordDamaged as error:
                problems.append(f"the record of {_names(store, [row])[row]} {error}")
        if texts:
            problems += _damaged_texts(store, records, whole)
        mended += _mend(store, whole)
    repaired = [f"{mended} articles were missing from some of their keys"] if mended else []
    if swept := sweep(store):
        repaired.append(f"{swept} keys named articles that are not there")
    return Report(articles, tuple(problems), tuple(repaired))


def sweep(store: Store) -> int:
    """Take rows without a record out of the table of keys; return out of how many keys."""
    swept, first, buckets = 0, 0, 1
    while first < buckets:
        ((_, found, buckets),) = store.run("sweep", [first, first + _BUCKETS])
        swept += found
        first += _BUCKETS
    return swept


def forget_lost(store: Store, rows: Sequence[int]) -> dict[int, str]:
    """Forget the rows whose record is gone, deleted or evicted by the server; return their ids."""
    server, lost = store.server, []
    for part in _parts(rows, 1000):
        with server.pipeline() as pipe:
            for row in part:
                pipe.exists(server.key(f"r:{row}"))
            lost += [row for row, there in zip(part, pipe.execute(), strict=True) if not there]
    if not lost:
        return {}
    names = _names(store, lost)
    gone = {str(row).encode() for row in lost}
    texts = [hash_ for hash_, row in store.scan("t") if row in gone]
    ids = [article_id for article_id, row in store.scan("ids") if row in gone]
    with server.pipeline() as pipe:
        for member in gone:
            pipe.zrem(server.key("dated"), member)
        for article_id in ids:
            pipe.hdel(server.key("ids"), article_id)
        for hash_ in texts:
            pipe.zpopmin(server.key(b"t:" + hash_))
        following = pipe.execute()[len(gone) + len(ids) :]
        for hash_, after in zip(texts, following, strict=True):
            if after:  # the next row with these words; its keys are mended
                pipe.hset(server.key("t"), hash_, after[0][0])
            else:
                pipe.hdel(server.key("t"), hash_)
                pipe.hincrby(server.key("meta"), "distinct", -1)
        pipe.execute()
    return names


def _mend(store: Store, whole: dict[int, Record]) -> int:
    """Put texts' first rows under those of their keys they are missing from; return how many."""
    arguments: list[bytes | int] = []
    for row, record in whole.items():
        keys = packed_keys(record.sketches(), store.nets, store.form)[0]
        arguments += [row, record.text_hash.to_bytes(8, "little") if record.words else b"", keys]
    if not arguments:
        return 0
    ((_, mended),) = store.run("repair", arguments)
    return len(mended)


def _damaged_texts(store: Store, records: Records, whole: dict[int, Record]) -> Iterator[str]:
    """Sketch all texts again and yield a line for each that is not what was stored."""
    rows = [row for row, record in whole.items() if record.metadata is not None]
    if any(whole[row].outside for row in rows):
        if records.texts is None:
            rows = [row for row in rows if not whole[row].outside]
        else:
            there = records.with_texts(rows)
            for row in rows:
                if row not in there:
                    yield f"the text of {whole[row].id!r} is not where it is kept, or was changed"
            rows = [row for row in rows if row in there]
    articles, read = [], []
    for row in rows:
        try:
            articles.append(records.article(row, whole[row]))
        except RedisIndexError:
            yield f"the text of {whole[row].id!r} (row {row}) is damaged"
            continue
        read.append(row)
    sketches = sketch([article.text for article in articles], store.parameters)
    for number, row in enumerate(read):
        record = whole[row]
        same = int(sketches.text_hashes[number]) == record.text_hash
        if not same or not np.array_equal(sketches.signatures[number], record.signature):
            yield f"the sketch of {record.id!r} (row {row}) is not its text's"


def _names(store: Store, rows: Iterable[int]) -> dict[int, str]:
    """Return the ids of rows whose records cannot be read, from the list of ids."""
    names = {row: f"row {row}" for row in rows}
    for key, value in store.scan("ids"):
        if (row := store.number(value)) in names:
            names[row] = repr(key.decode("utf-8", "surrogatepass"))
    return names


def _parts(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
