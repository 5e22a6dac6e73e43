"""The quality suite in a short form, on the fixtures."""

import json
from pathlib import Path

import pytest

from dedup.article import Article
from dedup.bench.gold import Label, Pair, match_labels, read_labels
from dedup.bench.languages import language_of
from dedup.bench.quality import Quality, judge_pairs
from dedup.bench.quality_tables import quality_tables
from dedup.bench.summary import summarise
from dedup.bench.tables import Table, as_markdown, as_text
from dedup.reading.inputs import read_articles

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def quality() -> Quality:
    docs = [str(FIXTURES / "wire"), str(FIXTURES / "incoming")]
    gold = str(FIXTURES / "gold.jsonl")
    articles = list(read_articles(docs, pytest.fail))
    pairs = match_labels(read_labels(gold, pytest.fail), articles, docs, gold, pytest.fail)
    return judge_pairs(pairs, articles)


@pytest.fixture(scope="module")
def result(quality: Quality) -> dict:
    return summarise(quality, resamples=50)


def test_verdicts_on_the_fixtures_are_better_than_any_threshold(result) -> None:
    low, high = result["derived"]["f1_ci"]
    assert low <= result["derived"]["f1"] <= high
    assert result["derived"]["f1"] > 0.9
    assert result["relation"]["accuracy"] > 0.8
    assert result["direction"]["accuracy"] > result["direction"]["always_common"]
    assert result["credit"]["accuracy"] > 0.9
    for baseline in result["baselines"].values():
        assert baseline["f1"] < result["derived"]["f1"]


def test_candidates_hold_nearly_all_derived_pairs_and_few_others(result) -> None:
    candidates = result["candidates"]
    assert candidates["recall"] > 0.9
    assert candidates["per_article"] < 10
    assert candidates["articles"] > 60


def test_slices_count_every_pair_once(result, quality: Quality) -> None:
    for slices in (result["sets"], result["languages"]):
        assert sum(one["derived"]["pairs"] for one in slices.values()) == result["pairs"]
    assert set(result["languages"]) == {"en", "es"}
    crossing = sum(one.label.crossing for one in quality.judged)
    assert result["wire_to_outlet"]["derived"]["pairs"] == crossing > 0


def test_confusion_and_errors_agree(result) -> None:
    wrong = sum("relation" in error["wrong"] for error in result["errors"])
    table = result["relation"]["confusion"]
    off = sum(n for row, cells in table.items() for column, n in cells.items() if row != column)
    assert wrong == off
    for error in result["errors"]:
        assert error["wrong"] and error["reasons"]


def test_the_result_is_json_and_tables_say_what_it_says(result) -> None:
    again = json.loads(json.dumps(result, allow_nan=False))
    text = as_text(quality_tables(again))
    assert f"{100 * result['derived']['precision']:.1f}%" in text
    assert "in their favour" in text
    assert "| relation, of seven | " in as_markdown(quality_tables(again))


def test_pairs_labelled_derived_or_not_alone_are_measured_too() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    articles = [Article("a", words + ".", language="en-GB"), Article("b", words), Article("c", "c")]
    pairs = [
        Pair(Label("gold:1", "pairs", "a", "b", derived=True), articles[0], articles[1]),
        Pair(Label("gold:2", "pairs", "a", "c", derived=False), articles[0], articles[2]),
    ]
    result = summarise(judge_pairs(pairs, articles), resamples=10)
    assert result["derived"]["f1"] == 1.0
    assert result["candidates"]["recall"] == 1.0
    assert result["relation"]["accuracy"] is None
    assert result["direction"]["accuracy"] is None
    assert result["credit"]["accuracy"] is None
    assert result["errors"] == []
    assert "none" in as_text(quality_tables(result))


def test_articles_of_the_same_words_stand_for_each_other_as_candidates() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    texts = {"a": words, "copy": words.upper(), "b": words + " and a few more behind it"}
    known = {name: Article(name, text) for name, text in texts.items()}
    pair = Pair(Label("gold:1", "p", "copy", "b", derived=True), known["copy"], known["b"])
    assert judge_pairs([pair], known.values()).judged[0].candidate


def test_languages_are_those_stated_or_guessed_by_small_words() -> None:
    assert language_of(Article("1", "x", language="pt-BR")) == "pt"
    assert language_of(Article("1", "El presidente dijo que la ley se aplicará en el país")) == "es"
    assert language_of(Article("1", "The president said that the law is to be applied")) == "en"
    assert language_of(Article("1", "12 34")) == "unknown"


def test_tables_show_controls_and_escape_bars() -> None:
    table = Table("t", ["id", "n"], [["a\x1b|b", 3], [None, 0.25]], ["- a\nb"])
    assert "\x1b" not in as_text([table]) + as_markdown([table])
    assert "a␛\\|b" in as_markdown([table])
    assert as_text([table]).split("\n")[1:] == [
        "  id       n",
        "  a␛|b     3",
        "  –     0.25",
        "  - a b",
    ]
