"""Text of markup: one paragraph a block element, a blank line between paragraphs."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

BLOCKS = frozenset(
    "address article aside bibliography block blockquote body body.content body.end bq"
    " center dd div dl dt figure fn footer h1 h2 h3 h4 h5 h6 header hl1 hl2 hr html li"
    " main nitf ol p pre section table tagline tbody ul".split()  # noqa: SIM905 - a list would be a screen long
)
LEFT_OUT = frozenset(
    "audio body.head button canvas figcaption figure form head iframe media media-caption"
    " media-metadata media-producer media-reference nav noscript object script select"
    " style svg template textarea title video".split()  # noqa: SIM905 - a list would be a screen long
)
_BREAKS = frozenset({"br", "tr"})
_CELLS = frozenset({"td", "th"})
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905 - a list would be a screen long
)
_RAW_MARKUP = re.compile(r"<[a-zA-Z!/][^<>]*>(?:.*>)?$", re.DOTALL)
_SPACE_BEFORE_STOP = re.compile(r" +([,.])(?=\s|$)")
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
        if folded and not _RAW_MARKUP.match(folded):
            self._done.append(_SPACE_BEFORE_STOP.sub(r"\1", folded))

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
    parser = _Fragment()
    parser.feed(markup)
    parser.close()
    return parser.paragraphs.text


class _Fragment(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs = Paragraphs()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.paragraphs.start(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        # HTML knows no empty-element tags but the void ones; "<p/>" opens a paragraph.
        if tag in _VOID or tag in LEFT_OUT:
            self.paragraphs.start(tag)
            self.paragraphs.end(tag)
        else:
            self.paragraphs.start(tag)

    def handle_endtag(self, tag: str) -> None:
        self.paragraphs.end(tag)

    def handle_data(self, data: str) -> None:
        self.paragraphs.data(data)
