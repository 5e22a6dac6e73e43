"""Furniture: menus, captions, galleries, footers and other words of the page around the story.

A paragraph is judged by its own words (``lines.kinds``), and where it has no closing stop by its
place: before, inside or after the story (``headline.read_page``), and what stands around it.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from itertools import pairwise

from dedup.article import Span
from dedup.text.headline import Page, choose_headline, read_page
from dedup.text.lines import Kind, Line

_LONGEST_LOOSE = 45
"""Words up to which a line without closing stop may be a caption or a link."""
_LONGEST_SUBHEADING = 14
"""Words up to which one line without stop inside the story is not a sentence that lost it."""
_LONGEST_BESIDE = 25
"""Words up to which a line between headline and story may be a standfirst."""
_LONGEST_SENTENCE = 12
"""Words up to which a sentence before the headline, or a line cut short, goes with the page."""
_LONGEST_RUN = 2
"""Lines without stop inside the story, one after the other, that are not yet taken for a list."""
_SHORT_CAPTION = 8
"""Words up to which a line that stands twice in a row may be anything."""
_FEWEST = 3
"""Captions that make a gallery, other paragraphs of a page that has one, and times that a paragraph
of page text comes where nothing else tells it."""
_MOST_REFRAINS = 0.9
"""Share of a text, in characters, up to which such paragraphs are taken from it."""
_COUNTER = re.compile(r"(\d{1,3}) ?(?:of|de|von|van|sur|di|av|из|z|/) ?(\d{1,3})(?![\d.,/]?\d)")
"""The number of a picture in a gallery, and how many there are."""

_QUOTE_MARKS = "\"'“‘«„»‹"


def furniture(text: str, title: str | None = None) -> list[Span]:
    """Return the spans of page furniture, sorted and disjoint: whole lines, or glued-on prompts."""
    return headline_and_furniture(text, title)[1]


def headline_and_furniture(
    text: str,
    title: str | None = None,
    found: list[Line] | None = None,
) -> tuple[Span | None, list[Span]]:
    """Return what ``headline`` and ``furniture`` return, reading the text once.

    ``found`` are the text's paragraphs, where they are known.
    """
    page = read_page(text, found)
    chosen = choose_headline(page, title)
    at = chosen[0] if chosen else -1
    masked = [kind is Kind.CUE for kind in page.kinds]
    if at >= 0:
        masked[at] = False
    if page.end and _has_structure(page):
        _mask_before(page, at, masked)
        _mask_inside(page, masked)
        _mask_behind(page, masked)
    _mask_galleries(page, masked)
    _mask_refrains(page, masked)
    spans: list[Span] = []
    for i, line in enumerate(page.paragraphs):
        if i == at and chosen:
            start, end = chosen[1]
            spans += [span for span in ((line.start, start), (end, line.end)) if span[0] < span[1]]
        elif masked[i]:
            spans.append((line.start, line.end))
    return chosen[1] if chosen else None, spans


def _mask_galleries(page: Page, masked: list[bool]) -> None:
    """Mask the captions of galleries: counted ("1 of 12", "2 of 12"), or each of them twice."""
    counters = [
        (match.start(), int(match[1]), int(match[2])) for match in _COUNTER.finditer(page.text)
    ]
    steps = [
        after[2] == before[2] and after[1] == before[1] + 1 for before, after in pairwise(counters)
    ]
    starts = [line.start for line in page.paragraphs]
    for at, (step, next_step) in enumerate(pairwise(steps)):
        if step and next_step:
            for place, _, _ in counters[at : at + 3]:
                masked[bisect(starts, place) - 1] = True
    twice = [
        i
        for i, (line, after) in enumerate(pairwise(page.paragraphs))
        if line.text == after.text and page.counts[i] > _SHORT_CAPTION
    ]
    long = sum(count > _SHORT_CAPTION for count in page.counts)
    if len(twice) >= _FEWEST and long - 2 * len(twice) >= _FEWEST:  # else all of it stands twice
        for i in twice:
            masked[i] = masked[i + 1] = True


def _mask_refrains(page: Page, masked: list[bool]) -> None:
    """Mask paragraphs that come again and again: a page repeats itself, a story does not.

    Where hardly anything else is left, the text itself was pasted more than once and stays.
    """
    times = Counter(line.text for line in page.paragraphs)
    refrains = [i for i, line in enumerate(page.paragraphs) if times[line.text] >= _FEWEST]
    whole = sum(len(line.text) for line in page.paragraphs)
    if sum(len(page.paragraphs[i].text) for i in refrains) <= _MOST_REFRAINS * whole:
        for i in refrains:
            masked[i] = True


def _has_structure(page: Page) -> bool:
    """Tell whether a line without stop says something: whether they are rare, or many and short.

    A text whose paragraphs are mostly long and without stop (headlines, verse, bad punctuation)
    is masked by cue words only.
    """
    prose = long_inside = long_outside = short = 0
    for i, (count, kind) in enumerate(zip(page.counts, page.kinds, strict=True)):
        inside = page.begin <= i < page.end
        if kind is Kind.PROSE:
            prose += inside
        elif kind is not Kind.LOOSE:
            short += kind is Kind.CUE
        elif count <= _LONGEST_SENTENCE:
            short += 1
        elif inside:
            long_inside += 1
        else:
            long_outside += 1
    return long_inside <= max(3, prose) and long_outside <= max(3, prose, short)


def _mask_before(page: Page, at: int, masked: list[bool]) -> None:
    """Mask what stands before the story: short sentences ahead of the headline, links after it."""
    for i in range(page.begin):
        kind, length = page.kinds[i], page.counts[i]
        if i == at:
            continue
        if kind is Kind.LOOSE:
            masked[i] = masked[i] or length <= (_LONGEST_LOOSE if i < at else _LONGEST_BESIDE)
        elif length <= _LONGEST_SENTENCE and at >= 0:
            masked[i] = masked[i] or (kind is not Kind.RULE if i < at else kind is Kind.ASIDE)


def _mask_inside(page: Page, masked: list[bool]) -> None:
    """Mask captions, subheadings and links between the paragraphs of the story."""
    long = [i for i in range(page.begin, page.end) if _is_long(page, i)]
    i = page.begin
    while i < page.end:
        if page.kinds[i] is Kind.PROSE:
            i += 1
            continue
        run = i
        while run < page.end and page.kinds[run] is not Kind.PROSE:
            run += 1
        _mask_run(page, i, run, masked)
        i = run
    if len(long) == 1:
        masked[long[0]] = False  # where captions have no stop there is more than one


def _is_long(page: Page, i: int) -> bool:
    return page.kinds[i] is Kind.LOOSE and page.counts[i] > _LONGEST_SUBHEADING


def _mask_run(page: Page, first: int, last: int, masked: list[bool]) -> None:
    """Mask the lines without stop from ``first`` to ``last``, unless they look like a list."""
    loose = [i for i in range(first, last) if page.kinds[i] is Kind.LOOSE]
    if page.paragraphs[first - 1].text.endswith(":"):
        return
    if len(loose) <= _LONGEST_RUN or Kind.CUE in page.kinds[first:last]:
        for i in loose:
            masked[i] = masked[i] or _is_aside(page, i)


def _is_aside(page: Page, i: int) -> bool:
    """Tell whether a line without stop stands by itself: neither quoted nor cut from a sentence."""
    line = page.paragraphs[i].text
    if line[0] in _QUOTE_MARKS or line[0].islower() or line[-1] in ":,;-–—":
        return False
    if page.counts[i] > _LONGEST_LOOSE:
        return False
    if line[-1] in "”»" and "“" not in line and "«" not in line:
        return False  # the end of a quotation over several paragraphs
    after = page.paragraphs[i + 1].text if i + 1 < len(page.paragraphs) else ""
    return not after[:1].islower()


def _mask_behind(page: Page, masked: list[bool]) -> None:
    """Mask links and footers after the story."""
    listing = page.paragraphs[page.end - 1].text.endswith(":")
    for i in range(page.end, len(page.paragraphs)):
        kind, length, text = page.kinds[i], page.counts[i], page.paragraphs[i].text
        if kind is Kind.CUE:
            listing = False
        elif kind is Kind.PROSE:
            listing = text.endswith(":")
        elif kind in (Kind.LOOSE, Kind.ASIDE) and not listing:
            cut = (i == page.end and length > _LONGEST_SENTENCE) or text[-1] == ":"
            alone = kind is Kind.ASIDE and not any(masked[page.end : i])
            quoted = text[0] in _QUOTE_MARKS and length > _SHORT_CAPTION
            masked[i] = not (cut or alone or quoted or length > _LONGEST_LOOSE)
        elif kind is Kind.LIST and not listing and i > page.end:
            masked[i] = masked[i - 1]
