"""Looking sketches up in runs and tail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys, band_keys, without_shingles
from dedup.index.counting import Counted, blocks, count, join, pack, spread
from dedup.index.nets import EARLIEST, Nets
from dedup.index.protocol import Holders
from dedup.index.runs import Postings, Run
from dedup.index.tail import Tail
from dedup.index.texts import Texts
from dedup.sketch.sketches import Sketches, offsets_of

_QUERIES = 4096
"""Queries looked up at a time: bounds the memory of their keys."""

_HALF = np.uint64(32)

_Numbers = npt.NDArray[np.int64]
_Slots = npt.NDArray[np.uint32]


def look_up(
    sketches: Sketches,
    nets: Nets,
    runs: Sequence[Run],
    tail: Tail,
    texts: Texts,
    dead: bool,
) -> tuple[Counted, npt.NDArray[np.int32]]:
    """Return the pairs of a query and a slot that the nets catch, and the keys cut, int32[n].

    ``texts`` says which slots are still there, and which is the earlier; ``dead``, whether the runs
    hold some that are not.
    """
    found = []
    cut = np.zeros(len(sketches), np.int32)
    for first in range(0, len(sketches), _QUERIES):
        part = slice_of(sketches, first, min(first + _QUERIES, len(sketches)))
        held = [_hold(asked, nets, runs, tail, texts, dead) for asked in ask(part, nets)]
        work = np.zeros(len(part), np.int64)
        for holders in held:
            cut[first : first + len(part)] += holders.cut
            work += holders.work()
        for low, high in blocks(work):
            meetings = [part for holders in held for part in holders.meetings(low, high)]
            pairs = count(np.concatenate([np.empty(0, np.uint64), *meetings]), nets)
            found.append(
                Counted(pairs.queries + first + low, pairs.slots, pairs.bands, pairs.fingerprints)
            )
    return join(found), cut


def count_holders(
    asked: Asked, runs: Sequence[Run], tail: Tail, first: _Numbers | None
) -> npt.NDArray[np.int64]:
    """Count the slots that hold keys, int64[n].

    ``first`` says which slots are still there, where some may not be.
    """
    numbers, _ = tail.holders(asked.keys, asked.groups, asked.fingerprint)
    held = np.bincount(numbers, minlength=len(asked.keys)).astype(np.int64)
    for run in runs:
        postings = run.fingerprints if asked.fingerprint else run.bands
        starts, lengths = postings.find(asked.keys, asked.groups)
        if first is None:
            held += lengths
            continue
        slots = postings.slots[spread(starts, lengths)]
        at = np.repeat(np.arange(len(asked.keys)), lengths)
        there = np.zeros(len(slots), np.bool_)
        inside = slots < len(first)
        there[inside] = first[slots[inside]] >= 0
        held += np.bincount(at[there], minlength=len(asked.keys))
    return held


def earliest_holders(
    fingerprints: npt.NDArray[np.uint32],
    most: int,
    runs: Sequence[Run],
    tail: Tail,
    first: _Numbers | None,
) -> Holders:
    """Return the earliest slots that hold each fingerprint, at most ``most`` of each.

    ``first`` int64[slots] are the first rows of all slots, -1 where there is none, unless slots
    come in the order of their first rows and runs hold none that is gone.
    """
    asked = Asked.alone(fingerprints, np.zeros(len(fingerprints), np.int64), fingerprint=True)
    numbers, slots = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for postings, starts, lengths in asked.places(runs):
        taken = lengths if first is not None else np.minimum(lengths, most)
        numbers.append(np.repeat(np.arange(len(fingerprints)), taken))
        slots.append(postings.slots[spread(starts, taken)].astype(np.int64))
    held, recent = tail.holders(asked.keys, asked.groups, fingerprints=True)
    number = np.concatenate([*numbers, held])
    slot = np.concatenate([*slots, recent.astype(np.int64)])
    if first is None:  # runs come in the order of their slots, the tail is the last
        order = np.argsort(number, kind="stable")
    else:
        there = slot < len(first)
        there[there] = first[slot[there]] >= 0
        number, slot = number[there], slot[there]
        order = np.lexsort((first[slot], number))
    number, slot = number[order], slot[order]
    place = np.arange(len(number)) - np.searchsorted(number, number)
    kept = place < most
    counts = np.bincount(number[kept], minlength=len(fingerprints))
    return Holders(offsets_of(counts), slot[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The keys of one net, query after query.

    ``keys`` uint[m]; ``groups`` int64[m]; those of query i at ``offsets[i]:offsets[i + 1]``.
    """

    fingerprint: bool
    keys: Keys
    groups: _Numbers
    offsets: _Numbers

    @classmethod
    def alone(cls, keys: Keys, groups: _Numbers, fingerprint: bool) -> Asked:
        """Return keys of nobody in particular."""
        return cls(fingerprint, keys, groups, np.array([0, len(keys)]))

    def places(self, runs: Iterable[Run]) -> Iterator[tuple[Postings, _Numbers, _Numbers]]:
        """Yield, run by run, the postings and where they hold the keys: starts and lengths."""
        # In order of the keys: neighbours are found in the processor's cache, run after run. Those
        # of one query are in order already.
        keys, groups, order = self.keys, self.groups, None
        if len(self.offsets) > 2:
            order = np.argsort(groups.astype(np.uint64) << _HALF | keys)
            keys, groups = keys.take(order), groups.take(order)
        for run in runs:
            postings = run.fingerprints if self.fingerprint else run.bands
            starts, lengths = postings.find(keys, groups)
            if order is not None:
                starts, lengths = _scattered(starts, order), _scattered(lengths, order)
            yield postings, starts, lengths


@dataclass(frozen=True, slots=True, eq=False)
class _Holders:
    """Who holds the keys that were asked for, over-full keys left out.

    ``ranges`` are, run by run, the run's slots with start and length for each key; ``extra`` are
    single holders, by key: those in the tail, and the earliest of over-full keys.
    """

    asked: Asked
    ranges: list[tuple[_Slots, _Numbers, _Numbers]]
    extra: tuple[_Numbers, _Slots]
    alive: npt.NDArray[np.bool_] | None
    cut: npt.NDArray[np.int64]

    def work(self) -> _Numbers:
        """Return how many slots each query meets."""
        keys = np.bincount(self.extra[0], minlength=len(self.asked.keys))
        for _, _, lengths in self.ranges:
            keys += lengths
        sums = offsets_of(keys)
        return np.diff(sums[self.asked.offsets])

    def meetings(self, first: int, last: int) -> Iterator[npt.NDArray[np.uint64]]:
        """Yield the meetings of queries ``first`` to ``last``, numbered from 0."""
        offsets = self.asked.offsets[first : last + 1]
        low, high = int(offsets[0]), int(offsets[-1])
        queries = np.repeat(np.arange(last - first), np.diff(offsets))
        for slots, starts, lengths in self.ranges:
            held = lengths[low:high].nonzero()[0]  # few of the keys, where there are many runs
            taken = lengths[low:high][held]
            met = slots[spread(starts[low:high][held], taken)]
            meeting = np.repeat(queries[held], taken)
            if self.alive is not None:
                still = self.alive[met]
                met, meeting = met[still], meeting[still]
            yield pack(meeting, met, self.asked.fingerprint)
        start, end = np.searchsorted(self.extra[0], [low, high])
        numbers, met = self.extra[0][start:end], self.extra[1][start:end]
        yield pack(queries[numbers - low], met, self.asked.fingerprint)


def _scattered(values: _Numbers, order: _Numbers) -> _Numbers:
    """Return values put back to where they were before they were brought into an order."""
    scattered = np.empty(len(values), np.int64)
    scattered[order] = values
    return scattered


def ask(sketches: Sketches, nets: Nets) -> Iterator[Asked]:
    """Yield the keys of the nets in use; the empty row has none."""
    if nets.uses_bands:
        banded = ~without_shingles(sketches.signatures)
        keys = band_keys(sketches.signatures[banded], 0, nets.bands, nets.rows).T.ravel()
        groups = np.tile(np.arange(nets.bands), int(banded.sum()))
        offsets = offsets_of(banded) * nets.bands
        yield Asked(False, keys, groups, offsets)
    if nets.uses_fingerprints:
        fingerprints = sketches.fingerprints
        groups = np.zeros(len(fingerprints), np.int64)
        yield Asked(True, fingerprints, groups, sketches.fingerprint_offsets)


def _hold(
    asked: Asked, nets: Nets, runs: Sequence[Run], tail: Tail, texts: Texts, dead: bool
) -> _Holders:
    """Find who holds keys, and judge which are over-full."""
    ranges = []
    numbers, slots = tail.holders(asked.keys, asked.groups, asked.fingerprint)
    held = np.bincount(numbers, minlength=len(asked.keys))
    for postings, starts, lengths in asked.places(runs):
        ranges.append((postings.slots, starts, lengths))
        held += lengths
    found = _Holders(
        asked,
        ranges,
        (numbers, slots),
        texts.first >= 0 if dead else None,
        np.zeros(len(asked.offsets) - 1, np.int64),
    )
    over = np.flatnonzero(held > nets.cap)
    return _cut(found, over, nets.cap, texts) if len(over) else found


def _cut(found: _Holders, over: _Numbers, cap: int, texts: Texts) -> _Holders:
    """Leave out the holders of over-full keys, or all but the earliest.

    ``over`` are the keys that may be over-full, since some of their holders may be gone.
    """
    asked = found.asked
    earliest = {}
    for key in over.tolist():
        slots = _slots_of(key, found, cap, None if texts.ascending else texts.first)
        if len(slots) > cap:
            earliest[key] = slots[:EARLIEST].copy()
    over = np.array(list(earliest), np.int64)
    owners = np.searchsorted(asked.offsets, over, side="right") - 1
    cut = np.bincount(owners, minlength=len(asked.offsets) - 1)
    flooded = cut * 2 > np.diff(asked.offsets)
    for _, _, lengths in found.ranges:
        lengths[over] = 0
    kept = ~np.isin(found.extra[0], over)
    used = over[flooded[owners]].tolist()
    numbers = np.repeat(np.array(used, np.int64), [len(earliest[key]) for key in used])
    numbers = np.concatenate([found.extra[0][kept], numbers])
    slots = np.concatenate([found.extra[1][kept], *(earliest[key] for key in used)])
    order = np.argsort(numbers, kind="stable")
    return replace(found, extra=(numbers[order], slots[order]), cut=cut)


def _slots_of(key: int, found: _Holders, cap: int, first: _Numbers | None) -> _Slots:
    """Return the slots that hold a key and are still there, by their first rows.

    Where slots ascend as their rows do (``first`` is None), no more are taken than show that they
    are over the cap and which are the earliest.
    """
    most = max(cap + 1, EARLIEST) if first is None else None
    parts = []
    for slots, starts, lengths in found.ranges:
        held = slots[starts[key] : starts[key] + lengths[key]]
        parts.append((held if found.alive is None else held[found.alive[held]])[:most])
    low, high = np.searchsorted(found.extra[0], [key, key + 1])
    slots = np.concatenate([*parts, found.extra[1][low:high]])
    return slots if first is None else slots[np.argsort(first[slots])]


def slice_of(sketches: Sketches, first: int, last: int) -> Sketches:
    """Return the sketches of a range."""
    offsets = sketches.fingerprint_offsets[first : last + 1]
    return Sketches(
        sketches.signatures[first:last],
        sketches.text_hashes[first:last],
        sketches.word_counts[first:last],
        sketches.fingerprints[offsets[0] : offsets[-1]],
        offsets - offsets[0],
    )
