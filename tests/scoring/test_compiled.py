"""What is compiled gives what it is compiled from, or beside, gives."""

import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.scoring.alignment import align
from dedup.scoring.compiled import Tools, compiled
from dedup.scoring.prepared import prepare
from dedup.scoring.spans import interpreted
from dedup.scoring.verifying import verify
from dedup.text.hashing import hash_words, roll_shingles
from dedup.text.words import find_words

pytest.importorskip("numba", reason="numba is not installed: nothing is compiled")

few_words = st.lists(st.integers(-1, 6), max_size=60)
texts = st.text(
    st.characters()
    | st.sampled_from(
        "aé e\u0301’'_ 漢字ไทย0123456789İßK\u00ad\u200d\n각가\u1100\u1161\u11a8ㄱㅏﬃﷲো"
    ),
    max_size=80,
)


@pytest.fixture(scope="module")
def tools() -> Tools:
    tools = compiled()
    words = tools.reader.find("So that no test waits for the compiler.")
    tools.reader.roll(tools.reader.hash(words)[0], 5)
    tools.align(np.arange(9), np.arange(9), np.arange(10), np.arange(10))
    return tools


def test_something_is_compiled(tools: Tools) -> None:
    assert tools.align is not interpreted
    assert tools.reader.find is not find_words
    assert tools.reader.hash is not hash_words


@given(few_words, few_words, st.lists(st.sampled_from([4, 5, 10, 20]), min_size=7, max_size=7))
def test_texts_are_aligned_the_same(
    tools: Tools, a: list[int], b: list[int], sizes: list[int]
) -> None:
    sides = [np.array(side, np.int64) for side in (a, b)]
    sides += [np.cumsum([0, *(sizes[word] for word in side)]) for side in (a, b)]
    as_lists: list[list[int]] = [side.tolist() for side in sides]
    expected = align(as_lists[0], as_lists[1], as_lists[2], as_lists[3])
    numbers_a, numbers_b, sizes_a, sizes_b = sides
    assert tools.align(numbers_a, numbers_b, sizes_a, sizes_b) == expected
    assert interpreted(numbers_a, numbers_b, sizes_a, sizes_b) == expected


@pytest.mark.parametrize("words", [1, 2, 7])
def test_repetitive_texts_are_aligned_the_same(tools: Tools, words: int) -> None:
    rng = random.Random(words)
    sides = [np.array([rng.randrange(words) for _ in range(1_000)]) for _ in "ab"]
    sizes = np.arange(0, 20_001, 20)
    found = tools.align(sides[0], sides[1], sizes, sizes)
    assert found == interpreted(sides[0], sides[1], sizes, sizes)


@given(texts)
@example("")
@example("\ud800 lone")
@example("a\u0301bc 1234567890123 漢 字x")
@settings(max_examples=500)
def test_words_and_hashes_are_the_same(tools: Tools, text: str) -> None:
    plain, fast = find_words(text), tools.reader.find(text)
    assert plain.folded == fast.folded
    assert plain.starts.tolist() == fast.starts.tolist()
    assert plain.ends.tolist() == fast.ends.tolist()
    for one, other in zip(hash_words(plain), tools.reader.hash(fast), strict=True):
        assert one.tolist() == other.tolist()
    for k in range(1, min(len(plain), 6) + 1):
        rolled, hashes = roll_shingles(hash_words(plain)[0], k), tools.reader.hash(fast)[0]
        assert rolled.tolist() == tools.reader.roll(hashes, k).tolist()


SENTENCES = [
    "The ferry company said on Monday that it would close the northern pier for three months.",
    "“We have no choice,” said its director, Ann Lee, “because the piles are rotten.”",
    "The town of Port Royal depends on the 14 crossings a day, and the mayor asked for buses.",
    "A spokesman for the ministry said that it had learnt of the plan from the newspapers.",
    "The ferry carries 12,480 cars a year, 2.3m passengers in all, 1.4% of those of the U.N. port.",
    "The ferry carries 12480 cars a year, 2,300,000 people in all, 1.4 per cent of the UN port.",
    "市の担当者によると、可動橋は一九八七年に建設され、毎日数千人の通勤客が利用している。",
]


@given(st.lists(st.sampled_from(SENTENCES)), st.lists(st.sampled_from(SENTENCES)))
def test_the_match_is_the_same(tools: Tools, a: list[str], b: list[str]) -> None:
    one, other = (Article(name, "\n".join(lines)) for name, lines in (("a", a), ("b", b)))
    fast = [tools.prepare(side, 5) for side in (one, other)]
    assert verify(*fast, aligner=tools.align) == verify(prepare(one, 5), prepare(other, 5))
