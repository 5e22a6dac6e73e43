"""The fused kernel: from UTF-8 to signatures and fingerprints, without a Python object a shingle."""

# numba declares no types for its decorators and for `types`:
# ruff: noqa: ANN401
# mypy: disallow-untyped-calls=False, warn-return-any=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

from dedup.sketch.compiling import compile_kept

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Marks = npt.NDArray[np.uint64]

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE = 0x20
_U, _Q = np.uint32, np.uint64
_P1, _P2, _P3, _P4, _P5 = map(
    np.uint32, (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)
)
_Q1, _Q2, _Q3, _Q4, _Q5 = map(
    np.uint64,
    (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    ),
)


def _read_only(item: Any, dimensions: int = 1) -> Any:
    return types.Array(item, dimensions, "C", readonly=True)


_SIGNATURE = types.int64(
    _read_only(types.uint8),
    _read_only(types.int64),
    _read_only(types.uint32),
    _read_only(types.uint32, 2),
    types.int64,
    types.int64,
    types.Array(types.uint32, 2, "C"),
    types.Array(types.uint64, 1, "C"),
    types.Array(types.int32, 1, "C"),
    types.Array(types.uint32, 1, "C"),
    types.Array(types.int64, 1, "C"),
)


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function as part of the kernel."""
    return njit(nogil=True, error_model="numpy")(function)


def _outer(function: Callable[..., Any]) -> Any:
    """Compile the kernel, and keep it where numba finds a place to keep it."""
    return compile_kept(function, _SIGNATURE, error_model="numpy")


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
def _fold(text: Bytes, start: int, end: int, table: Hashes, ascii: Bytes, folded: Bytes, starts: Ints) -> tuple[int, int]:
    """Fold a text; folded[0] is a space; return length and number of words."""
    folded[0] = _SPACE
    out = _Q(1)
    last = np.uint8(_SPACE)
    at = start
    while at < end:
        for byte in text[at:end]:
            letter = ascii[byte]
            if letter < 2:
                if letter:
                    break
                at += 1
                continue
            folded[out] = letter
            out += _Q((letter != _SPACE) | (last != _SPACE))
            last = letter
            at += 1
        if at == end:
            break
        code, at = _decode(text, at, end)
        entry = table[np.int64(table[code >> 8]) + (code & 255)]
        kind = entry & _U(3)
        if kind == _DROPPED:
            continue
        if kind != _LETTER and last != _SPACE:
            folded[out] = _SPACE
            out += _Q(1)
        if kind >= _LETTER:
            into = np.int64(entry >> _U(2))
            out = _Q(_encode(into if into else code, folded, np.int64(out)))
            if kind == _SINGLE:
                folded[out] = _SPACE
                out += _Q(1)
        last = folded[out - _Q(1)]
    if last != _SPACE:
        folded[out] = _SPACE
        out += _Q(1)
    length = np.int64(out)
    words = 0
    for place in range(length):
        starts[words] = place + 1
        words += folded[place] == _SPACE
    return (length - 1 if words > 1 else 1), words - 1


@inner
def _load32(text: Bytes, at: np.uint64) -> np.uint32:
    return _U(
        _U(text[at])
        | _U(text[at + _Q(1)]) << _U(8)
        | _U(text[at + _Q(2)]) << _U(16)
        | _U(text[at + _Q(3)]) << _U(24)
    )


@inner
def _rotate32(value: np.uint32, left: int) -> np.uint32:
    return _U(_U(value << _U(left)) | value >> _U(32 - left))


@inner
def _rotate64(value: np.uint64, left: int) -> np.uint64:
    return value << _Q(left) | value >> _Q(64 - left)


@inner
def _round32(value: np.uint32, word: np.uint32, left: int, factor: np.uint32) -> np.uint32:
    # The casts to 32 bits are no decoration: numba calculates in 64.
    return _U(_rotate32(_U(value + word), left) * factor)


@inner
def _finish32(value: np.uint32, right: int, first: np.uint32, second: np.uint32) -> np.uint32:
    value = _U((value ^ value >> _U(right)) * first)
    value = _U((value ^ value >> _U(13)) * second)
    return value ^ value >> _U(16)


@inner
def _xxh32(text: Bytes, start: int, stop: int) -> np.uint32:
    """XXH32 of one shingle."""
    at, end = _Q(start), _Q(stop)
    length = end - at
    value = _P5
    if length >= _Q(16):
        a, b, c, d = _U(_P1 + _P2), _P2, _U(0), _U(_U(0) - _P1)
        while at + _Q(16) <= end:
            a = _round32(a, _U(_load32(text, at) * _P2), 13, _P1)
            b = _round32(b, _U(_load32(text, at + _Q(4)) * _P2), 13, _P1)
            c = _round32(c, _U(_load32(text, at + _Q(8)) * _P2), 13, _P1)
            d = _round32(d, _U(_load32(text, at + _Q(12)) * _P2), 13, _P1)
            at += _Q(16)
        value = _U(_rotate32(a, 1) + _rotate32(b, 7) + _rotate32(c, 12) + _rotate32(d, 18))
    value = _U(value + _U(length))
    # What is left is less than 16 bytes: selected, not branched on, since branches would be missed.
    for _ in range(3):
        mixed = _round32(value, _U(_load32(text, at) * _P3), 17, _P4)
        more = at + _Q(4) <= end
        value = mixed if more else value
        at += _Q(4) if more else _Q(0)
    for _ in range(3):
        mixed = _round32(value, _U(_U(text[at]) * _P5), 11, _P1)
        value = mixed if at < end else value
        at += _Q(1)
    return _finish32(value, 15, _P2, _P3)


@inner
def _load64(text: Bytes, at: np.uint64) -> np.uint64:
    return _Q(_load32(text, at)) | _Q(_load32(text, at + _Q(4))) << _Q(32)


@inner
def _round64(value: np.uint64, word: np.uint64) -> np.uint64:
    return _rotate64(value + word * _Q2, 31) * _Q1


@inner
def _xxh64(text: Bytes, start: int, stop: int) -> np.uint64:
    """XXH64 of a folded text."""
    at, end = _Q(start), _Q(stop)
    length = end - at
    if length >= _Q(32):
        a, b, c, d = _Q1 + _Q2, _Q2, _Q(0), _Q(0) - _Q1
        while at + _Q(32) <= end:
            a = _round64(a, _load64(text, at))
            b = _round64(b, _load64(text, at + _Q(8)))
            c = _round64(c, _load64(text, at + _Q(16)))
            d = _round64(d, _load64(text, at + _Q(24)))
            at += _Q(32)
        value = _rotate64(a, 1) + _rotate64(b, 7) + _rotate64(c, 12) + _rotate64(d, 18)
        for total in (a, b, c, d):
            value = (value ^ _round64(_Q(0), total)) * _Q1 + _Q4
    else:
        value = _Q5
    value += length
    while at + _Q(8) <= end:
        value = _rotate64(value ^ _round64(_Q(0), _load64(text, at)), 27) * _Q1 + _Q4
        at += _Q(8)
    if at + _Q(4) <= end:
        value = _rotate64(value ^ _Q(_load32(text, at)) * _Q1, 23) * _Q2 + _Q3
        at += _Q(4)
    while at < end:
        value = _rotate64(value ^ _Q(text[at]) * _Q5, 11) * _Q1
        at += _Q(1)
    value = (value ^ value >> _Q(33)) * _Q2
    value = (value ^ value >> _Q(29)) * _Q3
    return value ^ value >> _Q(32)


@inner
def _mix(value: np.uint32) -> np.uint32:
    return _finish32(value, 16, _U(0x85EBCA6B), _U(0xC2B2AE35))


@inner
def _unmix(value: np.uint32) -> np.uint32:
    value = _U((value ^ value >> _U(16)) * _U(0x7ED1B41D))
    value = _U((value ^ value >> _U(13) ^ value >> _U(26)) * _U(0xA5CB9243))
    return value ^ value >> _U(16)


@inner
def _least(mixed: Hashes, a: np.uint32, b: np.uint32) -> np.uint32:
    least = _U(0xFFFFFFFF)
    for at in range(len(mixed)):
        least = min(least, _U(_U(mixed[at] * a) + b))
    return least


@inner
def _lesser(values: Hashes, others: Hashes, into: Hashes) -> None:
    for at in range(len(into)):
        into[at] = values[at] if values[at] < others[at] else others[at]


@inner
def _winnow(minima: Hashes, window: int, scratch: Hashes, counts: Ints, fingerprints: Hashes, to: int) -> int:
    """Write the fingerprints of mixed hashes, which are lost; return the place behind."""
    count = len(minima)
    if count == 0:
        return to
    window = min(window, count)
    width = 1
    while width < window:
        step = min(width, window - width)
        count -= step
        _lesser(minima[:count], minima[step : step + count], scratch[:count])
        minima, scratch = scratch, minima
        width += step
    selected = 0
    last = ~minima[0]
    for at in range(count):
        value = minima[at]
        scratch[selected] = value
        selected += value != last
        last = value
    for at in range(selected):
        scratch[at] = _unmix(scratch[at])
    _sort(scratch, minima, selected, counts)
    start = to
    for at in range(selected):
        fingerprints[to] = scratch[at]
        to += to == start or scratch[at] != fingerprints[to - 1]
    return to


@inner
def _sort(values: Hashes, spare: Hashes, count: int, counts: Ints) -> None:
    """Sort by radix, a byte at a time: linear whatever the values."""
    for shift in (0, 16):
        _sort_byte(values, spare, count, counts, _U(shift))
        _sort_byte(spare, values, count, counts, _U(shift + 8))


@inner
def _sort_byte(source: Hashes, target: Hashes, count: int, counts: Ints, shift: np.uint32) -> None:
    for value in range(256):
        counts[value] = 0
    for at in range(count):
        counts[np.int64(source[at] >> shift & _U(255))] += 1
    total = 0
    for value in range(256):
        total, counts[value] = total + counts[value], total
    for at in range(count):
        digit = np.int64(source[at] >> shift & _U(255))
        target[counts[digit]] = source[at]
        counts[digit] += 1


@_outer
def sketch_buffer(
    text: Bytes,
    offsets: Ints,
    table: Hashes,
    permutations: Hashes,
    k: int,
    window: int,
    signatures: Hashes,
    text_hashes: Marks,
    word_counts: npt.NDArray[np.int32],
    fingerprints: Hashes,
    fingerprint_offsets: Ints,
) -> int:
    """Sketch texts ``text[offsets[i]:offsets[i + 1]]``; return the number of fingerprints."""
    longest = 0
    for number in range(len(offsets) - 1):
        longest = max(longest, offsets[number + 1] - offsets[number])
    ascii = np.ones(256, np.uint8)
    for code in range(128):
        entry = table[np.int64(table[0]) + code]
        kind = entry & _U(3)
        into = entry >> _U(2)
        ascii[code] = 0 if kind == _DROPPED else (_SPACE if kind == 0 else (into if into else code))
    folded = np.empty(2 * longest + 32, np.uint8)
    starts = np.empty(longest // 2 + 8, np.int64)
    hashes = np.empty(longest // 2 + 8, np.uint32)
    mixed = np.empty(longest // 2 + 8, np.uint32)
    counts = np.empty(256, np.int64)
    fingerprint_offsets[0] = 0
    end = np.int64(0)
    for number in range(len(offsets) - 1):
        length, words = _fold(text, offsets[number], offsets[number + 1], table, ascii, folded, starts)
        shingles = max(words - k + 1, 0)
        for at in range(shingles):
            mixed[at] = _mix(_xxh32(folded, starts[at], starts[at + k] - 1))
        for at in range(signatures.shape[1]):
            signatures[number, at] = _least(mixed[:shingles], permutations[0, at], permutations[1, at])
        text_hashes[number] = _xxh64(folded, 1, length)
        word_counts[number] = words
        end = _winnow(mixed[:shingles], window, hashes, counts, fingerprints, end)
        fingerprint_offsets[number + 1] = end
    return int(end)
