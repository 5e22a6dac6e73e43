"""What is compiled gives what it is compiled from, or beside, gives."""

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
    tools.align(np.arange(9), np.arange(9))
    return tools


def test_something_is_compiled(tools: Tools) -> None:
    assert tools.align is not interpreted
    assert tools.reader.find is not find_words
    assert tools.reader.hash is not hash_words


@given(few_words, few_words)
def test_texts_are_aligned_the_same(tools: Tools, a: list[int], b: list[int]) -> None:
    numbers_a, numbers_b = np.array(a, np.int64), np.array(b, np.int64)
    assert tools.align(numbers_a, numbers_b) == align(a, b) == interpreted(numbers_a, numbers_b)


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
]


@given(st.lists(st.sampled_from(SENTENCES)), st.lists(st.sampled_from(SENTENCES)))
def test_the_match_is_the_same(tools: Tools, a: list[str], b: list[str]) -> None:
    one, other = (Article(name, "\n".join(lines)) for name, lines in (("a", a), ("b", b)))
    fast = [tools.prepare(side, 5) for side in (one, other)]
    assert verify(*fast, aligner=tools.align) == verify(prepare(one, 5), prepare(other, 5))
