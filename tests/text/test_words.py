"""Word rules v2."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text import make_word_table
from dedup.text.words import find_words, word_table, words


def folded(text: str) -> list[str]:
    return [word.text for word in words(text)]


JAMO = st.characters(min_codepoint=0x1100, max_codepoint=0x11FF)
HANGUL = st.one_of(
    JAMO,
    st.sampled_from("\u1100\u1161\u1175\u11a7\u11a8\u11c2 \u00ad'\u0301ㄱㅏa-中"),
    st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
)
ANY_LETTERS = st.characters(exclude_characters="ဦ")  # written by two characters, each a word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trump’s Trump's Trumpʼs TRUMPS", ["trumps"] * 4),
        ("café CAFÉ cafe\u0301 cafe", ["cafe"] * 4),
        ("İstanbul ISTANBUL ıstanbul", ["istanbul"] * 3),
        ("Łódź Đoković Øre", ["lodz", "dokovic", "ore"]),
        ("Straße STRASSE STRAẞE", ["strasse"] * 3),
        ("oﬃce ﬁn ﬂoor ﬀ waﬄe", ["office", "fin", "floor", "ff", "waffle"]),
        ("Ĳssel ǆ և Ⅷ ⑫ ŉ", ["ijssel", "dz", "եւ", "viii", "12", "n"]),
        ("½ Ŀ ㎏", ["½", "ŀ"]),  # what they stand for has more than letters, or is no letter
        ("کتاب كتاب", ["كتاب"] * 2),
        ("فى في فی ہے ھے هي", ["في"] * 3 + ["هي"] * 3),
        ("ﻻ لا ﷲ الله", ["لا"] * 2 + ["الله"] * 2),
        ("\u09ab\u09cb", ["\u09ab\u09c7\u09be"]),  # a vowel sign of two parts
        ("co\u00adoperate zero\u200bwidth", ["cooperate", "zerowidth"]),
        ("ＦＵＬＬ width²", ["full", "width2"]),
        ("U.S. 1,000 snake_case a-b", ["u", "s", "1", "000", "snake", "case", "a", "b"]),
        ("中国 のアｱ ไทย", ["中", "国", "の", "ア", "ア", "ไ", "ท", "ย"]),
        ("كتـاب", ["كتاب"]),
        ("a\ud800b", ["a", "b"]),
        ("각 \u1100\u1161\u11a8 가\u11a8 한국", ["각"] * 3 + ["한국"]),
        ("ㄱㅏ ㅋㅋ \u1100-\u1161 \u1100中\u1161", ["가", "ᄏᄏ", "ᄀ", "ᅡ", "ᄀ", "中", "ᅡ"]),
        (" ' \u0301 — ", []),
        ("", []),
    ],
)
def test_the_word_rules_fold_as_documented(text: str, expected: list[str]) -> None:
    assert folded(text) == expected


def test_dropped_characters_neither_start_nor_end_a_span() -> None:
    text = "‘Rock ’n’ roll’ cafe\u0301"
    assert [text[w.start : w.end] for w in words(text)] == ["Rock", "n", "roll", "cafe"]


@given(st.text() | st.text(HANGUL))
def test_spans_are_ordered_disjoint_and_fold_to_their_word(text: str) -> None:
    found = words(text)
    last = 0
    for word in found:
        assert last <= word.start < word.end <= len(text)
        assert folded(text[word.start : word.end]) == [word.text]
        last = word.end
    assert find_words(text).texts() == [word.text for word in found]


@given(st.text(ANY_LETTERS) | st.text(HANGUL))
def test_nfc_and_nfd_give_the_same_words(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text))


def test_every_character_gives_the_words_of_its_decomposition() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        char = chr(code)
        apart = unicodedata.normalize("NFD", char)
        if apart != char and char != "ဦ":
            assert folded(char) == folded(apart), hex(code)


@given(st.text(st.sampled_from("Straße ﬁnﬂoor각가\u1100\u1161\u11a8 ফোন ﷲ,'")))
def test_a_word_spans_what_it_was_read_from(text: str) -> None:
    for word in words(text):
        assert not text[word.start : word.end].isspace()
        assert " " not in text[word.start : word.end]


@given(st.text() | st.text(HANGUL))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = folded(text)
    assert folded(" ".join(once)) == once


@pytest.mark.skipif(
    unicodedata.unidata_version != make_word_table.UNICODE,
    reason=f"the table is built from Unicode {make_word_table.UNICODE}",
)
def test_the_committed_table_is_what_its_script_builds() -> None:
    assert np.array_equal(word_table(), make_word_table.build())
