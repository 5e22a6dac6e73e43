"""Command line: one module a command; its function's docstring is its help.

Only the command that is called is loaded: all of them would add a tenth to what `compare` takes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from dedup.article import DedupError
from dedup.cli.options import EXIT_ERROR, ManyPaths, complain

_COMMANDS = {  # what each is called in its module
    "compare": "compare",
    "check": "check",
    "scan": "scan",
    "audit": "audit",
    "sketch": "sketch",
    "filter": "filter_stream",
    "serve": "serve",
    "index": "index",
    "bench": "bench",
}
_OF_MANY_PATHS = ("compare", "check", "audit")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as installed_version

        typer.echo(f"dedup {installed_version('dedup-wire')}")
        raise typer.Exit


def _common(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def _app(names: Iterable[str]) -> typer.Typer:
    """Make the application with some of its commands."""
    app = typer.Typer(
        name="dedup",
        help="Find which known article a news text was taken from, how much of it, and with what"
        " credit.",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    for name in names:
        command = getattr(import_module(f"dedup.cli.{name}"), _COMMANDS[name])
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, cls=ManyPaths if name in _OF_MANY_PATHS else None)(command)
    return app


def main() -> None:
    """Run the command line; every error of ours is one line on standard error and status 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    called = sys.argv[1:2]
    try:
        _app(called if called and called[0] in _COMMANDS else _COMMANDS)()
    except DedupError as error:
        complain(str(error))
        sys.exit(EXIT_ERROR)
    except BrokenPipeError:
        # The reader went away (`dedup … | head`): leave quietly, and keep Python from complaining
        # when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_ERROR)
