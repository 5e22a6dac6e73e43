r"""Load the HTTP service from another process, beside the same checks without it.

    python benchmarks/service_load.py [--articles 100000] [--rounds 3] \
        [--output benchmarks/results/service_load.json]

An index of synthetic articles (500 words, a tenth of them edited copies of others) is filled; what
is checked are further ones of the same making. In every round they are checked in this process,
then over HTTP with one worker and with two: by one client, by eight, in batches, by more clients
than may wait, and with articles added by sixteen clients. All run on the same processors as the
service: the clients' share is in the numbers, and so is what else the machine does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from synthetic_articles import synthetic_articles

from dedup.article import Article
from dedup.bench.machine import describe_machine
from dedup.detector import Detector
from dedup.index.disk.library import DiskLibrary

QUERIES = 1500
BATCH = 32
SERVE = [sys.executable, "-c", "from dedup.cli import main; main()", "serve"]


def record(article: Article) -> dict[str, Any]:
    """An article as JSON has it."""
    names = ("id", "text", "title", "source", "published", "url", "language")
    return {name: getattr(article, name) for name in names}


def prepare(folder: Path, articles: int) -> dict[str, Any]:
    """Fill an index, and write the bodies that are sent."""
    made = chain.from_iterable(synthetic_articles(articles + 3 * QUERIES))
    start = time.perf_counter()
    with DiskLibrary.create(folder / "index") as library:
        Detector(library=library).add(islice(made, articles))
    seconds = time.perf_counter() - start
    queries = [record(article) for article in islice(made, QUERIES)]
    new = [record(article) for article in made]
    batches = [
        {"articles": queries[at : at + BATCH]} for at in range(0, len(queries) - BATCH, BATCH)
    ]
    bodies = {
        "check": queries,
        "batch": batches,
        "add": [{"articles": [article]} for article in new],
    }
    for name, some in bodies.items():
        (folder / f"{name}.json").write_text(json.dumps([json.dumps(one) for one in some]))
    return {"articles": articles, "filled_in_seconds": round(seconds, 1)}


def in_process(folder: Path) -> dict[str, Any]:
    """Check every query without the service."""
    queries = [json.loads(one) for one in json.loads((folder / "check.json").read_text())]
    articles = [Article(**query) for query in queries]
    with Detector.open(folder / "index", write=False, threads=1) as detector:
        for article in articles[:200]:  # as a worker is warm before it says that it is ready
            detector.check(article)
        times, matches = [], 0
        for article in articles:
            start = time.perf_counter()
            matches += len(detector.check(article))
            times.append(time.perf_counter() - start)
    return {**described(times, sum(times)), "matches": matches}


def described(times: list[float], seconds: float) -> dict[str, Any]:
    """Rate and percentiles of answers."""
    ordered = sorted(1000 * one for one in times)
    return {
        "answers": len(times),
        "per_second": round(len(times) / seconds, 1),
        "p50_ms": round(statistics.median(ordered), 2) if ordered else None,
        "p99_ms": round(ordered[int(0.99 * (len(ordered) - 1))], 2) if ordered else None,
    }


@contextmanager
def served(folder: Path, workers: int, *options: str) -> Iterator[int]:
    """Run the service; yield its port."""
    command = [*SERVE, str(folder / "index"), "--port", "0", "--workers", str(workers), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = map(re.compile(r":(\d+), see /docs").search, process.stderr)
        found = next(filter(None, said))
        try:
            yield int(found[1])
        finally:
            process.terminate()
            process.wait()


def load(folder: Path, port: int, path: str, clients: int, seconds: float) -> dict[str, Any]:
    """Send the bodies of a kind again and again, in a process of its own."""
    arguments = [str(folder), str(port), path, str(clients), str(seconds)]
    done = subprocess.run(
        [sys.executable, __file__, "--client", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )
    return dict(json.loads(done.stdout))


def client(folder: Path, port: int, path: str, clients: int, seconds: float) -> None:
    """Be the process that sends; print what came back."""
    name = {"/check": "check", "/check/batch": "batch", "/add": "add"}[path]
    bodies = [one.encode() for one in json.loads((folder / f"{name}.json").read_text())]
    end = time.perf_counter() + seconds
    answered: list[tuple[int, float]] = []
    waiting = iter(bodies) if name == "add" else None
    lock = threading.Lock()

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"content-type": "application/json"}
        at = number * 37
        while time.perf_counter() < end:
            if waiting is None:
                body: bytes | None = bodies[at % len(bodies)]
            else:
                with lock:
                    body = next(waiting, None)
            if body is None:
                return
            at += 1
            start = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            answered.append((answer.status, time.perf_counter() - start))
            if answer.status == 503:
                time.sleep(0.05)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    result = described([took for status, took in answered if status == 200], spent)
    statuses = sorted({status for status, _ in answered})
    result["statuses"] = {str(s): sum(one == s for one, _ in answered) for s in statuses}
    if 503 in statuses:
        result["turned_away"] = described([took for s, took in answered if s == 503], spent)
    print(json.dumps(result))


def metric(port: int, name: str) -> float:
    """Read a metric of the service."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    raise KeyError(name)


def one_round(folder: Path, seconds: float) -> dict[str, Any]:
    """Measure everything once."""
    result: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
    result["in_process"] = in_process(folder)
    for workers in (1, 2):
        with served(folder, workers) as port:
            load(folder, port, "/check", 2 * workers, 2)
            kinds = {
                "one_client": ("/check", 1),
                "eight_clients": ("/check", 8),
                "batches": ("/check/batch", 4),
            }
            found = {
                name: load(folder, port, path, clients, seconds)
                for name, (path, clients) in kinds.items()
            }
            found["batches"]["articles_per_second"] = round(
                BATCH * found["batches"]["per_second"], 1
            )
        result[f"{workers}_workers"] = found
    with served(folder, 2, "--queue", "32") as port:
        result["overload"] = load(folder, port, "/check", 128, seconds)
        result["after_overload"] = load(folder, port, "/check", 1, 2)
    return result


def adding(folder: Path) -> dict[str, Any]:
    """Add articles, one a request, by sixteen clients; once, since they are there then."""
    with served(folder, 1) as port:
        found = load(folder, port, "/add", 16, 60)
        commits = metric(port, "dedup_commits_total")
    return {**found, "commits": int(commits)}


def summed_up(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the rounds, and the ratios to the same checks without the service."""

    def median(*path: str) -> float:
        values = []
        for one in rounds:
            value: Any = one
            for name in path:
                value = value[name]
            values.append(float(value))
        return round(statistics.median(values), 2)

    found: dict[str, Any] = {"in_process": {}, "overload": {}}
    for name in ("per_second", "p50_ms", "p99_ms"):
        found["in_process"][name] = median("in_process", name)
        found["overload"][name] = median("overload", name)
    away = [one["overload"]["statuses"].get("503", 0) for one in rounds]
    kept = [one["overload"]["statuses"].get("200", 0) for one in rounds]
    found["overload"]["turned_away"] = round(sum(away) / (sum(away) + sum(kept)), 3)
    found["overload"]["turned_away_p50_ms"] = median("overload", "turned_away", "p50_ms")
    found["overload"]["other_statuses"] = sorted(
        {status for one in rounds for status in one["overload"]["statuses"]} - {"200", "503"}
    )
    found["after_overload_p50_ms"] = median("after_overload", "p50_ms")
    for workers in ("1_workers", "2_workers"):
        found[workers] = {
            kind: {name: median(workers, kind, name) for name in ("per_second", "p50_ms", "p99_ms")}
            for kind in ("one_client", "eight_clients", "batches")
        }
        found[workers]["batches"]["articles_per_second"] = median(
            workers, "batches", "articles_per_second"
        )
        found[workers]["rate_to_in_process"] = round(
            statistics.median(
                one[workers]["eight_clients"]["per_second"] / one["in_process"]["per_second"]
                for one in rounds
            ),
            2,
        )
        found[workers]["added_p50_ms"] = round(
            statistics.median(
                one[workers]["one_client"]["p50_ms"] - one["in_process"]["p50_ms"] for one in rounds
            ),
            2,
        )
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--client", nargs=5)
    arguments = parser.parse_args()
    if arguments.client:
        folder, port, path, clients, seconds = arguments.client
        client(Path(folder), int(port), path, int(clients), float(seconds))
        return
    result: dict[str, Any] = {
        "command": "python " + " ".join([f"benchmarks/{Path(__file__).name}", *sys.argv[1:]]),
        "machine": describe_machine(),
    }
    with tempfile.TemporaryDirectory(prefix="dedup-service-") as place:
        folder = Path(place)
        result["index"] = prepare(folder, arguments.articles)
        rounds = [one_round(folder, arguments.seconds) for _ in range(arguments.rounds)]
        result["medians"] = summed_up(rounds)
        result["adding"] = adding(folder)
        result["rounds"] = rounds
    print(json.dumps(result, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
