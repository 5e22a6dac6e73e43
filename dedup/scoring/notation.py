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
from functools import cache

import numpy as np
import numpy.typing as npt

from dedup.scoring.alignment import PARTS
from dedup.text.annotate import AnnotatedText, Mask
from dedup.text.hashing import Places, hash_texts, letters, word_bounds
from dedup.text.spaceless import Sizes

Numbers = npt.NDArray[np.int64]

_SIGNS = ".,"
_SPACES = "\u00a0\u2009\u202f"  # those that group the digits of one figure
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
_FOLLOWS = ("", " ", *_SPACES)
_SEPARATORS = (*_SIGNS, *_SPACES)
_JOINS = re.compile(rf"[{_SIGNS}{_SPACES}]\d|{_PERCENT.pattern}")
_DIGITS = "0123456789"


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


def read_units(text: AnnotatedText, sizes: Sizes) -> Units:
    """Number the words of a text, figures and initials as one each; ``sizes`` are the words'."""
    numbers = (text.hashes >> np.uint64(4)).astype(np.int64)
    numbers[~text.body] = -1
    parts = np.rint(sizes * PARTS).astype(np.int64)
    firsts = np.arange(len(numbers) + 1)
    groups, sign = _find_groups(text) if len(numbers) else ([], "")
    if groups:
        body = text.body.tolist()
        groups = [group for group in groups if all(body[group[0] : group[1]])]
    unsure: list[int] = []
    readings = np.empty((0, 2), np.int64)
    if groups:
        keys = [group[2] for group in groups]
        keys += [reading for group in groups for reading in group[3]]
        hashed = (hash_texts(keys) >> np.uint64(4)).astype(np.int64)
        first = [group[0] for group in groups]
        numbers[first] = hashed[: len(groups)]
        parts[first] = PARTS
        keep = np.ones(len(firsts), np.bool_)
        keep[[word for start, end, *_ in groups for word in range(start + 1, end)]] = False
        firsts = np.flatnonzero(keep)
        numbers, parts = numbers[firsts[:-1]], parts[firsts[:-1]]
        unsure = [group[0] for group in groups if group[3]]
        readings = hashed[len(groups) :].reshape(-1, 2)
    before = np.zeros(len(firsts), np.int64)
    np.cumsum(parts, out=before[1:])
    return Units(numbers, firsts, before, sign, firsts.searchsorted(unsure), readings)


Group = tuple[int, int, str, tuple[str, ...]]
"""First word and last (exclusive), what they are the same as, and its two readings if unsure."""


class _Words:
    """The words of a text as plain Python values, one looked at here and there."""

    def __init__(self, annotated: AnnotatedText, bounds: tuple[Places, Places]) -> None:
        self.text = annotated.article.text
        self._folded = annotated.words.folded
        self._starts, self._ends = annotated.words.starts, annotated.words.ends
        self._bounds = bounds

    def __len__(self) -> int:
        return len(self._starts)

    def folded(self, word: int) -> str:
        start = int(self._bounds[0][word])
        return self._folded[start : start + int(self._bounds[1][word])]

    def written(self, word: int) -> str:
        return self.text[self._starts[word] : self._ends[word]]

    def after(self, word: int) -> str:
        """Return what separates a word from the next, a few characters at most."""
        end = int(self._ends[word])
        most = self._starts[word + 1] if word + 1 < len(self) else len(self.text)
        return self.text[end : min(most, end + 4)]


def _find_groups(text: AnnotatedText) -> tuple[list[Group], str]:
    """Find the words that are figures or initials together, and the text's decimal sign."""
    codes = letters(text.words.folded)
    bounds = starts, lengths = word_bounds(codes)
    first, last = codes[starts], codes[starts + lengths - 1]
    digits = np.flatnonzero(first - np.uint32(ord("0")) < len(_DIGITS))
    initial = (lengths <= 2) & (first == last)  # a letter, or one twice
    apart = text.words.starts[1:] > text.words.ends[:-1]
    near = np.flatnonzero(initial[:-1] & initial[1:] & apart)
    words = _Words(text, bounds)
    groups, sign = _figures(words, _telling(text, digits, last[digits] > ord("9")))
    return groups + _initials(words, near.tolist()), sign


@cache
def _begins() -> frozenset[int]:
    """Hash the words that may follow a figure."""
    return frozenset(hash_texts(sorted({words[0] for words in _AFTER})).tolist())


def _telling(text: AnnotatedText, digits: Places, attached: Mask) -> list[int]:
    """Of the words that begin with a digit, keep those that may be more than a row of digits.

    Most are years, days and ages: a look at what follows them costs a fifth of reading them.
    """
    ends, following = text.words.ends[digits], np.minimum(digits + 1, len(text.words) - 1)
    begins, written = _begins(), text.article.text
    return [
        word
        for word, end, key, letter in zip(
            digits.tolist(),
            ends.tolist(),
            text.hashes[following].tolist(),
            attached.tolist(),
            strict=True,
        )
        if letter or key in begins or _JOINS.match(written, end)
    ]


def _figures(words: _Words, digits: list[int]) -> tuple[list[Group], str]:
    """Find the figures that are more than a row of digits, and the text's decimal sign.

    ``digits`` are the words that begin with one.
    """
    shown = set()
    read = []
    last = 0
    for first in digits:
        if first < last:
            continue
        figure, tail, last = _digits(words, first)
        after = _after(words, tail, last)
        if after is None:
            continue
        last, power, percent = after
        if figure.isdigit():
            if power or percent:
                key = _value((figure, ""), power) + percent
                read.append((first, last, figure, power, percent, [key, key]))
            continue
        both = [_read(figure, decimal) for decimal in _SIGNS]
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


def _digits(words: _Words, first: int) -> tuple[str, str, int]:
    """Join groups of digits from a word on: the figure, letters attached to it, its last word."""
    figure, last = "", first
    while True:
        word = words.folded(last)
        tail = word.lstrip(_DIGITS)
        figure += word[: len(word) - len(tail)]
        between = words.after(last)
        last += 1
        if tail or last == len(words) or between not in _SEPARATORS:
            return figure, tail, last
        if words.folded(last)[0] not in _DIGITS:
            return figure, "", last
        figure += between


def _after(words: _Words, tail: str, last: int) -> tuple[int, int, str] | None:
    """Read what follows a figure: its last word (exclusive), a power of ten, and "%" or nothing.

    None where letters are attached that make it something else.
    """
    following: tuple[str, ...] = (tail,)
    end = last
    if tail:
        if following not in _AFTER:
            return None
    else:
        between = words.after(last - 1)
        if _PERCENT.match(between):
            return last, 0, "%"
        following = ()
        if last < len(words) and between in _FOLLOWS:
            following, end = (words.folded(last),), last + 1
            if end < len(words) and words.after(last) in _FOLLOWS:
                both = (*following, words.folded(end))
                following, end = (both, end + 1) if both in _AFTER else (following, end)
        if following not in _AFTER:
            return last, 0, ""
    power = _AFTER[following]
    return end, power or 0, "" if power else "%"


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


def _initials(words: _Words, near: list[int]) -> list[Group]:
    """Find initials with stops ("U.N.", "J. K.", "EE. UU."), and doubled without ("EE UU").

    ``near`` are the words of one letter, or one letter twice, before another such word.
    """
    chains: list[list[int]] = []
    for word in near:
        if _belong(words, word):
            if chains and chains[-1][1] == word + 1:
                chains[-1][1] = word + 2
            else:
                chains.append([word, word + 2])
    return [
        (first, last, "".join(words.folded(word) for word in range(first, last)), ())
        for first, last in chains
    ]


def _belong(words: _Words, word: int) -> bool:
    """Say whether a short word and the next are initials of one name."""
    between = words.after(word)
    if between not in (".", ". ", " "):
        return False
    one, other = words.written(word), words.written(word + 1)
    if between != "." and not (one.isupper() and other.isupper()):
        return False
    if between == ". " and not words.after(word + 1).startswith("."):
        return False  # the "A" that begins the next sentence
    if between == " " and not len(one) == len(other) == 2:
        return False
    return one.isalpha() and other.isalpha()
