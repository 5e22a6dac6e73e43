"""``dedup compare`` as a process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from county_papers import BACKGROUND, OTHERS, PAIR

from dedup.article import Article

WIRE = (
    "Ferry strike enters second week\n\nLisbon, Mar 14 (EFE).- Ferry crews on the Tagus began a "
    "second week of stoppages on Monday after talks with the operator broke down, "
    "leaving forty thousand commuters without a crossing at the busiest hours of the day.\n\n"
    "The company said that it had offered a rise of three percent spread over two years.\n"
)
COPY = (
    "Commuters stranded again on the Tagus\n\nFerry crews on the Tagus began a second week of "
    "stoppages on Monday after talks with the operator collapsed, leaving forty thousand "
    "commuters without a crossing at the busiest hours of the day.\n\n"
    "The company said that it had offered a rise of three percent spread over two years.\n"
)
OTHER = "Apples are cheap this autumn because the harvest in the northern valleys was a good one.\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    made = {}
    for name, text in (("wire", WIRE), ("copy", COPY), ("other", OTHER)):
        path = tmp_path / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        made[name] = str(path)
    return made


def test_status_is_1_when_something_is_derived_and_0_when_not(run, files: dict[str, str]) -> None:
    assert run("compare", files["wire"], files["copy"]).returncode == 1
    assert run("compare", files["wire"], files["copy"], "--exit-zero").returncode == 0
    assert run("compare", files["wire"], files["other"]).returncode == 0


def test_text_begins_with_the_sentence_a_person_needs(run, files: dict[str, str]) -> None:
    done = run("compare", files["wire"], files["copy"])
    first = done.stdout.splitlines()[0]
    assert first.startswith(files["copy"])
    assert first.endswith("copy.txt names no agency.")
    assert "[-broke down-] {+collapsed+}" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_json_is_one_object_of_the_schema(run, files: dict[str, str]) -> None:
    match = json.loads(run("compare", files["wire"], files["copy"], "--format", "json").stdout)
    assert list(match) == [
        "schema", "rules", "a", "b", "relation", "derived", "score", "direction", "earlier",
        "update", "headline", "credited_a", "credited_b", "overlap", "found_by", "spans", "reasons",
    ]  # fmt: skip
    assert match["schema"] == "dedup.match/1"
    assert match["a"]["id"] == files["wire"]
    credit = match["a"]["credits"][0]
    assert (credit["agency"], credit["kind"], credit["place"]) == ("EFE", "dateline", "Lisbon")
    assert WIRE[slice(*credit["span"])] == credit["text"] == "Lisbon, Mar 14 (EFE).-"
    assert list(match["overlap"]) == [
        "percent_a", "percent_b", "narrative_percent_a", "narrative_percent_b", "extent_a",
        "extent_b", "longest_span_words", "jaccard", "containment_a", "containment_b",
    ]  # fmt: skip
    assert match["found_by"] is None
    assert match["headline"] == "changed"
    assert {"a", "b", "words", "quoted", "kind", "changes"} == set(match["spans"][0])


def test_jsonl_is_the_same_object_on_one_line(run, files: dict[str, str]) -> None:
    lines = run("compare", files["wire"], files["copy"], "--format", "jsonl").stdout.splitlines()
    whole = run("compare", files["wire"], files["copy"], "--format", "json").stdout
    assert [json.loads(line) for line in lines] == [json.loads(whole)]


def test_one_side_may_come_from_standard_input(run, files: dict[str, str]) -> None:
    done = run("compare", files["wire"], "-", "--format", "json", stdin=COPY.encode())
    assert json.loads(done.stdout)["b"]["id"] == "-"
    assert done.returncode == 1


def test_passages_below_min_span_are_left_out(run, files: dict[str, str]) -> None:
    done = run("compare", files["wire"], files["copy"], "--min-span", "500", "--format", "json")
    match = json.loads(done.stdout)
    assert (match["spans"], match["overlap"]["percent_a"]) == ([], 0.0)


def test_output_depends_on_neither_hash_seed_nor_locale(run, files: dict[str, str]) -> None:
    outputs = {
        run("compare", files["wire"], files["copy"], PYTHONHASHSEED=seed, LC_ALL=locale).stdout
        for seed, locale in (("1", "C"), ("2", "C.UTF-8"), ("3", "POSIX"))
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("bad", ["missing", "directory", "empty", "binary", "twice stdin"])
def test_bad_input_is_one_line_and_status_2(
    run, files: dict[str, str], tmp_path: Path, bad: str
) -> None:
    other = tmp_path / "bad"
    if bad == "directory":
        other.mkdir()
    elif bad == "empty":
        other.touch()
    elif bad == "binary":
        other.write_bytes(bytes(range(256)))
    args = ("-", "-") if bad == "twice stdin" else (files["wire"], str(other))
    done = run("compare", *args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("dedup: ")


def test_the_same_file_twice_is_compared_and_this_is_said(run, files: dict[str, str]) -> None:
    done = run("compare", files["wire"], files["wire"])
    assert done.returncode == 1
    assert "same file was given twice" in done.stderr
    assert "word for word" in done.stdout


def test_control_characters_of_an_article_never_reach_the_terminal(run, tmp_path: Path) -> None:
    evil = tmp_path / "evil.txt"
    evil.write_text(COPY.replace("crossing", "cros\x1b]0;owned\x07sing \x9b31m\u202e"), "utf-8")
    done = run("compare", str(evil), str(evil))
    assert not any(char in done.stdout for char in "\x1b\x07\x9b\u202e")
    as_json = run("compare", str(evil), str(evil), "--format", "json").stdout
    assert not any(char in as_json for char in "\x1b\x07\x9b\u202e")


def test_a_reader_that_leaves_early_ends_it_quietly(run, files: dict[str, str]) -> None:
    command = (
        f"{sys.executable} -c 'from dedup.cli import main; main()' compare {files['wire']}"
        f" {files['copy']} | true"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""


def test_help_shows_examples(run) -> None:
    help_text = run("compare", "--help").stdout
    assert "dedup compare wire.txt ours.txt" in help_text
    assert "dedup compare wire.txt ours.txt --known news.index" in help_text


@pytest.fixture
def county(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "known").mkdir()
    made = {}
    for article in (*PAIR, *OTHERS):
        folder = tmp_path if article in PAIR else tmp_path / "known"
        path = folder / f"{article.id}.txt"
        path.write_text(article.text, "utf-8")
        made[article.id] = str(path)
    return made


def test_known_articles_say_what_is_standing_text(run, county: dict[str, str]) -> None:
    pair = (county["one"], county["two"])
    others = [county[name] for name in ("three", "four", "five")]
    alone = run("compare", *pair, "--format", "json")
    among = run("compare", *pair, "--known", *others, "--format", "json")
    assert (alone.returncode, among.returncode) == (1, 0)
    by_itself, judged = json.loads(alone.stdout), json.loads(among.stdout)
    assert by_itself["reasons"][-1] == "nobody else was known to ask whether this is standing text"
    assert list(judged) == list(by_itself)
    assert judged["relation"] == "boilerplate"
    (span,) = judged["spans"]
    assert (span["kind"], span["known_in"]) == ("standing", 3)
    assert PAIR[0].text[slice(*span["a"])] == BACKGROUND.rstrip(".")
    assert judged["overlap"]["percent_a"] == 0
    assert judged["overlap"]["containment_a"] == by_itself["overlap"]["containment_a"]
    text = run("compare", *pair, "--known", *others).stdout
    assert text.splitlines()[0].endswith(
        "; what they share is standing text: it is in other stories too."
    )
    assert f"Passage 1: {span['words']} words, standing text: also in 3 other articles (" in text


def test_the_pair_may_be_among_the_known_in_files_or_in_an_index(
    run, county: dict[str, str], tmp_path: Path
) -> None:
    pair = (county["one"], county["two"])
    from dedup import Detector
    from dedup.index.disk.library import DiskLibrary

    index = str(tmp_path / "index")
    with DiskLibrary.create(index) as library:
        Detector(library=library).add(
            Article(path, Path(path).read_text()) for path in county.values()
        )
    by_files = run("compare", *pair, "--format", "json", "--known", *county.values())
    by_index = run("compare", *pair, "--format", "json", "--known", index)
    assert (by_files.returncode, by_files.stderr) == (0, "")
    assert by_index.stdout == by_files.stdout
    assert json.loads(by_index.stdout)["spans"][0]["known_in"] == 3


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (["{folder}/nothing"], "{folder}/nothing: no such file"),
        (["{folder}/empty"], "{folder}/empty: holds no articles that the pair could be judged"),
        (["{folder}/none.index"], "{folder}/none.index: holds no articles that the pair could be"),
        (["{one}", "{two}"], "--known: holds only the two articles themselves"),
        (["{folder}/pair.index"], "{folder}/pair.index: holds only the two articles themselves"),
        (["{folder}/none.index", "{three}"], "--known takes one index, or files"),
        (
            ["{folder}/old.index"],
            "{folder}/old.index: was written by an older version, in format 1",
        ),
        (["{folder}/strange.index"], "{folder}/strange.index: "),
        (["-", "-"], "standard input can be read only once"),
    ],
)
def test_known_articles_that_say_nothing_are_one_sentence_and_status_2(
    run, county: dict[str, str], tmp_path: Path, known: list[str], said: str
) -> None:
    import sqlite3

    from dedup import Detector
    from dedup.index.disk.library import DiskLibrary

    (tmp_path / "empty").mkdir()
    for name, articles in (("none", []), ("pair", PAIR), ("old", OTHERS)):
        with DiskLibrary.create(tmp_path / f"{name}.index") as library:
            Detector(library=library).add(articles)
    with sqlite3.connect(tmp_path / "old.index" / "articles.db") as database:
        database.execute("UPDATE meta SET value = '1' WHERE key = 'format'")
    (tmp_path / "strange.index").mkdir()
    (tmp_path / "strange.index" / "articles.db").write_bytes(b"another format " * 100)
    places = {"folder": str(tmp_path), **county}
    pair = (county["one"], "-" if "-" in known else county["two"])
    done = run("compare", *pair, "--known", *(path.format(**places) for path in known))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert said.format(**places) in done.stderr


def test_a_known_file_that_cannot_be_read_is_said_and_the_rest_counts(
    run, county: dict[str, str], tmp_path: Path
) -> None:
    known = [county[name] for name in ("three", "four", "five")]
    done = run("compare", county["one"], county["two"], "--known", *known, f"{tmp_path}/none")
    assert done.returncode == 2
    assert done.stderr == f"dedup: {tmp_path}/none: no such file\n"
    assert "standing text: also in 3 other articles" in done.stdout


def test_two_columns_where_asked_for_and_none_where_there_is_no_terminal(
    run, files: dict[str, str]
) -> None:
    plain = run("compare", files["wire"], files["copy"], COLUMNS="160")
    wide = run("compare", files["wire"], files["copy"], "--side-by-side", COLUMNS="160")
    assert " │ " not in plain.stdout
    assert any("[-broke down-]" in line and " │ " in line for line in wide.stdout.splitlines())
    assert "\x1b" not in wide.stdout
    assert wide.returncode == plain.returncode == 1


@pytest.mark.parametrize(
    ("columns", "option", "env", "side_by_side", "painted"),
    [
        (140, (), {}, True, True),
        (140, (), {"NO_COLOR": "1"}, True, False),
        (140, ("--unified",), {}, False, True),
        (100, (), {}, False, True),
        (100, ("--side-by-side",), {}, True, True),
    ],
)
def test_a_wide_terminal_shows_two_columns(
    files: dict[str, str],
    columns: int,
    option: tuple[str, ...],
    env: dict[str, str],
    side_by_side: bool,
    painted: bool,
) -> None:
    import fcntl
    import os
    import pty
    import struct
    import termios

    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", "from dedup.cli import main; main()", "compare", *option,
         files["wire"], files["copy"]],
        stdout=child, env={**kept, "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(child)
    written = b""
    try:
        while part := os.read(parent, 65536):
            written += part
    except OSError:  # how Linux says that the other end was closed
        pass
    os.close(parent)
    process.wait()
    assert (" │ " in written.decode()) == side_by_side
    assert (b"\x1b[" in written) == painted
