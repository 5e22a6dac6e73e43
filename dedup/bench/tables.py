"""Results as tables, for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.reporting.printable import printable

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title and notes; numbers stand right, text left, None is a dash."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()


def as_text(tables: Sequence[Table]) -> str:
    """Write tables for a terminal."""
    blocks = []
    for table in tables:
        lines = [table.title]
        if table.rows:
            rows = [list(table.columns), *([_shown(c) for c in row] for row in table.rows)]
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            right = _numeric(table)
            lines += ["  " + _joined(row, widths, right).rstrip() for row in rows]
        lines += [f"  {printable(note)}" for note in table.notes]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def as_markdown(tables: Sequence[Table]) -> str:
    """Write tables as Markdown."""
    blocks = []
    for table in tables:
        blocks.append(f"**{_escaped(table.title)}**")
        if table.rows:
            rules = ["---:" if numeric else "---" for numeric in _numeric(table)]
            rows = [[_escaped(_shown(cell)) for cell in row] for row in table.rows]
            every = [[_escaped(name) for name in table.columns], rules, *rows]
            blocks.append("\n".join(f"| {' | '.join(row)} |" for row in every))
        if table.notes:
            blocks.append("\n".join(_item(note) for note in table.notes))
    return "\n\n".join(blocks)


def percent(value: float | None) -> str | None:
    """Return a share as people read it: 97.3%."""
    return None if value is None else f"{100 * value:.1f}%"


def between(ends: Sequence[float] | None) -> str | None:
    """Return an interval of shares: 95.0–99.1%."""
    return None if ends is None else f"{100 * ends[0]:.1f}–{100 * ends[1]:.1f}%"


def _numeric(table: Table) -> list[bool]:
    """Tell which columns hold numbers only."""
    return [
        all(cell is None or not isinstance(cell, str) or cell[:1].isdigit() for cell in column)
        for column in zip(*table.rows, strict=True)
    ]


def _joined(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    return "  ".join(
        cell.rjust(width) if numeric else cell.ljust(width)
        for cell, width, numeric in zip(row, widths, right, strict=True)
    )


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.3g}" if isinstance(cell, float) else printable(str(cell))


def _item(note: str) -> str:
    inner = note.lstrip()
    return f"{'  ' if inner != note else ''}- {_escaped(inner)}"


def _escaped(text: str) -> str:
    return printable(text.replace("|", "\\|"))
