"""Comparing records with their candidates, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from dedup.article import Article, Credit
from dedup.filtering.digest import Digest, digest
from dedup.index.standing import Standing
from dedup.scoring.compiled import COMPILING_PAYS, ToolChoice
from dedup.scoring.evidence import may_be_derived
from dedup.scoring.match import Match
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import find_spans
from dedup.scoring.verifying import conclude, share_enough
from dedup.sketch import sketches
from dedup.sketch.parameters import SketchParameters

_REMEMBERED_WORDS = 2_000_000
"""Words of the articles kept prepared; some 80 bytes each."""

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
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._words = 0

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
        side = self._prepare(task.article, task.credits)
        matches = []
        for article, credits_, standing in zip(
            task.known, task.known_credits, task.standings, strict=True
        ):
            match = self._match(self._prepare(article, credits_), side, standing, task.everything)
            matches.append(match if self._spans or match is None else replace(match, spans=()))
        return matches

    def _match(
        self, known: Prepared, side: Prepared, standing: Standing | None, everything: bool
    ) -> Match | None:
        if not share_enough(known.shingles, side.shingles):
            return None
        alignment = find_spans(known, side, aligner=self._choice.tools.align)
        if not everything and not may_be_derived(known, side, alignment):
            return None
        return conclude(known, side, alignment, None, standing)

    def _prepare(self, article: Article, found_credits: Sequence[Credit] | None) -> Prepared:
        known = self._prepared.get(article.id)
        if known is not None and known.text.article == article:
            self._prepared.move_to_end(article.id)
            return known
        known = self._choice.tools.prepare(article, self._parameters.k, found_credits=found_credits)
        self._forget(article.id)
        self._prepared[article.id] = known
        self._words += len(known.numbers)
        while self._words > _REMEMBERED_WORDS and len(self._prepared) > 1:
            self._forget(next(iter(self._prepared)))
        return known

    def _forget(self, article_id: str) -> None:
        forgotten = self._prepared.pop(article_id, None)
        if forgotten is not None:
            self._words -= len(forgotten.numbers)


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
        None if one is None else (one.keys.tobytes(), one.known_in.tobytes(), one.least)
        for one in task.standings
    )
    return task.article, tuple(task.known), tuple(standings)
