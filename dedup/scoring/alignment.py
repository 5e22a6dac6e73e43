"""Alignment: which stretches of A stand in B, wherever they were moved to.

Greedy string tiling (M. Wise, 1993): of all common runs the longest is taken first, no word is
taken twice, until no common run of `TILE` words is left among the free words. Tiles that are
neighbours in both texts, with a small edit between them, then make one span; in the edit, and
just before and after a tile, equal runs of `RUN` words count too. A common run that meets words
already taken is a repeat: one side has once more what a tile has found.

These are plain functions over sequences of integers: interpreted for a single pair, the same
functions compiled for batches (`dedup.scoring.compiled`). That is why they keep to lists, dicts
and integers. A text is a row of units, each with a number and a size: a word, a figure written in
one or more words, or a character of a script without spaces, which is a fraction of a word. All
lengths asked for are sizes, in `PARTS` of a word.

Memory is linear. Time is linear in the two lengths plus the common runs found. Texts that repeat
themselves without end have a square of those: beyond `EFFORT`, which ordinary articles do not come
near, each unit of A is offered one place in B at a time, at most `PASSES` times over, and of the
runs seen in a pass the longest is taken first. Within `EFFORT` the tiling is exactly Wise's.

Equivalence: every common run of free words is part of a maximal common run. The maximal ones are
listed (each from its left end, by a hash of its first `TILE` units, compared unit by unit) and
kept in a heap by length. One that a taken tile has cut is split into its free parts, which go
back into the heap; so the longest free common run is always on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

PARTS = 20
"""Sizes are in twentieths of a word: a character is a half, a quarter or a fifth of one."""
TILE = 5
"""Words of the shortest tile that stands alone."""
RUN = 3
"""Words of the shortest run that counts at all, beside a tile."""
GAP = 24
"""Words of the longest edit, on either side, that a span runs over. No edit is longer than the two
runs it lies between: two stock phrases do not make a passage."""
EFFORT = 4
"""Pairs of equal grams, per unit of both texts, up to which the tiling is exact."""
PASSES = 24
"""Times that the units of A are offered places in B where the tiling is not exact."""

_MASK = (1 << 31) - 1
_FACTOR = 1_000_003

Run = tuple[int, int, int]
"""``(i, j, length)``: ``a[i : i + length] == b[j : j + length]``."""


def align(
    a: Sequence[int], b: Sequence[int], sizes_a: Sequence[int], sizes_b: Sequence[int]
) -> list[tuple[int, int, int, int]]:
    """Align two texts given as unit numbers; a number below 0 means a unit that may not match.

    ``sizes_x[i]`` is the size of the units of x before ``i``, in `PARTS` of a word, so it has one
    entry more than there are units.

    Returns
    -------
    list of (span, i, j, length)
        The equal runs in order of ``i``; runs of one span share its number. Spans do not overlap
        in either text, and no span runs over a unit that may not match. Before them, with -1 as
        their span, the repeats: equal runs some of whose units are in no span on one side.
    """
    taken_a = [w < 0 for w in a]
    taken_b = [w < 0 for w in b]
    tiles, repeats = _tile(a, b, sizes_a, sizes_b, taken_a, taken_b)
    runs = _grow(a, b, sizes_a, sizes_b, taken_a, taken_b, tiles)
    found = [
        (-1, i, j, length)
        for i, j, length in repeats
        if _has_free(taken_a, i, length) or _has_free(taken_b, j, length)
    ]
    found.sort()
    found.extend(_join(a, b, sizes_a, sizes_b, runs))
    return found


def _has_free(taken: list[bool], start: int, length: int) -> bool:
    for x in range(start, start + length):  # noqa: SIM110 - no generators in what is compiled
        if not taken[x]:
            return True
    return False


def _tile(
    a: Sequence[int],
    b: Sequence[int],
    sizes_a: Sequence[int],
    sizes_b: Sequence[int],
    taken_a: list[bool],
    taken_b: list[bool],
) -> tuple[list[Run], list[Run]]:
    """Tile greedily, marking the units taken; return tiles in order of ``i``, and the repeats."""
    tiles = [(0, 0, 0)]
    tiles.pop()
    repeats = tiles[:]
    start, before = 0, 0
    for number in range(PASSES):
        heap, start, exact = _common_runs(a, b, sizes_a, taken_a, taken_b, start)
        listed = exact and number == 0  # the heap has every common run there is
        if not exact and number == 0:
            _list_repeats(a, b, sizes_a, repeats)
            there = len(repeats)
            _list_repeats(b, a, sizes_b, repeats)
            for x in range(there, len(repeats)):
                j, i, length = repeats[x]
                repeats[x] = (i, j, length)
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
                    at = -1
                    break
                if end - at >= TILE and sizes_a[i + end] - sizes_a[i + at] >= TILE * PARTS:
                    heappush(heap, _ranked(i + at, j + at, end - at, len(a), len(b)))
                at = end
            if listed and at >= 0:
                repeats.append((i, j, length))
        if start == len(a):
            if exact or len(tiles) == before:
                break
            start, before = 0, len(tiles)
    tiles.sort()
    return tiles, repeats


def _ranked(i: int, j: int, length: int, n: int, m: int) -> tuple[int, int, int, int]:
    # Longest first; of equally long runs the one that moved least.
    return -length, abs(i * m - j * n), i, j


def _common_runs(
    a: Sequence[int],
    b: Sequence[int],
    sizes: Sequence[int],
    taken_a: list[bool],
    taken_b: list[bool],
    start: int,
) -> tuple[list[tuple[int, int, int, int]], int, bool]:
    """Heap the maximal common runs of free units that begin in A at ``start`` or later.

    Also returned: where to go on (the end of A, unless the effort was used up) and whether the
    heap holds all of them.
    """
    n, m = len(a), len(b)
    heap = [(0, 0, 0, 0)]
    heap.pop()
    hashes_a, hashes_b = _gram_hashes(a, taken_a), _gram_hashes(b, taken_b)
    # Most grams of B are none of A's, which the low bits of the hash show without asking a dict.
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
    # Every unit of a maximal run but its last few begins a pair of equal grams, so the number of
    # such pairs bounds all the work below.
    if pairs > EFFORT * (n + m):
        start = _offer(a, b, sizes, taken_a, taken_b, start, hashes_a, nearest, after, heap)
        return heap, start, False
    for i in range(n):
        h = hashes_a[i]
        if h < 0:
            continue
        j = nearest[h]
        while j >= 0:
            # Only from its left end: else the run was listed with the unit before.
            if i == 0 or j == 0 or a[i - 1] != b[j - 1] or taken_a[i - 1] or taken_b[j - 1]:
                x = 0
                while i + x < n and j + x < m and a[i + x] == b[j + x]:
                    if taken_a[i + x] or taken_b[j + x]:
                        break
                    x += 1
                if x >= TILE and sizes[i + x] - sizes[i] >= TILE * PARTS:
                    heappush(heap, _ranked(i, j, x, n, m))
            j = after[j]
    return heap, n, True


def _offer(
    a: Sequence[int],
    b: Sequence[int],
    sizes: Sequence[int],
    taken_a: list[bool],
    taken_b: list[bool],
    start: int,
    hashes_a: list[int],
    nearest: dict[int, int],
    after: list[int],
    heap: list[tuple[int, int, int, int]],
) -> int:
    """Heap the common run through each gram of A and one gram of B; return where to go on.

    The grams of A that are equal are offered those of B in turn. In texts with one order this keeps
    to one diagonal, whose run is compared once.
    """
    n, m = len(a), len(b)
    offered = nearest.copy()
    reached = {0: 0}  # i - j of a run -> its end in A
    steps = 0
    for i in range(start, n):
        h = hashes_a[i]
        if h < 0:
            continue
        if steps > EFFORT * (n + m):
            return i
        j = offered[h]
        if j < 0:
            j = nearest[h]
        offered[h] = after[j]
        steps += 1
        if i - j in reached and reached[i - j] > i:
            continue
        first = 0
        while i + first > 0 and j + first > 0 and a[i + first - 1] == b[j + first - 1]:
            if taken_a[i + first - 1] or taken_b[j + first - 1]:
                break
            first -= 1
        x = 0
        while i + x < n and j + x < m and a[i + x] == b[j + x]:
            if taken_a[i + x] or taken_b[j + x]:
                break
            x += 1
        reached[i - j] = i + x
        steps += x - first
        if x - first >= TILE and sizes[i + x] - sizes[i + first] >= TILE * PARTS:
            heappush(heap, _ranked(i + first, j + first, x - first, n, m))
    return n


def _list_repeats(
    a: Sequence[int], b: Sequence[int], sizes: Sequence[int], repeats: list[Run]
) -> None:
    """Add, for texts with too many common runs to list, runs that show what of A is in B."""
    hashes_a, hashes_b = _gram_hashes(a, [w < 0 for w in a]), _gram_hashes(b, [w < 0 for w in b])
    nearest = {-1: -1}
    for j in range(len(b) - 1, -1, -1):
        nearest[hashes_b[j]] = j
    i = 0
    while i < len(a):
        h = hashes_a[i]
        x = 0
        if h >= 0 and h in nearest:
            j = nearest[h]
            while i + x < len(a) and j + x < len(b) and a[i + x] == b[j + x] and a[i + x] >= 0:
                x += 1
            if x >= TILE and sizes[i + x] - sizes[i] >= TILE * PARTS:
                repeats.append((i, j, x))
        i += max(1, x - TILE + 1)


def _gram_hashes(words: Sequence[int], taken: list[bool]) -> list[int]:
    """Return a hash of the `TILE` free units from each position, -1 where there are fewer."""
    hashes = [-1] * len(words)
    gram, factor, mask = TILE, _FACTOR, _MASK  # local names and small integers: interpreted
    power = 1
    for _ in range(gram):
        power = power * factor & mask
    small = [w + 1 & mask for w in words]
    h = 0
    free = 0
    for i in range(len(words)):
        if taken[i]:
            free = 0
            h = 0
            continue
        free += 1
        if free > gram:
            h = (h * factor + small[i] - power * small[i - gram]) & mask
        else:
            h = (h * factor + small[i]) & mask
        if free >= gram:
            hashes[i - gram + 1] = h
    return hashes


def _grow(
    a: Sequence[int],
    b: Sequence[int],
    sizes_a: Sequence[int],
    sizes_b: Sequence[int],
    taken_a: list[bool],
    taken_b: list[bool],
    tiles: list[Run],
) -> list[Run]:
    """Add the short equal runs before and after each tile, one after the other, nearest first."""
    runs = tiles[:]
    for i, j, length in tiles:
        for step in (1, -1):
            p, q = (i + length, j + length) if step == 1 else (i - 1, j - 1)
            while True:
                room_a = _room(sizes_a, taken_a, p, step)
                room_b = _room(sizes_b, taken_b, q, step)
                dx, dy, x = _nearest_run(a, b, sizes_a, p, q, room_a, room_b, step)
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
    sizes: Sequence[int],
    p: int,
    q: int,
    room_a: int,
    room_b: int,
    step: int,
) -> Run:
    """Return the equal run nearest to ``p`` and ``q`` in one direction: both distances, length."""
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
                first = p + dx if step > 0 else p - dx - x + 1
                if sizes[first + x] - sizes[first] >= RUN * PARTS:
                    return dx, dy, x
    return 0, 0, 0


def _room(sizes: Sequence[int], taken: list[bool], start: int, step: int) -> int:
    """Count the free units from ``start`` in one direction, up to `GAP` words of them."""
    at = start
    if step > 0:
        limit = sizes[start] + GAP * PARTS
        while at < len(taken) and not taken[at] and sizes[at + 1] <= limit:
            at += 1
        return at - start
    limit = sizes[start + 1] - GAP * PARTS
    while at >= 0 and not taken[at] and sizes[at] >= limit:
        at -= 1
    return start - at


def _join(
    a: Sequence[int],
    b: Sequence[int],
    sizes_a: Sequence[int],
    sizes_b: Sequence[int],
    runs: list[Run],
) -> list[tuple[int, int, int, int]]:
    """Number the spans: runs that are neighbours in both texts with a small edit between them."""
    order_b = [(run[1], number) for number, run in enumerate(runs)]
    order_b.sort()
    next_in_b = [-1] * len(runs)
    for place in range(len(runs) - 1):
        next_in_b[order_b[place][1]] = order_b[place + 1][1]
    spans = [0] * len(runs)
    tiled = [False] * (len(runs) + 1)  # has the span a tile, or only short runs that are left?
    for number in range(len(runs)):
        i, j, length = runs[number]
        if number > 0:
            p, q, before = runs[number - 1]
            around = sizes_a[p + before] - sizes_a[p] + sizes_a[i + length] - sizes_a[i]
            most = min(GAP * PARTS, around)
            joined = next_in_b[number - 1] == number
            joined = joined and _is_edit(a, sizes_a, p + before, i, most)
            joined = joined and _is_edit(b, sizes_b, q + before, j, most)
            spans[number] = spans[number - 1] + (0 if joined else 1)
        tiled[spans[number]] |= sizes_a[i + length] - sizes_a[i] >= TILE * PARTS
    return [
        (spans[number], runs[number][0], runs[number][1], runs[number][2])
        for number in range(len(runs))
        if tiled[spans[number]]
    ]


def _is_edit(words: Sequence[int], sizes: Sequence[int], start: int, end: int, most: int) -> bool:
    if sizes[end] - sizes[start] > most:
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
    _list_repeats,
    _offer,
    _common_runs,
    _tile,
    _has_free,
)
"""The functions `align` calls, for `dedup.scoring.compiled`."""
