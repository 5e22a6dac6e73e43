"""By row: what rows have in common with earlier ones is counted, and the best are kept.

A place gets the runs of equal keys that its rows are in (`dedup.integrations.spark.keys`). The
counting is that of the index in memory, over the same packed meetings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.index.counting import Counted, blocks, count, pack, spread
from dedup.index.nets import Nets
from dedup.index.ranking import best
from dedup.integrations.spark.binary import values
from dedup.integrations.spark.keys import Layout
from dedup.integrations.spark.messages import BANDS, FINGERPRINTS, HELD, Numbers, Rows

PAIRS_SCHEMA = (
    "earlier long, later long, bands int, fingerprints int, identical boolean, "
    "keys_cut int, candidates_cut int"
)
"""Candidate pairs; a row without ``earlier`` says what caps and limit cut from those of a later."""


def count_pairs(layout: Layout, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the candidate pairs of rows at places, and what was cut; places come in order."""
    for place, inbox in _places(batches):
        yield from _pairs_at(layout, place, inbox)


_Inbox = dict[tuple[int, bool], list["_Message"]]


@dataclass(frozen=True, slots=True, eq=False)
class _Message:
    """One message; the arrays are those of `dedup.integrations.spark.messages.Shares`."""

    rows: Rows
    lengths: Numbers
    asking: Rows
    counts: Numbers


def _places(batches: Iterable[Any]) -> Iterator[tuple[int, _Inbox]]:
    """Yield places with all their messages."""
    place = -1
    inbox: _Inbox = {}
    for batch in batches:
        numbers, kinds, full = (
            batch.column(name).to_pylist() for name in ("place", "kind", "full")
        )
        arrays = [
            values(batch.column(name), np.uint32)
            for name in ("rows", "lengths", "asking", "counts")
        ]
        for at, number in enumerate(numbers):
            if number != place:
                if inbox:
                    yield place, inbox
                place, inbox = number, {}
            rows, lengths, asking, counts = (
                flat[offsets[at] : offsets[at + 1]] for flat, offsets in arrays
            )
            message = _Message(rows, lengths.astype(np.int64), asking, counts.astype(np.int64))
            inbox.setdefault((kinds[at], full[at]), []).append(message)
    if inbox:
        yield place, inbox


@dataclass(frozen=True, slots=True, eq=False)
class _Meetings:
    """Whom rows meet by one net.

    ``rows`` uint32[n] meet ``members[starts:starts + lengths]`` (int64[n] each); ``full``: rows
    uint32[m] with one of the earliest of an over-full key each, ``cut`` uint32[c]: a row for every
    over-full key it has.
    """

    rows: Rows
    starts: Numbers
    lengths: Numbers
    members: Rows
    full: tuple[Rows, Rows]
    cut: Rows


def _meetings(layout: Layout, place: int, kind: int, inbox: _Inbox) -> _Meetings:
    members, lengths, _, _ = _joined(inbox.get((kind, False), []))
    run = np.repeat(np.arange(len(lengths)), lengths)
    starts = (np.cumsum(lengths) - lengths)[run]
    within = np.arange(len(members)) - starts
    own = np.flatnonzero((layout.place_of(members) == place) & (within > 0))
    earliest, known, asking, counts = _joined(inbox.get((kind, True), []))
    share = np.repeat(np.arange(len(counts)), counts)
    met = earliest[spread((np.cumsum(known) - known)[share], known[share])]
    asked = np.repeat(asking, known[share])
    before = met < asked
    return _Meetings(
        members[own], starts[own], within[own], members, (asked[before], met[before]), asking
    )


def _joined(messages: list[_Message]) -> tuple[Rows, Numbers, Rows, Numbers]:
    no_rows, no_numbers = np.empty(0, np.uint32), np.empty(0, np.int64)
    return (
        np.concatenate([no_rows, *(message.rows for message in messages)]),
        np.concatenate([no_numbers, *(message.lengths for message in messages)]),
        np.concatenate([no_rows, *(message.asking for message in messages)]),
        np.concatenate([no_numbers, *(message.counts for message in messages)]),
    )


def _pairs_at(layout: Layout, place: int, inbox: _Inbox) -> Iterator[Any]:
    nets = layout.nets
    by_net = {kind: _meetings(layout, place, kind, inbox) for kind in (BANDS, FINGERPRINTS)}
    asking = [part for found in by_net.values() for part in (found.rows, found.cut)]
    queries = np.unique(np.concatenate(asking))
    if not len(queries):
        return
    cut = np.zeros(len(queries), np.int64)
    work = np.zeros(len(queries), np.int64)
    parts = []
    for kind, found in by_net.items():
        over = np.bincount(np.searchsorted(queries, found.cut), minlength=len(queries))
        cut += over
        flooded = over * 2 > _held(kind, nets, queries, inbox)
        parts.append(_sorted_by_query(queries, found, flooded, kind == FINGERPRINTS))
        work += parts[-1].work(len(queries))
    for first, last in blocks(work):
        meetings = [part.packed(first, last) for part in parts]
        pairs = count(np.concatenate(meetings), nets)
        order, kept = best(pairs.queries, pairs.slots, pairs, nets.limit)
        over = np.bincount(pairs.queries[order[~kept]], minlength=last - first)
        yield _batch(pairs.where(order[kept]), queries[first:last], cut[first:last], over)


def _held(kind: int, nets: Nets, queries: Rows, inbox: _Inbox) -> Numbers:
    """Return how many keys of a net each query has, int64[n]."""
    if kind == BANDS:
        return np.full(len(queries), nets.bands)
    rows, _, counts, _ = _joined(inbox.get((HELD, False), []))
    order = np.argsort(rows)
    held: Numbers = counts[order[np.searchsorted(rows[order], queries)]].astype(np.int64)
    return held


@dataclass(frozen=True, slots=True, eq=False)
class _Sorted:
    """The meetings of one net in the order of the queries, which are named by their number.

    ``numbers``, ``starts`` and ``lengths`` int64[n]; ``extra``: a query and a row for each meeting
    by an over-full key.
    """

    numbers: Numbers
    starts: Numbers
    lengths: Numbers
    members: Rows
    extra: tuple[Numbers, Rows]
    fingerprint: bool

    def work(self, queries: int) -> Numbers:
        """Return how many meetings each query has."""
        met = np.bincount(self.numbers, self.lengths, queries).astype(np.int64)
        work: Numbers = met + np.bincount(self.extra[0], minlength=queries)
        return work

    def packed(self, first: int, last: int) -> npt.NDArray[np.uint64]:
        """Return the meetings of queries ``first`` to ``last``, numbered from 0."""
        low, high = np.searchsorted(self.numbers, [first, last])
        lengths = self.lengths[low:high]
        met = self.members[spread(self.starts[low:high], lengths)]
        asking = np.repeat(self.numbers[low:high] - first, lengths)
        low, high = np.searchsorted(self.extra[0], [first, last])
        return np.concatenate(
            [
                pack(asking, met, self.fingerprint),
                pack(self.extra[0][low:high] - first, self.extra[1][low:high], self.fingerprint),
            ]
        )


def _sorted_by_query(
    queries: Rows, found: _Meetings, flooded: npt.NDArray[np.bool_], fingerprint: bool
) -> _Sorted:
    numbers = np.searchsorted(queries, found.rows)
    order = np.argsort(numbers, kind="stable")
    asked = np.searchsorted(queries, found.full[0])
    used = np.flatnonzero(flooded[asked])
    used = used[np.argsort(asked[used], kind="stable")]
    return _Sorted(
        numbers[order],
        found.starts[order],
        found.lengths[order],
        found.members,
        (asked[used], found.full[1][used]),
        fingerprint,
    )


def _batch(pairs: Counted, queries: Rows, cut: Numbers, over: Numbers) -> Any:  # noqa: ANN401
    """Return pairs as a batch, and behind them a row for each query that lost something."""
    less = np.flatnonzero((cut > 0) | (over > 0))
    nothing = np.zeros(len(less), np.int32)
    found = np.zeros(len(pairs.queries), np.int32)
    columns = {
        "earlier": pa.concat_arrays(
            [pa.array(pairs.slots, pa.int64()), pa.nulls(len(less), pa.int64())]
        ),
        "later": queries[np.concatenate([pairs.queries, less])].astype(np.int64),
        "bands": np.concatenate([pairs.bands, nothing]),
        "fingerprints": np.concatenate([pairs.fingerprints, nothing]),
        "identical": np.zeros(len(found) + len(less), np.bool_),
        "keys_cut": np.concatenate([found, cut[less].astype(np.int32)]),
        "candidates_cut": np.concatenate([found, over[less].astype(np.int32)]),
    }
    return pa.RecordBatch.from_pydict(columns)
