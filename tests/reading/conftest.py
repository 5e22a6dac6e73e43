"""What the reader tests share: one way to read files, whatever their format."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.reading.inputs import Problem, ReadOptions, read_items
from dedup.reading.item import Item

Outcome = tuple[list[Item], list[str], list[str]]
Read = Callable[..., Outcome]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it: its items, the errors, the notices."""

    def read_file(name: str, content: bytes | str, **options: object) -> Outcome:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_paths([str(path)], **options)

    return read_file


def read_paths(paths: list[str], **options: object) -> Outcome:
    problems: list[Problem] = []
    items = list(read_items(paths, problems.append, ReadOptions(**options)))  # type: ignore[arg-type]
    errors = [problem.message for problem in problems if not problem.notice]
    return items, errors, [problem.message for problem in problems if problem.notice]


@pytest.fixture
def read_all() -> Callable[..., Outcome]:
    return read_paths
