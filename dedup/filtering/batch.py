"""A batch of records while it is being decided.

What a record is compared with is named by a reference: a row of the library, or ``~number`` (below
0) of an earlier record of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

from dedup.article import Article, Credit
from dedup.filtering.digest import Digest
from dedup.filtering.options import FilterOptions
from dedup.filtering.restricting import Chosen, Restriction, choose
from dedup.filtering.sequence import Candidate, SequencedBatch
from dedup.filtering.state import Key, Member, State, date_of
from dedup.index.library import Library
from dedup.text.credits import stated_credits


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record: its article, and the value of the field that names its series, if it has one."""

    article: Article
    series: str | None = None


class Batch:
    """Records that are looked up together; ``safe`` is how many of them can be decided.

    Parameters
    ----------
    library, state
        What was known before.
    items
        The records.
    digest
        What was made of them.
    options
        How to decide.
    unknown
        The ids among theirs that were never heard of.
    """

    def __init__(
        self,
        library: Library,
        state: State,
        items: Sequence[tuple[Key, Incoming]],
        digest: Digest,
        options: FilterOptions,
        unknown: Set[str],
    ) -> None:
        self._library = library
        self._state = state
        self._options = options
        self.sketches = digest.sketches
        self.found_credits = digest.credits
        self.sequenced = SequencedBatch(library.index, digest.sketches)
        self.safe = self.sequenced.safe
        items = items[: self.safe]
        self.keys = [key for key, _ in items]
        self.articles = [record.article for _, record in items]
        self.series = [record.series for _, record in items]
        self.dated = [date_of(article) for article in self.articles]
        self.unknown = unknown
        self.existing = [self._existing(article) for article in self.articles]
        self.groups: list[str] = []
        self.representatives: dict[str, int] = {}
        self.slots: set[int] = set()
        self.possible = frozenset(
            number
            for number in range(self.safe)
            if self.sequenced.first_of_text(number) == number
            and self.sequenced.same_known(number) is None
        )
        """The records that may be in the index when later ones are decided."""
        self._further: dict[int, list[int]] = {}
        self._restrictions = self._restrict()

    def credits(self, number: int) -> tuple[Credit, ...]:
        """Return what a record's file states and what was found in its text."""
        stated = stated_credits(self.articles[number].credits)
        return (*stated, *self.found_credits[number])

    def choose(self, number: int, candidates: Sequence[Candidate]) -> Chosen:
        """Choose among its candidates what to compare a record with."""
        return choose(
            candidates,
            self._restrictions[number],
            self._copies,
            self._options.compared,
        )

    def is_update(self, number: int) -> bool:
        """Say whether an earlier version of a record, or of its series, has been seen."""
        return self._updates[number]

    def story(self, number: int) -> str:
        """Return the group a record belongs to if it is taken from nothing else."""
        known = self._stories[number]
        if known is not None:
            return known
        value = self.series[number]
        if value is not None:
            for other in range(number):
                if self.series[other] == value:
                    return self.groups[other]
        return self.keys[number][0]

    def member(self, ref: int) -> Member:
        """Return id and group of a reference."""
        if ref >= 0:
            return self._state.member(ref)
        return Member(self.articles[~ref].id, self.groups[~ref], self.series[~ref])

    def keep(self, number: int) -> bool:
        """Put a record where later ones find it; False if they were not looked up so."""
        if self.existing[number] is not None:
            return True
        same = self.sequenced.same_known(number)
        first = self.sequenced.first_of_text(number)
        if same is not None:
            self._further.setdefault(same, []).append(~number)
        elif first == number:
            self.slots.add(number)
        elif first in self.slots:
            self._further.setdefault(~first, []).append(~number)
        else:
            return False
        return True

    def _copies(self, ref: int) -> Iterable[int]:
        if ref >= 0:
            yield from self._state.same_text(ref)
        else:
            yield ref
        yield from self._further.get(ref, ())

    def _existing(self, article: Article) -> int | None:
        """Return the row where an article stands already, the same id with the same text."""
        row = None if article.id in self.unknown else self._library.row_of(article.id)
        if row is not None and self._library.articles([row])[0].text == article.text:
            return row
        return None

    def _restrict(self) -> list[Restriction]:
        within = self._options.within
        seconds = None if within is None else within.total_seconds()
        date_of_ref: Callable[[int], int | None] = self._date_of
        by_id: dict[str, list[int]] = {}
        by_series: dict[str, list[int]] = {}
        self._updates = [False] * self.safe
        self._stories: list[str | None] = [None] * self.safe  # of a series that was seen before
        restrictions = []
        for number, (article, value) in enumerate(zip(self.articles, self.series, strict=True)):
            own: set[int] = set()
            seen = False
            if article.id not in self.unknown:
                own.update(self._state.history(article.id))
                seen = self._state.seen(article.id) or bool(own - {self.existing[number]})
            earlier = by_id.setdefault(article.id, [])
            self._updates[number] = seen or bool(earlier)
            own.update(~other for other in earlier)
            earlier.append(number)
            versions: set[int] = set()
            if value is not None:
                known = self._state.series(value)
                if known is not None:
                    self._stories[number], rows = known
                    versions.update(rows)
                fellows = by_series.setdefault(value, [])
                versions.update(~other for other in fellows)
                self._updates[number] |= known is not None or bool(fellows)
                fellows.append(number)
            restrictions.append(
                Restriction(own, versions, self.dated[number], seconds, date_of_ref)
            )
        return restrictions

    def _date_of(self, ref: int) -> int | None:
        return self._state.dated(ref) if ref >= 0 else self.dated[~ref]
