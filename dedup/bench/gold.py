"""Labelled pairs, and the articles they name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from dedup.article import Article, DedupError
from dedup.reading.plain import STDIN
from dedup.scoring.match import DERIVED, NOT_DERIVED

UNNAMED = "pairs"
"""The set of a pair that names none."""

_DIRECTIONS = {
    "A": "a->b",
    "B": "b->a",
    "a->b": "a->b",
    "b->a": "b->a",
    "common": "common",
    "unknown": None,
    None: None,
}

Tell = Callable[[str], None]


class GoldError(DedupError):
    """A file of labelled pairs cannot be read, or a line of it is no labelled pair."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader said of a pair.

    ``place`` is file and line. ``direction`` is as in a `Match`, None where the reader could not
    tell. ``agencies`` are those each text credits; None where they are not labelled. ``weight``
    is how many pairs one that was drawn at random stands for, None for one that was not.
    ``confidence`` is the reader's own: ``high``, ``medium`` or ``low``, where stated.
    """

    place: str
    collection: str
    a: str
    b: str
    derived: bool
    relation: str | None = None
    direction: str | None = None
    agencies: tuple[frozenset[str] | None, frozenset[str] | None] = (None, None)
    weight: float | None = None
    confidence: str | None = None

    @property
    def crossing(self) -> bool:
        """Whether exactly one side credits an agency: from the wire to an outlet."""
        return None not in self.agencies and bool(self.agencies[0]) != bool(self.agencies[1])


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with the two articles it is about."""

    label: Label
    a: Article
    b: Article


def read_labels(path: str, report: Tell) -> list[Label]:
    """Read labelled pairs, one a line; a line that is none is reported and left out.

    A line is an object with ``a``, ``b`` and ``derived`` or ``relation``; ``set``, ``direction``
    (``A``, ``B``, ``common``, ``unknown``), ``agency_a``, ``agency_b``, ``weight`` and
    ``confidence`` where known.

    Raises
    ------
    GoldError
        If the file cannot be read.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})") from None
    labels = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                labels.append(parse_label(line, f"{path}:{number}"))
            except GoldError as error:
                report(str(error))
    return labels


def parse_label(line: bytes, place: str) -> Label:
    """Parse one line.

    Raises
    ------
    GoldError
        Naming the place and what is wrong.
    """
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise GoldError(f"{place}: not valid JSON ({error})") from None
    if not isinstance(record, dict):
        raise GoldError(f"{place}: not a JSON object")
    for name in ("a", "b"):
        if not isinstance(record.get(name), str | int) or isinstance(record[name], bool):
            raise GoldError(f"{place}: {name!r} must be the id of an article")
    if str(record["a"]) == str(record["b"]):
        raise GoldError(f"{place}: 'a' and 'b' are the same article")
    relation, derived = record.get("relation"), record.get("derived")
    if relation is not None and relation not in DERIVED + NOT_DERIVED:
        known = ", ".join(DERIVED + NOT_DERIVED)
        raise GoldError(f"{place}: the relation {relation!r} is none of {known}")
    if derived is not None and not isinstance(derived, bool):
        raise GoldError(f"{place}: 'derived' must be true or false, not {derived!r}")
    if derived is None and relation is None:
        raise GoldError(f"{place}: neither 'derived' nor 'relation' is given")
    if None not in (relation, derived) and (relation in DERIVED) != derived:
        raise GoldError(f"{place}: a pair cannot be {relation!r} and have derived {derived!r}")
    towards = record.get("direction")
    if not isinstance(towards, str | None) or towards not in _DIRECTIONS:
        raise GoldError(f"{place}: 'direction' must be A, B, common or unknown, not {towards!r}")
    weight = record.get("weight")
    if weight is not None and (
        isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < inf
    ):
        raise GoldError(f"{place}: 'weight' must be a number above 0, not {weight!r}")
    confidence = record.get("confidence")
    if confidence not in (None, "high", "medium", "low"):
        raise GoldError(f"{place}: 'confidence' must be high, medium or low, not {confidence!r}")
    return Label(
        place=place,
        collection=str(record.get("set") or UNNAMED),
        a=str(record["a"]),
        b=str(record["b"]),
        derived=relation in DERIVED if derived is None else derived,
        relation=relation,
        direction=_DIRECTIONS[towards],
        agencies=(_agencies(record, "agency_a", place), _agencies(record, "agency_b", place)),
        weight=weight,
        confidence=confidence,
    )


def match_labels(
    labels: Iterable[Label],
    articles: Iterable[Article],
    docs: Sequence[str],
    gold: str,
    report: Tell,
) -> list[Pair]:
    """Put articles to their labels; a pair one of whose ids is not there is reported and left out.

    An id is an article's own; that of a file may also be its path within one of ``docs``, or
    within the folder of the ``gold`` file.
    """
    articles = list(articles)
    known: dict[str, Article | None] = {}
    for article in articles:
        for name in _names_within(article.id, docs, gold):
            known[name] = None if name in known else article  # None: the name means several
    known.update({article.id: article for article in articles})
    pairs = []
    for label in labels:
        missing = [name for name in (label.a, label.b) if known.get(name) is None]
        for name in missing:
            why = "several articles read have" if name in known else "no article read has"
            report(f"{label.place}: {why} the id {name!r}; the pair is left out")
        a, b = known.get(label.a), known.get(label.b)
        if a is not None and b is not None:
            pairs.append(Pair(label, a, b))
    return pairs


def places_of(file: str, folders: Iterable[str]) -> frozenset[str]:
    """Return the paths under which a file is met when folders are walked, and its own."""
    places = {file}
    for folder in folders:
        if folder != STDIN and Path(folder).is_dir():
            within = os.path.relpath(os.path.realpath(file), os.path.realpath(folder))
            if not within.startswith(os.pardir):
                places.add(os.path.join(folder, within))  # noqa: PTH118 - as the walk names it
    return frozenset(places)


def _names_within(article_id: str, docs: Iterable[str], gold: str) -> set[str]:
    folders = [*docs, str(Path(gold).parent)]
    prefixes = [os.path.join(folder, "") for folder in folders]  # noqa: PTH118
    names = {article_id.removeprefix(p) for p in prefixes if article_id.startswith(p)}
    if article_id in docs:
        names.add(Path(article_id).name)
    return names - {article_id}


def _agencies(record: Mapping[str, Any], field: str, place: str) -> frozenset[str] | None:
    named = record.get(field)
    if named is None:
        return None
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise GoldError(f"{place}: {field!r} must be a list of names")
    return frozenset(named)
