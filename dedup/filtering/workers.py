"""Processes that compare records, where there are enough to pay for starting them.

A worker is given tasks through a pipe and gives back results; it holds nothing but what it has
prepared. It inherits no file of ours, and ends when its pipe does: when we do, however that is.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from dedup.article import DedupError
from dedup.filtering.comparing import Comparer, Result, Task

BULK = 64
"""Records in a batch from which workers are started, which takes each of them a second or two."""
BULK_BYTES = 8_000_000
"""Bytes of records for which they are started before the first of them is read."""
WORTH = 16
"""Records in a batch that are worth sending away."""


class WorkerEnded(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A worker has ended though it was not told to."""

    def __init__(self) -> None:
        super().__init__(
            "a process that compares records ended, perhaps for want of memory; "
            "start again, with --workers 0 if it happens again"
        )


class Workers:
    """Compares records in this process, or, when there are many, in others.

    The matches come without their spans, which would be most of what goes through the pipes.

    Parameters
    ----------
    k
        The shingle length.
    count
        How many processes to start; 0 for none.
    """

    def __init__(self, k: int, count: int) -> None:
        self._k = k
        self._count = count
        self._comparer = Comparer(k, spans=False)
        self._workers: list[_Worker] = []
        self._homes: dict[str, int] = {}  # which worker has prepared an article

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; start processes where it pays."""
        if size >= BULK_BYTES:
            self._start_workers()
        else:
            self._comparer.expect(size)

    def compare(self, tasks: Sequence[Task]) -> list[Result]:
        """Compare records with their candidates."""
        return self.start(tasks)()

    def start(self, tasks: Sequence[Task]) -> Callable[[], list[Result]]:
        """Begin to compare records; results are to be taken in the order in which this began."""
        if len(tasks) >= BULK:
            self._start_workers()
        if len(tasks) < WORTH or not self._ready():
            return lambda: self._comparer.compare(tasks)
        shares = self._shared_out(tasks)
        for worker, numbers in zip(self._workers, shares, strict=True):
            worker.send([tasks[number] for number in numbers])
        return lambda: self._received(shares)

    def _start_workers(self) -> None:
        if not self._workers:
            self._workers = [_Worker(self._k) for _ in range(self._count)]

    def _received(self, shares: Sequence[Sequence[int]]) -> list[Result]:
        results: list[Result | None] = [None] * sum(map(len, shares))
        for worker, numbers in zip(self._workers, shares, strict=True):
            for number, result in zip(numbers, worker.receive(), strict=True):
                results[number] = result
        return [result for result in results if result is not None]

    def _ready(self) -> bool:
        """Say whether there are workers, and all of them have started."""
        return bool(self._workers) and all(worker.ready() for worker in self._workers)

    def _shared_out(self, tasks: Sequence[Task]) -> list[list[int]]:
        """Give each worker about as much to do, and what it has prepared as far as may be."""
        costs = [_COST + len(task.known) for task in tasks]
        most = _UNEVEN * sum(costs) / self._count
        shares: list[list[int]] = [[] for _ in self._workers]
        loads = [0] * self._count
        for number in sorted(range(len(tasks)), key=lambda number: -costs[number]):
            task = tasks[number]
            homes = (self._homes.get(article.id) for article in task.known)
            worker = next((home for home in homes if home is not None), None)
            if worker is None or loads[worker] + costs[number] > most:
                worker = loads.index(min(loads))
            shares[worker].append(number)
            loads[worker] += costs[number]
            if task.known:
                for article in (task.article, *task.known):
                    self._homes.setdefault(article.id, worker)
        if len(self._homes) > _HOMES:
            self._homes.clear()
        return shares


_UNEVEN = 1.15
"""How much more than its share a worker may be given."""
_HOMES = 1_000_000
_READY = b"ready"
_PIPE = 1 << 20
_COST = 1
"""What a record costs by itself, in pairs."""


class _Worker:
    def __init__(self, k: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from dedup.filtering.workers import serve; serve({k})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(pipe)
        self._ready = False

    def ready(self, wait: float = 0) -> bool:
        """Say whether it has started, or does within so many seconds."""
        pipe: Any = self._process.stdout
        if not self._ready and select.select([pipe], [], [], wait)[0]:
            if pipe.read(len(_READY)) != _READY:
                raise WorkerEnded
            self._ready = True
        return self._ready

    def send(self, tasks: Sequence[Task]) -> None:
        pipe: Any = self._process.stdin
        try:
            pickle.dump(tasks, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()
        except OSError as error:
            raise WorkerEnded from error

    def receive(self) -> list[Result]:
        pipe: Any = self._process.stdout
        try:
            results: list[Result] = pickle.load(pipe)  # noqa: S301 - from our own process
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise WorkerEnded from error
        return results

    def close(self) -> None:
        self._process.kill()  # it has nothing to finish
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()


def _widen(pipe: Any) -> None:  # noqa: ANN401
    """Let a pipe hold what is sent at a time, where that can be asked for, so that nobody waits."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def seldom_collect() -> None:
    """Look for cycles of garbage seldom, in a process that filters and does nothing else.

    What filtering makes has hardly any; looking for them took 8% of its time.
    """
    gc.set_threshold(100_000, 50, 100)


def serve(k: int) -> None:
    """Compare what comes through standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we end by the pipe
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody is left to be told
    comparer = Comparer(k, at_once=True, spans=False)
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(_READY)
    answers.flush()
    waiting: SimpleQueue[Sequence[Task]] = SimpleQueue()

    def read() -> None:
        """Read ahead, so that whoever sends never waits while results wait for them."""
        while True:
            try:
                waiting.put(pickle.load(source))  # noqa: S301 - from our own process
            except (EOFError, pickle.UnpicklingError):
                os._exit(0)  # it is gone

    sys.setswitchinterval(0.0005)  # or reading waits for comparing, and whoever sends for reading
    seldom_collect()
    Thread(target=read, daemon=True).start()
    while True:
        pickle.dump(comparer.compare(waiting.get()), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
