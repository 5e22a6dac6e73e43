"""Signatures go to datasketch and come back."""

import numpy as np
import pytest
import xxhash
from datasketch import LeanMinHash, MinHash, MinHashLSH

from dedup.sketch.convert import from_datasketch, to_datasketch
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.permutations import permutations
from dedup.sketch.shingles import shingles
from dedup.sketch.signatures import signatures

TEXT = "The prime minister said on Tuesday that talks would go on until Friday night at least."
OTHER = "The prime minister said on Tuesday that talks would end before Friday night at last."


def made(**changes) -> MinHash:
    settings = {"scheme": "affine32", "hashfunc": xxhash.xxh32_intdigest, **changes}
    minhash = MinHash(**settings)
    minhash.update_batch(shingles(TEXT))
    return minhash


@pytest.mark.parametrize("parameters", [SketchParameters(), SketchParameters(num_perm=7, seed=3)])
@pytest.mark.parametrize("lean", [False, True])
def test_a_signature_survives_the_way_there_and_back(parameters, lean) -> None:
    row = signatures([TEXT], num_perm=parameters.num_perm, seed=parameters.seed)[0]
    minhash = to_datasketch(row, parameters, lean=lean)
    assert isinstance(minhash, LeanMinHash if lean else MinHash)
    np.testing.assert_array_equal(from_datasketch(minhash, parameters), row)


def test_a_converted_signature_works_in_datasketch() -> None:
    ours = to_datasketch(signatures([TEXT])[0])
    assert ours == made()
    assert ours.jaccard(made()) == 1.0
    index = MinHashLSH(num_perm=128, params=(128, 1))
    index.insert("a", ours)
    assert index.query(made()) == ["a"]


def test_a_converted_signature_can_be_updated_and_leaves_ours_alone() -> None:
    rows = signatures([TEXT])
    before = rows.copy()
    ours, theirs = to_datasketch(rows[0]), made()
    ours.update_batch(shingles(OTHER))
    theirs.update_batch(shingles(OTHER))
    assert ours == theirs
    np.testing.assert_array_equal(rows, before)


def test_what_datasketch_made_of_our_shingles_is_our_signature() -> None:
    for minhash in (
        made(),
        LeanMinHash(made()),
        made(hashfunc=lambda b: xxhash.xxh32(b).intdigest()),
    ):
        np.testing.assert_array_equal(from_datasketch(minhash), signatures([TEXT])[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheme": "legacy"}, "scheme 'legacy', not 'affine32'"),
        ({"scheme": "affine64"}, "scheme 'affine64', not 'affine32'"),
        ({"seed": 2}, "seed 2, not 1"),
        ({"num_perm": 64}, "num_perm 64, not 128"),
        ({"hashfunc": None}, "hashfunc=xxhash.xxh32_intdigest"),
        ({"hashfunc": lambda b: len(b.decode())}, "hashfunc=xxhash.xxh32_intdigest"),
        ({"permutations": permutations(128, 9)}, "permutations of its own"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(changes, message) -> None:
    settings = {"scheme": "affine32", "hashfunc": xxhash.xxh32_intdigest, **changes}
    with pytest.raises(ParameterMismatch, match=message):
        from_datasketch(MinHash(**settings))


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ParameterMismatch, match=r"uint32\[128\], not uint32\[7\]"):
        to_datasketch(signatures([TEXT], num_perm=7)[0])
    with pytest.raises(ParameterMismatch, match="not int64"):
        to_datasketch(signatures([TEXT])[0].astype(np.int64))
