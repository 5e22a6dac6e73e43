"""Libraries: the articles an index has rows of, kept together with it.

An index knows rows and sketches (`dedup.index.protocol`); a library adds what verification and
reports need, the articles themselves, and keeps the two in step: an article is in the library
exactly if its row is in the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article, DedupError
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.protocol import Index
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters
from dedup.sketch.sketches import Sketches


class DuplicateId(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """An id is in the library already."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"the id {article_id!r} is there already; remove it first")


class Library(Protocol):
    """Articles with their index; rows are those of the index."""

    @property
    def index(self) -> Index:
        """The index that brings its articles together."""

    def __len__(self) -> int:
        """Return how many articles it holds."""

    def add(self, articles: Sequence[Article], sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add articles with their sketches, all or none, and return their rows, int64[n].

        Raises
        ------
        DuplicateId
            If an id is there already, or comes twice.
        """

    def remove(self, ids: Iterable[str]) -> int:
        """Forget articles and return how many were there to be forgotten."""

    def row_of(self, article_id: str) -> int | None:
        """Return the row of an id, None where it is not there."""

    def articles(self, rows: Iterable[int]) -> list[Article]:
        """Return the articles of rows.

        Raises
        ------
        KeyError
            If one of the rows is not there.
        """

    def rows(self) -> Iterator[int]:
        """Yield the rows of all articles, ascending."""


class MemoryLibrary:
    """A `Library` in memory."""

    def __init__(
        self, parameters: SketchParameters = DEFAULT_PARAMETERS, nets: Nets | None = None
    ) -> None:
        self.index = MemoryIndex(parameters, nets)
        self._articles: dict[int, Article] = {}
        self._rows: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._articles)

    def add(self, articles: Sequence[Article], sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add articles with their sketches, all or none, and return their rows, int64[n]."""
        check_new_ids(articles, self)
        rows = self.index.add(sketches)
        for row, article in zip(rows.tolist(), articles, strict=True):
            self._articles[row] = article
            self._rows[article.id] = row
        return rows

    def remove(self, ids: Iterable[str]) -> int:
        """Forget articles and return how many were there to be forgotten."""
        rows = [self._rows.pop(article_id) for article_id in set(ids) if article_id in self._rows]
        for row in rows:
            del self._articles[row]
        return self.index.remove(rows)

    def row_of(self, article_id: str) -> int | None:
        """Return the row of an id, None where it is not there."""
        return self._rows.get(article_id)

    def articles(self, rows: Iterable[int]) -> list[Article]:
        """Return the articles of rows."""
        return [self._articles[row] for row in rows]

    def rows(self) -> Iterator[int]:
        """Yield the rows of all articles, ascending."""
        return iter(self._articles)


def check_new_ids(articles: Sequence[Article], library: Library) -> None:
    """Refuse ids that come twice or are there already."""
    seen: set[str] = set()
    for article in articles:
        if article.id in seen or library.row_of(article.id) is not None:
            raise DuplicateId(article.id)
        seen.add(article.id)
