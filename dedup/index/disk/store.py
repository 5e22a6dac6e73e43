"""The segments of an index: opened, built, merged, and swept away when replaced.

Segments are built in a thread, from arrays that do not change, while articles go on being added:
NumPy sorts and writes without the interpreter's lock. Registering one, and everything else that
touches SQLite, is done by the thread that adds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.index.disk.database import Database, Registered
from dedup.index.disk.errors import DiskIndexError
from dedup.index.disk.files import SUFFIX
from dedup.index.disk.segments import Segment, Source
from dedup.index.disk.slots import Slots
from dedup.index.disk.writing import write_segment

GROWTH = 2
"""A segment is merged with those behind it once they come to more than half of its rows.

A row is then written 4 times on its way to a million (with 3 instead of 2: 6 times), into some 4
segments on average (3), of which the small ones cost little to look into."""

_DEAD = 4
"""A segment is built anew when one in so many of its slots is gone."""

Alive = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Job:
    """A segment being built: of rows ``first`` to ``last``, in the place of others.

    ``changes`` is the number of the last change it takes account of.
    """

    first: int
    last: int
    replaced: tuple[Segment, ...]
    changes: int
    built: Future[Registered]


class SegmentDamaged(DiskIndexError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A segment does not have its checksum."""

    def __init__(self, segment: Segment) -> None:
        super().__init__(f"{segment.file.path}: is damaged; run verify on the index to rebuild it")
        self.segment = segment


class SegmentStore:
    """The segment files of an index, in the order of their rows."""

    def __init__(self, path: Path, database: Database) -> None:
        self.directory = path / "segments"
        self.damaged: list[Registered] = []
        """Those registered whose files are missing or damaged."""
        self.job: Job | None = None
        self._database = database
        self._segments: list[Segment] = []
        self._dead: dict[str, int] = {}
        self._pool: ThreadPoolExecutor | None = None

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments that can be used."""
        return self._segments

    @property
    def dead(self) -> int:
        """How many slots they hold that are gone."""
        return sum(self._dead.values())

    def load(self, registered: Sequence[Registered]) -> None:
        """Open the segments registered; those that cannot be are `damaged`."""
        known = {segment.registered.name: segment for segment in self._segments}
        dead, self._dead = self._dead, {}
        self._segments, self.damaged = [], []
        for one in registered:
            try:
                segment = known.get(one.name) or Segment(self.directory, one, self._database.nets)
            except DiskIndexError:
                self.damaged.append(one)
                continue
            self._segments.append(segment)
            self._dead[one.name] = dead.get(one.name, 0)

    def count_dead(self, slots: Slots, names: Sequence[str] | None = None) -> None:
        """Count the slots that are gone, in all segments or those named."""
        for segment in self._segments:
            name = segment.registered.name
            if names is None or name in names:
                alive = slots.alive(segment.first)[: len(segment)]
                self._dead[name] = int(np.count_nonzero(segment.held() & ~alive))

    def removed(self, slot: int) -> None:
        """Take note that a slot is gone."""
        for segment in self._segments:
            if segment.first <= slot < segment.last:
                self._dead[segment.registered.name] += 1

    def drop_damaged(self) -> bool:
        """Stop using segments whose checksums do not fit; return whether there were any."""
        damaged = [segment for segment in self._segments if not segment.file.intact()]
        for segment in damaged:
            self._segments.remove(segment)
            self.damaged.append(segment.registered)
            del self._dead[segment.registered.name]
        return bool(damaged)

    def due(self) -> list[Segment]:
        """Return the segments to be merged next, or to be built anew without what is gone."""
        taken: list[Segment] = []
        rows = 0
        for segment in reversed(self._segments):
            if taken and len(segment) >= GROWTH * rows:
                break
            if taken and segment.last != taken[0].first:  # one between them is damaged
                break
            taken.insert(0, segment)
            rows += len(segment)
        if len(taken) > 1:
            return taken
        for segment in self._segments:
            if self._dead[segment.registered.name] * _DEAD > len(segment):
                return [segment]
        return []

    def start(
        self,
        span: tuple[int, int],
        sources: Callable[[], Sequence[Source]],
        alive: Alive,
        replaced: Sequence[Segment],
        changes: int,
    ) -> None:
        """Start to build a segment."""
        self._pool = self._pool or ThreadPoolExecutor(1, "segments")

        def build() -> Registered:
            for segment in replaced:
                if not segment.file.intact():
                    raise SegmentDamaged(segment)
            return self.write(span, sources(), alive)

        self.job = Job(*span, tuple(replaced), changes, self._pool.submit(build))

    def start_merging(self, segments: Sequence[Segment], slots: Slots, changes: int) -> None:
        """Start to merge neighbouring segments."""
        first, last = segments[0].first, segments[-1].last
        alive = slots.alive(first)[: last - first]
        self.start((first, last), lambda: segments, alive, segments, changes)

    def write(self, span: tuple[int, int], sources: Sequence[Source], alive: Alive) -> Registered:
        """Write a segment; it is not registered yet."""
        held = sum(len(source.members()) for source in sources)
        kept = None if held == int(np.count_nonzero(alive)) else alive
        return write_segment(self.directory, sources, span, kept, self._database.nets)

    def install(
        self,
        new: Sequence[Registered],
        replaced: Sequence[Registered],
        sealed: int,
        changes: int,
        slots: Slots,
    ) -> None:
        """Register segments in the place of others, use them, and delete the others' files."""
        self._database.register(new, [one.name for one in replaced], sealed, changes)
        self.load(self._database.segments())
        self.count_dead(slots, [one.name for one in new])
        for one in replaced:
            (self.directory / one.name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete files that are not registered, which a killed writer left; return how many."""
        registered = {one.name for one in self._database.segments()}
        swept = 0
        for file in self.directory.glob(f"*{SUFFIX}"):
            if file.name not in registered:
                file.unlink(missing_ok=True)
                swept += 1
        return swept

    def close(self) -> None:
        """Let the thread end."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        self._segments = []
