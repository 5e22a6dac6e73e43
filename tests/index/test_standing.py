"""Standing text: the clauses of its rule one by one, and the rule as stated, on random sets."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_backends import PARAMETERS, texts

from dedup.article import Article
from dedup.index.library import MemoryLibrary
from dedup.index.nets import Nets
from dedup.index.standing import (
    AGAIN,
    EARLIEST,
    HOLDERS,
    LEAST_OWN,
    MOST,
    NEAR,
    OWN_SHARE,
    WHOLE,
    Standing,
    StandingText,
    choose_holders,
)
from dedup.sketch.sketches import Sketches, concatenate

START = datetime(2025, 3, 1, tzinfo=UTC)
PASSAGE = frozenset(range(1, 9))
Known = dict[int, int]
"""How many other stories hold each fingerprint that a pair shares."""


@dataclass(frozen=True)
class Text:
    """An article as standing text sees it."""

    keys: frozenset[int]
    outlet: str | None = None
    day: float | None = None

    def article(self, number: int) -> Article:
        published = None if self.day is None else START + timedelta(days=self.day)
        return Article(f"t{number}", f"text {number}", source=self.outlet, published=published)


def text(
    number: int,
    shared: Iterable[int] = PASSAGE,
    outlet: str | None = None,
    day: float | None = None,
    own: int = 100,
) -> Text:
    """A text with some fingerprints of others, and so many of its own."""
    return Text(frozenset(shared) | frozenset(own_keys(number, own)), outlet, day)


def own_keys(number: int, count: int) -> range:
    return range(1000 * number, 1000 * number + count)


def sketched(some: Iterable[Text], first: int = 0) -> Sketches:
    return texts(
        *((number + 2, [number] * 8, set(one.keys)) for number, one in enumerate(some, first))
    )


def library_of(some: list[Text]) -> MemoryLibrary:
    library = MemoryLibrary(PARAMETERS, Nets(bands=8))
    library.add([one.article(number) for number, one in enumerate(some)], sketched(some))
    return library


def known(standing: Standing) -> Known:
    return dict(zip(standing.keys.tolist(), standing.known_in.tolist(), strict=True))


def weighed(library: MemoryLibrary, a: int, b: int) -> Standing:
    return next(StandingText(library).of_rows(np.array([b]), np.array([a])))


def weigh(a: Text, b: Text, *others: Text) -> Known:
    return known(weighed(library_of([a, b, *others]), 0, 1))


def is_standing(a: Text, b: Text, *others: Text) -> bool:
    """Whether all of what a pair shares is standing text, or none of it."""
    found = set(map(bool, weigh(a, b, *others).values()))
    assert len(found) == 1
    return found.pop()


A, B = text(1), text(2)
THIRDS = [text(number) for number in range(3, 40)]


def test_standing_text_is_what_three_other_stories_hold() -> None:
    assert weigh(A, B) == dict.fromkeys(PASSAGE, 0)
    assert weigh(A, B, *THIRDS[: HOLDERS - 1]) == dict.fromkeys(PASSAGE, 0)
    assert weigh(A, B, *THIRDS[:HOLDERS]) == dict.fromkeys(PASSAGE, HOLDERS)


def test_each_fingerprint_is_counted_by_itself() -> None:
    half = frozenset(range(1, 5))
    others = [text(number, half if number > 3 else PASSAGE) for number in range(3, 7)]
    assert weigh(A, B, *others) == {key: 4 if key in half else 0 for key in PASSAGE}


@pytest.mark.parametrize("side", [1, 2])
@pytest.mark.parametrize("size", [10, 20, 100, 300])
def test_who_shares_a_tenth_of_a_side_besides_is_of_its_story(side: int, size: int) -> None:
    sides = {number: text(number, own=size if number == side else 100) for number in (1, 2)}
    least = max(LEAST_OWN, int(np.ceil(OWN_SHARE * (size + len(PASSAGE)))))
    for besides, expected in ((least - 1, True), (least, False)):
        others = [text(n, PASSAGE | set(own_keys(side, besides))) for n in range(3, 6)]
        # Small texts are whole briefs in the others otherwise; that is another clause.
        if len(PASSAGE) < WHOLE * (size + len(PASSAGE)):
            assert is_standing(sides[1], sides[2], *others) is expected


@pytest.mark.parametrize("side", [1, 2])
def test_a_roundup_that_holds_a_whole_brief_is_about_it(side: int) -> None:
    def sides(own: int) -> list[Text]:
        return [text(number, own=own if number == side else 100) for number in (1, 2)]

    assert not is_standing(*sides(own=2), *THIRDS)  # eight of ten
    assert is_standing(*sides(own=3), *THIRDS)  # eight of eleven


def test_other_outlets_of_the_same_days_are_of_one_story() -> None:
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=20)
    for day, expected in (
        (-NEAR, True),
        (-NEAR + 0.1, False),
        (NEAR - 0.1, False),
        (NEAR, True),
        (20 - NEAR + 0.1, False),
        (20 + NEAR, True),
    ):
        others = [text(n, outlet=f"other {n}", day=day) for n in range(3, 6)]
        assert is_standing(a, b, *others) is expected, day
        unnamed = [text(n, day=day) for n in range(3, 6)]
        assert is_standing(a, b, *unnamed) is expected, day


@pytest.mark.parametrize("outlet", ["one", "two"])
def test_what_an_outlet_prints_again_after_days_is_no_part_of_the_story(outlet: str) -> None:
    """However much of a side it holds: a notice that is all of an article."""
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=0.5)
    whole = A.keys | B.keys

    def again(*days: float) -> bool:
        return is_standing(a, b, *(text(n, whole, outlet, day) for n, day in enumerate(days, 3)))

    assert again(AGAIN + 0.5, 8, 12)
    assert not again(AGAIN + 0.4, 8, 12)  # too near to the later side
    assert again(-AGAIN, -8, -12)
    assert not again(8, 12)


def test_within_days_an_outlet_counts_by_what_it_shares() -> None:
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=0.2)
    same_days = [text(n, outlet="one", day=0.1) for n in range(3, 6)]
    assert is_standing(a, b, *same_days)
    follow_ups = [text(n, A.keys, outlet="one", day=0.1) for n in range(3, 6)]
    assert not is_standing(a, b, *follow_ups)


def test_one_more_report_is_enough_where_one_outlet_has_it_on_three_days() -> None:
    def on(*days: float | None, outlets: tuple[str | None, ...] = ("one",) * 3) -> Known:
        assert len(days) == 3
        return weigh(*(text(n, outlet=outlets[n - 1], day=day) for n, day in enumerate(days, 1)))

    assert on(0, 1, 2) == dict.fromkeys(PASSAGE, 1)
    assert on(5, 2, 0) == dict.fromkeys(PASSAGE, 1)
    assert not any(on(0, 0.9, 2).values())  # the pair is of one day
    assert not any(on(0, 2, 2.9).values())  # the third is of the day of one of them
    assert not any(on(0, 10, 20, outlets=("one", "one", "other")).values())
    assert not any(on(0, 10, 20, outlets=("one", "other", "one")).values())
    assert not any(on(0, 10, None).values())
    assert not any(on(0, 10, 20, outlets=(None, None, None)).values())


def test_outlets_and_days_that_are_not_known_are_nobodys() -> None:
    a, b = text(1, outlet="one", day=0), text(2, day=0.1)
    for others in (
        [text(n, outlet="one") for n in range(3, 6)],  # whenever
        [text(n, outlet="other") for n in range(3, 6)],
        [text(n) for n in range(3, 6)],
    ):
        assert is_standing(a, b, *others)
        assert not is_standing(a, b, *others[:2])
    whole = [text(n, A.keys | B.keys, "one") for n in range(3, 6)]
    assert not is_standing(a, b, *whole)  # perhaps of the same day


def test_only_the_earliest_holders_are_asked() -> None:
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=0)
    wire = [text(n, outlet=f"outlet {n}", day=0.1) for n in range(3, 3 + EARLIEST)]
    later = [text(n, outlet=f"outlet {n}", day=90) for n in range(40, 45)]
    assert not is_standing(a, b, *wire, *later)
    assert is_standing(a, b, *wire[:-HOLDERS], *later)


def test_the_pair_itself_takes_no_place_among_the_earliest() -> None:
    wire = [text(n, outlet=f"outlet {n}", day=0.1) for n in range(3, 3 + EARLIEST - HOLDERS)]
    later = [text(n, outlet=f"outlet {n}", day=90) for n in range(40, 43)]
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=0)
    library = library_of([*wire, a, b, *later])
    found = known(weighed(library, len(wire), len(wire) + 1))
    assert found == dict.fromkeys(PASSAGE, HOLDERS)


def test_of_many_holders_those_of_most_of_the_passages_are_asked() -> None:
    keys = list(range(10))
    held = [[100 * key + place for place in range(EARLIEST)] for key in keys]
    for names in held[3:]:
        names[:2] = [7000, 5000]  # these hold seven of the ten
    bounds, names = [EARLIEST * n for n in range(11)], [name for names in held for name in names]
    found = choose_holders(keys, [0, 10], bounds, names, [-1], [0], [9999], [0], keys, [0, 10])
    ends, shared, chosen_ends, chosen = (array.tolist() for array in found)
    assert (ends, shared, chosen_ends) == ([10], keys, [MOST])
    assert chosen == [5000, 7000, *range(16), *range(100, 114)]


def test_more_holders_than_are_asked_at_once_are_no_error() -> None:
    a, b = text(1, range(200)), text(2, range(200))
    others = [text(3 + n, range(4 * n, 4 * n + 4)) for n in range(50)]
    assert not any(weigh(a, b, *others).values())  # one each


# The rule as it is stated, with sets.


def stated(some: list[Text], a: int, b: int, last: int | None = None) -> tuple[Known, bool]:
    """Return the count of each fingerprint, and whether one text holds half; nobody left out."""
    side_a, side_b = some[a], some[b]
    shared = side_a.keys & side_b.keys
    asked: Counter[int] = Counter()
    for key in shared:
        holders = [n for n, one in enumerate(some) if key in one.keys and n not in (a, b)]
        asked.update(holders[:EARLIEST])
    chosen = sorted(asked, key=lambda n: (-asked[n], n))[:MOST]
    weights: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    held = False
    for number in chosen[:last]:
        third = some[number]
        held |= 2 * len(shared & third.keys) >= len(shared)
        weight = weight_of(third, side_a, side_b)
        if weight:
            counts.update(shared & third.keys)
            weights.update(dict.fromkeys(shared & third.keys, weight))
    return {key: counts[key] if weights[key] >= HOLDERS else 0 for key in sorted(shared)}, held


def weight_of(third: Text, *sides: Text) -> int:
    """Return for how many texts of another story one counts, 0 for one that is of this story."""
    days = [one.day for one in sides]
    apart = [abs(third.day - day) if None not in (third.day, day) else None for day in days]
    same_outlet = [third.outlet is not None and third.outlet == one.outlet for one in sides]
    if any(same_outlet):
        if all(gap is not None and gap >= AGAIN for gap in apart):
            return weight_by_day(same_outlet, [*apart, gap_of(days)])
    elif any(gap is not None and gap < NEAR for gap in apart):
        return 0
    by_all = third.keys & sides[0].keys & sides[1].keys
    if len(by_all) >= WHOLE * min(len(one.keys) for one in sides):
        return 0
    for one in sides:
        if len(third.keys & one.keys) - len(by_all) >= max(LEAST_OWN, OWN_SHARE * len(one.keys)):
            return 0
    return weight_by_day(same_outlet, [*apart, gap_of(days)])


def weight_by_day(same_outlet: list[bool], gaps: list[float | None]) -> int:
    own_days = all(gap is not None and gap >= 1 for gap in gaps)
    return HOLDERS if all(same_outlet) and own_days else 1


def gap_of(days: list[float | None]) -> float | None:
    return None if None in days else abs(days[0] - days[1])


def random_archive(seed: int, count: int) -> list[Text]:
    """Texts of a few stories and outlets in a few weeks, with passages that many hold."""
    rng = np.random.default_rng(seed)
    outlets = [None, "one", "two", "three"][: int(rng.integers(1, 5))]
    passages = [frozenset(range(100 * n, 100 * n + int(rng.integers(1, 12)))) for n in range(9)]
    # Whole days and halves: differences are exact, so that limits are met exactly.
    days = [None, *(0.5 * np.arange(0, int(rng.integers(2, 60)))).tolist()]
    made = []
    for number in range(count):
        some = rng.choice(len(passages), int(rng.integers(1, 4)), replace=False)
        keys = {key for one in some for key in passages[one] if rng.random() < 0.9}
        keys |= set(own_keys(number + 2, int(rng.choice([0, 3, 30]))))
        made.append(
            Text(
                frozenset(keys),
                outlets[int(rng.integers(len(outlets)))],
                days[int(rng.integers(len(days)))] if rng.random() < 0.9 else None,
            )
        )
    return made


def pairs_of(count: int) -> Iterator[tuple[int, int]]:
    return ((a, b) for b in range(count) for a in range(b))


def all_weighed(library: MemoryLibrary, pairs: list[tuple[int, int]]) -> list[Standing]:
    earlier, later = np.array(pairs, np.int64).reshape(-1, 2).T
    return list(StandingText(library).of_rows(earlier, later))


archives = st.tuples(st.integers(0, 2**32), st.integers(2, 40))


@settings(deadline=None, max_examples=60)
@given(archives)
def test_standing_is_what_the_rule_says_though_asking_stops_early(made: tuple[int, int]) -> None:
    some = random_archive(*made)
    pairs = list(pairs_of(len(some)))
    for (a, b), found in zip(pairs, all_weighed(library_of(some), pairs), strict=True):
        expected, held = stated(some, a, b)
        ours = known(found)
        assert {key: count > 0 for key, count in ours.items()} == {
            key: count > 0 for key, count in expected.items()
        }
        assert all(count <= expected[key] for key, count in ours.items())
        if not found.is_all:  # nobody was left out
            assert (ours, found.held_elsewhere) == (expected, held)


@settings(deadline=None, max_examples=40)
@given(archives)
def test_compiled_and_interpreted_say_the_same(made: tuple[int, int]) -> None:
    some = random_archive(*made)
    library = library_of(some)
    pairs = list(pairs_of(len(some)))
    said = []
    for limit in (10**9, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dedup.index.standing.LOADING_PAYS", limit)
            patch.setattr("dedup.index.standing._pays_from", lambda limit=limit: limit)
            found = all_weighed(library, pairs)
        said.append([(known(one), one.held_elsewhere) for one in found])
    assert said[0] == said[1]


@settings(deadline=None, max_examples=30)
@given(archives)
def test_the_order_of_the_sides_and_the_batch_do_not_matter(made: tuple[int, int]) -> None:
    some = random_archive(*made)
    library = library_of(some)
    pairs = list(pairs_of(len(some)))
    together = [(known(one), one.held_elsewhere) for one in all_weighed(library, pairs)]
    turned = all_weighed(library, [(b, a) for a, b in pairs])
    assert [(known(one), one.held_elsewhere) for one in turned] == together
    for number in range(0, len(pairs), 7):
        alone = weighed(library, *pairs[number])
        assert (known(alone), alone.held_elsewhere) == together[number]


@settings(deadline=None, max_examples=30)
@given(archives, st.integers(1, 40))
def test_later_articles_change_nothing_where_enough_are_earlier(
    made: tuple[int, int], more: int
) -> None:
    seed, count = made
    some = random_archive(seed, count + more)
    pairs = list(pairs_of(count))
    before = all_weighed(library_of(some[:count]), pairs)
    after = all_weighed(library_of(some), pairs)
    for (a, b), one, other in zip(pairs, before, after, strict=True):
        holders = [
            sum(key in third.keys for n, third in enumerate(some[:count]) if n not in (a, b))
            for key in one.keys.tolist()
        ]
        if all(number >= EARLIEST for number in holders):
            assert known(one) == known(other)
            assert one.held_elsewhere == other.held_elsewhere


def test_sixteen_earlier_holders_have_said_it_whatever_comes_later() -> None:
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=0)
    some = [a, b, *(text(n, outlet=f"outlet {n}", day=0.1) for n in range(3, 3 + EARLIEST))]
    late = [text(n, outlet=f"outlet {n}", day=90) for n in range(40, 80)]
    assert weigh(*some) == weigh(*some, *late) == dict.fromkeys(PASSAGE, 0)


@settings(deadline=None, max_examples=30)
@given(archives, st.booleans(), st.booleans())
def test_articles_that_are_not_in_the_library_are_weighed_alike(
    made: tuple[int, int], with_a: bool, with_b: bool
) -> None:
    """The last two of an archive, in it or not."""
    some = random_archive(*made)
    a, b = len(some) - 2, len(some) - 1
    expected = weighed(library_of(some), a, b)
    known_ones = some[:a] + [some[n] for n, there in ((a, with_a), (b, with_b)) if there]
    library = MemoryLibrary(PARAMETERS, Nets(bands=8))
    numbers = [*range(a), *(n for n, there in ((a, with_a), (b, with_b)) if there)]
    if numbers:
        library.add(
            [some[n].article(n) for n in numbers],
            concatenate([sketched([some[n]], n) for n in numbers]),
        )
    assert len(library) == len(known_ones)
    found = StandingText(library).of_pair(
        some[a].article(a), some[b].article(b), sketched(some[a:], a)
    )
    assert known(found) == known(expected)
    assert found.held_elsewhere == expected.held_elsewhere


def test_a_copy_of_a_side_is_no_third_text() -> None:
    a, b = text(1, outlet="one", day=0), text(2, outlet="two", day=30)
    sides = sketched([a, b])
    library = MemoryLibrary(PARAMETERS, Nets(bands=8))
    articles = [(a if n % 2 == 0 else b).article(n) for n in range(12)]
    library.add(articles, concatenate([sides] * 6))
    assert known(weighed(library, 0, 1)) == dict.fromkeys(PASSAGE, 0)


def test_an_article_without_candidates_has_nothing_to_weigh() -> None:
    library = library_of([A, B])
    standing = StandingText(library)
    alone = standing.ask([text(3).article(3)], sketched([text(3)], 3))
    assert standing.weigh(alone, [[]]) == [[]]
    assert standing.weigh([], []) == []


def test_a_pair_that_shares_nothing_has_nothing_standing() -> None:
    found = weighed(library_of([text(1, ()), text(2, ()), *THIRDS]), 0, 1)
    assert (known(found), found.is_all, found.held_elsewhere) == ({}, False, False)


def test_a_text_that_holds_half_of_what_is_shared_is_known_to() -> None:
    half, less = text(3, range(1, 5)), text(3, range(1, 4))
    assert weighed(library_of([A, B, half]), 0, 1).held_elsewhere
    assert not weighed(library_of([A, B, less]), 0, 1).held_elsewhere
