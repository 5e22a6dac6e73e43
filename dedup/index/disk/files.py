"""Files of arrays: written once, under a random name, then only mapped into memory.

A file is its arrays, each at a multiple of 64 bytes, then a table of them in JSON, its length, and
a magic number. The table has a checksum of every array, and SQLite the checksum of the table, so
that a file cut short is seen when it is opened and a flipped bit when it is verified.
"""

from __future__ import annotations

import json
import mmap
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.index.disk.errors import DiskIndexError, explained

SUFFIX = ".segment"

_SYNCED = 1 << 25
"""Bytes written before they are sent to the disk: a commit made meanwhile waits for no more."""

_MAGIC = b"dedupseg"
_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an array stands in a file."""

    dtype: str
    count: int
    offset: int
    checksum: str


class ArrayFile:
    """The arrays of a file, mapped.

    Raises
    ------
    DiskIndexError
        If the file is not there, or its size or table are not those that were registered.
    """

    def __init__(self, path: Path, size: int, checksum: str) -> None:
        self.path = path
        with explained(path), path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                raise DiskIndexError(f"{path}: has not the size it was written with")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        length = int.from_bytes(self._bytes[size - 16 : size - 8], "little")
        table = self._bytes[max(size - 16 - length, 0) : size - 16]
        if self._bytes[size - 8 : size] != _MAGIC or xxhash.xxh3_128_hexdigest(table) != checksum:
            raise DiskIndexError(f"{path}: its table is damaged")
        self._places = {name: _Place(*place) for name, place in json.loads(table).items()}

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return an array; it cannot be written to."""
        place = self._places[name]
        return np.frombuffer(self._bytes, place.dtype, place.count, place.offset)

    def intact(self, *names: str) -> bool:
        """Tell whether arrays, all unless some are named, have their checksums."""
        for name in names or self._places:
            array = self.array(name)
            if xxhash.xxh3_128_hexdigest(array.data) != self._places[name].checksum:
                return False
        return True


class ArrayFileWriter:
    """Writes a file of arrays; leaves nothing behind unless `finish` is reached."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / (secrets.token_hex(8) + SUFFIX)
        self._file = self.path.open("xb")
        self._places: dict[str, _Place] = {}
        self._end = 0
        self._unsynced = 0
        self._finished = False

    def __enter__(self) -> ArrayFileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not self._finished:
            self.path.unlink(missing_ok=True)

    def reserve(self, name: str, dtype: npt.DTypeLike, count: int | None) -> ArrayPart:
        """Make room for an array that comes in pieces.

        Where ``count`` is None its length will show; then it must be finished before the next.
        """
        offset = -(-self._end // _ALIGNED) * _ALIGNED
        part = ArrayPart(self, name, np.dtype(dtype), count, offset)
        self._end = offset + (count or 0) * part.dtype.itemsize
        return part

    def put(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write a whole array."""
        part = self.reserve(name, array.dtype, len(array))
        part.append(array)
        part.finish()

    def write(self, array: npt.NDArray[Any], offset: int) -> None:
        """Write at an offset."""
        rest = np.ascontiguousarray(array).view(np.uint8).data
        while len(rest):
            written = os.pwrite(self._file.fileno(), rest, offset)
            rest, offset = rest[written:], offset + written
            self._unsynced += written
        if self._unsynced >= _SYNCED:
            os.fsync(self._file.fileno())
            self._unsynced = 0

    def place(self, name: str, dtype: np.dtype[Any], count: int, offset: int, sum_: str) -> None:
        """Note where an array stands."""
        self._places[name] = _Place(dtype.str, count, offset, sum_)
        self._end = max(self._end, offset + count * dtype.itemsize)

    def finish(self) -> tuple[int, str]:
        """Make the file and its name durable; return its size and checksum."""
        table = json.dumps(
            {n: (p.dtype, p.count, p.offset, p.checksum) for n, p in self._places.items()}
        ).encode()
        end = table + len(table).to_bytes(8, "little") + _MAGIC
        self.write(np.frombuffer(end, np.uint8), self._end)
        os.fsync(self._file.fileno())
        sync_directory(self.path.parent)
        self._finished = True
        return self._end + len(end), xxhash.xxh3_128_hexdigest(table)


class ArrayPart:
    """An array being written, piece after piece."""

    def __init__(
        self, file: ArrayFileWriter, name: str, dtype: np.dtype[Any], count: int | None, offset: int
    ) -> None:
        self.dtype = dtype
        self._file = file
        self._name = name
        self._count = count
        self._offset = offset
        self._written = 0
        self._checksum = xxhash.xxh3_128()

    def append(self, array: npt.NDArray[Any]) -> None:
        """Write the next piece."""
        array = np.ascontiguousarray(array, self.dtype)
        self._file.write(array, self._offset + self._written * self.dtype.itemsize)
        self._written += len(array)
        if len(array):
            self._checksum.update(array.data)

    def finish(self) -> None:
        """Note where it stands.

        Raises
        ------
        ValueError
            If it has another length than was reserved.
        """
        if self._count is not None and self._written != self._count:
            raise ValueError(f"{self._name}: {self._written} values, not {self._count}")
        self._file.place(
            self._name, self.dtype, self._written, self._offset, self._checksum.hexdigest()
        )


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
