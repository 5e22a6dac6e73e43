"""Processes that digest and compare records, where there are enough to pay for starting them.

A worker is given jobs through a pipe and gives back results; it holds nothing but what it has
prepared. It inherits no file of ours, and ends when its pipe does: when we do, however that is.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from typing import Any

from dedup.article import DedupError
from dedup.filtering.comparing import Comparer, Pairs, Task
from dedup.filtering.digest import Digest, joined
from dedup.filtering.worker import FORKS, READY
from dedup.sketch.parameters import SketchParameters

BULK = 64
"""Records in a batch from which workers are started, which takes each of them a second or two."""
BULK_BYTES = 8_000_000
"""Bytes of records for which they are started before the first of them is read."""
WORTH = 16
"""Records in a batch that are worth sending away to be digested."""


class WorkerEnded(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A worker has ended though it was not told to."""

    def __init__(self) -> None:
        super().__init__(
            "a process that compares records ended, perhaps for want of memory; "
            "start again, with --workers 0 if it happens again"
        )


class Workers:
    """Digests and compares records in this process, or, when there are many, in others.

    The matches come without their spans, which would be most of what goes through the pipes.

    Parameters
    ----------
    parameters
        How articles are sketched.
    count
        How many processes to start; 0 for none.
    """

    def __init__(self, parameters: SketchParameters, count: int) -> None:
        self._parameters = parameters
        self._count = count
        self._comparer = Comparer(parameters, spans=False)
        self._workers: list[_Worker] = []
        self._processes: list[_Process] = []
        self._waits = False  # for workers to start, where they have much to do
        self._loads = [0] * count  # characters each was given to compare
        self._homes: dict[str, int] = {}  # which worker has prepared an article

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        ends = all(worker.is_ready for worker in self._workers)
        for worker in self._workers:
            worker.close()
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDS if ends else 0)
            process.kill()
            process.wait()

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; start processes where it pays."""
        if size >= BULK_BYTES and self._count:
            self._start_workers()
            self._waits = True
        else:
            self._comparer.expect(size)

    def digest(self, texts: Sequence[str]) -> Callable[[], Digest]:
        """Begin to make what is needed of texts before they are looked up."""
        if len(texts) >= BULK:
            self._start_workers()
        if len(texts) < WORTH or not self._ready():
            return self._comparer.digest(texts)
        replies = [
            worker.send("digest", part)
            for worker, part in zip(self._workers, _runs(texts, self._count), strict=True)
        ]
        return lambda: joined([reply() for reply in replies])

    def start(self, tasks: Sequence[Task], *, first: bool = False) -> Callable[[], list[Pairs]]:
        """Begin to compare records, ``first`` before others that were begun."""
        if not self._ready():
            return self._comparer.start(tasks, first=first)
        shares = self._shared_out(tasks)
        replies = [
            worker.send("compare", [tasks[number] for number in numbers], first=first)
            if numbers
            else list
            for worker, numbers in zip(self._workers, shares, strict=True)
        ]

        def received() -> list[Pairs]:
            numbers = [number for share in shares for number in share]
            pairs = [of_one for reply in replies for of_one in reply()]
            by_number = dict(zip(numbers, pairs, strict=True))
            return [by_number[number] for number in range(len(tasks))]

        return received

    def _start_workers(self) -> None:
        if not self._workers and self._count:
            self._workers, self._processes = _start(self._count, self._parameters)

    def _ready(self) -> bool:
        """Say whether there are workers, and all of them have started."""
        wait = None if self._waits else 0.0
        return bool(self._workers) and all(worker.ready(wait) for worker in self._workers)

    def _shared_out(self, tasks: Sequence[Task]) -> list[list[int]]:
        """Give each worker about as much to do, and what it has prepared as far as may be."""
        costs = [_cost(task) for task in tasks]
        loads = [load - min(self._loads) for load in self._loads]
        most = _UNEVEN * (sum(costs) + sum(loads)) / self._count
        shares: list[list[int]] = [[] for _ in self._workers]
        for number in sorted(range(len(tasks)), key=lambda number: -costs[number]):
            task = tasks[number]
            homes = (self._homes.get(article.id) for article in task.known)
            worker = next((home for home in homes if home is not None), None)
            if worker is None or loads[worker] + costs[number] > most:
                worker = loads.index(min(loads))
            shares[worker].append(number)
            loads[worker] += costs[number]
            for article in (task.article, *task.known):
                self._homes.setdefault(article.id, worker)
        if len(self._homes) > _HOMES:
            self._homes.clear()
        self._loads = loads
        return shares


_ENDS = 5.0
"""Seconds in which a worker ends that is told to; one that is still starting is not waited for."""
_UNEVEN = 1.15
"""How much more than its share a worker may be given."""
_HOMES = 1_000_000
_Process = subprocess.Popen[bytes]
_PIPE = 1 << 20


def _runs(texts: Sequence[str], count: int) -> list[Sequence[str]]:
    """Cut texts into so many runs of about the same length."""
    ends = list(accumulate(map(len, texts)))
    cuts = [bisect_left(ends, ends[-1] * part / count) for part in range(count)]
    return [texts[first:last] for first, last in pairwise([*cuts, len(texts)])]


def _cost(task: Task) -> int:
    """Estimate what a record costs: most of it is made of each text once."""
    return len(task.article.text) + sum(len(known.text) for known in task.known)


def _start(count: int, parameters: SketchParameters) -> tuple[list[_Worker], list[_Process]]:
    """Start so many workers; return them, and the processes that were started for them."""
    pipes = [(*os.pipe(), *os.pipe()) for _ in range(count)]
    theirs = [(source, answers) for source, _, _, answers in pipes]
    groups = [theirs] if FORKS else [[one] for one in theirs]
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-P", "-c", "from dedup.filtering.worker import main; main()"),
                *(f"{source}:{answers}" for source, answers in group),
            ],
            stdin=subprocess.DEVNULL,
            pass_fds=[number for pair in group for number in pair],
        )
        for group in groups
    ]
    for number in (number for pair in theirs for number in pair):
        os.close(number)
    return [_Worker(tasks, results, parameters) for _, tasks, results, _ in pipes], processes


class _Worker:
    """The ends of the pipes to a worker that are ours."""

    def __init__(self, tasks: int, results: int, parameters: SketchParameters) -> None:
        for pipe in (tasks, results):
            _widen(pipe)
        self._tasks, self._results = open(tasks, "wb"), open(results, "rb")  # noqa: SIM115
        self.is_ready = False
        self._sent = 0
        self._replies: dict[int, Any] = {}  # that came before they were asked for
        self._awaited: set[int] = set()
        self._write(parameters)

    def ready(self, wait: float | None = 0.0) -> bool:
        """Say whether it has started, or does within so many seconds; None waits for it."""
        if not self.is_ready and select.select([self._results], [], [], wait)[0]:
            if self._results.read(len(READY)) != READY:
                raise WorkerEnded
            self.is_ready = True
        return self.is_ready

    def send(self, job: str, subject: Sequence[Any], *, first: bool = False) -> Callable[[], Any]:
        """Let it do a job, behind those before or ``first``; what is returned waits, once."""
        number = self._sent
        self._write((not first, number, job, subject))
        self._sent += 1
        self._awaited.add(number)
        return _Reply(self, number)

    def receive(self, number: int) -> Any:  # noqa: ANN401 - whatever the job gives
        """Wait for a reply."""
        while number not in self._replies:
            try:
                done, reply = pickle.load(self._results)  # noqa: S301 - from our own process
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                raise WorkerEnded from error
            if done in self._awaited:
                self._replies[done] = reply
        return self._replies.pop(number)

    def forget(self, number: int) -> None:
        """Do not keep a reply any more, nor wait for it."""
        self._awaited.discard(number)
        self._replies.pop(number, None)

    def _write(self, message: object) -> None:
        try:
            pickle.dump(message, self._tasks, pickle.HIGHEST_PROTOCOL)
            self._tasks.flush()
        except OSError as error:
            raise WorkerEnded from error

    def close(self) -> None:
        """Close the pipes, by which it ends."""
        for pipe in (self._tasks, self._results):
            with suppress(OSError):
                pipe.close()


class _Reply:
    """What a worker replies to one message; it is kept as long as this is."""

    def __init__(self, worker: _Worker, number: int) -> None:
        self._worker = worker
        self._number = number

    def __call__(self) -> Any:  # noqa: ANN401 - whatever the job gives
        return self._worker.receive(self._number)

    def __del__(self) -> None:
        self._worker.forget(self._number)


def _widen(pipe: int) -> None:
    """Let a pipe hold what is sent at a time, where that can be asked for, so that nobody waits."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
