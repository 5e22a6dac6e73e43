"""Soft matching of sentences: rewritten reports, and reports of the same event that are not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.scoring.prepared import Prepared, prepare
from dedup.scoring.rewording import SENTENCES, Rewording, find_rewording
from dedup.text.hashing import SHORT, STEM, hash_words
from dedup.text.words import find_words

WIRE = """\
The harbour authority of Port Ellery closed its northern terminal on Tuesday after inspectors \
found cracks in two of the loading cranes.

About 340 dockers were sent home while engineers from the manufacturer examined the steel, the \
authority said.

Ships carrying timber and fertiliser were diverted to Cape Moran, 90 kilometres further south.

Exporters warned that delays would cost the region 4 million crowns a week until the terminal \
reopens.

The cranes were installed in 1998 and had passed their last inspection in October.
"""

REWORDED = """\
Cracks discovered by inspectors in two loading cranes forced Port Ellery to shut its northern \
terminal on Tuesday, according to the harbour authority.

It sent some 340 dockers home as the manufacturer's engineers went over the steel.

Timber and fertiliser ships had to be diverted south to Cape Moran, 90 kilometres away.

Each week of delays until the terminal reopens will cost the region 4 million crowns, exporters \
warned.

Installed in 1998, the cranes passed an inspection as recently as October.
"""

OTHER = """\
When Ines Caldwell arrived for the early shift the gates were locked and nobody could say why.

By noon the canteen had run out of soup, and a rumour about broken machinery went round the tables.

Her union wants to know who signed the papers, and has asked for a meeting with the minister.

Fishing boats went out as usual, and the auction hall had one of its better mornings.
"""


def side(text: str) -> Prepared:
    return prepare(Article("x", text), 5)


def reword(a: str, b: str) -> Rewording:
    side_a, side_b = side(a), side(b)
    return find_rewording(
        side_a,
        side_b,
        side_a.text.body & ~side_a.text.quoted,
        side_b.text.body & ~side_b.text.quoted,
    )


def test_a_report_reworded_sentence_by_sentence_is_followed_throughout() -> None:
    found = reword(WIRE, REWORDED)
    assert found.sentences >= 4
    assert min(found.percent_a, found.percent_b) > 70


def test_an_independent_report_of_the_event_is_not_followed() -> None:
    assert reword(WIRE, OTHER).sentences == 0


def test_the_same_sentences_in_another_order_make_a_shorter_chain() -> None:
    turned = "\n\n".join(reversed(REWORDED.strip().split("\n\n")))
    assert reword(WIRE, turned).sentences < reword(WIRE, REWORDED).sentences


def test_the_sides_may_be_swapped() -> None:
    one, other = reword(WIRE, REWORDED), reword(REWORDED, WIRE)
    assert (one.sentences, one.percent_a, one.percent_b) == (
        other.sentences,
        other.percent_b,
        other.percent_a,
    )


def test_only_narrative_counts() -> None:
    a, b = side(WIRE), side(REWORDED)
    nothing = np.zeros(len(a.text.words), np.bool_)
    assert find_rewording(a, b, nothing, b.text.body).sentences == 0


def test_stems_leave_out_short_words_but_no_numbers() -> None:
    words = ["the", "loading", "loaded", "loads", "cranes", "crane", "40", "400", "40"]
    the, loading, loaded, loads, cranes, crane, forty, more, again = hash_words(
        find_words(" ".join(words))
    )[1].tolist()
    assert the == 0
    assert loading not in (0, loaded, loads)
    assert cranes == crane
    assert forty == again
    assert forty not in (0, more)


@given(st.lists(st.text("abc01é", min_size=1, max_size=7), min_size=1))
def test_stems_are_equal_exactly_where_the_first_letters_are(words: list[str]) -> None:
    found = find_words(" ".join(words))
    keys = [w if w[0].isdigit() else w[:STEM] if len(w) >= SHORT else None for w in found.texts()]
    numbers = hash_words(found)[1].tolist()
    assert [number == 0 for number in numbers] == [key is None for key in keys]
    by_key = dict(zip(keys, numbers, strict=True))
    assert [by_key[key] for key in keys] == numbers
    assert len(set(by_key.values())) == len(by_key)


def test_a_text_that_repeats_itself_without_end_is_done_in_no_time() -> None:
    again = "The same twelve words stand here again and again and again. " * 9000
    long = side(again)
    assert find_rewording(long, long, long.text.body, long.text.body).sentences <= SENTENCES
