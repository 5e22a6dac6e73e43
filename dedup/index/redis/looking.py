"""Looking sketches up in the table of keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.index.counting import Counted, count, join, pack
from dedup.index.lookup import Asked, slice_of
from dedup.index.nets import EARLIEST, Nets
from dedup.index.protocol import Holders
from dedup.index.redis.errors import RedisIndexError
from dedup.index.redis.keys import asked_numbers
from dedup.index.redis.server import Part
from dedup.index.redis.store import Store
from dedup.sketch.sketches import Sketches, offsets_of

_QUERIES = 64
"""Sketches looked up in one round trip."""
_KEYS = 4096
"""Keys looked up by one script, which takes some 4 ms; others are served between scripts."""

_Numbers = npt.NDArray[np.int64]
_Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """How many texts hold keys: ``numbers`` uint64[m], ascending, and ``counts`` int64[m]."""

    numbers: _Keys
    counts: _Numbers

    @classmethod
    def nothing(cls) -> Held:
        """Return what is known before anything was asked."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Held]) -> Held:
        """Join what is known."""
        numbers = np.concatenate([np.empty(0, np.uint64), *(part.numbers for part in parts)])
        counts = np.concatenate([np.empty(0, np.int64), *(part.counts for part in parts)])
        numbers, at = np.unique(numbers, return_index=True)
        return cls(numbers, counts[at])

    def of(self, numbers: _Keys) -> _Numbers:
        """Return the counts of keys, int64[n]; 0 of those nobody holds."""
        at = np.searchsorted(self.numbers, numbers)
        at[at == len(self.numbers)] = 0
        held = np.zeros(len(numbers), np.int64)
        if len(self.numbers):
            known = self.numbers[at] == numbers
            held[known] = self.counts[at[known]]
        return held


@dataclass(frozen=True, slots=True, eq=False)
class LookedUp:
    """The pairs of a query and a row that the nets catch, and what else was learnt.

    ``same`` int64[n]: the first row with the words of each query, -1 for none; ``cut`` int32[n]:
    over-full keys.
    """

    pairs: Counted
    same: _Numbers
    cut: npt.NDArray[np.int32]
    held: Held


def look_up(store: Store, sketches: Sketches, before: int | None = None) -> LookedUp:
    """Look sketches up, in a round trip for every 64; of rows only those ``before`` one."""
    parts, held = [], []
    same = np.full(len(sketches), -1, np.int64)
    cut = np.zeros(len(sketches), np.int32)
    for first in range(0, len(sketches), _QUERIES):
        last = min(first + _QUERIES, len(sketches))
        looked = _look_up(store, slice_of(sketches, first, last), before)
        held.append(looked.held)
        same[first:last], cut[first:last] = looked.same, looked.cut
        pairs = looked.pairs
        parts.append(Counted(pairs.queries + first, pairs.slots, pairs.bands, pairs.fingerprints))
    return LookedUp(join(parts), same, cut, Held.joined(held))


def _look_up(store: Store, sketches: Sketches, before: int | None) -> LookedUp:
    nets = store.nets
    asked = asked_numbers(sketches, nets, store.form)
    numbers = np.concatenate([np.empty(0, np.uint64), *(keys for _, keys in asked)])
    worded = np.flatnonzero(sketches.word_counts > 0)
    hashes = sketches.text_hashes[worded].astype("<u8").tobytes()
    found, texts = _fetch(store, numbers, nets.cap, EARLIEST, hashes)
    same = np.full(len(sketches), -1, np.int64)
    for number, row in zip(worded.tolist(), texts, strict=True):
        same[number] = -1 if row is None else store.number(row)
    if before is not None:
        found = found.before(before, nets.cap)
        same[same >= before] = -1
    cut = np.zeros(len(sketches), np.int64)
    meetings = [np.empty(0, np.uint64)]
    start = 0
    for net, keys in asked:
        meetings.append(_meet(net, found.between(start, start + len(keys)), nets, cut))
        start += len(keys)
    pairs = count(np.concatenate(meetings), nets)
    held = Held.joined([Held(numbers[found.places], found.counts)])
    return LookedUp(pairs, same, cut.astype(np.int32), held)


def _fetch(
    store: Store, numbers: _Keys, cap: int, earliest: int, hashes: bytes
) -> tuple[_Found, Sequence[bytes | None]]:
    """Fetch who holds keys, of those over ``cap`` the earliest, and the rows of text hashes."""
    calls: list[list[Part]] = [
        [cap, earliest, store.form.packed(numbers[start : start + _KEYS]), b""]
        for start in range(0, max(len(numbers), 1), _KEYS)
    ]
    calls[0][-1] = hashes
    answers = store.run("lookup", *calls)
    heads = [np.frombuffer(answer[1], "<u4").reshape(-1, 2).astype(np.int64) for answer in answers]
    for place, head in enumerate(heads):
        head[:, 0] += place * _KEYS
    places, counts = np.concatenate(heads).T
    rows = np.frombuffer(b"".join(answer[2] for answer in answers), ">u4").astype(np.uint32)
    given = np.where(counts > cap, np.minimum(counts, earliest), counts)
    if len(rows) != given.sum():
        raise RedisIndexError(f"{store.name}: the table of keys is damaged; run dedup index verify")
    return _Found(places, counts, given, rows), answers[0][3]


def earliest_holders(
    store: Store, fingerprints: npt.NDArray[np.uint32], most: int, before: int | None
) -> Holders:
    """Return the earliest rows that hold each fingerprint; of those ``before`` one, if given."""
    groups = np.zeros(len(fingerprints), np.int64)
    numbers = store.form.numbers(fingerprints, groups, fingerprint=True)
    found = _fetch(store, numbers, most, most, b"")[0]
    rows, counts = found.rows.astype(np.int64), np.zeros(len(fingerprints), np.int64)
    counts[found.places] = found.given
    if before is not None:
        kept = rows < before
        counts = np.diff(offsets_of(kept)[offsets_of(counts)])
        rows = rows[kept]
    return Holders(offsets_of(counts), rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Keys that are held: their places, how many hold them, and the rows given of each."""

    places: _Numbers
    counts: _Numbers
    given: _Numbers
    rows: npt.NDArray[np.uint32]

    def before(self, row: int, cap: int) -> _Found:
        """Return them without the rows from one on; over-full keys remain what they are."""
        kept = (self.rows < row) | np.repeat(self.counts > cap, self.given)
        sums = offsets_of(kept)
        ends = np.cumsum(self.given)
        given = sums[ends] - sums[ends - self.given]
        there = given > 0
        counts = np.where(self.counts > cap, self.counts, given)
        return _Found(self.places[there], counts[there], given[there], self.rows[kept])

    def between(self, first: int, last: int) -> _Found:
        """Return those from one place to another, numbered from 0."""
        low, high = np.searchsorted(self.places, [first, last])
        begin, end = int(self.given[:low].sum()), int(self.given[:high].sum())
        return _Found(
            self.places[low:high] - first,
            self.counts[low:high],
            self.given[low:high],
            self.rows[begin:end],
        )


def _meet(asked: Asked, found: _Found, nets: Nets, cut: _Numbers) -> npt.NDArray[np.uint64]:
    """Return whom the queries meet by the keys of one net; over-full ones are added to ``cut``."""
    owners = np.searchsorted(asked.offsets, found.places, side="right") - 1
    over = found.counts > nets.cap
    own = np.bincount(owners[over], minlength=len(cut))
    cut += own
    flooded = own * 2 > np.diff(asked.offsets)
    followed = np.repeat(~over | flooded[owners], found.given)
    queries = np.repeat(owners, found.given)
    return pack(queries[followed], found.rows[followed], asked.fingerprint)
