"""Files that a run writes so that, killed at any moment, it goes on where it was.

What is written is fsynced before it is saved how far the files are good; on start whatever stands
behind that is cut off, and decided the same way again. So each record is in the files exactly once.
"""

from __future__ import annotations

import json
import os
import select
import stat
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import xxhash

from dedup.article import DedupError
from dedup.filtering.state import State

STREAM = "-"
"""Stands for standard input or output."""

_PIPE = 4096
"""Bytes that can be written to a pipe at once without waiting, once there is any room."""
_PATIENCE = 10
"""Tenths of a second that a reader has to go on reading while this is to stop."""
_TAIL = 4096
"""Bytes before the input's offset that are remembered, to tell another file by."""


class RunError(DedupError):
    """A run cannot go on with these files."""


@dataclass(slots=True)
class Progress:
    """How far a run is: offsets in bytes, and the counts of records."""

    input: int = 0
    lines: int = 0
    output: int = 0
    rejected: int = 0
    read: int = 0
    kept: int = 0
    dropped: int = 0
    unreadable: int = 0
    tail: str = ""
    rejected_path: str = ""


class Run:
    """A run that an index knows again by its input and output paths."""

    def __init__(self, state: State, input_path: str, output_path: str) -> None:
        self._state = state
        self._key = (_named(input_path), _named(output_path))
        found = state.progress(self._key)
        self.known = found is not None
        self.progress = Progress() if found is None else Progress(**json.loads(found))

    def save(self) -> None:
        """Write down how far it is, within the transaction that is open, if the index has one."""
        self._state.save_progress(self._key, json.dumps(asdict(self.progress)))


class OutputFile:
    """A file that lines are appended to, good up to an offset.

    Parameters
    ----------
    path
        Where it is; created if it is missing.
    offset
        Up to where it is good; what stands behind that is cut off. None: it is only appended to.

    Raises
    ------
    RunError
        If it is shorter than that, or cannot be opened.
    """

    def __init__(self, path: str, offset: int | None) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            size = os.fstat(self._descriptor).st_size
            if offset is not None and size < offset:
                os.close(self._descriptor)
                raise RunError(
                    f"{path}: has {size} bytes, and {offset} were written to it; put back what was "
                    "taken away, or give another file to begin anew"
                )
            if offset is not None and size > offset:
                os.ftruncate(self._descriptor, offset)
            self.offset = os.lseek(self._descriptor, 0, os.SEEK_END)
            _sync_folder(path)
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from error

    def write(self, parts: Iterable[bytes]) -> None:
        """Append, and wait until it is on the disk."""
        written = b"".join(parts)
        if not written:
            return
        try:
            _write_all(self._descriptor, written)
            os.fsync(self._descriptor)
        except OSError as error:
            raise RunError(
                f"{self.path}: cannot be written ({error.strerror}); nothing is lost: start again "
                "when that is mended"
            ) from error
        self.offset += len(written)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)


class OutputStream:
    """A pipe, a terminal, or whatever else is no regular file.

    Parameters
    ----------
    descriptor
        Where to write.
    stopping
        Says whether to give up on a reader that does not read.
    """

    offset = 0

    def __init__(self, descriptor: int, stopping: Callable[[], bool]) -> None:
        self._descriptor = descriptor
        self._stopping = stopping
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    def write(self, parts: Iterable[bytes]) -> None:
        """Write.

        Raises
        ------
        BrokenPipeError
            If nobody reads it any more, or does not while this is to stop.
        """
        rest = memoryview(b"".join(parts))
        patience = _PATIENCE
        while rest:
            if self._poll.poll(100):
                rest = rest[os.write(self._descriptor, rest[:_PIPE]) :]
            elif self._stopping():
                patience -= 1
                if not patience:
                    raise BrokenPipeError("the reader does not read")

    def close(self) -> None:
        """Leave it open: it is not ours."""


def is_file(path: str) -> bool:
    """Say whether a path is, or will be, a regular file."""
    if path == STREAM:
        return False
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - /dev/stdout is a path too
    except OSError:
        return True


def tail_of(descriptor: int, offset: int) -> str:
    """Return a hash of what stands before an offset, to know a file again by."""
    length = min(offset, _TAIL)
    return xxhash.xxh3_64_hexdigest(os.pread(descriptor, length, offset - length))


def open_input(path: str, progress: Progress) -> int:
    """Open the input behind what was read of it, and return the descriptor.

    Raises
    ------
    RunError
        If it cannot be opened or is not the file it was.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    if progress.input:
        size = os.fstat(descriptor).st_size
        if size < progress.input or tail_of(descriptor, progress.input) != progress.tail:
            os.close(descriptor)
            raise RunError(
                f"{path}: is not the file that {progress.input} bytes were read of; "
                "give another output to begin anew"
            )
    os.lseek(descriptor, progress.input, os.SEEK_SET)
    return descriptor


def _named(path: str) -> str:
    return path if path == STREAM else os.path.realpath(path)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(path: str) -> None:
    folder = os.open(Path(path).absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
