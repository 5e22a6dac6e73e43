"""Alignment: which stretches of A stand in B, wherever they were moved to.

Greedy string tiling (M. Wise, 1993): of all common runs the longest is taken first, no word is
taken twice, until no common run of `TILE` words is left among the free words. Tiles that are
neighbours in both texts, with a small edit between them, then make one span; in the edit, and
just before and behind a tile, equal runs of `RUN` words count too.

These are plain functions over sequences of integers: interpreted for a single pair, the same
functions compiled for batches (`dedup.scoring.compiled`). That is why they keep to lists, dicts
and integers. Memory is linear. Time is linear in the two lengths plus the common runs found; the
work is bounded (`EFFORT`), so that texts that repeat themselves without end never cost a square.
Within that bound, which ordinary articles do not come near, the tiling is exactly Wise's; beyond
it the longest of the runs seen so far is taken, and then the search goes on.

Equivalence: every common run of free words is part of a maximal common run. The maximal ones are
listed (each from its left end, by a hash of its first `TILE` words, compared word by word) and
kept in a heap by length. One that a taken tile has cut is split into its free parts, which go
back into the heap; so the longest free common run is always on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

TILE = 5
"""Words of the shortest tile that stands alone."""
RUN = 3
"""Words of the shortest run that counts at all, beside a tile."""
GAP = 24
"""Words of the longest edit, on either side, that a span runs over. No edit is longer than the two
runs it stands between: two stock phrases do not make a passage."""
EFFORT = 8
"""Pairs of equal grams, per word of both texts, up to which the tiling is exact."""

_MASK = (1 << 31) - 1
_FACTOR = 1_000_003

Run = tuple[int, int, int]
"""``(i, j, length)``: ``a[i : i + length] == b[j : j + length]``."""


def align(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Align two texts given as word numbers; a number below 0 stands for a word that may not match.

    Returns
    -------
    list of (span, i, j, length)
        The equal runs in order of ``i``; runs of one span share its number. Spans do not overlap
        in either text, and no span runs over a word that may not match.
    """
    taken_a = [w < 0 for w in a]
    taken_b = [w < 0 for w in b]
    tiles = _tile(a, b, taken_a, taken_b)
    runs = _grow(a, b, taken_a, taken_b, tiles)
    return _join(a, b, runs)


def _tile(
    a: Sequence[int], b: Sequence[int], taken_a: list[bool], taken_b: list[bool]
) -> list[Run]:
    """Tile greedily, marking the words taken; return the tiles in order of ``i``."""
    tiles = [(0, 0, 0)]
    tiles.pop()
    start, before = 0, 0
    while True:
        heap, start, exact = _maximal_runs(a, b, taken_a, taken_b, start)
        while heap:
            length, _, i, j = heappop(heap)
            length = -length
            at = 0
            while at < length:  # the free parts of the run
                while at < length and (taken_a[i + at] or taken_b[j + at]):
                    at += 1
                end = at
                while end < length and not (taken_a[i + end] or taken_b[j + end]):
                    end += 1
                if end - at == length:
                    tiles.append((i, j, length))
                    for x in range(length):
                        taken_a[i + x] = True
                        taken_b[j + x] = True
                elif end - at >= TILE:
                    heappush(heap, _ranked(i + at, j + at, end - at, len(a), len(b)))
                at = end
        if start == len(a):
            if exact or len(tiles) == before:
                break
            start, before = 0, len(tiles)
    tiles.sort()
    return tiles


def _ranked(i: int, j: int, length: int, n: int, m: int) -> tuple[int, int, int, int]:
    # Longest first; of equally long runs the one that moved least.
    return -length, abs(i * m - j * n), i, j


def _maximal_runs(
    a: Sequence[int], b: Sequence[int], taken_a: list[bool], taken_b: list[bool], start: int
) -> tuple[list[tuple[int, int, int, int]], int, bool]:
    """Heap the maximal common runs of free words that begin in A at ``start`` or later.

    Also returned: where to go on (the end of A, unless the effort was used up) and whether the
    heap holds all of them.
    """
    n, m = len(a), len(b)
    heap = [(0, 0, 0, 0)]
    heap.pop()
    hashes_a, hashes_b = _gram_hashes(a, taken_a), _gram_hashes(b, taken_b)
    # Most grams of B are none of A's, and the low bits of the hash tell so: no dict is asked.
    size = 64
    while size < 4 * n:
        size *= 2
    in_a, in_b = [False] * size, [False] * size
    for h in hashes_a:
        if h >= 0:
            in_a[h & (size - 1)] = True
    nearest = {-1: -1}  # hash of a gram -> its first position in B; `after` chains the later ones
    count = {-1: 0}
    after = [-1] * m
    for j in range(m - 1, -1, -1):
        h = hashes_b[j]
        if h >= 0 and in_a[h & (size - 1)]:
            if h in nearest:
                after[j] = nearest[h]
                count[h] += 1
            else:
                count[h] = 1
                in_b[h & (size - 1)] = True
            nearest[h] = j
    pairs = 0
    for i in range(n):
        h = hashes_a[i]
        if h >= 0 and in_b[h & (size - 1)] and h in count:
            pairs += count[h]
        else:
            hashes_a[i] = -1
    # Every word of a maximal run but its last few begins a pair of equal grams, so the number of
    # such pairs bounds all the work below.
    exact = pairs <= EFFORT * (n + m)
    most = m if exact else EFFORT
    steps = 0
    for i in range(start, n):
        h = hashes_a[i]
        if h < 0:
            continue
        if not exact and steps > EFFORT * (n + m):
            return heap, i, False
        j = nearest[h]
        tried = 0
        while j >= 0 and tried < most:
            tried += 1
            # Only from its left end: else the run was listed with the word before.
            if i == start or j == 0 or a[i - 1] != b[j - 1] or taken_a[i - 1] or taken_b[j - 1]:
                x = 0
                while i + x < n and j + x < m and a[i + x] == b[j + x]:
                    if taken_a[i + x] or taken_b[j + x]:
                        break
                    x += 1
                if x >= TILE:
                    heappush(heap, _ranked(i, j, x, n, m))
                steps += x
            j = after[j]
        steps += tried
    return heap, n, exact


def _gram_hashes(words: Sequence[int], taken: list[bool]) -> list[int]:
    """Return a hash of the `TILE` free words from each position, -1 where there are fewer."""
    hashes = [-1] * len(words)
    power = 1
    for _ in range(TILE):
        power = power * _FACTOR & _MASK
    h = 0
    free = 0
    for i in range(len(words)):
        if taken[i]:
            free = 0
            h = 0
            continue
        h = (h * _FACTOR + words[i] + 1) & _MASK
        free += 1
        if free > TILE:
            h = (h - power * (words[i - TILE] + 1)) & _MASK
        if free >= TILE:
            hashes[i - TILE + 1] = h
    return hashes


def _grow(
    a: Sequence[int], b: Sequence[int], taken_a: list[bool], taken_b: list[bool], tiles: list[Run]
) -> list[Run]:
    """Add the short equal runs behind and before each tile, one after the other, nearest first."""
    runs = tiles[:]
    for i, j, length in tiles:
        for step in (1, -1):
            p, q = (i + length, j + length) if step == 1 else (i - 1, j - 1)
            while True:
                dx, dy, x = _nearest_run(a, b, taken_a, taken_b, p, q, step)
                if x == 0:
                    break
                start_a, start_b = p + step * dx, q + step * dy
                if step < 0:
                    start_a, start_b = start_a - x + 1, start_b - x + 1
                for y in range(x):
                    taken_a[start_a + y] = True
                    taken_b[start_b + y] = True
                runs.append((start_a, start_b, x))
                p, q = p + step * (dx + x), q + step * (dy + x)
    runs.sort()
    return runs


def _nearest_run(
    a: Sequence[int],
    b: Sequence[int],
    taken_a: list[bool],
    taken_b: list[bool],
    p: int,
    q: int,
    step: int,
) -> Run:
    """Return the equal run nearest to ``p`` and ``q`` in one direction: both distances, length."""
    room_a = _room(taken_a, p, step)
    room_b = _room(taken_b, q, step)
    for distance in range(room_a + room_b - 2 * RUN + 1):
        for dx in range(max(0, distance - room_b + RUN), min(distance, room_a - RUN) + 1):
            dy = distance - dx
            x = 0
            while (
                dx + x < room_a
                and dy + x < room_b
                and a[p + step * (dx + x)] == b[q + step * (dy + x)]
            ):
                x += 1
            if x >= RUN:
                return dx, dy, x
    return 0, 0, 0


def _room(taken: list[bool], start: int, step: int) -> int:
    """Count the free words from ``start`` in one direction, up to `GAP`."""
    room = 0
    at = start
    while room < GAP and 0 <= at < len(taken) and not taken[at]:
        room += 1
        at += step
    return room


def _join(a: Sequence[int], b: Sequence[int], runs: list[Run]) -> list[tuple[int, int, int, int]]:
    """Number the spans: runs that are neighbours in both texts with a small edit between them."""
    order_b = [(run[1], number) for number, run in enumerate(runs)]
    order_b.sort()
    next_in_b = [-1] * len(runs)
    for place in range(len(runs) - 1):
        next_in_b[order_b[place][1]] = order_b[place + 1][1]
    spans = [0] * len(runs)
    tiled = [False] * (len(runs) + 1)  # has the span a tile, or only short runs left behind?
    for number in range(len(runs)):
        i, j, length = runs[number]
        if number > 0:
            p, q, before = runs[number - 1]
            most = min(GAP, before + length)
            joined = next_in_b[number - 1] == number
            joined = joined and _is_edit(a, p + before, i, most)
            joined = joined and _is_edit(b, q + before, j, most)
            spans[number] = spans[number - 1] + (0 if joined else 1)
        tiled[spans[number]] |= length >= TILE
    return [
        (spans[number], runs[number][0], runs[number][1], runs[number][2])
        for number in range(len(runs))
        if tiled[spans[number]]
    ]


def _is_edit(words: Sequence[int], start: int, end: int, most: int) -> bool:
    if end - start > most:
        return False
    for x in range(start, end):  # noqa: SIM110 - no generators in what is compiled
        if words[x] < 0:
            return False
    return True


COMPILED_WITH_ALIGN = (
    _is_edit,
    _join,
    _room,
    _nearest_run,
    _grow,
    _gram_hashes,
    _ranked,
    _maximal_runs,
    _tile,
)
"""The functions `align` calls, for `dedup.scoring.compiled`."""
