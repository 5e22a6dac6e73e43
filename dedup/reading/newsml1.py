"""NewsML 1.2 (IPTC, 2003), which EFE, Belga, Kyodo and others still send."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dedup.article import Article
from dedup.reading.dates import iso_date
from dedup.reading.item import Item, dateline, stated_credits
from dedup.reading.markup import element_text, fragment_text
from dedup.reading.nitf import nitf_text, nitf_title
from dedup.reading.xml_stream import text_of

_BODY_ROLES = frozenset({"body", "main", "maintext", "text", "story", "content"})
_OTHER_ROLES_NAMES = """
    caption contact headline logo photo picture graphic video audio stylesheet subheadline
    thumbnail preview quicklook
"""
_OTHER_ROLES = frozenset(_OTHER_ROLES_NAMES.split())
_MEDIA = ("Photo", "Picture", "Graphic", "Video", "Audio", "Animation", "Image")
_WITHDRAWN = frozenset({"canceled", "cancelled", "withheld"})


def passed_over(item: Element) -> str | None:
    """Say why a ``NewsItem`` is not read; None if it is."""
    if _name(item, "NewsManagement/Status").casefold() in _WITHDRAWN:
        return "an item withdrawn by its provider"
    kinds = {element.get("FormalName", "") for element in item.iter("MediaType")}
    if kinds and not kinds & {"Text", "text", "ComplexData"}:
        return f"a {sorted(kinds)[0].lower()} item of NewsML, not text"
    role = _name(item, "NewsComponent/Role")
    if role in _MEDIA:
        return f"a {role.lower()} item of NewsML, not text"
    return None


def newsml1_item(root: Element, item: Element, default_id: str) -> Item:
    """Make an item of a ``NewsItem`` element; its text is empty where it has none.

    The root holds the envelope, which names the sender. Of renditions in several languages the
    first is taken.
    """
    nitf = next(item.iter("nitf"), None)
    provider = (
        _name(item, ".//AdministrativeMetadata/Provider/Party")
        or _name(root, "NewsEnvelope/SentFrom/Party")
        or text_of(item, "Identification/NewsIdentifier/ProviderId")
    )
    identifier = "Identification/NewsIdentifier/"
    article = Article(
        id=text_of(item, identifier + "PublicIdentifier")
        or text_of(item, identifier + "NewsItemId")
        or default_id,
        text=_body(item),
        title=text_of(item, ".//NewsLines/HeadLine")
        or (nitf_title(nitf) if nitf is not None else None)
        or text_of(item, "Identification/NameLabel"),
        source=provider,
        published=iso_date(text_of(item, "NewsManagement/ThisRevisionCreated"))
        or iso_date(text_of(item, "NewsManagement/FirstCreated"))
        or iso_date(text_of(root, "NewsEnvelope/DateAndTime")),
        language=_name(item, ".//DescriptiveMetadata/Language") or None,
        credits=(
            *dateline(text_of(item, ".//NewsLines/DateLine"), provider),
            *stated_credits(
                [
                    (provider, "byline"),
                    *(
                        (party.get("FormalName"), "byline")
                        for path in ("Creator", "Source")
                        for party in item.findall(f".//AdministrativeMetadata/{path}/Party")
                    ),
                    (text_of(item, ".//NewsLines/ByLine"), "byline"),
                    (text_of(item, ".//NewsLines/CreditLine"), "credit-line"),
                ]
            ),
        ),
    )
    derived = [element.get("NewsItem", "") for element in item.iter("DerivedFrom")]
    return Item(
        article,
        version=text_of(item, identifier + "RevisionId"),
        derived_from=tuple(dict.fromkeys(filter(None, derived))),
    )


def _body(item: Element) -> str:
    """Return the text of the component whose role is the body, else of the first that has text."""
    texts: list[tuple[str, str]] = []
    for component in item.iter("NewsComponent"):
        role = _name(component, "Role").casefold().replace(" ", "")
        if role not in _OTHER_ROLES:
            texts.extend((role, text) for text in _contents(component))
    return next((text for role, text in texts if role in _BODY_ROLES), texts[0][1] if texts else "")


def _contents(component: Element) -> Iterator[str]:
    """Yield the text of each content item of a component, not of those inside it."""
    for content in (*component.findall("ContentItem"), *component.findall("NewsItem/ContentItem")):
        mime = _name(content, "MimeType") or "text/plain"
        data = content.find(".//DataContent")
        if data is None or content.find("Encoding") is not None or not _is_text(mime):
            continue
        nitf = next(data.iter("nitf"), None)
        if nitf is not None:
            text = nitf_text(nitf)
        elif len(data):
            text = element_text(data)
        else:
            text = fragment_text(data.text or "")
        if any(char.isalnum() for char in text):
            yield text


def _is_text(mime: str) -> bool:
    return (mime.startswith("text/") and mime != "text/css") or "xml" in mime or "html" in mime


def _name(element: Element, path: str) -> str:
    """Return the formal name of the first element down a path, empty if there is none."""
    found = element.find(path)
    return found.get("FormalName", "") if found is not None else ""
