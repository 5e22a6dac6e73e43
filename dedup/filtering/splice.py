"""Putting the decision into a record without touching any other of its bytes."""

from __future__ import annotations

import json
from json.decoder import JSONDecoder, scanstring  # type: ignore[attr-defined]
from typing import Any

NAME = "dedup"
"""The field a decision is put into."""

_decoder = JSONDecoder()
_encoder = json.JSONEncoder(ensure_ascii=False)


def splice(line: bytes, record: dict[str, Any], fields: dict[str, Any]) -> bytes:
    """Return a line with a decision put in before its closing brace, or into the field's place.

    Parameters
    ----------
    line
        A JSON object that is not empty, as it was read, with whatever white space stands around it.
    record
        What `json.loads` makes of it.
    fields
        The decision.
    """
    if NAME in record:
        return _replaced(line.decode("utf-8"), dumped(fields))
    end = len(line.rstrip()) - 1
    return b'%b, "%b": %b%b' % (line[:end], NAME.encode(), dumped(fields), line[end:])


def dumped(value: dict[str, Any]) -> bytes:
    """Return an object as JSON in UTF-8; lone surrogates, which that has no place for, escaped."""
    try:
        return _encoder.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value).encode("ascii")


def _replaced(text: str, value: bytes) -> bytes:
    """Put a value into the place of every top-level field of the name, however it is written.

    The text is known to be a JSON object, so the only thing to find is where its values begin.
    """
    parts: list[bytes] = []
    done, at = 0, text.index("{")
    while text[at] != "}":
        key, at = scanstring(text, text.index('"', at) + 1)
        start = _behind_space(text, text.index(":", at) + 1)
        _, end = _decoder.raw_decode(text, start)
        if key == NAME:
            parts += [text[done:start].encode("utf-8"), value]
            done = end
        at = _behind_space(text, end)
    return b"".join([*parts, text[done:].encode("utf-8")])


def _behind_space(text: str, at: int) -> int:
    while text[at] in " \t\n\r":
        at += 1
    return at
