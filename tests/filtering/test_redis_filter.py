"""The filter on an index that several workers share."""

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis_servers import MISSING, SERVER, common_server
from streams import edited, prose, stream

from dedup.article import Article
from dedup.detector import Detector
from dedup.filtering.batch import Incoming
from dedup.filtering.comparing import Comparer
from dedup.filtering.deciding import Filter
from dedup.filtering.forgetting import expire_articles, forget_articles
from dedup.filtering.options import FilterOptions, Prefer
from dedup.filtering.redis_state import RedisState
from dedup.filtering.state import state_of
from dedup.index.nets import Nets
from dedup.index.redis.library import RedisLibrary
from dedup.sketch.parameters import DEFAULT_PARAMETERS

pytestmark = pytest.mark.skipif(SERVER is None, reason=MISSING)

STORY = prose(random.Random(1), 160)


def new_index(nets: Nets | None = None) -> str:
    url = common_server().new_url()
    RedisLibrary.create(url, nets=nets).close()
    return url


def decisions(detector: Detector, articles, options=None, batch=256):
    return [d.to_dict() for d in detector.filter(articles, options, batch=batch)]


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from([None, *Prefer]),
    st.builds(Nets, cap=st.sampled_from([2, 10, 500]), limit=st.sampled_from([3, 1000])),
)
def test_one_worker_decides_as_one_in_memory(seed, prefer, nets) -> None:
    articles = stream(random.Random(seed), 40)
    options = FilterOptions(prefer=prefer)
    url, found = new_index(nets), []
    for half in (articles[:17], articles[17:]):
        with Detector.open(url) as detector:
            found += decisions(detector, half, options, 7)
    assert found == decisions(Detector(nets=nets), articles, options)


def test_series_and_versions_are_remembered_from_worker_to_worker() -> None:
    url = new_index()
    records = [
        Incoming(Article("x", STORY), "s"),
        Incoming(Article("y", STORY + " Rano tami."), "s"),
        Incoming(Article("z", STORY), "other"),
        Incoming(Article("x", prose(random.Random(4), 90)), None),
        Incoming(Article("w", prose(random.Random(2), 90)), "s"),
        Incoming(Article("v", prose(random.Random(4), 90)), None),
    ]
    found = []
    for record in records:
        with RedisLibrary.open(url, write=True) as library:
            found += _decided(
                Filter(library, RedisState(library), Comparer(DEFAULT_PARAMETERS)), record
            )
    alone = Detector()
    in_memory = Filter(alone.library, state_of(alone.library), Comparer(DEFAULT_PARAMETERS))
    expected = [one for record in records for one in _decided(in_memory, record)]
    assert [one.to_dict() for one in found] == [one.to_dict() for one in expected]
    assert [one.update for one in found] == [False, True, False, True, True, False]
    with RedisLibrary.open(url, write=True) as library:
        assert forget_articles(library, ["x"]) == 2
        assert RedisState(library).history("x") == []
        assert not RedisState(library).seen("x")


def test_expired_articles_are_forgotten_with_their_decisions() -> None:
    old = Article("old", STORY, published="2001-01-01")
    copy = Article("copy", STORY + " Rano.", published="2002-01-01")
    new = Article("new", prose(random.Random(3), 90))
    with Detector.open(new_index()) as detector:
        assert [d.kept for d in detector.filter([old, copy, new], None)] == [True, False, True]
        assert expire_articles(detector.library, datetime(2010, 1, 1, tzinfo=UTC)) == 1
        state = RedisState(detector.library)
        assert [state.seen(one) for one in ("old", "copy", "new")] == [False, False, True]
        assert [d.kept for d in detector.filter([copy, new], None)] == [True, True]


class Counting(Comparer):
    """Counts the records it is to compare."""

    started = 0

    def start(self, tasks):
        self.started += len(tasks)
        return super().start(tasks)


def test_of_two_who_see_one_story_at_the_same_moment_the_first_to_commit_keeps_it() -> None:
    url = new_index()
    with Detector.open(url) as quicker, RedisLibrary.open(url, write=True) as library:
        old = prose(random.Random(2), 90)
        quicker.add([Article("old", old)])
        comparer = Counting(DEFAULT_PARAMETERS)
        slower = Filter(library, RedisState(library), comparer)
        records = [Incoming(Article("slow", STORY + " Rano.")), Incoming(Article("other", old))]
        decided = _decided(slower, *records, meanwhile=_once(quicker, Article("quick", STORY)))
        found = [(d.kept, d.to_dict()["match"]) for d in decided]
        assert found == [(False, "quick"), (False, "old")]
        assert (slower.counts.decided, slower.counts.compared) == (2, 2)
        assert [a.id for a in library.articles(library.rows())] == ["old", "quick"]
        assert comparer.started == 2  # the second time only what is new


def test_one_record_that_two_workers_have_gets_one_decision() -> None:
    url, record = new_index(), Article("same", STORY)
    with Detector.open(url) as quicker, RedisLibrary.open(url, write=True) as library:
        slower = Filter(library, RedisState(library), Comparer(DEFAULT_PARAMETERS))
        (decided,) = _decided(slower, Incoming(record), meanwhile=_once(quicker, record))
        assert (decided.kept, decided.update, slower.counts.again) == (True, False, 1)
        assert len(library) == 1
        assert not common_server().client().exists(library.store.server.key("turn"))


def test_the_turn_of_a_worker_that_was_killed_ends() -> None:
    url = new_index()
    with Detector.open(url) as detector:
        key, client = detector.library.store.server.key("turn"), common_server().client()
        client.set(key, "a worker that was killed", px=400)
        started = time.monotonic()
        (decided,) = detector.filter([Article("x", STORY)])
        assert decided.kept
        assert 0.3 < time.monotonic() - started < 5
        assert not client.exists(key)
        client.set(key, "a worker that works")
        assert detector.add([Article("y", STORY)]) == 1  # whoever decides nothing need not wait


WORKER = """
import json, sys
from dedup.article import Article
from dedup.detector import Detector
from dedup.index.library import Overtaken
from dedup.index.redis.store import Store

commits, commit = [], Store.commit
overtaken = 0
def recorded(self, change):
    global overtaken
    try:
        done = commit(self, change)
    except Overtaken:
        overtaken += 1
        raise
    ids = [key.decode() for name, key in change.written if name == "decisions"]
    commits.append((self.committed, ids))
    return done
Store.commit = recorded

url, batch = sys.argv[1], int(sys.argv[2])
with Detector.open(url, threads=1) as detector:
    print("ready", flush=True)
    articles = [Article(**values) for values in json.loads(sys.stdin.readline())]
    decided = {}
    for decision in detector.filter(articles, batch=batch):
        decided[decision.article.id] = decision.to_dict()
json.dump([commits, decided, overtaken], sys.stdout)
"""


def _filtered(url: str, shares: list[list[Article]], batches: list[int]):
    """Let a process filter each share, all at once.

    Returns what they committed and what they decided, and how often one was overtaken.
    """
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url, str(batch)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for batch in batches
    ]  # fmt: skip
    assert all(worker.stdout.readline() == "ready\n" for worker in workers)
    for worker, share in zip(workers, shares, strict=True):
        names = ("id", "text", "published", "source")
        fields = [{name: getattr(a, name) for name in names} for a in share]
        worker.stdin.write(json.dumps(fields) + "\n")
        worker.stdin.flush()
    commits, decided, overtaken = [], {}, 0
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        own, given, times = json.loads(out)
        commits += own
        overtaken += times
        decided |= given
    return sorted(commits), decided, overtaken


@pytest.mark.parametrize("cap", [20, 500])  # over-full keys are looked up again, others followed
def test_what_four_workers_decide_is_what_one_decides_in_the_order_of_their_commits(cap) -> None:
    rng = random.Random(cap)
    articles = list({a.id: a for a in stream(rng, 600, 30, 200)}.values())
    rng.shuffle(articles)
    url = new_index(Nets(cap=cap))
    shares = [articles[number::4] for number in range(4)]
    commits, decided, overtaken = _filtered(url, shares, [1, 3, 16, 64])
    assert overtaken, "nobody was in anybody's way, so nothing was tried"
    order = [one for _, ids in commits for one in ids]
    assert sorted(order) == sorted(decided) == sorted(a.id for a in articles)
    assert len({version for version, _ in commits}) == len(commits)
    by_id = {a.id: a for a in articles}
    alone = Detector(nets=Nets(cap=cap))
    expected = dict(zip(order, decisions(alone, map(by_id.get, order)), strict=True))
    assert decided == expected
    with Detector.open(url) as detector:
        kept = [a.id for a in detector.library.articles(detector.library.rows())]
        assert kept == [one for one in order if expected[one]["kept"]]
        report = detector.library.verify()
        assert (report.ok, report.repaired) == (True, ())


def test_four_workers_give_planted_copies_the_verdicts_of_one_in_memory() -> None:
    rng = random.Random(6)
    stories = [Article(f"s{n}", prose(rng, rng.randint(120, 200))) for n in range(60)]
    copies = []
    for number in range(240):
        original = rng.choice(stories).text
        kind = number % 3
        text = original if kind == 0 else edited(rng, original, 0.1)
        if kind == 2:
            text = " ".join(text.split()[: len(text.split()) * 2 // 3])
        copies.append(Article(f"c{number}", text))
    url, alone = new_index(), Detector()
    found: dict[str, dict] = {}
    for part in (stories, copies):
        _, decided, _ = _filtered(url, [part[number::4] for number in range(4)], [8] * 4)
        found |= decided
    expected = {d.article.id: d.to_dict() for d in alone.filter([*stories, *copies])}
    assert found == expected
    assert sum(one["derived"] for one in found.values()) == 240


def _decided(deciding: Filter, *records: Incoming, meanwhile=None):
    return deciding.decide(deciding.begin(records), meanwhile)


def _once(other: Detector, article: Article):
    """Let another worker filter an article the first time this is called."""
    waiting = [article]

    def meanwhile() -> None:
        while waiting:
            list(other.filter([waiting.pop()]))

    return meanwhile
