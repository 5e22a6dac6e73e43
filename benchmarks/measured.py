"""Labelled pairs measured so that each number of the verdict can be varied.

What a verdict rests on is gathered once a pair: the two texts, their alignment, and what the
holders of their passages have. The rest is measured anew for other numbers, by the code of the
product wherever that takes them as they are; what holds its numbers as constants is repeated in
``study.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.bench.corpus import Collection, read_collections, targets
from dedup.bench.gold import Label, Pair, read_labels
from dedup.detector import Detector
from dedup.index import standing
from dedup.reading.inputs import read_articles
from dedup.scoring import prepared
from dedup.scoring.compiled import compiled
from dedup.scoring.evidence import Evidence, gather
from dedup.scoring.match import Match
from dedup.scoring.overlap import Overlap, measure_overlap
from dedup.scoring.passages import mark_standing
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import Alignment, find_spans
from dedup.scoring.speech import mark_speech
from dedup.sketch.sketches import sketch
from dedup.text.furniture import headline_and_furniture

Numbers = Mapping[str, float]
"""The numbers of a verdict by name."""

ALL_WORDS = 0
"""As ``letters``: all words outside quotations count as plain ones."""
LETTERS = (ALL_WORDS, 1, 4, 5, 6)
MASKS = ("quotation_marks", "posts", "dashes", "colon_blocks", "page_text", "standing", "apart")
"""What can take words or a pair out of the narrative; each is a number, 1 or 0."""

_Bools = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """What two articles share, and the texts asked about it.

    ``keys`` uint32[m] are the fingerprints in common, ``holds`` bool[n, m] says which of them each
    of n texts holds. ``own_a`` and ``own_b`` count what each shares with one side alone, ``both``
    what it shares with both; ``from_a`` and ``from_b`` are days between, NaN where unknown.
    ``theirs`` says that a text is of the outlet of either side, ``of_one`` of both.
    """

    keys: npt.NDArray[np.uint32]
    known_in: npt.NDArray[np.int64]
    size_a: int
    size_b: int
    holds: _Bools
    own_a: _Floats
    own_b: _Floats
    both: _Floats
    from_a: _Floats
    from_b: _Floats
    apart: float
    theirs: _Bools
    of_one: _Bools


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A pair measured under some masks and some standing text.

    ``words`` int[n] and ``plain`` float[letters, n] are the copied words and plain words of each
    passage, those of A first: ``of_a`` says how many.
    """

    evidence: Evidence
    overlap: Overlap
    of_a: int
    words: _Floats
    plain: _Floats


@dataclass(eq=False)
class Subject:
    """A labelled pair, the program's verdict inside its collection, and what was measured."""

    pair: Pair
    match: Match
    holders: Holders
    seen: dict[tuple[Any, ...], Seen] = field(default_factory=dict)
    aligned: dict[tuple[float, ...], tuple[Prepared, Prepared, Alignment]] = field(
        default_factory=dict
    )

    @property
    def label(self) -> Label:
        """The label."""
        return self.pair.label

    def measure(self, numbers: Numbers, known: _Bools) -> Seen:
        """Measure the pair, some fingerprints being standing text, under some of the masks."""
        page = tuple(numbers[name] for name in _OF_A_TEXT)
        key = (page, numbers["colon_blocks"], known.tobytes())
        if key not in self.seen:
            if page not in self.aligned:
                side_a, side_b = (_prepare(x, page) for x in (self.pair.a, self.pair.b))
                found = find_spans(side_a, side_b, aligner=compiled().align)
                self.aligned[page] = side_a, side_b, found
            side_a, side_b, found = self.aligned[page]
            if numbers["colon_blocks"]:
                found = mark_speech(side_a, side_b, found)
            of_pair = standing.Standing(self.holders.keys, known.astype(np.int64), SHINGLE)
            self.seen[key] = _see(side_a, side_b, mark_standing(side_a, side_b, found, of_pair))
        return self.seen[key]


SHINGLE = 5
_OF_A_TEXT = ("quotation_marks", "posts", "dashes", "page_text")
_known: dict[tuple[Article, tuple[float, ...]], Prepared] = {}


def measure_collections(data: Path, fail: Callable[[str], Any]) -> list[Subject]:
    """Read the labelled pairs of a folder, and ask the articles of each collection about them."""
    gold = str(data / "gold.jsonl")
    collections = read_collections(
        [str(data)],
        gold,
        targets(read_labels(gold, fail)),
        lambda paths: list(read_articles(paths, lambda problem: fail(problem.message))),
        fail,
    )
    return [subject for collection in collections for subject in _ask(collection)]


def _ask(collection: Collection) -> Iterator[Subject]:
    detector = Detector()
    detector.add(collection.articles)
    library = standing.StandingText(detector.library)
    for pair in collection.pairs:
        with _recorded() as recorded:
            sketches = sketch([pair.a.text, pair.b.text], detector.parameters)
            told = library.of_pair(pair.a, pair.b, sketches)
        match = detector.compare(pair.a, pair.b)
        yield Subject(pair, match, _holders(told, *recorded[0]))


@contextmanager
def _recorded() -> Iterator[list[Sequence[Any]]]:
    """Keep what `count_other_stories` is given."""
    given: list[Sequence[Any]] = []
    tools = standing._tools(compiled=False)  # nobody else has the inputs of the rule

    def count(*arrays: Any) -> Any:  # noqa: ANN401
        given.append(arrays)
        return tools.count(*arrays)

    with patch.object(standing, "_tools", lambda **_: replace(tools, count=count)):
        yield given


def _holders(told: standing.Standing, *arrays: Any) -> Holders:  # noqa: ANN401
    """Turn the inputs of `count_other_stories` for one pair into what its rule looks at."""
    keys, _, outlets_a, days_a, _, (other,), values, bounds, outlets, days, _, _, _, asked = arrays
    asked = asked[asked >= 0]
    theirs = values[bounds[other] : bounds[other + 1]]
    texts = [values[bounds[at] : bounds[at + 1]] for at in asked.tolist()]
    in_a = np.array([np.isin(text, keys).sum() for text in texts], np.float64)
    in_b = np.array([np.isin(text, theirs).sum() for text in texts], np.float64)
    holds = np.array([np.isin(told.keys, text) for text in texts], np.bool_)
    holds = holds.reshape(len(texts), len(told.keys))
    both = holds.sum(axis=1).astype(np.float64)
    outlet, outlet_a, outlet_b = outlets[asked], outlets_a[0], outlets[other]
    is_known = outlet >= 0
    return Holders(
        keys=told.keys,
        known_in=told.known_in,
        size_a=len(keys),
        size_b=len(theirs),
        holds=holds,
        own_a=in_a - both,
        own_b=in_b - both,
        both=both,
        from_a=np.abs(days[asked] - days_a[0]),
        from_b=np.abs(days[asked] - days[other]),
        apart=float(np.abs(days_a[0] - days[other])),
        theirs=is_known & ((outlet == outlet_a) | (outlet == outlet_b)),
        of_one=is_known & (outlet == outlet_a) & (outlet == outlet_b),
    )


def _prepare(article: Article, page: tuple[float, ...]) -> Prepared:
    """Prepare an article with some masks left out."""
    key = (article, page)
    if key not in _known:
        kept = dict(zip(_OF_A_TEXT, page, strict=True))
        absent: dict[str, tuple[str, Callable[..., Any]]] = {
            "quotation_marks": ("dedup.text.annotate.quotations", lambda *_: []),
            "posts": ("dedup.text.statements._posts", lambda *_: []),
            "dashes": ("dedup.text.statements._dialogue", lambda *_: []),
            "page_text": (
                "dedup.text.annotate.headline_and_furniture",
                lambda *given: (headline_and_furniture(*given)[0], []),
            ),
        }
        with ExitStack() as stack:
            for name, (target, nothing) in absent.items():
                if not kept[name]:
                    stack.enter_context(patch(target, nothing))
            _known[key] = compiled().prepare(article, SHINGLE)
    return _known[key]


def _see(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> Seen:
    overlap = measure_overlap(side_a, side_b, alignment)
    words_a, plain_a = _passages(
        side_a,
        [span.a for span in alignment.spans],
        alignment.copied_a & side_a.text.body & ~alignment.quoted_a & ~alignment.standing_a,
    )
    words_b, plain_b = _passages(
        side_b,
        [span.b for span in alignment.spans],
        alignment.copied_b & side_b.text.body & ~alignment.quoted_b & ~alignment.standing_b,
    )
    return Seen(
        gather(side_a, side_b, alignment, overlap),
        overlap,
        len(words_a),
        np.array(words_a + words_b, np.float64),
        np.array(plain_a + plain_b, np.float64).reshape(-1, len(LETTERS)).T,
    )


def _passages(
    side: Prepared, spans: Sequence[tuple[int, int]], copied: _Bools
) -> tuple[list[int], list[list[float]]]:
    """Count the copied words of each passage, and the plain ones for each of `LETTERS`."""
    plain = [_plain(side, letters) for letters in LETTERS]
    counts: list[int] = []
    plain_counts: list[list[float]] = []
    for span in spans:
        part = slice(*np.searchsorted(side.text.words.starts, span))
        counts.append(int(side.sizes[part][copied[part]].sum()))
        plain_counts.append([float(of[part][copied[part]].sum()) for of in plain])
    return counts, plain_counts


def _plain(side: Prepared, letters: int) -> npt.NDArray[np.float32]:
    if letters == ALL_WORDS:
        return side.sizes
    if letters == prepared.PLAIN_LETTERS:
        return side.plain
    key = (side.text.article.id, id(side), letters)
    if key not in _plain_known:
        with patch.object(prepared, "PLAIN_LETTERS", letters):
            _plain_known[key] = prepared._plain(
                side.text, side.sizes, side.sentences, side.paragraphs
            )
    return _plain_known[key]


_plain_known: dict[tuple[str, int, int], npt.NDArray[np.float32]] = {}
