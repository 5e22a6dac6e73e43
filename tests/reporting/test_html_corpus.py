"""The page of a corpus as a document: its data, its limits, who ran a story when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from html_pages import HOSTILE, WORDS, Page, assert_safe

from dedup import Article, compare
from dedup.reporting.html import corpus, render_check_page, render_corpus_page
from dedup.reporting.html.timeline import delay, moment, places
from dedup.scoring.clusters import find_clusters

FIXTURES = Path(__file__).parents[2] / "fixtures"


def article(name: str) -> Article:
    return Article(name, (FIXTURES / name).read_text("utf-8"))


WIRE = article("wire/dam.txt")
COPIES = [article(f"incoming/dam-{name}.txt") for name in ("coastal-courier", "daily-plainsman")]
MATCHES = [compare(WIRE, copy) for copy in COPIES]
ARTICLES = {known.id: known for known in (WIRE, *COPIES)}


def data(html: str) -> tuple[Page, dict, dict]:
    page = Page(html)
    blocks = [json.loads(text) for _, text in page.all("script", type="application/json")]
    return page, blocks[0], blocks[1]


def corpus_page(matches=MATCHES, articles=ARTICLES, **more) -> tuple[Page, dict, dict]:
    clusters = find_clusters(list(articles.values()), matches)
    return data(render_corpus_page(matches, clusters, articles, "A scan", **more))


def test_the_page_is_safe_and_holds_every_text_once() -> None:
    page, overview, evidence = corpus_page()
    assert_safe(page)
    assert not page.open
    assert len(overview["pairs"]) == len(evidence["pairs"]) == 2
    assert len(overview["articles"]) == len(evidence["texts"]) == 3
    shown = {text[0] for text in evidence["texts"]}
    assert shown == {known.text.replace("\n", " ") for known in ARTICLES.values()}


def test_pairs_stand_with_the_highest_score_first() -> None:
    _, overview, _ = corpus_page(MATCHES[::-1])
    scores = sorted(MATCHES, key=lambda m: -m.score)
    names = [overview["articles"][row[1]][1] for row in overview["pairs"]]
    assert names == [match.b.id for match in scores]


def test_limits_are_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MOST_EVIDENCE", 1)
    page, overview, evidence = corpus_page()
    assert [found is None for found in evidence["pairs"]] == [False, True]
    assert len(overview["pairs"]) == 2
    said = [text for _, text in page.all("p", class_="lead")]
    assert any(text.startswith("To keep the page small, the evidence of 1 pairs") for text in said)
    monkeypatch.setattr(corpus, "MOST_PAIRS", 1)
    page, overview, _ = corpus_page()
    assert len(overview["pairs"]) == 1
    said = [text for _, text in page.all("p", class_="lead")]
    assert said[0] == "Of 2 pairs the 1 with the highest scores are listed."
    monkeypatch.setattr(corpus, "MOST_CHARACTERS", 10)
    assert corpus_page()[2] == {"texts": [None, None], "pairs": [None]}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_an_article_ends_the_data_or_becomes_markup(hostile: str) -> None:
    a = Article(f"a{hostile}", f"{WORDS} {hostile}", hostile, hostile, hostile, hostile, hostile)
    b = replace(a, id=f"b{hostile}")
    match = compare(a, b)
    articles = {a.id: a, b.id: b}
    html = render_corpus_page(
        [match], find_clusters([a, b], [match]), articles, hostile, notes=[hostile]
    )
    html.encode("utf-8")
    page, overview, evidence = data(html)
    assert_safe(page)
    assert len(page.all("script")) == 3
    assert len(overview["pairs"]) == 1
    assert evidence["texts"][0][5] is None


def test_an_id_may_stand_for_another_article_on_either_side() -> None:
    known = replace(WIRE, id="1")
    checked = replace(COPIES[0], id="1")
    match = compare(known, checked)
    _, overview, evidence = data(render_check_page([(checked, [match])], {"1": known}, "Check"))
    left, right = overview["pairs"][0][:2]
    assert evidence["texts"][left][0] == known.text.replace("\n", " ")
    assert evidence["texts"][right][0] == checked.text.replace("\n", " ")
    assert overview["clusters"] == []


def test_a_check_says_how_many_have_no_source() -> None:
    own = Article("own", "Another story altogether, told by nobody else in any words at all.")
    shown = [(COPIES[0], [MATCHES[0]]), (own, [])]
    page, overview, _ = data(render_check_page(shown, {WIRE.id: WIRE}, "Check"))
    assert "2 articles were checked; for 1 no source was found." in [
        text for _, text in page.all("p", class_="lead")
    ]
    assert overview["clusters"][0]["size"] == 2


def test_a_page_without_pairs_is_a_page() -> None:
    page, overview, _ = data(render_corpus_page([], [], {}, "Nothing"))
    assert_safe(page)
    assert overview["pairs"] == []


def test_delays_are_told_as_precisely_as_both_dates_are_known() -> None:
    start = "2024-03-01T10:05:00+01:00"
    assert delay(start, "2024-03-01T09:45:00Z") == "+40 min"
    assert delay(start, "2024-03-01T11:05:00Z") == "+2 h"
    assert delay(start, "2024-03-01T08:00:00Z") == "−1 h 5 min"
    assert delay(start, "2024-03-04T09:05:00Z") == "+3 days"
    assert delay(start, "2024-03-01") == "the same day"
    assert delay(start, "2024-03-02T23:00:00") == "+1 day"
    assert delay(start, datetime(2024, 3, 1, 9, 5, tzinfo=UTC)) == "at the same time"
    assert delay(start, "2024-03") == ""
    assert delay(None, start) == ""


def test_moments_lie_on_a_line_from_the_first_to_the_last() -> None:
    moments = [moment(day) for day in ("2024-03-01", "2024-03-05", None, "2024-03-02")]
    assert places(moments) == [0.0, 1.0, None, 0.25]
    assert places([moments[0], None]) == [None, None]


def test_a_cluster_lists_the_dated_first_and_tells_the_delay() -> None:
    dates = ("2018-05-10T10:00Z", None, "2018-05-10T12:30Z")
    articles = {
        known.id: replace(known, published=date)
        for known, date in zip(ARTICLES.values(), dates, strict=True)
    }
    _, overview, _ = corpus_page(articles=articles)
    (cluster,) = overview["clusters"]
    names = [overview["articles"][member[0]][1] for member in cluster["members"]]
    assert names == [WIRE.id, COPIES[1].id, COPIES[0].id]
    assert [member[3] for member in cluster["members"]] == ["", "+2 h 30 min", ""]
    assert [member[2] for member in cluster["members"]] == [0.0, 1.0, None]


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from dedup.cli import main; main()", *args]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **env},
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("compare", str(FIXTURES / WIRE.id), str(FIXTURES / COPIES[0].id), "--exit-zero"),
        ("check", str(FIXTURES / "incoming"), "--against", str(FIXTURES / "wire"), "--exit-zero"),
        ("scan", str(FIXTURES / "wire"), str(FIXTURES / "incoming")),
    ],
    ids=lambda command: command[0],
)
def test_a_command_writes_its_page_and_its_usual_output(command, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = run(*command, "--html", str(path))
    assert done.returncode == 0
    assert done.stdout == run(*command).stdout
    *_, last = done.stderr.splitlines()
    assert last == f"dedup: {path}: report written"
    assert_safe(Page(path.read_text("utf-8")))


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = run("scan", str(FIXTURES / "wire"), "--html", str(tmp_path / "none" / "report.html"))
    assert done.returncode == 2
    assert "the report cannot be written (No such file or directory)" in done.stderr


def test_a_page_is_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.html"
        run("scan", str(FIXTURES / "incoming"), "--html", str(path), PYTHONHASHSEED=seed)
        pages.append(path.read_bytes())
    assert pages[0] == pages[1]


def test_the_example_reports_are_pages_and_the_picture_is_small() -> None:
    for name in ("example.html", "scan.html"):
        assert_safe(Page((FIXTURES / "report" / name).read_text("utf-8")))
    assert (FIXTURES / "report" / "report.png").stat().st_size < 200_000
