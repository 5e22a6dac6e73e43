"""Which candidates are worth comparing, judged by shared shingles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.filtering.narrowing import LEAST_SHARE, SHARE, SHARED, STANDING, Shingles, promises

# Low bits that meet, in hashes that do not, are what the quick look must see through.
hashes = st.integers(0, 7) | st.builds(
    lambda a, b: a << 16 | b, st.integers(0, 90), st.integers(0, 3)
)
shingle_sets = st.sets(hashes, max_size=300)


def as_array(shingles: set[int]) -> Shingles:
    return np.array(sorted(shingles), np.uint32)


def one_by_one(own: set[int], others: list[set[int]]) -> list[float | None]:
    found: list[float | None] = []
    for other in others:
        common = own & other
        weight = sum(min(1.0, STANDING / sum(one in o for o in others)) for one in common)
        fewest, most = sorted((len(own), len(other)))
        least = min(max(SHARED, LEAST_SHARE * fewest), SHARE * fewest)
        estimate = 0.75 * len(common) / max(fewest, 1) + 0.25 * len(common) / max(most, 1)
        found.append(estimate if fewest and weight >= least - 1e-9 else None)
    return found


@given(shingle_sets, st.lists(shingle_sets, max_size=9))
def test_candidates_are_judged_as_one_by_one(own: set[int], others: list[set[int]]) -> None:
    found = promises(as_array(own), [as_array(other) for other in others])
    expected = one_by_one(own, others)
    assert [one is None for one in found] == [one is None for one in expected]
    assert [one for one in found if one is not None] == pytest.approx(
        [one for one in expected if one is not None]
    )


def test_what_all_candidates_share_is_worth_less() -> None:
    footer, story = set(range(30)), set(range(1000, 1600))
    own = as_array(footer | story)
    pages = [as_array(footer | set(range(5000 + 700 * n, 5600 + 700 * n))) for n in range(12)]
    assert promises(own, pages[:1]) != [None]
    assert promises(own, pages) == [None] * 12


def test_a_whole_copy_is_worth_comparing_however_many_there_are() -> None:
    story = as_array(set(range(600)))
    assert None not in promises(story, [story] * 60)
