"""Libraries: the articles an index has rows of, kept together with it.

An index knows rows and sketches (`dedup.index.protocol`); a library adds what verification and
reports need, the articles themselves, and keeps the two in step: an article is in the library
exactly if its row is in the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article, DedupError
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.protocol import Index
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters
from dedup.sketch.sketches import Sketches

Texts = Callable[[Sequence[str]], Mapping[str, str] | Sequence[str | None]]
"""Returns the texts of ids: by id, or in their order with None for those it does not have."""


class DuplicateId(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """An id is in the library already."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"the id {article_id!r} is there already; remove it first")


class Overtaken(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """Other workers changed an index since what a change was decided by was read; decide again."""


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

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows with their fingerprints, None where a row is not there.

        Texts may be left out of the articles.
        """

    def rows(self) -> Iterator[int]:
        """Yield the rows of all articles, ascending."""


Holding = tuple[Article, npt.NDArray[np.uint32]]
"""An article with its fingerprints, uint32[m], ascending."""


@dataclass(frozen=True, slots=True)
class Info:
    """What a stored index holds; dates in seconds since 1970 (None if it is empty)."""

    path: str
    articles: int
    different: int
    earliest: int | None
    latest: int | None
    parameters: SketchParameters
    nets: Nets

    def storage_lines(self) -> Iterator[tuple[str, str]]:
        """Yield what a person is told of where it is kept: a heading and a line."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying a stored index found.

    ``problems`` cannot be repaired, a line each: articles that are damaged must be removed and
    added again. ``repaired`` could.
    """

    articles: int
    problems: tuple[str, ...]
    repaired: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, now that what could be repaired is."""
        return not self.problems


class StoredLibrary(Library, Protocol):
    """A library that outlives the process; `dedup.index.opening` opens one."""

    def transaction(self) -> AbstractContextManager[object]:
        """Commit what is added and removed inside together, or, if it raises, nothing of it."""

    def expire(self, before: str | datetime) -> int:
        """Forget the articles of before a date or time and return how many.

        An article's date is when it was published; where that is unknown, when it was added. It is
        forgotten if the last moment its date can mean is before the first that ``before`` can: of
        an article of "2017" nothing more is known than that it is older than "2018".

        Raises
        ------
        ValueError
            If ``before`` is neither a date nor a time.
        """

    def info(self) -> Info:
        """Return what the index holds."""

    def verify(self, *, texts: bool = True) -> Report:
        """Check what is kept, and mend what is derived from it; ``texts``: sketch all again."""

    def compact(self) -> None:
        """Give back the room of what was removed."""

    def close(self) -> None:
        """Finish, and let others have it."""


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

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows with their fingerprints, None where a row is not there."""
        return [
            (self._articles[row], self.index.fingerprints(row)) if row in self._articles else None
            for row in rows
        ]

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
