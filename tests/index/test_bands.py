"""Band keys: equal exactly where the bands are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import DedupError
from dedup.index.bands import band_keys, without_shingles
from dedup.index.nets import Nets


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_keys_are_equal_where_the_values_are(seed: int, rows: int) -> None:
    signatures = np.random.default_rng(seed).integers(0, 2, (20, 20)).astype(np.uint32)
    keys = band_keys(signatures, 0, 20 // rows, rows)
    for band, line in enumerate(keys):
        values = signatures[:, band * rows : (band + 1) * rows]
        expected = (values[:, None] == values[None]).all(axis=2)
        assert ((line[:, None] == line[None]) == expected).all()
    part = band_keys(signatures, 1, 3, rows)
    assert (part == keys[1:3]).all()


def test_a_band_of_one_row_is_its_value() -> None:
    signatures = np.array([[5, 6], [7, 2**32 - 1]], np.uint32)
    assert band_keys(signatures, 0, 2, 1).tolist() == [[5, 7], [6, 2**32 - 1]]


def test_only_a_row_that_is_empty_throughout_has_no_shingles() -> None:
    empty = 2**32 - 1
    signatures = np.array([[empty, empty], [empty, 1], [1, empty]], np.uint32)
    assert without_shingles(signatures).tolist() == [True, False, False]
    assert without_shingles(signatures[:0]).tolist() == []


@pytest.mark.parametrize(
    "wrong",
    [{"bands": 0}, {"rows": -1}, {"cap": True}, {"limit": 1.5}, {"minimum_evidence": 0}],
)
def test_nets_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be a positive integer"):
        Nets(**wrong)


def test_nets_without_a_minimum_are_refused() -> None:
    with pytest.raises(ValueError, match="without any minimum"):
        Nets(minimum_evidence=None, minimum_fingerprints=None)


def test_nets_that_do_not_fit_say_so() -> None:
    with pytest.raises(DedupError, match="25 bands of 6 rows need signatures of 150 values"):
        Nets(bands=25, rows=6).check_fits(128)
    Nets(bands=200, minimum_evidence=None, minimum_fingerprints=1).check_fits(128)
