"""A spider for `news_site`, run by `scrapy runspider` in a process of its own."""

import json
from dataclasses import dataclass
from pathlib import Path

import attrs
import scrapy


@dataclass
class DataclassItem:
    url: str
    title: str
    text: str
    dedup: dict | None = None


@attrs.define
class AttrsItem:
    url: str
    title: str
    text: str
    dedup: dict | None = None


class ScrapyItem(scrapy.Item):
    url = scrapy.Field()
    title = scrapy.Field()
    text = scrapy.Field()
    dedup = scrapy.Field()


@dataclass
class BareItem:
    url: str
    title: str
    text: str


KINDS = {
    "dict": dict,
    "dataclass": DataclassItem,
    "attrs": AttrsItem,
    "item": ScrapyItem,
    "bare": BareItem,
    # As an item loader without output processors leaves it.
    "loaded": lambda **fields: {name: [value] for name, value in fields.items()},
}


class NewsSpider(scrapy.Spider):
    name = "news"
    custom_settings = {  # noqa: RUF012
        "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300},
        "CONCURRENT_REQUESTS": 1,
        "DOWNLOAD_DELAY": 0,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }

    def __init__(self, site: str, stats: str, kind: str = "dict", **options: str) -> None:
        super().__init__(**options)
        self.start_urls = [site]
        self.make = KINDS[kind]
        self.stats_file = Path(stats)

    def parse(self, response):
        for number, link in enumerate(response.css("a::attr(href)").getall()):
            yield response.follow(link, self.parse_article, priority=-number)

    def parse_article(self, response):
        yield self.make(
            url=response.url,
            title=response.css("h1::text").get(),
            text="\n\n".join(response.css("article p::text").getall()),
        )

    def closed(self, reason):
        stats = self.crawler.stats.get_stats()
        self.stats_file.write_text(json.dumps(stats, default=str), "utf-8")
