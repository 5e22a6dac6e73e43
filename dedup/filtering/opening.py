"""Opening an index for a stream to be filtered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dedup.article import Article
from dedup.filtering.deciding import Filter
from dedup.filtering.disk_state import DiskState
from dedup.filtering.options import FilterOptions
from dedup.filtering.workers import Workers
from dedup.index.disk.library import DiskLibrary
from dedup.sketch.sketches import Sketches, sketch


@contextmanager
def open_filter(
    path: str | os.PathLike[str], options: FilterOptions, workers: int | None = None
) -> Iterator[tuple[DiskLibrary, Filter]]:
    """Open an index for writing, with a filter over it.

    Parameters
    ----------
    path
        The directory of the index.
    options
        How to decide.
    workers
        Processes that compare records, once there are enough; all processors unless told, 0 for
        none. Decisions do not depend on it.
    """
    count = os.cpu_count() or 1 if workers is None else workers
    with DiskLibrary.open(path, write=True) as library:
        parameters = library.index.parameters

        def sketched(articles: Sequence[Article]) -> Sketches:
            return sketch([article.text for article in articles], parameters)

        with Workers(parameters.k, count) as comparer:
            yield library, Filter(library, DiskState(library), sketched, comparer, options)
