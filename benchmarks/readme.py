"""Write the README's examples and tables from what was run and measured.

    python benchmarks/readme.py

Between ``<!-- name -->`` and ``<!-- end -->`` the README holds what a function here makes: the
output of a command on the fixtures, or a table of numbers out of ``benchmarks/results``. Nothing
is typed by hand, so nothing can be out of step.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MAIN = "from dedup.cli import main; main()"

_SECTION = re.compile(r"<!-- ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)


def result(name: str) -> Any:  # noqa: ANN401
    """Read a committed result."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def dedup(*arguments: str) -> str:
    """Run the command line in the project's folder and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.rstrip()


def compare_example() -> str:
    """The README's compare, shortened."""
    output = dedup(
        "compare", "fixtures/wire/dam.txt", "fixtures/incoming/dam-daily-plainsman.txt",
        "--context", "4",
    )  # fmt: skip
    lines = output.splitlines()
    return "```text\n" + "\n".join([*lines[:14], "  ..."]) + "\n```"


def check_example() -> str:
    """A check of three articles."""
    incoming = [
        f"fixtures/incoming/{name}.txt"
        for name in ("portstrike-harbour-herald", "portstrike-freight-notes", "fichaje-la-grada")
    ]
    return f"```text\n{dedup('check', *incoming, '--against', 'fixtures/wire')}\n```"


def quality_table() -> str:
    """The verdict on collections that nothing was chosen on, beside simpler answers."""
    calibrated = result("calibrate")
    nested, shipped = calibrated["nested"], calibrated["shipped"]
    direction = result("direction")
    development = result("quality_development")
    fixtures = result("quality_fixtures")

    def row(said: str, name: str, fixture: float) -> tuple[str, ...]:
        low, high = nested[f"{name}_ci"]
        return (
            said,
            f"{nested[name]:.3f}",
            f"{low:.2f}–{high:.2f}",
            f"{shipped[name]:.3f}",
            (f"{fixture:.3f}"),
        )

    told, common = direction["nested"], direction["always_common"]["accuracy"]
    low, high = told["accuracy_ci"]
    rows = [
        row("derived or not, F1", "derived_f1", fixtures["derived"]["f1"]),
        row("relation (of seven), accuracy", "relation_accuracy",
            fixtures["relation"]["accuracy"]),
        row("wholly / partly / not derived, macro-F1", "three_way_macro_f1",
            fixtures["three_way"]["macro_f1"]),
        (f"direction, accuracy on {direction['pairs']} pairs (always “common”: {common:.2f})",
         f"{told['accuracy']:.3f}", f"{low:.2f}–{high:.2f}", "",
         f"{fixtures['direction']['accuracy']:.3f}"),
        ("agencies credited, articles right", f"{development['credit']['accuracy']:.3f}", "–", "",
         f"{fixtures['credit']['accuracy']:.3f}"),
    ]  # fmt: skip
    sets = nested["sets"].items()
    each = ", ".join(f"{name} {of['derived_f1']:.2f}" for name, of in sets)
    simpler = ", ".join(
        f"{name} {of['derived_f1']:.2f}" for name, of in calibrated["baselines"].items()
    )
    reading = result("scan_reading")
    read = reading["derived"]
    ties = [of["derived_f1"] for of in calibrated["nested_by_tie"].values()]
    return "\n".join(
        [
            "| | real pairs, nested | 95% interval | as shipped | fixtures |",
            "|---|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            f"Derived or not, nested, F1 of each collection: {each}. With other margins for what "
            f"counts as equally good in choosing: {min(ties):.3f} to {max(ties):.3f}. On the same "
            f"{calibrated['pairs']} pairs a threshold chosen in the same way, and the rules of an "
            f"earlier commit: {simpler}.",
            "",
            f"Of the {reading['reported']} pairs that a scan of 18,315 real articles reports, "
            f"{read['all']['read']} were read without seeing the verdict: {read['all']['derived']} "
            f"are derived, {read['within']['derived']} of {read['within']['read']} within an "
            f"outlet, {read['across']['derived']} of {read['across']['read']} across.",
        ]
    )


def speed_table() -> str:
    """What it costs."""
    sketches = result("sketch_speed")
    per_article = sketches["microseconds_per_3000_bytes"]
    compare = result("compare_speed")
    scan = result("verdict_speed")["articles"]
    complete = result("completeness")
    million = result("million_signatures")["ours"]
    ratio = {row["of"]: row["medians"] for row in sketches["ratios"]}
    disk, stream = result("disk_index")["ours"], result("filter_stream")
    reader = disk["readers"][str(disk["articles"])]
    besides = reader["bytes_an_article"]["all besides the text"]
    check = disk["check_whole_process"]["second_seconds"]
    rate = statistics.median(one["records_a_second"] for one in stream["rounds"])
    begun = statistics.median(one["records_a_second_behind_the_first"] for one in stream["rounds"])
    whole, filtered = (result("verdict_speed")["commands"][of]["wall"] for of in ("scan", "filter"))
    reckoned = result("disk_index")["at_100_million"]
    rows = [
        ("a signature of a 3 KB article, one core",
         f"{per_article['kernel, utf-8 buffer, 1 thread']['median']:.1f} µs",
         f"datasketch {ratio['datasketch MinHash.bulk, xxh32']:.0f} times, rensa "
         f"{ratio['rensa RMinHash']:.0f} times as long (from `list[str]`)"),
        ("`align` of two 500-word texts, interpreted",
         f"{compare['ms_per_500_word_pair']['dedup align']:.2f} ms",
         f"difflib {compare['times_faster_than_difflib']['align']:.0f} times as long; rapidfuzz, "
         "which finds nothing that moved, "
         f"{1 / compare['rapidfuzz_over_align']:.0f} times as fast"),
        ("`dedup compare`, whole process",
         f"{compare['whole_process_ratio']:.1f} times `import typer, numpy`", ""),
        ("all candidate pairs of a million signatures, one core",
         f"{million['all_pairs_seconds']:.1f} s",
         f"{million['peak_mb_beyond_the_sketches']} MB beyond the sketches"),
        (f"`dedup scan` of {scan:,} articles, files to clusters",
         f"{min(whole['after_seconds']):.0f} s",
         f"before standing text was weighed {1 / whole['median_of_ratios']:.1f} times as long"),
        (f"pairs that scan misses of {complete['derived_by_brute_force']:,} found by brute force",
         f"{complete['missed_by_scan']}", "reports of one event, 653 articles"),
        (f"adding {disk['articles']:,} articles of 500 words to an index on disk",
         f"{disk['added_per_second']:,} a second",
         f"the last tenth takes {disk['last_tenth_to_first']:.1f} times as long as the first; "
         f"{besides:,} bytes an article besides its text"),
        ("asking that index about one article, and about thousands",
         f"{reader['candidates_ms']:.2f} ms, {reader['candidates_per_second_batched']:,} a second",
         f"opened in {reader['opening_ms']:.0f} ms; "
         f"`dedup check` of one file, whole process: {check:.2f} s"),
        ("100 million of them in one index, reckoned from the last of that million",
         f"{reckoned['besides_the_text_gb']} GB besides the texts",
         f"{reckoned['reader_memory_gb']} GB of memory for a reader, "
         f"{reckoned['hours_to_add_at_least']} hours to add them at the least"),
        (f"`dedup filter` of {stream['alone']['records']:,} articles, files with durable commits",
         f"{rate:,} a second",
         f"{begun:,} from the first batch on; "
         f"{stream['alone']['records_a_second']:,} without further processes; "
         f"a single record is answered in {stream['trickle']['median_ms']:.0f} ms; before standing "
         f"text was weighed all took {1 / filtered['median_of_ratios']:.2f} of the time"),
    ]  # fmt: skip
    return "\n".join(["| | | |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])


def candidates_table() -> str:
    """Recall and cost of nets."""
    found = result("candidates")
    banding = found["banding"]
    rows = [
        (f"datasketch `MinHashLSH`, {name.removeprefix('datasketch ')}", banding[name])
        for name in banding
        if name.startswith("datasketch")
    ]
    rules = found["gold, 128 bands"]["rules"]
    rows += [
        (name.replace(">=", " ≥ "), rules[name])
        for name in ("bands>=1", "bands>=2", "w=12 fingerprints>=2", "w=12 evidence>=4")
        if name in rules
    ]
    default = result("quality_development")["candidates"]
    rows.append(
        (
            "**the default**: the last, or two fingerprints, over-full keys left out",
            {"recall": default["recall"], "candidates_per_article": default["per_article"]},
        )
    )
    return "\n".join(
        [
            "| net | recall | candidates an article |",
            "|---|---|---|",
            *(
                f"| {name} | {row['recall']:.2f} | {row['candidates_per_article']:.1f} |"
                for name, row in rows
            ),
        ]
    )


def service_example() -> str:
    """The service, asked with curl."""
    story = "Dockers in three ports walked out on Tuesday, and 22 ships wait offshore."
    wire, ours = f"LISBON, March 14 (EFE).- {story}", story
    port = "8080"
    requests = {
        "/add": {"articles": [{"id": "efe/1", "text": wire}]},
        "/check?top=1": {"id": "ours", "text": ours},
    }
    lines = []
    with tempfile.TemporaryDirectory() as place:
        index = f"{place}/news.index"
        dedup("index", "create", index)
        with subprocess.Popen(
            [sys.executable, "-c", MAIN, "serve", index, "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            try:
                said = map(re.compile(r"http://127.0.0.1:(\d+)").search, process.stderr)
                found = next(filter(None, said))
                for path, body in requests.items():
                    url = f"http://127.0.0.1:{port}{path}"
                    command = [
                        "curl",
                        "-s",
                        "--json",
                        json.dumps(body),
                        url.replace(port, found[1]),
                    ]
                    done = subprocess.run(command, capture_output=True, text=True, check=True)
                    lines.append(f"$ curl --json '{json.dumps(body)}' {url}")
                    lines += _shortened(done.stdout)
            finally:
                process.terminate()
    return "```text\n" + "\n".join(lines) + "\n```"


def _shortened(answer: str) -> list[str]:
    """A result with the first match's beginning and overlap; anything else whole."""
    if '"matches"' not in answer:
        return [answer]
    overlap = re.search(r'"overlap": .*?"extent_a"', answer)
    relation = re.search(r'"relation": .*?"headline"', answer)
    assert overlap is not None
    assert relation is not None
    parts = (relation[0].removesuffix('"headline"'), overlap[0].removesuffix('"extent_a"'))
    return [answer[: answer.index('"words"')] + "…", f"  {parts[0]}…", f"  {parts[1]}…"]


def load_table() -> str:
    """What the service answers, and what it costs."""
    found = result("service_load")
    medians, adding = found["medians"], found["adding"]

    def row(name: str, values: dict[str, Any], note: str = "") -> str:
        times = (f"{values['p50_ms']:.1f} ms", f"{values['p99_ms']:.0f} ms")
        return "| " + " | ".join((name, f"{values['per_second']:,.0f}", *times, note)) + " |"

    one, two, overload = medians["1_workers"], medians["2_workers"], medians["overload"]
    batches = one["batches"]["articles_per_second"]
    return "\n".join(
        [
            f"Checks against {found['index']['articles']:,} articles, the clients on the same two "
            "cores, beside `Detector.check` in one process in the same run:",
            "",
            "| | answers a second | median | 99% within | |",
            "|---|---|---|---|---|",
            row("without the service", medians["in_process"]),
            row("one worker, one client", one["one_client"]),
            row("one worker, eight clients", one["eight_clients"],
                f"{one['rate_to_in_process']:.2f} times the rate without"),
            row("two workers, eight clients", two["eight_clients"],
                f"{two['rate_to_in_process']:.2f} times"),
            row("one worker, batches of 32", one["batches"], f"{batches:,.0f} articles a second"),
            row("two workers, 128 clients", overload,
                f"{100 * overload['turned_away']:.0f}% turned away, in a median "
                f"{overload['turned_away_p50_ms']:.0f} ms"),
            row("`/add` of one article, sixteen clients", adding,
                f"{adding['answers'] / adding['commits']:.0f} committed together"),
        ]
    )  # fmt: skip


def redis_table() -> str:
    """An index on Redis, beside datasketch's storage there."""
    found = result("redis_index")
    ours, theirs, times = found["ours"], found["datasketch_128x1"], found["datasketch_over_ours"]
    trips, together = ours["round_trips"], ours["filter"]
    rows = [
        ("memory an article, besides its compressed text",
         f"{ours['bytes_an_article_besides_text']:,} bytes",
         f"{theirs['bytes_an_article']:,} bytes, without fingerprints and metadata"),
        ("adding one", f"{ours['milliseconds_an_article_added']:.1f} ms",
         f"{times['adding']:.1f} times as long"),
        ("looking one up", f"{ours['candidates_ms']:.1f} ms",
         f"{times['asking']:.1f} times as long"),
        ("round trips of a check", f"at most 5 (here {trips['a check']:.1f})",
         f"{theirs['round_trips_a_query']:.0f} to look up"),
        ("round trips to filter 64 records", f"{trips['filtering 64 records']:.0f}", "–"),
        ("four workers that filter, against one", f"{together['four_to_one']:.2f} times its rate",
         "–"),
    ]  # fmt: skip
    return "\n".join(
        [
            f"| {ours['articles']:,} articles | this index | datasketch `MinHashLSH` (128, 1) |",
            "|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]
    )


def spark_table() -> str:
    """A scan on Spark, beside one process, and what more would cost."""
    measured = result("spark_scale")
    stages = ("signatures", "candidates", "matches", "clusters")
    runs = measured["runs"]
    rows = []
    for run in sorted(runs.values(), key=lambda run: run["spark"]["articles"]):
        spark = run["spark"]
        seconds = [
            f"{spark['stages'][stage]['seconds']:.0f} s" if stage in spark["stages"] else "–"
            for stage in stages
        ]
        beside = run.get("process")
        rows.append(
            (
                f"{spark['articles']:,}",
                f"{spark['candidates']:,}",
                *seconds,
                f"{beside['seconds']:.0f} s" if beside else "–",
                f"{run['spark_over_process']['processor_seconds']:.1f}" if beside else "–",
            )
        )
    same = all(
        run["process"]["identical_matches"] and run["process"]["identical_clusters"]
        for run in runs.values()
        if "process" in run
    ) and all(run["index"]["identical_candidates"] for run in runs.values() if "index" in run)
    reckoned = measured["estimate"]["estimates"]
    costs = [
        (name, *(reckoned[name][fact] for fact in ("shuffle_tb", "executors", "hours")))
        for name in reckoned
        if "limit" not in name
    ]
    most = max(costs["hours"] for costs in reckoned.values())
    return "\n".join(
        [
            "| articles | pairs compared | signatures | candidates | matches | clusters "
            "| one process | processor time beside it |",
            "|---|---|---|---|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            "On `local[2]`, two cores that others used too, beside `Detector.scan`, which uses "
            f"one. Where both did the same, all was {'the same' if same else 'NOT THE SAME'}: "
            "matches to the letter and clusters, or the candidates of articles replicated with "
            "variations. Reckoned from the largest whole run (the arithmetic is in "
            "`spark_scale.json`), with executors of eight cores:",
            "",
            "| | shuffled | executors | hours |",
            "|---|---|---|---|",
            *(
                f"| {name} | {moved:.0f} TB | {executors} | {hours:.1f} |"
                for name, moved, executors, hours in costs
            ),
            "",
            "How candidates grow is the uncertain part: what bounds them is the limit, 1,000 an "
            f"article, at which the same executors would take {most:.0f} hours. Stages are tables, "
            "so candidates can be narrowed first, to those published within a week, say.",
        ]
    )


SECTIONS = {
    "service": service_example,
    "load": load_table,
    "compare": compare_example,
    "check": check_example,
    "quality": quality_table,
    "speed": speed_table,
    "candidates": candidates_table,
    "spark": spark_table,
    "redis": redis_table,
}


def main() -> None:
    """Fill in the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        _SECTION.sub(lambda m: f"<!-- {m[1]} -->\n{SECTIONS[m[1]]()}\n<!-- end -->", text),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
