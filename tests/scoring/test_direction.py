"""Direction: agency copy, credits, dates, outlets named, briefs."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.dates import earlier
from dedup.detector import compare
from dedup.scoring.attribution import outlets
from dedup.scoring.direction import direction as scored
from dedup.scoring.direction import from_wire
from dedup.scoring.overlap import measure_overlap
from dedup.scoring.prepared import prepare
from dedup.scoring.spans import find_spans
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
DATES = (None, "2021", "2021-03-03", "2021-03-04T08:00", "2021-03-04T08:00-05:00", "soon")


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


def test_what_an_agency_publishes_is_its_own_copy_with_or_without_dateline() -> None:
    a = Article("a", STORY, source="Associated Press")
    b = Article("b", f"By AP\n\n{STORY}", source="valley-herald.com")
    assert direction(a, b) == "a->b"
    other = Article("b", f"By Reuters\n\n{STORY}", source="valley-herald.com")
    assert direction(a, other) == "common"


def test_a_credit_on_one_side_tells_where_both_have_it_from() -> None:
    assert direction(Article("a", f"By EFE\n\n{STORY}"), Article("b", STORY + OWN)) == "common"


def test_of_one_outlets_own_two_texts_the_earlier_is_the_source() -> None:
    a = Article("a", STORY, published="2021-03-04T08:00", source="ridgewatch.net")
    b = Article("b", STORY + OWN, published="2021-03-03", source="ridgewatch.net")
    assert direction(a, b) == "b->a"
    assert direction(replace(a, text=f"By AP\n\n{STORY}"), b) == "common"
    assert direction(a, replace(b, published="2021-03")) == "common", "a month and a day of it"


@given(st.sampled_from(DATES), st.sampled_from(DATES), st.sampled_from([None, "a.org"]))
def test_across_outlets_the_time_of_publication_proves_nothing(
    first: str | None, second: str | None, source: str | None
) -> None:
    a = Article("a", STORY, published=first, source=source)
    b = Article("b", STORY + OWN, published=second, source=source and "b.org")
    assert direction(a, b) == ("common" if source else "unknown")
    assert compare(a, b).earlier == earlier(first, second)


def test_who_names_an_outlet_has_the_story_from_there() -> None:
    named = STORY + "\nThe mountain police told the Valley Herald that the search was over.\n"
    assert direction(Article("a", named), Article("b", STORY + OWN)) == "b->a"


def test_who_names_the_outlet_of_the_other_has_it_from_there() -> None:
    a = Article("a", STORY + OWN, source="ridgewatch.net")
    b = Article("b", STORY + "\nRidge Watch had reported the landslide first.\n", source="b.org")
    assert direction(a, b) == "a->b"


def test_a_short_name_of_an_outlet_counts_in_capitals() -> None:
    a = Article("a", STORY + OWN, url="https://edition.cnn.com/corvo")
    named = "\nThe landslide came without warning, cnn.com wrote; CNN had men on the ridge.\n"
    assert direction(a, Article("b", STORY + named, source="b.org")) == "a->b"
    assert direction(a, Article("b", STORY + named.lower(), source="b.org")) == "common"


def test_a_name_in_small_letters_is_not_the_outlets() -> None:
    a = Article("a", STORY + OWN, source="The Ridge (Corvo)")
    assert (
        direction(a, Article("b", STORY + "\nThe ridge is closed.\n", source="b.org")) == "common"
    )
    said = STORY + "\nThe Ridge had reported it first, on the island of Corvo.\n"
    assert direction(a, Article("b", said, source="b.org")) == "a->b"


def test_two_outlets_that_name_nobody_have_it_from_a_third() -> None:
    a = Article("a", STORY, source="a.org")
    assert direction(a, Article("b", STORY + OWN, url="https://b.org/1")) == "common"


def test_a_text_that_others_hold_too_is_from_a_third() -> None:
    a, b = (prepare(Article(name, text), 5) for name, text in (("a", STORY), ("b", STORY + OWN)))
    overlap = measure_overlap(a, b, find_spans(a, b))
    assert scored(a.text, b.text, overlap, elsewhere=True) == "common"
    assert scored(a.text, b.text, overlap) == "unknown"


def test_the_wire_is_the_source_by_definition() -> None:
    a, b = Article("a", STORY, source="b.org"), Article("b", f"By AP\n\n{STORY}", source="AP")
    match = compare(a, b)
    assert (match.direction, match.credited_a, match.credited_b) == ("b->a", False, True)
    turned = from_wire(match)
    assert (turned.direction, turned.credited_a, turned.credited_b) == ("a->b", False, True)
    other = compare(a, Article("c", OWN))
    assert from_wire(other) is other


def test_a_cut_without_credits_was_made_from_the_longer_text() -> None:
    assert direction(Article("a", STORY + OWN), Article("b", CUT)) == "a->b"


def test_without_any_sign_the_direction_is_unknown() -> None:
    assert direction(Article("a", STORY), Article("b", STORY)) == "unknown"


def test_outlets_are_told_by_how_their_names_end() -> None:
    text = "The Daily Mail and metro.co.uk said so; the Times, Mr. Post and the sun did not."
    assert outlets(annotate(Article("a", text))) == {"daily mail", "metro co uk"}


@pytest.mark.parametrize(
    "text",
    [
        "Corvo, March 6 (Daily Ridge Mail) - The path was closed.",
        "The path was closed. Write to the desk at ana.lima@ridgemail.com",
        "The Mail said so.",
    ],
)
def test_a_text_does_not_name_its_own_outlet_as_a_source(text: str) -> None:
    assert outlets(annotate(Article("a", text))) == set()


@pytest.mark.parametrize("unit", ["A-", "a-", "The ", "A ", "Daily-", "x.", "diario "])
def test_a_hostile_megabyte_is_read_in_time(unit: str) -> None:
    text = annotate(Article("a", "Nothing happened here. " + "word " * 9))
    hostile = replace(text, article=Article("a", unit * (1_000_000 // len(unit))))
    begun = time.process_time()
    outlets(hostile)
    assert time.process_time() - begun < 3
