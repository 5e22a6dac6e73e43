"""The HTTP service: however it ends, what it acknowledged is there."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from service_process import Service, service

pytest.importorskip("fastapi", reason="the server extra is not installed")
pytest.importorskip("uvicorn", reason="the server extra is not installed")

from dedup.index.disk.library import DiskLibrary

WORDS = [a + b for a in ("ba", "de", "gi", "ko", "lu", "ma", "ne") for b in ("ran", "lit", "sor")]


class Adding:
    """Clients that add one article after the other until the service is gone."""

    def __init__(self, running: Service, clients: int) -> None:
        self._url = running.url
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.statuses: set[int] = set()
        self._threads = [threading.Thread(target=self._add, args=(n,)) for n in range(clients)]
        for thread in self._threads:
            thread.start()

    def _add(self, client: int) -> None:
        rng = random.Random(client)
        with httpx.Client(base_url=self._url, timeout=30) as sending:
            for number in range(100_000):
                name = f"{client}/{number}"
                text = " ".join(rng.choice(WORDS) for _ in range(60))
                self.sent.add(name)
                try:
                    done = sending.post("/add", json={"articles": [{"id": name, "text": text}]})
                except httpx.HTTPError:
                    return
                self.statuses.add(done.status_code)
                if done.status_code == 200:
                    self.acknowledged.add(name)

    def wait_for(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acknowledged) < count:
            time.sleep(0.01)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


def held(index) -> set[str]:
    """The ids in an index that was found sound."""
    with DiskLibrary.open(index, write=True) as library:
        assert library.verify().ok
        return {article.id for article in library.articles(library.rows())}


def test_told_to_stop_it_answers_what_it_accepted_and_keeps_all_of_it(tmp_path):
    index = tmp_path / "index"
    with service(index) as running:
        adding = Adding(running, clients=6)
        adding.wait_for(100)
        behind = running.children()
        for process in behind:  # as where a whole group is signalled: they leave it to the service
            os.kill(process, signal.SIGTERM)
            os.kill(process, signal.SIGINT)
        adding.wait_for(200)
        assert running.stop(signal.SIGTERM) == 0
        adding.join()
        assert running.said.endswith("dedup: stopped; all that was acknowledged is stored\n")
    assert not any(Path(f"/proc/{process}").exists() for process in behind)
    assert adding.statuses == {200}
    assert adding.acknowledged <= held(index) <= adding.sent


def test_told_twice_to_stop_it_waits_for_nobody_and_still_keeps_everything(tmp_path):
    index = tmp_path / "index"
    words = [f"w{number % 5000}" for number in range(200_000)]
    long = {"a": {"text": " ".join(words)}, "b": {"text": " ".join(words[::-1])}}
    with (
        service(index, "--timeout", "120", "--workers", "2") as running,
        ThreadPoolExecutor() as pool,
    ):
        for _ in range(4):
            pool.submit(post_in_vain, running, long)
        added = running.post("/add", {"articles": [{"id": "a", "text": "A few words of news."}]})
        assert added.status_code == 200
        start = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert running.process.poll() is None
        assert running.stop(signal.SIGINT) == 0
        assert time.monotonic() - start < 20
    assert held(index) == {"a"}


def post_in_vain(running: Service, body: dict) -> None:
    with pytest.raises(httpx.HTTPError):
        running.post("/compare", body)


def test_killed_it_keeps_what_it_acknowledged_and_its_processes_end(tmp_path):
    index = tmp_path / "index"
    with service(index) as running:
        adding = Adding(running, clients=6)
        adding.wait_for(150)
        behind = running.children()
        running.stop(signal.SIGKILL)
        adding.join()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{process}").exists() for process in behind):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert adding.acknowledged <= held(index) <= adding.sent


def test_a_killed_writer_is_started_again_and_nothing_acknowledged_is_lost(tmp_path):
    index = tmp_path / "index"
    with service(index) as running:
        adding = Adding(running, clients=4)
        for killed in range(1, 4):
            adding.wait_for(50 * killed)
            before = len(adding.acknowledged)
            os.kill(running.children()[0 if killed == 1 else -1], signal.SIGKILL)
            adding.wait_for(before + 20)
            restarts = 'dedup_worker_restarts_total{kind="write"}'
            assert running.metric(restarts) == killed
        assert running.stop() == 0
        adding.join()
    assert adding.statuses == {200, 503}
    assert adding.acknowledged <= held(index) <= adding.sent


def test_killed_workers_are_started_again_and_their_jobs_done(tmp_path):
    index = tmp_path / "index"
    # Two texts of the same two words over and over: a tenth of a second each, even compiled.
    draw = random.Random(1).choice
    long = {side: {"text": " ".join(draw(("yes", "no")) for _ in range(12_000))} for side in "ab"}
    with service(index, "--workers", "2") as running:
        behind = running.children()
        assert len(behind) == 3
        with ThreadPoolExecutor(8) as pool:
            done = pool.map(lambda _: running.post("/compare", long).status_code, range(30))
            time.sleep(0.3)
            for process in behind[1:]:
                os.kill(process, signal.SIGKILL)
            assert set(done) == {200}
        running.until(lambda: running.metric('dedup_worker_restarts_total{kind="check"}') == 2)
        running.until(lambda: running.metric('dedup_workers{kind="check"}') == 2)
