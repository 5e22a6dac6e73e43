"""Comparisons remembered while a batch is decided again because another worker was quicker."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from dedup.filtering.comparing import Result, Task


class Compares(Protocol):
    """Whatever compares records: in this process, or in several others."""

    def compare(self, tasks: Sequence[Task]) -> list[Result]:
        """Compare records with their candidates."""


class Remembered:
    """Compares what is new, and remembers the rest until told to forget it."""

    def __init__(self, comparer: Compares) -> None:
        self._comparer = comparer
        self._results: dict[Hashable, Result] = {}

    def compare(self, tasks: Sequence[Task]) -> list[Result]:
        """Compare records with their candidates."""
        keys = [_key(task) for task in tasks]
        new = {key: task for key, task in zip(keys, tasks, strict=True) if key not in self._results}
        if new:
            results = self._comparer.compare(list(new.values()))
            self._results.update(zip(new, results, strict=True))
        return [self._results[key] for key in keys]

    def forget(self) -> None:
        """Forget all comparisons."""
        self._results.clear()


def _key(task: Task) -> Hashable:
    return task.article, tuple(task.known), tuple(task.estimates), tuple(task.ages)
