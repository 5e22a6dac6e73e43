"""What can be wrong with an index on disk, said in one line each."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dedup.article import DedupError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskIndexError(DedupError):
    """An index on disk cannot be used as asked."""


class IndexLocked(DiskIndexError):  # noqa: N818 - it names what is wrong, not the mechanism
    """Another process is writing to the index."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a `DiskIndexError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise DiskIndexError(f"{path}: {_explain(error)}") from error
    except OSError as error:
        if error.errno in _FULL:
            raise DiskIndexError(f"{path}: {_NO_ROOM}") from error
        raise DiskIndexError(f"{path}: {error.strerror or error}") from error


_NO_ROOM = (
    "there is no room left on the disk; nothing of what was being added is in the index, "
    "what was there before is unharmed. Free some room and add it again"
)


def _explain(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")):
        return _NO_ROOM
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"cannot be written ({error}); check the permissions of the directory"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"another process is using it ({error}); try again when it has finished"
    if name.startswith("SQLITE_NOTADB"):
        return "articles.db is not a database; this is not an index, or it was overwritten"
    if name.startswith("SQLITE_CORRUPT"):
        return f"articles.db is damaged ({error}); restore it from a copy"
    return f"the database says: {error}"
