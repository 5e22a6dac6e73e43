"""Processes that digest and compare records, and the pipes to them.

A worker is given jobs through a pipe and gives back results; it holds nothing but what it has
prepared. It inherits no file of ours but standard error, and ends when its pipe does: when we do,
however that is.

Nothing heavy is imported here, so that they can load what they need while we do.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from dedup.article import DedupError

BULK_BYTES = 8_000_000
"""Bytes of records for which they are started before the first of them is read."""

READY = b"ready"
"""What a worker writes first."""

_FORKS = sys.platform == "linux"
"""Whether a process that has loaded numba can be forked: elsewhere the system's own libraries may
not bear it."""
_ENDS = 5.0
"""Seconds in which a worker ends that is told to; one that is still starting is not waited for."""
_PIPE = 1 << 20


class WorkerEnded(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A worker has ended though it was not told to."""

    def __init__(self) -> None:
        super().__init__(
            "a process that compares records ended, perhaps for want of memory; "
            "start again, with --workers 0 if it happens again"
        )


class Processes:
    """So many workers, once they are started; a context manager that ends them.

    Parameters
    ----------
    count
        How many, one a processor unless told.
    expected
        Bytes of records that are coming, as far as that is known: if they are many, the workers are
        started at once.
    """

    def __init__(self, count: int | None = None, expected: int = 0) -> None:
        self.count = os.cpu_count() or 1 if count is None else count
        self._expected = expected
        self._workers: list[Worker] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Processes:
        if self._expected >= BULK_BYTES:
            self.start()
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

    def start(self) -> Sequence[Worker]:
        """Start them, if they are not, and return them; loading takes them half a second or more.

        One process loads what they need, and the others are forked from it, where that is safe.
        """
        if self._workers or not self.count:
            return self._workers
        pipes = [(*os.pipe(), *os.pipe()) for _ in range(self.count)]
        theirs = [(source, answers) for source, _, _, answers in pipes]
        groups = [theirs] if _FORKS else [[one] for one in theirs]
        self._processes = [_start(group) for group in groups]
        for number in (number for pair in theirs for number in pair):
            os.close(number)
        self._workers = [Worker(tasks, results) for _, tasks, results, _ in pipes]
        return self._workers


def _start(pipes: Sequence[tuple[int, int]]) -> subprocess.Popen[bytes]:
    """Start a process that becomes a worker for each of these pairs of pipes."""
    return subprocess.Popen(
        [
            *(sys.executable, "-P", "-c", "from dedup.filtering.worker import main; main()"),
            *(f"{source}:{answers}" for source, answers in pipes),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # ours may be a pipe, which must end when we do
        pass_fds=[number for pair in pipes for number in pair],
    )


class Worker:
    """The ends of the pipes to a worker that are ours."""

    def __init__(self, tasks: int, results: int) -> None:
        for pipe in (tasks, results):
            _widen(pipe)
        self._tasks, self._results = open(tasks, "wb"), open(results, "rb")  # noqa: SIM115
        self.is_ready = False
        self._sent = 0
        self._replies: dict[int, Any] = {}  # that came before they were asked for
        self._awaited: set[int] = set()

    def ready(self, wait: float | None = 0.0) -> bool:
        """Say whether it has started, or does within so many seconds; None waits for it."""
        if not self.is_ready and select.select([self._results], [], [], wait)[0]:
            if self._results.read(len(READY)) != READY:
                raise WorkerEnded
            self.is_ready = True
        return self.is_ready

    def send(self, job: str, subject: Sequence[Any]) -> Callable[[], Any]:
        """Let it do a job, in its turn, comparing first; what is returned waits, once."""
        number = self._sent
        self.write((number, job, subject))
        self._sent += 1
        self._awaited.add(number)
        return Reply(self, number)

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

    def write(self, message: object) -> None:
        """Write to it; first of all, how articles are sketched."""
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


class Reply:
    """What a worker replies to one message; it is kept as long as this is."""

    def __init__(self, worker: Worker, number: int) -> None:
        self._worker = worker
        self._number = number

    def __call__(self) -> Any:  # noqa: ANN401 - whatever the job gives
        """Wait for it."""
        return self._worker.receive(self._number)

    def __del__(self) -> None:
        self._worker.forget(self._number)


def _widen(pipe: int) -> None:
    """Let a pipe hold what is sent at a time, where that can be asked for, so that nobody waits."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
