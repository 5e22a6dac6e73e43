import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.quotations import quotations


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quotations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('She said "yes" and "no."', ['"yes"', '"no."']),
        ("She said “yes,” then left.", ["“yes,”"]),
        ("„Ja“, sagte er. »Nein«, sagte sie.", ["„Ja“", "»Nein«"]),
        ("Dijo «sí» y luego ‹no›.", ["«sí»", "‹no›"]),
        ("the ‘new’ bridge", ["‘new’"]),
        ("‘‘Go,’’ she said. ``Stay,'' he said. ''So.''", ["‘‘Go,’’", "``Stay,''", "''So.''"]),
        ("said—“word”—and", ["“word”"]),
        ('He said:"No".', ['"No"']),
        ("「はい」と言った。", ["「はい」"]),
        ('“We go," he said.', ['“We go,"']),
        ('""Go,"" she said', ['""Go,""']),
    ],
)
def test_every_kind_of_mark_is_read(text, expected):
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Don’t, the 1990’s, the workers’ rights, the ’90s, ’tis, rock ’n’ roll",
        "Don't, the 1990's, the workers' rights, the '90s, 'tis, rock 'n' roll",
        "A 5' 11\" man with a 12\" pipe and a 6' ladder",
        "The O‘Brien house",
        'An odd " mark',
    ],
)
def test_apostrophes_feet_and_inches_are_not_quotation_marks(text):
    assert quoted(text) == [] or text.startswith("An odd")


def test_the_outermost_quotation_is_one_span():
    assert quoted("“One ‘two “three” four’ five,” he said.") == ["“One ‘two “three” four’ five,”"]
    assert quoted("'He said \"go\" to us,' she said.") == ["'He said \"go\" to us,'"]
    assert quoted('"He said, "Go," and I went."') == ['"He said, "Go," and I went."']
    assert quoted("\"'We will go.” she wrote.") == ["\"'We will go.”"]


def test_a_possessive_does_not_close_a_single_quotation():
    assert quoted("'I saw the workers' hall burn,' he said.") == ["'I saw the workers' hall burn,'"]
    assert quoted("‘I saw the workers’ hall burn,’ he said.") == ["‘I saw the workers’ hall burn,’"]
    assert quoted("the ‘workers’ and ‘owners’ of it") == ["‘workers’", "‘owners’"]


@pytest.mark.parametrize(("opening", "closing"), [('"', '"'), ("“", "”"), ("'", "'"), ("‘", "’")])
@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_paragraphs_that_open_again_are_one_quotation(opening, closing, between):
    said = f"{opening}One day.{between}{opening}Two days.{between}{opening}Three,{closing}"
    text = f"{said} he said.{between}Nobody else spoke that day."
    assert quoted(text) == [said]


def test_spanish_paragraphs_open_again_with_the_closing_mark():
    assert quoted("«Uno dos.\n»Tres cuatro.\n»Cinco», dijo.") == [
        "«Uno dos.\n»Tres cuatro.\n»Cinco»"
    ]
    assert quoted("“Uno dos.\n”Tres cuatro.\n”Cinco”, dijo.") == [
        "“Uno dos.\n”Tres cuatro.\n”Cinco”"
    ]


@pytest.mark.parametrize("mark", ['"', "“", "«", "„"])
def test_an_unclosed_mark_ends_with_its_paragraph(mark):
    text = f"He said: {mark}We go now.\n\nThe bridge is shut.\n\nThe ferry runs."
    assert quoted(text) == [f"{mark}We go now."]


def test_an_unclosed_mark_leaves_the_next_quotation_alone():
    assert quoted('"We go now. She said "maybe" twice.') == ['"We go now.', '"maybe"']
    text = 'He said: "We go now.\n\nShe said "maybe" twice.'
    assert quoted(text) == ['"We go now.', '"maybe"']


def test_a_mark_unclosed_at_the_start_of_a_very_long_paragraph_costs_one_sentence():
    text = "“We go now. " + "The bridge is shut and the ferry runs. " * 200
    assert quoted(text) == ["“We go now."]


def test_a_quotation_over_sentences_that_stand_on_lines_of_their_own_is_found():
    text = 'Agregó: " Es serio.\nTrabaja mucho.\nMerece esto ", y se fue.\nNada más.'
    assert quoted(text) == ['" Es serio.\nTrabaja mucho.\nMerece esto "']


def test_a_letter_that_a_colon_introduces_goes_on_over_marks_of_its_own():
    letter = [
        '"When I was young the bridge was of wood.',
        "We crossed it on foot.",
        'My father called it "the plank" and would not take his cart over it.',
        "*",
        "*",
        "*",
        "*",
        'It is gone now, and with it the river we knew."',
    ]
    text = "\n\n".join(["Her letter reads:", *letter, "Nobody answered."])
    assert quoted(text) == ["\n\n".join(letter)]
    assert quoted(text.replace("reads:", "is long.")) != ["\n\n".join(letter)]


def test_tokenised_marks_go_by_turns():
    assert quoted('un " agente activo " y otro " más " .') == ['" agente activo "', '" más "']
    assert quoted('este plan" está cojo ", dijo, y "no basta ".') == [
        '" está cojo "',
        '"no basta "',
    ]


def test_spaces_on_the_wrong_side_are_not_believed_in_tokenised_text():
    text = 'consideraron" una provocación "y" un paso atrás "la idea, que " no basta " .'
    assert quoted(text) == ['" una provocación "', '" un paso atrás "', '" no basta "']


def test_an_apostrophe_in_between_does_not_end_the_wait_for_a_closing_mark():
    text = 'She said: "It is ours.\nThe workers\' hall too.\nAll of it," and left.'
    assert quoted(text) == ['"It is ours.\nThe workers\' hall too.\nAll of it,"']


def test_a_quotation_goes_on_over_the_line_ends_of_a_wrapped_text():
    text = (
        'The mayor told the meeting that "nobody will ever\n'
        "cross that bridge again in a lorry while I am the\n"
        'mayor of this town" and left the room.\n\nIt was late.'
    )
    (span,) = quotations(text)
    assert text[slice(*span)].startswith('"nobody') and text[slice(*span)].endswith('town"')


def test_marks_without_words_are_no_quotation():
    assert quotations('“”""\n"\n“') == []


MARKS = "\"“”„«»‹›‘’'`´ \n.,aA1—("


@given(st.text(alphabet=MARKS, max_size=200) | st.text())
def test_spans_are_sorted_disjoint_and_inside_the_text(text: str):
    spans = quotations(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


@given(
    st.lists(st.sampled_from(["plain words here.", "“quoted words,” he said.", 'the "so" one.']))
)
def test_well_formed_paragraphs_do_not_affect_each_other(parts: list[str]):
    text = "\n\n".join(parts)
    expected = [word for part in parts for word in quoted(part)]
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "unit", ['"', "“", "”", "\n", '" ', "'a ", '"a\n\n', "“a\n", "''", "‘", "\"“'", '"a" ', "’"]
)
def test_time_is_linear_in_a_text_of_marks(unit):
    text = unit * (250_000 // len(unit))
    start = time.process_time()
    quotations(text)
    assert time.process_time() - start < 2
