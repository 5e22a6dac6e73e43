"""What a page states of its article: schema.org JSON-LD first, meta tags where that is silent."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from dedup.article import Credit
from dedup.reading.dates import iso_date
from dedup.reading.item import stated_credits
from dedup.reading.markup import fragment_text

Tree = Any
"""A page as lxml parsed it; lxml has no types."""
Json = Any
Node = dict[str, Json]

_DEPTH = 20
_TITLE_END = re.compile(r"\s+[-–—|·•»]\s+([^-–—|·•»]{2,60})$")
_OG_TYPES = {"article": True, "website": False}
_OTHER_ARTICLES = frozenset({"LiveBlogPosting", "BlogPosting", "Report"})


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says of its article.

    ``body`` is its text as the publisher gives it to machines (``articleBody``), if at all; ``dek``
    its subtitles and summaries, one a line; ``is_article`` and ``is_free`` are None where the page
    does not say.
    """

    title: str | None
    source: str | None
    published: str | None
    url: str | None
    language: str | None
    credits: tuple[Credit, ...]
    derived_from: tuple[str, ...]
    dek: str
    body: str
    is_article: bool | None
    is_free: bool | None


def page_metadata(tree: Tree, address: str | None = None) -> PageMetadata:
    """Read the metadata of a page.

    ``tree`` is the page as lxml parsed it; ``address`` is where it was fetched, if that is known.
    """
    nodes = list(_nodes(tree))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    article = next((node for node in nodes if _is_article(node) and node.get("headline")), None)
    article = article or next((node for node in nodes if _is_article(node)), {})
    meta = _meta(tree)
    site = meta.get("og:site_name")
    url = _url(tree, meta, article, address)
    publisher = _publisher(article, nodes, by_id)
    authors = _names(article.get("author"), by_id) or _names(article.get("creator"), by_id)
    authors = authors or [name for name in meta.get("author", "").split("\0") if name]
    free = article.get("isAccessibleForFree")
    return PageMetadata(
        title=_title(tree, meta, article, site),
        source=_source(publisher, site) or (urlsplit(url).hostname if url else None),
        published=_published(tree, meta, article),
        url=url,
        language=_language(tree, meta, article),
        credits=stated_credits(
            [
                *((name, "byline") for name in authors if name not in (site, *publisher)),
                (_string(article.get("creditText")), "credit-line"),
                *(
                    (name, "credit-line")
                    for name in _names(article.get("sourceOrganization"), by_id)
                    if name not in (site, *publisher)
                ),
            ]
        ),
        derived_from=tuple(_addresses(article.get("isBasedOn") or article.get("isBasedOnUrl"))),
        dek="\n".join(
            _folded(html.unescape(text))
            for text in (
                _string(article.get("alternativeHeadline")),
                _string(article.get("description")),
                meta.get("og:description"),
            )
            if text
        ),
        body=fragment_text(html.unescape(_string(article.get("articleBody")) or "")),
        is_article=True if article else _OG_TYPES.get(meta.get("og:type", "")),
        is_free=None if free is None else str(free).casefold() not in ("false", "no", "0"),
    )


def _nodes(tree: Tree) -> Iterator[Node]:
    """Yield the objects of the page's JSON-LD, those inside lists and graphs too."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        text = (script.text or "").strip().removeprefix("<!--").removesuffix("-->")
        try:
            yield from _flat(json.loads(text, strict=False), _DEPTH)
        except (ValueError, RecursionError):
            continue  # one broken block says nothing of the others


def _publisher(article: Node, nodes: list[Node], by_id: dict[str, Node]) -> list[str]:
    """Return the names of the publisher, else of the news organisation that the page describes."""
    organisations = [node for node in nodes if node.get("@type") == "NewsMediaOrganization"]
    return _names(article.get("publisher"), by_id) or _names(organisations[:1], by_id)


def _source(publisher: list[str], site: str | None) -> str | None:
    """Return the outlet's name: the site's, where it and the publisher's are one with more or less.

    Publishers add the company ("Ediciones El País S.L.") or cut the name ("magazin").
    """
    if not publisher:
        return site
    name, shown = publisher[0].casefold(), (site or "").casefold()
    return site if shown and (shown in name or name in shown) else publisher[0]


def _flat(value: Json, depth: int) -> Iterator[Node]:
    if isinstance(value, list) and depth:
        for entry in value:
            yield from _flat(entry, depth - 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity"):
            yield from _flat(value.get(name), depth - 1) if depth else ()


def _is_article(node: Node) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(
        isinstance(kind, str) and (kind.endswith("Article") or kind in _OTHER_ARTICLES)
        for kind in kinds
    )


def _meta(tree: Tree) -> dict[str, str]:
    """Return the page's meta tags by name; several authors are parted by a NUL."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").casefold()
        content = (tag.get("content") or "").strip()
        if not name or not content:
            continue
        if name in ("author", "article:author"):
            if not content.startswith(("http://", "https://")):
                found["author"] = f"{found.get('author', '')}\0{content}"
        else:
            found.setdefault(name, content)
    return found


def _title(tree: Tree, meta: dict[str, str], article: Node, site: str | None) -> str | None:
    """Return the headline: as JSON-LD has it, else a heading that the page's title begins with."""
    if headline := _string(article.get("headline")):
        return _folded(html.unescape(headline))
    title = meta.get("og:title") or next((t.text for t in tree.iter("title") if t.text), None)
    title = _folded(html.unescape(title or ""))
    headings = [_folded(" ".join(heading.itertext())) for heading in tree.iter("h1")]
    end = _TITLE_END.search(title)
    start = title[: end.start()] if end else title
    for heading in headings:
        if len(heading) > 10 and _begin_alike(title, heading, start):
            return heading
    if end and site and end.group(1).casefold() in site.casefold():
        title = title[: end.start()]
    return title or next((heading for heading in headings if heading), None)


def _begin_alike(title: str, heading: str, start: str) -> bool:
    """Say whether a heading opens the page's title, or goes on where that is cut for its site."""
    title, heading, start = title.casefold(), heading.casefold(), start.casefold()
    return title.startswith(heading) or (len(start) > 10 and heading.startswith(start))


def _url(tree: Tree, meta: dict[str, str], article: Node, address: str | None) -> str | None:
    """Return the canonical address; a relative one is completed by where the page was fetched."""
    canonical = next(
        (link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"), None
    )
    stated = next(_addresses(article.get("mainEntityOfPage")), None)
    for url in (canonical, meta.get("og:url"), _string(article.get("url")), stated, address):
        try:
            whole = urljoin(address or "", url.strip()) if url else ""
            if urlsplit(whole).hostname:
                return whole
        except ValueError:
            continue
    return address


def _published(tree: Tree, meta: dict[str, str], article: Node) -> str | None:
    for value in (
        article.get("datePublished"),
        *(
            meta.get(name)
            for name in (
                "article:published_time",
                "og:article:published_time",
                "datepublished",
                "parsely-pub-date",
                "dc.date.issued",
                "date",
            )
        ),
        article.get("dateModified"),
    ):
        if value and (found := iso_date(value)):
            return found
    times = (iso_date(time.get("datetime")) for time in tree.iter("time"))
    return next((found for found in times if found), None)


def _language(tree: Tree, meta: dict[str, str], article: Node) -> str | None:
    root = next(tree.iter("html"), None)
    stated = _string(article.get("inLanguage")) or meta.get("og:locale", "").replace("_", "-")
    return (root.get("lang") if root is not None else None) or stated or None


def _names(value: Json, by_id: dict[str, Node]) -> list[str]:
    """Return the names in a string, an object, or a list of them; objects may be named by id."""
    found: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict) and "name" not in entry:
            entry = by_id.get(str(entry.get("@id")), entry)
        name = entry.get("name") if isinstance(entry, dict) else entry
        found.extend(
            _folded(html.unescape(one))
            for one in (name if isinstance(name, list) else [name])
            if isinstance(one, str) and one.strip() and not one.startswith("http")
        )
    return found


def _addresses(value: Json) -> Iterator[str]:
    """Yield the addresses in a string, an object, or a list of them."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            entry = entry.get("url") or entry.get("@id")
        if isinstance(entry, str) and entry.strip():
            yield entry.strip()


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _folded(text: str) -> str:
    return " ".join(text.split())
