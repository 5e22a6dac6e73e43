"""The tables of ``dedup bench quality --corpus``, made of its JSON result alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dedup.bench.quality_tables import MOST_ERRORS, confusion_table, errors_table
from dedup.bench.tables import Cell, Table, between, percent


def corpus_tables(result: Mapping[str, Any], most_errors: int = MOST_ERRORS) -> list[Table]:
    """Return the tables; of the wrong verdicts the first ``most_errors``, worst first."""
    tables = [_derived(result), _collections(result), _verdicts(result)]
    if result["weighted"]["collections"]:
        tables.append(_weighted(result))
    tables.append(_reliability(result))
    if result["relation"]["pairs"]:
        tables.append(confusion_table(result))
    if result.get("cases"):
        tables.append(_cases(result["cases"]))
    return [*tables, errors_table(result, most_errors)]


def _derived(result: Mapping[str, Any]) -> Table:
    low = result["low_confidence_left_out"]
    rows = [
        _found(name, of)
        for name, of in (
            ("judged among its collection", result["derived"]),
            ("reported by a scan of it", result["scan"]),
            ("by itself: across outlets, or unknown", result["by_itself"]["derived"]),
        )
    ]
    lost = len(result["scan"]["judged_derived_but_not_reported"])
    return Table(
        f"Derived or not: {result['pairs']} labelled pairs, {result['derived']['expected']} of "
        "them derived",
        ["", "pairs", "wrong", "precision", "recall", "F1", "95% interval"],
        rows,
        [
            f"Labels of low confidence are no targets: {low} left out.",
            f"Judged derived, but not reported by a scan: {lost}.",
        ],
    )


def _found(name: str, of: Mapping[str, Any]) -> list[Cell]:
    shares = [percent(of[key]) for key in ("precision", "recall", "f1")]
    return [name, of["pairs"], of["errors"], *shares, between(of["f1_ci"])]


def _collections(result: Mapping[str, Any]) -> Table:
    rows: list[list[Cell]] = [
        [
            name,
            of["articles"],
            of["scan_reports"],
            of["derived"]["pairs"],
            of["derived"]["false_alarms"],
            of["derived"]["missed"],
            percent(of["derived"]["f1"]),
            between(of["derived"]["f1_ci"]),
            percent(of["scan"]["f1"]),
            percent(of["relation"]["accuracy"]),
            percent(of["direction"]["accuracy"]),
        ]
        for name, of in result["collections"].items()
    ]
    columns = (
        "articles,scan reports,pairs,false alarms,missed,F1,95% interval,F1 of scan,relation,"
        "direction"
    )
    return Table("By collection", ["", *columns.split(",")], rows)


def _verdicts(result: Mapping[str, Any]) -> Table:
    relation, direction = result["relation"], result["direction"]
    rows: list[list[Cell]] = [
        ["relation, of seven", *_right(relation)],
        ["direction of derived pairs", *_right(direction)],
        ["  where found derived", *_right(result["direction_where_found"])],
        ["  always “common”", direction["pairs"], percent(direction["always_common"]), None],
    ]
    return Table(
        f"Verdicts (rules {result['rules']})", ["", "pairs", "right", "95% interval"], rows
    )


def _right(of: Mapping[str, Any]) -> list[Cell]:
    return [of["pairs"], percent(of["accuracy"]), between(of["accuracy_ci"])]


def _weighted(result: Mapping[str, Any]) -> Table:
    weighted = result["weighted"]
    pooled = f"pooled: {', '.join(weighted['pooled_over'])}"
    rows: list[list[Cell]] = []
    for name, of in {**weighted["collections"], pooled: weighted["pooled"]}.items():
        for part, title in (("all", name), ("across", "  across outlets")):
            one = of[part]
            shares = [
                cell
                for key in ("precision", "recall", "f1")
                for cell in (percent(one[key]), between(one[f"{key}_ci"]))
            ]
            rows.append([title, one["pairs"], *shares])
    return Table(
        "Weighted: each pair counts for as many as it was drawn from",
        ["", "pairs", "precision", "95%", "recall", "95%", "F1", "95%"],
        rows,
    )


def _reliability(result: Mapping[str, Any]) -> Table:
    score = result["score"]
    rows: list[list[Cell]] = [
        [f"{one['from']:.1f} to {one['to']:.1f}", one["pairs"], percent(one["derived"])]
        for one in score["bins"]
    ]
    brier = "–" if score["brier"] is None else f"{score['brier']:.3f}"
    return Table(
        "Score: share of the pairs that are derived",
        ["score", "pairs", "derived"],
        rows,
        [f"Brier score {brier}. The score orders results; it is no probability."],
    )


def _cases(cases: Mapping[str, Any]) -> Table:
    notes = [
        f"{one['name']}: {', '.join(one['failures'])} ({one['relation']})"
        + (f"; right: {one['right']}" if one["right"] else "")
        for one in cases["failed"]
    ]
    return Table(f"Invented cases: {cases['right']} of {cases['cases']} right", [], [], notes)
