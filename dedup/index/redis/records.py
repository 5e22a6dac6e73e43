"""Records: an article with its sketch, as one string, which never changes.

A header, the signature, the fingerprints, the metadata as JSON, and the text, compressed, unless it
is kept elsewhere. Nothing read back is trusted: a record says its length and has a checksum.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash
import zstandard

from dedup.article import Article, Credit
from dedup.dates import last_second
from dedup.index.disk.records import unpack
from dedup.sketch.sketches import Sketches

_HEADER = struct.Struct("<BBHQqQQIIII")
_VERSION = 1
_TEXT_INSIDE, _ARTICLE = 1, 2
_CHECKED = 12
"""Where what the checksum covers begins: behind it."""

_FIELDS = ("title", "source", "published", "url", "language")


class RecordDamaged(ValueError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A record is not what was written."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of an article.

    ``text_hash`` is that of the folded words; ``exact_hash`` that of the text as it is, by which a
    text kept elsewhere is known again. ``article`` is None where only a sketch was added, and has
    an empty text where ``outside`` says that the text is kept elsewhere.
    """

    dated: int
    words: int
    text_hash: int
    exact_hash: int
    signature: npt.NDArray[np.uint32]
    fingerprints: npt.NDArray[np.uint32]
    metadata: dict[str, Any] | None
    packed: bytes
    outside: bool

    @property
    def id(self) -> str | None:
        """The article's id; None where only a sketch was added."""
        return None if self.metadata is None else self.metadata["id"]

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return 500 + self.signature.nbytes + self.fingerprints.nbytes + len(self.packed)

    def sketches(self) -> Sketches:
        """Return its sketch."""
        return Sketches(
            self.signature[None, :],
            np.array([self.text_hash], np.uint64),
            np.array([self.words], np.int32),
            self.fingerprints,
            np.array([0, len(self.fingerprints)]),
        )

    def article(self, text: str | None = None) -> Article:
        """Return the article, with its text from elsewhere if that is where it is.

        Raises
        ------
        RecordDamaged
            If the text cannot be read.
        """
        values = dict(self.metadata or {"id": ""})
        credits_ = tuple(
            Credit(**{**credit, "span": tuple(credit["span"])})
            for credit in values.pop("credits", ())
        )
        if text is None:
            try:
                text = unpack(self.packed) if self.packed else ""
            except (zstandard.ZstdError, UnicodeDecodeError) as error:
                raise RecordDamaged(str(error)) from error
        return Article(text=text, credits=credits_, **values)


def exact_hash(text: str) -> int:
    """Return the hash a text kept elsewhere is known again by."""
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def date_of(article: Article | None, arrived: int) -> int:
    """Return the last moment an article's date can mean, else when it arrived, since 1970."""
    published = last_second(article.published) if article else None
    return arrived if published is None else published


def pack_record(
    sketches: Sketches, number: int, article: Article | None, packed: bytes | None, dated: int
) -> bytes:
    """Return the record of one of the sketches; ``packed`` is its text, None if kept elsewhere."""
    fingerprints = sketches.fingerprints_of(number)
    metadata = b"" if article is None else _metadata(article)
    body = b"".join(
        (
            sketches.signatures[number].astype("<u4").tobytes(),
            fingerprints.astype("<u4").tobytes(),
            metadata,
            packed or b"",
        )
    )
    flags = (packed is not None) * _TEXT_INSIDE | (article is not None) * _ARTICLE
    header = _HEADER.pack(
        _VERSION,
        flags,
        0,
        0,
        dated,
        int(sketches.text_hashes[number]),
        exact_hash(article.text) if article is not None else 0,
        int(sketches.word_counts[number]),
        sketches.signatures.shape[1],
        len(fingerprints),
        len(metadata),
    )
    checksum = struct.pack("<Q", xxhash.xxh3_64_intdigest(header[_CHECKED:] + body))
    return header[:4] + checksum + header[_CHECKED:] + body


def unpack_record(raw: bytes, num_perm: int) -> Record:
    """Return a record.

    Raises
    ------
    RecordDamaged
        If it is not what was written.
    """
    if len(raw) < _HEADER.size or raw[0] != _VERSION:
        raise RecordDamaged("is no record of ours")
    _, flags, _, checksum, dated, text_hash, exact, words, width, prints, length = (
        _HEADER.unpack_from(raw)
    )
    if checksum != xxhash.xxh3_64_intdigest(raw[_CHECKED:]) or width != num_perm:
        raise RecordDamaged("is damaged")
    signature = np.frombuffer(raw, "<u4", width, _HEADER.size)
    fingerprints = np.frombuffer(raw, "<u4", prints, _HEADER.size + 4 * width)
    start = _HEADER.size + 4 * (width + prints)
    try:
        metadata = json.loads(raw[start : start + length]) if flags & _ARTICLE else None
    except ValueError as error:
        raise RecordDamaged("is damaged") from error
    return Record(
        dated,
        words,
        text_hash,
        exact,
        signature,
        fingerprints,
        metadata,
        raw[start + length :],
        not flags & _TEXT_INSIDE and bool(flags & _ARTICLE),
    )


def _metadata(article: Article) -> bytes:
    """Return everything but the text; what is not known is left out."""
    values: dict[str, Any] = {"id": article.id}
    for name in _FIELDS:
        value = getattr(article, name)
        if value is not None:
            values[name] = value.isoformat() if isinstance(value, datetime) else value
    if article.credits:
        values["credits"] = [asdict(credit) for credit in article.credits]
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")
