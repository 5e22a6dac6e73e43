"""What numba compiles, and where it keeps that."""

# numba declares no types for its decorators:
# ruff: noqa: ANN401

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def compile_kept(function: Callable[..., Any], *signature: Any, **options: Any) -> Any:
    """Compile a function, and keep that where numba finds a place to keep it.

    It is compiled when first called, or at once for a ``signature``; ``options`` are numba's.

    Raises
    ------
    ImportError
        If there is no numba.
    """
    import numba

    njit: Any = numba.njit
    try:
        return njit(*signature, nogil=True, cache=True, **options)(function)
    except RuntimeError:  # numba: "no locator available", there is no place it may write to
        return njit(*signature, nogil=True, **options)(function)


def is_compiled(module: Path, function: str) -> bool:
    """Tell whether numba has kept the machine code of a function."""
    name = f"**/{module.stem}.{function}-*.nbi"
    return any(any(place.glob(name)) for place in _cache_places(module.parent))


def can_be_kept(folder: Path) -> bool:
    """Tell whether there is a place to keep machine code of a folder's modules."""
    return any(_writable(place) for place in _cache_places(folder))


def _cache_places(folder: Path) -> list[Path]:
    """Return where numba looks for a place to keep machine code of a folder's modules."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    if told:
        return [Path(told)]
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return [folder / "__pycache__", Path(home) / "numba"]


def _writable(place: Path) -> bool:
    existing = next(path for path in (place, *place.absolute().parents) if path.exists())
    return os.access(existing, os.W_OK)
