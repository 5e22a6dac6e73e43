"""Files as bytes: standard input, gzip, and errors that name the file."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dedup.reading.plain import BOMS, STDIN, ReadError

_GZIP = b"\x1f\x8b"
_HEAD = 4096
_CHUNK = 2**16
_LATIN = frozenset({"iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"})


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its path as given, its bytes unpacked, and whether they were packed."""

    path: str
    file: io.BufferedReader
    gzipped: bool

    @property
    def head(self) -> bytes:
        """The first bytes, which are still to be read."""
        return self.file.peek(_HEAD)[:_HEAD]

    def read_all(self, max_bytes: int) -> bytes:
        """Read what is left.

        Raises
        ------
        ReadError
            If there are more than ``max_bytes``; no more than these are unpacked.
        """
        raw = self.file.read(max_bytes + 1)
        if len(raw) > max_bytes:
            raise too_large(self.path, max_bytes, gzipped=self.gzipped)
        return raw


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a file, or standard input for ``-``; gzip is unpacked, as its first bytes say.

    Raises
    ------
    ReadError
        If the file cannot be opened, and, inside the block, if it cannot be read on.
    """
    opened: list[io.BufferedIOBase] = []
    try:
        file: io.BufferedReader
        if path == STDIN:
            file = io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))
        else:
            file = Path(path).open("rb")  # noqa: SIM115 - closed below
        opened.append(file)
        gzipped = file.peek(2)[:2] == _GZIP
        if gzipped:
            unpacked = gzip.GzipFile(fileobj=file)
            opened.append(unpacked)
            file = io.BufferedReader(unpacked, _CHUNK)
        yield Source(path, file, gzipped)
    except IsADirectoryError:
        raise ReadError(f"{path}: is a directory; give a file") from None
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except EOFError:
        raise ReadError(f"{path}: ends too early, so it was cut off; fetch it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(f"{path}: damaged gzip ({error}); fetch it again") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read ({reason})") from None
    finally:
        for file_or_packed in reversed(opened):
            file_or_packed.close()


def too_large(where: str, max_bytes: int, *, gzipped: bool = False) -> ReadError:
    """Return the error for what is larger than one article may be."""
    packed = " when unpacked" if gzipped else ""
    return ReadError(
        f"{where}: larger than {max_bytes / 2**20:g} MB{packed}; raise --max-size if it is right"
    )


_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)


def declared_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark, an XML declaration or a meta tag states."""
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    found = _XML_ENCODING.search(head[:200]) or _META_CHARSET.search(head)
    return known_encoding(found.group(1).decode("ascii", "replace")) if found else None


def known_encoding(label: str) -> str | None:
    """Return Python's name for a text encoding as the web understands it, None if there is none.

    Latin-1 and ASCII mean Windows-1252 (WHATWG Encoding Standard), GB 2312 and GBK mean GB 18030.
    """
    try:
        name = codecs.lookup(label).name
        b"".decode(label)
    except (LookupError, ValueError):
        return None
    if name in _LATIN:
        return "cp1252"
    return "gb18030" if name in ("gb2312", "gbk") else name


def mixed_decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder that reads bytes which are not valid in ``encoding`` as Windows-1252.

    Feeds and pages are put together from parts, and a part may be in another encoding.
    """
    return codecs.getincrementaldecoder(encoding)("dedup.windows-1252")


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("dedup.windows-1252", _as_windows_1252)
