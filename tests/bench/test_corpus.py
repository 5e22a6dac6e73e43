"""Pairs judged inside their collection: a tiny invented archive, its scan, weights and tables."""

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

import dedup
from dedup import Article, Detector
from dedup.bench import cases as cases_module
from dedup.bench import inside as inside_module
from dedup.bench.corpus import (
    Collection,
    collection_paths,
    read_collections,
    reliability,
    summarise_corpus,
    targets,
)
from dedup.bench.corpus_tables import corpus_tables
from dedup.bench.gold import GoldError, Label, Pair
from dedup.bench.inside import Judgement, judge_inside, same_words
from dedup.bench.plots import plot_reliability
from dedup.bench.tables import as_text

FERRY = (
    "The harbour council of Skarvik voted late on Tuesday to close the northern ferry berth for "
    "eleven weeks while divers replace the rusted pilings under the ramp. Passengers bound for the "
    "outer islands will board at the fish market instead, where a floating stage was towed into "
    "place this morning by two tugs from the mainland yard."
)
ORCHARD = (
    "Growers in the Lomen valley say a late frost has blackened most of the cherry blossom on the "
    "eastern terraces, and the cooperative expects to ship barely a third of last year's crates. "
    "Smoke pots burned through the night along the river road, but a wind from the pass scattered "
    "the warm air before dawn and left the lower rows bare."
)


@pytest.fixture
def collection() -> Collection:
    """Return a wire story, its copies in two outlets, an extended one and another story."""
    articles = [
        Article("copy", FERRY.upper(), source="Skarvik Post", published="2024-05-03"),
        Article("wire", FERRY, source="Fjord Wire", published="2024-05-01"),
        Article("longer", f"{FERRY}\n\n{ORCHARD}", source="Coast Daily", published="2024-05-04"),
        Article("orchard", ORCHARD, source="Coast Daily", published="2024-05-02"),
        Article("frost", "A frost came to the valley.", published="2024-05-02"),
    ]
    known = {article.id: article for article in articles}

    def pair(a: str, b: str, relation: str, weight: float | None = None) -> Pair:
        derived = relation in ("identical", "near-duplicate", "rewrite", "partial")
        direction = "a->b" if derived else None
        label = Label("gold", "coast", a, b, derived, relation, direction, weight=weight)
        return Pair(label, known[a], known[b])

    pairs = [
        pair("wire", "copy", "identical", 1.5),
        pair("copy", "longer", "partial", 2.0),
        pair("wire", "orchard", "independent", 10.0),
        pair("orchard", "longer", "partial"),
        pair("orchard", "frost", "independent"),
    ]
    return Collection("coast", articles, pairs)


@pytest.fixture
def judgement(collection: Collection) -> Judgement:
    return judge_inside(collection.articles, collection.ids)


def test_a_pair_is_judged_by_a_detector_that_knows_the_whole_collection(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    judge = Detector.compare

    def compare(self: Detector, a: Article, b: Article) -> dedup.Match:
        asked.append((len(self), a.id, b.id))
        return judge(self, a, b)

    monkeypatch.setattr(Detector, "compare", compare)
    judge_inside(collection.articles, collection.ids)
    assert asked == [(len(collection.articles), a, b) for a, b in collection.ids]


def test_a_scan_reports_a_pair_of_copies_through_the_earliest_of_them(
    judgement: Judgement,
) -> None:
    assert [one.reported for one in judgement.pairs] == [True, True, False, True, False]
    assert judgement.articles == 5
    assert judgement.scan_reports == 3


def test_articles_of_the_same_words_stand_for_each_other_and_similar_ones_do_not() -> None:
    texts = {
        "a": FERRY,
        "b": FERRY.upper(),
        "c": f"{FERRY} Again.",
        "d": "So.",
        "e": "So!",
        "f": "",
    }
    found = same_words([Article(name, text) for name, text in texts.items()])
    assert {name: "".join(sorted(of)) for name, of in found.items()} == {
        "a": "ab",
        "b": "ab",
        "d": "de",
        "e": "de",
    }


def test_a_pair_by_itself_is_judged_where_the_outlets_are_not_known_to_be_one(
    judgement: Judgement,
) -> None:
    assert [one.across for one in judgement.pairs] == [True, True, True, False, None]
    assert [one.alone is not None for one in judgement.pairs] == [True, True, True, False, True]


def test_the_result_is_json_and_counts_every_pair_of_every_slice(
    collection: Collection, judgement: Judgement
) -> None:
    result = summarise_corpus([collection], {"coast": judgement}, resamples=50)
    again = json.loads(json.dumps(result, allow_nan=False))
    assert again["pairs"] == again["derived"]["pairs"] == 5
    assert again["collections"]["coast"]["derived"] == again["derived"]
    assert again["by_itself"]["derived"]["pairs"] == 4
    assert again["direction"]["pairs"] == 3
    assert sum(one["pairs"] for one in again["score"]["bins"]) == 5
    assert {e["a"] for e in again["errors"]} <= {a for a, _ in collection.ids}


def test_a_weighted_pair_counts_for_as_many_as_it_stands_for(
    collection: Collection, judgement: Judgement
) -> None:
    first, second, third, *rest = judgement.pairs
    third = replace(third, verdict=replace(third.verdict, derived=True))
    second = replace(second, verdict=replace(second.verdict, derived=False))
    changed = replace(judgement, pairs=[first, second, third, *rest])
    weighted = summarise_corpus([collection], {"coast": changed}, resamples=50)["weighted"]
    found = weighted["collections"]["coast"]["all"]
    assert found["precision"] == pytest.approx(1.5 / 11.5, abs=1e-4)
    assert found["recall"] == pytest.approx(1.5 / 3.5, abs=1e-4)
    assert found["stands_for"] == 13.5
    assert weighted["pooled_over"] == ["coast"]
    assert weighted["pooled"]["all"] == found
    none = summarise_corpus([collection], {"coast": changed}, pooled=["x"], resamples=50)
    assert none["weighted"]["pooled"]["all"]["f1"] is None


def test_direction_counts_pairs_labelled_derived_whatever_the_verdict_was(
    collection: Collection, judgement: Judgement
) -> None:
    pairs = [
        replace(one, verdict=replace(one.verdict, derived=False, direction="a->b"))
        for one in judgement.pairs
    ]
    changed = replace(judgement, pairs=pairs)
    result = summarise_corpus([collection], {"coast": changed}, resamples=50)
    direction = result["direction"]
    assert result["direction_where_found"]["pairs"] == 0
    assert direction["pairs"] == 3
    assert direction["accuracy"] == 1
    assert direction["always_common"] == 0


def test_labels_of_low_confidence_are_no_targets() -> None:
    label = Label("gold", "x", "a", "b", derived=True)
    sure, unsure = replace(label, confidence="medium"), replace(label, confidence="low")
    assert targets([label, sure, unsure]) == [label, sure]


def test_a_score_that_is_always_right_has_brier_score_0_and_one_of_a_half_a_quarter() -> None:
    assert reliability([True, False], [1.0, 0.0])["brier"] == 0
    assert reliability([True, False], [0.5, 0.5])["brier"] == 0.25
    assert reliability([], [])["brier"] is None
    last = reliability([True, False, True], [0.95, 1.0, 0.1])["bins"][-1]
    assert (last["pairs"], last["derived"], last["mean_score"]) == (2, 0.5, 0.975)


def test_tables_and_plot_say_what_the_result_says(
    collection: Collection, judgement: Judgement, tmp_path: Path
) -> None:
    result = summarise_corpus([collection], {"coast": judgement}, resamples=50)
    failed = {"name": "x", "failures": ["derived True"], "relation": "partial", "right": "no"}
    result |= {
        "low_confidence_left_out": 7,
        "cases": {"cases": 3, "right": 2, "failed": [failed]},
    }
    text = as_text(corpus_tables(json.loads(json.dumps(result))))
    assert "5 labelled pairs, 3 of them derived" in text
    assert "7 left out" in text
    assert "it is no probability" in text
    assert "Invented cases: 2 of 3 right\n  x: derived True (partial); right: no" in text
    assert "<svg" in plot_reliability(result, tmp_path)[0].read_text("utf-8")


def test_a_set_is_the_folder_or_file_named_after_it(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "docs.jsonl").touch()
    (tmp_path / "one" / "other.jsonl").touch()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "part.jsonl").touch()
    (tmp_path / "three.jsonl").touch()
    names = ["one", "two", "three", "four"]
    inside = {
        "one": [f"{tmp_path}/one/docs.jsonl"],
        "two": [f"{tmp_path}/two"],
        "three": [f"{tmp_path}/three.jsonl"],
        "four": [],
    }
    assert collection_paths([str(tmp_path)], names) == inside
    outright = [f"{tmp_path}/one/docs.jsonl", f"{tmp_path}/two", f"{tmp_path}/three.jsonl"]
    assert collection_paths(outright, names) == inside


def test_articles_under_no_set_are_one_archive_but_not_beside_named_ones(tmp_path: Path) -> None:
    assert collection_paths(["-"], ["one", "two"]) == {"one": ["-"], "two": ["-"]}
    (tmp_path / "one.jsonl").touch()
    with pytest.raises(GoldError, match=r"^news: neither it nor its folder is named after a set"):
        collection_paths([f"{tmp_path}/one.jsonl", "news"], ["one", "two"])


def test_an_archive_of_several_sets_is_read_once_and_a_set_without_articles_is_reported(
    tmp_path: Path,
) -> None:
    labels = [Label("gold", name, "a", "b", derived=True) for name in ("one", "two")]
    articles = [Article("a", FERRY), Article("b", ORCHARD)]
    reads: list[list[str]] = []

    def read(paths: object) -> list[Article]:
        reads.append(list(paths))
        return articles

    found = list(read_collections(["-"], "gold.jsonl", labels, read, pytest.fail))
    assert [of.name for of in found] == ["one", "two"]
    assert reads == [["-"]]
    (tmp_path / "two.jsonl").touch()
    said: list[str] = []
    found = list(read_collections([str(tmp_path)], "gold.jsonl", labels, read, said.append))
    assert [of.name for of in found] == ["two"]
    assert said == ["gold.jsonl: --docs has no articles of 'one'; 1 pairs are left out"]


@pytest.mark.parametrize("module", [inside_module, cases_module])
def test_judging_needs_the_public_names_alone_so_that_earlier_versions_can_be_judged(
    module,
) -> None:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imported if (node.module or "").startswith("dedup")]
    assert [node.module for node in ours] == ["dedup"]
    assert {alias.name for node in ours for alias in node.names} <= set(dedup.__all__)
