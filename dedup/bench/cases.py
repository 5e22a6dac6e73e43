"""Invented cases with the right answers: a pair, who else is known, and what a verdict must say.

A case is a JSON file: ``name``, ``a`` and ``b`` (each ``text``, and ``title`` if it has one),
``known`` (a list of the same, may be missing), ``expect`` and, for a person, ``right``. Expected
may be ``derived``, ``relation`` (any of a list), ``percent_a_min``, ``percent_a_max``, the same of
``b``, and ``narrative_min`` (the larger side's percentage outside quotations).

Needs the public names of `dedup` alone, as `dedup.bench.inside` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup import Article, DedupError, Detector, Match, compare

_BOUNDS = ("percent_a_min", "percent_a_max", "percent_b_min", "percent_b_max", "narrative_min")


class CaseError(DedupError):
    """A file is no case, or a folder holds none."""


@dataclass(frozen=True, slots=True)
class Case:
    """A pair, the articles known beside it, and what is expected of its verdict."""

    name: str
    a: Article
    b: Article
    known: tuple[Article, ...]
    expect: Mapping[str, Any]
    right: str


def read_cases(folder: Path, report: Callable[[str], object]) -> list[Case]:
    """Read the cases of a folder in the order of their names; a file that is none is reported.

    Raises
    ------
    CaseError
        If the folder holds no case.
    """
    cases = []
    for path in sorted(folder.glob("*.json")):
        try:
            cases.append(_read_case(path))
        except CaseError as error:
            report(str(error))
    if not cases:
        raise CaseError(f"{folder}: no cases; each is a .json file with a, b and expect")
    return cases


def judge_cases(
    cases: Iterable[Case], advance: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """Judge each case, among its known articles where it has any; return counts and failures."""
    failed: list[dict[str, Any]] = []
    count = 0
    for count, case in enumerate(cases, 1):  # noqa: B007 - the last one is how many
        match = _judge(case)
        failures = _failures(match, case.expect)
        if failures:
            failed.append(
                {
                    "name": case.name,
                    "failures": failures,
                    "relation": match.relation,
                    "right": case.right,
                }
            )
        advance()
    return {"cases": count, "right": count - len(failed), "failed": failed}


def _judge(case: Case) -> Match:
    if not case.known:
        return compare(case.a, case.b)
    detector = Detector()
    detector.add(case.known)
    return detector.compare(case.a, case.b)


def _failures(match: Match, expect: Mapping[str, Any]) -> list[str]:
    """Say what of a match is not as expected, a few words each."""
    overlap = match.overlap
    measured = {
        "percent_a": overlap.percent_a,
        "percent_b": overlap.percent_b,
        "narrative": max(overlap.narrative_percent_a or 0.0, overlap.narrative_percent_b or 0.0),
    }
    failures = []
    if match.derived is not expect.get("derived", match.derived):
        failures.append(f"derived {match.derived}")
    if match.relation not in expect.get("relation", [match.relation]):
        failures.append(f"relation {match.relation}, not {'/'.join(expect['relation'])}")
    for name, value in measured.items():
        low, high = expect.get(f"{name}_min", 0), expect.get(f"{name}_max", 100)
        if not low <= value <= high:
            failures.append(f"{name} {value:.0f}, not {low:g} to {high:g}")
    return failures


def _read_case(path: Path) -> Case:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError(f"{path}: cannot be read as a case ({error})") from None
    if not isinstance(record, dict):
        raise CaseError(f"{path}: a case must be a JSON object")
    known = record.get("known") or []
    if not isinstance(known, list):
        raise CaseError(f"{path}: 'known' must be a list of articles")
    return Case(
        name=str(record.get("name") or path.stem),
        a=_article(record.get("a"), "a", path),
        b=_article(record.get("b"), "b", path),
        known=tuple(_article(one, f"known-{n}", path) for n, one in enumerate(known)),
        expect=_expected(record.get("expect"), path),
        right=str(record.get("right") or ""),
    )


def _article(record: Any, name: str, path: Path) -> Article:  # noqa: ANN401 - parsed JSON
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise CaseError(f"{path}: {name!r} must be an object with a text")
    title = record.get("title")
    return Article(id=name, text=record["text"], title=str(title) if title else None)


def _expected(expect: Any, path: Path) -> Mapping[str, Any]:  # noqa: ANN401 - parsed JSON
    if not isinstance(expect, dict) or not expect:
        raise CaseError(f"{path}: 'expect' must say what is expected")
    kinds: dict[str, Callable[[Any], bool]] = {
        "derived": lambda value: isinstance(value, bool),
        "relation": lambda value: (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        ),
        **dict.fromkeys(_BOUNDS, lambda value: isinstance(value, int | float)),
    }
    for name, value in expect.items():
        if name not in kinds:
            raise CaseError(f"{path}: {name!r} is none of what can be expected: {', '.join(kinds)}")
        if not kinds[name](value):
            raise CaseError(f"{path}: {value!r} cannot be expected of {name!r}")
    return expect
