"""Candidates of a batch, as if its records were asked and added one by one.

Asking an index about many records at once is several times faster than one by one, but a record
must also be compared with the kept ones before it in its batch, and what an index calls over-full
depends on what it holds. So the index is asked once, as of the beginning of the batch, and what the
batch's own records have in common is counted beside it. That is exact as long as no key can become
over-full by what the batch adds. Where one could, the batch is cut behind the record that makes it
so, and what follows must be asked again.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.index.bands import band_keys, without_shingles
from dedup.index.counting import Counted, blocks, count, join, pack, spread
from dedup.index.nets import EARLIEST, Nets
from dedup.index.protocol import Index
from dedup.index.standing import Standing
from dedup.sketch.sketches import Sketches, offsets_of
from dedup.text.bitmap import Bitmap

_Numbers = npt.NDArray[np.int64]
_HALF = np.uint64(32)
_MEMBER = 32


class Candidate(NamedTuple):
    """A candidate: a row of the index, or ``~number`` of a record of the batch (below 0).

    ``standing`` says what other stories hold of what it shares, once that is weighed.
    """

    ref: int
    bands: int
    fingerprints: int
    identical: bool
    standing: Standing | None = None


class SequencedBatch:
    """The candidates of n records, those among themselves included.

    ``safe`` is how many of the records, from the first, this is exact for; at least one.
    """

    def __init__(self, index: Index, sketches: Sketches) -> None:
        self._nets = index.nets
        self._sketches = sketches
        self.known = index.candidates(sketches)
        fields = self.known.rows, self.known.bands, self.known.fingerprints, self.known.identical
        self._found = list(map(Candidate, *(values.tolist() for values in fields)))
        self._offsets = self.known.offsets.tolist()
        self._first_of_text = _first_of_text(sketches)
        self.safe = len(sketches)
        nets = (_shared_bands, _shared_fingerprints)
        shared = [net(sketches, self._nets) for net in nets]
        parts = [self._judge(keys, index) for keys in shared if keys is not None and len(keys.keys)]
        self._within = _pairs(parts, len(sketches), self._nets)
        self._starts = np.searchsorted(self._within.queries, np.arange(len(sketches) + 1))

    def same_known(self, number: int) -> int | None:
        """Return the row in the index with the same words as a record."""
        found = self._found_known(number)
        return found[0].ref if found and found[0].identical else None

    def first_of_text(self, number: int) -> int:
        """Return the first record of the batch with the words of one."""
        return int(self._first_of_text[number])

    def of(self, number: int, slots: Container[int]) -> list[Candidate]:
        """Return the candidates of a record, best first.

        ``slots`` says which earlier records of the batch are in the index by now, each the first
        with its words.
        """
        found = self._found_known(number)
        same = int(self._first_of_text[number])
        first, last = self._starts[number : number + 2].tolist()
        if first == last and same == number:
            return found
        part = slice(first, last)
        within = [
            Candidate(~other, bands, fingerprints, False)
            for other, bands, fingerprints in zip(
                self._within.slots[part].tolist(),
                self._within.bands[part].tolist(),
                self._within.fingerprints[part].tolist(),
                strict=True,
            )
            if other != same and other in slots
        ]
        if same != number and same in slots:
            within.append(Candidate(~same, *self._everything(number), True))
        if within:
            found = sorted(found + within, key=_best_first)[: self._nets.limit]
        return found

    def _found_known(self, number: int) -> list[Candidate]:
        """Return the candidates among the rows of the index."""
        return self._found[self._offsets[number] : self._offsets[number + 1]]

    def _everything(self, number: int) -> tuple[int, int]:
        """Return how many bands and fingerprints a record has in common with its own text."""
        nets, sketches = self._nets, self._sketches
        empty = bool(without_shingles(sketches.signatures[number : number + 1])[0])
        bands = nets.bands if nets.uses_bands and not empty else 0
        return bands, len(sketches.fingerprints_of(number)) if nets.uses_fingerprints else 0

    def _judge(self, shared: _Shared, index: Index) -> _Shared:
        """Leave out keys that are over-full, and cut the batch before another becomes so."""
        keys = shared.keys
        held = index.holders(keys, shared.groups, shared.fingerprint)
        cap = self._nets.cap
        is_holder = self._first_of_text[shared.members] == shared.members
        sums = offsets_of(is_holder)
        holders = np.diff(sums[shared.offsets])
        over = held > cap
        fills = ~over & (held + holders > cap)
        # Of an over-full key the earliest holders count, which may be the batch's own.
        early = over & (held < EARLIEST) & (holders > 0)
        places = np.flatnonzero(is_holder)
        critical = np.flatnonzero(fills | early)
        nth = np.where(fills, cap - held, 0)[critical]
        if len(critical):
            last = shared.members[places[sums[shared.offsets[critical]] + nth]]
            self.safe = min(self.safe, int(last.min()) + 1)
        return shared.without(over, is_holder)


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The keys that several records of a batch hold.

    ``keys`` uint[m] with their ``groups`` int64[m]; the records that hold key i, ascending, stand
    at ``offsets[i]:offsets[i + 1]`` of ``members`` int64[total]; ``holder`` bool[total] says which
    of them may be put into the index by it.
    """

    fingerprint: bool
    keys: npt.NDArray[np.uint32] | npt.NDArray[np.uint64]
    groups: _Numbers
    offsets: _Numbers
    members: _Numbers
    holder: npt.NDArray[np.bool_]

    def without(self, left_out: npt.NDArray[np.bool_], holder: npt.NDArray[np.bool_]) -> _Shared:
        """Return the other keys."""
        lengths = np.diff(self.offsets)
        kept = np.repeat(~left_out, lengths)
        offsets = offsets_of(lengths[~left_out])
        return _Shared(
            self.fingerprint,
            self.keys[~left_out],
            self.groups[~left_out],
            offsets,
            self.members[kept],
            holder[kept],
        )


def _best_first(candidate: Candidate) -> tuple[bool, int, bool, int]:
    """Order as an index does: identical, then by evidence, then the earliest."""
    ref = candidate.ref
    evidence = candidate.bands + candidate.fingerprints
    return not candidate.identical, -evidence, ref < 0, ~ref if ref < 0 else ref


def _first_of_text(sketches: Sketches) -> _Numbers:
    """Return the first record of the batch with the words of each; those without have none."""
    first = np.arange(len(sketches))
    _, at, same = np.unique(sketches.text_hashes, return_index=True, return_inverse=True)
    worded = sketches.word_counts > 0
    first[worded] = at[same][worded]
    return first


def _shared_bands(sketches: Sketches, nets: Nets) -> _Shared | None:
    if not nets.uses_bands:
        return None
    banded = np.flatnonzero(~without_shingles(sketches.signatures))
    keys = band_keys(sketches.signatures[banded], 0, nets.bands, nets.rows).ravel()
    groups = np.repeat(np.arange(nets.bands), len(banded))
    return _shared(keys, groups, np.tile(banded, nets.bands), fingerprint=False)


def _shared_fingerprints(sketches: Sketches, nets: Nets) -> _Shared | None:
    if not nets.uses_fingerprints:
        return None
    keys = sketches.fingerprints
    members = np.repeat(np.arange(len(sketches)), np.diff(sketches.fingerprint_offsets))
    return _shared(keys, np.zeros(len(keys), np.int64), members, fingerprint=True)


def _shared(
    keys: npt.NDArray[np.uint32] | npt.NDArray[np.uint64],
    groups: _Numbers,
    members: _Numbers,
    *,
    fingerprint: bool,
) -> _Shared:
    """Find the keys that several records hold."""
    if keys.dtype == np.uint32:
        packed = groups.astype(np.uint64) << _HALF | keys
        order = _recurring(packed)
        order = order[np.argsort(packed[order])]
    else:
        order = np.lexsort((keys, groups))
    keys, groups, members = keys[order], groups[order], members[order]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1])
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(keys))
    starts, lengths = starts[lengths > 1], lengths[lengths > 1]
    # The members of each key ascending.
    number = np.repeat(np.arange(len(starts)), lengths)
    packed = number << _MEMBER | members[spread(starts, lengths)]
    packed.sort()
    members = packed & ((1 << _MEMBER) - 1)
    offsets = offsets_of(lengths)
    holder = np.ones(len(members), np.bool_)
    return _Shared(fingerprint, keys[starts], groups[starts], offsets, members, holder)


def _recurring(packed: npt.NDArray[np.uint64]) -> _Numbers:
    """Return where the numbers stand that come more than once, and some others.

    Sorting values takes a third of the time of sorting places, and few come more than once.
    """
    ordered = np.sort(packed)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return Bitmap(again).places(packed)


def _pairs(shared: list[_Shared], records: int, nets: Nets) -> Counted:
    """Count what each record has in common with the earlier holders."""
    elements = []
    work = np.zeros(records, np.int64)
    for keys in shared:
        sums = offsets_of(keys.holder)
        begins = np.repeat(sums[keys.offsets[:-1]], np.diff(keys.offsets))
        lengths = sums[:-1] - begins
        order = np.argsort(keys.members, kind="stable")
        queries, begins, lengths = keys.members[order], begins[order], lengths[order]
        work += np.bincount(queries, lengths, records).astype(np.int64)
        elements.append((keys.fingerprint, queries, begins, lengths, keys.members[keys.holder]))
    found = []
    for low, high in blocks(work):
        meetings = [np.empty(0, np.uint64)]
        for fingerprint, queries, begins, lengths, holders in elements:
            part = slice(*np.searchsorted(queries, [low, high]).tolist())
            met = holders[spread(begins[part], lengths[part])].astype(np.uint32)
            meetings.append(pack(np.repeat(queries[part], lengths[part]), met, fingerprint))
        found.append(count(np.concatenate(meetings), nets))
    return join(found)
