"""Reading files in tests: what comes of it, and the fixture types."""

from collections.abc import Callable

from dedup.reading.inputs import Problem, ReadOptions, read_items
from dedup.reading.item import Item

Outcome = tuple[list[Item], list[str], list[str]]
"""The items, the errors, the notices."""
Read = Callable[..., Outcome]


def read_paths(paths: list[str], **options: object) -> Outcome:
    problems: list[Problem] = []
    items = list(read_items(paths, problems.append, ReadOptions(**options)))  # type: ignore[arg-type]
    errors = [problem.message for problem in problems if not problem.notice]
    return items, errors, [problem.message for problem in problems if problem.notice]
