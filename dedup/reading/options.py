"""How inputs are read, and what is told of what could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dedup.reading.jsonl import Fields
from dedup.reading.plain import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as it stands; ``notice`` says it was read all the same."""

    message: str
    notice: bool = False


Report = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read.

    ``max_bytes`` bounds one text file or one record, after decompression; ``encoding`` is declared
    for text files, tables and pages (None: declared by the file or detected); ``fields`` names the
    fields of records; ``left_out`` are paths not to be read; ``input_format`` is one of
    `dedup.reading.formats.FORMATS`, or None to go by content and suffix.
    """

    max_bytes: int = MAX_BYTES
    encoding: str | None = None
    fields: Fields = field(default_factory=Fields)
    left_out: frozenset[str] = frozenset()
    input_format: str | None = None


class Tally:
    """Counts of what was passed over on purpose, by kind, with the first place of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def count(self, kind: str, where: str) -> None:
        """Count one of a kind (``picture``) at a place (``wire/a.xml``)."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._first.setdefault(kind, where)

    def problems(self) -> Iterator[Problem]:
        """Yield one notice a kind."""
        for kind, number in self._counts.items():
            first = self._first[kind]
            place = first if number == 1 else f"{first} and {number - 1} more"
            yield Problem(f"{place}: passed over: {kind}", notice=True)
