"""The page of an audit: tables whose rows lead to the evidence; nothing from an article runs."""

import shutil
from pathlib import Path

import pytest

from dedup.article import Article
from dedup.detector import Detector
from dedup.reporting.audit import Wire, audit_rows, outlet_totals
from dedup.reporting.audit_page import render_audit_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BODY = (
    "Ferry crews on the Tagus began a second week of stoppages on Monday after talks with the "
    "operator broke down over the weekend, leaving forty thousand commuters without a crossing.\n"
)
WIRE = Article("ferry", f"Lisbon, Mar 14 (EFE).- {BODY}", published="2024-03-14T08:00Z")
EVIL = "<script>document.title='owned'</script>"


def page_of(*incoming: Article) -> str:
    detector = Detector()
    detector.add([WIRE])
    checked = list(zip(incoming, detector.check_all(incoming), strict=True))
    wire = {WIRE.id: WIRE}
    rows = audit_rows(checked, Wire(wire, {WIRE.id: WIRE.id}, {}))
    came_in = {article.id: article for article in incoming}
    return render_audit_page(rows, outlet_totals(rows), wire, came_in, counts=(1, len(incoming)))


def test_rows_are_linked_to_their_evidence_and_outlets_are_totalled() -> None:
    page = page_of(Article("copy", BODY, source="Herald", published="2024-03-14T09:30Z"))
    assert '<td><a href="#pair-0">copy</a></td>' in page
    assert "<td>Herald</td>" in page
    assert '<td class="num">+1.5 h</td>' in page


def test_an_audit_that_finds_nothing_is_a_page_without_tables() -> None:
    page = page_of(Article("own", "The mayor spoke for long about libraries on Friday."))
    assert "No use of our copy was found" in page
    assert 'class="plain"' not in page


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_row_opens_its_evidence_and_no_script_of_an_outlet_runs(tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = tmp_path / "audit.html"
    path.write_text(page_of(Article(f"copy{EVIL}", BODY, source=EVIL)), "utf-8")
    said: list[str] = []
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        assert page.title() == "Audit"
        assert page.locator("table.plain").count() == 2
        page.locator("table.plain a").click()
        assert page.locator("#evidence .pane").count() == 2
        assert page.title() != "owned"
        browser.close()
    assert said == []
