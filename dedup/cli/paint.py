"""Colour on a terminal; none where there is no terminal or the user wants none."""

from __future__ import annotations

import os
import shutil
import sys

import typer

from dedup.reporting.terminal import Paint, plain

_STYLES = {
    "cut": {"fg": "red", "strikethrough": True},
    "added": {"fg": "green"},
    "heading": {"bold": True},
    "dim": {"dim": True},
}


def terminal_paint() -> Paint:
    """Return how to paint standard output; NO_COLOR and TERM=dumb are respected."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return plain
    return lambda text, role: typer.style(text, **_STYLES[role])  # type: ignore[arg-type]


def output_width() -> int:
    """Return the columns of standard output; where it is no terminal, nothing need be folded."""
    return max(shutil.get_terminal_size().columns, 60) if sys.stdout.isatty() else 1000
