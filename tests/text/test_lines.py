import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from dedup.text.lines import (
    Kind,
    Line,
    ends_with_stop,
    is_wrapped,
    kinds,
    lines,
    paragraphs,
    word_counts,
)

WRAPPED = """The harbour authority said on Friday that the bridge
would stay closed until engineers had looked at every
one of its forty bolts.

Ferries will run until midnight, and buses will take
the long way round by the mill.
"""


def kinds_of(text: str, found: list[Line]) -> list[Kind]:
    return kinds(found, [line.text.lower() for line in found], word_counts(text, found))


def looks(line: str) -> Kind:
    return kinds_of(line, paragraphs(line))[0]


def test_a_line_knows_where_it_stands_and_whether_a_blank_line_is_before_it():
    found = lines("  One \r\n\r\n\tTwo\r\nThree\r\r Four")
    assert [line.text for line in found] == ["One", "Two", "Three", "Four"]
    assert [line.gap for line in found] == [True, True, False, True]
    assert [(line.start, line.end) for line in found] == [(2, 5), (11, 14), (16, 21), (24, 28)]


def test_a_hard_wrapped_text_is_joined_to_paragraphs():
    assert is_wrapped(lines(WRAPPED))
    first, second = paragraphs(WRAPPED)
    assert first.text.startswith("The harbour") and first.text.endswith("forty bolts.")
    assert second.text.startswith("Ferries") and second.gap


def test_an_indented_line_begins_a_paragraph_of_a_wrapped_text_without_blank_lines():
    text = WRAPPED.replace("\n\n", "\n    ")
    assert [p.text.split()[0] for p in paragraphs(text)] == ["The", "Ferries"]


def test_one_line_for_each_paragraph_is_not_taken_for_wrapped():
    text = "Short one.\nAnother paragraph that is one line.\nThird and last of them.\n"
    assert [p.text for p in paragraphs(text)] == text.splitlines()


def test_a_menu_above_a_wrapped_text_is_not_joined_to_it():
    assert [p.text for p in paragraphs("Home\nSport\nWeather\n" + WRAPPED)][:3] == [
        "Home",
        "Sport",
        "Weather",
    ]


def test_a_stop_counts_behind_closing_marks_and_brackets():
    assert ends_with_stop("He said “no.”")
    assert ends_with_stop('dijo que "no " .')
    assert ends_with_stop("(It was late.)")
    assert not ends_with_stop("Mayor says ‘no’")
    assert not ends_with_stop("")


def test_dates_and_times_by_themselves_are_furniture():
    for line in (
        "Updated: May 03, 2017 01:43 IST",
        "1:15 p.m.",
        "13/01/2025 10:22",
        "Actualizado a las 20:56h",
        "Mittwoch, 16. April 2025 - 14:55",
    ):
        assert looks(line) is Kind.CUE, line


def test_photo_credits_make_a_caption():
    for line in (
        "The mayor cuts a ribbon at the harbour. Photo: AP",
        "The mayor cuts a ribbon. (Ann Lee/Harbour Times)",
        "The mayor and the harbour master (Reuters File Photo)",
        "El alcalde en el puerto. EFE/ Ana López",
        "Un barco en el puerto.Ana López / Europa Press",
    ):
        assert looks(line) in (Kind.CUE, Kind.LOOSE), line


def test_a_place_and_a_date_in_brackets_are_no_photo_credit():
    line = "The harbour will open in May, the mayor told the town council. (Marlow/Mar27/2024)"
    assert looks(line) is not Kind.CUE


def test_capitals_alone_say_nothing_of_a_sentence():
    for line in (
        "NOBODY ASKED THE HARBOUR MASTER BEFORE THE BRIDGE WAS SHUT.",
        "Ann Lee, John Ford, Mary Stone And Peter Brook Met Mayor Grey.",
    ):
        assert looks(line) is Kind.PROSE, line


def test_a_text_without_spaces_is_as_long_as_its_characters_say():
    for text, least in (
        ("港の橋が閉鎖された" * 20, 80),
        ("สะพานท่าเรือปิดแล้ว" * 20, 80),
        ("橋 bridge 閉鎖", 3),
    ):
        assert word_counts(text, lines(text))[0] >= least
    assert word_counts("a curly ’ in plain words", lines("a curly ’ in plain words")) == [6]


def test_tables_lists_and_rules_have_kinds_of_their_own():
    assert looks("Madrid 12 18 1.004 hPa") is Kind.LIST
    assert looks("- Close the bridge to lorries") is Kind.LIST
    assert looks("-----") is Kind.RULE


def test_a_sentence_that_begins_as_a_prompt_does_is_prose():
    for line in (
        "Copyright law has not kept up with the machines that read, the minister said.",
        "Published in 1985, the novel tells of a woman who loses her name.",
        "By the time they came the harbour was empty and the boats had gone.",
        "Supported by her allies, the mayor said she would not resign over the bridge.",
        "Relatedness among the wolves was higher than anyone had thought, the study found.",
        "Más de mil personas se manifestaron ayer en el puerto contra el cierre.",
        "Publicado en 1985, el libro cuenta la historia de una mujer.",
    ):
        assert looks(line) is Kind.PROSE, line


@given(st.text())
def test_lines_and_paragraphs_cut_their_own_text(text: str):
    for found in (lines(text), paragraphs(text)):
        assert all(text[line.start : line.end] == line.text != "" for line in found)
        assert all(a.end < b.start for a, b in itertools.pairwise(found))
        assert len(kinds_of(text, found)) == len(found)
    assert "".join(text.split()) == "".join("".join(line.text.split()) for line in lines(text))


@given(st.text("ab \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000."))
def test_lines_are_what_stands_between_line_ends_without_its_white_space(text: str) -> None:
    found = [
        (match.start(), match.group().rstrip())
        for match in re.finditer(r"\S[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*", text)
    ]
    assert [(line.start, line.text) for line in lines(text)] == found
    assert all(text[line.start : line.end] == line.text for line in lines(text))
