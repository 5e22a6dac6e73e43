"""Word rules v1."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text import make_word_table
from dedup.text.words import find_words, word_table, words


def folded(text: str) -> list[str]:
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trump’s Trump's Trumpʼs TRUMPS", ["trumps"] * 4),
        ("café CAFÉ cafe\u0301 cafe", ["cafe"] * 4),
        ("İstanbul ISTANBUL ıstanbul", ["istanbul"] * 3),
        ("Łódź Đoković Øre", ["lodz", "dokovic", "ore"]),
        ("Straße ﬁn", ["straße", "ﬁn"]),
        ("co\u00adoperate zero\u200bwidth", ["cooperate", "zerowidth"]),
        ("ＦＵＬＬ width²", ["full", "width2"]),
        ("U.S. 1,000 snake_case a-b", ["u", "s", "1", "000", "snake", "case", "a", "b"]),
        ("中国 のアｱ ไทย", ["中", "国", "の", "ア", "ア", "ไ", "ท", "ย"]),
        ("كتـاب", ["كتاب"]),
        ("a\ud800b", ["a", "b"]),
        ("각 한국", ["각", "한국"]),
        (" ' \u0301 — ", []),
        ("", []),
    ],
)
def test_the_word_rules_fold_as_documented(text: str, expected: list[str]) -> None:
    assert folded(text) == expected


def test_dropped_characters_neither_start_nor_end_a_span() -> None:
    text = "‘Rock ’n’ roll’ cafe\u0301"
    assert [text[w.start : w.end] for w in words(text)] == ["Rock", "n", "roll", "cafe"]


@given(st.text())
def test_spans_are_ordered_disjoint_and_fold_to_their_word(text: str) -> None:
    found = words(text)
    last = 0
    for word in found:
        assert last <= word.start < word.end <= len(text)
        assert folded(text[word.start : word.end]) == [word.text]
        last = word.end
    assert find_words(text).texts() == [word.text for word in found]


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_nfc_and_nfd_of_latin_text_give_the_same_words(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = folded(text)
    assert folded(" ".join(once)) == once


@pytest.mark.skipif(
    unicodedata.unidata_version != make_word_table.UNICODE,
    reason=f"the table is built from Unicode {make_word_table.UNICODE}",
)
def test_the_committed_table_is_what_its_script_builds() -> None:
    assert np.array_equal(word_table(), make_word_table.build())
