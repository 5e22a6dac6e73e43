"""NewsML-G2 (IPTC): news items, alone or in a news message."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from dedup.article import Article
from dedup.reading.dates import iso_date
from dedup.reading.item import Item, dateline, stated_credits
from dedup.reading.markup import element_text, fragment_text
from dedup.reading.nitf import nitf_credits, nitf_text, nitf_title
from dedup.reading.xml_stream import text_of

_TEXT_CLASSES = frozenset({"text", "composite"})
_WITHDRAWN = frozenset({"canceled", "cancelled", "withheld"})
_DERIVED = frozenset({"derivedFrom", "translatedFrom", "evolvedFrom"})


def passed_over(item: Element) -> str | None:
    """Say why a ``newsItem`` is not read (``picture``, ``withdrawn``); None if it is."""
    kind = _code(item.find("itemMeta/itemClass"))
    if kind is not None and kind not in _TEXT_CLASSES:
        return f"a {kind} item of NewsML, not text"
    if _code(item.find("itemMeta/pubStatus")) in _WITHDRAWN:
        return "an item withdrawn by its provider"
    return None


def newsml_item(item: Element, default_id: str) -> Item:
    """Make an item of a ``newsItem`` element; its text is empty where it has none.

    ``published`` is when this version was made; the provider gives ``source``.
    """
    meta, content = item.find("itemMeta"), item.find("contentMeta")
    nitf = next(item.iter("nitf"), None)
    provider = (
        _name(_find(meta, "provider"))
        or text_of(item, "rightsInfo/copyrightHolder/name")
        or _host(_find(meta, "provider"))
    )
    language = _find(content, "language")
    inner = nitf_credits(nitf, provider) if nitf is not None else ()
    inner_datelines = [credit for credit in inner if credit.kind == "dateline"]
    inner_names = [credit for credit in inner if credit.kind != "dateline"]
    article = Article(
        id=item.get("guid") or default_id,
        text=_content(item.find("contentSet")),
        title=text_of(content, "headline")
        or (nitf_title(nitf) if nitf is not None else None)
        or text_of(meta, "title"),
        source=provider,
        published=iso_date(text_of(meta, "versionCreated"))
        or iso_date(text_of(content, "contentCreated")),
        url=_link(meta),
        language=(language.get("tag") if language is not None else None) or item.get("lang"),
        credits=(
            *(dateline(text_of(content, "dateline"), provider) or inner_datelines),
            *stated_credits(
                [
                    (provider, "byline"),
                    *((_name(party), "byline") for party in _all(content, "infoSource")),
                    *((_name(party), "byline") for party in _all(content, "creator")),
                    (text_of(content, "by"), "byline"),
                    (text_of(content, "creditline"), "credit-line"),
                    *((credit.text, credit.kind) for credit in inner_names),
                ]
            ),
        ),
    )
    return Item(article, version=item.get("version"), derived_from=_derived(item))


def _content(contents: Element | None) -> str:
    """Return the text of the first rendition that has any."""
    for part in contents if contents is not None else ():
        if part.tag == "inlineXML":
            nitf = next(part.iter("nitf"), None)
            text = nitf_text(nitf) if nitf is not None else element_text(part)
        elif part.tag == "inlineData":
            text = fragment_text(part.text or "") if _is_text(part) else ""
        else:
            text = ""
        if any(char.isalnum() for char in text):
            return text
    return ""


def _is_text(data: Element) -> bool:
    """Say whether inline data is text and not, say, a picture in base 64."""
    kind = data.get("contenttype", "text/plain")
    return data.get("encoding") is None and (kind.startswith("text/") or "html" in kind)


def _name(party: Element | None) -> str | None:
    """Return the name of a party, else its code."""
    if party is None:
        return None
    return text_of(party, "name") or party.get("literal") or _code(party)


def _host(party: Element | None) -> str | None:
    """Return the host of a party's address, which is all that some files state."""
    try:
        return urlsplit(party.get("uri", "")).hostname if party is not None else None
    except ValueError:
        return None


def _code(element: Element | None) -> str | None:
    """Return the code of a qualified code (``nprov:REUTERS``) or of the address of a concept."""
    if element is None:
        return None
    if code := element.get("qcode"):
        return code.rpartition(":")[2] or None
    address = element.get("uri", "")
    return address.rstrip("/").rpartition("/")[2] if "newscodes" in address else None


def _link(meta: Element | None) -> str | None:
    for link in _all(meta, "link"):
        if link.get("rel", "").endswith(("canonical", "isA")) and link.get("href"):
            return link.get("href")
    return None


def _derived(item: Element) -> tuple[str, ...]:
    """Return what the item says it was made from, by links or by ``derivedFrom``."""
    found: list[str] = []
    for element in item.iter():
        if element.tag == "link" and element.get("rel", "").rpartition(":")[2] in _DERIVED:
            found.append(element.get("residref") or element.get("href") or "")
        elif element.tag == "derivedFrom":
            found.append(element.get("guidref") or element.get("residref") or "")
    return tuple(dict.fromkeys(filter(None, found)))


def _find(element: Element | None, name: str) -> Element | None:
    return None if element is None else element.find(name)


def _all(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else element.findall(name)
