"""Greedy string tiling and spans."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.scoring.alignment import GAP, RUN, TILE, align

texts = st.lists(st.integers(-1, 6), max_size=60)


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
    runs = align(a, b)
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
    runs = align(a, b)
    assert max((n for *_, n in runs), default=0) == max(expected, default=0)


@given(texts, texts)
@settings(max_examples=200)
def test_spans_are_neighbours_in_both_texts_and_hold_a_tile(a: list[int], b: list[int]) -> None:
    runs = align(a, b)
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
    runs = align([*first, *second, *third], [*third, *first, *second])
    assert [(i, j, n) for _, i, j, n in runs] == [(0, 20, 40), (40, 0, 20)]


def test_small_edits_lie_inside_one_span() -> None:
    a = list(range(40))
    b = [*range(10), 99, *range(11, 13), 98, *range(14, 25), *range(30, 40)]
    runs = align(a, b)
    assert {span for span, *_ in runs} == {runs[0][0]}
    # 11 and 12 stand between two edits: a run under RUN words is part of the edit.
    assert [(i, j, n) for _, i, j, n in runs] == [(0, 0, 10), (14, 14, 11), (30, 25, 10)]


def test_texts_that_repeat_themselves_are_aligned_whole() -> None:
    period = [i % 7 for i in range(3000)]
    broken = [word if i % 211 else 9 for i, word in enumerate(period)]
    covered = sum(n for *_, n in align(period, broken))
    assert covered >= 3000 - 2 * len(broken) // 211
    assert sum(n for *_, n in align([1] * 5000, [1] * 5000)) == 5000
