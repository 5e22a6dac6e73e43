"""The kernel's reading: from UTF-8 to folded words, and where they start.

Importing this module compiles nothing: its functions become part of `dedup.sketch.kernel`.
"""

# numba declares no types for its decorators:
# ruff: noqa: ANN401
# mypy: disallow-untyped-calls=False, warn-return-any=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from dedup.sketch.vectors import LANES, copy64, count_marks, fold64, lowest_mark, spaces64
from dedup.text.word_loop import compose
from dedup.text.words import SEVERAL

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Marks = npt.NDArray[np.uint64]

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE, _APOSTROPHE = 0x20, 0x27
_U = np.uint32


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function as part of the kernel."""
    return njit(nogil=True, error_model="numpy")(function)


_compose = inner(compose)


@inner
def _decode(text: Bytes, at: int, end: int) -> tuple[Any, int]:
    """Return the code point at a place and the place behind it; what is not UTF-8 is 0."""
    lead = np.int64(text[at])
    if lead < 0x80:
        return lead, at + 1
    if 0xC0 <= lead < 0xE0 and at + 1 < end:
        return (lead & 0x1F) << 6 | np.int64(text[at + 1] & 0x3F), at + 2
    if 0xE0 <= lead < 0xF0 and at + 2 < end:
        code = (lead & 0x0F) << 12 | np.int64(text[at + 1] & 0x3F) << 6
        return code | np.int64(text[at + 2] & 0x3F), at + 3
    if 0xF0 <= lead < 0xF8 and at + 3 < end:
        code = (lead & 0x07) << 18 | np.int64(text[at + 1] & 0x3F) << 12
        code |= np.int64(text[at + 2] & 0x3F) << 6 | np.int64(text[at + 3] & 0x3F)
        return (code if code < 0x110000 else 0), at + 4
    return 0, at + 1


@inner
def _encode(code: int, folded: Bytes, at: int) -> int:
    """Write a code point in UTF-8 and return the place behind it."""
    if code < 0x80:
        folded[at] = code
        return at + 1
    if code < 0x800:
        folded[at] = 0xC0 | code >> 6
        folded[at + 1] = 0x80 | code & 0x3F
        return at + 2
    if code < 0x10000:
        folded[at] = 0xE0 | code >> 12
        folded[at + 1] = 0x80 | code >> 6 & 0x3F
        folded[at + 2] = 0x80 | code & 0x3F
        return at + 3
    folded[at] = 0xF0 | code >> 18
    folded[at + 1] = 0x80 | code >> 12 & 0x3F
    folded[at + 2] = 0x80 | code >> 6 & 0x3F
    folded[at + 3] = 0x80 | code & 0x3F
    return at + 4


@inner
def _write(letter: int, table: Hashes, folded: Bytes, at: int) -> int:
    """Write a letter, or the several it stands for, and return the place behind."""
    if letter < SEVERAL:
        return _encode(letter, folded, at)
    place = letter - SEVERAL
    for number in range(place + 1, place + 1 + np.int64(table[place])):
        at = _encode(np.int64(table[number]), folded, at)
    return at


@inner
def _copy(source: Bytes, start: int, end: int, target: Bytes, to: int) -> int:
    for at in range(0, end - start, 64):
        copy64(source, start + at, target, to + at)
    return to + end - start


@inner
def fold(
    text: Bytes, start: int, end: int, table: Hashes, plain: Bytes, breaks: Marks, folded: Bytes
) -> int:
    """Fold ``text[start:end]`` to words joined by one space; return the length of ``folded``.

    ``plain`` and ``breaks`` are scratch. ``folded[0]`` is a space before the first word, so that
    no place has to be asked whether it is the first.
    """
    size = end - start
    before = np.uint64(1)  # a separator stands before the text
    for block in range((size + 63) >> 6):
        at = start + (block << 6)
        if at + 64 <= len(text):
            separators, others = fold64(text, at, plain, block << 6)
        else:
            for place in range(at, end):  # never read behind the buffer
                folded[place - at] = text[place]
            separators, others = fold64(folded, 0, plain, block << 6)
        breaks[block] = others | separators & (separators << np.uint64(1) | before)
        before = separators >> np.uint64(63)

    folded[0] = _SPACE
    out, done = 1, 0
    for block in range((size + 63) >> 6):
        base = block << 6
        marks = breaks[block]
        if done > base:
            if done >= base + 64:
                continue
            marks &= ~np.uint64(0) << np.uint64(done - base)
        while marks:
            at = base + lowest_mark(marks)
            if at >= size:
                break
            out = _copy(plain, done, at, folded, out)
            done = at
            byte = text[start + at]
            if byte < 0x80 and byte != _APOSTROPHE:  # a separator behind another
                done += 1
                marks &= marks - np.uint64(1)
                continue
            letter = np.int64(0)
            while done < size and (byte >= 0x80 or byte == _APOSTROPHE):
                code, behind = _decode(text, start + done, end)
                done = behind - start
                entry = table[np.int64(table[code >> 8]) + (code & 255)]
                kind = entry & _U(3)
                if kind != _DROPPED:
                    if kind != _LETTER:
                        letter = np.int64(0)
                        if folded[out - 1] != _SPACE:
                            folded[out] = _SPACE
                            out += 1
                    if kind >= _LETTER:
                        into = np.int64(entry >> _U(2))
                        into = into if into else code
                        syllable = _compose(letter, into)
                        if syllable:  # over the jamo or syllable before, which has three bytes
                            out -= 3
                        letter = syllable if syllable else into
                        out = _write(letter, table, folded, out)
                        if kind == _SINGLE:
                            folded[out] = _SPACE
                            out += 1
                byte = text[start + done] if done < size else np.uint8(0)
            if folded[out - 1] == _SPACE:
                while (
                    done < size
                    and plain[done] == _SPACE
                    and not (text[start + done] >= 0x80 or text[start + done] == _APOSTROPHE)
                ):
                    done += 1
            if done >= base + 64:
                break
            marks &= ~np.uint64(0) << np.uint64(done - base)
    out = _copy(plain, done, size, folded, out)
    return out - 1 if out > 1 and folded[out - 1] == _SPACE else out


@inner
def find_starts(folded: Bytes, length: int, starts: Ints) -> int:
    """Write where the words start, and behind them the end as if one more came; count them."""
    if length <= 1:
        return 0
    count = 0
    for at in range(0, length, 64):
        marks = spaces64(folded, at)
        if length - at < 64:
            marks &= (np.uint64(1) << np.uint64(length - at)) - np.uint64(1)
        behind = count + count_marks(marks)
        while count < behind:  # eight at a time: what is written too much is written over
            for _ in range(8):
                starts[count] = at + lowest_mark(marks) + 1
                marks &= marks - np.uint64(1)
                count += 1
        count = behind
    for lane in range(LANES + 1):
        starts[count + lane] = length + 1
    return count
