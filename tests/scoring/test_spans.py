"""Span truth: edited copies made by known operations, and what spans must say of them."""

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, Match, compare, words
from dedup.scoring.alignment import RUN

SAMPLES = ["señor", "naïve", "e\u0301te\u0301", "👍🏽ok", "中文", "שלום", "كتاب", "O’Neil", "ISIS"]


def sentence(rng: random.Random, length: int) -> list[str]:
    # Words of letters only, so that two of them rarely meet by chance.
    made = [
        "".join(rng.choices("abcdefghijklmnoprstuvw", k=rng.randint(3, 9))) for _ in range(length)
    ]
    if rng.random() < 0.5:
        made[rng.randrange(1, length - 1)] = rng.choice(SAMPLES)
    return made


def paragraphs(rng: random.Random, number: int) -> list[list[str]]:
    return [sentence(rng, rng.randint(25, 45)) for _ in range(number)]


def text_of(paragraphs: list[list[str]]) -> str:
    return "\n\n".join(" ".join(p).capitalize() + "." for p in paragraphs)


def spans_agree(match: Match, a: str, b: str) -> None:
    """Outside its changes a span's two texts are the same words, and no fewer than a run has."""
    same = [w.text for w in words(a)] == [w.text for w in words(b)]
    for span in match.spans:
        sides = []
        for text, (start, end), changes in (
            (a, span.a, [c.a for c in span.changes]),
            (b, span.b, [c.b for c in span.changes]),
        ):
            kept = []
            at = start
            for from_, to in [*changes, (end, end)]:
                kept.append([w.text for w in words(text[at:from_])])
                at = to
            sides.append(kept)
        assert sides[0] == sides[1]
        assert sum(len(run) for run in sides[0]) == span.words
        assert same or all(len(run) >= RUN for run in sides[0])


def mirrored(match: Match) -> dict[str, object]:
    def spans() -> object:
        for span in match.spans:
            changes = [
                ({"insert": "delete", "delete": "insert"}.get(c.op, c.op), c.b, c.a)
                for c in span.changes
            ]
            yield span.b, span.a, span.words, span.quoted, changes

    o = match.overlap
    turn = {"a->b": "b->a", "b->a": "a->b"}
    return {
        "relation": match.relation,
        "score": match.score,
        "direction": turn.get(match.direction, match.direction),
        "credited": (match.credited_b, match.credited_a),
        "percent": (o.percent_b, o.percent_a, o.narrative_percent_b, o.narrative_percent_a),
        "shingles": (o.jaccard, o.containment_b, o.containment_a),
        "extent": (o.extent_b, o.extent_a),
        "spans": sorted(spans()),
    }


def as_is(match: Match) -> dict[str, object]:
    o = match.overlap
    return {
        "relation": match.relation,
        "score": match.score,
        "direction": match.direction,
        "credited": (match.credited_a, match.credited_b),
        "percent": (o.percent_a, o.percent_b, o.narrative_percent_a, o.narrative_percent_b),
        "shingles": (o.jaccard, o.containment_a, o.containment_b),
        "extent": (o.extent_a, o.extent_b),
        "spans": sorted(
            (s.a, s.b, s.words, s.quoted, [(c.op, c.a, c.b) for c in s.changes])
            for s in match.spans
        ),
    }


@given(
    st.integers(0, 2**32),
    st.sampled_from(["delete", "replace", "insert", "swap", "case", "quotes", "spacing"]),
)
@settings(max_examples=150, deadline=None)
def test_spans_account_for_exactly_the_words_that_survived(seed: int, operation: str) -> None:
    rng = random.Random(seed)
    original = paragraphs(rng, 5)
    edited = [p[:] for p in original]
    gone = 0
    if operation in ("delete", "replace", "insert"):
        for paragraph in edited:
            # Away from the ends and from each other, so that what survives is unambiguous.
            at = rng.randint(8, len(paragraph) - 9)
            if operation == "delete":
                gone += 2
                del paragraph[at : at + 2]
            elif operation == "replace":
                gone += 1
                paragraph[at] = "zyxq" + str(rng.randint(0, 9))
            else:
                paragraph.insert(at, "zyxq" + str(rng.randint(0, 9)))
    elif operation == "swap":
        i, j = rng.sample(range(5), 2)
        edited[i], edited[j] = edited[j], edited[i]
    a, b = text_of(original), text_of(edited)
    if operation == "case":
        b = b.upper()
    elif operation == "quotes":
        a, b = f"“{a}”", f'"{b}"'
    elif operation == "spacing":
        b = b.replace(" ", "  ").replace("\n\n", "\n \n\n")
    match = compare(a, b)
    total = len(words(a))
    # Single words such as 中 or 👍 change nothing: all of it is counted in words.
    deleted = len(words(a)) - len(words(b)) if operation == "delete" else None
    survived = total - (deleted if deleted is not None else gone_words(original, edited, operation))
    assert sum(span.words for span in match.spans) == survived
    assert match.overlap.percent_a == pytest.approx(100 * survived / total)
    spans_agree(match, a, b)
    assert mirrored(compare(b, a)) == as_is(match)


def gone_words(original: list[list[str]], edited: list[list[str]], operation: str) -> int:
    if operation != "replace":
        return 0
    replaced = [
        word
        for before, after in zip(original, edited, strict=True)
        for word, other in zip(before, after, strict=True)
        if word != other
    ]
    return sum(len(words(word)) for word in replaced)


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_heavily_edited_copies_keep_spans_true(seed: int) -> None:
    rng = random.Random(seed)
    original = paragraphs(rng, 4)
    edited = [[w for w in p if rng.random() > 0.1] for p in original]
    rng.shuffle(edited)
    for paragraph in edited:
        for _ in range(rng.randint(0, 4)):
            paragraph.insert(rng.randrange(len(paragraph)), rng.choice(SAMPLES))
    a, b = text_of(original), unicodedata.normalize("NFD", text_of(edited))
    match = compare(a, b)
    spans_agree(match, a, b)
    assert mirrored(compare(b, a)) == as_is(match)


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_two_texts_compare_the_same_both_ways(a: str, b: str) -> None:
    match = compare(a, b)
    spans_agree(match, a, b)
    assert mirrored(compare(b, a)) == as_is(match)


def test_a_quotation_counts_in_the_percentage_and_not_in_the_narrative() -> None:
    quote = "we shall not move a single stone before the court has heard us all"
    a = f'The mayor spoke late on Monday in the town hall. "{quote}," she said to loud applause.'
    b = f'Residents cheered when the head of the council took the floor. "{quote}," ran the speech.'
    match = compare(a, b)
    assert [span.quoted for span in match.spans] == [True]
    assert match.overlap.percent_a > 40
    assert match.overlap.narrative_percent_a == 0.0
    assert not match.derived


def test_page_text_is_never_inside_a_span() -> None:
    story = [
        "The ferry ran aground on a sandbank off the northern cape shortly after dawn on Friday.",
        "All ninety passengers were taken ashore by fishing boats within two hours, police said.",
    ]
    a = "\n\n".join(story)
    b = f"{story[0]}\n\nRead more: Ten harbours to visit before you are forty\n\n{story[1]}"
    match = compare(a, b)
    assert match.overlap.percent_a == 100.0
    assert all("Read more" not in b[span.b[0] : span.b[1]] for span in match.spans)


def test_ids_and_credits_are_carried_to_the_sides() -> None:
    wire = (
        "Lisbon, Mar 14 (EFE).- The bridge was closed on Monday for repairs that will last a year."
    )
    match = compare(Article("wire/x", wire), Article("in/y", wire.partition(".- ")[2]))
    assert (match.a.id, match.b.id) == ("wire/x", "in/y")
    assert [c.agency for c in match.a.credits] == ["EFE"]
    assert (match.relation, match.credited_a, match.credited_b) == ("identical", True, False)


def test_a_body_given_twice_is_found_twice_and_aligned_once() -> None:
    rng = random.Random(3)
    once = text_of(paragraphs(rng, 3))
    match = compare(once, f"{once}\n\n{once}")
    assert (match.overlap.percent_a, match.overlap.percent_b) == (100, 100)
    assert sum(span.words for span in match.spans) == len(words(once))
    assert match.derived
    assert match.relation != "identical"
    assert mirrored(compare(f"{once}\n\n{once}", once)) == as_is(match)


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_texts_that_are_the_same_are_the_same_throughout_however_short(text: str) -> None:
    match = compare(text, text.swapcase() if text.isascii() else text)
    if match.overlap.percent_a:
        assert (match.overlap.percent_a, match.overlap.percent_b) == (100, 100)
        assert match.relation == "identical"
    assert all(span.a == span.b and not span.changes for span in match.spans)
    assert compare("Yes, it is.", "YES it is").overlap.percent_a == 100


@pytest.mark.parametrize("text", ["", "...", "One.", "中"])
def test_texts_without_words_or_shingles_are_compared(text: str) -> None:
    assert not compare(text, "").derived
    assert compare(text, text).derived == bool(words(text))


def test_one_word_many_times_is_no_copy() -> None:
    match = compare("test " * 10, "test " * 7)
    assert not match.derived
    assert max(match.overlap.percent_a, match.overlap.percent_b) <= 100


def test_a_long_name_in_a_script_without_spaces_is_no_passage() -> None:
    name = "独立行政法人国立港湾技術機構潮見崎支所"
    a = f"{name}は十日、桟橋の下に新しい貝が住み着いたと発表した。体長は約二センチで、殻が薄い。"
    b = f"夏の催しが海辺の町で開かれ、講師を務めた{name}の職員は波の測り方を子供に教えた。"
    assert not compare(a, b).derived
