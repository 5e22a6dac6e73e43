"""The HTTP service held to its own description: schemathesis, and the page in a real browser."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from service_process import service

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("uvicorn", reason="the server extra is not installed")

EXAMPLES = 15
TOKEN = "correct-horse"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with service(tmp_path_factory.mktemp("schema") / "index", DEDUP_TOKEN=TOKEN) as running:
        running.client.headers["authorization"] = f"Bearer {TOKEN}"
        yield running


def test_schemathesis_finds_no_server_error_and_no_answer_that_is_not_as_described(
    served, tmp_path: Path
):
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
            *("run", f"{served.url}/openapi.json", "--checks", "all", "--no-color"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--max-examples", str(EXAMPLES)),
            "--generation-deterministic",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 8" in done.stdout
    page = served.client.get("/metrics").text
    assert 'status="5' not in page
    assert served.metric('dedup_requests_total{route="/check",status="200"}') > 10
    assert served.metric('dedup_worker_restarts_total{kind="check"}') == 0


def test_the_description_names_every_way_to_be_refused(served):
    described = served.client.get("/openapi.json").json()
    assert set(described["paths"]) == {
        "/check", "/check/batch", "/compare", "/add", "/remove", "/health", "/ready", "/metrics",
    }  # fmt: skip
    assert {"401", "408", "409", "413", "422", "503"} <= set(
        described["paths"]["/add"]["post"]["responses"]
    )
    assert "HTTPValidationError" not in json.dumps(described)


def test_the_page_shows_and_asks_with_no_request_to_anywhere_else(served, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    text = "Dockers walked out on Tuesday over casual contracts, and ships are waiting offshore."
    served.post("/add?replace=true", {"articles": [{"id": "wire", "text": text}]})
    asked: list[str] = []
    said: list[str] = []
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{served.url}/docs")
        page.get_by_text("/check/batch", exact=True).wait_for()
        assert page.locator("details").count() == 8
        assert page.locator("#token input").is_visible()
        assert page.title() == "dedup: what the service understands"
        check = page.locator("details").first
        check.locator("summary").click()
        assert "narrative_percent_b" in check.inner_text()
        assert "at most, characters: 2048; needed" in check.inner_text()
        check.locator("textarea").fill(json.dumps({"id": "ours", "text": text}))
        check.locator("button").click()
        check.locator("pre", has_text="a token is needed").wait_for()
        page.locator("#token input").fill(TOKEN)
        check.locator("button").click()
        check.locator("pre", has_text='"id": "wire"').wait_for()
        browser.close()
    assert asked
    assert all(url.startswith(served.url) for url in asked)
    assert [line for line in said if "401" not in line and "[DOM]" not in line] == []
