"""Building segments: sealing pending rows, merging, compacting, repairing; the writer's part."""

from __future__ import annotations

from dedup.index.disk.contents import Contents
from dedup.index.disk.errors import explained
from dedup.index.disk.store import Job, SegmentDamaged

_BEHIND = 8
"""Times as many pending rows are let grow before adding waits for the segment being built."""


class Builder:
    """Builds segments while articles are added.

    Parameters
    ----------
    contents
        Of an index opened for writing.
    sealed_from
        Pending rows from which they are made a segment.
    """

    def __init__(self, contents: Contents, sealed_from: int) -> None:
        self._contents = contents
        self._store = contents.store
        self._sealed_from = self._retry_at = sealed_from

    def advance(self, *, wait: bool = False) -> None:
        """Register the segment that was being built and start the next; ``wait`` until all are."""
        if self._contents.database.connection.in_transaction:
            return  # which may come to nothing
        while True:
            job = self._store.job
            if job is not None:
                behind = len(self._contents.pending) >= _BEHIND * self._sealed_from
                if not (wait or behind or job.built.done()):
                    return
                self._install(job, wait)
            if not self._start_next() or not wait:
                return

    def settle(self, *, seal: bool = False) -> None:
        """Finish building segments; ``seal`` also makes one of all pending rows."""
        self.advance(wait=True)
        if seal and len(self._contents.pending):
            self._start_sealing()
            self.advance(wait=True)

    def compact(self) -> None:
        """Make one segment of everything, without what is gone."""
        self.settle(seal=True)
        segments = list(self._store.segments)
        if len(segments) > 1 or self._store.dead:
            self._store.start_merging(
                segments, self._contents.slots, self._contents.change_number()
            )
            self.settle()

    def repair(self) -> list[str]:
        """Rebuild the segments known to be damaged from the articles; return their names."""
        if self._store.job is not None:
            self._store.job.built.exception()  # waits; it may have been given a damaged one
            self._store.job = None
            self._store.sweep()
        names = []
        for registered in list(self._store.damaged):
            change = self._contents.change_number()
            # Its slots are not known from its bitmap any more.
            spans = self._contents.rebuilder.restore(registered, self._contents.slots)
            new = [
                self._store.write(
                    span, [source], self._contents.slots.alive(span[0])[: span[1] - span[0]]
                )
                for span, source in spans
            ]
            self._store.install(
                new, [registered], self._contents.sealed, change, self._contents.slots
            )
            names.append(registered.name)
        if names:
            self._contents.load()
        return names

    def _start_next(self) -> bool:
        """Start what is due; merging comes first, or it would never come while much is added."""
        pending = len(self._contents.pending)
        due = self._store.due() if self._retry_at == self._sealed_from else []
        if due and pending < _BEHIND * self._sealed_from:
            self._store.start_merging(due, self._contents.slots, self._contents.change_number())
            return True
        if pending >= self._retry_at:
            self._start_sealing()
            return True
        return False

    def _start_sealing(self) -> None:
        pending = self._contents.pending
        alive = self._contents.slots.alive(pending.first)
        span = pending.first, pending.first + len(pending)
        self._store.start(
            span, lambda: [pending.source(alive)], alive, [], self._contents.change_number()
        )

    def _install(self, job: Job, wait: bool) -> None:
        self._store.job = None
        pending = self._contents.pending
        try:
            built = job.built.result()
        except SegmentDamaged:
            self._store.drop_damaged()
            self.repair()
            return
        except OSError:  # most likely there is no room; nothing is lost, the rows stay pending
            self._retry_at = 2 * len(pending) + self._sealed_from
            if wait:
                with explained(self._store.directory):
                    raise
            return
        self._retry_at = self._sealed_from
        replaced = [segment.registered for segment in job.replaced]
        sealed = self._contents.sealed if replaced else job.last
        self._store.install([built], replaced, sealed, job.changes, self._contents.slots)
        if not replaced:
            self._contents.seal(sealed)
