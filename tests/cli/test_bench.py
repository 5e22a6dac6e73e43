"""``dedup bench`` as a process."""

import json
import shutil
from pathlib import Path

import pytest

from dedup.cli.bench import recorded_command

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOLD = FIXTURES / "gold.jsonl"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return a folder with the articles of the fixtures and the first labelled pairs of them."""
    docs = tmp_path / "docs"
    for part in ("wire", "incoming"):
        shutil.copytree(FIXTURES / part, docs / part)
    lines = GOLD.read_text("utf-8").splitlines(keepends=True)
    (docs / "gold.jsonl").write_text("".join(lines[:8]), "utf-8")
    return docs


def test_quality_writes_json_with_the_measures_and_a_file_by_its_suffix(run, docs: Path) -> None:
    output = docs.parent / "result.md"
    args = ("quality", "--docs", str(docs), "--gold", f"{docs}/gold.jsonl", "--format", "json")
    done = run("bench", *args, "--output", str(output))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["schema"] == "dedup.bench.quality/1"
    assert result["pairs"] == 8
    assert result["unread"] == []
    assert result["command"].endswith(" quality --docs FOLDER/docs --gold FOLDER/docs/gold.jsonl")
    assert output.read_text("utf-8").startswith("**Derived or not: 8 labelled pairs")


def test_docs_takes_every_path_that_follows(run, docs: Path) -> None:
    paths = (f"{docs}/wire", f"{docs}/incoming")
    done = run("bench", "quality", "--docs", *paths, "--gold", f"{docs}/gold.jsonl")
    assert done.returncode == 0, done.stderr  # the ids are relative to the gold file's folder
    assert done.stdout.startswith("Derived or not: 8 labelled pairs")


def test_missing_ids_are_reported_and_the_rest_is_measured(run, docs: Path) -> None:
    gold = docs / "gold.jsonl"
    with gold.open("a", encoding="utf-8") as file:
        file.write('{"a": "wire/dam.txt", "b": "nowhere.txt", "derived": false}\n')
    done = run("bench", "quality", "--docs", str(docs), "--gold", str(gold))
    assert done.returncode == 2
    assert f"{gold}:9: no article read has the id 'nowhere.txt'" in done.stderr
    assert "8 labelled pairs" in done.stdout


def test_nothing_to_measure_is_an_error_in_one_line(run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", "utf-8")
    for docs, gold in (
        (FIXTURES / "wire", empty),
        (tmp_path, GOLD),
        (FIXTURES / "wire", tmp_path / "none"),
    ):
        done = run("bench", "quality", "--docs", str(docs), "--gold", str(gold))
        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_plots_are_drawn_as_svg_or_png(run, docs: Path, tmp_path: Path) -> None:
    args = ("quality", "--docs", str(docs), "--gold", f"{docs}/gold.jsonl", "--plots")
    assert run("bench", *args, f"{tmp_path}/svg").returncode == 0
    names = ("precision-recall", "scores", "lsh-curve")
    for name in names:
        assert "<svg" in (tmp_path / "svg" / f"{name}.svg").read_text("utf-8")
    assert run("bench", *args, f"{tmp_path}/png", "--picture", "png").returncode == 0
    for name in names:
        assert (tmp_path / "png" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_corpus_judges_pairs_and_cases_and_finds_the_labels_in_the_folder(
    run, docs: Path, tmp_path: Path
) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    text = {"text": "One sentence that both of them hold, word for word, and nothing besides it."}
    case = {"a": text, "b": text, "known": [{"text": "Other."}], "expect": {"derived": True}}
    (cases / "same.json").write_text(json.dumps(case), "utf-8")
    args = ("quality", "--corpus", "--docs", str(docs), "--cases", str(cases), "--format", "json")
    done = run("bench", *args, "--plots", str(tmp_path / "plots"))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["schema"] == "dedup.bench.corpus/1"
    assert result["pairs"] == 8
    assert result["collections"]["fixtures_en"]["articles"] > 60
    assert result["cases"] == {"cases": 1, "right": 1, "failed": []}
    assert result["command"] == (
        "dedup bench quality --corpus --docs FOLDER/docs --gold FOLDER/docs/gold.jsonl"
        " --cases FOLDER/cases"
    )
    assert (tmp_path / "plots" / "reliability.svg").exists()


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--docs", "{docs}/wire"), "--gold is needed"),
        (("--docs", "{docs}", "--cases", "{docs}"), "--cases are judged with --corpus"),
        (("--docs", "{docs}", "--corpus", "--cases", "{docs}"), "no cases"),
        (("--docs", "{docs}/wire", "--corpus", "--gold", "{docs}/none"), "cannot be read"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_sentence(run, docs: Path, args, why) -> None:
    done = run("bench", "quality", *(arg.format(docs=docs) for arg in args))
    assert done.returncode == 2
    assert done.stdout == ""
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_recorded_command_names_no_folder_of_the_machine() -> None:
    docs = ["/home/me/data/x/d.jsonl", "/home/me/data/y/d.jsonl"]
    assert recorded_command("quality", docs, gold="/home/me/data/gold.jsonl") == (
        "dedup bench quality --docs FOLDER/x/d.jsonl FOLDER/y/d.jsonl --gold FOLDER/gold.jsonl"
    )
    assert recorded_command("quality", ["fixtures"], gold="fixtures/gold.jsonl") == (
        "dedup bench quality --docs fixtures --gold fixtures/gold.jsonl"
    )
    assert recorded_command("speed", ["/home/me/news"], rounds=3) == (
        "dedup bench speed --docs FOLDER/news --rounds 3"
    )


def test_speed_writes_a_table_and_a_file(run, docs: Path) -> None:
    output = docs.parent / "speed.json"
    args = ("--docs", f"{docs}/wire", "--articles", "4", "--rounds", "1")
    done = run("bench", "speed", *args, "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Stages: 4 articles")
    result = json.loads(output.read_text("utf-8"))
    assert result["command"] == "dedup bench speed --docs FOLDER/wire --articles 4 --rounds 1"


def test_speed_needs_files_it_can_read_again(run) -> None:
    done = run("bench", "speed", "--docs", "-")
    assert done.returncode == 2
    assert "give files instead of -" in done.stderr


def test_robustness_writes_curves_and_plots(run, docs: Path, tmp_path: Path) -> None:
    args = ("--docs", f"{docs}/wire", "--articles", "1", "--seed", "3", "--format", "json")
    done = run("bench", "robustness", *args, "--plots", str(tmp_path / "plots"))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["seed"] == 3
    assert result["stories"] == 1
    assert (tmp_path / "plots" / "robustness.svg").exists()


def test_a_folder_for_plots_that_cannot_be_made_is_refused_at_once(run, docs: Path) -> None:
    done = run("bench", "robustness", "--docs", str(docs), "--plots", f"{docs}/gold.jsonl/x")
    assert done.returncode == 2
    assert "cannot be made" in done.stderr
    assert done.stdout == ""
