"""What winnowing promises."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedup.sketch.fingerprints import winnow
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.permutations import mix
from dedup.sketch.reference import shingle_hashes
from dedup.sketch.sketches import sketch

WORDS = st.lists(st.sampled_from(["the", "a", "of", "in", "wire", "says", "talks", "press"]))


def fingerprints(words: list[str], k: int, window: int) -> set[int]:
    made = sketch([" ".join(words)], SketchParameters(k=k, num_perm=1, window=window))
    return set(made.fingerprints.tolist())


@given(st.data(), st.integers(1, 4), st.integers(1, 8))
def test_a_common_run_of_w_plus_k_minus_1_words_gives_a_common_fingerprint(data, k, w) -> None:
    size = w + k - 1
    run = data.draw(st.lists(st.sampled_from("abcde"), min_size=size, max_size=size + 5))
    one, other = (
        fingerprints([*data.draw(WORDS), *run, *data.draw(WORDS)], k, w) for _ in range(2)
    )
    assert one & other


@given(st.data(), st.integers(1, 4), st.integers(1, 8), st.integers(1, 4))
def test_a_run_of_m_windows_without_a_repeated_shingle_gives_m(data, k, w, m) -> None:
    size = m * w + k - 1
    run = data.draw(st.permutations([f"word{i}" for i in range(size)]))
    hashes = shingle_hashes(" ".join(run).encode(), k)
    assume(len(set(hashes.tolist())) == len(hashes))
    one, other = (
        fingerprints([*data.draw(WORDS), *run, *data.draw(WORDS)], k, w) for _ in range(2)
    )
    assert len(one & other) >= m


def test_one_shingle_less_may_give_one_fingerprint_less() -> None:
    """The bound m·w + k - 1 is the least: here m = 2 and 2·w - 1 shingles have one minimum."""
    w = 8
    hashes = np.arange(1, 2 * w, dtype=np.uint32)
    order = np.argsort(mix(hashes))
    least, others = hashes[order[0]], hashes[order[1:]]
    assert len(winnow(np.array([*others[: w - 1], least, *others[w - 1 :]]), w)) == 1


def test_a_repeated_shingle_is_one_fingerprint_however_often_it_comes() -> None:
    assert len(fingerprints(["word"] * 1000, 5, 16)) == 1


@given(st.lists(st.integers(0, 2**32 - 1)), st.integers(1, 70))
def test_fingerprints_are_the_minima_of_all_windows(hashes, window) -> None:
    """Checked against the definition in the paper, which selects places, ties to the right."""
    array = np.array(hashes, np.uint32)
    mixed = mix(array).tolist()
    selected = set()
    width = min(window, len(mixed))
    for start in range(len(mixed) - width + 1) if mixed else ():
        places = range(start, start + width)
        selected.add(min(places, key=lambda place: (mixed[place], -place)))
    expected = sorted({hashes[place] for place in selected})
    assert winnow(array, window).tolist() == expected


def test_about_two_of_w_plus_1_shingles_are_selected() -> None:
    """The density the paper derives for random hashes."""
    hashes = np.random.default_rng(1).integers(0, 2**32, 100_000, np.uint32)
    for window in (8, 16, 24):
        density = len(winnow(hashes, window)) / len(hashes)
        assert density == pytest.approx(2 / (window + 1), rel=0.02)


def test_fingerprints_spread_over_the_whole_range() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**32, 100_000, np.uint32)
    assert np.median(winnow(hashes, 16)) == pytest.approx(2**31, rel=0.05)


def test_fewer_shingles_than_the_window_give_the_least_one() -> None:
    hashes = np.array([5, 9, 7], np.uint32)
    assert winnow(hashes, 16).tolist() == [hashes[np.argmin(mix(hashes))]]
    assert winnow(hashes[:0], 16).tolist() == []
