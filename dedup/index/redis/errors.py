"""What can go wrong with an index on Redis, said in one line each, without a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions

from dedup.article import DedupError


class RedisIndexError(DedupError):
    """An index on Redis cannot be used as asked."""


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what Redis says into a `RedisIndexError` that says what to do."""
    try:
        yield
    except exceptions.RedisError as error:
        raise RedisIndexError(f"{name}: {_explain(error)}") from error
    except (OSError, TypeError, ValueError) as error:  # of sockets, TLS files and options
        raise RedisIndexError(f"{name}: {error}; check the address and its options") from error


def _explain(error: exceptions.RedisError) -> str:
    said = str(error)
    for kinds, words, what in _SAID:
        if isinstance(error, kinds) or any(word in said for word in words):
            return what
    if isinstance(error, exceptions.TimeoutError):
        return f"the server does not answer ({said}); try again when it does. {_REST}"
    if isinstance(error, exceptions.ConnectionError):
        return f"no connection ({said}); check the address and that the server runs. {_REST}"
    return f"the server says: {said}"


_REST = (
    "What was acknowledged is as durable as the server is configured to keep it; add what was not "
    "again: nothing is added twice"
)

_Kinds = tuple[type[exceptions.RedisError], ...]

_SAID: tuple[tuple[_Kinds, tuple[str, ...], str], ...] = (
    (
        (exceptions.AuthenticationError,),
        ("NOAUTH", "WRONGPASS", "Authentication required"),
        "the server wants another user or password; give them in the address as user:password@host",
    ),
    (
        (exceptions.NoPermissionError,),
        ("NOPERM",),
        "this user may not run scripts or touch these keys; give it the rights",
    ),
    (
        (exceptions.BusyLoadingError,),
        ("LOADING",),
        "the server is still loading its data; try again when it has finished",
    ),
    (
        (exceptions.ReadOnlyError,),
        ("READONLY",),
        "is a replica, which cannot be written; give the address of the primary",
    ),
    (
        (exceptions.OutOfMemoryError,),
        ("OOM ",),
        "the server has no memory left (maxmemory); what was being added is not in the index. "
        "Give it more, or expire old articles",
    ),
    (
        (),
        ("MISCONF",),
        "the server refuses to write because it cannot save its data to disk; see its log",
    ),
    (
        (),
        ("WRONGTYPE",),
        "something else is kept under these keys; take another prefix (?prefix=...)",
    ),
    (
        (exceptions.MovedError, exceptions.ClusterDownError, exceptions.AskError),
        ("MOVED ", "CLUSTERDOWN", "CROSSSLOT"),
        "is one node of a cluster; give the address of a server that is not",
    ),
    (
        (),
        ("BUSY Redis", "is busy running a script"),
        "the server is busy with a script of somebody's; try again when it has finished",
    ),
    (
        (),
        ("unknown command",),
        "the server knows no scripts (EVALSHA), which the index needs; take Redis 5 or newer",
    ),
)
