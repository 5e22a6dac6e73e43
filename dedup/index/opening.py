"""Opening an index by its name: the one place that knows where indexes can be."""

from __future__ import annotations

import os
from pathlib import Path

from dedup.article import DedupError
from dedup.index.library import StoredLibrary, Texts
from dedup.index.nets import Nets
from dedup.sketch.parameters import SketchParameters

Name = str | os.PathLike[str]
"""A directory, or the address of an index on Redis, as ``redis://host:6379/0?prefix=news``."""


def open_library(
    name: Name,
    *,
    write: bool = False,
    threads: int | None = None,
    texts: Texts | None = None,
) -> StoredLibrary:
    """Open a stored index, to read unless ``write`` is asked for.

    Parameters
    ----------
    name
        Where it is.
    write
        Whether to add and remove. One process can write to a directory, any number to Redis.
    threads
        Threads that compress, on disk; all processors unless told.
    texts
        Returns texts for ids; with it, an index on Redis does not keep texts itself.

    Raises
    ------
    DedupError
        If it is no index, or another's to write, or what it needs is not installed.
    """
    if "://" in str(name):
        _check_installed(str(name))
        from dedup.index.redis.library import RedisLibrary

        return RedisLibrary.open(str(name), write=write, texts=texts)
    if texts is not None:
        raise DedupError(f"{name}: texts= is for indexes on Redis; one on disk keeps its texts")
    from dedup.index.disk.library import DiskLibrary

    return DiskLibrary.open(name, write=write, threads=threads)


def create_library(name: Name, parameters: SketchParameters, nets: Nets) -> StoredLibrary:
    """Create a stored index and open it for writing.

    Raises
    ------
    DedupError
        If something is there already, or it cannot be made.
    """
    if "://" in str(name):
        _check_installed(str(name))
        from dedup.index.redis.library import RedisLibrary

        return RedisLibrary.create(str(name), parameters, nets)
    from dedup.index.disk.library import DiskLibrary

    return DiskLibrary.create(name, parameters, nets)


def is_index(name: Name) -> bool:
    """Say whether a name is an index's rather than that of files to read."""
    return "://" in str(name) or (Path(name) / "articles.db").is_file()


def shown_name(name: Name) -> str:
    """Return a name as people may see it: of an address, without user and password."""
    if "://" not in str(name):
        return str(name)
    from dedup.index.redis.address import parse_address

    return parse_address(str(name)).name


def _check_installed(name: str) -> None:
    from importlib.util import find_spec

    shown = shown_name(name)
    if find_spec("redis") is None:
        raise DedupError(f"{shown}: an index on Redis needs: pip install '.[redis]'")
