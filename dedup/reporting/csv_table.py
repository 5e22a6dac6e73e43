"""Tables as CSV that a spreadsheet can open without obeying what stands in a cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from dedup.reporting.printable import printable

Cell = str | float | bool | None
"""What a cell holds; None is an empty cell."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take text for a formula where a cell begins with it."""


def render_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Write a table with a heading, a line a row (RFC 4180, lines ended by a line feed alone)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: Cell) -> str:
    """Return a cell's text: truths as true and false, floats to 0.1, text made safe.

    Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers keep
    their sign.

    >>> cell("=1+1"), cell(-2.25), cell(None)
    ("'=1+1", '-2.2', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, int):
        return str(value)
    return ("'" if value.startswith(_FORMULA) else "") + printable(value)
