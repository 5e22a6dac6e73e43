"""That the fixtures' archive asks what it is there to ask, and nothing by accident."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from dedup import shingles, words
from dedup.article import Article
from dedup.bench.gold import match_labels, read_labels
from dedup.reading.inputs import ReadOptions, read_articles

ARCHIVE = Path(__file__).parents[2] / "fixtures" / "archive"
GOLD = ARCHIVE / "gold.jsonl"
PAIRS = [json.loads(line) for line in GOLD.open(encoding="utf-8")]

DERIVED_STORY = {"identical", "near-duplicate", "rewrite"}
EDGES = {
    "wire-story": DERIVED_STORY,
    "agency-paragraphs": {"partial"},
    "brief": {"partial"},
    "brief-of-one-outlet": {"boilerplate"},
    "consent": {"boilerplate"},
    "subscriber-notice": {"boilerplate"},
    "background-of-a-follow-up": {"partial"},
    "background-that-recurs": {"boilerplate"},
    "gallery": {"boilerplate"},
    "prompt": {"boilerplate"},
    "template": {"boilerplate"},
    "update-of-figures": {"near-duplicate"},
    "post": {"shared-quotes"},
    "statement": {"shared-quotes"},
    "dash-quotation": {"shared-quotes"},
    "quoted-narrative": {"partial"},
    "same-event": {"independent"},
    "same-topic": {"independent"},
    "unrelated": {"independent"},
}
SPANISH_ONLY = {"dash-quotation"}
APART = {"same-event", "same-topic", "unrelated"}
"""Edges whose pairs share nothing."""


def read() -> dict[str, Article]:
    options = ReadOptions(left_out=frozenset({str(GOLD)}))
    return {article.id: article for article in read_articles([str(ARCHIVE)], pytest.fail, options)}


ARTICLES = read()


def holders(edge: str, language: str) -> list[Article]:
    ids = {pair[side] for pair in PAIRS if pair["edge"] == edge for side in ("a", "b")}
    return [ARTICLES[name] for name in sorted(ids) if ARTICLES[name].language == language]


def outlets(edge: str, language: str) -> Counter[str | None]:
    return Counter(article.source for article in holders(edge, language))


@pytest.fixture(scope="module")
def families() -> dict[str, str]:
    """Return the family of each article: labels of shared text join, all prompts of a language."""
    parent = {name: name for name in ARTICLES}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    prompts: dict[str | None, str] = {}
    for pair in PAIRS:
        if pair["edge"] not in APART:
            joined = {pair["a"], pair["b"]}
            if pair["edge"] == "prompt":
                joined.add(prompts.setdefault(ARTICLES[pair["a"]].language, pair["a"]))
            one, *others = map(root, joined)
            for other in others:
                parent[other] = one
    return {name: root(name) for name in ARTICLES}


def common(k: int) -> Iterator[tuple[str, str, int, int]]:
    """Yield the pairs that share a shingle of k words: how many they share, the shorter's count."""
    held = {
        name: frozenset(bytes(one) for one in shingles(a.text, k)) for name, a in ARTICLES.items()
    }
    where = defaultdict(list)
    for name, keys in held.items():
        for key in keys:
            where[key].append(name)
    shared = Counter(pair for names in where.values() for pair in combinations(sorted(names), 2))
    for (a, b), count in shared.items():
        yield a, b, count, min(len(held[a]), len(held[b]))


def test_every_label_is_read_and_names_articles_of_the_archive() -> None:
    labels = read_labels(str(GOLD), pytest.fail)
    pairs = match_labels(labels, ARTICLES.values(), [str(ARCHIVE)], str(GOLD), pytest.fail)
    assert len(pairs) == len(PAIRS) > 100
    assert len({frozenset((pair["a"], pair["b"])) for pair in PAIRS}) == len(PAIRS)
    assert {pair["set"] for pair in PAIRS} == {"archive"}


def test_every_article_has_outlet_time_language_and_an_address_of_nobody() -> None:
    for article in ARTICLES.values():
        assert article.title
        assert article.source
        assert article.published
        assert article.language in {"en", "es"}
        assert article.url
        assert article.url.split("/")[2].endswith(".example")
        assert 50 <= len(words(article.text)) <= 450
    assert len({article.url for article in ARTICLES.values()}) == len(ARTICLES)


def test_every_edge_is_asked_in_both_languages_with_its_own_answers() -> None:
    assert {pair["edge"] for pair in PAIRS} == set(EDGES)
    for pair in PAIRS:
        assert pair["relation"] in EDGES[pair["edge"]], pair
        assert len(pair["note"].split()) <= 15
    for edge in EDGES:
        for language in ("es",) if edge in SPANISH_ONLY else ("en", "es"):
            assert holders(edge, language), (edge, language)
    relations = {pair["relation"] for pair in PAIRS if pair["edge"] == "wire-story"}
    assert relations == DERIVED_STORY


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_edges_have_the_holders_that_make_them_edges(language: str) -> None:
    agencies = {"Associated Press", "EFE"}
    assert len(set(outlets("wire-story", language)) - agencies) >= 12
    assert len(set(outlets("agency-paragraphs", language))) >= 5
    assert len(set(outlets("brief", language)) - agencies) == 5
    assert len(outlets("brief-of-one-outlet", language)) == 1
    assert sorted(outlets("consent", language).values()) == [2, 3]
    for edge, articles in (("background-of-a-follow-up", 2), ("background-that-recurs", 4)):
        assert list(outlets(edge, language).values()) == [articles]
    assert list(outlets("gallery", language).values()) == [3]
    prompts = outlets("prompt", language)
    assert len(prompts) == 2
    assert prompts.total() >= 10
    for edge in ("post", "statement", "quoted-narrative"):
        assert len(outlets(edge, language)) >= 2


def test_credits_are_words_of_the_text_or_its_source() -> None:
    written = {"AP": ("(AP)", "Associated Press"), "Europa Press": ("Europa Press",)}
    for pair in PAIRS:
        for side in ("a", "b"):
            article = ARTICLES[pair[side]]
            for agency in pair[f"agency_{side}"]:
                forms = written.get(agency, (agency,))
                assert any(form in f"{article.source}\n{article.text}" for form in forms)


def test_near_copies_belong_to_one_labelled_family(families: dict[str, str]) -> None:
    for a, b, shared, shorter in common(5):
        if shared > 0.4 * shorter:
            assert families[a] == families[b], (a, b, shared / shorter)


def test_articles_of_different_families_share_no_more_than_a_stock_phrase(
    families: dict[str, str],
) -> None:
    for a, b, shared, _ in common(5):
        assert families[a] == families[b] or shared <= 1, (a, b, shared)
