"""``dedup check`` and ``dedup scan`` as processes."""

import json
from pathlib import Path

import pytest
from county_papers import OTHERS, PAIR

STORIES = {
    "ferry": (
        "Lisbon, Mar 14 (EFE).- Ferry crews on the Tagus began a second week of stoppages on "
        "Monday after talks with the operator broke down over the weekend, leaving forty thousand "
        "commuters without a crossing at the busiest hours of the day.\n\nThe company said that it "
        "had offered a rise of three percent spread over two years and would not go further.\n"
    ),
    "apples": (
        "Growers in the northern valleys expect the best apple harvest in a decade after a mild "
        "spring, the regional cooperative said on Thursday, and prices at the orchard gate have "
        "already fallen by a fifth compared with those of last autumn.\n"
    ),
}
COPY = STORIES["ferry"].partition(".- ")[2].replace("broke down", "collapsed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wire, incoming = tmp_path / "wire", tmp_path / "incoming"
    wire.mkdir()
    incoming.mkdir()
    for name, text in STORIES.items():
        (wire / f"{name}.txt").write_text(text, "utf-8")
    (incoming / "copy.txt").write_text(COPY, "utf-8")
    (incoming / "own.txt").write_text("The mayor opened a new library with a speech.\n", "utf-8")
    return tmp_path


def test_each_file_is_checked_against_the_known_articles(run, folder: Path) -> None:
    done = run("check", f"{folder}/incoming", "--against", f"{folder}/wire")
    assert done.returncode == 1
    first, *_ = done.stdout.splitlines()
    assert first.startswith(f"{folder}/incoming/copy.txt is ")
    assert f"{folder}/wire/ferry.txt (EFE). copy.txt names no agency." in first
    assert f"{folder}/incoming/own.txt: no source found among 2 articles." in done.stdout


def test_status_is_0_when_nothing_is_derived_or_exit_zero_is_given(run, folder: Path) -> None:
    own, copy = f"{folder}/incoming/own.txt", f"{folder}/incoming/copy.txt"
    assert run("check", own, "--against", f"{folder}/wire").returncode == 0
    assert run("check", copy, "--against", f"{folder}/wire", "--exit-zero").returncode == 0


def test_against_takes_every_path_that_follows_the_files(run, folder: Path) -> None:
    paths = [f"{folder}/wire/apples.txt", f"{folder}/wire/ferry.txt"]
    done = run("check", f"{folder}/incoming/copy.txt", "--against", *paths, "--format", "json")
    assert [match["a"]["id"] for match in json.loads(done.stdout)["matches"]] == [paths[1]]


def test_against_given_first_takes_one_path(run, folder: Path) -> None:
    done = run("check", "--against", f"{folder}/wire", f"{folder}/incoming/copy.txt")
    assert done.returncode == 1


def test_json_has_matches_and_errors_and_jsonl_a_match_a_line(run, folder: Path) -> None:
    args = ("check", f"{folder}/incoming", f"{folder}/none", "--against", f"{folder}/wire")
    done = run(*args, "--format", "json")
    result = json.loads(done.stdout)
    assert list(result) == ["schema", "matches", "clusters", "errors", "standing_only"]
    assert result["schema"] == "dedup.result/1"
    assert result["errors"] == [{"message": f"{folder}/none: no such file"}]
    assert done.returncode == 2
    (match,) = result["matches"]
    assert match["found_by"]["bands"] > 0
    assert match["found_by"]["jaccard_estimate"] > 0.3
    lines = run(*args, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [match]


def test_min_overlap_and_relation_choose_matches(run, folder: Path) -> None:
    args = ("check", f"{folder}/incoming/copy.txt", "--against", f"{folder}/wire")
    found = run(*args, "--format", "jsonl").stdout
    relation = json.loads(found)["relation"]
    assert run(*args, "--relation", relation, "--format", "jsonl").stdout == found
    assert run(*args, "--relation", "boilerplate", "--format", "jsonl").stdout == ""
    assert run(*args, "--min-overlap", "20", "--format", "jsonl").stdout == found
    assert run(*args, "--min-overlap", "100", "--format", "jsonl").stdout == ""


def test_a_text_on_both_sides_is_not_matched_with_itself_and_this_is_said(
    run, folder: Path
) -> None:
    wire = f"{folder}/wire"
    done = run("check", f"{wire}/ferry.txt", "--against", wire)
    assert done.returncode == 0
    assert "not matched with itself" in done.stderr
    assert "no source found" in done.stdout
    elsewhere = run("check", f"{folder}/incoming/../wire/ferry.txt", "--against", wire)
    assert elsewhere.returncode == 0


def test_jsonl_is_read_with_chosen_fields_and_bad_lines_are_named(run, folder: Path) -> None:
    news = folder / "news.jsonl"
    news.write_bytes(
        json.dumps({"guid": "g1", "body": COPY, "date": "2024-03-15"}).encode()
        + b'\n{"guid": "g2"\n[1]\n{"guid": 7, "body": "x"}\n{"body": "x"}\n\xff\n'
        + json.dumps({"guid": "g1", "body": "again"}).encode()
    )
    args = ("check", str(news), "--against", f"{folder}/wire", "--format", "json")
    done = run(*args, "--id-field", "guid", "--text-field", "body")
    result = json.loads(done.stdout)
    assert [match["b"]["id"] for match in result["matches"]] == ["g1"]
    messages = [error["message"] for error in result["errors"]]
    for line, message in zip(range(2, 8), messages, strict=True):
        assert message.startswith(f"{news}:{line}: ") or "already read" in message
    assert len(done.stderr.splitlines()) == len(messages)


@pytest.mark.parametrize(
    ("text", "known"), [("...!!!", False), ("word", False), ("word " * 100_000, False)]
)
def test_odd_texts_are_checked_without_a_traceback(
    run, folder: Path, text: str, known: bool
) -> None:
    odd = folder / "odd.jsonl"
    odd.write_text(json.dumps({"id": "odd", "text": text}), "utf-8")
    done = run("check", str(odd), "--against", f"{folder}/wire")
    assert (done.returncode, "Traceback" in done.stderr) == (int(known), False)


def test_broken_links_cycles_and_unknown_files_do_not_stop_the_batch(run, folder: Path) -> None:
    (folder / "incoming" / "gone.txt").symlink_to(folder / "nowhere")
    (folder / "incoming" / "loop").symlink_to(folder / "incoming")
    (folder / "incoming" / "picture.xyz").write_bytes(b"\x89PNG")
    done = run("check", f"{folder}/incoming", "--against", f"{folder}/wire")
    assert done.returncode == 2
    assert done.stdout.count("copy.txt is ") == 1
    assert "broken link" in done.stderr


def test_an_empty_corpus_is_an_error(run, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("check", f"{folder}/incoming", "--against", str(tmp_path / "empty"))
    assert done.returncode == 2
    assert "no known articles" in done.stderr


def test_scan_finds_pairs_and_clusters_and_names_the_source(run, folder: Path) -> None:
    done = run("scan", f"{folder}/wire", f"{folder}/incoming", "--format", "json")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    (cluster,) = result["clusters"]
    assert set(cluster["members"]) == {
        f"{folder}/wire/ferry.txt",
        f"{folder}/incoming/copy.txt",
    }
    assert cluster["source"] == f"{folder}/wire/ferry.txt"
    assert len(result["matches"]) == len(cluster["edges"]) == 1


@pytest.mark.parametrize("command", ["check", "scan"])
def test_pairs_that_share_only_standing_text_are_counted_and_compared_with_all(
    run, tmp_path: Path, command: str
) -> None:
    known, checked = tmp_path / "known.jsonl", tmp_path / "checked.jsonl"
    for path, articles in ((known, [*PAIR, *OTHERS]), (checked, PAIR[:1])):
        records = [json.dumps({"id": a.id, "text": a.text}) for a in articles]
        path.write_text("\n".join(records), "utf-8")
    args = ("check", str(checked), "--against", str(known))
    args = args if command == "check" else ("scan", str(known))
    done = run(*args, "--format", "json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["matches"]) == (0, [])
    assert result["standing_only"] > 0
    assert f"{result['standing_only']} candidate pairs share only standing text" in done.stderr
    with_all = run(*args, "--format", "json", "--all")
    everything = json.loads(with_all.stdout)
    assert everything["standing_only"] == 0
    assert "standing text" not in with_all.stderr
    assert len(everything["matches"]) >= result["standing_only"]
    spans = [span for match in everything["matches"] for span in match["spans"]]
    assert "standing" in {span["kind"] for span in spans}
    sentence = "without it, pairs that share nothing but standing text are not compared"
    assert sentence in " ".join(run(command, "--help").stdout.replace("│", " ").split())


def test_scan_is_the_same_whatever_the_order_of_paths_and_hash_seed(run, folder: Path) -> None:
    orders = ([f"{folder}/wire", f"{folder}/incoming"], [f"{folder}/incoming", f"{folder}/wire"])
    clusters = []
    for seed, paths in enumerate(orders):
        done = run("scan", *paths, "--format", "json", PYTHONHASHSEED=str(seed))
        clusters.append(json.loads(done.stdout)["clusters"])
    assert clusters[0] == clusters[1]


def test_scan_as_text_names_clusters_and_counts_relations(run, folder: Path) -> None:
    done = run("scan", str(folder))
    assert done.stdout.startswith("4 articles: 1 derived pairs; 1 clusters hold 2")
    assert f"{folder}/wire/ferry.txt" in done.stdout


def test_sketch_writes_a_file_that_describes_itself(run, folder: Path) -> None:
    import numpy as np

    path = folder / "s.npz"
    assert run("sketch", f"{folder}/wire", "--output", str(path)).returncode == 0
    with np.load(path, allow_pickle=False) as stored:
        assert stored["ids"].tolist() == [f"{folder}/wire/apples.txt", f"{folder}/wire/ferry.txt"]
        assert stored["signatures"].shape == (2, 128)
        assert stored["signatures"].dtype == np.uint32
        assert json.loads(str(stored["params"]))["k"] == 5
    assert run("sketch", f"{folder}/wire", "--output", f"{folder}/x.csv").returncode == 2


def test_csv_of_check_and_scan_has_a_line_for_each_pair(run, folder: Path) -> None:
    checked = run("check", f"{folder}/incoming", "--against", f"{folder}/wire", "--format", "csv")
    scanned = run("scan", str(folder), "--format", "csv")
    for done in (checked, scanned):
        heading, line = done.stdout.splitlines()
        assert heading.startswith("a,b,relation,derived,score,direction,percent_a,percent_b,")
        sides = {f"{folder}/wire/ferry.txt", f"{folder}/incoming/copy.txt"}
        assert set(line.split(",")[:2]) == sides
    assert (checked.returncode, scanned.returncode) == (1, 0)
