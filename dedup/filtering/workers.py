"""Sharing out the work on records to other processes, where there is enough to pay for them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from dedup.filtering.comparing import Comparer, Matches, Task
from dedup.filtering.digest import Digest, joined
from dedup.filtering.processes import BULK_BYTES, Processes, Worker
from dedup.sketch.parameters import SketchParameters

BULK = 64
"""Records in a batch from which workers are started; loading takes them half a second or more."""
WORTH = 16
"""Records in a batch that are worth sending away to be digested."""


class Workers:
    """Digests and compares records in this process, or, when there are many, in others.

    The matches come without their spans, which would be most of what goes through the pipes.

    Parameters
    ----------
    parameters
        How articles are sketched.
    processes
        The others; they are started when there is enough for them, if they are not yet.
    """

    def __init__(self, parameters: SketchParameters, processes: Processes) -> None:
        self._parameters = parameters
        self._processes = processes
        self._count = processes.count
        self._comparer = Comparer(parameters, spans=False)
        self._workers: Sequence[Worker] = ()
        self._waits = False  # for workers to start, where they have much to do

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

    def start(self, tasks: Sequence[Task]) -> Callable[[], list[Matches]]:
        """Begin to compare records."""
        if not self._ready():
            return self._comparer.start(tasks)
        shares = self._shared_out(tasks)
        replies = [
            worker.send("compare", [tasks[number] for number in numbers]) if numbers else list
            for worker, numbers in zip(self._workers, shares, strict=True)
        ]

        def received() -> list[Matches]:
            numbers = [number for share in shares for number in share]
            pairs = [of_one for reply in replies for of_one in reply()]
            by_number = dict(zip(numbers, pairs, strict=True))
            return [by_number[number] for number in range(len(tasks))]

        return received

    def _start_workers(self) -> None:
        if not self._workers:
            self._workers = self._processes.start()
            for worker in self._workers:
                worker.write(self._parameters)

    def _ready(self) -> bool:
        """Say whether there are workers, and all of them have started."""
        wait = None if self._waits else 0.0
        return bool(self._workers) and all(worker.ready(wait) for worker in self._workers)

    def _shared_out(self, tasks: Sequence[Task]) -> list[list[int]]:
        """Give each worker about as much to do."""
        loads = [0] * self._count
        shares: list[list[int]] = [[] for _ in self._workers]
        for number, task in enumerate(tasks):
            worker = loads.index(min(loads))
            shares[worker].append(number)
            loads[worker] += len(task.known)
        return shares


def _runs(texts: Sequence[str], count: int) -> list[Sequence[str]]:
    """Cut texts into so many runs of about the same length."""
    ends = list(accumulate(map(len, texts)))
    cuts = [bisect_left(ends, ends[-1] * part / count) for part in range(count)]
    return [texts[first:last] for first, last in pairwise([*cuts, len(texts)])]
