"""Opening an index for a stream to be filtered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from dedup.filtering.processes import BULK_BYTES, Processes

if TYPE_CHECKING:
    from dedup.filtering.deciding import Filter
    from dedup.filtering.options import FilterOptions
    from dedup.filtering.state import State
    from dedup.index.library import StoredLibrary


@contextmanager
def open_filter(
    path: str | os.PathLike[str],
    options: FilterOptions,
    workers: int | None = None,
    *,
    expected: int = 0,
) -> Iterator[tuple[StoredLibrary, State, Filter]]:
    """Open an index for writing, with what is remembered of it, and a filter over it.

    Parameters
    ----------
    path
        Where the index is.
    options
        How to decide.
    workers
        Processes that compare records, once there are enough; all processors unless told, 0 for
        none. Decisions do not depend on it.
    expected
        Bytes of records that are coming, as far as that is known.
    """
    with Processes(os.cpu_count() or 1 if workers is None else workers) as processes:
        if expected >= BULK_BYTES:
            processes.start()  # they load what they need while this one does
        from dedup.filtering.deciding import Filter
        from dedup.filtering.state import state_of
        from dedup.filtering.workers import Workers
        from dedup.index.opening import open_library

        with closing(open_library(path, write=True)) as library:
            state = state_of(library)
            comparer = Workers(library.index.parameters, processes)
            yield library, state, Filter(library, state, comparer, options)
