"""What the service and the processes behind it say to each other."""

from __future__ import annotations

import pickle
import struct
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dedup.article import Article


@dataclass(frozen=True, slots=True)
class Open:
    """Open an index; the first that a process is told."""

    index: str
    write: bool


@dataclass(frozen=True, slots=True)
class Check:
    """Check articles; ``top`` matches of each, with ``everything`` also those not derived."""

    articles: Sequence[Article]
    top: int
    everything: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """Compare two articles."""

    a: Article
    b: Article
    min_span: int


@dataclass(frozen=True, slots=True)
class Add:
    """Add articles, all of them or none."""

    articles: Sequence[Article]
    replace: bool

    @property
    def size(self) -> int:
        """Characters of the texts."""
        return sum(len(article.text) for article in self.articles)


@dataclass(frozen=True, slots=True)
class Remove:
    """Forget articles."""

    ids: Sequence[str]

    @property
    def size(self) -> int:
        """Characters of the ids."""
        return sum(map(len, self.ids))


@dataclass(frozen=True, slots=True)
class Ready:
    """The index is open and holds so many articles."""

    articles: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, as the body of a response."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not done, and why; ``status`` is HTTP's."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """What came of each of a group of changes, which is committed; the index holds so many now."""

    outcomes: Sequence[Done | Refused]
    articles: int


LENGTH = struct.Struct("<Q")
"""The length that goes before a message."""


def frame(message: object) -> bytes:
    """Return a message with its length before it."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(content)) + content


def described(error: BaseException) -> str:
    """Say in one line what went wrong and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
