"""Lines of a stream, in batches that never keep a slow stream waiting."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from dedup.article import DedupError

MOST_LINES = 256
MOST_BYTES = 16 << 20
LONGEST_WAIT = 0.02
"""Lines, bytes and seconds after which a batch is done."""

SHOWN = 4096
"""Bytes that are kept of a line that is too long."""

_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its bytes, and the size of a line too long to be kept whole."""

    number: int
    content: bytes
    too_long: int | None = None


@dataclass(slots=True)
class LineBatch:
    """Lines that are not blank; where in the input and at which line number they end."""

    lines: list[Line] = field(default_factory=list)
    offset: int = 0
    number: int = 0
    last: bool = False


class LineReader:
    """Reads lines from a file descriptor.

    Parameters
    ----------
    descriptor
        A file, a pipe or a terminal.
    offset, number
        Where reading begins, and how many lines stand before.
    max_bytes
        Lines longer than this are not kept.
    """

    def __init__(self, descriptor: int, max_bytes: int, offset: int = 0, number: int = 0) -> None:
        self._descriptor = descriptor
        self._max_bytes = max_bytes
        self._offset = offset
        self._number = number
        self._buffer = bytearray()
        self._searched = 0
        self._dropped = 0  # bytes of a line that is too long, behind those in the buffer
        self._ended = False
        self.stopping = False
        """Whether it was told to stop."""
        self._wake, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)

    def stop(self) -> None:
        """End after the batch that is being read, from a signal handler too."""
        self.stopping = True
        with suppress(BlockingIOError):
            os.write(self._wakes, b"x")

    def has_line(self) -> bool:
        """Say whether a line is there without waiting for it."""
        if b"\n" not in self._buffer and not self._ended:
            self._fill(0)
        return b"\n" in self._buffer

    def batches(self) -> Iterator[LineBatch]:
        """Yield batches until the end of the input; none is kept back for more than a moment."""
        while not self.stopping:
            batch = self._next_batch()
            if batch.lines or batch.offset != self._offset or batch.last:
                yield batch
            if batch.last:
                return

    def close(self) -> None:
        """Give back what it opened itself."""
        os.close(self._wake)
        os.close(self._wakes)

    def _next_batch(self) -> LineBatch:
        batch = LineBatch()
        size, deadline = 0, None
        while not self.stopping:
            line = self._take()
            if line is not None:
                if line.too_long is not None or not line.content.isspace():
                    batch.lines.append(line)
                    size += len(line.content)
                    deadline = deadline or time.monotonic() + LONGEST_WAIT
                if len(batch.lines) >= MOST_LINES or size >= MOST_BYTES:
                    break
                continue
            if self._ended:
                batch.last = True
                break
            wait = None if deadline is None else deadline - time.monotonic()
            if wait is not None and wait <= 0:
                break
            if not self._fill(wait):
                break
        batch.offset, batch.number = self._offset, self._number
        return batch

    def _fill(self, wait: float | None) -> bool:
        """Read more; False if there is nothing for so many seconds, or it is to stop."""
        ready = self._poll.poll(None if wait is None else max(0.0, 1000 * wait))
        if not ready or any(descriptor == self._wake for descriptor, _ in ready):
            return False
        try:
            chunk = os.read(self._descriptor, _READ)
        except OSError as error:
            raise DedupError(f"the input cannot be read any further ({error.strerror})") from error
        if not chunk:
            self._ended = True
        self._buffer += chunk
        return True

    def _take(self) -> Line | None:
        """Take a line out of the buffer, if there is a whole one."""
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            if self._ended and (self._buffer or self._dropped):
                end = len(self._buffer) - 1
            else:
                self._searched = len(self._buffer)
                if len(self._buffer) > max(self._max_bytes, SHOWN):
                    self._dropped += len(self._buffer) - SHOWN
                    del self._buffer[SHOWN:]
                    self._searched = SHOWN
                return None
        content = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        self._searched = 0
        self._number += 1
        size = len(content) + self._dropped
        self._offset += size
        too_long = size if self._dropped or size > self._max_bytes else None
        self._dropped = 0
        if too_long is not None:
            content = content[:SHOWN]
        return Line(self._number, content, too_long)
