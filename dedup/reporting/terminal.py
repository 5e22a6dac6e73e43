"""A match on the terminal: the sentences first, then the passages with what was changed.

A passage shows the source's wording; what was cut from it stands in [-brackets-], what was added
in {+braces+}, so that it reads without colour too.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Callable

from dedup.article import Article, Span
from dedup.reporting.printable import printable
from dedup.reporting.wording import headlines, kind_of, name
from dedup.scoring.match import Match
from dedup.scoring.spans import AlignedSpan

Paint = Callable[[str, str], str]
"""``paint(text, role)`` colours a text; roles are ``cut``, ``added``, ``heading`` and ``dim``."""

WIDEST = 100

_MARKED = re.compile(r"(\[-.*?-\])|(\{\+.*?\+\})", re.DOTALL)
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")


def plain(text: str, role: str) -> str:  # noqa: ARG001 - the colourless Paint
    """Paint nothing."""
    return text


def render_match(
    match: Match, a: Article, b: Article, *, context: int = 12, paint: Paint = plain
) -> str:
    """Write a match for a person: verdict, shares, passages, reasons.

    Of equal text, ``context`` words are shown on either side of a change or an end of a passage.
    """
    width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    swapped = match.direction == "b->a"
    source, copy = (b, a) if swapped else (a, b)
    blocks = ["\n".join(headlines(match))]
    for number, span in enumerate(match.spans, 1):
        passage = _passage(span, source.text, copy.text, swapped, context)
        role = "heading" if span.is_evidence else "dim"
        heading = paint(_heading(number, match, span), role)
        blocks.append(f"{heading}\n{_paint_marked(_wrap(passage, width), paint)}")
    blocks.append("\n".join(paint(f"- {printable(reason)}", "dim") for reason in match.reasons))
    return "\n\n".join(blocks)


def render_check(article_id: str, matches: list[Match], known: int, paint: Paint = plain) -> str:
    """Write what a checked article was taken from: the sentences of each match, best first."""
    if not matches:
        return f"{printable(article_id)}: no source found among {known} articles.\n"
    blocks = []
    for match in matches:
        first, *rest = headlines(match)
        blocks.append("\n".join([paint(first, "heading"), *rest]))
    return "\n".join(blocks) + "\n"


def _heading(number: int, match: Match, span: AlignedSpan) -> str:
    said = ", ".join(filter(None, (f"{span.words} words", kind_of(span))))
    return (
        f"Passage {number}: {said} "
        f"({name(match.a)} {span.a[0]}-{span.a[1]}, {name(match.b)} {span.b[0]}-{span.b[1]})"
    )


def _passage(span: AlignedSpan, source: str, copy: str, swapped: bool, context: int) -> str:
    start, end = span.b if swapped else span.a
    pieces: list[str] = []
    at = start
    for change in span.changes:
        of_source, of_copy = (change.b, change.a) if swapped else (change.a, change.b)
        pieces.append(_equal(source[at : of_source[0]], context))
        pieces.append(_change(_cut(source, of_source), _cut(copy, of_copy)))
        at = of_source[1]
    pieces.append(_equal(source[at:end], context))
    return "".join(pieces)


def _equal(text: str, context: int) -> str:
    """Show equal text, the middle left out where it is longer than the context asked for."""
    words = list(re.finditer(r"\S+", text))
    left_out = len(words) - 2 * context
    if left_out <= 1:
        return _flat(text)
    before, after = words[context].start(), words[-context - 1].end()
    return f"{_flat(text[:before])}[... {left_out} words ...]{_flat(text[after:])}"


def _flat(text: str) -> str:
    """Make white space single spaces, and paragraphs single line ends."""
    return "\n".join(printable(part) for part in _PARAGRAPH.split(re.sub(r"[^\S\n]+", " ", text)))


def _change(cut: str, added: str) -> str:
    if cut and added:
        return f"[-{cut}-] {{+{added}+}}"
    return f"[-{cut}-]" if cut else f"{{+{added}+}} "


def _cut(text: str, span: Span) -> str:
    return " ".join(printable(text[span[0] : span[1]]).split())


def _wrap(text: str, width: int) -> str:
    return "\n".join(
        textwrap.fill(
            paragraph, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        for paragraph in text.split("\n")
    )


def _paint_marked(text: str, paint: Paint) -> str:
    def painted(match: re.Match[str]) -> str:
        role = "cut" if match.group(1) else "added"
        return "\n".join(
            line[: len(line) - len(line.lstrip())] + paint(line.lstrip(), role)
            for line in match.group().split("\n")
        )

    return _MARKED.sub(painted, text)
