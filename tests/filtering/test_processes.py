"""Workers as processes: what comes first, what is forgotten, and how they end."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from streams import prose

from dedup.article import Article
from dedup.filtering.comparing import Comparer, Task
from dedup.filtering.processes import Processes, Worker, WorkerEnded
from dedup.sketch.parameters import DEFAULT_PARAMETERS


def task(name: str, words: int) -> Task:
    text = prose(random.Random(name), words)
    known = Article(f"k{name}", text)
    return Task(Article(name, f"{text} Rano tami."), (), [known], [()], [None])


def started(processes: Processes) -> list[Worker]:
    workers = list(processes.start())
    for worker in workers:
        worker.write(DEFAULT_PARAMETERS)
        assert worker.ready(60)
    return workers


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def alive(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_what_is_to_be_compared_does_not_wait_for_texts_and_results_are_the_same() -> None:
    texts = [prose(random.Random(number), 3000) for number in range(20)]
    tasks = [task("short", 60), task("long", 600)]
    with Processes(1) as processes:
        (worker,) = started(processes)
        begun = [worker.send("digest", texts) for _ in range(5)]
        found = worker.send("compare", tasks)()
        assert len(worker._replies) < 5  # some of the others are not done yet
        digests = [reply() for reply in begun]
    comparer = Comparer(DEFAULT_PARAMETERS, spans=False)
    assert found == comparer.compare(tasks)
    assert found[0][0].relation == "near-duplicate"
    expected = comparer.digest(texts)().sketches.fingerprints
    assert all(np.array_equal(one.sketches.fingerprints, expected) for one in digests)


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


def files_of(process: int) -> set[tuple[int, int]]:
    """Return device and number of the files a process has open, standard error left out."""
    found = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if file.name != "2":
                found.add((file.stat().st_dev, file.stat().st_ino))
    return found


HOLDING = """
import os, sys
from test_processes import DEFAULT_PARAMETERS, Processes, children_of, files_of
ours = {(file.st_dev, file.st_ino) for file in map(os.fstat, (0, 1, int(sys.argv[1])))}
with Processes(2) as processes:
    processes.start()
    (process,) = processes._processes
    assert not files_of(process.pid) & ours, "while they load"
    for worker in processes._workers:
        worker.write(DEFAULT_PARAMETERS)
        assert worker.ready(60)
    workers = [process.pid, *children_of(process.pid)]
    assert len(workers) == 2
    for worker in workers:
        assert not files_of(worker) & ours, "later"
    nice = [os.getpriority(os.PRIO_PROCESS, worker) for worker in workers]
    assert min(nice) > os.getpriority(os.PRIO_PROCESS, 0), "they give way"
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_they_hold_no_file_of_ours_and_give_way_to_us(tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held:
        done = subprocess.run(
            [sys.executable, "-c", HOLDING, str(held.fileno())],
            stdin=subprocess.PIPE,
            capture_output=True,
            pass_fds=[held.fileno()],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
def test_all_of_them_end_with_their_pipes_and_one_that_was_killed_is_noticed() -> None:
    with Processes(3) as processes:
        workers = started(processes)
        (process,) = processes._processes
        forked = children_of(process.pid)
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
