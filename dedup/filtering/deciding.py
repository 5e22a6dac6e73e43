"""Deciding: which records of a stream are kept, and what is said of them.

Each record is compared with what was kept before it; what is kept is added to the library. Records
come in batches, and the decisions are those of a run that takes them one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from dedup.article import Article
from dedup.filtering.batch import Batch, Incoming
from dedup.filtering.comparing import Remembered, Works
from dedup.filtering.decision import Decision, Fields, fields_of, given_before
from dedup.filtering.digest import Digest, take
from dedup.filtering.matching import Matcher, Matching
from dedup.filtering.options import FilterOptions
from dedup.filtering.preferring import preferred
from dedup.filtering.state import Entry, Key, State, key_of
from dedup.index.library import Library, Overtaken
from dedup.scoring.match import Match


@dataclass(slots=True)
class Counts:
    """What a filter has done so far.

    ``again`` are records decided before; ``compared`` counts pairs; ``keys_cut`` over-full bands
    and fingerprints; ``not_compared`` candidates that were too many.
    """

    decided: int = 0
    kept: int = 0
    derived: int = 0
    again: int = 0
    compared: int = 0
    keys_cut: int = 0
    not_compared: int = 0


class Begun(NamedTuple):
    """Records, and what is being made of them before they are looked up; it is made once."""

    records: Sequence[Incoming]
    keys: Sequence[Key]
    digest: Callable[[], Digest]


class _Fresh(NamedTuple):
    """Records that were begun, and which of them have to be decided.

    ``given`` are the decisions of the others, ``unknown`` the ids that were never heard of.
    """

    begun: Begun
    given: dict[Key, Fields]
    unknown: Set[str]
    numbers: list[int]

    def after(self, keys: Iterable[Key]) -> _Fresh:
        """Return the same, with other records decided before."""
        return self._replace(unknown=self.unknown - {article_id for article_id, _ in keys})


class Filter:
    """Decides record after record; one that has raised an error is not used again.

    Parameters
    ----------
    library
        The known articles; what is kept is added to it.
    state
        What was decided before; it belongs to the library.
    comparer
        Who works on the words: digests records, and compares them.
    options
        How to decide.
    """

    def __init__(
        self,
        library: Library,
        state: State,
        comparer: Works,
        options: FilterOptions | None = None,
    ) -> None:
        self.counts = Counts()
        self._library = library
        self._state = state
        self._comparer = comparer
        self._remembered = Remembered(comparer)
        self._options = options or FilterOptions()
        self._matcher = Matcher(
            library,
            comparer.start if state.alone else self._remembered.start,
            everything=self._options.everything,
        )

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; load what pays for them."""
        self._comparer.expect(size)

    def begin(self, records: Iterable[Incoming]) -> Begun:
        """Begin what asks nothing of the library and may be done ahead."""
        records = list(records)
        keys = [key_of(record.article) for record in records]
        digest = self._comparer.digest([one.article.text for one in records])
        return Begun(records, keys, cache(digest))

    def decide(self, begun: Begun, meanwhile: Callable[[], None] | None = None) -> list[Decision]:
        """Decide records, add what is kept to the library, and remember the decisions.

        ``meanwhile`` is called while others compare, perhaps more than once, or not at all.
        """
        fresh = self._fresh(begun)
        decided = self._decide_fresh(fresh, meanwhile)
        self.counts.again += len(begun.records) - len(fresh.numbers)
        given = fresh.given | {key: decision.fields for key, decision in decided.items()}
        decisions = []
        for key, record in zip(begun.keys, begun.records, strict=True):
            new = decided.pop(key) if key in decided else None
            decisions.append(new or given_before(record.article, given[key]))
        self.counts.decided += len(decisions)
        self.counts.kept += sum(decision.kept for decision in decisions)
        self.counts.derived += sum(decision.derived for decision in decisions)
        return decisions

    def _fresh(self, begun: Begun) -> _Fresh:
        """Find out which records have to be decided: of equal ones the first."""
        unknown = self._state.unknown([article_id for article_id, _ in begun.keys])
        given = self._state.decided([key for key in begun.keys if key[0] not in unknown])
        fresh: dict[Key, int] = {}
        for number, key in enumerate(begun.keys):
            if key not in given:
                fresh.setdefault(key, number)
        return _Fresh(begun, given, unknown, list(fresh.values()))

    def _batch(self, fresh: _Fresh, numbers: Sequence[int]) -> Batch:
        begun = fresh.begun
        items = [(begun.keys[number], begun.records[number]) for number in numbers]
        digest = begun.digest().take(numbers)
        return Batch(self._library, self._state, items, digest, self._options, fresh.unknown)

    def _decide_fresh(
        self, fresh: _Fresh, meanwhile: Callable[[], None] | None
    ) -> dict[Key, Decision]:
        decided: dict[Key, Decision] = {}
        numbers = fresh.numbers
        while numbers:
            counts = replace(self.counts)
            try:
                some = self._decide_some(fresh, numbers, meanwhile)
            except Overtaken:  # another worker was quicker: again, as things are now
                self.counts = counts
                continue
            decided.update(some)
            fresh = fresh.after(decided)
            numbers = [number for number in numbers if fresh.begun.keys[number] not in decided]
        return decided

    def _decide_some(
        self,
        fresh: _Fresh,
        numbers: Sequence[int],
        meanwhile: Callable[[], None] | None,
    ) -> dict[Key, Decision]:
        """Decide the first of some records."""
        part = numbers[: self._state.at_once]
        items = [(fresh.begun.keys[number], fresh.begun.records[number]) for number in part]
        with self._state.attempt(items) as given:
            if given:  # by another worker, meanwhile
                self.counts.again += len(given)
                articles = {key: record.article for key, record in items}
                return {key: given_before(articles[key], given[key]) for key in given}
            batch = self._batch(fresh, part)
            matching = Matching(batch, self._matcher)
            if meanwhile is not None:
                meanwhile()
            decisions = self._decide_batch(matching)
            added = self._remember(batch, decisions)
        self._remembered.forget()
        self._matcher.remember(batch, added)
        return dict(zip(batch.keys, decisions, strict=False))

    def _decide_batch(self, matching: Matching) -> list[Decision]:
        """Decide one record after the other, as far as the batch goes."""
        batch = matching.batch
        decisions: list[Decision] = []
        for number in range(batch.safe):
            decision = self._decide_one(matching, number)
            decisions.append(decision)
            batch.groups.append(decision.group)
            if decision.kept and not batch.keep(number):
                break
            if number not in batch.slots:
                matching.lose(number)
        self.counts.compared += matching.compared
        cut = batch.sequenced.known.keys_cut[: len(decisions)]
        self.counts.keys_cut += int(cut.sum())
        return decisions

    def _decide_one(self, matching: Matching, number: int) -> Decision:
        batch = matching.batch
        article, stated = batch.articles[number], batch.credits(number)
        chosen = batch.choose(number, matching.candidates(number))
        self.counts.not_compared += chosen.cut
        group, match = matching.best(number, chosen.others)
        fields = fields_of(match, group or batch.story(number), stated)
        if batch.is_update(number):
            fields["update"] = True
        kept = self._is_kept(fields, match)
        if group is not None:
            superseded = self._superseded(matching, number, group)
            if superseded is not None:
                kept, fields["supersedes"] = True, superseded
        elif chosen.versions:
            _, version = matching.best(number, chosen.versions)
            if version is not None and (version.derived or match is None):
                match = version
                fields = {**fields, **fields_of(match, fields["group"], stated)}
        fields["kept"] = kept
        if kept and group is None:
            story = fields["group"]
            if not batch.is_update(number) or self._representative(batch, story) is None:
                batch.representatives[story] = ~number
        return Decision(article, kept, fields["derived"], match, fields["group"], fields)

    def _is_kept(self, fields: Fields, match: Match | None) -> bool:
        if self._options.drop is not None:
            return not self._options.drop(fields)
        if match is None or not match.derived:
            return True
        # A longer story that merely contains a shorter known one.
        known, own = match.overlap.extent_a, match.overlap.extent_b
        return own in ("part", "none") and known in ("whole", "most")

    def _superseded(self, matching: Matching, number: int, group: str) -> str | None:
        """Return the id of the representative that gives way to a record, if it does."""
        prefer = self._options.prefer
        if prefer is None:
            return None
        batch = matching.batch
        ref = self._representative(batch, group)
        if ref is None:
            return None
        superseded = batch.member(ref).id
        article, representative = batch.articles[number], matching.article(ref)
        if superseded == article.id or not preferred(
            prefer, article, batch.credits(number), representative
        ):
            return None
        batch.representatives[group] = ~number
        return superseded

    def _representative(self, batch: Batch, group: str) -> int | None:
        known = batch.representatives.get(group)
        return self._state.representative(group) if known is None else known

    def _remember(
        self, batch: Batch, decisions: Sequence[Decision]
    ) -> dict[int, tuple[int, Article]]:
        """Add what is kept to the library, and remember all decisions; return what was added."""
        rows = dict(enumerate(batch.existing[: len(decisions)]))
        ids = {n: batch.articles[n].id for n, row in rows.items() if row is not None}
        new = [n for n, one in enumerate(decisions) if one.kept and rows[n] is None]
        added: dict[int, tuple[int, Article]] = {}
        if new:
            names = self._names([batch.articles[number] for number in new], batch.unknown)
            sketches = take(batch.sketches, np.array(new, np.int64))
            given = self._library.add(names, sketches).tolist()
            added = dict(zip(new, zip(given, names, strict=True), strict=True))
            rows.update(zip(new, given, strict=True))
            ids.update((n, name.id) for n, name in zip(new, names, strict=True))
        self._state.remember(
            Entry(key, decision.fields, batch.series[n], batch.dated[n], rows[n], ids.get(n))
            for n, (key, decision) in enumerate(zip(batch.keys, decisions, strict=False))
        )
        for group, ref in batch.representatives.items():
            row = rows[~ref]
            if row is not None and (batch.is_update(~ref) or group != batch.articles[~ref].id):
                self._state.represent(group, row)
        return added

    def _names(self, articles: Sequence[Article], unknown: Container[str]) -> list[Article]:
        """Give further versions of an id an id of their own in the library."""
        used: set[str] = set()
        named = []
        for article in articles:
            name, version = article.id, 1
            while name in used or (name not in unknown and self._library.row_of(name) is not None):
                version += 1
                name = f"{article.id}#v{version}"
            used.add(name)
            named.append(article if version == 1 else replace(article, id=name))
        return named
