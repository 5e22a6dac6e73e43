"""Batches of texts through the kernel, over threads; importing this module loads the kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from dedup.sketch.kernel import sketch_buffer
from dedup.sketch.parameters import SketchParameters, check_supported
from dedup.sketch.permutations import permutations
from dedup.sketch.sketches import Sketches, offsets_of
from dedup.text.words import word_table

_BATCH = 1 << 19
"""Bytes of text a thread takes at a time; twice as many, and two threads wait for each other."""

_Column = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]
"""A buffer, and the offsets of the texts in it."""


def sketch_texts(texts: list[str], parameters: SketchParameters, threads: int | None) -> Sketches:
    """Sketch texts with the kernel; see `dedup.sketch.sketches.sketch`.

    A thread encodes its batch itself: the interpreter is locked then, and free in the kernel.
    """

    def encoded(first: int, behind: int) -> _Column:
        # A lone surrogate becomes three bytes, from which the kernel reads the same code point.
        parts = [text.encode("utf-8", "surrogatepass") for text in texts[first:behind]]
        return np.frombuffer(b"".join(parts), np.uint8), offsets_of(list(map(len, parts)))

    return _sketch(encoded, map(len, texts), parameters, threads)


def sketch_utf8(
    buffer: bytes | npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    parameters: SketchParameters,
    threads: int | None = None,
) -> Sketches:
    """Sketch texts that stand one behind the other in UTF-8, as in a string column of Arrow.

    Parameters
    ----------
    buffer : bytes or uint8[size]
        The texts. Bytes that are not UTF-8 separate words or are read as some character; nothing
        outside the buffer is read.
    offsets : int64[n + 1]
        Text i is ``buffer[offsets[i]:offsets[i + 1]]``.
    parameters : SketchParameters
        How to sketch them.
    threads : int, optional
        Threads to use, all processors unless told. The result does not depend on it.

    Raises
    ------
    ParameterMismatch
        If the parameters ask for a scheme, hash or word rules this version does not have.
    ValueError
        If the offsets fall, or leave the buffer.
    """
    check_supported(parameters)
    text = np.frombuffer(buffer, np.uint8)
    offsets = np.ascontiguousarray(offsets, np.int64)
    lengths = np.diff(offsets)
    if len(offsets) == 0 or offsets[0] < 0 or offsets[-1] > len(text) or (lengths < 0).any():
        raise ValueError("the offsets must rise, from 0 or more to the buffer's length or less")

    def cut(first: int, behind: int) -> _Column:
        return text, offsets[first : behind + 1]

    return _sketch(cut, lengths.tolist(), parameters, threads)


def _sketch(
    load: Callable[[int, int], _Column],
    lengths: Iterable[int],
    parameters: SketchParameters,
    threads: int | None,
) -> Sketches:
    batches = list(_batches(lengths))
    count = batches[-1][1] if batches else 0
    signatures = np.empty((count, parameters.num_perm), np.uint32)
    text_hashes = np.empty(count, np.uint64)
    word_counts = np.empty(count, np.int32)
    fingerprint_offsets = np.zeros(count + 1, np.int64)

    drawn = permutations(parameters.num_perm, parameters.seed)
    table = word_table()

    def sketched(batch: tuple[int, int]) -> npt.NDArray[np.uint32]:
        """Write what has its place already; return the fingerprints."""
        text, offsets = load(*batch)
        rows = slice(*batch)
        ends = np.empty(len(offsets), np.int64)
        # A word takes two bytes, the one behind it included.
        room = np.empty(int(offsets[-1] - offsets[0]) // 2 + len(offsets), np.uint32)
        total = sketch_buffer(
            text,
            offsets,
            table,
            drawn,
            parameters.k,
            parameters.window,
            signatures[rows],
            text_hashes[rows],
            word_counts[rows],
            room,
            ends,
        )
        fingerprint_offsets[1:][rows] = np.diff(ends)
        return room[:total].copy()

    threads = min(threads or os.cpu_count() or 1, len(batches))
    if threads <= 1:
        parts = list(map(sketched, batches))
    else:
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(sketched, batches))
    np.cumsum(fingerprint_offsets, out=fingerprint_offsets)
    fingerprints = np.concatenate([np.empty(0, np.uint32), *parts])
    return Sketches(signatures, text_hashes, word_counts, fingerprints, fingerprint_offsets)


def _batches(lengths: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Cut texts of these lengths into runs ``(first, behind)`` of about `_BATCH` bytes."""
    first = behind = size = 0
    for length in lengths:
        if size and size + length > _BATCH:
            yield first, behind
            first, size = behind, 0
        behind += 1
        size += length
    if first < behind:
        yield first, behind
