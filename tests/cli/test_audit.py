"""``dedup audit`` as a process."""

import csv
import json
from pathlib import Path

import pytest
from county_papers import BACKGROUND, OTHERS, PAIR

BODY = (
    "Ferry crews on the Tagus began a second week of stoppages on Monday after talks with the "
    "operator broke down over the weekend, leaving forty thousand commuters without a crossing at "
    "the busiest hours of the day.\n\nThe company said that it had offered a rise of three percent "
    "spread over two years and would not go further.\n"
)
WIRE = f"Lisbon, Mar 14 (EFE).- {BODY}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records = [
        {"id": "w1", "text": WIRE, "published": "2024-03-14T08:00:00Z"},
        {"id": "w2", "text": "Apples are cheap this autumn, growers in the valleys said today."},
    ]
    (tmp_path / "wire.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    for outlet, text in (("herald", BODY), ("post", WIRE), ("own", "The mayor spoke for long.")):
        (tmp_path / outlet).mkdir()
        (tmp_path / outlet / "story.txt").write_text(text, "utf-8")
    return tmp_path


def test_wire_and_incoming_take_all_paths_that_follow(run, folder: Path) -> None:
    incoming = [f"{folder}/{outlet}" for outlet in ("herald", "post", "own")]
    done = run(
        "audit", "--incoming", *incoming, "--wire", f"{folder}/wire.jsonl", "--format", "json"
    )
    result = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [(row["story"], row["outlet"], row["credited"]) for row in result["rows"]] == [
        ("w1", f"{folder}/herald", False),
        ("w1", f"{folder}/post", True),
    ]
    assert [total["outlet"] for total in result["outlets"]] == incoming[:2]


def test_text_names_stories_articles_and_outlets(run, folder: Path) -> None:
    done = run("audit", "--wire", f"{folder}/wire.jsonl", "--incoming", str(folder / "herald"))
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert first == (
        f"1 of 1 incoming article uses {len(BODY.split())} words of 1 story (2 wire articles); "
        "1 of them names no agency of ours."
    )
    assert "\x1b" not in done.stdout
    assert "Outlets\n" in done.stdout


def test_what_other_outlets_print_of_ours_does_not_make_it_standing_text(run, folder: Path) -> None:
    wire = folder / "background.jsonl"
    wire.write_text(json.dumps({"id": "w", "text": f"{BODY}\n{BACKGROUND}\n"}), "utf-8")
    (folder / "herald" / "story.txt").write_text(f"{BODY}\n{BACKGROUND}\n", "utf-8")
    alone = run("audit", "--wire", str(wire), "--incoming", f"{folder}/herald", "--format", "json")
    for other in (*PAIR, *OTHERS):
        (folder / "own" / f"{other.id}.txt").write_text(other.text, "utf-8")
    incoming = (f"{folder}/herald", f"{folder}/own")
    among = run("audit", "--wire", str(wire), "--incoming", *incoming, "--format", "json")
    words = len(f"{BODY} {BACKGROUND}".split())
    (row,) = json.loads(alone.stdout)["rows"]
    assert row["words"] == words
    rows = {row["incoming"]: row for row in json.loads(among.stdout)["rows"]}
    assert rows[f"{folder}/herald/story.txt"]["words"] == words


def test_csv_has_a_line_for_each_row(run, folder: Path) -> None:
    args = ("audit", "--wire", f"{folder}/wire.jsonl", "--incoming", str(folder))
    done = run(*args, "--format", "csv")
    found = list(csv.DictReader(done.stdout.splitlines()))
    assert {row["incoming"] for row in found} == {
        f"{folder}/{outlet}/story.txt" for outlet in ("herald", "post")
    }
    assert "2 incoming articles are of the wire too; not matched with themselves" in done.stderr


def test_an_index_can_be_the_wire(run, folder: Path) -> None:
    from dedup.article import Article
    from dedup.detector import Detector
    from dedup.index.disk.library import DiskLibrary

    with DiskLibrary.create(folder / "index") as library:
        Detector(library=library).add([Article("w1", WIRE)])
    args = ("audit", "--incoming", f"{folder}/post", "--format", "json", "--wire")
    done = run(*args, f"{folder}/index")
    assert [row["wire"] for row in json.loads(done.stdout)["rows"]] == ["w1"]
    mixed = run(*args, f"{folder}/index", f"{folder}/wire.jsonl")
    assert (mixed.returncode, mixed.stdout) == (2, "")
    assert "--wire takes one index, or files" in mixed.stderr


def test_errors_are_listed_and_the_status_is_2(run, folder: Path) -> None:
    wire = ("audit", "--wire", f"{folder}/wire.jsonl", "--incoming")
    done = run(*wire, f"{folder}/post", f"{folder}/none", "--format", "json")
    result = json.loads(done.stdout)
    assert done.returncode == 2
    assert result["errors"] == [{"message": f"{folder}/none: no such file"}]
    assert len(result["rows"]) == 1
    (folder / "empty").mkdir()
    nothing = run(*wire, f"{folder}/empty")
    assert nothing.returncode == 2
    assert "no articles were found in --incoming" in nothing.stderr


def test_the_page_holds_totals_and_the_evidence(run, folder: Path) -> None:
    page = folder / "audit.html"
    done = run(
        "audit", "--wire", f"{folder}/wire.jsonl", "--incoming", f"{folder}/herald",
        f"{folder}/own", "--html", str(page),
    )  # fmt: skip
    written = page.read_text("utf-8")
    assert "report written" in done.stderr
    assert "names no agency of ours" in written
    assert "leaving forty thousand commuters" in written
