"""Judge labelled pairs inside their collections, with this checkout and with an earlier one.

    python benchmarks/verdict.py --data DIR --cases DIR --baseline CHECKOUT --output FILE

``--data`` is what ``dedup bench quality --corpus --docs DIR`` takes: ``gold.jsonl`` and the
articles of each set in a folder named after it. Each collection is judged in a process of its own
by each checkout, through its public names alone (`dedup.bench.inside`): `Detector.compare` among
all the articles of the collection, `Detector.scan`, and `compare`. A checkout without
`Detector.compare` is taken to judge a pair by itself, as it did.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parents[1]
POOLED = ("scale", "en_lk", "es_lux")
"""The archives whose weighted samples are pooled: drawn from all pairs, unlike the others."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="gold.jsonl and a folder a set")
    parser.add_argument("--cases", type=Path, help="folder of invented cases")
    parser.add_argument("--baseline", type=Path, help="checkout of an earlier commit")
    parser.add_argument("--output", type=Path, help="write the result as JSON")
    given = parser.parse_args()
    from dedup.bench.machine import describe_machine

    checkouts = {"now": HERE} | ({"baseline": given.baseline} if given.baseline else {})
    result: dict[str, Any] = {
        "what": __doc__.split("\n")[0],
        "command": command(given),
        "machine": describe_machine(),
        **measure(given.data, given.cases, checkouts),
    }
    print(json.dumps({name: in_short(result[name]) for name in checkouts}, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


def command(given: argparse.Namespace) -> str:
    """Return the command without the folders of this machine."""
    words = ["python benchmarks/verdict.py --data FOLDER"]
    words += ["--cases FOLDER"] if given.cases else []
    words += [f"--baseline CHECKOUT-OF-{commit(given.baseline)}"] if given.baseline else []
    words += [f"--output benchmarks/results/{given.output.name}"] if given.output else []
    return " ".join(words)


def measure(data: Path, cases: Path | None, checkouts: dict[str, Path]) -> dict[str, Any]:
    """Judge every collection by every checkout, in turns."""
    from dedup.bench.corpus import read_collections, summarise_corpus, targets
    from dedup.bench.gold import read_labels
    from dedup.bench.inside import Inside, Judgement, Verdict
    from dedup.reading.inputs import read_articles

    gold = str(data / "gold.jsonl")
    labels = read_labels(gold, sys.exit)
    collections = list(
        read_collections(
            [str(data)],
            gold,
            targets(labels),
            lambda paths: list(read_articles(paths, lambda problem: sys.exit(problem.message))),
            sys.exit,
        )
    )
    judgements: dict[str, dict[str, Judgement]] = {name: {} for name in checkouts}
    for collection in collections:
        for name, checkout in checkouts.items():
            started = time.perf_counter()
            found = in_checkout(
                checkout,
                [{"pairs": collection.ids}, *map(article_fields, collection.articles)],
            )
            pairs = [
                Inside(
                    verdict=Verdict(**one["verdict"]),
                    reported=one["reported"],
                    across=one["across"],
                    alone=Verdict(**one["alone"]) if one["alone"] else None,
                )
                for one in found.pop("pairs")
            ]
            judgements[name][collection.name] = Judgement(pairs, **found)
            seconds = time.perf_counter() - started
            print(f"{collection.name} by {name}: {seconds:.0f} s", file=sys.stderr)
    results = {}
    for name, checkout in checkouts.items():
        summary = summarise_corpus(collections, judgements[name], pooled=POOLED)
        summary["errors"] = [in_a_line(error) for error in summary["errors"]]
        results[name] = {
            "commit": commit(checkout),
            "low_confidence_left_out": len(labels) - len(targets(labels)),
            **summary,
            "cases": judged_cases(checkout, cases) if cases else None,
        }
    return results


def judged_cases(checkout: Path, cases: Path) -> dict[str, Any]:
    """Judge the cases of a folder; of what is in them only the names are kept."""
    found = in_checkout(checkout, [{"cases": str(cases)}])
    for case in found["failed"]:
        del case["right"]
    return found


def in_a_line(error: dict[str, Any]) -> str:
    """Return a wrong verdict in short: its pair, what it is and what it was called."""
    wrong = (
        f"{error['expected'][name]} called {error['given'][name]}"
        for name in ("relation", "direction")
        if name in error["wrong"]
    )
    return f"{error['set']} {error['a']} {error['b']}: {', '.join(wrong)}"


def article_fields(article: Any) -> dict[str, Any]:  # noqa: ANN401 - this checkout's Article
    """Return what every version of an Article can be made of."""
    names = ("id", "text", "title", "source", "published", "url", "language")
    fields = {name: getattr(article, name) for name in names}
    if isinstance(fields["published"], datetime):
        fields["published"] = fields["published"].isoformat()
    return fields


def commit(checkout: Path) -> str:
    """Return the commit of a checkout; ``+`` says that it has changes besides."""
    told = subprocess.run(
        ["git", "-C", str(checkout), "describe", "--always", "--dirty=+", "--exclude=*"],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()


def in_short(result: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers a person looks at first."""
    cases = result["cases"]
    return {
        "commit": result["commit"],
        "pairs": result["pairs"],
        "derived_f1": result["derived"]["f1"],
        "relation": result["relation"]["accuracy"],
        "direction": result["direction"]["accuracy"],
        "direction_where_found": result["direction_where_found"]["accuracy"],
        "always_common": result["direction"]["always_common"],
        "brier": result["score"]["brier"],
        "scan_f1": result["scan"]["f1"],
        "by_itself_f1": result["by_itself"]["derived"]["f1"],
        "cases": f"{cases['right']} of {cases['cases']}" if cases else None,
        "collections": {
            name: [one["derived"]["f1"], one["derived"]["errors"], one["scan_reports"]]
            for name, one in result["collections"].items()
        },
        "weighted": {
            name: {part: [of[part]["precision"], of[part]["recall"]] for part in of}
            for name, of in {
                "pooled": result["weighted"]["pooled"],
                **result["weighted"]["collections"],
            }.items()
        },
    }


# In a process of its own ------------------------------------------------------------------------


def in_checkout(checkout: Path, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Run `child` with the package of a checkout on some lines of JSON; return what it writes."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line) + "\n")
        file.seek(0)
        done = subprocess.run(
            [sys.executable, str(Path(__file__).resolve()), "child"],
            stdin=file,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(checkout.resolve())},
            cwd=checkout,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def child() -> None:
    """Judge what standard input asks for with whichever `dedup` is imported."""
    import dedup

    if not Path(str(dedup.__file__)).is_relative_to(Path.cwd()):
        sys.exit(f"{dedup.__file__} was imported, not the package of {Path.cwd()}")
    if not hasattr(dedup.Detector, "compare"):
        setattr(dedup.Detector, "compare", lambda _, a, b: dedup.compare(a, b))  # noqa: B010
    asked, *records = map(json.loads, sys.stdin)
    if "cases" in asked:
        cases = load("cases")
        found = cases.judge_cases(cases.read_cases(Path(asked["cases"]), sys.exit))
    else:
        articles = [dedup.Article(**record) for record in records]
        found = asdict(load("inside").judge_inside(articles, asked["pairs"]))
    json.dump(found, sys.stdout)


def load(name: str) -> ModuleType:
    """Load a module of this checkout's ``dedup/bench`` beside the package that is imported."""
    spec = importlib.util.spec_from_file_location(name, HERE / "dedup" / "bench" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
