"""Plain text files and standard input: one article each."""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from dedup.article import Article, DedupError

MAX_BYTES = 64 * 2**20
"""Bytes of the largest text read unless told otherwise: some 10 million words."""

STDIN = "-"

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_SHARE = 0.05
_NOT_TEXT = re.compile("[\x00-\x07\x0e-\x1a\x1c-\x1f\ufffd]")


class ReadError(DedupError):
    """A file cannot be read as an article; the message names it and says what to do."""


class MissingExtraError(ReadError):
    """A format needs a library that is not installed."""

    def __init__(self, path: str, kind: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{path}: {kind} read with the extra {extra!r}; install it with "
            f"pip install '.[{extra}]'"
        )


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read with, and whether characters had to be replaced."""

    text: str
    encoding: str
    replaced: bool

    @property
    def notice(self) -> str | None:
        """What a person should know of the decoding; None for clean Unicode."""
        if self.replaced:
            return f"not valid {self.encoding}: characters that could not be read were replaced"
        if self.encoding.startswith("utf"):
            return None
        return f"not UTF-8; read as {self.encoding} (use --encoding if that is wrong)"


def read_text_file(
    path: str, *, max_bytes: int = MAX_BYTES, encoding: str | None = None
) -> tuple[Article, str | None]:
    """Read one text file, or standard input for ``-``, as an article with the path as its id.

    Returns
    -------
    (Article, str or None)
        The article, and a notice where the text is not what a reader would take for granted.

    Raises
    ------
    ReadError
        If the file is missing, a directory, unreadable, too large, binary or without a word.
    """
    return text_article(path, _read_bytes(path, max_bytes), encoding)


def text_article(path: str, raw: bytes, encoding: str | None) -> tuple[Article, str | None]:
    """Make an article of a text file's bytes, and a notice as `read_text_file` gives it.

    Raises
    ------
    ReadError
        If it is binary or without a word.
    """
    decoded = decode(path, raw, encoding)
    if not any(char.isalnum() for char in decoded.text):
        raise ReadError(f"{path}: there are no words in it; give a file with an article's text")
    return Article(id=path, text=decoded.text), decoded.notice


def _read_bytes(path: str, max_bytes: int) -> bytes:
    try:
        if path == STDIN:
            raw = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(max_bytes + 1)
    except IsADirectoryError:
        raise ReadError(f"{path}: is a directory; give a text file") from None
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read ({reason})") from None
    if len(raw) > max_bytes:
        raise ReadError(
            f"{path}: larger than {max_bytes / 2**20:g} MB; raise --max-size if it is one article"
        )
    return raw


def decode(name: str, raw: bytes, encoding: str | None = None) -> Decoded:
    """Decode a text as declared by ``encoding`` or a byte order mark, else as detected.

    Undeclared bytes that are not UTF-8 are taken for Windows-1252 (which holds Latin-1), unless
    most of what is not ASCII is sound UTF-8: then the text is damaged UTF-8, and what cannot be
    read is replaced by U+FFFD.

    Raises
    ------
    ReadError
        If the bytes are not text, or the encoding declared is unknown.
    """
    marked = next(((bom, kind) for bom, kind in BOMS if raw.startswith(bom)), None)
    if marked is not None:
        bom, kind = marked
        decoded = _decode_or_replace(raw[len(bom) :], kind)
    elif encoding is not None:
        try:
            decoded = _decode_or_replace(raw, encoding)
        except (LookupError, ValueError):
            raise ReadError(
                f"{name}: unknown encoding {encoding!r}; use a name such as utf-8 or cp1252"
            ) from None
    else:
        decoded = _detect(raw)
    controls = len(_NOT_TEXT.findall(decoded.text))
    if controls > _BINARY_SHARE * len(decoded.text):
        raise ReadError(f"{name}: looks binary, not like text; convert it to a text file first")
    return decoded


def _detect(raw: bytes) -> Decoded:
    decoded = _decode_or_replace(raw, "utf-8")
    if not decoded.replaced:
        return decoded
    sound = sum(1 for char in decoded.text if char > "\x7f" and char != "\ufffd")
    if sound > decoded.text.count("\ufffd"):
        return decoded
    legacy = _decode_or_replace(raw, "cp1252")
    return decoded if legacy.replaced else legacy


def _decode_or_replace(raw: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(raw.decode(encoding), encoding, replaced=False)
    except UnicodeDecodeError:
        return Decoded(raw.decode(encoding, "replace"), encoding, replaced=True)
