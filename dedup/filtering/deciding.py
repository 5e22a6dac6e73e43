"""Deciding: which records of a stream are kept, and what is said of them.

Each record is compared with what was kept before it; what is kept is added to the library. Records
come in batches, and the decisions are those of a run that takes them one by one. The batch behind
the one that is decided can be looked up, and begun to be compared, meanwhile: as if all of this one
were kept, and once that is known, what was not is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from dedup.article import Article, Credit
from dedup.filtering.batch import Awaited, Batch, Incoming, Revised
from dedup.filtering.comparing import Compared, Task, best_of, compare_in_order
from dedup.filtering.decision import Decision, Fields, fields_of, given_before
from dedup.filtering.digest import Digest, take
from dedup.filtering.known import KnownArticles
from dedup.filtering.narrowing import STANDING, Promising, Shingles, ShingleSets, promises
from dedup.filtering.options import FilterOptions
from dedup.filtering.preferring import preferred
from dedup.filtering.remembered import Compares, Remembered
from dedup.filtering.restricting import age
from dedup.filtering.sequence import UNDECIDED, Candidate
from dedup.filtering.state import Entry, Key, State, key_of
from dedup.index.library import Library, Overtaken
from dedup.scoring.match import FoundBy, Match

TOGETHER = 64
"""Records that are compared together: others are chosen and decided meanwhile."""


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

    def behind(self, keys: Iterable[Key]) -> _Fresh:
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
        comparer: Compares,
        options: FilterOptions | None = None,
    ) -> None:
        self.counts = Counts()
        self._library = library
        self._state = state
        self._comparer = comparer if state.alone else Remembered(comparer)
        self._options = options or FilterOptions()
        self._known = KnownArticles(library)
        self._shingles = ShingleSets(self._known, library.index.parameters.k)
        self._deciding: Batch | None = None  # while another may be looked up beside it
        self._following: tuple[_Fresh, Batch] | None = None

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; load what pays for them."""
        self._comparer.expect(size)

    def begin(self, records: Iterable[Incoming]) -> Begun:
        """Begin what asks nothing of the library and may be done ahead."""
        records = list(records)
        keys = [key_of(record.article) for record in records]
        digest = self._comparer.digest([one.article.text for one in records])
        return Begun(records, keys, cache(digest))

    def look_ahead(self, begun: Begun) -> None:
        """Look up the records that are decided next, and begin to compare them.

        To be called while others are decided; elsewhere, and where that is not possible, nothing.
        """
        beside = self._deciding
        if beside is None or self._following is not None:
            return
        if not set(begun.keys).isdisjoint(beside.keys):
            return  # what these will be given is not known
        fresh = self._fresh(begun)
        numbers = fresh.numbers[: self._state.at_once]
        batch = self._batch(fresh, numbers, beside) if numbers else None
        if batch is not None and batch.safe:
            self._compare_ahead(batch)
            self._following = fresh, batch

    def decide(self, begun: Begun, meanwhile: Callable[[], None] | None = None) -> list[Decision]:
        """Decide records, add what is kept to the library, and remember the decisions.

        ``meanwhile`` is called while others compare, perhaps more than once, or not at all.
        """
        fresh, ahead = self._take_following(begun)
        decided = self._decide_fresh(fresh, ahead, meanwhile)
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

    def _take_following(self, begun: Begun) -> tuple[_Fresh, Batch | None]:
        """Take what was found out of records ahead, or find it out."""
        following, self._following = self._following, None
        if following is None:
            return self._fresh(begun), None
        fresh, batch = following
        if fresh.begun is begun:
            return fresh, batch
        _abandon(batch)
        return self._fresh(begun), None

    def _batch(self, fresh: _Fresh, numbers: Sequence[int], beside: Batch | None = None) -> Batch:
        begun = fresh.begun
        items = [(begun.keys[number], begun.records[number]) for number in numbers]
        digest = begun.digest().take(numbers)
        return Batch(
            self._library, self._state, items, digest, self._options, fresh.unknown, beside
        )

    def _decide_fresh(
        self, fresh: _Fresh, ahead: Batch | None, meanwhile: Callable[[], None] | None
    ) -> dict[Key, Decision]:
        decided: dict[Key, Decision] = {}
        numbers = fresh.numbers
        while numbers:
            decided.update(self._decide_some(fresh, numbers, ahead, meanwhile))
            fresh = fresh.behind(decided)
            numbers = [number for number in numbers if fresh.begun.keys[number] not in decided]
            ahead = None
        return decided

    def _decide_some(
        self,
        fresh: _Fresh,
        numbers: Sequence[int],
        ahead: Batch | None,
        meanwhile: Callable[[], None] | None,
    ) -> dict[Key, Decision]:
        """Decide the first of some records, again as long as other workers are quicker.

        ``ahead`` is their batch, where it was looked up before.
        """
        part = numbers[: self._state.at_once]
        items = [(fresh.begun.keys[number], fresh.begun.records[number]) for number in part]
        counts = replace(self.counts)
        while True:
            try:
                with self._state.attempt(items) as given:
                    if given:  # by another worker, meanwhile
                        self.counts.again += len(given)
                        return {
                            key: given_before(record.article, given[key])
                            for key, record in items
                            if key in given
                        }
                    batch = ahead
                    if batch is None:
                        batch = self._batch(fresh, part)
                        self._compare_ahead(batch)
                    if meanwhile is not None:
                        if self._state.alone and batch.safe == len(numbers):
                            self._deciding = batch
                        meanwhile()
                        self._deciding = None
                    decisions = self._decide_batch(batch)
                    added = self._remember(batch, decisions)
            except Overtaken:
                self.counts = replace(counts)
                continue
            if isinstance(self._comparer, Remembered):
                self._comparer.forget()
            for number, (row, name) in added.items():
                self._shingles.remember(row, batch.shingles[number])
                self._known.remember(row, name, batch.found_credits[number])
            self._settle_following(batch, len(decisions), added)
            return dict(zip(batch.keys, decisions, strict=False))

    def _settle_following(
        self, batch: Batch, decided: int, added: Mapping[int, tuple[int, Article]]
    ) -> None:
        """Tell the batch that was looked up beside one what became of that."""
        if self._following is None:
            return
        fresh, following = self._following
        if decided == batch.safe:
            fresh = fresh.behind(batch.keys)
            rows = {number: added[number][0] for number in batch.slots}
            for lost in following.settle(rows, fresh.unknown):
                self._revise(following, lost)
            self._following = fresh, following
        else:  # it was counted on that all would be decided
            _abandon(following)
            self._following = None

    def _compare_ahead(self, batch: Batch) -> None:
        """Begin to compare the records of a batch as if all of them were kept, some at a time."""
        for first in range(0, batch.safe, TOGETHER):
            numbers = range(first, min(first + TOGETHER, batch.safe))
            chosen = [batch.choose(number, batch.possible) for number in numbers]
            wanted = {one.ref for some in chosen for one in (*some.others, *some.versions)}
            self._shingles.load(sorted(filter(_is_row, wanted)))
            promising = [
                self._promising(batch, number, some.others)
                for number, some in zip(numbers, chosen, strict=True)
            ]
            for number, some, found in zip(numbers, chosen, promising, strict=True):
                batch.promising.append((some.others, found))
                for ref in (one.ref for one in some.others if not _is_row(one.ref)):
                    batch.counting_on.setdefault(ref, []).append(number)
            self._known.load(one.ref for some in promising for one in some if _is_row(one.ref))
            compared = [n for n, found in zip(numbers, promising, strict=True) if found]
            tasks = [self._task(batch, number, batch.promising[number][1]) for number in compared]
            pairs = self._comparer.start(tasks)
            batch.awaited.append(Awaited(numbers.stop, compared, pairs))

    def _revise(self, batch: Batch, lost: int) -> None:
        """Begin to compare what more a record is to be compared with, where another is not kept."""
        for number in batch.counting_on.get(lost, ()):
            if number < len(batch.groups) or len(batch.promising[number][0]) <= STANDING:
                continue  # decided, or every shingle counted for the whole of it as it is
            begun = {one.ref for one in batch.promising[number][1]}
            begun.update(ref for one in batch.revised.get(number, ()) for ref in one.refs)
            others = batch.choose(number, batch.possible).others
            more = [one for one in self._promising(batch, number, others) if one.ref not in begun]
            if more:
                pairs = self._comparer.start([self._task(batch, number, more)], first=True)
                refs = [one.ref for one in more]
                batch.revised.setdefault(number, []).append(Revised(refs, pairs))

    def _take_results(self, batch: Batch) -> None:
        """Take what came of the next records that were compared together."""
        awaited = batch.awaited.popleft()
        received = dict(zip(awaited.numbers, awaited.pairs(), strict=True))
        for number in range(len(batch.compared), awaited.end):
            pairs = received.get(number, ())
            refs = [one.ref for one in batch.promising[number][1]]
            batch.compared.append(dict(zip(refs, pairs, strict=False)))
            self.counts.compared += len(pairs)

    def _promising(
        self, batch: Batch, number: int, candidates: Sequence[Candidate]
    ) -> list[Promising]:
        """Return the candidates worth comparing, the most promising first."""
        if not candidates:
            return []
        refs = [candidate.ref for candidate in candidates]
        others = [self._shingles_of(batch, ref) for ref in refs]
        estimates = promises(batch.shingles[number], others)
        found = []
        for candidate, estimate in zip(candidates, estimates, strict=True):
            promised = 1.0 if candidate.identical else estimate
            if promised is not None:
                found.append(Promising(candidate.ref, promised))
        return sorted(found, key=lambda one: (-one.estimate, age(one.ref)))

    def _task(self, batch: Batch, number: int, promising: Sequence[Promising]) -> Task:
        return Task(
            batch.articles[number],
            batch.found_credits[number],
            [self._article(batch, one.ref) for one in promising],
            [self._credits(batch, one.ref) for one in promising],
            [one.estimate for one in promising],
            [age(one.ref) for one in promising],
        )

    def _decide_batch(self, batch: Batch) -> list[Decision]:
        """Decide one record after the other, as far as the batch goes."""
        decisions: list[Decision] = []
        for number in range(batch.safe):
            if number == len(batch.compared):
                self._take_results(batch)
            decision = self._decide_one(batch, number)
            decisions.append(decision)
            batch.groups.append(decision.group)
            if decision.kept and not batch.keep(number):
                break
            if number not in batch.slots:
                batch.possible.discard(number)
                self._revise(batch, ~number)
        _abandon(batch)
        cut = batch.sequenced.known.keys_cut[: len(decisions)]
        self.counts.keys_cut += int(cut.sum())
        return decisions

    def _decide_one(self, batch: Batch, number: int) -> Decision:
        article, stated = batch.articles[number], batch.credits(number)
        chosen = batch.choose(number, batch.slots)
        self.counts.not_compared += chosen.cut
        group, match = self._best(batch, number, chosen.others)
        fields = fields_of(match, group or batch.story(number), stated)
        if batch.is_update(number):
            fields["update"] = True
        kept = self._is_kept(fields, match)
        if group is not None:
            superseded = self._superseded(batch, number, group)
            if superseded is not None:
                kept, fields["supersedes"] = True, superseded
        elif chosen.versions:
            _, version = self._best(batch, number, chosen.versions)
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

    def _superseded(self, batch: Batch, number: int, group: str) -> str | None:
        """Return the id of the representative that gives way to a record, if it does."""
        prefer = self._options.prefer
        if prefer is None:
            return None
        ref = self._representative(batch, group)
        if ref is None:
            return None
        superseded = batch.member(ref).id
        article, representative = batch.articles[number], self._article(batch, ref)
        if superseded == article.id or not preferred(
            prefer, article, batch.credits(number), representative
        ):
            return None
        batch.representatives[group] = ~number
        return superseded

    def _representative(self, batch: Batch, group: str) -> int | None:
        known = batch.representatives.get(group)
        return self._state.representative(group) if known is None else known

    def _best(
        self, batch: Batch, number: int, candidates: Sequence[Candidate]
    ) -> tuple[str | None, Match | None]:
        """Return the match a decision goes by, and, if it is derived, the group it leads to."""
        if not candidates:
            return None, None
        ahead, promising = batch.promising[number]
        if candidates != ahead:
            promising = self._promising(batch, number, candidates)
        compared = batch.compared[number]

        def compare(at: int) -> Compared:
            # What was not compared ahead: of a record's series, or behind one that was not kept.
            ref = promising[at].ref
            if ref not in compared:
                for revised in batch.revised.pop(number, ()):
                    compared.update(zip(revised.refs, revised.pairs()[0], strict=False))
            if ref not in compared:
                compared[ref] = self._pair(batch, number, promising[at])
            return compared[ref]

        pairs = compare_in_order([one.estimate for one in promising], compare)
        best = best_of(pairs, [age(one.ref) for one in promising])
        if best is None:
            return None, None
        chosen, pair = promising[best], pairs[best]
        if pair.match is None:
            pair = self._pair(batch, number, chosen)
        assert pair.match is not None
        member = batch.member(chosen.ref)
        evidence = next(one for one in candidates if one.ref == chosen.ref)
        match = replace(
            pair.match,
            a=replace(pair.match.a, id=member.id),
            found_by=FoundBy(
                evidence.bands, evidence.fingerprints, self._jaccard(batch, number, chosen.ref)
            ),
        )
        return member.group if match.derived else None, match

    def _pair(self, batch: Batch, number: int, promising: Promising) -> Compared:
        return self._comparer.start([self._task(batch, number, [promising])], first=True)()[0][0]

    def _jaccard(self, batch: Batch, number: int, ref: int) -> float:
        signatures = batch.sketches.signatures
        other = signatures[~ref] if ref < 0 else self._library.index.signatures([ref])[0]
        return float((signatures[number] == other).mean())

    def _article(self, batch: Batch, ref: int) -> Article:
        held = batch.at(ref)
        return self._known.article(ref) if held is None else held[0].articles[held[1]]

    def _credits(self, batch: Batch, ref: int) -> tuple[Credit, ...] | None:
        held = batch.at(ref)
        return self._known.credits(ref) if held is None else held[0].found_credits[held[1]]

    def _shingles_of(self, batch: Batch, ref: int) -> Shingles:
        held = batch.at(ref)
        return self._shingles.row(ref) if held is None else held[0].shingles[held[1]]

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


def _is_row(ref: int) -> bool:
    return 0 <= ref < UNDECIDED


def _abandon(batch: Batch) -> None:
    """Let go of the results that nobody needs any more."""
    batch.awaited.clear()
    batch.revised.clear()
