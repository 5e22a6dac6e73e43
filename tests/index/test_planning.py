"""What a plan promises is what signatures do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import DedupError
from dedup.index.planning import SIMILARITIES, curve, curve_at, expected_candidates, plan
from dedup.sketch.permutations import mix, permutations
from dedup.sketch.reference import sign


@given(st.integers(1, 128), st.integers(1, 16), st.floats(0.0, 1.0))
def test_one_band_in_common_is_the_s_curve(bands: int, rows: int, similarity: float) -> None:
    expected = 1 - (1 - similarity**rows) ** bands
    assert curve_at(bands, rows, 1, similarity) == pytest.approx(expected, abs=1e-9)
    assert curve_at(bands, rows, 0, similarity) == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([0.02, 0.05, 0.1, 0.3, 0.6, 0.9]),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
    st.sampled_from([64, 128, 256]),
)
def test_a_plan_keeps_its_promise_and_no_higher_minimum_would(
    similarity: float, recall: float, num_perm: int
) -> None:
    try:
        made = plan(similarity, recall, num_perm)
    except DedupError:
        assert curve_at(num_perm, 1, 1, similarity) < recall
        return
    assert made.bands * made.rows <= num_perm
    assert made.recall == pytest.approx(curve_at(made.bands, made.rows, made.minimum, similarity))
    assert made.recall >= recall
    if made.minimum < made.bands:
        assert curve_at(made.bands, made.rows, made.minimum + 1, similarity) < recall


def test_low_similarities_need_bands_of_one_row() -> None:
    made = plan(0.05, 0.95)
    assert (made.rows, made.minimum) == (1, 3)
    assert plan(0.8, 0.99).candidates < made.candidates


def test_more_permutations_never_cost_candidates() -> None:
    costs = [plan(0.1, 0.95, num_perm).candidates for num_perm in (64, 128, 256)]
    assert costs == sorted(costs, reverse=True)


def test_candidates_grow_with_the_articles() -> None:
    few, many = (expected_candidates(128, 1, 2, count) for count in (1001, 2001))
    assert many == pytest.approx(2 * few)


def test_the_measured_background_gives_about_the_measured_candidates() -> None:
    # benchmarks/results/candidates.json, "scale, 128 bands", before caps. One seed: a footer that
    # many share either gives the least hash or not, so what is measured scatters.
    measured = {1: 163.5, 2: 37.0, 3: 8.7}
    for minimum, candidates in measured.items():
        expected = expected_candidates(128, 1, minimum, 18_315)
        assert expected == pytest.approx(candidates, rel=0.5)


def test_real_signatures_follow_the_curve() -> None:
    drawn = permutations(128, 1)
    rng = np.random.default_rng(5)
    met = []
    for _ in range(400):
        hashes = mix(rng.choice(2**32, 300, replace=False).astype(np.uint32))
        a, b = sign(hashes[:200], drawn), sign(hashes[100:], drawn)  # Jaccard 1/3
        met.append((a.reshape(64, 2) == b.reshape(64, 2)).all(axis=1).sum())
    for minimum in (4, 6, 8, 10):
        expected = curve_at(64, 2, minimum, 1 / 3)
        assert np.mean(np.array(met) >= minimum) == pytest.approx(expected, abs=0.08)


def test_what_cannot_be_reached_says_what_can() -> None:
    with pytest.raises(DedupError, match=r"similarity 0.01 with a probability of 0.724 at most"):
        plan(0.01, 0.99)


@pytest.mark.parametrize(
    ("similarity", "recall", "num_perm"),
    [(0, 0.9, 128), (1.5, 0.9, 128), (0.5, 1, 128), (0.5, 0.9, 0)],
)
def test_nonsense_is_refused(similarity: float, recall: float, num_perm: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        plan(similarity, recall, num_perm)


def test_a_plan_prints_its_curve() -> None:
    printed = str(plan(0.05, 0.95, articles=10_000))
    assert printed.startswith("128 bands of 1 row, at least 3 in common\n")
    assert len(printed.splitlines()) == len(SIMILARITIES) + 3
    assert "candidates for an article among 10,000" in printed
    found = [share for _, share in curve(128, 1, 3)]
    assert all(after >= before - 1e-12 for before, after in pairwise(found))
