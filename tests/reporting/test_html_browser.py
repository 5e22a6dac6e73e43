"""The report page in a real browser: headless Chromium, driven by Playwright."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from county_papers import OTHERS, PAIR

from dedup import Article, Detector, compare
from dedup.reporting.html import render_corpus_page, render_pair_page
from dedup.scoring.clusters import find_clusters
from dedup.scoring.match import Match

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

FIXTURES = Path(__file__).parents[2] / "fixtures"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
READY_SECONDS = 2.0

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with playwright.sync_playwright() as engine:
        context = engine.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=CHROMIUM,
            headless=True,
            args=list(QUIET),
            viewport={"width": 1280, "height": 900},
            reduced_motion="reduce",
        )
        yield context
        context.close()


@pytest.fixture
def show(browser, tmp_path: Path):
    """Return how to open a page; a message on the console or a request fails the test."""
    said: list[str] = []
    opened = []

    def show_page(html: str, **view: Any):
        path = tmp_path / "report.html"
        path.write_text(html, "utf-8")
        page = browser.new_page()
        opened.append(page)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
        page.on("request", lambda r: r.url.startswith("file:") or said.append(f"request {r.url}"))
        page.emulate_media(**view)
        page.goto(path.as_uri())
        return page

    yield show_page
    for page in opened:
        page.close()
    assert said == []


def article(name: str, **known: Any) -> Article:
    return Article(name, (FIXTURES / name).read_text("utf-8"), **known)


def pair(one: str, other: str) -> tuple[Match, Article, Article]:
    a, b = article(one), article(other)
    return compare(a, b), a, b


METRO = ("wire/dam.txt", "incoming/dam-metro-standard-toll.txt")
PAIRS = [
    METRO,
    ("wire/dam.txt", "incoming/dam-coastal-courier.txt"),
    ("incoming/dam-daily-plainsman.txt", "wire/dam.txt"),
    ("wire/portstrike.txt", "incoming/portstrike-iberian-sun.txt"),
    ("wire/portstrike.txt", "incoming/portstrike-lisbon-dispatch.txt"),
    ("wire/terremoto.txt", "incoming/terremoto-el-pregon.txt"),
    ("wire/portstrike.txt", "incoming/portstrike-freight-notes.txt"),
]


def corpus(pairs=PAIRS, **known: Any) -> str:
    found = [pair(*names) for names in pairs]
    articles = {side.id: replace(side, **known) for _, a, b in found for side in (a, b)}
    matches = [match for match, _, _ in found]
    clusters = find_clusters(list(articles.values()), matches)
    return render_corpus_page(matches, clusters, articles, "Some pairs")


def visible_in_pane(page, side: int, selector: str) -> bool:
    return page.evaluate(
        """([side, selector]) => {
            const pane = document.querySelectorAll('.pane')[side].getBoundingClientRect();
            const box = document.querySelectorAll('.pane')[side]
                .querySelector(selector).getBoundingClientRect();
            return box.bottom > pane.top + 30 && box.top < pane.bottom && box.top < innerHeight
                && box.bottom > 0;
        }""",
        [side, selector],
    )


def top(page, side: int, selector: str) -> float:
    box = page.locator(".pane").nth(side).locator(selector).first.bounding_box()
    return box["y"]


def test_a_click_in_a_passage_scrolls_both_sides_to_it_and_marks_it(show) -> None:
    page = show(render_pair_page(*pair(*METRO)))
    replaced = page.locator(".pane").first.locator("del", has_text="had been")
    change = f"mark[data-p='4'] [data-s='{replaced.get_attribute('data-s')}']"
    assert not visible_in_pane(page, 1, change)
    replaced.scroll_into_view_if_needed()
    # Playwright would click into the hidden words for screen readers, which come first.
    x, y = replaced.evaluate(
        "e => { const box = e.getClientRects()[0]; return [box.x + 20, box.y + 8]; }"
    )
    page.mouse.click(x, y)
    assert visible_in_pane(page, 0, change)
    assert visible_in_pane(page, 1, change)
    assert abs(top(page, 0, change) - top(page, 1, change)) < 40
    assert {m.get_attribute("data-p") for m in page.locator("mark.on").all()} == {"4"}
    assert page.locator("[data-s].at").count() >= 2
    assert page.locator(".steps output").inner_text().startswith("Passage 4 of 4")


def test_the_number_of_a_passage_works_by_keyboard(show) -> None:
    page = show(render_pair_page(*pair(*METRO)))
    page.locator(".pane").nth(1).locator(".n").last.focus()
    page.keyboard.press("Enter")
    number = page.locator("mark.on").first.get_attribute("data-p")
    assert visible_in_pane(page, 0, f"mark[data-p='{number}']")
    assert visible_in_pane(page, 1, f"mark[data-p='{number}']")


def test_keys_go_from_passage_to_passage_and_change_to_change(show) -> None:
    page = show(render_pair_page(*pair(*METRO)))
    for expected in ("1", "2", "3", "4", "1"):
        page.keyboard.press("n")
        assert page.locator("mark.on").first.get_attribute("data-p") == expected
        assert page.evaluate("document.activeElement.textContent") == expected
        for side in (0, 1):
            assert visible_in_pane(page, side, f"mark[data-p='{expected}'] .n")
    page.keyboard.press("p")
    assert page.locator("mark.on").first.get_attribute("data-p") == "4"
    page.keyboard.press("j")
    assert page.locator(".steps output").inner_text().startswith("Change 1 of ")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator(".steps output").inner_text().startswith("Change 2 of ")
    assert page.locator(".pane .at").count() == 2


def test_focus_is_seen_and_reaches_controls_texts_and_passages_in_order(show) -> None:
    page = show(render_pair_page(*pair(*METRO)))
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == ["button"] * 4 + ["pane"] + ["n"] * 3


def test_narrow_pages_stack_the_texts_and_print_shows_them_whole(show) -> None:
    page = show(render_pair_page(*pair(*METRO)))
    first, second = (page.locator(".pane").nth(side) for side in (0, 1))
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    page.set_viewport_size({"width": 420, "height": 800})
    assert second.bounding_box()["y"] > first.bounding_box()["y"] + 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.emulate_media(media="print")
    for pane in (first, second):
        assert pane.evaluate("pane => pane.scrollHeight - pane.clientHeight") <= 1


def test_dark_pages_are_dark_and_texts_stand_out(show) -> None:
    html = render_pair_page(*pair(*METRO))
    contrast = """() => {
        const light = (colour) => {
            const rgb = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(c => c / 255)
                .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        };
        const behind = (element) => {
            for (let at = element; at; at = at.parentElement) {
                const colour = getComputedStyle(at).backgroundColor;
                if (!/^rgba.*, 0\\)$/.test(colour)) return colour;
            }
            return 'rgb(255, 255, 255)';
        };
        const low = [];
        for (const element of document.querySelectorAll('main *')) {
            const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
            if (!own || element.closest('svg, .gap, :disabled')) continue;
            const pair = [getComputedStyle(element).color, behind(element)].map(light);
            const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
            if (ratio < 4.5) low.push(`${element.className || element.tagName} ${ratio}`);
        }
        return [...new Set(low)];
    }"""
    assert show(html, color_scheme="light").evaluate(contrast) == []
    dark = show(html, color_scheme="dark")
    assert dark.evaluate(contrast) == []
    assert dark.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"


HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script></script><script>alert(3)</script>"
    "</textarea><svg onload=alert(4)> javascript:alert(5) \u202e{{7*7}}"
)


def test_a_script_in_an_article_or_its_metadata_does_not_run(show) -> None:
    def hostile(name: str) -> Article:
        known = article(name)
        text = f"{HOSTILE}\n\n{known.text}\n\n{HOSTILE} and more words of it."
        return Article(
            name + HOSTILE, text, HOSTILE, HOSTILE, HOSTILE, "javascript:alert(6)", HOSTILE
        )

    a, b = hostile(METRO[0]), hostile(METRO[1])
    match = compare(a, b)
    page = show(render_pair_page(match, a, b))
    assert page.locator("main img, main script, main a").count() == 0
    articles = {a.id: a, b.id: b}
    clusters = find_clusters([a, b], [match])
    page = show(render_corpus_page([match], clusters, articles, HOSTILE, notes=[HOSTILE]))
    page.locator("#rows a").click()
    assert "<script>alert(2)" in page.locator("#evidence .pane").first.inner_text()
    assert page.locator("main img, main script, #evidence dd a").count() == 0
    assert page.evaluate("typeof window.alerted") == "undefined"


def test_the_policy_stops_a_script_that_would_get_into_the_page(browser, tmp_path: Path) -> None:
    html = render_pair_page(*pair(*METRO))
    path = tmp_path / "altered.html"
    path.write_text(html.replace("<main", "<script>document.title = 'ran'</script><main"), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.title() != "ran"
    page.close()


TREE = """(root) => {
    const walk = (node) => {
        if (node.nodeType === 3) return node.data;
        const names = node.getAttributeNames().sort().map(name => [name, node.getAttribute(name)]);
        const inner = [...node.childNodes]
            .filter(child => child.nodeType === 1 || (child.nodeType === 3
                && (child.data.trim() || node.closest('.text'))))
            .map(walk);
        return [node.tagName.toLowerCase(), names, inner];
    };
    root.normalize();
    return walk(root);
}"""


def test_the_evidence_in_a_corpus_page_is_the_page_of_the_pair(show) -> None:
    page = show(corpus())
    data = json.loads(page.locator("#overview-data").text_content())
    for number, row in enumerate(data["pairs"]):
        ids = {data["articles"][row[0]][1], data["articles"][row[1]][1]}
        names = next(names for names in PAIRS if set(names) == ids)
        page.evaluate(f"location.hash = '#pair-{number}'")
        page.wait_for_selector("#evidence article.pair")
        page.locator("#evidence .crumbs", has_text=f"Pair {number + 1} of").wait_for()
        built = page.evaluate(f"({TREE})(document.querySelector('#evidence article.pair'))")
        written = show(render_pair_page(*pair(*names))).evaluate(
            f"({TREE})(document.querySelector('article.pair'))"
        )
        heading = built[2][0][2][1]
        heading[1] = [name for name in heading[1] if name[0] != "tabindex"]
        assert built == written


def test_standing_text_is_grey_and_says_so_in_both_pages(show) -> None:
    detector = Detector()
    detector.add(OTHERS)
    match = detector.compare(*PAIR)
    written = show(render_pair_page(match, *PAIR))
    standing, coloured = (written.locator(f".legend .{name}") for name in ("standing", "p0"))
    colour = "element => getComputedStyle(element).backgroundColor"
    said = "element => getComputedStyle(element, '::after').content"
    for page in (written, show(render_corpus_page([match], [], {a.id: a for a in PAIR}, "Two"))):
        if page is not written:
            page.evaluate("location.hash = '#pair-0'")
            page.wait_for_selector("#evidence article.pair")
        mark = page.locator(".pane mark").first
        assert mark.evaluate(colour) == standing.evaluate(colour) != coloured.evaluate(colour)
        assert "standing text: also in 3 other articles" in mark.locator(".n").evaluate(said)
        assert page.locator(".bands .bstanding").count() == 2
        page.keyboard.press("n")
        output = page.locator(".steps output").text_content()
        assert output.endswith(" words, standing text: also in 3 other articles")


def test_characters_beyond_the_basic_plane_keep_their_places_in_the_evidence(show) -> None:
    text = (
        "😀 Ferry crews 😀 on the Tagus “began 😀 a second week” of stoppages on Monday after talks"
    )
    a, b = Article("a", f"𝔸 own 😀 start.\n\n{text} broke down."), Article("b", f"{text} fell.")
    match = compare(a, b)
    page = show(render_corpus_page([match], [], {"a": a, "b": b}, "Two"))
    page.locator("#rows a").click()
    first = page.locator("#evidence .pane .text").first
    assert "𝔸 own 😀 start." in first.text_content()
    assert "“began 😀 a second week”" in first.locator(".q").all_text_contents()


def test_rows_sort_by_each_column_both_ways(show) -> None:
    page = show(corpus())
    header = page.locator("th button", has_text="of source")
    header.click()
    values = [int(t.rstrip("%")) for t in page.locator("#rows td:nth-child(4)").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert page.locator("th[aria-sort='descending']").count() == 1
    header.focus()
    page.keyboard.press("Enter")
    values = [int(t.rstrip("%")) for t in page.locator("#rows td:nth-child(4)").all_inner_texts()]
    assert values == sorted(values)
    page.locator("th button", has_text="Source").first.click()
    names = page.locator("#rows td:nth-child(1) .name").all_inner_texts()
    assert names == sorted(names)


def test_filters_narrow_the_rows_and_say_how_many_are_left(show) -> None:
    page = show(corpus())
    everything = page.locator("#rows tr").count()
    assert everything == len(PAIRS)
    page.fill("#words", "dam TXT")
    assert page.locator("#rows tr").count() == 3
    assert page.locator("#found").inner_text() == f"3 of {everything} pairs"
    page.fill("#words", "")
    page.get_by_label("near-duplicate").uncheck()
    shown = page.locator("#rows td:nth-child(3)").all_inner_texts()
    assert shown
    assert not any(text.startswith("near-duplicate") for text in shown)
    page.get_by_label("near-duplicate").check()
    page.select_option("#credit", "0")
    assert set(page.locator("#rows td:nth-child(8)").all_inner_texts()) == {"names no agency"}


def test_the_threshold_is_chosen_on_the_histogram_by_keyboard(show) -> None:
    page = show(corpus())
    slider = page.locator("#least")
    slider.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert page.locator("#least-value").inner_text() == "60%"
    values = [int(t.rstrip("%")) for t in page.locator("#rows td:nth-child(6)").all_inner_texts()]
    assert values
    assert min(values) >= 60
    assert page.locator("#histogram rect.out").count() == 12
    assert "--min-overlap 60" in page.locator("#hint").inner_text()


def test_a_pair_opens_and_closes_by_keyboard_and_focus_comes_back(show) -> None:
    page = show(corpus())
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("txt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    link = page.evaluate("document.activeElement.getAttribute('href')")
    assert link == page.locator("#rows a").nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_selector("#evidence h1")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert not page.locator("#overview").is_visible()
    page.keyboard.press("n")
    assert page.locator("#evidence mark.on").count() >= 2
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview", state="visible")
    assert page.evaluate("document.activeElement.getAttribute('href')") == link


def test_clusters_tell_who_ran_it_when(show) -> None:
    found = [pair(*names) for names in PAIRS[:3]]
    articles = {side.id: side for _, a, b in found for side in (a, b)}
    for name, when in (
        ("wire/dam.txt", "2018-05-10T10:05:00Z"),
        ("incoming/dam-coastal-courier.txt", "2018-05-10T12:40:00Z"),
        ("incoming/dam-daily-plainsman.txt", "2018-05-11"),
    ):
        articles[name] = replace(articles[name], published=when)
    matches = [match for match, _, _ in found]
    clusters = find_clusters(list(articles.values()), matches)
    page = show(render_corpus_page(matches, clusters, articles, "Dam"))
    shown = [line.replace("\n", " ") for line in page.locator(".timeline li").all_inner_texts()]
    assert len(shown) == 4
    assert "likely source" in shown[0]
    assert any("+2 h 35 min" in line and "names no agency" in line for line in shown)
    assert "no date" in shown[3]
    page.locator(".timeline a").first.click()
    page.wait_for_selector("#evidence article.pair")


def five_thousand() -> str:
    found = [pair(*names) for names in PAIRS]
    articles: dict[str, Article] = {}
    matches = []
    for number in range(5000):
        match, a, b = found[number % len(found)]
        source = replace(a, id=f"wire/{number // 50}/{a.id}", source="EFE", published="2024-01-02")
        copy = replace(b, id=f"incoming/{number}/{b.id}", source=f"Outlet {number % 200}")
        articles[source.id], articles[copy.id] = source, copy
        sides = {"a": replace(match.a, id=source.id), "b": replace(match.b, id=copy.id)}
        matches.append(replace(match, **sides))
    clusters = find_clusters(list(articles.values()), matches)
    return render_corpus_page(matches, clusters, articles, "Five thousand pairs")


def test_a_page_of_5000_pairs_is_ready_in_two_seconds(show) -> None:
    page = show(five_thousand())
    assert float(page.evaluate("document.documentElement.dataset.ready")) < 1000 * READY_SECONDS
    assert page.locator("#found").inner_text() == "5,000 of 5,000 pairs"
    page.fill("#words", "outlet 17")
    assert page.locator("#found").inner_text() != "5,000 of 5,000 pairs"
    page.fill("#words", "")
    page.locator("#rows tr").nth(99).scroll_into_view_if_needed()
    page.locator("#rows tr").nth(150).locator("a").click()
    page.wait_for_selector("#evidence .pane")
