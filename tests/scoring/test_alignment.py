"""Greedy string tiling and spans."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.scoring.alignment import GAP, PARTS, RUN, TILE, align

texts = st.lists(st.integers(-1, 6), max_size=60)

Runs = list[tuple[int, int, int, int]]


def of_size(words: list[int], size: int = PARTS) -> list[int]:
    return list(range(0, size * len(words) + 1, size))


def align_words(a: list[int], b: list[int]) -> tuple[Runs, Runs]:
    """Align words of one size: the runs of spans, and the repeats."""
    found = align(a, b, of_size(a), of_size(b))
    return [run for run in found if run[0] >= 0], [run for run in found if run[0] < 0]


def longest_free_run(a: list[int], b: list[int], used_a: set[int], used_b: set[int]) -> int:
    best = 0
    for i in range(len(a)):
        for j in range(len(b)):
            x = 0
            while (
                i + x < len(a)
                and j + x < len(b)
                and a[i + x] == b[j + x] >= 0
                and i + x not in used_a
                and j + x not in used_b
            ):
                x += 1
            best = max(best, x)
    return best


def reference_tiles(a: list[int], b: list[int]) -> list[int]:
    """Wise's algorithm as published, by brute force: the lengths of the tiles it takes."""
    used_a: set[int] = set()
    used_b: set[int] = set()
    lengths = []
    while (best := longest_free_run(a, b, used_a, used_b)) >= TILE:
        lengths.append(best)
        for i in range(len(a) - best + 1):
            for j in range(len(b) - best + 1):
                free = all(i + x not in used_a and j + x not in used_b for x in range(best))
                if free and min(a[i : i + best]) >= 0 and a[i : i + best] == b[j : j + best]:
                    used_a.update(range(i, i + best))
                    used_b.update(range(j, j + best))
    return lengths


@given(texts, texts)
@settings(max_examples=300)
def test_no_common_run_of_a_tile_is_left_among_the_free_words(a: list[int], b: list[int]) -> None:
    runs, _ = align_words(a, b)
    used_a = {i + x for _, i, _, n in runs for x in range(n)}
    used_b = {j + x for _, _, j, n in runs for x in range(n)}
    assert len(used_a) == len(used_b) == sum(n for *_, n in runs), "a word is taken once"
    assert longest_free_run(a, b, used_a, used_b) < TILE
    for _, i, j, n in runs:
        assert n >= RUN
        assert a[i : i + n] == b[j : j + n]
        assert min(a[i : i + n]) >= 0


@given(texts, texts)
@settings(max_examples=200)
def test_the_longest_run_is_taken_first_as_in_the_published_algorithm(
    a: list[int], b: list[int]
) -> None:
    expected = reference_tiles(a, b)
    runs, _ = align_words(a, b)
    assert max((n for *_, n in runs), default=0) == max(expected, default=0)


@given(texts, texts)
@settings(max_examples=200)
def test_spans_are_neighbours_in_both_texts_and_hold_a_tile(a: list[int], b: list[int]) -> None:
    runs, _ = align_words(a, b)
    for (span, i, j, n), (next_span, p, q, m) in pairwise(runs):
        assert p >= i + n
        if span == next_span:
            assert q >= j + n
            assert p - i - n <= min(GAP, n + m)
            assert q - j - n <= min(GAP, n + m)
            assert min(a[i + n : p], default=0) >= 0, "no span runs over a masked word"
            assert min(b[j + n : q], default=0) >= 0
    for number in {span for span, *_ in runs}:
        assert max(n for span, _, _, n in runs if span == number) >= TILE


def test_a_moved_passage_is_found_where_it_went() -> None:
    first, second, third = list(range(20)), list(range(20, 40)), list(range(40, 60))
    runs, _ = align_words([*first, *second, *third], [*third, *first, *second])
    assert [(i, j, n) for _, i, j, n in runs] == [(0, 20, 40), (40, 0, 20)]


def test_small_edits_lie_inside_one_span() -> None:
    a = list(range(40))
    b = [*range(10), 99, *range(11, 13), 98, *range(14, 25), *range(30, 40)]
    runs, _ = align_words(a, b)
    assert {span for span, *_ in runs} == {runs[0][0]}
    # 11 and 12 stand between two edits: a run under RUN words is part of the edit.
    assert [(i, j, n) for _, i, j, n in runs] == [(0, 0, 10), (14, 14, 11), (30, 25, 10)]


def test_texts_that_repeat_themselves_are_aligned_whole() -> None:
    period = [i % 7 for i in range(3000)]
    broken = [word if i % 211 else 9 for i, word in enumerate(period)]
    covered = sum(n for *_, n in align_words(period, broken)[0])
    assert covered >= 3000 - 2 * len(broken) // 211
    assert sum(n for *_, n in align_words([1] * 5000, [1] * 5000)[0]) == 5000


def in_common_runs(words: list[int], other: list[int]) -> set[int]:
    """List by brute force the words that are in a common run of a tile's length."""
    grams = {tuple(other[j : j + TILE]) for j in range(len(other) - TILE + 1)}
    return {
        i + x
        for i in range(len(words) - TILE + 1)
        if min(words[i : i + TILE]) >= 0 and tuple(words[i : i + TILE]) in grams
        for x in range(TILE)
    }


@given(texts, texts)
@example([1] * 10, [1] * 7)
@example([1, 2] * 30, [1, 2] * 9)
@settings(max_examples=300)
def test_spans_and_repeats_have_every_word_that_is_in_a_common_run(
    a: list[int], b: list[int]
) -> None:
    spans, repeats = align_words(a, b)
    for _, i, j, n in repeats:
        assert n >= TILE
        assert a[i : i + n] == b[j : j + n]
        assert min(a[i : i + n]) >= 0
    found_a = {i + x for _, i, _, n in [*spans, *repeats] for x in range(n)}
    found_b = {j + x for _, _, j, n in [*spans, *repeats] for x in range(n)}
    short_a = {i + x for _, i, _, n in spans if n < TILE for x in range(n)}
    short_b = {j + x for _, _, j, n in spans if n < TILE for x in range(n)}
    assert found_a - short_a <= in_common_runs(a, b) <= found_a
    assert found_b - short_b <= in_common_runs(b, a) <= found_b


def test_what_one_side_has_twice_is_a_span_once_and_then_a_repeat() -> None:
    a = list(range(40))
    spans, repeats = align_words(a, [*a, 99, *a])
    assert [(i, j, n) for _, i, j, n in spans] == [(0, 0, 40)]
    assert repeats == [(-1, 0, 41, 40)]


@given(texts, texts, st.sampled_from([2, 4, 5]))
@settings(max_examples=200)
def test_every_minimum_is_a_size(a: list[int], b: list[int], characters: int) -> None:
    sizes_a, sizes_b = of_size(a, PARTS // characters), of_size(b, PARTS // characters)
    found = align(a, b, sizes_a, sizes_b)
    lengths: dict[int, list[int]] = {}
    for span, _, _, n in found:
        lengths.setdefault(span, []).append(n)
    assert all(n >= TILE * characters for n in lengths.pop(-1, []))
    for runs in lengths.values():
        assert max(runs) >= TILE * characters
        assert min(runs) >= RUN * characters
    used_a = {i + x for span, i, _, n in found if span >= 0 for x in range(n)}
    used_b = {j + x for span, _, j, n in found if span >= 0 for x in range(n)}
    assert longest_free_run(a, b, used_a, used_b) < TILE * characters


REPETITIVE = {
    "two words at random": lambda rng, n: [[rng.randint(0, 1) for _ in range(n)] for _ in "ab"],
    "a period of 7 against one of 18": lambda _, n: [
        [i % 7 for i in range(n)],
        [i % 18 for i in range(n)],
    ],
    "one word": lambda _, n: [[1] * n, [1] * (n // 2) + [2] + [1] * (n // 2)],
    "rows of a table": lambda rng, n: [
        [
            x
            for _ in range(n // 8)
            for x in (5, 6, rng.randrange(300), 7, 8, 9, 10, rng.randrange(9))
        ]
        for _ in "ab"
    ],
}


@pytest.mark.parametrize("kind", REPETITIVE)
def test_repetitive_texts_take_time_in_proportion_to_their_length(kind: str) -> None:
    seconds = []
    for n in (4_000, 32_000):
        a, b = REPETITIVE[kind](random.Random(7), n)
        start = time.process_time()
        align_words(a, b)
        seconds.append(time.process_time() - start)
    # 64 times, were it a square.
    assert seconds[1] < 40 * seconds[0] + 0.1
