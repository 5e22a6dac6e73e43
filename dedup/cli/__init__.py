"""Command line: one module a command; its function's docstring is its help."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dedup.article import DedupError
from dedup.cli.audit import audit
from dedup.cli.bench import bench
from dedup.cli.check import check
from dedup.cli.compare import compare
from dedup.cli.filter import filter_stream
from dedup.cli.index import index
from dedup.cli.options import EXIT_ERROR, ManyPaths, complain
from dedup.cli.scan import scan
from dedup.cli.serve import serve
from dedup.cli.sketch import sketch

app = typer.Typer(
    name="dedup",
    help="Find which known article a news text was taken from, how much of it, and with what"
    " credit.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(compare)
app.command(cls=ManyPaths)(check)
app.command()(scan)
app.command(cls=ManyPaths)(audit)
app.command()(sketch)
app.command(name="filter")(filter_stream)
app.command()(serve)
app.add_typer(index, name="index")
app.add_typer(bench, name="bench")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as installed_version

        typer.echo(f"dedup {installed_version('dedup-wire')}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def main() -> None:
    """Run the command line; every error of ours is one line on standard error and status 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except DedupError as error:
        complain(str(error))
        sys.exit(EXIT_ERROR)
    except BrokenPipeError:
        # The reader went away (`dedup … | head`): leave quietly, and keep Python from complaining
        # when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_ERROR)
