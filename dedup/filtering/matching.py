"""Matching a batch: comparing its records with what they may be taken from.

What a record is compared with depends on which before it are kept. So that other processes have
work while records are decided, all of a batch are begun to be compared as if all of them were kept;
where one is not, those that counted on it may have others to be compared with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from dedup.article import Article, Credit
from dedup.filtering.batch import Batch
from dedup.filtering.comparing import Compared, Task, best_of, compare_in_order
from dedup.filtering.known import KnownArticles
from dedup.filtering.narrowing import STANDING, Promising, Shingles, ShingleSets, promises
from dedup.filtering.remembered import Compares
from dedup.filtering.restricting import age
from dedup.filtering.sequence import UNDECIDED, Candidate, is_row
from dedup.index.library import Library
from dedup.scoring.match import FoundBy, Match

TOGETHER = 64
"""Records that are compared together: others are chosen and decided meanwhile."""


class Matcher:
    """Who compares, and what is at hand of the known articles for it.

    Parameters
    ----------
    library
        The known articles.
    comparer
        Who compares the words.
    """

    def __init__(self, library: Library, comparer: Compares) -> None:
        self.index = library.index
        self.comparer = comparer
        self.known = KnownArticles(library)
        self.shingles = ShingleSets(self.known, library.index.parameters.k)

    def remember(self, batch: Batch, added: Mapping[int, tuple[int, Article]]) -> None:
        """Have records of a batch at hand that were added to the library: rows and articles."""
        for number, (row, article) in added.items():
            self.shingles.remember(row, batch.shingles[number])
            self.known.remember(row, article, batch.found_credits[number])


class _Candidates(NamedTuple):
    """What a record may be compared with, and what of that is worth it, the best first of each."""

    chosen: Sequence[Candidate]
    promising: Sequence[Promising]


class _Awaited(NamedTuple):
    """What is being compared of the records before ``end``: the pairs of those with ``numbers``."""

    end: int
    numbers: Sequence[int]
    pairs: Callable[[], Sequence[Sequence[Compared]]]


class _Revised(NamedTuple):
    """What is being compared of a record besides, since others were not kept: pairs with refs."""

    refs: Sequence[int]
    pairs: Callable[[], Sequence[Sequence[Compared]]]


class Matching:
    """A batch that is being compared; ``compared`` counts its pairs so far.

    Parameters
    ----------
    batch
        The records.
    matcher
        Who compares.
    """

    def __init__(self, batch: Batch, matcher: Matcher) -> None:
        self.batch = batch
        self.compared = 0
        self._matcher = matcher
        self._awaited: deque[_Awaited] = deque()
        self._candidates: list[_Candidates] = []
        self._counting_on: dict[int, list[int]] = {}
        self._revised: dict[int, list[_Revised]] = {}
        self._pairs: list[dict[int, Compared]] = []
        for first in range(0, batch.safe, TOGETHER):
            self._begin(range(first, min(first + TOGETHER, batch.safe)))

    def settle(self, rows: Mapping[int, int], unknown: Set[str]) -> None:
        """Go on when the batch before is decided; ``rows`` are those of its slots."""
        self.batch.settle(rows, unknown)
        # What was not added keeps the name it had, which is nobody's now.
        named = {UNDECIDED + number: row for number, row in rows.items()}
        for number, (chosen, promising) in enumerate(self._candidates):
            if any(one.ref >= UNDECIDED for one in chosen):
                self._candidates[number] = _Candidates(
                    [one._replace(ref=named.get(one.ref, one.ref)) for one in chosen],
                    [one._replace(ref=named.get(one.ref, one.ref)) for one in promising],
                )
        for ref in self._counting_on:
            if ref >= UNDECIDED and ref not in named:
                self.lose(ref)

    def lose(self, lost: int) -> None:
        """Take note that a record is not kept: begin to compare what comes in its place."""
        batch = self.batch
        for number in self._counting_on.get(lost, ()):
            chosen, promising = self._candidates[number]
            if number < len(batch.groups) or len(chosen) <= STANDING:
                continue  # decided, or every shingle counted for the whole of it as it is
            begun = {one.ref for one in promising}
            begun.update(ref for one in self._revised.get(number, ()) for ref in one.refs)
            left = batch.choose(number, batch.possible).others
            more = [one for one in self._promising(number, left) if one.ref not in begun]
            if more:
                pairs = self._matcher.comparer.start([self._task(number, more)], first=True)
                refs = [one.ref for one in more]
                self._revised.setdefault(number, []).append(_Revised(refs, pairs))

    def best(self, number: int, candidates: Sequence[Candidate]) -> tuple[str | None, Match | None]:
        """Return the match a decision goes by, and, if it is derived, the group it leads to."""
        while number >= len(self._pairs):
            self._receive()
        if not candidates:
            return None, None
        chosen, promising = self._candidates[number]
        if candidates != chosen:
            promising = self._promising(number, candidates)
        pairs = compare_in_order(
            [one.estimate for one in promising], lambda at: self._pair(number, promising[at])
        )
        best = best_of(pairs, [age(one.ref) for one in promising])
        if best is None:
            return None, None
        ref, pair = promising[best].ref, pairs[best]
        if pair.match is None:  # another was better when it was compared
            pair = self._compare(number, promising[best])
        assert pair.match is not None
        member = self.batch.member(ref)
        evidence = next(one for one in candidates if one.ref == ref)
        match = replace(
            pair.match,
            a=replace(pair.match.a, id=member.id),
            found_by=FoundBy(evidence.bands, evidence.fingerprints, self._jaccard(number, ref)),
        )
        return member.group if match.derived else None, match

    def article(self, ref: int) -> Article:
        """Return the article of a reference."""
        held = self.batch.at(ref)
        return self._matcher.known.article(ref) if held is None else held[0].articles[held[1]]

    def abandon(self) -> None:
        """Let go of the results that nobody needs any more."""
        self._awaited.clear()
        self._revised.clear()

    def _begin(self, numbers: range) -> None:
        """Begin to compare records as if all were kept."""
        batch, matcher = self.batch, self._matcher
        choices = [batch.choose(number, batch.possible) for number in numbers]
        wanted = {one.ref for some in choices for one in (*some.others, *some.versions)}
        matcher.shingles.load(sorted(filter(is_row, wanted)))
        for number, choice in zip(numbers, choices, strict=True):
            chosen = choice.others
            self._candidates.append(_Candidates(chosen, self._promising(number, chosen)))
            for ref in (one.ref for one in chosen if not is_row(one.ref)):
                self._counting_on.setdefault(ref, []).append(number)
        promising = {number: self._candidates[number].promising for number in numbers}
        refs = {one.ref for some in promising.values() for one in some}
        matcher.known.load(filter(is_row, refs))
        compared = [number for number in numbers if promising[number]]
        pairs = matcher.comparer.start([self._task(n, promising[n]) for n in compared])
        self._awaited.append(_Awaited(numbers.stop, compared, pairs))

    def _receive(self) -> None:
        """Wait for what came of the next records that were begun together."""
        awaited = self._awaited.popleft()
        received = dict(zip(awaited.numbers, awaited.pairs(), strict=True))
        for number in range(len(self._pairs), awaited.end):
            pairs = received.get(number, ())
            refs = [one.ref for one in self._candidates[number].promising]
            self._pairs.append(dict(zip(refs, pairs, strict=False)))
            self.compared += len(pairs)

    def _promising(self, number: int, candidates: Sequence[Candidate]) -> list[Promising]:
        """Return the candidates worth comparing, the most promising first."""
        if not candidates:
            return []
        others = [self._shingles(candidate.ref) for candidate in candidates]
        estimates = promises(self.batch.shingles[number], others)
        found = []
        for candidate, estimate in zip(candidates, estimates, strict=True):
            promised = 1.0 if candidate.identical else estimate
            if promised is not None:
                found.append(Promising(candidate.ref, promised))
        return sorted(found, key=lambda one: (-one.estimate, age(one.ref)))

    def _pair(self, number: int, promising: Promising) -> Compared:
        """Return a pair; most were compared ahead, but for those of a series."""
        known = self._pairs[number]
        if promising.ref not in known:
            for revised in self._revised.pop(number, ()):
                pairs = revised.pairs()[0]
                known.update(zip(revised.refs, pairs, strict=False))
                self.compared += len(pairs)
        if promising.ref not in known:
            known[promising.ref] = self._compare(number, promising)
        return known[promising.ref]

    def _compare(self, number: int, promising: Promising) -> Compared:
        self.compared += 1
        tasks = [self._task(number, [promising])]
        return self._matcher.comparer.start(tasks, first=True)()[0][0]

    def _task(self, number: int, promising: Sequence[Promising]) -> Task:
        return Task(
            self.batch.articles[number],
            self.batch.found_credits[number],
            [self.article(one.ref) for one in promising],
            [self._credits(one.ref) for one in promising],
            [one.estimate for one in promising],
            [age(one.ref) for one in promising],
        )

    def _jaccard(self, number: int, ref: int) -> float:
        signatures = self.batch.sketches.signatures
        other = signatures[~ref] if ref < 0 else self._matcher.index.signatures([ref])[0]
        return float((signatures[number] == other).mean())

    def _credits(self, ref: int) -> tuple[Credit, ...] | None:
        held = self.batch.at(ref)
        return self._matcher.known.credits(ref) if held is None else held[0].found_credits[held[1]]

    def _shingles(self, ref: int) -> Shingles:
        held = self.batch.at(ref)
        return self._matcher.shingles.row(ref) if held is None else held[0].shingles[held[1]]
