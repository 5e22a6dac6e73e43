"""A Scrapy item pipeline that marks or drops items taken from articles seen before.

::

    ITEM_PIPELINES = {"dedup.integrations.scrapy.DedupPipeline": 300}
    DEDUP_INDEX = "news.index"
    DEDUP_ACTION = "drop"

It decides as ``dedup filter`` does, one item after the other in the order they arrive. Deciding
takes some ten milliseconds of processor time, so it is done in one thread of its own, to which an
index on disk belongs: downloads go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dedup.article import Article, DedupError
from dedup.detector import Detector
from dedup.filtering.decision import Decision
from dedup.filtering.expression import DropRule, any_relation, either, parse_rule
from dedup.filtering.options import FilterOptions, Prefer, parse_duration
from dedup.reading.jsonl import Fields, Record, RecordError, article_of, lookup
from dedup.scoring.match import DERIVED, NOT_DERIVED

try:
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem
except ModuleNotFoundError:
    raise DedupError(
        "the pipeline needs Scrapy, which is not installed: pip install '.[scrapy]'"
    ) from None

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

ANNOTATE, DROP = "annotate", "drop"

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What the ``DEDUP_*`` settings say.

    Attributes
    ----------
    index
        ``DEDUP_INDEX``: the directory or URL of an index; None keeps what is seen in memory.
    drops
        ``DEDUP_ACTION``: "drop" or "annotate"; unless given, items are dropped if a rule says
        which ones.
    options
        ``DEDUP_DROP_WHEN``, ``DEDUP_DROP`` (a list, or names separated by commas),
        ``DEDUP_PREFER`` and ``DEDUP_WITHIN``, as the options of ``dedup filter``.
    fields
        ``DEDUP_FIELDS``: which field of an item holds what, such as
        ``{"text": "body", "id": "guid"}``. An item without its id field is known by its URL.
    target
        ``DEDUP_FIELD``: the field the decision is put into, "dedup" unless given.
    """

    index: str | None
    drops: bool
    options: FilterOptions
    fields: Fields
    target: str

    @classmethod
    def read(cls, settings: BaseSettings) -> PipelineSettings:
        """Read the settings.

        Raises
        ------
        DedupError
            If one of them says what cannot be.
        """
        rule = _rule(settings.get("DEDUP_DROP_WHEN"), settings.getlist("DEDUP_DROP"))
        action = settings.get("DEDUP_ACTION") or (DROP if rule else ANNOTATE)
        if action not in (ANNOTATE, DROP):
            raise DedupError(f"DEDUP_ACTION is {action!r}; it can be {ANNOTATE!r} or {DROP!r}")
        within, prefer = settings.get("DEDUP_WITHIN"), settings.get("DEDUP_PREFER")
        if prefer and prefer not in set(Prefer):
            raise DedupError(f"DEDUP_PREFER is {prefer!r}; it can be {', '.join(Prefer)}")
        named = settings.getdict("DEDUP_FIELDS")
        known = [field.name for field in fields_of(Fields)]
        if unknown := sorted(set(named) - set(known)):
            raise DedupError(f"DEDUP_FIELDS names {unknown[0]!r}; it can name {', '.join(known)}")
        return cls(
            index=settings.get("DEDUP_INDEX") or None,
            drops=action == DROP,
            options=FilterOptions(
                drop=rule,
                prefer=Prefer(prefer) if prefer else None,
                within=parse_duration(within) if within else None,
            ),
            fields=Fields(**named),
            target=settings.get("DEDUP_FIELD") or "dedup",
        )


class DedupPipeline:
    """The item pipeline; counts what it does in the crawl's stats, under ``dedup/``."""

    def __init__(self, settings: PipelineSettings, stats: StatsCollector) -> None:
        self._settings = settings
        self._stats = stats
        self._without_field: set[type] = set()
        self._thread = ThreadPoolExecutor(1, "dedup")
        self._detector: Detector | None = None
        self._decisions: Iterator[Decision] | None = None
        self._arrived: Article | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DedupPipeline:
        """Make the pipeline of a crawl."""
        assert crawler.stats is not None
        return cls(PipelineSettings.read(crawler.settings), crawler.stats)

    # Releases of Scrapy before 2.14 pass the spider to these three, and do not await the outer two.

    def open_spider(self, _spider: object = None) -> None:
        """Open the index."""
        self._thread.submit(self._open).result()

    async def process_item(self, item: Any, _spider: object = None) -> Any:  # noqa: ANN401
        """Return an item with its decision, or drop it.

        An item of which no article can be made is passed on as it is, and counted.

        Raises
        ------
        DropItem
            If it was taken from a known article, or the rule says so; the message says from which
            and how much.
        """
        adapter = ItemAdapter(item)
        article = self._article(adapter)
        if article is None:
            return item
        decision = await _awaitable(self._thread.submit(self._decide, article))
        self._count(decision)
        self._annotate(adapter, decision)
        if self._settings.drops and not decision.kept:
            raise DropItem(reason(decision))
        return item

    def close_spider(self, _spider: object = None) -> None:
        """Close the index, behind the last decision."""
        try:
            self._thread.submit(self._close).result()
        finally:
            self._thread.shutdown()

    def _open(self) -> None:
        index = self._settings.index
        self._detector = Detector() if index is None else Detector.open(index)

    def _close(self) -> None:
        if self._detector is not None:
            self._detector.close()

    def _decide(self, article: Article) -> Decision:
        self._arrived = article
        if self._decisions is None:
            assert self._detector is not None
            self._decisions = self._detector.filter(
                self._arriving(), self._settings.options, batch=1
            )
        try:
            return next(self._decisions)
        except BaseException:
            self._decisions = None  # a generator that has raised is at its end
            raise

    def _arriving(self) -> Iterator[Article]:
        while self._arrived is not None:
            yield self._arrived

    def _article(self, adapter: ItemAdapter) -> Article | None:
        """Make an article of an item; None, counted and said, where that cannot be."""
        fields = self._settings.fields
        record = {name: _plain(value, name == fields.text) for name, value in adapter.items()}
        text = lookup(record, fields.text)
        if text is None or (isinstance(text, str) and not text.strip()):
            self._say("without_text", f"field {fields.text!r} is empty")
            return None
        if lookup(record, fields.id) is None and (url := lookup(record, fields.url)):
            record[fields.id] = url
        try:
            return article_of(record, fields)
        except RecordError as error:
            self._say("unreadable", str(error))
            return None

    def _say(self, counter: str, why: str) -> None:
        self._stats.inc_value(f"dedup/{counter}")
        logger.warning("An item is passed on unchecked: %s", why)

    def _annotate(self, adapter: ItemAdapter, decision: Decision) -> None:
        target = self._settings.target
        try:
            adapter[target] = decision.to_dict()
        except KeyError:
            if self._settings.drops:
                return
            self._stats.inc_value("dedup/not_annotated")
            kind = type(adapter.item)
            if kind not in self._without_field:
                self._without_field.add(kind)
                logger.error(
                    "Items of %s have no field %r for the decision and are passed on without it; "
                    "add the field, or name another with DEDUP_FIELD",
                    kind.__qualname__,
                    target,
                )

    def _count(self, decision: Decision) -> None:
        counters = ["decided", "kept" if decision.kept else "not_kept"]
        if decision.derived:
            counters += ["derived", f"relation/{decision.fields['relation']}"]
        if self._settings.drops and not decision.kept:
            counters.append("dropped")
        for counter in counters:
            self._stats.inc_value(f"dedup/{counter}")


def reason(decision: Decision) -> str:
    """Say in one line which article an item was taken from, and how much of it."""
    fields = decision.fields
    return (
        f"{decision.article.id}: {fields['relation']} of {fields['match']}, in which "
        f"{fields['percent']:.0f}% of it stands"
        if fields["match"] is not None
        else f"{decision.article.id}: dropped by the rule; no article with words of it is known"
    )


def _rule(drop_when: str | None, relations: list[str]) -> DropRule | None:
    """Make the rule of what is not kept, as ``dedup filter`` does."""
    rules = [parse_rule(drop_when)] if drop_when else []
    names = [name.strip() for name in relations]
    for name in names:
        if name not in (*DERIVED, *NOT_DERIVED):
            known = ", ".join((*DERIVED, *NOT_DERIVED))
            raise DedupError(f"DEDUP_DROP names {name!r}; there are {known}")
    if names:
        rules.append(any_relation(names))
    return reduce(either, rules) if rules else None


def _plain(value: object, is_text: bool) -> object:
    """Return a field as an article's: item loaders collect lists of strings, ids may be numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping) or ItemAdapter.is_item(value):
        return cast("Record", ItemAdapter(value).asdict())
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return "\n".join(value) if is_text else value[0]
    return value


async def _awaitable(future: Future[T]) -> T:
    """Wait for a thread with whatever event loop the crawl runs on."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        from twisted.internet import reactor
        from twisted.internet.defer import Deferred

        deferred: Deferred[None] = Deferred()
        call: Any = reactor
        future.add_done_callback(lambda _: call.callFromThread(deferred.callback, None))
        await deferred
        return future.result()
    return await asyncio.wrap_future(future)
