"""``dedup index`` and ``dedup check --index`` as processes."""

import json
import random
from pathlib import Path

import pytest
from streaming import prose, records, write


@pytest.fixture
def index(run, tmp_path: Path) -> str:
    path = str(tmp_path / "index")
    assert run("index", "create", path).returncode == 0
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "known.jsonl", list({r["id"]: r for r in records(40)}.values()))


def info(run, index: str) -> dict:
    return json.loads(run("index", "info", index, "--format", "json").stdout)


def test_adding_the_same_again_adds_nothing_twice(run, index, source, tmp_path):
    done = run("index", "add", index, str(source))
    assert done.returncode == 0, done.stderr
    assert "40 articles added, 0 were there; it holds 40" in done.stderr
    done = run("index", "add", index, str(source))
    assert "0 articles added, 40 were there; it holds 40" in done.stderr
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "new.txt").write_text("Something else entirely was said on Thursday by the mayor.")
    assert "1 articles added" in run("index", "add", index, str(folder), str(source)).stderr


def test_another_text_of_a_known_id_is_kept_out_unless_it_is_to_replace(run, index, tmp_path):
    first = write(tmp_path / "a.jsonl", [{"id": "x", "text": "One text of a few words."}])
    second = write(tmp_path / "b.jsonl", [{"id": "x", "text": "Another text of a few words."}])
    run("index", "add", index, str(first))
    done = run("index", "add", index, str(second))
    assert (done.returncode, "is in the index with another text" in done.stderr) == (2, True)
    done = run("index", "add", index, str(second), "--replace")
    assert done.returncode == 0
    assert info(run, index)["articles"] == 1


def test_check_finds_what_the_index_holds(run, index, source, tmp_path):
    run("index", "add", index, str(source))
    copied = json.loads(source.read_text().splitlines()[0])
    new = write(tmp_path / "new.jsonl", [{"id": "copy", "text": copied["text"]}])
    done = run("check", str(new), "--index", index, "--format", "jsonl")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[0])["a"]["id"] == copied["id"]
    for args in ((), ("--index", index, "--against", str(source))):
        done = run("check", str(new), *args)
        assert (done.returncode, "either with --against or with --index" in done.stderr) == (
            2,
            True,
        )


def test_info_tells_size_counts_parameters_dates_and_recall(run, index, tmp_path):
    dated = [
        {"id": "a", "text": "A first text about something.", "published": "2019-05-06"},
        {"id": "b", "text": "A second text about it.", "published": "2020-07-08"},
    ]
    run("index", "add", index, str(write(tmp_path / "dated.jsonl", dated)))
    shown = info(run, index)
    assert (shown["articles"], shown["different"]) == (2, 2)
    assert (shown["earliest"], shown["latest"]) == ("2019-05-06", "2020-07-08")
    assert shown["parameters"]["num_perm"] == 128
    assert dict(map(tuple, shown["recall_curve"]))[0.2] > 0.99
    text = run("index", "info", index).stdout
    assert "2 articles, 2 different texts" in text
    assert "2019-05-06 to 2020-07-08" in text


def test_removing_and_expiring_forget_articles_and_decisions(run, index, tmp_path):
    text = prose(random.Random(1), 90)
    made = [
        {"id": "old", "text": text, "published": "2001-01-01"},
        {"id": "copy", "text": text + " It ended.", "published": "2002-01-01"},
    ]
    source = write(tmp_path / "in.jsonl", made)
    first = run("filter", index, stdin=source.read_bytes()).stdout.splitlines()
    assert not json.loads(first[1])["dedup"]["kept"]
    assert "1 articles removed; it holds 0" in run("index", "remove", index, "old").stderr
    assert run("index", "remove", index, "nobody").returncode == 2
    assert run("index", "remove", index, "copy").returncode == 0
    again = run("filter", index, stdin=source.read_bytes().splitlines()[1] + b"\n").stdout
    assert json.loads(again)["dedup"]["kept"]
    assert (
        "1 articles expired; it holds 0"
        in run("index", "expire", index, "--older-than", "30d").stderr
    )
    again = run("filter", index, stdin=source.read_bytes()).stdout.splitlines()
    assert json.loads(again[0])["dedup"]["kept"]


def test_verify_and_compact(run, index, source):
    run("index", "add", index, str(source))
    assert run("index", "compact", index).returncode == 0
    (segment,) = Path(index, "segments").iterdir()
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 255
    segment.write_bytes(content)
    done = run("index", "verify", index)
    assert done.returncode == 0, done.stderr
    assert "repaired" in done.stderr
    assert "is sound" in done.stderr


def test_what_is_no_index_is_refused(run, tmp_path):
    for args in (("index", "info"), ("filter",), ("index", "verify")):
        done = run(*args, str(tmp_path / "none"))
        assert (done.returncode, "no such index; create it first" in done.stderr) == (2, True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "is not empty" in run("index", "create", str(tmp_path / "full")).stderr
