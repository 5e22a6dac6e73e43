"""An audit for a person: a table for each story, the outlets' totals; and as CSV."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import PurePath

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dedup.reporting.audit import Outlet, Row
from dedup.reporting.csv_table import Cell, render_csv
from dedup.reporting.printable import printable
from dedup.reporting.terminal import WIDEST, Paint, plain

COLUMNS = (
    "story",
    "wire",
    "version",
    "incoming",
    "outlet",
    "words",
    "story_percent",
    "narrative_percent",
    "relation",
    "changes",
    "headline",
    "credited",
    "credit_agency",
    "credit_kind",
    "credit_text",
    "other_agencies",
    "wire_published",
    "incoming_published",
    "hours",
    "hours_by",
    "direction",
)

HEADINGS = ("article", "outlet", "words", "share", "how", "headline", "credit", "after")
NUMBERS = ("words", "share", "after")
OUTLET_HEADINGS = (
    "outlet", "stories", "articles", "words", "credited", "no credit", "median after",
)  # fmt: skip
LEGEND = (
    "words: of ours that stand unchanged; share: of the article outside quotations that is ours; "
    "after: from wire to pickup."
)
_GAP = 2
_FOLDED = 24
_LONGEST_CREDIT = 34


def render_audit(
    rows: Sequence[Row],
    outlets: Sequence[Outlet],
    *,
    wire: int,
    incoming: int,
    width: int,
    paint: Paint = plain,
) -> str:
    """Write an audit of so many wire and incoming articles for a person."""
    blocks = [_wrapped(summary(rows, wire=wire, incoming=incoming), width, "heading", paint)]
    cells = {id(row): row_cells(row) for row in rows}
    widths = [max(map(cell_len, column)) for column in zip(HEADINGS, *cells.values(), strict=True)]
    for column in map(HEADINGS.index, ("credit", "how")):  # these two may be folded
        excess = sum(widths) + _GAP * len(widths) - width
        widths[column] -= max(0, min(excess, widths[column] - _FOLDED))
    fits = sum(widths) + _GAP * len(widths) <= width
    for story, group in groupby(rows, key=lambda row: row.story):
        own = list(group)
        of_own = [cells[id(row)] for row in own]
        listed = _lines(_story_table(of_own, widths), width) if fits else _list(of_own, width)
        heading = _wrapped(story_heading(story, own), width, "heading", paint)
        blocks.append(f"{heading}\n{paint(_used(own), 'dim')}\n{listed}")
    if outlets:
        blocks.append(f"{paint('Outlets', 'heading')}\n{_lines(_outlet_table(outlets), width)}")
        blocks.append(_wrapped(LEGEND, width, "dim", paint))
    return "\n\n".join(blocks)


def summary(rows: Sequence[Row], *, wire: int, incoming: int) -> str:
    """Say in a sentence what an audit found."""
    if not rows:
        compared = f"{_count(wire, 'wire article')}, {_count(incoming, 'incoming article')}"
        return f"No use of our copy was found ({compared})."
    silent = sum(not row.credited for row in rows)
    words = sum(row.words for row in rows)
    verb = "uses" if len(rows) == 1 else "use"
    stories = _count(len({row.story for row in rows}), "story", "stories")
    named = (
        f"{silent:,} of them {_names(silent)} no agency of ours" if silent else "all with credit"
    )
    return (
        f"{len(rows):,} of {_count(incoming, 'incoming article')} {verb} {words:,} words of "
        f"{stories} ({_count(wire, 'wire article')}); {named}."
    )


def outlet_cells(outlet: Outlet) -> tuple[str, ...]:
    """Return what stands below `OUTLET_HEADINGS`, safe to be shown."""
    counts = (outlet.stories, outlet.articles, outlet.words, outlet.credited, outlet.uncredited)
    return (
        printable(outlet.outlet),
        *(f"{count:,}" for count in counts),
        after_text(outlet.median_hours, outlet.hours_by),
    )


def render_audit_csv(rows: Iterable[Row]) -> str:
    """Write the rows of an audit as CSV; what is not known is an empty cell."""
    return render_csv(COLUMNS, map(_csv_cells, rows))


def after_text(hours: float | None, by: str | None) -> str:
    """Say how long after the wire an article came; empty where that is not known."""
    if hours is None:
        return ""
    sign, size = "-" if hours < 0 else "+", abs(hours)
    if by == "day" and size < 24:
        return "same day"
    if size >= 48 or by == "day":
        return f"{sign}{_count(round(size / 24), 'day')}"
    return f"{sign}{round(size * 60)} min" if size < 1 else f"{sign}{size:.1f} h"


def _csv_cells(row: Row) -> list[Cell]:
    credit = row.credit
    of_credit = (credit.agency, credit.kind, credit.text) if credit else (None, None, None)
    return [
        row.story,
        row.wire,
        row.version,
        row.incoming,
        row.outlet,
        row.words,
        row.story_percent,
        row.narrative_percent,
        row.relation,
        row.changes,
        row.headline,
        row.credited,
        *of_credit,
        "; ".join(row.other_agencies),
        row.wire_published,
        row.incoming_published,
        row.hours,
        row.hours_by,
        row.direction,
    ]


def story_heading(story: str, rows: Iterable[Row]) -> str:
    """Name a story and the agencies its versions name, safe to be shown."""
    agencies = dict.fromkeys(agency for row in rows for agency in row.agencies)
    return printable(f"{story} ({', '.join(agencies)})" if agencies else story)


def _used(rows: list[Row]) -> str:
    articles, outlets = len(rows), len({row.outlet for row in rows})
    silent = sum(not row.credited for row in rows)
    names = f"; {silent} {_names(silent)} no agency of ours" if silent else ""
    words = sum(row.words for row in rows)
    return (
        f"{words:,} words in {_count(articles, 'article')} of {_count(outlets, 'outlet')}{names}."
    )


def row_cells(row: Row) -> tuple[str, ...]:
    """Return what stands below `HEADINGS`, safe to be shown."""
    outside = row.narrative_percent
    cells = (
        row.incoming.removeprefix(f"{row.outlet}/"),
        row.outlet,
        f"{row.words:,}",
        "" if outside is None else f"{outside:.0f}%",
        _how(row),
        row.headline,
        _credit_text(row),
        after_text(row.hours, row.hours_by),
    )
    return tuple(printable(cell) for cell in cells)


def _how(row: Row) -> str:
    """Say whether the text was changed, and which version it is."""
    parts = [row.relation]
    if row.changes:
        parts.append(_count(row.changes, "change"))
    elif row.relation != "identical":
        parts.append("passages verbatim")
    if row.version:
        parts.append(f"version {row.version}")
    elif row.wire != row.story:
        parts.append(f"version {PurePath(row.wire).name}")
    return ", ".join(parts)


def _credit_text(row: Row) -> str:
    if row.credit is None:
        others = f" (names {', '.join(row.other_agencies)})" if row.other_agencies else ""
        return f"none{others}"
    text = " ".join(row.credit.text.split())
    if len(text) > _LONGEST_CREDIT:
        text = f"{text[: _LONGEST_CREDIT - 1]}…"
    return f"{row.credit.agency}, {row.credit.kind}: {text}"


def _list(rows: Iterable[Sequence[str]], width: int) -> str:
    """Write what would be a table, for a terminal too narrow for it: a paragraph an article."""
    lines = []
    for name, outlet, words, share, how, headline, credit, after in rows:
        facts = f"{words} words, {share or 'nothing'} of it outside quotations; {how}; headline "
        facts += f"{headline}; {'no credit' if credit == 'none' else credit}"
        facts += f"; {after}" if after else ""
        lines.append(f"- {name} ({outlet})")
        lines += textwrap.wrap(
            facts, min(width, WIDEST), initial_indent="    ", subsequent_indent="    "
        )
    return "\n".join(lines)


def _story_table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for heading, width in zip(HEADINGS, widths, strict=True):
        table.add_column(heading, width=width, justify="right" if heading in NUMBERS else "left")
    for cells in rows:
        table.add_row(*map(Text, cells))
    return table


def _outlet_table(outlets: Sequence[Outlet]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(OUTLET_HEADINGS[0], overflow="fold")
    for heading in OUTLET_HEADINGS[1:]:
        table.add_column(heading, justify="right")
    for outlet in outlets:
        table.add_row(*map(Text, outlet_cells(outlet)))
    return table


def _wrapped(text: str, width: int, role: str, paint: Paint) -> str:
    lines = textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)
    return "\n".join(paint(line, role) for line in lines)


def _lines(table: Table, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _names(number: int) -> str:
    return "names" if number == 1 else "name"
