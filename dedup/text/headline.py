"""Where the story of a page stands, and its headline."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.article import Span
from dedup.text.lines import TOKEN, Kind, Line, kinds, paragraphs, tokens, word_counts

# What a paragraph adds to the story it stands in: the story is the run with the greatest sum, so
# that a sentence between menus does not begin it and a link between paragraphs does not end it.
_PROSE_MOST = 60
_WORTH = {Kind.CUE: -4, Kind.LIST: 1}
_SHORT_LOOSE = -10
_LONG_LOOSE = -6

_LONGEST_HEADLINE = 30
_SHORTEST = 4
_SAME_TITLE = 0.5
_ENOUGH_SHARED = 0.5
_SOME_SHARED = 0.3
_MANY_SHARED = 3
_FEW_BEFORE = 8
_SAMPLE = 1500

_DATE_BEFORE = re.compile(
    r"(?:(?:date|fecha|datum|updated|published)[:\s]+)?"
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})(?:[T ,]+\d{1,2}:\d\d(?::\d\d)?)?[\s|:–—-]+",
    re.IGNORECASE,
)
_SITE_AFTER = re.compile(r"\s[|•·»]\s.{1,40}$")


@dataclass(frozen=True, slots=True)
class Page:
    """A text as paragraphs with their kinds; the story is ``paragraphs[begin:end]``.

    ``lows`` are the paragraphs in lower case, ``counts`` the words of each, by `word_counts`.
    """

    text: str
    paragraphs: list[Line]
    lows: list[str]
    counts: list[int]
    kinds: list[Kind]
    begin: int
    end: int


def headline(text: str, title: str | None = None) -> Span | None:
    """Return where the headline stands in the text, or None where it has none.

    It is the line that says what ``title`` says, else the first line before the story that is not
    furniture, has no closing stop, and speaks of what the story speaks of.
    """
    page = read_page(text)
    chosen = choose_headline(page, title)
    return None if chosen is None else chosen[1]


def read_page(text: str, found: list[Line] | None = None) -> Page:
    """Read a text as a page: its paragraphs, what they look like, and where the story stands.

    ``found`` are its paragraphs, where they are known.
    """
    if found is None:
        found = paragraphs(text)
    lows = [line.text.lower() for line in found]
    counts = word_counts(text, found)
    looks = kinds(found, lows, counts)
    begin = end = 0
    best = total = 0
    first = 0
    for i, (words, kind) in enumerate(zip(counts, looks, strict=True)):
        if total <= 0:
            total, first = 0, i
        total += _worth(words, kind)
        if total > best:
            best, begin, end = total, first, i + 1
    while begin < end and looks[begin] is not Kind.PROSE:
        begin += 1
    return Page(text, found, lows, counts, looks, begin, end)


def choose_headline(page: Page, title: str | None = None) -> tuple[int, Span] | None:
    """Return the paragraph that holds the headline of a page, and the headline's own span."""
    story: set[str] | None = None
    if title and (wanted := _folded(title)):
        same = [i for i in range(len(page.paragraphs)) if _is_title(page, i, wanted)]
        if same:
            before = [i for i in same if i < page.begin] or same[:1]
            story = _stems(_story(page))
            if _shared(wanted, story) or not page.end:
                exact = [i for i in before if _folded(page.paragraphs[i].text) == wanted]
                return _spanned(page, (exact or before)[-1])
    candidates = _candidates(page)
    if not page.end and len(page.paragraphs) > 1 and _may_be(page, 0):
        return _spanned(page, 0) if len(tokens(page.paragraphs[0].text)) >= _SHORTEST else None
    if not candidates:
        return None
    story = story or _stems(_story(page))
    for least in (_SHORTEST, 2):
        for i in candidates:
            words = tokens(page.paragraphs[i].text)
            if len(words) >= least and _speaks_of(words, story):
                return _spanned(page, i)
        if least == _SHORTEST and page.begin <= _FEW_BEFORE:
            for i in candidates:
                if len(tokens(page.paragraphs[i].text)) >= least:
                    return _spanned(page, i)
    return None


def _candidates(page: Page) -> list[int]:
    """Return the paragraphs before the story that may be its headline."""
    return [i for i in range(page.begin) if _may_be(page, i)]


def _worth(words: int, kind: Kind) -> int:
    if kind is Kind.PROSE:
        return min(words, _PROSE_MOST)
    if kind is Kind.LOOSE:
        return _SHORT_LOOSE if words <= 8 else _LONG_LOOSE
    return _WORTH.get(kind, 0)


def _may_be(page: Page, i: int) -> bool:
    line = page.paragraphs[i]
    return (
        page.kinds[i] in (Kind.LOOSE, Kind.ASIDE)
        and page.counts[i] <= _LONGEST_HEADLINE
        and line.text[-1] not in ":;,-–—"
    )


def _is_title(page: Page, i: int, wanted: list[str]) -> bool:
    """Tell whether a paragraph says what the title says, a site's name left aside."""
    line = page.paragraphs[i]
    if line.end - line.start > 400:
        return False
    low = _without_apostrophes(page.lows[i])
    if wanted[0] not in low and wanted[-1] not in low:
        return False  # most lines
    first = TOKEN.search(low)
    if first is None:
        return False
    if first.group() != wanted[0]:  # then it can only end as the title does
        last = low.rfind(wanted[-1])
        if last < 0 or TOKEN.search(low, last + len(wanted[-1])):
            return False
    words = TOKEN.findall(low)
    if words == wanted:
        return True
    shorter, longer = sorted((words, wanted), key=len)
    if len(shorter) < 3 or len(shorter) < _SAME_TITLE * len(longer):
        return False
    return longer[: len(shorter)] == shorter or longer[-len(shorter) :] == shorter


def _spanned(page: Page, i: int) -> tuple[int, Span]:
    """Cut a date before a headline, and a site's name after it, from its span."""
    words = tokens(page.paragraphs[i].text)
    for j in range(page.begin - 1, i, -1):  # a page names its story more than once: the last is it
        if page.kinds[j] is not Kind.PROSE and tokens(page.paragraphs[j].text) == words:
            i = j
            break
    line = page.paragraphs[i]
    start, end = line.start, line.end
    before = _DATE_BEFORE.match(line.text)
    if before and before.end() < len(line.text):
        start += before.end()
    after = _SITE_AFTER.search(page.text, start, end)
    if after:
        end = after.start()
    return i, (start, end)


def _folded(text: str) -> list[str]:
    return tokens(_without_apostrophes(text))


def _without_apostrophes(text: str) -> str:
    return text.replace("'", "").replace("’", "").replace("‘", "")


def _story(page: Page) -> str:
    """Return the beginning of the story."""
    lines = page.paragraphs[page.begin : page.end]
    if not lines:
        return ""
    start = lines[0].start
    return page.text[start : min(lines[-1].end, start + _SAMPLE)]


def _stems(text: str) -> set[str]:
    return {word[:6] for word in tokens(text) if len(word) > 3}


def _shared(words: list[str], story: set[str]) -> list[str]:
    """Return the longer words of a line that the story has too."""
    return [word for word in words if word[:6] in story]


def _speaks_of(words: list[str], story: set[str]) -> bool:
    """Tell whether a line shares half of its longer words with the story, or several of them."""
    long = [word for word in words if len(word) > 3 and not word.isdigit()]
    shared = len(_shared(long, story))
    if shared >= _MANY_SHARED:
        return shared >= _SOME_SHARED * len(long)
    return shared > 0 and shared >= _ENOUGH_SHARED * len(long)
