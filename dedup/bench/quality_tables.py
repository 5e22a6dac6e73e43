"""The tables of ``dedup bench quality``, made of its JSON result alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dedup.bench.tables import Cell, Table, between, percent
from dedup.scoring.match import DERIVED, NOT_DERIVED

MOST_ERRORS = 30


def quality_tables(result: Mapping[str, Any], most_errors: int = MOST_ERRORS) -> list[Table]:
    """Return the tables; of the wrong verdicts the first ``most_errors``, worst first."""
    tables = [_derived(result), _verdicts(result), _slices(result)]
    if result["relation"]["pairs"]:
        tables.append(confusion_table(result))
    return [*tables, errors_table(result, most_errors)]


def _derived(result: Mapping[str, Any]) -> Table:
    ours = {
        "dedup": result["derived"],
        "dedup, found among all articles": result["end_to_end"],
    }
    theirs = {
        f"{name} ≥ {of['threshold']:g}"
        if "bands" not in of
        else f"{name}, threshold {of['threshold']:g} ({of['bands']}×{of['rows']})": of
        for name, of in result["baselines"].items()
    }
    rows = [
        [name, *(percent(of[key]) for key in ("precision", "recall", "f1")), between(of["f1_ci"])]
        for name, of in (ours | theirs).items()
    ]
    candidates = result["candidates"]
    return Table(
        f"Derived or not: {result['pairs']} labelled pairs, {result['derived']['expected']} of "
        "them derived",
        ["", "precision", "recall", "F1", "95% interval"],
        rows,
        [
            "Baselines stand at the threshold that is best for these same pairs, in their favour.",
            f"Candidates: {percent(candidates['recall']) or '–'} of the derived pairs are brought "
            f"together, at {candidates['per_article']:g} candidates an article among "
            f"{candidates['articles']:,}.",
        ],
    )


def _verdicts(result: Mapping[str, Any]) -> Table:
    relation, three_way = result["relation"], result["three_way"]
    direction, credit = result["direction"], result["credit"]
    rows: list[list[Cell]] = [
        [
            "relation, of seven",
            relation["pairs"],
            percent(relation["accuracy"]),
            between(relation["accuracy_ci"]),
            percent(relation["macro_f1"]),
        ],
        [
            "wholly, partly or not derived",
            relation["pairs"],
            percent(three_way["accuracy"]),
            None,
            percent(three_way["macro_f1"]),
        ],
        [
            "direction",
            direction["pairs"],
            percent(direction["accuracy"]),
            between(direction["accuracy_ci"]),
            None,
        ],
        ["  always “common”", direction["pairs"], percent(direction["always_common"]), None, None],
    ]
    for name, one in direction["classes"].items():
        rows.append([f"  {name} (recall)", one["pairs"], percent(one["recall"]), None, None])
    rows.append(["agencies credited", credit["articles"], percent(credit["accuracy"]), None, None])
    return Table(
        f"Verdicts (rules {result['rules']})",
        ["", "pairs or articles", "right", "95% interval", "macro-F1"],
        rows,
    )


def _slices(result: Mapping[str, Any]) -> Table:
    slices = {"wire to outlet (one side credits an agency)": result["wire_to_outlet"]}
    slices |= {f"set {name}": one for name, one in result["sets"].items()}
    slices |= {f"language {name}": one for name, one in result["languages"].items()}
    rows = [
        [
            name,
            one["derived"]["pairs"],
            percent(one["candidates"]["recall"]),
            percent(one["derived"]["f1"]),
            between(one["derived"]["f1_ci"]),
            percent(one["relation"]["accuracy"]),
            percent(one["three_way"]["macro_f1"]),
            percent(one["direction"]["accuracy"]),
            percent(one["credit"]["accuracy"]),
        ]
        for name, one in slices.items()
    ]
    columns = "pairs,candidates,F1,95% interval,relation,three-way macro-F1,direction,credits"
    return Table("By slice", ["", *columns.split(",")], rows)


def confusion_table(result: Mapping[str, Any]) -> Table:
    """Return how often each relation was called which."""
    table = result["relation"]["confusion"]
    given = [name for name in DERIVED + NOT_DERIVED if any(name in row for row in table.values())]
    rows = [[name, *(row.get(other, 0) for other in given)] for name, row in table.items()]
    return Table("Relations: labelled (rows) and given (columns)", ["", *given], rows)


def errors_table(result: Mapping[str, Any], most: int) -> Table:
    """Return the wrong verdicts with their reasons, worst first."""
    order = ("derived", "candidate", "relation", "direction", "credit")
    errors = sorted(
        result["errors"], key=lambda error: min(order.index(kind) for kind in error["wrong"])
    )
    notes = [line for error in errors[:most] for line in _error_lines(error)]
    if len(errors) > most:
        notes.append(f"… and {len(errors) - most} more (--format json lists all)")
    counts = {kind: sum(kind in error["wrong"] for error in errors) for kind in order}
    wrong = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
    return Table(f"Wrong in something: {len(errors)} pairs ({wrong or 'none'})", [], [], notes)


def _error_lines(error: Mapping[str, Any]) -> Iterator[str]:
    expected, given = error["expected"], error["given"]
    said = []
    for kind in error["wrong"]:
        if kind == "derived" and "relation" not in error["wrong"]:
            said.append(f"derived {expected['derived']}, called {given['relation']}")
        elif kind in ("relation", "direction"):
            said.append(f"{expected[kind]} called {given[kind]}")
        elif kind == "candidate":
            said.append("not brought together")
    said += [
        f"{of['id']} credits {' '.join(of['expected']) or 'none'}, "
        f"found {' '.join(of['found']) or 'none'}"
        for of in error["credits"]
    ]
    yield f"{error['a']} – {error['b']}: {'; '.join(said)}"
    if error["wrong"] != ["credit"]:
        yield from (f"    {reason}" for reason in error["reasons"])
