"""How much of a word a character is."""

import numpy as np

from dedup.text.spaceless import word_sizes
from dedup.text.words import find_words, word_table


def test_exactly_the_characters_that_are_words_are_less_than_a_word() -> None:
    table = word_table()
    codes = np.arange(0x110000)
    kinds = table[table[codes >> 8] + (codes & 255)] & 3
    for kind, less in ((2, False), (3, True)):
        characters = [chr(code) for code in np.flatnonzero(kinds == kind)]
        found = find_words(" ".join(characters))
        assert len(found) == len(characters) > 10_000
        assert ((word_sizes(found) < 1) == less).all()


def test_a_long_name_in_a_script_without_spaces_is_a_few_words() -> None:
    assert word_sizes(find_words("国立海洋観測機構 is 3")).tolist() == [0.5] * 8 + [1, 1]
    assert word_sizes(find_words("กรมเจ้าท่า")).sum() == 2
    assert word_sizes(find_words("")).tolist() == []
