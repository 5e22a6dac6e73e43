"""A process behind the service, as ``python -m dedup.integrations.service.worker``.

It is told what to do through its standard input and answers on its standard output, and ends when
its input does: when the service ends, however that is. Signals are the service's to mind.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import closing, suppress
from typing import Any, BinaryIO

from dedup.article import DedupError
from dedup.integrations.service.jobs import open_index
from dedup.integrations.service.messages import LENGTH, Refused, described, frame


def main() -> None:
    """Do what is asked until nothing more is."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints is not to disturb
    try:
        jobs = open_index(_read(source))
    except DedupError as error:
        _write(target, Refused(503, str(error)))
        return
    # Of a pipe that broke nobody is to be told: the service is gone, and what it was to hear of is
    # committed, or nothing.
    with closing(jobs), suppress(BrokenPipeError):
        _write(target, jobs.ready())
        while (job := _read(source)) is not None:
            try:
                reply: object = jobs.run(job)
            except DedupError as error:
                reply = Refused(503, str(error))
            except Exception as error:
                reply = Refused(500, described(error))
            _write(target, reply)


def _read(source: BinaryIO) -> Any:  # noqa: ANN401 - one of the messages of `jobs`
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    content = source.read(length)
    return pickle.loads(content) if len(content) == length else None  # noqa: S301 - of our parent


def _write(target: BinaryIO, message: object) -> None:
    target.write(frame(message))
    target.flush()


if __name__ == "__main__":
    main()
