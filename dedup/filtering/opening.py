"""Opening an index for a stream to be filtered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from dedup.filtering.deciding import Filter
from dedup.filtering.options import FilterOptions
from dedup.filtering.processes import Processes
from dedup.filtering.state import State, state_of
from dedup.filtering.workers import Workers
from dedup.index.library import StoredLibrary
from dedup.index.opening import open_library


@contextmanager
def open_filter(
    path: str | os.PathLike[str], options: FilterOptions, processes: Processes
) -> Iterator[tuple[StoredLibrary, State, Filter]]:
    """Open an index for writing, with what is remembered of it, and a filter over it.

    Parameters
    ----------
    path
        Where the index is.
    options
        How to decide.
    processes
        Those that compare records, once there are enough; decisions do not depend on them.
    """
    with closing(open_library(path, write=True)) as library:
        state = state_of(library)
        comparer = Workers(library.index.parameters, processes)
        yield library, state, Filter(library, state, comparer, options)
