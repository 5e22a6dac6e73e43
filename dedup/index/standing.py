"""Standing text: who else holds what two articles share, and whether that is another story.

What also appears in other stories is no evidence that one of two articles was taken from the other:
prompts, link lists, galleries, background paragraphs, daily templates. What many articles of the
same story share is no such thing: fifty outlets print one wire report. So for every fingerprint
that a pair shares, the earliest known texts that hold it too are asked one question: *is this the
same story as either side?*

A third text H is of another story than A and B if it

- shares with A hardly more than what all three share, less than `OWN_SHARE` of A, and so with B: it
  has no part in what makes each of them a story;
- does not hold most of A or of B (`WHOLE`): a roundup that holds a whole brief is about that brief;
- was not published by another outlet within `NEAR` days of A or B: outlets that report an event at
  the same time are of one story even where all they share is the agency's background.

It is of another story in any case if one outlet, that of A or B, published it `AGAIN` days or more
from both: an outlet does not print a story again, but its templates and its background.

A fingerprint is *standing* for the pair if `HOLDERS` such texts hold it. One is enough where it is
of the outlet of both, and each of the three has a day of its own: the outlet's own background may
go into the next follow-up, not into every one.

The numbers come from the middle of plateaus, measured by leaving one collection out
(``benchmarks/calibrate.py``). Everything is asked of whole sets of fingerprints, never of how
common a key is, so what the earliest holders say does not change as an index grows, nor with the
size of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.dates import first_second
from dedup.index.library import Holding
from dedup.index.lookup import slice_of
from dedup.index.protocol import Holders
from dedup.sketch.compiling import compile_kept, is_compiled
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches, offsets_of

EARLIEST = 16
"""Holders asked about each fingerprint, the earliest ..."""
LISTED = EARLIEST + 2
"""... besides the two of the pair itself ..."""
MOST = 32
"""... and about all that a pair shares: those that hold most of it."""
OWN_SHARE = 0.1
LEAST_OWN = 3
"""Fingerprints (some twenty words) that say nothing, however short an article."""
WHOLE = 0.75
NEAR = 3.0
AGAIN = 3.0
HOLDERS = 3

LEAST_ELSE = 2
"""Fingerprints that bring a pair together by themselves, standing text left out."""

LOADING_PAYS = 250
"""Pairs from which loading the compiled counting pays; before, it takes half a millisecond each."""
COMPILING_PAYS = 2_000
"""Pairs from which it is compiled and kept, to the good of later runs: a few seconds."""

_ELSEWHERE = 1 << 62
"""Name of a text that is not in the library: later than any row."""
_DAY = 86_400.0
_KEPT = 30_000_000
"""Fingerprints kept of the texts asked about last: 120 MB."""

_Numbers = npt.NDArray[np.int64]
_Keys = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What is known of the fingerprints that a pair shares.

    ``keys`` uint32[m], hashes of shingles of ``k`` words; ``known_in`` int64[m], how many of the
    texts asked hold each in another story, 0 where they are too few for standing text.
    ``held_elsewhere`` says that one of the texts asked holds half of them or more, whatever story
    it is of; ``alone`` that nobody but the pair itself is known who could be asked.
    """

    keys: _Keys
    known_in: _Numbers
    k: int
    held_elsewhere: bool = False
    alone: bool = False

    @property
    def is_all(self) -> bool:
        """Whether the pair shares nothing else: fewer than `LEAST_ELSE` other fingerprints."""
        others = len(self.keys) - int(np.count_nonzero(self.known_in))
        return others < LEAST_ELSE and others < len(self.keys)

    def says_as(self, other: Standing) -> bool:
        """Say whether another says the same."""
        return (
            np.array_equal(self.keys, other.keys)
            and np.array_equal(self.known_in, other.known_in)
            and (self.held_elsewhere, self.alone) == (other.held_elsewhere, other.alone)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """What is asked of a text that holds a passage; ``outlet`` is -1 and ``day`` NaN if unknown."""

    fingerprints: _Keys
    outlet: int
    day: float


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """An article whose pairs are weighed: its fingerprints, and who holds each.

    ``own`` is the name of the text with the same words among the known ones, -1 for none;
    ``offsets`` int64[n + 1] and ``holders`` int64[total] name the earliest holders of each of its n
    fingerprints.
    """

    article: Article
    fingerprints: _Keys
    own: int
    offsets: _Numbers
    holders: _Numbers


class HolderIndex(Protocol):
    """What is asked of an index: see `dedup.index.protocol.Index`."""

    @property
    def parameters(self) -> SketchParameters:
        """How the sketches in it were made."""

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""


class KnownRows(Protocol):
    """What is asked of a library to weigh pairs of its rows: see `dedup.index.library.Library`."""

    def __len__(self) -> int:
        """Return how many rows it holds."""

    @property
    def index(self) -> HolderIndex:
        """The index of its rows."""

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows with their fingerprints, None where a row is not there."""


class TextIndex(HolderIndex, Protocol):
    """An index that also finds texts."""

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the name of the text with the same folded words, int64[n], -1 for none."""


class KnownTexts(KnownRows, Protocol):
    """What is asked of a library to weigh new articles too."""

    @property
    def index(self) -> TextIndex:
        """The index of its rows."""


class StandingRows:
    """Tells standing text among rows that are known."""

    def __init__(self, library: KnownRows) -> None:
        self._library = library
        self._texts: dict[int, _Text] = {}
        self._size = 0
        self._outlets: dict[str | None, int] = {None: -1}
        self._pairs = 0

    def expect(self, pairs: int) -> None:
        """Take note that so many pairs are coming; where that pays, load what is compiled."""
        self._pairs = max(self._pairs, pairs)

    def of_rows(self, earlier: _Numbers, later: _Numbers) -> Iterator[Standing]:
        """Yield what pairs of rows of the library share, weighed, in their order."""
        rows, number = np.unique(later, return_inverse=True)
        holdings = [one for one in self._library.holdings(rows.tolist()) if one is not None]
        queries = self._ask(
            [article for article, _ in holdings], [keys for _, keys in holdings], rows.tolist()
        )
        others: list[list[int]] = [[] for _ in queries]
        places = []
        for query, other in zip(number.tolist(), earlier.tolist(), strict=True):
            places.append((query, len(others[query])))
            others[query].append(other)
        weighed = self.weigh(queries, others)
        return (weighed[query][place] for query, place in places)

    def _ask(
        self, articles: Sequence[Article], fingerprints: Sequence[_Keys], own: Sequence[int]
    ) -> list[Query]:
        every = np.concatenate([np.empty(0, np.uint32), *fingerprints])
        holders = self._library.index.earliest_holders(every, LISTED)
        return queries_of(articles, fingerprints, own, holders)

    def weigh(
        self,
        queries: Sequence[Query],
        others: Sequence[Sequence[int]],
        known: Mapping[int, Holding] | None = None,
        *,
        tell_alone: bool = True,
    ) -> list[list[Standing]]:
        """Weigh what each query shares with each of the texts that are named beside it.

        ``known`` are texts that are not in the library (yet), by their names; ``tell_alone``, that
        all of them and all in the library count as known when nobody else is.
        """
        pairs = [(number, name) for number, some in enumerate(others) for name in some]
        self._pairs += len(pairs)
        tools = _tools(compiled=self._pairs >= LOADING_PAYS and self._pairs >= _pays_from())
        known = known or {}
        texts = self._load({name for _, name in pairs}, known)
        columns = _Columns(queries, pairs)
        ends, shared, chosen_ends, chosen = tools.choose(*columns.chosen_from(texts))
        texts |= self._load(set(np.unique(chosen).tolist()), known)
        origins = [(self._outlet(one.article), day_of(one.article)) for one in queries]
        known_in, held = tools.count(
            *columns.counted_in(texts, origins), ends, shared, chosen_ends, _places(texts, chosen)
        )
        found: list[list[Standing]] = [[] for _ in queries]
        shares = offsets_of(np.diff(ends, prepend=0)).tolist()
        k = self._library.index.parameters.k
        asked_for = tell_alone and pairs and not len(chosen)
        everyone = len(self._library) + len(known) if asked_for else None
        for (number, _), start, end, elsewhere in zip(
            pairs, shares[:-1], shares[1:], held.tolist(), strict=True
        ):
            query = queries[number]
            keys = query.fingerprints[shared[start:end]]
            alone = everyone is not None and everyone <= 1 + (query.own >= 0)
            found[number].append(Standing(keys, known_in[start:end], k, bool(elsewhere), alone))
        return found

    def remember(self, row: int, holding: Holding) -> None:
        """Keep a text that was just added, which need not be read then."""
        self._texts[row] = self._text(holding)
        self._size += len(holding[1])

    def _load(self, names: set[int], known: Mapping[int, Holding]) -> dict[int, _Text]:
        """Return texts by name; those of the library are kept, as many as there is room for."""
        if self._size > _KEPT:
            self._texts.clear()
            self._size = 0
        new = sorted(name for name in names if name not in self._texts and name not in known)
        for name, holding in zip(new, self._library.holdings(new), strict=True):
            if holding is not None:  # else another process has removed it
                self._texts[name] = self._text(holding)
                self._size += len(holding[1])
        here = {name: self._text(known[name]) for name in names if name in known}
        return {name: self._texts[name] for name in names if name in self._texts} | here

    def _text(self, holding: Holding) -> _Text:
        article, fingerprints = holding
        return _Text(fingerprints, self._outlet(article), day_of(article))

    def _outlet(self, article: Article) -> int:
        return self._outlets.setdefault(article.outlet, len(self._outlets))


class StandingText(StandingRows):
    """Tells standing text among the articles of a library, and between them and new ones."""

    _library: KnownTexts

    def __init__(self, library: KnownTexts) -> None:
        super().__init__(library)

    def of_pair(self, a: Article, b: Article, sketches: Sketches) -> Standing:
        """Weigh what a pair shares; ``sketches`` are those of both."""
        query = self.ask([a], slice_of(sketches, 0, 1))
        other = int(self._library.index.find(slice_of(sketches, 1, 2))[0])
        if other >= 0:
            return self.weigh(query, [[other]])[0][0]
        known = {_ELSEWHERE: (b, sketches.fingerprints_of(1))}
        return self.weigh(query, [[_ELSEWHERE]], known)[0][0]

    def ask(self, articles: Sequence[Article], sketches: Sketches) -> list[Query]:
        """Find the earliest holders of the fingerprints of some articles."""
        fingerprints = [sketches.fingerprints_of(number) for number in range(len(sketches))]
        return self._ask(articles, fingerprints, self._library.index.find(sketches).tolist())


def queries_of(
    articles: Sequence[Article],
    fingerprints: Sequence[_Keys],
    own: Sequence[int],
    holders: Holders,
) -> list[Query]:
    """Return queries; ``holders`` are those of all fingerprints, article after article."""
    ends = offsets_of([len(keys) for keys in fingerprints]).tolist()
    queries = []
    for article, keys, name, start, end in zip(
        articles, fingerprints, own, ends[:-1], ends[1:], strict=True
    ):
        bounds = holders.offsets[start : end + 1]
        rows = holders.rows[bounds[0] : bounds[-1]]
        queries.append(Query(article, keys, name, bounds - bounds[0], rows))
    return queries


def day_of(article: Article) -> float:
    """Return when an article was published, in days since 1970, NaN where that is not known."""
    moment = first_second(article.published)
    return float("nan") if moment is None else moment / _DAY


class _Columns:
    """Queries and pairs as the arrays that the functions below read."""

    def __init__(self, queries: Sequence[Query], pairs: Sequence[tuple[int, int]]) -> None:
        self._queries = queries
        self._query = np.array([number for number, _ in pairs], np.int64)
        self._other = np.array([name for _, name in pairs], np.int64)
        self._keys = np.concatenate(
            [np.empty(0, np.uint32), *(query.fingerprints for query in queries)]
        )
        self._bounds = offsets_of([len(query.fingerprints) for query in queries])

    def chosen_from(self, texts: Mapping[int, _Text]) -> tuple[npt.NDArray[Any], ...]:
        """Return what `choose_holders` reads."""
        none = np.empty(0, np.int64)
        lengths = [np.diff(query.offsets) for query in self._queries]
        own = np.array([query.own for query in self._queries], np.int64)
        return (
            self._keys,
            self._bounds,
            offsets_of(np.concatenate([none, *lengths])),
            np.concatenate([none, *(query.holders for query in self._queries)]),
            own,
            self._query,
            self._other,
            _places(texts, self._other),
            *_table(texts)[:2],
        )

    def counted_in(
        self, texts: Mapping[int, _Text], origins: Sequence[tuple[int, float]]
    ) -> tuple[npt.NDArray[Any], ...]:
        """Return what `count_other_stories` reads besides what was chosen."""
        return (
            self._keys,
            self._bounds,
            np.array([outlet for outlet, _ in origins], np.int64),
            np.array([day for _, day in origins], np.float64),
            self._query,
            _places(texts, self._other),
            *_table(texts),
        )


def _places(texts: Mapping[int, _Text], names: _Numbers) -> _Numbers:
    """Return the places of texts in their table, int64[n], -1 of those that are not there."""
    held = np.fromiter(texts, np.int64, len(texts))
    if not len(held):
        return np.full(len(names), -1)
    order = np.argsort(held)
    place = order[np.minimum(np.searchsorted(held, names, sorter=order), len(held) - 1)]
    return np.where(held[place] == names, place, -1)


def _table(texts: Mapping[int, _Text]) -> tuple[npt.NDArray[Any], ...]:
    """Return fingerprints, where those of each text begin, outlets and days."""
    held = [one.fingerprints for one in texts.values()]
    return (
        np.concatenate([np.empty(0, np.uint32), *held]),
        offsets_of([len(keys) for keys in held]),
        np.array([one.outlet for one in texts.values()], np.int64),
        np.array([one.day for one in texts.values()], np.float64),
    )


@dataclass(frozen=True, slots=True)
class _Tools:
    """`choose_holders` and `count_other_stories`, interpreted or compiled."""

    choose: Callable[..., tuple[_Numbers, _Numbers, _Numbers, _Numbers]]
    count: Callable[..., tuple[_Numbers, _Numbers]]


@cache
def _pays_from() -> int:
    """Return how many pairs pay for the compiled counting here."""
    cached = is_compiled(Path(__file__), count_other_stories.__name__)
    return LOADING_PAYS if cached else COMPILING_PAYS


@cache
def _tools(*, compiled: bool) -> _Tools:
    """Return the functions; where numba is missing they are interpreted."""
    if compiled:
        with suppress(ImportError):
            return _Tools(compile_kept(choose_holders), compile_kept(count_other_stories))

    def interpreted(function: Callable[..., Any]) -> Callable[..., Any]:
        # The interpreter is several times as fast with lists.
        return lambda *arrays: function(*(array.tolist() for array in arrays))

    return _Tools(interpreted(choose_holders), interpreted(count_other_stories))


# The following are plain functions over integers: interpreted with lists for few pairs, the same
# functions compiled with arrays for many. Fingerprints come ascending, so sets are merged.
# ruff: noqa: ANN401


def choose_holders(
    keys: Any,
    key_bounds: Any,
    holder_bounds: Any,
    holders: Any,
    own: Any,
    pair_query: Any,
    pair_other: Any,
    other_place: Any,
    values: Any,
    bounds: Any,
) -> Any:
    """Find what each pair shares, and choose whom to ask about it.

    Parameters
    ----------
    keys, key_bounds
        The fingerprints of all queries, and where each query's begin.
    holder_bounds, holders
        The names of the holders of each of these fingerprints, the earliest first.
    own
        The name of each query's own text.
    pair_query, pair_other, other_place
        Of each pair the number of the query, the other's name, and its place in the table.
    values, bounds
        The table: the fingerprints of texts, and where each text's begin.

    Returns
    -------
    (ends, shared, chosen_ends, chosen)
        Where each pair's end in ``shared``, places of fingerprints in the query; where each pair's
        end in ``chosen``, the names of the texts to be asked.
    """
    ends = [0 for _ in range(0)]
    shared = [0 for _ in range(0)]
    chosen_ends = [0 for _ in range(0)]
    chosen = [0 for _ in range(0)]
    for pair in range(len(pair_query)):
        query, other, place = pair_query[pair], pair_other[pair], other_place[pair]
        first, last = key_bounds[query], key_bounds[query + 1]
        held = {-1: 0}
        i, j, end = first, bounds[place], bounds[place + 1]
        while i < last and j < end:
            if keys[i] == values[j]:
                shared.append(i - first)
                taken = 0
                for at in range(holder_bounds[i], holder_bounds[i + 1]):
                    name = holders[at]
                    if name != other and name != own[query] and taken < EARLIEST:
                        taken += 1
                        held[name] = held.get(name, 0) + 1
                i += 1
                j += 1
            elif keys[i] < values[j]:
                i += 1
            else:
                j += 1
        ranked = [(-count, name) for name, count in held.items() if name >= 0]
        ranked.sort()
        for rank in range(min(len(ranked), MOST)):
            chosen.append(ranked[rank][1])  # noqa: PERF401 - no generators in what is compiled
        ends.append(len(shared))
        chosen_ends.append(len(chosen))
    return (
        np.array(ends, np.int64),
        np.array(shared, np.int64),
        np.array(chosen_ends, np.int64),
        np.array(chosen, np.int64),
    )


def count_other_stories(
    keys: Any,
    key_bounds: Any,
    query_outlet: Any,
    query_day: Any,
    pair_query: Any,
    other_place: Any,
    values: Any,
    bounds: Any,
    outlets: Any,
    days: Any,
    ends: Any,
    shared: Any,
    chosen_ends: Any,
    chosen: Any,
) -> Any:
    """Count, for each fingerprint that a pair shares, the other stories that hold it.

    Parameters are as in `choose_holders`, but that ``chosen`` are places in the table, -1 of texts
    that are gone; ``outlets`` and ``days`` are columns of the table.

    Returns
    -------
    (known_in, held)
        The count of each shared fingerprint, 0 of those that are not standing text; of each pair
        whether a text holds half of them or more. Once all are standing nobody else is asked.
    """
    known_in = [0 for _ in range(len(shared))]
    held = [0 for _ in range(len(pair_query))]
    enough = [0 for _ in range(len(shared))]
    for pair in range(len(pair_query)):
        query, place = pair_query[pair], other_place[pair]
        first, last = key_bounds[query], key_bounds[query + 1]
        begin_b, end_b = bounds[place], bounds[place + 1]
        size_a, size_b = last - first, end_b - begin_b
        outlet_a, outlet_b = query_outlet[query], outlets[place]
        day_a, day_b = query_day[query], days[place]
        start = ends[pair - 1] if pair else 0
        short = ends[pair] - start  # fingerprints that are not known to be standing
        for rank in range(chosen_ends[pair - 1] if pair else 0, chosen_ends[pair]):
            third = chosen[rank]
            if third < 0 or not short:
                continue
            in_a, in_b, in_all = 0, 0, 0
            i, j = first, begin_b
            for at in range(bounds[third], bounds[third + 1]):
                value = values[at]
                while i < last and keys[i] < value:
                    i += 1
                while j < end_b and values[j] < value:
                    j += 1
                of_a = i < last and keys[i] == value
                of_b = j < end_b and values[j] == value
                in_a += of_a
                in_b += of_b
                in_all += of_a and of_b
            if 2 * in_all >= ends[pair] - start:
                held[pair] = 1
            elsewhere = (
                in_a - in_all < max(LEAST_OWN, OWN_SHARE * size_a)
                and in_b - in_all < max(LEAST_OWN, OWN_SHARE * size_b)
                and in_all < WHOLE * min(size_a, size_b)
            )
            # A comparison with a day that is not known (NaN) is false.
            outlet = outlets[third]
            from_a, from_b = abs(days[third] - day_a), abs(days[third] - day_b)
            if outlet >= 0 and outlet in (outlet_a, outlet_b):
                elsewhere = elsewhere or (from_a >= AGAIN and from_b >= AGAIN)
            elif from_a < NEAR or from_b < NEAR:
                elsewhere = False
            if not elsewhere:
                continue
            of_one = outlet >= 0 and outlet == outlet_a and outlet == outlet_b
            own_days = from_a >= 1 and from_b >= 1 and abs(day_a - day_b) >= 1
            weight = HOLDERS if of_one and own_days else 1
            at = bounds[third]
            for number in range(start, ends[pair]):
                key = keys[first + shared[number]]
                while at < bounds[third + 1] and values[at] < key:
                    at += 1
                if at < bounds[third + 1] and values[at] == key:
                    known_in[number] += 1
                    short -= enough[number] < HOLDERS <= enough[number] + weight
                    enough[number] += weight
    for number in range(len(shared)):
        if enough[number] < HOLDERS:
            known_in[number] = 0
    return np.array(known_in, np.int64), np.array(held, np.int64)
