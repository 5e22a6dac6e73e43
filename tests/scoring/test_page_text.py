"""Page text that both sides have is shown as a passage of its own kind, and counts nowhere."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, compare

BODY = (
    "Ferry crews on the Tagus began a second week of stoppages on Monday after talks with the "
    "operator broke down over the weekend, leaving forty thousand commuters without a crossing at "
    "the busiest hours of the day."
)
OTHER = (
    "Growers in the northern valleys expect the best apple harvest in a decade after a mild "
    "spring, the regional cooperative said on Thursday, and prices at the orchard gate fell."
)
PAGE = "READ ALSO: Ten walks that end at a good pub | What your house would fetch today"
WORDS = len(PAGE.replace("|", "").split())


def test_page_text_of_both_is_a_passage_of_that_kind_and_in_no_number() -> None:
    a, b = Article("a", f"{BODY}\n\n{PAGE}\n"), Article("b", f"{PAGE}\n\n{BODY}\n")
    match = compare(a, b)
    (page,) = (span for span in match.spans if span.kind == "page-text")
    assert a.text[slice(*page.a)] == b.text[slice(*page.b)] == PAGE
    assert (page.words, page.is_evidence) == (WORDS, False)
    bare = compare(Article("a", BODY), Article("b", BODY))
    assert match.overlap.longest_span_words == bare.overlap.longest_span_words
    assert (match.overlap.percent_a, match.relation) == (100.0, bare.relation)


def test_page_text_alone_is_nothing_in_common() -> None:
    match = compare(Article("a", f"{BODY}\n\n{PAGE}\n"), Article("b", f"{OTHER}\n\n{PAGE}\n"))
    assert (match.relation, match.overlap.percent_a) == ("independent", 0.0)
    assert [span.kind for span in match.spans] == ["page-text"]


def test_page_text_shorter_than_min_span_is_left_out() -> None:
    a, b = Article("a", f"{BODY}\n\n{PAGE}\n"), Article("b", f"{PAGE}\n\n{BODY}\n")
    kinds = [span.kind for span in compare(a, b, min_span=WORDS).spans]
    assert kinds == ["narrative", "page-text"]
    assert [span.kind for span in compare(a, b, min_span=WORDS + 1).spans] == ["narrative"]


parts = st.lists(
    st.sampled_from([BODY, OTHER, PAGE, "Share on Facebook", "Related: ten good walks in May"]),
    min_size=1,
    max_size=6,
).map("\n\n".join)


@settings(deadline=None, max_examples=60)
@given(parts, parts)
def test_page_text_is_disjoint_from_the_passages_and_the_same_both_ways(one: str, two: str) -> None:
    a, b = Article("a", one), Article("b", two)
    there, back = compare(a, b), compare(b, a)
    for side in ("a", "b"):
        ordered = sorted(getattr(span, side) for span in there.spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(ordered))
    assert {(span.a, span.b, span.kind, span.words) for span in there.spans} == {
        (span.b, span.a, span.kind, span.words) for span in back.spans
    }
    without = replace(there, spans=tuple(s for s in there.spans if s.kind != "page-text"))
    longest = max((span.words for span in without.spans), default=0)
    assert there.overlap.longest_span_words == longest
