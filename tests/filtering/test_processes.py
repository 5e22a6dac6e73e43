"""Workers as processes: what comes first, what is forgotten, and how they end."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from streams import prose

from dedup.article import Article
from dedup.filtering.comparing import Comparer, Task
from dedup.filtering.processes import Processes, Worker, WorkerEnded
from dedup.sketch.parameters import DEFAULT_PARAMETERS


def task(name: str, words: int) -> Task:
    text = prose(random.Random(name), words)
    known = Article(f"k{name}", text)
    return Task(Article(name, f"{text} Rano tami."), (), [known], [()], [1.0], [0])


def started(processes: Processes) -> list[Worker]:
    workers = list(processes.start())
    for worker in workers:
        worker.write(DEFAULT_PARAMETERS)
        assert worker.ready(60)
    return workers


def alive(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_what_comes_first_does_not_wait_for_what_was_begun_and_results_are_the_same() -> None:
    many = [task(f"long {number}", 3000) for number in range(20)]
    urgent = [task("short", 60)]
    with Processes(1) as processes:
        (worker,) = started(processes)
        begun = worker.send("compare", many)
        found = worker.send("compare", urgent, first=True)()
        assert worker._replies == {}  # the others are not done yet
        results = begun()
    comparer = Comparer(DEFAULT_PARAMETERS, spans=False)
    assert found == comparer.compare(urgent)
    assert results == comparer.compare(many)


def test_a_reply_that_nobody_keeps_is_forgotten() -> None:
    with Processes(1) as processes:
        (worker,) = started(processes)
        kept, dropped = (worker.send("digest", [text]) for text in ("One text.", "Another."))
        del dropped
        last = worker.send("digest", ["A third."])
        assert last().sketches.word_counts.tolist() == [2]
        assert list(worker._replies) == [0]
        del kept, last
        assert worker._replies == {}
        assert worker._awaited == set()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_they_hold_no_file_of_ours_while_they_load_nor_later(tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held, Processes(2) as processes:
        os.set_inheritable(held.fileno(), True)
        ours = {os.fstat(1).st_ino, os.fstat(held.fileno()).st_ino}
        ours.discard(Path(os.devnull).stat().st_ino)
        processes.start()
        (process,) = processes._processes
        for wait in (None, processes._workers):
            for worker in wait or ():
                worker.write(DEFAULT_PARAMETERS)
                assert worker.ready(60)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for one in (process.pid, *children):
                files = list(Path(f"/proc/{one}/fd").iterdir())
                theirs = {file.stat().st_ino for file in files if file.name not in ("0", "2")}
                assert not theirs & ours


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
def test_all_of_them_end_with_their_pipes_and_one_that_was_killed_is_noticed() -> None:
    with Processes(3) as processes:
        workers = started(processes)
        (process,) = processes._processes
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        forked = [int(child) for child in children.read_text().split()]
        assert len(forked) == 2
        os.kill(forked[0], signal.SIGKILL)
        with pytest.raises(WorkerEnded):
            workers[1].send("digest", ["A text."])()
        for worker in (workers[0], workers[2]):
            assert worker.send("digest", ["A text."])().sketches.word_counts.tolist() == [2]
    assert process.poll() == 0
    deadline = time.monotonic() + 10
    while any(map(alive, forked)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, forked))
