"""HTML pages: the article's text without page furniture, and its metadata (extra ``html``).

Trafilatura finds the text (Barbaresi 2021); where the page gives its text to machines as well,
that settles where the article begins and ends.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import islice

from dedup.article import Article
from dedup.reading.item import Item
from dedup.reading.opening import Source, declared_encoding, mixed_decoder
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.page_metadata import PageMetadata, Tree, page_metadata
from dedup.reading.plain import MissingExtraError, ReadError, decode

LARGEST = 16 * 2**20
"""Bytes of the largest page read: no article's page comes near, and a tree takes ten times that."""
_MOST_ELEMENTS = 100_000
"""Elements of the largest page read; articles have some thousands. Memory and time go with them."""
_STUB = 120
"""Words up to which the text of a page that is not free is its first lines only."""
_KEY = 40
OWN_REPORT = b'<meta name="generator" content="dedup report">'
"""What the report pages of this program say of themselves: they hold articles, and are none."""

_AGREES = 0.6
_SIGN_OFF = re.compile(r"\b[A-Z]{2,5}\b|[/©]|\bdpa\b|[Aa]gen|[Rr]euters|[Pp]ress|[Ww]ith report")
_SENTENCE_END = (".", "!", "?", "…", ".”", '."', ".»", ".'", "。", "？", "！", ":", "”", '"', "»")


class NoArticleError(ReadError):
    """A page holds no article; ``kind`` says what it is instead."""

    def __init__(self, where: str, kind: str) -> None:
        self.kind = kind
        super().__init__(f"{where}: {kind}")


def read_page(source: Source, options: ReadOptions, report: Report, tally: Tally) -> Iterator[Item]:
    """Yield the article of an HTML file, its path being the id; a paywall stub is counted.

    Raises
    ------
    MissingExtraError
        If trafilatura is not installed.
    ReadError
        If the page is too large, binary, or holds no article.
    """
    limit = min(options.max_bytes, LARGEST)
    raw = source.read_all(limit, "no article's page is" if limit == LARGEST else None)
    if OWN_REPORT in raw[:4096]:
        tally.count("a report written by dedup, not an article", source.path)
        return
    try:
        item, notice = page_item(raw, source.path, encoding=options.encoding)
    except NoArticleError as error:
        if "paywall" not in error.kind:
            raise
        tally.count(error.kind, source.path)
        return
    if notice:
        report(Problem(f"{source.path}: {notice}", notice=True))
    yield item


def page_item(
    raw: bytes,
    where: str,
    *,
    encoding: str | None = None,
    declared: str | None = None,
    address: str | None = None,
) -> tuple[Item, str | None]:
    """Make an item of a page, and a notice if its characters may not be what they should.

    ``encoding`` is to be believed; ``declared`` is what the server said, which bytes that are valid
    UTF-8 refute. ``where`` is the id and what errors name.

    Raises
    ------
    NoArticleError
        If there is no article in the page, or only its first lines.
    """
    text, notice = _decode(where, raw, encoding, declared)
    tree = _parse(where, text)
    stated = page_metadata(tree, address)
    body = _settle(_extract(where, tree), stated)
    words = len(body.split())
    if stated.is_free is False and words < _STUB:
        raise NoArticleError(where, "a paywall stub: only the first lines are in the page")
    if not _reads_as_article(body, stated):
        raise NoArticleError(where, "no article found in this page")
    article = Article(
        id=where,
        text=body,
        title=stated.title,
        source=stated.source,
        published=stated.published,
        url=stated.url,
        language=stated.language,
        credits=stated.credits,
    )
    return Item(article, derived_from=stated.derived_from), notice


def _decode(
    where: str, raw: bytes, encoding: str | None, declared: str | None
) -> tuple[str, str | None]:
    """Decode a page: as told, else as UTF-8 if it is valid, else as declared, else as detected.

    Pages that are saved as UTF-8 keep the declaration of what they were; a text of another
    encoding that is valid UTF-8 by chance has not been seen.
    """
    declared = declared_encoding(raw[:4096]) or declared
    escapes = declared is not None and declared.startswith(("iso2022", "utf-16", "utf-32", "utf-7"))
    if encoding is None and declared is not None and (escapes or not _is_utf8(raw)):
        text = mixed_decoder(declared).decode(raw, final=True).removeprefix("\ufeff")
        decode(where, text.encode("utf-8", "replace"))  # refuses what is binary
        if declared == "utf-8":
            return text, "not valid utf-8 in places; those were read as Windows-1252"
        return text, None
    decoded = decode(where, raw, encoding)
    return decoded.text, decoded.notice


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(where: str, text: str) -> Tree:
    try:
        from lxml import etree
        from lxml import html as lxml_html
    except ImportError:
        raise MissingExtraError(where, "pages (HTML) are", "html") from None
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(
            text.replace("\0", "").encode("utf-8", "replace"), parser=parser
        )
        if next(islice(tree.iter(), _MOST_ELEMENTS, None), None) is not None:
            raise NoArticleError(where, f"no article: a page of over {_MOST_ELEMENTS:,} elements")
        return tree
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise NoArticleError(where, f"not HTML that can be read ({error})") from None


def _extract(where: str, tree: Tree) -> list[str]:
    """Return the paragraphs trafilatura finds."""
    try:
        import trafilatura
    except ImportError:
        raise MissingExtraError(where, "pages (HTML) are", "html") from None
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    try:
        found = trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, with_metadata=False
        )
    except RecursionError:
        raise NoArticleError(where, "nested too deeply to be an article") from None
    text = getattr(found, "text", None) or ""
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def _settle(found: list[str], stated: PageMetadata) -> str:
    """Decide on the text: what was found, cut to what the page says is its article.

    Subheadings and quotations stand in the page and often not in ``articleBody``, so what was found
    is kept between the first and the last paragraph that both have; short lines after it may be a
    sign-off and stay. If what was found is mostly something else, the page's word is taken.
    """
    headline = _key(stated.title or "")
    found = [
        line
        for number, line in enumerate(found)
        if not (number < 4 and (_key(line) in ("", headline) or line.isdigit()))
    ]
    body = _key(stated.body)
    if not body or len(body) < _AGREES * len(
        _key(" ".join(found))
    ):  # not stated, or only its beginning
        first = next((n for n, line in enumerate(found) if not line.startswith("- ")), 0)
        return "\n\n".join(found[first:])
    if len(found) <= 1 and "\n" in stated.body:  # found there too, without its paragraphs
        return stated.body
    known = [_is_in(_key(line), body) for line in found]
    shared = sum(len(_key(line)) for line, is_known in zip(found, known, strict=True) if is_known)
    if shared < _AGREES * len(body):
        return stated.body
    first, last = known.index(True), len(known) - known[::-1].index(True)
    dek = _key(stated.dek)
    head = [line for line in found[:first] if _is_in(_key(line), dek) or _is_sign_off(line)]
    tail = [line for line in found[last:] if _is_sign_off(line)]
    return "\n\n".join([*head, *found[first:last], *tail])


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_in(line: str, body: str) -> bool:
    return bool(line) and (line[:_KEY] in body or line[-_KEY:] in body)


def _is_sign_off(line: str) -> bool:
    return len(line) <= 80 and _SIGN_OFF.search(line) is not None


def _reads_as_article(body: str, stated: PageMetadata) -> bool:
    """Say whether a text has a paragraph of prose; two, where nothing says the page is an article.

    Front pages and section pages are made of headlines and teasers.
    """
    prose = sum(
        len(paragraph.split()) >= 20 or (_is_wide(paragraph) and len(paragraph) >= 60)
        for paragraph in body.split("\n\n")
        if paragraph.endswith(_SENTENCE_END)
    )
    return prose >= (1 if stated.is_article else 2) and (
        stated.is_article is not False or stated.published is not None or prose >= 4
    )


def _is_wide(text: str) -> bool:
    """Say whether a text is in a script without spaces between words."""
    return sum(char >= "\u2e80" for char in text) > len(text) / 2
