"""Comparing records with their candidates, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from dedup.article import Article, Credit
from dedup.filtering.digest import Digest, digest
from dedup.index.standing import Standing
from dedup.scoring.compiled import COMPILING_PAYS, ToolChoice
from dedup.scoring.evidence import may_be_derived
from dedup.scoring.match import Match
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import find_spans
from dedup.scoring.verifying import conclude, worth_aligning
from dedup.sketch import sketches
from dedup.sketch.parameters import SketchParameters
from dedup.text.hashing import Hashes

_REMEMBERED_SHINGLES = 2_000_000
"""Shingles of the articles kept at hand; with all that is prepared some 80 bytes each."""

BYTES_A_PAIR = 20_000
"""Bytes of records that bring a pair to compare, about; it only says what is worth loading."""


class Task(NamedTuple):
    """A record and the known articles to compare it with.

    ``credits`` are those found in the record's text, ``known_credits`` those of the known ones
    where they were found before; ``standings`` say what other stories hold of each pair. With
    ``everything`` pairs that cannot be derived are wanted too.
    """

    article: Article
    credits: tuple[Credit, ...]
    known: Sequence[Article]
    known_credits: Sequence[tuple[Credit, ...] | None]
    standings: Sequence[Standing | None]
    everything: bool = False


Matches = Sequence[Match | None]
"""The matches of a record with each known article, None where it cannot be derived."""


class Works(Protocol):
    """Whatever does the work on words: in this process, or in several others."""

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming."""

    def digest(self, texts: Sequence[str]) -> Callable[[], Digest]:
        """Begin to make what is needed of texts before they are looked up."""

    def start(self, tasks: Sequence[Task]) -> Callable[[], list[Matches]]:
        """Begin to compare records; what is returned gives the results."""


class Comparer:
    """Compares records; what an article needs for it is made once and remembered for a while.

    Parameters
    ----------
    parameters
        How articles are sketched.
    at_once
        Whether to load what is compiled at once, not only when many pairs have come.
    spans
        Whether the matches say where it was found, not only what.
    threads
        Threads to sketch with, all processors unless told.
    """

    def __init__(
        self,
        parameters: SketchParameters,
        *,
        at_once: bool = False,
        spans: bool = True,
        threads: int | None = None,
    ) -> None:
        self._parameters = parameters
        self._spans = spans
        self._threads = threads
        self._choice = ToolChoice()
        if at_once:
            self._choice.expect(COMPILING_PAYS)
        self._sides: OrderedDict[str, _Side] = OrderedDict()
        self._shingles = 0

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; load what pays for them."""
        sketches.expect(size)
        self._choice.expect(size // BYTES_A_PAIR)

    def digest(self, texts: Sequence[str]) -> Callable[[], Digest]:
        """Make what is needed of texts before they are looked up, when it is asked for."""
        return lambda: digest(texts, self._parameters, self._threads)

    def compare(self, tasks: Sequence[Task]) -> list[Matches]:
        """Compare records with their candidates."""
        self._choice.expect(sum(len(task.known) for task in tasks))
        return [self._compare(task) for task in tasks]

    def start(self, tasks: Sequence[Task]) -> Callable[[], list[Matches]]:
        """Compare records when their results are asked for."""
        return lambda: self.compare(tasks)

    def _compare(self, task: Task) -> Matches:
        side = self._side(task.article)
        matches = []
        for article, credits_, standing in zip(
            task.known, task.known_credits, task.standings, strict=True
        ):
            known = self._side(article)
            match = None
            if worth_aligning(known.shingles, side.shingles, standing, everything=task.everything):
                known_text = self._prepare(known, credits_)
                text = self._prepare(side, task.credits)
                alignment = find_spans(known_text, text, aligner=self._choice.tools.align)
                if task.everything or may_be_derived(known_text, text, alignment):
                    hasher = self._choice.tools.hash_shingles
                    match = conclude(known_text, text, alignment, None, standing, hasher)
            matches.append(match if self._spans or match is None else replace(match, spans=()))
        return matches

    def _side(self, article: Article) -> _Side:
        known = self._sides.get(article.id)
        if known is not None and known.article == article:
            self._sides.move_to_end(article.id)
            return known
        self._forget(article.id)
        side = _Side(article, self._choice.tools.shingles_of(article, self._parameters.k))
        self._sides[article.id] = side
        self._shingles += len(side.shingles)
        while self._shingles > _REMEMBERED_SHINGLES and len(self._sides) > 2:
            self._forget(next(iter(self._sides)))
        return side

    def _prepare(self, side: _Side, found_credits: Sequence[Credit] | None) -> Prepared:
        if side.prepared is None:
            side.prepared = self._choice.tools.prepare(
                side.article, self._parameters.k, side.shingles, found_credits
            )
        return side.prepared

    def _forget(self, article_id: str) -> None:
        forgotten = self._sides.pop(article_id, None)
        if forgotten is not None:
            self._shingles -= len(forgotten.shingles)


@dataclass(slots=True, eq=False)
class _Side:
    """What was made of an article so far."""

    article: Article
    shingles: Hashes
    prepared: Prepared | None = None


class Remembered:
    """Compares what is new, and remembers the rest until told to forget it.

    It is for batches that are decided again because another worker was quicker.
    """

    def __init__(self, comparer: Works) -> None:
        self._comparer = comparer
        self._results: dict[Hashable, Matches] = {}

    def start(self, tasks: Sequence[Task]) -> Callable[[], list[Matches]]:
        """Begin to compare records; what is returned gives the results."""
        keys = [_key(task) for task in tasks]
        known = {key: self._results[key] for key in keys if key in self._results}
        new = {key: task for key, task in zip(keys, tasks, strict=True) if key not in known}
        started = self._comparer.start(list(new.values())) if new else list

        def results() -> list[Matches]:
            found = known | dict(zip(new, started(), strict=True))
            self._results |= found
            return [found[key] for key in keys]

        return results

    def forget(self) -> None:
        """Forget all comparisons."""
        self._results.clear()


def _key(task: Task) -> Hashable:
    standings = (
        None if one is None else (one.keys.tobytes(), one.known_in.tobytes(), one.held_elsewhere)
        for one in task.standings
    )
    return task.article, tuple(task.known), tuple(standings)
