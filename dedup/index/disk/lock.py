"""The lock of the one writer."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

from dedup.index.disk.errors import IndexLocked, explained


class WriterLock:
    """An flock on a file, held until released or until the process ends, however it ends.

    The file is closed on exec, and in a forked child at once: no child outlives a killed parent
    holding the lock.

    Raises
    ------
    IndexLocked
        If another process, or another library in this one, holds it.
    """

    def __init__(self, path: Path) -> None:
        with explained(path.parent):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise IndexLocked(
                f"{path.parent}: another process is writing to this index; "
                "wait until it has finished, or open the index for reading only"
            ) from error
        _held.add(self)

    def release(self) -> None:
        """Give the lock back."""
        _held.discard(self)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()


def _release_in_child() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_release_in_child)
