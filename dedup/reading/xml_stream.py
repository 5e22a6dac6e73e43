"""XML, one record at a time: no entities, bounded depth, bounded memory.

Entity declarations are refused, so that none can expand ("billion laughs") or fetch a file;
nothing outside the document is ever opened. Entities HTML knows (``&nbsp;``) are read all the same,
since feeds use them undeclared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html.entities import html5
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from dedup.reading.opening import Source, declared_encoding, mixed_decoder, too_large
from dedup.reading.plain import ReadError

MAX_DEPTH = 250
MAX_ELEMENTS = 250_000
_CHUNK = 2**20  # a token that spans chunks is scanned again with each
_FOREIGN = ("http://search.yahoo.com/mrss", "http://www.itunes.com/dtds")
"""Namespaces whose names mean something else than the same names in a feed."""


def records(
    source: Source, names: Collection[str], max_bytes: int
) -> Iterator[tuple[Element, Element]]:
    """Yield each outermost element that has one of the names, with the root as read so far.

    Names stand without their namespace, on elements and attributes alike. A record is taken out of
    the tree when it is yielded. If there is none, the root is yielded with itself at the end.

    Raises
    ------
    ReadError
        If the document is not well-formed, declares entities, is nested deeper than ``MAX_DEPTH``,
        or a record is larger than ``max_bytes`` or ``MAX_ELEMENTS``; what came before has been
        yielded.
    """
    builder = _Builder(source.path, names)
    decoder = mixed_decoder(declared_encoding(source.head) or "utf-8")
    unmarked = False
    found = since = 0
    while True:
        chunk = source.file.read1(_CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        if not unmarked and text:
            text, unmarked = text.removeprefix("\ufeff").lstrip(), True
        builder.feed(text, final=not chunk)
        since = 0 if builder.done else since + len(chunk)
        for record in builder.done:
            found += 1
            yield (record if builder.root is None else builder.root), record
        builder.done.clear()
        if not chunk:
            break
        if since > max_bytes:
            raise too_large(source.path, max_bytes, gzipped=source.gzipped)
    if not found and builder.root is not None:
        yield builder.root, builder.root


def child(element: Element | None, path: str) -> Element | None:
    """Return the first element down a path of names, None if there is none."""
    return None if element is None else element.find(path)


def text_of(element: Element | None, path: str = "") -> str | None:
    """Return the text of an element or of one below it, white space folded; None if empty."""
    if element is not None and path:
        element = element.find(path)
    if element is None:
        return None
    return " ".join(" ".join(element.itertext()).split()) or None


class _Builder:
    """Builds the tree as expat reports it, and keeps the records that are complete."""

    def __init__(self, path: str, names: Collection[str]) -> None:
        self.root: Element | None = None
        self.done: list[Element] = []
        self._path = path
        self._names = names
        self._tree = TreeBuilder()
        self._open: list[Element] = []
        self._record: Element | None = None
        self._elements = 0
        self._parser = self._make_parser()

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._tree.data
        parser.EntityDeclHandler = self._refuse
        parser.SkippedEntityHandler = self._entity
        # An unread external DTD makes undeclared entities skipped ones instead of errors.
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
        parser.ExternalEntityRefHandler = self._no_file
        return parser

    def feed(self, text: str, *, final: bool) -> None:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), final)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise ReadError(
                f"{self._path}:{error.lineno}: not well-formed XML: {reason} at column "
                f"{error.offset + 1}"
            ) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise ReadError(f"{self._here}: elements nested deeper than {MAX_DEPTH}")
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise ReadError(f"{self._here}: more than {MAX_ELEMENTS:,} elements in one item")
        element = self._tree.start(
            _local(name), {_local(key): value for key, value in attributes.items()}
        )
        if self.root is None:
            self.root = element
        if self._record is None and element.tag in self._names:
            self._record = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        element = self._tree.end(_local(name))
        self._open.pop()
        if element is self._record:
            self._record = None
            self._elements = 0
            self.done.append(element)
            if self._open:
                self._open[-1].remove(element)

    def _entity(self, name: str, is_parameter: int) -> None:
        if not is_parameter:
            self._tree.data(html5.get(f"{name};", f"&{name};"))

    def _no_file(self, context: str, *_: object) -> int:
        """Read nothing for the external DTD, which is what makes expat go on without it."""
        self._parser.ExternalEntityParserCreate(context).Parse(b"", True)
        return 1

    def _refuse(self, name: str, *_: object) -> None:
        raise ReadError(
            f"{self._here}: declares the entity {name!r}; entities are not expanded, so the file "
            "is not read"
        )

    @property
    def _here(self) -> str:
        return f"{self._path}:{self._parser.CurrentLineNumber}"


def _local(name: str) -> str:
    space, _, local = name.rpartition("}")
    return f"foreign:{local}" if space.startswith(_FOREIGN) else local
