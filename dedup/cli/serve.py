"""``dedup serve``: an index over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dedup.article import DedupError
from dedup.cli.options import complain


def serve(
    index: Annotated[
        str, typer.Argument(metavar="INDEX", help="An index (dedup index create INDEX).")
    ],
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Port; 0 takes a free one.")
    ] = 8080,
    workers: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Processes that check and compare.")
    ] = 1,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Change nothing; another process may write.")
    ] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Requests must carry this token; else DEDUP_TOKEN's."),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines use it without a token.")
    ] = False,
    max_body: Annotated[
        float, typer.Option(min=0.001, max=1024, metavar="MB", help="Refuse larger requests.")
    ] = 4.0,
    queue: Annotated[
        int, typer.Option(min=1, metavar="N", help="Requests that may wait; more are turned away.")
    ] = 64,
    connections: Annotated[
        int, typer.Option(min=1, metavar="N", help="Open connections; more are turned away.")
    ] = 256,
    timeout: Annotated[
        float,
        typer.Option(min=0.1, metavar="SECONDS", help="A request may wait, and then take, this."),
    ] = 30.0,
    receive_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="A request must arrive within this.")
    ] = 10.0,
) -> None:
    """Serve an index over HTTP: check, compare, add, remove, health, metrics; /docs describes it.

    Only this machine can reach it unless --host says otherwise, which needs a token. One process
    writes, N others check; they run until SIGTERM or SIGINT, and answer what they have accepted
    first. What was acknowledged is on disk. The exit status is 0, or 2 on an error.

    **Examples**

    - `dedup serve news.index`
    - `dedup serve news.index --workers 4 --port 9000`
    - `DEDUP_TOKEN=… dedup serve news.index --host 0.0.0.0`
    - `curl --json '{"id": "ours", "text": "…"}' http://127.0.0.1:8080/check`
    """
    try:
        from dedup.integrations.service.running import serve as run
    except ModuleNotFoundError as missing:
        raise DedupError(
            f"serving needs {missing.name}, which is not installed: pip install '.[server]'"
        ) from None
    from dedup.integrations.service.settings import ServiceSettings, read_token

    settings = ServiceSettings(
        index=index,
        host=host,
        port=port,
        workers=workers,
        read_only=read_only,
        token=read_token(token_file, os.environ.get("DEDUP_TOKEN")),
        insecure=insecure,
        max_body=int(max_body * 2**20),
        queue=queue,
        connections=connections,
        timeout=timeout,
        receive=receive_timeout,
    )
    run(settings, complain)
