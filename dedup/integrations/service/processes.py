"""One process behind the service, seen from the event loop."""

from __future__ import annotations

import asyncio
import pickle
import sys
from contextlib import suppress
from typing import Any

from dedup.article import DedupError
from dedup.integrations.service.messages import LENGTH, Open, Ready, Refused, frame

_COMMAND = (sys.executable, "-P", "-m", "dedup.integrations.service.worker")


class WorkerEnded(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A process has ended though it was not told to."""

    def __init__(self) -> None:
        super().__init__("a process ended, perhaps for want of memory; it is started again")


class WorkerProcess:
    """A process that does one job after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self.articles = 0
        """How many articles the index held when it was opened."""
        self.ended = False
        """Whether it is known to have ended."""

    @classmethod
    async def start(cls, setup: Open) -> WorkerProcess:
        """Start a process and wait until its index is open.

        Raises
        ------
        DedupError
            If the index cannot be opened.
        """
        worker = cls(
            await asyncio.create_subprocess_exec(
                *_COMMAND,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the service, which ends it in order
            )
        )
        try:
            reply = await worker.ask(setup)
            if isinstance(reply, Refused):
                raise DedupError(reply.message)
            assert isinstance(reply, Ready)
        except BaseException:
            await worker.kill()
            raise
        worker.articles = reply.articles
        return worker

    async def ask(self, message: object) -> Any:  # noqa: ANN401 - one of the messages of `jobs`
        """Have it do something and return what came of it.

        Raises
        ------
        WorkerEnded
            If it ended meanwhile.
        """
        try:
            self._input.write(frame(message))
            await self._input.drain()
            (length,) = LENGTH.unpack(await self._output.readexactly(LENGTH.size))
            return pickle.loads(await self._output.readexactly(length))  # noqa: S301 - our child
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerEnded from None

    async def end(self) -> None:
        """Wait until it ends, for whatever reason."""
        await self._process.wait()
        self.ended = True

    async def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def stop(self, patience: float | None) -> None:
        """Let it close its index and end, within so many seconds."""
        self._input.close()
        try:
            async with asyncio.timeout(patience):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
