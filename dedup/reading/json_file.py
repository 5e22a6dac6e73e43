"""JSON: arrays and objects of records, JSON Lines, and ninjs items among them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from dedup.reading import ninjs
from dedup.reading.item import Item
from dedup.reading.jsonl import (
    Fields,
    RecordError,
    article_of,
    load_record,
    lookup,
    numbered_lines,
)
from dedup.reading.opening import Source, declared_encoding, too_large
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.plain import ReadError

_CHUNK = 2**18
_LISTS = ("articles", "items", "entries", "results", "docs", "data", "associations")


def read_json_lines(
    source: Source, options: ReadOptions, report: Report, tally: Tally
) -> Iterator[Item]:
    """Yield the items of JSON Lines; a line that is none is reported and passed over."""

    def complain(message: str) -> None:
        report(Problem(message))

    for where, line in numbered_lines(source.path, source.file, complain, options.max_bytes):
        try:
            yield from _items(load_record(line), options.fields, tally, where)
        except RecordError as error:
            report(Problem(f"{where}: {error}"))


def read_json(source: Source, options: ReadOptions, report: Report, tally: Tally) -> Iterator[Item]:
    """Yield the items of a JSON file: one object, an array of them, or objects one after another.

    An object that is no article itself may hold a list of them (``{"articles": […]}``). An array
    is read one record at a time.

    Raises
    ------
    ReadError
        If the file is not JSON, or a record is larger than ``max_bytes``; records before have been
        yielded.
    """
    number = 0
    for line, value in _values(source, options.max_bytes):
        number += 1
        where = f"{source.path}:{line}"
        try:
            if not isinstance(value, dict):
                raise RecordError("not a JSON object")
            yield from _items(value, options.fields, tally, where)
        except RecordError as error:
            report(Problem(f"{where}: {error}"))
    if not number:
        raise ReadError(f"{source.path}: there are no records in it")


def _items(record: dict[str, Any], fields: Fields, tally: Tally, where: str) -> Iterator[Item]:
    """Yield the items a record is or holds."""
    if lookup(record, fields.text) is not None or fields.text != Fields().text:
        yield Item(article_of(record, fields))
    elif ninjs.is_ninjs(record):
        if reason := ninjs.passed_over(record):
            tally.count(reason, where)
            return
        item = ninjs.ninjs_item(record)
        if not any(char.isalnum() for char in item.article.text):
            raise RecordError(f"the item {item.article.id!r} has no text")
        yield item
    elif (held := next((record[n] for n in _LISTS if _is_list(record.get(n))), None)) is not None:
        for entry in held:
            yield from _items(entry, fields, tally, where)
    else:
        yield Item(article_of(record, fields))


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _values(source: Source, max_bytes: int) -> Iterator[tuple[int, Any]]:
    """Yield each value of a stream of JSON, inside an outermost array or not, with its line."""
    scan = json.JSONDecoder().raw_decode
    text = _Text(source)
    in_array = False
    while text.skip(" \t\r\n," if in_array else " \t\r\n"):
        character = text.buffer[text.at]
        if character in "[]" and in_array == (character == "]"):
            in_array = not in_array
            text.at += 1
            continue
        line = text.line
        while True:
            try:
                value, text.at = scan(text.buffer, text.at)
                break
            except RecursionError:
                raise ReadError(f"{text.here}: nested too deeply to be an article") from None
            except ValueError as error:
                if len(text.buffer) - text.at > max_bytes:
                    raise too_large(text.here, max_bytes, gzipped=source.gzipped) from None
                if not text.more():
                    reason = error.msg if isinstance(error, json.JSONDecodeError) else error
                    raise ReadError(f"{text.here}: not valid JSON: {reason}") from None
        yield line, value
    if in_array:
        raise ReadError(f"{text.here}: not valid JSON: the array is not closed")


class _Text:
    """The text of a file, read on as it is used up; ``at`` is the place in ``buffer``."""

    def __init__(self, source: Source) -> None:
        self.buffer = ""
        self.at = 0
        self._lines = 1
        self._counted = 0
        self._source = source
        encoding = declared_encoding(source.head[:4]) or "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._start = True
        self._ended = False

    def skip(self, characters: str) -> bool:
        """Go past characters; False at the end of the text."""
        while True:
            while self.at < len(self.buffer):
                if self.buffer[self.at] not in characters:
                    return True
                self.at += 1
            if not self.more():
                return False

    def more(self) -> bool:
        """Read on, as much again as is held; False if there is no more."""
        if self._ended:
            return False
        self._lines, self._counted = self.line, 0
        chunk = self._source.file.read(max(_CHUNK, len(self.buffer) - self.at))
        self._ended = not chunk
        try:
            text = self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            raise ReadError(f"{self.here}: not valid {error.encoding}") from None
        if self._start and text:
            text, self._start = text.removeprefix("\ufeff"), False
        self.buffer = self.buffer[self.at :] + text
        self.at = 0
        return not self._ended or bool(text)

    @property
    def line(self) -> int:
        """The number of the line that ``at`` stands in."""
        self._lines += self.buffer.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines

    @property
    def here(self) -> str:
        """The file and line, for messages."""
        return f"{self._source.path}:{self.line}"
