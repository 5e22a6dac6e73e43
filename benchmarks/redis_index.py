r"""The index on Redis: adding, asking, four workers, memory, round trips; beside datasketch's.

    python benchmarks/redis_index.py [--articles 100000] [--datasketch 10000] \
        [--output benchmarks/results/redis_index.json]

A server is started for each part, with an append-only file that is synced every second, in a
temporary folder, on the same machine, so it takes processor time from those who ask. Articles are
synthetic (`synthetic_articles.py`): 500 words by Zipf's law, a tenth edited copies of earlier ones.
Making them is not counted; sketching them is counted apart. Round trips are counted at the socket:
each time something is sent. Memory is the server's ``used_memory``, less what it had before. A
check's lookup is `candidates` (what datasketch's `query` does); a check also compares word by word.
Half of what is asked are unseen articles, half stored ones with their first fifth cut.

Four workers filter articles that are new to the index of 100,000, each a share in batches of 64;
one worker alone filters as many. Beside it, datasketch's storage on Redis with the same bands and
the best settings it has: ``prepickle=False``, bytes as keys, no check for duplicates, buffered
insertion, in a stream of its own that ends where it is told to, for it is slow; it keeps neither
fingerprints nor metadata nor texts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import redis
from laps import milliseconds, timed
from redis.connection import AbstractConnection
from synthetic_articles import WORDS, synthetic_articles

from dedup.article import Article
from dedup.detector import Detector
from dedup.filtering.digest import take
from dedup.index.disk.records import pack
from dedup.index.redis.library import RedisLibrary
from dedup.sketch.convert import to_datasketch
from dedup.sketch.sketches import sketch

BATCH = 500
QUERIES = 1000
FILTERED = 2000
ROUNDS = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--datasketch", type=int, default=10_000, help="0 leaves it out")
    options.add_argument("--output", type=Path)
    options.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.worker:
        work(*given.worker)
        return
    ours = measure_ours(given.articles)
    result: dict[str, Any] = {
        "what": __doc__.split("\n")[0],
        "command": "python benchmarks/redis_index.py",
        "machine": machine(),
        "words_an_article": WORDS,
        "ours": ours,
    }
    if given.datasketch:
        theirs = measure_datasketch(given.datasketch)
        result["datasketch_128x1"] = theirs
        result["datasketch_over_ours"] = {
            "bytes_an_article": ratio(
                theirs["bytes_an_article"], ours["bytes_an_article_besides_text"]
            ),
            "adding": ratio(
                theirs["milliseconds_an_article_added"], ours["milliseconds_an_article_added"]
            ),
            "asking": ratio(theirs["query_ms"], ours["candidates_ms"]),
            "round_trips": ratio(theirs["round_trips_a_query"], ours["round_trips"]["a check"]),
        }
    print(json.dumps(result, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n")


def measure_ours(count: int) -> dict[str, Any]:
    with server() as port:
        client = redis.Redis(port=port)
        url = f"redis://127.0.0.1:{port}/0?prefix=news"
        library = RedisLibrary.create(url)
        sketch(["a few words only"] * 9, path="kernel")
        before = memory(client)
        laps, sketching, on_server, texts, chosen = [], 0.0, [], 0, []
        for articles in synthetic_articles(count, batch=BATCH):
            start = time.perf_counter()
            sketches = sketch([a.text for a in articles], path="kernel")
            sketching += time.perf_counter() - start
            used, start = processor(client), time.perf_counter()
            library.add(articles, sketches)
            laps.append((time.perf_counter() - start) / len(articles))
            on_server.append((processor(client) - used) / len(articles))
            texts += sum(map(len, pack(a.text for a in articles)))
            chosen += articles[:: max(1, count // (QUERIES // 2))]
        added = memory(client) - before
        asked = questions(chosen)
        looked = ask(library, client, asked)
        trips = round_trips(url, asked)
        info = library.info()
        tenths = [float(np.mean(part)) for part in np.array_split(np.array(laps), 10)]
        library.close()
        workers = filter_together(url)
    return {
        "articles": count,
        "milliseconds_an_article_added": milliseconds(laps),
        "of_it_on_the_server": milliseconds(on_server),
        "sketching_ms_an_article": round(1e3 * sketching / count, 3),
        "added_per_second": round(1 / statistics.median(laps)),
        "last_tenth_to_first": round(tenths[-1] / tenths[0], 2),
        "bytes_an_article_besides_text": round((added - texts) / count),
        "bytes_of_compressed_text": round(texts / count),
        "bytes_an_article_as_info_estimates": round((info.bytes - info.text_bytes) / count),
        **looked,
        "round_trips": trips,
        "filter": workers,
    }


def questions(chosen: list[Article]) -> list[Article]:
    """Return unseen articles and stored ones with their first fifth cut, in turn."""
    unseen = next(synthetic_articles(QUERIES // 2, seed=999, batch=QUERIES // 2))
    cut = [
        Article(f"cut-{a.id}", " ".join(a.text.split()[WORDS // 5 :]))
        for a in chosen[: QUERIES // 2]
    ]
    return [one for pair in zip(unseen, cut, strict=True) for one in pair]


def ask(library: RedisLibrary, client: redis.Redis, asked: list[Article]) -> dict[str, Any]:
    sketches = sketch([a.text for a in asked], path="kernel")
    singles = [take(sketches, np.array([number])) for number in range(len(asked))]
    library.index.candidates(singles[0])
    used = processor(client)
    times = timed(lambda number: library.index.candidates(singles[number]), len(asked))
    used = processor(client) - used
    batches = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = library.index.candidates(sketches)
        batches.append((time.perf_counter() - start) / len(asked))
    met = np.diff(found.offsets)[1::2] > 0
    detector = Detector(library=library)
    for article in asked[:50]:
        detector.check(article)
    checks = timed(lambda number: detector.check(asked[number]), 300)
    return {
        "candidates_ms": milliseconds(times),
        "candidates_ms_ninety_ninth": round(1e3 * float(np.quantile(times, 0.99)), 3),
        "candidates_ms_on_the_server": round(1e3 * used / len(asked), 3),
        "candidates_ms_in_batches": milliseconds(batches),
        "check_ms": milliseconds(checks),
        "candidates_an_article": round(len(found.rows) / len(asked), 2),
        "cut_articles_found": round(float(met.mean()), 4),
    }


def round_trips(url: str, asked: list[Article]) -> dict[str, float]:
    """Count what is sent, once the scripts are there and with nothing at hand."""
    new = next(synthetic_articles(600, seed=77, batch=600))
    with Detector.open(url) as detector:
        detector.check(asked[0])
        detector.add(new[:1])
    trips: dict[str, list[int]] = {"a check": [], "adding 100 articles": [], "a batch of 64": []}
    with counting() as sent:
        for number in range(100):
            with Detector.open(url) as detector:
                detector.check(Article("", "warm up the script"))
                sent.clear()
                detector.check(asked[number])
                trips["a check"].append(len(sent))
        with Detector.open(url) as detector:
            detector.add(new[1:2])
            sent.clear()
            detector.add(new[2:102])
            trips["adding 100 articles"].append(len(sent))
        with Detector.open(url) as detector:
            list(detector.filter(new[102:103]))
            for start in range(103, 551, 64):
                sent.clear()
                list(detector.filter(new[start : start + 64]))
                trips["a batch of 64"].append(len(sent))
    named = {"a batch of 64": "filtering 64 records"}
    return {named.get(name, name): float(np.mean(found)) for name, found in trips.items()}


def filter_together(url: str) -> dict[str, Any]:
    """Filter new articles with four workers, then as many others with one, in turn."""
    stream = synthetic_articles(2 * ROUNDS * FILTERED, seed=4, batch=FILTERED)
    rates: dict[int, list[float]] = {4: [], 1: []}
    overtaken = 0
    for _ in range(ROUNDS):
        for count in (4, 1):
            articles = next(stream)
            running = [
                subprocess.Popen(
                    [sys.executable, __file__, "--worker", url, "64"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for _ in range(count)
            ]
            for number, one in enumerate(running):
                assert one.stdin and one.stdout
                share = [[a.id, a.text, a.published] for a in articles[number::count]]
                one.stdin.write(json.dumps(share) + "\n")
                one.stdin.flush()
                assert one.stdout.readline() == "ready\n"
            start = time.perf_counter()
            for one in running:
                assert one.stdin
                one.stdin.write("go\n")
                one.stdin.flush()
            done = [json.loads(one.communicate()[0]) for one in running]
            rates[count].append(len(articles) / (time.perf_counter() - start))
            overtaken += sum(times for times in done) if count == 4 else 0
    return {
        "records": FILTERED,
        "four_workers_per_second": [round(rate) for rate in rates[4]],
        "one_worker_per_second": [round(rate) for rate in rates[1]],
        "four_to_one": ratio(statistics.median(rates[4]), statistics.median(rates[1])),
        "batches_decided_again": round(overtaken / (ROUNDS * FILTERED / 64), 2),
    }


def work(url: str, batch: str) -> None:
    """Filter what comes through standard input, when told to; print how often one was overtaken."""
    from dedup.index.library import Overtaken
    from dedup.index.redis.store import Store

    overtaken, commit = 0, Store.commit

    def counted(self: Store, change: Any) -> tuple[int, int]:  # noqa: ANN401
        nonlocal overtaken
        try:
            return commit(self, change)
        except Overtaken:
            overtaken += 1
            raise

    Store.commit = counted  # type: ignore[method-assign]
    articles = [
        Article(id_, text, published=published)
        for id_, text, published in json.loads(sys.stdin.readline())
    ]
    sketch(["a few words only"] * 9, path="kernel")
    with Detector.open(url, threads=1) as detector:
        detector.candidates(articles[0])
        print("ready", flush=True)
        sys.stdin.readline()
        deque(detector.filter(articles, batch=int(batch)), maxlen=0)
    print(overtaken)


def measure_datasketch(count: int) -> dict[str, Any]:
    from datasketch import MinHashLSH

    with server() as port:
        client = redis.Redis(port=port)
        config = {"type": "redis", "basename": b"news", "redis": {"port": port}}
        lsh = MinHashLSH(num_perm=128, params=(128, 1), storage_config=config, prepickle=False)
        before, laps = memory(client), []
        for articles in synthetic_articles(count, batch=BATCH):
            signatures = sketch([a.text for a in articles], path="kernel").signatures
            start = time.perf_counter()
            with lsh.insertion_session() as session:
                for article, signature in zip(articles, signatures, strict=True):
                    minhash = to_datasketch(signature)
                    session.insert(article.id.encode(), minhash, check_duplication=False)
            laps.append((time.perf_counter() - start) / len(articles))
        used = memory(client) - before
        asked = [to_datasketch(signature) for signature in signatures[:200]]
        lsh.query(asked[0])
        with counting() as sent:
            times = timed(lambda number: lsh.query(asked[number]), len(asked))
            trips = len(sent) / len(asked)
    return {
        "articles": count,
        "milliseconds_an_article_added": milliseconds(laps),
        "added_per_second": round(1 / statistics.median(laps)),
        "bytes_an_article": round(used / count),
        "query_ms": milliseconds(times),
        "round_trips_a_query": round(trips, 1),
    }


@contextmanager
def server() -> Iterator[int]:
    """Start a server of its own; yield its port."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="dedup-redis-") as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    redis.Redis(port=port).ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
            yield port
        finally:
            process.kill()
            process.wait()


@contextmanager
def counting() -> Iterator[list[int]]:
    """Yield a list that grows with each thing sent to a server."""
    sent: list[int] = []
    send: Any = AbstractConnection.send_packed_command

    def counted(self: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        sent.append(1)
        return send(self, *args, **named)

    AbstractConnection.send_packed_command = counted  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        AbstractConnection.send_packed_command = send  # type: ignore[method-assign]


def memory(client: redis.Redis) -> int:
    found: Any = client.info("memory")
    return int(found["used_memory"])


def processor(client: redis.Redis) -> float:
    used: Any = client.info("cpu")
    return float(used["used_cpu_user_main_thread"] + used["used_cpu_sys_main_thread"])


def ratio(theirs: float, ours: float) -> float:
    return round(theirs / ours, 2)


def machine() -> dict[str, Any]:
    import datasketch

    version = subprocess.run(
        ["redis-server", "--version"], capture_output=True, text=True, check=True
    )
    return {
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "redis_server": version.stdout.split("v=")[1].split()[0],
        "redis_client": redis.__version__,
        "datasketch": datasketch.__version__,
    }


if __name__ == "__main__":
    main()
