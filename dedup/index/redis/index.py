"""The index on Redis: what `dedup.index.memory` answers, from a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates, Holders, Pairs, check_width
from dedup.index.ranking import rank
from dedup.index.redis.cache import Records
from dedup.index.redis.errors import explained
from dedup.index.redis.following import Snapshot, follow
from dedup.index.redis.keys import packed_keys
from dedup.index.redis.looking import Held, LookedUp, earliest_holders, look_up
from dedup.index.redis.records import pack_record
from dedup.index.redis.store import Addition, Change, Removal, Store
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches

_REMOVED = 64
"""Rows removed by one script, so that others need not wait for long."""
_JOINED = 512


class RedisIndex:
    """An `Index` on Redis, the part of a `RedisLibrary` that knows sketches.

    Every answer is as of one moment of the call; others may change the index from one call to the
    next.
    """

    def __init__(self, store: Store, records: Records) -> None:
        self.store = store
        self.parameters: SketchParameters = store.parameters
        self.nets: Nets = store.nets
        self._records = records
        self._held = Held.nothing()
        self._known: Snapshot | None = None
        self.found: list[int] = []
        """The rows that `candidates` last brought together with something."""

    def __len__(self) -> int:
        with explained(self.store.name):
            return int(self.store.server.redis.zcard(self.store.server.key("dated")))

    @property
    def distinct(self) -> int:
        """How many different texts it holds; every row without words counts as one."""
        (found,) = self.store.fields("meta", ["distinct"])
        return self.store.number(found or b"0")

    def add(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add sketches and return their rows, int64[n], ascending; they are then committed."""
        records = [pack_record(sketches, number, None, None, 0) for number in range(len(sketches))]
        return self.add_records(sketches, records, [None] * len(sketches), [0] * len(sketches))

    def add_records(
        self,
        sketches: Sketches,
        records: Sequence[bytes],
        ids: Sequence[str | None],
        dates: Sequence[int],
    ) -> npt.NDArray[np.int64]:
        """Add sketches with their articles, as `add`; within a change, with the rest of it."""
        check_width(sketches, self.parameters)
        worded = (sketches.word_counts > 0).tolist()
        hashes = sketches.text_hashes.astype("<u8")
        additions = [
            Addition(ids[number], dates[number], hash_ if worded[number] else b"", keys, record)
            for number, (hash_, keys, record) in enumerate(
                zip(
                    (hashes[number].tobytes() for number in range(len(sketches))),
                    packed_keys(sketches, self.nets, self.store.form),
                    records,
                    strict=True,
                )
            )
        ]
        open_change = self.store.change
        if open_change is not None:
            first = open_change.next_row + len(open_change.added)
            open_change.added += additions
        elif additions:
            first, _ = self.store.commit(Change(added=additions))
        else:
            first = 0
        return np.arange(first, first + len(additions), dtype=np.int64)

    def remove(self, rows: npt.ArrayLike) -> int:
        """Forget rows and return how many were there to be forgotten."""
        wanted = [
            row for row in dict.fromkeys(np.asarray(rows, np.int64).ravel().tolist()) if row >= 0
        ]
        removed = 0
        for start in range(0, len(wanted), _REMOVED):
            found = self._records.load(wanted[start : start + _REMOVED])
            removals = {
                row: Removal(
                    row,
                    record.id,
                    record.text_hash.to_bytes(8, "little") if record.words else b"",
                    packed_keys(record.sketches(), self.nets, self.store.form)[0],
                )
                for row, record in found.items()
            }
            self._records.forget(found)
            if self.store.change is not None:
                self.store.change.removed |= removals
                removed += len(removals)
            elif removals:
                removed += self.store.commit(Change(removed=removals))[1]
        return removed

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none."""
        found = np.full(len(sketches), -1, np.int64)
        worded = np.flatnonzero(sketches.word_counts > 0)
        hashes = [one.tobytes() for one in sketches.text_hashes[worded].astype("<u8")]
        for number, row in zip(worded.tolist(), self.store.fields("t", hashes), strict=True):
            if row is not None:
                found[number] = self.store.number(row)
        return found

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included.

        Rows without a record, and articles whose text is kept elsewhere and is not there, are left
        out. Two round trips for up to 64 sketches: one to look up, one for the records not at hand.
        """
        check_width(sketches, self.parameters)
        looked = self._look_up(sketches)
        self._held = looked.held
        found, same, cut = looked.pairs, looked.same.copy(), looked.cut
        there = self._records.with_texts(
            np.unique(np.concatenate([found.slots, same[same >= 0]])).tolist(), anew=True
        )
        committed = np.array(sorted(there), np.int64)
        self.found = sorted(there)
        found = found.where(np.isin(found.slots, committed))
        same[~np.isin(same, committed)] = -1
        return rank(sketches, found, same, lambda slots: slots, cut, self.nets)

    def same_text(self, row: int) -> list[int]:
        """Return the rows with the same words as one, ascending, itself included."""
        record = self._records.load([row]).get(row)
        if record is None or not record.words:
            return [row]
        hash_ = record.text_hash.to_bytes(8, "little")
        server = self.store.server
        with server.pipeline() as pipe:
            pipe.hget(server.key("t"), hash_)
            pipe.zrange(server.key(b"t:" + hash_), 0, -1)
            first, further = pipe.execute()
        return [self.store.number(one) for one in (first, *further) if one is not None]

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.int64]:
        """Count the texts that hold keys of the sketches `candidates` was last asked for."""
        return self._held.of(self.store.form.numbers(keys, groups, fingerprint))

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each.

        While a change is decided, those of the moment it is decided as of.
        """
        change = self.store.change
        before = None if change is None or change.expected is None else change.next_row
        return earliest_holders(self.store, fingerprints, most, before)

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, in blocks of bounded size.

        The sketches are brought here for it, into memory: 0.9 KB an article.
        """
        rows = self.store.rows()
        index, kept = MemoryIndex(self.parameters, self.nets), []
        for start in range(0, len(rows), _JOINED):
            records = self._records.load(rows[start : start + _JOINED])
            for row in sorted(records):
                index.add(records[row].sketches())
                kept.append(row)
        numbered = np.array(kept, np.int64)
        for block in index.pairs():
            yield Pairs(
                numbered[block.earlier],
                numbered[block.later],
                block.bands,
                block.fingerprints,
                block.identical,
                block.keys_cut,
                block.pairs_cut,
            )

    def signatures(self, rows: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Return the signatures of rows it holds, uint32[n, num_perm]; they estimate Jaccard.

        Raises
        ------
        KeyError
            If one of the rows is not in the index.
        """
        wanted = np.asarray(rows, np.int64).ravel().tolist()
        found = self._records.load(row for row in wanted if row >= 0)
        signatures = np.empty((len(wanted), self.parameters.num_perm), np.uint32)
        for number, row in enumerate(wanted):
            if row not in found:
                raise KeyError(f"row {row} is not in the index")
            signatures[number] = found[row].signature
        return signatures

    def _look_up(self, sketches: Sketches) -> LookedUp:
        """Look sketches up, or what is new since they were, if a change is decided again."""
        change, known = self.store.change, self._known
        if change is None or change.expected is None:
            return look_up(self.store, sketches)
        looked = None
        if known is not None and known.sketches is sketches:
            looked = follow(self.store, self._records, known, change)
        if looked is None:
            looked = look_up(self.store, sketches, change.next_row)
        self._known = Snapshot(sketches, change, looked)
        return looked
