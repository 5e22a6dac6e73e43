"""Labelled pairs measured so that each number of the verdict can be varied.

What a verdict rests on is gathered once a pair: the two texts, their alignment, and what the
holders of their passages have. The rest is measured anew for other numbers, by the code of the
product wherever that takes them as they are. Repeated here, with its numbers as parameters, is what
holds them as constants: the rule of standing text, the counting of plain words, and the surface.
`differences` holds these copies to the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from dedup.scoring import evidence, prepared, relation
from dedup.scoring.compiled import compiled
from dedup.scoring.evidence import Evidence, gather
from dedup.scoring.match import DERIVED, NOT_DERIVED
from dedup.scoring.overlap import Overlap, measure_overlap
from dedup.scoring.passages import mark_standing
from dedup.scoring.prepared import Prepared
from dedup.scoring.relation import Rules, Verdict
from dedup.scoring.spans import Alignment, find_spans
from dedup.scoring.speech import mark_speech
from dedup.sketch.sketches import sketch
from dedup.text.furniture import headline_and_furniture

Numbers = Mapping[str, float]
"""The numbers of a verdict by name: those of `relation.toml` and those of `SHIPPED`."""

NEVER = 10_000.0
"""A threshold that nothing reaches: it switches a rule off."""
ALL_WORDS = 0
"""As ``letters``: all words outside quotations count as plain ones."""
LETTERS = (ALL_WORDS, 1, 4, 5, 6)
MASKS = ("quotation_marks", "posts", "dashes", "colon_blocks", "page_text", "standing", "apart")
"""What can take words or a pair out of the narrative; each is a number, 1 or 0."""
STANDING = ("own_share", "least_own", "whole", "near", "again", "holders", "own_days")

SHIPPED: dict[str, float] = {
    **dict.fromkeys(MASKS, 1),
    "own_share": standing.OWN_SHARE,
    "least_own": standing.LEAST_OWN,
    "whole": standing.WHOLE,
    "near": standing.NEAR,
    "again": standing.AGAIN,
    "holders": standing.HOLDERS,
    "own_days": 1,
    "letters": prepared.PLAIN_LETTERS,
    "phrase": evidence.PHRASE,
    "passage": evidence.PASSAGE,
    "power": 3,
    **{name: getattr(relation.rules(), name) for name in Rules.__slots__ if name != "version"},
}

RELATIONS = (*DERIVED, *NOT_DERIVED)
Relations = npt.NDArray[np.int8]
"""Places in `RELATIONS`, one a pair; those below ``len(DERIVED)`` are derived."""

_KEPT = 300
"""Lists of evidence remembered."""

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

    def standing(self, numbers: Numbers) -> _Bools:
        """Say which of the fingerprints are standing text, as `count_other_stories` does."""
        least, share = numbers["least_own"], numbers["own_share"]
        elsewhere = (
            (self.own_a < max(least, share * self.size_a))
            & (self.own_b < max(least, share * self.size_b))
            & (self.both < numbers["whole"] * min(self.size_a, self.size_b))
        )
        again = (self.from_a >= numbers["again"]) & (self.from_b >= numbers["again"])
        near = (self.from_a < numbers["near"]) | (self.from_b < numbers["near"])
        elsewhere = np.where(self.theirs, elsewhere | again, elsewhere & ~near)
        own_days = (self.from_a >= 1) & (self.from_b >= 1) & (self.apart >= 1)
        alone = self.of_one & own_days & bool(numbers["own_days"])
        weight = np.where(alone, numbers["holders"], 1) * elsewhere
        return np.asarray(weight @ self.holds >= numbers["holders"], np.bool_)


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
    """A labelled pair, and what was measured of it."""

    pair: Pair
    shipped: str
    holders: Holders
    seen: dict[tuple[Any, ...], Seen] = field(default_factory=dict)
    aligned: dict[tuple[float, ...], tuple[Prepared, Prepared, Alignment]] = field(
        default_factory=dict
    )

    @property
    def label(self) -> Label:
        """The label."""
        return self.pair.label

    def measure(self, numbers: Numbers) -> Seen:
        """Measure the pair; what was measured before under the same masks is remembered."""
        known = self.holders.standing(numbers) & bool(numbers["standing"])
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
        shipped = detector.compare(pair.a, pair.b).relation
        yield Subject(pair, shipped, _holders(told, *recorded[0]))


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


# Judging ----------------------------------------------------------------------------------------


class Study:
    """Pairs judged with other numbers; what was measured or judged before is remembered."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.subjects = subjects
        self._seen: dict[tuple[float, ...], list[Seen]] = {}
        self._evidence: dict[tuple[float, ...], list[Evidence]] = {}
        self._given: dict[tuple[float, ...], Relations] = {}

    def judge(self, numbers: Numbers) -> Relations:
        """Return the relation of each pair."""
        key = tuple(numbers[name] for name in SHIPPED)
        if key not in self._given:
            verdicts = self.verdicts(numbers)
            self._given[key] = relations(verdict.relation for verdict in verdicts)
        return self._given[key]

    def verdicts(self, numbers: Numbers) -> list[Verdict]:
        """Return the verdict on each pair."""
        limits = rules_of(numbers)
        with patch.object(relation, "strength", _surface(numbers["power"])):
            return [relation.judge(found, limits) for found in self.evidence(numbers)]

    def seen(self, numbers: Numbers) -> list[Seen]:
        """Return what was measured of each pair."""
        key = tuple(numbers[name] for name in (*MASKS, *STANDING))
        if key not in self._seen:
            self._seen[key] = [subject.measure(numbers) for subject in self.subjects]
        return self._seen[key]

    def evidence(self, numbers: Numbers) -> list[Evidence]:
        """Return what the rules look at."""
        varied = (*MASKS, *STANDING, "letters", "phrase", "passage")
        key = tuple(numbers[name] for name in varied)
        if key not in self._evidence:
            if len(self._evidence) >= _KEPT:
                self._evidence.clear()
            self._evidence[key] = _evidence(self.seen(numbers), numbers)
        return self._evidence[key]


def relations(names: Iterable[str]) -> Relations:
    """Return the places of relations."""
    return np.array([RELATIONS.index(name) for name in names], np.int8)


def _evidence(seen: Sequence[Seen], numbers: Numbers) -> list[Evidence]:
    words = np.concatenate([one.words for one in seen])
    letters = LETTERS.index(int(numbers["letters"]))
    phrase, passage = numbers["phrase"], numbers["passage"]
    plain = np.concatenate([one.plain[letters] for one in seen])
    plain *= np.clip((words - phrase) / (passage - phrase), 0, 1)
    sizes = [size for one in seen for size in (one.of_a, len(one.words) - one.of_a)]
    sums = np.bincount(np.repeat(np.arange(len(sizes)), sizes), plain, len(sizes))
    least = sums.reshape(-1, 2).min(axis=1).tolist()
    return [
        replace(one.evidence, plain=amount, apart=one.evidence.apart and bool(numbers["apart"]))
        for one, amount in zip(seen, least, strict=True)
    ]


def rules_of(numbers: Numbers) -> Rules:
    """Return the numbers as those of `relation.toml`."""
    fields: dict[str, Any] = {name: numbers[name] for name in Rules.__slots__ if name != "version"}
    return Rules(version="measured", **fields)


def _surface(power: float) -> Callable[[Evidence, Rules], float]:
    """Return `relation.strength` with another power of the share."""

    def strength(found: Evidence, limits: Rules) -> float:
        lift = (min(found.most, 100.0) / 100) ** power if power < NEVER else 0.0
        if relation._follows(found, limits):
            lift = max(lift, limits.reworded_lift * found.reworded / 100)
        return found.plain * (1 + lift) / limits.copied_plain

    return strength


def differences(study: Study) -> list[str]:
    """Name the pairs of which the copies here say something else than the product."""
    return [
        f"{subject.label.a} {subject.label.b}: {verdict.relation}, not {subject.shipped}"
        for subject, verdict in zip(study.subjects, study.verdicts(SHIPPED), strict=True)
        if verdict.relation != subject.shipped
        or not np.array_equal(subject.holders.standing(SHIPPED), subject.holders.known_in > 0)
    ]
