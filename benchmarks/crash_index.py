r"""Kill a writer at random moments, again and again, and look at what is left.

    python benchmarks/crash_index.py --kills 200 --directory SOMEWHERE \
        [--output benchmarks/results/crash_index.json]

A writer, a process of its own, adds, removes, expires, compacts and reopens at random, and says
what it was told to be done: on a pipe, before and after each step. It gets ``kill -9`` at a random
moment. The next one opens the index as it was left; before it goes on, everything is checked:
nothing acknowledged is lost or comes back, nothing is there twice, the step under way was done
whole or not at all, all texts are what they were, every article is found, and `verify` finds
nothing to complain of.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.index.disk.index import DiskIndex
from dedup.index.disk.library import DiskLibrary
from dedup.sketch.sketches import sketch

SEALED_FROM = 60  # small segments, so that many are written, merged and swept
YEARS = range(2000, 2020)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--directory", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--output", type=Path)
    options.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.write:
        write(given.directory, given.seed)
        return
    directory = given.directory or Path(tempfile.mkdtemp(prefix="dedup-crash-"))
    result = crash(directory, given.kills, given.seed)
    print(json.dumps(result, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n")


def crash(directory: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill so many writers; return what happened; raises AssertionError if anything was wrong."""
    path = directory / "index"
    shutil.rmtree(path, ignore_errors=True)
    DiskLibrary.create(path).close()
    rng = random.Random(seed)
    known: set[str] = set()
    under_way: Counter[str] = Counter()
    acknowledged: Counter[str] = Counter()
    done_anyway = 0
    start = time.perf_counter()
    for kill in range(kills):
        steps, open_step = killed(path, rng.randrange(1 << 30), rng.uniform(0.0, 1.0))
        for step in steps:
            acknowledged[step["step"]] += 1
            known = after(known, step)
        maybe = after(known, open_step) if open_step else known
        under_way[open_step["step"] if open_step else "opening or waiting"] += 1
        found = check(path, {frozenset(known), frozenset(maybe)}, f"kill {kill}")
        done_anyway += found != known
        known = found
    return {
        "command": f"python benchmarks/crash_index.py --kills {kills} --directory SOMEWHERE "
        "--output benchmarks/results/crash_index.json",
        "what": __doc__.split("\n")[0],
        "kills": kills,
        "seed": seed,
        "killed_during": dict(under_way.most_common()),
        "steps_acknowledged": dict(acknowledged.most_common()),
        "steps_done_but_not_acknowledged": done_anyway,
        "articles_at_the_end": len(known),
        "lost": 0,
        "twice": 0,
        "verify_problems": 0,
        "seconds": round(time.perf_counter() - start),
    }


def killed(path: Path, seed: int, after_seconds: float) -> tuple[list[Any], Any]:
    """Run a writer and kill it; return the steps it finished and the one it was at."""
    command = [sys.executable, __file__, "--write", "--directory", str(path), "--seed", str(seed)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stderr is not None
    first = writer.stdout.readline()  # it is about to open the index
    if first:
        time.sleep(after_seconds)
    writer.kill()
    rest, errors = writer.communicate()
    assert not errors, errors
    lines = [json.loads(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    steps = [line for line in lines if line.get("done")]
    at = next((line for line in reversed(lines[-1:]) if not line.get("done")), None)
    return steps, at


def after(known: set[str], step: dict[str, Any]) -> set[str]:
    """Return the ids that are there after a step."""
    if step["step"] == "add":
        return known | set(step["ids"])
    if step["step"] == "remove":
        return known - set(step["ids"])
    if step["step"] == "expire":
        return {one for one in known if year_of(one) >= step["before"]}
    return known


def check(path: Path, allowed: set[frozenset[str]], when: str) -> set[str]:
    """Check an index; return the ids that are there."""
    with DiskLibrary.open(path) as reader:
        assert reader.info().damaged == 0, f"{when}: a segment is missing or damaged"
    with DiskLibrary.open(path, write=True) as library:
        articles = library.articles(library.rows())
        found = {article.id for article in articles}
        assert len(found) == len(articles) == len(library), f"{when}: an id is there twice"
        lost = min((len(one - found) for one in allowed), default=0)
        assert frozenset(found) in allowed, f"{when}: {lost} lost, or there that should not be"
        assert all(a.text == text_of(a.id) for a in articles), f"{when}: a text is another"
        candidates = library.index.candidates(sketch([a.text for a in articles]))
        for number, article in enumerate(articles):
            first = library.articles(candidates.rows[candidates.of(number)][:1].tolist())
            assert first, f"{when}: {article.id} is not found"
            assert first[0].text == article.text, f"{when}: {article.id} finds another"
        report = library.verify()
        assert report.ok, f"{when}: {report.problems}"
        assert not report.repaired, f"{when}: {report.repaired}"
        files = {file.name for file in (path / "segments").iterdir()}
        assert len(files) == report.segments, f"{when}: files are left over"
    return found


def write(path: Path, seed: int) -> None:
    """Do steps at random until killed, and say so."""
    DiskIndex._sealed_from = SEALED_FROM
    rng = random.Random(seed)
    say({"opening": True})
    library = DiskLibrary.open(path, write=True)
    while True:
        kind = rng.choices(["add", "remove", "expire", "compact", "reopen"], [12, 6, 2, 2, 1])[0]
        step: dict[str, Any] = {"step": kind}
        ids = [one for (one,) in library.connection.execute("SELECT id FROM articles")]
        if kind == "add":
            years = [rng.choice(YEARS) for _ in range(rng.choice([1, 5, 40, 90]))]
            step["ids"] = [f"{year}-{rng.randrange(1 << 60):x}" for year in years]
        elif kind == "remove":
            step["ids"] = rng.sample(ids, min(len(ids), rng.choice([1, 10, 60])))
        elif kind == "expire":
            step["before"] = rng.choice(YEARS[:16])
        say(step)
        if kind == "add":
            articles = [
                Article(one, text_of(one), published=str(year_of(one))) for one in step["ids"]
            ]
            library.add(articles, sketch([article.text for article in articles]))
        elif kind == "remove":
            assert library.remove(step["ids"]) == len(step["ids"])
        elif kind == "expire":
            library.expire(str(step["before"]))
        elif kind == "compact":
            library.compact()
        else:
            library.close()
            library = DiskLibrary.open(path, write=True)
        say({**step, "done": True})


def year_of(article_id: str) -> int:
    return int(article_id[:4])


def text_of(article_id: str) -> str:
    """Return the text of an article; one in eight has the words of another."""
    seed = hashlib.sha256(article_id.encode()).hexdigest()
    if seed[0] in "01":
        seed = article_id[:4]
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(80))


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
