"""Passages and their kinds: what other stories hold too is cut out, named, and in no percentage."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, Detector, Match, compare, words
from dedup.scoring.spans import AlignedSpan
from dedup.sketch.parameters import DEFAULT_PARAMETERS

BORDER = DEFAULT_PARAMETERS.window + DEFAULT_PARAMETERS.k
"""Words between two fingerprints at most: a cut is no further than that from the change."""
PART = 60


def prose(rng: random.Random, count: int = PART) -> str:
    """Sentences of small words that nobody else uses; no figures, no names."""
    made = ["".join(rng.choices("bcdfglmnprstvaeiou", k=rng.randint(5, 9))) for _ in range(count)]
    sentences = [made[at : at + 12] for at in range(0, count, 12)]
    return " ".join(" ".join(one).capitalize() + "." for one in sentences)


def detector(*texts: str) -> Detector:
    found = Detector(threads=1)
    found.add(Article(f"other {number}", text) for number, text in enumerate(texts))
    return found


def judged(a: str, b: str, *others: str) -> Match:
    return detector(*others).compare(Article("a", a), Article("b", b))


def holding(rng: random.Random, *passages: str, number: int = 3) -> list[str]:
    """Other stories that hold some passages."""
    return ["\n\n".join([prose(rng), *passages, prose(rng)]) for _ in range(number)]


def kinds(match: Match) -> list[tuple[str, int | None]]:
    return [(span.kind, span.known_in) for span in match.spans]


def counted(match: Match, *named: str) -> int:
    return sum(span.words for span in match.spans if span.kind in named)


def mirrored(span: AlignedSpan) -> tuple[object, ...]:
    return span.b, span.a, span.words, span.kind, span.known_in


def as_is(span: AlignedSpan) -> tuple[object, ...]:
    return span.a, span.b, span.words, span.kind, span.known_in


def test_a_passage_that_is_partly_standing_is_cut_where_that_changes() -> None:
    rng = random.Random(1)
    taken, background = prose(rng), prose(rng)
    a, b = (f"{prose(rng)}\n\n{taken} {background}" for _ in range(2))
    assert kinds(judged(a, b)) == [("narrative", None)]
    match = judged(a, b, *holding(rng, background))
    assert kinds(match) == [("narrative", None), ("standing", 3)]
    narrative, standing = match.spans
    assert narrative.a[0] == a.index(taken)
    assert standing.a[1] == len(a) - 1
    assert abs(narrative.words - PART) <= BORDER
    assert narrative.words + standing.words == 2 * PART


def test_without_others_who_hold_it_nothing_is_standing() -> None:
    rng = random.Random(2)
    taken = prose(rng)
    a, b = (f"{prose(rng)}\n\n{taken}" for _ in range(2))
    alone = compare(Article("a", a), Article("b", b))
    assert judged(a, b) == alone
    of_two = judged(a, b, *holding(rng, taken, number=2))
    assert (of_two.spans, of_two.overlap, of_two.score) == (alone.spans, alone.overlap, alone.score)
    assert kinds(alone) == [("narrative", None)]


def test_known_in_is_in_the_output_of_standing_passages_alone() -> None:
    rng = random.Random(3)
    taken, background = prose(rng), prose(rng)
    a, b = (f"{taken}\n\n{prose(rng)}\n\n{background}" for _ in range(2))
    narrative, standing = judged(a, b, *holding(rng, background, number=5)).to_dict()["spans"]
    assert (narrative["kind"], "known_in" in narrative) == ("narrative", False)
    assert (standing["kind"], standing["known_in"]) == ("standing", 5)


def test_standing_text_is_in_neither_part_of_a_percentage() -> None:
    rng = random.Random(4)
    taken, background = prose(rng), prose(rng)
    a, b = (f"{taken}\n\n{prose(rng, 120)}\n\n{background}" for _ in range(2))
    match = judged(a, b, *holding(rng, background))
    overlap = match.overlap
    assert kinds(match) == [("narrative", None), ("standing", 3)]
    assert overlap.percent_a == overlap.percent_b == pytest.approx(100 * 60 / 180)
    assert overlap.narrative_percent_a == overlap.narrative_percent_b == overlap.percent_a
    # Alone the background counts like any other words.
    assert judged(a, b).overlap.percent_a == pytest.approx(100 * 120 / 240)


def test_an_article_of_standing_text_alone_has_nothing_to_be_in_the_other() -> None:
    rng = random.Random(5)
    background = prose(rng)
    others = [f"{prose(rng, 240)}\n\n{background}" for _ in range(3)]
    a, b = f"{prose(rng, 240)}\n\n{background}", f"{prose(rng, 240)}\n\n{background}"
    match = judged(a, b, *others)
    assert kinds(match) == [("standing", 3)]
    assert (match.overlap.percent_a, match.overlap.percent_b) == (0, 0)
    assert (match.relation, match.derived) == ("boilerplate", False)
    assert "in other stories too" in match.reasons[0]


def test_a_further_copy_of_standing_text_is_standing_too() -> None:
    rng = random.Random(6)
    taken, background = prose(rng), prose(rng)
    once = f"{taken}\n\n{prose(rng)}\n\n{background}"
    twice = f"{background}\n\n{taken}\n\n{prose(rng)}\n\n{background}"
    match = judged(once, twice, *holding(rng, background))
    assert counted(match, "standing") == PART
    assert (match.overlap.percent_a, match.overlap.percent_b) == (50, 50)
    turned = judged(twice, once, *holding(random.Random(7), background))
    assert turned.overlap.percent_a == match.overlap.percent_b


def test_a_further_copy_of_narrative_is_found() -> None:
    rng = random.Random(8)
    taken, background = prose(rng), prose(rng)
    once = f"{taken}\n\n{prose(rng)}\n\n{background}"
    twice = f"{taken}\n\n{prose(rng)}\n\n{taken}\n\n{background}"
    match = judged(once, twice, *holding(rng, background))
    assert match.overlap.percent_b == pytest.approx(100 * 120 / 180)


def test_quotations_keep_their_kind_unless_other_stories_hold_them() -> None:
    rng = random.Random(9)
    speech, slogan = prose(rng), prose(rng)
    a, b = (f"{prose(rng)}\n\n“{speech}”\n\n{prose(rng)}\n\n“{slogan}”" for _ in range(2))
    match = judged(a, b, *holding(rng, f"“{slogan}”"))
    assert counted(match, "quotation", "standing") == 2 * PART
    assert abs(counted(match, "standing") - PART) <= BORDER
    assert all(span.quoted for span in match.spans)
    rest = 4 * PART - counted(match, "standing")
    assert match.overlap.percent_a == pytest.approx(100 * counted(match, "quotation") / rest)
    assert match.overlap.narrative_percent_a == 0


def test_a_block_that_both_introduce_is_of_the_kind_quotation() -> None:
    rng = random.Random(10)
    block = prose(rng)
    a, b = (f"{prose(rng)}\n\nThe ministry {verb}:\n\n{block}" for verb in ("wrote", "said"))
    match = judged(a, b)
    assert [(span.kind, span.quoted) for span in match.spans] == [("quotation", True)]


FORECAST = (
    "Showers will move in from the coast before noon with winds of {} to {} kilometres an hour "
    "in places, and temperatures will reach {} degrees inland and {} degrees by the water, while "
    "the chance of rain stays near {} percent until the evening, when {} millimetres may fall"
)


def forecast(rng: random.Random) -> str:
    figures = [str(rng.randint(100, 999)) for _ in range(6)]
    return f"{prose(rng, 48)}\n\n{FORECAST.format(*figures)}.\n\n{prose(rng, 48)}"


def test_a_template_with_other_figures_is_of_its_kind_and_in_no_percentage() -> None:
    rng = random.Random(11)
    match = compare(forecast(rng), forecast(rng))
    assert match.relation == "boilerplate"
    assert {span.kind for span in match.spans} == {"template"}
    assert (match.overlap.percent_a, match.overlap.percent_b) == (0, 0)
    assert (match.overlap.extent_a, match.overlap.extent_b) == ("none", "none")


def test_a_template_is_none_where_most_of_the_report_is_the_same() -> None:
    rng = random.Random(12)
    story = prose(rng, 120)
    a, b = (
        f"{story}\n\n{FORECAST.format(*(rng.randint(100, 999) for _ in range(6)))}."
        for _ in range(2)
    )
    match = compare(a, b)
    assert match.derived
    assert "template" not in {span.kind for span in match.spans}


def test_pairs_with_nothing_but_standing_text_are_compared_only_on_request() -> None:
    rng = random.Random(13)
    background = prose(rng)
    known = detector(*holding(rng, background, number=5))
    article = Article("new", "\n\n".join([prose(rng), background]))
    assert known.check(article) == []
    everything = known.check(article, everything=True)
    assert {match.a.id for match in everything} == {f"other {number}" for number in range(5)}
    assert not any(match.derived for match in everything)
    assert list(known.scan()) == []
    assert len(list(known.scan(everything=True))) == 10


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_passages_add_up_and_are_the_same_both_ways(seed: int, moved: bool) -> None:
    """Whatever is taken, edited, moved or held by others."""
    rng = random.Random(seed)
    parts = [prose(rng, rng.choice([36, 60, 96])) for _ in range(rng.randint(1, 5))]
    known = [part for part in parts if rng.random() < 0.4]
    in_a, in_b = list(parts), list(parts)
    for side in (in_a, in_b):
        for _ in range(rng.randint(1, 2)):
            side.insert(rng.randint(0, len(side)), prose(rng, 120))
        if moved:
            rng.shuffle(side)
    joints = [rng.choice([" ", "\n\n"]) for _ in range(2)]
    a, b = (joint.join(side) for joint, side in zip(joints, (in_a, in_b), strict=True))
    if rng.random() < 0.5:
        kept = b.split(" ")
        kept[len(kept) // 2] = "zyxqy"
        b = " ".join(kept)
    found = detector(*(text for part in known for text in holding(rng, part)))
    match = found.compare(Article("a", a), Article("b", b))
    turned = found.compare(Article("b", b), Article("a", a))
    assert sorted(map(mirrored, turned.spans)) == sorted(map(as_is, match.spans))
    assert (match.relation, match.score) == (turned.relation, turned.score)
    assert match.overlap.percent_a == turned.overlap.percent_b

    plain = compare(Article("a", a), Article("b", b))
    assert sum(span.words for span in match.spans) == sum(span.words for span in plain.spans)
    assert all(one.a[1] <= other.a[0] for one, other in pairwise(match.spans))
    for text, side in ((a, "a"), (b, "b")):
        held = counted(match, "standing")
        rest = len(words(text)) - held
        percent = getattr(match.overlap, f"percent_{side}")
        assert percent == pytest.approx(100 * counted(match, "narrative") / rest if rest else 0)
    for span in match.spans:
        inside = a[slice(*span.a)]
        if span.kind == "standing":
            assert any(shared(inside, part) for part in known)
        elif span.words > 2 * BORDER:  # more than what a cut may be off by on both sides
            middle = " ".join(inside.split(" ")[BORDER:-BORDER])
            assert not any(middle in part for part in known)


def shared(a: str, b: str) -> bool:
    return bool(set(a.lower().split()) & set(b.lower().split()))
