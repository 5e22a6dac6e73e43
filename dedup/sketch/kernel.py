"""The fused kernel: from UTF-8 to signatures and fingerprints, without a Python object a shingle.

It gives the bytes that `dedup.sketch.reference` specifies. An article goes through five passes,
each over arrays that stay in the processor's cache:

1. fold 64 bytes at a time as if all were ASCII, marking separators and what is not ASCII;
2. close the gaps: one space between words, and what is not ASCII folded by the word table;
3. find where the words start;
4. hash 16 shingles at a time with XXH32, and mix;
5. take the least value of each permutation, and the least of each window.

Importing this module loads the machine code from numba's cache, or compiles it, for one signature.

XXH32 and XXH64: Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
"""

# numba declares no types for its decorators and for `types`:
# ruff: noqa: ANN401
# mypy: disallow-untyped-calls=False, warn-return-any=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from dedup.sketch.compiling import compile_kept
from dedup.sketch.folding import Bytes, Hashes, Ints, Marks, find_starts, fold, inner
from dedup.sketch.vectors import (
    LANES,
    PERMUTED,
    hash16,
    load32,
    load64,
    min16,
    rotate,
    sign,
)

VECTORS, FOLDING, WORD_LOOP = "a35e09f9", "c1ed77d5", "98068467"
"""Digests of ``vectors.py``, ``folding.py`` and ``word_loop.py``: numba's cache notices only
changes of this file; a test compares."""

_LONG = 256
"""Bytes from which a shingle is hashed by itself, so that reading ahead is bounded."""

_SLACK = _LONG + 64
"""Elements that may be read or written behind the end of a scratch array."""

_U = np.uint32
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


def _outer(function: Callable[..., Any]) -> Any:
    """Compile the kernel, and keep it where numba finds a place to keep it."""
    return compile_kept(function, _SIGNATURE, error_model="numpy")


@inner
def _round32(value: np.uint32, word: np.uint32, left: int, factor: np.uint32) -> np.uint32:
    # The casts to 32 bits are no decoration: numba calculates in 64.
    return _U(rotate(_U(value + word), left) * factor)


@inner
def _finish32(value: np.uint32, right: int, first: np.uint32, second: np.uint32) -> np.uint32:
    value = _U((value ^ value >> _U(right)) * first)
    value = _U((value ^ value >> _U(13)) * second)
    return value ^ value >> _U(16)


@inner
def _xxh32(text: Bytes, start: int, end: int) -> np.uint32:
    """XXH32 of one shingle."""
    at, length = start, end - start
    a, b, c, d = _U(_P1 + _P2), _P2, _U(0), _U(_U(0) - _P1)
    while at + 16 <= end:
        a = _round32(a, _U(load32(text, at) * _P2), 13, _P1)
        b = _round32(b, _U(load32(text, at + 4) * _P2), 13, _P1)
        c = _round32(c, _U(load32(text, at + 8) * _P2), 13, _P1)
        d = _round32(d, _U(load32(text, at + 12) * _P2), 13, _P1)
        at += 16
    value = _P5
    if length >= 16:
        value = _U(rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18))
    value = _U(value + _U(length))
    while at + 4 <= end:
        value = _round32(value, _U(load32(text, at) * _P3), 17, _P4)
        at += 4
    while at < end:
        value = _round32(value, _U(_U(text[at]) * _P5), 11, _P1)
        at += 1
    return _finish32(value, 15, _P2, _P3)


@inner
def _round64(value: np.uint64, word: np.uint64) -> np.uint64:
    return rotate(value + word * _Q2, 31) * _Q1


@inner
def _xxh64(text: Bytes, start: int, end: int) -> np.uint64:
    """XXH64 of a folded text."""
    at, length = start, end - start
    if length >= 32:
        a, b, c, d = _Q1 + _Q2, _Q2, np.uint64(0), np.uint64(0) - _Q1
        while at + 32 <= end:
            a = _round64(a, load64(text, at))
            b = _round64(b, load64(text, at + 8))
            c = _round64(c, load64(text, at + 16))
            d = _round64(d, load64(text, at + 24))
            at += 32
        value = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
        for total in (a, b, c, d):
            value = (value ^ _round64(np.uint64(0), total)) * _Q1 + _Q4
    else:
        value = _Q5
    value += np.uint64(length)
    while at + 8 <= end:
        value = rotate(value ^ _round64(np.uint64(0), load64(text, at)), 27) * _Q1 + _Q4
        at += 8
    if at + 4 <= end:
        value = rotate(value ^ np.uint64(load32(text, at)) * _Q1, 23) * _Q2 + _Q3
        at += 4
    while at < end:
        value = rotate(value ^ np.uint64(text[at]) * _Q5, 11) * _Q1
        at += 1
    value = (value ^ value >> np.uint64(33)) * _Q2
    value = (value ^ value >> np.uint64(29)) * _Q3
    return value ^ value >> np.uint64(32)


@inner
def _hash_shingles(folded: Bytes, starts: Ints, count: int, k: int, hashes: Hashes) -> None:
    """Write the XXH32 of each of ``count`` shingles to ``hashes``."""
    for first in range(0, count, LANES):
        longest = np.int64(0)
        for lane in range(first, first + LANES):
            longest = max(longest, starts[lane + k] - starts[lane])
        if longest <= _LONG:
            hash16(folded, starts, first, k, hashes)
        else:
            for number in range(first, min(first + LANES, count)):
                hashes[number] = _xxh32(folded, starts[number], starts[number + k] - 1)


@inner
def _mix(value: np.uint32) -> np.uint32:
    return _finish32(value, 16, _U(0x85EBCA6B), _U(0xC2B2AE35))


@inner
def _unmix(value: np.uint32) -> np.uint32:
    value = _U((value ^ value >> _U(16)) * _U(0x7ED1B41D))
    value = _U((value ^ value >> _U(13) ^ value >> _U(26)) * _U(0xA5CB9243))
    return value ^ value >> _U(16)


@inner
def _winnow(
    minima: Hashes,
    count: int,
    window: int,
    scratch: Hashes,
    counts: Ints,
    fingerprints: Hashes,
    to: int,
) -> int:
    """Write the fingerprints of ``count`` mixed hashes, which are lost; return the place behind."""
    if count == 0:
        return to
    window = min(window, count)
    width = 1
    while width < window:
        step = min(width, window - width)
        for at in range(0, count - step, LANES):
            min16(minima, at, at + step)
        count -= step
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
    """Sketch texts ``text[offsets[i]:offsets[i + 1]]``; return the number of fingerprints.

    The arrays are those of `dedup.sketch.sketches.Sketches`; ``permutations`` are padded to a
    multiple of `dedup.sketch.vectors.PERMUTED`.
    """
    longest = 0
    for number in range(len(offsets) - 1):
        longest = max(longest, offsets[number + 1] - offsets[number])
    plain = np.empty(longest + _SLACK, np.uint8)
    breaks = np.empty((longest >> 6) + 1, np.uint64)
    folded = np.empty(3 * longest + _SLACK, np.uint8)
    starts = np.empty(longest // 2 + _SLACK, np.int64)
    hashes = np.empty(longest // 2 + _SLACK, np.uint32)
    mixed = np.empty(longest // 2 + _SLACK, np.uint32)
    counts = np.empty(256, np.int64)
    row = np.empty(permutations.shape[1], np.uint32)
    fingerprint_offsets[0] = 0
    end = np.int64(0)
    for number in range(len(offsets) - 1):
        length = fold(text, offsets[number], offsets[number + 1], table, plain, breaks, folded)
        words = find_starts(folded, length, starts)
        shingles = max(words - k + 1, 0)
        _hash_shingles(folded, starts, shingles, k, hashes)
        for at in range(shingles):
            mixed[at] = _mix(hashes[at])
        for at in range(0, permutations.shape[1], PERMUTED):
            sign(mixed, shingles, permutations[0], permutations[1], row, at)
        for at in range(signatures.shape[1]):
            signatures[number, at] = row[at]
        text_hashes[number] = _xxh64(folded, 1, length)
        word_counts[number] = words
        end = _winnow(mixed, shingles, window, hashes, counts, fingerprints, end)
        fingerprint_offsets[number + 1] = end
    return int(end)


def _hash_folded(folded: Bytes, k: int) -> Hashes:
    """Hash every run of k words of a folded text, in text order, as `sketch_buffer` does."""
    starts = np.empty(len(folded) // 2 + 2, np.int64)
    starts[0] = 0
    words = 1
    for at in range(len(folded)):
        if folded[at] == 32:
            starts[words] = at + 1
            words += 1
    starts[words] = len(folded) + 1
    hashes = np.empty(max(words - k + 1, 0), np.uint32)
    for number in range(len(hashes)):
        hashes[number] = _xxh32(folded, starts[number], starts[number + k] - 1)
    return hashes


hash_folded = compile_kept(
    _hash_folded, types.uint32[::1](_read_only(types.uint8), types.int64), error_model="numpy"
)
