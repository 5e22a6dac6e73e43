"""What a worker does: it digests and compares records for the process that started it.

How it is started is told by `dedup.filtering.processes`.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from queue import PriorityQueue
from threading import Thread
from typing import IO, Any

from dedup.article import Article
from dedup.filtering.comparing import Comparer, Task
from dedup.filtering.processes import BULK_BYTES, READY
from dedup.sketch import sketches
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters

_UNUSED = ("cffi", "scipy.linalg.cython_blas")
"""What numba would load and nothing here uses: 0.15 s."""

_NICE = 2
"""How much workers give way to the process that decides, which they wait for more than it for them
(with two of them on two cores 4% more records), and so to other programs too."""


def seldom_collect() -> None:
    """Look for cycles of garbage seldom, in a process that filters and does nothing else.

    What filtering makes has hardly any; looking for them took 8% of its time.
    """
    gc.set_threshold(100_000, 50, 100)


def main() -> None:
    """Do what comes through pipes until they end: one worker for each argument ``source:answers``.

    These are the numbers of the files a worker reads and writes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we end by the pipe
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody is left to be told
    pipes = [tuple(map(int, pair.split(":"))) for pair in sys.argv[1:]]
    _load()
    own, forked = 0, []
    for number in range(1, len(pipes)):
        forked.append(os.fork())
        if not forked[-1]:
            own, forked = number, []
            break
    for source, answers in pipes[:own] + pipes[own + 1 :]:
        os.close(source)
        os.close(answers)  # or it would not be seen to end with its worker
    _serve(os.fdopen(pipes[own][0], "rb"), os.fdopen(pipes[own][1], "wb"), forked)


def _load() -> None:
    """Load what is needed, by doing everything once."""
    for name in _UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    sketches.expect(BULK_BYTES)
    comparer = Comparer(DEFAULT_PARAMETERS, at_once=True, spans=False, threads=1)
    articles = [Article(name, "Nothing of this is compared with anything else.") for name in "ab"]
    comparer.digest([one.text for one in articles])()
    comparer.compare([Task(articles[0], (), articles[1:], [()], [None])])


def _serve(source: IO[bytes], answers: IO[bytes], forked: list[int]) -> None:
    os.nice(_NICE)
    parameters: SketchParameters = pickle.load(source)  # noqa: S301 - from our own process
    comparer = Comparer(parameters, at_once=True, spans=False, threads=1)
    answers.write(READY)
    answers.flush()
    waiting: PriorityQueue[tuple[bool, int, Any]] = PriorityQueue()  # digesting can wait

    def read() -> None:
        """Read ahead, so that whoever sends never waits while results wait for them."""
        while True:
            try:
                number, job, subject = pickle.load(source)  # noqa: S301
            except (EOFError, pickle.UnpicklingError):  # it is gone
                for process in forked:
                    os.waitpid(process, 0)
                os._exit(0)
            waiting.put((job == "digest", number, subject))

    sys.setswitchinterval(0.0005)  # or reading waits for comparing, and whoever sends for reading
    seldom_collect()
    Thread(target=read, daemon=True).start()
    while True:
        digests, number, subject = waiting.get()
        reply = comparer.digest(subject)() if digests else comparer.compare(subject)
        pickle.dump((number, reply), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
