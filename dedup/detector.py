"""The one place that joins the stages: text, sketch, index, scoring.

A `Detector` holds articles and finds, for a new one, those it was taken from: its sketch is looked
up in the index, which brings candidates together; what each shares with it is weighed by who else
holds that (`dedup.index.standing`); candidates that share more than such standing text are compared
word by word (`dedup.scoring.verifying`), and only what that finds is ever reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.scoring.clusters import Cluster, find_clusters, publication_order
from dedup.scoring.match import FoundBy, Match
from dedup.scoring.prepared import prepare
from dedup.scoring.verifying import Verifier, verify
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters

if TYPE_CHECKING:  # `compare` needs neither index nor sketches; importing them takes its time again
    from dedup.filtering.decision import Decision
    from dedup.filtering.options import FilterOptions
    from dedup.filtering.state import State
    from dedup.index.library import Library, Texts
    from dedup.index.nets import Nets
    from dedup.index.protocol import Pairs
    from dedup.sketch.sketches import Sketches

_BATCH = 512
_PAIRS = 8192
"""Candidate pairs of a scan that are weighed together."""
_ATTEMPTS = 5
"""How often to look for candidates again where another process removes them meanwhile."""


def compare(
    a: Article | str, b: Article | str, *, k: int = DEFAULT_PARAMETERS.k, min_span: int = 0
) -> Match:
    """Say whether one article was taken from the other, how much, and which words.

    Parameters
    ----------
    a, b
        Articles, or their texts.
    k
        Words of a shingle, for ``jaccard`` and ``containment_x``.
    min_span
        Spans of fewer equal words are left out, and count in no percentage.
    """
    side_a, side_b = prepare(_article(a, "a"), k), prepare(_article(b, "b"), k)
    return verify(side_a, side_b, min_span=min_span)


class Detector:
    """Articles, and what a new one of them was taken from.

    Parameters
    ----------
    parameters
        How articles are sketched; ``k`` is also the shingle length of the reported overlap.
    nets
        What brings candidates together; the defaults are those measured in ``benchmarks/``.
    library
        Where articles are kept, with its own parameters and nets; in memory unless given.
    threads
        Threads that sketch; all processors unless told. Results do not depend on it.
    """

    def __init__(
        self,
        parameters: SketchParameters = DEFAULT_PARAMETERS,
        nets: Nets | None = None,
        *,
        library: Library | None = None,
        threads: int | None = None,
    ) -> None:
        from dedup.index.library import MemoryLibrary
        from dedup.index.standing import StandingText

        self.library: Library = MemoryLibrary(parameters, nets) if library is None else library
        self.keys_cut = 0
        """How many over-full bands and fingerprints the last `check` or `scan` did not follow."""
        self.candidates_cut = 0
        """How many candidates the last `check` or `scan` left out over the limit."""
        self.standing_only = 0
        """How many the last `check` or `scan` did not compare: all they share is standing text."""
        self._threads = threads
        self._verifier = Verifier(self.parameters.k)
        self._standing = StandingText(self.library)
        self._state: State | None = None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        write: bool = True,
        threads: int | None = None,
        texts: Texts | None = None,
    ) -> Detector:
        """Open an index that was created with ``dedup index create``; `close` it in the end.

        One process at a time can have an index in a directory open for writing, which adding and
        filtering need; any number can read it meanwhile, with ``write=False``. An index on Redis
        any number of workers can have open for writing; `dedup.index.redis` says what they get when
        they see the same story at the same moment.

        Parameters
        ----------
        path
            The directory of the index, or its address: ``redis://host:6379/0?prefix=news``.
        write
            Whether to add and filter.
        threads
            Threads that sketch; all processors unless told.
        texts
            For an index on Redis: returns texts for ids, as a mapping or in their order. Texts are
            then not kept in the index. An article whose text it does not have any more, or has
            changed, is no candidate, and is counted in ``library.records.texts_missing``.

        Raises
        ------
        DedupError
            If there is no index, it is another's to write, or of a newer version.
        """
        from dedup.index.opening import open_library

        library = open_library(path, write=write, threads=threads, texts=texts)
        return cls(library=library, threads=threads)

    def close(self) -> None:
        """Close the index it was opened with."""
        close = getattr(self.library, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def parameters(self) -> SketchParameters:
        """How articles are sketched."""
        return self.library.index.parameters

    def __len__(self) -> int:
        return len(self.library)

    def __contains__(self, article_id: str) -> bool:
        return self.library.row_of(article_id) is not None

    def add(self, articles: Iterable[Article]) -> int:
        """Add articles and return how many.

        Raises
        ------
        DuplicateId
            If an id is there already; whole batches of articles before it are added.
        """
        added = 0
        for batch in _batches(articles, _BATCH):
            added += len(self.library.add(batch, self._sketch(batch)))
        return added

    def remove(self, ids: Iterable[str]) -> int:
        """Forget articles and return how many were there to be forgotten."""
        return self.library.remove(ids)

    def candidates(self, article: Article) -> list[str]:
        """Return the ids brought together with an article, best first, before verification."""
        rows = self.library.index.candidates(self._sketch([article])).rows
        return [known.id for known in self.library.articles(rows.tolist())]

    def compare(self, a: Article, b: Article, *, min_span: int = 0) -> Match:
        """Say whether one article was taken from the other, among those the detector knows.

        What other stories among them hold too counts as standing text. The two may be among them,
        or not. Spans of fewer than ``min_span`` equal words are left out.
        """
        side_a, side_b = prepare(a, self.parameters.k), prepare(b, self.parameters.k)
        standing = self._standing.of_pair(a, b, self._sketch([a, b]))
        return verify(side_a, side_b, min_span=min_span, standing=standing)

    def check(self, article: Article, *, everything: bool = False) -> list[Match]:
        """Return what an article was taken from, best first; it is side B of each match.

        An article that is in the detector itself, the same id with the same text, is not matched
        with itself.

        Parameters
        ----------
        article
            The article to check; it is not added.
        everything
            Also return candidates that were compared and found not derived.
        """
        return next(self.check_all([article], everything=everything))

    def check_all(
        self,
        articles: Iterable[Article],
        *,
        everything: bool = False,
    ) -> Iterator[list[Match]]:
        """Check many articles, in batches; yield the matches of each in turn."""
        self.keys_cut = self.candidates_cut = self.standing_only = 0
        for batch in _batches(articles, _BATCH):
            done = lost = 0
            while done < len(batch):
                try:
                    for matches in self._check_batch(batch[done:], everything):
                        done, lost = done + 1, 0
                        yield matches
                except KeyError:  # another process removed what was just found: look again
                    lost += 1
                    if lost == _ATTEMPTS:
                        raise

    def _check_batch(self, batch: Sequence[Article], everything: bool) -> Iterator[list[Match]]:
        """Yield the matches of each; a KeyError says that a candidate is not there any more."""
        sketches = self._sketch(batch)
        found = self.library.index.candidates(sketches)
        rows = [found.rows[found.of(number)].tolist() for number in range(len(batch))]
        self._verifier.expect(len(found.rows))
        weighed = self._standing.weigh(self._standing.ask(batch, sketches), rows)
        for number, article in enumerate(batch):
            at = found.of(number)
            signatures = self.library.index.signatures(found.rows[at])
            self.keys_cut += int(found.keys_cut[number])
            self.candidates_cut += int(found.rows_cut[number])
            if not everything:
                self.standing_only += sum(standing.is_all for standing in weighed[number])
            evidence = zip(
                self.library.articles(rows[number]),
                weighed[number],
                found.bands[at].tolist(),
                found.fingerprints[at].tolist(),
                _estimates(signatures, sketches.signatures[number]),
                strict=True,
            )
            matches = [
                self._verifier.verify(
                    known,
                    article,
                    FoundBy(bands, fingerprints, estimate),
                    standing,
                    derived_only=not everything,
                )
                for known, standing, bands, fingerprints, estimate in evidence
                if not _is_itself(known, article) and (everything or not standing.is_all)
            ]
            kept = [m for m in matches if m is not None and (everything or m.derived)]
            yield sorted(kept, key=lambda m: (-m.score, m.a.id))

    def filter(
        self, articles: Iterable[Article], options: FilterOptions | None = None, *, batch: int = 256
    ) -> Iterator[Decision]:
        """Decide which articles of a stream to keep, each against those kept before it.

        What is kept is added. An article that comes again, the same id with the same text, gets the
        decision it got before. In an index on disk, decisions and articles are committed together,
        before the first decision of a batch is yielded. Decisions do not depend on the batches.

        Parameters
        ----------
        articles
            The articles, in order of arrival.
        options
            How to decide.
        batch
            How many articles are taken before their decisions are yielded: 1 for a source that
            waits for the decision before it goes on.
        """
        from dedup.filtering.batch import Incoming
        from dedup.filtering.comparing import Comparer
        from dedup.filtering.deciding import Filter
        from dedup.filtering.state import committed, state_of

        if self._state is None:
            self._state = state_of(self.library)
        deciding = Filter(self.library, self._state, Comparer(self.parameters), options)
        for part in _batches(articles, batch):
            with committed(self.library):
                decisions = deciding.decide(deciding.begin(map(Incoming, part)))
            yield from decisions

    def scan(self, *, everything: bool = False) -> Iterator[Match]:
        """Yield the matches within the detector; side A is the article published first.

        Articles with the same folded words are reported as one pair each with the earliest of
        them, and only that one is compared with others.
        """
        self.keys_cut = self.candidates_cut = self.standing_only = 0
        library = self.library
        # Of articles with the same words the index names the first row; the one published first
        # stands for them here.
        earliest: dict[int, int] = {}
        for pairs in library.index.pairs():
            earliest.update(self._earliest_of_same_words(pairs))
            self.keys_cut += pairs.keys_cut
            self.candidates_cut += pairs.pairs_cut
            self._verifier.expect(len(pairs))
            for start in range(0, len(pairs), _PAIRS):
                part = slice(start, start + _PAIRS)
                yield from self._scan_part(pairs, part, earliest, everything)

    def _scan_part(
        self, pairs: Pairs, part: slice, earliest: Mapping[int, int], everything: bool
    ) -> Iterator[Match]:
        """Yield the matches of some candidate pairs."""
        library = self.library
        signatures = library.index.signatures
        estimates = _estimates(signatures(pairs.earlier[part]), signatures(pairs.later[part]))
        together = zip(
            pairs.earlier[part].tolist(),
            pairs.later[part].tolist(),
            self._standing.of_rows(pairs.earlier[part], pairs.later[part]),
            pairs.bands[part].tolist(),
            pairs.fingerprints[part].tolist(),
            pairs.identical[part].tolist(),
            estimates,
            strict=True,
        )
        for earlier, later, standing, bands, fingerprints, identical, estimate in together:
            if standing.is_all and not everything:
                self.standing_only += 1
                continue
            first = earliest.get(earlier, earlier)
            second = earliest.get(later, later)
            if identical and later == first:
                second = earlier
            a, b = sorted(library.articles((first, second)), key=publication_order)
            match = self._verifier.verify(
                a,
                b,
                FoundBy(bands, fingerprints, estimate),
                standing,
                derived_only=not everything,
            )
            if match is not None and (everything or match.derived):
                yield match

    def clusters(self, matches: Iterable[Match] | None = None) -> list[Cluster]:
        """Return the clusters of the articles, the largest first.

        Parameters
        ----------
        matches
            The matches of `scan`, where they are at hand.
        """
        return find_clusters(
            self.library.articles(self.library.rows()),
            list(self.scan() if matches is None else matches),
        )

    def _sketch(self, articles: Sequence[Article]) -> Sketches:
        from dedup.sketch.sketches import sketch

        return sketch([a.text for a in articles], self.parameters, threads=self._threads)

    def _earliest_of_same_words(self, pairs: Pairs) -> dict[int, int]:
        """Map the first row of articles with the same words to the one published first."""
        groups: dict[int, list[int]] = {}
        at = np.flatnonzero(pairs.identical)
        for first, copy in zip(pairs.earlier[at].tolist(), pairs.later[at].tolist(), strict=True):
            groups.setdefault(first, [first]).append(copy)
        earliest = {}
        for first, rows in groups.items():
            order = [publication_order(article) for article in self.library.articles(rows)]
            earliest[first] = rows[order.index(min(order))]
        return earliest


def _estimates(signatures: npt.NDArray[np.uint32], others: npt.NDArray[np.uint32]) -> list[float]:
    """Estimate Jaccard of each signature with its other: the share of equal values."""
    estimates: list[float] = (signatures == others).mean(axis=1).tolist()
    return estimates


def _is_itself(known: Article, article: Article) -> bool:
    return known.id == article.id and known.text == article.text


def _article(article: Article | str, name: str) -> Article:
    return article if isinstance(article, Article) else Article(id=name, text=article)


def _batches(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    rest = iter(articles)
    while batch := list(islice(rest, size)):
        yield batch
