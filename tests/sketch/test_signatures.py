"""Signatures are datasketch signatures."""

import datasketch
import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dedup.sketch.permutations import EMPTY, mix, permutations, unmix
from dedup.sketch.shingles import shingles
from dedup.sketch.signatures import signatures
from dedup.text.words import words

ANY_TEXT = st.text(st.characters(), max_size=200)


def minhash(text: str, k: int = 5, num_perm: int = 128, seed: int = 1) -> datasketch.MinHash:
    made = datasketch.MinHash(
        num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=xxhash.xxh32_intdigest
    )
    made.update_batch(shingles(text, k))
    return made


@given(ANY_TEXT, st.integers(1, 6), st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_a_signature_is_the_one_datasketch_makes(text, k, num_perm, seed) -> None:
    ours = signatures([text], k=k, num_perm=num_perm, seed=seed)
    assert ours.dtype == np.uint32
    np.testing.assert_array_equal(ours, [minhash(text, k, num_perm, seed).hashvalues])


@given(ANY_TEXT, st.integers(1, 6))
def test_shingles_are_the_runs_of_k_folded_words(text, k) -> None:
    folded = [word.text for word in words(text)]
    expected = [" ".join(folded[i : i + k]).encode() for i in range(len(folded) - k + 1)]
    assert list(shingles(text, k)) == expected


def test_fewer_than_k_words_give_datasketchs_empty_row() -> None:
    assert (signatures(["one two three four", "—", ""]) == EMPTY).all()
    assert datasketch.MinHash(scheme="affine32").is_empty()
    assert (datasketch.MinHash(scheme="affine32").hashvalues == EMPTY).all()


def test_no_texts_have_no_signatures() -> None:
    assert signatures([]).shape == (0, 128)
    assert signatures(iter([]), num_perm=7).shape == (0, 7)


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_unmix_undoes_mix(hashes) -> None:
    np.testing.assert_array_equal(unmix(mix(np.array(hashes, np.uint32))), hashes)


def test_permutations_are_drawn_as_datasketch_draws_them() -> None:
    for num_perm, seed in [(1, 1), (128, 1), (256, 42)]:
        theirs = datasketch.MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
        np.testing.assert_array_equal(permutations(num_perm, seed), theirs)


def test_one_string_is_not_taken_for_many() -> None:
    with pytest.raises(TypeError, match="not one"):
        signatures("a text")
    with pytest.raises(TypeError, match="text 1 must be a string, not bytes"):
        signatures(["a text", b"bytes"])


@pytest.mark.parametrize(
    "wrong", [{"k": 0}, {"num_perm": 0}, {"seed": -1}, {"k": 2.5}, {"k": True}, {"seed": 2**32}]
)
def test_numbers_out_of_range_are_refused_by_name(wrong) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        signatures(["a text"], **wrong)
    with pytest.raises(ValueError, match="at least one word"):
        shingles("a text", 0)
