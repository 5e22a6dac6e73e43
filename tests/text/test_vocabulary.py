"""Looking for words and phrases by the hashes and stems of a text's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.hashing import hash_words, word_keys
from dedup.text.lines import furniture_words, phrases_in
from dedup.text.statements import statement_places
from dedup.text.vocabulary import Vocabulary
from dedup.text.words import find_words

PHRASES = sorted({*furniture_words("within"), *furniture_words("glued")})
WORDS = st.sampled_from(["we", "We", "were", "news", "newsletter", "Our", "café", "cafe", "12"])


def held(text: str) -> frozenset[str]:
    return phrases_in(text, word_keys(*hash_words(find_words(text))))


def first_person(text: str) -> list[str]:
    words = find_words(text)
    starts, _ = statement_places(text, words, hash_words(words)[0])
    return [text[start:].split()[0] for start in starts]


@given(st.lists(WORDS, max_size=30), st.lists(WORDS, min_size=1, max_size=4))
def test_a_vocabulary_finds_its_words_wherever_they_stand(text, wanted) -> None:
    words = find_words(" ".join(text)).texts()
    folded = set(find_words(" ".join(wanted)).texts())
    hashes, _ = hash_words(find_words(" ".join(text)))
    vocabulary = Vocabulary(" ".join(wanted))
    places = vocabulary.places(hashes).tolist()
    assert places == [at for at, word in enumerate(words) if word in folded]
    assert vocabulary.held(hashes) == folded & set(words)


def test_a_vocabulary_of_stems_finds_words_that_go_on() -> None:
    vocabulary = Vocabulary("newsl file an", stems=True)
    asked = word_keys(*hash_words(find_words("Newsletters and files, a file.")))
    assert vocabulary.held(asked) == {"newsl", "file"}
    assert vocabulary.places(asked).tolist() == [0, 4]


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("around", ["%s", "The harbour. %s now", "“%s”, it said.", "A line\n%ss"])
def test_every_phrase_of_furniture_is_found_where_it_stands(phrase: str, around: str) -> None:
    text = around % phrase.upper()
    going_on = around.endswith("%ss") and len(find_words(phrase).texts()[-1]) < 5
    assert phrase in held(text) or going_on
    assert held(text) == {one for one in held(text) if one in text.lower()}
    assert phrase not in held("The harbour was closed on Monday.")


def test_a_phrase_begins_where_a_word_does() -> None:
    assert "see also" in held("The harbour. (See also page 3.)")
    assert "see also" not in held("In Tennessee also the harbour was closed.")
    assert "file photo" not in held("The profile photo of the harbour.")


def test_who_speaks_is_found_by_whole_words() -> None:
    text = "We're sure I said so; Mi'kmaq were told by me. War I ended. Nuestros puertos, I. Me."
    assert first_person(text) == ["We're", "I", "me.", "Nuestros", "Me."]
