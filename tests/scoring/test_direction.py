"""Direction: agency copy, credits, dates, outlets named, briefs."""

import time
from dataclasses import replace

import pytest

from dedup.article import Article
from dedup.detector import compare
from dedup.scoring.attribution import outlets
from dedup.text.annotate import annotate

STORY = """\
Rescuers reached the last of 14 walkers trapped on the Corvo ridge on Sunday morning, two days \
after a landslide had cut the only path to the valley.

Three of them were taken to the hospital of Val Serena with frostbite, and the others were able to \
walk down by themselves, the mountain police said.

The regional government closed the ridge until geologists have examined the slope, which had moved \
several times since the storms of the spring.
"""
CUT = STORY.split("\n\n")[0] + "\n"
OWN = """
Hotels in the valley had already given up hope of a good season before the accident, and some said \
that they would not open their doors again until the snow comes back.

A new cable car, promised for ten years, would have taken the walkers down in a quarter of an \
hour, and its opponents and its friends both claimed the accident for themselves on Sunday evening.
"""
DATELINE = "Val Serena, Mar 3 (EFE).- "


def direction(a: Article, b: Article) -> str:
    found = compare(a, b)
    assert found.derived
    swapped = compare(b, a).direction
    assert swapped == {"a->b": "b->a", "b->a": "a->b"}.get(found.direction, found.direction)
    return found.direction


def test_agency_copy_is_the_source_of_a_text_that_names_nobody() -> None:
    assert direction(Article("a", DATELINE + STORY), Article("b", STORY + OWN)) == "a->b"


def test_agency_copy_is_the_source_of_a_print_that_credits_it() -> None:
    assert direction(Article("a", DATELINE + STORY), Article("b", f"By EFE\n\n{STORY}")) == "a->b"


def test_an_outlet_with_a_dateline_is_not_the_agency() -> None:
    a = Article("a", DATELINE + STORY, source="valley-herald.com")
    b = Article("b", STORY + OWN, source="ridge-times.com")
    assert direction(a, b) == "common"


def test_a_brief_of_the_agency_was_made_from_its_longer_text() -> None:
    long = Article("a", DATELINE + STORY + OWN, source="EFE")
    brief = Article("b", DATELINE + CUT, source="EFE")
    assert direction(long, brief) == "a->b"


def test_two_versions_of_the_agency_are_of_one_text() -> None:
    a = Article("a", DATELINE + STORY, source="EFE")
    b = Article("b", DATELINE + STORY.replace("14 walkers", "15 walkers"), source="EFE")
    assert direction(a, b) == "common"


def test_a_credit_on_one_side_tells_where_both_have_it_from() -> None:
    assert direction(Article("a", f"By EFE\n\n{STORY}"), Article("b", STORY + OWN)) == "common"


def test_without_credits_the_earlier_is_the_source() -> None:
    a = Article("a", STORY, published="2021-03-04T08:00")
    b = Article("b", STORY + OWN, published="2021-03-03")
    assert direction(a, b) == "b->a"


def test_dates_that_only_differ_in_precision_decide_nothing() -> None:
    a = Article("a", STORY + OWN, published="2021-03-03T08:00")
    b = Article("b", STORY + OWN.replace("ten", "nine"), published="2021-03")
    assert direction(a, b) == "unknown"


def test_who_names_an_outlet_has_the_story_from_there() -> None:
    named = STORY + "\nThe mountain police told the Valley Herald that the search was over.\n"
    assert direction(Article("a", named), Article("b", STORY + OWN)) == "b->a"


def test_who_names_the_outlet_of_the_other_has_it_from_there() -> None:
    a = Article("a", STORY + OWN, source="ridgewatch.net")
    b = Article("b", STORY + "\nRidge Watch had reported the landslide first.\n", source="b.org")
    assert direction(a, b) == "a->b"


def test_a_cut_without_credits_was_made_from_the_longer_text() -> None:
    assert direction(Article("a", STORY + OWN), Article("b", CUT)) == "a->b"


def test_without_any_sign_the_direction_is_unknown() -> None:
    assert direction(Article("a", STORY), Article("b", STORY)) == "unknown"


def test_outlets_are_told_by_how_their_names_end() -> None:
    text = "The Daily Mail and metro.co.uk said so; the Times, Mr. Post and the sun did not."
    assert outlets(annotate(Article("a", text))) == {"daily mail", "metro co uk"}


@pytest.mark.parametrize("unit", ["A-", "a-", "The ", "A ", "Daily-", "x.", "diario "])
def test_a_hostile_megabyte_is_read_in_time(unit: str) -> None:
    text = annotate(Article("a", "Nothing happened here. " + "word " * 9))
    hostile = replace(text, article=Article("a", unit * (1_000_000 // len(unit))))
    begun = time.process_time()
    outlets(hostile)
    assert time.process_time() - begun < 3
