"""Opening an index for a stream to be filtered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from dedup.filtering.deciding import Filter
from dedup.filtering.options import FilterOptions
from dedup.filtering.state import State, state_of
from dedup.filtering.workers import Workers
from dedup.index.library import StoredLibrary
from dedup.index.opening import open_library


@contextmanager
def open_filter(
    path: str | os.PathLike[str], options: FilterOptions, workers: int | None = None
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
    """
    count = os.cpu_count() or 1 if workers is None else workers
    with closing(open_library(path, write=True)) as library:
        state = state_of(library)
        with Workers(library.index.parameters, count) as comparer:
            yield library, state, Filter(library, state, comparer, options)
