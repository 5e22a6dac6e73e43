"""Lines and paragraphs of a text, and what each looks like by itself.

What headline, furniture and credits are judged by; the words that tell page furniture from prose
are in ``furniture.toml``, by language.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dedup.text.spaceless import CHARACTERS

_STOPS = frozenset(".!?…。！？؟‥।॥۔።։။។")
_AFTER_STOP = " \t\xa0\"'”’“‘»›«‹)]}＂*`´-–—_"

# A break inside a paragraph of a hard-wrapped text: the line before is about as long as people and
# mail programs wrap them, has no closing stop, and the next one goes on in lower case.
_WRAP_SHORTEST = 20
_WRAP_LONGEST = 140
_WRAP_SHARE = 4

# Lines longer than these many words are not furniture by their first words, without a closing stop,
# or by the photo credit they end with.
_LONGEST_START = 40
_LONGEST_LOOSE_START = 90
_LONGEST_LOOSE = 45
_LONGEST_CAPTION = 70

_SPACELESS = (
    (CHARACTERS["Han"], re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")),
    (CHARACTERS["Thai"], re.compile(r"[\u0e00-\u0eff]+")),
    (CHARACTERS["Khmer"], re.compile(r"[\u1000-\u109f\u1780-\u17ff]+")),
)
"""Han and kana, Thai and Lao, Khmer and Myanmar: characters of a word, and where they stand."""

TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
_SEPARATOR = re.compile(r"\s[/|>»›·→]\s|\s?[›»|•]\s")
_LIST_MARK = re.compile(r"[-–—•*·▪►■●‣◦]\s*\S|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d\d|\d{4}-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S+\.\w")
_CUT_SENTENCE = re.compile(r"[a-z)”\"][.!?][”\"]? [A-Z“\"]")


class Kind(Enum):
    """What a paragraph looks like by itself.

    ``PROSE`` ends as a sentence; ``LOOSE`` does not; ``ASIDE`` does, but may be a headline (a short
    question); ``LIST`` is a row of a table or a list; ``CUE`` is furniture by its own words;
    ``RULE`` has no words.
    """

    PROSE = "prose"
    LOOSE = "loose"
    ASIDE = "aside"
    LIST = "list"
    CUE = "cue"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class _Cues:
    """The words of ``furniture.toml``, all languages together."""

    by_first: dict[str, tuple[str, ...]]
    stamp: frozenset[str]
    photo: re.Pattern[str]


class Line(NamedTuple):
    """A line that is not blank, without the white space around it.

    ``start`` and ``end`` are offsets into the article's text; ``gap`` says that a blank line (or
    the start of the text) stands before it.
    """

    text: str
    start: int
    end: int
    gap: bool


def lines(text: str) -> list[Line]:
    """Split a text into its non-blank lines, in order."""
    found: list[Line] = []
    last, end = -1, 0
    for row in text.splitlines(keepends=True):
        end += len(row)
        inside = row.lstrip()
        if not inside:
            continue
        start = end - len(inside)
        stripped = inside.rstrip()
        between = text[last:start] if start > last + 1 else ""
        gap = last < 0 or between == "\n\n" or (between != "" and _has_blank_line(between))
        last = start + len(stripped)
        found.append(Line(stripped, start, last, gap))
    return found


def _has_blank_line(between: str) -> bool:
    """Tell whether the white space between two lines holds more than one line end."""
    return (between.count("\n") or between.count("\r")) > 1


def paragraphs(text: str) -> list[Line]:
    """Split a text into its paragraphs, in order.

    A line is a paragraph, except in hard-wrapped texts, where a paragraph runs on over single
    line ends until a blank line, an indented line, or a line that ends well short of the width.
    """
    return joined_lines(text, lines(text))


def joined_lines(text: str, found: list[Line]) -> list[Line]:
    """Join the lines of a text to its paragraphs."""
    if not is_wrapped(found):
        return found
    width = sorted(len(line.text) for line in found)[len(found) * 3 // 4]
    joined: list[Line] = []
    first = found[0]
    for before, line in pairwise(found):
        short = ends_with_stop(before.text) and len(before.text) * 4 < width * 3
        indented = ends_with_stop(before.text) and _indent(text, line) > _indent(text, before)
        if line.gap or short or indented or len(before.text) * 2 < width:
            joined.append(_between(text, first, before))
            first = line
    joined.append(_between(text, first, found[-1]))
    return joined


def is_wrapped(found: list[Line]) -> bool:
    """Tell whether single line ends of a text are mostly breaks inside its paragraphs."""
    breaks = inside = 0
    for before, line in pairwise(found):
        if line.gap:
            continue
        breaks += 1
        if (
            line.text[0].islower()
            and _WRAP_SHORTEST <= len(before.text) <= _WRAP_LONGEST
            and not ends_with_stop(before.text)
        ):
            inside += 1
    return inside > 0 and inside * _WRAP_SHARE >= breaks


def ends_with_stop(text: str) -> bool:
    """Tell whether a line ends as a sentence does, closing marks and brackets left aside."""
    return text.rstrip(_AFTER_STOP)[-1:] in _STOPS if text else False


def kinds(found: list[Line], lows: list[str], counts: list[int]) -> list[Kind]:
    """Tell what each paragraph looks like by itself.

    ``lows`` are they in lower case, ``counts`` their words by `word_counts`.
    """
    cues = _cues()
    return [
        _kind(line.text, low, count, cues)
        for line, low, count in zip(found, lows, counts, strict=True)
    ]


def word_counts(text: str, found: list[Line]) -> list[int]:
    """Return how many words each paragraph has, by its spaces or, in scripts without, its length.

    ``text`` is that of all paragraphs ``found``.
    """
    counts = [
        len(line.text.split()) if "  " in line.text else line.text.count(" ") + 1 for line in found
    ]
    for characters, script in _SPACELESS if _may_be_spaceless(text) else ():
        if script.search(text):
            for i, line in enumerate(found):
                counts[i] += sum(len(run) for run in script.findall(line.text)) // characters
    return counts


def _may_be_spaceless(text: str) -> bool:
    """Tell quickly that a text has no character of those scripts, as most have not."""
    if text.isascii():
        return False
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    return bool((codes - 0xE00 < 0xA00).any() or (codes >= 0x3040).any())


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a line in lower case."""
    return TOKEN.findall(text.lower().replace("’", "'"))


def _kind(text: str, low: str, count: int, cues: _Cues) -> Kind:
    stop = ends_with_stop(text)
    if count > _LONGEST_LOOSE_START or (stop and count > _LONGEST_LOOSE):
        return Kind.PROSE
    low = low.replace("’", "'")
    if count <= (_LONGEST_START if stop else _LONGEST_LOOSE_START) and _is_cue(low, cues):
        return Kind.CUE
    if stop:
        if count <= 8 and low.endswith("m.") and _is_stamp(low, TOKEN.findall(low), cues):
            return Kind.CUE
        if text[-1] in "?!" and count <= 20 and text[0] not in "\"'“‘«":
            return Kind.ASIDE
        return Kind.PROSE
    if not TOKEN.search(low):
        return Kind.RULE
    return _loose_kind(text, low, count, cues)


def _is_cue(low: str, cues: _Cues) -> bool:
    """Tell whether a line begins with words of page furniture."""
    if low[0] == "©" or low.startswith("copyright ©"):
        return True
    first = TOKEN.search(low)
    if first is None:
        return False
    for phrase in cues.by_first.get(first.group(), ()):
        at = low.find(phrase, 0, len(phrase) + 3)
        if 0 <= at <= first.start() and not _goes_on(low, at + len(phrase)):
            return True
    return False


def _loose_kind(text: str, low: str, count: int, cues: _Cues) -> Kind:
    """Tell what a line without closing stop looks like."""
    if count <= _LONGEST_CAPTION and cues.photo.search(text):
        return Kind.CUE
    if count > _LONGEST_LOOSE or (count > 25 and _CUT_SENTENCE.search(text)):
        return Kind.PROSE
    if count > 7 and text[-1] == ":":
        return Kind.PROSE
    words = TOKEN.findall(low)
    if count <= 20 and _is_stamp(low, words, cues):
        return Kind.CUE
    if count <= 8 and _ADDRESS.search(text):
        return Kind.CUE
    if count <= 30 and len(_SEPARATOR.findall(text)) > 1:
        return Kind.CUE
    figures = sum(word[0].isdigit() for word in words)
    if (figures > 1 and figures * 3 >= len(words)) or "\t" in text:
        return Kind.LIST
    return Kind.LIST if _LIST_MARK.match(text) else Kind.LOOSE


def _goes_on(low: str, end: int) -> bool:
    """Tell whether a word goes on at ``end``, so that a phrase is only the beginning of it."""
    return low[end - 1 : end + 1].isalnum() and len(low) > end


def _is_stamp(low: str, words: list[str], cues: _Cues) -> bool:
    """Tell whether a line is nothing but a date or a time, and perhaps who or what it is of."""
    other = sum(word not in cues.stamp and not word.isdigit() for word in words)
    if other > 2 or not any(word.isdigit() for word in words):
        return False
    said = any(len(word) > 2 and word in cues.stamp for word in words)
    clock = _CLOCK.search(low) is not None
    if other == 0:
        return said or clock or ("." in low and ("a.m" in low or "p.m" in low))
    return said and (clock or any(len(word) == 4 and word.isdigit() for word in words))


@cache
def _groups() -> dict[str, list[str]]:
    read = files("dedup.text").joinpath("furniture.toml").read_text(encoding="utf-8")
    groups: dict[str, list[str]] = defaultdict(list)
    for language in tomllib.loads(read).values():
        for group, phrases in language.items():
            groups[group] += phrases
    return groups


@cache
def _cues() -> _Cues:
    groups = _groups()
    by_first: dict[str, list[str]] = defaultdict(list)
    for phrase in groups["start"]:
        first = TOKEN.search(phrase)
        by_first[first.group() if first else phrase].append(phrase)
    names = "|".join(sorted(map(re.escape, groups["caption"]), key=len, reverse=True))
    photo = re.compile(
        rf"\([^()]{{0,80}}\b(?:{names})\b[^()]{{0,60}}\)$"
        rf"|(?:/|\bvia|[-–—])\s?(?:{names})(?: (?:images|file|photos?|via getty images))?$"
        rf"|(?-i:\([A-Z][^()/\d]{{1,40}}/ ?[A-Z][^()\d]{{1,60}}\)$)"
        rf"|\bgetty images$|\bap photo$"
        rf"|(?:^|[.!?”\"’)\]]\s?)(?:photos?|picture|image|credit|fotos?|imagen|bild)\b[^.!?]{{2,60}}$",
        re.IGNORECASE,
    )
    return _Cues(
        {first: tuple(phrases) for first, phrases in by_first.items()},
        frozenset(groups["stamp"]),
        photo,
    )


def _indent(text: str, line: Line) -> int:
    """Return how many white-space characters stand before a line on its row."""
    at = line.start
    while at > 0 and text[at - 1] in " \t\xa0":
        at -= 1
    return line.start - at


def _between(text: str, first: Line, last: Line) -> Line:
    return Line(text[first.start : last.end], first.start, last.end, first.gap)
