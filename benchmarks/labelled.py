"""Labelled pairs of articles: read, measured, and measured again when set otherwise.

``DIR/gold.jsonl`` holds the pairs (``set``, ``a``, ``b``, ``relation`` and where known
``direction``), ``DIR/<set>/docs.jsonl`` the articles.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.scoring.direction import direction
from dedup.scoring.evidence import Evidence, gather
from dedup.scoring.match import DERIVED
from dedup.scoring.overlap import measure_overlap
from dedup.scoring.prepared import Prepared, prepare
from dedup.scoring.relation import judge
from dedup.scoring.spans import find_spans
from dedup.scoring.speech import mark_speech

SHINGLE = 5

Label = dict[str, Any]
Articles = dict[tuple[str, str], Article]


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled pair, measured: with unquoted speech told apart, and without."""

    collection: str
    ids: tuple[str, str]
    relation: str
    towards: str | None
    told: Evidence
    untold: Evidence
    containment: float
    jaccard: float
    given_direction: str

    @property
    def derived(self) -> bool:
        """Whether the label says so."""
        return self.relation in DERIVED


def read_labels(data: Path) -> list[Label]:
    return [json.loads(line) for line in (data / "gold.jsonl").open(encoding="utf-8")]


def read_articles(data: Path) -> Iterator[tuple[tuple[str, str], Article]]:
    for file in sorted(data.glob("*/docs.jsonl")):
        for line in file.open(encoding="utf-8"):
            record = json.loads(line)
            known = {k: record.get(k) for k in ("title", "source", "url", "language")}
            published = record.get("published") or record.get("date")
            yield (
                (file.parent.name, record["id"]),
                Article(record["id"], record["text"], published=published, **known),
            )


def measure_all(
    gold: Sequence[Label],
    articles: Articles,
    change: Callable[[str], str] = str,
) -> list[Pair]:
    """Measure the labelled pairs, their texts set otherwise if asked."""
    prepared: dict[tuple[str, str], Prepared] = {}

    def side(label: Label, name: str) -> Prepared:
        key = (label["set"], label[name])
        if key not in prepared:
            article = articles[key]
            changed = replace(article, text=change(article.text))
            prepared[key] = prepare(changed, SHINGLE)
        return prepared[key]

    return [measure(label, side(label, "a"), side(label, "b")) for label in gold]


def measure(label: Label, side_a: Prepared, side_b: Prepared) -> Pair:
    a, b = side_a.text, side_b.text
    spans = find_spans(side_a, side_b)
    alignment = mark_speech(side_a, side_b, spans)
    overlap = measure_overlap(side_a, side_b, alignment)
    towards = {"A": "a->b", "B": "b->a"}.get(label.get("direction", ""), label.get("direction"))
    return Pair(
        collection=label["set"],
        ids=(label["a"], label["b"]),
        relation=label["relation"],
        towards=towards if label["relation"] in DERIVED and towards != "unknown" else None,
        told=gather(side_a, side_b, alignment, overlap),
        untold=gather(side_a, side_b, spans, measure_overlap(side_a, side_b, spans)),
        containment=max(overlap.containment_a or 0.0, overlap.containment_b or 0.0),
        jaccard=overlap.jaccard or 0.0,
        given_direction=direction(a, b, overlap),
    )


def reformatting(
    gold: Sequence[Label],
    articles: Articles,
    pairs: Sequence[Pair],
) -> dict[str, Any]:
    """Count the verdicts that change when one side, or both, are set otherwise."""
    found: dict[str, Any] = {}
    before = [judge(pair.told).relation for pair in pairs]
    changes: dict[str, Callable[[str], str]] = {
        "wrapped at 72 columns": wrapped,
        "decomposed (NFD)": lambda text: unicodedata.normalize("NFD", text),
        "composed (NFC)": lambda text: unicodedata.normalize("NFC", text),
        "straight quotes": lambda text: text.translate(_STRAIGHT),
        "a line a paragraph": lambda text: "\n".join(filter(str.strip, text.splitlines())),
    }
    for name, change in changes.items():
        after = [judge(pair.told).relation for pair in measure_all(gold, articles, change)]
        found[name] = differences(before, after)
    swapped = [{**label, "a": label["b"], "b": label["a"]} for label in gold]
    after = [judge(pair.told).relation for pair in measure_all(swapped, articles)]
    found["sides swapped"] = differences(before, after)
    return found


_STRAIGHT = str.maketrans("“”„‘’‚", "\"\"\"'''")


def wrapped(text: str, width: int = 72) -> str:
    """Wrap every line and set a blank line between paragraphs."""
    paragraphs = []
    for line in filter(str.strip, text.splitlines()):
        rows = [""]
        for word in line.split():
            if rows[-1] and len(rows[-1]) + 1 + len(word) > width:
                rows.append("")
            rows[-1] += f" {word}" if rows[-1] else word
        paragraphs.append("\n".join(rows))
    return "\n\n".join(paragraphs)


def differences(before: Sequence[str], after: Sequence[str]) -> dict[str, int]:
    both = list(zip(before, after, strict=True))
    return {
        "relation": sum(x != y for x, y in both),
        "derived": sum((x in DERIVED) != (y in DERIVED) for x, y in both),
    }
