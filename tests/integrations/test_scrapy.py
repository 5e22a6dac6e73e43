"""The Scrapy pipeline, in real crawls of a site on loopback."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from news_site import EMPTY, fixture_files, paragraphs, served, write_site

from dedup import Article, DedupError, Detector
from dedup.index.disk.library import DiskLibrary

pytest.importorskip("scrapy", reason="Scrapy is not installed")

from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from dedup.integrations.scrapy import DedupPipeline, PipelineSettings

HERE = Path(__file__).parent
REACTORS = {
    "asyncio": ["TWISTED_REACTOR=twisted.internet.asyncioreactor.AsyncioSelectorReactor"],
    "select": ["TWISTED_REACTOR=twisted.internet.selectreactor.SelectReactor"],
    "no reactor": ["TWISTED_REACTOR_ENABLED=False"],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    write_site(folder)
    with served(folder) as address:
        yield address


@dataclass
class Crawl:
    """What came of a crawl."""

    items: list[dict]
    stats: dict
    log: str

    def counted(self) -> dict:
        """The pipeline's counters."""
        return {
            name.removeprefix("dedup/"): count
            for name, count in self.stats.items()
            if name.startswith("dedup/")
        }


@pytest.fixture
def crawl(site: str, tmp_path: Path):
    """Return how to crawl the site with a kind of item and settings."""

    def run(kind: str = "dict", *settings: str) -> Crawl:
        output, stats = tmp_path / "items.jsonl", tmp_path / "stats.json"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "scrapy", "runspider", str(HERE / "news_spider.py")),
                *("-O", f"{output}:jsonlines"),
                *("-a", f"site={site}", "-a", f"stats={stats}", "-a", f"kind={kind}"),
                *(part for setting in settings for part in ("-s", setting)),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        items = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
        return Crawl(items, json.loads(stats.read_text("utf-8")), done.stderr)

    return run


def expected(site: str) -> dict[str, dict]:
    """What `Detector.filter` decides of the site's articles, by URL."""
    articles = [
        Article(
            f"{site}{path.stem}.html",
            "\n\n".join(paragraphs(path)[1:]),
            title=paragraphs(path)[0],
            url=f"{site}{path.stem}.html",
        )
        for path in fixture_files()
    ]
    return {d.article.id: d.to_dict() for d in Detector().filter(articles)}


@pytest.mark.parametrize("kind", ["dict", "dataclass", "attrs", "item", "loaded"])
def test_items_of_every_kind_get_the_decisions_of_the_filter(crawl, site, kind):
    done = crawl(kind)
    wanted = expected(site)
    found = {}
    for item in done.items:
        if kind == "loaded":
            item = {n: v[0] if isinstance(v, list) else v for n, v in item.items()}
        found[item["url"]] = item.get("dedup")
    empty = site + EMPTY
    assert found.pop(empty, None) is None
    assert found == wanted
    derived = sum(decision["derived"] for decision in wanted.values())
    counted = done.counted()
    assert 5 <= derived == counted["derived"] < len(wanted) == counted["decided"]
    assert counted["without_text"] == 1
    assert "passed on unchecked: field 'text' is empty" in done.log
    assert "dropped" not in counted


@pytest.mark.parametrize("reactor", REACTORS)
def test_copies_are_dropped_with_the_reason_on_every_reactor(crawl, site, reactor):
    done = crawl("dict", "DEDUP_ACTION=drop", *REACTORS[reactor])
    wanted = expected(site)
    kept = [url for url, decision in wanted.items() if decision["kept"]]
    urls = [item["url"] for item in done.items if "dedup" in item]
    assert urls == kept
    assert len(done.items) == len(kept) + 1
    assert done.stats["item_dropped_count"] == done.counted()["dropped"] == len(wanted) - len(kept)
    herald = f"{site}portstrike-harbour-herald.html"
    share = wanted[herald]["percent"]
    said = f"{herald}: identical of {site}portstrike.html, in which {share:.0f}% of it stands"
    assert said in done.log


def test_a_second_crawl_knows_what_the_first_one_stored_and_decides_the_same(crawl, site, tmp_path):
    index = tmp_path / "seen.index"
    DiskLibrary.create(index).close()
    settings = (f"DEDUP_INDEX={index}", "DEDUP_DROP=identical,near-duplicate")
    first = crawl("dict", *settings)
    with Detector.open(index, write=False) as detector:
        stored = len(detector)
    again = crawl("dict", *settings)
    assert sorted(again.items, key=by_url) == sorted(first.items, key=by_url)
    relations = {item["dedup"]["relation"] for item in first.items if "dedup" in item}
    assert "partial" in relations
    assert not relations & {"identical", "near-duplicate"}
    with Detector.open(index, write=False) as detector:
        assert len(detector) == stored == first.counted()["kept"]


def test_items_with_no_room_for_the_decision_are_passed_on_and_this_is_said_once(crawl):
    done = crawl("bare")
    assert len(done.items) == len(fixture_files()) + 1
    assert done.counted()["not_annotated"] == len(fixture_files())
    assert done.log.count("BareItem have no field 'dedup'") == 1


def by_url(item: dict) -> str:
    return item["url"]


def decide(item: dict, **settings: object) -> dict:
    """Send one item through a pipeline of its own."""
    pipeline = DedupPipeline.from_crawler(get_crawler(settings_dict=settings))
    pipeline.open_spider()
    try:
        return asyncio.run(pipeline.process_item(item))
    finally:
        pipeline.close_spider()


def test_settings_name_the_fields_of_an_item_and_of_the_decision():
    item = {"guid": 7, "story": {"body": "A storm closed the harbour on Sunday evening."}}
    fields = {"id": "guid", "text": "story.body"}
    done = decide(item, DEDUP_FIELDS=fields, DEDUP_FIELD="seen_before")
    assert done["seen_before"]["group"] == "7"
    assert "dedup" not in done


def test_an_item_without_id_and_url_is_passed_on():
    assert decide({"text": "A storm closed the harbour."}) == {
        "text": "A storm closed the harbour."
    }


def test_a_rule_can_drop_what_is_not_derived_and_the_reason_says_so():
    with pytest.raises(DropItem, match="dropped by the rule; no article with words of it"):
        decide({"id": "a", "text": "A storm closed the harbour."}, DEDUP_DROP_WHEN="percent<50")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DEDUP_ACTION": "delete"}, "DEDUP_ACTION is 'delete'; it can be 'annotate' or 'drop'"),
        ({"DEDUP_DROP": "copied"}, "DEDUP_DROP names 'copied'; there are identical, "),
        ({"DEDUP_DROP_WHEN": "percent>>3"}, "drop rule 'percent>>3': "),
        ({"DEDUP_PREFER": "newest"}, "DEDUP_PREFER is 'newest'; it can be earliest, "),
        ({"DEDUP_WITHIN": "soon"}, "'soon' is no duration"),
        ({"DEDUP_FIELDS": {"body": "text"}}, "DEDUP_FIELDS names 'body'; it can name id, text"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(settings, said):
    with pytest.raises(DedupError) as refused:
        PipelineSettings.read(Settings(settings))
    assert str(refused.value).startswith(said)


def test_a_missing_index_ends_the_crawl_before_anything_is_fetched(site, tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scrapy", "runspider", str(HERE / "news_spider.py")),
            *("-a", f"site={site}", "-a", f"stats={tmp_path / 'stats.json'}"),
            *("-s", f"DEDUP_INDEX={tmp_path / 'none'}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no such index; create it first" in done.stderr
    assert "response_received_count" not in done.stderr


def test_without_the_extra_one_sentence_says_what_to_install():
    code = "import sys; sys.modules['scrapy'] = None; import dedup.integrations.scrapy"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith("Scrapy, which is not installed: pip install '.[scrapy]'")
