"""Text of markup: one paragraph a block element, a blank line between paragraphs."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

_BLOCKS_NAMES = """
    address article aside bibliography block blockquote body body.content body.end bq center
    dd div dl dt figure fn footer h1 h2 h3 h4 h5 h6 header hl1 hl2 hr html li main nitf ol p
    pre section table tagline tbody ul
"""
BLOCKS = frozenset(_BLOCKS_NAMES.split())
_LEFT_OUT_NAMES = """
    audio body.head button canvas figcaption figure form head iframe media media-caption
    media-metadata media-producer media-reference nav noscript object script select style svg
    template textarea title video
"""
LEFT_OUT = frozenset(_LEFT_OUT_NAMES.split())
_BREAKS = frozenset({"br", "tr"})
_CELLS = frozenset({"td", "th"})
_VOID_NAMES = """
    area base br col embed hr img input link meta param source track wbr
"""
_VOID = frozenset(_VOID_NAMES.split())
# The standard library's HTMLParser took 66 s over 400 KB of "<a<a<a…"; here no attempt at a tag
# looks further than the next "<", so the time is linear.
_TAG = re.compile(
    r"""<(?P<closing>/?)(?P<name>[a-zA-Z][^\s/<>]{0,40}+)"""
    r"""(?:[^<>"'/]++|"[^"<]*+"|'[^'<]*+'|/(?!>)|["'])*+(?P<empty>/?)>|<[!?][^<>]*+>"""
)
_RAW_MARKUP = re.compile(r"<[a-zA-Z!/][^<>]*>(?:.*>)?$", re.DOTALL)
_SPACE_BEFORE_STOP = re.compile(r" ([,.])(?=\s|$)")
_MANY = 10_000
"""Elements left out one inside the other after which markup is taken for hostile."""


class Paragraphs:
    """Collects the text of a stream of tags; ``LEFT_OUT`` elements are dropped with all in them."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._open: list[str] = []
        self._dropped: list[str] = []

    def start(self, tag: str) -> None:
        """Open an element."""
        if self._dropped:
            if tag not in _VOID and len(self._dropped) < _MANY:
                self._dropped.append(tag)
        elif tag in LEFT_OUT:
            self.finish()
            self._dropped.append(tag)
        elif tag in _BREAKS:
            self._open.append("\v")
        elif tag in BLOCKS:
            self.finish()
        elif tag in _CELLS:
            self._open.append(" ")

    def end(self, tag: str) -> None:
        """Close an element; one that was never opened, or never closed, does no harm."""
        if self._dropped:
            if tag in self._dropped:
                while self._dropped.pop() != tag:
                    pass
        elif tag in BLOCKS:
            self.finish()

    def data(self, text: str) -> None:
        """Add text; white space counts as one space."""
        if not self._dropped:
            self._open.append(text)

    def finish(self) -> None:
        """End the paragraph."""
        if not self._open:
            return
        # A vertical tab marks a break until white space has been folded.
        lines = "".join(self._open).split("\v")
        folded = "\n".join(line for line in (" ".join(part.split()) for part in lines) if line)
        self._open.clear()
        if " ," in folded or " ." in folded:
            folded = _SPACE_BEFORE_STOP.sub(r"\1", folded)
        if folded and not _RAW_MARKUP.match(folded):
            self._done.append(folded)

    @property
    def text(self) -> str:
        """The paragraphs so far, a blank line between them."""
        self.finish()
        return "\n\n".join(self._done)


def element_text(element: Element) -> str:
    """Return the text of an element and all in it."""
    paragraphs = Paragraphs()
    _walk(element, paragraphs)
    return paragraphs.text


def _walk(element: Element, paragraphs: Paragraphs) -> None:
    """Walk a tree, whose depth the parser has bounded."""
    tag = element.tag.lower()
    paragraphs.start(tag)
    if element.text:
        paragraphs.data(element.text)
    for child in element:
        _walk(child, paragraphs)
        if child.tail:
            paragraphs.data(child.tail)
    paragraphs.end(tag)


def fragment_text(markup: str, *, is_html: bool = False) -> str:
    """Return the text of HTML that stands in a field.

    What has no tags is taken for plain text, whose line breaks are kept, unless it is known to be
    HTML.
    """
    if "<" not in markup and not is_html:
        return "\n".join(line.strip() for line in html.unescape(markup).strip().splitlines())
    paragraphs = Paragraphs()
    markup = _without_comments(markup)
    at = 0
    for tag in _TAG.finditer(markup):
        paragraphs.data(html.unescape(markup[at : tag.start()]))
        at = tag.end()
        closing, name, empty = tag.group("closing", "name", "empty")
        if not name:
            continue
        name = name.lower()
        if closing:
            paragraphs.end(name)
        else:
            paragraphs.start(name)
            if empty and name in LEFT_OUT:
                paragraphs.end(name)
    paragraphs.data(html.unescape(markup[at:]))
    return paragraphs.text


def _without_comments(markup: str) -> str:
    """Take comments out; one that is never closed reaches to the end, as in browsers."""
    kept: list[str] = []
    at = 0
    while (start := markup.find("<!--", at)) >= 0:
        kept.append(markup[at:start])
        end = markup.find("-->", start + 4)
        if end < 0:
            return " ".join(kept)
        at = end + 3
    return " ".join([*kept, markup[at:]])
