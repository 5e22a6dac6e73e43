import time

from hypothesis import given
from hypothesis import strategies as st

from dedup.text.headline import headline

STORY = "\n\n".join(
    [
        "The harbour authority closed the old swing bridge on Friday after engineers found cracks "
        "in two of its forty bolts.",
        "Ferries will carry passengers across the river until the repairs are done, the authority "
        "said in a statement.",
        '"Nobody will cross that bridge in a lorry again," said the mayor, Ann Lee, who opened it '
        "nine years ago.",
    ]
)


def found(text: str, title: str | None = None) -> str | None:
    span = headline(text, title)
    return None if span is None else text[slice(*span)]


def test_the_first_line_without_closing_stop_is_the_headline():
    assert found("Swing bridge closed after cracks found\n\n" + STORY) == (
        "Swing bridge closed after cracks found"
    )


def test_a_question_may_be_a_headline():
    text = "Will the swing bridge ever open again?\n\n" + STORY
    assert found(text) == "Will the swing bridge ever open again?"


def test_a_headline_may_end_with_a_quotation():
    text = "Mayor on bridge: ‘nobody will cross again’\n\n" + STORY
    assert found(text) == "Mayor on bridge: ‘nobody will cross again’"


def test_a_kicker_is_not_the_headline():
    assert found("RIVER-BRIDGE\n\nSwing bridge closed after cracks found\n\n" + STORY) == (
        "Swing bridge closed after cracks found"
    )


def test_a_date_before_the_headline_is_not_part_of_it():
    text = " date 2019-03-04 Swing bridge closed after cracks found\n\n" + STORY
    assert found(text) == "Swing bridge closed after cracks found"


def test_a_menu_a_breadcrumb_and_a_page_title_are_passed_over():
    text = (
        "Swing bridge closed after cracks found | News | Harbour Times | 04.03.2019\n"
        "  1. Navigation\n  2. Search\nSelect city\nSign in\nGet more with Harbour Plus\n"
        "Home / Local news / Swing bridge closed after cracks found\n\n"
        "Swing bridge closed after cracks found\n\n"
    )
    assert headline(text + STORY) == (
        len(text) - len("Swing bridge closed after cracks found\n\n"),
        len(text) - 2,
    )


def test_a_caption_is_passed_over():
    text = "The swing bridge on Friday. Photo: AP\n\nBridge closed after cracks found\n\n" + STORY
    assert found(text) == "Bridge closed after cracks found"


def test_the_title_names_the_headline_whatever_its_case_and_punctuation():
    text = 'Harbour week\n\nBridge closed: "nobody will cross"\n\nBolts and ferries\n\n' + STORY
    assert (
        found(text, "BRIDGE CLOSED – ‘Nobody will cross’ ") == 'Bridge closed: "nobody will cross"'
    )
    assert found(text, "Bridge closed: nobody will cross - Harbour Times") == (
        'Bridge closed: "nobody will cross"'
    )


def test_a_title_that_the_text_does_not_have_changes_nothing():
    text = "Swing bridge closed after cracks found\n\n" + STORY
    assert found(text, "Enter your city or postcode") == "Swing bridge closed after cracks found"
    assert found(STORY, "Enter your city or postcode") is None


def test_wire_copy_that_begins_with_its_dateline_has_no_headline():
    assert found("PORT CITY (AP) — " + STORY) is None
    assert found("Sevilla, 23 may (EFE). -\n" + STORY) is None
    assert found(STORY) is None


def test_a_long_first_line_without_stop_is_no_headline():
    assert (
        found(
            STORY.split("\n")[0].rstrip(".")
            + " and the authority shut it at once, it said, for a month or more\n\n"
            + STORY
        )
        is None
    )


def test_a_text_without_words_has_no_headline():
    assert headline("") is None
    assert headline(" \n\n\t") is None
    assert headline("", "Title") is None


@given(st.text(), st.none() | st.text(max_size=30))
def test_the_span_is_inside_the_text_and_on_one_line(text: str, title: str | None):
    span = headline(text, title)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        assert text[slice(*span)].strip()


def test_a_megabyte_of_short_lines_takes_seconds_at_most():
    start = time.process_time()
    headline("Bridge\n" * 140_000, "Bridge")
    headline("\n" * 1_000_000)
    headline("a | " * 250_000)
    assert time.process_time() - start < 8
