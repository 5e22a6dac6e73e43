"""Looking up again what was looked up before, now that other workers have added something.

Only what was added since is looked at, here and not on the server: a worker that was overtaken has
to decide again, and if that cost the server as much as the first time, many workers would get less
done than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedup.index.counting import Counted
from dedup.index.memory import MemoryIndex
from dedup.index.redis.cache import Records
from dedup.index.redis.keys import asked_numbers
from dedup.index.redis.looking import Held, LookedUp
from dedup.index.redis.store import Change, Store
from dedup.sketch.sketches import Sketches

_MOST = 2000
"""Rows from which it is quicker to ask the server."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What was looked up of sketches, as of the moment a change began."""

    sketches: Sketches
    change: Change
    looked: LookedUp


def follow(store: Store, records: Records, known: Snapshot, change: Change) -> LookedUp | None:
    """Return what a lookup would now give; None where it must be done.

    That is where something was removed, where much was added, and where a key is over-full or has
    become so.
    """
    first, last = known.change.next_row, change.next_row
    same_removals = known.change.removals == change.removals
    if not same_removals or last - first > _MOST or known.looked.cut.any():
        return None
    rows = range(first, last)
    found = records.load(rows)
    if len(found) < len(rows):
        return None
    hashes = [found[row].text_hash.to_bytes(8, "little") for row in rows]
    firsts = store.fields("t", hashes)
    added = [
        row
        for row, held in zip(rows, firsts, strict=True)
        if not found[row].words or (held is not None and store.number(held) == row)
    ]
    index = MemoryIndex(store.parameters, store.nets)
    for row in added:
        index.add(found[row].sketches())
    sketches, looked = known.sketches, known.looked
    candidates = index.candidates(sketches)
    held = _held(store, sketches, index, looked.held)
    if (held.counts > store.nets.cap).any() or candidates.rows_cut.any():
        return None
    queries = np.repeat(np.arange(len(sketches)), np.diff(candidates.offsets))
    numbered = np.array(added, np.int64)[candidates.rows]
    same = looked.same.copy()
    same[queries[candidates.identical]] = numbered[candidates.identical]
    other = ~candidates.identical
    pairs = Counted(
        np.concatenate([looked.pairs.queries, queries[other]]),
        np.concatenate([looked.pairs.slots, numbered[other]]),
        np.concatenate([looked.pairs.bands, candidates.bands[other]]),
        np.concatenate([looked.pairs.fingerprints, candidates.fingerprints[other]]),
    )
    return LookedUp(pairs, same, looked.cut, held)


def _held(store: Store, sketches: Sketches, index: MemoryIndex, known: Held) -> Held:
    """Add up how many texts hold the keys of sketches, directly behind ``index.candidates``."""
    parts = []
    for asked, numbers in asked_numbers(sketches, store.nets, store.form):
        more = index.holders(asked.keys, asked.groups, asked.fingerprint)
        counts = known.of(numbers) + more
        parts.append(Held(numbers[counts > 0], counts[counts > 0]))
    return Held.joined(parts)
