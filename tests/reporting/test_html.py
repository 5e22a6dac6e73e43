"""The report page as a document: its structure, its policy, and what articles cannot do to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from county_papers import BACKGROUND, OTHERS, PAIR
from html_pages import HOSTILE, WORDS, Page, assert_safe
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, Detector, compare
from dedup.reporting.html import render_pair_page
from dedup.reporting.html.marks import find_marks
from dedup.reporting.html.page import compact_json, data_block, web_address
from dedup.reporting.html.pieces import CUT, REPLACED, REPLACING, cut_text, encode
from dedup.reporting.html.view import notes
from dedup.reporting.printable import printable
from dedup.reporting.wording import headlines

FIXTURES = Path(__file__).parents[2] / "fixtures"


def article(name: str, **known: str) -> Article:
    return Article(name, (FIXTURES / name).read_text("utf-8"), **known)


def pair_page(a: Article, b: Article) -> Page:
    return Page(render_pair_page(compare(a, b), a, b))


@pytest.fixture(scope="module")
def dam() -> Page:
    return pair_page(article("wire/dam.txt"), article("incoming/dam-daily-plainsman.txt"))


def test_a_pair_page_is_well_formed_and_allows_only_its_own_script_and_style(dam: Page) -> None:
    assert_safe(dam)
    assert not dam.open


def test_the_verdict_stands_first_and_both_texts_side_by_side(dam: Page) -> None:
    assert dam.all("h1")[0][1].startswith("incoming/dam-daily-plainsman.txt is nearly word for")
    assert dam.all("b", class_="badge")[0][1] == "near-duplicate"
    panes = dam.all("section", class_="pane")
    assert [attrs["aria-label"] for attrs, _ in panes] == [
        "Likely source: dam.txt",
        "Taken from it: dam-daily-plainsman.txt",
    ]
    assert all(attrs["tabindex"] == "0" for attrs, _ in panes)


def test_every_passage_has_the_same_number_and_colour_on_both_sides() -> None:
    page = pair_page(article("wire/dam.txt"), article("incoming/dam-metro-standard-toll.txt"))
    marks = [(attrs["data-p"], attrs["class"]) for attrs, _ in page.all("mark")]
    assert {number for number, _ in marks} == {"1", "2", "3", "4"}
    assert len(set(marks)) == 4
    buttons = [attrs["aria-label"] or "" for attrs, _ in page.all("button", class_="n")]
    assert len(buttons) == 8
    assert sum(label.startswith("Passage 2 of 4, ") for label in buttons) == 2


def test_standing_text_has_no_passage_colour_and_says_where_else_it_is() -> None:
    detector = Detector()
    detector.add(OTHERS)
    page = Page(render_pair_page(detector.compare(*PAIR), *PAIR))
    assert_safe(page)
    assert page.all("h1")[0][1].endswith(
        "what they share is standing text: it is in other stories too."
    )
    marks = page.all("mark")
    assert [attrs["class"] for attrs, _ in marks] == ["p standing"] * 2
    assert all(text == f"1{BACKGROUND.rstrip('.')}" for _, text in marks)
    buttons = [attrs for attrs, _ in page.all("button", class_="n")]
    said = "standing text: also in 3 other articles"
    assert [attrs["data-said"] for attrs in buttons] == [said] * 2
    label = buttons[0]["aria-label"] or ""
    assert label.endswith(f" words, {said}: show in the other text")


def test_cuts_and_replacements_are_marked_in_words_too(dam: Page) -> None:
    cut = [text for _, text in dam.all("del", class_="cut")]
    assert "[cut: being] " in cut
    assert "[replaced: aeroplane] " in [text for _, text in dam.all("del", class_="rep")]
    assert "[replacing: airplane] " in [text for _, text in dam.all("ins", class_="rep")]
    assert dam.all("span", class_="gap")


def test_quotations_credits_headline_and_page_text_are_shown_as_such() -> None:
    page = pair_page(article("wire/dam.txt"), article("incoming/dam-coastal-courier.txt"))
    quotes = "".join(text for _, text in page.all("span", class_="q"))
    assert "We heard a sound like an aeroplane" in quotes
    assert any("NAIROBI (Reuters) -" in text for _, text in page.all("span", class_="cr"))
    assert any("At least 31 dead" in text for _, text in page.all("p", class_="head"))
    assert any("Share on Twitter" in text for _, text in page.all("p", class_="page"))
    assert any(text == "names no agency" for _, text in page.all("dd"))


def test_the_source_stands_at_the_left_whichever_side_it_is() -> None:
    a, b = article("incoming/dam-coastal-courier.txt"), article("wire/dam.txt")
    page = pair_page(a, b)
    names = [text for _, text in page.all("p", class_="pane-name")]
    assert names == ["Likely source dam.txt", "Taken from it dam-coastal-courier.txt"]
    assert page.all("h2")[0][1].startswith("At least 31 dead after farm dam bursts")


@pytest.mark.parametrize("outlets", [("a.org", "b.org"), (None, None)])
def test_two_articles_with_the_same_words_are_called_the_same_text(
    outlets: tuple[str | None, str | None],
) -> None:
    a, b = (Article(name, WORDS, source=of) for name, of in zip("ab", outlets, strict=True))
    match = compare(a, b)
    assert match.direction in ("common", "unknown")
    assert notes(match)[0] == "the same text"
    assert headlines(match)[0] == "b and a are the same text."


def test_a_pair_that_shares_nothing_has_a_page() -> None:
    page = pair_page(Article("a", "One word or two of this."), Article("b", "Others instead."))
    assert_safe(page)
    assert not page.all("mark")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_an_article_or_its_metadata_becomes_markup(hostile: str) -> None:
    def made(number: int) -> Article:
        text = f"{hostile}\n\n{hostile} {WORDS} {hostile}\n\nOwn {number} words. {hostile}"
        return Article(
            f"{number}{hostile}", text, hostile, hostile, hostile, f"{hostile}#{number}", hostile
        )

    a, b = made(1), made(2)
    html = render_pair_page(compare(a, b), a, b)
    page = Page(html)
    assert_safe(page)
    assert len(page.all("script")) == 1
    assert not page.all("a")
    assert not page.all("svg", onload="")
    assert "49" not in page.all("h1")[0][1]
    html.encode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


def test_only_web_addresses_are_linked() -> None:
    assert web_address("https://example.org/a?b=c&d") == "https://example.org/a?b=c&d"
    refused = [
        "javascript:alert(1)", "JaVaScRiPt://example.org/%0aalert(1)", "data:text/html,x",
        " https://example.org", "https:", "file:///etc/passwd", "//example.org", "https://[x",
        "https://example.org/\u202e", "https:\\\\example.org", None, "",
    ]  # fmt: skip
    assert [url for url in refused if web_address(url)] == []
    a = Article("a", WORDS, url="https://example.org/a?b=1&c=<2>")
    assert not pair_page(a, Article("b", WORDS)).all("a")
    a = Article("a", WORDS, url="https://example.org/a?b=1&c='2'")
    (link, text) = pair_page(a, Article("b", WORDS)).all("a")[0]
    assert link["href"] == text == a.url


def test_data_in_a_script_element_cannot_end_it() -> None:
    block = data_block(compact_json(["</script><!--<script>", "\u2028\u2029&"]))
    assert not set("<>&\u2028\u2029") & set(block)


words = st.sampled_from(
    ["the", "“ferry", "crews”", "of\n", "(EFE)", "<b>&", "😀", "said\n\n", "Share on Facebook\n"]
)
texts = st.lists(words, min_size=1, max_size=60).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(texts, texts)
def test_the_runs_are_the_whole_text_in_order_on_both_sides(one: str, two: str) -> None:
    a, b = Article("a", one), Article("b", two)
    match = compare(a, b)
    for side, of_b in ((a, False), (b, True)):
        cut = cut_text(side.text, find_marks(side), match.spans, of_b=of_b, copy=of_b)
        joined = "".join(run.text for p in cut for piece in p.pieces for run in piece.runs)
        assert "".join(joined.split()) == "".join(printable(side.text).split())
        units = printable(side.text.replace("\n", " ")).encode("utf-16-le")
        at = 0
        for (_, _, skipped, pieces), paragraph in zip(encode(side.text, cut), cut, strict=True):
            at += 2 * skipped
            for (_, _, runs), piece in zip(pieces, paragraph.pieces, strict=True):
                for row, run in zip(runs, piece.runs, strict=True):
                    length = 2 * row[0] if row else 0
                    assert units[at : at + length].decode("utf-16-le") == run.text
                    at += length


@settings(deadline=None, max_examples=60)
@given(texts, texts)
def test_the_changes_shown_are_those_of_the_match(one: str, two: str) -> None:
    a, b = Article("a", one), Article("b", two)
    match = compare(a, b)
    shown = [
        run.op
        for side, of_b in ((a, False), (b, True))
        for p in cut_text(side.text, find_marks(side), match.spans, of_b=of_b, copy=of_b)
        for piece in p.pieces
        for run in piece.runs
    ]
    ops = {change.op for span in match.spans for change in span.changes}
    assert (REPLACED in shown) == (REPLACING in shown) == ("replace" in ops)
    assert (CUT in shown) == ("delete" in ops)


def test_a_page_is_the_same_bytes_each_time() -> None:
    a, b = article("wire/dam.txt"), article("incoming/dam-coastal-courier.txt")
    assert render_pair_page(compare(a, b), a, b) == render_pair_page(compare(a, b), a, b)
