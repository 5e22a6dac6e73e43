"""XML files: the root or its records say whether they are NewsML, NITF, RSS or Atom."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dedup.reading import newsml, newsml1
from dedup.reading.feeds import atom_item, rss_item
from dedup.reading.item import Item
from dedup.reading.nitf import nitf_item
from dedup.reading.opening import Source
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.plain import ReadError
from dedup.reading.xml_stream import records

_G2_OTHERS = frozenset({"packageItem", "conceptItem", "knowledgeItem", "planningItem"})
_RECORDS = frozenset({"newsItem", "NewsItem", "nitf", "item", "entry"}) | _G2_OTHERS
_FEEDS = {"item": ("rss", "RDF"), "entry": ("feed", "entry")}


def read_xml(source: Source, options: ReadOptions, report: Report, tally: Tally) -> Iterator[Item]:
    """Yield the items of an XML file; what is not text is counted, what has none is reported.

    Raises
    ------
    ReadError
        If the file is not XML that can be read, or none of the formats known; items before the
        place where it broke off have been yielded.
    """
    number = 0
    for root, record in records(source, _RECORDS, options.max_bytes):
        number += 1
        tag = record.tag
        where = source.path if number == 1 else f"{source.path}:item {number}"
        if tag not in _RECORDS or root.tag not in _FEEDS.get(tag, (root.tag,)):
            raise ReadError(
                f"{source.path}: its root element <{root.tag}> is none of NewsML, NITF, RSS or Atom"
            )
        if reason := _passed_over(record):
            tally.count(reason, where)
            continue
        item = _item(root, record, _default_id(source.path, number))
        if any(char.isalnum() for char in item.article.text):
            yield item
        else:
            report(Problem(f"{where}: the item {item.article.id!r} has no text"))


def _passed_over(record: Element) -> str | None:
    if record.tag in _G2_OTHERS:
        return f"a {record.tag} of NewsML, not text"
    if record.tag == "newsItem":
        return newsml.passed_over(record)
    return newsml1.passed_over(record) if record.tag == "NewsItem" else None


def _item(root: Element, record: Element, default_id: str) -> Item:
    match record.tag:
        case "newsItem":
            return newsml.newsml_item(record, default_id)
        case "NewsItem":
            return newsml1.newsml1_item(root, record, default_id)
        case "nitf":
            return nitf_item(record, default_id)
        case "item":
            return rss_item(root, record, default_id)
        case _:
            return atom_item(root, record, default_id)


def _default_id(path: str, number: int) -> str:
    return path if number == 1 else f"{path}#{number}"
