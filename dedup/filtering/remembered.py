"""Comparisons remembered while a batch is decided again because another worker was quicker."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from dedup.filtering.comparing import Pairs, Task
from dedup.filtering.digest import Digest


class Compares(Protocol):
    """Whatever compares records: in this process, or in several others."""

    def start(self, tasks: Sequence[Task], *, first: bool = False) -> Callable[[], list[Pairs]]:
        """Begin to compare records, ``first`` before others; what is returned gives the results."""


class Works(Compares, Protocol):
    """Whatever does all the work on words."""

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming."""

    def digest(self, texts: Sequence[str]) -> Callable[[], Digest]:
        """Begin to make what is needed of texts before they are looked up."""


class Remembered:
    """Compares what is new, and remembers the rest until told to forget it."""

    def __init__(self, comparer: Compares) -> None:
        self._comparer = comparer
        self._results: dict[Hashable, Pairs] = {}

    def start(self, tasks: Sequence[Task], *, first: bool = False) -> Callable[[], list[Pairs]]:
        """Begin to compare records, ``first`` before others; what is returned gives the results."""
        keys = [_key(task) for task in tasks]
        known = {key: self._results[key] for key in keys if key in self._results}
        new = {key: task for key, task in zip(keys, tasks, strict=True) if key not in known}
        started = self._comparer.start(list(new.values()), first=first) if new else list

        def results() -> list[Pairs]:
            found = known | dict(zip(new, started(), strict=True))
            self._results |= found
            return [found[key] for key in keys]

        return results

    def forget(self) -> None:
        """Forget all comparisons."""
        self._results.clear()


def _key(task: Task) -> Hashable:
    return task.article, tuple(task.known), tuple(task.estimates), tuple(task.ages)
