"""The robustness suite in a short form, on the fixtures, and what each attack does."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from dedup.article import Article
from dedup.bench.attacks import ATTACKS, Story
from dedup.bench.robustness import measure_robustness, robustness_tables, stories_of
from dedup.bench.tables import as_text
from dedup.bench.variants import LOOKALIKES, QUOTES, SPELLINGS
from dedup.reading.inputs import read_articles
from dedup.text.words import words

WIRE = str(Path(__file__).parents[2] / "fixtures" / "wire")
ATTACK = {attack.name: attack for attack in ATTACKS}
HARMLESS = ("accents dropped", "quotation marks", "zero-width characters")


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return list(read_articles([WIRE], pytest.fail))


@pytest.fixture(scope="module")
def stories(articles) -> list[Story]:
    return stories_of(articles, seed=1, most=100)


@pytest.fixture(scope="module")
def result(articles) -> dict:
    return measure_robustness(articles, most=3)


def changed(story: Story, name: str, strength: float | None = None, seed: int = 1) -> str:
    attack = ATTACK[name]
    return attack.change(story, strength or attack.strengths[-1][0], Random(seed))


def folded(text: str) -> list[str]:
    return [word.text for word in words(text)]


def test_every_attack_gives_a_curve_and_says_where_it_breaks(result) -> None:
    assert set(result["attacks"]) == set(ATTACK)
    for name, attack in result["attacks"].items():
        points = attack["points"]
        assert len(points) in (0, len(ATTACK[name].strengths))
        for kind, key in (("verdict", "derived"), ("candidates", "candidate")):
            broken = [point["label"] for point in points if point[key] < 0.5]
            assert attack["breaks_at"][kind] == (broken[0] if broken else None)
    text = as_text(robustness_tables(json.loads(json.dumps(result, allow_nan=False))))
    assert "sentences deleted" in text and "every 5th" in text


def test_attacks_that_leave_the_words_alone_break_nothing(result) -> None:
    for name in (*HARMLESS, "paragraphs shuffled", "furniture around", "headline translated"):
        for point in result["attacks"][name]["points"]:
            assert point["derived"] == point["candidate"] == 1.0, name
    assert result["false_alarms"]["derived"] == 0


def test_the_same_seed_gives_the_same_result_whatever_else_is_attacked(articles) -> None:
    attacks = [ATTACK["OCR noise"]]
    once = measure_robustness(articles, most=2, attacks=attacks)
    assert once == measure_robustness(articles, most=2, attacks=attacks)
    assert once != measure_robustness(articles, most=2, attacks=attacks, seed=2)


@pytest.mark.parametrize("name", HARMLESS)
def test_word_rules_see_through(name: str, stories) -> None:
    for story in stories:
        assert folded(changed(story, name)) == folded(story.text)
        if name == "zero-width characters":
            assert changed(story, name) != story.text


def test_shuffling_keeps_every_paragraph_and_the_first_in_its_place(stories) -> None:
    for story in stories:
        text = changed(story, "paragraphs shuffled")
        assert sorted(folded(text)) == sorted(folded(story.text))
        assert text.split("\n", 1)[0] == story.text.split("\n", 1)[0]
    assert any(changed(story, "paragraphs shuffled") != story.text for story in stories)


def test_deleting_sentences_keeps_about_the_share_and_never_nothing(stories) -> None:
    for story in stories:
        before, half = (
            len(folded(story.text)),
            len(folded(changed(story, "sentences deleted", 0.5))),
        )
        assert 0.2 * before < half < 0.85 * before
        assert folded(changed(story, "sentences deleted", 0.9))
    single = Story(Article("1", "Only one sentence."), "en", [], "x")
    assert changed(single, "sentences deleted") == single.text


def test_every_nth_word_is_changed(stories) -> None:
    pattern = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
    before = pattern.findall(stories[0].text)
    after = pattern.findall(changed(stories[0], "words changed", 1 / 4))
    assert len(before) == len(after)
    differing = {n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b}
    assert all(n % 4 == 0 for n in differing)
    assert len(differing) > len(before) / 5


def test_spellings_go_both_ways_and_keep_capitals() -> None:
    story = Story(Article("1", "Harbour labor, colour."), "en", [], "x")
    assert changed(story, "British or American spelling") == "Harbor labour, color."
    assert not set(SPELLINGS) & set(SPELLINGS.values())


def test_homoglyphs_look_alike_and_are_other_letters(stories) -> None:
    text = changed(stories[0], "homoglyphs", 1.0)
    assert len(text) == len(stories[0].text)
    assert not set(text) & set(LOOKALIKES)


@pytest.mark.parametrize(("number", "name"), list(enumerate(QUOTES)))
def test_quotation_marks_are_set_in_every_style(number: int, name: str) -> None:
    story = Story(Article("1", '“One”, "two" and «three».\n\n“Four'), "en", [], "x")
    left, right = QUOTES[name]
    expected = f"{left}One{right}, {left}two{right} and {left}three{right}.\n\n{left}Four"
    assert ATTACK["quotation marks"].change(story, float(number), Random(1)) == expected


def test_interleaving_keeps_the_story_in_order_and_adds_the_share(stories) -> None:
    story = stories[0]
    text = changed(story, "stories interleaved", 0.5)
    at = [text.index(part.strip()) for part in re.split(r"\n\s*\n", story.text) if part.strip()]
    assert at == sorted(at)
    assert 0.4 < 1 - len(story.text.split()) / len(text.split()) < 0.65


def test_furniture_is_as_long_as_asked_and_the_story_whole_in_it(stories) -> None:
    story = stories[0]
    text = changed(story, "furniture around", 1.0)
    assert 1.9 < len(text.split()) / len(story.text.split()) < 2.2


def test_the_headline_becomes_one_of_another_language(stories) -> None:
    for story in stories:
        other = changed(story, "headline translated").split("\n", 1)[0]
        assert other == story.other_headline != story.text.split("\n", 1)[0]


def test_one_article_alone_can_be_attacked() -> None:
    text = "A first line\n\n" + " ".join(f"Word{n} follows here." for n in range(40))
    result = measure_robustness([Article("1", text, language="fr")])
    assert result["stories"] == 1
    assert result["attacks"]["synonyms"]["points"] == []
    assert "no story for it" in as_text(robustness_tables(result))
