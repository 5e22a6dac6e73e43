"""By fingerprint: its earliest holders, for the blocks of rows that ask for them.

A block asks for the fingerprints of its rows that are the later of a candidate pair; what the
earliest holders say is standing text (`dedup.index.standing`). Where a fingerprint meets its blocks
it has of each task that sent it `LISTED` holders at most, and each block asks once for all its
rows: a footer in half of the articles is no more work than any other sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from dedup.index.bands import Keys
from dedup.index.counting import spread
from dedup.index.runs import sort_keys
from dedup.index.standing import LISTED
from dedup.integrations.spark.binary import binaries, values
from dedup.integrations.spark.keys import parted
from dedup.integrations.spark.messages import AT_ONCE, Numbers, Rows
from dedup.sketch.sketches import offsets_of

BLOCK = 2048
"""Rows whose pairs are weighed and compared together: what they need is sent once for all."""

ANSWERS_SCHEMA = "block long, keys binary, counts binary, holders binary"
"""Fingerprints uint32[m] that a block asked for, how many holders of each are named, uint32[m],
and these rows, uint32[sum(counts)], the earliest first."""

ASKED_SCHEMA = "bucket int, least int, keys binary, numbers binary"
_BUCKETS = 4
"""Buckets for each task."""

_HOLDING, _BY_COPY, _BY_FIRST = 0, 2, 3
"""What keys are sent for: rows hold them; or blocks ask who does.

These numbers are how many texts must hold a key so that others than a pair do: a further row of a
text is itself no holder.
"""


def earliest_holders(signatures: DataFrame, candidates: DataFrame, partitions: int) -> DataFrame:
    """Return the earliest holders of the fingerprints of later rows, for each block of them.

    Fingerprints that nobody but a pair holds are left out.
    """
    asking = candidates.select(F.col("later").alias("row"), "identical").distinct()
    sent = (
        signatures.select("row", "fingerprints")
        .join(asking, "row", "left")
        .select(
            "row",
            "fingerprints",
            F.col("identical").isNotNull().alias("asks"),
            F.coalesce("identical", F.lit(False)).alias("copy"),
        )
        .mapInArrow(partial(send, _BUCKETS * partitions), ASKED_SCHEMA)
    )
    by_bucket = sent.repartition(partitions, "bucket").sortWithinPartitions("bucket")
    return by_bucket.mapInArrow(answer, ANSWERS_SCHEMA)


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Blocks int64[n], what each asked for, how many holders that has, and who they are."""

    blocks: Numbers
    keys: Keys
    counts: Numbers
    holders: Rows


_Sent = tuple[Keys, Rows]
"""Fingerprints, and a row or a block for each."""


def send(buckets: int, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the fingerprints of rows, bucket by bucket."""
    gathered: dict[int, list[_Sent]] = {_HOLDING: [], _BY_COPY: [], _BY_FIRST: []}
    size = 0
    for batch in batches:
        rows = batch.column("row").to_numpy().astype(np.uint32)
        asks, copy = (
            batch.column(name).to_numpy(zero_copy_only=False).astype(np.bool_)
            for name in ("asks", "copy")
        )
        keys, offsets = values(batch.column("fingerprints"), np.uint32)
        lengths = np.diff(offsets)
        for kind, chosen, numbers in (
            (_HOLDING, ~copy, rows),
            (_BY_COPY, copy, rows // BLOCK),
            (_BY_FIRST, asks & ~copy, rows // BLOCK),
        ):
            owners = np.repeat(numbers[chosen], lengths[chosen])
            gathered[kind].append((keys[np.repeat(chosen, lengths)], owners))
            size += len(owners)
        if size >= AT_ONCE:
            yield from _packed(buckets, gathered)
            size = 0
    yield from _packed(buckets, gathered)


def _packed(buckets: int, gathered: dict[int, list[_Sent]]) -> Iterator[Any]:
    """Yield what was gathered, which is emptied: a batch for each kind, with one row a bucket."""
    for kind, sent in gathered.items():
        keys, numbers = _sorted(sent)
        kept = _within(keys) < LISTED if kind == _HOLDING else np.ones(len(keys), np.bool_)
        parts = list(parted(0, buckets, keys[kept], numbers[kept]))
        sent.clear()
        yield pa.RecordBatch.from_pydict(
            {
                "bucket": pa.array([bucket for bucket, _, _ in parts], pa.int32()),
                "least": pa.array([kind] * len(parts), pa.int32()),
                "keys": pa.array([some.tobytes() for _, some, _ in parts], pa.binary()),
                "numbers": pa.array([some.tobytes() for _, _, some in parts], pa.binary()),
            }
        )


def answer(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield to each block the earliest holders of what it asked for; buckets come in order."""
    records = (record for batch in batches for record in batch.to_pylist())
    outgoing: list[_Answers] = []
    size = 0
    for _, bucket in groupby(records, itemgetter("bucket")):
        sent: dict[int, list[_Sent]] = {_HOLDING: [], _BY_COPY: [], _BY_FIRST: []}
        for record in bucket:
            keys, numbers = (np.frombuffer(record[name], np.uint32) for name in ("keys", "numbers"))
            sent[record["least"]].append((keys, numbers))
        outgoing.append(_met(sent))
        size += len(outgoing[-1].holders)
        if size >= AT_ONCE:
            yield _by_block(outgoing)
            outgoing, size = [], 0
    if outgoing:
        yield _by_block(outgoing)


def _met(sent: dict[int, list[_Sent]]) -> _Answers:
    """Answer what was asked about a bucket of fingerprints."""
    keys, rows = _sorted(sent[_HOLDING])
    heads = np.flatnonzero(_within(keys) == 0)
    known, sizes = keys[heads], np.diff(heads, append=len(keys))
    asked = [np.empty(0, np.int64)]
    for least in (_BY_COPY, _BY_FIRST):
        wanted, blocks = _sorted(sent[least])
        place = np.searchsorted(known, wanted)  # who asks has the words of a text that holds it
        enough = sizes[place] >= least
        asked.append((blocks[enough].astype(np.int64) << 32) + place[enough])
    both = np.unique(np.concatenate(asked))
    place = both & 0xFFFFFFFF
    counts = np.minimum(sizes[place], LISTED)
    return _Answers(both >> 32, known[place], counts, rows[spread(heads[place], counts)])


def _by_block(outgoing: list[_Answers]) -> Any:  # noqa: ANN401
    """Return answers as a batch, with one row a block."""
    blocks, keys, lengths, holders = (
        np.concatenate([getattr(part, column.name) for part in outgoing])
        for column in fields(_Answers)
    )
    order = np.argsort(blocks, kind="stable")
    starts = (np.cumsum(lengths) - lengths)[order]
    keys, lengths = keys[order], lengths[order]
    found, first = np.unique(blocks[order], return_index=True)
    cuts = np.append(first, len(order))
    return pa.RecordBatch.from_pydict(
        {
            "block": pa.array(found, pa.int64()),
            "keys": binaries(keys, cuts * 4),
            "counts": binaries(lengths.astype(np.uint32), cuts * 4),
            "holders": binaries(holders[spread(starts, lengths)], offsets_of(lengths)[cuts] * 4),
        }
    )


def _sorted(sent: list[_Sent]) -> _Sent:
    """Return keys and their numbers in order, each pair once."""
    none = np.empty(0, np.uint32)
    keys, numbers = sort_keys(
        np.concatenate([none, *(keys for keys, _ in sent)]),
        np.concatenate([none, *(numbers for _, numbers in sent)]),
    )
    new = np.ones(len(keys), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (numbers[1:] != numbers[:-1])
    return keys[new], numbers[new]


def _within(keys: Keys) -> Numbers:
    """Return the place of each key in its run of equal ones."""
    place: Numbers = np.arange(len(keys)) - np.searchsorted(keys, keys)
    return place
