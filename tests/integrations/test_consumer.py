"""The README's consumer loop, run as it stands there, behind a queue that delivers again."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from news_site import fixture_files

from dedup import Article, Detector
from dedup.index.disk.library import DiskLibrary

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def consume():
    """The function of the README."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"<!-- consumer: .*?-->\n```python\n(.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(found[1], names)
    return names["consume"]


class Broker:
    """One partition: messages, and how far they were committed."""

    def __init__(self, records: list[dict]) -> None:
        self.log = [json.dumps(record).encode() for record in records]
        self.committed = 0
        self.delivered = 0


class Consumer:
    """Delivers from the last commit on, and commits the position, as kafka-python's does."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._position = broker.committed

    def __iter__(self):
        while self._position < len(self._broker.log):
            self._position += 1
            self._broker.delivered += 1
            yield SimpleNamespace(value=self._broker.log[self._position - 1])

    def commit(self) -> None:
        self._broker.committed = self._position


class Store:
    """Writes by id; ends its process, so to speak, at every second and third new record."""

    def __init__(self, dies: bool) -> None:
        self.records: dict[str, tuple[str, dict]] = {}
        self.dies = dies
        self.writes = 0

    def __call__(self, article_id: str, text: str, decision: dict) -> None:
        self.writes += 1
        if self.dies and self.writes % 3 == 1:
            raise ConnectionError("before the write")
        self.records[article_id] = text, decision
        if self.dies and self.writes % 3 == 2:
            raise ConnectionError("before the commit")


def records() -> list[dict]:
    return [{"id": path.stem, "text": path.read_text("utf-8")} for path in fixture_files()]


def run(consume, index: Path, dies: bool) -> tuple[Broker, Store]:
    """Start a consumer again and again until the queue is empty."""
    DiskLibrary.create(index).close()
    broker, store = Broker(records()), Store(dies)
    for _ in range(100):
        try:
            consume(Consumer(broker), str(index), store)
        except ConnectionError:
            continue
        return broker, store
    raise AssertionError("the queue was never emptied")


def test_a_consumer_that_dies_ends_with_the_records_of_one_that_does_not(consume, tmp_path):
    broker, store = run(consume, tmp_path / "undisturbed", dies=False)
    again, other = run(consume, tmp_path / "dying", dies=True)
    assert broker.delivered == len(broker.log) < again.delivered
    assert other.writes > store.writes
    assert other.records == store.records
    assert broker.committed == again.committed == len(broker.log)


def test_the_loop_decides_as_the_filter_does(consume, tmp_path):
    _, store = run(consume, tmp_path / "index", dies=False)
    decisions = Detector().filter(Article(one["id"], one["text"]) for one in records())
    kept = {d.article.id: d.to_dict() for d in decisions if d.kept}
    assert {name: decision for name, (_, decision) in store.records.items()} == kept
    assert 0 < len(kept) < len(records())
