"""Files as bytes: standard input, gzip, and errors that name the file."""

from __future__ import annotations

import codecs
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.reading.plain import BOMS, STDIN, ReadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_GZIP = b"\x1f\x8b"
_HEAD = 4096
_CHUNK = 2**16
_LATIN = frozenset({"iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"})


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its path as given, its bytes, unpacked, and what unpacks them, if anything."""

    path: str
    file: io.BufferedReader
    unpacker: _Unpacker | None = None

    @property
    def gzipped(self) -> bool:
        """Whether the bytes were packed."""
        return self.unpacker is not None

    @property
    def cut_off(self) -> bool:
        """Whether the bytes ended because the packed file is damaged, not because it ends."""
        return self.unpacker is not None and self.unpacker.damage is not None

    @property
    def head(self) -> bytes:
        """The first bytes, which are still to be read."""
        return self.file.peek(_HEAD)[:_HEAD]

    def read_all(self, max_bytes: int, advice: str | None = None) -> bytes:
        """Read what is left; ``advice`` is for whoever meets the limit.

        Raises
        ------
        ReadError
            If there are more than ``max_bytes``, beyond which nothing is unpacked, or the packed
            file is damaged.
        """
        raw = self.file.read(max_bytes + 1)
        if len(raw) > max_bytes:
            raise too_large(self.path, max_bytes, gzipped=self.gzipped, advice=advice)
        self.check()
        return raw

    def check(self) -> None:
        """Raise ReadError if the bytes ended because the packed file is damaged."""
        if self.unpacker is not None and self.unpacker.damage is not None:
            raise ReadError(f"{self.path}: {self.unpacker.damage}; fetch it again")


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
        unpacker = None
        if file.peek(2)[:2] == _GZIP:
            unpacker = _Unpacker(file)
            file = io.BufferedReader(unpacker, _CHUNK)
            opened.append(file)
        source = Source(path, file, unpacker)
        try:
            yield source
        except ReadError:
            source.check()  # damage explains what followed from it
            raise
        source.check()
    except IsADirectoryError:
        raise ReadError(f"{path}: is a directory; give a file") from None
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read ({reason})") from None
    finally:
        for opened_file in reversed(opened):
            opened_file.close()


class _Unpacker(io.RawIOBase):
    """A gzip file as it unpacks, of one member or several.

    Where it is cut off or damaged it ends, and ``damage`` says so: the standard library's reader
    raises instead, and what was unpacked before is lost in the buffers above it. It never unpacks
    more than it is asked for.
    """

    def __init__(self, packed: io.BufferedReader) -> None:
        self.damage: str | None = None
        self._packed = packed
        self._member = zlib.decompressobj(31)
        self._begun = False

    def readable(self) -> bool:
        """Say yes, as `io.BufferedReader` asks."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Unpack into the buffer; 0 at the end."""
        view = memoryview(buffer)
        while self.damage is None:
            if self._member.eof:
                rest = self._member.unused_data.lstrip(b"\0")  # members may be padded
                self._member, self._begun = zlib.decompressobj(31), False
            else:
                rest = self._member.unconsumed_tail
            chunk = rest or self._packed.read1(_CHUNK)
            if not chunk and not self._begun:
                return 0
            try:
                unpacked = self._member.decompress(chunk, len(view))
            except zlib.error as error:
                self.damage = f"damaged gzip ({error})"
                return 0
            self._begun = True
            if unpacked:
                view[: len(unpacked)] = unpacked
                return len(unpacked)
            if not chunk and not self._member.eof:
                self.damage = "ends too early, so it was cut off"
        return 0


def too_large(
    where: str, max_bytes: int, *, gzipped: bool = False, advice: str | None = None
) -> ReadError:
    """Return the error for what is larger than one article may be."""
    packed = " when unpacked" if gzipped else ""
    advice = advice or "raise --max-size if it is right"
    return ReadError(f"{where}: larger than {max_bytes / 2**20:g} MB{packed}; {advice}")


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
