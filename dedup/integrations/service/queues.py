"""The queues before the processes: of bounded length, with a time limit for what is in them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dedup.article import DedupError
from dedup.integrations.service.messages import (
    Add,
    Check,
    Compare,
    Done,
    Open,
    Refused,
    Remove,
    Written,
    described,
)
from dedup.integrations.service.metrics import Metrics
from dedup.integrations.service.processes import WorkerEnded, WorkerProcess
from dedup.integrations.service.settings import ServiceSettings

MOST_TOGETHER = 256
"""Changes committed together."""
LARGEST_TOGETHER = 16 << 20
"""Characters of the changes committed together, unless one alone has more."""

_LONGEST_PAUSE = 30.0

Job = Check | Compare | Add | Remove
Outcome = Done | Refused

logger = logging.getLogger("dedup.service")


@dataclass(slots=True, eq=False)
class _Waiting:
    """A job that waits for its turn, then for its outcome, each as long as ``timer`` allows.

    ``begun`` counts its turns.
    """

    job: Job
    timer: asyncio.Timeout
    outcome: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    begun: int = 0

    def begin(self, deadline: float) -> None:
        """Take note that it is its turn."""
        self.begun += 1
        if not self.outcome.done():
            self.timer.reschedule(deadline)

    def settle(self, outcome: Outcome) -> None:
        """Tell who waits, if anyone still does."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class Queue:
    """Jobs before a number of processes, each of which takes what comes next.

    Parameters
    ----------
    settings
        How many may wait, and how long.
    metrics
        Counts.
    setup
        What the processes are told first.
    processes
        How many there are.
    """

    name = "check"
    _unfinished = "the process that did this ended; try again"
    _patience: float | None = 5.0
    """Seconds a process is given to end; None: as long as it takes."""

    def __init__(
        self, settings: ServiceSettings, metrics: Metrics, setup: Open, processes: int
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._setup = setup
        self._count = processes
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._alive: set[WorkerProcess] = set()
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether there is a process to do what is asked."""
        return bool(self._alive) and not self._stopping

    async def start(self) -> None:
        """Start the processes.

        Raises
        ------
        DedupError
            If the index cannot be opened.
        """
        started = await asyncio.gather(
            *(WorkerProcess.start(self._setup) for _ in range(self._count)), return_exceptions=True
        )
        self._alive.update(one for one in started if isinstance(one, WorkerProcess))
        for one in started:
            if isinstance(one, BaseException):
                await self.stop()
                raise one
        self._metrics.articles.set(max(one.articles for one in self._alive))
        self._metrics.workers(self.name, lambda: len(self._alive))
        self._metrics.waiting(self.name, lambda: len(self._waiting))
        self._tasks = [asyncio.create_task(self._serve(one)) for one in list(self._alive)]

    async def stop(self) -> None:
        """Stop the processes, each behind what it is doing."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.stop(self._patience) for worker in self._alive))

    def refusal(self) -> Refused | None:
        """Say why nothing more can be asked for now, if that is so."""
        if not self._alive:
            return Refused(503, "the processes that do this are being started again; try later")
        if len(self._waiting) >= self._settings.queue:
            self._metrics.turned_away.labels("queue").inc()
            return Refused(503, "too many requests are waiting; try again in a moment")
        return None

    async def do(self, job: Job) -> Outcome:
        """Have a job done; what is refused for want of time or room can be asked again later."""
        if (refused := self.refusal()) is not None:
            return refused
        waiting = _Waiting(job, asyncio.timeout_at(self._deadline()))
        try:
            async with waiting.timer:
                self._waiting.append(waiting)
                async with self._arrived:
                    self._arrived.notify()
                return await waiting.outcome
        except TimeoutError:
            self._metrics.turned_away.labels("time").inc()
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            return Refused(503, self._late(waiting))

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._settings.timeout

    def _late(self, waiting: _Waiting) -> str:
        limit = f"{self._settings.timeout:g} seconds"
        if waiting.begun:
            return f"it took more than {limit}; ask for less at once"
        return f"it was not its turn within {limit}; try again later"

    async def _serve(self, worker: WorkerProcess) -> None:
        """Let a process do what comes next, and start another one when it ends."""
        while True:
            watching = asyncio.create_task(self._watch(worker))
            taken: list[_Waiting] = []
            try:
                while True:
                    taken = await self._next(worker)
                    await self._let(worker, taken)
            except Exception as error:
                self._alive.discard(worker)
                await worker.kill()
                self._give_up(taken, error)
                logger.warning("%s: %s", self.name, _said_of(error))
                async with self._arrived:
                    self._arrived.notify_all()
                worker = await self._start_again()
            finally:
                watching.cancel()

    async def _watch(self, worker: WorkerProcess) -> None:
        await worker.end()
        async with self._arrived:
            self._arrived.notify_all()

    async def _next(self, worker: WorkerProcess) -> list[_Waiting]:
        """Return what a process is to do next, once there is something."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._waiting or worker.ended)
        if worker.ended:
            raise WorkerEnded
        taken = self._take()
        for one in taken:
            one.begin(self._deadline())
        return taken

    def _take(self) -> list[_Waiting]:
        return [self._waiting.popleft()]

    def _give_up(self, taken: Sequence[_Waiting], error: Exception) -> None:
        """Say what did not come to its end; what a process died of or beside is tried once more."""
        for one in taken:
            if isinstance(error, WorkerEnded) and one.begun == 1 and not one.outcome.done():
                self._waiting.appendleft(one)
            else:
                one.settle(Refused(503, self._unfinished))

    async def _let(self, worker: WorkerProcess, taken: Sequence[_Waiting]) -> None:
        (one,) = taken
        async with asyncio.timeout(self._settings.timeout):
            one.settle(await worker.ask(one.job))

    async def _start_again(self) -> WorkerProcess:
        pause = 0.5
        while True:
            self._metrics.restarts.labels(self.name).inc()
            try:
                worker = await WorkerProcess.start(self._setup)
            except (DedupError, OSError) as error:
                logger.warning("%s: %s; tried again in %g s", self.name, error, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            self._alive.add(worker)
            return worker


class WriteQueue(Queue):
    """Changes before the one process that writes; those that wait are committed together.

    What it has begun is finished however long it takes: nothing that is being committed is ended.
    """

    name = "write"
    _unfinished = (
        "it is not known whether this was stored; send it again: what is there is not added twice"
    )
    _patience = None

    def _late(self, waiting: _Waiting) -> str:
        if waiting.begun:
            return self._unfinished
        return f"{super()._late(waiting)}; nothing was changed"

    def _take(self) -> list[_Waiting]:
        taken = [self._waiting.popleft()]
        size = _size(taken[0].job)
        while self._waiting and len(taken) < MOST_TOGETHER:
            size += _size(self._waiting[0].job)
            if size > LARGEST_TOGETHER:
                break
            taken.append(self._waiting.popleft())
        return taken

    def _give_up(self, taken: Sequence[_Waiting], error: Exception) -> None:  # noqa: ARG002
        for one in taken:
            one.settle(Refused(503, self._unfinished))

    async def _let(self, worker: WorkerProcess, taken: Sequence[_Waiting]) -> None:
        reply: Written | Refused = await worker.ask([one.job for one in taken])
        if isinstance(reply, Refused):
            for one in taken:
                one.settle(reply)
            return
        self._metrics.articles.set(reply.articles)
        self._metrics.commits.inc()
        self._metrics.committed.inc(len(taken))
        for one, outcome in zip(taken, reply.outcomes, strict=True):
            one.settle(outcome)


def _said_of(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "a process took too long and was ended"
    return str(error) if isinstance(error, DedupError) else described(error)


def _size(job: Any) -> int:  # noqa: ANN401 - an Add or a Remove
    return int(job.size)
