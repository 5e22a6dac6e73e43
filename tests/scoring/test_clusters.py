"""Clusters, and the detector that makes their matches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, Detector
from dedup.index.library import DuplicateId
from dedup.scoring.clusters import publication_order

STORY = (
    "Lisbon, Mar 14 (EFE).- Ferry crews on the Tagus began a second week of stoppages on Monday "
    "after talks with the operator broke down, leaving forty thousand commuters without a "
    "crossing at the busiest hours of the day. The company said that it had offered a rise of "
    "three percent spread over two years and would not go further than that before the summer."
)
OWN = STORY.partition(".- ")[2]
OTHER = (
    "Growers in the northern valleys expect the best apple harvest in years after a mild spring, "
    "and prices at the orchard gate have already fallen by a fifth compared with last autumn."
)


def detector(*articles: Article) -> Detector:
    made = Detector()
    made.add(articles)
    return made


def test_an_article_joins_the_earliest_it_is_derived_with_and_undated_come_last() -> None:
    articles = [
        Article("undated", OWN),
        Article("late", OWN.replace("broke down", "collapsed"), published="2024-03-16"),
        Article("early", STORY, published="2024-03-14"),
        Article("apples", OTHER, published="2024-03-01"),
    ]
    (cluster,) = detector(*articles).clusters()
    assert cluster.representative == cluster.source == "early"
    assert cluster.members == ("early", "late", "undated")
    assert len(cluster.edges) == 2


def test_clusters_do_not_depend_on_the_order_of_adding() -> None:
    articles = [
        Article(f"a{n}", OWN.replace("Monday", day), published=f"2024-03-{10 + n}")
        for n, day in enumerate(("Monday", "Tuesday", "Monday", "Friday"))
    ]
    once = detector(*articles).clusters()
    assert [c.to_dict() for c in detector(*reversed(articles)).clusters()] == [
        c.to_dict() for c in once
    ]


def test_nothing_is_chained_through_a_member() -> None:
    first, second = OWN, OTHER
    middle = f"{first}\n\n{second}"
    articles = [Article("1", first), Article("2", middle), Article("3", second)]
    clusters = detector(*articles).clusters()
    assert [c.members for c in clusters] == [("1", "2")], "3 is derived with 2 only, not with 1"


def test_articles_with_the_same_words_are_one_pair_each_with_the_earliest() -> None:
    copies = [Article(f"c{n}", OWN, published=f"2024-03-{20 - n}") for n in range(5)]
    matches = list(detector(*copies).scan())
    assert {match.a.id for match in matches} == {"c4"}
    assert sorted(match.b.id for match in matches) == ["c0", "c1", "c2", "c3"]


def test_an_article_in_the_detector_is_not_matched_with_itself_but_with_its_copies() -> None:
    known = detector(Article("x", STORY), Article("y", OTHER))
    assert known.check(Article("x", STORY)) == []
    (match,) = known.check(Article("z", OWN))
    assert (match.a.id, match.b.id, match.relation) == ("x", "z", "identical")
    assert known.candidates(Article("z", OWN)) == ["x"]


def test_everything_compared_is_returned_when_asked_for() -> None:
    quote = '"we shall not move a single stone before the court has heard us all in the open"'
    a = Article("a", f"The mayor spoke late on Monday. {quote}, she told a packed town hall.")
    b = Article("b", f"Residents cheered when the council met. {quote}, ran the opening speech.")
    known = detector(a)
    assert known.check(b) == []
    (match,) = known.check(b, everything=True)
    assert match.relation == "shared-quotes"


def test_an_id_twice_is_refused_and_removal_makes_room() -> None:
    known = detector(Article("x", STORY))
    with pytest.raises(DuplicateId, match="'x'"):
        known.add([Article("x", OTHER)])
    assert known.remove(["x", "none"]) == 1
    assert ("x" in known, len(known)) == (False, 0)
    known.add([Article("x", OTHER)])
    assert known.check(Article("z", OWN)) == []


def test_short_texts_are_found_by_their_words_only() -> None:
    known = detector(Article("a", "Rates unchanged"), Article("b", "Rates raised"))
    assert known.candidates(Article("q", "RATES unchanged!")) == ["a"]


@given(st.lists(st.text(max_size=60), max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_texts_scan_without_an_error_and_pairs_are_in_publication_order(
    texts: list[str],
) -> None:
    articles = [Article(str(n), text) for n, text in enumerate(texts)]
    order = {a.id: publication_order(a) for a in articles}
    for match in detector(*articles).scan():
        assert order[match.a.id] < order[match.b.id]
