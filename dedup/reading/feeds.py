"""RSS (0.9x, 1.0, 2.0) and Atom entries, with their full content where the feed carries it."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from dedup.article import Article
from dedup.reading.dates import iso_date
from dedup.reading.item import Item, stated_credits
from dedup.reading.markup import element_text, fragment_text
from dedup.reading.xml_stream import text_of


def rss_item(root: Element, item: Element, default_id: str) -> Item:
    """Make an item of an RSS ``item``: the content, else the description.

    ``source`` is the channel's title; an item's own ``source`` is the channel it was taken from,
    which credits it.
    """
    channel = root.find("channel")
    link = text_of(item, "link")
    origin = item.find("source")
    article = Article(
        id=text_of(item, "guid") or link or item.get("about") or default_id,
        text=_text(item, ("encoded", "description")),
        title=_plain(item, "title"),
        source=text_of(channel, "title"),
        published=iso_date(text_of(item, "pubDate")) or iso_date(text_of(item, "date")),
        url=link,
        language=text_of(item, "language") or text_of(channel, "language"),
        credits=stated_credits(
            [
                (text_of(item, "creator"), "byline"),
                (text_of(item, "author"), "byline"),
                (text_of(origin), "credit-line"),
            ]
        ),
    )
    address = origin.get("url") if origin is not None else None
    return Item(article, derived_from=(address,) if address else ())


def atom_item(root: Element, entry: Element, default_id: str) -> Item:
    """Make an item of an Atom ``entry``: the content, else the summary."""
    origin = entry.find("source")
    link = _link(entry.findall("link"))
    article = Article(
        id=text_of(entry, "id") or link or default_id,
        text=_text(entry, ("content", "summary")),
        title=_plain(entry, "title"),
        source=text_of(root, "title") if root is not entry else None,
        published=iso_date(text_of(entry, "published")) or iso_date(text_of(entry, "updated")),
        url=link,
        language=entry.get("lang") or root.get("lang"),
        credits=stated_credits(
            [
                *((text_of(author, "name"), "byline") for author in entry.findall("author")),
                (text_of(origin, "title"), "credit-line"),
            ]
        ),
    )
    return Item(
        article,
        version=text_of(entry, "updated"),
        derived_from=tuple(filter(None, [text_of(origin, "id")])),
    )


def _text(item: Element, names: Iterable[str]) -> str:
    """Return the text of the first of the elements that has words."""
    for name in names:
        element = item.find(name)
        if element is None:
            continue
        # Markup stands escaped or in CDATA, or, in Atom's XHTML, as elements.
        text = element_text(element) if len(element) else fragment_text(element.text or "")
        if any(char.isalnum() for char in text):
            return text
    return ""


def _plain(item: Element, name: str) -> str | None:
    """Return a title without the markup that feeds put into it."""
    element = item.find(name)
    if element is None:
        return None
    text = element_text(element) if len(element) else fragment_text(element.text or "")
    return " ".join(text.split()) or None


def _link(links: Iterable[Element]) -> str | None:
    by_relation = {link.get("rel", "alternate"): link.get("href") for link in reversed([*links])}
    return by_relation.get("alternate")
