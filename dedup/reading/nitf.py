"""NITF, the News Industry Text Format (IPTC), by itself or inside NewsML."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from dedup.article import Article, Credit
from dedup.reading.dates import iso_date
from dedup.reading.item import Item, dateline, stated_credits
from dedup.reading.markup import element_text
from dedup.reading.xml_stream import text_of


def nitf_item(nitf: Element, default_id: str) -> Item:
    """Make an item of a ``nitf`` element; its text is empty where it has none.

    The provider is the distributor, else whoever registered the item or holds its rights.
    """
    provider = _provider(nitf)
    number = nitf.find("head/docdata/doc-id")
    key = nitf.find("head/docdata/du-key")
    article = Article(
        id=(number.get("id-string") if number is not None else None) or default_id,
        text=nitf_text(nitf),
        title=nitf_title(nitf),
        source=provider,
        published=_published(nitf),
        language=nitf.get("lang") or nitf.get("baselang"),
        credits=nitf_credits(nitf, provider),
    )
    return Item(article, version=key.get("version") if key is not None else None)


def nitf_text(nitf: Element) -> str:
    """Return the content, else the abstract, and the closing tagline."""
    content = nitf.find("body/body.content")
    text = element_text(content) if content is not None else ""
    if not text:
        abstract = nitf.find("body/body.head/abstract")
        text = element_text(abstract) if abstract is not None else ""
    tagline = text_of(nitf, "body/body.end/tagline")
    return f"{text}\n\n{tagline}" if text and tagline else text


def nitf_title(nitf: Element) -> str | None:
    """Return the headline, else the title of the head."""
    return text_of(nitf, "body/body.head/hedline/hl1") or text_of(nitf, "head/title")


def nitf_credits(nitf: Element, provider: str | None) -> tuple[Credit, ...]:
    """Return what the head of the body credits: dateline, byline and distributor."""
    place = nitf.find("body/body.head/dateline")
    if place is not None:
        for date in place.findall("story.date"):
            date.clear()  # a date for machines, no part of the line
    return (
        *dateline(text_of(place), provider),
        *stated_credits(
            [
                (provider, "byline"),
                (text_of(nitf, "body/body.head/byline"), "byline"),
                (text_of(nitf, "body/body.head/distributor"), "byline"),
            ]
        ),
    )


def _provider(nitf: Element) -> str | None:
    if found := text_of(nitf, "body/body.head/distributor"):
        return found
    for path, name in (
        ("head/docdata/doc-id", "regsrc"),
        ("head/docdata/doc.rights", "owner"),
        ("head/docdata/doc.copyright", "holder"),
    ):
        element = nitf.find(path)
        if element is not None and (found := element.get(name)):
            return found
    return text_of(nitf, "body/body.head/rights/rights.owner")


def _published(nitf: Element) -> str | None:
    for path, name in (
        ("head/docdata/date.release", "norm"),
        ("head/docdata/date.issue", "norm"),
        ("head/pubdata", "date.publication"),
        ("body/body.head/dateline/story.date", "norm"),
    ):
        element = nitf.find(path)
        if element is not None and (found := iso_date(element.get(name))):
            return found
    return None
