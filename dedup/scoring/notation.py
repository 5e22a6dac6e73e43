"""Notation: figures and initials that are written differently and read the same.

"12,480", "12480" and "12.480" are one figure where each text's own decimal sign makes them so,
"2.3m" is "2,300,000", "1.4%" is "1.4 per cent", and "U.N." is "UN". In alignment such words are
one unit; words, shingles and signatures know nothing of it.

A decimal sign is a point or a comma. A figure that can be read with one of them alone ("1.4",
"2,300,000", "1.234,5") shows which one its text uses. One that can be read with both ("12,480")
is read with the sign of its text or, where that shows none, or both, with the sign of the text
compared with it; where that shows none either it equals only what is written the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.scoring.alignment import PARTS
from dedup.text.annotate import AnnotatedText
from dedup.text.hashing import Reader
from dedup.text.spaceless import Sizes
from dedup.text.words import Words

Numbers = npt.NDArray[np.int64]

_SIGNS = ".,"
_GROUPED = "[\u00a0\u2009\u202f]"  # spaces that do not part two figures
_FIGURE = re.compile(rf"(?<![^\W_])(?<![0-9][.,])[0-9]++(?:(?:[.,]|{_GROUPED})[0-9]++)*+")
_PERCENT = re.compile("[ \u00a0\u2009\u202f]?[%％٪]")
_CLOCK = re.compile(r"(?:[01]?[0-9]|2[0-4])\.[0-5][0-9]")  # also a day and a month

_PERCENT_WORDS = {
    ("percent",), ("pct",), ("pc",), ("prozent",), ("procent",), ("prosent",), ("per", "cent"),
    ("por", "ciento"), ("por", "cento"), ("per", "cento"), ("pour", "cent"),
}  # fmt: skip
_POWERS = {
    power: words.split()
    for power, words in {
        3: "k thousand mil",
        5: "lakh lakhs",
        6: "m mn mln mio million millions millon millones milhao milhoes milione milioni millionen "
        "miljoen miljon miljoner millioner",
        7: "crore crores",
        9: "b bn bln billion billions milliard milliards milliarde milliarden milliarder miliardo "
        "miliardi miljard miljarder bilhao bilhoes mrd mld mia",
        12: "tn trn trillion trillions billon billones billionen",
    }.items()
}
_AFTER: dict[tuple[str, ...], int | None] = {
    **{(word,): power for power, words in _POWERS.items() for word in words},
    ("mil", "millones"): 9,
    ("mil", "milhoes"): 9,
    **dict.fromkeys(_PERCENT_WORDS),
}
"""Folded words after a figure: the power of ten they multiply it by, None for a percentage."""
_BEGINS = {words[0] for words in _AFTER}
_FOLLOWS = re.compile("[ \u00a0\u2009\u202f]?")


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What alignment compares: words, and words that together are one figure or abbreviation.

    ``numbers`` int64[units] say which units are the same, -1 for one outside the body, which may
    not match. Unit ``u`` is the words from ``firsts[u]`` to ``firsts[u + 1]`` (exclusive);
    ``sizes`` are the sizes of the units before each, in `PARTS` of a word; both int64[units + 1].
    ``sign`` is the text's decimal sign, or empty. ``unsure`` int64[k] are the units that were left
    as written for want of one, ``readings`` int64[k, 2] their numbers by point and by comma.
    """

    numbers: Numbers
    firsts: Numbers
    sizes: Numbers
    sign: str
    unsure: Numbers
    readings: Numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def plain(self) -> bool:
        """Whether every word is a unit of its own."""
        return len(self.numbers) == int(self.firsts[-1])

    def read_with(self, sign: str) -> Numbers:
        """Return the numbers, what is unsure read with the decimal sign of another text."""
        if self.sign or not sign or not len(self.unsure):
            return self.numbers
        numbers = self.numbers.copy()
        numbers[self.unsure] = self.readings[:, _SIGNS.index(sign)]
        return numbers


def read_units(text: AnnotatedText, sizes: Sizes, reader: Reader) -> Units:
    """Number the words of a text, figures and initials as one each; ``sizes`` are the words'."""
    numbers = (text.hashes >> np.uint64(4)).astype(np.int64)
    numbers[~text.body] = -1
    parts = np.rint(sizes * PARTS).astype(np.int64)
    firsts = np.arange(len(numbers) + 1)
    figures, sign = _figures(text)
    groups = [group for group in (*figures, *_initials(text)) if _is_one(text, *group[:2])]
    unsure: list[int] = []
    readings = np.empty((0, 2), np.int64)
    if groups:
        keys = [key for _, _, key, _ in groups]
        keys += [key for *_, both in groups for key in both]
        hashed = (reader.hash(_as_words(keys))[0] >> np.uint64(4)).astype(np.int64)
        first = np.array([group[0] for group in groups])
        numbers[first] = hashed[: len(groups)]
        parts[first] = PARTS
        keep = np.ones(len(firsts), np.bool_)
        for start, end, *_ in groups:
            keep[start + 1 : end] = False
        firsts = np.flatnonzero(keep)
        numbers, parts = numbers[firsts[:-1]], parts[firsts[:-1]]
        unsure = [start for start, *_, both in groups if both]
        readings = hashed[len(groups) :].reshape(-1, 2)
    before = np.zeros(len(firsts), np.int64)
    np.cumsum(parts, out=before[1:])
    return Units(numbers, firsts, before, sign, firsts.searchsorted(unsure), readings)


Group = tuple[int, int, str, tuple[str, ...]]
"""First word and last (exclusive), what they are the same as, and its two readings if unsure."""


def _is_one(text: AnnotatedText, first: int, last: int) -> bool:
    return bool(text.body[first:last].all())


def _as_words(keys: list[str]) -> Words:
    places = np.zeros(len(keys), np.int64)
    return Words(" ".join(keys), places, places)


def _figures(annotated: AnnotatedText) -> tuple[list[Group], str]:
    """Find the figures that are more than a row of digits, and the text's decimal sign."""
    text, words = annotated.article.text, annotated.words
    found = list(_FIGURE.finditer(text))
    if not found:
        return [], ""
    folded = words.texts()
    edges = words.starts.searchsorted([edge for match in found for edge in match.span()]).tolist()
    shown = set()
    read = []
    for match, first, last in zip(found, edges[::2], edges[1::2], strict=True):
        figure = match[0]
        after = _after(text, words, folded, last, match)
        if after is None:
            continue
        last, power, percent = after
        if figure.isdigit():
            if power or percent:
                key = _value((figure, ""), power) + percent
                read.append((first, last, figure, power, percent, [key, key]))
            continue
        both = [_read(figure, sign) for sign in _SIGNS]
        if (both[0] is None) != (both[1] is None) and not _CLOCK.fullmatch(figure):
            shown.add(_SIGNS[both[0] is None])
        keys = [_value(one, power) + percent for one in both if one is not None]
        if keys:
            read.append((first, last, figure, power, percent, [keys[0], keys[-1]]))
    sign = shown.pop() if len(shown) == 1 else ""
    groups: list[Group] = []
    for first, last, figure, power, percent, keys in read:
        if keys[0] == keys[1] or sign:
            groups.append((first, last, keys[_SIGNS.find(sign)], ()))
        else:
            groups.append((first, last, f"{figure}e{power}{percent}", tuple(keys)))
    return groups, sign


def _after(
    text: str, words: Words, folded: list[str], last: int, match: re.Match[str]
) -> tuple[int, int, str] | None:
    """Read what follows a figure: its last word (exclusive), a power of ten, and "%" or nothing.

    None where letters follow that make it something else.
    """
    end = match.end()
    ends = int(words.ends[last - 1])
    if ends > end:
        letters = folded[last - 1].lstrip("0123456789")
        if (letters,) not in _AFTER:
            return None
        power = _AFTER[letters,]
        return last, power or 0, "" if power else "%"
    if _PERCENT.match(text, end):
        return last, 0, "%"
    if last < len(folded) and folded[last] in _BEGINS:
        for following in (tuple(folded[last : last + 2]), (folded[last],)):
            end = last + len(following)
            gaps = [text[words.ends[w - 1] : words.starts[w]] for w in range(last, end)]
            if following in _AFTER and all(_FOLLOWS.fullmatch(gap) for gap in gaps):
                power = _AFTER[following]
                return end, power or 0, "" if power else "%"
    return last, 0, ""


def _read(figure: str, sign: str) -> tuple[str, str] | None:
    """Read a figure with a decimal sign: its digits before and after it, None where it cannot."""
    whole, _, fraction = figure.partition(sign)
    if fraction and not fraction.isdigit():
        return None
    if whole.isdigit():
        return whole, fraction
    separators = set(whole) - set("0123456789")
    groups = re.split("[^0-9]", whole)
    sizes = [len(group) for group in groups]
    thousands = sizes[0] <= 3 and set(sizes[1:]) == {3}
    lakhs = sizes[0] <= 2 and sizes[-1] == 3 and set(sizes[1:-1]) == {2}
    if len(separators) > 1 or groups[0][0] == "0" or not (thousands or lakhs):
        return None
    return "".join(groups), fraction


def _value(figure: tuple[str, str], power: int) -> str:
    """Write a figure times a power of ten as digits, a point and digits, without idle zeros."""
    whole, fraction = figure
    digits = (whole + fraction).ljust(len(whole) + power, "0")
    whole, fraction = digits[: len(whole) + power], digits[len(whole) + power :].rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _initials(annotated: AnnotatedText) -> list[Group]:
    """Find initials with stops ("U.N.", "J. K.", "EE. UU."), and doubled without ("EE UU")."""
    text, starts, ends = annotated.article.text, annotated.words.starts, annotated.words.ends
    short, gaps = ends - starts <= 2, starts[1:] - ends[:-1]
    near = np.flatnonzero(short[:-1] & short[1:] & (gaps <= 2) & (gaps > 0)).tolist()
    chains: list[list[int]] = []
    for word in near:
        if _belong(text, *starts[word : word + 2].tolist(), *ends[word : word + 2].tolist()):
            if chains and chains[-1][1] == word + 1:
                chains[-1][1] = word + 2
            else:
                chains.append([word, word + 2])
    return [
        (first, last, "".join(annotated.words.texts()[first:last]), ()) for first, last in chains
    ]


def _belong(text: str, start: int, next_start: int, end: int, next_end: int) -> bool:
    """Say whether two short words are initials of one name."""
    one, other, between = text[start:end], text[next_start:next_end], text[end:next_start]
    if not (_is_initial(one) and _is_initial(other)):
        return False
    if between == ".":
        return True
    capitals = one.isupper() and other.isupper()
    if between == ". ":  # and not the "A" that begins the next sentence
        return capitals and text[next_end : next_end + 1] == "."
    return between == " " and capitals and len(one) == len(other) == 2


def _is_initial(word: str) -> bool:
    return word.isalpha() and (len(word) == 1 or word[0] == word[1])
