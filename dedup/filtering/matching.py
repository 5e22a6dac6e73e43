"""Matching a batch: comparing its records with what they may be taken from.

What a record is compared with, and what of that is standing text, depends on which before it are
kept. So that other processes have work while records are decided, all of a batch are compared as if
all of them were kept. Where one is not, what counted on it is weighed again, and compared again if
that says something else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from dedup.article import Article, Credit
from dedup.filtering.batch import Batch
from dedup.filtering.comparing import Matches, Task
from dedup.filtering.sequence import Candidate
from dedup.filtering.weighing import Weighing, age
from dedup.index.library import Library
from dedup.index.standing import Standing, StandingText
from dedup.scoring.match import FoundBy, Match

_REMEMBERED = 50_000_000
"""Characters of articles that are kept at hand."""

Start = Callable[[Sequence[Task]], Callable[[], Sequence[Matches]]]
"""Begins to compare records; what is returned gives the results."""


class Matcher:
    """What is needed to match batch after batch.

    Parameters
    ----------
    library
        The known articles.
    start
        Compares the words.
    everything
        Whether pairs that share nothing but standing text are compared too.
    """

    def __init__(self, library: Library, start: Start, *, everything: bool = False) -> None:
        self.index = library.index
        self.start = start
        self.everything = everything
        self.known = KnownArticles(library)
        self.standing = StandingText(library)

    def remember(self, batch: Batch, added: Mapping[int, tuple[int, Article]]) -> None:
        """Have records of a batch at hand that were added to the library: rows and articles."""
        for number, (row, article) in added.items():
            self.known.remember(row, article, batch.found_credits[number])
            self.standing.remember(row, (article, batch.sketches.fingerprints_of(number)))


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
        self._weighing = Weighing(
            batch, matcher.index, matcher.standing, everything=matcher.everything
        )
        self._expected = self._weighing.weigh(range(batch.safe), batch.possible)
        self._lost: set[int] = set()
        self._begun: dict[int, Sequence[Candidate]] = {}
        for number, weighed in enumerate(self._expected):
            others = batch.choose(number, weighed.candidates).others
            if others:
                self._begun[number] = others
        matcher.known.load(one.ref for some in self._begun.values() for one in some if one.ref >= 0)
        self._results = matcher.start([self._task(*begun) for begun in self._begun.items()])
        self._matches: dict[int, dict[int, tuple[Standing | None, Match | None]]] | None = None

    def lose(self, number: int) -> None:
        """Take note that a record is not added."""
        self._lost.add(number)

    def candidates(self, number: int) -> list[Candidate]:
        """Return what a record may be compared with, now that all before it are decided."""
        expected = self._expected[number]
        if not self._lost.isdisjoint(expected.counting_on):
            expected = self._weighing.weigh(range(number, number + 1), self.batch.slots)[0]
        return expected.candidates

    def best(self, number: int, candidates: Sequence[Candidate]) -> tuple[str | None, Match | None]:
        """Return the match a decision goes by, and, if it is derived, the group it leads to.

        Of matches the best derived one, else the one with the highest narrative percentage; of
        equals the oldest.
        """
        found = [
            (one, match)
            for one, match in zip(candidates, self._compare(number, candidates), strict=True)
            if match is not None
        ]
        if not found:
            return None, None
        candidate, match = max(found, key=lambda pair: _rank(*pair))
        member = self.batch.member(candidate.ref)
        jaccard = self._jaccard(number, candidate.ref)
        match = replace(
            match,
            a=replace(match.a, id=member.id),
            found_by=FoundBy(candidate.bands, candidate.fingerprints, jaccard),
        )
        return member.group if match.derived else None, match

    def article(self, ref: int) -> Article:
        """Return the article of a reference."""
        return self._matcher.known.article(ref) if ref >= 0 else self.batch.articles[~ref]

    def _compare(self, number: int, candidates: Sequence[Candidate]) -> Matches:
        """Return the matches of a record; what was not compared as it is weighed now, is now."""
        if not candidates:
            return []
        known = self._received().setdefault(number, {})
        new = []
        for one in candidates:
            before = known.get(one.ref)
            if before is None or not _says_same(before[0], one.standing):
                new.append(one)
        if new:
            matches = self._matcher.start([self._task(number, new)])()[0]
            self._take(number, new, matches)
        return [known[one.ref][1] for one in candidates]

    def _received(self) -> dict[int, dict[int, tuple[Standing | None, Match | None]]]:
        """Wait for what was begun."""
        if self._matches is None:
            self._matches = {}
            for (number, candidates), matches in zip(
                self._begun.items(), self._results(), strict=True
            ):
                self._matches[number] = {}
                self._take(number, candidates, matches)
        return self._matches

    def _take(self, number: int, candidates: Sequence[Candidate], matches: Matches) -> None:
        assert self._matches is not None
        self.compared += len(candidates)
        self._matches[number].update(
            (one.ref, (one.standing, match)) for one, match in zip(candidates, matches, strict=True)
        )

    def _task(self, number: int, candidates: Sequence[Candidate]) -> Task:
        return Task(
            self.batch.articles[number],
            self.batch.found_credits[number],
            [self.article(one.ref) for one in candidates],
            [self._credits(one.ref) for one in candidates],
            [one.standing for one in candidates],
            self._matcher.everything,
        )

    def _jaccard(self, number: int, ref: int) -> float:
        signatures = self.batch.sketches.signatures
        other = signatures[~ref] if ref < 0 else self._matcher.index.signatures([ref])[0]
        return float((signatures[number] == other).mean())

    def _credits(self, ref: int) -> tuple[Credit, ...] | None:
        return self._matcher.known.credits(ref) if ref >= 0 else self.batch.found_credits[~ref]


def _rank(candidate: Candidate, match: Match) -> tuple[bool, float, int]:
    narrative = match.overlap.narrative_percent_b
    score = match.score if match.derived else -1.0 if narrative is None else narrative
    return match.derived, score, -age(candidate.ref)


def _says_same(before: Standing | None, now: Standing | None) -> bool:
    return before is now or (before is not None and now is not None and before.says_as(now))


class KnownArticles:
    """The articles of a library by row, those last used kept at hand."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._articles: OrderedDict[int, Article] = OrderedDict()
        self._credits: dict[int, tuple[Credit, ...]] = {}
        self._characters = 0

    def load(self, rows: Iterable[int]) -> None:
        """Have the articles of rows at hand."""
        new = sorted({row for row in rows if row not in self._articles})
        for row, article in zip(new, self._library.articles(new), strict=True):
            self.remember(row, article)

    def remember(
        self, row: int, article: Article, found_credits: tuple[Credit, ...] | None = None
    ) -> None:
        """Keep the article of a row at hand, and the credits found in its text, if they were."""
        self._articles[row] = article
        if found_credits is not None:
            self._credits[row] = found_credits
        self._characters += len(article.text)
        while self._characters > _REMEMBERED and len(self._articles) > 1:
            row, forgotten = self._articles.popitem(last=False)
            self._credits.pop(row, None)
            self._characters -= len(forgotten.text)

    def article(self, row: int) -> Article:
        """Return the article of a row."""
        if row not in self._articles:
            self.load([row])
        self._articles.move_to_end(row)
        return self._articles[row]

    def credits(self, row: int) -> tuple[Credit, ...] | None:
        """Return the credits found in the text of a row, None where they are not at hand."""
        return self._credits.get(row)
