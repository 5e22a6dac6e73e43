"""Plain tables of a page: what another command than scan has to say of the pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

Pair = tuple[str, str]
"""The ids of a match's sides A and B."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """The cells of a row, safe to be shown; ``pair`` is its evidence, ``href`` where that is."""

    cells: tuple[str, ...]
    pair: Pair | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table with a title; ``columns`` are headings, each with whether it holds numbers.

    The cell of a row in the column ``linked`` leads to its evidence.
    """

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[PageRow, ...]
    linked: int = 0

    def with_links(self, pair_of: Mapping[Pair, int]) -> PageTable:
        """Return the table with links to the pairs that the page has, by their numbers."""
        rows = [
            replace(row, href=f"#pair-{pair_of[row.pair]}")
            if row.pair is not None and row.pair in pair_of
            else row
            for row in self.rows
        ]
        return replace(self, rows=tuple(rows))
